"""The measures of a group as plain rows: what the command line prints and writes, and what a brief ships."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from minilateral.audit import Audit, Trial, TrialTally, paces
from minilateral.audit.trials import BIDEN
from minilateral.evidence import Holdings, Record
from minilateral.measure.comparing import Compared, compare
from minilateral.measure.dashboard import Dashboard
from minilateral.measure.dimensions import Dimensions, Domains, comparison_groups
from minilateral.measure.keeping import kept
from minilateral.measure.measured import Measured
from minilateral.measure.mechanisms import Standing
from minilateral.measure.quasi_alliance import FIELDS, QuasiAlliance, definitions
from minilateral.phases import Dated, Phases
from minilateral.terms import Inputs

Row = dict[str, Any]


def dashboard_rows(board: Dashboard) -> list[Row]:
    """One row per reading."""
    return [
        {
            "key": f"{g.block}|{g.item}|{g.period}",
            "group": board.group.key,
            "as_of": board.as_of,
            "window_start": board.window.start,
            "window_end": board.window.last,
            "block": g.block,
            "item": g.item,
            "period": g.period,
            "value": g.value,
            "upper": g.upper,
            "promised": g.promised,
            "recall": g.recall,
            "verb": g.verb,
            "manner": g.manner,
            "state": g.state,
            "reason": g.reason,
            "acts": ";".join(g.acts),
            "rows": ";".join(g.rows),
        }
        for g in board.gauges
    ]


def mechanism_rows(standing: Iterable[Standing], record: Record) -> list[Row]:
    """One row per mechanism."""
    return [
        {
            "mechanism": s.id,
            "name_en": record.mechanisms[s.id].name_en,
            "name_zh": record.mechanisms[s.id].name_zh,
            "members": "-".join(s.members),
            "level": s.level,
            "state": s.state,
            "p_alive": s.p_alive,
            "low": s.low,
            "high": s.high,
            "at": s.at,
            "last": s.last,
            "sessions": s.sessions,
            "next_low": s.next_low,
            "next_mid": s.next_mid,
            "next_high": s.next_high,
            "per_year": s.per_year,
            "promised_months": s.promised_months,
            "recall": s.recall,
            "recall_counted": s.counted,
            "host_calendar": s.margins,
            "reason": s.reason,
        }
        for s in standing
    ]


def dimension_rows(found: Dimensions, everybody: bool = False) -> list[Row]:
    """One row per group, year and dimension."""
    return [
        {
            "key": f"{x.group}|{x.year}|{x.dimension}",
            "group": x.group,
            "year": x.year,
            "dimension": x.dimension,
            "mean": x.mean,
            "low": x.low,
            "high": x.high,
            "indicators": x.indicators,
            "equal_weight": x.equal_weight,
            "principal_component": x.principal,
            "reason": x.reason,
        }
        for x in found.levels
        if everybody or x.group == found.group.key
    ]


def domain_rows(found: Domains) -> list[Row]:
    """One row per domain, year and dimension."""
    return [
        {
            "key": f"{found.group.key}|{x.domain}|{x.year}|{x.dimension}",
            "group": found.group.key,
            "domain": x.domain,
            "acts": found.acts[x.domain],
            "year": x.year,
            "dimension": x.dimension,
            "mean": x.mean,
            "low": x.low,
            "high": x.high,
            "indicators": x.indicators,
            "reason": x.reason,
        }
        for x in found.levels
    ]


def indicator_rows(found: Dimensions) -> list[Row]:
    """One row per year and indicator: its value, and what it adds to the level of its dimension."""
    return [
        {
            "year": p.year,
            "dimension": p.dimension,
            "indicator": p.indicator,
            "value": p.value,
            "exposure": p.exposure,
            "part": p.part,
            "state": p.state,
            "acts": ";".join(p.acts),
        }
        for p in found.parts
    ]


def variant_rows(found: Dimensions) -> list[Row]:
    """One row per way of leaving something out, year and dimension."""
    return [{"variant": v.variant, "year": v.year, "dimension": v.dimension, "mean": v.mean} for v in found.variants]


def quasi_rows(found: Iterable[QuasiAlliance]) -> list[Row]:
    """One row per year and definition."""
    return [
        {
            "key": f"{q.group}|{q.year}|{q.definition}",
            "group": q.group,
            "year": q.year,
            "definition": q.definition,
            "author": next(d.author for d in definitions() if d.id == q.definition),
            "probability": q.probability,
            **{f"{f}_a": getattr(q.a, f) for f in FIELDS},
            **{f"{f}_b": getattr(q.b, f) if q.b else None for f in FIELDS},
            "coded_by_b": q.b_year,
            "why_en": q.why_en,
            "why_zh": q.why_zh,
            "pages": " ".join(q.sources),
        }
        for q in found
    ]


def phase_rows(found: Phases) -> list[Row]:
    """One row per series and point: its value, and the probability that a phase begins there."""
    return [
        {
            "key": f"{t.name}|{t.variant}|{start.isoformat()}",
            "series": t.name,
            "variant": t.variant,
            "start": start,
            "value": value,
            "exposure": exposure,
            "probability": float(p),
            "near": dict(t.breaks).get(start),
            "most_probable": i in t.found.changes,
        }
        for t in found.tracks
        for i, (start, value, exposure, p) in enumerate(zip(t.starts, t.values, t.exposure, t.found.dates, strict=True))
    ]


def break_rows(found: Phases) -> list[Row]:
    """One row per series, dating and break."""
    names = {d.id: d for d in found.datings}
    return [
        {
            "key": f"{b.track}|{b.variant}|{b.dating}|{b.first}",
            "series": b.track,
            "variant": b.variant,
            "dating": b.dating,
            "label_en": names[b.dating].label_en,
            "label_zh": names[b.dating].label_zh,
            "first": b.first,
            "last": b.last,
            "probability": b.probability,
            "reason": b.reason,
        }
        for b in found.breaks
    ]


def rival_rows(found: Phases) -> list[Row]:
    """One row per series and dating with one break: how it ranks."""
    return [
        {
            "key": f"{track}|{variant}|{r.name}",
            "series": track,
            "variant": variant,
            "dating": r.name,
            "rank": rank,
            "probability": r.probabilities[0],
            "per_point": r.density,
            "lift": r.lift,
            "log_window_factor": r.log_window_factor,
        }
        for (track, variant), ranked in found.rivals.items()
        for rank, r in enumerate(ranked, start=1)
    ]


def first_ranked_rows(found: Phases) -> list[Row]:
    """One row per dating with one break: in how many series it ranks first; and one for all."""
    first = [ranked[0].name for (_, variant), ranked in found.rivals.items() if not variant]
    made = [{"key": name, "dating": name, "series": first.count(name)} for name in sorted(set(first))]
    return [*made, {"key": "all", "dating": "all", "series": len(first)}]


def compared_of(inputs: Inputs) -> tuple[Compared, ...]:
    """The group of a study, and beside it those that share its scale; points of the models, without intervals."""
    study, record = inputs.study, inputs.get(Holdings).record
    groups = tuple(dict.fromkeys((study.group, *comparison_groups())))
    question: dict[str, object] = {"groups": [g.key for g in groups], "as_of": study.as_of.isoformat()}
    question |= {"seed": study.seed, "full": False}
    return kept(study.cache, "compare", record, question, lambda: compare(record, groups, study.as_of, seed=study.seed))


def compare_rows(compared: Iterable[Compared]) -> list[Row]:
    """One row per group; a refused one has its gap and nothing else."""
    return [_compare_row(c) for c in compared]


def _compare_row(c: Compared) -> Row:
    board, pairs = c.board, c.pairs
    mechanisms = {g.item: g.value for g in board.block("mechanisms")} if board else {}
    fates = {g.item: g.value for g in board.block("promises")} if board else {}
    high = ("leader", "foreign_minister", "defense_minister", "nsa")
    met = [g.value for g in board.block("levels") if g.item in high and g.value is not None] if board else []
    row: Row = {
        "group": c.group.key,
        "refused": c.refused,
        "acts": c.acts,
        "first": c.first,
        "searched_to": board.reach if board else None,
        "recall": c.recall,
        "recall_mechanisms": c.counted,
        "high_level_12m": sum(met) if met else None,
        **{
            f"mechanisms_{k}": mechanisms.get(k)
            for k in ("alive", "uncertain", "suspended", "superseded", "lapsed", "running")
        },
        **{f"promises_{k}": fates.get(k) for k in ("kept", "partly", "not_due", "overdue", "lapsed", "unknown")},
        "pairs_from": pairs.first if pairs else None,
        "pairs_to": pairs.last if pairs else None,
        "weakest_pair": ", ".join(pairs.weakest) if pairs else None,
        "weakest": min(pairs.counts.values()) if pairs and pairs.weakest else None,
        "pair_mean": pairs.mean if pairs else None,
        "joint_share": pairs.share if pairs else None,
        "joint_share_low": pairs.low if pairs else None,
        "joint_share_high": pairs.high if pairs else None,
    }
    for name, level in (("institutionalisation", c.institutionalisation), ("functionalisation", c.functionalisation)):
        row |= {
            f"{name}_year": level.year if level else None,
            name: level.mean if level else None,
            f"{name}_low": level.low if level else None,
            f"{name}_high": level.high if level else None,
        }
    held = {q.definition: q.probability for q in c.quasi}
    row |= {"quasi_year": c.quasi[0].year if c.quasi else None}
    row |= {f"quasi_{d.id}": held.get(d.id) for d in definitions()}
    return row


def pair_rows(found: Measured) -> list[Row]:
    """One row per pair and series that covers all pairs alike."""
    return [
        {
            "key": f"{p.series}|{p.pair}",
            "series": p.series,
            "pair": p.pair,
            "years_that_differ": p.years,
            "years_weakest": p.weakest,
            "first": p.first,
            "last": p.last,
        }
        for p in found.pair_years
    ]


def trial_rows(trials: Iterable[Trial]) -> list[Row]:
    """One row per claim and specification."""
    return [
        {
            "key": f"{t.claim}|{t.specification}",
            "claim": t.claim,
            "specification": t.specification,
            "probability": t.probability,
            "reason": t.reason,
        }
        for t in trials
    ]


def tally_rows(tallies: Iterable[TrialTally]) -> list[Row]:
    """One row per claim: how its specifications came out."""
    return [
        {
            "key": t.claim,
            "claim": t.claim,
            "verdict": t.verdict,
            "specifications": t.specifications,
            "reached": t.reached,
            "passed": t.passed,
            "failed": t.failed,
            "least": t.least,
            "most": t.most,
        }
        for t in tallies
    ]


def pace_rows(measured: Measured, record: Record) -> list[Row]:
    """One row per span and kind of what was new, before January 2025 and since."""
    last = measured.board.reach
    if last is None or last <= BIDEN[1]:
        return []
    return [
        {"key": f"{span}|{kind}", "span": span, "kind": kind, "count": n, "quarters": p.quarters}
        for span, p in paces(record, measured.group, last).items()
        for kind, n in p.counts.items()
    ]


def measured_tables(measured: Measured, dated: Dated, audit: Audit, record: Record) -> dict[str, list[Row]]:
    """All tables of the models, by name."""
    made = {
        "mechanism_standings": mechanism_rows(measured.board.standings, record),
        "pace": pace_rows(measured, record),
        "dashboard": dashboard_rows(measured.board),
        "quasi_alliance": quasi_rows(measured.quasi),
        "pair_years": pair_rows(measured),
        "trials": trial_rows(audit.trials),
        "verdicts": tally_rows(audit.tallies),
    }
    if measured.dimensions:
        made |= {
            "dimensions": dimension_rows(measured.dimensions, everybody=True),
            "indicators": indicator_rows(measured.dimensions),
            "dimension_variants": variant_rows(measured.dimensions),
        }
    if dated.found:
        made |= {
            "phases": phase_rows(dated.found),
            "breaks": break_rows(dated.found),
            "rival_datings": rival_rows(dated.found),
            "first_ranked": first_ranked_rows(dated.found),
        }
    return made


def estimates(tables: Mapping[str, list[Row]]) -> dict[tuple[str, str, str], float]:
    """Every number of every table that has a key: what the compiler holds an estimate against."""
    return {
        (name, str(row["key"]), column): float(value)
        for name, rows in tables.items()
        for row in rows
        if "key" in row
        for column, value in row.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }

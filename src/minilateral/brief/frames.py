"""The result as tables, for Python and for the data folder: one row per thing, ids that join, ISO days."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from minilateral.audit import Audit
from minilateral.brief.compiling import Compiled, compile_all
from minilateral.brief.tables import Row, compare_rows, compared_of, estimates, measured_tables
from minilateral.evidence import COLUMNS, Holdings, Record, fates
from minilateral.evidence.status import independent_sources
from minilateral.evidence.tables import OPTIONAL, split
from minilateral.measure import Composition, Measured
from minilateral.phases import Dated
from minilateral.terms import Inputs, Statement

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def tables_of(inputs: Inputs, compiled: Iterable[Compiled]) -> dict[str, pa.Table]:
    """All tables of a study and its compiled statements, by name, as Arrow tables (immutable, exactly typed)."""
    holdings, composition, audit = inputs.get(Holdings), inputs.get(Composition), inputs.get(Audit)
    record = holdings.record
    ids = set(holdings.acts) | set(holdings.context)
    cited = {e.source for e in record.evidence if e.occurrence in ids}
    acts = set(holdings.acts)
    coders: dict[str, set[str]] = {}
    for review in record.reviews:
        coders.setdefault(review.occurrence, set()).add(review.coder)
    checked = {r.occurrence for r in record.reviews if r.role == "checked"}
    rows: dict[str, list[dict[str, Any]]] = {
        "acts": [
            {
                **line,
                "role": "act" if line["id"] in acts else "context",
                "independent_sources": independent_sources(record, line["id"]),
                "coders": ";".join(sorted(coders.get(line["id"], ()))),
                "checked": line["id"] in checked,
            }
            for line in record.lines()
            if line["id"] in ids
        ],
        "evidence": [r for r in record.rows["evidence"] if r["occurrence"] in ids],
        "sources": [r for r in record.rows["sources"] if r["id"] in cited],
        **{
            name: [r for r in record.rows[name] if r["occurrence"] in ids]
            for name in ("outputs", "commitments", "sessions")
        },
    }
    met = {s["mechanism"] for s in rows["sessions"]}
    rows["mechanisms"] = [
        {**r, "promised_cadence_months": m.promised_cadence_months}
        for r in record.rows["mechanisms"]
        if (m := record.mechanisms[r["id"]]).id in met or m.members == inputs.study.group.members
    ]
    rows["numbering"] = [r for r in record.rows["numbering"] if r["mechanism"] in {m["id"] for m in rows["mechanisms"]}]
    rows |= _beside(record, rows, inputs)
    rows["cells"] = list(composition.cells)
    rows["floors"] = list(composition.floors)
    rows["shares"] = list(composition.shares)
    rows["recall"] = [
        {
            "mechanism": r.mechanism,
            "numbering": r.numbering,
            "official": r.official,
            "seen": r.seen,
            "recall": r.recall,
            "low": r.low,
            "high": r.high,
            "before": r.until,
            "conflict": r.conflict,
        }
        for r in holdings.recalls
    ]
    rows["bounds"] = [
        {
            "mechanism": b.mechanism,
            "bin": b.label,
            "start": b.bin.start,
            "end": b.bin.end,
            "lower": b.lower,
            "upper": b.upper,
            "state": b.state,
            "reason": b.reason,
        }
        for b in holdings.bounds
    ]
    verdicts = {v.claim: v.verdict for v in audit.verdicts}
    rows["claims"] = [
        {
            "id": c.id,
            "stage": c.stage,
            "verdict": verdicts[c.id],
            "claim_en": c.claim_en,
            "claim_zh": c.claim_zh,
            "location_en": c.location_en,
            "phrase_zh": c.phrase_zh,
            "test_en": c.test_en,
            "test_zh": c.test_zh,
            "measure_en": c.measure_en,
            "rule_en": c.rule_en,
            "due": c.due,
        }
        for c in audit.claims
    ]
    rows["statements"] = [
        {
            "id": c.statement.id,
            "section": c.statement.section,
            "text_en": c.text("en"),
            "text_zh": c.text("zh"),
            "rows": ";".join(c.all_rows),
            "numbering": ";".join(i for v in c.numberings.values() for i in v),
        }
        for c in compiled
    ]
    rows |= {name: found for name, found in models_of(inputs).items() if found}
    rows["comparison"] = compare_rows(compared_of(inputs))
    return {name: _table(name, found) for name, found in sorted(rows.items())}


def models_of(inputs: Inputs) -> dict[str, list[Row]]:
    """The tables of the models, by name."""
    record = inputs.get(Holdings).record
    return measured_tables(inputs.get(Measured), inputs.get(Dated), inputs.get(Audit), record)


def estimates_of(inputs: Inputs) -> dict[tuple[str, str, str], float]:
    """Every estimate that a sentence can name: see `minilateral.brief.tables.estimates`."""
    return estimates(models_of(inputs))


def _beside(record: Record, rows: dict[str, list[dict[str, Any]]], inputs: Inputs) -> dict[str, list[dict[str, Any]]]:
    """What stands beside the acts and touches them: promises, statements, searches, ledgers of the members."""
    ids = {line["id"] for line in rows["acts"]}
    mechanisms = {m["id"] for m in rows["mechanisms"]}
    members = set(inputs.study.group.members)
    promises = {c["id"] for c in rows["commitments"]}
    texts = {r["id"] for r in record.rows["texts"] if r["occurrence"] in ids}
    made: dict[str, list[dict[str, Any]]] = {
        **{name: [r for r in record.rows[name] if r["occurrence"] in ids] for name in ("texts", "reviews", "codings")},
        "fulfilments": [r for r in record.rows["fulfilments"] if r["commitment"] in promises],
        "text_codes": [r for r in record.rows["text_codes"] if r["text"] in texts],
        **{name: [r for r in record.rows[name] if r["mechanism"] in mechanisms] for name in ("tallies", "sweeps")},
        "governments": [r for r in record.rows["governments"] if r["state"] in members],
        "moves": [r for r in record.rows["moves"] if set(split(f"{r['actors']};{r['toward']}")) <= members],
        "opinions": [r for r in record.rows["opinions"] if r["population"] in members],
        "figures": [r for r in record.rows["figures"] if r["state"] in members],
        "council": record.rows["council"] if members & {"CHN", "JPN", "KOR", "PRK", "RUS", "USA"} else [],
        "fates": [
            {
                "commitment": f.commitment,
                "fate": f.fate,
                "when": str(f.when) if f.when else "",
                "acts": ";".join(f.acts),
                "by": f.by,
            }
            for f in (fates(record, record.as_of) if record.as_of else ())
            if f.commitment in promises
        ],
    }
    named = {
        s
        for name, found in (rows | made).items()
        if name != "sources"
        for r in found
        for s in split(f"{r.get('source', '')};{r.get('sources', '')}")
    }
    known = {s["id"] for s in rows["sources"]}
    made["sources"] = rows["sources"] + [r for r in record.rows["sources"] if r["id"] in named - known]
    return made


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    schema = {
        "shares": [
            ("bin", "s"),
            ("level", "s"),
            ("joint", "i"),
            ("parts", "i"),
            ("n", "i"),
            ("share", "f"),
            ("low", "f"),
            ("high", "f"),
            ("state", "s"),
            ("reason", "s"),
        ],
        "recall": [
            ("mechanism", "s"),
            ("numbering", "s"),
            ("official", "i"),
            ("seen", "i"),
            ("recall", "f"),
            ("low", "f"),
            ("high", "f"),
            ("before", "d"),
            ("conflict", "b"),
        ],
        "bounds": [
            ("mechanism", "s"),
            ("bin", "s"),
            ("start", "d"),
            ("end", "d"),
            ("lower", "i"),
            ("upper", "i"),
            ("state", "s"),
            ("reason", "s"),
        ],
        "floors": [
            ("bin", "s"),
            ("start", "d"),
            ("end", "d"),
            ("complete", "b"),
            ("state", "s"),
            ("reason", "s"),
            ("floor", "i"),
            ("floor_pair", "s"),
            ("mean", "f"),
        ],
        "cells": [
            ("bin", "s"),
            ("start", "d"),
            ("end", "d"),
            ("complete", "b"),
            ("part", "s"),
            ("members", "s"),
            ("domain", "s"),
            ("level", "s"),
            ("state", "s"),
            ("reason", "s"),
            ("acts", "i"),
            ("cooperative", "i"),
            ("conflictual", "i"),
            ("neutral", "i"),
            ("without_study", "i"),
            ("one_sided_conflictual", "i"),
        ],
        "claims": [
            (c, "s")
            for c in (
                "id",
                "stage",
                "verdict",
                "claim_en",
                "claim_zh",
                "location_en",
                "phrase_zh",
                "test_en",
                "test_zh",
                "measure_en",
                "rule_en",
            )
        ]
        + [("due", "d")],
        "mechanisms": [(c, "f" if c == "promised_cadence_months" else "s") for c in COLUMNS["mechanisms"]],
        "statements": [(c, "s") for c in ("id", "section", "text_en", "text_zh", "rows", "numbering")],
        "fates": [(c, "s") for c in ("commitment", "fate", "when", "acts", "by")],
        **{
            t: [(c, "s") for c in COLUMNS[t]]
            for t in ("evidence", "sources", "outputs", "commitments", "sessions", "numbering", *OPTIONAL)
        },
    }
    kinds = {"s": pa.string(), "i": pa.int64(), "f": pa.float64(), "b": pa.bool_(), "d": pa.date32()}
    if name in schema:
        return pa.Table.from_pylist(rows, pa.schema([(column, kinds[kind]) for column, kind in schema[name]]))
    return pa.Table.from_pylist(rows)


def frames_of(inputs: Inputs, statements: Iterable[Statement]) -> dict[str, pd.DataFrame]:
    """All tables of a study as new data frames."""
    compiled = compile_all(statements, inputs.get(Holdings).record, estimates_of(inputs))
    return {name: table.to_pandas() for name, table in tables_of(inputs, compiled).items()}

"""Yearly indicators of a group, from the record and from other producers. Card: docs/methods/dimensions.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Literal

from minilateral.evidence import Record, recalls_of, texts_of, wording
from minilateral.evidence.recall import tallied
from minilateral.measure.coverage import searched
from minilateral.origins import coverage, series
from minilateral.terms import Group, Mechanism, Occurrence, Period, Selection
from minilateral.terms.tables import read_tsv, shipped

State = Literal["observed", "not_observed", "not_applicable"]

#: The first year of the panel: before it the record was not searched year by year.
FIRST_YEAR = 1990

#: Rank of a level. Courts, legislatures and other bodies are no rung of the ladder.
RANK = {
    "leader": 5,
    "foreign_minister": 4,
    "defense_minister": 4,
    "nsa": 4,
    "vice_minister": 3,
    "joint_chiefs": 3,
    "working": 2,
    "military_unit": 1,
}

#: Rank of what was concluded or founded, from a joint statement to a treaty.
INSTRUMENT = {"joint_statement": 1, "communique": 1, "declaration": 1, "memorandum": 2, "agreement": 3, "treaty": 4}

_MEETINGS = frozenset({"summit", "meeting", "visit", "joint_statement"})
_CONCLUDED = frozenset({"agreement", "memorandum", "plan", "treaty", "body_created"})


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is read of a group each year.

    Attributes
    ----------
    dimension : {'institutionalisation', 'functionalisation'}
    kind : {'count', 'ordinal', 'binary'}
    origin : str
        ``record``, or the data set that it comes from.
    anchor : bool
        Its loading is held positive: it fixes the sign of its dimension.
    exposed : bool
        A count that the recall of the record and the part of the year that has passed thin.
    series : tuple of str
        Of another producer: the shipped series that it is read from. Several: the place of the last one that holds.
    by_domain : bool
        Whether it can be read of one domain alone.
    """

    id: str
    dimension: str
    kind: str
    origin: str
    anchor: bool
    exposed: bool
    series: tuple[str, ...]
    by_domain: bool
    name_en: str
    name_zh: str

    def name(self, language: str) -> str:
        """Its name in ``en`` or ``zh``."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class Reading:
    """One indicator of one group in one year.

    Attributes
    ----------
    value : float or None
        None where nothing was observed. A structural zero is 0 in the state ``not_applicable``: what is counted could
        not exist yet.
    exposure : float
        The share of the year, and of what took place in it, that a count can have seen. Where recall is not known it
        is taken as 1, so the count stays a floor.
    acts : tuple of str
        The occurrences behind it.
    """

    indicator: str
    group: str
    year: int
    value: float | None
    exposure: float
    state: State
    reason: str
    acts: tuple[str, ...] = ()


@cache
def indicators() -> tuple[Indicator, ...]:
    """The indicators of the record and of other producers, as declared in ``data/indicators.tsv``.

    Examples
    --------
    >>> sorted({i.dimension for i in indicators()})
    ['functionalisation', 'institutionalisation']
    """
    return tuple(
        Indicator(
            r["id"],
            r["dimension"],
            r["kind"],
            r["origin"],
            r["anchor"] == "true",
            r["exposed"] == "true",
            tuple(r["series"].split(";")) if r["series"] else (),
            r["by_domain"] == "true",
            r["name_en"],
            r["name_zh"],
        )
        for r in read_tsv(shipped("indicators.tsv"))
    )


def readings(
    record: Record,
    group: Group,
    as_of: date,
    *,
    domain: str = "",
    without_study: bool = False,
    without_language: str = "",
    without_tier: str = "",
) -> tuple[Reading, ...]:
    """Read every indicator for each year from 1990 to the year of ``as_of``.

    Parameters
    ----------
    record : Record
        As known on ``as_of``.
    group : Group
    as_of : datetime.date
    domain : str
        Only acts, mechanisms and commitments of this domain, and only the indicators that it leaves a meaning.
    without_study : bool
        Leave out acts that rest on the study alone.
    without_language, without_tier : str
        Leave out acts all of whose sources are in this language, or of this tier (``government``, ``agency``, ...).

    Returns
    -------
    tuple of Reading
        A zero is given only where searches cover two in three of the mechanisms that lived, or where none existed yet.
    """
    chosen = Selection(exactly=group.members, direction="cooperative", domain=domain, without_study=without_study)
    acts = [record.occurrences[i] for i in record.select(chosen)]
    if without_language:
        acts = [a for a in acts if {s.language for s in record.sources_of(a.id)} != {without_language}]
    if without_tier:
        acts = [a for a in acts if {s.tier for s in record.sources_of(a.id)} != {without_tier}]
    whole = [record.occurrences[i] for i in record.select(replace(chosen, domain=""))] if domain else acts
    own = [m for m in record.mechanisms.values() if m.members == group.members and domain in ("", m.domain)]
    listed = [i for i in indicators() if not i.series and (i.by_domain or not domain)]
    recall = recall_of(record, [m.id for m in own]) or 1.0
    hung = _Hung.of(record, group, {a.id for a in whole}, domain)
    made: list[Reading] = []
    concluded: list[tuple[int, str]] = []
    for year in range(FIRST_YEAR, as_of.year + 1):
        span = Period(date(year, 1, 1), date(year + 1, 1, 1))
        passed = min(1.0, ((min(as_of, span.last) - span.start).days + 1) / (span.end - span.start).days)
        mine = [a for a in acts if span.start <= a.happened.start < span.end]
        existing = [m for m in own if not m.created or m.created.start < span.end]
        covered = searched(record, existing, Period(span.start, min(span.end, as_of + timedelta(days=1))))
        concluded += [
            (INSTRUMENT[kind], a.id) for a in mine for kind in hung.outputs.get(a.id, ()) if kind in INSTRUMENT
        ]
        promising = [a for a in whole if span.start <= a.happened.start < span.end and hung.commitments.get(a.id)]
        values = _values(hung, mine, existing, span, max(concluded, default=None), [a.id for a in promising])
        for item in listed:
            value, behind = values[item.id]
            state, reason = _state(item.id, value, bool(existing or mine), bool(own), covered)
            exposure = recall * passed if item.exposed else 1.0
            if state == "not_observed":
                value = None
            made.append(Reading(item.id, group.key, year, value, exposure, state, reason, tuple(dict.fromkeys(behind))))
    return (*made, *(r for i in indicators() if i.series and not domain for r in _of_another(i, group, as_of)))


def _of_another(item: Indicator, group: Group, as_of: date) -> list[Reading]:
    """An indicator of another producer, by year: where the data set does not cover the members, nothing is observed."""
    years = range(FIRST_YEAR, as_of.year + 1)
    held: dict[int, float] = {}
    for place, name in enumerate(item.series, start=1):
        if not coverage(name, group):
            continue
        for r in series(name, group, as_of=as_of):
            if r.state == "observed" and r.value is not None:
                worth = place * bool(r.value) if len(item.series) > 1 else r.value
                held[r.period.start.year] = max(worth, held.get(r.period.start.year, 0.0))
    reason = f"{item.origin} does not cover the year"
    return [
        Reading(item.id, group.key, y, held[y], 1.0, "observed", "")
        if y in held
        else Reading(item.id, group.key, y, None, 1.0, "not_observed", reason)
        for y in years
    ]


def _state(item: str, value: float | None, existed: bool, known: bool, covered: bool) -> tuple[State, str]:
    if not known and not existed:
        return "not_observed", "the group has no mechanism and no act on record"
    if not existed:
        return "not_applicable", "no mechanism of the group existed yet"
    if item in ("promised", "standing_body", "instrument"):
        return "observed", ""  # what is founded or promised stays on record
    if value is None:
        return "not_observed", "no statement of the year was seen"
    if not value and not covered:
        return "not_observed", "none seen, and no search covers the year"
    return "observed", ""


@dataclass(frozen=True, slots=True)
class _Hung:
    """What hangs on the acts, by act: kinds of outputs, mechanisms, concrete commitments, targets of statements."""

    outputs: dict[str, list[str]]
    mechanisms: dict[str, list[str]]
    commitments: dict[str, int]
    targets: dict[str, set[str]]

    @classmethod
    def of(cls, record: Record, group: Group, ids: set[str], domain: str) -> _Hung:
        outputs: dict[str, list[str]] = {}
        for o in record.outputs:
            if o.occurrence in ids:
                outputs.setdefault(o.occurrence, []).append(o.kind)
        mechanisms: dict[str, list[str]] = {}
        for session in record.sessions:
            if session.occurrence in ids:
                mechanisms.setdefault(session.occurrence, []).append(session.mechanism)
        commitments = Counter(
            c.occurrence for c in record.commitments if c.concrete and c.occurrence in ids and domain in ("", c.domain)
        )
        silent = ("", "absent", "not_seen", "note")
        targets: dict[str, set[str]] = {}
        for t in texts_of(record, group.members):
            if t.occurrence in ids:
                heard = {w.target for w in wording(record, t.id) if w.verb not in silent}
                targets.setdefault(t.occurrence, set()).update(heard)
        return cls(outputs, mechanisms, dict(commitments), targets)


def _values(
    hung: _Hung,
    mine: list[Occurrence],
    existing: list[Mechanism],
    span: Period,
    best: tuple[int, str] | None,
    promising: list[str],
) -> dict[str, tuple[float | None, tuple[str, ...]]]:
    """Every indicator of one year: the value, and the acts behind it."""

    def count(found: Iterable[Occurrence]) -> tuple[float, tuple[str, ...]]:
        acts = tuple(a.id for a in found)
        return float(len(acts)), acts

    def open_then(m: Mechanism, since: Period | None) -> bool:
        return since is not None and since.start < span.end and not (m.ended and m.ended.end <= span.start)

    own = {m.id for m in existing}
    met = {a.id: own & set(hung.mechanisms.get(a.id, ())) for a in mine}
    meetings = [a for a in mine if a.kind in _MEETINGS and a.venue != "correspondence"]
    ranked = [a for a in meetings if a.level in RANK]
    top = max(ranked, key=lambda a: RANK[a.level], default=None)
    promised = [m for m in existing if m.promise_kind == "promise" and open_then(m, m.promise_from)]
    standing = [m for m in existing if m.standing_body and open_then(m, m.created)]
    concluded = {a.id: [k for k in hung.outputs.get(a.id, ()) if k in _CONCLUDED] for a in mine}
    signed = [a.id for a in mine if concluded[a.id] or a.kind == "agreement_signed"]
    stated = [a.id for a in mine if a.id in hung.targets]
    heard = set().union(*(hung.targets[i] for i in stated)) if stated else set()
    return {
        "mechanisms_met": (float(len(set().union(*met.values()))) if met else 0.0, tuple(i for i in met if met[i])),
        "promised": (float(len(promised)), ()),
        "highest_level": (float(RANK[top.level]) if top else 0.0, (top.id,) if top else ()),
        "levels_met": (float(len({a.level for a in ranked})), tuple(a.id for a in ranked)),
        "stand_alone": count(a for a in meetings if a.venue == "stand_alone"),
        "instrument": (float(best[0]) if best else 0.0, (best[1],) if best else ()),
        "standing_body": (float(bool(standing)), ()),
        "joint_acts": count(mine),
        "domains": (float(len({a.domain for a in mine})), tuple(a.id for a in mine)),
        "exercises": count(a for a in mine if a.kind == "exercise"),
        "working": count(a for a in mine if a.level == "working"),
        "outputs": (float(sum(max(1, len(concluded[i])) for i in signed)), tuple(signed)),
        "commitments": (float(sum(hung.commitments[i] for i in promising)), tuple(promising)),
        "targets": (float(len(heard)) if stated else None, tuple(stated)),
    }


def recall_of(record: Record, mechanisms: Iterable[str]) -> float | None:
    """Sessions on record over sessions that a government counted, of all these mechanisms together.

    By number from the first session on where it is numbered so, else over the spans that were counted; None where
    nobody counted.
    """
    ids = list(mechanisms)
    counted = {r.mechanism: (r.seen, r.official) for r in recalls_of(record, ids) if not r.conflict}
    for t in tallied(record, ids):
        if t.recall is not None:
            counted.setdefault(t.mechanism, (t.seen, t.counted))
    whole = sum(n for _, n in counted.values())
    return sum(s for s, _ in counted.values()) / whole if whole else None

"""What became of promises, and what is due. Method card: docs/methods/promises.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from minilateral.evidence.known import DECLARED
from minilateral.evidence.record import Record
from minilateral.terms import Commitment, Group, Mechanism, Period, Selection

FateCode = Literal["kept", "partly", "not_due", "overdue", "lapsed", "unknown"]


@dataclass(frozen=True, slots=True)
class Fate:
    """What had become of a commitment by a day.

    Attributes
    ----------
    fate : str
        Code of ``fate``.
    when : Period or None
        When the deciding act took place, or by when it should have been done.
    acts : tuple of str
        The acts that kept it, took a step, or ended it.
    by : {'fulfilment', 'sessions', 'silence'}
        What decides: a coded fulfilment, the sessions of the mechanism that was promised to meet, or neither.
    """

    commitment: str
    fate: FateCode
    when: Period | None
    acts: tuple[str, ...]
    by: Literal["fulfilment", "sessions", "silence"]


@dataclass(frozen=True, slots=True)
class Due:
    """Something that should come, or should have come.

    Attributes
    ----------
    what : {'commitment', 'session'}
    id : str
        The commitment, or the mechanism whose next session it is.
    by : datetime.date
        The day by which it was promised.
    overdue : bool
        Its day has passed.
    searched : bool
        A search covers that day, so that the silence means something.
    last : str
        For a session: the latest one on record.
    """

    what: Literal["commitment", "session"]
    id: str
    by: date
    overdue: bool
    searched: bool
    last: str


def fates(record: Record, as_of: date, members: tuple[str, ...] = ()) -> tuple[Fate, ...]:
    """Say for every commitment what had become of it by ``as_of``.

    A coded fulfilment decides first: an act that ended the promise makes it ``lapsed``, one that did it ``kept``, a
    step ``partly``. A promise to meet every so many months is judged by the sessions of its mechanism after it:
    ``kept`` while the next one is not overdue (the cadence with the declared grace), ``partly`` once it is,
    ``overdue`` if none was held at all and the time has passed. What has a date that has passed is ``overdue`` only
    if somebody searched and found nothing; without a search it is ``unknown``.

    Parameters
    ----------
    record : Record
        As known on ``as_of``.
    as_of : datetime.date
    members : tuple of str, optional
        Only commitments of acts of exactly these.

    Returns
    -------
    tuple of Fate
        In the order of the commitments.
    """
    wanted = {c.id: c for c in record.commitments if c.concrete}
    if members:
        ids = set(record.select(Selection(exactly=members, status="")))
        wanted = {i: c for i, c in wanted.items() if c.occurrence in ids}
    return tuple(_fate(record, c, as_of) for c in wanted.values())


def _fate(record: Record, promise: Commitment, as_of: date) -> Fate:
    found = [f for f in record.fulfilments if f.commitment == promise.id]
    of = {part: [f for f in found if f.part == part] for part in ("kept", "step", "ended", "none_found")}
    acts = tuple(sorted({f.occurrence for f in found if f.occurrence}))  # ids begin with their date
    for part, fate in (("ended", "lapsed"), ("kept", "kept")):
        if of[part]:
            return Fate(promise.id, fate, min(f.happened for f in of[part]), acts, "fulfilment")  # type: ignore[arg-type]
    due = Period.parse(promise.due) if promise.due else None
    if promise.cadence_months and promise.mechanism in record.mechanisms:
        return _recurring(record, promise, as_of)
    if of["step"]:
        return Fate(promise.id, "partly", max(f.happened for f in of["step"]), acts, "fulfilment")
    if due and due.last >= as_of:
        return Fate(promise.id, "not_due", due, (), "silence")
    if due and of["none_found"]:
        return Fate(promise.id, "overdue", due, (), "fulfilment")
    return Fate(promise.id, "unknown", due, (), "silence")


def _recurring(record: Record, promise: Commitment, as_of: date) -> Fate:
    made = record.occurrences[promise.occurrence].happened
    mechanism = record.mechanisms[promise.mechanism]
    held = record.select(Selection(mechanism=mechanism.id, start=made.end))
    if mechanism.ended and mechanism.ended.last <= as_of:
        return Fate(promise.id, "lapsed", mechanism.ended, held, "sessions")
    last = record.occurrences[held[-1]].happened if held else made
    by = _by(last, promise.cadence_months or 0)
    when = Period(by, by + timedelta(days=1))
    if held:
        return Fate(promise.id, "kept" if as_of <= by else "partly", when, held, "sessions")
    if as_of <= by:
        return Fate(promise.id, "not_due", when, (), "sessions")
    return Fate(promise.id, "overdue" if swept(record, mechanism.id, by) else "unknown", when, (), "sessions")


def _by(last: Period, months: float) -> date:
    """The last day on which a session would still be in time: the cadence with the declared grace."""
    return last.last + timedelta(days=round(months * DECLARED["cadence_grace"] * 365.2425 / 12))


def swept(record: Record, mechanism: str, day: date) -> bool:
    """Whether a search for this mechanism covers the day, so that finding nothing means something."""
    return any(s.start.start <= day < s.end.end for s in record.sweeps_of(mechanism))


def swept_over(record: Record, mechanism: str, span: Period) -> bool:
    """Whether searches for this mechanism together cover the whole span."""
    day, sweeps = span.start, record.sweeps_of(mechanism)
    while day < span.end:
        ends = [s.end.end for s in sweeps if s.start.start <= day < s.end.end]
        if not ends:
            return False
        day = max(ends)
    return True


def due(record: Record, as_of: date, within_days: int = 90, members: tuple[str, ...] = ()) -> tuple[Due, ...]:
    """What was promised and is overdue, or comes within so many days.

    Commitments with a date, and the next sessions of mechanisms whose cadence was promised; by day.
    """
    horizon = as_of + timedelta(days=within_days)
    listed = []
    for fate in fates(record, as_of, members):
        if fate.by == "sessions" or fate.when is None or fate.fate not in ("not_due", "overdue", "unknown"):
            continue
        if fate.when.last <= horizon:
            day = fate.when.last
            listed.append(Due("commitment", fate.commitment, day, day < as_of, fate.fate == "overdue", ""))
    for mechanism in record.mechanisms.values():
        if members and mechanism.members != members:
            continue
        if not _promised(mechanism) or (mechanism.ended and mechanism.ended.last <= as_of):
            continue
        held = record.select(Selection(mechanism=mechanism.id))
        last = record.occurrences[held[-1]].happened if held else mechanism.promise_from
        if last is None:
            continue
        by = _by(last, mechanism.promised_cadence_months or 0)
        if by <= horizon:
            listed.append(
                Due("session", mechanism.id, by, by < as_of, swept(record, mechanism.id, by), held[-1] if held else "")
            )
    return tuple(sorted(listed, key=lambda d: (d.by, d.what, d.id)))


def _promised(mechanism: Mechanism) -> bool:
    return bool(mechanism.promised_cadence_months) and mechanism.promise_kind == "promise"


def fate_counts(record: Record, group: Group, as_of: date) -> dict[str, int]:
    """How many concrete commitments of the group had which fate, all fates named."""
    counts = dict.fromkeys(("kept", "partly", "not_due", "overdue", "lapsed", "unknown"), 0)
    for fate in fates(record, as_of, group.members):
        counts[fate.fate] += 1
    return counts

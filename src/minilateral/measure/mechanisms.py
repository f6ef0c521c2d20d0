"""How the mechanisms of the record stand on a day: histories from the record, the model of renewal over them.

Card: docs/methods/mechanisms.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from math import isnan
from statistics import median
from typing import Literal
from weakref import WeakKeyDictionary

from minilateral.evidence import Record, recalls_of
from minilateral.evidence.recall import tallied
from minilateral.measure.renewal import History, Renewals, fit
from minilateral.terms import Mechanism, Occurrence, Selection, code_table
from minilateral.terms.tables import read_tsv, shipped

StandingCode = Literal["alive", "uncertain", "suspended", "superseded", "lapsed", "running"]

#: A mechanism is one of margins if this share of its sessions, and three at least, took place beside a host event.
MARGIN_SHARE, MARGIN_SESSIONS = 0.6, 3

#: A body with fewer sessions on record has no rhythm of its own: whatever the probability, it is uncertain.
OWN_RHYTHM = 3

#: Where searches end more than so many days before the as-of day, the standing is uncertain whatever it was then.
STALE_DAYS = 365

#: Years for which host events are expected after the as-of day.
AHEAD = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """How a mechanism stands.

    Attributes
    ----------
    state : str
        Code of ``standing``. ``superseded``, ``suspended`` and ``running`` come from the record, ``lapsed`` from the
        record where it says that it ended; the others from the probability.
    p_alive, low, high : float or None
        Probability that it will meet again, given its sessions and the silence since; with a 90 % interval over the
        parameters of the model. None for a standing body.
    at : datetime.date
        The day for which that holds: the as-of day, or the last day that searches reach.
    last : datetime.date or None
        Begin of its latest session on record.
    sessions : int
        On record.
    next_low, next_mid, next_high : datetime.date or None
        When the next session is expected, if it is alive: 5, 50 and 95 %.
    per_year : float or None
        Sessions a year while alive, those not on record included.
    recall : float or None
        Share of its sessions that the record is taken to hold.
    counted : bool
        That recall was counted for this mechanism, and not borrowed from others.
    margins : bool
        Its clock counts host events.
    reason : str
        Why the state is not what the probability alone would say.
    """

    id: str
    members: tuple[str, ...]
    level: str
    state: StandingCode
    p_alive: float | None
    low: float | None
    high: float | None
    at: date
    last: date | None
    sessions: int
    next_low: date | None
    next_mid: date | None
    next_high: date | None
    per_year: float | None
    promised_months: float | None
    recall: float | None
    counted: bool
    margins: bool
    reason: str


_FITTED: WeakKeyDictionary[Record, dict[tuple[date, int, bool], tuple[Standing, ...]]] = WeakKeyDictionary()


def standings(
    record: Record, as_of: date, *, members: tuple[str, ...] = (), seed: int = 0, full: bool = False
) -> tuple[Standing, ...]:
    """Say of every mechanism how it stands; the model is fitted over all mechanisms of the record together.

    Parameters
    ----------
    record : Record
        As known on ``as_of``.
    as_of : datetime.date
    members : tuple of str, optional
        Only mechanisms of exactly these.
    seed : int
    full : bool
        Draw the population of mechanisms as well (slower); else it is held at its mode, and intervals are narrower.

    Returns
    -------
    tuple of Standing
        In the order of the record.
    """
    known = _FITTED.setdefault(record, {})
    key = (as_of, seed, full)
    if key not in known:
        known[key] = _all(record, as_of, seed, full)
    return tuple(s for s in known[key] if not members or s.members == members)


def histories(record: Record, as_of: date) -> tuple[History, ...]:
    """What the record says of each mechanism, as the model reads it. Standing bodies have no sessions: left out.

    Recall is that of the mechanism where a government counts its sessions; else it is borrowed from those mechanisms
    that are counted, as a spread. A search that covers a mechanism sets the last day on which its silence means
    something; without any search the latest session does.
    """
    listed = [m for m in record.mechanisms.values() if not m.standing_body]
    recalls = _recalls(record, [m.id for m in listed])
    borrowed = _spread(recalls.values())
    levels = {level: at for at, level in enumerate(code_table().codes("level"))}
    hosts = _host_days(record, as_of)
    return tuple(_history(record, m, as_of, recalls.get(m.id, borrowed), levels[m.level], hosts) for m in listed)


def _history(
    record: Record,
    mechanism: Mechanism,
    as_of: date,
    recall: tuple[float, float],
    level: int,
    hosts: Mapping[str, tuple[date, ...]],
) -> History:
    held = [record.occurrences[i] for i in record.select(Selection(mechanism=mechanism.id))]
    held = [o for o in held if o.happened.start <= as_of]
    founded = mechanism.created if mechanism.created and mechanism.created.precision == "day" else None
    if founded and held and founded.start >= held[0].happened.start:
        founded = None  # only its first session on record
    return History(
        mechanism.id,
        tuple(
            (o.happened.start, o.happened.start if o.happened.precision == "day" else min(o.happened.last, as_of))
            for o in held
        ),
        since=founded.start if founded else None,
        until=_heard_to(record, mechanism, held, as_of),
        at_risk_exclusions=_caretakers(record, mechanism, as_of) if mechanism.level == "leader" else (),
        recall=recall,
        promised_months=mechanism.promised_cadence_months or None,
        level=level,
        occasions=_occasions(held, hosts),
        declared=_declared(record, mechanism, held, as_of),
    )


def _heard_to(record: Record, mechanism: Mechanism, held: list[Occurrence], as_of: date) -> date:
    if mechanism.ended and mechanism.ended.start <= as_of:
        return as_of  # that it ended is on record, so its silence is known
    ends = [s.end.last for s in record.sweeps if s.mechanism == mechanism.id and s.start.start <= as_of]
    begun = [o.happened.last for o in held] + ([mechanism.created.start] if mechanism.created else [])
    return min(as_of, max([*ends, *begun], default=as_of))


def _declared(record: Record, mechanism: Mechanism, held: list[Occurrence], as_of: date) -> str:
    if mechanism.ended and mechanism.ended.start <= as_of:
        return "superseded" if mechanism.successor else ""
    off = [record.occurrences[i] for i in record.select(Selection(mechanism=mechanism.id, status="cancelled"))]
    last = held[-1].happened.start if held else date.min
    return "suspended" if any(last < o.happened.start <= as_of for o in off) else ""


def _caretakers(record: Record, mechanism: Mechanism, as_of: date) -> tuple[tuple[date, date | None], ...]:
    """When a member had nobody who could go to a summit. A term that had not ended by then is open."""
    spans = sorted(
        (g.start, g.end if g.end and g.end <= as_of else None)
        for g in record.governments
        if g.caretaker and g.state in mechanism.members and g.start <= as_of
    )
    merged: list[tuple[date, date | None]] = []
    for start, end in spans:
        if merged and (merged[-1][1] is None or start <= merged[-1][1]):
            before = merged[-1]
            merged[-1] = (before[0], None if before[1] is None or end is None else max(before[1], end))
        elif end is None or start < end:
            merged.append((start, end))
    return tuple(merged)


def _recalls(record: Record, mechanisms: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Beta parameters of the recall of each mechanism that a government counts (Jeffreys prior)."""
    ids = list(mechanisms)
    found = {r.mechanism: (r.seen + 0.5, r.official - r.seen + 0.5) for r in recalls_of(record, ids) if not r.conflict}
    for t in tallied(record, ids):
        if t.recall is not None:
            found.setdefault(t.mechanism, (t.seen + 0.5, t.counted - t.seen + 0.5))
    return found


def _spread(counted: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """A Beta with the mean and the spread of recall over the mechanisms that are counted (by moments)."""
    shares = [a / (a + b) for a, b in counted]
    if len(shares) < 3:
        return 1.0, 1.0
    mean = sum(shares) / len(shares)
    variance = sum((s - mean) ** 2 for s in shares) / (len(shares) - 1)
    size = max(0.5, mean * (1 - mean) / variance - 1) if variance else 50.0
    return mean * size, (1 - mean) * size


@cache
def _hosts() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((r["host"], re.compile(r["pattern"])) for r in read_tsv(shipped("hosts.tsv")))


def host_of(margins_of: str) -> str:
    """The host event that a meeting in the margins belongs to, or nothing.

    Examples
    --------
    >>> host_of("ASEAN Regional Forum Bali"), host_of("APEC Gyeongju"), host_of("a change of command")
    ('asean_ministers', 'apec', '')
    """
    return next((host for host, pattern in _hosts() if margins_of and pattern.search(margins_of)), "")


def _host_days(record: Record, as_of: date) -> dict[str, tuple[date, ...]]:
    """First days of host events by year: as meetings beside them are dated, else the usual day of the year."""
    seen: dict[str, dict[int, date]] = {}
    for o in record.occurrences.values():
        host = host_of(o.margins_of)
        if host and o.happened.precision == "day":
            days = seen.setdefault(host, {})
            days[o.happened.start.year] = min(days.get(o.happened.start.year, date.max), o.happened.start)
    calendar: dict[str, tuple[date, ...]] = {}
    for host, days in seen.items():
        usual = round(median(d.timetuple().tm_yday for d in days.values()))
        years = range(min(days), as_of.year + AHEAD + 1)
        calendar[host] = tuple(days.get(y, date(y, 1, 1) + timedelta(days=usual - 1)) for y in years)
    return calendar


def _occasions(held: list[Occurrence], hosts: Mapping[str, tuple[date, ...]]) -> tuple[date, ...] | None:
    beside = [o for o in held if o.venue == "margins"]
    if len(beside) < MARGIN_SESSIONS or len(beside) < MARGIN_SHARE * len(held):
        return None
    mine = {host_of(o.margins_of) for o in beside} - {""}
    return tuple(sorted({day for host in mine for day in hosts.get(host, ())})) or None


@lru_cache(maxsize=16)
def _fitted(read: tuple[History, ...], as_of: date, seed: int, full: bool) -> Renewals:
    """The fit; two records that say the same of their mechanisms share it."""
    return fit(read, as_of=as_of, seed=seed, fast=not full)


def _all(record: Record, as_of: date, seed: int, full: bool) -> tuple[Standing, ...]:
    read = histories(record, as_of)
    found = _fitted(read, as_of, seed, full) if read else None
    place = {h.id: at for at, h in enumerate(read)}
    counted = _recalls(record, [h.id for h in read])
    made = []
    for m in record.mechanisms.values():
        if found is None or m.id not in place:
            made.append(_running(m, as_of))
        else:
            at = place[m.id]
            made.append(_standing(record, m, read[at], found, at, m.id in counted, as_of))
    return tuple(made)


def _running(m: Mechanism, as_of: date) -> Standing:
    over = m.ended is not None and m.ended.start <= as_of
    state: StandingCode = ("superseded" if m.successor else "lapsed") if over else "running"
    nothing = (None,) * 3
    return Standing(
        m.id, m.members, m.level, state, *nothing, as_of, None, 0, *nothing, None, m.promised_cadence_months, None,
        False, False, "it does not meet in sessions",
    )  # fmt: skip


def _standing(
    record: Record, m: Mechanism, history: History, found: Renewals, at: int, counted: bool, as_of: date
) -> Standing:
    held = record.select(Selection(mechanism=m.id))
    p, low, high = (_number(v[at]) for v in (found.p_alive, found.p_alive_low, found.p_alive_high))
    state = found.state[at]
    reason = ""
    if m.ended and m.ended.start <= as_of:
        state = "superseded" if m.successor else "lapsed"
        reason = "the record says that it ended"
    elif state == "suspended":
        reason = "its latest session was called off"
    elif state == "not_applicable":
        state = "uncertain"
        reason = "it had not begun on the last day that is searched"
    day = date.fromordinal(int(found.at[at]))
    if not reason and state == "alive" and len(held) < OWN_RHYTHM:
        state, reason = "uncertain", f"fewer than {OWN_RHYTHM} sessions: its rhythm is borrowed"
    if state in ("alive", "uncertain", "lapsed") and (as_of - day).days > STALE_DAYS and not m.ended:
        state, reason = "uncertain", f"searches for it reach {day.isoformat()}"
    gone = state in ("superseded", "lapsed")
    expected = [None if gone else _day(v[at]) for v in (found.next_low, found.next_median, found.next_high)]
    a, b = history.recall if isinstance(history.recall, tuple) else (history.recall, 0.0)
    return Standing(
        m.id,
        m.members,
        m.level,
        state,  # type: ignore[arg-type]
        p,
        low,
        high,
        day,
        record.occurrences[held[-1]].happened.start if held else None,
        len(held),
        expected[0],
        expected[1],
        expected[2],
        _number(found.per_year[at]),
        m.promised_cadence_months,
        a / (a + b),
        counted,
        history.occasions is not None,
        reason,
    )


def _number(value: float) -> float | None:
    return None if isnan(value) else float(value)


def _day(value: float) -> date | None:
    return None if isnan(value) or not 1 <= value <= date.max.toordinal() else date.fromordinal(int(value))

"""How much of what took place the record holds, where governments number their rounds.

A list cannot say what it lacks. A government that calls a session the 22nd can: 22 took place by then. Against
that number stand the sessions that the record holds (recall), and between two numbered sessions the numbering fixes
how many others took place (bounds for each year). Method card: docs/methods/recall.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from minilateral.evidence.known import DECLARED
from minilateral.evidence.record import Record
from minilateral.terms import Count, Group, Numbering, Period, Ratio, Reported, Selection, Sum, bins
from minilateral.terms.periods import Every, label

State = Literal["observed", "not_observed", "not_applicable"]


@dataclass(frozen=True, slots=True)
class Recall:
    """Recall of one mechanism's sessions up to its latest official number.

    Attributes
    ----------
    official : int
        The number of sessions held by then, by the latest official number.
    seen : int
        Sessions that the record holds up to and including that one.
    recall : float
        ``seen / official``: exact for this closed list.
    low, high : float
        90 % Jeffreys interval, for what other sessions of the same kind may have: a sampling statement, which the
        recall of the closed list itself does not need.
    conflict : bool
        The record holds more sessions than the numbering allows: the two count differently.
    """

    mechanism: str
    numbering: str
    official: int
    seen: int
    recall: float
    low: float
    high: float
    until: date
    conflict: bool

    @property
    def seen_by(self) -> Count:
        """The expression behind ``seen``."""
        return Count(Selection(mechanism=self.mechanism, end=self.until))

    @property
    def recall_by(self) -> Ratio:
        """The expression behind ``recall``."""
        return Ratio(self.seen_by, Reported("numbering", self.numbering, "ordinal"))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many sessions a mechanism had in a bin: at least ``lower``, at most ``upper`` (None: no upper bound)."""

    mechanism: str
    bin: Period
    label: str
    lower: int
    upper: int | None
    state: State
    reason: str


def jeffreys(successes: int, n: int, level: float | None = None) -> tuple[float, float]:
    """Jeffreys interval of a proportion (Brown, Cai and DasGupta 2001, Statistical Science 16(2), 101-133).

    Quantiles of Beta(x + 1/2, n - x + 1/2); the lower end is 0 where x = 0, the upper 1 where x = n.

    Parameters
    ----------
    successes, n : int
        0 <= successes <= n, n >= 1.
    level : float, optional
        Default: the declared 0.90.

    Returns
    -------
    (float, float)
        Both in [0, 1].

    Examples
    --------
    >>> low, high = jeffreys(4, 22)
    >>> round(low, 3), round(high, 3)
    (0.079, 0.343)
    """
    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"{successes} of {n}: needs 0 <= successes <= n and n >= 1")
    from scipy.special import betaincinv  # half a second that `--help` need not pay

    tail = (1 - (DECLARED["interval_level"] if level is None else level)) / 2
    a, b = successes + 0.5, n - successes + 0.5
    low = 0.0 if successes == 0 else float(betaincinv(a, b, tail))
    high = 1.0 if successes == n else float(betaincinv(a, b, 1 - tail))
    return low, high


def held_sessions(record: Record, mechanism: str) -> list[tuple[Period, str]]:
    """The sessions of a mechanism that the record shows to have been held, by date."""
    ids = record.select(Selection(mechanism=mechanism))
    return [(record.occurrences[i].happened, i) for i in ids]


def _official(record: Record, mechanism: str) -> list[Numbering]:
    rows = [n for n in record.numbering.values() if n.mechanism == mechanism and n.official]
    return sorted(rows, key=lambda n: (n.ordinal, n.happened, n.id))


def recalls(record: Record, group: Group) -> tuple[Recall, ...]:
    """Recall of every mechanism of exactly this group or of one of its pairs whose rounds are officially numbered.

    A mechanism with fewer than five official rounds is left out: too few to speak of recall.
    """
    return recalls_of(record, mechanisms_of(record, group))


def recalls_of(record: Record, mechanisms: Iterable[str]) -> tuple[Recall, ...]:
    """Recall of these mechanisms, as far as they have five official rounds."""
    found = []
    for mechanism in mechanisms:
        official = _official(record, mechanism)
        if not official or official[-1].ordinal < DECLARED["recall_minimum_rounds"]:
            continue
        top = official[-1]
        until = {i: happened for happened, i in held_sessions(record, mechanism)}.get(top.occurrence, top.happened).end
        seen = len(record.select(Selection(mechanism=mechanism, end=until)))
        low, high = jeffreys(min(seen, top.ordinal), top.ordinal)
        found.append(
            Recall(
                mechanism,
                top.id,
                top.ordinal,
                seen,
                seen / top.ordinal,
                low,
                high,
                until,
                seen > top.ordinal,
            )
        )
    return tuple(sorted(found, key=lambda r: (r.recall, r.mechanism)))


@dataclass(frozen=True, slots=True)
class Tallied:
    """Recall of a mechanism over the spans in which a government counted its sessions.

    Attributes
    ----------
    tallies : tuple of str
        The counts, by date; they do not overlap.
    counted, seen : int
        Sessions by the governments' counts, and those on record in the same spans.
    conflict : bool
        In some span the record holds more than was counted.
    recall, low, high : float or None
        ``seen / counted`` with its 90 % Jeffreys interval; None where nothing was counted, or in conflict.
    """

    mechanism: str
    tallies: tuple[str, ...]
    counted: int
    seen: int
    conflict: bool
    recall: float | None
    low: float | None
    high: float | None

    def seen_by(self, record: Record) -> Sum:
        """The expression behind ``seen``."""
        return Sum(tuple(Count(tally_selection(record, t)) for t in self.tallies))

    @property
    def counted_by(self) -> Sum:
        """The expression behind ``counted``."""
        return Sum(tuple(Reported("tallies", t, "counted") for t in self.tallies))


def tally_selection(record: Record, tally: str) -> Selection:
    """The sessions on record in the span of a government's count."""
    t = record.tallies[tally]
    return Selection(mechanism=t.mechanism, start=t.happened.start, end=t.happened.end)


def tallied(record: Record, mechanisms: Iterable[str]) -> tuple[Tallied, ...]:
    """Recall by governments' counts over spans, for mechanisms that nobody numbers from the first session on.

    Of counts that overlap, the one that begins first is used.
    """
    found = []
    for mechanism in mechanisms:
        spans: list[str] = []
        free = date.min
        mine = [t for t in record.tallies.values() if t.mechanism == mechanism]
        for t in sorted(mine, key=lambda t: (t.happened, t.id)):
            if t.happened.start >= free:
                spans.append(t.id)
                free = t.happened.end
        if not spans:
            continue
        pairs = [(len(record.select(tally_selection(record, t))), record.tallies[t].counted) for t in spans]
        seen, counted = sum(s for s, _ in pairs), sum(c for _, c in pairs)
        conflict = any(s > c for s, c in pairs)
        if conflict or not counted:
            found.append(Tallied(mechanism, tuple(spans), counted, seen, conflict, None, None, None))
            continue
        low, high = jeffreys(seen, counted)
        found.append(Tallied(mechanism, tuple(spans), counted, seen, False, seen / counted, low, high))
    return tuple(sorted(found, key=lambda t: t.mechanism))


def mechanisms_of(record: Record, group: Group) -> list[str]:
    """Mechanisms whose members are exactly the group or exactly one of its pairs, the group's own first."""
    own = [m.id for m in record.mechanisms.values() if m.members == group.members]
    pairs = {pair.members for pair in group.dyads} if len(group) > 2 else set()
    return own + [m.id for m in record.mechanisms.values() if m.members in pairs]


def session_bounds(record: Record, mechanism: str, start: date, end: date, every: Every) -> tuple[Bounds, ...]:
    """Bound the sessions of a mechanism in each bin of ``[start, end)`` by the official ordinals: see `bounds_in`."""
    return bounds_in(record, mechanism, [(b, label(b, every)) for b in bins(start, end, every)])


def bounds_in(record: Record, mechanism: str, periods: Iterable[tuple[Period, str]]) -> tuple[Bounds, ...]:
    """Bound the sessions of a mechanism in each period by the official ordinals.

    Between two consecutive official ordinals ``a < b`` exactly ``b - a - 1`` sessions took place. Those that the
    record does not hold took place on days that nobody gave us: each may fall into any bin that the gap touches.
    So a bin has at least the sessions that surely lie inside it, and at most those that may lie inside it plus all
    the missing ones of the gaps that touch it. What is dated to the month or year only surely lies where the whole
    of it does, and surely between two ordinals where it overlaps neither. After the latest ordinal, and for a
    mechanism without official numbers, there is no upper bound.

    Examples
    --------
    A mechanism created in 2020, with a 1st round in 2020 and a 3rd in 2022; nothing else was seen. The second can lie
    in 2020, 2021 or 2022; after the third, nobody has counted::

        2019: not applicable   2020: 1 to 2   2021: 0 to 1   2022: at least 1   2023: at least 0
    """
    created = record.mechanisms[mechanism].created
    ended = record.mechanisms[mechanism].ended
    sessions = held_sessions(record, mechanism)
    points = _points(record, mechanism, sessions)
    numbered = {n.occurrence for n in _official(record, mechanism)} | {i for _, i in points.values()}
    others = [h for h, i in sessions if i not in numbered]
    unseen = [h for h, i in points.values() if not i]  # official, but no row of ours
    gaps: list[tuple[date, date, int]] = []
    before, opened, free = 0, *((created.start,) * 2 if created else (date.min,) * 2)
    for ordinal, (happened, _) in sorted(points.items()):
        between = sum(1 for h in others if free <= h.start and h.end <= happened.start)
        if (missing := ordinal - before - 1 - between) > 0:
            gaps.append((opened, happened.end, missing))
        before, opened, free = ordinal, happened.start, happened.end
    last = points[max(points)][0] if points else None
    bounded = date.min if last is None else last.end if last.precision == "day" else last.start
    surely = [h for h, _ in sessions] + [h for h in unseen if not any(_overlap(h, o) for o in others)]
    perhaps = [h for h, _ in sessions] + unseen
    result = []
    for bin_, name in periods:
        if created and bin_.end <= created.start:
            result.append(Bounds(mechanism, bin_, name, 0, 0, "not_applicable", "before it was created"))
            continue
        if ended and ended.end <= bin_.start:
            result.append(Bounds(mechanism, bin_, name, 0, 0, "not_applicable", "after it ended"))
            continue
        lower = sum(1 for h in surely if bin_.contains(h) or _starts_in(h, bin_))
        upper: int | None = None
        if bin_.end <= bounded:
            upper = sum(1 for h in perhaps if _starts_in(h, bin_) or (h.precision != "day" and _overlap(h, bin_)))
            upper += sum(m for a, b, m in gaps if a < bin_.end and bin_.start < b)
        if lower or upper == 0:
            state: State = "observed"
            reason = "the official numbering leaves no room for a session" if not lower else ""
        else:
            state = "not_observed"
            reason = (
                "no session seen, and none is excluded by an official number"
                if upper is None
                else f"no session seen; the official numbering leaves room for up to {upper}"
            )
        result.append(Bounds(mechanism, bin_, name, lower, upper, state, reason))
    return tuple(result)


def _points(record: Record, mechanism: str, sessions: list[tuple[Period, str]]) -> dict[int, tuple[Period, str]]:
    """When each officially numbered session took place, and the id of its row where the record holds it."""
    rows = {i: happened for happened, i in sessions}
    same_day = {happened: i for happened, i in sessions if happened.precision == "day"}
    points: dict[int, tuple[Period, str]] = {}
    for row in _official(record, mechanism):
        held = row.occurrence if row.occurrence in rows else same_day.get(row.happened, "")
        if row.ordinal not in points or (held and not points[row.ordinal][1]):
            points[row.ordinal] = (rows.get(held, row.happened), held)
    return points


def _overlap(one: Period, two: Period) -> bool:
    return one.start < two.end and two.start < one.end


def _starts_in(happened: Period, bin_: Period) -> bool:
    return happened.precision == "day" and bin_.start <= happened.start < bin_.end

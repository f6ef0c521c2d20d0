"""Groups side by side: what each did, what it promised, how it stands. Card: docs/methods/compare.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from minilateral.errors import NoEvidence
from minilateral.evidence import DECLARED, Record, jeffreys
from minilateral.measure.dashboard import Dashboard, dashboard
from minilateral.measure.dimensions import Dimensions, Level, dimensions
from minilateral.measure.indicators import RANK, recall_of
from minilateral.measure.parts import Part, parts
from minilateral.measure.quasi_alliance import QuasiAlliance, quasi_alliances
from minilateral.terms import Group, Selection

#: Years over which the pairs are held against each other.
PAIR_YEARS = 10


@dataclass(frozen=True, slots=True)
class PairWindow:
    """The pairs of a group in a span of years: cooperative acts on record, at least.

    Attributes
    ----------
    counts : dict
        By pair key.
    weakest : tuple of str
        The pairs with the fewest; empty where a pair has none on record, since then nobody knows.
    joint : int
        Cooperative acts of exactly the group.
    share, low, high : float or None
        Joint acts over these and those of the pairs, within ministerial and leaders' level; 90 % Jeffreys interval.
    """

    first: int
    last: int
    counts: dict[str, int]
    weakest: tuple[str, ...]
    mean: float | None
    joint: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One group of a comparison.

    Attributes
    ----------
    refused : str
        Why there is no comparison: the gap by name. Everything below is then None or empty.
    acts : int
        Cooperative acts of exactly the group on record.
    recall : float or None
        Sessions on record over sessions that governments counted, of its mechanisms together.
    counted : int
        Mechanisms behind that recall.
    """

    group: Group
    refused: str
    acts: int
    first: date | None
    recall: float | None
    counted: int
    board: Dashboard | None
    pairs: PairWindow | None
    institutionalisation: Level | None
    functionalisation: Level | None
    quasi: tuple[QuasiAlliance, ...]


def compare(
    record: Record, groups: Iterable[Group], as_of: date, *, seed: int = 0, full: bool = False
) -> tuple[Compared, ...]:
    """Put groups side by side.

    A group is refused, with the gap named, where fewer than five acts of exactly it are on record, where it has no
    mechanism, or where none of its mechanisms was searched: below that floor a number would describe what was
    compiled, not the group.

    Parameters
    ----------
    record : Record
        As known on ``as_of``.
    groups : iterable of Group
    as_of : datetime.date
    seed : int
    full : bool
        See `minilateral.measure.dimensions.dimensions`.
    """
    gaps = {group: gap_of(record, group) for group in groups}
    asked = tuple(group for group, gap in gaps.items() if not gap)
    return tuple(
        _refused(record, group, gap) if gap else _compared(record, group, asked, as_of, seed, full)
        for group, gap in gaps.items()
    )


def gap_of(record: Record, group: Group) -> str:
    """Why a group cannot be compared; empty if it can."""
    ids = record.select(Selection(exactly=group.members, direction="cooperative"))
    own = {m.id for m in record.mechanisms.values() if m.members == group.members}
    least = int(DECLARED["share_minimum_n"])
    if len(ids) < least:
        return f"{len(ids)} cooperative acts of exactly these on record, fewer than {least}"
    if not own:
        return "no mechanism of exactly these on record"
    if not any(s.mechanism in own for s in record.sweeps):
        return "no search for any of its mechanisms on register"
    return ""


def _refused(record: Record, group: Group, gap: str) -> Compared:
    ids = record.select(Selection(exactly=group.members, direction="cooperative"))
    return Compared(group, gap, len(ids), None, None, 0, None, None, None, None, ())


def _compared(record: Record, group: Group, asked: tuple[Group, ...], as_of: date, seed: int, full: bool) -> Compared:
    ids = record.select(Selection(exactly=group.members, direction="cooperative"))
    own = [m for m in record.mechanisms.values() if m.members == group.members]
    board = dashboard(record, group, as_of, seed=seed)
    counted = sum(recall_of(record, [m.id]) is not None for m in own)
    try:
        found: Dimensions | None = dimensions(record, group, as_of, beside=asked, seed=seed, full=full, variants=False)
    except NoEvidence:
        found = None
    last_year = (board.reach or as_of).year
    return Compared(
        group,
        "",
        len(ids),
        record.occurrences[ids[0]].happened.start,
        recall_of(record, [m.id for m in own]),
        counted,
        board,
        pair_window(record, group, last_year - PAIR_YEARS + 1, last_year) if len(group) > 2 else None,
        _latest(found, "institutionalisation"),
        _latest(found, "functionalisation"),
        _quasi(group, as_of),
    )


def _latest(found: Dimensions | None, dimension: str) -> Level | None:
    levels = [x for x in found.of(found.group, dimension) if x.mean is not None] if found else []
    return levels[-1] if levels else None


def _quasi(group: Group, as_of: date) -> tuple[QuasiAlliance, ...]:
    try:
        found = quasi_alliances(group, as_of)
    except NoEvidence:
        return ()
    last = max((q.year for q in found), default=0)
    return tuple(q for q in found if q.year == last)


def pair_window(record: Record, group: Group, first: int, last: int) -> PairWindow:
    """Hold the pairs of a group against each other and against the joint part, over the years ``first`` to ``last``.

    Examples
    --------
    >>> from minilateral.evidence import load
    >>> window = pair_window(load(date(2025, 12, 31)), Group.parse("USA JPN KOR"), 2011, 2020)
    >>> window.weakest  # of the record: the pair that was searched least
    ('JPN-USA',)
    """
    span = {"start": date(first, 1, 1), "end": date(last, 12, 31) + timedelta(days=1)}
    all_parts = parts(group)
    pairs = [p for p in all_parts if p.kind == "pair"]
    joint = next(p for p in all_parts if p.kind == "joint")

    def count(part: Part, **more: object) -> int:
        return len(record.select(part.select(direction="cooperative", **span, **more)))

    counts = {p.group.key: count(p) for p in pairs}
    high_level = [level for level, rank in RANK.items() if rank >= RANK["nsa"]]
    own = sum(count(joint, level=level) for level in high_level)
    rest = sum(count(p, level=level) for p in pairs for level in high_level)
    share = low = high = None
    if own + rest >= DECLARED["share_minimum_n"]:
        share = own / (own + rest)
        low, high = jeffreys(own, own + rest)
    fewest = min(counts.values(), default=0)
    return PairWindow(
        first,
        last,
        counts,
        tuple(k for k, n in counts.items() if n == fewest) if fewest else (),
        sum(counts.values()) / len(counts) if fewest else None,
        count(joint),
        share,
        low,
        high,
    )

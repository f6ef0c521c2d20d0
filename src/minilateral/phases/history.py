"""The phases of a group: which series breaks when, how sure that is, and how far a scholar's dating agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from minilateral.errors import NoEvidence
from minilateral.evidence import Holdings, Record
from minilateral.measure.coverage import reach, searched
from minilateral.measure.dashboard import met_at
from minilateral.measure.dimensions import Dimensions, dimensions
from minilateral.measure.indicators import FIRST_YEAR, RANK, readings, recall_of
from minilateral.measure.keeping import kept
from minilateral.phases.datings import Agreement, RivalDating, agreement, rank_datings
from minilateral.phases.regimes import Regimes, choose_regimes
from minilateral.phases.segments import Segmentation, segment
from minilateral.terms import (
    Code,
    Day,
    Estimated,
    Group,
    Inputs,
    Mechanism,
    Number,
    Period,
    Selection,
    Span,
    Statement,
    bins,
    code_table,
)
from minilateral.terms.tables import read_tsv, shipped

Floats = npt.NDArray[np.float64]

#: Years on either side of a claimed break in which a break counts as agreeing.
MARGIN_YEARS = 1

#: Shortest phase, in years and in quarters.
SHORTEST = {"year": 2, "quarter": 4}

#: A series needs so many observed points for phases.
LEAST_POINTS = 12

#: Quarterly series start here: before it there was hardly an act in a quarter.
QUARTERS_FROM = 1998


@dataclass(frozen=True, slots=True)
class Dating:
    """A scholar's dating, or a rival one. Each break is a span of years in which a new phase begins."""

    id: str
    author: str
    breaks: tuple[tuple[int, int], ...]
    label_en: str
    label_zh: str


@dataclass(frozen=True, eq=False)
class Track:
    """One series with its phases.

    Attributes
    ----------
    name : str
        ``acts``, ``mechanisms_met``, ``high_level``, a dimension, or ``acts_by_quarter``.
    variant : str
        Empty, or what was left out.
    every : {'year', 'quarter'}
    starts : tuple of date
        First day of each point.
    values : tuple of float or None
        None where nothing was observed.
    exposure : tuple of float
        Share that a count can have seen.
    counts : bool
        A count (negative binomial) or a level (normal).
    found : Segmentation
    regimes : Regimes or None
        Recurring levels, for counts.
    """

    name: str
    variant: str
    every: str
    starts: tuple[date, ...]
    values: tuple[float | None, ...]
    exposure: tuple[float, ...]
    counts: bool
    found: Segmentation
    regimes: Regimes | None

    @cached_property
    def breaks(self) -> tuple[tuple[date, float], ...]:
        """The most probable breaks, each with the probability of a break there or one point beside it."""
        found, last = self.found, len(self.starts) - 1
        return tuple((self.starts[c], found.probability_in(max(1, c - 1), min(last, c + 1))) for c in found.changes)

    def window(self, first: int, last: int, margin: int = 0) -> tuple[int, int] | None:
        """Positions in the years ``first - margin`` to ``last + margin`` at which a phase can begin.

        None where it cannot begin in the years ``first`` to ``last``: outside the series, or too near to its ends.
        """
        shortest = self.found.minimum_length
        can = range(shortest, len(self.starts) - shortest + 1)  # where a phase can begin
        inside = [i for i in can if first - margin <= self.starts[i].year <= last + margin]
        reaches = any(first <= self.starts[i].year <= last for i in can)
        return (inside[0], inside[-1]) if inside and reaches else None


@dataclass(frozen=True, slots=True)
class BreakRow:
    """Whether a series has a break where a dating puts one. ``probability`` None: the series does not reach it."""

    track: str
    variant: str
    dating: str
    first: int
    last: int
    probability: float | None
    reason: str


@dataclass(frozen=True, eq=False)
class Phases:
    """The phases of a group.

    Attributes
    ----------
    tracks : tuple of Track
    breaks : tuple of BreakRow
    agreements : mapping of (track, variant) to Agreement
        With the scholar's dating, on the breaks that the series reaches.
    rivals : mapping of (track, variant) to tuple of RivalDating
        Datings with one break each, by the expected number of breaks per point of their window.
    datings : tuple of Dating
        Empty where nobody's dating of the group is registered.
    """

    group: Group
    as_of: date
    tracks: tuple[Track, ...]
    breaks: tuple[BreakRow, ...]
    agreements: Mapping[tuple[str, str], Agreement]
    rivals: Mapping[tuple[str, str], tuple[RivalDating, ...]]
    datings: tuple[Dating, ...]

    def track(self, name: str, variant: str = "") -> Track:
        """One series."""
        return next(t for t in self.tracks if (t.name, t.variant) == (name, variant))


def registered_datings(group: Group) -> tuple[Dating, ...]:
    """The registered datings of exactly this group.

    Examples
    --------
    >>> registered_datings(Group.parse("USA JPN KOR"))[0].breaks
    ((1990, 1990), (2021, 2021), (2025, 2025))
    """
    made = []
    for r in read_tsv(shipped("claims", "datings.tsv")):
        if Group.parse(r["group"].split(";")) == group:
            spans = [part.split("-") for part in r["breaks"].split(";")]
            breaks = tuple((int(s[0]), int(s[-1])) for s in spans)
            made.append(Dating(r["id"], r["author"], breaks, r["label_en"], r["label_zh"]))
    return tuple(made)


_FOUND: WeakKeyDictionary[Record, dict[tuple[Group, date, int], Phases]] = WeakKeyDictionary()


def find_phases(record: Record, group: Group, as_of: date, *, seed: int = 0) -> Phases:
    """Find the phases of a group in its counts and dimensions.

    Parameters
    ----------
    record : Record
        As known on ``as_of``.
    group : Group
    as_of : datetime.date
    seed : int

    Raises
    ------
    NoEvidence
        If no series of the group has twelve observed points.
    """
    known = _FOUND.setdefault(record, {})
    if (group, as_of, seed) not in known:
        known[group, as_of, seed] = _phases(record, group, as_of, seed)
    return known[group, as_of, seed]


def _phases(record: Record, group: Group, as_of: date, seed: int) -> Phases:
    tracks = []
    for variant, free in (("", False), ("without_study", True)):
        tracks += _yearly(record, group, as_of, variant, free, seed)
        tracks += _quarterly(record, group, as_of, variant, free, seed)
    try:
        found: Dimensions | None = dimensions(record, group, as_of, seed=seed, variants=False)
    except NoEvidence:
        found = None
    if found:
        tracks += _levels(found)
    if not tracks:
        gap = f"has no series with {LEAST_POINTS} observed points by {as_of.isoformat()}"
        raise NoEvidence(group.key, gap, "add acts and searches of its mechanisms, or ask for a later day")
    listed = registered_datings(group)
    claimed = next((d for d in listed if d.author != "rival"), None)
    rows: list[BreakRow] = []
    agreements: dict[tuple[str, str], Agreement] = {}
    rivals: dict[tuple[str, str], tuple[RivalDating, ...]] = {}
    for track in tracks:
        key, base = (track.name, track.variant), (track.name, "")
        same = next((t for t in tracks if (t.name, t.variant) == base and t.found is track.found), track)
        if same is not track:  # without the study nothing differs
            rows += [replace(b, variant=track.variant) for b in rows if (b.track, b.variant) == base]
            agreements |= {key: agreements[base]} if base in agreements else {}
            rivals |= {key: rivals[base]} if base in rivals else {}
            continue
        rows += [_row(track, d, a, b) for d in listed for a, b in d.breaks]
        reached = [w for a, b in (claimed.breaks if claimed else ()) if (w := track.window(a, b))]
        if reached:
            margin = MARGIN_YEARS * (4 if track.every == "quarter" else 1)
            agreements[key] = agreement(track.found, [w[0] for w in reached], margin=margin, draws=200, seed=seed)
        single = {d.id: [w] for d in listed if len(d.breaks) == 1 and (w := track.window(*d.breaks[0]))}
        single |= {f"study_{a}": [w] for a, b in (claimed.breaks if claimed else ()) if (w := track.window(a, b))}
        if len(single) > 1:
            ranked = rank_datings(track.found, single)
            rivals[key] = tuple(sorted(ranked, key=lambda r: (-r.density, r.name)))
    return Phases(group, as_of, tuple(tracks), tuple(rows), agreements, rivals, listed)


def _row(track: Track, dating: Dating, first: int, last: int) -> BreakRow:
    window = track.window(first, last, MARGIN_YEARS)
    if window is None:
        span = f"the series runs from {track.starts[0].year} to {track.starts[-1].year}"
        reason = f"{span}, and a phase lasts {track.found.minimum_length} {track.every}s at least"
        return BreakRow(track.name, track.variant, dating.id, first, last, None, reason)
    return BreakRow(track.name, track.variant, dating.id, first, last, track.found.probability_in(*window), "")


def _counted(
    name: str,
    variant: str,
    every: str,
    starts: list[date],
    values: list[float | None],
    exposure: list[float],
    seed: int,
) -> list[Track]:
    while starts and values[-1] is None:
        starts, values, exposure = starts[:-1], values[:-1], exposure[:-1]
    while starts and values[0] is None:
        starts, values, exposure = starts[1:], values[1:], exposure[1:]
    if sum(v is not None for v in values) < LEAST_POINTS:
        return []
    series, seen = tuple(values), tuple(exposure)
    found = _segmented(series, seen, SHORTEST[every])
    regimes = _regimes(series, seen, seed) if every == "year" and not variant else None
    return [Track(name, variant, every, tuple(starts), series, seen, True, found, regimes)]


def _arrays(values: tuple[float | None, ...], exposure: tuple[float, ...]) -> tuple[Floats, Floats]:
    y = np.array([np.nan if v is None else v for v in values])
    return y, np.array([e if v is not None else np.nan for v, e in zip(values, exposure, strict=True)])


@lru_cache(maxsize=64)
def _segmented(values: tuple[float | None, ...], exposure: tuple[float, ...], shortest: int) -> Segmentation:
    """The segmentation of counts; the same counts are often asked for again, with and without the study's rows."""
    y, share = _arrays(values, exposure)
    return segment(y, model="negative_binomial", exposure=share, minimum_length=shortest)


@lru_cache(maxsize=64)
def _regimes(values: tuple[float | None, ...], exposure: tuple[float, ...], seed: int) -> Regimes | None:
    y, share = _arrays(values, exposure)
    return next(iter(choose_regimes(y, emission="poisson", exposure=share, starts=5, seed=seed)), None)


def _yearly(record: Record, group: Group, as_of: date, variant: str, free: bool, seed: int) -> list[Track]:
    own = [m for m in record.mechanisms.values() if m.members == group.members]
    last = reach(record, own, as_of)
    if last is None:
        return []
    final = last.year if (last.month, last.day) == (12, 31) else last.year - 1
    read = {(r.indicator, r.year): r for r in readings(record, group, as_of, without_study=free)}
    years = list(range(FIRST_YEAR, final + 1))
    made: list[Track] = []
    for name, source in (("acts", "joint_acts"), ("mechanisms_met", "mechanisms_met")):
        row = [read[source, y] for y in years]
        values = [r.value for r in row]
        exposure = [r.exposure for r in row]
        made += _counted(name, variant, "year", [date(y, 1, 1) for y in years], values, exposure, seed)
    return made + _high_level(record, group, own, years, variant, free, seed)


def _high_level(
    record: Record,
    group: Group,
    own: list[Mechanism],
    years: list[int],
    variant: str,
    free: bool,
    seed: int,
) -> list[Track]:
    levels = [level for level, rank in RANK.items() if rank >= RANK["nsa"]]
    mechanisms = [m for m in own if m.level in levels]
    share = recall_of(record, [m.id for m in mechanisms]) or 1.0
    kept = set(record.select(Selection(exactly=group.members, without_study=free)))
    values: list[float | None] = []
    for y in years:
        span = Period(date(y, 1, 1), date(y + 1, 1, 1))
        n = sum(len(kept & set(met_at(record, group, level, span.start, span.end))) for level in levels)
        values.append(float(n) if n or searched(record, mechanisms, span) else None)
    return _counted("high_level", variant, "year", [date(y, 1, 1) for y in years], values, [share] * len(years), seed)


def _quarterly(record: Record, group: Group, as_of: date, variant: str, free: bool, seed: int) -> list[Track]:
    own = [m for m in record.mechanisms.values() if m.members == group.members]
    last = reach(record, own, as_of)
    if last is None or last.year < QUARTERS_FROM:
        return []
    frame = [b for b in bins(date(QUARTERS_FROM, 1, 1), last, "quarter") if b.last <= last]
    share = recall_of(record, [m.id for m in own]) or 1.0
    values: list[float | None] = []
    for b in frame:
        where = Selection(exactly=group.members, direction="cooperative", start=b.start, end=b.end, without_study=free)
        n = len(record.select(where))
        values.append(float(n) if n or searched(record, own, b) else None)
    starts = [b.start for b in frame]
    return _counted("acts_by_quarter", variant, "quarter", starts, values, [share] * len(frame), seed)


def _levels(found: Dimensions) -> list[Track]:
    """The dimensions as mean z-scores: the smoothed levels of the model would hide when something broke."""
    made = []
    for dimension in code_table().codes("dimension"):
        rows = list(found.of(found.group, dimension))
        while rows and rows[-1].equal_weight is None:
            rows.pop()
        while rows and rows[0].equal_weight is None:
            rows.pop(0)
        values = tuple(r.equal_weight for r in rows)
        if sum(v is not None for v in values) < LEAST_POINTS:
            continue
        y = np.array([np.nan if v is None else v for v in values])
        cut = segment(y, model="normal", minimum_length=SHORTEST["year"])
        starts = tuple(date(r.year, 1, 1) for r in rows)
        made.append(Track(dimension, "", "year", starts, values, (1.0,) * len(rows), False, cut, None))
    return made


@dataclass(frozen=True, eq=False)
class Dated:
    """The phases of the group of a study, or why there are none."""

    group: Group
    found: Phases | None
    refused: str

    @classmethod
    def absent(cls, inputs: Inputs) -> Dated:
        """What is dated where this room is not run: nothing."""
        return cls(inputs.study.group, None, "")


def run(inputs: Inputs) -> Dated:
    """Find the phases of the group of the study."""
    study, record = inputs.study, inputs.get(Holdings).record

    def make() -> Dated:
        try:
            return Dated(study.group, find_phases(record, study.group, study.as_of, seed=study.seed), "")
        except NoEvidence as error:
            return Dated(study.group, None, str(error))

    question: dict[str, object] = {"group": study.group.key, "as_of": study.as_of.isoformat(), "seed": study.seed}
    return kept(study.cache, "phases", record, question, make)


def sections(result: Dated) -> list[Statement]:
    """What can be said of the phases: the most probable breaks of the main series."""
    if result.found is None:
        return []
    own = Selection(exactly=result.group.members, direction="cooperative")
    said = []
    for track in result.found.tracks:
        if track.variant or not track.counts:
            continue
        for start, probability in track.breaks:
            key = f"{track.name}||{start.isoformat()}"
            said.append(
                Statement(
                    f"phases.break_{track.every}",
                    "phases",
                    {
                        "series": Code("series", track.name),
                        "start": Span(Period.parse(str(start.year))) if track.every == "year" else Day(start),
                        "probability": Number(probability, Estimated("phases", key, "near", own), "percent"),
                    },
                )
            )
    return said

"""How far a segmentation and a scholar's dating agree, beside chance; which of rival datings the series favours.

Card: docs/methods/phases.md. A dating is a set of indices, each the first of a new phase, on an axis of ``n`` points.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from minilateral.errors import BadInput
from minilateral.phases.segments import (
    Segmentation,
    constrained_evidence,
    log_number_of_ways,
    prior_probability_all,
)

Floats = npt.NDArray[np.float64]
EXACT_LIMIT = 50_000


def to_positions(years: Iterable[float], axis: Sequence[float]) -> tuple[int, ...]:
    """Turn dates into indices: the first point of a sorted axis that is not before each date.

    Raises
    ------
    BadInput
        If a date lies after the axis, or not after its first point: no phase would start there.

    Examples
    --------
    >>> to_positions([1990, 2021], range(1945, 2025))
    (45, 76)
    """
    found = []
    for year in years:
        place = bisect.bisect_left(axis, year)
        if not 0 < place < len(axis):
            raise BadInput(
                f"break {year}", f"is not inside the axis {axis[0]} to {axis[-1]}", "leave it out or widen the axis"
            )
        found.append(place)
    return tuple(sorted(set(found)))


def _edges(changes: Iterable[int], n: int) -> npt.NDArray[np.int64]:
    inner = sorted({int(c) for c in changes} - {0})
    if n < 1 or (inner and not 0 < inner[0] <= inner[-1] < n):
        raise BadInput(f"breaks {inner}", f"are not inside an axis of {n} points", "use indices from 1 to n - 1")
    return np.array([0, *inner, n], dtype=np.int64)


def _cover_one(truth: npt.NDArray[np.int64], found: npt.NDArray[np.int64]) -> Floats:
    """Cover of one dating (edges) by many segmentations (rows of edges of equal length), shape (rows,)."""
    low, high = found[:, :-1, None], found[:, 1:, None]
    both = np.minimum(high, truth[1:]) - np.maximum(low, truth[:-1])
    either = np.maximum(high, truth[1:]) - np.minimum(low, truth[:-1])
    shares = np.where(both > 0, both / either, 0.0).max(axis=1)
    result: Floats = shares @ np.diff(truth) / truth[-1]
    return result


def cover(datings: Sequence[Iterable[int]], changes: Iterable[int], n: int) -> float:
    """Share of the axis on which phases agree: mean over datings of the covering by a segmentation.

    ``(1 / n) sum over A in dating of |A| max over B in segmentation of |A and B| / |A or B|``.

    Parameters
    ----------
    datings : sequence of iterables of int
        One or several scholars' breaks.
    changes : iterable of int
        Breaks of the segmentation that is judged.
    n : int
        Points of the axis.

    Returns
    -------
    float
        From above 0 to 1 (identical).

    Notes
    -----
    Arbelaez et al. (2010), used for series by van den Burg and Williams (2020), arXiv:2003.06222.

    Examples
    --------
    >>> cover([[10, 20], [10], [0, 5]], [10, 20], 45)
    0.7962962962962963
    """
    if not datings:
        raise BadInput("no dating", "can be covered", "pass at least one, which may be empty")
    found = _edges(changes, n)[None]
    return float(sum(_cover_one(_edges(d, n), found)[0] for d in datings) / len(datings))


def _hits(truth: Iterable[int], found: Iterable[int], margin: int) -> int:
    """Breaks of `truth`, from early to late, that have an own break of `found` within the margin (the nearest left)."""
    left, hits = set(found), 0
    for one in sorted(truth):
        near = min(((abs(one - x), x) for x in left if abs(one - x) <= margin), default=None)
        if near is not None:
            left.discard(near[1])
            hits += 1
    return hits


def f_one(datings: Sequence[Iterable[int]], changes: Iterable[int], *, margin: int = 5) -> float:
    """F1 of detected breaks: precision against the union of datings, recall averaged over them.

    Index 0 is added to every set, as a start of the first phase that all share. A break found counts once.

    Parameters
    ----------
    datings : sequence of iterables of int
        One or several scholars' breaks.
    changes : iterable of int
        Breaks that were found.
    margin : int
        How many points apart still agree.

    Returns
    -------
    float
        From above 0 to 1.

    Notes
    -----
    van den Burg and Williams (2020), arXiv:2003.06222. Breaks are matched from early to late; the paper's
    programme goes through a hash set, whose order can differ.

    Examples
    --------
    >>> f_one([[], [10], [50]], [10]), f_one([[], [10], [50]], [])
    (0.9090909090909091, 0.8)
    """
    if not datings or margin < 0:
        raise BadInput(
            f"{len(datings)} datings, margin {margin}", "are none or negative", "pass a dating, a margin from 0"
        )
    sets = [{0, *d} for d in datings]
    found = {0, *changes}
    precision = _hits(set().union(*sets), found, margin) / len(found)
    recall = 1 / len(sets) * sum(_hits(s, found, margin) / len(s) for s in sets)
    return precision * recall / (0.5 * recall + 0.5 * precision)


@dataclass(frozen=True, slots=True)
class Chance:
    """The covers that random segmentations with the same number of breaks reach against one dating.

    Attributes
    ----------
    covers : ndarray
        Sorted covers of all such segmentations (if ``exact``) or of those drawn.
    exact : bool
        Whether every segmentation was counted.
    none : float
        Cover of no break at all.
    """

    covers: Floats = field(repr=False)
    exact: bool
    none: float

    @property
    def mean(self) -> float:
        """Mean cover by chance."""
        return float(self.covers.mean())

    def quantile(self, share: float) -> float:
        """Cover that the given share of random segmentations do not exceed."""
        return float(np.quantile(self.covers, share, method="inverted_cdf"))

    def percentile(self, reached: float) -> float:
        """Share of random segmentations (0 to 1) whose cover is below `reached`; ties count half."""
        below = np.searchsorted(self.covers, reached - 1e-12, side="left")
        upto = np.searchsorted(self.covers, reached + 1e-12, side="right")
        return float((below + upto) / 2 / len(self.covers))

    def p_value(self, reached: float) -> float:
        """Share of random segmentations with a cover at least as high (with one added when drawn, not counted)."""
        as_high = len(self.covers) - int(np.searchsorted(self.covers, reached - 1e-12, side="left"))
        return as_high / len(self.covers) if self.exact else (as_high + 1) / (len(self.covers) + 1)


def chance_cover(
    dating: Iterable[int], n: int, *, number: int | None = None, draws: int = 5_000, seed: int = 0
) -> Chance:
    """Find what cover random breaks reach: uniform over all sets of `number` breaks on the same axis.

    All sets are counted when there are at most 50,000; else `draws` of them, seeded.

    Parameters
    ----------
    dating : iterable of int
        The scholar's breaks.
    n : int
        Points of the axis.
    number : int, optional
        How many random breaks; by default as many as the dating has.
    draws, seed : int
        For axes too large to count out.

    Examples
    --------
    >>> by_chance = chance_cover([45, 76], 80)
    >>> by_chance.exact, round(by_chance.mean, 3), round(by_chance.quantile(0.95), 3), round(by_chance.none, 3)
    (True, 0.604, 0.839, 0.469)
    """
    truth = _edges(dating, n)
    k = len(truth) - 2 if number is None else number
    if not 0 <= k < n:
        raise BadInput(f"{k} breaks", f"do not fit on {n} points", "ask for fewer")
    exact = math.comb(n - 1, k) <= EXACT_LIMIT
    if exact:
        every = itertools.chain.from_iterable(itertools.combinations(range(1, n), k))
        inner = np.fromiter(every, dtype=np.int64).reshape(math.comb(n - 1, k), k)
    else:
        if draws < 1:
            raise BadInput(f"{draws} draws", "are too few", "draw thousands")
        rng = np.random.default_rng(seed)
        inner = np.stack([np.sort(rng.choice(n - 1, size=k, replace=False)) + 1 for _ in range(draws)])
    edges = np.column_stack([np.zeros(len(inner), np.int64), inner, np.full(len(inner), n)])
    covers = np.concatenate([_cover_one(truth, part) for part in np.array_split(edges, max(len(edges) // 5000, 1))])
    return Chance(np.sort(covers), exact, float(_cover_one(truth, np.array([[0, n]]))[0]))


def chance_within(dating: Iterable[int], n: int, margin: int, *, number: int | None = None) -> tuple[float, float]:
    """Find the exact chance that random breaks fall within `margin` points of *every* break of a dating, and of *any*.

    Uniform over all sets of `number` breaks (default: as many as the dating has). One random break may serve two
    breaks of the dating if their windows overlap.

    Returns
    -------
    (float, float)
        Every, any.

    Examples
    --------
    >>> [round(p, 4) for p in chance_within([45, 76], 80, 1)]
    [0.0029, 0.147]
    """
    inner = [int(c) for c in _edges(dating, n)[1:-1]]
    k = len(inner) if number is None else number
    if not inner or not 0 <= k < n or margin < 0 or len(inner) > 15:
        raise BadInput(
            f"{len(inner)} breaks, {k} random ones, margin {margin}", "leave nothing to compute", "pass 1 to 15 breaks"
        )
    windows = [set(range(max(c - margin, 1), min(c + margin, n - 1) + 1)) for c in inner]
    ways = math.comb(n - 1, k)

    def none_in(chosen: Iterable[set[int]]) -> int:
        return math.comb(n - 1 - len(set().union(*chosen)), k)

    every = sum(
        (-1) ** size * none_in(chosen)
        for size in range(len(windows) + 1)
        for chosen in itertools.combinations(windows, size)
    )
    return every / ways, 1 - none_in(windows) / ways


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a series' posterior agrees with one dating.

    Attributes
    ----------
    cover : float
        Cover of the dating by the most probable segmentation.
    cover_low, cover_mean, cover_high : float
        Mean and central 90 % of the cover over draws from the posterior.
    chance_mean, chance_95 : float
        Mean and 95th percentile of the cover by as many random breaks as the segmentation has.
    percentile : float
        Where `cover` lies among those random covers (0 to 1).
    supported : bool
        Whether `cover` exceeds the 95th percentile by chance (never for a segmentation without breaks).
    probabilities : tuple of float
        For each break of the dating, the exact posterior probability of a change within `margin`.
    probability_all : float
        Exact posterior probability of a change near every break of the dating.
    margin : int
        In points of the axis.
    """

    cover: float
    cover_low: float
    cover_mean: float
    cover_high: float
    chance_mean: float
    chance_95: float
    percentile: float
    supported: bool
    probabilities: tuple[float, ...]
    probability_all: float
    margin: int


def agreement(
    found: Segmentation, dating: Iterable[int], *, margin: int = 1, draws: int = 500, seed: int = 0
) -> Agreement:
    """Compare a segmentation with a dating, beside chance.

    Raises
    ------
    BadInput
        If the dating has no break inside the axis, or more than 10.

    Examples
    --------
    >>> from minilateral.phases import segment
    >>> found = segment([0.0, 0.1, -0.1, 0.0, 5.0, 5.1, 4.9, 5.0] * 2, minimum_length=2)
    >>> agreement(found, [4, 8, 12], margin=0, draws=50).supported
    True
    """
    dating = sorted(set(dating) - {0})
    if not dating:
        raise BadInput("a dating without breaks", "cannot be told from no change", "pass at least one break")
    reached = cover([dating], found.changes, found.n)
    chance = chance_cover(dating, found.n, number=len(found.changes), seed=seed)
    drawn = found.draw(draws, seed=seed)
    covered = {one: cover([dating], one, found.n) for one in set(drawn)}
    covers = [covered[one] for one in drawn]
    low, high = np.quantile(covers, [0.05, 0.95])
    windows = [(max(c - margin, 1), min(c + margin, found.n - 1)) for c in dating]
    return Agreement(
        cover=reached,
        cover_low=float(low),
        cover_mean=float(np.mean(covers)),
        cover_high=float(high),
        chance_mean=chance.mean,
        chance_95=chance.quantile(0.95),
        percentile=chance.percentile(reached),
        supported=bool(found.changes) and reached > chance.quantile(0.95),
        probabilities=tuple(found.probability_in(*w) for w in windows),
        probability_all=found.probability_all(windows),
        margin=margin,
    )


@dataclass(frozen=True, slots=True)
class RivalDating:
    """What a series says for one of several rival datings.

    Attributes
    ----------
    name : str
        As given.
    windows : tuple of (int, int)
        Where it puts its breaks, ends included.
    mass : float
        Expected number of changes in its windows.
    density : float
        `mass` per point of window: a wide window has no advantage.
    lift : float
        `density` over the mean density of the axis outside these windows (infinite if that is 0).
    probabilities : tuple of float
        Exact probability of a change in each window.
    log_bayes_factor : float
        Log of: data given exactly one change in each window and no other, over data given as many changes with at least
        one outside these windows (or two in one). Dates have equal probability on either side, so width is paid for.
    log_window_factor : float
        Log of: posterior odds over prior odds that every window holds a change, whatever else changes. The fairer
        figure for a rival that names one break of several. Both factors ask whether a claim holds, not how sharp it
        is: between claims of unlike width compare `density` and `posterior`.
    posterior : float
        Probability among the rivals listed, each taken to be exactly right about the number and the windows, equal
        prior weight.
    """

    name: str
    windows: tuple[tuple[int, int], ...]
    mass: float
    density: float
    lift: float
    probabilities: tuple[float, ...]
    log_bayes_factor: float
    log_window_factor: float
    posterior: float


def _window_factor(found: Segmentation, windows: Sequence[tuple[int, int]]) -> float:
    """Log of posterior over prior odds that every window holds a change; infinite where either is certain."""
    after, before = found.probability_all(windows), prior_probability_all(found, windows)
    odds = [math.log(p) - math.log1p(-p) if 0 < p < 1 else math.copysign(math.inf, p - 0.5) for p in (after, before)]
    if not math.isfinite(odds[1]):
        return 0.0  # the prior settles it: nothing to learn
    return odds[0] - odds[1]


def rank_datings(found: Segmentation, rivals: Mapping[str, Sequence[tuple[int, int]]]) -> tuple[RivalDating, ...]:
    """Rank rival datings by their posterior among each other, best first.

    Parameters
    ----------
    found : Segmentation
        Posterior of the series.
    rivals : mapping of str to sequence of (int, int)
        Windows (first and last index, both included) in order, not overlapping, one per break.

    Raises
    ------
    BadInput
        If a rival has no windows, or they overlap or leave the axis.

    Examples
    --------
    >>> from minilateral.phases import segment
    >>> found = segment([0.0, 0.1, -0.1, 0.0, 0.05, 5.0, 5.1, 4.9, 5.0, 5.05], minimum_length=2)
    >>> [r.name for r in rank_datings(found, {"late": [(7, 8)], "right": [(5, 5)], "wide": [(2, 8)]})]
    ['right', 'wide', 'late']
    """
    if not rivals:
        raise BadInput("no rival dating", "can be ranked", "pass at least one")
    rows = []
    for name, given in rivals.items():
        windows = tuple((int(a), int(b)) for a, b in given)
        flat = [x for w in windows for x in w]
        inside = bool(windows) and all(a <= b for a, b in windows) and flat[0] >= 1 and flat[-1] < found.n
        if not inside or any(b >= c for (_, b), (c, _) in itertools.pairwise(windows)):
            raise BadInput(f"windows {windows} of {name}", "overlap, are empty or leave the axis", "give them in order")
        here = np.zeros(found.n, dtype=np.bool_)
        for a, b in windows:
            here[a : b + 1] = True
        outside = ~here
        outside[0] = False
        mass = float(found.dates[here].sum())
        density = mass / int(here.sum())
        rest = float(found.dates[outside].sum()) / max(int(outside.sum()), 1)
        inside_log, inside_ways = constrained_evidence(found, windows)
        all_log = constrained_evidence(found, len(windows))[0]
        ways = math.exp(log_number_of_ways(found.n, len(windows), found.minimum_length))
        # sums, not means: what is left once the rival's own segmentations are taken out
        shift = max(inside_log, all_log)
        left = max(math.exp(all_log - shift) - math.exp(inside_log - shift), 0.0)
        others = ways - inside_ways
        if inside_ways == 0:
            factor = -math.inf
        elif left <= 1e-13 or others < 0.5:
            factor = math.inf
        else:
            factor = inside_log - math.log(inside_ways) - (math.log(left) + shift - math.log(others))
        mean_log = inside_log - math.log(inside_ways) if inside_ways else -math.inf
        rows.append((name, windows, mass, density, density / rest if rest > 0 else math.inf, factor, mean_log))
    logs = np.array([r[-1] for r in rows])
    top = logs.max()
    odds = np.exp(logs - top) if np.isfinite(top) else np.zeros(len(rows))
    odds = odds / odds.sum() if odds.sum() else odds
    ranked = [
        RivalDating(
            name=name,
            windows=windows,
            mass=mass,
            density=density,
            lift=lift,
            probabilities=tuple(found.probability_in(a, b) for a, b in windows),
            log_bayes_factor=factor,
            log_window_factor=_window_factor(found, windows),
            posterior=float(share),
        )
        for (name, windows, mass, density, lift, factor, _), share in zip(rows, odds, strict=True)
    ]
    return tuple(sorted(ranked, key=lambda r: (-r.posterior, -r.density, r.name)))

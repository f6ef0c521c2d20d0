"""Exact Bayesian segmentation of a series: how many changes, when, how sure. Card: docs/methods/phases.md.

A *change* at index ``i`` means that a new segment starts at ``values[i]``. All sums over segmentations are exact
(Fearnhead 2006), by dynamic programming over the number of changes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, gammaln, logsumexp

from minilateral.errors import BadInput

Floats = npt.NDArray[np.float64]
MODELS = ("normal", "trend", "student", "poisson", "negative_binomial", "auto")
COUNTS = ("poisson", "negative_binomial")
RHOS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Component:
    """One model inside an average: its name, its weight after the data, its log marginals and their sums.

    Attributes
    ----------
    name : str
        For example ``trend, rho 0.8``.
    weight : float
        Posterior probability of this model among those averaged.
    log_evidence : float
        Log probability of the data under this model, summed over all segmentations.
    table : ndarray, shape (n, n + 1)
        ``table[s, e]``: log marginal likelihood of ``values[s:e]`` as one segment; minus infinity where ``e <= s``.
    forward, backward : ndarray, shape (most + 1, n + 1)
        ``[k, i]``: log sums over the segmentations with k changes of ``values[:i]``, and of ``values[i:]``.
    """

    name: str
    weight: float
    log_evidence: float
    table: Floats = field(repr=False, compare=False)
    forward: Floats = field(repr=False, compare=False)
    backward: Floats = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The posterior over segmentations of one series.

    Attributes
    ----------
    n : int
        Length of the axis, missing points included.
    changes : tuple of int
        The single most probable segmentation (MAP): first index of every segment but the first.
    number : ndarray, shape (most + 1,)
        Posterior probability of 0, 1, ... ``most`` changes; sums to 1.
    dates : ndarray, shape (n,)
        Posterior probability of a change at each index (index 0 has none); sums to the expected number of changes.
    log_evidence : float
        Log probability of the data, averaged over models, numbers and dates.
    log_probability : float
        Log posterior probability of `changes` under the average of models.
    components : tuple of Component
        The models averaged, heaviest first (those of weight above 1e-9).
    log_prior : ndarray, shape (most + 1,)
        Log prior probability of *each single* segmentation with 0, 1, ... changes.
    minimum_length : int
        Shortest segment allowed, in positions of the axis.
    period : int
        Length of the season that was taken out before; 1 if none was.
    """

    n: int
    changes: tuple[int, ...]
    number: Floats
    dates: Floats
    log_evidence: float
    log_probability: float
    components: tuple[Component, ...]
    log_prior: Floats = field(repr=False)
    minimum_length: int
    period: int = 1

    @property
    def expected_number(self) -> float:
        """Posterior mean of the number of changes."""
        return float(self.number @ np.arange(len(self.number)))

    def probability_in(self, first: int, last: int) -> float:
        """Exact posterior probability of at least one change at an index from `first` to `last`, both included.

        ``1 - Z(no change in the window) / Z``, summed over models.

        Raises
        ------
        BadInput
            If the window is empty or leaves the axis.

        Examples
        --------
        >>> found = segment([0.0, 0.1, -0.1, 0.0, 5.0, 5.1, 4.9, 5.0], minimum_length=2)
        >>> bool(abs(found.probability_in(1, 7) - (1 - found.number[0])) < 1e-12)
        True
        """
        return self.probability_all([(first, last)])

    def probability_all(self, windows: Sequence[tuple[int, int]]) -> float:
        """Exact posterior probability that *every* window (ends included) holds at least one change.

        By inclusion and exclusion over the windows: ``2 ** len(windows)`` sums; 10 windows at most.

        Examples
        --------
        >>> found = segment([0.0, 0.1, -0.1, 5.0, 5.1, 4.9, 0.0, 0.1, -0.1], minimum_length=2)
        >>> found.probability_all([(3, 3), (6, 6)]) <= found.probability_in(3, 3)
        True
        """
        return _in_every(self.probability_none, windows)

    def probability_none(self, windows: Iterable[tuple[int, int]]) -> float:
        """Exact posterior probability that no window (ends included) holds a change."""
        allowed = _allowed(self.n, windows)
        if self.number[0] == 1.0:
            return 1.0
        parts = []
        for c in self.components:
            left = _evidence(c.table, c.forward, c.backward, self.log_prior, self.minimum_length, allowed)
            parts.append(c.weight * math.exp(min(left - c.log_evidence, 0)))
        return min(sum(parts) / sum(c.weight for c in self.components), 1.0)

    def log_joint(self, changes: Iterable[int]) -> float:
        """Log of prior times likelihood of one segmentation under the average of models; minus infinity if excluded."""
        cuts = [0, *sorted(changes), self.n]
        k = len(cuts) - 2
        if k >= len(self.log_prior) or min(b - a for a, b in itertools.pairwise(cuts)) < self.minimum_length:
            return -math.inf
        scores = [
            math.log(c.weight) - c.log_evidence + sum(float(c.table[a, b]) for a, b in itertools.pairwise(cuts))
            for c in self.components
        ]
        return float(logsumexp(scores)) + float(self.log_prior[k]) + self.log_evidence

    def draw(self, size: int, *, seed: int) -> list[tuple[int, ...]]:
        """Draw segmentations from the posterior, exactly and independently.

        Parameters
        ----------
        size : int
            How many.
        seed : int
            Seed; the same seed gives the same draws.
        """
        rng = np.random.default_rng(seed)
        weights = np.array([c.weight for c in self.components])
        shares = rng.multinomial(size, weights / weights.sum())
        drawn: list[tuple[int, ...]] = []
        for component, share in zip(self.components, shares, strict=True):
            if not share:
                continue
            last = component.forward[:, self.n] + self.log_prior
            chances = np.exp(last - logsumexp(last))
            known: dict[tuple[int, int], Floats] = {}
            for k in rng.choice(len(last), size=int(share), p=chances / chances.sum()):
                end, cuts = self.n, []
                for level in range(int(k), 0, -1):
                    if (level, end) not in known:
                        logs = component.forward[level - 1, :end] + component.table[:end, end]
                        logs[max(end - self.minimum_length + 1, 0) :] = -np.inf
                        logs[0] = -np.inf
                        known[level, end] = np.cumsum(np.exp(logs - logs.max()))
                    odds = known[level, end]
                    end = int(np.searchsorted(odds, rng.random() * odds[-1], side="right"))
                    cuts.append(end)
                drawn.append(tuple(reversed(cuts)))
        return [drawn[i] for i in rng.permutation(len(drawn))]


def segment(
    values: npt.ArrayLike,
    *,
    model: str = "auto",
    exposure: npt.ArrayLike | None = None,
    period: int | str | None = None,
    rhos: Sequence[float] | None = None,
    minimum_length: int = 3,
    most: int | None = None,
    hazard: float | None = None,
    hazard_prior: tuple[float, float] | None = None,
    prior_noise: float = 0.3,
    prior_shape: float = 1.0,
    prior_level: float = 1.0,
    prior_slope: float = 7.0,
) -> Segmentation:
    """Find the posterior over the number and the dates of changes in a series.

    Parameters
    ----------
    values : array_like, shape (n,)
        The series on an even axis. NaN is missing: skipped inside a segment, never zero.
    model : str
        What holds within a segment. ``normal``: a level and a variance. ``trend``: a straight line and a variance.
        ``student``: a level and a scale with Student-t errors (4 degrees of freedom), on a grid. ``poisson``: a rate of
        counts. ``negative_binomial``: a rate with extra variance common to all segments, on grids. ``auto``: the
        average of ``normal`` and ``trend``, each over all `rhos`.
    exposure : array_like, shape (n,), optional
        For counts: expected share recorded or time observed, in the unit of the rate; 0 or NaN is missing.
    period : int or str, optional
        Length of a season to take out first (`remove_season`), or ``auto``. Not for counts.
    rhos : sequence of float, optional
        Grid of the first-order autocorrelation of errors (0 <= rho < 1), common to all segments and averaged over with
        equal prior weight. Default: 0 for ``normal`` and ``trend``, `RHOS` for ``auto``.
    minimum_length : int
        Shortest segment, in positions of the axis.
    most : int, optional
        Largest number of changes considered. Default: 40, or what fits.
    hazard : float, optional
        Fixed probability of a change per step. Default: averaged over a Beta prior.
    hazard_prior : (float, float), optional
        The Beta prior of the hazard. Default (1, n / 2): close to two changes expected whatever the length, each
        further one less probable than the last by a third. (1, 1) makes every number from 0 to ``most`` equally
        probable. Given the number, all dates allowed are equally probable.
    prior_noise, prior_shape, prior_level, prior_slope : float
        For ``normal`` and ``trend``. Prior variance of innovations in robust variances of the quasi-differenced series
        (which changes swell: hence below 1); its weight in half observations; prior deviation of levels, and of slopes
        over the whole axis, in deviations of the series.

    Returns
    -------
    Segmentation

    Raises
    ------
    BadInput
        If there is nothing to segment, counts are not counts, or an option is out of its range.

    Notes
    -----
    Fearnhead (2006), Exact and efficient Bayesian inference for multiple changepoint problems, Statistics and
    Computing 16. Marginals: normal-inverse-gamma and gamma-Poisson conjugacy (Bernardo and Smith 1994). Priors are set
    from the scale of the series; the card states them.

    Examples
    --------
    >>> found = segment([3, 2, 4, 3, 2, 9, 11, 8, 10, 12], model="poisson", minimum_length=2)
    >>> found.changes, bool(found.number[0] < 0.05)
    ((5,), True)
    """
    y = np.asarray(values, dtype=np.float64)
    if y.ndim != 1 or not np.isfinite(y).any() or np.isinf(y).any():
        raise BadInput(f"values of shape {y.shape}", "hold no finite series of one dimension", "pass numbers and NaN")
    n = len(y)
    if model not in MODELS:
        raise BadInput(repr(model), f"is no model of {', '.join(MODELS)}", "choose one")
    if minimum_length < 1:
        raise BadInput(f"minimum_length {minimum_length}", "is below 1", "a segment has a point")
    minimum_length = min(minimum_length, n)
    fits = n // minimum_length - 1
    most = min(40 if most is None else most, fits)
    if most < 0:
        raise BadInput(f"most {most}", "is below 0", "0 allows no change")
    if min(prior_noise, prior_shape, prior_level, prior_slope) <= 0:
        raise BadInput("a prior scale", "is not positive", "leave it out")
    season = 1
    if period is not None:
        if model in COUNTS:
            raise BadInput(f"period {period}", "has no meaning for counts", "put a known season into the exposure")
        y, season = remove_season(y, period)
    tables = _tables(y, model, exposure, rhos, (prior_noise, prior_shape, prior_level, prior_slope))
    log_prior = _log_prior(n, most, minimum_length, hazard, hazard_prior or (1.0, max(n / 2, 1.0)))
    return _posterior(tables, n, log_prior, minimum_length, season)


def remove_season(values: npt.ArrayLike, period: int | str = "auto") -> tuple[Floats, int]:
    """Take out a fixed additive season: medians, by place in the period, around a centred moving mean.

    Parameters
    ----------
    values : array_like, shape (n,)
        NaN stays NaN.
    period : int or str
        Points per period, at least 2. ``auto``: of 4 (quarters), 7 (days) and 12 (months), the one with which first
        differences have the lowest BIC, or none if that of no season is lower.

    Returns
    -------
    (ndarray, int)
        The series without season; the period (1: nothing was taken out).

    Raises
    ------
    BadInput
        If a period is given of which the series has not three.

    Notes
    -----
    Classical decomposition (Persons 1919) with medians for means. The season is an estimate treated as known.

    Examples
    --------
    >>> remove_season([1.0, 5.0] * 6, 2)[0].round(6).tolist() == [3.0] * 12
    True
    """
    y = np.asarray(values, dtype=np.float64)
    n = len(y)
    if isinstance(period, str):
        if period != "auto":
            raise BadInput(f"period {period!r}", "is neither auto nor a number", "give points per period")
        steps = np.diff(y)
        ok = np.isfinite(steps)
        steps, place = steps[ok], np.arange(1, n)[ok]
        whole = float(((steps - steps.mean()) ** 2).sum()) if len(steps) else 0.0
        gains: dict[int, float] = {}
        for p in (4, 7, 12):
            groups = [steps[place % p == j] for j in range(p)]
            if len(steps) < 3 * p or min(map(len, groups)) < 2 or whole <= 0:
                continue
            rest = sum(float(((g - g.mean()) ** 2).sum()) for g in groups)
            gains[p] = len(steps) * math.log(whole / max(rest, 1e-12 * whole)) - (p - 1) * math.log(len(steps))
        period = max(gains, key=lambda p: gains[p], default=1)
        if period == 1 or gains[period] <= 0:
            return y, 1
    elif period < 2 or np.isfinite(y).sum() < 3 * period or n < 3 * period:
        raise BadInput(f"period {period}", f"is not in the {n} values three times", "leave it out")
    window = np.ones(period) if period % 2 else np.array([0.5, *([1.0] * (period - 1)), 0.5])
    seen = np.isfinite(y)
    weight = np.convolve(seen, window, mode="valid")
    half = len(window) // 2
    mean = np.full(n, np.nan)
    usable = weight > window.sum() / 2
    mean[half : n - half] = np.where(
        usable, np.convolve(np.where(seen, y, 0.0), window, mode="valid") / np.where(usable, weight, 1.0), np.nan
    )
    off = y - mean
    pattern = np.zeros(period)
    for j in range(period):
        these = off[j::period]
        these = these[np.isfinite(these)]
        pattern[j] = np.median(these) if len(these) else 0.0
    pattern -= pattern.mean()
    return y - pattern[np.arange(n) % period], period


def _log_prior(n: int, most: int, minimum: int, hazard: float | None, hazard_prior: tuple[float, float]) -> Floats:
    """Log prior probability of each single segmentation by its number of changes, shape (most + 1,)."""
    k = np.arange(most + 1, dtype=np.float64)
    steps = n - 1
    ways = gammaln(steps + 1) - gammaln(k + 1) - gammaln(steps - k + 1)
    if hazard is not None:
        if not 0 < hazard < 1:
            raise BadInput(f"hazard {hazard}", "is not between 0 and 1", "it is a probability per step")
        mass = ways + k * math.log(hazard) + (steps - k) * math.log1p(-hazard)
    else:
        a, b = hazard_prior
        if min(a, b) <= 0:
            raise BadInput(f"hazard_prior {hazard_prior}", "is not positive", "both numbers of a Beta are above 0")
        mass = ways + betaln(a + k, b + steps - k) - betaln(a, b)
    free = n - (k + 1) * (minimum - 1) - 1  # positions left once every segment has its minimum
    possible = gammaln(free + 1) - gammaln(k + 1) - gammaln(np.maximum(free - k, 0) + 1)
    result: Floats = mass - logsumexp(mass) - np.where(k == 0, 0.0, possible)
    return result


def _forward(
    table: Floats,
    most: int,
    minimum: int,
    allowed: npt.NDArray[np.bool_] | None = None,
    known: Floats | None = None,
) -> Floats:
    """Log sums over the segmentations of ``[0, e)`` with k changes, shape (most + 1, n + 1).

    For each end one vector of weights serves all k: terms below e**-700 of the largest are lost, nothing else. With
    ``known`` sums that no window closes, only those from the first closed index to the last are worked out.
    """
    n = table.shape[0]
    logs = np.full((most + 1, n + 1), -np.inf)
    logs[0, minimum:] = table[0, minimum:]
    if most == 0:
        return logs
    scaled = np.zeros((n + 1, most))  # exp(logs[:-1, s] - top[s])
    top = np.full(n + 1, -np.inf)
    first, last = minimum, n
    if allowed is not None and known is not None:
        first, last = (int(i) for i in np.flatnonzero(~allowed)[[0, -1]])
        logs[:, minimum:first] = known[:, minimum:first]
        before = logs[:-1, minimum:first]
        top[minimum:first] = before.max(axis=0, initial=-np.inf)
        scaled[minimum:first] = np.exp(before - np.maximum(top[minimum:first], -1e300)).T
    columns = np.ascontiguousarray(table.T)
    for e in range(first, last + 1):
        if allowed is not None and not allowed[e]:
            continue
        if e >= 2 * minimum:
            stop = e - minimum + 1
            weights = top[:stop] + columns[e, :stop]
            largest = weights[1:].max(initial=-np.inf)
            if largest > -np.inf:
                weights[0] = -np.inf
                sums = np.exp(weights - largest) @ scaled[:stop]
                with np.errstate(divide="ignore"):
                    logs[1:, e] = np.log(sums) + largest
        if e < n:
            top[e] = logs[:-1, e].max()
            if top[e] > -np.inf:
                scaled[e] = np.exp(logs[:-1, e] - top[e])
    return logs


def _backward(table: Floats, most: int, minimum: int) -> Floats:
    """Log sums over the segmentations of ``[s, n)`` with k changes, shape (most + 1, n + 1)."""
    turned = np.full_like(table, -np.inf)
    turned[:, 1:] = table[:, 1:].T[::-1, ::-1]
    return _forward(turned, most, minimum)[:, ::-1]


def _hankel(log_prior: Floats, more: int) -> Floats:
    """Log prior of i + j + more changes; minus infinity for more than are considered."""
    most = len(log_prior) - 1
    total = np.add.outer(np.arange(most + 1), np.arange(most + 1)) + more
    result: Floats = np.where(total <= most, log_prior[np.minimum(total, most)], -np.inf)
    return result


def _evidence(
    table: Floats,
    forward: Floats,
    backward: Floats,
    log_prior: Floats,
    minimum: int,
    allowed: npt.NDArray[np.bool_],
) -> float:
    """Log evidence of the segmentations with changes only where they are allowed.

    One segment spans the last closed index: all before its start and all after its end are summed already.
    """
    n = len(table)
    closed = np.flatnonzero(~allowed)
    if not len(closed):
        return float(logsumexp(forward[:, n] + log_prior))
    last = int(closed[-1])
    if last - closed[0] >= len(closed):  # windows with a gap between them
        forward = _forward(table, len(log_prior) - 1, minimum, allowed, forward)
    starts, ends = np.flatnonzero(allowed[:last]), np.arange(last + 1, n + 1)
    left, right = (np.full((len(log_prior), len(at)), -np.inf) for at in (starts, ends))  # changes, those two included
    left[0, 0] = right[0, -1] = 0.0
    left[1:, 1:], right[1:, :-1] = forward[:-1, starts[1:]], backward[:-1, ends[:-1]]
    a, b = left.max(axis=0), right.max(axis=0)
    ok, fine = np.isfinite(a), np.isfinite(b)
    starts, ends, left, right, a, b = starts[ok], ends[fine], left[:, ok], right[:, fine], a[ok], b[fine]
    spans = np.where(ends - starts[:, None] >= minimum, table[np.ix_(starts, ends)] + a[:, None] + b, -np.inf)
    top, prior = float(spans.max()), _hankel(log_prior, 0)
    if top == -np.inf:
        return top
    shift = float(prior.max())
    pairs = np.exp(left - a) @ np.exp(spans - top) @ np.exp(right - b).T
    mass = float((pairs * np.exp(prior - shift)).sum())
    return math.log(mass) + top + shift if mass > 0 else -math.inf


def log_number_of_ways(n: int, changes: int, minimum_length: int) -> float:
    """Log of the number of segmentations of ``n`` points with so many changes and no shorter segment.

    The binomial coefficient of ``n - (changes + 1)(minimum_length - 1) - 1`` over ``changes``; minus infinity if 0.

    Examples
    --------
    >>> round(math.exp(log_number_of_ways(10, 2, 1)))
    36
    """
    free = n - (changes + 1) * (minimum_length - 1) - 1
    return math.log(math.comb(free, changes)) if free >= changes else -math.inf


def _allowed(n: int, windows: Iterable[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Where a change may be once windows are closed, shape (n + 1,)."""
    allowed = np.ones(n + 1, dtype=np.bool_)
    for first, last in windows:
        if not 1 <= first <= last < n:
            raise BadInput(
                f"window {first} to {last}", f"is not inside 1 to {n - 1}", "a change needs a point before it"
            )
        allowed[first : last + 1] = False
    return allowed


def _in_every(none: Callable[[Iterable[tuple[int, int]]], float], windows: Sequence[tuple[int, int]]) -> float:
    """Chance of a change in every window from the chances of none in unions of them (inclusion and exclusion)."""
    if len(windows) > 10:
        raise BadInput(f"{len(windows)} windows", "are more than 10", "join them")
    total = 1.0
    for size in range(1, len(windows) + 1):
        for chosen in itertools.combinations(windows, size):
            total += (-1) ** size * none(chosen)
    return min(max(total, 0.0), 1.0)


def prior_probability_all(found: Segmentation, windows: Sequence[tuple[int, int]]) -> float:
    """Probability, before the data, that every window (ends included) holds a change.

    The prior of the hazard and the shortest segment decide it: what a posterior probability has to be compared with.

    Examples
    --------
    >>> found = segment([0.0, 0.1, 5.0, 5.1, 5.2, 5.0], minimum_length=1, hazard=0.2)
    >>> round(prior_probability_all(found, [(2, 2)]), 3)
    0.2
    """
    sums = _flat(found.n, len(found.log_prior) - 1, found.minimum_length)

    def none(chosen: Iterable[tuple[int, int]]) -> float:
        return math.exp(_evidence(*sums, found.log_prior, found.minimum_length, _allowed(found.n, chosen)))

    return _in_every(none, windows)


@lru_cache(maxsize=16)
def _flat(n: int, most: int, minimum: int) -> tuple[Floats, Floats, Floats]:
    """A table in which the data say nothing, and its sums."""
    table = np.where(np.arange(n)[:, None] < np.arange(n + 1)[None, :], 0.0, -np.inf)
    return table, _forward(table, most, minimum), _backward(table, most, minimum)


def constrained_evidence(found: Segmentation, where: int | Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Sum the likelihood over a stated set of segmentations, averaged over models.

    Parameters
    ----------
    found : Segmentation
        Its models and their weights are used.
    where : int or sequence of (int, int)
        A number: all segmentations with so many changes. Windows (ends included, in order): all with exactly one change
        in each and no other.

    Returns
    -------
    (float, float)
        Log of the summed likelihood; how many segmentations were summed.

    Examples
    --------
    >>> found = segment([0.0, 0.1, 5.0, 5.1], minimum_length=1)
    >>> constrained_evidence(found, 1)[1], constrained_evidence(found, [(1, 2)])[1]
    (3.0, 2.0)
    """
    n, minimum = found.n, found.minimum_length
    if isinstance(where, int):
        logs = [
            float((c.forward if where < len(c.forward) else _forward(c.table, where, minimum))[where, n])
            for c in found.components
        ]
        ways = math.exp(log_number_of_ways(n, where, minimum))
        return _mixed(found, logs), float(round(ways))

    def chained(table: Floats) -> float:
        ends, sums = np.array([0]), np.zeros(1)
        for first, last in [*where, (n, n)]:
            nexts = np.arange(first, last + 1)
            steps = np.where(nexts - ends[:, None] >= minimum, table[ends][:, nexts], -np.inf)
            steps += sums[:, None]
            top = np.maximum(steps.max(axis=0), -1e300)
            with np.errstate(divide="ignore"):
                sums, ends = np.log(np.exp(steps - top).sum(axis=0)) + top, nexts
        return float(sums[0])

    ways = math.exp(chained(_flat(n, len(found.log_prior) - 1, minimum)[0]))
    return _mixed(found, [chained(c.table) for c in found.components]), float(round(ways))


def _mixed(found: Segmentation, logs: list[float]) -> float:
    """Average log sums of the components over models."""
    parts = [math.log(c.weight) - c.log_evidence + one for c, one in zip(found.components, logs, strict=True)]
    return float(logsumexp(parts)) + found.log_evidence


def _best(table: Floats, log_prior: Floats, minimum: int) -> tuple[int, ...]:
    """The most probable segmentation (max-product)."""
    n, most = table.shape[0], len(log_prior) - 1
    best = np.full((n + 1, most + 1), -np.inf)
    best[minimum:, 0] = table[0, minimum:]
    back = np.zeros((n + 1, most + 1), dtype=np.int64)
    columns = np.ascontiguousarray(table.T)
    for e in range(2 * minimum, n + 1):
        stop = e - minimum + 1
        reach = min(most, e // minimum - 1)
        scores = best[1:stop, :reach] + columns[e, 1:stop, None]
        where = scores.argmax(axis=0)
        best[e, 1 : reach + 1] = scores[where, np.arange(reach)]
        back[e, 1 : reach + 1] = where + 1
    k, end = int(np.argmax(best[n] + log_prior)), n
    cuts: list[int] = []
    for level in range(k, 0, -1):
        end = int(back[end, level])
        cuts.append(end)
    return tuple(reversed(cuts))


def _posterior(tables: list[tuple[str, Floats]], n: int, log_prior: Floats, minimum: int, season: int) -> Segmentation:
    """Sum over numbers and dates in each model, then over models with equal prior weight."""
    most = len(log_prior) - 1
    forwards = [_forward(table, most, minimum) for _, table in tables]
    by_number = np.array([f[:, n] + log_prior for f in forwards])
    evidences = logsumexp(by_number, axis=1)
    log_evidence = float(logsumexp(evidences) - math.log(len(tables)))
    weights = np.exp(evidences - logsumexp(evidences))
    number = weights @ np.exp(by_number - evidences[:, None])
    dates = np.zeros(n)
    kept = [i for i in np.argsort(-weights, kind="stable") if weights[i] > 1e-9]
    hankel = _hankel(log_prior, 1)
    shift = hankel.max()
    backwards = {i: _backward(tables[i][1], most, minimum) for i in kept}
    for i in kept if most else []:
        backward = backwards[i]
        a, b = forwards[i].max(axis=0), backward.max(axis=0)
        ok = np.isfinite(a) & np.isfinite(b)
        ok[0] = ok[n] = False
        left, right = np.exp(forwards[i][:, ok] - a[ok]), np.exp(backward[:, ok] - b[ok])
        mass = np.einsum("js,jl,ls->s", left, np.exp(hankel - shift), right, optimize=True)
        with np.errstate(divide="ignore"):
            logs = np.log(mass) + a[ok] + b[ok] + shift - evidences[i]
        dates[ok[:n]] += weights[i] * np.exp(np.minimum(logs, 0.0))
    components = tuple(
        Component(tables[i][0], float(weights[i]), float(evidences[i]), tables[i][1], forwards[i], backwards[i])
        for i in kept
    )
    found = Segmentation(
        n=n,
        changes=(),
        number=number / number.sum(),
        dates=dates,
        log_evidence=log_evidence,
        log_probability=0.0,
        components=components,
        log_prior=log_prior,
        minimum_length=minimum,
        period=season,
    )
    rivals = sorted({_best(c.table, log_prior, minimum) for c in components})
    joints = [found.log_joint(r) for r in rivals]
    top = int(np.argmax(joints))
    return Segmentation(
        n=n,
        changes=rivals[top],
        number=found.number,
        dates=dates,
        log_evidence=log_evidence,
        log_probability=joints[top] - log_evidence,
        components=components,
        log_prior=log_prior,
        minimum_length=minimum,
        period=season,
    )


def _tables(
    y: Floats,
    model: str,
    exposure: npt.ArrayLike | None,
    rhos: Sequence[float] | None,
    priors: tuple[float, float, float, float],
) -> list[tuple[str, Floats]]:
    """Every model that is averaged: its name and its table of log marginals."""
    counts = model in COUNTS
    if exposure is not None and not counts:
        raise BadInput("exposure", f"has no meaning for the model {model}", "use it with counts")
    if counts:
        return _count_tables(y, model, exposure)
    if model == "student":
        return [("student", _student_table(y))]
    grid = tuple(rhos) if rhos is not None else (RHOS if model == "auto" else (0.0,))
    if not grid or not all(0 <= r < 1 for r in grid):
        raise BadInput(f"rhos {grid}", "are not from 0 to below 1", "leave the grid out")
    forms = ("normal", "trend") if model == "auto" else (model,)
    return [
        (f"{form}, rho {rho:g}" if len(grid) > 1 or rho else form, _line_table(y, rho, form == "trend", priors))
        for form in forms
        for rho in grid
    ]


def _scale(y: Floats) -> tuple[float, float]:
    """Median and standard deviation of what is observed; a constant series has unit scale."""
    seen = y[np.isfinite(y)]
    spread = float(seen.std())
    return float(np.median(seen)), spread if spread > 1e-12 * max(1.0, float(np.abs(seen).max())) else 1.0


def _line_table(y: Floats, rho: float, sloped: bool, priors: tuple[float, float, float, float]) -> Floats:
    """Log marginals of a level (or a line) with first-order autoregressive errors, shape (n, n + 1).

    Normal-inverse-gamma regression on quasi-differences (Prais and Winsten 1954). After a gap of g steps the weight is
    that of g steps, so missing points are integrated out exactly. Each segment starts afresh from the stationary law.
    """
    n = len(y)
    centre, spread = _scale(y)
    seen = np.flatnonzero(np.isfinite(y))
    z = (y[seen] - centre) / spread
    t = (seen - (n - 1) / 2) / n
    gap = np.diff(seen, prepend=seen[0] - 1).astype(np.float64)
    phi = rho**gap if rho else np.zeros(len(seen))
    width = np.sqrt((1 - phi**2) / (1 - rho**2))
    before = np.concatenate([[0.0], z[:-1]]), np.concatenate([[0.0], t[:-1]])
    first = math.sqrt(1 - rho**2)
    later = np.stack([(1 - phi) / width, (t - phi * before[1]) / width, (z - phi * before[0]) / width])
    start = np.stack([np.full(len(seen), first), first * t, first * z])
    noise = priors[0] * _noise(later[2][1:])
    log_norm = -np.log(width)
    count = np.zeros(n + 1, dtype=np.int64)
    count[1:] = np.cumsum(np.isfinite(y))
    s, e = count[:-1][:, None], count[None, :]
    m = np.maximum(e - s, 0)
    inside = np.minimum(s, len(seen) - 1)

    def total(i: int, j: int) -> Floats:
        sums = np.concatenate([[0.0], np.cumsum(later[i] * later[j])])
        head = start[i] * start[j]
        # the first observed point of the segment counts as a start, the others as steps
        result: Floats = sums[e] - (sums[1:] - head)[inside]
        return result

    norms = np.concatenate([[0.0], np.cumsum(log_norm)])
    log_width = norms[e] - norms[1:][inside] + math.log(first)
    a0, b0 = priors[1], priors[1] * noise
    k0 = noise / priors[2] ** 2
    g00, gy0, gyy = np.maximum(total(0, 0), 0.0), total(0, 2), total(2, 2)
    p00 = g00 + k0
    fit = gy0**2 / p00
    log_det = np.log(p00) - math.log(k0)
    if sloped:
        middle = ((np.arange(n)[:, None] + np.arange(n + 1)[None, :] - 1) / 2 - (n - 1) / 2) / n
        k1 = noise / priors[3] ** 2
        g01, g11, gy1 = total(0, 1), total(1, 1), total(1, 2)
        h01 = g01 - middle * g00
        h11 = g11 - 2 * middle * g01 + middle**2 * g00 + k1
        rest = np.maximum(h11 - h01**2 / p00, k1)
        left = gy1 - middle * gy0 - h01 / p00 * gy0
        fit = fit + left**2 / rest
        log_det = log_det + np.log(rest) - math.log(k1)
    an = a0 + m / 2
    bn = b0 + 0.5 * np.maximum(gyy - fit, 0.0)
    log_gamma = gammaln(a0 + np.arange(n + 1) / 2) - gammaln(a0)
    table = (
        log_gamma[m]
        + a0 * math.log(b0)
        - an * np.log(bn)
        - 0.5 * log_det
        - m * (0.5 * math.log(2 * math.pi) + math.log(spread))
        + log_width
    )
    table = np.where(m == 0, 0.0, table)
    result: Floats = np.where(np.arange(n)[:, None] < np.arange(n + 1)[None, :], table, -np.inf)
    return result


def _noise(steps: Floats) -> float:
    """A robust variance of quasi-differences (for rho 0: of the values themselves) around their median, never 0."""
    if len(steps) == 0:
        return 1.0
    mad = float(np.median(np.abs(steps - np.median(steps)))) * 1.4826
    return max(mad**2, 0.01 * float(np.var(steps)), 1e-8)


def _grid_table(densities: Floats, log_prior: Floats) -> Floats:
    """Log marginals with the parameter of a segment on a grid: (n, g) log densities and (g,) log prior."""
    n = len(densities)
    sums = np.concatenate([np.zeros((1, densities.shape[1])), np.cumsum(densities, axis=0)])
    table = np.full((n, n + 1), -np.inf)
    for s in range(n):
        logs = sums[s + 1 :] - sums[s] + log_prior
        top = logs.max(axis=1)
        table[s, s + 1 :] = np.log(np.exp(logs - top[:, None]).sum(axis=1)) + top
    return table


def _student_table(y: Floats, freedom: float = 4.0) -> Floats:
    """A level and a scale on a grid of 41 levels and 7 scales; level normal, log scale normal around the noise."""
    centre, spread = _scale(y)
    seen = np.isfinite(y)
    z = (y - centre) / spread
    noise = math.sqrt(_noise(np.diff(z[seen])) / 2)
    low, high = float(np.nanmin(z)), float(np.nanmax(z))
    levels = np.linspace(low, high, 41)
    steps = np.linspace(-1.5, 1.5, 7)
    level, scale = (g.ravel() for g in np.meshgrid(levels, noise * np.exp(steps), indexing="ij"))
    log_prior = -0.5 * np.log(scale / noise) ** 2
    log_prior -= logsumexp(log_prior)
    error = (z[:, None] - level) / scale
    logs = (
        gammaln((freedom + 1) / 2)
        - gammaln(freedom / 2)
        - 0.5 * math.log(freedom * math.pi)
        - np.log(scale * spread)
        - (freedom + 1) / 2 * np.log1p(error**2 / freedom)
    )
    return _grid_table(np.where(seen[:, None], logs, 0.0), log_prior)


def _count_tables(y: Floats, model: str, exposure: npt.ArrayLike | None) -> list[tuple[str, Floats]]:
    """Gamma-Poisson, exact; or negative binomial with rate and extra variance on grids."""
    n = len(y)
    share = np.ones(n) if exposure is None else np.asarray(exposure, dtype=np.float64)
    if share.shape != y.shape or (share < 0).any() or np.isinf(share).any():
        raise BadInput("exposure", "is not one number of 0 or more for each value", "give time or share observed")
    seen = np.isfinite(y) & np.isfinite(share) & (share > 0)
    if (np.isfinite(y) & (share == 0) & (y > 0)).any():
        raise BadInput("a count above 0", "was seen where the exposure is 0", "correct the exposure")
    counts, share = np.where(seen, y, 0.0), np.where(seen, share, 0.0)
    if (counts < 0).any() or (counts != np.round(counts)).any():
        raise BadInput("values", "are not counts of 0, 1, 2, ...", "use the model normal")
    if not seen.any():
        raise BadInput("values", "hold no count with exposure above 0", "pass observed counts")
    a = 1.0
    b = float(share.sum()) / (float(counts.sum()) + 0.5)  # prior mean = the overall rate
    logs = np.where(seen, counts * np.log(np.where(seen, share, 1.0)) - gammaln(counts + 1), 0.0)
    ends = np.arange(n)[:, None] < np.arange(n + 1)[None, :]
    if model == "poisson":
        total, time, plain = (np.concatenate([[0.0], np.cumsum(v)]) for v in (counts, share, logs))
        total, time, plain = (v[None, :] - v[:-1, None] for v in (total, time, plain))
        total, time = np.where(ends, total, 0.0), np.where(ends, time, 0.0)
        table = plain + a * math.log(b) - gammaln(a) + gammaln(a + total) - (a + total) * np.log(b + time)
        return [("poisson", np.where(ends, table, -np.inf))]
    rates = np.exp(np.linspace(-5.0, 2.5, 121)) * a / b
    log_prior = a * np.log(rates) - b * rates
    log_prior -= logsumexp(log_prior)
    mean = share[:, None] * rates
    tables = []
    for size in (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0):
        with np.errstate(divide="ignore", invalid="ignore"):
            cell = (
                gammaln(counts + size)[:, None]
                - gammaln(size)
                - gammaln(counts + 1)[:, None]
                + size * np.log(size / (size + mean))
                + np.where(counts[:, None] > 0, counts[:, None] * np.log(mean / (size + mean)), 0.0)
            )
        tables.append((f"negative_binomial, size {size:g}", _grid_table(np.where(seen[:, None], cell, 0.0), log_prior)))
    return tables

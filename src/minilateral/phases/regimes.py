"""Levels that recur: hidden Markov models, and Hamilton's (1989) autoregression with a switching mean.

Card: docs/methods/phases.md. A segmentation lets every phase have a new level; here a series returns to few levels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp

from minilateral.errors import BadInput

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Regimes:
    """A fitted hidden Markov model; regimes are numbered by rising level.

    Attributes
    ----------
    emission : str
        ``gaussian`` or ``poisson``.
    levels : ndarray, shape (k,)
        Mean (gaussian) or rate per unit of exposure (poisson) of each regime.
    level_errors : ndarray, shape (k,)
        Standard errors of `levels` from the observed information; NaN where that is not positive definite.
    spreads : ndarray, shape (k,)
        Standard deviation in each regime (gaussian); NaN for counts.
    transition : ndarray, shape (k, k)
        ``transition[i, j]``: probability to go from i to j in one step.
    initial : ndarray, shape (k,)
        Probabilities at the first point.
    durations : ndarray, shape (k,)
        Expected steps in a regime, ``1 / (1 - transition[i, i])``.
    probabilities : ndarray, shape (n, k)
        Probability of each regime at each point given the whole series; rows sum to 1.
    path : ndarray, shape (n,)
        The most probable sequence of regimes (Viterbi).
    log_likelihood, bic : float
        Of the fit; lower BIC is better.
    agreeing_starts : int
        How many of the starts end within 0.01 of the best log likelihood: a low number warns of local maxima.
    """

    emission: str
    levels: Floats
    level_errors: Floats
    spreads: Floats
    transition: Floats
    initial: Floats
    durations: Floats
    probabilities: Floats = field(repr=False)
    path: Whole = field(repr=False)
    log_likelihood: float
    bic: float
    agreeing_starts: int

    @property
    def changes(self) -> tuple[int, ...]:
        """Indices at which the most probable path enters another regime."""
        return tuple(int(i) + 1 for i in np.flatnonzero(np.diff(self.path)))


def _filter(logs: Floats, transition: Floats, initial: Floats) -> tuple[Floats, Floats, Floats]:
    """Scaled forward pass of a batch: (b, n, k) log densities -> filtered, scaled densities, log likelihoods (b,)."""
    top = logs.max(axis=2, keepdims=True)
    dense = np.exp(logs - top)
    forward = np.empty((dense.shape[1], dense.shape[0], dense.shape[2]))  # by time first: the loop is what costs
    sums = np.empty(forward.shape[:2])
    state = initial
    for t, here in enumerate(np.ascontiguousarray(dense.transpose(1, 0, 2))):
        state = state * here
        sums[t] = total = np.maximum(np.add.reduce(state, axis=1), 1e-300)
        state /= total[:, None]
        forward[t] = state
        state = np.matmul(state[:, None, :], transition)[:, 0]
    sums = np.ascontiguousarray(sums.T)
    log_likelihood: Floats = np.log(sums).sum(axis=1) + top.sum(axis=(1, 2))
    return np.ascontiguousarray(forward.transpose(1, 0, 2)), dense / sums[:, :, None], log_likelihood


def _smooth(forward: Floats, scaled: Floats, transition: Floats) -> tuple[Floats, Floats]:
    """Backward pass of a batch: smoothed probabilities (b, n, k), expected transitions (b, k, k)."""
    n = forward.shape[1]
    after = np.ones((n, len(forward), forward.shape[2]))
    carried = np.ascontiguousarray(scaled.transpose(1, 0, 2))  # times what follows, from the end
    for t in range(n - 2, -1, -1):
        after[t] = np.matmul(transition, carried[t + 1][:, :, None])[:, :, 0]
        carried[t] *= after[t]
    smoothed = forward * after.transpose(1, 0, 2)
    moves = transition * (forward[:, :-1].transpose(0, 2, 1) @ carried[1:].transpose(1, 0, 2))
    return smoothed / smoothed.sum(axis=2, keepdims=True), moves


def _viterbi(logs: Floats, transition: Floats, initial: Floats) -> Whole:
    """Most probable path of one series from (n, k) log densities."""
    n, k = logs.shape
    with np.errstate(divide="ignore"):
        steps, state = np.log(transition), np.log(initial) + logs[0]
    back = np.zeros((n, k), dtype=np.int64)
    for t in range(1, n):
        options = state[:, None] + steps
        back[t] = options.argmax(axis=0)
        state = options.max(axis=0) + logs[t]
    path = np.empty(n, dtype=np.int64)
    path[-1] = int(state.argmax())
    for t in range(n - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path


def _densities(y: Floats, share: Floats, levels: Floats, spreads: Floats, counts: bool) -> Floats:
    """Log densities (b, n, k); 0 where the value is missing."""
    seen = np.isfinite(y)
    filled = np.where(seen, y, 0.0)[None, :, None]
    if counts:
        mean = np.maximum(levels[:, None, :], 1e-12) * share[None, :, None]
        logs = filled * np.log(np.where(seen[None, :, None], mean, 1.0)) - mean - gammaln(filled + 1)
    else:
        scale = spreads[:, None, :]
        logs = -0.5 * ((filled - levels[:, None, :]) / scale) ** 2 - np.log(scale) - 0.5 * math.log(2 * math.pi)
    result: Floats = np.where(seen[None, :, None], logs, 0.0)
    return result


def fit_regimes(
    values: npt.ArrayLike,
    number: int,
    *,
    emission: str = "gaussian",
    exposure: npt.ArrayLike | None = None,
    starts: int = 10,
    iterations: int = 300,
    tolerance: float = 1e-7,
    seed: int = 0,
) -> Regimes:
    """Fit a hidden Markov model by expectation-maximisation from several seeded starts, all run side by side.

    Parameters
    ----------
    values : array_like, shape (n,)
        NaN is missing: the regime goes on, nothing is observed.
    number : int
        Number of regimes, from 1.
    emission : str
        ``gaussian`` (mean and deviation of each regime) or ``poisson`` (rate of each regime).
    exposure : array_like, shape (n,), optional
        For counts: share recorded or time observed; 0 or NaN is missing.
    starts, iterations, tolerance : int, int, float
        Random starts; most sweeps; smallest gain of log likelihood that goes on.
    seed : int
        Seed of the starts.

    Returns
    -------
    Regimes

    Raises
    ------
    BadInput
        If there are too few values, or counts are not counts.

    Notes
    -----
    Baum et al. (1970); Rabiner (1989); Zucchini and MacDonald (2009) for counts. A deviation is kept above 1 % of
    that of the series, since the likelihood has no upper bound without it. BIC counts transitions, first probabilities,
    levels and deviations.

    Examples
    --------
    >>> found = fit_regimes([0.1, -0.1, 0.0, 5.1, 4.9, 5.0, 0.1, -0.1, 0.0], 2)
    >>> found.path.tolist(), [round(float(x), 2) for x in found.levels]
    ([0, 0, 0, 1, 1, 1, 0, 0, 0], [0.0, 5.0])
    """
    y = np.asarray(values, dtype=np.float64)
    counts = emission == "poisson"
    if emission not in ("gaussian", "poisson"):
        raise BadInput(repr(emission), "is no emission", "choose gaussian or poisson")
    if exposure is not None and not counts:
        raise BadInput("exposure", "has no meaning for gaussian values", "use it with counts")
    if y.ndim != 1 or np.isinf(y).any():
        raise BadInput(f"values of shape {y.shape}", "are not one finite series", "pass numbers and NaN")
    share = np.ones(len(y)) if exposure is None else np.asarray(exposure, dtype=np.float64)
    if share.shape != y.shape or (share < 0).any() or np.isinf(share).any():
        raise BadInput("exposure", "is not one number of 0 or more for each value", "give time or share observed")
    if counts:
        missing = ~(share > 0)
        if (missing & (share == 0) & (y > 0)).any():
            raise BadInput("a count above 0", "was seen where the exposure is 0", "correct the exposure")
        y, share = np.where(missing, np.nan, y), np.where(missing, 1.0, share)
        if (y < 0).any() or (y[np.isfinite(y)] % 1 != 0).any():
            raise BadInput("values", "are not counts of 0, 1, 2, ...", "use gaussian")
    seen = np.isfinite(y)
    if number < 1 or starts < 1 or seen.sum() < 3 * number:
        raise BadInput(f"{number} regimes, {int(seen.sum())} values", "need 3 values per regime", "ask for fewer")
    k = number
    rng = np.random.default_rng(seed)
    rates = y[seen] / share[seen]
    floor = max(0.01 * float(rates.std()), 1e-9 * max(1.0, float(np.abs(rates).max())))
    shares = np.sort(rng.random((starts, k)), axis=1)
    shares[0] = (np.arange(k) + 0.5) / k
    levels = np.quantile(rates, shares)
    spreads = np.full((starts, k), max(float(rates.std()) / math.sqrt(k), floor))
    stay = np.where(np.arange(starts) == 0, 0.9, rng.uniform(0.6, 0.98, starts))[:, None, None]
    transition = (
        np.where(np.eye(k, dtype=np.bool_), stay, (1 - stay) / max(k - 1, 1)) if k > 1 else np.ones((starts, 1, 1))
    )
    initial = np.full((starts, k), 1 / k)
    before = np.full(starts, -np.inf)
    filled = np.where(seen, y, 0.0)
    for _ in range(iterations):
        forward, scaled, logl = _filter(_densities(y, share, levels, spreads, counts), transition, initial)
        if (logl - before < tolerance).all():
            break
        before = logl
        smoothed, moves = _smooth(forward, scaled, transition)
        initial = smoothed[:, 0]
        moves = moves + 1e-12
        transition = moves / moves.sum(axis=2, keepdims=True)
        weights = smoothed * seen[None, :, None] + 1e-300
        mass = np.maximum(weights.sum(axis=1), 1e-12)
        if counts:
            levels = (weights * filled[None, :, None]).sum(axis=1) / np.maximum(
                (weights * share[None, :, None]).sum(axis=1), 1e-12
            )
        else:
            levels = (weights * filled[None, :, None]).sum(axis=1) / mass
            errors = (filled[None, :, None] - levels[:, None, :]) ** 2
            spreads = np.maximum(np.sqrt((weights * errors).sum(axis=1) / mass), floor)
    _, _, logl = _filter(_densities(y, share, levels, spreads, counts), transition, initial)
    best = int(np.argmax(logl))
    order = np.argsort(levels[best], kind="stable")
    level, spread = levels[best][order], spreads[best][order]
    moving, first = transition[best][np.ix_(order, order)], initial[best][order]
    dense = _densities(y, share, level[None], spread[None], counts)
    forward, scaled, total = _filter(dense, moving[None], first[None])
    smoothed, _ = _smooth(forward, scaled, moving[None])
    free = k * (k - 1) + (k - 1) + k * (1 if counts else 2)
    with np.errstate(divide="ignore"):
        durations = 1 / (1 - np.diag(moving))
    return Regimes(
        emission=emission,
        levels=level,
        level_errors=_level_errors(y, share, level, spread, moving, first, counts),
        spreads=np.full(k, np.nan) if counts else spread,
        transition=moving,
        initial=first,
        durations=durations,
        probabilities=smoothed[0],
        path=_viterbi(dense[0], moving, first),
        log_likelihood=float(total[0]),
        bic=float(-2 * total[0] + free * math.log(int(seen.sum()))),
        agreeing_starts=int((logl > logl[best] - 0.01).sum()),
    )


def choose_regimes(
    values: npt.ArrayLike,
    numbers: Sequence[int] = (1, 2, 3, 4),
    *,
    emission: str = "gaussian",
    exposure: npt.ArrayLike | None = None,
    starts: int = 10,
    seed: int = 0,
) -> tuple[Regimes, ...]:
    """Fit models with different numbers of regimes, lowest BIC first.

    Notes
    -----
    Schwarz (1978). The likelihood ratio has no standard law here (a parameter is not identified under the smaller
    model); BIC is a guide, not a test.

    Examples
    --------
    >>> ranked = choose_regimes([0, 1, 0, 0, 1, 9, 8, 10, 9, 8, 0, 0, 1, 0], (1, 2), emission="poisson")
    >>> [len(r.levels) for r in ranked]
    [2, 1]
    """
    fits = [
        fit_regimes(values, k, emission=emission, exposure=exposure, starts=starts, seed=seed)
        for k in sorted(set(numbers))
    ]
    return tuple(sorted(fits, key=lambda r: (r.bic, len(r.levels))))


def _errors(log_likelihood: Callable[[Floats], Floats], best: Floats) -> Floats:
    """Standard errors from the numerical Hessian of a batched log likelihood; NaN unless it is negative definite."""
    m = len(best)
    step = 1e-4 * np.maximum(np.abs(best), 0.1)
    pairs = [(i, j) for i in range(m) for j in range(i, m)]
    points = np.empty((len(pairs), 4, m))
    for row, (i, j) in enumerate(pairs):
        for column, (a, b) in enumerate(((1, 1), (1, -1), (-1, 1), (-1, -1))):
            points[row, column] = best
            points[row, column, i] += a * step[i]
            points[row, column, j] += b * step[j]
    found = log_likelihood(points.reshape(-1, m)).reshape(len(pairs), 4)
    hessian = np.empty((m, m))
    for (i, j), f in zip(pairs, found, strict=True):
        hessian[i, j] = hessian[j, i] = (f[0] - f[1] - f[2] + f[3]) / (4 * step[i] * step[j])
    if not np.isfinite(hessian).all() or np.linalg.eigvalsh(hessian).max() >= 0:
        return np.full(m, np.nan)
    try:
        result: Floats = np.sqrt(np.diag(np.linalg.inv(-hessian)))
    except np.linalg.LinAlgError:  # flat to the last digit
        return np.full(m, np.nan)
    return result


def _level_errors(
    y: Floats, share: Floats, level: Floats, spread: Floats, moving: Floats, first: Floats, counts: bool
) -> Floats:
    """Standard errors of the levels, the other parameters estimated too; transitions as log odds to staying."""
    k = len(level)
    off = ~np.eye(k, dtype=np.bool_)
    used = off & (moving > 1e-6)  # a transition never made has no information
    odds = np.log(moving[used] / np.diag(moving).repeat(k).reshape(k, k)[used]) if k > 1 else np.zeros(0)
    if not np.isfinite(odds).all():
        return np.full(k, np.nan)
    scale = np.zeros(0) if counts else np.log(spread)

    def likelihood(points: Floats) -> Floats:
        b = len(points)
        spreads = np.ones((b, k)) if counts else np.exp(points[:, k : 2 * k])
        rows = np.full((b, k, k), -np.inf)
        rows[:, np.arange(k), np.arange(k)] = 0.0
        rows[:, used] = points[:, k + len(scale) :]
        steps = np.exp(rows - logsumexp(rows, axis=2, keepdims=True))
        return _filter(_densities(y, share, points[:, :k], spreads, counts), steps, np.tile(first, (b, 1)))[2]

    return _errors(likelihood, np.concatenate([level, scale, odds]))[:k]


@dataclass(frozen=True, slots=True)
class SwitchingMean:
    """Hamilton's (1989) autoregression around a mean that switches between two regimes (0 low, 1 high).

    Attributes
    ----------
    means : ndarray, shape (2,)
        Mean of the series in each regime.
    variance : float
        Variance of innovations.
    autoregression : ndarray, shape (lags,)
        Coefficients on past deviations from the mean of their own regime.
    stay : ndarray, shape (2,)
        Probability to remain in regime 0, in regime 1.
    durations : ndarray, shape (2,)
        Expected steps in each.
    errors : ndarray, shape (5 + lags,)
        Standard errors of stay, means, variance, autoregression in this order (observed information).
    probabilities : ndarray, shape (n - lags,)
        Probability of regime 0 at each point from the first with all lags, given the whole series.
    log_likelihood : float
        Conditional on the first ``lags`` values.
    agreeing_starts : int
        How many starts end within 0.01 of the best.
    """

    means: Floats
    variance: float
    autoregression: Floats
    stay: Floats
    durations: Floats
    errors: Floats
    probabilities: Floats = field(repr=False)
    log_likelihood: float
    agreeing_starts: int


def _paths(lags: int) -> tuple[Whole, Floats]:
    """Regimes now and at each lag for the 2 ** (lags + 1) composite states; which can follow which."""
    size = 2 ** (lags + 1)
    bits = (np.arange(size)[:, None] >> np.arange(lags, -1, -1)) & 1  # column 0 now, column j at lag j
    follows = (bits[None, :, 1:] == bits[:, None, :-1]).all(axis=2).astype(np.float64)
    return bits, follows


def _hamilton_parts(points: Floats, y: Floats, lags: int) -> tuple[Floats, Floats, Floats]:
    """Log densities, transitions, initial law of the composite states for a (b, 5 + lags) batch of parameters."""
    bits, follows = _paths(lags)
    stay, means, variance, phi = points[:, :2], points[:, 2:4], points[:, 4], points[:, 5:]
    moves = np.empty((len(points), 2, 2))
    moves[:, 0, 0], moves[:, 0, 1], moves[:, 1, 1], moves[:, 1, 0] = (
        stay[:, 0],
        1 - stay[:, 0],
        stay[:, 1],
        1 - stay[:, 1],
    )
    low = (1 - stay[:, 1]) / (2 - stay.sum(axis=1))
    law = np.stack([low, 1 - low], axis=1)[:, bits[:, -1]]  # oldest lag from the stationary law, then forward
    for lag in range(lags, 0, -1):
        law = law * moves[:, bits[:, lag], bits[:, lag - 1]]
    transition = follows[None] * moves[:, bits[:, 0]][:, :, bits[:, 0]]
    lagged = np.stack([y[lags - j : len(y) - j] for j in range(lags + 1)], axis=1)  # (n - lags, lags + 1)
    weights = np.concatenate([np.ones((len(points), 1)), -phi], axis=1)
    error = (lagged @ weights.T).T[:, :, None] - (means[:, bits] * weights[:, None, :]).sum(axis=2)[:, None, :]
    logs = -0.5 * error**2 / variance[:, None, None] - 0.5 * np.log(2 * math.pi * variance)[:, None, None]
    return logs, transition, law


def fit_switching_mean(values: npt.ArrayLike, *, lags: int = 4, starts: int = 6, seed: int = 0) -> SwitchingMean:
    """Fit ``y_t - mu(s_t) = sum_j phi_j (y_{t-j} - mu(s_{t-j})) + e_t`` by maximum likelihood.

    Parameters
    ----------
    values : array_like, shape (n,)
        Without gaps.
    lags : int
        Order of the autoregression, 0 to 6: the filter runs over ``2 ** (lags + 1)`` composite states.
    starts, seed : int
        Seeded starts of the climb.

    Returns
    -------
    SwitchingMean

    Raises
    ------
    BadInput
        If values are missing or too few.

    Notes
    -----
    Hamilton (1989), Econometrica 57, 357-384; smoothing over composite states. The law of the first composite state is
    the stationary one of the chain. The stationarity of the autoregression is not imposed.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> fit = fit_switching_mean(np.repeat([0.0, 4.0, 0.0, 4.0], 20) + rng.normal(0, 0.5, 80), lags=1, starts=2)
    >>> [round(float(m)) for m in fit.means]
    [0, 4]
    """
    y = np.asarray(values, dtype=np.float64)
    if not 0 <= lags <= 6:
        raise BadInput(f"{lags} lags", "are not 0 to 6", "the states double with each lag")
    if y.ndim != 1 or not np.isfinite(y).all() or len(y) < 10 + 3 * lags:
        raise BadInput(
            f"values of shape {y.shape}", "have gaps or are too few", "pass an unbroken series, or fit_regimes"
        )
    from scipy.optimize import minimize  # which no study needs

    centre, spread = float(y.mean()), float(y.std()) or 1.0
    z = (y - centre) / spread

    def natural(raw: Floats) -> Floats:
        stay = 1 / (1 + np.exp(-raw[:, :2]))
        result: Floats = np.column_stack(
            [stay, raw[:, 2], raw[:, 2] + np.exp(raw[:, 3]), np.exp(raw[:, 4]), raw[:, 5:]]
        )
        return result

    def likelihood(points: Floats) -> Floats:
        return _filter(*_hamilton_parts(points, z, lags))[2]

    m = 5 + lags
    offsets = np.concatenate([np.zeros((1, m)), 1e-5 * np.eye(m), -1e-5 * np.eye(m)])

    def climb(raw: Floats) -> tuple[float, Floats]:
        found = likelihood(natural(np.clip(raw, -30, 30) + offsets))
        return -float(found[0]), -(found[1 : m + 1] - found[m + 1 :]) / 2e-5

    rng = np.random.default_rng(seed)
    ends = []
    for number in range(starts):
        raw = np.zeros(m)
        raw[:5] = [1.5, 1.5, -1.0, 0.4, -0.5]
        if number:
            raw += rng.normal(0, 0.7, m) * np.concatenate([[1, 1, 1, 1, 0.5], np.full(lags, 0.3)])
        end = minimize(climb, raw, jac=True, method="L-BFGS-B", options={"maxiter": 300, "ftol": 1e-12, "gtol": 1e-6})
        ends.append((float(-end.fun), end.x))
    logls = np.array([e[0] for e in ends])
    best = natural(ends[int(np.argmax(logls))][1][None])
    logs, transition, law = _hamilton_parts(best, z, lags)
    forward, scaled, total = _filter(logs, transition, law)
    smoothed, _ = _smooth(forward, scaled, transition)
    point = best[0]
    size = np.array([1, 1, spread, spread, spread**2, *([1] * lags)])
    low = _paths(lags)[0][:, 0] == 0
    return SwitchingMean(
        means=centre + spread * point[2:4],
        variance=float(point[4]) * spread**2,
        autoregression=point[5:],
        stay=point[:2],
        durations=1 / (1 - point[:2]),
        errors=_errors(likelihood, point) * size,
        probabilities=smoothed[0][:, low].sum(axis=1),
        log_likelihood=float(total[0]) - (len(y) - lags) * math.log(spread),
        agreeing_starts=int((logls > logls.max() - 0.01).sum()),
    )

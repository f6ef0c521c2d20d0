"""Two latent dimensions from mixed yearly indicators, with much missing. Card: docs/methods/dimensions.md.

Numbers only: this module knows neither the record nor the indicators' meaning.

The model, for group g, year t, dimension j and indicator k, which loads on one dimension j(k) alone::

    f[g,t,j] = phi_j f[g,t-1,j] + eta,   var(eta) = 1 - phi_j^2,   f[g,0,j] ~ N(0, 1)
    count       y ~ NegBin(mean = exposure exp(tau_k + lambda_k f), size = r_k)
    binary      P(y = 1) = Phi(lambda_k f - c_k1)
    ordinal     P(y <= m) = Phi(c_km - lambda_k f)
    continuous  z = tau_k + lambda_k f + e,   e ~ N(0, sigma_k^2),   z the standardised value
    share       as continuous, after the logit

Parameters are shared by all groups. Loadings of anchors are positive, which fixes the sign; the stationary variance
of 1 fixes the scale. A missing value is absent from the likelihood; a structural zero is a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logit, ndtr, ndtri

from minilateral.errors import BadInput, NoEvidence

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Kind = Literal["count", "ordinal", "binary", "share", "continuous"]

KINDS: Final = ("count", "ordinal", "binary", "share", "continuous")
MOST_LEVELS: Final = 12  # an ordinal indicator with more levels is as good as continuous
PHI_GRID: Final = np.round(np.arange(0.50, 0.9901, 0.01), 2)  # uniform prior on these values
LOADING_SD: Final = {"count": 1.0, "ordinal": 1.5, "binary": 1.5, "share": 1.0, "continuous": 1.0}
INTERCEPT_SD: Final = {"count": 2.0, "ordinal": 3.0, "binary": 3.0, "share": 1.0, "continuous": 1.0}
VARIANCE_SHAPE: Final = 2.0  # sigma^2 ~ inverse gamma(2, 0.5), of a standardised value: keeps sigma off 0 (Heywood)
VARIANCE_RATE: Final = 0.5
LOG_SIZE_MEAN: Final = float(np.log(4.0))  # log r ~ N(log 4, 1): the rate varies by about 50 %, from 20 % to 150 %
LOG_SIZE_SD: Final = 1.0
_LIMIT: Final = 25.0  # beyond 25 standard deviations a probit is flat
_DF: Final = 7.0  # degrees of freedom of proposals for coefficients


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Indicators of a panel of groups, checked.

    Parameters
    ----------
    values : array [G, T, K]
        NaN is missing. Counts: whole numbers of at least 0. Binary: 0 or 1. Ordinal: whole numbers of at least 0, of
        which only the order counts. Share: strictly between 0 and 1. Continuous: any finite number.
    kinds : sequence of str, length K
        One of `KINDS` for each indicator.
    factor : int array [K]
        The dimension on which an indicator loads: 0 institutionalisation, 1 functionalisation.
    anchors : bool array [K]
        Indicators whose loading is positive by definition. Each dimension needs one.
    exposure : array [G, T, K] or None
        Of counts: time at risk times the share recorded, above 0 wherever a count is observed. 1 or NaN elsewhere.
    applies : bool array [G, T] or None
        False where the group did not exist yet or any more: values there must be NaN, and results are NaN.
    names : sequence of str, length K, or empty
        For messages and keys; `0`, `1`, ... if empty.

    Raises
    ------
    BadInput
        With the first value that breaks a rule.

    Examples
    --------
    >>> panel = Panel([[[1.0], [0.0], [float("nan")]]], ["binary"], [0], [True])
    >>> panel.shape
    (1, 3, 1)
    """

    values: Floats
    kinds: tuple[Kind, ...]
    factor: Ints
    anchors: Bools
    exposure: Floats | None = None
    applies: Bools | None = None
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        values = _floats(self.values, "values")
        if values.ndim != 3 or not values.size:
            raise BadInput(f"values of shape {values.shape}", "are not groups x years x indicators", "pass [G, T, K]")
        n = values.shape[2]
        kinds = tuple(self.kinds)
        for kind in kinds:
            if kind not in KINDS:
                raise BadInput(repr(kind), "is not a kind of indicator", f"choose one of {', '.join(KINDS)}")
        raw = _floats(self.factor, "factor")
        anchors = np.array(self.anchors, dtype=np.bool_)
        names = tuple(self.names) or tuple(str(k) for k in range(n))
        lengths = {"kinds": len(kinds), "factor": raw.size, "anchors": anchors.size, "names": len(names)}
        for field, length in lengths.items():
            if length != n:
                raise BadInput(f"{field} of length {length}", f"does not fit {n} indicators", "give one per indicator")
        if len(set(names)) != n:
            raise BadInput("names", "are not unique", "give each indicator a name of its own")
        if not np.isin(raw, (0.0, 1.0)).all():
            raise BadInput(f"factor {raw.tolist()}", "has a value other than 0 and 1", "give each its dimension")
        factor = raw.astype(np.int64)
        for j in np.unique(factor):
            if not anchors[factor == j].any():
                raise BadInput(f"dimension {j}", "has no anchor: its sign is open", "mark an indicator as an anchor")
        exposure = None if self.exposure is None else _exposure(self.exposure, values, kinds, names)
        applies = None if self.applies is None else np.array(self.applies, dtype=np.bool_)
        if applies is not None:
            if applies.shape != values.shape[:2]:
                raise BadInput(f"applies of shape {applies.shape}", "is not groups x years", "pass [G, T]")
            if np.isfinite(values[~applies]).any():
                raise BadInput("a value", "stands where the group does not apply", "make it NaN or mend `applies`")
        for k in range(n):
            _check_indicator(values[:, :, k], kinds[k], names[k])
        settled = {"values": values, "kinds": kinds, "factor": factor, "anchors": anchors.reshape(-1)}
        for field, value in {**settled, "exposure": exposure, "applies": applies, "names": names}.items():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            object.__setattr__(self, field, value)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Groups, years, indicators."""
        g, t, k = self.values.shape
        return g, t, k


def _floats(value: object, field: str) -> Floats:
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(field, "is not an array of numbers", "pass numbers, NaN for missing") from error


def _exposure(given: object, values: Floats, kinds: Sequence[str], names: Sequence[str]) -> Floats:
    exposure = _floats(given, "exposure")
    if exposure.shape != values.shape:
        raise BadInput(
            f"exposure of shape {exposure.shape}", f"is not that of values, {values.shape}", "pass [G, T, K]"
        )
    for k, (kind, name) in enumerate(zip(kinds, names, strict=True)):
        part, seen = exposure[:, :, k], ~np.isnan(values[:, :, k])
        if kind == "count":
            bad = seen & ~(np.isfinite(part) & (part > 0))
            rule, out = "is not above 0 where a count is observed", "make the count NaN where nothing was at risk"
        else:
            bad = ~np.isnan(part) & (part != 1)
            rule, out = "is given for an indicator that is not a count", "pass 1 there"
        if bad.any():
            raise BadInput(f"exposure {part[bad][0]:g} of {name}", rule, out)
    return exposure


def _check_indicator(values: Floats, kind: str, name: str) -> None:
    seen = values[~np.isnan(values)]
    whole = (lambda v: np.isfinite(v) & (v >= 0) & (v == np.floor(v)), "is not a whole number of at least 0")
    rules: dict[str, tuple[Callable[[Floats], Bools], str]] = {
        "count": whole,
        "ordinal": whole,
        "binary": (lambda v: (v == 0) | (v == 1), "is neither 0 nor 1"),
        "share": (lambda v: (v > 0) & (v < 1), "is not strictly between 0 and 1"),
        "continuous": (np.isfinite, "is not finite"),
    }
    good, rule = rules[kind]
    bad = seen[~good(seen)]
    if bad.size:
        out = "shrink 0 and 1 inwards, (y (n - 1) + 1/2) / n, or pass counts" if kind == "share" else "NaN is missing"
        raise BadInput(f"{bad[0]:g} of {name} ({kind})", rule, out)
    if kind == "ordinal" and np.unique(seen).size > MOST_LEVELS:
        raise BadInput(
            f"{np.unique(seen).size} levels of {name}", f"are more than {MOST_LEVELS}", "pass it as continuous"
        )


@dataclass(frozen=True, slots=True, eq=False)
class FactorFit:
    """A point estimate.

    Parameters
    ----------
    mean, sd : array [G, T, 2]
        Of f, given the parameters: `sd` leaves out that the parameters are uncertain. Prior mean 0 and sd 1 where
        nothing is observed, NaN where the group does not apply.
    n : int array [G, T, 2]
        Indicators observed.
    loading, intercept, noise : array [K]
        lambda; tau (NaN for binary and ordinal); sigma of the standardised value, or size r of a count, else NaN.
        NaN for an unused indicator.
    cutpoints : array [K, levels - 1]
        Of binary and ordinal indicators, else NaN.
    phi : array [2]
    objective : array [iterations]
        The lower bound of the log marginal posterior, after each iteration: never falls.
    converged : bool
    unused : dict
        Name of an indicator that takes no part -> why.
    """

    mean: Floats
    sd: Floats
    n: Ints
    loading: Floats
    intercept: Floats
    noise: Floats
    cutpoints: Floats
    phi: Floats
    objective: Floats
    converged: bool
    unused: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class FactorDraws:
    """Draws from the posterior. C chains, D draws each.

    Parameters
    ----------
    f : array [C, D, G, T, 2]
    loading, intercept, noise : array [C, D, K]
        As in `FactorFit`.
    cutpoints : array [C, D, K, levels - 1]
    phi : array [C, D, 2]
    rhat, ess : dict
        `f` [G, T, 2], `loading` [K], `phi` [2], ...: rank-normalised split R-hat, and bulk effective sample size.
    acceptance : dict
        Share of `paths` that move at the first try, and of `coefficients` that move: 1 is an exact draw.
    converged : bool
        R-hat of every f and phi is at most 1.02 and their effective sample size at least 100 a chain.
    unused : dict
        As in `FactorFit`.
    """

    f: Floats
    loading: Floats
    intercept: Floats
    noise: Floats
    cutpoints: Floats
    phi: Floats
    rhat: dict[str, Floats]
    ess: dict[str, Floats]
    acceptance: dict[str, float]
    converged: bool
    unused: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """Posterior mean and equal-tailed interval of f, each [G, T, 2], at probability `level`."""

    mean: Floats
    low: Floats
    high: Floats
    level: float


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """What each indicator adds to the point estimate of f.

    Parameters
    ----------
    part : array [G, T, K]
        Sums over the indicators of a dimension to `FactorFit.mean`: the gain of the linearised smoother times the
        indicator's distance from its intercept. NaN for an unused indicator.
    shift : array [G, T, K]
        f with all indicators less f without this one, the parameters kept.
    """

    part: Floats
    shift: Floats


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """A refit without a set: `fit`; `shift` [G, T, 2], the full f less this one; `promoted`, new anchors by name."""

    fit: FactorFit
    shift: Floats
    promoted: tuple[str, ...]


# ---- the observed cells ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Observed cells, sorted by class (Gaussian, count, ordinal), indicator and level; f is flat: ((g, j), t)."""

    groups: int
    years: int
    used: Ints  # [A] indicators that take part, in this order
    factor: Ints  # [A]
    anchors: Bools  # [A]
    linear: Bools  # [A] not ordinal
    y: Floats  # [N]
    offset: Floats  # [N] log exposure
    at: Ints  # [N] place in f
    k: Ints  # [N] place in `used`
    ends: tuple[int, int]  # of the Gaussian and of the count cells
    starts: Ints  # [Q] first cell of each run of one indicator and level
    run_k: Ints  # [Q]
    run_level: Ints  # [Q] -1 where linear
    prior_mean: Floats  # [A, P]
    prior_sd: Floats  # [A, P]
    mask: Bools  # [A, P] coefficients in use: loading, then intercept or cutpoints
    n: Ints  # [G, T, 2]
    unused: dict[str, str]

    @property
    def series(self) -> int:
        return 2 * self.groups

    @property
    def size(self) -> int:
        return self.series * self.years


def _standard(values: Floats, kind: str) -> Floats:
    """Values on the scale on which an indicator is linear in f: standardised where it is Gaussian."""
    z = logit(values) if kind == "share" else values
    seen = z[~np.isnan(z)]
    return np.asarray((z - seen.mean()) / seen.std())


def _levels(values: Floats) -> Floats:
    """Ordinal values as ranks 0, 1, ... of the levels that occur."""
    seen = np.unique(values[~np.isnan(values)])
    return np.where(np.isnan(values), np.nan, np.searchsorted(seen, values))


def _arrange(panel: Panel) -> _Cells:
    groups, years, n_all = panel.shape
    unused: dict[str, str] = {}
    blocks: list[tuple[int, int, Floats]] = []
    for k in range(n_all):
        v, kind = panel.values[:, :, k], panel.kinds[k]
        seen = v[~np.isnan(v)]
        if not seen.size:
            unused[panel.names[k]] = "never observed"
        elif np.ptp(seen) <= 1e-12 * max(1.0, float(np.abs(seen).max())):
            unused[panel.names[k]] = "never varies"
        else:
            order = {"continuous": 0, "share": 0, "count": 1}.get(kind, 2)
            blocks.append((order, k, v if order == 1 else _standard(v, kind) if order == 0 else _levels(v)))
    blocks.sort(key=lambda b: b[:2])
    used = np.array([k for _, k, _ in blocks], dtype=np.int64)
    for j in np.unique(panel.factor[used]):
        if not panel.anchors[used][panel.factor[used] == j].any():
            idle = [n for n, k in zip(panel.names, range(n_all), strict=True) if panel.anchors[k] and n in unused]
            raise NoEvidence(
                f"dimension {j}", f"has no anchor that varies ({', '.join(idle)} do not)", "name another anchor"
            )
    most = max((int(np.nanmax(v)) for o, _, v in blocks if o == 2), default=1)
    size = 1 + max(most, 1)
    mean, sd = np.zeros((used.size, size)), np.ones((used.size, size))
    mask = np.zeros((used.size, size), dtype=np.bool_)
    ys: list[Floats] = []
    offsets: list[Floats] = []
    ats: list[Ints] = []
    ks: list[Ints] = []
    levels: list[Ints] = []
    for a, (order, k, v) in enumerate(blocks):
        g, t = np.nonzero(~np.isnan(v))
        y = v[g, t]
        level = y.astype(np.int64) if order == 2 else np.full(y.size, -1)
        offset = np.zeros(y.size)
        if order == 1 and panel.exposure is not None:
            offset = np.log(panel.exposure[g, t, k])
        by = np.argsort(level, kind="stable")
        ys.append(y[by])
        offsets.append(offset[by])
        ats.append(((2 * g + panel.factor[k]) * years + t)[by])
        ks.append(np.full(y.size, a))
        levels.append(level[by])
        width = 1 + (int(y.max()) if order == 2 else 1)
        mask[a, :width] = True
        sd[a, 0] = LOADING_SD[panel.kinds[k]]
        sd[a, 1:width] = INTERCEPT_SD[panel.kinds[k]]
        if order == 1:
            mean[a, 1] = np.log((y.sum() + 0.5) / np.exp(offset).sum())
    y, place = np.concatenate([np.zeros(0), *ys]), np.concatenate([np.zeros(0, dtype=np.int64), *ks])
    level = np.concatenate([np.zeros(0, dtype=np.int64), *levels])
    orders = np.array([b[0] for b in blocks], dtype=np.int64)
    ends = (int((orders[place] == 0).sum()), int((orders[place] <= 1).sum()))
    change = np.ones(y.size, dtype=np.bool_)
    change[1:] = (np.diff(place) != 0) | (np.diff(level) != 0)
    starts = np.flatnonzero(change)
    n = np.zeros((groups, years, 2), dtype=np.int64)
    for j in range(2):
        n[:, :, j] = (~np.isnan(panel.values[:, :, used[panel.factor[used] == j]])).sum(axis=2)
    return _Cells(
        groups=groups,
        years=years,
        used=used,
        factor=panel.factor[used],
        anchors=panel.anchors[used],
        linear=orders < 2,
        y=y,
        offset=np.concatenate([np.zeros(0), *offsets]),
        at=np.concatenate([np.zeros(0, dtype=np.int64), *ats]),
        k=place,
        ends=ends,
        starts=starts,
        run_k=place[starts],
        run_level=level[starts],
        prior_mean=mean,
        prior_sd=sd,
        mask=mask,
        n=n,
        unused=unused,
    )


# ---- likelihood of cells: C is an axis of chains, or of quadrature nodes ------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Terms:
    """Of each cell [C, N]: score and information in eta; of ordinal cells, first and second in two cutpoints."""

    score: Floats
    info: Floats
    upper: Floats
    lower: Floats
    upper2: Floats
    lower2: Floats
    cross: Floats


def _edges(cells: _Cells, theta: Floats) -> tuple[Floats, Floats]:
    """Upper and lower cutpoint of each ordinal cell, [C, N2]."""
    pad = np.full((*theta.shape[:2], 1), 2e3)
    cuts = np.concatenate([-pad, np.where(cells.mask[:, 1:], theta[:, :, 1:], 1e3), pad], axis=2)
    here = cells.k[cells.ends[1] :] * cuts.shape[2] + cells.y[cells.ends[1] :].astype(np.int64)
    flat = cuts.reshape(theta.shape[0], -1)
    return flat[:, here + 1], flat[:, here]


def _linear_part(cells: _Cells, f: Floats, theta: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """Linear predictor and noise of Gaussian and count cells, [C, N1]."""
    k = cells.k[: cells.ends[1]]
    eta = cells.offset[: cells.ends[1]] + theta[:, k, 1] + theta[:, k, 0] * f[:, : cells.ends[1]]
    eta[:, cells.ends[0] :] = np.clip(eta[:, cells.ends[0] :], -50.0, 50.0)
    return eta, noise[:, k]


def _probit_part(cells: _Cells, f: Floats, theta: Floats) -> tuple[Floats, Floats, Floats]:
    """Distances b and a of ordinal cells from their cutpoints, and Phi(b) - Phi(a), [C, N2]."""
    signal = theta[:, cells.k[cells.ends[1] :], 0] * f[:, cells.ends[1] :]
    upper, lower = _edges(cells, theta)
    b, a = np.clip(upper - signal, -_LIMIT, _LIMIT), np.clip(lower - signal, -_LIMIT, _LIMIT)
    flip = a > 0
    return b, a, np.maximum(ndtr(np.where(flip, -a, b)) - ndtr(np.where(flip, -b, a)), 1e-200)


def _log_likelihood(cells: _Cells, f: Floats, theta: Floats, noise: Floats, sizes: bool = False) -> Floats:
    """Of each cell [C, N]; `f` is given at the cells [C, N], `theta` [C, A, P], `noise` [C, A].

    Without `sizes`, terms of counts that depend on their noise alone are left out.
    """
    first, second = cells.ends
    log = np.empty(f.shape)
    if second:
        eta, scale = _linear_part(cells, f, theta, noise)
        s = scale[:, :first]
        gap = (cells.y[:first] - eta[:, :first]) / s
        log[:, :first] = -0.5 * gap * gap - np.log(s)
        y, r, e = cells.y[first:second], scale[:, first:], eta[:, first:]
        log[:, first:second] = y * e - (y + r) * np.log(r + np.exp(e))
        if sizes:
            log[:, first:second] += r * np.log(r) + gammaln(y + r) - gammaln(r)
    if second < f.shape[1]:
        log[:, second:] = np.log(_probit_part(cells, f, theta)[2])
    return log


def _derivatives(cells: _Cells, f: Floats, theta: Floats, noise: Floats) -> _Terms:
    """Of the log likelihood of each cell, in eta and in the cutpoints; shapes as in `_log_likelihood`."""
    first, second = cells.ends
    score, info = np.empty(f.shape), np.empty(f.shape)
    if second:
        eta, scale = _linear_part(cells, f, theta, noise)
        s = scale[:, :first]
        info[:, :first] = 1 / (s * s)
        score[:, :first] = (cells.y[:first] - eta[:, :first]) * info[:, :first]
        y, r, mu = cells.y[first:second], scale[:, first:], np.exp(eta[:, first:])
        part = r / (r + mu)
        score[:, first:second] = part * (y - mu)
        info[:, first:second] = (y + r) * part * (1 - part)
    if second == f.shape[1]:
        none = np.zeros((f.shape[0], 0))
        return _Terms(score, info, none, none, none, none, none)
    b, a, p = _probit_part(cells, f, theta)
    scaled = np.sqrt(2 * np.pi) * p
    pb, pa = np.exp(-0.5 * b * b) / scaled, np.exp(-0.5 * a * a) / scaled
    upper2, lower2, cross = -b * pb - pb * pb, a * pa - pa * pa, pa * pb
    score[:, second:] = pa - pb
    info[:, second:] = np.maximum(-(upper2 + lower2 + 2 * cross), 1e-12)
    return _Terms(score, info, pb, -pa, upper2, lower2, cross)


def _runs(cells: _Cells, values: Floats) -> Floats:
    """Sums over runs, [C, Q]."""
    return np.add.reduceat(values, cells.starts, axis=1)


def _by_indicator(cells: _Cells, values: Floats) -> Floats:
    """Sums over cells by indicator, [C, A]."""
    firsts = np.flatnonzero(np.r_[True, np.diff(cells.k) != 0])
    return np.add.reduceat(values, firsts, axis=1)


def _to_f(cells: _Cells, values: Floats, per_series: bool = False) -> Floats:
    """Sums over cells by place in f, [C, F], or by series, [C, S]."""
    at, size = (cells.at // cells.years, cells.series) if per_series else (cells.at, cells.size)
    chains = values.shape[0]
    index = (np.arange(chains)[:, None] * size + at).ravel()
    return _tally(index, values.ravel(), chains * size).reshape(chains, size)


def _tally(index: Ints, weights: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(index, weights=weights, minlength=size), dtype=np.float64)


def _slopes(cells: _Cells, f: Floats, terms: _Terms, prior: bool = True) -> tuple[Floats, Floats]:
    """Gradient, without the prior, and information [C, A, P, P] of the coefficients."""
    chains, (n_used, size), second = f.shape[0], cells.prior_mean.shape, cells.ends[1]
    gradient, info = np.zeros((chains, n_used, size)), np.zeros((chains, n_used, size, size))
    gradient[:, :, 0] = _by_indicator(cells, f * terms.score)
    info[:, :, 0, 0] = _by_indicator(cells, f * f * terms.info)
    lin = cells.run_level < 0
    k = cells.run_k[lin]
    score, weight, cross = (_runs(cells, v)[:, lin] for v in (terms.score, terms.info, f * terms.info))
    gradient[:, k, 1] = score
    info[:, k, 1, 1] = weight
    info[:, k, 0, 1] = info[:, k, 1, 0] = cross
    if second < f.shape[1]:
        fo = f[:, second:]
        starts = cells.starts[~lin] - second
        sums = [
            np.add.reduceat(v, starts, axis=1)
            for v in (
                terms.upper, terms.lower, terms.upper2, terms.lower2, terms.cross,
                fo * (terms.upper2 + terms.cross), fo * (terms.lower2 + terms.cross),
            )
        ]  # fmt: skip
        k, level = cells.run_k[~lin], cells.run_level[~lin]
        top = cells.mask[k, np.minimum(level + 1, size - 1)] & (level + 1 < size)
        low = level > 0
        both = top & low
        kt, ct, kl, cl = k[top], level[top] + 1, k[low], level[low]
        gradient[:, kt, ct] += sums[0][:, top]
        gradient[:, kl, cl] += sums[1][:, low]
        info[:, kt, ct, ct] -= sums[2][:, top]
        info[:, kl, cl, cl] -= sums[3][:, low]
        kb, cb = k[both], level[both] + 1
        info[:, kb, cb, cb - 1] -= sums[4][:, both]
        info[:, kb, cb - 1, cb] -= sums[4][:, both]
        info[:, kt, 0, ct] += sums[5][:, top]
        info[:, kt, ct, 0] += sums[5][:, top]
        info[:, kl, 0, cl] += sums[6][:, low]
        info[:, kl, cl, 0] += sums[6][:, low]
    if prior:
        index = np.arange(size)
        info[:, :, index, index] += 1 / cells.prior_sd**2
    return gradient, info


def _log_prior(cells: _Cells, theta: Floats) -> Floats:
    """Of the coefficients by indicator, [C, A]; minus infinity where an anchor or the order of cutpoints breaks."""
    gap = np.where(cells.mask, (theta - cells.prior_mean) / cells.prior_sd, 0.0)
    value = -0.5 * (gap * gap).sum(axis=2)
    bad = cells.anchors & (theta[:, :, 0] <= 0)
    if theta.shape[2] > 2:
        falls = (np.diff(theta[:, :, 1:], axis=2) <= 0) & cells.mask[:, 2:]
        bad = bad | falls.any(axis=2)
    return np.where(bad, -np.inf, value)


# ---- the path of f: a Gaussian with tridiagonal precision ----------------------------------------------------------


def _prior_precision(phi: Floats, years: int) -> tuple[Floats, Floats]:
    """Diagonal [T, B] and off-diagonal [B] of the precision of a stationary AR(1) with variance 1; `phi` [B]."""
    if years == 1:
        return np.ones((1, phi.size)), np.zeros(phi.size)
    q = 1 - phi * phi
    diagonal = np.broadcast_to((1 + phi * phi) / q, (years, phi.size)).copy()
    diagonal[0] = diagonal[-1] = 1 / q
    return diagonal, -phi / q


def _factorise(diagonal: Floats, off: Floats) -> tuple[Floats, Floats]:
    """P = L D L': D [T, B] and the subdiagonal of L [T, B] (last row 0)."""
    d, lower = diagonal.copy(), np.zeros_like(diagonal)
    for t in range(d.shape[0] - 1):
        np.divide(off, d[t], out=lower[t])
        d[t + 1] -= off * lower[t]
    return d, lower


def _solve(d: Floats, lower: Floats, h: Floats, noise: Floats | None = None) -> Floats:
    """P^-1 h, plus a draw from N(0, P^-1) if `noise` is standard normal: backward sampling."""
    x = h.copy()
    for t in range(x.shape[0] - 1):
        x[t + 1] -= lower[t] * x[t]
    x /= d
    if noise is not None:
        x += noise / np.sqrt(d)
    for t in range(x.shape[0] - 2, -1, -1):
        x[t] -= lower[t] * x[t + 1]
    return x


def _quadratic(d: Floats, lower: Floats, x: Floats) -> Floats:
    """The form x' P x, [B]."""
    turned = x.copy()
    turned[:-1] += lower[:-1] * x[1:]
    return np.asarray((d * turned * turned).sum(axis=0))


def _covariance(d: Floats, lower: Floats) -> tuple[Floats, Floats]:
    """Diagonal and first off-diagonal of P^-1."""
    v, c = 1 / d, np.zeros_like(d)
    for t in range(d.shape[0] - 2, -1, -1):
        c[t] = -lower[t] * v[t + 1]
        v[t] += lower[t] ** 2 * v[t + 1]
    return v, c


def _tall(f: Floats, years: int) -> Floats:
    """[C, F] to [T, C S]."""
    return np.ascontiguousarray(f.reshape(-1, years).T)


def _flat(x: Floats, chains: int) -> Floats:
    """[T, C S] to [C, F]."""
    return np.ascontiguousarray(x.T).reshape(chains, -1)


def _per_series(cells: _Cells, phi: Floats) -> Floats:
    """From phi [C, 2] to [C S]."""
    return np.tile(phi, (1, cells.groups)).ravel()


def _out(cells: _Cells, f: Floats) -> Floats:
    """[..., F] to [..., G, T, 2]."""
    return np.swapaxes(f.reshape(*f.shape[:-1], cells.groups, 2, cells.years), -1, -2)


# ---- point estimate --------------------------------------------------------------------------------------------------

_NODES: Final[Floats] = np.polynomial.hermite_e.hermegauss(7)[0]
_WEIGHTS: Final[Floats] = np.polynomial.hermite_e.hermegauss(7)[1] / np.sqrt(2 * np.pi)


@dataclass(frozen=True, slots=True, eq=False)
class _Smooth:
    """A Gaussian for f: mean, variance, lag-one covariance [T, S], natural parameters, its share of the bound."""

    mean: Floats
    variance: Floats
    lag: Floats
    weight: Floats
    h: Floats
    bound: float
    likelihood: Floats


def _nodes_at(cells: _Cells, mean: Floats, variance: Floats) -> Floats:
    m, s = _flat(mean, 1)[0][cells.at], np.sqrt(_flat(variance, 1)[0][cells.at])
    return np.asarray(m + _NODES[:, None] * s)


def _smooth(cells: _Cells, weight: Floats, h: Floats, theta: Floats, noise: Floats, phi: Floats) -> _Smooth:
    diagonal, off = _prior_precision(_per_series(cells, phi[None]), cells.years)
    d, lower = _factorise(diagonal + weight, off)
    mean = _solve(d, lower, h)
    variance, lag = _covariance(d, lower)
    d0 = _factorise(diagonal, off)[0]
    second = (diagonal * (mean * mean + variance)).sum() + 2 * (off * (mean[:-1] * mean[1:] + lag[:-1])).sum()
    entropy = 0.5 * mean.size - 0.5 * np.log(d).sum()
    log = _log_likelihood(cells, _nodes_at(cells, mean, variance), theta[None], noise[None], sizes=True)
    likelihood = np.asarray(_WEIGHTS @ _by_indicator(cells, log))
    bound = float(likelihood.sum() + 0.5 * np.log(d0).sum() - 0.5 * second + entropy)
    return _Smooth(mean, variance, lag, weight, h, bound, likelihood)


def _expect(cells: _Cells, now: _Smooth, theta: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """Expected information and natural mean parameter of f from the cells, [T, S] each."""
    terms = _derivatives(cells, _nodes_at(cells, now.mean, now.variance), theta[None], noise[None])
    loading = theta[cells.k, 0]
    g = _tall(_to_f(cells, (_WEIGHTS @ terms.score * loading)[None]), cells.years)
    w = _tall(_to_f(cells, (_WEIGHTS @ terms.info * loading**2)[None]), cells.years)
    return w, g + w * now.mean


def _e_step(cells: _Cells, now: _Smooth, theta: Floats, noise: Floats, phi: Floats, rounds: int) -> _Smooth:
    """Gaussian variational smoothing: steps on the natural parameters, halved until the bound does not fall."""
    now = _smooth(cells, now.weight, now.h, theta, noise, phi)
    for _ in range(rounds):
        w, h = _expect(cells, now, theta, noise)
        step = 1.0
        while step > 0.02:
            new = _smooth(cells, now.weight + step * (w - now.weight), now.h + step * (h - now.h), theta, noise, phi)
            if new.bound >= now.bound:
                break
            step /= 2
        if step <= 0.02 or new.bound - now.bound < 1e-7:
            return now if step <= 0.02 else new
        now = new
    return now


def _penalised(cells: _Cells, f: Floats, theta: Floats, noise: Floats) -> Floats:
    """Expected log likelihood and log prior by indicator, [A]."""
    log = _log_likelihood(cells, f, theta[None], noise[None], sizes=True)
    return np.asarray(_WEIGHTS @ _by_indicator(cells, log) + _log_prior(cells, theta[None])[0])


def _m_step(cells: _Cells, now: _Smooth, theta: Floats, noise: Floats, rounds: int) -> tuple[Floats, Floats]:
    f = _nodes_at(cells, now.mean, now.variance)
    value = _penalised(cells, f, theta, noise)
    for _ in range(rounds):
        terms = _derivatives(cells, f, theta[None], noise[None])
        gradient, info = _slopes(cells, f, terms, prior=False)
        gradient = np.tensordot(_WEIGHTS, gradient, axes=1) - (theta - cells.prior_mean) / cells.prior_sd**2
        info = np.tensordot(_WEIGHTS, info, axes=1)
        index = np.arange(theta.shape[1])
        info[:, index, index] += 1 / cells.prior_sd**2
        change = np.where(cells.mask, np.linalg.solve(info, gradient[:, :, None])[:, :, 0], 0.0)
        step = np.ones(theta.shape[0])
        for _ in range(6):
            trial = theta + step[:, None] * change
            new = _penalised(cells, f, trial, noise)
            better = new >= value
            if better.all():
                break
            step = np.where(better, step, step / 2)
        theta, value = np.where(better[:, None], trial, theta), np.where(better, new, value)
        if np.abs(change[better]).max(initial=0.0) < 1e-4:
            break
    return theta, _m_noise(cells, f, theta, noise)


def _log_size_prior(size: Floats) -> Floats:
    return np.asarray(-0.5 * ((np.log(size) - LOG_SIZE_MEAN) / LOG_SIZE_SD) ** 2)


def _m_noise(cells: _Cells, f: Floats, theta: Floats, noise: Floats) -> Floats:
    noise = noise.copy()
    first, second = cells.ends
    if first:
        k = cells.k[:first]
        gap = cells.y[:first] - theta[k, 1] - theta[k, 0] * f[:, :first]
        who = np.unique(k)
        total = np.bincount(k, weights=_WEIGHTS @ gap**2)[who]
        noise[who] = np.sqrt((VARIANCE_RATE + total / 2) / (VARIANCE_SHAPE + 1 + np.bincount(k)[who] / 2))
    if second > first:
        who = np.unique(cells.k[first:second])

        def at(log_size: Floats) -> Floats:
            trial = noise.copy()
            trial[who] = np.exp(log_size)
            log = _log_likelihood(cells, f, theta[None], trial[None], sizes=True)
            return np.asarray((_WEIGHTS @ _by_indicator(cells, log))[who] + _log_size_prior(np.exp(log_size)))

        x, h = np.log(noise[who]), 0.1
        here, up, down = at(x), at(x + h), at(x - h)
        slope, bend = (up - down) / (2 * h), np.minimum((up - 2 * here + down) / h**2, -0.1)
        new = x + np.clip(-slope / bend, -1.0, 1.0)
        noise[who] = np.exp(np.where(at(new) >= here, new, x))
    return noise


def _phi_log(cells: _Cells, now: Floats, before: Floats, cross: Floats) -> Floats:
    """Log density of f at each value of the grid, [..., grid]."""
    q = 1 - PHI_GRID**2
    n = cells.groups * (cells.years - 1)
    square = now[..., None] - 2 * PHI_GRID * cross[..., None] + PHI_GRID**2 * before[..., None]
    return np.asarray(-0.5 * n * np.log(q) - 0.5 * square / q)


def _shift_terms(cells: _Cells, theta: Floats) -> tuple[Floats, Floats]:
    """Precision and slope in a of f + a with every intercept moved against it; `theta` [C, A, P]; each [C, 2]."""
    turn = np.where(cells.linear, -theta[:, :, 0], theta[:, :, 0])[:, :, None]
    inside = cells.mask.copy()
    inside[:, 0] = False
    weight = np.where(inside, 1 / cells.prior_sd**2, 0.0)
    precision = (weight * turn**2).sum(axis=2)
    slope = (weight * turn * (theta - cells.prior_mean)).sum(axis=2)
    own = np.equal.outer(np.arange(2), cells.factor).astype(np.float64)
    return precision @ own.T, slope @ own.T


def _moved(cells: _Cells, theta: Floats, a: Floats, u: Floats) -> Floats:
    """Coefficients after f -> (f + a) exp(u), [C, A, P]; the likelihood stays."""
    theta = theta.copy()
    by = a[:, cells.factor] * theta[:, :, 0]
    theta[:, :, 1:] += np.where(cells.mask[:, 1:], np.where(cells.linear, -by, by)[:, :, None], 0.0)
    theta[:, :, 0] *= np.exp(-u[:, cells.factor])
    return theta


def _stretch(count: Floats, q: Floats, r: Floats) -> tuple[Floats, Floats]:
    """Mode and curvature in u of count u - (q e^2u + r e^-2u) / 2."""
    u = 0.5 * np.log(np.maximum(count, 1.0) / np.maximum(q, 1e-9))
    for _ in range(6):
        up, down = q * np.exp(2 * u), r * np.exp(-2 * u)
        u = u - np.clip((up - down - count) / (2 * up + 2 * down), -0.5, 0.5)
    return u, 2 * q * np.exp(2 * u) + 2 * r * np.exp(-2 * u)


def _start(panel: Panel, cells: _Cells) -> Floats:
    """A first f [T, S]: the mean of standardised indicators, each turned to agree with the anchors."""
    z = _standardised(panel)[:, :, cells.used]
    f = np.zeros((panel.shape[0], 2, panel.shape[1]))
    for j in range(2):
        own = np.flatnonzero(cells.factor == j)
        if not own.size:
            continue
        composite = _row_mean(z[:, :, own[cells.anchors[own]]])
        signs = np.ones(own.size)
        for i, k in enumerate(own):
            both = ~np.isnan(composite) & ~np.isnan(z[:, :, k])
            if not cells.anchors[k] and both.sum() > 2 and np.std(composite[both]) > 0 and np.std(z[:, :, k][both]) > 0:
                signs[i] = 1.0 if np.corrcoef(composite[both], z[:, :, k][both])[0, 1] >= 0 else -1.0
        f[:, j] = np.nan_to_num(_row_mean(z[:, :, own] * signs))
        f[:, j] /= max(float(f[:, j].std()), 1e-3)
    return _tall(f.reshape(1, -1), panel.shape[1])


def _initial(cells: _Cells) -> tuple[Floats, Floats]:
    theta = np.where(cells.mask, cells.prior_mean, 0.0)
    theta[:, 0] = np.where(cells.anchors, 0.5, 0.1)
    for a in np.flatnonzero(~cells.linear):
        levels = cells.y[cells.k == a].astype(np.int64)
        share = np.cumsum(np.bincount(levels, minlength=int(cells.mask[a].sum())))[:-1] / levels.size
        theta[a, 1 : 1 + share.size] = ndtri(np.clip(share, 0.01, 0.99)) + 0.01 * np.arange(share.size)
    noise = np.where(cells.linear, 0.8, 1.0)
    noise[np.unique(cells.k[cells.ends[0] : cells.ends[1]])] = 4.0
    return theta, noise


def fit_em(panel: Panel, *, most: int = 200, tolerance: float = 1e-3, start: FactorFit | None = None) -> FactorFit:
    """Estimate f and the parameters by a variational EM.

    E: the Gaussian for each path of f nearest to its posterior (Gauss-Hermite expectations, natural-parameter steps).
    M: Newton steps for each indicator; phi over its grid. Then f is moved and stretched against intercepts and loadings
    (parameter expansion, Liu, Rubin and Wu 1998). No step that lowers the bound is taken. Point estimates are penalised
    by the priors of the card.

    Parameters
    ----------
    panel : Panel
    most : int
        Iterations at most.
    tolerance : float
        Stop when the bound gains less than this in an iteration, three times in a row.
    start : FactorFit or None
        Begin from these parameters (same indicators).

    Raises
    ------
    NoEvidence
        A dimension has indicators that vary, and no anchor that does.

    Examples
    --------
    >>> import numpy as np
    >>> rise = np.r_[np.zeros(6), np.ones(6)]
    >>> values = np.stack([rise, 3 * rise + np.arange(12) % 2], axis=1)[None]
    >>> fit = fit_em(Panel(values, ["binary", "count"], [0, 0], [True, True]))
    >>> bool(fit.mean[0, -1, 0] > 0.5 > -0.5 > fit.mean[0, 0, 0]), round(float(fit.sd[0, 0, 1]), 9)
    (True, 1.0)

    Notes
    -----
    Dynamic factor by EM: Shumway and Stoffer (1982); Gaussian variational smoothing: Khan and Lin (2017).
    """
    cells = _arrange(panel)
    middle = np.full(2, PHI_GRID[PHI_GRID.size // 2])
    if not cells.used.size:
        flat = np.zeros(cells.size)
        return _fitted(panel, cells, flat, flat + 1, *_initial(cells), middle, np.zeros(1), True)
    if start is None:
        theta, noise = _initial(cells)
        phi = np.array([0.9, 0.9])
        mean = _start(panel, cells)
        w0 = np.full_like(mean, 3.0)
        diagonal, off = _prior_precision(_per_series(cells, phi[None]), cells.years)
        h = (diagonal + w0) * mean
        if cells.years > 1:
            h[1:] += off * mean[:-1]
            h[:-1] += off * mean[1:]
        now = _smooth(cells, w0, h, theta, noise, phi)
        for _ in range(3):
            theta, noise = _m_step(cells, now, theta, noise, 3)
        now = _smooth(cells, w0, h, theta, noise, phi)
    else:
        theta, noise, phi = _packed(panel, cells, start)
        zero = np.zeros((cells.years, cells.series))
        now = _smooth(cells, zero, zero, theta, noise, phi)
    trace: list[float] = []
    quiet, has = 0, np.bincount(cells.factor, minlength=2) > 0
    phi = np.where(has, phi, middle)
    for _ in range(most):
        now = _e_step(cells, now, theta, noise, phi, 3 if trace else 8)
        trace.append(now.bound + _parameter_prior(cells, theta, noise))
        if len(trace) > 1:
            quiet = quiet + 1 if trace[-1] - trace[-2] < tolerance else 0
            if quiet >= 3:
                break
        theta, noise = _m_step(cells, now, theta, noise, 1)
        theta, now = _expand(cells, now, theta, noise, phi)
        second = _flat(now.mean**2 + now.variance, 1).reshape(cells.groups, 2, -1)
        lag = _flat(now.mean * np.roll(now.mean, -1, 0) + now.lag, 1).reshape(cells.groups, 2, -1)[..., :-1]
        if cells.years > 1:
            grid = _phi_log(cells, *(v.sum(axis=(0, 2)) for v in (second[..., 1:], second[..., :-1], lag)))
            new = np.where(has, PHI_GRID[grid.argmax(axis=1)], middle)
            if (new != phi).any():
                trial = _e_step(cells, now, theta, noise, new, 1)
                if trial.bound > now.bound:
                    phi, now = new, trial
    mean, sd = _flat(now.mean, 1)[0], np.sqrt(_flat(now.variance, 1)[0])
    return _fitted(panel, cells, mean, sd, theta, noise, phi, np.array(trace), quiet >= 3)


def _parameter_prior(cells: _Cells, theta: Floats, noise: Floats) -> float:
    orders = np.zeros(noise.size, dtype=np.int64)
    orders[np.unique(cells.k[cells.ends[0] :])] = 1
    orders[~cells.linear] = 2
    value = float(_log_prior(cells, theta[None]).sum())
    value += float((-2 * (VARIANCE_SHAPE + 1) * np.log(noise) - VARIANCE_RATE / noise**2)[orders == 0].sum())
    return value + float(_log_size_prior(noise)[orders == 1].sum())


def _expand(cells: _Cells, now: _Smooth, theta: Floats, noise: Floats, phi: Floats) -> tuple[Floats, _Smooth]:
    """Move and stretch f against the coefficients: kept only if the bound rises."""
    diagonal, off = _prior_precision(_per_series(cells, phi[None]), cells.years)
    line = diagonal.copy()
    if cells.years > 1:
        line[1:] += off
        line[:-1] += off
    precision, slope = _shift_terms(cells, theta[None])
    a = -(_by_dimension(cells, (line * now.mean).sum(axis=0)) + slope)[0]
    a /= (_by_dimension(cells, line.sum(axis=0)) + precision)[0]
    has = np.bincount(cells.factor, minlength=2) > 0
    a = np.where(has, a, 0.0)
    mean = now.mean + np.tile(a, cells.groups)
    second = (diagonal * (mean**2 + now.variance)).sum(axis=0)
    second += 2 * (off * (mean[:-1] * mean[1:] + now.lag[:-1])).sum(axis=0)
    r = _tally(cells.factor, (theta[:, 0] / cells.prior_sd[:, 0]) ** 2, 2)
    u = _stretch(np.full(2, float(cells.groups * cells.years)), _by_dimension(cells, second)[0], r)[0]
    u = np.where(has, u, 0.0)
    moved = _moved(cells, theta[None], a[None], u[None])[0]
    by = np.exp(np.tile(u, cells.groups))
    weight = now.weight / by**2  # the E step settles the rest: (P0 + W) / c^2 - P0 is not diagonal
    target = mean * by
    h = (diagonal + weight) * target
    if cells.years > 1:
        h[1:] += off * target[:-1]
        h[:-1] += off * target[1:]
    trial = _e_step(cells, _Smooth(target, target, target, weight, h, 0.0, now.likelihood), moved, noise, phi, 1)
    old = _smooth(cells, now.weight, now.h, theta, noise, phi)
    gain = trial.bound + _parameter_prior(cells, moved, noise) - old.bound - _parameter_prior(cells, theta, noise)
    return (moved, trial) if gain > 0 else (theta, old)


def _fitted(
    panel: Panel,
    cells: _Cells,
    mean: Floats,
    sd: Floats,
    theta: Floats,
    noise: Floats,
    phi: Floats,
    trace: Floats,
    converged: bool,
) -> FactorFit:
    loading, intercept, cutpoints, spread = _unpacked(panel, cells, theta, noise)
    hide = np.ones(panel.shape[:2]) if panel.applies is None else np.where(panel.applies, 1.0, np.nan)
    return FactorFit(
        mean=_out(cells, mean) * hide[:, :, None],
        sd=_out(cells, sd) * hide[:, :, None],
        n=cells.n,
        loading=loading,
        intercept=intercept,
        noise=spread,
        cutpoints=cutpoints,
        phi=phi,
        objective=trace,
        converged=converged,
        unused=cells.unused,
    )


def _unpacked(panel: Panel, cells: _Cells, theta: Floats, noise: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Parameters by indicator of the panel, with any leading axes."""
    lead, n = theta.shape[:-2], panel.shape[2]
    width = cells.mask.shape[1] - 1
    loading, intercept, spread = (np.full((*lead, n), np.nan) for _ in range(3))
    cutpoints = np.full((*lead, n, width), np.nan)
    lin, steps = cells.linear, ~cells.linear
    loading[..., cells.used] = theta[..., 0]
    intercept[..., cells.used[lin]] = theta[..., lin, 1]
    spread[..., cells.used[lin]] = noise[..., lin]
    cutpoints[..., cells.used[steps], :] = np.where(cells.mask[steps, 1:], theta[..., steps, 1:], np.nan)
    return loading, intercept, cutpoints, spread


def _packed(panel: Panel, cells: _Cells, fit: FactorFit) -> tuple[Floats, Floats, Floats]:
    """Parameters of a fit in the order of the cells; what the fit lacks takes its first guess."""
    if fit.loading.size != panel.shape[2]:
        raise BadInput(f"a start with {fit.loading.size} indicators", f"does not fit {panel.shape[2]}", "refit")
    theta, noise = _initial(cells)
    for a, k in enumerate(cells.used):
        if np.isnan(fit.loading[k]):
            continue
        width = int(cells.mask[a].sum()) - 1
        if cells.linear[a]:
            theta[a, :2], noise[a] = (fit.loading[k], fit.intercept[k]), fit.noise[k]
        elif int((~np.isnan(fit.cutpoints[k])).sum()) == width:
            theta[a, 0], theta[a, 1 : 1 + width] = fit.loading[k], fit.cutpoints[k, :width]
        if cells.anchors[a]:
            theta[a, 0] = max(float(theta[a, 0]), 1e-3)
    return theta, noise, fit.phi.copy()


# ---- sampler ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """Where the chains are: f [C, F], theta [C, A, P], noise [C, A], phi [C, 2]."""

    f: Floats
    theta: Floats
    noise: Floats
    phi: Floats


def _draw_paths(cells: _Cells, rng: np.random.Generator, s: _State, guess: Floats, steps: int) -> tuple[_State, Bools]:
    """Each path by elliptical slice sampling around a Laplace approximation; which moved at the first try, [C, S].

    The approximation depends on the parameters alone, and the slice is on what it leaves over: Murray, Adams and MacKay
    (2010), Nishihara, Murray and Adams (2014). A path that has not moved after four tries stays, which is reversible.
    """
    chains = s.f.shape[0]
    diagonal, off = _prior_precision(_per_series(cells, s.phi), cells.years)
    d0, lower0 = _factorise(diagonal, off)
    loading = s.theta[:, cells.k, 0]
    mean = np.broadcast_to(guess, s.f.shape)
    for _ in range(steps):
        terms = _derivatives(cells, mean[:, cells.at], s.theta, s.noise)
        weight = _to_f(cells, loading * loading * terms.info)
        h = _to_f(cells, loading * terms.score) + weight * mean
        d, lower = _factorise(diagonal + _tall(weight, cells.years), off)
        x = _solve(d, lower, _tall(h, cells.years))
        mean = _flat(x, chains)

    def left_over(gap: Floats) -> Floats:
        """Log posterior less log approximation at x + gap, [C S]."""
        log = _log_likelihood(cells, _flat(x + gap, chains)[:, cells.at], s.theta, s.noise)
        value = _to_f(cells, log, per_series=True).ravel()
        return value + 0.5 * (_quadratic(d, lower, gap) - _quadratic(d0, lower0, x + gap))

    here = _tall(s.f, cells.years) - x
    aside = _solve(d, lower, np.zeros_like(x), rng.standard_normal(x.shape))
    floor = left_over(here) + np.log(rng.random(here.shape[1]))
    angle = np.asarray(2 * np.pi * rng.random(here.shape[1]))
    low, high = angle - 2 * np.pi, angle.copy()
    gap, open_ = here, np.ones(angle.size, dtype=np.bool_)
    for attempt in range(4):
        trial = here * np.cos(angle) + aside * np.sin(angle)
        good = open_ & (left_over(trial) > floor)
        gap, open_ = np.where(good, trial, gap), open_ & ~good
        if attempt == 0:
            first = good
        if not open_.any():
            break
        low, high = np.where(angle < 0, angle, low), np.where(angle >= 0, angle, high)
        angle = low + (high - low) * rng.random(angle.size)
    return replace(s, f=_flat(x + gap, chains)), np.asarray(first.reshape(chains, -1))


def _draw_coefficients(
    cells: _Cells, rng: np.random.Generator, s: _State, guess: Floats, steps: int
) -> tuple[_State, Bools]:
    """Coefficients by indicator: Metropolis with a multivariate t around their mode given f; accepted, [C, A]."""
    f = s.f[:, cells.at]
    theta = np.broadcast_to(guess, s.theta.shape)
    for _ in range(steps):
        gradient, info = _slopes(cells, f, _derivatives(cells, f, theta, s.noise))
        gradient -= (theta - cells.prior_mean) / cells.prior_sd**2
        change = np.where(cells.mask, np.linalg.solve(info, gradient[..., None])[..., 0], 0.0)
        theta = _ordered(cells, theta + np.clip(change, -3.0, 3.0))
    root = np.linalg.cholesky(info)
    z = np.where(cells.mask, rng.standard_normal(theta.shape), 0.0)
    z /= np.sqrt(rng.chisquare(_DF, theta.shape[:2]) / _DF)[..., None]
    new = theta + np.linalg.solve(np.swapaxes(root, -1, -2), z[..., None])[..., 0]
    size = cells.mask.sum(axis=1)

    def tail(value: Floats) -> Floats:
        turned = (np.swapaxes(root, -1, -2) @ (value - theta)[..., None])[..., 0]
        return np.asarray(0.5 * (_DF + size) * np.log1p((turned * turned).sum(axis=-1) / _DF))

    prior = _log_prior(cells, new)
    safe = np.where(np.isfinite(prior)[..., None], new, s.theta)
    then = _by_indicator(cells, _log_likelihood(cells, f, safe, s.noise))
    now = _by_indicator(cells, _log_likelihood(cells, f, s.theta, s.noise))
    ratio = then - now + prior - _log_prior(cells, s.theta) + tail(new) - tail(s.theta)
    take = np.log(rng.random(ratio.shape)) < ratio
    return replace(s, theta=np.where(take[..., None], new, s.theta)), np.asarray(take)


def _ordered(cells: _Cells, theta: Floats) -> Floats:
    """Cutpoints pushed apart where a Newton step has crossed them."""
    ramp = 0.02 * np.arange(theta.shape[2] - 1)
    cuts = np.maximum.accumulate(theta[:, :, 1:] - ramp, axis=2) + ramp
    return np.concatenate([theta[:, :, :1], np.where(cells.mask[:, 1:], cuts, 0.0)], axis=2)


def _draw_noise(cells: _Cells, rng: np.random.Generator, s: _State, spread: Floats) -> _State:
    """Variances exactly; sizes of counts by two random-walk steps on the log."""
    first, second = cells.ends
    f, noise = s.f[:, cells.at], s.noise.copy()
    if first:
        k = cells.k[:first]
        gap = cells.y[:first] - s.theta[:, k, 1] - s.theta[:, k, 0] * f[:, :first]
        firsts = np.flatnonzero(np.r_[True, np.diff(k) != 0])
        total = np.add.reduceat(gap * gap, firsts, axis=1)
        shape = VARIANCE_SHAPE + 0.5 * np.diff(np.r_[firsts, first])
        noise[:, k[firsts]] = np.sqrt((VARIANCE_RATE + total / 2) / rng.standard_gamma(shape, total.shape))
    if second > first:
        k = cells.k[first:second]
        firsts = np.flatnonzero(np.r_[True, np.diff(k) != 0])
        who, y = k[firsts], cells.y[first:second]
        eta = cells.offset[first:second] + s.theta[:, k, 1] + s.theta[:, k, 0] * f[:, first:second]
        eta = np.clip(eta, -50.0, 50.0)
        mu, at = np.exp(eta), k - who[0]

        def log(size: Floats) -> Floats:
            r = size[:, at]
            cell = y * eta - (y + r) * np.log(r + mu) + r * np.log(r) + gammaln(y + r) - gammaln(r)
            return np.asarray(np.add.reduceat(cell, firsts, axis=1) + _log_size_prior(size))

        size = noise[:, who]
        value = log(size)
        for _ in range(2):
            new = size * np.exp(spread[who] * rng.standard_normal(size.shape))
            trial = log(new)
            take = np.log(rng.random(size.shape)) < trial - value
            size, value = np.where(take, new, size), np.where(take, trial, value)
        noise[:, who] = size
    return replace(s, noise=noise)


def _draw_orbit(cells: _Cells, rng: np.random.Generator, s: _State) -> _State:
    """Shift f against intercepts; then phi together with a stretch of f against loadings.

    Generalised Gibbs (Liu and Sabatti 2000): along f -> (f + a) exp(u) the likelihood stays. Given the shape of f, phi
    is drawn with u integrated out by Laplace's rule, then u; a Metropolis step makes both exact.
    """
    chains = s.f.shape[0]
    diagonal, off = _prior_precision(_per_series(cells, s.phi), cells.years)
    line = diagonal.copy()
    if cells.years > 1:
        line[1:] += off
        line[:-1] += off
    x = _tall(s.f, cells.years)
    precision, slope = _shift_terms(cells, s.theta)
    precision = precision + _by_dimension(cells, line.sum(axis=0))
    centre = -(slope + _by_dimension(cells, (line * x).sum(axis=0))) / precision
    a = centre + rng.standard_normal(centre.shape) / np.sqrt(precision)
    f = s.f.reshape(chains, cells.groups, 2, cells.years) + a[:, None, :, None]
    first = (f[..., 0] ** 2).sum(axis=1)
    now, before = (f[..., 1:] ** 2).sum(axis=(1, 3)), (f[..., :-1] ** 2).sum(axis=(1, 3))
    cross = (f[..., 1:] * f[..., :-1]).sum(axis=(1, 3))
    own = np.equal.outer(np.arange(2), cells.factor).astype(np.float64)
    r = ((s.theta[:, :, 0] / cells.prior_sd[:, 0]) ** 2 @ own.T)[..., None]
    count = (cells.groups * cells.years - own.sum(axis=1))[:, None]
    spread = 1 - PHI_GRID**2
    level = -0.5 * cells.groups * (cells.years - 1) * np.log(spread)
    square = now[..., None] - 2 * PHI_GRID * cross[..., None] + PHI_GRID**2 * before[..., None]
    q = first[..., None] + square / spread
    mode, bend = _stretch(np.broadcast_to(count, q.shape), q, r)

    def log(u: Floats, i: Ints) -> Floats:
        """Of u at phi i, less the log density of proposing both."""
        qi, at, width = (np.take_along_axis(v, i[..., None], axis=2)[..., 0] for v in (q, mode, bend))
        target = level[i] + count[:, 0] * u - 0.5 * (qi * np.exp(2 * u) + r[..., 0] * np.exp(-2 * u))
        proposal = np.take_along_axis(weight, i[..., None], axis=2)[..., 0] + 0.5 * np.log(width)
        return np.asarray(target - proposal + 0.5 * width * (u - at) ** 2)

    weight = level + count * mode - 0.5 * (q * np.exp(2 * mode) + r * np.exp(-2 * mode)) - 0.5 * np.log(bend)
    new = (weight + rng.gumbel(size=weight.shape)).argmax(axis=2)
    old = np.searchsorted(PHI_GRID, s.phi)
    at, width = (np.take_along_axis(v, new[..., None], axis=2)[..., 0] for v in (mode, bend))
    u = at + rng.standard_normal(at.shape) / np.sqrt(width)
    take = np.log(rng.random(u.shape)) < log(u, new) - log(np.zeros_like(u), old)
    u = np.where(take, u, 0.0)
    return replace(
        s,
        f=(f * np.exp(u)[:, None, :, None]).reshape(chains, -1),
        theta=_moved(cells, s.theta, a, u),
        phi=PHI_GRID[np.where(take, new, old)],
    )


def _by_dimension(cells: _Cells, series: Floats) -> Floats:
    """Sums over groups, [C S] to [C, 2]."""
    return np.asarray(series.reshape(-1, cells.groups, 2).sum(axis=1))


def fit_gibbs(
    panel: Panel,
    *,
    seed: int,
    chains: int = 4,
    draws: int = 1000,
    burn: int = 500,
    start: FactorFit | None = None,
) -> FactorDraws:
    """Draw f and the parameters from their posterior.

    Each sweep: every path of f as a block, by elliptical slice sampling around its Laplace approximation (a Kalman
    smoother in precision form, Rue 2001); the coefficients of each indicator as a block; noise; a shift of f against
    the intercepts; phi with a stretch of f against the loadings. Proposals depend on what is conditioned on, not on the
    current value: draws are nearly independent. Chains run side by side in arrays, from points spread around `start`.

    Parameters
    ----------
    panel : Panel
    seed : int
        The same seed gives the same bits on the same machine.
    chains, draws, burn : int
        At least 2 chains and 4 draws; `burn` sweeps of each chain are dropped.
    start : FactorFit or None
        `fit_em(panel)` if None.

    Raises
    ------
    BadInput
        Too few chains or draws, or a start of another panel.
    NoEvidence
        As `fit_em`.

    Examples
    --------
    >>> import numpy as np
    >>> panel = Panel(np.sin(np.arange(10.0))[None, :, None], ["continuous"], [0], [True])
    >>> fit_gibbs(panel, seed=1, chains=2, draws=10, burn=5).f.shape
    (2, 10, 1, 10, 2)
    """
    if chains < 2 or draws < 4 or burn < 0:
        raise BadInput(f"{chains} chains of {draws} draws after {burn}", "are too few to judge", "use 4, 1000 and 500")
    fit = fit_em(panel) if start is None else start
    if fit.mean.shape != (*panel.shape[:2], 2):
        raise BadInput(f"a start of shape {fit.mean.shape}", f"does not fit a panel of {panel.shape}", "refit")
    cells, rng = _arrange(panel), np.random.default_rng(seed)
    theta, noise, phi = _packed(panel, cells, fit)
    guess = np.nan_to_num(np.swapaxes(fit.mean, 1, 2)).reshape(-1)
    sd = np.nan_to_num(np.swapaxes(fit.sd, 1, 2), nan=1.0).reshape(-1)
    counts = np.bincount(cells.k, minlength=cells.used.size).astype(np.float64)
    spread = 4.0 / np.sqrt(np.maximum(counts, 4.0) / 4 + 4.0)
    state = _State(
        f=guess + 1.5 * sd * rng.standard_normal((chains, guess.size)),
        theta=theta * np.where(cells.mask, np.exp(0.2 * rng.standard_normal((chains, theta.shape[0], 1))), 1.0),
        noise=noise * np.exp(0.2 * rng.standard_normal((chains, noise.size))),
        phi=PHI_GRID[np.searchsorted(PHI_GRID[:-1], np.tile(phi, (chains, 1)) - 1e-9)],
    )
    kept = {
        "f": np.empty((chains, draws, cells.size)),
        "theta": np.empty((chains, draws, *theta.shape)),
        "noise": np.empty((chains, draws, noise.size)),
        "phi": np.empty((chains, draws, 2)),
    }
    accepted = np.zeros(2)
    for sweep in range(burn + draws):
        if cells.used.size:
            state, paths = _draw_paths(cells, rng, state, guess, 2)
            state, coefficients = _draw_coefficients(cells, rng, state, theta, 2)
            state = _draw_orbit(cells, rng, _draw_noise(cells, rng, state, spread))
            if sweep >= burn:
                accepted += paths.mean(), coefficients.mean()
        else:
            drawn = rng.choice(PHI_GRID, (chains, 2))
            d, lower = _factorise(*_prior_precision(_per_series(cells, drawn), cells.years))
            x = _solve(d, lower, np.zeros_like(d), rng.standard_normal(d.shape))
            state = replace(state, f=_flat(x, chains), phi=drawn)
        if sweep >= burn:
            at = sweep - burn
            kept["f"][:, at], kept["theta"][:, at] = state.f, state.theta
            kept["noise"][:, at], kept["phi"][:, at] = state.noise, state.phi
    return _drawn(panel, cells, kept, accepted / draws if cells.used.size else np.ones(2))


def _drawn(panel: Panel, cells: _Cells, kept: dict[str, Floats], accepted: Floats) -> FactorDraws:
    loading, intercept, cutpoints, spread = _unpacked(panel, cells, kept["theta"], kept["noise"])
    hide = np.ones(panel.shape[:2]) if panel.applies is None else np.where(panel.applies, 1.0, np.nan)
    f = _out(cells, kept["f"]) * hide[:, :, None]
    named = {
        "f": f, "loading": loading, "intercept": intercept, "noise": spread, "cutpoints": cutpoints, "phi": kept["phi"]
    }  # fmt: skip
    rhat, ess = {}, {}
    for name, value in named.items():
        rhat[name], ess[name] = diagnose(value)
    worst = [float(np.nanmax(rhat[name])) for name in ("f", "phi")]
    least = [float(np.nanmin(ess[name])) for name in ("f", "phi")]
    good = max(worst) <= 1.02 and min(least) >= 100 * f.shape[0]
    return FactorDraws(
        **named,
        rhat=rhat,
        ess=ess,
        acceptance={"paths": float(accepted[0]), "coefficients": float(accepted[1])},
        converged=good,
        unused=cells.unused,
    )


def diagnose(draws: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Rank-normalised split R-hat (the larger of bulk and folded) and bulk effective sample size.

    Parameters
    ----------
    draws : array [C, D, ...]
        C chains of D draws of any number of quantities; NaN for a quantity gives NaN.

    Returns
    -------
    rhat, ess : arrays of the trailing shape

    Examples
    --------
    >>> import numpy as np
    >>> rhat, ess = diagnose(np.random.default_rng(0).standard_normal((4, 500, 1)))
    >>> bool(rhat[0] < 1.01), bool(1500 < ess[0] < 2500)
    (True, True)

    Notes
    -----
    Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), Bayesian Analysis 16(2).
    """
    x = np.asarray(draws, dtype=np.float64)
    rest = x.shape[2:]
    half = x.shape[1] // 2
    x = x.reshape(*x.shape[:2], -1)
    x = np.concatenate([x[:, :half], x[:, x.shape[1] - half :]])
    rhat, ess = np.full(x.shape[2], np.nan), np.full(x.shape[2], np.nan)
    good = np.isfinite(x).all(axis=(0, 1))
    x = x[:, :, good]
    if x.shape[2]:
        bulk = _normal_scores(x)
        folded = _normal_scores(np.abs(x - np.median(x.reshape(-1, x.shape[2]), axis=0)))
        rhat[good] = np.maximum(_split_rhat(bulk), _split_rhat(folded))
        ess[good] = _effective(bulk)
    return rhat.reshape(rest), ess.reshape(rest)


def _normal_scores(x: Floats) -> Floats:
    from scipy.stats import rankdata  # half a second that only a full study need pay

    ranks = rankdata(x.reshape(-1, x.shape[2]), axis=0)
    return np.asarray(ndtri((ranks - 0.375) / (ranks.shape[0] + 0.25)).reshape(x.shape))


def _split_rhat(x: Floats) -> Floats:
    n = x.shape[1]
    within = x.var(axis=1, ddof=1).mean(axis=0)
    between = x.mean(axis=1).var(axis=0, ddof=1)
    return np.asarray(np.sqrt((n - 1) / n + between / np.maximum(within, 1e-300)))


def _effective(x: Floats) -> Floats:
    m, n, _ = x.shape
    centred = x - x.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(centred, 2 * n, axis=1)) ** 2
    cov = np.fft.irfft(power, axis=1)[:, :n] / n
    within = cov[:, 0].mean(axis=0) * n / (n - 1)
    total = within * (n - 1) / n + x.mean(axis=1).var(axis=0, ddof=1)
    total = np.maximum(total, 1e-300)
    rho = 1 - (within - cov.mean(axis=0)) / total
    rho[0] = 1.0
    pairs = rho[: n - n % 2 : 2] + rho[1 : n - n % 2 + 1 : 2]  # Geyer (1992): sums of pairs, positive and falling
    pairs = np.where(np.cumsum(pairs < 0, axis=0) > 0, 0.0, pairs)
    pairs = np.minimum.accumulate(pairs, axis=0)
    tau = np.maximum(2 * pairs.sum(axis=0) - 1, 1 / np.log10(m * n))
    return np.asarray(m * n / tau)


def summarise(draws: FactorDraws, *, level: float = 0.9) -> Summary:
    """Posterior mean and equal-tailed interval of f.

    Parameters
    ----------
    draws : FactorDraws
    level : float
        Between 0 and 1.

    Raises
    ------
    BadInput
        A level outside (0, 1).

    Examples
    --------
    >>> import numpy as np
    >>> panel = Panel(np.full((1, 4, 1), np.nan), ["continuous"], [0], [True])
    >>> summary = summarise(fit_gibbs(panel, seed=1, draws=500))
    >>> bool(abs(summary.low + 1.64).max() < 0.2)
    True
    """
    if not 0 < level < 1:
        raise BadInput(f"a level of {level}", "is not between 0 and 1", "use 0.9")
    f = draws.f.reshape(-1, *draws.f.shape[2:])
    low, high = np.quantile(f, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return Summary(mean=f.mean(axis=0), low=low, high=high, level=level)


# ---- what makes f ----------------------------------------------------------------------------------------------------


def contributions(panel: Panel, fit: FactorFit) -> Contributions:
    """Split the point estimate of f into what each indicator adds.

    At the fit the smoother is linear in pseudo-observations: mean = P^-1 sum_k h_k, with P the posterior precision and
    h_k what indicator k puts in. So `part` of k is P^-1 h_k, and `shift` is P^-1 h - (P - W_k)^-1 (h - h_k).

    Parameters
    ----------
    panel : Panel
    fit : FactorFit
        `fit_em(panel)`.

    Raises
    ------
    BadInput
        A fit of another panel.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(np.arange(12.0))
    >>> panel = Panel(np.stack([x, x**2], axis=1)[None], ["continuous"] * 2, [0, 0], [True, False])
    >>> fit = fit_em(panel)
    >>> bool(np.allclose(contributions(panel, fit).part.sum(axis=2), fit.mean[:, :, 0], atol=1e-3))
    True

    Notes
    -----
    Weights of observations in a smoother: Koopman and Harvey (2003), Journal of Economic Dynamics and Control 27.
    """
    if fit.mean.shape != (*panel.shape[:2], 2):
        raise BadInput(f"a fit of shape {fit.mean.shape}", f"does not fit a panel of {panel.shape}", "refit")
    cells = _arrange(panel)
    part, shift = np.full(panel.shape, np.nan), np.full(panel.shape, np.nan)
    if not cells.used.size:
        return Contributions(part, shift)
    theta, noise, phi = _packed(panel, cells, fit)
    zero = np.zeros((cells.years, cells.series))
    now = _e_step(cells, _Smooth(zero, zero, zero, zero, zero, 0.0, zero), theta, noise, phi, 40)
    nodes = _nodes_at(cells, now.mean, now.variance)
    terms = _derivatives(cells, nodes, theta[None], noise[None])
    loading, mean = theta[cells.k, 0], _flat(now.mean, 1)[0]
    w = _WEIGHTS @ terms.info * loading**2
    h = _WEIGHTS @ terms.score * loading + w * mean[cells.at]
    diagonal, off = _prior_precision(_per_series(cells, phi[None]), cells.years)
    weight, total = (_tall(_tally(cells.at, v, cells.size)[None], cells.years) for v in (w, h))
    d, lower = _factorise(diagonal + weight, off)
    full = _solve(d, lower, total)
    hide = 1.0 if panel.applies is None else np.where(panel.applies, 1.0, np.nan)
    for a, k in enumerate(cells.used):
        own = cells.k == a
        wk, hk = (_tall(_tally(cells.at[own], v[own], cells.size)[None], cells.years) for v in (w, h))
        j = cells.factor[a]
        part[:, :, k] = _out(cells, _flat(_solve(d, lower, hk), 1)[0])[:, :, j] * hide
        without = _solve(*_factorise(diagonal + weight - wk, off), total - hk)
        shift[:, :, k] = _out(cells, _flat(full - without, 1)[0])[:, :, j] * hide
    return Contributions(part, shift)


def leave_out(
    panel: Panel, sets: Mapping[str, Sequence[int] | Panel], *, start: FactorFit | None = None
) -> dict[str, LeftOut]:
    """Refit without each set of indicators, or on the panel counted without an origin or a language.

    Parameters
    ----------
    panel : Panel
    sets : mapping of name to a sequence of indicators, or to a Panel
        Places of the indicators to leave out; or a panel of the same shape, counted without some of the sources.
    start : FactorFit or None
        `fit_em(panel)` if None; refits begin there, so that dimensions keep their direction.

    Returns
    -------
    dict of LeftOut
        Where a set takes the last anchor of a dimension, the remaining indicator with the largest positive loading
        becomes an anchor (`promoted`).

    Raises
    ------
    BadInput
        An indicator that is not there, or a panel of another shape.
    NoEvidence
        Nothing is left that could serve as an anchor.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(np.arange(12.0))
    >>> panel = Panel(np.stack([x, x + x**2], axis=1)[None], ["continuous"] * 2, [0, 0], [True, False])
    >>> leave_out(panel, {"first": [0]})["first"].promoted
    ('1',)
    """
    fit = fit_em(panel) if start is None else start
    result = {}
    for name, chosen in sets.items():
        if isinstance(chosen, Panel):
            other = chosen
            if other.shape != panel.shape:
                raise BadInput(
                    f"a panel of {other.shape} for {name}", f"is not of shape {panel.shape}", "keep the shape"
                )
        else:
            index = np.asarray(chosen, dtype=np.int64).reshape(-1)
            if index.size and (index.min() < 0 or index.max() >= panel.shape[2]):
                raise BadInput(f"{index.tolist()} in {name}", f"names an indicator outside 0-{panel.shape[2] - 1}")
            values = panel.values.copy()
            values[:, :, index] = np.nan
            other = replace(panel, values=values)
        other, promoted = _promote(other, fit)
        again = fit_em(other, start=fit)
        result[name] = LeftOut(again, fit.mean - again.mean, promoted)
    return result


def _promote(panel: Panel, fit: FactorFit) -> tuple[Panel, tuple[str, ...]]:
    anchors, names = panel.anchors.copy(), []
    spread = [np.ptp(v[~np.isnan(v)]) if (~np.isnan(v)).any() else 0.0 for v in np.moveaxis(panel.values, 2, 0)]
    varies = np.array(spread) > 0
    for j in np.unique(panel.factor):
        own = (panel.factor == j) & varies
        if own.any() and not (own & anchors).any():
            loading = np.where(own, np.nan_to_num(fit.loading), -np.inf)
            best = int(loading.argmax())
            if loading[best] > 0:
                anchors[best] = True
                names.append(panel.names[best])
    return replace(panel, anchors=anchors), tuple(names)


def prior_only(panel: Panel) -> FactorFit:
    """The fit to a panel of the same shape in which nothing is observed: f is 0 with standard deviation 1 everywhere.

    Parameters
    ----------
    panel : Panel

    Examples
    --------
    >>> import numpy as np
    >>> prior = prior_only(Panel(np.ones((1, 3, 1)), ["binary"], [0], [True]))
    >>> float(abs(prior.mean).max()), float(prior.sd.min())
    (0.0, 1.0)
    """
    return fit_em(replace(panel, values=np.full(panel.shape, np.nan)))


# ---- rivals ----------------------------------------------------------------------------------------------------------


def _row_mean(z: Floats) -> Floats:
    n = (~np.isnan(z)).sum(axis=-1)
    return np.where(n > 0, np.nan_to_num(z).sum(axis=-1) / np.maximum(n, 1), np.nan)


def _standardised(panel: Panel) -> Floats:
    """z-scores pooled over the panel, [G, T, K]: logits of shares, log(1 + rate) of counts, ranks of levels."""
    z = np.full(panel.shape, np.nan)
    for k, kind in enumerate(panel.kinds):
        v = panel.values[:, :, k]
        if kind == "count":
            v = np.log1p(v if panel.exposure is None else v / panel.exposure[:, :, k])
        elif kind == "share":
            v = logit(v)
        elif kind == "ordinal":
            v = _levels(v)
        seen = v[~np.isnan(v)]
        if seen.size and seen.std() > 1e-12 * max(1.0, float(np.abs(seen).max())):
            z[:, :, k] = (v - seen.mean()) / seen.std()
    return z


def equal_weight(panel: Panel, *, signs: Sequence[int] | None = None) -> Floats:
    """The mean z-score of the indicators observed, for each dimension: the rival without a model.

    Parameters
    ----------
    panel : Panel
    signs : sequence of 1 and -1, length K, or None
        Direction of each indicator; all 1 if None.

    Returns
    -------
    array [G, T, 2]
        NaN where nothing is observed. Which indicators are observed changes from year to year, and so does the mean.

    Raises
    ------
    BadInput
        Signs other than 1 and -1.

    Examples
    --------
    >>> panel = Panel([[[1.0, 0.0], [3.0, 1.0]]], ["continuous", "binary"], [0, 0], [True, False])
    >>> equal_weight(panel)[0, :, 0].tolist()
    [-1.0, 1.0]
    """
    z = _standardised(panel)
    if signs is not None:
        turn = _floats(signs, "signs")
        if turn.shape != (panel.shape[2],) or not np.isin(turn, (-1.0, 1.0)).all():
            raise BadInput(f"signs {turn.tolist()}", "are not one of 1 and -1 for each indicator", "mend them")
        z = z * turn
    return np.stack([_row_mean(z[:, :, panel.factor == j]) for j in range(2)], axis=2)


def principal_component(panel: Panel, *, most: int = 500) -> Floats:
    """The first principal component of the z-scores of each dimension, with missing values: the linear rival.

    Parameters
    ----------
    panel : Panel
    most : int
        Iterations at most.

    Returns
    -------
    array [G, T, 2]
        Mean 0 and standard deviation 1 over the cells with an observation, NaN elsewhere; turned so that its loadings
        on the anchors are positive on average.

    Examples
    --------
    >>> panel = Panel([[[1.0, 0.0], [3.0, 1.0]]], ["continuous", "binary"], [0, 0], [True, False])
    >>> principal_component(panel)[0, :, 0].round(6).tolist()
    [-1.0, 1.0]

    Notes
    -----
    Probabilistic principal component by EM over the observed cells: Tipping and Bishop (1999), Ilin and Raiko (2010).
    Years are taken as independent, noise as equal.
    """
    result = np.full((*panel.shape[:2], 2), np.nan)
    z_all = _standardised(panel)
    for j in range(2):
        own = (panel.factor == j) & (~np.isnan(z_all)).any(axis=(0, 1))
        if not own.any():
            continue
        z = z_all[:, :, own].reshape(-1, int(own.sum()))
        seen, filled = ~np.isnan(z), np.nan_to_num(z)
        rows = seen.any(axis=1)
        anchors = panel.anchors[own] if panel.anchors[own].any() else np.ones(z.shape[1], dtype=np.bool_)
        guess = np.nan_to_num(_row_mean(np.where(anchors, z, np.nan)))
        weight = (filled * guess[:, None]).sum(axis=0) / np.maximum((seen * guess[:, None] ** 2).sum(axis=0), 1e-3)
        noise = 0.5
        for _ in range(most):
            variance = 1 / (1 + (seen * weight**2).sum(axis=1) / noise)
            score = variance * (filled * weight).sum(axis=1) / noise
            square = score**2 + variance
            new = (filled * score[:, None]).sum(axis=0) / (seen * square[:, None]).sum(axis=0)
            rest = (filled - score[:, None] * new) ** 2 + variance[:, None] * new**2
            noise = max(float((seen * rest).sum() / seen.sum()), 1e-6)
            done = np.abs(new - weight).max() < 1e-8
            weight = new
            if done:
                break
        score = (score - score[rows].mean()) / max(float(score[rows].std()), 1e-9)
        turn = -1.0 if weight[anchors].mean() < 0 else 1.0
        result[:, :, j] = np.where(rows, turn * score, np.nan).reshape(panel.shape[:2])
    return result


def simulate(
    kinds: Sequence[Kind],
    factor: Sequence[int],
    *,
    seed: int,
    groups: int = 6,
    years: int = 35,
    missing: float = 0.4,
    strength: float = 1.0,
    lognormal: bool = False,
) -> tuple[Floats, Panel]:
    """A world with known dimensions, to see what a set of indicators could find.

    Loadings are `strength` times a number between 0.6 and 1.2, times 0.7 for counts, 1.2 for binary and ordinal, 0.8
    for shares and continuous indicators; phi is between 0.80 and 0.97. The first two indicators of a dimension are its
    anchors.

    Parameters
    ----------
    kinds, factor : sequences of length K
    seed : int
    groups, years : int
    missing : float
        Share of cells missing at random.
    strength : float
        Factor on all loadings.
    lognormal : bool
        Counts vary by a lognormal rather than a gamma variable with about the same variance: the model is then wrong.

    Returns
    -------
    f : array [groups, years, 2]
    panel : Panel

    Examples
    --------
    >>> f, panel = simulate(["count", "binary"], [0, 1], seed=1, groups=2, years=5)
    >>> f.shape, panel.shape
    ((2, 5, 2), (2, 5, 2))
    """
    rng = np.random.default_rng(seed)
    phi = rng.uniform(0.8, 0.97, 2)
    f = rng.standard_normal((groups, years, 2))
    for t in range(1, years):
        f[:, t] = phi * f[:, t - 1] + np.sqrt(1 - phi**2) * f[:, t]
    values, exposure = np.empty((groups, years, len(kinds))), np.ones((groups, years, len(kinds)))
    for k, kind in enumerate(kinds):
        base = {"count": 0.7, "share": 0.8, "continuous": 0.8}.get(kind, 1.2)
        signal = strength * base * rng.uniform(0.6, 1.2) * f[:, :, factor[k]]
        e = rng.standard_normal((groups, years))
        if kind == "count":
            exposure[:, :, k] = rng.uniform(0.4, 1.0, (groups, years))
            extra = np.exp(0.5 * e) if lognormal else rng.gamma(4.0, 0.25, (groups, years))
            rate = exposure[:, :, k] * np.exp(rng.normal(1.0, 0.5) + signal) * extra
            values[:, :, k] = rng.poisson(np.minimum(rate, 1e9))
        elif kind == "binary":
            values[:, :, k] = signal + e > rng.normal(0.0, 0.6)
        elif kind == "ordinal":
            values[:, :, k] = np.digitize(signal + e, np.array([-1.2, 0.0, 1.2, 2.2]))
        elif kind == "share":
            values[:, :, k] = 1 / (1 + np.exp(1.0 - 0.6 * (signal + 0.7 * e)))
        else:
            values[:, :, k] = 10 + 5 * (signal + 0.7 * e)
    values[rng.random(values.shape) < missing] = np.nan
    anchors = np.array([list(factor[:k]).count(j) < 2 for k, j in enumerate(factor)])
    return f, Panel(values, tuple(kinds), np.asarray(factor), anchors, exposure)


def static_panel(items: npt.ArrayLike, kinds: Sequence[Kind] | None = None, *, anchors: Sequence[int] = (0,)) -> Panel:
    """A panel of units seen once, on one dimension: `fit_em` of it is a static factor model.

    Parameters
    ----------
    items : array [N, K]
        N units, NaN for missing.
    kinds : sequence of str or None
        All continuous if None: the linear factor model.
    anchors : sequence of int
        Places of the items whose loading is positive.

    Examples
    --------
    >>> static_panel([[1.0, 0.0], [2.0, 1.0], [4.0, 1.0]]).shape
    (3, 1, 2)
    """
    values = _floats(items, "items")
    if values.ndim != 2:
        raise BadInput(f"items of shape {values.shape}", "are not units x items", "pass [N, K]")
    n = values.shape[1]
    marks = np.isin(np.arange(n), np.asarray(anchors))
    return Panel(values[:, None, :], tuple(kinds or ("continuous",) * n), np.zeros(n, dtype=np.int64), marks)

"""Mechanisms as thinned renewal processes with death: is a silent one alive, and when does it meet next?

A mechanism meets after gaps ``Gamma(k, mean mu)``. It dies after a session with probability ``d``, or at a constant
hazard in time; the share of either kind is estimated. Dead means: never meets again. Each session that took place is on
record with probability ``r`` (recall). With ``q = 1 - d``, ``a = q (1 - r)`` and
``B(t) = sum_n (1 - a) a^(n-1) [1 - F^(*n)(t)]``::

    density of the next session on record  g(t) = r q sum_n a^(n-1) f^(*n)(t)
    nothing on record for s days           S(s) = (d + r q B(s)) / (d + r q)
    nothing on record, and alive           A(s) = q B(s)

With a death hazard of ``kappa`` per mean gap, ``g`` and ``A`` carry ``exp(-kappa t / mu)`` in place of ``q``, and ``S``
is one minus the integral of ``g``. Mean gap, regularity and death are hierarchical over all mechanisms: one with few
sessions borrows from the rest. Mechanisms that meet beside a host event count host occasions instead of days
(beta-geometric / beta-Bernoulli).

Sources: Schmittlein, Morrison and Colombo (1987, Management Science 33(1)); Fader, Hardie and Lee (2005, Marketing
Science 24(2)); Fader, Hardie and Shang (2010, Marketing Science 29(6)); Platzer and Reutterer (2016, Marketing Science
35(5)). Thinning by recall, the closed forms of ``S`` and ``A`` and the two kinds of death side by side are own
derivations, on the card `mechanisms`.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from minilateral.errors import BadInput, BadPeriod

__all__ = [
    "ALIVE_FROM",
    "LAPSED_BELOW",
    "History",
    "Hyper",
    "Renewals",
    "Truth",
    "at_risk_days",
    "calendar_day",
    "fit",
    "silence",
    "simulate",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ALIVE_FROM: Final = 0.8
LAPSED_BELOW: Final = 0.2
_YEAR: Final = 365.25
_MONTH: Final = _YEAR / 12
_STEP: Final = 0.04  # of log time in mean gaps, in the tables
_STRIDE: Final = 3  # table steps between two mean gaps of the grid
_X_LOW, _X_POINTS = math.log(1e-5), 500
_LOG_MU: Final = np.asarray(
    math.log(10.0) + _STEP * _STRIDE * np.arange(56), dtype=np.float64
)  # mean gap, 10 days to 20 years
_LOG_K: Final = np.asarray(np.log(0.4) + 0.5 * np.arange(8), dtype=np.float64)  # regularity, 0.4 to 13
_LOGIT_D: Final = np.asarray(-5.25 + 0.75 * np.arange(10), dtype=np.float64)  # death after a session, 0.005 to 0.82
_LOG_KAPPA: Final = np.asarray(-5.5 + 0.75 * np.arange(10), dtype=np.float64)  # death hazard per mean gap, 0.004 to 3.5
_LOGIT_P: Final = np.asarray(-3.5 + 0.6 * np.arange(13), dtype=np.float64)  # meets at a host occasion, 0.03 to 0.98
_LOGIT_THETA: Final = np.asarray(
    -5.25 + 0.75 * np.arange(9), dtype=np.float64
)  # dies before a host occasion, 0.005 to 0.68
_TINY: Final = 1e-300
_RECALL_LOW: Final = 0.02
_RECALL_STEP: Final = 0.02
_PREDICT: Final = 400  # draws of the next sessions, per mechanism
# Scaled inverse chi-square priors of variances: (degrees of freedom, typical standard deviation).
_NU: Final = 4.0
_SD: Final = {"level": 0.5, "free": 0.6, "promised": 0.4, "k": 0.5, "d": 0.8, "hazard": 0.8, "p": 1.0, "theta": 0.7}
# Normal priors of means: (mean, standard deviation).
_MEAN: Final = {
    "grand": (math.log(_YEAR), 1.0),
    "offset": (0.0, 0.3),
    "k": (math.log(2.0), 0.7),
    "d": (-2.4, 1.0),
    "hazard": (math.log(0.1), 1.0),
    "p": (0.5, 1.2),
    "theta": (-2.4, 0.7),
}


@dataclass(frozen=True, slots=True)
class History:
    """What is on record of one mechanism; days are dates or proleptic ordinals (`date.toordinal`).

    Attributes
    ----------
    id : str
        Unique among the histories of a fit.
    sessions : tuple of (first, last) or (first, last, number)
        The first and last day on which the session may have *begun*: equal when the day is known, a month or a year
        apart when only that is known. ``number`` is the official number, or None. In any order.
    since : day, optional
        Day of foundation; the clock starts there, or at the first session on record if that is earlier or no day is
        given. A foundation known only to the year is better left out.
    until : day, optional
        Last day to which the record was kept; silence after it is no silence. Results then hold for that day.
    at_risk_exclusions : tuple of (start, end)
        Half-open spans in which it could not meet (caretaker government, declared suspension); ``end`` None: open.
    recall : float or (float, float)
        Probability that a session which took place is on record, in [0.02, 1], or the two parameters of a Beta
        distribution. Used in steps of 0.02; a Beta through five quantiles of equal weight.
    promised_months : float, optional
        Promised cadence in months.
    level : int
        Index of the level (leaders, ministers, ...), 0 or more; mechanisms of a level share a mean.
    occasions : tuple of days, optional
        First days of the host events, past and future. Given: the clock counts occasions.
    declared : str
        ``"superseded"`` or ``"suspended"`` where the record says so, else empty. Passed on as the state.
    """

    id: str
    sessions: tuple[tuple[date | int, date | int] | tuple[date | int, date | int, int | None], ...] = ()
    since: date | int | None = None
    until: date | int | None = None
    at_risk_exclusions: tuple[tuple[date | int, date | int | None], ...] = ()
    recall: float | tuple[float, float] = 1.0
    promised_months: float | None = None
    level: int = 0
    occasions: tuple[date | int, ...] | None = None
    declared: str = ""


@dataclass(frozen=True, slots=True)
class Hyper:
    """Parameters of the population of mechanisms.

    Attributes
    ----------
    level_mean : tuple of float
        Mean of the log mean gap (days) per level, for mechanisms without a promised cadence.
    grand_mean, level_sd, free_sd : float
        Mean and spread of the level means, spread of mechanisms within a level.
    promised_offset, promised_sd : float
        Log mean gap minus log promised gap: mean and spread.
    k_mean, k_sd : float
        Log regularity.
    d_mean, d_sd : float
        Logit of the probability of death after a session, for mechanisms that die so.
    hazard_mean, hazard_sd : float
        Log death hazard per year, for those that die in time.
    session_weight : float
        Share of mechanisms that die after a session rather than in time, 0 to 1.
    p_mean, p_sd, theta_mean, theta_sd : float
        Margin meetings: logit of meeting at an occasion, logit of dying before one.
    """

    level_mean: tuple[float, ...]
    grand_mean: float
    level_sd: float
    free_sd: float
    promised_offset: float
    promised_sd: float
    k_mean: float
    k_sd: float
    d_mean: float
    d_sd: float
    hazard_mean: float
    hazard_sd: float
    session_weight: float
    p_mean: float
    p_sd: float
    theta_mean: float
    theta_sd: float


@dataclass(frozen=True, slots=True)
class Renewals:
    """What silence says of each mechanism; arrays of length n in the order of the histories.

    Attributes
    ----------
    ids : tuple of str
    at : ndarray of int, (n,)
        Day (ordinal) for which the row holds: the as-of day, or the end of its record if earlier.
    p_alive, p_alive_low, p_alive_high : ndarray, (n,)
        Probability that it is alive: posterior mean, 5 and 95 % quantile over the parameters. NaN if it had not begun.
    state : tuple of str
        ``alive`` (p_alive >= 0.8), ``uncertain``, ``lapsed`` (< 0.2), as declared, or ``not_applicable`` (not begun).
    next_low, next_median, next_high : ndarray, (n,)
        Day (ordinal) of the next session, on record or not, given that it is alive and meets again: 5, 50, 95 %. NaN in
        an open suspension.
    per_year, per_year_low, per_year_high : ndarray, (n,)
        Sessions per year at risk while alive: posterior mean, 5 and 95 %.
    sessions_12m, sessions_12m_low, sessions_12m_high : ndarray, (n,)
        Sessions, on record or not, in the 365 days after `at`, death included: mean, and 5 and 95 % of the count.
    sessions_12m_alive : ndarray, (n,)
        The same mean, given that it is alive at `at`.
    hyper, hyper_low, hyper_high : Hyper
        Posterior mean, 5 and 95 % of the population; with ``fast`` the mode, and no ends (None).
    """

    ids: tuple[str, ...]
    at: Ints
    p_alive: Floats
    p_alive_low: Floats
    p_alive_high: Floats
    state: tuple[str, ...]
    next_low: Floats
    next_median: Floats
    next_high: Floats
    per_year: Floats
    per_year_low: Floats
    per_year_high: Floats
    sessions_12m: Floats
    sessions_12m_low: Floats
    sessions_12m_high: Floats
    sessions_12m_alive: Floats
    hyper: Hyper
    hyper_low: Hyper | None
    hyper_high: Hyper | None


@dataclass(frozen=True, slots=True)
class Truth:
    """What a simulated world knows of its mechanisms (see `simulate`).

    Attributes
    ----------
    alive : ndarray of bool, (n,)
        Alive at the as-of day.
    next_day : ndarray, (n,)
        Day of the next session, NaN if there is none.
    sessions_12m : ndarray, (n,)
        Sessions in the 365 days after the as-of day.
    """

    alive: npt.NDArray[np.bool_]
    next_day: Floats
    sessions_12m: Floats


# --------------------------------------------------------------------------------------------------- days and clocks


def _day(value: object, what: str) -> int:
    """Day as an ordinal."""
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool) and 1 <= int(value) <= date.max.toordinal():
        return int(value)
    raise BadPeriod(f"{value!r} ({what})", "is not a day", "give a date or its ordinal, 1 or more")


def _spans(exclusions: Sequence[tuple[date | int, date | int | None]]) -> list[tuple[float, float]]:
    """Union of half-open spans, in order."""
    merged: list[tuple[float, float]] = []
    raw = []
    for pair in exclusions:
        if len(pair) != 2:
            raise BadPeriod(
                repr(pair), "is not a span", "give (start, end) with end after start, or None for an open one"
            )
        low = float(_day(pair[0], "start of an exclusion"))
        high = math.inf if pair[1] is None else float(_day(pair[1], "end of an exclusion"))
        if high < low:
            raise BadPeriod(repr(pair), "ends before it starts", "swap the two days")
        raw.append((low, high))
    for low, high in sorted(raw):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        elif high > low:
            merged.append((low, high))
    return merged


def _at_risk(start: float, end: float, spans: Sequence[tuple[float, float]]) -> float:
    """Days at risk between two days; negative if ``end`` is first."""
    if end < start:
        return -_at_risk(end, start, spans)
    return (end - start) - sum(max(0.0, min(end, high) - max(start, low)) for low, high in spans)


def _calendar(start: float, days: float, spans: Sequence[tuple[float, float]]) -> float:
    """Calendar day at which ``days`` at risk have passed since ``start``; NaN if never."""
    now, left = start, days
    for low, high in spans:
        if high <= now:
            continue
        if now + left < low:
            break
        left -= max(0.0, low - now)
        now = high
        if math.isinf(now):
            return math.nan
    return now + left


def at_risk_days(
    start: date | int, end: date | int, exclusions: Sequence[tuple[date | int, date | int | None]] = ()
) -> float:
    """Days from ``start`` to ``end`` in which a session could have taken place.

    Parameters
    ----------
    start, end : date or int
        Days (or ordinals), ``end`` not before ``start``.
    exclusions : sequence of (start, end)
        Half-open spans not at risk; they may overlap; ``end`` None: open.

    Returns
    -------
    float
        Days, 0 or more.

    Raises
    ------
    BadPeriod
        Not a day, or a span that ends before it starts.

    Notes
    -----
    Operational time: Andersen, Borgan, Gill and Keiding (1993, *Statistical Models Based on Counting Processes*).

    Examples
    --------
    >>> at_risk_days(date(2025, 1, 1), date(2025, 7, 1), [(date(2024, 12, 3), date(2025, 6, 4))])
    27.0
    """
    first, last = _day(start, "start"), _day(end, "end")
    if last < first:
        raise BadPeriod(f"{start} to {end}", "ends before it starts", "swap the two days")
    return _at_risk(first, last, _spans(exclusions))


def calendar_day(
    start: date | int, days: float, exclusions: Sequence[tuple[date | int, date | int | None]] = ()
) -> float:
    """Calendar day (ordinal) at which ``days`` at risk have passed since ``start``: the way back of `at_risk_days`.

    Parameters
    ----------
    start : date or int
    days : float
        Days at risk, 0 or more.
    exclusions : sequence of (start, end)
        As in `at_risk_days`.

    Returns
    -------
    float
        Ordinal; NaN if an open span begins before.

    Raises
    ------
    BadPeriod
        As in `at_risk_days`.
    BadInput
        A negative or non-finite number of days.

    Notes
    -----
    Source: as for `at_risk_days`.

    Examples
    --------
    >>> day = calendar_day(date(2025, 1, 1), 27.0, [(date(2024, 12, 3), date(2025, 6, 4))])
    >>> date.fromordinal(int(day)).isoformat()
    '2025-07-01'
    """
    if not (math.isfinite(days) and days >= 0):
        raise BadInput(f"{days!r} days", "must be a number, 0 or more", "give days at risk after the start")
    return _calendar(float(_day(start, "start")), float(days), _spans(exclusions))


# ------------------------------------------------------------------------------------------------------- the formulas


def silence(
    days: float, *, mean_gap: float, regularity: float, death: float, recall: float
) -> tuple[float, float, float]:
    """Silence of a mechanism with known parameters, death after a session.

    Parameters
    ----------
    days : float
        Days at risk since the last session on record, 0 or more.
    mean_gap : float
        Mean gap between two sessions in days, above 0.
    regularity : float
        Shape ``k`` of the Gamma gap, above 0: 1 is a Poisson process, a large value a timetable.
    death : float
        Probability ``d`` of death after a session, in [0, 1].
    recall : float
        Probability that a session is on record, in (0, 1].

    Returns
    -------
    tuple of float
        Density of the next session on record at ``days`` (per day), probability of nothing on record for ``days``, and
        probability of being alive given that.

    Raises
    ------
    BadInput
        A parameter out of range.

    Notes
    -----
    Derived as in BG/NBD (Fader, Hardie and Lee 2005), for Gamma gaps (Platzer and Reutterer 2016) and thinning: card.

    Examples
    --------
    >>> density, silent, alive = silence(730, mean_gap=365, regularity=4, death=0.1, recall=1.0)
    >>> round(silent, 3), round(alive, 3)
    (0.138, 0.276)
    >>> round(silence(730, mean_gap=365, regularity=4, death=0.1, recall=0.3)[2], 3)
    0.709
    """
    for name, value, ok in (
        ("days", days, days >= 0),
        ("mean_gap", mean_gap, mean_gap > 0),
        ("regularity", regularity, regularity > 0),
        ("death", death, 0 <= death <= 1),
        ("recall", recall, 0 < recall <= 1),
    ):
        if not (math.isfinite(value) and ok):
            raise BadInput(f"{name}={value!r}", "is out of range", "see the ranges of `silence`")
    q, x = 1.0 - death, days / mean_gap
    a = q * (1.0 - recall)
    terms = 1 if a <= 0 else int(min(5000, max(1, math.ceil(math.log(1e-14) / math.log(a)), 0))) if a < 1 else 5000
    n = np.arange(1, terms + 1, dtype=np.float64)
    weight = a ** (n - 1)
    stay = float((1 - a) * np.sum(weight * special.gammaincc(n * regularity, regularity * x))) + a**terms
    silent = (death + recall * q * stay) / (death + recall * q)
    with np.errstate(divide="ignore"):
        log_f = special.xlogy(n * regularity - 1, regularity * x) - regularity * x - special.gammaln(n * regularity)
    density = recall * q * float(np.sum(weight * np.exp(log_f))) * regularity / mean_gap
    return density, silent, (q * stay / silent if silent > 0 else 0.0)


def _log(values: Floats) -> Floats:
    """Log with a floor instead of minus infinity."""
    floored: Floats = np.maximum(values, _TINY)
    return np.asarray(np.log(floored, out=floored), dtype=np.float64)


def _tables(recalls: Floats) -> tuple[Floats, Floats, Floats]:
    """Log density of the next session on record, log S and log A on a grid of log time in mean gaps.

    Returns three arrays (x, recall, k, death), deaths after a session first, then hazards; the density is per mean gap.
    """
    x = np.exp(_X_LOW + _STEP * np.arange(_X_POINTS))
    k = np.exp(_LOG_K)
    lowest = float(recalls.min())
    terms = 1 if lowest >= 1 else int(min(400, math.ceil(math.log(1e-7) / math.log(1 - lowest))))
    n = np.arange(1, terms + 1, dtype=np.float64)
    shape = n[:, None] * k[:, None, None]  # k, n, 1
    kx = k[:, None, None] * x  # k, 1, x
    log_f = (shape - 1) * np.log(kx) - kx - special.gammaln(shape) + np.log(k)[:, None, None]
    top = log_f.max(axis=1)  # k, x
    f = np.exp(log_f - top[:, None, :]).transpose(0, 2, 1)  # k, x, n
    late = special.gammaincc(shape, kx).transpose(0, 2, 1)

    def density(a: Floats) -> Floats:
        """Log of sum a^(n-1) f^(*n): (k, x, len a)."""
        total = _log(f @ a[None, :] ** (n[:, None] - 1))
        total += top[:, :, None]
        return np.asarray(np.maximum(total, log_f[:, 0, :, None], out=total), dtype=np.float64)

    def stay(a: Floats) -> Floats:
        """B for a of shape (m,) or, per k, (k, m): (k, x, m)."""
        a = np.atleast_2d(a)[:, None, :]
        total = late @ ((1 - a) * a ** (n[:, None] - 1))
        total += a**terms * late[:, :, -1:]
        return np.asarray(total, dtype=np.float64)

    size = (len(k), len(x), len(recalls), -1)
    r = recalls[None, None, :, None]
    d, kappa = special.expit(_LOGIT_D), np.exp(_LOG_KAPPA)
    g, s, alive = (np.empty((len(x), len(recalls), len(k), len(d) + len(kappa))) for _ in range(3))
    g1, s1, a1 = (table[..., : len(d)].transpose(2, 0, 1, 3) for table in (g, s, alive))  # as k, x, recall, death
    g2, s2, a2 = (table[..., len(d) :].transpose(2, 0, 1, 3) for table in (g, s, alive))
    a = np.outer(1 - recalls, 1 - d).ravel()
    np.add(np.log(r * (1 - d)), density(a).reshape(size), out=g1)
    b = stay(a).reshape(size)
    a1[:] = _log((1 - d) * b)
    b *= r * (1 - d)
    b += d
    b /= d + r * (1 - d)
    s1[:] = _log(b)
    decay = kappa * x[:, None, None]  # x, 1, hazard
    np.subtract((np.log(r) + density(1 - recalls)[..., None]), decay, out=g2)
    np.subtract(_log(stay(1 - recalls))[..., None], decay, out=a2)
    rho = (1 + kappa / k[:, None]) ** -k[:, None]  # k, hazard: Laplace transform of a gap
    both = (1 - recalls) * rho[:, :, None]  # k, hazard, recall
    log_b = _log(stay(both.reshape(len(k), -1)).reshape(len(k), len(x), len(kappa), -1))
    shift = np.log1p(kappa / k[:, None]) / _STEP  # k, hazard
    for i in range(len(k)):
        for j in range(len(kappa)):
            at = np.minimum(np.arange(len(x)) + shift[i, j], len(x) - 1.001)
            low = at.astype(np.int64)
            part = (at - low)[:, None]
            tail = np.exp(log_b[i, low, j] * (1 - part) + log_b[i, low + 1, j] * part)
            s2[i, :, :, j] = (1 - rho[i, j] + recalls * rho[i, j] * tail) / (1 - both[i, j])
        s2[i] = np.maximum(_log(s2[i]), a2[i])
    return g, s, alive


# ------------------------------------------------------------------------------------------------------------ reading


@dataclass(frozen=True, slots=True)
class _Read:
    """A history, checked and cut at the as-of day; days are floats on the calendar."""

    id: str
    begun: bool
    at: int
    nodes: tuple[Floats, ...]  # days on which each event may lie (the first is the start of the clock)
    steps: tuple[int | None, ...]  # true sessions from one event to the next, where numbered
    spans: tuple[tuple[float, float], ...]
    recalls: Floats
    log_promise: float | None
    level: int
    passed: tuple[float, ...]
    coming: tuple[float, ...]
    met: tuple[bool, ...]  # at which passed occasions it is seen to meet
    evident: int  # passed occasions up to the last sign of life
    off: int
    off_years: float
    margin: bool
    declared: str


def _recalls(recall: float | tuple[float, float], name: str) -> Floats:
    """Nodes of recall, of equal weight, in steps of 0.02."""
    rule = "is not a recall: a number in [0.02, 1] or two Beta parameters above 0"
    if isinstance(recall, tuple):
        if len(recall) != 2 or not all(math.isfinite(v) and v > 0 for v in recall):
            raise BadInput(f"{recall!r} ({name})", rule, "estimate recall first; without any, no rate is given")
        values = special.betaincinv(recall[0], recall[1], np.array([0.1, 0.3, 0.5, 0.7, 0.9]))
    else:
        if isinstance(recall, bool) or not (math.isfinite(recall) and _RECALL_LOW <= recall <= 1):
            raise BadInput(f"{recall!r} ({name})", rule, "estimate recall first; without any, no rate is given")
        values = np.array([float(recall)])
    snapped = np.round(np.asarray(values) / _RECALL_STEP) * _RECALL_STEP
    return np.asarray(np.round(np.clip(snapped, _RECALL_LOW, 1.0), 2), dtype=np.float64)


def _nodes(first: float, last: float) -> Floats:
    """Midpoints of equal parts of a span of days: one for a known day."""
    width = last - first
    parts = 1 if width < 5 else 3 if width < 45 else 6 if width < 200 else 12
    return first + (width + 1) * (np.arange(parts) + 0.5) / parts - 0.5


def _numbers(found: list[int | None], name: str) -> list[int | None]:
    """Number the sessions between two numbers that leave room for exactly them; refuse numbers that do not rise."""
    out = list(found)
    known = [i for i, v in enumerate(out) if v is not None]
    for i, j in pairwise(known):
        low, high = out[i], out[j]
        if low is None or high is None:
            continue
        if high - low < j - i:
            raise BadInput(
                f"numbers {low} and {high} of {name}",
                f"leave no room for the {j - i - 1} sessions on record between them, or do not rise",
                "check the numbers, or leave them out",
            )
        if high - low == j - i:
            out[i : j + 1] = list(range(low, high + 1))
    return out


def _read(history: History, as_of: int, window: int) -> _Read:
    """Check a history and cut it at the as-of day."""
    name = history.id
    if not isinstance(name, str) or not name:
        raise BadInput(repr(name), "is not an id", "give every history a name of its own")
    if history.declared not in ("", "superseded", "suspended"):
        raise BadInput(
            f"{history.declared!r} ({name})", "is not declared by a record", "use 'superseded' or 'suspended'"
        )
    if (
        isinstance(history.level, bool)
        or not isinstance(history.level, (int, np.integer))
        or not 0 <= history.level < 1000
    ):
        raise BadInput(f"level {history.level!r} ({name})", "is not an index", "number the levels from 0")
    promise = history.promised_months
    if promise is not None and not (math.isfinite(promise) and 0 < promise <= 600):
        raise BadInput(
            f"{promise!r} months ({name})", "is no cadence", "give months above 0, or None where nothing is promised"
        )
    spans = _spans(history.at_risk_exclusions)
    at = as_of if history.until is None else min(as_of, _day(history.until, "until"))
    rows = []
    for session in history.sessions:
        if len(session) not in (2, 3):
            raise BadInput(f"{session!r} ({name})", "is not a session", "give (first day, last day[, number])")
        first, last = _day(session[0], "session"), _day(session[1], "session")
        if last < first:
            raise BadPeriod(f"{session!r} ({name})", "ends before it starts", "swap the two days")
        number = session[2] if len(session) == 3 else None
        if number is not None and (isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 1):
            raise BadInput(f"{number!r} ({name})", "is not a number of a session", "give 1 or more, or None")
        if first <= at:
            rows.append((first, min(last, at), number))
    rows.sort(key=lambda row: ((row[0] + row[1]) / 2, row[0], row[2] or 0))
    recalls = _recalls(history.recall, name)
    nodes = [_nodes(first, last) for first, last, _ in rows]
    numbers: list[int | None] = [None if n is None else int(n) for _, _, n in rows]
    since = None if history.since is None else _day(history.since, "since")
    if since is not None and since <= at and (not rows or since < rows[0][0]):
        nodes.insert(0, np.array([float(since)]))
        numbers.insert(0, 0)
    numbers = _numbers(numbers, name)
    steps = tuple(None if a is None or b is None else b - a for a, b in pairwise(numbers))
    if float(recalls.min()) >= 1 and any(s is not None and s > 1 for s in steps):
        raise BadInput(f"recall 1 ({name})", "contradicts numbers that skip", "give the recall that the numbers imply")
    passed: list[float] = []
    coming: list[float] = []
    met: list[bool] = []
    evident = off = 0
    off_years = 0.0
    if history.occasions is not None and nodes:
        days = sorted({float(_day(o, "occasion")) for o in history.occasions})
        days = [o for o in days if not any(low <= o < high for low, high in spans)]
        seen = [float(v.mean()) for v in nodes]
        founded = numbers[0] == 0 and len(nodes) > len(rows)
        hits: set[float] = set()
        opening = seen[0] - 1 if founded else float(rows[0][1])  # the first session on record is given, not explained
        for i, (first, last, _) in enumerate(rows):
            near = [o for o in days if first - window <= o <= last + window]
            if near:
                middle = (first + last) / 2
                hit = min(near, key=lambda o: (abs(o - middle), o))
                hits.add(hit)
                if i == 0 and not founded:
                    opening = hit
            elif i or founded:
                off += 1
        started = [o for o in days if o > opening]
        passed = [o for o in started if o in hits or o + window <= at]
        coming = [o for o in started if o not in hits and o + window > at]
        met = [o in hits for o in passed]
        signs = [o for o in passed if o in hits] + seen[-1:]
        evident = sum(o <= max(signs) for o in passed)
        off_years = max(0.0, _at_risk(seen[0], at, spans)) / _YEAR
        gaps = np.diff(days)
        spacing = float(gaps[-12:].mean()) if len(gaps) else _YEAR
        future = [*coming] or [max(at + 1.0 - window, (days[-1] if days else at) + spacing)]
        while future[-1] < at + 20 * _YEAR and len(future) < 400:
            future.append(future[-1] + max(spacing, 7.0))
        coming = [max(o, at + 1.0) for o in future if not any(low <= o < high for low, high in spans)]
    return _Read(
        id=name,
        begun=bool(nodes),
        at=at,
        nodes=tuple(nodes),
        steps=steps,
        spans=tuple(spans),
        recalls=recalls,
        log_promise=None if promise is None else math.log(promise * _MONTH),
        level=int(history.level),
        passed=tuple(passed),
        coming=tuple(coming),
        met=tuple(met),
        evident=evident,
        off=off,
        off_years=off_years,
        margin=history.occasions is not None,
        declared=history.declared,
    )


# --------------------------------------------------------------------------------------------------------- likelihood


def _rows(table: Floats, days: float, recalls: Ints) -> Floats:
    """Table at ``days`` for every mean gap, at some of its recalls: (mu, recall, k, death)."""
    at = (math.log(max(days, 0.5)) - _LOG_MU[0] - _X_LOW) / _STEP
    low = math.floor(at)
    index = np.clip(low - _STRIDE * np.arange(len(_LOG_MU)), 0, _X_POINTS - 2)[:, None]
    part = at - low
    rows: Floats = table[index, recalls]
    after = table[index + 1, recalls]
    rows *= 1 - part
    after *= part
    rows += after
    return rows


def _numbered(days: float, n: int, recalls: Floats) -> Floats:
    """Log density of the next on record being the ``n``-th true session: (mu, recall, k, death)."""
    k = np.exp(_LOG_K)
    x = max(days, 1.0) / np.exp(_LOG_MU)
    base = n * k * np.log(k * x[:, None]) - k * x[:, None] - special.gammaln(n * k) - np.log(x)[:, None]
    seen = _log(recalls) + (n - 1) * _log(1 - recalls) if n > 1 else _log(recalls)
    survive = np.concatenate(
        [
            np.broadcast_to(n * special.log_expit(-_LOGIT_D), (len(x), len(_LOGIT_D))),
            -np.exp(_LOG_KAPPA) * x[:, None],
        ],
        axis=1,
    )
    return np.asarray(base[:, None, :, None] + seen[None, :, None, None] + survive[:, None, None, :], dtype=np.float64)


def _add(logs: list[Floats]) -> Floats:
    """Log of the sum of exponentials, over the list."""
    total = logs[0]
    for other in logs[1:]:
        total = np.logaddexp(total, other)
    return total


def _days_evidence(read: _Read, tables: tuple[Floats, Floats, Floats], recalls: Ints) -> tuple[Floats, Floats, Floats]:
    """Likelihood (scaled to a maximum of 1), probability of being alive and mean recall, each (mu, death, k)."""
    log_g, log_s, log_a = tables
    mu = _LOG_MU[:, None, None, None]
    shape = (len(_LOG_MU), len(read.recalls), len(_LOG_K), log_g.shape[3])
    alpha = [np.zeros(shape) for _ in read.nodes[0]]

    @cache
    def step(gap: float, n: int | None) -> Floats:
        return (_rows(log_g, gap, recalls) if n is None else _numbered(gap, n, read.recalls)) - mu

    for before, after, n in zip(read.nodes, read.nodes[1:], read.steps, strict=False):
        new = []
        for day in after:
            parts = []
            for origin, value in zip(before, alpha, strict=True):
                gap = _at_risk(origin, day, read.spans)
                if len(before) == len(after) == 1 or gap > 0:
                    parts.append(value + step(max(gap, 1.0), n))
            new.append(_add(parts) if parts else np.full(shape, -1e4))
        if all(float(v.max()) <= -1e4 for v in new):  # the spans leave no order: they stand a day apart
            new = [alpha[0] + step(1.0, None) for _ in after]
        alpha = new
    ends = [max(0.5, _at_risk(day, read.at, read.spans)) for day in read.nodes[-1]]
    total = _add([v + _rows(log_s, s, recalls) for v, s in zip(alpha, ends, strict=True)])
    alive = _add([v + _rows(log_a, s, recalls) for v, s in zip(alpha, ends, strict=True)])
    top = float(total.max())
    total, alive = np.exp(total - top), np.exp(np.minimum(alive, total) - top)
    mean = np.einsum("mrkd,r->mkd", total, read.recalls) / np.maximum(total.sum(axis=1), _TINY)
    likelihood, living = total.sum(axis=1), alive.sum(axis=1)
    share = np.where(likelihood > _TINY, living / np.maximum(likelihood, _TINY), 0.0)
    out = [v.transpose(0, 2, 1) for v in (likelihood / likelihood.max(), np.minimum(share, 1.0), mean)]
    return out[0], out[1], out[2]


def _margin_evidence(read: _Read) -> tuple[Floats, Floats]:
    """Likelihood and probability of being alive on the grid (p, theta), for the clock of host occasions.

    Fader, Hardie and Shang (2010): it dies before an occasion with theta, else meets there with p.
    """
    p, theta = special.expit(_LOGIT_P), special.expit(_LOGIT_THETA)
    r = read.recalls
    seen = r[:, None, None] * p[None, :, None]
    hits = sum(read.met)
    silent = len(read.passed) - read.evident
    stay = (1 - theta)[None, None, :]
    log_first = (
        hits * np.log(seen)
        + (read.evident - hits) * np.log1p(-np.minimum(seen, 1 - 1e-12))
        + read.evident * np.log(stay)
    )
    first = np.exp(log_first - log_first.max())
    both = stay * (1 - seen)
    living = both**silent
    died = (1 - stay) * (1 - living) / np.maximum(1 - both, _TINY)
    total, alive = (first * (living + died)).sum(axis=0), (first * living).sum(axis=0)
    return total / total.max(), np.where(total > _TINY, alive / np.maximum(total, _TINY), 0.0)


# --------------------------------------------------------------------------------------------------------- population


def _gauss(x: Floats, mean: float | Floats, sd: float | Floats) -> Floats:
    """Normal weights on a grid, to sum to 1 along the last axis; far off the grid the nearest end has it all."""
    log = -0.5 * ((x - mean) / sd) ** 2
    weight = np.exp(log - log.max(axis=-1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True), dtype=np.float64)


def _start(levels: int) -> Hyper:
    """Population of the prior."""
    return Hyper(
        level_mean=(_MEAN["grand"][0],) * levels,
        grand_mean=_MEAN["grand"][0],
        level_sd=_SD["level"],
        free_sd=_SD["free"],
        promised_offset=0.0,
        promised_sd=_SD["promised"],
        k_mean=_MEAN["k"][0],
        k_sd=_SD["k"],
        d_mean=_MEAN["d"][0],
        d_sd=_SD["d"],
        hazard_mean=_MEAN["hazard"][0],
        hazard_sd=_SD["hazard"],
        session_weight=0.5,
        p_mean=_MEAN["p"][0],
        p_sd=_SD["p"],
        theta_mean=_MEAN["theta"][0],
        theta_sd=_SD["theta"],
    )


def _log_hazard() -> Floats:
    """Log death hazard per year of a cell (mu, hazard node)."""
    return np.asarray(_LOG_KAPPA - _LOG_MU[:, None] + math.log(_YEAR), dtype=np.float64)


def _prior(h: Hyper, reads: Sequence[_Read]) -> tuple[Floats, Floats, Floats]:
    """Prior weights of the cells: mean gap (n, mu), regularity (k,), death (mu, death)."""
    means = [
        r.log_promise + h.promised_offset
        if r.log_promise is not None
        else (h.level_mean[r.level] if r.level < len(h.level_mean) else h.grand_mean)
        for r in reads
    ]
    sds = [h.promised_sd if r.log_promise is not None else h.free_sd for r in reads]
    mu = _gauss(_LOG_MU, np.array(means)[:, None], np.array(sds)[:, None])
    after = np.broadcast_to(h.session_weight * _gauss(_LOGIT_D, h.d_mean, h.d_sd), (len(_LOG_MU), len(_LOGIT_D)))
    in_time = (1 - h.session_weight) * _gauss(_log_hazard(), h.hazard_mean, h.hazard_sd)
    return mu, _gauss(_LOG_K, h.k_mean, h.k_sd), np.concatenate([after, in_time], axis=1)


def _margin_prior(h: Hyper) -> Floats:
    """Prior weights of the cells (p, theta) of margin meetings."""
    return _gauss(_LOGIT_P, h.p_mean, h.p_sd)[:, None] * _gauss(_LOGIT_THETA, h.theta_mean, h.theta_sd)[None, :]


def _update(
    key: str, mean_key: str | tuple[float, float], sd: float, x: Floats, weight: Floats, rng: np.random.Generator | None
) -> tuple[float, float]:
    """Mean and spread of normal effects, given values and weights: the mode, or a draw where ``rng`` is given."""
    prior, prior_sd = _MEAN[mean_key] if isinstance(mean_key, str) else mean_key
    total = float(weight.sum())
    precision = 1 / prior_sd**2 + total / sd**2
    mean = (prior / prior_sd**2 + float((weight * x).sum()) / sd**2) / precision
    if rng is not None:
        mean += float(rng.standard_normal()) / math.sqrt(precision)
    scale = _NU * _SD[key] ** 2 + float((weight * (x - mean) ** 2).sum())
    variance = scale / (_NU + total) if rng is None else scale / float(rng.chisquare(_NU + total))
    return mean, math.sqrt(variance)


def _hyper_step(
    h: Hyper, levels: Ints, promises: Floats, stats: dict[str, tuple[Floats, Floats]], rng: np.random.Generator | None
) -> Hyper:
    """One step of the population given the cells: conditional mode (EM) or draw (Gibbs).

    ``stats`` gives values and weights per effect; for ``mu`` arrays (n, points), for the rest flat ones.
    """
    x, w = stats["mu"]
    free = np.isnan(promises)
    level_mean = []
    rest = np.zeros(0)
    rest_w = np.zeros(0)
    for level in range(len(h.level_mean)):
        mine = free & (levels == level)
        value, weight = x[mine].ravel(), w[mine].ravel()
        precision = 1 / h.level_sd**2 + weight.sum() / h.free_sd**2
        mean = float((h.grand_mean / h.level_sd**2 + (weight * value).sum() / h.free_sd**2) / precision)
        if rng is not None:
            mean += float(rng.standard_normal()) / math.sqrt(precision)
        level_mean.append(mean)
        rest, rest_w = np.append(rest, value - mean), np.append(rest_w, weight)
    scale = _NU * _SD["free"] ** 2 + float((rest_w * rest**2).sum())
    count = _NU + float(rest_w.sum())
    free_sd = math.sqrt(scale / count if rng is None else scale / float(rng.chisquare(count)))
    grand, level_sd = _update("level", "grand", h.level_sd, np.array(level_mean), np.ones(len(level_mean)), rng)
    off = (x[~free] - promises[~free, None]).ravel()
    offset, promised_sd = _update("promised", "offset", h.promised_sd, off, w[~free].ravel(), rng)
    k_mean, k_sd = _update("k", "k", h.k_sd, *stats["k"], rng)
    d_mean, d_sd = _update("d", "d", h.d_sd, *stats["d"], rng)
    hazard_mean, hazard_sd = _update("hazard", "hazard", h.hazard_sd, *stats["hazard"], rng)
    p_mean, p_sd = _update("p", "p", h.p_sd, *stats["p"], rng)
    theta_mean, theta_sd = _update("theta", "theta", h.theta_sd, *stats["theta"], rng)
    one, two = float(stats["d"][1].sum()), float(stats["hazard"][1].sum())
    weight = (1 + one) / (2 + one + two) if rng is None else float(rng.beta(1 + one, 1 + two))
    return Hyper(
        level_mean=tuple(level_mean),
        grand_mean=grand,
        level_sd=level_sd,
        free_sd=free_sd,
        promised_offset=offset,
        promised_sd=promised_sd,
        k_mean=k_mean,
        k_sd=max(k_sd, 0.25),
        d_mean=d_mean,
        d_sd=max(d_sd, 0.35),
        hazard_mean=hazard_mean,
        hazard_sd=max(hazard_sd, 0.35),
        session_weight=min(max(weight, 0.01), 0.99),
        p_mean=p_mean,
        p_sd=max(p_sd, 0.3),
        theta_mean=theta_mean,
        theta_sd=max(theta_sd, 0.35),
    )


def _flat(h: Hyper) -> Floats:
    """Population as a vector, level means first."""
    levels, *rest = (getattr(h, f.name) for f in fields(h))
    return np.array([*levels, *rest], dtype=np.float64)


def _unflat(values: Floats, levels: int) -> Hyper:
    """The way back of `_flat`."""
    return Hyper(tuple(float(v) for v in values[:levels]), *(float(v) for v in values[levels:]))


def _pick(weights: Floats, rng: np.random.Generator) -> Ints:
    """One index per row, with probability in proportion to the weights (n, cells)."""
    total = np.cumsum(weights, axis=1)
    at = rng.random(len(weights)) * total[:, -1]
    return np.asarray(np.minimum((total <= at[:, None]).sum(axis=1), weights.shape[1] - 1), dtype=np.int64)


def _mode(like: Floats, margin: Floats, reads: Sequence[_Read], h: Hyper, levels: Ints, promises: Floats) -> Hyper:
    """Population at the posterior mode: EM over the cells (Dempster, Laird and Rubin 1977)."""
    n_after = len(_LOGIT_D)
    light = like.astype(np.float32)
    for _ in range(150):
        mu, k, death = _prior(h, reads)
        outer = mu[:, :, None] * death
        joint = (light @ k.astype(np.float32)) * outer  # n, mu, death
        total = np.maximum(joint.sum(axis=(1, 2)), _TINY)
        joint /= total[:, None, None]
        share = np.ravel(outer / total[:, None, None]).astype(np.float32)
        k_post = np.asarray(share @ light.reshape(-1, len(k)), dtype=np.float64) * k
        cells = joint.sum(axis=0)
        prior = _margin_prior(h)
        m = margin * prior
        m = (m / np.maximum(m.sum(axis=(1, 2), keepdims=True), _TINY)).sum(axis=0)
        stats = {
            "mu": (np.broadcast_to(_LOG_MU, (len(reads), len(_LOG_MU))), joint.sum(axis=2)),
            "k": (_LOG_K, k_post),
            "d": (_LOGIT_D, cells[:, :n_after].sum(axis=0)),
            "hazard": (_log_hazard().ravel(), cells[:, n_after:].ravel()),
            "p": (_LOGIT_P, m.sum(axis=1)),
            "theta": (_LOGIT_THETA, m.sum(axis=0)),
        }
        new = _hyper_step(h, levels, promises, stats, None)
        moved = float(np.abs(_flat(new) - _flat(h)).max())
        h = new
        if moved < 5e-4:
            break
    return h


def _gibbs(
    like: Floats,
    margin: Floats,
    reads: Sequence[_Read],
    h: Hyper,
    levels: Ints,
    promises: Floats,
    draws: int,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, Floats]:
    """Cell weights averaged over draws of the population (days, margin meetings), and the draws (draws, parameters)."""
    n, (n_mu, n_death), n_after = len(reads), (len(_LOG_MU), len(_LOGIT_D) + len(_LOG_KAPPA)), len(_LOGIT_D)
    burn, every = max(50, draws // 10), max(1, draws // 100)
    weights, margin_weights = np.zeros_like(like), np.zeros_like(margin)
    kept = []
    log_hazard = _log_hazard()
    rows = np.arange(n)
    light = like.astype(np.float32)
    for turn in range(burn + draws):
        mu, k, death = _prior(h, reads)
        outer = mu[:, :, None] * death
        joint = (light @ k.astype(np.float32)) * outer
        prior = margin * _margin_prior(h)
        if turn >= burn:
            kept.append(_flat(h))
            if turn % every == 0:
                total = np.maximum(joint.sum(axis=(1, 2)), _TINY)
                weights += like * (outer / total[:, None, None])[..., None] * k
                margin_weights += prior / np.maximum(prior.sum(axis=(1, 2), keepdims=True), _TINY)
        cell = _pick(joint.reshape(n, n_mu * n_death), rng) if n else np.zeros(0, dtype=np.int64)
        i_mu, i_death = np.divmod(cell, n_death)
        i_k = _pick(like[rows, i_mu, i_death] * k, rng) if n else cell
        m = _pick(prior.reshape(len(margin), -1), rng) if len(margin) else np.zeros(0, dtype=np.int64)
        after = i_death < n_after
        hazard = log_hazard[i_mu[~after], i_death[~after] - n_after]
        stats = {
            "mu": (_LOG_MU[i_mu][:, None], np.ones((n, 1))),
            "k": (_LOG_K[i_k], np.ones(n)),
            "d": (_LOGIT_D[i_death[after]], np.ones(int(after.sum()))),
            "hazard": (hazard, np.ones(len(hazard))),
            "p": (_LOGIT_P[m // len(_LOGIT_THETA)], np.ones(len(m))),
            "theta": (_LOGIT_THETA[m % len(_LOGIT_THETA)], np.ones(len(m))),
        }
        h = _hyper_step(h, levels, promises, stats, rng)
    weights /= np.maximum(weights.sum(axis=(1, 2, 3), keepdims=True), _TINY)
    margin_weights /= np.maximum(margin_weights.sum(axis=(1, 2), keepdims=True), _TINY)
    return weights, margin_weights, np.array(kept)


# --------------------------------------------------------------------------------------------------------- prediction


def _quantiles(values: Floats, weights: Floats, at: tuple[float, ...]) -> Floats:
    """Quantiles of weighted values, interpolated between midpoints of the cumulated weight."""
    values, weights = values.ravel(), weights.ravel()
    keep = weights > weights.max() * 1e-9
    values, weights = values[keep], weights[keep]
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(weights[order]) - weights[order] / 2
    return np.asarray(np.interp(np.array(at) * weights.sum(), middle, values[order]), dtype=np.float64)


def _next_gap(
    mean: Floats, k: Floats, q: Floats, kappa: Floats, recall: Floats, silent: float, rng: np.random.Generator
) -> Floats:
    """Days from now to the next true session of mechanisms alive after a silence; infinite where death comes first.

    The number n of sessions since the last one on record is drawn first, then the time of the (n+1)-th: it exceeds the
    silence while the n-th does not, and their ratio is Beta(nk, k), independent of the (n+1)-th.
    """
    size = len(mean)
    s = silent / mean
    a = q * (1 - recall)
    most = 0
    if a.max() > 0:
        most = int(min(60, math.ceil(math.log(1e-5) / math.log(min(a.max(), 0.95))), math.ceil(3 * s.max() + 6)))
    n = np.arange(most + 1)
    shape = (n + 1)[None, :] * k[:, None]
    late = special.gammaincc(shape, (k * s)[:, None])  # P(the (n+1)-th comes after s)
    weight = np.diff(late, axis=1, prepend=0.0) * a[:, None] ** n[None, :]
    weight[:, -1] += 1e-280
    count = _pick(np.maximum(weight, 0.0), rng)
    grid = np.concatenate([[0.0], np.geomspace(5e-3, 30.0, 26)])
    shape = ((count + 1) * k)[:, None]
    t = s[:, None] + grid
    log_f = special.xlogy(shape - 1, np.maximum(t, 1e-9)) - k[:, None] * t
    log_f -= log_f.max(axis=1, keepdims=True)
    f = np.exp(log_f)
    some = count > 0
    if some.any():
        ratio = np.minimum(s[some, None] / np.maximum(t[some], 1e-12), 1.0)
        f[some] *= special.betainc((count[some] * k[some])[:, None], k[some, None], ratio)
    f += 1e-290
    tilt = f * np.exp(-kappa[:, None] * grid)
    width = np.diff(grid)
    whole = (f[:, :-1] + f[:, 1:]) @ width
    part = np.cumsum((tilt[:, :-1] + tilt[:, 1:]) * width, axis=1)
    meets = rng.random(size) * whole < part[:, -1]
    target = rng.random(size) * part[:, -1]
    low = np.minimum((part < target[:, None]).sum(axis=1), len(width) - 1)
    rows = np.arange(size)
    before = np.where(low > 0, part[rows, low - 1], 0.0)
    inside = np.clip((target - before) / np.maximum(part[rows, low] - before, _TINY), 0.0, 1.0)
    return np.where(meets, (grid[low] + inside * width[low]) * mean, np.inf)


def _predict_days(
    read: _Read, weights: Floats, alive: Floats, recall: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draws of days at risk to the next session (infinite: dies first) and of sessions in 365 days, given alive."""
    n_death, n_after = weights.shape[1], len(_LOGIT_D)
    flat = (weights * alive).ravel()
    if flat.sum() <= 0:
        flat = weights.ravel()
    # One stratified draw per mechanism: less noise than independent ones.
    at = (np.arange(_PREDICT) + rng.random(_PREDICT)) / _PREDICT * flat.sum()
    cell = np.minimum(np.searchsorted(np.cumsum(flat), at, side="right"), len(flat) - 1)
    rng.shuffle(cell)
    rest, i_k = np.divmod(cell, len(_LOG_K))
    i_mu, i_death = np.divmod(rest, n_death)
    after = i_death < n_after
    mean = np.exp(_LOG_MU[i_mu] + _STEP * _STRIDE * (rng.random(_PREDICT) - 0.5))
    k = np.exp(_LOG_K[i_k])
    q = np.where(after, 1 - special.expit(_LOGIT_D[np.minimum(i_death, n_after - 1)]), 1.0)
    kappa = np.where(after, 0.0, np.exp(_LOG_KAPPA[np.maximum(i_death - n_after, 0)]))
    last = float(read.nodes[-1].mean())
    silent = max(0.0, _at_risk(last, read.at, read.spans))
    first = _next_gap(mean, k, q, kappa, recall.ravel()[cell], silent, rng)
    horizon = max(0.0, _at_risk(read.at, read.at + 365.0, read.spans))
    count = np.zeros(_PREDICT)
    now = first.copy()
    for _ in range(200):
        going = now <= horizon
        if not going.any():
            break
        count += going
        gap = rng.gamma(k, mean / k)
        dies = np.where(after, rng.random(_PREDICT) > q, rng.exponential(1.0, _PREDICT) * mean < gap * kappa)
        now = np.where(going & ~dies, now + gap, np.inf)
    return first, count


def _predict_margin(
    read: _Read, weights: Floats, alive: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Draws, given alive: day of the next session (infinite: dies first), sessions in 365 days, yearly rate."""
    flat = (weights * alive).ravel()
    if flat.sum() <= 0:
        flat = weights.ravel()
    at = (np.arange(_PREDICT) + rng.random(_PREDICT)) / _PREDICT * flat.sum()
    cell = np.minimum(np.searchsorted(np.cumsum(flat), at, side="right"), len(flat) - 1)
    i_p, i_theta = np.divmod(cell, len(_LOGIT_THETA))
    p, theta = special.expit(_LOGIT_P[i_p])[:, None], special.expit(_LOGIT_THETA[i_theta])[:, None]
    coming = np.array(read.coming, dtype=np.float64)
    years = read.off_years * float(read.recalls.mean())
    off = rng.gamma(read.off + 0.5, 1.0, _PREDICT) / (years + 1.0)  # sessions away from a host event, per year
    if not len(coming):  # never at risk again
        return np.full(_PREDICT, np.inf), np.zeros(_PREDICT), off
    lives = np.cumsum(rng.random((_PREDICT, len(coming))) < theta, axis=1) == 0
    meets = lives & (rng.random((_PREDICT, len(coming))) < p)
    first = np.where(meets.any(axis=1), coming[meets.argmax(axis=1)], np.inf)
    death = np.where(lives.all(axis=1), np.inf, coming[lives.argmin(axis=1)])
    away = rng.exponential(1.0, _PREDICT) / off * _YEAR
    days = np.array([_calendar(float(read.at), float(v), read.spans) for v in away])
    days = np.where(np.isnan(days), np.inf, days)
    first = np.minimum(first, np.where(days < death, days, np.inf))
    end = read.at + 365.0
    exposed = np.array([_at_risk(read.at, min(end, float(v)), read.spans) for v in death]) / _YEAR
    count = (meets & (coming <= end)).sum(axis=1) + rng.poisson(off * np.maximum(exposed, 0.0))
    per_year = float((coming <= read.at + 3 * _YEAR).sum()) / 3
    return first, count.astype(np.float64), p[:, 0] * per_year + off


def fit(
    histories: Sequence[History],
    *,
    as_of: date | int,
    seed: int,
    draws: int = 2000,
    fast: bool = False,
    hyper: Hyper | None = None,
    occasion_window: int = 10,
) -> Renewals:
    """Fit all mechanisms together and say of each whether it is alive and when it meets next.

    Parameters
    ----------
    histories : sequence of History
        One per mechanism. Sessions that began after the as-of day are not used; what became known later is for the
        caller to leave out.
    as_of : date or int
    seed : int
        0 or more. The result is the same to the bit for the same seed and histories, whatever their order.
    draws : int
        Draws of the population kept (Gibbs sampling; a tenth more are run in), 50 or more. Not used with ``fast`` or
        ``hyper``.
    fast : bool
        The population at its posterior mode (EM) instead: its own uncertainty is then not in the intervals.
    hyper : Hyper, optional
        A population from an earlier fit, taken as known: to score one mechanism, or one at many days.
    occasion_window : int
        Days by which a session may lie from the first day of a host event and still count as held there, 0 to 60.

    Returns
    -------
    Renewals

    Raises
    ------
    BadInput
        No history, an id twice, a value out of range (see `History`), official numbers that contradict the sessions.
    BadPeriod
        Not a day, or a span that ends before it starts.

    Notes
    -----
    Model and sources: module docstring and the card `mechanisms`. The likelihood of a mechanism is on a grid of mean
    gap (56) x regularity (8) x death (10 after a session, 10 in time), with recall and vague dates summed out; cells
    are drawn given the population and the population given the cells (Gelfand and Smith 1990, *JASA* 85(410)).
    ``p_alive`` averages the exact cell weights of 100 draws; dates and counts come from 400 simulated futures each.

    Examples
    --------
    >>> yearly = tuple((date(y, 6, 1), date(y, 6, 1)) for y in range(2010, 2020))
    >>> result = fit([History("talks", yearly)], as_of=date(2020, 1, 1), seed=1, fast=True)
    >>> result.state, bool(result.next_low[0] > date(2020, 1, 1).toordinal())
    (('alive',), True)
    >>> fit([History("talks", yearly)], as_of=date(2024, 1, 1), seed=1, fast=True).state
    ('lapsed',)
    """
    day = _day(as_of, "as_of")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise BadInput(f"seed {seed!r}", "is not a seed", "give a whole number, 0 or more")
    if not fast and hyper is None and draws < 50:
        raise BadInput(f"draws={draws}", "are too few for intervals", "give 50 or more, or fast=True")
    if not 0 <= occasion_window <= 60:
        raise BadInput(f"occasion_window={occasion_window}", "is out of range", "give 0 to 60 days")
    if not histories:
        raise BadInput("an empty list", "has no mechanism", "give at least one history")
    ids = [h.id for h in histories]
    twice = sorted({str(i) for i in ids if ids.count(i) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        raise BadInput(", ".join(twice), "stand twice among the histories", "give every mechanism once")
    reads = [_read(h, day, occasion_window) for h in histories]
    order = sorted(range(len(reads)), key=lambda i: ids[i])
    plain = [i for i in order if reads[i].begun and not reads[i].margin]
    beside = [i for i in order if reads[i].begun and reads[i].margin]
    n_levels = max(r.level for r in reads) + 1
    shape = (len(plain), len(_LOG_MU), len(_LOGIT_D) + len(_LOG_KAPPA), len(_LOG_K))
    like, alive, recall = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=np.float32)
    if plain:
        nodes = np.unique(np.concatenate([reads[i].recalls for i in plain]))
        tables = _tables(nodes)
        for row, i in enumerate(plain):
            at = np.searchsorted(nodes, reads[i].recalls)
            like[row], alive[row], recall[row] = _days_evidence(reads[i], tables, at)
    margin = np.zeros((len(beside), len(_LOGIT_P), len(_LOGIT_THETA)))
    margin_alive = np.zeros_like(margin)
    for row, i in enumerate(beside):
        margin[row], margin_alive[row] = _margin_evidence(reads[i])

    group = [reads[i] for i in plain]
    levels = np.array([r.level for r in group], dtype=np.int64)
    promises = np.array([math.nan if r.log_promise is None else r.log_promise for r in group], dtype=np.float64)
    ends: list[Hyper | None] = [None, None]
    found = hyper if hyper is not None else _mode(like, margin, group, _start(n_levels), levels, promises)
    if hyper is None and not fast:
        rng = np.random.default_rng(seed)
        weights, margin_weights, kept = _gibbs(like, margin, group, found, levels, promises, draws, rng)
        found = _unflat(kept.mean(axis=0), n_levels)
        ends = [_unflat(np.quantile(kept, q, axis=0), n_levels) for q in (0.05, 0.95)]
    else:
        mu, k, death = _prior(found, group) if group else (np.zeros((0, len(_LOG_MU))), np.ones(1), np.ones((1, 1)))
        weights = like * (mu[:, :, None] * death)[..., None] * k if group else like
        weights /= np.maximum(weights.sum(axis=(1, 2, 3), keepdims=True), _TINY)
        margin_weights = margin * _margin_prior(found)
        margin_weights /= np.maximum(margin_weights.sum(axis=(1, 2), keepdims=True), _TINY)

    out = {name: np.full(len(reads), math.nan) for name in _FIELDS}
    ladder = (0.05, 0.5, 0.95)
    for row, i in [*enumerate(plain), *enumerate(beside)]:
        read = reads[i]
        rng = np.random.default_rng([seed, zlib.crc32(read.id.encode()), 1])
        if read.margin:
            w, living = margin_weights[row], margin_alive[row]
            first, count, rate = _predict_margin(read, w, living, rng)
            rates = np.array([rate.mean(), *np.quantile(rate, (0.05, 0.95))])
        else:
            w, living = weights[row], alive[row]
            first, count = _predict_days(read, w, living, recall[row], rng)
            first = np.array([_calendar(float(read.at), float(v), read.spans) if v < np.inf else np.inf for v in first])
            per = (w * living).sum(axis=(1, 2))
            per = per if per.sum() > 0 else w.sum(axis=(1, 2))
            rate = _YEAR / np.exp(_LOG_MU)
            rates = np.array([float((per * rate).sum() / per.sum()), *_quantiles(rate, per, (0.05, 0.95))])
        p = float(min(1.0, (w * living).sum()))
        out["p_alive"][i] = p
        out["p_alive_low"][i], out["p_alive_high"][i] = _quantiles(living, w, (0.05, 0.95))
        first = first[np.isfinite(first)]
        if len(first):
            out["next_low"][i], out["next_median"][i], out["next_high"][i] = np.quantile(first, ladder)
        out["per_year"][i], out["per_year_low"][i], out["per_year_high"][i] = rates
        out["sessions_12m_alive"][i] = count.mean()
        out["sessions_12m"][i] = p * count.mean()
        dead = rng.permutation((np.arange(_PREDICT) + 0.5) / _PREDICT) > p
        out["sessions_12m_low"][i], out["sessions_12m_high"][i] = np.quantile(
            np.where(dead, 0.0, count), (0.05, 0.95), method="inverted_cdf"
        )
    state = tuple(
        "not_applicable"
        if not r.begun
        else r.declared or ("alive" if p >= ALIVE_FROM else "lapsed" if p < LAPSED_BELOW else "uncertain")
        for r, p in zip(reads, out["p_alive"], strict=True)
    )
    return Renewals(
        ids=tuple(ids),
        at=np.array([r.at for r in reads], dtype=np.int64),
        state=state,
        hyper=found,
        hyper_low=ends[0],
        hyper_high=ends[1],
        **out,
    )


_FIELDS: Final = (
    "p_alive",
    "p_alive_low",
    "p_alive_high",
    "next_low",
    "next_median",
    "next_high",
    "per_year",
    "per_year_low",
    "per_year_high",
    "sessions_12m",
    "sessions_12m_low",
    "sessions_12m_high",
    "sessions_12m_alive",
)


# --------------------------------------------------------------------------------------------------- simulated worlds


def simulate(
    n: int,
    *,
    seed: int,
    as_of: date | int,
    recall: float,
    death: str = "session",
    mean_gap: float = 300.0,
    years: float = 15.0,
) -> tuple[tuple[History, ...], Truth]:
    """Make a world of mechanisms with planted deaths, of which only what is on record is seen.

    Parameters
    ----------
    n : int
        Mechanisms founded; those without a session on record are not returned, so fewer come back.
    seed : int
    as_of : date or int
    recall : float
        Probability that a session is on record, in [0.02, 1].
    death : {"session", "time"}
        After a session (logit normal, median 0.08), or a hazard per year (log normal, median 0.1).
    mean_gap : float
        Median of the mean gaps in days; three levels lie a third below, at and a half above it, and mechanisms around
        their level with a log spread of 0.5.
    years : float
        Foundations are spread evenly over the years before the as-of day.

    Returns
    -------
    histories : tuple of History
    truth : Truth
        Arrays in the same order.

    Raises
    ------
    BadInput
        An unknown kind of death.

    Notes
    -----
    Source: the model of this module, run forwards; regularity is log normal with median 2.5 and log spread 0.5.

    Examples
    --------
    >>> histories, truth = simulate(50, seed=1, as_of=date(2025, 1, 1), recall=0.6)
    >>> len(histories) == len(truth.alive) <= 50
    True
    """
    if death not in ("session", "time"):
        raise BadInput(f"death={death!r}", "is not a kind of death", "use 'session' or 'time'")
    rng = np.random.default_rng(seed)
    end = _day(as_of, "as_of")
    histories, alive, following, counts = [], [], [], []
    for number in range(n):
        level = int(rng.integers(3))
        mean = mean_gap * (0.67, 1.0, 1.5)[level] * math.exp(0.5 * rng.standard_normal())
        k = math.exp(math.log(2.5) + 0.5 * rng.standard_normal())
        d = float(special.expit(math.log(0.08 / 0.92) + 0.6 * rng.standard_normal()))
        now = end - years * _YEAR * float(rng.random())
        dies = now + _YEAR * float(rng.exponential()) / (0.1 * math.exp(0.6 * rng.standard_normal()))
        seen: list[tuple[int, int]] = []
        after: list[float] = []
        lives = death == "session" or dies > end
        while now <= end + 40 * _YEAR and (death == "session" or now <= dies):
            if now > end:
                after.append(now)
            elif rng.random() < recall:
                seen.append((round(now), round(now)))
            if death == "session" and rng.random() < d:
                lives = now > end
                break
            now += float(rng.gamma(k, mean / k))
        seen = [(min(a, end), min(b, end)) for a, b in seen]
        if seen:
            histories.append(History(f"m{number:05d}", tuple(seen), recall=recall, level=level))
            alive.append(lives)
            following.append(after[0] if after else math.nan)
            counts.append(float(sum(t <= end + 365 for t in after)))
    return tuple(histories), Truth(np.array(alive, dtype=np.bool_), np.array(following), np.array(counts))

"""Institutionalisation and functionalisation of a group by year, on one scale with comparison groups.

Card: docs/methods/dimensions.md. The numbers are made in `minilateral.measure.factors`; here the indicators are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from minilateral.errors import NoEvidence
from minilateral.evidence import Record
from minilateral.measure.coverage import reach
from minilateral.measure.factors import (
    FactorDraws,
    FactorFit,
    Panel,
    contributions,
    equal_weight,
    fit_em,
    fit_gibbs,
    leave_out,
    principal_component,
)
from minilateral.measure.indicators import FIRST_YEAR, Indicator, Reading, indicators, readings
from minilateral.terms import Group, Selection, code_table
from minilateral.terms.tables import read_tsv, shipped

Unit = TypeVar("Unit")

#: Languages whose rows are left out in turn.
LEFT_LANGUAGES = ("en", "ko", "ja")

#: Tiers of sources whose rows are left out in turn.
LEFT_TIERS = ("government", "agency", "newspaper")

#: A domain of a group is given levels only where it has so many cooperative acts.
LEAST_ACTS = 30

#: What if the record held only half as much of the years before this one as its recall says?
THINNED_BEFORE = 2021

#: A year is given a number only where so many indicators of a dimension were observed.
LEAST_INDICATORS = 3

#: Draws kept of the paths of a group, for questions about windows of years.
PATHS = 2000

#: Point estimates kept in memory.
KEPT_FITS = 32

#: Length of the chains: of the panel, of that of domains (fewer units: its scale moves more slowly), of each variant.
CHAINS = {"draws": 1000, "burn": 300}
DOMAIN_CHAINS = {"draws": 2500, "burn": 750}
SHORT_CHAINS = {"draws": 100, "burn": 100}


@dataclass(frozen=True, slots=True)
class Level:
    """One dimension of a group in one year.

    Attributes
    ----------
    mean, low, high : float or None
        In standard deviations over all groups and years of the panel; 90 % interval. None where fewer than three
        indicators were observed. The interval is given where the parameters were sampled: that of the point estimate
        alone leaves out that they are uncertain, and covers too little.
    indicators : int
        How many were.
    equal_weight, principal : float or None
        The two rivals without the model: the mean z-score, and the first principal component.
    reason : str
        Why there is no number.
    """

    group: str
    year: int
    dimension: str
    mean: float | None
    low: float | None
    high: float | None
    indicators: int
    equal_weight: float | None
    principal: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one indicator adds to the level of a year: the parts of a dimension sum to its mean."""

    year: int
    dimension: str
    indicator: str
    value: float | None
    exposure: float
    part: float
    state: str
    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """The level of a year when something is left out or changed.

    ``without_study``; ``without_<language>``, ``without_<tier>``: without the acts that rest on it alone;
    ``without_<producer>``, ``without_<indicator>``; ``half_recall_before``: with half the recall before 2021.
    """

    variant: str
    year: int
    dimension: str
    mean: float | None


@dataclass(frozen=True, eq=False)
class Dimensions:
    """Both dimensions of a group.

    Attributes
    ----------
    levels : tuple of Level
        Of all groups of the panel, the asked one included.
    parts, variants : tuple
        Of the asked group.
    years : tuple of int
    draws : array [n, T, 2]
        Draws of the paths of the asked group, for questions about windows of years; NaN where no number is given.
        Without sampling there is none (n = 0).
    variant_draws : mapping of str to array [n, T, 2]
        The same without the study, without each language, and as if the record held half as much of the time before.
    full : bool
        From the Gibbs sampler, whose intervals hold the uncertainty of the parameters too.
    rhat : float or None
        The largest R-hat of the levels, where they were sampled.
    """

    group: Group
    as_of: date
    levels: tuple[Level, ...]
    parts: tuple[Part, ...]
    variants: tuple[Variant, ...]
    years: tuple[int, ...]
    draws: npt.NDArray[np.float64]
    variant_draws: Mapping[str, npt.NDArray[np.float64]]
    full: bool
    rhat: float | None

    def of(self, group: Group, dimension: str) -> tuple[Level, ...]:
        """The levels of one group in one dimension, by year."""
        return tuple(x for x in self.levels if x.group == group.key and x.dimension == dimension)

    def mean_over(self, dimension: str, first: int, last: int, variant: str = "") -> npt.NDArray[np.float64]:
        """Draws of the mean level over the years ``first`` to ``last``; empty if one of them has no number."""
        at = [self.years.index(y) for y in range(first, last + 1) if y in self.years]
        draws = self.variant_draws.get(variant, self.draws[:0]) if variant else self.draws
        chosen = draws[:, at, code_table().codes("dimension").index(dimension)]
        whole = len(at) == last - first + 1 and len(draws) > 0 and np.isfinite(chosen).all()
        return np.asarray(chosen.mean(axis=1)) if whole else np.empty(0)


@cache
def comparison_groups() -> tuple[Group, ...]:
    """The groups that share the scale, as declared in ``data/comparison.tsv``.

    Examples
    --------
    >>> comparison_groups()[0].key
    'JPN-KOR-USA'
    """
    return tuple(Group.parse(r["members"].split(";")) for r in read_tsv(shipped("comparison.tsv")))


@dataclass(frozen=True, eq=False)
class _Base:
    """The panel of all groups."""

    groups: tuple[Group, ...]
    read: Mapping[Group, Mapping[tuple[str, int], Reading]]
    panel: Panel
    years: tuple[int, ...]
    enough: npt.NDArray[np.bool_]
    sampled: dict[int, FactorDraws]


_BASES: WeakKeyDictionary[Record, dict[tuple[Any, ...], _Base]] = WeakKeyDictionary()
_FITTED: WeakKeyDictionary[Record, dict[tuple[Any, ...], Dimensions]] = WeakKeyDictionary()


def _base(record: Record, groups: tuple[Group, ...], as_of: date) -> _Base:
    known = _BASES.setdefault(record, {})
    if (groups, as_of) not in known:
        read = {g: _read(record, g, as_of) for g in groups}
        panel, years = _panel(groups, read, indicators(), as_of)
        known[groups, as_of] = _Base(groups, read, panel, years, _enough(panel), {})
    return known[groups, as_of]


_FITS: dict[tuple[bytes, ...], FactorFit] = {}


def _fitted(panel: Panel) -> FactorFit:
    """The point estimate; two records that give the same indicators share it."""
    assert panel.exposure is not None
    key = (panel.values.tobytes(), panel.exposure.tobytes(), repr(panel.shape).encode())
    if key not in _FITS:
        if len(_FITS) >= KEPT_FITS:
            _FITS.pop(next(iter(_FITS)))
        _FITS[key] = fit_em(panel)
    return _FITS[key]


def dimensions(
    record: Record,
    group: Group,
    as_of: date,
    *,
    beside: Iterable[Group] = (),
    seed: int = 0,
    full: bool = False,
    variants: bool = True,
) -> Dimensions:
    """Estimate both dimensions of a group by year, on one scale with the comparison groups.

    Parameters
    ----------
    record : Record
        As known on ``as_of``.
    group : Group
    as_of : datetime.date
    beside : iterable of Group
        Further groups on the same scale.
    seed : int
        Of the sampler, and of the draws of paths.
    full : bool
        Sample the parameters too (Gibbs, under a minute), and refit without every indicator. Else EM: the point alone,
        in seconds, without intervals.
    variants : bool
        Also without the study, each language, tier of sources and producer, and with less recall before 2021; sampled
        ones without each indicator too.

    Raises
    ------
    NoEvidence
        If no year of the group has three indicators of a dimension.
    """
    if as_of.year < FIRST_YEAR:
        raise NoEvidence(group.key, f"has no year before {FIRST_YEAR} that was searched", "ask for a later day")
    known = _FITTED.setdefault(record, {})
    groups = tuple(dict.fromkeys((*comparison_groups(), *beside, group)))
    key = (group, groups, as_of, seed, full, variants)
    if key not in known:
        known[key] = _estimate(record, _base(record, groups, as_of), group, as_of, seed, full, variants)
    return known[key]


def _estimate(
    record: Record, base: _Base, group: Group, as_of: date, seed: int, full: bool, variants: bool
) -> Dimensions:
    groups, panel, years, enough = base.groups, base.panel, base.years, base.enough
    g = groups.index(group)
    if not enough[g].any():
        raise NoEvidence(
            group.key,
            f"has no year in which {LEAST_INDICATORS} indicators of a dimension were observed",
            "add acts and searches of its mechanisms, or ask for one of " + ", ".join(x.key for x in groups[:-1]),
        )
    fit = _fitted(panel)
    mean = fit.mean
    low = high = np.full(mean.shape, np.nan)
    drawn = np.empty((0, len(years), 2))
    rhat = None
    if full:
        if seed not in base.sampled:
            base.sampled[seed] = fit_gibbs(panel, seed=seed, start=fit, **CHAINS)
        sampled = base.sampled[seed]
        flat = sampled.f.reshape(-1, *sampled.f.shape[2:])
        mean, (low, high) = flat.mean(axis=0), np.quantile(flat, [0.05, 0.95], axis=0)
        drawn = _some(flat, g)
        rhat = float(np.nanmax(sampled.rhat["f"]))
    flat_mean, principal = equal_weight(panel), principal_component(panel)
    names = code_table().codes("dimension")
    levels = tuple(
        _level(x, years[t], names[j], bool(enough[i, t, j]), int(fit.n[i, t, j]),
               (mean[i, t, j], low[i, t, j], high[i, t, j]), flat_mean[i, t, j], principal[i, t, j])
        for i, x in enumerate(groups) for t in range(len(years)) for j in range(2)
    )  # fmt: skip
    left: tuple[Variant, ...] = ()
    left_draws: dict[str, npt.NDArray[np.float64]] = {}
    if variants:
        left, left_draws = _variants(record, base, group, as_of, seed, mean[g] if full else None)
    return Dimensions(
        group,
        as_of,
        levels,
        _parts(panel, fit, g, years, base.read[group], indicators()),
        left,
        years,
        np.where(enough[g], drawn, np.nan),
        left_draws,
        full,
        rhat,
    )


@dataclass(frozen=True, slots=True)
class DomainLevel:
    """One dimension of a group within one domain in one year, on the scale of all domains that have enough acts.

    Attributes
    ----------
    mean, low, high : float or None
        As in `Level`, but in standard deviations over these domains: not to be set against the levels of the whole.
    """

    domain: str
    year: int
    dimension: str
    mean: float | None
    low: float | None
    high: float | None
    indicators: int
    reason: str


@dataclass(frozen=True, eq=False)
class Domains:
    """Both dimensions of a group by domain.

    Attributes
    ----------
    acts : mapping of str to int
        The cooperative acts of the group in each domain; levels are given from 30 on.
    rhat : float or None
        The largest R-hat of the levels, where they were sampled.
    """

    group: Group
    as_of: date
    levels: tuple[DomainLevel, ...]
    acts: Mapping[str, int]
    rhat: float | None

    def of(self, domain: str, dimension: str) -> tuple[DomainLevel, ...]:
        """The levels of one domain in one dimension, by year."""
        return tuple(x for x in self.levels if (x.domain, x.dimension) == (domain, dimension))


def dimensions_by_domain(record: Record, group: Group, as_of: date, *, seed: int = 0, full: bool = False) -> Domains:
    """Estimate both dimensions of a group within each domain that has at least 30 cooperative acts.

    A unit of this panel is one domain of one group, and all units share their parameters: those of the comparison
    groups that have 30 acts stand beside. What has no meaning within a domain is left out (number of domains, targets
    of statements, exercises, series of other producers).

    Parameters
    ----------
    record : Record
        As known on ``as_of``.
    group : Group
    as_of : datetime.date
    seed, full
        As for `dimensions`.

    Raises
    ------
    NoEvidence
        If no domain of the group has 30 acts, or none a year with three indicators.

    Examples
    --------
    >>> from minilateral.evidence import load
    >>> day = date(2025, 12, 31)
    >>> found = dimensions_by_domain(load(day), comparison_groups()[0], day)
    >>> sorted(d for d in found.acts if found.of(d, "functionalisation"))
    ['diplomacy', 'security']
    """
    if as_of.year < FIRST_YEAR:
        raise NoEvidence(group.key, f"has no year before {FIRST_YEAR} that was searched", "ask for a later day")
    groups = tuple(dict.fromkeys((*comparison_groups(), group)))
    counts = {g: _acts_by_domain(record, g) for g in groups}
    units = [(g, d) for g in groups for d, n in counts[g].items() if n >= LEAST_ACTS]
    own = [d for g, d in units if g == group]
    if not own:
        counted = ", ".join(f"{d} {n}" for d, n in counts[group].items())
        raise NoEvidence(
            group.key,
            f"has no domain with {LEAST_ACTS} cooperative acts ({counted})",
            "ask for the levels of the whole",
        )
    listed = [i for i in indicators() if i.by_domain and not i.series]
    panel, years = _panel(units, {(g, d): _read(record, g, as_of, domain=d) for g, d in units}, listed, as_of)
    enough, fit = _enough(panel), _fitted(panel)
    mean = fit.mean
    low = high = np.full(mean.shape, np.nan)
    rhat = None
    if full:
        sampled = fit_gibbs(panel, seed=seed, start=fit, **DOMAIN_CHAINS)
        flat = sampled.f.reshape(-1, *sampled.f.shape[2:])
        mean, (low, high) = flat.mean(axis=0), np.quantile(flat, [0.05, 0.95], axis=0)
        rhat = float(np.nanmax(sampled.rhat["f"]))
    made = []
    for domain in own:
        u = units.index((group, domain))
        for t, year in enumerate(years):
            for j, dimension in enumerate(code_table().codes("dimension")):
                estimate = (mean[u, t, j], low[u, t, j], high[u, t, j])
                x = _level(group, year, dimension, bool(enough[u, t, j]), int(fit.n[u, t, j]), estimate, 0.0, 0.0)
                made.append(DomainLevel(domain, year, dimension, x.mean, x.low, x.high, x.indicators, x.reason))
    if not any(x.mean is not None for x in made):
        raise NoEvidence(group.key, f"has no year with {LEAST_INDICATORS} indicators in {', '.join(own)}")
    return Domains(group, as_of, tuple(made), counts[group], rhat)


def _acts_by_domain(record: Record, group: Group) -> dict[str, int]:
    chosen = Selection(exactly=group.members, direction="cooperative")
    found = Counter(record.occurrences[i].domain for i in record.select(chosen))
    return {d: found[d] for d in code_table().codes("domain")}


def _some(flat: npt.NDArray[np.float64], g: int) -> npt.NDArray[np.float64]:
    """Evenly many of the draws of one group."""
    return np.asarray(flat[:: max(1, len(flat) // PATHS), g])


def _level(
    group: Group,
    year: int,
    dimension: str,
    enough: bool,
    n: int,
    estimate: tuple[float, float, float],
    weighted: float,
    principal: float,
) -> Level:
    if not enough:
        reason = f"{n} of the indicators observed, fewer than {LEAST_INDICATORS}"
        return Level(group.key, year, dimension, None, None, None, n, None, None, reason)
    mean = float(estimate[0])
    low, high = (None if np.isnan(v) else float(v) for v in estimate[1:])
    beside = [None if np.isnan(v) else float(v) for v in (weighted, principal)]
    return Level(group.key, year, dimension, mean, low, high, n, beside[0], beside[1], "")


def _read(record: Record, group: Group, as_of: date, **which: Any) -> dict[tuple[str, int], Reading]:
    """All readings of a group, those of the record without a value in years that were not searched to their end."""
    own = [m for m in record.mechanisms.values() if m.members == group.members]
    last = reach(record, own, as_of)
    others = {i.id for i in indicators() if i.series}
    made = {}
    for r in readings(record, group, as_of, **which):
        if r.indicator not in others and (last is None or last < date(r.year, 12, 31)):
            reason = "not searched to its end"
            r = Reading(r.indicator, r.group, r.year, None, r.exposure, "not_observed", reason, r.acts)
        made[r.indicator, r.year] = r
    return made


def _panel(
    groups: Sequence[Unit],
    read: Mapping[Unit, Mapping[tuple[str, int], Reading]],
    listed: Iterable[Indicator],
    as_of: date,
) -> tuple[Panel, tuple[int, ...]]:
    items = list(listed)
    years = tuple(range(FIRST_YEAR, as_of.year + 1))
    values = np.full((len(groups), len(years), len(items)), np.nan)
    exposure = np.ones_like(values)
    for i, group in enumerate(groups):
        for t, year in enumerate(years):
            for k, item in enumerate(items):
                found = read[group].get((item.id, year))
                if found is not None and found.value is not None:
                    values[i, t, k] = found.value
                    exposure[i, t, k] = max(found.exposure, 0.05)
    names = code_table().codes("dimension")
    return (
        Panel(
            values,
            tuple(i.kind for i in items),  # type: ignore[misc]
            np.array([names.index(i.dimension) for i in items]),
            np.array([i.anchor for i in items]),
            exposure,
            None,
            tuple(i.id for i in items),
        ),
        years,
    )


def _enough(panel: Panel) -> npt.NDArray[np.bool_]:
    seen = np.isfinite(panel.values)
    return np.stack([seen[:, :, panel.factor == j].sum(axis=2) >= LEAST_INDICATORS for j in range(2)], axis=2)


def _parts(
    panel: Panel,
    fit: FactorFit,
    g: int,
    years: tuple[int, ...],
    read: Mapping[tuple[str, int], Reading],
    listed: Iterable[Indicator],
) -> tuple[Part, ...]:
    part = contributions(panel, fit).part[g]
    return tuple(
        Part(year, item.dimension, item.id, r.value, r.exposure, float(part[t, k]), r.state, r.acts)
        for t, year in enumerate(years)
        for k, item in enumerate(listed)
        if (r := read.get((item.id, year))) is not None and np.isfinite(part[t, k])
    )


def _thinned(base: _Base, g: int) -> Panel:
    """The panel as if the record of one group held half as much of the years before 2021."""
    assert base.panel.exposure is not None
    exposure = base.panel.exposure.copy()
    early = np.array(base.years) < THINNED_BEFORE
    counts = np.array([i.exposed for i in indicators()])
    exposure[g] = np.where(early[:, None] & counts[None, :], exposure[g] * 0.5, exposure[g])
    return replace(base.panel, exposure=exposure)


def _variants(
    record: Record,
    base: _Base,
    group: Group,
    as_of: date,
    seed: int,
    mean: npt.NDArray[np.float64] | None,
) -> tuple[tuple[Variant, ...], dict[str, npt.NDArray[np.float64]]]:
    """Without the study, each language, tier, producer and indicator, and with half the recall before.

    Only the asked group is counted anew. With the posterior ``mean`` of the group, the variants over which windows are
    compared are sampled; what the others move in the point estimate is taken from that mean.
    """
    g, listed = base.groups.index(group), indicators()

    def counted(**which: Any) -> Panel:
        return _panel(base.groups, {**base.read, group: _read(record, group, as_of, **which)}, listed, as_of)[0]

    changed = {"without_study": counted(without_study=True)}
    changed |= {f"without_{code}": counted(without_language=code) for code in LEFT_LANGUAGES}
    changed["half_recall_before"] = _thinned(base, g)
    left: dict[str, Sequence[int] | Panel] = {f"without_{t}": counted(without_tier=t) for t in LEFT_TIERS}
    for producer in dict.fromkeys(i.origin for i in listed if i.series):
        left[f"without_{producer}"] = [k for k, i in enumerate(listed) if i.origin == producer]
    found: dict[str, npt.NDArray[np.float64]] = {}
    drawn: dict[str, npt.NDArray[np.float64]] = {}
    if mean is None:
        left = {**changed, **left}
        mean = _fitted(base.panel).mean[g]
    else:
        for name, other in changed.items():
            sampled = fit_gibbs(other, seed=seed, start=_fitted(other), **SHORT_CHAINS)
            flat = sampled.f.reshape(-1, *sampled.f.shape[2:])
            found[name] = flat.mean(axis=0)[g]
            drawn[name] = np.where(base.enough[g], _some(flat, g), np.nan)
        left |= {f"without_{item.id}": [k] for k, item in enumerate(listed)}
    found |= {
        name: mean - each.shift[g] for name, each in leave_out(base.panel, left, start=_fitted(base.panel)).items()
    }
    names = code_table().codes("dimension")
    made = tuple(
        Variant(name, year, dimension, float(at[t, j]) if base.enough[g, t, j] else None)
        for name, at in found.items()
        for t, year in enumerate(base.years)
        for j, dimension in enumerate(names)
    )
    return made, drawn


__all__ = [
    "Dimensions",
    "DomainLevel",
    "Domains",
    "Level",
    "Part",
    "Variant",
    "comparison_groups",
    "dimensions",
    "dimensions_by_domain",
]

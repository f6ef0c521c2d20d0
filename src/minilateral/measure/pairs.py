"""The pairs of a group held against each other in series that cover all alike. Card: docs/methods/pair-floor.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from minilateral.errors import NoEvidence
from minilateral.origins import Indicator, coverage, indicators, series
from minilateral.terms import Group


@dataclass(frozen=True, slots=True)
class PairYears:
    """One pair in one series over the years in which the pairs differ.

    Attributes
    ----------
    series : str
        Id of the indicator.
    years : int
        Years in which not all pairs have the same value.
    weakest : int
        Of these, the years in which no pair has less.
    first, last : int
        The span of the years compared, those without a difference included.
    """

    series: str
    pair: str
    years: int
    weakest: int
    first: int
    last: int


def pair_years(group: Group, as_of: date) -> tuple[PairYears, ...]:
    """Count, for each pair and series, the years in which the pair is the weakest.

    Only yearly series in which more means closer, that carry a conclusion, and that cover every pair of the group by a
    census: there a zero is a zero, and no pair was looked for harder than another.

    Examples
    --------
    >>> found = pair_years(Group.parse("USA JPN KOR"), date(2025, 12, 31))
    >>> {p.pair for p in found if p.series == "mme_exact" and p.weakest > 0.7 * p.years}
    {'JPN-KOR'}
    """
    if len(group) < 3:
        return ()
    made = []
    for indicator in indicators():
        if _fits(indicator):
            made += _compared(indicator, group, as_of)
    return tuple(made)


def _fits(indicator: Indicator) -> bool:
    return (
        indicator.form in ("dyad", "set")
        and indicator.every == "year"
        and indicator.direction == "closer"
        and indicator.primary
        and indicator.kind in ("count", "binary")
    )


def _compared(indicator: Indicator, group: Group, as_of: date) -> list[PairYears]:
    values: dict[str, dict[int, float]] = {}
    for pair in group.dyads:
        try:
            if any(c.basis != "census" for c in coverage(indicator.id, pair)):
                return []
            found = series(indicator.id, pair, as_of=as_of)
        except NoEvidence:
            return []
        values[pair.key] = {
            r.period.start.year: r.value for r in found if r.value is not None and r.state == "observed"
        }
    years = sorted(set.intersection(*(set(v) for v in values.values())))
    differ = [y for y in years if len({v[y] for v in values.values()}) > 1]
    if not differ:
        return []
    return [
        PairYears(
            indicator.id,
            pair,
            len(differ),
            sum(mine[y] == min(v[y] for v in values.values()) for y in differ),
            years[0],
            years[-1],
        )
        for pair, mine in values.items()
    ]

"""Formal bilateral influence capacity of directed dyads of 18 states (Pardee Center)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, read_csv, real, whole, year

LOCATION = "alliances/fbic_18_states_1999_2023.csv"
FIRST, AFTER = date(1999, 1, 1), date(2024, 1, 1)
MEASURES = ("bandwidth", "dependence")


@dataclass(frozen=True, slots=True)
class Capacity:
    """Influence of the first state on the second in a year."""

    influencer: str
    receiver: str
    year: int
    bandwidth: float
    dependence: float


def read(path: Path) -> tuple[Capacity, ...]:
    """Read the table.

    Raises
    ------
    BadInput
        A measure outside 0-1, or a directed dyad-year that stands twice.
    """
    made: list[Capacity] = []
    seen: set[tuple[str, str, int]] = set()
    for at, row in enumerate(read_csv(path, ("iso3a", "iso3b", "year", *MEASURES)), start=2):
        where = f"{path.name}, row {at}"
        capacity = Capacity(
            row["iso3a"],
            row["iso3b"],
            whole(row, "year", where),
            real(row, "bandwidth", where),
            real(row, "dependence", where),
        )
        if not (0 <= capacity.bandwidth <= 1 and 0 <= capacity.dependence <= 1):
            raise BadInput(f"{where}: {capacity.bandwidth}, {capacity.dependence}", "lies outside 0-1", "mend the row")
        key = (capacity.influencer, capacity.receiver, capacity.year)
        if key in seen:
            raise BadInput(f"{where}: {key}", "stands twice", "leave one out")
        seen.add(key)
        made.append(capacity)
    return tuple(made)


def describe(capacities: Iterable[Capacity], pairs: Iterable[tuple[str, str]]) -> list[Row]:
    """Give bandwidth and dependence of both directions of the pairs named."""
    wanted = {frozenset(p) for p in pairs}
    rows = []
    for c in capacities:
        if frozenset((c.influencer, c.receiver)) in wanted:
            who, when = f"{c.influencer}>{c.receiver}", year(c.year)
            rows.append(Row("fbic_bandwidth", who, *when, c.bandwidth, 1))
            rows.append(Row("fbic_dependence", who, *when, c.dependence, 1))
    return rows

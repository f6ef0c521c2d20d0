"""Democracy by state and year: V-Dem's electoral democracy index in the table cw_democracy of peacesciencer.

The table is an R object. `read` takes its columns, so that the package needs no reader of that format;
tools/build_series.py has one. It also holds euds and aeuds (Unified Democracy Scores, extended) and polity2 (to 2020).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import SupportsFloat

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, actor_of, run_lengths, year

LOCATION = "states/cw_democracy.rda"
FIRST, AFTER = date(1945, 1, 1), date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Score:
    """v2x_polyarchy of one state (COW number) in one year; None where the table has none."""

    cow: str
    year: int
    polyarchy: float | None


def read(columns: Mapping[str, Sequence[SupportsFloat]]) -> tuple[Score, ...]:
    """Read the columns ``ccode``, ``year`` and ``v2x_polyarchy``.

    Raises
    ------
    BadInput
        A missing column, or an index outside 0-1.

    Examples
    --------
    >>> read({"ccode": [740.0], "year": [2025.0], "v2x_polyarchy": [0.819]})
    (Score(cow='740', year=2025, polyarchy=0.819),)
    """
    missing = [c for c in ("ccode", "year", "v2x_polyarchy") if c not in columns]
    if missing:
        raise BadInput("the table", f"has no column {', '.join(missing)}", "give cw_democracy")
    if len({len(columns[c]) for c in ("ccode", "year", "v2x_polyarchy")}) > 1:
        raise BadInput("the table", "has columns of different length", "give cw_democracy")
    made = []
    for code, y, value in zip(columns["ccode"], columns["year"], columns["v2x_polyarchy"], strict=True):
        index = float(value)
        if index == index and not 0 <= index <= 1:
            raise BadInput(f"state {code}, {y}: {index}", "lies outside 0-1", "give cw_democracy")
        made.append(Score(str(int(float(code))), int(float(y)), index if index == index else None))
    return tuple(made)


def describe(scores: Iterable[Score], states: Iterable[str]) -> list[Row]:
    """Give the index of the states named from 1945; Germany before 1990-10-03 is the Federal Republic.

    Equal neighbouring years share a row.
    """
    wanted = set(states)
    found: dict[tuple[str, int], float] = {}
    for score in scores:
        if score.polyarchy is None or score.year < FIRST.year:
            continue
        actor = actor_of("cow", score.cow, date(score.year, 12, 31))
        if actor in wanted:
            found[actor, score.year] = score.polyarchy
    return run_lengths(Row("polyarchy", actor, *year(y), value, 1) for (actor, y), value in found.items())

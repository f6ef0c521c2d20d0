"""Visits of foreign leaders to the United States (Office of the Historian, US Department of State)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, day, read_csv, state_of, year
from minilateral.origins.us_travels import actor_from_slug

LOCATION = "travel/us_visits.csv"
FIRST, AFTER = date(1945, 1, 1), date(2024, 11, 13)


@dataclass(frozen=True, slots=True)
class Visit:
    """One leader's visit, both days included. ``actor`` is empty where the visitor came from no state."""

    id: str
    visitor: str
    start: date
    end: date
    actor: str


def read(path: Path) -> tuple[Visit, ...]:
    """Read the producer's table.

    Raises
    ------
    BadInput
        An unknown country, a day that is none, or an end before its start.
    """
    made = []
    for at, row in enumerate(read_csv(path, ("id", "start", "end", "visitor", "from_id")), start=2):
        where = f"{path.name}, row {at}"
        start, end = day(row, "start", where), day(row, "end", where)
        if end < start:
            raise BadInput(f"{where}: {row['start']} to {row['end']}", "ends before it starts", "mend the row")
        made.append(Visit(row["id"], row["visitor"], start, end, actor_from_slug(row["from_id"])))
    return tuple(made)


def describe(visits: Iterable[Visit], states: Iterable[str]) -> list[Row]:
    """Count visits per state named and year of their start, from 1945; the same visitor and first day count once."""
    wanted = set(states)
    counted = Counter(
        (actor, first.year)
        for actor, first, _ in {(v.actor, v.start, v.visitor) for v in visits if v.actor in wanted and v.start >= FIRST}
    )
    rows = []
    for (actor, y), count in counted.items():
        start, end = year(y)
        state = state_of(start, end, FIRST, AFTER)
        note = "" if state == "observed" else f"to {(AFTER - timedelta(days=1)).isoformat()}"
        rows.append(Row("leader_visits_us", f"{actor}>USA", start, end, count, count, state, note))
    return rows

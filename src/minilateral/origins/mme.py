"""Multinational military exercises, one record per exercise and participant (D'Orazio and Galambos)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, actor_of, joined, read_csv, whole, year

LOCATION = "defence/mme-v7-long.csv"
FIRST, AFTER = date(1980, 1, 1), date(2011, 1, 1)


@dataclass(frozen=True, slots=True)
class Participation:
    """One participant of one exercise; ``gw`` is empty where the source gives no number."""

    exercise: str
    gw: str
    country: str
    year: int


def read(path: Path) -> tuple[Participation, ...]:
    """Read the long table.

    Raises
    ------
    BadInput
        A year outside 1980-2010.
    """
    made: list[Participation] = []
    for at, row in enumerate(read_csv(path, ("MMEID", "gwcode", "country", "year")), start=2):
        where = f"{path.name}, row {at}"
        y = whole(row, "year", where)
        if not FIRST.year <= y < AFTER.year:
            raise BadInput(f"{where}: year {y}", "lies outside 1980-2010", "mend the row")
        made.append(Participation(row["MMEID"], "" if row["gwcode"] == "NA" else row["gwcode"], row["country"], y))
    return tuple(made)


def participants(rows: Iterable[Participation]) -> dict[tuple[str, int], frozenset[str]]:
    """Give the set of participants of each exercise, known by its number and year (a few numbers stand in two years).

    A participant without an actor id stays as its name between question marks, so that no set loses a participant.
    """
    sets: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in rows:
        actor = actor_of("gw", row.gw, date(row.year, 12, 31)) or actor_of("gw", row.gw, date(row.year, 1, 1))
        sets[row.exercise, row.year].add(actor or f"?{row.country}?")
    return {exercise: frozenset(who) for exercise, who in sets.items()}


def describe(rows: Iterable[Participation], groups: Iterable[tuple[str, ...]]) -> list[Row]:
    """Count exercises per year: participants exactly the members, and all members among the participants.

    ``containing`` includes ``exact``. Years of 1980-2010 without a row are true zeros of the list.
    """
    held = participants(rows)
    made = []
    for members in groups:
        inside = set(members)
        exact = Counter(y for (_, y), who in held.items() if who == inside)
        containing = Counter(y for (_, y), who in held.items() if who >= inside)
        for what, counted in (("exact", exact), ("containing", containing)):
            made += [Row(f"mme_{what}", joined(members), *year(y), count, count) for y, count in counted.items()]
    return made

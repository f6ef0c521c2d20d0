"""Travels abroad of presidents and secretaries of state (Office of the Historian, US Department of State)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from minilateral.errors import BadInput, MinilateralError
from minilateral.origins.tidy import Row, day, days_between, read_csv, state_of, year
from minilateral.terms import actor_register

LOCATION = "travel/us_travels.csv"
FIRST, AFTER = date(1945, 1, 1), date(2025, 2, 20)
OFFICES = ("president", "secretary")
SLUGS = {
    "burma": "MMR", "congo-democratic-republic": "COD", "congo-kinshasa": "COD", "congo-republic": "COG",
    "bosnia-herzegovina": "BIH", "korea": "KOR", "somoa": "WSM", "saint-kitts-nevis": "KNA",
    "saint-vincent-grenadines": "VCT", "micronesia": "FSM", "macedonia": "MKD", "swaziland": "SWZ",
    "antigua-barbuda": "ATG",
    "palestinian-authority": "", "west-bank": "", "antarctica": "", "netherlands-antilles": "",
    "french-polynesia": "", "new-caledonia": "", "hawaii": "", "cook-islands": "", "niue": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stay:
    """One row: an office holder in one country, both days included. ``actor`` is empty where it is no state."""

    id: str
    office: str
    start: date
    end: date
    actor: str


def actor_from_slug(slug: str) -> str:
    """Resolve the producer's slug of a country; empty where it is a territory, not a state of the register.

    Examples
    --------
    >>> actor_from_slug("korea-south"), actor_from_slug("burma"), actor_from_slug("west-bank")
    ('KOR', 'MMR', '')
    """
    if slug in SLUGS:
        return SLUGS[slug]
    register = actor_register()
    first, _, second = slug.partition("-")
    for name in (slug.replace("-", " "), f"{second} {first}"):
        try:
            return register.lineage(register.find(name).id)
        except MinilateralError:
            continue
    raise BadInput(repr(slug), "is no country that the register knows", "add it to the table of slugs")


def read(path: Path) -> tuple[Stay, ...]:
    """Read the producer's table.

    Raises
    ------
    BadInput
        An unknown office or country, a day that is none, or an end before its start.
    """
    made = []
    for at, row in enumerate(read_csv(path, ("role", "id", "start", "end", "country_id")), start=2):
        where = f"{path.name}, row {at}"
        start, end = day(row, "start", where), day(row, "end", where)
        if row["role"] not in OFFICES:
            raise BadInput(f"{where}: role {row['role']!r}", "is not president or secretary", "mend the row")
        if end < start:
            raise BadInput(f"{where}: {row['start']} to {row['end']}", "ends before it starts", "mend the row")
        made.append(Stay(row["id"], row["role"], start, end, actor_from_slug(row["country_id"])))
    return tuple(made)


def describe(stays: Iterable[Stay], states: Iterable[str]) -> list[Row]:
    """Count stays (by the year of their start) and different days abroad, per office, state named and year, from 1945.

    Stays of one office in one state that share a day are one. Years without a row are true zeros inside the coverage.
    """
    wanted = set(states)
    by: dict[tuple[str, str], list[Stay]] = defaultdict(list)
    for stay in stays:
        if stay.actor in wanted and stay.end >= FIRST:
            by[stay.office, stay.actor].append(stay)
    rows = []
    for (office, actor), found in by.items():
        spans: list[list[date]] = []
        for stay in sorted(found, key=lambda s: (s.start, s.end)):
            if spans and stay.start <= spans[-1][1]:
                spans[-1][1] = max(spans[-1][1], stay.end)
            else:
                spans.append([stay.start, stay.end])
        visits: dict[int, int] = defaultdict(int)
        present: dict[int, int] = defaultdict(int)
        for first, last in spans:
            visits[first.year] += 1
            for abroad in days_between(first, last):
                present[abroad.year] += 1
        for what, counted in (("visits", visits), ("days", present)):
            for y, count in counted.items():
                start, end = year(y)
                if start >= FIRST:
                    state = state_of(start, end, FIRST, AFTER)
                    note = "" if state == "observed" else f"to {(AFTER - timedelta(days=1)).isoformat()}"
                    rows.append(
                        Row(f"us_{office}_{what}", f"USA>{actor}", start, end, count, visits.get(y, 0), state, note)
                    )
    return rows

"""Provocations of the DPRK by day and type (CSIS): entries of a list, not missiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, day, month, read_csv, state_of, year

LOCATION = "threat/nk_provocations_1958_present.csv"
FIRST, AFTER = date(1958, 1, 1), date(2026, 8, 21)
TYPES = {"Missile Provocation": "missile", "Nuclear Provocation": "nuclear", "Other Provocation": "other"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: a day, a type, the producer's name of the event. One entry may stand for ten missiles."""

    day: date
    type: str
    event: str


def read(path: Path) -> tuple[Entry, ...]:
    """Read the list.

    Raises
    ------
    BadInput
        A type other than missile, nuclear, other; a day that is none or lies after the list's end.
    """
    made = []
    for at, row in enumerate(read_csv(path, ("date", "type", "event")), start=2):
        where = f"{path.name}, row {at}"
        when = day(row, "date", where)
        if row["type"] not in TYPES:
            raise BadInput(f"{where}: type {row['type']!r}", f"is none of {', '.join(TYPES)}", "mend the row")
        if not FIRST <= when < AFTER:
            raise BadInput(f"{where}: {when}", "lies outside the list", "declare the new end of the list")
        made.append(Entry(when, TYPES[row["type"]], row["event"]))
    return tuple(made)


def describe(entries: Iterable[Entry]) -> list[Row]:
    """Count entries by year and by month, all together and by type. A bin without a row is a zero of the list."""
    entries = tuple(entries)
    rows = []
    for kind in ("all", *TYPES.values()):
        days = [e.day for e in entries if kind in ("all", e.type)]
        spans = {
            "year": Counter(year(d.year) for d in days),
            "month": Counter(month(d.year, d.month) for d in days),
        }
        for every, counted in spans.items():
            for (start, end), count in counted.items():
                state = state_of(start, end, FIRST, AFTER)
                note = "" if state == "observed" else f"to {(AFTER - timedelta(days=1)).isoformat()}"
                rows.append(Row(f"dprk_provocations_{kind}_{every}", "PRK", start, end, count, count, state, note))
    return rows

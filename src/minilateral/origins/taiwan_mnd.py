"""PLA aircraft near Taiwan by day (Ministry of National Defense in Taipei, as gathered by s0914712)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, day, month, read_csv, real

LOCATION = "threat/pla_near_taiwan_daily.csv"
USABLE_FROM = date(2020, 9, 1)
BREAK = date(2022, 8, 1)  # with the column of vessels; the monthly sum goes from 70 to 820


@dataclass(frozen=True, slots=True)
class Report:
    """One day; ``aircraft`` is None where the day has no number (not 0)."""

    day: date
    aircraft: int | None


def read(path: Path) -> tuple[Report, ...]:
    """Read the daily table.

    Raises
    ------
    BadInput
        A day that is none or stands twice, a number that is no whole number from 0.
    """
    made: list[Report] = []
    seen: set[date] = set()
    for at, row in enumerate(read_csv(path, ("date", "pla_aircraft_sorties")), start=2):
        where = f"{path.name}, row {at}"
        when = day(row, "date", where)
        if when in seen:
            raise BadInput(f"{where}: {when}", "stands twice", "leave one out")
        seen.add(when)
        aircraft = None
        if row["pla_aircraft_sorties"] not in ("", "NA"):
            value = real(row, "pla_aircraft_sorties", where)
            if value < 0 or value != int(value):
                raise BadInput(f"{where}: {value}", "is no number of aircraft", "mend the row")
            aircraft = int(value)
        made.append(Report(when, aircraft))
    return tuple(made)


def describe(reports: Iterable[Report]) -> list[Row]:
    """Sum the aircraft of the days that have a number, by month from 2020-09; ``n`` is the number of such days.

    A day without a row may have had no report or no aircraft: the source does not say, so no day is filled in.
    The last month is incomplete.
    """
    by: dict[date, list[int]] = defaultdict(list)
    last = date.min
    for report in reports:
        if report.day >= USABLE_FROM:
            last = max(last, report.day)
            if report.aircraft is not None:
                by[report.day.replace(day=1)].append(report.aircraft)
    rows = []
    for first, aircraft in by.items():
        start, end = month(first.year, first.month)
        whole = (end - last).days <= 1
        note = "" if whole else f"to {last.isoformat()}"
        note = note or ("level break" if first == BREAK else "")
        rows.append(
            Row(
                "pla_aircraft_taiwan",
                "CHN>TWN",
                start,
                end,
                sum(aircraft),
                len(aircraft),
                "observed" if whole else "incomplete",
                note,
            )
        )
    return rows

"""Chinese government vessels in the territorial sea around the Senkaku/Diaoyu Islands, by day (Japan Coast Guard)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, day, month, read_csv, whole

LOCATION = "threat/senkaku_territorial_sea_daily.csv"


@dataclass(frozen=True, slots=True)
class Report:
    """One day and the vessels in the territorial sea."""

    day: date
    vessels: int


def read(path: Path) -> tuple[Report, ...]:
    """Read the daily table.

    Raises
    ------
    BadInput
        A day that is none or stands twice, a number that is no whole number from 0.
    """
    made: list[Report] = []
    seen: set[date] = set()
    for at, row in enumerate(read_csv(path, ("date", "vessels_territorial_sea")), start=2):
        where = f"{path.name}, row {at}"
        when, vessels = day(row, "date", where), whole(row, "vessels_territorial_sea", where)
        if when in seen:
            raise BadInput(f"{where}: {when}", "stands twice", "leave one out")
        if vessels < 0:
            raise BadInput(f"{where}: {vessels}", "is no number of vessels", "mend the row")
        seen.add(when)
        made.append(Report(when, vessels))
    return tuple(made)


def describe(reports: Iterable[Report]) -> list[Row]:
    """Sum the vessels over the days of each month (ship-days); ``n`` is the number of days that the table has.

    A month of which the table lacks days is incomplete; a month that it lacks (2016-08) has no row and is no zero.
    """
    by: dict[date, list[int]] = defaultdict(list)
    for report in reports:
        by[report.day.replace(day=1)].append(report.vessels)
    rows = []
    for first, vessels in by.items():
        start, end = month(first.year, first.month)
        days = (end - start).days
        full = len(vessels) == days
        note = "" if full else f"{len(vessels)} of {days} days"
        rows.append(
            Row(
                "prc_vessels_senkaku_diaoyu",
                "CHN>JPN",
                start,
                end,
                sum(vessels),
                len(vessels),
                "observed" if full else "incomplete",
                note,
            )
        )
    return rows

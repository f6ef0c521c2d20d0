"""Geopolitical risk by country and month (Caldara and Iacoviello). The producer's file is an old Excel workbook.

`read` takes the cells of its sheet, so that the package needs no reader of that format; tools/build_series.py has one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, month, year

LOCATION = "threat/gpr_monthly.xls"
PREFIX = "GPRC_"
FIRST, AFTER = date(1985, 1, 1), date(2026, 8, 1)
MONTHS_FROM = 2010
DAY_ZERO = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Share:
    """Percentage of the articles of a month that are on geopolitical risk and name the state."""

    state: str
    month: date
    value: float


def read(cells: Sequence[Sequence[object]]) -> tuple[Share, ...]:
    """Read the cells of the sheet: a header row, then a row per month, its first cell an Excel day number.

    Raises
    ------
    BadInput
        No column of a country, a month that is no number, a share outside 0-100.

    Examples
    --------
    >>> read([["month", "GPRC_JPN"], [31048.0, 0.1295]])
    (Share(state='JPN', month=datetime.date(1985, 1, 1), value=0.1295),)
    """
    header = [str(c) for c in cells[0]] if cells else []
    at = {name.removeprefix(PREFIX): k for k, name in enumerate(header) if name.startswith(PREFIX)}
    if not at or header[0] != "month":
        raise BadInput("the sheet", f"has no column month, or none that starts with {PREFIX}", "give gpr_monthly.xls")
    made = []
    for number, row in enumerate(cells[1:], start=2):
        if not isinstance(row[0], int | float):
            raise BadInput(f"row {number}: month {row[0]!r}", "is no Excel day", "give gpr_monthly.xls")
        when = DAY_ZERO + timedelta(days=int(row[0]))
        for state, k in at.items():
            value = row[k]
            if isinstance(value, str) and not value.strip():
                continue  # the recent indices start in 1985
            if not isinstance(value, int | float) or not 0 <= value <= 100:
                raise BadInput(f"row {number}: {state} {value!r}", "is no percentage", "give gpr_monthly.xls")
            made.append(Share(state, when, float(value)))
    return tuple(made)


def describe(shares: Iterable[Share], states: Iterable[str], monthly: Iterable[str]) -> list[Row]:
    """Give yearly means of the states named and, from 2010, the months of ``monthly``.

    A year with fewer than 12 months is incomplete.
    """
    wanted, often = set(states), set(monthly)
    by: dict[tuple[str, int], list[float]] = defaultdict(list)
    rows = []
    for share in shares:
        if share.state in wanted:
            by[share.state, share.month.year].append(share.value)
        if share.state in often and share.month.year >= MONTHS_FROM:
            rows.append(Row("gpr_month", share.state, *month(share.month.year, share.month.month), share.value, 1))
    for (state, y), values in by.items():
        full = len(values) == 12
        note = "" if full else f"{len(values)} of 12 months"
        mean = sum(values) / len(values)
        rows.append(Row("gpr_year", state, *year(y), mean, len(values), "observed" if full else "incomplete", note))
    return rows

"""Economic policy uncertainty by country and month (Baker, Bloom and Davis, and authors of national indices)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, year

LOCATION = "uncertainty/epu_monthly.xlsx"
FIRST, AFTER = date(1985, 1, 1), date(2025, 10, 1)
NAMES = {
    "Australia": "AUS", "Canada": "CAN", "France": "FRA", "Germany": "DEU", "Greece": "GRC", "India": "IND",
    "Japan": "JPN", "Korea": "KOR", "Mexico": "MEX", "Russia": "RUS", "UK": "GBR", "US": "USA", "SCMP China": "CHN",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Index:
    """One national index in one month."""

    state: str
    month: date
    value: float


def read(path: Path) -> tuple[Index, ...]:
    """Read the workbook up to the line where its notes begin; of the indices for China the SCMP one.

    The index of mainland newspapers falls below zero in 1997-12 and 1998-08, which no count of articles can.

    Raises
    ------
    BadInput
        No workbook, a country's column that is missing, a value that is no number from 0.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        cells = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    except Exception as error:  # openpyxl raises what its parts raise
        raise BadInput(str(path), f"could not be read ({error})", "give the producer's workbook") from None
    header = ["" if c is None else str(c).strip() for c in cells[0]] if cells else []
    missing = [name for name in ("Year", "Month", *NAMES) if name not in header]
    if missing:
        raise BadInput(str(path), f"has no column {', '.join(missing)}", "give the producer's workbook")
    made = []
    for number, row in enumerate(cells[1:], start=2):
        y, m = row[header.index("Year")], row[header.index("Month")]
        try:
            when = date(int(str(y)), int(str(m)), 1)
        except ValueError:
            break  # the notes below the table
        for name, state in NAMES.items():
            value = row[header.index(name)]
            if value is None:
                continue
            if not isinstance(value, int | float) or value < 0:
                raise BadInput(f"row {number}: {name} {value!r}", "is no index", "give the producer's workbook")
            made.append(Index(state, when, float(value)))
    return tuple(made)


def describe(indices: Iterable[Index]) -> list[Row]:
    """Give yearly means; a year with fewer than 12 months is incomplete."""
    by: dict[tuple[str, int], list[float]] = defaultdict(list)
    for index in indices:
        by[index.state, index.month.year].append(index.value)
    rows = []
    for (state, y), values in by.items():
        full = len(values) == 12
        note = "" if full else f"{len(values)} of 12 months"
        mean = sum(values) / len(values)
        rows.append(Row("epu_year", state, *year(y), mean, len(values), "observed" if full else "incomplete", note))
    return rows

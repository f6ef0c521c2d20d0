"""US troops by state (Defense Manpower Data Center, as gathered by troopdata)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from minilateral.errors import BadInput, MinilateralError
from minilateral.origins.tidy import Row, alive, read_csv, whole, year
from minilateral.terms import actor_register

LOCATION = "defence/us_troops_dmdc.csv"
UNEVEN = {"JPN": {2016, 2017}}  # 2015 Q4 and 2016 Q3 to 2017; the yearly reading is the one of September
OKINAWA_APART = range(1964, 1974)  # its own row "Ryukyus" in 1964-72; before 1964 the source does not say


@dataclass(frozen=True, slots=True)
class Report:
    """One row of one report: active-duty personnel in one place at the end of a month."""

    iso3: str
    country: str
    location: str
    year: int
    quarter: int
    month: str
    troops: int


def read(path: Path) -> tuple[Report, ...]:
    """Read the raw reports; rows that name no state (``NA``) are kept, with an empty ``iso3``.

    Raises
    ------
    BadInput
        A count that is no whole number from 0, or a quarter outside 1-4.
    """
    columns = ("iso3c", "countryname", "Location", "year", "quarter", "month", "troops_ad")
    made = []
    for at, row in enumerate(read_csv(path, columns), start=2):
        where = f"{path.name}, row {at}"
        troops, quarter = whole(row, "troops_ad", where), whole(row, "quarter", where)
        if troops < 0 or quarter not in (1, 2, 3, 4):
            raise BadInput(f"{where}: {troops} in quarter {quarter}", "is no report", "mend the row")
        iso3 = "" if row["iso3c"] == "NA" else row["iso3c"]
        made.append(
            Report(iso3, row["countryname"], row["Location"], whole(row, "year", where), quarter, row["month"], troops)
        )
    return tuple(made)


def names_its_state(report: Report) -> bool:
    """Whether the country's name and its code agree (the source codes Indo-China of 1954-55 as China)."""
    register = actor_register()
    try:
        return register.lineage(register.find(report.country).id) == report.iso3
    except MinilateralError:
        return False


def describe(reports: Iterable[Report], states: Iterable[str]) -> list[Row]:
    """Give the report of September (of June before 1957) of every year for the states named.

    Where several rows stand for one state and report they are used only if they agree: parts are not added up.
    A year without a report has no row.
    """
    wanted = set(states) - {"USA"}
    found: dict[tuple[str, int], set[int]] = {}
    for report in reports:
        in_time = report.month == ("June" if report.year < 1957 else "September")
        if report.iso3 in wanted and in_time and names_its_state(report):
            found.setdefault((report.iso3, report.year), set()).add(report.troops)
    rows = []
    for (iso3, y), counts in sorted(found.items()):
        start, end = year(y)
        if len(counts) > 1 or not alive(iso3, start, end):
            continue
        note = "June" if y < 1957 else ""
        if y in UNEVEN.get(iso3, ()):
            note = "uneven in the source"
        elif iso3 == "JPN" and y in OKINAWA_APART:
            note = "without Okinawa"
        rows.append(Row("us_troops", f"USA>{iso3}", start, end, counts.pop(), 1, "observed", note))
    return rows

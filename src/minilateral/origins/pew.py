"""Favourable views of states by country and year (Pew Research Center, aggregated)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, read_csv, real, whole, year

LOCATION = "opinion/pew_favorability_country_year.csv"
WRONG = {("CHN", 2013)}  # (target, year): favourable and unfavourable do not stand where they should


@dataclass(frozen=True, slots=True)
class View:
    """Respondents of one state on another, in one year."""

    year: int
    respondent: str
    target: str
    n: int
    favourable: float
    unfavourable: float


def read(path: Path) -> tuple[View, ...]:
    """Read the table, wrong rows included.

    Raises
    ------
    BadInput
        Percentages outside 0-100 or beyond 100 together, no respondents, or a row that stands twice.
    """
    made: list[View] = []
    seen: set[tuple[str, str, int]] = set()
    columns = ("year", "respondent", "target", "n", "pct_favorable", "pct_unfavorable")
    for at, row in enumerate(read_csv(path, columns), start=2):
        where = f"{path.name}, row {at}"
        view = View(
            whole(row, "year", where), row["respondent"], row["target"], whole(row, "n", where),
            real(row, "pct_favorable", where), real(row, "pct_unfavorable", where),
        )  # fmt: skip
        if min(view.favourable, view.unfavourable) < 0 or view.favourable + view.unfavourable > 100.2 or view.n < 1:
            raise BadInput(
                f"{where}: {view.favourable} and {view.unfavourable} of {view.n}", "are no shares", "mend the row"
            )
        key = (view.respondent, view.target, view.year)
        if key in seen:
            raise BadInput(f"{where}: {key}", "stands twice", "leave one out")
        seen.add(key)
        made.append(view)
    return tuple(made)


def describe(views: Iterable[View], states: Iterable[str]) -> list[Row]:
    """Give the share with a favourable view among the states named; a year without a survey has no row."""
    wanted = set(states)
    return [
        Row("pew_favourable", f"{v.respondent}>{v.target}", *year(v.year), v.favourable, v.n)
        for v in views
        if {v.respondent, v.target} <= wanted and v.respondent != v.target and (v.target, v.year) not in WRONG
    ]

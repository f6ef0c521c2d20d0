"""The one long form that every data set is brought into: row, calendar bins, run lengths, reading of CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from minilateral.errors import BadInput, MinilateralError
from minilateral.terms import actor_register
from minilateral.terms.periods import parse_day

State = Literal["observed", "incomplete", "not_applicable"]
STATES: tuple[State, ...] = ("observed", "incomplete", "not_applicable")
COLUMNS = ("indicator", "members", "start", "end", "value", "unit", "n", "state", "note")


@dataclass(frozen=True, slots=True)
class Row:
    """One value of one indicator for one set of actors over one half-open span of days.

    Attributes
    ----------
    indicator : str
        Id of the definition.
    members : str
        Actor ids, sorted and joined by ``;``; ``from>to`` where the indicator is directed.
    start, end : datetime.date
        First day, and the day after the last. Several whole bins with equal values may share a row.
    value : float
        In the unit of the definition.
    n : int or None
        Observations behind the value.
    state : {'observed', 'incomplete', 'not_applicable'}
        ``incomplete``: the data set does not cover the whole span.
    note : str
        What must be known to read the value.
    """

    indicator: str
    members: str
    start: date
    end: date
    value: float
    n: int | None = None
    state: State = "observed"
    note: str = ""


def year(number: int) -> tuple[date, date]:
    """Give the first day of a year and of the next.

    Examples
    --------
    >>> year(2005)
    (datetime.date(2005, 1, 1), datetime.date(2006, 1, 1))
    """
    return date(number, 1, 1), date(number + 1, 1, 1)


def month(number: int, of: int) -> tuple[date, date]:
    """Give the first day of month ``of`` of a year and of the next month.

    Examples
    --------
    >>> month(2023, 12)
    (datetime.date(2023, 12, 1), datetime.date(2024, 1, 1))
    """
    return date(number, of, 1), date(number + of // 12, of % 12 + 1, 1)


def joined(members: Iterable[str]) -> str:
    """Write an unordered set of actors.

    Examples
    --------
    >>> joined(["USA", "JPN"])
    'JPN;USA'
    """
    return ";".join(sorted(members))


def state_of(start: date, end: date, first: date, after: date) -> State:
    """Say whether ``[start, end)`` lies wholly inside the span ``[first, after)`` that a data set covers.

    Examples
    --------
    >>> state_of(date(2025, 1, 1), date(2026, 1, 1), date(1945, 1, 1), date(2025, 2, 20))
    'incomplete'
    """
    return "observed" if first <= start and end <= after else "incomplete"


@cache
def actor_of(scheme: Literal["cow", "gw"], code: str, day: date) -> str | None:
    """Give the actor that had a number on a day, a continuator for the state that it continues; None: nobody.

    Examples
    --------
    >>> actor_of("cow", "365", date(1980, 1, 1)), actor_of("cow", "999", date(1980, 1, 1))
    ('RUS', None)
    """
    register = actor_register()
    for actor in register.values():
        if actor.existed(day) and actor.code(scheme, day) == code:
            return register.lineage(actor.id)
    return None


@cache
def alive(actor: str, start: date, end: date) -> bool:
    """Whether an actor, or the state that it continues, was there on any day of ``[start, end)``.

    Examples
    --------
    >>> alive("RUS", date(1980, 1, 1), date(1981, 1, 1)), alive("KOR", date(1947, 1, 1), date(1948, 1, 1))
    (True, False)
    """
    register = actor_register()
    return any(a.overlaps(start, end) for a in register.values() if register.lineage(a.id) == actor)


def run_lengths(rows: Iterable[Row]) -> list[Row]:
    """Join neighbouring rows of one series that differ in nothing but their days; nothing is lost.

    Examples
    --------
    >>> one, two = (Row("x", "JPN;KOR", *year(y), 1.0) for y in (2000, 2001))
    >>> [(r.start.year, r.end.year) for r in run_lengths([two, one])]
    [(2000, 2002)]
    """
    made: list[Row] = []
    for row in sorted(rows, key=lambda r: (r.indicator, r.members, r.start)):
        if made and made[-1].end == row.start and replace(made[-1], start=row.start, end=row.end) == row:
            made[-1] = replace(made[-1], end=row.end)
        else:
            made.append(row)
    return made


def read_csv(path: Path, columns: Sequence[str], encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    """Read a producer's CSV file as text, with nothing interpreted: ``NA`` stays ``NA`` (Namibia is one).

    Raises
    ------
    BadInput
        The file is not there, is not text, lacks one of ``columns``, or has a row of another length.
    """
    try:
        with path.open(encoding=encoding, newline="") as stream:
            reader = csv.DictReader(stream)
            rows = list(reader)
            header = reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(
            str(path), f"could not be read ({error})", "give the producer's file as it was published"
        ) from None
    missing = [c for c in columns if c not in header]
    if missing:
        raise BadInput(
            str(path), f"has no column {', '.join(missing)}", "give the producer's file of the version cited"
        )
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise BadInput(f"{path}, row {number}", "has another number of fields than the header", "mend the file")
    return rows


def day(row: Mapping[str, str], field: str, where: str) -> date:
    """Read a field that is a day, or say where it is not one."""
    try:
        return parse_day(row[field].replace("/", "-"))
    except MinilateralError:
        raise BadInput(f"{where}: {field} {row[field]!r}", "is not a day", "mend the row or leave it out") from None


def whole(row: Mapping[str, str], field: str, where: str) -> int:
    """Read a field that is a whole number (``3`` or ``3.0``), or say where it is not one."""
    value = real(row, field, where)
    if value != int(value):
        raise BadInput(f"{where}: {field} {row[field]!r}", "is not a whole number", "mend the row or leave it out")
    return int(value)


def real(row: Mapping[str, str], field: str, where: str) -> float:
    """Read a field that is a finite number, or say where it is not one."""
    try:
        value = float(row[field])
    except ValueError:
        value = float("nan")
    if value - value != 0:
        raise BadInput(f"{where}: {field} {row[field]!r}", "is not a number", "mend the row or leave it out")
    return value


def days_between(first: date, last: date) -> list[date]:
    """Every day from ``first`` to ``last``, both included."""
    return [first + timedelta(days=k) for k in range((last - first).days + 1)]


def number(value: float) -> str:
    """Write a value with four significant digits, whole numbers in full.

    Examples
    --------
    >>> number(3.0), number(0.8350515463917526), number(115306.0)
    ('3', '0.8351', '115306')
    """
    return str(int(value)) if value == int(value) else f"{value:.4g}"

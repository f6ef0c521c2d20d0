"""Days and spans of days, as precisely as the evidence gives them and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from minilateral.errors import BadPeriod

Precision = Literal["day", "month", "year", "decade"]
Every = Literal["year", "quarter", "month"]

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z")
_MONTH = re.compile(r"(\d{4})-(\d{2})\Z")
_YEAR = re.compile(r"(\d{4})\Z")
_DECADE = re.compile(r"(\d{3})[Xx]\Z")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_A_DAY = "write YYYY-MM-DD, such as 2025-12-31"
_WAY_OUT = "write YYYY-MM-DD, YYYY-MM, YYYY or a decade such as 199X; several days as first/last"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A half-open span of days ``[start, end)`` with the precision of its evidence.

    An act that is known to the month has a period of that month with precision ``month``: no day is invented.
    The written form follows EDTF (Library of Congress, ISO 8601-2): ``2023-08-18``, ``2023-08-18/2023-08-20``
    (both days included), ``2023-08``, ``1999``, ``199X``.

    Parameters
    ----------
    start : datetime.date
        First day.
    end : datetime.date
        The day after the last day.
    precision : {'day', 'month', 'year', 'decade'}
        How exactly the evidence dates it.

    Raises
    ------
    BadPeriod
        If it ends before it starts.

    Examples
    --------
    >>> camp_david = Period.parse("2023-08-18")
    >>> camp_david.days, camp_david.last
    (1, datetime.date(2023, 8, 18))
    >>> Period.parse("2023-08").format("zh")
    '2023年8月'
    >>> Period.parse("2023-08-18/2023-08-20").format("en")
    '18–20 August 2023'
    """

    start: date
    end: date
    precision: Precision = "day"

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise BadPeriod(
                f"{self.start.isoformat()} to {self.end.isoformat()}",
                "ends before it starts",
                "give the first day before the last one",
            )

    @property
    def last(self) -> date:
        """The last day inside."""
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        """Number of days inside, at least 1."""
        return (self.end - self.start).days

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read one written period.

        Raises
        ------
        BadPeriod
            For an impossible date or another form. Days are never invented: ``2023-02-30`` is refused.

        Examples
        --------
        >>> Period.parse("199X")
        Period(start=datetime.date(1990, 1, 1), end=datetime.date(2000, 1, 1), precision='decade')
        >>> Period.parse("2025-13-45")
        Traceback (most recent call last):
        ...
        minilateral.errors.BadPeriod: '2025-13-45' is not a date: month must be in 1..12...
        """
        text = text.strip()
        if "/" in text:
            first, _, last = text.partition("/")
            a, b = cls.parse(first), cls.parse(last)
            if a.precision != b.precision:
                raise BadPeriod(repr(text), "mixes precisions", "give both ends as days, or both as months")
            if b.start < a.start:
                raise BadPeriod(repr(text), "ends before it starts", "give the first day before the last one")
            return cls(a.start, b.end, a.precision)
        try:
            if m := _DAY.match(text):
                day = date(int(m[1]), int(m[2]), int(m[3]))
                return cls(day, day + timedelta(days=1), "day")
            if m := _MONTH.match(text):
                first_day = date(int(m[1]), int(m[2]), 1)
                return cls(first_day, _next_month(first_day), "month")
            if m := _YEAR.match(text):
                return cls(date(int(m[1]), 1, 1), date(int(m[1]) + 1, 1, 1), "year")
            if m := _DECADE.match(text):
                return cls(date(int(m[1]) * 10, 1, 1), date(int(m[1]) * 10 + 10, 1, 1), "decade")
        except (ValueError, OverflowError) as error:
            raise BadPeriod(repr(text), f"is not a date: {error}", _WAY_OUT) from None
        raise BadPeriod(repr(text), "is not a date", _WAY_OUT)

    def __str__(self) -> str:
        last = self.last
        if self.precision == "day":
            one, two = self.start.isoformat(), last.isoformat()
        elif self.precision == "month":
            one, two = f"{self.start:%Y-%m}", f"{last:%Y-%m}"
        elif self.precision == "year":
            one, two = f"{self.start:%Y}", f"{last:%Y}"
        else:
            one, two = f"{self.start.year // 10:03d}X", f"{last.year // 10:03d}X"
        return one if one == two else f"{one}/{two}"

    def contains(self, other: Period) -> bool:
        """Whether ``other`` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end

    def format(self, language: str) -> str:
        """Write it for a reader, ``language`` being ``en`` or ``zh``."""
        a, b = self.start, self.last
        if language == "zh":
            return self._zh(a, b)
        if self.precision == "decade":
            return f"{a.year}s" if self.days < 3700 else f"{a.year}s–{b.year // 10 * 10}s"
        if self.precision == "year":
            return f"{a.year}" if a.year == b.year else f"{a.year}–{b.year}"
        if self.precision == "month":
            last = f"{_MONTHS[b.month - 1]} {b.year}"
            if (a.year, a.month) == (b.year, b.month):
                return last
            return f"{_MONTHS[a.month - 1]}" + (f" {a.year}" if a.year != b.year else "") + f" – {last}"
        last = f"{b.day} {_MONTHS[b.month - 1]} {b.year}"
        if a == b:
            return last
        if (a.year, a.month) == (b.year, b.month):
            return f"{a.day}–{last}"
        return f"{a.day} {_MONTHS[a.month - 1]}" + (f" {a.year}" if a.year != b.year else "") + f" – {last}"

    def _zh(self, a: date, b: date) -> str:
        if self.precision == "decade":
            return f"{a.year}年代" if self.days < 3700 else f"{a.year}年代至{b.year // 10 * 10}年代"
        if self.precision == "year":
            return f"{a.year}年" if a.year == b.year else f"{a.year}～{b.year}年"
        if self.precision == "month":
            first = f"{a.year}年{a.month}月"
            if (a.year, a.month) == (b.year, b.month):
                return first
            return f"{first}至" + (f"{b.year}年" if a.year != b.year else "") + f"{b.month}月"
        first = f"{a.year}年{a.month}月{a.day}日"
        if a == b:
            return first
        if a.year != b.year:
            return f"{first}至{b.year}年{b.month}月{b.day}日"
        return f"{first}至" + (f"{b.month}月" if a.month != b.month else "") + f"{b.day}日"


def parse_day(text: str) -> date:
    """Read one day, ``YYYY-MM-DD``.

    Examples
    --------
    >>> parse_day("2025-12-31")
    datetime.date(2025, 12, 31)
    """
    if not _DAY.match(text.strip()):
        raise BadPeriod(repr(text), "is not a day", _A_DAY)
    try:
        return Period.parse(text).start
    except BadPeriod as error:
        raise BadPeriod(error.value, error.rule, _A_DAY) from None


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def bins(start: date, end: date, every: Every) -> Iterator[Period]:
    """Cut time into calendar years, quarters or months that together cover ``[start, end)``.

    Examples
    --------
    >>> [str(b) for b in bins(date(2024, 11, 5), date(2025, 2, 1), "month")]
    ['2024-11', '2024-12', '2025-01']
    >>> [label(b, "quarter") for b in bins(date(2024, 11, 5), date(2025, 2, 1), "quarter")]
    ['2024Q4', '2025Q1']
    """
    if every == "year":
        at = date(start.year, 1, 1)
    elif every == "quarter":
        at = date(start.year, (start.month - 1) // 3 * 3 + 1, 1)
    else:
        at = date(start.year, start.month, 1)
    while at < end:
        if every == "year":
            after = date(at.year + 1, 1, 1)
        else:
            after = _next_month(at)
            if every == "quarter":
                after = _next_month(_next_month(after))
        yield Period(at, after, "year" if every == "year" else "month")
        at = after


def label(bin_: Period, every: Every) -> str:
    """Name a bin: ``2025``, ``2025Q1`` or ``2025-01``."""
    if every == "quarter":
        return f"{bin_.start.year}Q{(bin_.start.month + 2) // 3}"
    return str(bin_)

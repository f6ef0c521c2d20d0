"""Bilateral defence cooperation agreements (DCAD 1.0, Kinne)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, actor_of, joined, read_csv, run_lengths, whole, year

LOCATION = "alliances/DCAD-v1.0-main.csv"
FIRST_YEAR, LAST_YEAR = 1980, 2010


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement: COW numbers, year of signature, estimated last year, and the producer's type and confidence."""

    id: str
    cow: tuple[str, str]
    signed: int
    last: int
    type: str
    confidence: str


def read(path: Path) -> tuple[Agreement, ...]:
    """Read the list.

    Raises
    ------
    BadInput
        A year of signature outside 1980-2010, a last year before it, or a type that is neither general nor sector.
    """
    columns = ("ccode1", "ccode2", "signYear", "endYearEstimate", "type", "categoryConf", "DCAid")
    made = []
    for at, row in enumerate(read_csv(path, columns, encoding="latin-1"), start=2):
        where = f"{path.name}, row {at}"
        signed, last = whole(row, "signYear", where), whole(row, "endYearEstimate", where)
        if not FIRST_YEAR <= signed <= LAST_YEAR or last < signed or row["type"] not in ("general", "sector"):
            raise BadInput(
                f"{where}: {signed} to {last}, {row['type']!r}", "is no agreement of the list", "mend the row"
            )
        cow = (str(whole(row, "ccode1", where)), str(whole(row, "ccode2", where)))
        made.append(Agreement(row["DCAid"], cow, signed, last, row["type"], row["categoryConf"]))
    return tuple(made)


def pair(agreement: Agreement) -> tuple[str, str] | None:
    """Give the two actors on the last day of the year of signature, sorted; None where a number is nobody's then."""
    found = [actor_of("cow", c, date(agreement.signed, 12, 31)) for c in agreement.cow]
    if found[0] is None or found[1] is None or found[0] == found[1]:
        return None
    return (found[0], found[1]) if found[0] < found[1] else (found[1], found[0])


def describe(agreements: Iterable[Agreement], states: Iterable[str]) -> list[Row]:
    """Count agreements signed per pair and year, the general ones among them, and those not past their estimated end.

    Equal neighbouring years of the stock share a row. Years of 1980-2010 without a row are true zeros of the list;
    agreements signed before 1980 are not in it, so the stock starts from nothing.
    """
    wanted = set(states)
    signed: Counter[tuple[str, str, int]] = Counter()
    stock: Counter[tuple[str, str, int]] = Counter()
    general: Counter[tuple[str, str, int]] = Counter()
    for agreement in agreements:
        who = pair(agreement)
        if who is None or not set(who) <= wanted:
            continue
        signed[(*who, agreement.signed)] += 1
        general[(*who, agreement.signed)] += agreement.type == "general"
        for y in range(agreement.signed, min(agreement.last, LAST_YEAR) + 1):
            stock[(*who, y)] += 1
    rows = []
    for name, counted in (("dca_signed", signed), ("dca_general_signed", general), ("dca_in_force", stock)):
        made = [Row(name, joined((a, b)), *year(y), count, count) for (a, b, y), count in counted.items() if count]
        rows += run_lengths(made) if name == "dca_in_force" else made
    return rows

"""Shipped tables and a user's store, read as one record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from minilateral.errors import BadRecord
from minilateral.evidence.record import Record, Tables, shipped_tables
from minilateral.evidence.store import ADDABLE, Store
from minilateral.evidence.tables import LATER
from minilateral.terms.periods import parse_day


def load(as_of: date | None = None, record: Path | None = None, store: Path | None = None) -> Record:
    """Read the record as it was known on a day.

    Parameters
    ----------
    as_of : datetime.date, optional
        Leave out what became known later. None: everything.
    record : Path, optional
        A folder of reviewed tables instead of the shipped one.
    store : Path, optional
        A user's SQLite file.

    Examples
    --------
    >>> record = load(date(2025, 12, 31))
    >>> record.occurrences["2023-08-18-camp-david-summit"].participants
    ('JPN', 'KOR', 'USA')
    """
    tables, own, corrections = _with_mine(as_of, record, store)
    return Record.build(tables, as_of, own, corrections)


def current_tables(as_of: date | None = None, record: Path | None = None, store: Path | None = None) -> Tables:
    """The shipped rows and the user's, with the corrections that were known by ``as_of`` applied."""
    return _with_mine(as_of, record, store)[0]


def _with_mine(
    as_of: date | None, record: Path | None, store: Path | None
) -> tuple[Tables, list[str], list[dict[str, str]]]:
    """The tables, the ids that the user added, and the user's corrections that were applied."""
    tables = shipped_tables(record)
    if store is None:
        return tables, [], []
    mine = Store(store).all_rows()
    for name in ADDABLE.keys() & tables.keys():
        mine[name] = [{**dict.fromkeys(LATER.get(name, ()), ""), **row} for row in mine[name]]
        shipped = {tuple(row[c] for c in ADDABLE[name]): row for row in tables[name]}
        mine[name] = [  # a row of the user's may have come into the reviewed tables since
            row for row in mine[name] if shipped.get(tuple(row[c] for c in ADDABLE[name])) != row
        ]
        tables[name] = tables[name] + mine[name]
    applied = _correct(tables["occurrences"], mine["corrections"], as_of)
    return tables, [row["id"] for row in mine["occurrences"]], applied


def _correct(rows: list[dict[str, str]], corrections: list[dict[str, str]], as_of: date | None) -> list[dict[str, str]]:
    """Apply the corrections that were known by the day, in their order; give back those that changed a row."""
    applied = []
    by_id: Mapping[str, int] = {row["id"]: at for at, row in enumerate(rows)}
    known: dict[tuple[str, str], date] = {}
    chains: dict[tuple[str, str], list[dict[str, str]]] = {}
    for correction in corrections:
        place = (correction["corrects"], correction["field"])
        # what builds on an earlier correction cannot be known before it
        known[place] = max(parse_day(correction["known"]), known.get(place, date.min))
        if as_of is None or known[place] <= as_of:
            chains.setdefault(place, []).append(correction)
    for at, correction in ((at, c) for chain in chains.values() for at, c in enumerate(chain)):
        target, field = correction["corrects"], correction["field"]
        if target not in by_id:
            raise BadRecord(
                f"correction {correction['id']}", f"corrects {target}, which is not there", "use another store"
            )
        row = rows[by_id[target]]
        if any(row[field] == c["new"] for c in chains[target, field][at:]):
            continue  # the record says so by now, or what a later one says
        if row[field] != correction["old"]:
            raise BadRecord(
                f"correction {correction['id']} of {target}",
                f"no longer applies: {field} is {row[field]!r}, not {correction['old']!r}",
                "the record has changed since; declare a correction of what it says now in a new store",
            )
        rows[by_id[target]] = {**row, field: correction["new"]}
        applied.append(correction)
    return applied

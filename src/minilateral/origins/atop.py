"""Obligations of alliance treaties in force (ATOP 5.1, member level)."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, actor_of, alive, joined, read_csv, run_lengths, whole, year

LOCATION = "alliances/atop5_1m.csv"
FIRST_YEAR, LAST_YEAR = 1945, 2018
KINDS = {
    "defence": "defense", "offence": "offense", "neutrality": "neutral", "nonaggression": "nonagg",
    "consultation": "consul",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Membership:
    """One member in one phase of one treaty: in force on ``[start, end)``, with the obligations that it owes."""

    treaty: str
    cow: str
    start: date
    end: date
    owes: frozenset[str]


def _edge(row: Mapping[str, str], which: str, where: str, last: bool) -> date:
    """The day of entry or exit; an unknown day is the widest that month or year allow."""
    y, m, d = (
        whole(row, f"{part}{which}", where) if row[f"{part}{which}"] not in ("", "NA") else 0
        for part in ("yr", "mo", "day")
    )
    if m == 0:
        m = 12 if last else 1
    if d == 0:
        d = calendar.monthrange(y, m)[1] if last else 1
    try:
        return date(y, m, d)
    except ValueError as error:
        raise BadInput(f"{where}: {y}-{m}-{d}", f"is not a day: {error}", "mend the row") from None


def read(path: Path) -> tuple[Membership, ...]:
    """Read the member-level table; a treaty still in force ends the day after the last year of the coverage.

    Raises
    ------
    BadInput
        An obligation that is not 0 or 1, a day that is none, or an exit before the entry.
    """
    columns = (
        "atopid",
        "member",
        "yrent",
        "moent",
        "dayent",
        "yrexit",
        "moexit",
        "dayexit",
        "ineffect",
        *KINDS.values(),
    )
    made = []
    for at, row in enumerate(read_csv(path, columns), start=2):
        where = f"{path.name}, row {at}"
        start = _edge(row, "ent", where, last=False)
        after = date(LAST_YEAR + 1, 1, 1)
        if whole(row, "yrexit", where):
            after = _edge(row, "exit", where, last=True)
        if after < start:
            raise BadInput(f"{where}: {start} to {after}", "ends before it starts", "mend the row")
        owes = set()
        for kind, column in KINDS.items():
            value = whole(row, column, where)
            if value not in (0, 1):
                raise BadInput(f"{where}: {column} {value}", "is neither 0 nor 1", "mend the row")
            if value:
                owes.add(kind)
        made.append(
            Membership(row["atopid"], row["member"], start, max(after, start + timedelta(days=1)), frozenset(owes))
        )
    return tuple(made)


def in_force(held: Iterable[Membership], members: tuple[str, ...], kind: str) -> dict[int, dict[str, frozenset[str]]]:
    """Treaties that contain all ``members`` at once and in which one or more of them owes ``kind``, by year.

    A year counts if the treaty was in force for all of them on one day of it at least.

    Parameters
    ----------
    held : iterable of Membership
        Any memberships.
    members : tuple of str
        Actor ids.
    kind : str
        One of ``KINDS``.

    Returns
    -------
    dict of int to dict of str to frozenset of str
        Year -> ATOP id -> the members that owe it.
    """
    treaties: dict[str, dict[str, list[Membership]]] = defaultdict(lambda: defaultdict(list))
    for m in held:
        # a state may enter before it is back in the state system (Japan signed in 1951, sovereign from 1952)
        actor = actor_of("cow", m.cow, m.start) or actor_of("cow", m.cow, m.end - timedelta(days=1))
        if actor in members:
            treaties[m.treaty][actor].append(m)
    found: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for treaty, by in treaties.items():
        if set(by) != set(members):
            continue
        edges = sorted({d for spells in by.values() for s in spells for d in (s.start, s.end)})
        for start, end in pairwise(edges):
            present = {a: [s for s in spells if s.start <= start and end <= s.end] for a, spells in by.items()}
            if not all(present.values()):
                continue
            owing = {a for a, spells in present.items() if any(kind in s.owes for s in spells)}
            if owing:
                for y in range(max(start.year, FIRST_YEAR), min((end - timedelta(days=1)).year, LAST_YEAR) + 1):
                    found[y][treaty] |= owing
    return {y: {t: frozenset(who) for t, who in treaties.items()} for y, treaties in found.items()}


def describe(held: Iterable[Membership], sets: Iterable[tuple[str, ...]]) -> list[Row]:
    """Give 1 for every year in which one treaty with the obligation contains all members of a set; no row is a true 0.

    The note names the ATOP ids; ``by X`` where not every member owes it. Equal years share a row.
    """
    held = tuple(held)
    rows = []
    for members in sets:
        for kind in KINDS:
            for y, treaties in in_force(held, members, kind).items():
                start, end = year(y)
                if not all(alive(a, start, end) for a in members):
                    continue
                owing = frozenset().union(*treaties.values())
                note = "ATOP " + " ".join(sorted(treaties))
                note += "" if len(owing) == len(members) else f"; owed by {' '.join(sorted(owing))}"
                rows.append(Row(f"atop_{kind}", joined(members), start, end, 1, len(treaties), "observed", note))
    return run_lengths(rows)

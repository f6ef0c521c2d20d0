"""Roll calls of the UN General Assembly (Voeten, Strezhnev and Bailey); paragraph flags of the unvotes tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, day, joined, read_csv, state_of, year

LOCATION = "un_votes/unga_roll_calls_wide_1946_2024.csv"
FLAGS = "un_votes/un_roll_calls.parquet"
FIRST, AFTER = date(1946, 1, 1), date(2024, 6, 5)
VOTES = {"1": 1, "2": 2, "3": 3}  # yes, abstain, no
NOT_VOTES = ("8", "9", "")  # absent, not a member, not given
NOT_STATES = ("rcid", "date", "me", "nu", "di", "hr", "co", "ec")


@dataclass(frozen=True, slots=True)
class RollCall:
    """One roll call, known by its number and day together (numbers are used again); only votes cast are in it."""

    rcid: str
    day: date
    votes: Mapping[str, int]


def read(path: Path) -> tuple[RollCall, ...]:
    """Read the wide table.

    Raises
    ------
    BadInput
        A code other than 1, 2, 3, 8, 9, or a roll call (number and day) that stands twice.
    """
    made = []
    seen = set()
    for at, row in enumerate(read_csv(path, ("rcid", "date", "USA")), start=2):
        where = f"{path.name}, row {at}"
        when = day(row, "date", where)
        if (row["rcid"], when) in seen:
            raise BadInput(f"{where}: roll call {row['rcid']} of {when}", "stands twice", "leave one out")
        seen.add((row["rcid"], when))
        votes = {}
        for actor, code in row.items():
            if actor in NOT_STATES:
                continue
            code = code.removesuffix(".0")
            if code in VOTES:
                votes[actor] = VOTES[code]
            elif code not in NOT_VOTES:
                raise BadInput(f"{where}: {actor} {code!r}", "is no vote (1, 2, 3, 8, 9)", "mend the row")
        made.append(RollCall(row["rcid"], when, votes))
    return tuple(made)


def read_paragraphs(path: Path) -> Mapping[tuple[str, date], bool]:
    """Read which roll calls (number, day) were on a paragraph or an amendment, for those that have a flag at all.

    The flags are blank from 1985 to 1996, in 2014-15 and from 2018; from 1997 only the flagged ones have one.
    """
    import pyarrow.parquet as pq

    columns = ["rcid", "date", "para", "amend"]
    try:
        missing = set(columns) - set(pq.read_schema(path).names)
        table = pq.read_table(path, columns=columns).to_pylist()
    except (OSError, ValueError) as error:
        raise BadInput(str(path), f"could not be read ({error})", "give the file as it was published") from None
    if missing:
        raise BadInput(str(path), f"has no column {', '.join(sorted(missing))}", "give the file as it was published")
    flags = {}
    for row in table:
        when = row["date"] if isinstance(row["date"], date) else date.fromisoformat(str(row["date"])[:10])
        known = [row[c] for c in ("para", "amend") if row[c] is not None and row[c] == row[c]]
        if known:
            flags[str(int(row["rcid"])), when] = 1 in known
    return flags


def agreement(calls: Iterable[RollCall], a: str, b: str, graded: bool = False) -> tuple[float | None, int]:
    """Share of equal votes among the roll calls where both voted, and their number; None where there was none.

    ``graded`` counts yes against abstain, or abstain against no, as half: 1 - |a - b| / 2 with yes 1, abstain 2, no 3
    (Lijphart 1963). It is the rule behind 0.933 for Japan and Korea in session 60; equal votes give 0.867 there.

    Examples
    --------
    >>> votes = [{"JPN": 1, "KOR": 1}, {"JPN": 1, "KOR": 3}, {"JPN": 1}]
    >>> agreement([RollCall(str(k), date(2005, 1, 1), v) for k, v in enumerate(votes)], "JPN", "KOR")
    (0.5, 2)
    >>> agreement([RollCall("4", date(2005, 1, 1), {"JPN": 1, "KOR": 2})], "JPN", "KOR", graded=True)
    (0.5, 1)
    """
    both = [(c.votes[a], c.votes[b]) for c in calls if a in c.votes and b in c.votes]
    if not both:
        return None, 0
    alike = sum(1 - abs(x - y) / 2 if graded else float(x == y) for x, y in both)
    return alike / len(both), len(both)


def describe(
    calls: Iterable[RollCall], paragraphs: Mapping[tuple[str, date], bool], pairs: Iterable[tuple[str, str]],
    groups: Iterable[tuple[str, ...]], graded_pairs: Iterable[tuple[str, str]] = (),
) -> list[Row]:  # fmt: skip
    """Give agreement by calendar year.

    Per pair (graded too where asked); for groups of three or more its mean, its minimum, and how often all vote alike.

    Votes on paragraphs and amendments are left out where flagged; a year without any flag says ``unflagged``: such
    votes may be in it. ``un_all_alike`` is the share of the roll calls
    in which all members voted where all voted alike. Mean and minimum exist only where every pair has a value.
    """
    pairs = list(pairs)
    by: dict[int, list[RollCall]] = defaultdict(list)
    for call in calls:
        if not paragraphs.get((call.rcid, call.day)):
            by[call.day.year].append(call)
    rows = []
    also_graded = set(graded_pairs)
    flagged = {when.year for _, when in paragraphs}
    groups = [g for g in groups if len(g) > 2]
    for y, held in sorted(by.items()):
        start, end = year(y)
        state = state_of(start, end, FIRST, AFTER)
        notes = [] if y in flagged else ["unflagged"]
        note = "; ".join(notes if state == "observed" else [*notes, "to 2024-06-04"])
        for name, graded, these in (("un_agreement", False, pairs), ("un_agreement_graded", True, also_graded)):
            for a, b in these:
                value, n = agreement(held, a, b, graded)
                if value is not None:
                    rows.append(Row(name, joined((a, b)), start, end, value, n, state, note))
        for members in groups:
            found = {pair: agreement(held, *pair)[0] for pair in combinations(members, 2)}
            values = {pair: v for pair, v in found.items() if v is not None}
            if len(values) == len(found):
                low = min(values, key=lambda p: (values[p], p))
                mean = sum(values.values()) / len(values)
                say = f"{joined(low)}" + (f"; {note}" if note else "")
                rows.append(Row("un_agreement_mean", joined(members), start, end, mean, len(values), state, note))
                rows.append(Row("un_agreement_min", joined(members), start, end, values[low], len(values), state, say))
            together = [{c.votes[m] for m in members} for c in held if all(m in c.votes for m in members)]
            if together:
                share = sum(len(v) == 1 for v in together) / len(together)
                rows.append(Row("un_all_alike", joined(members), start, end, share, len(together), state, note))
    return rows

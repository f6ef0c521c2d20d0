"""Coding acts a second time without sight of the first codes: the queue, the codes that come back, what disagrees."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from minilateral.errors import BadCode, BadInput
from minilateral.evidence.intake import read_lines
from minilateral.evidence.record import Record
from minilateral.evidence.store import Entry, Quarantined
from minilateral.evidence.tables import RECODED
from minilateral.terms import Selection, code_table

#: Columns of a file of the queue: what a coder may see, the codes to fill in, the label of the coder.
QUEUE_COLUMNS = ("id", "date", "participants", "sources", *RECODED, "coder")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A field on which the row and a second coder differ."""

    occurrence: str
    field: str
    row: str
    coder: str
    code: str


def queue(record: Record, n: int, coder: str, seed: int = 0, members: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """Draw acts that this coder has not coded: when, who and the pages are shown, every code is left empty.

    Parameters
    ----------
    n : int
        How many at most.
    coder : str
        The label that the codes will carry.
    seed : int
        The same seed draws the same acts.
    members : tuple of str, optional
        Only acts of exactly these.
    """
    done = {c.occurrence for c in record.codings if c.coder == coder}
    ids = [i for i in record.select(Selection(exactly=members, status="")) if i not in done]
    drawn = sorted(random.Random(seed).sample(ids, min(n, len(ids))))
    return [
        {
            **dict.fromkeys(QUEUE_COLUMNS, ""),
            "id": i,
            "date": str(record.occurrences[i].happened),
            "participants": ";".join(record.occurrences[i].participants),
            "sources": " ; ".join(f"{s.title} <{s.url}>" for s in record.sources_of(i)),
            "coder": coder,
        }
        for i in drawn
    ]


def read_codings(path: Path, record: Record) -> tuple[list[Entry], list[Quarantined], int, str]:
    """Read a queue that was filled in: one entry per act and field; a bad row is quarantined whole.

    Returns
    -------
    (list of Entry, list of Quarantined, int, str)
        What can go in, what cannot, how many rows there were, and the hash of the file.
    """
    lines, sha256 = read_lines(path, frozenset(QUEUE_COLUMNS))
    entries: list[Entry] = []
    bad: list[Quarantined] = []
    for line in lines:
        row = {c: line.fields.get(c, "") for c in QUEUE_COLUMNS}
        try:
            if line.trouble:
                raise _Refused(*line.trouble)
            if row["id"] not in record.occurrences:
                raise _Refused("id", row["id"], "is not in the record", "keep the ids of the queue")
            if not row["coder"] or row["coder"] == "A":
                raise _Refused("coder", row["coder"], "cannot be a second coder", "write a label such as B")
            for field in RECODED:
                if row[field] or field != "venue":
                    try:
                        code_table().check(field, row[field])
                    except BadCode as error:
                        raise _Refused(field, row[field], error.rule, error.way_out) from None
        except _Refused as no:
            bad.append(Quarantined(line.number, row["id"], no.field, no.value, no.rule, no.way_out, line.fields))
            continue
        entries += [
            Entry(
                "codings",
                {"occurrence": row["id"], "coder": row["coder"], "field": field, "code": row[field]},
                line.number,
            )
            for field in RECODED
        ]
    if not lines:
        raise BadInput(str(path), "holds no row", "see `minilateral acts review --next 20 --out FILE`")
    return entries, bad, len(lines), sha256


class _Refused(Exception):
    """A row that breaks a rule: field, value, rule, way out."""

    def __init__(self, field: str, value: str, rule: str, way_out: str) -> None:
        self.field, self.value, self.rule, self.way_out = field, value, rule, way_out


def disagreements(record: Record) -> tuple[Disagreement, ...]:
    """Where a second coder chose another code than the row has, by date."""
    found = {}
    for c in record.codings:
        own = getattr(record.occurrences[c.occurrence], c.field)
        if own != c.code and (own and c.code):
            found[c.occurrence, c.field, c.coder] = Disagreement(c.occurrence, c.field, own, c.coder, c.code)
    order = {i: at for at, i in enumerate(record.occurrences)}
    return tuple(found[k] for k in sorted(found, key=lambda k: (order[k[0]], k[1:])))

"""What is new in the record since a day, and what moved."""

from __future__ import annotations

from dataclasses import dataclass

from minilateral.evidence.promises import fates
from minilateral.evidence.recall import recalls_of
from minilateral.evidence.record import Record
from minilateral.terms.selections import members_of


@dataclass(frozen=True, slots=True)
class Moved:
    """Something that was otherwise on the earlier day: a fate, a recall, a mechanism's latest session."""

    what: str
    id: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What became known after the earlier day.

    Attributes
    ----------
    acts, texts, mechanisms : tuple of str
        New ids, by date.
    moved : tuple of Moved
    """

    acts: tuple[str, ...]
    texts: tuple[str, ...]
    mechanisms: tuple[str, ...]
    moved: tuple[Moved, ...]


def differences(before: Record, after: Record, members: tuple[str, ...] = ()) -> Differences:
    """Compare the record as known on two days.

    Both are made from the same tables, so what differs is what happened or was published in between: rows that were
    found later but tell of earlier days count as known on those days.

    Parameters
    ----------
    before, after : Record
        With an as-of day each.
    members : tuple of str, optional
        Only what touches exactly these.
    """
    assert before.as_of is not None
    assert after.as_of is not None

    def mine(record: Record, i: str) -> bool:
        return not members or members_of(record.occurrences[i]) == frozenset(members)

    acts = tuple(i for i in after.occurrences if i not in before.occurrences and mine(after, i))
    texts = tuple(t.id for t in after.texts.values() if t.id not in before.texts and mine(after, t.occurrence))
    ids = [m.id for m in after.mechanisms.values() if not members or m.members == members]
    moved: list[Moved] = []
    old = {f.commitment: f for f in fates(before, before.as_of, members)}
    for fate in fates(after, after.as_of, members):
        was = old.get(fate.commitment)
        if was is None or was.fate != fate.fate:
            moved.append(Moved("commitment", fate.commitment, was.fate if was else "", fate.fate))
    earlier = {r.mechanism: r for r in recalls_of(before, [i for i in ids if i in before.mechanisms])}
    for recall in recalls_of(after, ids):
        r = earlier.get(recall.mechanism)
        if r is None or (r.seen, r.official) != (recall.seen, recall.official):
            moved.append(
                Moved(
                    "recall",
                    recall.mechanism,
                    f"{r.seen} of {r.official}" if r else "",
                    f"{recall.seen} of {recall.official}",
                )
            )
    return Differences(acts, texts, tuple(i for i in ids if i not in before.mechanisms), tuple(moved))

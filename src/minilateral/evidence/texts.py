"""What a group's statements say, and what changed from one to the next. Method card: docs/methods/wording.md."""

from __future__ import annotations

from dataclasses import dataclass

from minilateral.errors import BadInput
from minilateral.evidence.record import Record
from minilateral.terms import Text, code_table
from minilateral.terms.selections import members_of


@dataclass(frozen=True, slots=True)
class Wording:
    """What a statement says of one target.

    Attributes
    ----------
    verb : str
        Rung of the ladder; ``absent``; ``not_seen``; or empty where the coders disagreed and nobody settled it.
    manner : str
        named, implied, or empty.
    a, b : str
        The rungs that coder A and coder B chose, empty where they coded nothing.
    """

    target: str
    verb: str
    manner: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Change:
    """One target in two statements.

    Attributes
    ----------
    change : {'same', 'stronger', 'weaker', 'new', 'gone', 'manner', 'unknown'}
        ``unknown`` where it was not seen, or not settled, in one of them.
    """

    target: str
    before: Wording
    after: Wording
    change: str


def texts_of(record: Record, members: tuple[str, ...]) -> tuple[Text, ...]:
    """The statements of exactly these members, by date."""
    order = {i: at for at, i in enumerate(record.occurrences)}
    who = frozenset(members)
    found = [t for t in record.texts.values() if members_of(record.occurrences[t.occurrence]) == who]
    return tuple(sorted(found, key=lambda t: (order[t.occurrence], t.id)))


def wording(record: Record, text_id: str) -> tuple[Wording, ...]:
    """What a statement says of each target: what A and B agree on, else what was settled."""
    codes = {(c.coder, c.target): c for c in record.text_codes if c.text == text_id}
    found = []
    for target in code_table().codes("target"):
        a, b, settled = (codes.get((coder, target)) for coder in ("A", "B", "settled"))
        agreed = a if a and b and a.verb == b.verb else None
        chosen = settled or agreed
        manner = chosen.manner if chosen else ""
        if agreed and not settled and b and a and a.manner != b.manner:
            manner = ""
        found.append(Wording(target, chosen.verb if chosen else "", manner, a.verb if a else "", b.verb if b else ""))
    return tuple(found)


def difference(record: Record, before: str, after: str) -> tuple[Change, ...]:
    """Compare two statements, target by target.

    Raises
    ------
    BadInput
        If one of them is no statement of the record.
    """
    for text in (before, after):
        if text not in record.texts:
            raise BadInput(repr(text), "is no statement of the record", "see `minilateral statements list`")
    return tuple(
        Change(a.target, a, b, _change(a, b))
        for a, b in zip(wording(record, before), wording(record, after), strict=True)
    )


def _change(a: Wording, b: Wording) -> str:
    ladder = {verb: at for at, verb in enumerate(code_table().codes("verb"))}
    if any(w.verb in ("", "not_seen") for w in (a, b)):
        return "unknown"
    if a.verb == b.verb:
        return "same" if a.manner == b.manner else "manner"
    if a.verb == "absent":
        return "new"
    if b.verb == "absent":
        return "gone"
    return "stronger" if ladder[b.verb] > ladder[a.verb] else "weaker"


def first_spoken(record: Record, members: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """For each target and rung the statement that first reached it: what comes after repeats it.

    Only settled wording counts, and only as far back as statements were seen.
    """
    ladder = [v for v in code_table().codes("verb") if v not in ("absent", "not_seen")]
    first: dict[tuple[str, str], str] = {}
    for text in texts_of(record, members):
        for w in wording(record, text.id):
            if w.verb in ladder:
                for rung in ladder[: ladder.index(w.verb) + 1]:
                    first.setdefault((w.target, rung), text.id)
    return first

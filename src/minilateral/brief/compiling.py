"""The compiler: nothing is written unless every number recomputes, every statement has evidence, every slot agrees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isclose
from typing import Literal
from weakref import WeakKeyDictionary

from minilateral.brief.wording import LANGUAGES, Piece, pieces, templates
from minilateral.errors import CompileRefused
from minilateral.evidence import DECLARED, Record, fates, jeffreys, text_agreement, texts_of
from minilateral.terms import (
    Actors,
    Alpha,
    CheckCount,
    Code,
    Coded,
    Count,
    Declared,
    Difference,
    Estimated,
    Expression,
    FateCount,
    Happened,
    Interval,
    MechanismCount,
    Named,
    Number,
    Ratio,
    Reported,
    Selection,
    SourceCount,
    Sourced,
    Statement,
    Sum,
    TextCount,
    actor_register,
    code_table,
)

#: A value, the occurrences and the official numbers that it rests on.
Worth = tuple[float, tuple[str, ...], tuple[str, ...]]

#: Figures of models: by table, key of the row, and column.
Estimates = Mapping[tuple[str, str, str], float]

_NONE: Estimates = {}

_WAY_OUT = "nothing was written; run the study again, and if it recurs report it with this line"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement that holds, in words.

    Attributes
    ----------
    rows : dict
        By slot, the ids of the occurrences that it rests on.
    numberings : dict
        By slot, the ids of the official numbers that it rests on.
    """

    statement: Statement
    en: tuple[Piece, ...]
    zh: tuple[Piece, ...]
    rows: dict[str, tuple[str, ...]]
    numberings: dict[str, tuple[str, ...]]

    def pieces(self, language: str) -> tuple[Piece, ...]:
        """The sentence in pieces."""
        return self.zh if language == "zh" else self.en

    def text(self, language: str) -> str:
        """The sentence."""
        return "".join(piece.text for piece in self.pieces(language))

    @property
    def all_rows(self) -> tuple[str, ...]:
        """All occurrences that it rests on, each once, in the order of the slots."""
        return tuple(dict.fromkeys(i for ids in self.rows.values() for i in ids))


def evaluate(expression: Expression, record: Record, estimates: Estimates = _NONE) -> Worth:
    """Work out an expression over the record, on its own; an estimate is looked up in the tables of the result.

    Returns
    -------
    (float, tuple of str, tuple of str)
        The value, the occurrences and the official numbers that it rests on.
    """
    if isinstance(expression, Count):
        ids = _select(expression.of, record)
        return len(ids), ids, ()
    if isinstance(expression, Estimated):
        known = estimates.get((expression.table, expression.row, expression.column))
        if known is None:
            where = f"{expression.table} {expression.row}, {expression.column}"
            raise CompileRefused(where, "is in no table of the result", _WAY_OUT)
        return known, _select(expression.of, record), ()
    if isinstance(expression, SourceCount):
        ids = _select(expression.of, record)
        found = {
            s.id: i
            for i in ids
            for s in record.sources_of(i)
            if expression.language in ("", s.language) and expression.tier in ("", s.tier)
        }
        return len(found), tuple(i for i in ids if i in set(found.values())), ()
    if isinstance(expression, Sourced):
        ids = tuple(
            i
            for i in _select(expression.of, record)
            if any(s.tier in expression.tiers or s.language in expression.languages for s in record.sources_of(i))
        )
        return len(ids), ids, ()
    if isinstance(expression, CheckCount):
        ids = _select(expression.of, record)
        checked = [r for r in record.reviews if r.role == "checked" and r.outcome in expression.outcomes]
        ids = tuple(i for i in ids if any(r.occurrence == i for r in checked))
        return len(ids), ids, ()
    if isinstance(expression, Alpha | TextCount):
        return _texts(expression, record)
    if isinstance(expression, FateCount):
        of = fates(record, expression.as_of, expression.members)
        chosen = [f for f in of if expression.fate in ("", f.fate)]
        made = {c.id: c.occurrence for c in record.commitments}
        behind = {i for f in chosen for i in (made[f.commitment], *f.acts)}
        return len(chosen), tuple(i for i in record.occurrences if i in behind), ()
    if isinstance(expression, MechanismCount):
        return _mechanisms(expression, record)
    if isinstance(expression, Reported):
        if expression.table == "tallies" and expression.row in record.tallies:
            tally = record.tallies[expression.row]
            return float(getattr(tally, expression.column)), (), (tally.id,)
        if expression.table != "numbering" or expression.row not in record.numbering:
            raise CompileRefused(f"{expression.table} {expression.row}", "is not in the record", _WAY_OUT)
        row = record.numbering[expression.row]
        return float(getattr(row, expression.column)), (row.occurrence,) if row.occurrence else (), (row.id,)
    if isinstance(expression, Declared):
        return DECLARED[expression.name], (), ()
    if isinstance(expression, Ratio):
        parts = [evaluate(e, record, estimates) for e in (expression.part, expression.whole)]
        if not parts[1][0]:
            raise CompileRefused(str(expression), "divides by nothing", _WAY_OUT)
        return parts[0][0] / parts[1][0], _rows(parts, 1), _rows(parts, 2)
    if isinstance(expression, Difference):
        parts = [evaluate(e, record, estimates) for e in (expression.minuend, expression.subtrahend)]
        return parts[0][0] - parts[1][0], tuple(i for i in parts[0][1] if i not in set(parts[1][1])), ()
    parts = [evaluate(e, record, estimates) for e in expression.terms]
    values = [p[0] for p in parts]
    return (sum(values) if isinstance(expression, Sum) else min(values)), _rows(parts, 1), _rows(parts, 2)


#: What was selected over a record that is still in use: the same selection stands behind many numbers.
_SELECTED: WeakKeyDictionary[Record, dict[Selection, tuple[str, ...]]] = WeakKeyDictionary()


def _select(selection: Selection, record: Record) -> tuple[str, ...]:
    """Select by a plain loop over the occurrences: the measures count with SQL, and the two must agree."""
    known = _SELECTED.setdefault(record, {})
    if selection not in known:
        known[selection] = tuple(
            i
            for i, item in record.occurrences.items()
            if selection.admits(
                item,
                record.mechanisms_of(i) if selection.mechanism else frozenset(),
                selection.without_study and record.only_study(i),
            )
        )
    return known[selection]


def _texts(expression: Alpha | TextCount, record: Record) -> Worth:
    texts = texts_of(record, expression.members)
    if isinstance(expression, TextCount):
        coders: dict[str, set[str]] = {}
        for c in record.text_codes:
            coders.setdefault(c.text, set()).add(c.coder)
        texts = tuple(t for t in texts if not expression.coded_twice or {"A", "B"} <= coders.get(t.id, set()))
        return len(texts), tuple(t.occurrence for t in texts), ()
    together = next((a for a in text_agreement(record, expression.members) if a.field == "all"), None)
    if together is None or together.alpha is None:
        raise CompileRefused("alpha", "is not defined: nothing was coded twice", _WAY_OUT)
    return together.alpha, tuple(t.occurrence for t in texts), ()


def _mechanisms(expression: MechanismCount, record: Record) -> Worth:
    n, rows = 0, []
    for mechanism in record.mechanisms.values():
        if mechanism.members != expression.members:
            continue
        ids = _select(Selection(mechanism=mechanism.id, start=expression.met[0], end=expression.met[1]), record)
        if ids and expression.again:
            ids = _select(Selection(mechanism=mechanism.id, start=expression.again[0], end=expression.again[1]), record)
        if ids:
            n += 1
            rows += [i for i in ids if i not in rows]
    order = {i: at for at, i in enumerate(record.occurrences)}
    return n, tuple(sorted(rows, key=order.__getitem__)), ()


def _rows(parts: Iterable[Worth], at: Literal[1, 2]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i for part in parts for i in part[at]))


def compile_statement(statement: Statement, record: Record, estimates: Estimates = _NONE) -> Compiled:
    """Check a statement and put it into words.

    Raises
    ------
    CompileRefused
        A number that does not recompute, a slot that disagrees with the coded row, a row without evidence, a
        statement without any, a template that is missing or has other slots.
    """
    rows: dict[str, tuple[str, ...]] = {}
    numberings: dict[str, tuple[str, ...]] = {}
    for name, slot in statement.slots.items():
        where = f"{statement.id}, slot {name}"
        rows[name], numberings[name] = (), ()
        if isinstance(slot, Number):
            value, rows[name], numberings[name] = evaluate(slot.how, record, estimates)
            if not isclose(value, slot.value, rel_tol=1e-12, abs_tol=1e-12):
                raise CompileRefused(
                    f"{where}: {slot.value:g}", f"does not recompute: the rows give {value:g}", _WAY_OUT
                )
        elif isinstance(slot, Interval):
            _, rows[name], numberings[name] = evaluate(slot.how, record)
            part, whole = (round(evaluate(e, record)[0]) for e in (slot.how.part, slot.how.whole))
            if not all(
                isclose(a, b, rel_tol=1e-9)
                for a, b in zip(jeffreys(min(part, whole), whole), (slot.low, slot.high), strict=True)
            ):
                raise CompileRefused(f"{where}: {slot.low:g} to {slot.high:g}", "does not recompute", _WAY_OUT)
        elif isinstance(slot, Happened | Coded):
            item = record.occurrences.get(slot.row)
            coded = (
                None if item is None else item.happened if isinstance(slot, Happened) else getattr(item, slot.column)
            )
            if coded != slot.value:
                raise CompileRefused(f"{where}: {slot.value}", f"disagrees with row {slot.row}: {coded}", _WAY_OUT)
            rows[name] = (slot.row,)
        elif isinstance(slot, Named):
            if slot.table == "occurrences":
                rows[name] = (slot.row,)
            if slot.row not in (record.occurrences if slot.table == "occurrences" else record.mechanisms):
                raise CompileRefused(f"{where}: {slot.row}", f"is not in {slot.table}", _WAY_OUT)
        elif isinstance(slot, Actors):
            if unknown := [i for i in slot.value if i not in actor_register()]:
                raise CompileRefused(f"{where}: {unknown[0]}", "is no actor", _WAY_OUT)
        elif isinstance(slot, Code):
            code_table().check(slot.table, slot.value)
    _check_evidence(statement, rows, numberings, record)
    en, zh = (pieces(statement, record, language) for language in LANGUAGES)
    return Compiled(statement, en, zh, rows, numberings)


def _check_evidence(
    statement: Statement, rows: dict[str, tuple[str, ...]], numberings: dict[str, tuple[str, ...]], record: Record
) -> None:
    found = {i for ids in rows.values() for i in ids}
    for i in sorted(found):
        if i not in record.occurrences or not record.sources_of(i):
            raise CompileRefused(
                f"{statement.id}: row {i}", "has no evidence", "give it a source, or take it out; nothing was written"
            )
    for i in sorted({i for ids in numberings.values() for i in ids}):
        if (record.numbering.get(i) or record.tallies[i]).source not in record.sources:
            raise CompileRefused(f"{statement.id}: official number {i}", "has no evidence", "give it a source")
    template = templates().get(statement.id)
    if not found and not any(numberings.values()):
        if template is None or not template.absence:
            raise CompileRefused(statement.id, "has no evidence at all", _WAY_OUT)
    elif template is not None and template.absence:
        raise CompileRefused(statement.id, "says that nothing was found, yet has rows", _WAY_OUT)


def compile_all(statements: Iterable[Statement], record: Record, estimates: Estimates = _NONE) -> tuple[Compiled, ...]:
    """Compile every statement, or refuse them all."""
    return tuple(compile_statement(s, record, estimates) for s in statements)

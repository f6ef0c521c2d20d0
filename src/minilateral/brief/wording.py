"""From a statement to words: the templates of both languages, and how a slot is written in each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from minilateral.errors import CompileRefused
from minilateral.evidence import Record
from minilateral.terms import (
    Actors,
    Code,
    Coded,
    Day,
    Group,
    Happened,
    Interval,
    Named,
    Number,
    Period,
    Slot,
    Span,
    Statement,
    actor_register,
    code_table,
)

LANGUAGES = ("en", "zh")
_SLOT = re.compile(r"\{(\w+)(?:\|([^{}|]*)\|([^{}|]*))?\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One sentence in both languages. ``absence``: it says that nothing was found."""

    id: str
    en: str
    zh: str
    absence: bool

    def text(self, language: str) -> str:
        """The pattern in ``en`` or ``zh``."""
        return self.zh if language == "zh" else self.en

    def slots(self, language: str) -> frozenset[str]:
        """Names of the slots that it writes (choices of word do not count)."""
        return frozenset(m[1] for m in _SLOT.finditer(self.text(language)) if m[2] is None)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a sentence: plain text, or the text of a slot."""

    text: str
    slot: str = ""


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(files("minilateral.brief").joinpath("statements.toml").read_text(encoding="utf-8"))


@cache
def templates() -> Mapping[str, Template]:
    """All sentence templates, by id."""
    return MappingProxyType(
        {
            key: Template(key, value["en"], value["zh"], value.get("absence", False))
            for key, value in _file()["statement"].items()
        }
    )


@cache
def labels() -> Mapping[str, Mapping[str, str]]:
    """All labels of the page, by id and language."""
    return MappingProxyType({key: MappingProxyType(value) for key, value in _file()["label"].items()})


def label(key: str, language: str) -> str:
    """One label.

    Examples
    --------
    >>> label("sources", "zh")
    '来源'
    """
    return labels()[key][language]


def percent(share: float) -> str:
    """A share as a whole per cent.

    Examples
    --------
    >>> percent(0.325)
    '32%'
    """
    return f"{share * 100:.0f}%"


def write_slot(slot: Slot, record: Record, language: str) -> str:
    """Write a slot in a language; only `minilateral.terms` knows how dates and names look."""
    if isinstance(slot, Number):
        if slot.style == "percent":
            return percent(slot.value)
        return f"{slot.value:,.0f}" if slot.style == "count" else f"{slot.value:,.2f}"
    if isinstance(slot, Interval):
        joint = "～" if language == "zh" else "–"
        return f"{slot.low * 100:.0f}{joint}{percent(slot.high)}"
    if isinstance(slot, Happened):
        return slot.value.format(language)
    if isinstance(slot, Day):
        return Period.parse(slot.value.isoformat()).format(language)
    if isinstance(slot, Span):
        return slot.value.format(language)
    if isinstance(slot, Coded):
        return code_table().name(slot.column, slot.value, language)
    if isinstance(slot, Code):
        return code_table().name(slot.table, slot.value, language)
    if isinstance(slot, Actors):
        return (
            Group(slot.value).name(language)
            if len(slot.value) > 1
            else actor_register()[slot.value[0]].name(language, in_sentence=True)
        )
    if isinstance(slot, Named):
        if slot.table == "mechanisms":
            return record.mechanisms[slot.row].name(language)
        return record.occurrences[slot.row].summary(language)
    raise TypeError(slot)


def pieces(statement: Statement, record: Record, language: str) -> tuple[Piece, ...]:
    """A statement as pieces of text, slot by slot.

    Raises
    ------
    CompileRefused
        If there is no template, or its slots are not those of the statement.
    """
    template = templates().get(statement.id)
    if template is None:
        raise CompileRefused(statement.id, "has no template", "write it in brief/statements.toml, in both languages")
    if template.slots(language) != frozenset(statement.slots):
        raise CompileRefused(
            statement.id,
            f"has slots {sorted(statement.slots)} where its {language} template has {sorted(template.slots(language))}",
            "the two languages and the statement use the same slots",
        )
    text = template.text(language)
    made: list[Piece] = []
    at = 0
    for match in _SLOT.finditer(text):
        if match.start() > at:
            made.append(Piece(text[at : match.start()]))
        name = match[1]
        if match[2] is not None:
            slot = statement.slots[name]
            one = isinstance(slot, Number) and slot.value == 1
            made.append(Piece(match[2] if one else match[3]))
        else:
            made.append(Piece(write_slot(statement.slots[name], record, language), name))
        at = match.end()
    if at < len(text):
        made.append(Piece(text[at:]))
    return tuple(made)

"""The code tables: what a kind, level, domain, status may be, with names in both languages."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from minilateral.errors import BadCode
from minilateral.terms.tables import read_tsv, shipped


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code of one field, with its names and its definition."""

    field: str
    code: str
    order: int
    name_en: str
    name_zh: str
    definition_en: str
    definition_zh: str

    def name(self, language: str) -> str:
        """The name in ``en`` or ``zh``."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class CodeTable:
    """All codes, by field. Immutable.

    Examples
    --------
    >>> code_table().name("level", "leader", "zh")
    '首脑'
    >>> code_table().check("level", "leeder")
    Traceback (most recent call last):
    ...
    minilateral.errors.BadCode: 'leeder' is not a code of 'level'; did you mean leader? ...
    """

    fields: Mapping[str, Mapping[str, CodeRow]]

    def check(self, field: str, code: str) -> str:
        """Give ``code`` back if ``field`` has it.

        Raises
        ------
        BadCode
            Otherwise, with the nearest codes and the whole list.
        """
        known = self.fields[field]
        if code in known:
            return code
        near = difflib.get_close_matches(code.lower(), known, n=2, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise BadCode(repr(code), f"is not a code of '{field}'", f"{hint}codes: {', '.join(known)}")

    def name(self, field: str, code: str, language: str) -> str:
        """Name a code for a reader."""
        return self.fields[field][self.check(field, code)].name(language)

    def codes(self, field: str) -> tuple[str, ...]:
        """The codes of a field, in their order."""
        return tuple(self.fields[field])


@cache
def code_table() -> CodeTable:
    """Load the shipped code tables (once)."""
    fields: dict[str, dict[str, CodeRow]] = {}
    rows = read_tsv(shipped("codes.tsv"))
    for row in sorted(rows, key=lambda r: (r["field"], int(r["order"]))):
        fields.setdefault(row["field"], {})[row["code"]] = CodeRow(
            row["field"],
            row["code"],
            int(row["order"]),
            row["name_en"],
            row["name_zh"],
            row["definition_en"],
            row["definition_zh"],
        )
    return CodeTable(fields)

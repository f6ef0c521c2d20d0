"""The order of the brief, and where the statements of each room stand: the one place in which a room is registered.

The page, the PDF and the Word file follow it alike. A part without anything to say leaves no heading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from minilateral.audit import Audit
from minilateral.brief.compiling import Compiled
from minilateral.errors import CompileRefused
from minilateral.terms import Inputs

#: How many findings open the brief.
FINDINGS = 3


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure of a section: its name in `minilateral.brief.drawing`, the label of its caption, its table in data/."""

    name: str
    caption: str
    table: str


@dataclass(frozen=True, slots=True)
class Section:
    """Statements with one section key.

    Attributes
    ----------
    key : str
        What rooms write into `minilateral.terms.Statement.section`.
    heading, lead : str
        Labels in ``brief/statements.toml``; empty for none.
    drawings : tuple of Drawing
        Figures below the statements, as far as they were drawn.
    tables : tuple of str
        Tables below them, by their names in `minilateral.brief.document.TABLES`.
    """

    key: str
    heading: str = ""
    lead: str = ""
    drawings: tuple[Drawing, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter of the brief.

    Attributes
    ----------
    key : str
        Also its anchor on the page.
    nav : str
        Label in the bar of the page; empty for none.
    heading : str
        Label of its heading, for a part that has no layout of its own.
    sections : tuple of Section
    """

    key: str
    nav: str = ""
    heading: str = ""
    sections: tuple[Section, ...] = ()


#: The parts in order. A new room adds a part between ``words`` and ``coverage``, or a section to a part:
#: ``Part("impact", "impact", "impact", (Section("blocs", lead="blocs_lead", tables=("blocs",)),))``.
PARTS: tuple[Part, ...] = (
    Part("findings"),
    Part("argument", "argument"),
    Part("record", "history", sections=(Section("phases"),)),
    Part("parts", "nav_parts", sections=(Section("parts"), Section("shares"))),
    Part("practice", "nav_practice", sections=(Section("dashboard"), Section("promises"))),
    Part("dimensions", "nav_dimensions", sections=(Section("dimensions"), Section("quasi"))),
    Part("words", "nav_words", sections=(Section("words"),)),
    Part("coverage", "nav_coverage", sections=(Section("coverage"), Section("recall"))),
    Part("method", "method"),
    Part("cite"),
    Part("sources", "sources"),
)


@cache
def placed(parts: tuple[Part, ...] = PARTS) -> Mapping[str, str]:
    """The part of each section key.

    Examples
    --------
    >>> placed()["promises"]
    'practice'
    """
    return MappingProxyType({section.key: part.key for part in parts for section in part.sections})


def check_placed(inputs: Inputs, compiled: Sequence[Compiled], parts: tuple[Part, ...] = PARTS) -> None:
    """Refuse a statement that would stand nowhere: its section is neither registered nor the id of a claim.

    Raises
    ------
    CompileRefused
    """
    known = {*placed(parts), *(claim.id for claim in inputs.get(Audit).claims)}
    for each in compiled:
        if each.statement.section not in known:
            raise CompileRefused(
                f"{each.statement.id}: section {each.statement.section!r}",
                "is in no part of the brief",
                "register it in brief/structure.py; nothing was written",
            )


def findings_of(compiled: Sequence[Compiled]) -> list[Compiled]:
    """The most telling sentences: `FINDINGS` of them, or as many as there are."""
    telling = [c for c in compiled if c.statement.telling]
    return sorted(telling, key=lambda c: c.statement.telling)[:FINDINGS]

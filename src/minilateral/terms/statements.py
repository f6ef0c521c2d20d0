"""A sentence before it is words: an id, slots, and the evidence that each slot rests on.

A number is never given alone: it comes with the expression that made it, over the record, so that the compiler
(`minilateral.brief.compiling`) can work it out again on its own and a reader can open its rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from minilateral.terms.periods import Period
from minilateral.terms.selections import Selection


@dataclass(frozen=True, slots=True)
class Count:
    """How many occurrences a selection finds."""

    of: Selection


@dataclass(frozen=True, slots=True)
class SourceCount:
    """How many different sources support what a selection finds; in one language, or of one tier, if given."""

    of: Selection
    language: str = ""
    tier: str = ""


@dataclass(frozen=True, slots=True)
class MechanismCount:
    """How many mechanisms of exactly these members met in a span, and (if ``again``) met in a later span too."""

    members: tuple[str, ...]
    met: tuple[date, date]
    again: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """A figure that a row of the record reports: ``table`` is the table, ``row`` its id, ``column`` the field."""

    table: str
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class Declared:
    """A constant of a method, by its name in `minilateral.evidence.DECLARED`."""

    name: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """One expression over another."""

    part: Expression
    whole: Expression


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of expressions."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Minimum:
    """The smallest of some expressions."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One expression less another."""

    minuend: Expression
    subtrahend: Expression


@dataclass(frozen=True, slots=True)
class Sourced:
    """How many of the occurrences that a selection finds have a source of one of these tiers, or in one of these
    languages (whichever is given).
    """

    of: Selection
    tiers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckCount:
    """How many of the occurrences that a selection finds were checked against their sources with such an outcome."""

    of: Selection
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha of coders A and B over what the statements of exactly these members say."""

    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextCount:
    """How many statements of exactly these members are on record; only those coded twice, if asked for."""

    members: tuple[str, ...]
    coded_twice: bool = False


@dataclass(frozen=True, slots=True)
class FateCount:
    """How many concrete commitments of exactly these members had such a fate by a day; all, without a fate."""

    members: tuple[str, ...]
    as_of: date
    fate: str = ""


@dataclass(frozen=True, slots=True)
class Estimated:
    """A figure that a model gives: it stands in a table of the result, and rests on what a selection finds.

    The compiler holds it against the table; the table is worked out again by whoever runs the study again.
    """

    table: str
    row: str
    column: str
    of: Selection


Expression = (
    Count
    | Estimated
    | SourceCount
    | Sourced
    | CheckCount
    | Alpha
    | TextCount
    | FateCount
    | MechanismCount
    | Reported
    | Declared
    | Ratio
    | Sum
    | Minimum
    | Difference
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number slot: the value and how it was got. ``style``: count, percent, decimal."""

    value: float
    how: Expression
    style: str = "count"


@dataclass(frozen=True, slots=True)
class Interval:
    """A 90 % Jeffreys interval of a proportion: both ends, and the ratio that it belongs to."""

    low: float
    high: float
    how: Ratio


@dataclass(frozen=True, slots=True)
class Happened:
    """When an occurrence of the record happened."""

    value: Period
    row: str


@dataclass(frozen=True, slots=True)
class Coded:
    """A coded field of an occurrence (its level, domain ...), as the row has it."""

    value: str
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class Named:
    """The name of something that a table of the record names: a mechanism, an occurrence's summary, a place."""

    table: str
    row: str


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a code table, spoken of in general."""

    table: str
    value: str


@dataclass(frozen=True, slots=True)
class Actors:
    """Names of actors, or of a group."""

    value: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day that the question sets (the as-of date)."""

    value: date


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time that the question or a claim sets."""

    value: Period


Slot = Number | Interval | Happened | Coded | Named | Code | Actors | Day | Span


@dataclass(frozen=True, slots=True)
class Statement:
    """A typed sentence.

    Attributes
    ----------
    id : str
        Key of its template pair in ``brief/statements.toml``.
    section : str
        Where it stands in the brief.
    slots : dict
        By name; the two templates use exactly these.
    telling : int
        0: not a finding; else the rank among the findings, the smallest first.
    """

    id: str
    section: str
    slots: dict[str, Slot] = field(default_factory=dict)
    telling: int = 0

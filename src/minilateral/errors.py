"""Errors that a user can act on: each gives the value, the rule and the way out."""

from __future__ import annotations


class MinilateralError(Exception):
    """Base of every error that the package raises on purpose.

    Parameters
    ----------
    value : str
        What was found, in the user's own wording.
    rule : str
        The rule that it breaks.
    way_out : str
        What to do about it.

    Examples
    --------
    >>> str(MinilateralError("'2025-13-45'", "is not a date: months run from 01 to 12", "write YYYY-MM-DD"))
    "'2025-13-45' is not a date: months run from 01 to 12; write YYYY-MM-DD"
    """

    def __init__(self, value: str, rule: str, way_out: str = "") -> None:
        self.value, self.rule, self.way_out = value, rule, way_out
        super().__init__(f"{value} {rule}" + (f"; {way_out}" if way_out else ""))


class UnknownActor(MinilateralError):
    """A name or code that no state or listed body has (on that day)."""


class AmbiguousActor(MinilateralError):
    """A name that two or more actors share: it is refused, never guessed."""


class BadGroup(MinilateralError):
    """Not a group: fewer than two members, or a member twice."""


class BadPeriod(MinilateralError):
    """Not a date, or a period that ends before it starts."""


class BadCode(MinilateralError):
    """A code that its code table does not list."""


class BadInput(MinilateralError):
    """A file that cannot be read as what it claims to be."""


class BadRecord(MinilateralError):
    """The record contradicts itself: a reference to a row that is not there, a correction that no longer applies."""


class StoreBusy(MinilateralError):
    """Another process is writing to the store."""


class NoEvidence(MinilateralError):
    """Nothing in the record, or nothing known by that day, speaks to the question."""


class CompileRefused(MinilateralError):
    """A sentence whose number, slot or evidence does not hold: nothing is written."""

"""A condition on occurrences, as a value: what a number counts can be written down and checked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from minilateral.terms.actors import actor_register
from minilateral.terms.record import Occurrence


@dataclass(frozen=True, slots=True)
class Selection:
    """Which occurrences a number counts. An empty field does not restrict.

    Parameters
    ----------
    exactly : tuple of str
        The participants are exactly these actors (after lineage: the Soviet Union counts as Russia).
    beyond : tuple of str
        The participants are these actors and at least one more.
    acting : str
        The one participant.
    concerning : tuple of str
        A pair in ``concerns``, sorted (after lineage).
    start, end : datetime.date
        The whole of the occurrence's period lies within ``[start, end)``; for an occurrence dated to the day
        its first day does (an act is placed where it starts).
    direction, level, domain, kind : str
        A code.
    status : str
        ``held`` unless said otherwise.
    mechanism : str
        It was a session of this mechanism.
    ids : tuple of str
        One of these.
    without_study : bool
        At least one supporting source does not come from the study itself.

    Examples
    --------
    >>> from minilateral.terms import Period, occurrence
    >>> act = occurrence("x", participants=("JPN", "KOR"), happened=Period.parse("2023-03"), known=date(2023, 4, 1),
    ...     known_basis="proxy", status="held", kind="meeting", level="leader", domain="diplomacy",
    ...     direction="cooperative", summary_en="", summary_zh="")
    >>> Selection(exactly=("JPN", "KOR"), level="leader").admits(act)
    True
    >>> Selection(exactly=("JPN", "KOR"), start=date(2023, 3, 15)).admits(act)   # known to the month only
    False
    """

    exactly: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    acting: str = ""
    concerning: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    direction: str = ""
    level: str = ""
    domain: str = ""
    kind: str = ""
    status: str = "held"
    mechanism: str = ""
    ids: tuple[str, ...] = ()
    without_study: bool = False

    def admits(self, item: Occurrence, mechanisms: frozenset[str] = frozenset(), only_study: bool = False) -> bool:
        """Whether an occurrence fulfils it.

        Parameters
        ----------
        item : Occurrence
        mechanisms : frozenset of str
            The mechanisms that it was a session of.
        only_study : bool
            Whether all its sources come from the study.
        """
        if self.ids and item.id not in _as_set(self.ids):
            return False
        who = members_of(item)
        if self.exactly and who != _as_set(self.exactly):
            return False
        if self.beyond and not who > _as_set(self.beyond):
            return False
        if self.acting and who != {self.acting}:
            return False
        if self.concerning and tuple(self.concerning) not in concerns_of(item):
            return False
        day_exact = item.happened.precision == "day"
        if self.start and item.happened.start < self.start:
            return False
        if self.end and (item.happened.start if day_exact else item.happened.last) >= self.end:
            return False
        if (
            (self.direction and item.direction != self.direction)
            or (self.level and item.level != self.level)
            or (self.domain and item.domain != self.domain)
            or (self.kind and item.kind != self.kind)
            or (self.status and item.status != self.status)
        ):
            return False
        if self.mechanism and self.mechanism not in mechanisms:
            return False
        return not (self.without_study and only_study)


@cache
def _as_set(values: tuple[str, ...]) -> frozenset[str]:
    return frozenset(values)


def members_of(item: Occurrence) -> frozenset[str]:
    """Who took part, a continuator state standing for the state that it continues."""
    return _after_lineage(item.participants)


@cache
def _after_lineage(participants: tuple[str, ...]) -> frozenset[str]:
    register = actor_register()
    return frozenset(register.lineage(p) for p in participants)


def concerns_of(item: Occurrence) -> tuple[tuple[str, ...], ...]:
    """The pairs that it touches, a continuator state standing for the state that it continues."""
    register = actor_register()
    return tuple(sorted({tuple(sorted({register.lineage(a) for a in pair})) for pair in item.concerns}))

"""The pipeline: an ordered list of rooms, each of which reads what came before and says what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from minilateral import audit, evidence, measure, phases
from minilateral.measure import measured
from minilateral.terms import Group, Inputs, Statement, Study

if TYPE_CHECKING:
    import pandas as pd


class Room(Protocol):
    """What a room offers: a result from what came before it, and sentences from its result."""

    def run(self, inputs: Inputs) -> Any:
        """Work out the room's result."""

    def sections(self, result: Any) -> list[Statement]:
        """Say what can be said of it."""


#: The rooms, in the order in which an analyst argues.
ROOMS: Mapping[str, Room] = MappingProxyType(
    {"evidence": evidence, "parts": measure, "measure": measured, "phases": phases, "audit": audit}
)


@dataclass(frozen=True)
class StudyResult:
    """What a study found. Frozen: its data frames are made anew each time they are asked for.

    Attributes
    ----------
    study : Study
    inputs : Inputs
        The results of the rooms, by type.
    statements : tuple of Statement
        Every sentence, before it is words.

    Examples
    --------
    >>> result = run(Study(group="USA JPN KOR", as_of="2025-12-31"))
    >>> sorted(result.frames)[:4]
    ['acts', 'bounds', 'breaks', 'cells']
    >>> result.frame("floors").columns[:2].tolist()
    ['bin', 'start']
    """

    study: Study
    inputs: Inputs
    statements: tuple[Statement, ...]

    @property
    def group(self) -> Group:
        """The group that was studied."""
        return self.study.group

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """All tables as data frames, by name."""
        from minilateral.brief.frames import frames_of  # a study itself needs no page

        return frames_of(self.inputs, self.statements)

    def frame(self, name: str) -> pd.DataFrame:
        """One table as a data frame."""
        return self.frames[name]


def run(
    study: Study, progress: Callable[[str], None] = lambda _: None, rooms: Mapping[str, Room] = ROOMS
) -> StudyResult:
    """Run the rooms in order.

    Parameters
    ----------
    study : Study
        What is asked.
    progress : callable
        Told the name of each room before it starts.
    rooms : mapping
        The rooms by name. All but ``evidence`` may be left out: nothing is said of what they would have found.

    Returns
    -------
    StudyResult

    Raises
    ------
    NoEvidence
        If nothing about the group was known by the as-of day.
    """
    inputs = Inputs(study)
    statements: list[Statement] = []
    for name, room in rooms.items():
        progress(name)
        result = room.run(inputs)
        inputs = inputs.with_result(result)
        statements += room.sections(result)
    return StudyResult(study, inputs, tuple(statements))

"""Which acts are a group's own: the joint part, its pairs, its other subsets, and larger sets that contain it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from minilateral.terms import Count, Group, Selection, Sum

Kind = Literal["joint", "pair", "subset", "superset"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a group's record.

    Attributes
    ----------
    kind : {'joint', 'pair', 'subset', 'superset'}
        ``joint``: acts of exactly the members. ``pair``: of exactly two of them. ``subset``: of exactly three or
        more, but not all (none for a triad). ``superset``: of the members and others.
    group : Group
        The actors that it is about.
    """

    kind: Kind
    group: Group

    def select(self, **more: object) -> Selection:
        """The selection of its acts, narrowed by more conditions."""
        if self.kind == "superset":
            return Selection(beyond=self.group.members, **more)  # type: ignore[arg-type]
        return Selection(exactly=self.group.members, **more)  # type: ignore[arg-type]

    @property
    def one_sided(self) -> Sum:
        """Conflictual occurrences of one of the two alone that touch the other: an expression. Of a pair only."""
        members = self.group.members
        return Sum(tuple(Count(Selection(acting=m, concerning=members, direction="conflictual")) for m in members))

    @property
    def key(self) -> str:
        """The actors joined; for a superset with a plus at the end."""
        return self.group.key + ("+" if self.kind == "superset" else "")


def parts(group: Group) -> tuple[Part, ...]:
    """All parts of a group. A pair that is the group itself is its joint part, once.

    Examples
    --------
    >>> [p.key for p in parts(Group.parse("USA JPN KOR"))]
    ['JPN-KOR-USA', 'JPN-KOR', 'JPN-USA', 'KOR-USA', 'JPN-KOR-USA+']
    >>> [(p.kind, p.key) for p in parts(Group.parse("CHN JPN"))]
    [('joint', 'CHN-JPN'), ('superset', 'CHN-JPN+')]
    """
    pairs = [Part("pair", pair) for pair in group.dyads] if len(group) > 2 else []
    subsets = [Part("subset", subset) for subset in group.subsets]
    return (Part("joint", group), *pairs, *subsets, Part("superset", group))

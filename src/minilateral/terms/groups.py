"""The group of states that is studied: a k-ad."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from minilateral.errors import BadGroup, UnknownActor
from minilateral.terms.actors import actor_register, fold
from minilateral.terms.tables import read_tsv, shipped


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """A k-ad: two or more different actors, sorted by id, hashable.

    Parameters
    ----------
    members : tuple of str
        Actor ids, sorted, unique.

    Raises
    ------
    BadGroup
        Fewer than two members, or one of them twice.

    Examples
    --------
    >>> group = Group.parse("美国 日本 韩国")
    >>> group.key, [pair.key for pair in group.dyads]
    ('JPN-KOR-USA', ['JPN-KOR', 'JPN-USA', 'KOR-USA'])
    >>> Group.parse(["South Korea", "Japan", "US"]) == Group.parse("USA,JPN,KOR")
    True
    >>> Group.parse("USA")
    Traceback (most recent call last):
    ...
    minilateral.errors.BadGroup: 'USA' is one actor: a group has at least two members; name the others too
    """

    members: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.members) < 2:
            raise BadGroup(
                repr(", ".join(self.members)), "is one actor: a group has at least two members", "name the others too"
            )
        if list(self.members) != sorted(set(self.members)):
            raise BadGroup(repr(self.members), "is not sorted or names an actor twice", "use Group.parse")

    @classmethod
    def parse(cls, names: str | Iterable[str]) -> Group:
        """Read a group from names or codes in any language, separated by commas, spaces or semicolons.

        A compound of one-character short names (``美日韩``) or a group's usual name (``Quad``) is understood as well.
        """
        register = actor_register()
        words = [names] if isinstance(names, str) else list(names)
        ids: list[str] = []
        for word in words:
            ids += _resolve(word)
        for actor_id in ids:
            if ids.count(actor_id) > 1:
                raise BadGroup(
                    repr(", ".join(words)),
                    f"names {register[actor_id].name('en')} ({actor_id}) twice",
                    "name each member once",
                )
        return cls(tuple(sorted(ids)))

    @property
    def key(self) -> str:
        """The members, joined: the name of its folder."""
        return "-".join(self.members)

    @property
    def dyads(self) -> tuple[Group, ...]:
        """All pairs of members."""
        return tuple(Group(pair) for pair in combinations(self.members, 2))

    @property
    def subsets(self) -> tuple[Group, ...]:
        """All proper subsets with at least three members (none for a triad)."""
        return tuple(Group(part) for size in range(3, len(self.members)) for part in combinations(self.members, size))

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def name(self, language: str) -> str:
        """Name the members for a sentence, in the order of the ids; in Chinese by the usual compound if there is one.

        Examples
        --------
        >>> Group.parse("USA JPN KOR").name("en"), Group.parse("USA JPN KOR").name("zh")
        ('Japan, South Korea and the United States', '美日韩')
        >>> Group.parse("FRA BRA KEN").name("zh")
        '巴西、法国和肯尼亚'
        """
        names = [actor_register()[m].name(language, in_sentence=True) for m in self.members]
        if language == "zh":
            return _labels().get(self.members, ("", ""))[1] or "、".join(names[:-1]) + "和" + names[-1]
        return ", ".join(names[:-1]) + " and " + names[-1]

    @property
    def label(self) -> str:
        """A short English label: the usual one, such as ``US-Japan-ROK``, else the key."""
        return _labels().get(self.members, (self.key, ""))[0]


@cache
def _labels() -> dict[tuple[str, ...], tuple[str, str]]:
    return {
        tuple(r["members"].split(";")): (r["label_en"], r["label_zh"])
        for r in read_tsv(shipped("actors", "groups.tsv"))
    }


def _resolve(word: str) -> list[str]:
    """Resolve one word: a whole name first, then its parts, then a compound such as 美日韩."""
    register = actor_register()
    parts = [p for p in re.split(r"[,;，、；]", word) if p.strip()]
    if not parts:
        raise BadGroup(repr(word), "names nobody", "name at least two actors, such as USA JPN KOR")
    if len(parts) > 1:
        return [actor_id for part in parts for actor_id in _resolve(part)]
    word = parts[0].strip()
    try:
        return [register.find(word).id]
    except UnknownActor:
        if len(pieces := word.split()) > 1:
            found = _split(pieces)
            if found:
                return found
        short = {actor.short_zh: actor.id for actor in register.values() if actor.short_zh}
        if len(word) > 1 and all(letter in short for letter in word):
            return [short[letter] for letter in word]
        for members, labels in _labels().items():
            if fold(word) in {fold(label) for label in labels}:
                return list(members)
        raise


def _split(pieces: list[str]) -> list[str]:
    """Read 'South Korea Japan US': the longest known name first."""
    register = actor_register()
    found: list[str] = []
    at = 0
    while at < len(pieces):
        for end in range(len(pieces), at, -1):
            try:
                found.append(register.find(" ".join(pieces[at:end])).id)
            except UnknownActor:
                continue
            at = end
            break
        else:
            found += _resolve(pieces[at])
            at += 1
    return found

"""States and listed bodies, valid by day, with the field's codes side by side and names in four languages."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from minilateral.errors import AmbiguousActor, UnknownActor
from minilateral.terms.tables import read_tsv, shipped

Scheme = Literal["iso3", "iso2", "cow", "gw", "cameo"]
Language = Literal["en", "zh", "ja", "ko"]


@dataclass(frozen=True, slots=True)
class Spell:
    """A half-open span of days ``[start, end)``; ``end`` is None where it goes on."""

    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        """Whether the day lies inside."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Actor:
    """A state, or a body on the list (EU, UN, NATO, ASEAN).

    Attributes
    ----------
    id : str
        ISO 3166-1 alpha-3 where there is one of its own; for ended states a code of ours (docs/explanation/naming.md).
    kind : {'state', 'body'}
    valid : tuple of Spell
        The days on which it was a member of the state system.
    names : mapping
        Short name by language: en, zh, ja, ko.
    codes : tuple of (scheme, code, Spell)
        COW and Gleditsch-Ward numbers with their own spells; ISO and CAMEO codes.
    continues : str
        The id of the state whose legal personality it continues (only Russia: the Soviet Union), else empty.
    """

    id: str
    kind: Literal["state", "body"]
    valid: tuple[Spell, ...]
    names: Mapping[str, str]
    codes: tuple[tuple[str, str, Spell], ...]
    continues: str
    short_zh: str
    note: str
    article_en: str = ""

    def __hash__(self) -> int:
        return hash(self.id)

    def existed(self, day: date) -> bool:
        """Whether it was there on that day."""
        return any(spell.covers(day) for spell in self.valid)

    def overlaps(self, start: date, end: date) -> bool:
        """Whether it was there on any day of ``[start, end)``."""
        return any(s.start < end and (s.end is None or s.end > start) for s in self.valid)

    def name(self, language: str, in_sentence: bool = False) -> str:
        """Its short name; in an English sentence with the article that it takes."""
        article = f"{self.article_en} " if in_sentence and language == "en" and self.article_en else ""
        return article + self.names[language]

    def code(self, scheme: Scheme, on: date | None = None) -> str | None:
        """Its code in a scheme on a day (default: the latest), or None: there was none.

        Examples
        --------
        >>> germany = actor_register()["DEU"]
        >>> germany.code("cow", date(1975, 1, 1)), germany.code("cow", date(1995, 1, 1))
        ('260', '255')
        """
        found = [
            (spell.start, code) for s, code, spell in self.codes if s == scheme and (on is None or spell.covers(on))
        ]
        return max(found)[1] if found else None


def fold(text: str) -> str:
    """Fold a name for look-up: NFKC, case, spaces, dots, apostrophes and hyphens do not count.

    Examples
    --------
    >>> fold("U. S.") == fold("us"), fold("Ｋorea") == fold("korea")
    (True, True)
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    decomposed = unicodedata.normalize("NFD", folded)
    plain = "".join(c for c in decomposed if not (unicodedata.combining(c) and ord(c) < 0x370))
    return unicodedata.normalize("NFC", "".join(c for c in plain if c not in " \t\u3000.'’-–·・"))


class ActorRegister(Mapping[str, Actor]):
    """Every actor by id, and the look-up by any name or code.

    Examples
    --------
    >>> register = actor_register()
    >>> register.find("北韩").id, register.find("South Korea").id, register.find("U.S.").id
    ('PRK', 'KOR', 'USA')
    >>> register.find("Korea")
    Traceback (most recent call last):
    ...
    minilateral.errors.AmbiguousActor: 'Korea' may mean KOR (South Korea) or PRK (North Korea)...
    """

    def __init__(self, actors: Iterable[Actor], aliases: Iterable[tuple[str, str, Spell | None]]) -> None:
        self._actors = {actor.id: actor for actor in actors}
        self._lineage = {actor.continues: actor.id for actor in self._actors.values() if actor.continues}
        self._ids = {fold(actor_id): actor_id for actor_id in self._actors}
        self._names: dict[str, set[str]] = {}
        self._dated: dict[str, list[tuple[str, Spell]]] = {}
        self._other_codes: dict[str, set[str]] = {}
        self._shared: set[str] = set()
        self._spelt = {fold(actor_id): actor_id for actor_id in self._actors}
        for actor in self._actors.values():
            for name in actor.names.values():
                self._names.setdefault(fold(name), set()).add(actor.id)
                self._spelt[fold(name)] = name
            for scheme, code, _ in actor.codes:
                if scheme == "iso3":
                    self._names.setdefault(fold(code), set()).add(actor.id)
                elif scheme in ("iso2", "cameo"):
                    self._other_codes.setdefault(fold(code), set()).add(actor.id)
        undated: dict[str, set[str]] = {}
        for alias, actor_id, spell in aliases:
            self._spelt[fold(alias)] = alias
            if spell is None:
                undated.setdefault(fold(alias), set()).add(actor_id)
            else:
                self._dated.setdefault(fold(alias), []).append((actor_id, spell))
        for key, ids in undated.items():
            self._names[key] = self._names.get(key, set()) | ids
            if len(ids) > 1:
                self._shared.add(key)

    def __getitem__(self, actor_id: str) -> Actor:
        return self._actors[actor_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._actors)

    def __len__(self) -> int:
        return len(self._actors)

    def find(self, name: str, on: date | None = None) -> Actor:
        """Resolve a name or code in any language to one actor.

        Parameters
        ----------
        name : str
            A name, alias, ISO 3166 or CAMEO code. Numbers (COW, GW) are not names.
        on : datetime.date, optional
            The day it is spoken of; the actor must have existed then.

        Raises
        ------
        UnknownActor
            Nothing (on that day) is called so; near names are suggested.
        AmbiguousActor
            More than one actor is called so. It is never guessed.
        """
        key = fold(name)
        if key.isdecimal():
            raise UnknownActor(
                repr(name), "is a number, not a name", "look up a COW or GW number with find_code and a day"
            )
        if key in self._shared:
            raise self._ambiguous(name, self._names[key])
        dated = self._dated.get(key, [])
        named = set(self._names.get(key, ()))
        if on is not None:
            named |= {actor_id for actor_id, spell in dated if spell.covers(on)}
        elif not named:
            named = {actor_id for actor_id, _ in dated}
        tiers = [{self._ids[key]} if key in self._ids else set(), named, self._other_codes.get(key, set())]
        for tier in tiers:
            alive = {actor_id for actor_id in tier if on is None or self[actor_id].existed(on)}
            if len(alive) > 1:
                raise self._ambiguous(name, alive)
            if alive:
                return self[alive.pop()]
        ever = sorted(set().union(*tiers, (actor_id for actor_id, _ in dated)))
        if ever and on is not None:
            raise UnknownActor(
                repr(name),
                f"was not a member of the state system on {on.isoformat()} (it was: {self._spells(ever)})",
                self._then(ever, on),
            )
        raise UnknownActor(
            repr(name),
            "is no state or listed body that we know",
            self._suggestion(key) or "see `minilateral actors list`",
        )

    def _ambiguous(self, name: str, ids: Iterable[str]) -> AmbiguousActor:
        options = sorted(ids)
        return AmbiguousActor(
            repr(name),
            "may mean " + " or ".join(f"{i} ({self[i].name('en')})" for i in options),
            f"say which: {', '.join(options)}",
        )

    def _then(self, ids: Iterable[str], on: date) -> str:
        for actor_id in ids:
            continued = self[actor_id].continues
            if continued and self[continued].existed(on):
                return f"on that day it was {continued} ({self[continued].name('en')})"
        return "give another day, or the state that existed then"

    def find_code(self, scheme: Scheme, code: str, on: date) -> Actor:
        """Give the actor that had a code on a day (COW 260 in 1975 is the Federal Republic of Germany).

        Examples
        --------
        >>> actor_register().find_code("cow", "365", date(1980, 1, 1)).id
        'SUN'
        """
        for actor in self._actors.values():
            if actor.existed(on) and actor.code(scheme, on) == code:
                return actor
        raise UnknownActor(f"{scheme} {code!r}", f"was nobody's code on {on.isoformat()}", "check the code and the day")

    def lineage(self, actor_id: str) -> str:
        """Give the id under which an actor's acts count for a group.

        A continuator state stands for the state that it continues.

        Examples
        --------
        >>> actor_register().lineage("SUN"), actor_register().lineage("YUG")
        ('RUS', 'YUG')
        """
        return self._lineage.get(actor_id, actor_id)

    def suggest(self, name: str, n: int = 3) -> list[str]:
        """Near names, at most ``n``, best first."""
        near = difflib.get_close_matches(fold(name), self._spelt, n=n, cutoff=0.72)
        return [self._spelt[key] for key in near]

    def _suggestion(self, key: str) -> str:
        near = self.suggest(key)
        return f"did you mean {' or '.join(near)}?" if near else ""

    def _spells(self, ids: list[str]) -> str:
        return "; ".join(
            f"{i} {s.start.isoformat()} to {s.end.isoformat() if s.end else 'now'}" for i in ids for s in self[i].valid
        )


def _spell(text: str) -> Spell:
    start, _, end = text.partition("/")
    return Spell(date.fromisoformat(start), date.fromisoformat(end) if end else None)


def _between(start: str, end: str) -> Spell:
    return Spell(date.fromisoformat(start) if start else date.min, date.fromisoformat(end) if end else None)


@cache
def actor_register() -> ActorRegister:
    """Load the shipped register (once)."""
    numbers: dict[str, list[tuple[str, str, Spell]]] = {}
    for row in read_tsv(shipped("actors", "actor_codes.tsv")):
        numbers.setdefault(row["actor"], []).append(
            (row["scheme"], row["code"], _between(row["valid_from"], row["valid_to"]))
        )
    actors = []
    for row in read_tsv(shipped("actors", "actors.tsv")):
        valid = tuple(_spell(s) for s in row["valid"].split(";"))
        whole = Spell(valid[0].start, valid[-1].end)
        codes = [(s, row[s], whole) for s in ("iso3", "iso2", "cameo") if row[s]]
        actors.append(
            Actor(
                row["id"],
                "body" if row["kind"] == "body" else "state",
                valid,
                {language: row[f"name_{language}"] for language in ("en", "zh", "ja", "ko")},
                tuple(codes + numbers.get(row["id"], [])),
                row["continues"],
                row["short_zh"],
                row["note"],
                row["article_en"],
            )
        )
    aliases = [
        (
            row["alias"],
            row["actor"],
            _between(row["valid_from"], row["valid_to"]) if row["valid_from"] or row["valid_to"] else None,
        )
        for row in read_tsv(shipped("actors", "actor_aliases.tsv"))
    ]
    return ActorRegister(actors, aliases)

"""Quasi-alliance by four definitions side by side, on three coded observables. Card: docs/methods/quasi-alliance.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from typing import Literal

from minilateral.errors import NoEvidence
from minilateral.terms import Group
from minilateral.terms.tables import read_tsv, shipped

DefinitionCode = Literal["study", "cha", "sun", "atop"]
FIELDS = ("obligation", "practice", "adversary")


@dataclass(frozen=True, slots=True)
class Profile:
    """What one coder has of a group in a year."""

    obligation: str
    practice: str
    adversary: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition of quasi-alliance, its author, and our reading of it as a rule on the observables."""

    id: str
    author: str
    work: str
    year: str
    rule_en: str
    rule_zh: str
    source: str


@dataclass(frozen=True, slots=True)
class QuasiAlliance:
    """Whether a group was a quasi-alliance in a year, by one definition.

    Attributes
    ----------
    probability : float
        The share of the readings of the two coders under which the definition holds, each field taken from either:
        0 or 1 where they agree on what decides. It says how far the coders disagree, and nothing more. For Cha's
        definition, which rests on treaties alone, it is 0 or 1.
    a, b : Profile
        The codes; b is that of the latest year up to this one which coder B coded.
    b_year : int or None
        That year.
    why_en, why_zh : str
        What decided coder A's codes.
    sources : tuple of str
        Pages that coder A saw.
    """

    group: str
    year: int
    definition: str
    probability: float
    a: Profile
    b: Profile | None
    b_year: int | None
    why_en: str
    why_zh: str
    sources: tuple[str, ...]


def _study(p: Profile) -> bool:
    return p.adversary == "named" and p.practice == "regular" and p.obligation != "defence"


def _sun(p: Profile) -> bool:
    return (
        p.obligation in ("political", "agreement", "consultation")
        and p.practice in ("occasional", "regular")
        and p.adversary in ("implied", "named")
    )


def _atop(p: Profile) -> bool:
    return p.obligation == "consultation"


#: The definitions that are rules on the three observables; Cha's is one on the treaties of the pairs.
RULES: dict[str, Callable[[Profile], bool]] = {"study": _study, "sun": _sun, "atop": _atop}


@cache
def definitions() -> tuple[Definition, ...]:
    """The four definitions, with authors and our reading of them.

    Examples
    --------
    >>> [d.id for d in definitions()]
    ['study', 'cha', 'sun', 'atop']
    """
    order = ("study", "cha", "sun", "atop")
    made = {
        r["definition"]: Definition(*(r[c] for c in r)) for r in read_tsv(shipped("quasi_alliance", "definitions.tsv"))
    }
    return tuple(made[i] for i in order)


@cache
def _spells() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in read_tsv(shipped("quasi_alliance", "spells.tsv")):
        found.setdefault(row["members"], []).append(row)
    return found


@cache
def _second() -> dict[tuple[str, int], Profile]:
    return {
        (r["members"], int(r["year"])): Profile(*(r[f] for f in FIELDS))
        for r in read_tsv(shipped("quasi_alliance", "codes_b.tsv"))
    }


@cache
def _defended() -> dict[tuple[str, int], bool]:
    """Whether a pair had a treaty of defence of its own in a year."""
    found: dict[tuple[str, int], bool] = {}
    for r in read_tsv(shipped("quasi_alliance", "pairs.tsv")):
        if r["obligation"] == "defence":
            for year in range(int(r["from"]), int(r["to"]) + 1):
                found[r["pair"], year] = True
    return found


def coded_groups() -> tuple[Group, ...]:
    """The groups that are coded, by key.

    Examples
    --------
    >>> len(coded_groups()) >= 13
    True
    """
    return tuple(sorted((Group.parse(m.split(";")) for m in _spells()), key=lambda g: g.key))


def quasi_alliances(group: Group, as_of: date) -> tuple[QuasiAlliance, ...]:
    """Say of every coded year that is over on ``as_of``, and of every definition, how far it holds.

    Raises
    ------
    NoEvidence
        If the group is not coded.

    Examples
    --------
    >>> found = quasi_alliances(Group.parse("USA JPN KOR"), date(2025, 12, 31))
    >>> {q.definition for q in found if q.year == 1995 and q.probability == 1}
    {'cha'}
    """
    members = ";".join(group.members)
    spells = _spells().get(members)
    if not spells:
        listed = ", ".join(g.key for g in coded_groups())
        raise NoEvidence(group.key, "is not coded for quasi-alliance", f"groups that are: {listed}")
    made = []
    for spell in spells:
        for year in range(int(spell["from"]), min(int(spell["to"]), _last_over(as_of)) + 1):
            a = Profile(*(spell[f] for f in FIELDS))
            b_year = max((y for m, y in _second() if m == members and y <= year), default=None)
            b = _second()[members, b_year] if b_year is not None else None
            for definition in definitions():
                made.append(
                    QuasiAlliance(
                        group.key,
                        year,
                        definition.id,
                        _probability(definition.id, group, year, a, b),
                        a,
                        b,
                        b_year,
                        spell["why_en"],
                        spell["why_zh"],
                        tuple(s for s in spell["sources"].split(" ") if s),
                    )
                )
    return tuple(sorted(made, key=lambda q: (q.year, [d.id for d in definitions()].index(q.definition))))


def _last_over(as_of: date) -> int:
    """The last year that is over: a code is of a whole year."""
    return as_of.year if (as_of.month, as_of.day) == (12, 31) else as_of.year - 1


def _probability(definition: str, group: Group, year: int, a: Profile, b: Profile | None) -> float:
    if definition == "cha":
        return float(cha(group, year))
    rule = RULES[definition]
    if b is None:
        return float(rule(a))
    choices = product(*((getattr(a, f), getattr(b, f)) for f in FIELDS))
    held = [rule(Profile(*codes)) for codes in choices]
    return sum(held) / len(held)


def cha(group: Group, year: int) -> bool:
    """Cha's definition: two members without a defence treaty of their own share a third member as ally.

    For a group of three one such pair is enough; of a larger group every pair must be allied or share an ally in it.
    A group of two has no third member in it, so it cannot hold.
    """
    if len(group) < 3:
        return False
    allied = {pair.key for pair in group.dyads if _defended().get((";".join(pair.members), year))}

    def shares(pair: Group) -> bool:
        x, y = pair.members
        return any(
            {"-".join(sorted((x, z))), "-".join(sorted((y, z)))} <= allied for z in group.members if z not in (x, y)
        )

    open_pairs = [pair for pair in group.dyads if pair.key not in allied]
    if len(group) == 3:
        return any(shares(pair) for pair in open_pairs)
    return bool(open_pairs) and all(shares(pair) for pair in open_pairs)

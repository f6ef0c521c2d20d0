"""The register of claims: who says what, where, and what would decide it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

from minilateral.evidence.tables import split
from minilateral.terms import Group, Period
from minilateral.terms.periods import parse_day
from minilateral.terms.tables import read_tsv, shipped

#: Stages of the argument, in its order.
STAGES = ("history", "dimensions", "character", "forces", "outlook", "effects")


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of the study, paraphrased, with a phrase of its own wording.

    Attributes
    ----------
    map_x, map_y : float
        Where it stands on the argument map: column and row.
    supports : tuple of str
        Claims that rest on this one in the authors' argument.
    due : datetime.date or None
        The registered day on which a forecast is judged.
    """

    id: str
    group: str
    stage: str
    map_x: float
    map_y: float
    supports: tuple[str, ...]
    short_en: str
    short_zh: str
    claim_en: str
    claim_zh: str
    phrase_zh: str
    phrase_en: str
    location_en: str
    location_zh: str
    type: str
    test_en: str
    test_zh: str
    measure_en: str
    measure_zh: str
    rule_en: str
    rule_zh: str
    rival_en: str
    rival_zh: str
    due: date | None


@dataclass(frozen=True, slots=True)
class AssertedPhase:
    """A phase as its authors date it: a claim, not a finding."""

    id: str
    label_en: str
    label_zh: str
    start: Period
    end: Period | None
    location_en: str
    location_zh: str


def claims(group: Group) -> tuple[Claim, ...]:
    """The registered claims about exactly this group.

    Examples
    --------
    >>> [c.id for c in claims(Group.parse("USA JPN KOR"))][:3]
    ['C1', 'C2', 'C3']
    >>> claims(Group.parse("CHN RUS"))
    ()
    """
    found = []
    for row in read_tsv(shipped("claims", "claims.tsv")):
        if Group.parse(row["group"]) != group:
            continue
        values: dict[str, object] = {f.name: row[f.name] for f in fields(Claim)}
        values["map_x"], values["map_y"] = float(row["map_x"]), float(row["map_y"])
        values["supports"] = split(row["supports"])
        values["due"] = parse_day(row["due"]) if row["due"] else None
        found.append(Claim(**values))  # type: ignore[arg-type]
    return tuple(found)


def asserted_phases(group: Group) -> tuple[AssertedPhase, ...]:
    """The phases that the study asserts for this group."""
    return tuple(
        AssertedPhase(
            row["id"],
            row["label_en"],
            row["label_zh"],
            Period.parse(row["start"]),
            Period.parse(row["end"]) if row["end"] else None,
            row["location_en"],
            row["location_zh"],
        )
        for row in read_tsv(shipped("claims", "phases.tsv"))
        if Group.parse(row["group"]) == group
    )

"""What a group's record is composed of: the joint part and the pairs, over time, by domain and level."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from minilateral.evidence import Holdings
from minilateral.measure.cells import count_cells, unplaced
from minilateral.measure.parts import Part, parts
from minilateral.measure.shares import counts_by_level, joint_shares, pair_floors
from minilateral.terms import (
    Actors,
    Code,
    Count,
    Group,
    Happened,
    Inputs,
    Interval,
    Minimum,
    Named,
    Number,
    Period,
    Ratio,
    Selection,
    Span,
    Statement,
    Sum,
    bins,
    code_table,
)


@dataclass(frozen=True)
class Composition:
    """Cells, floors and shares of a group.

    Attributes
    ----------
    parts : tuple of Part
    cells, floors, shares : tuple of dict
        See `count_cells`, `pair_floors`, `joint_shares`.
    unplaced : tuple of str
        Acts whose date is too coarse for the bins.
    """

    group: Group
    parts: tuple[Part, ...]
    cells: tuple[dict[str, Any], ...]
    floors: tuple[dict[str, Any], ...]
    shares: tuple[dict[str, Any], ...]
    unplaced: tuple[str, ...]
    holdings: Holdings

    @classmethod
    def absent(cls, inputs: Inputs) -> Composition:
        """What is counted where this room is not run: nothing."""
        group = inputs.study.group
        return cls(group, parts(group), (), (), (), (), inputs.get(Holdings))


def run(inputs: Inputs) -> Composition:
    """Count the record of the group into cells and derive floors and shares."""
    holdings, study = inputs.get(Holdings), inputs.study
    all_parts = parts(study.group)
    frame = list(bins(holdings.start, study.as_of + timedelta(days=1), study.every))
    lines = holdings.record.lines()
    cells = count_cells(lines, all_parts, frame, study.every, study.as_of)
    counts = counts_by_level(cells)
    if len(study.group) > 2:
        counts += [_whole(holdings, all_parts, level) for level in code_table().codes("level")]
    return Composition(
        study.group,
        all_parts,
        tuple(cells),
        tuple(pair_floors(cells)),
        tuple(joint_shares(c for c in counts if c[2] + c[3])) if len(study.group) > 2 else (),
        unplaced(lines, holdings.acts, frame),
        holdings,
    )


def sections(result: Composition) -> list[Statement]:
    """What can be said of the parts: counts (at least), the latest act, shares within levels, the floor."""
    record = result.holdings.record
    said: list[Statement] = []
    for part in result.parts:
        everything = part.select()
        ids = record.select(everything)
        who = Actors(part.group.members)
        kind = "two" if part.kind == "joint" and len(part.group) == 2 else part.kind
        if not ids:
            said.append(
                Statement(
                    f"parts.{kind}.none",
                    "parts",
                    {"group": who, "n": Number(0, Count(everything))},
                    telling=10 if part.kind == "joint" else 0,
                )
            )
            continue
        slots: dict[str, Any] = {"group": who, "n": Number(len(ids), Count(everything))}
        for direction in code_table().codes("direction"):
            where = part.select(direction=direction)
            slots[direction] = Number(len(record.select(where)), Count(where))
        if part.kind == "joint":
            first, last = ids[0], ids[-1]
            slots |= {
                "first": Happened(record.occurrences[first].happened, first),
                "last": Happened(record.occurrences[last].happened, last),
            }
        said.append(Statement(f"parts.{kind}", "parts", slots, telling=10 if part.kind == "joint" else 0))
        against = sum(len(record.select(term.of)) for term in part.one_sided.terms if isinstance(term, Count))
        if len(part.group) == 2 and part.kind != "superset" and against:
            slots = {"group": who, "n": Number(against, part.one_sided)}
            said.append(Statement("parts.one_sided", "parts", slots))
        if part.kind == "joint":
            said.append(
                Statement(
                    "parts.latest",
                    "parts",
                    {"last": Happened(record.occurrences[last].happened, last), "what": Named("occurrences", last)},
                )
            )
    said += _shares(result) + _floor(result)
    if result.unplaced:
        where = Selection(ids=result.unplaced)
        said.append(Statement("parts.unplaced", "parts", {"n": Number(len(result.unplaced), Count(where))}))
    return said


def _selections(all_parts: tuple[Part, ...], level: str) -> tuple[Selection, tuple[Selection, ...]]:
    """Cooperative acts of a level: of all members, and of each part."""
    own = [p.select(level=level, direction="cooperative") for p in all_parts if p.kind == "joint"]
    rest = tuple(p.select(level=level, direction="cooperative") for p in all_parts if p.kind in ("pair", "subset"))
    return own[0], rest


def share_expression(all_parts: tuple[Part, ...], level: str) -> Ratio:
    """The joint share of a level over the whole time, as an expression over the record."""
    own, others = _selections(all_parts, level)
    return Ratio(Count(own), Sum((Count(own), *(Count(o) for o in others))))


def _whole(holdings: Holdings, all_parts: tuple[Part, ...], level: str) -> tuple[str, str, int, int]:
    joint, rest = _selections(all_parts, level)
    return "all", level, len(holdings.record.select(joint)), sum(len(holdings.record.select(r)) for r in rest)


def _shares(result: Composition) -> list[Statement]:
    """The joint share of each level over the whole time, where five acts were seen."""
    said = []
    whole = [s for s in result.shares if s["bin"] == "all" and s["state"] == "observed"]
    for rank, share in enumerate(whole):
        ratio = share_expression(result.parts, share["level"])
        said.append(
            Statement(
                "parts.share",
                "shares",
                {
                    "level": Code("level", share["level"]),
                    "joint": Number(share["joint"], ratio.part),
                    "n": Number(share["n"], ratio.whole),
                    "share": Number(share["share"], ratio, "percent"),
                    "interval": Interval(share["low"], share["high"], ratio),
                },
                telling=30 if rank == 0 else 0,
            )
        )
    return said


def _floor(result: Composition) -> list[Statement]:
    """The floor of the latest complete bin in which one pair alone has it."""
    complete = [f for f in result.floors if f["complete"] and f["state"] == "observed" and "," not in f["floor_pair"]]
    pairs = [p for p in result.parts if p.kind == "pair"]
    if not complete or not pairs:
        return []
    floor = complete[-1]
    start, end = floor["start"], floor["end"]
    counts = tuple(Count(p.select(direction="cooperative", start=start, end=end)) for p in pairs)
    return [
        Statement(
            "parts.floor",
            "parts",
            {
                "span": Span(_span(floor)),
                "floor": Number(floor["floor"], Minimum(counts)),
                "pair": Actors(tuple(floor["floor_pair"].split("-"))),
            },
        )
    ]


def _span(row: dict[str, Any]) -> Period:
    year = row["end"].year - row["start"].year == 1 and row["start"].month == 1
    return Period(row["start"], row["end"], "year" if year else "month")

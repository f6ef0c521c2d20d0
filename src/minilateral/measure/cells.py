"""Counting acts into cells: time x part x domain x level, by direction. Card: docs/methods/joint-part.md."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from minilateral.measure.parts import Part
from minilateral.terms import Group, Period, actor_register, code_table
from minilateral.terms.periods import Every, label

COLUMNS = (
    "bin",
    "start",
    "end",
    "complete",
    "part",
    "members",
    "domain",
    "level",
    "state",
    "reason",
    "acts",
    "cooperative",
    "conflictual",
    "neutral",
    "without_study",
    "one_sided_conflictual",
)

#: What the queries read of a line; columns without a type are text.
_READ = (
    "start",
    "end",
    "precision",
    "members",
    "concerns",
    "is_act",
    "status",
    "domain",
    "level",
    "direction",
    "only_study",
)
_TYPES = {"start": "DATE", "end": "DATE", "is_act": "BOOLEAN", "only_study": "BOOLEAN"}

_COUNT = """
WITH act AS (
    SELECT l.*, p.part, p.members AS part_members
    FROM lines AS l JOIN parts AS p
      ON (p.part <> 'superset' AND l.members = p.members)
      OR (p.part = 'superset' AND l.members <> p.members
          AND list_has_all(string_split(l.members, ';'), string_split(p.members, ';')))
    WHERE l.is_act AND l.status = 'held'
), placed AS (
    SELECT a.*, b.bin
    FROM act AS a JOIN bins AS b
      ON a.start >= b.start AND (CASE WHEN a.precision = 'day' THEN a.start < b.end ELSE a.end <= b.end END)
)
SELECT bin, part, part_members AS members, coalesce(domain, 'all') AS domain, coalesce(level, 'all') AS level,
       count(*) AS acts,
       count(*) FILTER (direction = 'cooperative') AS cooperative,
       count(*) FILTER (direction = 'conflictual') AS conflictual,
       count(*) FILTER (direction = 'neutral') AS neutral,
       count(*) FILTER (NOT only_study) AS without_study
FROM placed
GROUP BY GROUPING SETS ((bin, part, part_members), (bin, part, part_members, domain),
                        (bin, part, part_members, level), (bin, part, part_members, domain, level))
ORDER BY ALL
"""

_ONE_SIDED = """
SELECT b.bin, p.members, count(*) AS n
FROM lines AS l JOIN pairs AS p ON list_contains(string_split(l.concerns, ';'), p.pair)
JOIN bins AS b ON l.start >= b.start AND (CASE WHEN l.precision = 'day' THEN l.start < b.end ELSE l.end <= b.end END)
WHERE NOT l.is_act AND l.status = 'held' AND l.direction = 'conflictual'
  AND list_contains(string_split(p.members, ';'), l.members)
GROUP BY ALL
"""


def count_cells(
    lines: list[dict[str, Any]], parts: Iterable[Part], bins: Iterable[Period], every: Every, as_of: date
) -> list[dict[str, Any]]:
    """Count held acts into cells.

    Parameters
    ----------
    lines : list of dict
        `Record.lines()`.
    parts : iterable of Part
    bins : iterable of Period
        An act dated to the day counts in the bin in which it starts; one dated to the month or year counts in a bin
        that contains the whole of it, and in none if there is no such bin (it is then *unplaced*: `unplaced`).
    every : {'year', 'quarter', 'month'}
    as_of : datetime.date
        A bin that ends after it is marked incomplete.

    Returns
    -------
    list of dict
        ``COLUMNS``. For every bin and part: the total, the domains and the levels (``all`` where summed over); the
        crossings of domain and level only where an act was seen. ``acts`` and the other counts are at least so many;
        they are None where the state is not ``observed``. A zero is never made up: a cell without rows is
        ``not_observed``, or ``not_applicable`` where a member did not exist in it.
    """
    import duckdb

    all_parts, all_bins = list(parts), list(bins)
    names = [label(b, every) for b in all_bins]
    two = [p for p in all_parts if len(p.group) == 2 and p.kind in ("pair", "joint")]
    tables: dict[str, dict[str, list[Any]]] = {
        "lines": {c: [line[c] for line in lines] for c in _READ},
        "parts": {"part": [p.kind for p in all_parts], "members": [";".join(p.group.members) for p in all_parts]},
        "bins": {"bin": names, "start": [b.start for b in all_bins], "end": [b.end for b in all_bins]},
        "pairs": {"pair": [p.group.key for p in two], "members": [";".join(p.group.members) for p in two]},
    }
    db = duckdb.connect(":memory:")
    try:
        for name, columns in tables.items():  # lists, not Arrow tables: Arrow would load pandas
            read = (f'unnest(CAST(${c} AS {_TYPES.get(c, "VARCHAR")}[])) AS "{c}"' for c in columns)
            db.execute(f"CREATE TABLE {name} AS SELECT {', '.join(read)}", columns)
        counted = db.sql(_COUNT)
        found: dict[tuple[str, ...], dict[str, Any]] = {
            row[:5]: dict(zip(counted.columns, row, strict=True)) for row in counted.fetchall()
        }
        one_sided = {(b, m): n for b, m, n in db.sql(_ONE_SIDED).fetchall()}
    finally:
        db.close()
    margins = _margins()
    return [
        _cell(found, one_sided, name, bin_, part, domain, level, as_of, absent)
        for name, bin_ in zip(names, all_bins, strict=True)
        for part in all_parts
        for absent in [missing_member(part.group, bin_)]
        for domain, level in margins
        if (domain == "all" or level == "all")
        or (name, part.kind, ";".join(part.group.members), domain, level) in found
    ]


def _margins() -> list[tuple[str, str]]:
    domains, levels = code_table().codes("domain"), code_table().codes("level")
    return [(d, lv) for d in ("all", *domains) for lv in ("all", *levels)]


def _cell(
    found: dict[tuple[str, ...], dict[str, Any]],
    one_sided: dict[tuple[str, str], int],
    name: str,
    bin_: Period,
    part: Part,
    domain: str,
    level: str,
    as_of: date,
    absent: str,
) -> dict[str, Any]:
    members = ";".join(part.group.members)
    row = found.get((name, part.kind, members, domain, level))
    state, reason = "observed", ""
    if row is None:
        state = "not_applicable" if absent else "not_observed"
        reason = f"{absent} did not exist" if absent else "no act seen, and nothing shows that there was none"
    whole = domain == level == "all" and len(part.group) == 2 and part.kind in ("pair", "joint")
    return {
        "bin": name,
        "start": bin_.start,
        "end": bin_.end,
        "complete": bin_.last <= as_of,
        "part": part.kind,
        "members": members,
        "domain": domain,
        "level": level,
        "state": state,
        "reason": reason,
        **{c: row[c] if row else None for c in ("acts", "cooperative", "conflictual", "neutral", "without_study")},
        "one_sided_conflictual": one_sided.get((name, members)) if whole else None,
    }


def missing_member(group: Group, bin_: Period) -> str:
    """A member that did not exist on any day of a bin (the state that it continues counts for it), or nothing."""
    register = actor_register()
    for member in group.members:
        line = [register[member]]
        if line[0].continues:
            line.append(register[line[0].continues])
        if not any(actor.overlaps(bin_.start, bin_.end) for actor in line):
            return member
    return ""


def unplaced(lines: list[dict[str, Any]], ids: Iterable[str], bins: Iterable[Period]) -> tuple[str, ...]:
    """Ids of held acts that no bin contains, since their date is coarser than the bins."""
    wanted, all_bins = set(ids), list(bins)
    return tuple(
        line["id"]
        for line in lines
        if line["id"] in wanted
        and line["status"] == "held"
        and line["precision"] != "day"
        and not any(b.start <= line["start"] and line["end"] <= b.end for b in all_bins)
    )

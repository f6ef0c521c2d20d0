"""Write the tables of docs/explanation/record-status.md anew from what ships, between the markers of the page.

With ``--check`` it says whether the page is true, and exits with 1 if not.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from minilateral.evidence import load, status
from minilateral.evidence.promises import fate_counts
from minilateral.evidence.status import quality
from minilateral.terms import Group, Selection

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation" / "record-status.md"
AS_OF = date(2026, 11, 24)
GROUPS = {
    "US-Japan-ROK": "JPN KOR USA",
    "China-Japan-Korea": "CHN JPN KOR",
    "Quad": "AUS IND JPN USA",
    "AUKUS": "AUS GBR USA",
    "US-Japan-Australia": "AUS JPN USA",
    "US-Japan-Philippines": "JPN PHL USA",
    "DPRK-Russia": "PRK RUS",
    "China-Russia": "CHN RUS",
    "China-Russia-Mongolia": "CHN MNG RUS",
    "Japan-ROK": "JPN KOR",
    "US-ROK": "KOR USA",
    "US-Japan": "JPN USA",
}


def percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def groups_table() -> Iterator[str]:
    record = load(AS_OF)
    yield (
        "| group | held acts | government or agency source | other than English | one independent source | mechanisms |"
    )
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, text in GROUPS.items():
        members = Group.parse(text).members
        ids = record.select(Selection(exactly=members))
        q = quality(record, ids)
        other = sum(any(s.language != "en" for s in record.sources_of(i)) for i in ids)
        own = sum(m.members == members for m in record.mechanisms.values())
        yield (
            f"| {name} | {q.acts} | {percent(q.government_or_agency, q.acts)} | {percent(other, q.acts)} "
            f"| {percent(q.one_source, q.acts)} | {own} |"
        )


def recall_table() -> Iterator[str]:
    record = load(AS_OF)
    yield "| group | mechanism | counted by | counted | on record | recall |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, text in GROUPS.items():
        found = status(record, AS_OF, Group.parse(text))
        for r in found.recalls:
            recall = "they count differently" if r.conflict else f"{r.recall:.0%}"
            yield f"| {name} | {record.mechanisms[r.mechanism].name_en} | number | {r.official} | {r.seen} | {recall} |"
        for t in found.tallied:
            recall = "they count differently" if t.recall is None else f"{t.recall:.0%}"
            yield f"| {name} | {record.mechanisms[t.mechanism].name_en} | spans | {t.counted} | {t.seen} | {recall} |"


def agreement_table() -> Iterator[str]:
    found = status(load(AS_OF), AS_OF, Group.parse("JPN KOR USA"))
    yield "| coded twice | field | units | agree | Krippendorff's alpha |"
    yield "| --- | --- | --- | --- | --- |"
    for what, agreements in (("statements", found.texts), ("acts", found.coding)):
        for a in agreements:
            alpha = "not defined" if a.alpha is None else f"{a.alpha:.2f}"
            yield f"| {what} | `{a.field}` | {a.units} | {a.agreed} | {alpha} |"


def sizes_table() -> Iterator[str]:
    record = load()
    yield "| table | rows |"
    yield "| --- | --- |"
    for name, rows in record.rows.items():
        yield f"| `{name}` | {len(rows)} |"


def check_line() -> Iterator[str]:
    c = status(load(AS_OF), AS_OF).checked
    assert c.error_rate is not None
    yield (
        f"{c.checked} rows looked up again, {c.readable} of them compared, {c.differs} with a fact that differs: "
        f"{c.error_rate:.1%} (90 % interval {c.low:.1%} to {c.high:.1%})."
    )


def fates_line() -> Iterator[str]:
    counts = fate_counts(load(AS_OF), Group.parse("JPN KOR USA"), AS_OF)
    listed = ", ".join(f"{n} {fate.replace('_', ' ')}" for fate, n in counts.items())
    yield f"Of {sum(counts.values())} concrete commitments of US-Japan-ROK on 24 November 2026: {listed}."


MADE = {
    "groups": groups_table,
    "recall": recall_table,
    "agreement": agreement_table,
    "sizes": sizes_table,
    "check": check_line,
    "fates": fates_line,
}


def rewritten(page: str) -> str:
    """The page with every marked part made anew."""

    def one(match: re.Match[str]) -> str:
        lines = "\n".join(MADE[match[1]]())
        return f"<!-- {match[1]} -->\n{lines}\n<!-- end -->"

    return re.sub(r"<!-- (\w+) -->\n.*?<!-- end -->", one, page, flags=re.DOTALL)


if __name__ == "__main__":
    now = PAGE.read_text(encoding="utf-8")
    new = rewritten(now)
    if "--check" in sys.argv:
        if new != now:
            sys.exit(f"{PAGE.name} is out of date: run python tools/record_tables.py")
    else:
        PAGE.write_text(new, encoding="utf-8")

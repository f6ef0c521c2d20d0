"""Writes the tables of docs/explanation/codebook.md from minilateral/data/codes.tsv; what stands above each is kept.

`--check` says whether the page is true, and changes nothing.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from minilateral.terms.tables import read_tsv, shipped

PAGE = Path(__file__).resolve().parents[1] / "docs/explanation/codebook.md"
HEAD = ("| code | English | 中文 | meaning | 含义 |", "| --- | --- | --- | --- | --- |")


def written(page: str) -> str:
    """The page with every table made anew, and the count of fields and codes."""
    rows = read_tsv(shipped("codes.tsv"))
    fields = sorted({row["field"] for row in rows})
    sections = {part.split("\n", 1)[0]: part for part in re.split(r"(?m)^## ", page)[1:]}
    if missing := [f for f in fields if f not in sections]:
        raise SystemExit(f"{PAGE.name} has no section for {', '.join(missing)}: write '## <field>' and what it is of")
    made = [re.sub(r"\(\d+, \d+\)", f"({len(fields)}, {len(rows)})", re.split(r"(?m)^## ", page)[0], count=1)]
    for field in fields:
        said = sections[field].split("\n| code |")[0].rstrip("\n")
        lines = [
            f"| `{r['code']}` | {r['name_en']} | {r['name_zh']} | {r['definition_en']} | {r['definition_zh']} |"
            for r in sorted((r for r in rows if r["field"] == field), key=lambda r: int(r["order"]))
        ]
        made.append("\n".join((f"## {said}", "", *HEAD, *lines, "", "")))
    return "".join(made).rstrip("\n") + "\n"


def main() -> int:
    page = PAGE.read_text(encoding="utf-8")
    true = written(page)
    if "--check" in sys.argv:
        return int(page != true)
    PAGE.write_text(true, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

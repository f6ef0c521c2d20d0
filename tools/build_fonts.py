"""Make the fonts that ship (src/minilateral/data/fonts): a subset of Noto Sans CJK SC, Regular and Bold, with the OFL.

A fresh machine has no font for Chinese, so a PDF would differ from machine to machine or show boxes. The subset holds
GB 2312, JIS X 0208 level 1 with its kana, the 2,350 Hangul syllables of KS X 1001, Latin, Cyrillic, punctuation,
circled digits, and every letter that the shipped tables write. The same input gives the same bytes.

    python tools/build_fonts.py [--noto FOLDER] [--out FOLDER]

FOLDER has Debian's fonts-noto-cjk (NotoSansCJK-Regular.ttc, NotoSansCJK-Bold.ttc). Needs fonttools, which matplotlib
brings.
"""

from __future__ import annotations

import argparse
import io
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[1]
NOTO = Path("/usr/share/fonts/opentype/noto")
DOCS = Path("/usr/share/doc/fonts-noto-cjk")
FAMILY = "Noto Sans CJK SC"
WEIGHTS = ("Regular", "Bold")
#: No file may be larger: the package is to stay small.
LIMIT = 5_000_000

#: Blocks that are kept as far as the font has them.
BLOCKS = (
    (0x20, 0x7E),
    (0xA0, 0x24F),  # Latin with the macrons of Japanese names
    (0x300, 0x36F),
    (0x370, 0x3FF),
    (0x400, 0x45F),
    (0x2000, 0x206F),
    (0x2070, 0x209F),
    (0x20A0, 0x20BF),
    (0x2100, 0x214F),
    (0x2190, 0x21FF),
    (0x2200, 0x22FF),
    (0x2460, 0x24FF),  # circled digits
    (0x2500, 0x257F),
    (0x25A0, 0x25FF),
    (0x2600, 0x266F),
    (0x2776, 0x2793),
    (0x3000, 0x303F),
    (0x3040, 0x30FF),
    (0x3200, 0x32FF),
    (0xFF00, 0xFFEF),
)

#: Signs and letters that the font lacks and sources write, and the one whose glyph they take.
ALIKE = {0x2219: 0xB7, 0x223C: 0x7E, 0x2024: 0x2E, 0x2011: 0x2D, 0x456: 0x69, 0x458: 0x6A, 0x406: 0x49, 0x408: 0x4A}

OFL = """\
Copyright 2014-2021 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'.
The fonts beside this file are subsets of Noto Sans CJK SC, made by tools/build_fonts.py.

This Font Software is licensed under the SIL Open Font License, Version 1.1.
This license is copied below, and is also available with a FAQ at:
http://scripts.sil.org/OFL


"""


def of_charset(encoding: str, rows: Iterable[int]) -> set[int]:
    """Every character of the rows (1 to 94) of a 94 by 94 set, through its EUC encoding."""
    found = set()
    for row in rows:
        for cell in range(1, 95):
            try:
                found.add(ord(bytes((0xA0 + row, 0xA0 + cell)).decode(encoding)))
            except UnicodeDecodeError:
                continue
    return found


def wanted() -> set[int]:
    """All code points of the subset."""
    letters = {point for first, last in BLOCKS for point in range(first, last + 1)}
    letters |= of_charset("gb2312", range(1, 88))
    letters |= of_charset("euc_jp", range(1, 48))  # rows 1 to 8 signs and kana, 16 to 47 level 1
    letters |= of_charset("euc_kr", range(1, 41))  # rows 16 to 40 are the 2,350 syllables
    return letters | written()


def written() -> set[int]:
    """Every letter in the tables and texts of the package."""
    package = ROOT / "src" / "minilateral"
    files = [p for kind in ("*.tsv", "*.toml", "*.csv", "*.yaml", "*.json") for p in package.rglob(kind)]
    return {ord(c) for p in files for c in p.read_text(encoding="utf-8") if ord(c) > 0x1F}


def cut(collection: Path, family: str, points: set[int]) -> bytes:
    """The subset of the face of this family in a collection, as an OpenType file."""
    options = subset.Options()
    options.layout_features = ["ccmp", "kern", "mark", "mkmk", "pwid"]
    options.hinting = False
    options.desubroutinize = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.name_languages = [0x409]
    options.notdef_outline = True
    options.drop_tables = [*options.drop_tables, "VORG", "vhea", "vmtx", "BASE"]
    font = TTFont(collection, fontNumber=_face(collection, family), recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points)
    cutter.subset(font)
    _lend(font)
    buffer = io.BytesIO()
    font.save(buffer, reorderTables=True)
    return buffer.getvalue()


def _lend(font: TTFont) -> None:
    """Give letters that the font lacks the glyph of one that looks alike, Latin ones that of their base letter.

    The text of a document keeps the letter; its mark is lost to the eye, which is better than a box.
    """
    has = font.getBestCmap()
    marked = {p: ord(unicodedata.normalize("NFD", chr(p))[0]) for p in range(0xC0, 0x250)}
    lent = {p: has[q] for p, q in (marked | ALIKE).items() if p not in has and q in has}
    for table in font["cmap"].tables:
        if table.isUnicode() and table.format != 14:
            table.cmap.update(lent)


def _face(collection: Path, family: str) -> int:
    for number in range(64):
        try:
            font = TTFont(collection, fontNumber=number, lazy=True)
        except Exception as error:
            raise SystemExit(f"{collection} has no face {family}") from error
        if family in {font["name"].getDebugName(i) for i in (1, 16)}:
            return number
    raise SystemExit(f"{collection} has no face {family}")


def licence(docs: Path) -> str:
    """The text of the Open Font License, as Debian ships it with the fonts."""
    text = (docs / "copyright").read_text(encoding="utf-8")
    lines = [line[1:] if line.startswith(" ") else line for line in text.splitlines()]
    start = next(i for i, line in enumerate(lines) if "SIL OPEN FONT LICENSE" in line)
    end = next((i for i, line in enumerate(lines) if i > start and line.startswith(("Files:", "License:"))), len(lines))
    rule = "-----------------------------------------------------------"
    body = ["" if line.strip() == "." else line.rstrip() for line in lines[start:end]]
    return OFL + "\n".join((rule, body[0].strip(), rule, *body[1:])).replace(f"{rule}\n{rule}", rule).strip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--noto", type=Path, default=NOTO)
    parser.add_argument("--docs", type=Path, default=DOCS)
    parser.add_argument("--out", type=Path, default=ROOT / "src" / "minilateral" / "data" / "fonts")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    points = wanted()
    for weight in WEIGHTS:
        data = cut(args.noto / f"NotoSansCJK-{weight}.ttc", FAMILY, points)
        if len(data) > LIMIT:
            raise SystemExit(f"{weight}: {len(data):,} bytes, more than {LIMIT:,}")
        (args.out / f"NotoSansCJKsc-{weight}.otf").write_bytes(data)
        has = set(TTFont(io.BytesIO(data)).getBestCmap())
        lacks = len(written() - has)
        print(f"{weight}: {len(data):,} bytes, {len(has):,} characters; of the shipped tables it lacks {lacks}")
    (args.out / "OFL.txt").write_text(licence(args.docs), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

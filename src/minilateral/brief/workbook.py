"""All tables of a brief in one workbook: a sheet of contents, then one sheet a table, the same bytes each time."""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from minilateral.figures.style import width_of
from minilateral.terms import Study
from minilateral.terms.tables import read_tsv

if TYPE_CHECKING:
    import pyarrow as pa

#: Least and most width of a column in letters; longer text is wrapped.
NARROWEST, WIDEST = 8, 60
#: Most letters that a cell of the format holds, and of the name of a sheet.
MOST, NAME = 32767, 31
#: Row of the contents in which the list of sheets begins.
LISTED = 15
#: The first year that the format knows.
FIRST = 1900

_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?\Z")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@cache
def _abouts() -> Mapping[str, Mapping[str, str]]:
    rows = read_tsv(files("minilateral.brief").joinpath("templates", "package_tables.tsv"))
    return {row["table"]: {"en": row["row"], "zh": row["row_zh"]} for row in rows}


def about(table: str, language: str = "en") -> str:
    """What a row of a table is.

    Examples
    --------
    >>> about("floors")
    'the pair of the group with the fewest acts, by period'
    """
    other = {"en": "see the documentation of the package", "zh": "见软件包文档"}
    return _abouts().get(table, other)[language]


def _text(name: str, **slots: object) -> tuple[str, str]:
    """A text of workbook.toml in Chinese and English, its slots filled."""
    found = _texts()[name]
    zh, en = (
        found[x].format(**{k: v[x] if isinstance(v, dict) else v for k, v in slots.items()}) for x in ("zh", "en")
    )
    return zh, en


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("minilateral.brief").joinpath("workbook.toml").read_text(encoding="utf-8"))


def write_workbook(study: Study, tables: Mapping[str, pa.Table], release: str) -> bytes:
    """Write all tables as one xlsx.

    Days are dates and numbers numbers, in columns that hold nothing else; what is missing is empty; no text is a
    formula. A day before 1900, which the format does not know, leaves its column text.

    Parameters
    ----------
    study : Study
    tables : mapping
        Arrow tables by name, as `minilateral.brief.frames.tables_of` gives them.
    release : str
        Version of this package.

    Returns
    -------
    bytes
        The same for the same tables.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    _contents(book, study, tables, release)
    for name, table in tables.items():
        _sheet(book, name, table)
    about_it = book.properties
    about_it.title = _text("title", group={x: study.group.name(x) for x in ("zh", "en")})[1]
    about_it.creator = about_it.lastModifiedBy = "minilateral"
    first = io.BytesIO()
    book.save(first)
    return _packed(first, study.as_of)


def _contents(book: Any, study: Study, tables: Mapping[str, pa.Table], release: str) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    sheet = book.create_sheet(" ".join(_text("contents")))
    for letter, width in zip("ABCDE", (24, 9, 9, 62, 72), strict=True):
        sheet.column_dimensions[letter].width = width
    slots = {
        "group": {x: study.group.name(x) for x in ("zh", "en")},
        "as_of": study.as_of.isoformat(),
        "version": release,
        "key": study.group.key,
    }
    for name in ("title", "as_of", "cite", "counts", "units", "ids"):
        for text in _text(name, **slots):
            cell = WriteOnlyCell(sheet, text)
            cell.font = Font(bold=name == "title", size=14 if name == "title" else 11)
            sheet.append([cell])
    sheet.append([])
    heads = [" ".join(_text(n)) for n in ("sheet", "rows", "columns")] + [*_text("row")]
    sheet.append(_head(sheet, heads))
    sheet.freeze_panes = f"A{LISTED}"
    for at, (name, table) in enumerate(tables.items(), start=LISTED):
        link = WriteOnlyCell(sheet, name[:NAME])
        sheet._hyperlinks.append(Hyperlink(ref=f"A{at}", location=f"'{name[:NAME]}'!A1"))
        link.font = Font(color="0563C1", underline="single")
        said = [WriteOnlyCell(sheet, about(name, x)) for x in ("zh", "en")]
        for cell in said:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append([link, table.num_rows, table.num_columns, *said])


def _head(sheet: Any, names: Iterable[str]) -> list[Any]:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font, PatternFill

    made = []
    for name in names:
        cell = WriteOnlyCell(sheet, name)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="EEF3F8")
        made.append(cell)
    return made


def _sheet(book: Any, name: str, table: pa.Table) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name[:NAME])
    sheet.freeze_panes = "A2"
    last = get_column_letter(max(1, table.num_columns))
    sheet.auto_filter.ref = f"A1:{last}{table.num_rows + 1}"
    columns = [typed(table.column(i).to_pylist()) for i in range(table.num_columns)]
    wrapped, wrap = [], Alignment(wrap_text=True, vertical="top")
    for at, (head, values) in enumerate(zip(table.column_names, columns, strict=True), start=1):
        long = _longest(values)
        width = min(WIDEST, max(NARROWEST, len(head) + 4, long + 1))
        sheet.column_dimensions[get_column_letter(at)].width = width
        wrapped.append(long + 1 > width)
    sheet.append(_head(sheet, table.column_names))
    for row in zip(*columns, strict=True):
        cells = []
        for value, long in zip(row, wrapped, strict=True):
            if isinstance(value, str) and (long or value.startswith("=")):
                cell = WriteOnlyCell(sheet, value)
                cell.data_type = "s"  # a text that begins like a formula is none
                if long:
                    cell.alignment = wrap
                cells.append(cell)
            else:
                cells.append(value)
        sheet.append(cells)


def _longest(values: Iterable[Any]) -> float:
    """The width of the widest value; from the widest column on it does not matter how wide."""
    texts = {v if isinstance(v, str) else "x" * 10 for v in values if v is not None}
    return WIDEST if any(len(v) >= WIDEST for v in texts) else max(map(width_of, texts), default=0)


def typed(values: list[Any]) -> list[Any]:
    """A column as dates, numbers or truths where every text in it is one; empty text is missing.

    Examples
    --------
    >>> typed(["2023-08-18", ""]), typed(["2023-08-18", "2023-08"])
    ([datetime.date(2023, 8, 18), None], ['2023-08-18', '2023-08'])
    >>> typed(["1", "2.5"]), typed(["007"]), typed(["true", "false"])
    ([1, 2.5], ['007'], [True, False])
    """
    found = [None if v is None or v == "" or v != v else v for v in values]
    texts = [v for v in found if v is not None]
    if not texts or not all(isinstance(v, str) for v in texts):
        days = [v for v in texts if isinstance(v, date)]
        early = any(v.year < FIRST for v in days)
        return [v.isoformat() if early and isinstance(v, date) else v for v in found]
    if all(_DAY.match(v) and int(v[:4]) >= FIRST for v in texts):
        return [date.fromisoformat(v) if v else None for v in found]
    if all(_NUMBER.match(v) for v in texts):
        return [(float(v) if "." in v else int(v)) if v else None for v in found]
    if set(texts) <= {"true", "false"}:
        return [v == "true" if v else None for v in found]
    return [_CONTROL.sub("", v)[:MOST] if v else None for v in found]


def _packed(first: io.BytesIO, day: date) -> bytes:
    """Pack again with a fixed date on every file, and as last modified."""
    packed = io.BytesIO()
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                stamp = f"{day.isoformat()}T00:00:00Z".encode()
                data = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, data)
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, data)
    return packed.getvalue()

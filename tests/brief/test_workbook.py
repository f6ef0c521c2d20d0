"""The workbook: the same values as the tables, typed, readable, the same bytes each time."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pyarrow as pa
import pytest

from minilateral.brief.frames import tables_of
from minilateral.brief.workbook import FIRST, LISTED, about, typed, write_workbook


@pytest.fixture(scope="module")
def tables(made):
    return tables_of(made.inputs, made.compiled)


@pytest.fixture(scope="module")
def book(made, tables):
    return openpyxl.load_workbook(io.BytesIO(write_workbook(made.inputs.study, tables, "0")))


def plain(value):
    """A cell of the workbook as the table has it: a day, a number or a truth that was text there is text again."""
    if isinstance(value, datetime | date):
        return str(value)[:10]
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def test_every_table_has_a_sheet_with_its_rows(book, tables):
    assert book.sheetnames[1:] == list(tables)
    assert all(len(name) <= 31 for name in book.sheetnames)
    for name, table in tables.items():
        rows = book[name].iter_rows(values_only=True)
        assert next(rows) == tuple(table.column_names)
        found = list(rows)
        assert len(found) == table.num_rows, name
        for row, true in zip(found[:200], table.slice(0, 200).to_pylist(), strict=True):
            for value, (column, wanted) in zip(row, true.items(), strict=True):
                if isinstance(value, int | float) and not isinstance(value, bool):
                    assert value == pytest.approx(float(wanted)), (name, column)
                else:
                    assert plain(value) == plain(None if wanted != wanted else wanted), (name, column)


def test_heads_stay_in_sight_and_filter_and_no_column_is_wider_than_a_screen(book, tables):
    for name, table in tables.items():
        sheet = book[name]
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.auto_filter.ref.endswith(str(table.num_rows + 1))
        for letter, column in sheet.column_dimensions.items():
            assert 8 <= column.width <= 60, (name, letter)
        for row in sheet.iter_rows(min_row=2, max_row=60):
            for cell in row:
                if isinstance(cell.value, str) and len(cell.value) > 60:
                    assert cell.alignment.wrap_text, (name, cell.coordinate)


def test_days_are_dates_and_counts_are_numbers(book):
    cells = book["cells"]
    start = next(c for c in cells[1] if c.value == "start").column
    assert cells.cell(2, start).is_date
    counts = next(c for c in cells[1] if c.value == "acts").column
    kinds = {cells.cell(row, counts).data_type for row in range(2, cells.max_row + 1)}
    assert kinds == {"n"}
    assert None in {cells.cell(row, counts).value for row in range(2, cells.max_row + 1)}


def test_the_contents_name_every_sheet_in_both_languages(book, tables, made):
    sheet = book.worksheets[0]
    listed = list(sheet.iter_rows(min_row=LISTED, values_only=True))
    assert [(r[0], r[1], r[2]) for r in listed] == [(n, t.num_rows, t.num_columns) for n, t in tables.items()]
    assert all(r[3] == about(r[0], "zh") and r[4] == about(r[0], "en") for r in listed)
    assert not [r[0] for r in listed if r[4] == about("no such table")]
    links = {sheet.cell(row, 1).hyperlink.location for row in range(LISTED, sheet.max_row + 1)}
    assert links == {f"'{name}'!A1" for name in tables}
    head = " ".join(str(sheet.cell(row, 1).value) for row in range(1, LISTED))
    assert made.inputs.study.as_of.isoformat() in head
    assert made.inputs.study.group.name("zh") in head
    assert made.inputs.study.group.name("en") in head


def test_no_text_is_a_formula_and_the_bytes_are_the_same(made):
    early = date(FIRST - 1, 5, 1)
    table = pa.table({"text": ["=1+1", "a\x07b", None], "day": pa.array([early, None, date(2024, 2, 29)])})
    data = write_workbook(made.inputs.study, {"odd": table}, "0")
    sheet = openpyxl.load_workbook(io.BytesIO(data))["odd"]
    assert [(c.value, c.data_type) for c in sheet["A"][1:]] == [("=1+1", "s"), ("ab", "s"), (None, "n")]
    assert [c.value for c in sheet["B"][1:]] == [early.isoformat(), None, "2024-02-29"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count(f"{made.inputs.study.as_of.isoformat()}T00:00:00Z") == 2
    assert write_workbook(made.inputs.study, {"odd": table}, "0") == data


def test_a_column_of_text_is_typed_only_as_a_whole():
    assert typed(["2024-02-29", None]) == [date(2024, 2, 29), None]
    assert typed(["2024-02-29", "2024"]) == ["2024-02-29", "2024"]
    assert typed(["1", "", "x"]) == ["1", None, "x"]
    assert typed([float("nan"), 0.0]) == [None, 0.0]
    assert typed([True, None]) == [True, None]

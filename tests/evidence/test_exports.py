"""What goes out: every session and source once, text as text, and a file whole or not at all."""

import openpyxl
import pytest

from minilateral.evidence import Store, load
from minilateral.evidence.exports import export_rows, write_rows, write_whole


def test_the_whole_shipped_record_comes_back_as_nothing_new(files):
    record = load()
    rows = export_rows(record, record.occurrences)
    assert {r["id"] for r in rows} == set(record.occurrences)
    assert {(r["id"], r["mechanism"]) for r in rows if r["mechanism"]} == {
        (s.occurrence, s.mechanism) for s in record.sessions
    }
    assert len(rows) >= len(record.evidence)
    path = files.folder / "all.csv"
    write_rows(rows, path, "csv")
    added = files.add(path)
    assert (added.new, added.same, added.quarantined) == (0, len(rows), ())
    assert load(None, None, files.store).hashes() == record.hashes()


def test_sources_and_sessions_of_one_act_all_stand(files):
    row = files.row(
        participants="AUS;JPN;USA", level="defense_minister", mechanism="uja-defence-ministers", ordinal="15"
    )
    other = {**row, "mechanism": "uja-defence-consultations", "ordinal": "1"}
    more = {**row, "source_title": "Another page"}
    assert files.add(files.csv("a.csv", [row, other, more])).new == 3
    record = load(None, None, files.store)
    rows = export_rows(record, [row["id"]])
    assert {(r["mechanism"], r["ordinal"]) for r in rows} == {
        ("uja-defence-ministers", "15"),
        ("uja-defence-consultations", "1"),
    }
    assert {r["source_title"] for r in rows} == {"A page", "Another page"}
    again = files.folder / "again.sqlite"
    write_rows(rows, files.folder / "b.json", "json")
    assert files.add(files.folder / "b.json", again).quarantined == ()
    keyed = [sorted(map(str, Store(s).all_rows()["sessions"])) for s in (files.store, again)]
    assert keyed[0] == keyed[1]
    assert len(keyed[0]) == 2


def test_a_spreadsheet_holds_text_and_no_formula(files):
    files.add(files.csv("a.csv", [files.row(place_en="=HYPERLINK(1)", summary_en="+1", host="KOR")]))
    record = load(None, None, files.store)
    path = files.folder / "b.xlsx"
    write_rows(export_rows(record, ["2024-05-05-meeting"]), path, "xlsx")
    cells = [
        cell
        for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2)
        for cell in row
        if cell.value is not None
    ]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "=HYPERLINK(1)" in {cell.value for cell in cells}


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("as it was")
    with pytest.raises(TypeError):
        write_whole(path, "no bytes")  # fails when half-way
    assert path.read_text() == "as it was"
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]

"""What is written: tables that agree with each other, a manifest that fits, nobody else's files touched."""

import csv
import hashlib
import json

import pyarrow.parquet as pq
import pytest

import minilateral as ml
from minilateral.errors import BadInput, CompileRefused


@pytest.fixture(scope="module")
def result():
    return ml.run(ml.Study("USA JPN KOR", "2025-12-31"))


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory):
    return ml.write_brief(result, tmp_path_factory.mktemp("out")).folder


def test_the_manifest_fits_the_files(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} - {"manifest.json"}
    assert set(manifest["files"]) == there
    for name, file in manifest["files"].items():
        data = (folder / name).read_bytes()
        assert file == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert manifest["study"] == {"group": ["JPN", "KOR", "USA"], "as_of": "2025-12-31", "every": "year", "seed": 0}
    assert manifest["package"] == {"name": "minilateral", "version": ml.__version__}
    assert {o["id"] for o in manifest["origins"]} >= {"chronology", "study"}
    assert manifest["record"]["tables"]["occurrences"]["rows"] > 600


def test_csv_and_parquet_hold_the_same(folder):
    package = json.loads((folder / "data" / "datapackage.json").read_text(encoding="utf-8"))
    names = [r["name"] for r in package["resources"] if r["format"] == "csv"]
    assert len(names) >= 15
    for resource in package["resources"]:
        data = (folder / "data" / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
    for name in names:
        table = pq.read_table(folder / "data" / f"{name}.parquet")
        with (folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert len(rows) == table.num_rows, name
        assert (list(rows[0]) if rows else table.column_names) == table.column_names, name
        fields = {f["name"] for r in package["resources"] if r["name"] == name for f in r["schema"]["fields"]}
        assert fields == set(table.column_names)
        for row, true in zip(rows[:50], table.slice(0, 50).to_pylist(), strict=True):
            for column, value in true.items():
                if isinstance(value, str):
                    assert row[column] == value, (name, column)
                elif value is None:
                    assert row[column] == ""


def test_frames_are_new_each_time(result):
    frame = result.frame("acts")
    frame["id"] = "changed"
    assert "changed" not in set(result.frame("acts")["id"])
    with pytest.raises(AttributeError):
        result.study = None


def test_missing_is_empty_and_never_zero(result):
    cells = result.frame("cells")
    unseen = cells[cells.state != "observed"]
    assert len(unseen) > 1000
    assert unseen.acts.isna().all()
    assert unseen.cooperative.isna().all()
    assert (cells[cells.state == "observed"].acts > 0).all()
    shares = result.frame("shares")
    assert shares[shares.n < 5].share.isna().all()


def test_ids_join(result):
    frames = result.frames
    acts, sources = set(frames["acts"]["id"]), set(frames["sources"]["id"])
    assert set(frames["evidence"]["occurrence"]) == acts
    assert set(frames["evidence"]["source"]) <= sources
    named = {
        s for frame in frames.values() for column in ("source", "sources") if column in frame
        for cell in frame[column] if isinstance(cell, str) for s in cell.split(";") if s
    }  # fmt: skip
    assert named == sources
    assert set(frames["fulfilments"]["commitment"]) <= set(frames["commitments"]["id"])
    assert set(frames["text_codes"]["text"]) <= set(frames["texts"]["id"])
    for name in ("outputs", "commitments", "sessions"):
        assert set(frames[name]["occurrence"]) <= acts
    assert set(frames["sessions"]["mechanism"]) <= set(frames["mechanisms"]["id"])
    cited = {i for rows in frames["statements"]["rows"] for i in rows.split(";") if i}
    assert cited <= acts


def test_files_of_others_stay_and_ours_of_before_go(result, tmp_path):
    written = ml.write_brief(result, tmp_path)
    (written.folder / "notes.txt").write_text("mine", encoding="utf-8")
    (written.folder / "data" / "mine.csv").write_text("mine", encoding="utf-8")
    manifest = json.loads((written.folder / "manifest.json").read_text(encoding="utf-8"))
    (written.folder / "data" / "old.csv").write_text("old", encoding="utf-8")
    manifest["files"]["data/old.csv"] = {}
    manifest["files"]["data/../../../escape"] = {}
    (written.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    ml.write_brief(result, tmp_path)
    assert (written.folder / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (written.folder / "data" / "mine.csv").exists()
    assert not (written.folder / "data" / "old.csv").exists()


def test_a_folder_that_cannot_be_written_is_said(result, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be written"):
        ml.write_brief(result, tmp_path / "file")


def test_cells_that_disagree_with_the_record_are_refused(result, tmp_path):
    from dataclasses import replace

    from minilateral.measure import Composition

    composition = result.inputs.get(Composition)
    at = next(n for n, c in enumerate(composition.cells) if c["state"] == "observed")
    wrong = [*composition.cells]
    wrong[at] = {**wrong[at], "acts": wrong[at]["acts"] + 1}
    tampered = replace(result, inputs=result.inputs.with_result(replace(composition, cells=tuple(wrong))))
    with pytest.raises(CompileRefused, match="does not recompute"):
        ml.write_brief(tampered, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_users_act_and_correction_are_marked(files):
    files.add(files.csv("a.csv", [files.row("2024-05-05-mine", participants="JPN;KOR;USA")]))
    fix = {"corrects": "2023-08-18-camp-david-summit", "field": "place_en", "old": "Camp David", "new": "Thurmont",
           "reason": "BECAUSE", "source_title": "T", "source_url": "", "known": "2024-01-01"}  # fmt: skip
    assert files.add(files.csv("b.csv", [fix], list(fix))).new == 1
    for as_of, corrected in (("2025-12-31", True), ("2023-12-31", False)):
        written = ml.write_brief(ml.run(ml.Study("USA JPN KOR", as_of, store=files.store)), files.folder / as_of)
        text = written.page.read_text(encoding="utf-8")
        assert ("BECAUSE" in text) == corrected
        assert ("Thurmont" in text) == corrected
        assert ('class="own"' in text) == corrected  # the act is of 2024


def test_documents_are_written_in_both_languages_and_go_when_not_asked_for(result, tmp_path):
    folder = ml.write_brief(result, tmp_path, formats=("all",)).folder
    files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    for language in ("zh", "en"):
        names = (f"brief.{language}.docx", f"brief.{language}.pdf", f"one-page.{language}.pdf")
        starts = (b"PK", b"%PDF-", b"%PDF-")
        for name, start in zip(names, starts, strict=True):
            data = (folder / name).read_bytes()
            assert data.startswith(start)
            assert files[name]["sha256"] == hashlib.sha256(data).hexdigest()
        assert (
            (folder / "figures" / f"timeline.{language}.svg").read_text(encoding="utf-8").startswith(("<?xml", "<svg"))
        )
    zh, en = ({p.name.split(".")[0] for p in folder.glob(f"figures/*.{x}.svg")} for x in ("zh", "en"))
    assert zh == en
    assert {"timeline", "dashboard", "mechanisms", "pairs", "wording", "comparison"} <= zh
    assert {p.stem for p in folder.glob("figures/*.png")} == {p.stem for p in folder.glob("figures/*.svg")}
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in folder.glob("figures/*.png"))
    assert (folder / "tables.xlsx").read_bytes().startswith(b"PK")
    (folder / "figures" / "mine.svg").write_text("mine", encoding="utf-8")
    ml.write_brief(result, tmp_path)
    assert not list(folder.glob("brief.*.*")) + list(folder.glob("one-page*")) + list(folder.glob("*.xlsx"))
    assert [p.name for p in folder.glob("figures/*")] == ["mine.svg"]


def test_a_format_that_nobody_writes_is_refused_before_any_work(result, tmp_path):
    with pytest.raises(BadInput, match="odt is no format of a brief"):
        ml.write_brief(result, tmp_path, formats=("docx", "odt"))
    assert not list(tmp_path.iterdir())

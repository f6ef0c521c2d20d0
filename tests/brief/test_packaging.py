"""A package makes its own tables again from the zip alone; what was changed, added or taken out is said."""

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace

import pytest

import minilateral as ml
from minilateral.brief.packaging import MOST_FILES, Differs, code_hash, installed, read_package, rerun, write_package
from minilateral.errors import BadInput
from minilateral.evidence import COLUMNS, Holdings

AS_OF = "2024-12-31"
GROUP = "AUS IND JPN"


def small(world):
    """A few acts, a mechanism with numbered sessions, a search, a promise; one row that is known too late."""
    world.add(
        "origins",
        id="hand",
        producer="a test",
        title="Acts made by hand",
        version="1",
        licence="CC0 1.0",
        citation="Hand (2024) Acts",
        accessed="2024-12-31",
    )
    world.mechanism("talks", "AUS;IND;JPN", created="2020", promised_cadence_months="12", promise_kind="promise",
                    promise_from="2020-06-01")  # fmt: skip
    world.source("src-none")
    for n, year in enumerate((2020, 2021, 2022, 2023), start=1):
        world.session("talks", f"{year}-06-01-talks", f"{year}-06-01", n, numbered=True, members="AUS;IND;JPN")
    world.add("sweeps", id="sweep-1", mechanism="talks", start="2020-01-01", end="2024-11-30", on="2024-12-01",
              language="en", place="here", query="talks", found="4")  # fmt: skip
    world.act("2022-03-01-pair", "2022-03-01", "AUS;JPN", domain="security", level="defense_minister")
    world.act("2023-03-01-quarrel", "2023-03-01", "IND;JPN", direction="conflictual", kind="dispute", level="working")
    world.act("2024-05-05-late", "2024-05-05", "AUS;IND;JPN", published="2025-02-01", summary_en="TOO LATE")
    return world.add("commitments", id="promise-1", occurrence="2023-06-01-talks", domain="security", due="2024",
                     text_en="hold a drill", text_zh="举行演习", novelty="new", source="src-2023-06-01-talks",
                     who="AUS;IND;JPN", concrete="true")  # fmt: skip


def write_record(tables, folder):
    folder.mkdir(parents=True)
    for name, columns in COLUMNS.items():
        lines = ["\t".join(columns), *("\t".join(row[c] for c in columns) for row in tables[name])]
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def record(new_world, tmp_path_factory):
    return write_record(small(new_world()).tables, tmp_path_factory.mktemp("world") / "record")


@pytest.fixture(scope="module")
def result(record):
    return ml.run(ml.Study(GROUP, AS_OF, seed=3, record=record))


LOG = ["evidence", "parts"]


@pytest.fixture(scope="module")
def package(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("package") / "package.zip"
    return write_package(result, path, release="0.1.0+abc", constraints="pyarrow==1\n", log=LOG)


def rewrite(package, path, change=lambda name, data: data, more=(), listed=False):
    """A copy with changed files (None: left out) and more of them; ``listed``: the manifest goes along."""
    with zipfile.ZipFile(package) as archive:
        files = {i.filename: archive.read(i) for i in archive.infolist()}
    files = {n: d for n, d in ((n, change(n, d)) for n, d in files.items()) if d is not None}
    if listed:
        manifest = json.loads(files["manifest.json"])
        manifest["files"] = {
            n: {"bytes": len(d), "sha256": hashlib.sha256(d).hexdigest()}
            for n, d in files.items()
            if n != "manifest.json"
        }
        files["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in [*files.items(), *more]:
            archive.writestr(name, data)
    return path


def swap(wanted, old, new):
    def change(name, data):
        assert name != wanted or old in data
        return data.replace(old, new) if name == wanted else data

    return change


def test_it_makes_its_own_tables_again(package, tmp_path):
    assert rerun(package, tmp_path / "again", ml.run) == ()
    made = {p.stem for p in (tmp_path / "again" / "again").iterdir()}
    assert {"acts", "cells", "dashboard", "statements", "fates"} <= made
    with pytest.raises(BadInput, match="is not empty"):
        rerun(package, tmp_path / "again", ml.run)


def test_unpacked_it_does_so_too_and_leaves_other_files_alone(package, tmp_path):
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path / "unpacked")
    (tmp_path / "unpacked" / "notes.txt").write_text("mine", encoding="utf-8")
    assert read_package(tmp_path / "unpacked") == read_package(package)
    (tmp_path / "unpacked" / "data" / "cells.csv").unlink()
    with pytest.raises(BadInput, match=r"lacks data/cells\.csv"):
        read_package(tmp_path / "unpacked")


def test_it_holds_what_a_deposit_needs(package, result):
    files = read_package(package)
    assert {"README.md", "LICENSE.md", "question.json", "rerun.py", "constraints.txt", "log.txt", "croissant.json",
            "data/datapackage.json", "manifest.json"} <= files.keys()  # fmt: skip
    assert {f"record/{name}.tsv" for name in COLUMNS} <= files.keys()
    tables = {n[5:-4] for n in files if n.startswith("data/") and n.endswith(".csv")}
    assert tables == set(result.frames)
    assert {f"data/{n}.parquet" for n in tables} <= files.keys()
    assert json.loads(files["question.json"]) == {
        "group": ["AUS", "IND", "JPN"], "as_of": AS_OF, "every": "year", "seed": 3, "full": False
    }  # fmt: skip
    manifest = json.loads(files["manifest.json"])
    assert manifest["code"] == {"release": "0.1.0+abc", "version": ml.__version__, "sha256": code_hash()}
    assert manifest["record"]["tables"]["occurrences"]["rows"] == 6
    assert files["log.txt"] == b"evidence\nparts\n"
    assert files["constraints.txt"] == b"pyarrow==1\n"
    readme = files["README.md"].decode()
    for heading in ("Overview", "Data availability and provenance statements", "Statement about rights",
                    "Computational requirements", "Description of programs", "Instructions to replicators",
                    "List of tables", "References"):  # fmt: skip
        assert f"# {heading}\n" in readme
    assert all(f"`data/{name}`" in readme for name in tables)
    assert "Hand (2024) Acts" in readme
    assert "CC0 1.0" in files["LICENSE.md"].decode()
    assert "see the documentation" not in readme
    compile(files["rerun.py"], "rerun.py", "exec")


def test_nothing_that_became_known_later_is_in_it(package):
    assert not any(b"TOO LATE" in data or b"2024-05-05-late" in data for data in read_package(package).values())


def test_croissant_says_what_is_there(package):
    files = read_package(package)
    croissant = json.loads(files["croissant.json"])
    assert croissant["@type"] == "sc:Dataset"
    assert croissant["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert croissant["@context"]["cr"] == "http://mlcommons.org/croissant/"
    assert all(croissant[k] for k in ("name", "description", "license", "url", "creator", "datePublished", "version"))
    objects = {o["@id"]: o for o in croissant["distribution"]}
    assert set(objects) == {n for n in files if n.endswith((".csv", ".parquet", ".tsv"))}
    for name, o in objects.items():
        assert o["@type"] == "cr:FileObject"
        assert o["sha256"] == hashlib.sha256(files[name]).hexdigest()
        assert o["contentUrl"] == name
    ids = list(objects)
    for each in croissant["recordSet"]:
        assert each["@type"] == "cr:RecordSet"
        rows = csv.reader(io.StringIO(files[f"data/{each['name']}.csv"].decode()))
        assert [f["name"] for f in each["field"]] == next(rows, [])
        assert all(f["source"]["fileObject"]["@id"] in objects for f in each["field"])
        assert {f["dataType"] for f in each["field"]} <= {"sc:Text", "sc:Integer", "sc:Float", "sc:Boolean", "sc:Date"}
        ids += [each["@id"], *(f["@id"] for f in each["field"])]
    assert len(ids) == len(set(ids))


def test_the_same_study_is_the_same_bytes(result, package, tmp_path):
    again = write_package(result, tmp_path / "b.zip", release="0.1.0+abc", constraints="pyarrow==1\n", log=LOG)
    assert again.read_bytes() == package.read_bytes()
    with zipfile.ZipFile(package) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("name", ["data/cells.csv", "record/occurrences.tsv", "question.json", "data/acts.parquet"])
def test_a_changed_file_is_found(package, tmp_path, name):
    changed = rewrite(package, tmp_path / "p.zip", lambda n, d: d + b" " if n == name else d)
    with pytest.raises(BadInput, match=f"was changed since it was made: {name}"):
        rerun(changed, tmp_path / "again", ml.run)
    assert not (tmp_path / "again").exists()


def test_a_table_that_is_not_there_or_not_listed_is_said(package, tmp_path):
    less = rewrite(package, tmp_path / "less.zip", lambda n, d: None if n == "data/floors.csv" else d)
    with pytest.raises(BadInput, match=r"lacks data/floors\.csv"):
        read_package(less)
    more = rewrite(package, tmp_path / "more.zip", more=[("data/own.csv", b"a\n1\n")])
    with pytest.raises(BadInput, match=r"holds data/own\.csv, which its manifest does not list"):
        read_package(more)


def test_a_change_that_the_manifest_hides_is_found_by_the_tables(package, tmp_path):
    def change(name, data):
        if name == "data/floors.csv":
            return None
        if name == "data/shares.parquet":
            return b"no parquet"
        return swap("data/cells.csv", b"2022", b"2021")(name, data)

    path = rewrite(package, tmp_path / "p.zip", change, more=[], listed=True)
    assert rerun(path, tmp_path / "again", ml.run) == (
        Differs("cells", "csv"),
        Differs("floors", "missing"),
        Differs("shares", "parquet"),
    )


def test_another_record_gives_other_tables(package, tmp_path):
    change = swap("record/occurrences.tsv", b"2022-03-01\tAUS;JPN", b"2021-03-01\tAUS;JPN")
    path = rewrite(package, tmp_path / "p.zip", change, listed=True)
    assert {d.table for d in rerun(path, tmp_path / "again", ml.run)} >= {"acts", "cells"}


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "data/../../evil", "C:/evil", "data\\..\\evil", "a/./b"])
def test_a_name_that_leads_outside_is_refused(package, tmp_path, name):
    path = rewrite(package, tmp_path / "p.zip", more=[(name, b"evil")])
    with pytest.raises(BadInput, match="nothing was unpacked"):
        rerun(path, tmp_path / "again", ml.run)
    assert {p.name for p in tmp_path.iterdir()} == {"p.zip"}


def test_a_manifest_or_a_link_that_leads_outside_is_refused(package, tmp_path):
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path / "unpacked")
    manifest = json.loads((tmp_path / "unpacked" / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["../secret"] = {"sha256": "0"}
    (tmp_path / "unpacked" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(BadInput, match="leads outside"):
        read_package(tmp_path / "unpacked")
    link = zipfile.ZipInfo("data/link.csv")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with pytest.raises(BadInput, match="nothing was unpacked"):
        read_package(rewrite(package, tmp_path / "link.zip", more=[(link, b"/etc/passwd")]))


def test_what_is_no_package_is_said(package, tmp_path):
    for name, data in (("text.zip", b"hello"), ("empty.zip", b""), ("cut.zip", package.read_bytes()[:-200])):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BadInput, match="is no zip that can be read"):
            read_package(tmp_path / name)
    data = bytearray(package.read_bytes())
    data[400:420] = b"\xff" * 20
    (tmp_path / "torn.zip").write_bytes(bytes(data))
    with pytest.raises(BadInput):
        read_package(tmp_path / "torn.zip")
    with pytest.raises(BadInput, match="cannot be read"):
        read_package(tmp_path / "nowhere.zip")
    with pytest.raises(BadInput, match="no package"):
        read_package(tmp_path)
    bare = rewrite(package, tmp_path / "bare.zip", lambda n, d: None if n == "manifest.json" else d)
    with pytest.raises(BadInput, match=r"has no manifest\.json"):
        read_package(bare)
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for n in range(MOST_FILES + 1):
            archive.writestr(f"f{n}", b"")
    with pytest.raises(BadInput, match="larger"):
        read_package(tmp_path / "many.zip")
    for asked in (b"[]", b"{}", b"no", b'{"group": 3, "as_of": "x"}'):
        bad = rewrite(
            package, tmp_path / "bad.zip", lambda n, d, a=asked: a if n == "question.json" else d, listed=True
        )
        with pytest.raises(BadInput, match=r"question\.json cannot be read"):
            rerun(bad, tmp_path / "again", ml.run)
    assert not (tmp_path / "again").exists()


def test_where_it_cannot_be_written_is_said(result, tmp_path):
    with pytest.raises(BadInput, match=r"does not end in \.zip"):
        write_package(result, tmp_path / "package.tar", release="1", constraints=None, log=[])
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be written"):
        write_package(result, tmp_path / "file" / "p.zip", release="1", constraints=None, log=[])


def test_without_constraints_the_installed_versions_are_named():
    found = installed()
    assert any(line.startswith("pyarrow==") for line in found)
    assert any(line.startswith("numpy==") for line in found)  # what scipy needs
    assert not any(line.startswith(("minilateral", "ruff", "pytest==")) for line in found)
    names = [line.partition("==")[0] for line in found]
    assert names == sorted(set(names))


def test_acts_of_ones_own_are_in_it_and_the_store_is_not_needed(record, files):
    mine = files.csv("mine.csv", [files.row("2024-05-05-mine", participants="AUS;IND;JPN", summary_en="MINE")])
    assert files.add(mine, record=record).new == 1
    result = ml.run(ml.Study(GROUP, AS_OF, record=record, store=files.store))
    path = write_package(result, files.folder / "p.zip", release="1", constraints=None, log=[])
    found = read_package(path)
    assert b"MINE" in found["record/occurrences.tsv"]
    assert "1 rows were added" in found["README.md"].decode()
    assert files.store.name.encode() not in b"".join(found.values())
    assert rerun(path, files.folder / "again", ml.run) == ()


def test_a_row_that_no_table_of_ours_can_hold_is_refused(result, tmp_path):
    inputs = result.inputs
    holdings = inputs.get(Holdings)
    first, *rest = holdings.record.rows["occurrences"]
    for letter in "\t\n\r":
        rows = {**holdings.record.rows, "occurrences": [{**first, "place_en": f"a{letter}b"}, *rest]}
        torn = replace(holdings, record=replace(holdings.record, rows=rows))
        with pytest.raises(BadInput, match="has a tab or a line break"):
            write_package(
                replace(result, inputs=inputs.with_result(torn)),
                tmp_path / "p.zip",
                release="1",
                constraints=None,
                log=[],
            )
    assert not list(tmp_path.iterdir())

"""The tables that ship: form, codes, days, coverage, citations, sizes; and the bytes that the build gives."""

import hashlib
import importlib.util
import json
import subprocess
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

import minilateral
from minilateral import origins
from minilateral.origins.tidy import COLUMNS, STATES, alive
from minilateral.terms import actor_register, bins
from minilateral.terms.tables import read_tsv, shipped

ROOT = Path(__file__).parents[2]
RAW = ROOT.parent / "shared" / "data"
FOLDER = Path(minilateral.__file__).parent / "data" / "series"
FORMS = {i.id: i for i in origins.indicators()}
ORIGINS = read_tsv(shipped("series", "origins.tsv"))
NAMES = [row["id"] for row in ORIGINS]


def rows(name):
    return read_tsv(shipped("series", f"{name}.tsv"))


def parts(members):
    return members.replace(">", ";").split(";")


@pytest.mark.parametrize("name", NAMES)
def test_rows_fit_the_form(name):
    found = rows(name)
    assert found
    assert tuple(found[0]) == COLUMNS
    register = actor_register()
    ends = {}
    for row in found:
        definition = FORMS[row["indicator"]]
        assert definition.origin == name
        assert row["unit"] == definition.unit
        members = parts(row["members"])
        assert all(m in register and register.lineage(m) == m and register[m].kind == "state" for m in members), row
        assert (">" in row["members"]) == (definition.form == "directed")
        assert ">" in row["members"] or members == sorted(set(members))
        start, end = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
        cut = list(bins(start, end, definition.every))
        assert (cut[0].start, cut[-1].end) == (start, end), row  # whole years or months
        assert all(alive(m, start, end) for m in members), row
        assert start >= ends.get((row["indicator"], row["members"]), date.min), row  # sorted, none twice
        ends[row["indicator"], row["members"]] = end
        assert row["state"] in STATES
        value = float(row["value"])
        if definition.kind == "binary":
            assert value in (0, 1)
        if definition.kind == "count":
            assert value >= 0
            assert value == int(value)
        if definition.kind == "share":
            assert 0 <= value <= (100 if definition.unit == "per cent" else 1)
    keys = [(r["indicator"], r["members"], r["start"]) for r in found]
    assert keys == sorted(keys)


def test_no_row_without_coverage_and_incomplete_where_it_ends():
    covers = defaultdict(list)
    for name in FORMS:
        for cover in origins.coverage(name):
            assert cover.basis in ("census", "listed")
            assert cover.start < cover.end
            covers[name].append(cover)
    assert set(covers) == set(FORMS)
    for name in NAMES:
        for row in rows(name):
            spans = origins.coverage(row["indicator"], row["members"])
            start, end = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
            assert any(c.start < end and start < c.end for c in spans), row
            inside = any(c.start <= start and end <= c.end for c in spans)
            assert inside or row["state"] == "incomplete", row


def test_origins_say_where_they_come_from():
    assert sorted({i.origin for i in FORMS.values()}) == NAMES
    for row in ORIGINS:
        assert len(row["sha256"]) == 64
        assert int(row["sha256"], 16) >= 0
        assert row["accessed"] == "2026-11-23"
        assert row["may_ship"] in ("yes", "derived")
        assert row["url"].startswith(("https://", "http://"))
        assert all(row[c] for c in ("producer", "title", "version", "licence", "terms", "citation", "raw_file"))
    text = " ".join(NAMES).lower()
    assert not any(word in text for word in ("cow", "sipri", "icews"))


def test_small_and_plain():
    files = list(FOLDER.iterdir())
    assert sum(p.stat().st_size for p in files) < 1_500_000
    assert {p.suffix for p in files} == {".tsv", ".json"}
    for path in files:
        data = path.read_bytes()
        assert b"\r" not in data
        assert b'"' not in data or path.suffix == ".json"
        assert data.endswith(b"\n")


def test_the_datapackage_fits_the_tables():
    package = json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))
    assert {r["path"] for r in package["resources"]} == {p.name for p in FOLDER.glob("*.tsv")}
    for resource in package["resources"]:
        data = (FOLDER / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}", resource["name"]
        assert [f["name"] for f in resource["schema"]["fields"]] == data.split(b"\n", 1)[0].decode().split("\t")


def test_every_indicator_has_its_card():
    card = (ROOT / "docs" / "methods" / "indicators.md").read_text(encoding="utf-8")
    assert [i for i in FORMS if f"`{i}`" not in card] == []


@pytest.mark.slow
def test_the_build_gives_the_bytes_that_ship(tmp_path):
    if not (RAW / "alliances").exists():
        pytest.skip("the raw data sets are not beside this checkout")
    if not all(importlib.util.find_spec(m) for m in ("xlrd", "rdata")):
        pytest.skip("xlrd and rdata are not installed (extra: starter)")
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "build_series.py"), str(RAW), "--out", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for path in sorted(FOLDER.iterdir()):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_without_the_raw_files_it_says_what_to_do(tmp_path):
    command = [
        sys.executable,
        str(ROOT / "tools" / "build_series.py"),
        str(tmp_path / "nowhere"),
        "--out",
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "name their folder" in done.stderr
    assert "Traceback" not in done.stderr

"""The record can be derived anew from the committed tables: same bytes twice, and the bytes that ship."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RAW = ROOT / "tools" / "starter" / "chronology"
SHARED = ROOT.parent / "shared" / "data" / "chronology"


def build(out, raw=RAW):
    command = [sys.executable, str(ROOT / "tools" / "build_starter.py"), str(raw), "--out", str(out)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def digests(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_same_bytes_twice_and_the_bytes_that_ship(tmp_path):
    for name in ("one", "two"):
        done = build(tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert digests(tmp_path / "one") == digests(ROOT / "src" / "minilateral" / "data" / "record")


@pytest.mark.skipif(not (SHARED / "events.csv").exists(), reason="the raw chronology is not beside this checkout")
def test_the_committed_chronology_is_the_one_that_was_given():
    for path in RAW.glob("*.csv"):
        assert path.read_bytes() == (SHARED / path.name).read_bytes(), path.name


def test_a_correction_that_no_longer_applies_stops_it(tmp_path):
    for path in RAW.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    events = (tmp_path / "events.csv").read_text(encoding="utf-8")
    row = next(
        line for line in events.splitlines() if line.startswith("2023-12-trilateral-dprk-cyber-working-group-1,")
    )
    mended = row.replace(",2023-12,month,", ",2023-12-07,day,")
    assert mended != row
    (tmp_path / "events.csv").write_text(events.replace(row, mended), encoding="utf-8")
    done = build(tmp_path / "out", tmp_path)
    assert done.returncode != 0
    assert "2023-12-trilateral-dprk-cyber-working-group-1" in done.stderr
    assert "remove or renew the correction" in done.stderr


def test_without_the_raw_files_it_says_what_to_do(tmp_path):
    done = build(tmp_path / "out", tmp_path / "nowhere")
    assert done.returncode != 0
    assert "name its folder" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def starter(tmp_path):
    """The builder beside tables of its own that a test may break."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "tools"


def broken(starter, name, change):
    path = starter / "starter" / f"{name}.tsv"
    lines = path.read_text(encoding="utf-8").split("\n")
    fields = lines[1].split("\t")
    header = lines[0].split("\t")
    for column, value in change.items():
        fields[header.index(column)] = value
    lines[1] = "\t".join(fields)
    path.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, str(starter / "build_starter.py"), "--out", str(starter / "out")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("acts", {"sources": "https://example.org/nobody-saw-it"}, "no page with the address"),
        ("acts", {"id": "2023-08-18-camp-david-summit"}, "an act with this id is there already"),
        ("acts", {"level": "king"}, "'king' is not a code of 'level'"),
        ("acts", {"sources": ""}, "an act has no source"),
        ("evidence", {"act": "2023-nowhere"}, "no act 2023-nowhere"),
        ("changes", {"old": "what it never said"}, "not 'what it never said'"),
        ("changes", {"field": "no_session", "old": "kedo"}, "it is no session of kedo"),
        ("promise_codes", {"id": "nowhere"}, "no such commitment"),
        ("fulfilments", {"commitment": "nowhere"}, "no such commitment"),
        ("text_codes_A", {"verb": "shout"}, "'shout' is not a code of 'verb'"),
        ("council", {"yes": "16"}, "more than fifteen votes"),
    ],
)
def test_a_row_that_does_not_fit_stops_it_with_a_line(starter, name, change, says):
    done = broken(starter, name, change)
    assert done.returncode != 0
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (starter / "out").exists()


def test_the_page_of_figures_is_true():
    command = [sys.executable, str(ROOT / "tools" / "record_tables.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

"""The record can be derived anew from the raw files: same bytes twice, and the bytes that ship."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RAW = ROOT.parent / "shared" / "data" / "chronology"
needs_raw = pytest.mark.skipif(
    not (RAW / "events.csv").exists(), reason="the raw chronology is not beside this checkout"
)


def build(out, raw=RAW):
    command = [sys.executable, str(ROOT / "tools" / "build_starter.py"), str(raw), "--out", str(out)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def digests(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


@needs_raw
def test_same_bytes_twice_and_the_bytes_that_ship(tmp_path):
    for name in ("one", "two"):
        done = build(tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert digests(tmp_path / "one") == digests(ROOT / "src" / "minilateral" / "data" / "record")


@needs_raw
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

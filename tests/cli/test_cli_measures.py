"""The commands of the measures: what they print, write and draw, and what they refuse."""

import json

import pandas as pd
import pytest

THREE = ("USA", "JPN", "KOR")
DAY = ("--as-of", "2023-12-31")
COMMANDS = {
    "dashboard": (*THREE, *DAY),
    "mechanisms": (*THREE, *DAY, "--quick"),
    "dimensions": (*THREE, *DAY, "--quick"),
    "dimensions --by-domain": (*THREE, "--as-of", "2025-12-31", "--quick"),
    "quasi-alliance": (*THREE, *DAY),
    "phases": (*THREE, *DAY),
    "compare": ("USA,JPN,KOR", "CHN,JPN,KOR", "AUS,GBR,USA", *DAY, "--quick"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_prints_a_table_writes_it_and_draws_it(cli, tmp_path, command):
    out, plot = tmp_path / "t.csv", tmp_path / "f.svg"
    ran = cli(*command.split(), *COMMANDS[command], "--out", out, "--plot", plot)
    assert ran.code == 0, ran.err
    assert len(ran.out.splitlines()) > 5
    frame = pd.read_csv(out)
    assert len(frame) > 2
    assert f"{len(frame)} rows in {out}" in ran.err
    assert plot.read_text(encoding="utf-8").lstrip().startswith("<?xml")
    again = cli(*command.split(), *COMMANDS[command], "--out", out, "--plot", plot)
    assert (again.code, again.out) == (0, ran.out)


def test_the_dashboard_of_a_day_is_of_that_day(cli):
    then = cli("dashboard", *THREE, "--as-of", "2019-12-31").out
    assert "searches reach 2019-12-31" in then
    assert "Camp David" not in then
    assert ">=2" in then.splitlines()[6]  # the defence ministers met twice in 2019


@pytest.mark.parametrize("kind", ["csv", "parquet", "json", "xlsx", "dta"])
def test_every_format_holds_the_same_table(cli, tmp_path, kind):
    out = tmp_path / f"t.{kind}"
    assert cli("quasi-alliance", *THREE, *DAY, "--out", out).code == 0
    read = {
        "csv": pd.read_csv,
        "parquet": pd.read_parquet,
        "xlsx": pd.read_excel,
        "dta": pd.read_stata,
        "json": lambda path: pd.DataFrame(json.loads(path.read_text(encoding="utf-8"))),
    }[kind]
    frame = read(out)
    assert len(frame) == 4 * (2023 - 1990 + 1)
    study = frame[(frame.definition == "study") & (frame.year == 2023)]
    assert study.probability.tolist() == [1.0]
    assert any(ord(letter) > 0x2E7F for letter in study.why_zh.iloc[0])


def test_compare_refuses_what_has_too_little_evidence_and_names_the_gap(cli):
    ran = cli("compare", "USA,JPN,KOR", "FRA,BRA", *DAY, "--quick")
    assert ran.code == 0
    assert "BRA-FRA: refused: 0 cooperative acts of exactly these on record, fewer than 5" in ran.out
    assert cli("compare", "FRA,BRA", *DAY, "--quick").code == 2


@pytest.mark.parametrize(
    ("arguments", "value", "way_out"),
    [
        (("dashboard", *THREE, "--out", "t.docx"), "t.docx", "csv, parquet, json, xlsx, dta"),
        (("phases", *THREE, "--plot", "f.gif"), "f.gif", "svg, png, pdf"),
        (("mechanisms", "FRA", "BRA"), "BRA-FRA", "record table mechanisms"),
        (("dimensions", "FRA", "BRA", "--quick"), "BRA-FRA", "or ask for one of"),
        (("quasi-alliance", "FRA", "BRA"), "BRA-FRA", "groups that are"),
        (("phases", "FRA", "BRA"), "BRA-FRA", "ask for a later day"),
        (("compare", "USA"), "'USA'", "name the others too"),
        (("dashboard", *THREE, "--as-of", "2025-13-45"), "2025-13-45", ""),
    ],
)
def test_what_cannot_be_done_is_one_clear_line_and_writes_nothing(
    cli, tmp_path, monkeypatch, arguments, value, way_out
):
    monkeypatch.chdir(tmp_path)
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    line = [each for each in ran.err.splitlines() if each.startswith("minilateral: ")]
    assert len(line) == 1
    assert value in line[0]
    assert way_out in line[0]
    assert [p.name for p in tmp_path.iterdir() if p.suffix in (".docx", ".gif")] == []

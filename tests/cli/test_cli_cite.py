"""`minilateral cite`: notes and exports of what stands behind acts."""

import json


def test_notes_of_an_act_by_id_in_a_style(cli):
    ran = cli("cite", "2023-08-18-camp-david-summit", "--lang", "zh")
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert len(lines) > 3
    assert "minilateral" in lines[-1]
    assert all("http" in line or "minilateral" in line or "《" in line or "“" in line for line in lines)


def test_exports_of_a_group_hold_every_source_once(cli, tmp_path):
    file = tmp_path / "all.json"
    ran = cli("cite", "AUS", "GBR", "USA", "--as-of", "2025-12-31", "--as", "csl", "--out", file)
    assert ran.code == 0, ran.err
    items = json.loads(file.read_text(encoding="utf-8"))
    ids = [item["id"] for item in items]
    assert len(ids) == len(set(ids)) > 10
    assert f"{len(items)} items in {file}" in ran.err
    for form, mark in (("bibtex", "@"), ("ris", "TY  - ")):
        text = cli("cite", "AUS", "GBR", "USA", "--as-of", "2025-12-31", "--as", form).out
        assert text.count(f"\n{mark}") + text.startswith(mark) == len(items)


def test_what_cannot_be_cited_is_one_line(cli):
    for arguments in (
        ("2023-08-18-camp-david-summit", "1900-nothing"),
        ("2023-08-18-camp-david-summit", "--style", "nobody's"),
        ("FRA", "BRA"),
        ("2023-08-18-camp-david-summit", "--as-of", "2020-01-01"),
    ):
        ran = cli("cite", *arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert ran.err.startswith("minilateral: ")
        assert len(ran.err.splitlines()) == 1

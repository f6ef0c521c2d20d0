"""`minilateral cite`: notes and exports of what stands behind acts."""

import json

from minilateral.brief.citing import key
from minilateral.evidence import load
from minilateral.terms import code_table


def test_notes_of_an_act_by_id_in_a_style(cli):
    ran = cli("cite", "2023-08-18-camp-david-summit", "--lang", "zh")
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert len(lines) > 3
    assert "minilateral" in lines[-1]
    assert all("http" in line or "minilateral" in line or "《" in line or "“" in line for line in lines)


def test_an_act_has_its_own_documents_and_no_data_set_that_it_does_not_rest_on(cli):
    ran = cli("cite", "2023-08-18-camp-david-summit", "--as", "csl")
    items = json.loads(ran.out)
    record = load()
    behind = record.sources_of("2023-08-18-camp-david-summit")
    assert {i["id"] for i in items[:-1]} == {key(s) for s in behind}
    assert items[-1]["id"] == "minilateral"
    tiers = [record.sources[next(s.id for s in behind if key(s) == i["id"])].tier for i in items[:-1]]
    assert tiers[0] == "government"
    assert tiers == sorted(tiers, key=code_table().codes("tier").index)


def test_series_data_sets_claims_sources_and_the_package_are_cited_too(cli):
    def ids(*what):
        ran = cli("cite", *what, "--as", "csl")
        assert ran.code == 0, ran.err
        return [i["id"] for i in json.loads(ran.out)]

    assert ids("minilateral") == ["minilateral"]
    assert ids("atop_defence") == ids("atop") == ["origin-atop", "minilateral"]
    assert ids("reign", "gpr") == ["origin-gpr", "origin-reign", "minilateral"]
    assert ids("C1") == ids("C1", "C2") == ["origin-study", "minilateral"]
    source = next(iter(load().sources.values()))
    assert ids(source.id) == [key(source), "minilateral"]
    assert "as read" not in cli("cite", "C1").out
    only = next(i for i, o in load().occurrences.items() if load().only_study(i))
    assert "origin-study" in ids(only)


def test_a_name_that_is_nearly_one_is_told(cli):
    ran = cli("cite", "2023-08-18-camp-david-sumit")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean 2023-08-18-camp-david-summit" in ran.err
    assert "atop_defence" in cli("cite", "atop_defense").err


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

"""Quasi-alliance: the coded spells, the four definitions, and what the coders' disagreement does."""

from datetime import date
from itertools import pairwise

import pytest

from minilateral.errors import NoEvidence
from minilateral.evidence import load
from minilateral.measure import quasi_alliances
from minilateral.measure.quasi_alliance import FIELDS, RULES, Profile, cha, coded_groups, definitions
from minilateral.terms import Group, code_table
from minilateral.terms.tables import read_tsv, shipped

THREE = Group.parse("USA JPN KOR")
LATE = date(2025, 12, 31)
SPELLS = read_tsv(shipped("quasi_alliance", "spells.tsv"))
SECOND = read_tsv(shipped("quasi_alliance", "codes_b.tsv"))


def years(group, definition, least=1.0, as_of=LATE):
    found = quasi_alliances(Group.parse(group), as_of)
    return [q.year for q in found if q.definition == definition and q.probability >= least]


# ---- the tables ------------------------------------------------------------------------------------------------------


def test_twelve_comparison_groups_are_coded():
    coded = coded_groups()
    assert len({g for g in coded if g != THREE}) >= 12
    assert THREE in coded
    assert {r["members"] for r in SECOND} == {";".join(g.members) for g in coded}


@pytest.mark.parametrize("rows", [SPELLS, SECOND], ids=["spells", "codes_b"])
def test_codes_are_codes(rows):
    for row in rows:
        for field in FIELDS:
            assert row[field] in code_table().codes(field), row


def test_spells_of_a_group_follow_each_other_without_a_gap():
    by_group = {}
    for row in SPELLS:
        by_group.setdefault(row["members"], []).append((int(row["from"]), int(row["to"])))
    for members, spans in by_group.items():
        assert Group.parse(members.split(";")).members == tuple(members.split(";")), members
        assert all(a <= b for a, b in spans), members
        assert all(later[0] == earlier[1] + 1 for earlier, later in pairwise(spans)), members
        assert spans[-1][1] == 2025, members


def test_neighbouring_spells_differ_in_something():
    for one, two in pairwise(SPELLS):
        if one["members"] == two["members"]:
            keys = (*FIELDS, "why_en")
            assert [one[k] for k in keys] != [two[k] for k in keys], (one["members"], two["from"])


def test_every_spell_has_sources_and_reasons_in_both_languages():
    known = {r["url"] for r in read_tsv(shipped("quasi_alliance", "sources.tsv"))}
    known |= {s.url for s in load().sources.values()}
    for row in SPELLS:
        sources = row["sources"].split()
        assert sources, (row["members"], row["from"])
        assert set(sources) <= known, (row["members"], row["from"], set(sources) - known)
        assert row["why_en"].isascii(), row["why_en"]
        assert any(ord(c) > 0x2E7F for c in row["why_zh"]), row["why_zh"]


def test_facts_have_a_source_that_is_listed():
    known = {r["url"] for r in read_tsv(shipped("quasi_alliance", "sources.tsv"))}
    known |= {s.url for s in load().sources.values()}
    assert {r["url"] for r in read_tsv(shipped("quasi_alliance", "evidence.tsv"))} <= known


def test_treaties_of_pairs_are_spans_with_a_source():
    for row in read_tsv(shipped("quasi_alliance", "pairs.tsv")):
        assert int(row["from"]) <= int(row["to"]), row
        assert row["obligation"] in code_table().codes("obligation"), row
        assert row["source"], row
        assert row["pair"] == ";".join(sorted(row["pair"].split(";"))), row


# ---- the definitions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "holds"),
    [
        (("political", "regular", "named"), {"study", "sun"}),
        (("none", "regular", "named"), {"study"}),
        (("defence", "regular", "named"), set()),  # that is an alliance
        (("political", "occasional", "implied"), {"sun"}),
        (("political", "talks", "named"), set()),
        (("consultation", "none", "none"), {"atop"}),
        (("consultation", "regular", "named"), {"study", "sun", "atop"}),
        (("agreement", "regular", "none"), set()),
    ],
)
def test_the_rules_on_the_observables(profile, holds):
    assert {name for name, rule in RULES.items() if rule(Profile(*profile))} == holds


def test_definitions_name_authors_works_and_rules_in_both_languages():
    assert [d.id for d in definitions()] == list(code_table().codes("definition"))
    assert all(d.author and d.work and d.rule_en and d.rule_zh and d.source for d in definitions())


def test_chas_definition_held_decades_before_that_of_the_study():
    by_cha, by_study = years("USA JPN KOR", "cha"), years("USA JPN KOR", "study", least=0.01)
    assert by_cha == list(range(by_cha[0], 2026))
    assert min(by_study) - by_cha[0] >= 20
    assert cha(THREE, 1966)
    assert not cha(THREE, 1952)  # no treaty with Seoul yet


def test_chas_definition_needs_a_third():
    assert not cha(Group.parse("PRK RUS"), 1970)
    assert years("PRK RUS", "cha") == []
    assert not cha(Group.parse("CHN JPN KOR"), 2020)
    assert cha(Group.parse("AUS JPN USA"), 2020)  # Japan and Australia share an ally
    assert not cha(Group.parse("AUS IND JPN USA"), 2020)  # India has none


def test_moscow_and_pyongyang_had_a_duty_to_consult_until_they_had_one_to_defend():
    assert years("PRK RUS", "atop") == list(range(2000, 2024))
    found = {q.year: q for q in quasi_alliances(Group.parse("PRK RUS"), LATE) if q.definition == "atop"}
    assert {found[y].a.obligation for y in range(2000, 2024)} == {"consultation"}
    assert found[2024].a.obligation == "defence"
    assert found[2024].probability < 1
    assert found[2025].probability == 0


def test_three_without_any_pact_are_none():
    assert all(years("CHN JPN KOR", d.id, least=0.01) == [] for d in definitions())


def test_probability_is_the_coders_disagreement_and_nothing_more():
    eighths = {n / 8 for n in range(9)}
    split = 0
    for group in coded_groups():
        for q in quasi_alliances(group, LATE):
            assert q.probability in eighths, q
            if q.definition == "cha":
                assert q.probability in (0, 1)
            elif q.b is None or q.a == q.b:
                assert q.probability == RULES[q.definition](q.a), q
            else:
                split += 0 < q.probability < 1
            if q.b is not None and q.definition != "cha":
                both = {RULES[q.definition](q.a), RULES[q.definition](q.b)}
                assert q.probability > 0 or True not in both, q
                assert q.probability < 1 or False not in both, q
    assert split > 0


def test_coder_b_stands_for_no_earlier_year():
    coded = {(r["members"], int(r["year"])) for r in SECOND}
    for q in quasi_alliances(THREE, LATE):
        assert q.b_year is None or q.b_year <= q.year
        assert q.b_year is None or ("JPN;KOR;USA", q.b_year) in coded
        assert (q.b is None) == (q.b_year is None)


def test_every_year_once_for_each_definition():
    found = quasi_alliances(THREE, LATE)
    assert len(found) == len({(q.year, q.definition) for q in found})
    assert {q.year for q in found} == set(range(1990, 2026))
    assert all(q.sources and q.why_en and q.why_zh for q in found)


def test_years_after_the_day_are_left_out():
    early = quasi_alliances(THREE, date(2015, 12, 31))
    assert max(q.year for q in early) == 2015
    late = {(q.year, q.definition): q for q in quasi_alliances(THREE, LATE)}
    assert all(late[q.year, q.definition] == q for q in early)


def test_a_year_is_not_judged_before_it_is_over():
    found = quasi_alliances(Group.parse("PRK RUS"), date(2024, 1, 2))
    assert max(q.year for q in found) == 2023


def test_a_group_that_is_not_coded_is_refused_with_the_list():
    with pytest.raises(NoEvidence, match="JPN-KOR-USA"):
        quasi_alliances(Group.parse("FRA BRA"), LATE)

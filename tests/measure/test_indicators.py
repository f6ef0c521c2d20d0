"""Yearly indicators in small worlds worked by hand: zeros, structural zeros and what was not seen."""

import random
from datetime import date

import pytest

from minilateral.evidence import load
from minilateral.measure.indicators import FIRST_YEAR, INSTRUMENT, RANK, indicators, readings, recall_of
from minilateral.terms import Group, code_table

THREE = Group.parse("USA JPN KOR")
MEMBERS = "JPN;KOR;USA"
OTHERS = {i.id for i in indicators() if i.series}
PROMISE = {"promised_cadence_months": "12", "promise_kind": "promise", "promise_from": "2020-01-01"}


def search(world, mechanism="m", start="2019", end="2023"):
    return world.add("sweeps", id=f"w-{mechanism}-{start}", mechanism=mechanism, start=start, end=end, place="p",
                     language="en", query="q", on="2024-01-01")  # fmt: skip


def yearly(world, looked=True, **fields):
    world.mechanism("m", created="2020-01-01", **{**PROMISE, **fields})
    world.session("m", "s20", "2020-06-01").session("m", "s21", "2021-06-01")
    return search(world) if looked else world


def read(world, as_of="2022-12-31", **more):
    found = readings(world.record(as_of), THREE, date.fromisoformat(as_of), **more)
    return {(r.indicator, r.year): r for r in found if r.indicator not in OTHERS}


def values(world, year, as_of="2022-12-31", **more):
    return {i: r.value for (i, y), r in read(world, as_of, **more).items() if y == year}


def test_the_declared_indicators():
    found = indicators()
    assert {i.dimension for i in found} == set(code_table().codes("dimension"))
    assert all(sum(i.anchor for i in found if i.dimension == d) == 1 for d in code_table().codes("dimension"))
    assert all(i.kind in ("count", "ordinal", "binary") for i in found)
    assert all(i.kind == "count" for i in found if i.exposed)  # recall thins counts alone
    assert all(i.name("en").isascii() and i.name("zh") for i in found)
    assert set(RANK) <= set(code_table().codes("level"))


def test_every_indicator_of_every_year(world):
    found = read(yearly(world))
    assert set(found) == {(i.id, y) for i in indicators() if not i.series for y in range(FIRST_YEAR, 2023)}


def test_a_year_with_a_meeting(world):
    assert values(yearly(world), 2021) == {
        "mechanisms_met": 1,
        "promised": 1,
        "highest_level": 5,
        "levels_met": 1,
        "stand_alone": 0,
        "instrument": 0,
        "standing_body": 0,
        "joint_acts": 1,
        "domains": 1,
        "exercises": 0,
        "working": 0,
        "outputs": 0,
        "commitments": 0,
        "targets": None,  # no statement: nobody knows what it would have said
    }
    assert read(world)["joint_acts", 2021].acts == ("s21",)


def test_a_searched_year_without_an_act_is_zero(world):
    found = read(yearly(world))["joint_acts", 2022]
    assert (found.value, found.state, found.reason, found.acts) == (0, "observed", "", ())


def test_without_a_search_nothing_is_zero(world):
    found = read(yearly(world, looked=False))
    for item in ("mechanisms_met", "joint_acts", "highest_level", "exercises", "outputs"):
        assert (found[item, 2022].value, found[item, 2022].state) == (None, "not_observed"), item
        assert found[item, 2022].reason
    assert found["exercises", 2021].value is None
    assert found["joint_acts", 2021].value == 1  # what is on record is on record
    assert found["promised", 2022].value == 1  # and so is a promise


def test_before_there_was_a_mechanism_it_could_not_be(world):
    found = read(yearly(world))
    assert {found[i, 2019].state for i, y in found if y == 2019} == {"not_applicable"}
    assert {found[i, 2019].value for i, y in found if y == 2019 and i != "targets"} == {0}
    assert found["joint_acts", 2019].reason == "no mechanism of the group existed yet"


def test_a_group_of_which_nothing_is_on_record(world):
    found = read(world)
    assert {(r.value, r.state) for r in found.values()} == {(None, "not_observed")}


# ---- other producers: what their tables hold, and nothing where they do not look ----


def others(group, as_of="2022-12-31"):
    record = load(date.fromisoformat(as_of))
    found = readings(record, Group.parse(group), date.fromisoformat(as_of))
    return {(r.indicator, r.year): (r.value, r.state) for r in found if r.indicator in OTHERS}


def test_one_treaty_of_all_members_to_consult_or_to_defend():
    pair = others("PRK RUS")
    assert pair["treaty", 1990] == (2, "observed")  # the alliance of 1961
    assert pair["treaty", 1998] == (0, "observed")  # ended in 1996, the next signed in 2000
    assert pair["treaty", 2005] == (1, "observed")
    three = others("USA JPN KOR")
    assert {three["treaty", y] for y in range(1990, 2019)} == {(0, "observed")}  # two treaties, none of all three


def test_where_another_producer_ends_nothing_is_observed():
    three = others("USA JPN KOR")
    assert {three["listed_exercises", y] for y in range(2011, 2023)} == {(None, "not_observed")}
    assert {three["treaty", y] for y in range(2019, 2023)} == {(None, "not_observed")}
    assert others("FRA BRA")["treaty", 2000] == (None, "not_observed")  # the shipped table does not cover the pair


def test_what_another_producer_published_later_is_not_known_yet():
    assert others("PRK RUS", "1991-06-01")["treaty", 1990] == (None, "not_observed")  # known a year after its end


# ---- one domain, one tier of sources ----


def test_one_domain_counts_its_own_acts_bodies_and_commitments(world):
    yearly(world, domain="diplomacy")
    world.act("drill", "2021-07-01", MEMBERS, domain="security", kind="exercise", level="military_unit")
    diplomacy, security = values(world, 2021, domain="diplomacy"), values(world, 2021, domain="security")
    whole = values(world, 2021)
    assert (whole["joint_acts"], diplomacy["joint_acts"], security["joint_acts"]) == (2, 1, 1)
    assert (diplomacy["promised"], security["promised"]) == (1, 0)
    assert "domains" not in diplomacy
    assert not OTHERS & set(diplomacy)


def test_what_rests_on_one_tier_alone_is_left_out():
    record = load(date(2023, 12, 31))
    whole = {(r.indicator, r.year): r for r in readings(record, THREE, date(2023, 12, 31))}
    for tier in ("government", "agency", "newspaper"):
        left = {r.year: r for r in readings(record, THREE, date(2023, 12, 31), without_tier=tier)
                if r.indicator == "joint_acts"}  # fmt: skip
        gone = set(whole["joint_acts", 2023].acts) - set(left[2023].acts)
        assert gone == {a for a in whole["joint_acts", 2023].acts if {s.tier for s in record.sources_of(a)} == {tier}}


def test_an_act_before_any_mechanism_counts(world):
    yearly(world).act("early", "1995-03-03", MEMBERS, level="working")
    found = read(world)
    assert (found["joint_acts", 1995].value, found["working", 1995].value) == (1, 1)
    assert (found["exercises", 1995].value, found["exercises", 1995].state) == (None, "not_observed")


@pytest.mark.parametrize(
    "fields",
    [
        {"participants": "CHN;JPN;KOR;USA"},
        {"participants": "JPN;KOR"},
        {"status": "cancelled"},
        {"status": "announced"},
        {"direction": "conflictual"},
        {"published": "2023-05-05"},
    ],
    ids=["superset", "pair", "cancelled", "announced", "conflict", "known later"],
)
def test_what_is_no_joint_act_of_the_year(world, fields):
    yearly(world).act("x", "2022-05-05", **{"participants": MEMBERS, **fields})
    assert read(world)["joint_acts", 2022].value == 0


def test_a_statement_by_correspondence_is_an_act_and_no_meeting(world):
    yearly(world).act("x", "2022-05-05", MEMBERS, kind="joint_statement", venue="correspondence", level="leader")
    found = values(world, 2022)
    assert (found["joint_acts"], found["highest_level"], found["levels_met"], found["stand_alone"]) == (1, 0, 0, 0)


def test_levels_domains_kinds(world):
    yearly(world)
    world.act("a", "2022-01-01", MEMBERS, level="defense_minister", domain="security", venue="stand_alone")
    world.act("b", "2022-02-01", MEMBERS, level="working", domain="security", venue="margins")
    world.act("c", "2022-03-01", MEMBERS, level="military_unit", domain="security", kind="exercise")
    world.act("d", "2022-04-01", MEMBERS, level="legislature", domain="values", venue="stand_alone")
    found = values(world, 2022)
    assert found["joint_acts"] == 4
    assert found["domains"] == 2
    assert found["exercises"] == 1
    assert found["working"] == 1
    assert found["highest_level"] == RANK["defense_minister"]
    assert found["levels_met"] == 2  # a drill is no meeting, parliaments are no rung
    assert found["stand_alone"] == 2


def test_outputs_commitments_and_the_strongest_instrument_so_far(world):
    yearly(world).act("plain", "2022-07-07", MEMBERS, kind="agreement_signed")
    for n, (act, kind) in enumerate([("s20", "joint_statement"), ("s21", "memorandum"), ("s21", "plan")]):
        source = f"src-{act}"
        world.add("outputs", id=f"o{n}", occurrence=act, kind=kind, title_en="T", title_zh="文", source=source)
    for n, concrete in enumerate(("true", "true", "false")):
        world.add("commitments", id=f"c{n}", occurrence="s21", domain="security", text_en="t", novelty="new",
                  source="src-s21", concrete=concrete)  # fmt: skip
    found = read(world)
    assert [found["outputs", y].value for y in (2020, 2021, 2022)] == [0, 2, 1]
    assert [found["commitments", y].value for y in (2020, 2021, 2022)] == [0, 2, 0]
    assert [found["instrument", y].value for y in (2019, 2020, 2021, 2022)] == [0, 1, 2, 2]  # it stays concluded
    assert found["instrument", 2022].acts == ("s21",)
    assert found["instrument", 2022].state == "observed"
    assert sorted(INSTRUMENT.values()) == [1, 1, 1, 2, 3, 4]


def test_promises_and_standing_bodies_end(world):
    yearly(world, ended="2021-06-30").mechanism("body", created="2020-05-05", ended="2021-12-31", standing_body="true")
    found = read(world)
    assert [found["promised", y].value for y in (2019, 2020, 2021, 2022)] == [0, 1, 1, 0]
    assert [found["standing_body", y].value for y in (2019, 2020, 2021, 2022)] == [0, 1, 1, 0]


def test_targets_spoken_of(world):
    yearly(world).add("texts", id="t", occurrence="s21", title_en="T", title_zh="文", source="src-s21", seen="full")
    said = {"dprk": ("condemn", "named"), "china": ("concern", "implied"), "russia": ("note", "named")}
    for target in code_table().codes("target"):
        verb, manner = said.get(target, ("absent", ""))
        for coder in "AB":
            world.add("text_codes", text="t", coder=coder, target=target, verb=verb, manner=manner)
    assert [read(world)["targets", y].value for y in (2020, 2021)] == [None, 2]  # a bare mention takes no side


def test_a_part_of_a_year_thins_counts(world):
    found = read(yearly(world), "2022-06-30")
    assert found["joint_acts", 2022].exposure == pytest.approx(181 / 365)
    assert found["highest_level", 2022].exposure == 1
    assert found["joint_acts", 2021].exposure == 1
    assert found["joint_acts", 2022].value == 0  # the searched months have passed


def test_recall_thins_counts(world):
    world.mechanism("m", created="2018")
    for ordinal, day in (("1", "2018-05-05"), ("4", "2021-05-05"), ("6", "2022-05-05")):
        world.session("m", f"s{ordinal}", day, ordinal, numbered=True)
    record = search(world).record("2022-12-31")
    assert recall_of(record, ["m"]) == 0.5
    assert recall_of(record, []) is None
    found = read(world)
    assert found["joint_acts", 2022].exposure == 0.5
    assert found["instrument", 2022].exposure == 1


def test_leaving_out_the_study_or_a_language(world):
    yearly(world).act("study", "2022-05-05", MEMBERS, from_study="true")
    world.act("korean", "2022-06-05", MEMBERS)
    world.tables["sources"][-1]["language"] = "ko"
    world.evidence("study", "src-korean", from_study="true")
    assert values(world, 2022)["joint_acts"] == 2
    assert values(world, 2022, without_study=True)["joint_acts"] == 1
    assert values(world, 2022, without_language="ko")["joint_acts"] == 1  # the other has an English source too
    assert values(world, 2022, without_language="ja")["joint_acts"] == 2


@pytest.mark.parametrize("seed", range(3))
def test_one_more_act_never_lowers_a_count_and_order_is_nothing(new_world, seed):
    rng = random.Random(seed)
    one, two = yearly(new_world()), yearly(new_world())
    act = {"level": rng.choice(list(RANK)), "domain": rng.choice(["security", "values"]),
           "kind": rng.choice(["meeting", "exercise", "agreement_signed"])}  # fmt: skip
    two.act("more", f"202{rng.randint(0, 2)}-0{rng.randint(1, 9)}-01", MEMBERS, **act)
    before, after = read(one), read(two)
    assert all((after[key].value or 0) >= (r.value or 0) for key, r in before.items())
    for rows in two.tables.values():
        rng.shuffle(rows)
    assert read(two) == after


def test_a_body_founded_within_the_year(world):
    yearly(world).mechanism("young", created="2021-07-01")
    search(world, "young", "2021", "2023")
    assert read(world)["exercises", 2021].value == 0


def test_a_body_need_not_be_searched_before_it_began(world):
    yearly(world).mechanism("young", created="2021-07-01")
    search(world, "young", "2021-07", "2023")
    assert read(world)["exercises", 2021].value == 0


def test_a_body_need_not_be_searched_after_it_ended(world):
    yearly(world).mechanism("dead", created="1994", ended="2002-05")
    assert read(world)["joint_acts", 2022].value == 0


def test_a_standing_body_need_not_be_searched(world):
    yearly(world).mechanism("body", created="2020-05-05", standing_body="true")
    assert read(world)["joint_acts", 2022].value == 0


# ---- the shipped record ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    day = date(2025, 12, 31)
    record = load(day)
    pairs = [
        {(r.indicator, r.year): r for r in readings(record, THREE, day, without_study=free)} for free in (False, True)
    ]
    return record, *pairs


def test_counts_of_the_record_are_its_acts(shipped):
    record, found, _ = shipped
    for r in found.values():
        assert (r.value is None) <= bool(r.reason), r
        assert r.value is None or r.value >= 0
        assert 0 < r.exposure <= 1
        assert all(record.occurrences[i].happened.start.year <= r.year for i in r.acts)
        if r.indicator == "joint_acts" and r.value is not None:
            assert r.value == len(r.acts)
    assert "2023-08-18-camp-david-summit" in found["joint_acts", 2023].acts
    assert found["highest_level", 2023].value == RANK["leader"]


def test_without_the_study_there_is_never_more(shipped):
    _, every, free = shipped
    assert all((free[key].value or 0) <= (r.value or 0) for key, r in every.items())


def test_a_year_without_drills_can_be_zero(shipped):
    _, found, _ = shipped
    recent = [found["exercises", y] for y in range(2008, 2026)]
    assert any(r.value == 0 for r in recent)

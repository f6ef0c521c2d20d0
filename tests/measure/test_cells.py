"""Cells, floors and shares in small worlds worked by hand."""

from datetime import date

import pytest

from minilateral.measure import count_cells, joint_shares, pair_floors, parts, unplaced
from minilateral.terms import Group, bins

THREE = Group.parse("USA JPN KOR")


def cells(world, group=THREE, every="year", start="2020-01-01", end="2024-01-01", as_of="2023-12-31"):
    record = world.record()
    frame = list(bins(date.fromisoformat(start), date.fromisoformat(end), every))
    return count_cells(record.lines(), parts(group), frame, every, date.fromisoformat(as_of))


def one(found, name, members, domain="all", level="all", part=None):
    here = [c for c in found if c["bin"] == name and c["members"] == members and c["domain"] == domain
            and c["level"] == level and (part is None or c["part"] == part)]  # fmt: skip
    assert len(here) == 1, here
    return here[0]


def test_membership_is_exact_and_supersets_stand_apart(world):
    world.act("a", "2021-01-01", "JPN;KOR;USA").act("b", "2021-02-01", "JPN;KOR").act(
        "c", "2021-03-01", "CHN;JPN;KOR;USA"
    )
    world.act("d", "2021-04-01", "CHN;JPN;KOR").act("e", "2021-05-01", "JPN")
    found = cells(world)
    assert one(found, "2021", "JPN;KOR;USA", part="joint")["acts"] == 1
    assert one(found, "2021", "JPN;KOR;USA", part="superset")["acts"] == 1
    assert one(found, "2021", "JPN;KOR")["acts"] == 1
    assert one(found, "2021", "JPN;USA")["state"] == "not_observed"
    assert one(found, "2021", "JPN;USA")["acts"] is None


def test_cooperative_and_conflictual_are_apart_and_only_held_acts_count(world):
    world.act("a", "2021-01-01", "JPN;KOR").act("b", "2021-02-01", "JPN;KOR", direction="conflictual")
    world.act("c", "2021-02-01", "JPN;KOR", direction="neutral", from_study="true")
    world.act("d", "2021-03-01", "JPN;KOR", status="announced").act("e", "2021-03-01", "JPN;KOR", status="cancelled")
    cell = one(cells(world), "2021", "JPN;KOR")
    assert [cell[k] for k in ("acts", "cooperative", "conflictual", "neutral", "without_study")] == [3, 1, 1, 1, 2]


def test_domains_and_levels_add_up(world):
    world.act("a", "2021-01-01", "JPN;KOR", domain="security", level="leader")
    world.act("b", "2021-01-02", "JPN;KOR", domain="security", level="working").act(
        "c", "2021-01-03", "JPN;KOR", level="working"
    )
    found = cells(world)
    assert one(found, "2021", "JPN;KOR", "security")["acts"] == 2
    assert one(found, "2021", "JPN;KOR", "diplomacy")["acts"] == 1
    assert one(found, "2021", "JPN;KOR", "all", "working")["acts"] == 2
    assert one(found, "2021", "JPN;KOR", "security", "working")["acts"] == 1
    assert one(found, "2021", "JPN;KOR", "values")["state"] == "not_observed"


def test_a_coarse_date_is_put_into_no_finer_bin(world):
    world.act("day", "2021-05-31/2021-06-02", "JPN;KOR").act("month", "2021-08", "JPN;KOR").act(
        "year", "2021", "JPN;KOR"
    )
    assert one(cells(world), "2021", "JPN;KOR")["acts"] == 3
    quarters = cells(world, every="quarter")
    assert one(quarters, "2021Q2", "JPN;KOR")["acts"] == 1  # where it starts
    assert one(quarters, "2021Q3", "JPN;KOR")["acts"] == 1
    months = cells(world, every="month")
    assert sum(c["acts"] or 0 for c in months if c["members"] == "JPN;KOR" and c["domain"] == c["level"] == "all") == 2
    frame = list(bins(date(2020, 1, 1), date(2024, 1, 1), "month"))
    assert unplaced(world.record().lines(), ["day", "month", "year"], frame) == ("year",)


def test_before_a_member_existed_a_cell_does_not_apply(world):
    world.act("a", "1951-09-08", "JPN;USA")
    found = cells(world, start="1946-01-01", end="1952-01-01", as_of="1951-12-31")
    assert one(found, "1947", "JPN;KOR")["state"] == "not_applicable"
    assert "KOR" in one(found, "1947", "JPN;KOR")["reason"]
    assert one(found, "1948", "JPN;KOR")["state"] == "not_observed"
    assert one(found, "1947", "JPN;USA")["state"] == "not_observed"


def test_a_continuator_counts_for_the_state_that_it_continues(world):
    world.act("a", "1985-01-01", "PRK;SUN").act("b", "2021-01-01", "PRK;RUS")
    found = cells(world, Group.parse("PRK RUS"), start="1984-01-01", end="2022-01-01", as_of="2021-12-31")
    assert one(found, "1985", "PRK;RUS", part="joint")["acts"] == 1
    assert one(found, "1984", "PRK;RUS", part="joint")["state"] == "not_observed"


def test_what_one_does_to_the_other_is_kept_apart(world):
    world.act("a", "2021-01-01", "JPN;KOR").act(
        "curbs", "2021-07-01", "JPN", concerns="JPN-KOR", direction="conflictual"
    )
    world.act("test", "2021-08-01", "PRK", concerns="JPN-KOR", direction="conflictual")
    cell = one(cells(world), "2021", "JPN;KOR")
    assert (cell["acts"], cell["conflictual"], cell["one_sided_conflictual"]) == (1, 0, 1)
    assert one(cells(world), "2021", "JPN;USA")["one_sided_conflictual"] is None


def test_the_last_bin_is_marked_incomplete(world):
    world.act("a", "2023-01-01", "JPN;KOR")
    found = cells(world, as_of="2023-11-30")
    assert not one(found, "2023", "JPN;KOR")["complete"]
    assert one(found, "2022", "JPN;KOR")["complete"]


@pytest.mark.parametrize(
    ("group", "kinds"),
    [("CHN JPN", {"joint", "superset"}), ("USA JPN IND AUS", {"joint", "pair", "subset", "superset"})],
)
def test_groups_of_other_sizes(world, group, kinds):
    world.act("two", "2021-01-01", "CHN;JPN").act("three", "2021-01-01", "AUS;JPN;USA").act(
        "four", "2021-01-01", "AUS;IND;JPN;USA"
    )
    found = cells(world, Group.parse(group))
    assert {c["part"] for c in found} == kinds
    joint = one(found, "2021", ";".join(Group.parse(group).members), part="joint")
    assert joint["acts"] == 1
    if "subset" in kinds:
        assert one(found, "2021", "AUS;JPN;USA")["acts"] == 1


def test_a_floor_needs_every_pair(world):
    world.act("a", "2021-01-01", "JPN;KOR").act("b", "2021-02-01", "JPN;USA").act("c", "2021-03-01", "JPN;USA")
    world.act("d", "2022-01-01", "JPN;KOR").act("e", "2022-01-01", "JPN;USA").act("f", "2022-01-02", "JPN;USA")
    world.act("g", "2022-01-01", "KOR;USA").act("h", "2021-05-01", "KOR;USA", direction="conflictual")
    floors = {f["bin"]: f for f in pair_floors(cells(world))}
    assert floors["2021"]["floor"] is None  # only a quarrel of KOR and USA was seen
    assert "KOR-USA" in floors["2021"]["reason"]
    assert floors["2022"]["floor"] == 1
    assert floors["2022"]["floor_pair"] == "JPN-KOR, KOR-USA"
    assert floors["2022"]["mean"] == pytest.approx(4 / 3)
    assert floors["2020"]["state"] == "not_observed"


def test_no_share_for_fewer_than_five_acts():
    few, enough = joint_shares([("2021", "leader", 4, 0), ("2021", "working", 2, 3)])
    assert few["share"] is None
    assert few["reason"] == "fewer than 5 acts seen"
    assert enough["share"] == 0.4
    assert enough["low"] < 0.4 < enough["high"]

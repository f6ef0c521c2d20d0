"""Cells where states continue others, meet in larger circles, or are dated coarsely; groups of two and four."""

from datetime import date

import pytest

import minilateral as ml
from minilateral.measure import count_cells, joint_shares, missing_member, pair_floors, parts, unplaced
from minilateral.terms import Group, bins


def cells(world, group, every="year", start="1984-01-01", end="1993-01-01", as_of="1992-12-31"):
    frame = bins(date.fromisoformat(start), date.fromisoformat(end), every)
    return count_cells(world.record().lines(), parts(Group.parse(group)), frame, every, date.fromisoformat(as_of))


def total(found, name, part, members, column="acts"):
    (cell,) = [
        c for c in found
        if (c["bin"], c["part"], c["members"], c["domain"], c["level"]) == (name, part, members, "all", "all")
    ]  # fmt: skip
    return cell[column]


def test_what_the_soviet_union_did_to_another_counts_for_russia(world):
    world.act("meeting", "1985-03-01", "JPN;SUN")
    world.act("landing", "1985-05-01", "SUN", concerns="JPN-SUN", direction="conflictual")
    world.act("curbs", "1985-06-01", "JPN", concerns="JPN-SUN", direction="conflictual")
    world.act("later", "1992-06-01", "RUS", concerns="JPN-RUS", direction="conflictual")
    world.act("praise", "1985-06-01", "SUN", concerns="JPN-SUN")
    found = cells(world, "JPN RUS")
    assert total(found, "1985", "joint", "JPN;RUS") == 1
    assert total(found, "1985", "joint", "JPN;RUS", "one_sided_conflictual") == 2
    assert total(found, "1992", "joint", "JPN;RUS", "one_sided_conflictual") == 1
    assert total(found, "1992", "joint", "JPN;RUS") is None  # a one-sided act makes no joint one
    assert total(found, "1986", "joint", "JPN;RUS", "one_sided_conflictual") is None


def test_the_context_of_a_group_follows_the_lineage(files):
    rows = [
        files.row("1985-05-01-landing", date="1985-05-01", participants="SUN", concerns="JPN-SUN", source_published=""),
        files.row("1985-05-02-talks", date="1985-05-02", participants="JPN;SUN", source_published=""),
    ]
    files.add(files.csv("a.csv", rows))
    result = ml.run(ml.Study("JPN RUS", "2025-12-31", store=files.store))
    from minilateral.evidence import Holdings

    holdings = result.inputs.get(Holdings)
    assert "1985-05-01-landing" in holdings.context
    assert "1985-05-02-talks" in holdings.acts
    assert total(result.inputs.get(ml.measure.Composition).cells, "1985", "joint", "JPN;RUS") == 1


def test_a_larger_circle_with_the_soviet_union_is_a_superset_of_russia(world):
    world.act("many", "1990-06-01", "KOR;SUN;USA")
    found = cells(world, "RUS USA")
    assert total(found, "1990", "superset", "RUS;USA") == 1
    assert total(found, "1990", "joint", "RUS;USA") is None


@pytest.mark.parametrize(
    ("group", "year", "missing"),
    [
        ("JPN RUS", 1985, ""),
        ("JPN KOR", 1947, "KOR"),
        ("JPN KOR", 1948, ""),
        ("CHN DEU", 1948, "CHN"),
        ("CHN DEU", 1949, ""),
    ],
)
def test_who_was_not_there_yet(group, year, missing):
    (frame,) = bins(date(year, 1, 1), date(year + 1, 1, 1), "year")
    assert missing_member(Group.parse(group), frame) == missing


def test_a_month_belongs_to_its_quarter_and_its_year_and_a_span_to_neither_half(world):
    world.act("month", "1990-05", "JPN;USA").act("across", "1990-06/1990-07", "JPN;USA").act(
        "years", "1990/1991", "JPN;USA"
    )
    for every, name, n in (("month", "1990-05", 1), ("quarter", "1990Q2", 1), ("year", "1990", 2)):
        assert total(cells(world, "JPN USA", every), name, "joint", "JPN;USA") == n
    for every, name in (("month", "1990-06"), ("quarter", "1990Q3"), ("year", "1991")):
        assert total(cells(world, "JPN USA", every), name, "joint", "JPN;USA") is None
    lines, ids = world.record().lines(), ["month", "across", "years"]

    def left(every):
        return unplaced(lines, ids, bins(date(1984, 1, 1), date(1993, 1, 1), every))

    assert [set(left(e)) for e in ("month", "quarter", "year")] == [{"across", "years"}, {"across", "years"}, {"years"}]


def test_an_announcement_is_not_unplaced_either(world):
    world.act("plan", "1990", "JPN;USA", status="announced").act("held", "1990", "JPN;USA")
    assert unplaced(world.record().lines(), ["plan", "held"], bins(date(1990, 1, 1), date(1991, 1, 1), "month")) == (
        "held",
    )


def test_a_pair_has_no_floor_and_no_share(world):
    world.act("a", "1990-01-01", "JPN;USA")
    assert pair_floors(cells(world, "JPN USA")) == []
    result = ml.run(ml.Study("CHN JPN", "2025-12-31"))
    assert len(result.frame("shares")) == len(result.frame("floors")) == 0


def test_a_floor_is_not_applicable_before_a_member_existed(world):
    world.act("a", "1947-01-01", "JPN;USA")
    floors = {f["bin"]: f for f in pair_floors(cells(world, "USA JPN KOR", "year", "1947-01-01", "1949-01-01"))}
    assert (floors["1947"]["state"], floors["1947"]["floor"]) == ("not_applicable", None)
    assert "KOR" in floors["1947"]["reason"]
    assert floors["1948"]["state"] == "not_observed"


def test_a_group_of_four_counts_its_parts_once_each(world):
    for n, who in enumerate(("AUS;JPN", "AUS;JPN", "AUS;JPN;USA", "AUS;IND;JPN;USA", "AUS;GBR;IND;JPN;USA", "JPN;KOR")):
        world.act(f"a{n}", f"1990-0{n + 1}-01", who)
    found = [c for c in cells(world, "USA JPN IND AUS") if c["acts"] and c["domain"] == c["level"] == "all"]
    assert {(c["part"], c["members"]): c["acts"] for c in found} == {
        ("pair", "AUS;JPN"): 2,
        ("subset", "AUS;JPN;USA"): 1,
        ("joint", "AUS;IND;JPN;USA"): 1,
        ("superset", "AUS;IND;JPN;USA"): 1,
    }
    assert len(parts(Group.parse("USA JPN IND AUS"))) == 1 + 6 + 4 + 1


def test_shares_of_the_shipped_record_recompute_from_its_rows():
    """Joint over joint and parts, cooperative acts of one level, counted here from the occurrences."""
    from minilateral.evidence import load

    held = [
        o for o in load(date(2025, 12, 31)).occurrences.values() if o.status == "held" and o.direction == "cooperative"
    ]
    three = {"JPN", "KOR", "USA"}
    shares = ml.run(ml.Study("USA JPN KOR", "2025-12-31")).frame("shares")
    whole = shares[shares.bin == "all"]
    assert len(whole) > 5
    for row in whole.itertuples():
        joint = sum(set(o.participants) == three for o in held if o.level == row.level)
        pairs = sum(len(o.participants) == 2 and set(o.participants) < three for o in held if o.level == row.level)
        assert (row.joint, row.parts, row.n) == (joint, pairs, joint + pairs)
        assert (row.state == "observed") == (joint + pairs >= 5)
        if row.state == "observed":
            assert row.share == pytest.approx(joint / (joint + pairs))
            assert row.low <= row.share <= row.high


@pytest.mark.parametrize(
    ("joint", "rest", "given"), [(4, 0, False), (0, 4, False), (5, 0, True), (0, 5, True), (1, 4, True)]
)
def test_the_threshold_of_a_share(joint, rest, given):
    (share,) = joint_shares([("all", "leader", joint, rest)])
    assert (share["share"] is not None) == given
    assert (share["low"] is None) == (share["high"] is None) == (not given)

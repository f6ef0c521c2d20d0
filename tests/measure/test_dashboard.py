"""The dashboard in small worlds worked by hand: floors, zeros only after a search, nothing known later."""

import random
from datetime import date

import pytest

from minilateral.evidence import load
from minilateral.measure import dashboard
from minilateral.measure.coverage import SEARCHED_SHARE, reach, searched
from minilateral.measure.dashboard import BLOCKS, MOVES, met_at, moves
from minilateral.terms import Group, Period, code_table

THREE = Group.parse("USA JPN KOR")
MEMBERS = "JPN;KOR;USA"
DAY = date(2022, 12, 31)


def search(world, mechanism, start="2019", end="2023"):
    return world.add("sweeps", id=f"w-{mechanism}-{start}-{end}", mechanism=mechanism, start=start, end=end, place="p",
                     language="en", query="q", on="2024-01-01")  # fmt: skip


def yearly(world, looked=True, **fields):
    """Leaders promised on 1 January 2020 to meet every year; they met in June 2020 and in June 2021."""
    promise = {"promised_cadence_months": "12", "promise_kind": "promise", "promise_from": "2020-01-01"}
    world.mechanism("m", created="2020-01-01", **{**promise, **fields})
    world.session("m", "s20", "2020-06-01").session("m", "s21", "2021-06-01")
    return search(world, "m") if looked else world


def read(world, as_of="2022-12-31"):
    return dashboard(world.record(as_of), THREE, date.fromisoformat(as_of))


def gauge(board, block, item, period=""):
    (found,) = (g for g in board.block(block) if (g.item, g.period) == (item, period))
    return found


def met(board, level="leader"):
    return gauge(board, "levels", level)


# ---- levels ----------------------------------------------------------------------------------------------------------


def test_a_year_without_a_session_is_a_zero_where_somebody_searched(world):
    board = read(yearly(world))
    found = met(board)
    assert (found.value, found.promised, found.state, found.reason) == (0, 1.0, "observed", "")
    assert board.reach == DAY
    assert (board.window.start, board.window.last) == (date(2022, 1, 1), DAY)


def test_without_a_search_it_is_not_observed_and_never_zero(world):
    board = read(yearly(world, looked=False))
    found = met(board)
    assert (found.value, found.state) == (None, "not_observed")
    assert found.reason
    assert found.promised == 1.0  # what was promised is on record all the same
    assert board.reach is None
    assert all(g.value is None for g in board.block("momentum"))


def test_a_search_that_ends_early_leaves_the_rest_of_the_year_open(world):
    yearly(world, looked=False)
    search(world, "m", "2019", "2022-06")
    record = world.record("2022-12-31")
    own = record.mechanisms.values()
    assert not searched(record, own, Period.parse("2022"))
    assert searched(record, own, Period(date(2022, 1, 1), date(2022, 7, 1)))
    board = dashboard(record, THREE, DAY)
    assert board.reach == date(2022, 6, 30)
    assert (board.window.start, board.window.last) == (date(2021, 7, 1), date(2022, 6, 30))


def test_the_count_is_what_is_on_record_in_the_year(world):
    found = met(read(yearly(world), "2021-12-31"))
    assert (found.value, found.acts, found.rows) == (1, ("s21",), ("m",))


@pytest.mark.parametrize(
    "fields",
    [
        {"participants": "CHN;JPN;KOR;USA"},
        {"participants": "JPN;KOR"},
        {"status": "cancelled"},
        {"status": "announced"},
        {"kind": "joint_statement", "venue": "correspondence"},
        {"kind": "other"},
        {"happened": "2021-12-31"},
        {"happened": "2023-01-01"},
    ],
    ids=["superset", "pair", "cancelled", "announced", "correspondence", "no meeting", "before", "after"],
)
def test_what_is_no_meeting_of_the_three_in_the_year(world, fields):
    yearly(world)
    world.act("x", **{"happened": "2022-05-05", "participants": MEMBERS, **fields})
    assert met(read(world)).value == 0


def test_a_vague_act_is_not_placed_in_a_window_that_cuts_its_year(world):
    record = yearly(world).act("x", "2022", MEMBERS).record()
    assert met_at(record, THREE, "leader", date(2022, 1, 1), date(2023, 1, 1)) == ("x",)
    assert met_at(record, THREE, "leader", date(2022, 1, 1), date(2022, 12, 1)) == ()
    assert met_at(record, THREE, "leader", date(2022, 2, 1), date(2023, 1, 1)) == ()


def test_an_act_that_became_known_later_does_not_enter(world):
    yearly(world)
    world.act("late", "2022-05-05", MEMBERS, published="2023-05-05")
    assert met(read(world, "2022-12-31")).value == 0
    later = read(world, "2023-06-30")
    assert later.reach == date(2023, 6, 30)
    assert met_at(world.record("2023-06-30"), THREE, "leader", date(2022, 1, 1), date(2023, 1, 1)) == ("late",)


def test_a_session_may_be_on_record_though_nobody_searched(world):
    yearly(world, looked=False).act("x", "2022-05-05", MEMBERS)
    assert (met(read(world)).value, met(read(world)).state) == (1, "observed")


def test_a_level_without_mechanism_and_act_is_not_listed(world):
    assert {g.item for g in read(yearly(world)).block("levels")} == {"leader"}


def test_what_is_owed_begins_with_the_promise_and_stops_with_the_end(world):
    assert met(read(yearly(world, promise_from="2022-06-30"))).promised == 0.5  # half a year since
    assert met(read(yearly(type(world)(), promised_cadence_months="6"))).promised == 2.0
    assert met(read(yearly(type(world)(), promise_kind="practice"))).promised is None
    ended = read(yearly(type(world)(), ended="2022-07-01"))
    assert met(ended).promised == 0.5


def test_official_numbers_bound_the_count_from_above(world):
    yearly(world, looked=False)
    for n, day in ((1, "2020-06-01"), (2, "2021-06-01")):
        world.number("m", n, day, f"s{day[2:4]}")
    world.session("m", "s23", "2023-06-01", "5", numbered=True)
    search(world, "m")
    assert met(read(world)).upper is None  # the fifth was not known by then: nobody had counted so far
    window = dashboard(world.record("2023-12-31"), THREE, date(2022, 12, 31))
    assert (met(window).value, met(window).upper) == (0, 2)  # the third and the fourth may lie in 2022


# ---- searches --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("looked", "lived", "enough"),
    [(0, 1, False), (1, 1, True), (1, 2, False), (2, 3, True), (3, 5, False), (4, 6, True), (5, 9, False)],
)
def test_two_in_three_mechanisms_must_have_been_searched(world, looked, lived, enough):
    for n in range(lived):
        world.mechanism(f"m{n}", created="2020")
        if n < looked:
            search(world, f"m{n}")
    record = world.record("2022-12-31")
    assert searched(record, record.mechanisms.values(), Period.parse("2022")) is enough
    assert (reach(record, record.mechanisms.values(), DAY) == DAY) is enough


def test_the_share_is_met_exactly_whatever_the_number():
    assert all(2 * n >= SEARCHED_SHARE * 3 * n for n in range(1, 200))


def test_reach_is_the_last_day_on_which_two_in_three_are_covered(world):
    for n, end in enumerate(("2022", "2021", "2020")):
        world.mechanism(f"m{n}", created="2019")
        search(world, f"m{n}", "2019", end)
    record = world.record()
    own = record.mechanisms.values()
    assert reach(record, own, date(2024, 1, 1)) == date(2021, 12, 31)
    assert reach(record, own, date(2021, 3, 1)) == date(2021, 3, 1)
    assert reach(record, own, date(2018, 3, 1)) is None


def test_who_did_not_live_then_need_not_be_searched(world):
    world.mechanism("m", created="2020").mechanism("dead", created="2010", ended="2015").mechanism(
        "to-come", created="2024"
    )
    world.mechanism("body", created="2010", standing_body="true")
    search(world, "m")
    record = world.record()
    assert searched(record, record.mechanisms.values(), Period.parse("2022"))
    assert not searched(record, [record.mechanisms["body"]], Period.parse("2022"))  # nothing is no search


def test_a_mechanism_need_not_be_searched_before_it_began(world):
    world.mechanism("m", created="2022-07-01")
    search(world, "m", "2022-07", "2023")
    record = world.record()
    assert searched(record, record.mechanisms.values(), Period.parse("2022"))


def test_a_mechanism_need_not_be_searched_after_it_ended(world):
    world.mechanism("m", created="2019", ended="2022-06-30")
    search(world, "m", "2019", "2022-06")
    record = world.record()
    assert searched(record, record.mechanisms.values(), Period.parse("2022"))


def test_gaps_between_searches_are_gaps(world):
    world.mechanism("m", created="2019")
    search(world, "m", "2019", "2020")
    search(world, "m", "2021-02", "2023")
    record = world.record()
    own = record.mechanisms.values()
    assert not searched(record, own, Period.parse("2021"))
    assert searched(record, own, Period.parse("2022"))


# ---- mechanisms, promises, targets -----------------------------------------------------------------------------------


def test_standings_add_up(world):
    yearly(world).mechanism("body", created="2020", standing_body="true").mechanism("old", created="2010", ended="2015")
    world.mechanism("other", members="CHN;JPN;KOR", created="2020")
    board = read(world)
    counts = {g.item: g.value for g in board.block("mechanisms")}
    assert counts.pop("all") == 3
    assert set(counts) == set(code_table().codes("standing"))
    assert sum(counts.values()) == 3
    assert (counts["running"], counts["lapsed"]) == (1, 1)
    assert {s.id for s in board.standings} == {"m", "body", "old"}


def promise(world, identifier="p", occurrence="s21", novelty="new", **fields):
    return world.add("commitments", **{"id": identifier, "occurrence": occurrence, "domain": "security", "text_en": "t",
                     "novelty": novelty, "source": f"src-{occurrence}", "concrete": "true", **fields})  # fmt: skip


def test_promises_by_what_became_of_them(world):
    yearly(world)
    nothing = read(world).block("promises")
    assert {(g.value, g.state) for g in nothing} == {(None, "not_observed")}
    promise(world).add("fulfilments", commitment="p", occurrence="s21", date="2021-06-01", part="kept")
    promise(world, "q", due="2030")
    promise(world, "vague", concrete="false")
    board = read(world)
    counts = {g.item: g.value for g in board.block("promises")}
    assert counts == {"kept": 1, "partly": 0, "not_due": 1, "overdue": 0, "lapsed": 0, "unknown": 0}
    assert (gauge(board, "promises", "kept").rows, gauge(board, "promises", "kept").acts) == (("p",), ("s21",))


def statement(world, identifier, day, **verbs):
    """A statement; its targets as both coders have them, the rest absent."""
    world.act(identifier, day, MEMBERS, kind="joint_statement", venue="correspondence")
    title = {"title_en": "T", "title_zh": "文", "source": f"src-{identifier}", "seen": "full"}
    world.add("texts", id=f"t-{identifier}", occurrence=identifier, **title)
    for target in code_table().codes("target"):
        verb, _, manner = verbs.get(target, "absent").partition(" ")
        for coder in "AB":
            world.add("text_codes", text=f"t-{identifier}", coder=coder, target=target, verb=verb, manner=manner)
    return world


def test_targets_are_the_strongest_wording_of_the_year(world):
    yearly(world)
    statement(world, "a", "2022-02-01", dprk="concern named", china="note implied", taiwan="not_seen")
    statement(world, "b", "2022-03-01", dprk="condemn implied", taiwan="not_seen")
    statement(world, "old", "2021-02-01", russia="condemn named")
    board = read(world)
    dprk = gauge(board, "targets", "dprk")
    assert (dprk.value, dprk.upper, dprk.verb, dprk.manner) == (2, 2, "condemn", "named")
    assert dprk.acts == ("a", "b")
    china = gauge(board, "targets", "china")
    assert (china.value, china.upper, china.verb, china.manner) == (1, 1, "note", "implied")
    assert (gauge(board, "targets", "russia").value, gauge(board, "targets", "russia").verb) == (0, "absent")
    taiwan = gauge(board, "targets", "taiwan")  # not seen in what was read: no silence follows
    assert (taiwan.value, taiwan.upper, taiwan.state) == (None, 2, "not_observed")


def test_no_statement_is_no_silence(world):
    found = read(yearly(world)).block("targets")
    assert {(g.value, g.state, g.reason) for g in found} == {(None, "not_observed", "no statement on record")}


# ---- momentum --------------------------------------------------------------------------------------------------------


def new(world, start="2020-01-01", end="2023-01-01"):
    found = moves(world.record(), THREE, date.fromisoformat(start), date.fromisoformat(end))
    return [(m.kind, str(m.on), m.row or m.occurrence) for m in found]


def test_a_mechanism_dated_to_the_year_is_placed_in_no_quarter(world):
    yearly(world).mechanism("vague", created="2021").mechanism("sharp", created="2021-02")
    assert ("new_mechanism", "2021", "vague") in new(world)
    assert not [m for m in new(world, "2021-01-01", "2021-07-01") if m[2] == "vague"]
    board = read(search(search(world, "vague"), "sharp"))
    rows = [r for g in board.block("momentum") if g.item == "new_mechanism" for r in g.rows]
    assert rows == ["sharp"]
    assert gauge(board, "momentum", "new_mechanism", "2021Q1").value == 1
    assert gauge(board, "momentum", "new_mechanism", "2021Q2").value == 0


def test_the_block_looks_back_eight_quarters(world):
    board = read(yearly(world), "2022-11-30")
    periods = list(dict.fromkeys(g.period for g in board.block("momentum")))
    assert periods == ["2020Q4", "2021Q1", "2021Q2", "2021Q3", "2021Q4", "2022Q1", "2022Q2", "2022Q3", "2022Q4"]
    assert {g.item for g in board.block("momentum")} == set(MOVES)


def test_an_upgrade_is_the_first_act_at_a_higher_rank_in_its_domain(world):
    world.act("a", "2021-01-05", MEMBERS, level="working", domain="security")  # below the ladder's counting rungs
    world.act("b", "2021-02-05", MEMBERS, level="foreign_minister", domain="security")
    world.act("c", "2021-03-05", MEMBERS, level="defense_minister", domain="security")  # the same rank
    world.act("d", "2021-04-05", MEMBERS, level="vice_minister", domain="security")  # lower
    world.act("e", "2021-05-05", MEMBERS, level="vice_minister", domain="values")  # another domain
    world.act("f", "2021-06-05", MEMBERS, level="leader", domain="security")
    world.act("g", "2021-07-05", MEMBERS, level="leader", domain="security")  # again
    world.act("h", "2021-08-05", MEMBERS, level="legislature", domain="values")  # no rung
    world.act("i", "2021-01-01", "CHN;JPN;KOR;USA", level="leader", domain="security")
    world.act("j", "2021-01-02", MEMBERS, level="leader", domain="security", status="cancelled")
    world.act("k", "2021-01-03", MEMBERS, level="leader", domain="security", direction="conflictual")
    assert [m[2] for m in new(world)] == ["b", "e", "f"]
    assert [m[2] for m in new(world, "2021-03-01")] == ["e", "f"]  # what came before the span still counts as before


def test_an_act_of_several_days_lies_where_it_starts(world):
    world.act("summit", "2021-06-30/2021-07-01", MEMBERS)
    assert new(world, "2021-04-01", "2021-10-01") == [("level_upgrade", "2021-06-30/2021-07-01", "summit")]
    assert ("level_upgrade", "2021-06-30/2021-07-01", "summit") in new(world, "2021-04-01", "2021-07-01")


def test_first_commitments_are_new_and_concrete(world):
    yearly(world)
    promise(world, "p")
    promise(world, "again", novelty="repeated")
    promise(world, "vague", concrete="false")
    world.act("superset", "2021-06-02", "CHN;JPN;KOR;USA")
    promise(world, "theirs", "superset")
    found = [m for m in new(world) if m[0] == "first_commitment"]
    assert found == [("first_commitment", "2021-06-01", "p")]
    assert gauge(read(world), "momentum", "first_commitment", "2021Q2").acts == ("s21",)


# ---- laws ------------------------------------------------------------------------------------------------------------


def rich(new_world):
    world = yearly(new_world())
    statement(world, "a", "2022-02-01", dprk="condemn named")
    promise(world)
    world.mechanism("n", level="working", domain="security", created="2021-03-03").session("n", "n1", "2022-04-01")
    world.act("x", "2022-08-08", MEMBERS, level="foreign_minister", domain="security")
    return search(world, "n")


def plain(board):
    return [(g.block, g.item, g.period, g.value, g.upper, g.promised, g.verb, g.state, len(g.acts), len(g.rows))
            for g in board.gauges]  # fmt: skip


def test_the_order_of_rows_changes_nothing(new_world):
    one, two = rich(new_world), rich(new_world)
    for rows in two.tables.values():
        random.Random(3).shuffle(rows)
    a, b = read(one), read(two)
    assert [(g.item, set(g.rows), g.acts) for g in a.gauges] == [(g.item, set(g.rows), g.acts) for g in b.gauges]
    assert plain(a) == plain(b)
    assert {s.id: s for s in a.standings} == {s.id: s for s in b.standings}


def test_names_change_nothing(new_world):
    one, two = rich(new_world), rich(new_world)
    names = {"m": "zz", "n": "aa", "s20": "q20", "s21": "q21", "n1": "q-n1", "x": "q-x", "p": "q-p"}
    for rows in two.tables.values():
        for row in rows:
            for column in ("id", "mechanism", "occurrence"):
                row[column] = names.get(row[column], row[column]) if column in row else ""
    for table, rows in two.tables.items():
        columns = one.tables[table][0].keys() if rows else ()
        two.tables[table] = [{c: row[c] for c in columns} for row in rows]
    assert plain(read(one)) == plain(read(two))


@pytest.mark.parametrize("seed", range(4))
def test_one_more_act_never_lowers_a_count(new_world, seed):
    rng = random.Random(seed)
    before = read(rich(new_world))
    world = rich(new_world)
    level = rng.choice(["leader", "foreign_minister", "working", "military_unit"])
    world.act("more", f"2022-{rng.randint(1, 12):02d}-{rng.randint(1, 20):02d}", MEMBERS, level=level)
    after = read(world)
    values = {(g.block, g.item, g.period): g.value for g in after.gauges}
    for g in before.gauges:
        if g.block == "levels":
            assert values[g.block, g.item, g.period] >= (g.value or 0)


def test_every_reading_has_a_number_or_a_reason(new_world):
    for board in (read(rich(new_world)), read(yearly(new_world(), looked=False)), read(new_world())):
        assert {g.block for g in board.gauges} <= set(BLOCKS)
        for g in board.gauges:
            assert (g.value is None) == (g.state != "observed"), g
            assert bool(g.reason) == (g.value is None), g
            assert g.upper is None or g.value is None or g.upper >= g.value, g


def test_an_empty_record_says_nothing(world):
    board = read(world)
    assert board.reach is None
    assert board.standings == ()
    assert gauge(board, "mechanisms", "all").value == 0  # none on record
    assert board.block("levels") == ()


# ---- the shipped record ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def boards():
    days = (date(2023, 12, 31), date(2025, 12, 31))
    return {day.year: (record := load(day), dashboard(record, THREE, day)) for day in days}


def test_the_record_at_two_days(boards):
    for year, (record, board) in boards.items():
        assert board.as_of.year == year
        assert board.reach is not None
        assert board.reach <= board.as_of
        for g in board.gauges:
            assert set(g.acts) <= record.occurrences.keys()
            assert all(record.occurrences[i].known <= board.as_of for i in g.acts)
            if g.block == "levels":
                for i in g.acts:
                    assert set(record.occurrences[i].participants) == set(THREE.members)
                    assert record.occurrences[i].status == "held"
    assert met(boards[2023][1]).value >= 1  # Camp David
    assert "2023-08-18-camp-david-summit" in met(boards[2023][1]).acts
    early = {s.id for s in boards[2023][1].standings}
    late = {s.id for s in boards[2025][1].standings}
    assert early <= late


def test_new_mechanisms_of_the_earlier_day_stand_on_the_later_one(boards):
    quarters = {g.period: set(g.rows) for g in boards[2023][1].block("momentum") if g.item == "new_mechanism"}
    again = {g.period: set(g.rows) for g in boards[2025][1].block("momentum") if g.item == "new_mechanism"}
    shared = quarters.keys() & again.keys()
    assert shared
    assert all(quarters[q] <= again[q] for q in shared)

"""How mechanisms stand: what the record says of each, worked by hand; the shipped record's known cases."""

import dataclasses
import random
from datetime import date
from statistics import median

import pytest

from minilateral.evidence import load
from minilateral.measure import standings
from minilateral.measure.mechanisms import STALE_DAYS, histories, host_of
from minilateral.measure.renewal import at_risk_days, fit
from minilateral.terms import code_table

MEMBERS = "JPN;KOR;USA"


def search(world, mechanism, start="2010", end="2023"):
    return world.add("sweeps", id=f"w-{mechanism}-{end}", mechanism=mechanism, start=start, end=end, place="p",
                     language="en", query="q", on="2024-01-01")  # fmt: skip


def yearly(world, mechanism="m", first=2011, last=2022, looked=True, **fields):
    world.mechanism(mechanism, **{"created": f"{first}-06-01", **fields})
    for year in range(first, last + 1):
        world.session(mechanism, f"{mechanism}-{year}", f"{year}-06-01")
    return search(world, mechanism) if looked else world


def history(world, mechanism="m", as_of="2023-12-31"):
    day = date.fromisoformat(as_of)
    return next(h for h in histories(world.record(as_of), day) if h.id == mechanism)


def stand(world, mechanism="m", as_of="2023-12-31"):
    day = date.fromisoformat(as_of)
    return next(s for s in standings(world.record(as_of), day) if s.id == mechanism)


# ---- what the model reads --------------------------------------------------------------------------------------------


def test_sessions_are_held_ones_with_the_span_in_which_they_may_have_begun(world):
    world.mechanism("m", created="2020")
    world.session("m", "a", "2020-06-01").session("m", "b", "2021-03").session("m", "c", "2022")
    world.act("off", "2023-01-01", MEMBERS, status="cancelled").add("sessions", mechanism="m", occurrence="off")
    read = history(world)
    assert read.sessions == (
        (date(2020, 6, 1), date(2020, 6, 1)),
        (date(2021, 3, 1), date(2021, 3, 31)),
        (date(2022, 1, 1), date(2022, 12, 31)),
    )
    assert read.since is None  # founded in a year, on no day


def test_silence_counts_as_far_as_searches_reach(world):
    yearly(world, looked=False)
    assert history(world).until == date(2022, 6, 1)  # without a search: the latest session
    search(world, "m", "2010", "2022")
    assert history(world).until == date(2022, 12, 31)
    search(world, "m", "2010", "2024")
    assert history(world).until == date(2023, 12, 31)  # never beyond the day of the question


@pytest.mark.parametrize(
    ("created", "since"),
    [("2010-09-01", date(2010, 9, 1)), ("2010-09", None), ("2011-06-01", None), ("2012-01-01", None)],
    ids=["before its first session", "in a month", "with it", "after it"],
)
def test_the_clock_starts_at_a_foundation_of_its_own(world, created, since):
    assert history(yearly(world, created=created)).since == since


def test_an_end_on_record_is_known_silence(world):
    yearly(world, looked=False, ended="2022-07-01")
    assert history(world).until == date(2023, 12, 31)
    assert history(world, as_of="2022-06-20").until == date(2022, 6, 1)


def test_recall_is_that_of_the_governments_numbers(world):
    world.mechanism("m", created="2018")
    for ordinal, day in (("1", "2018-05-05"), ("4", "2021-05-05"), ("6", "2022-05-05")):
        world.session("m", f"s{ordinal}", day, ordinal, numbered=True)
    world.mechanism("n", created="2018").session("n", "x", "2019-09-09")
    assert history(world).recall == (3.5, 3.5)  # three of six on record, Jeffreys
    assert history(world, "n").recall == (1.0, 1.0)  # one counted mechanism is none to borrow from
    assert (stand(world).recall, stand(world).counted, stand(world, "n").counted) == (0.5, True, False)


def test_standing_bodies_have_no_history(world):
    yearly(world).mechanism("body", created="2015", standing_body="true")
    assert [h.id for h in histories(world.record(), date(2023, 12, 31))] == ["m"]
    found = stand(world, "body")
    assert (found.state, found.p_alive, found.next_mid, found.sessions) == ("running", None, None, 0)


def test_caretakers_are_not_at_risk_for_leaders_alone(world):
    yearly(world).mechanism("low", level="working", created="2015-01-01")
    for n, (state, start, end) in enumerate(
        [("KOR", "2016-12-09", "2017-02-01"), ("KOR", "2017-02-01", "2017-05-10"), ("CHN", "2012-01-01", "2012-02-01")]
    ):
        who = {"id": f"g{n}", "state": state, "office": "head_of_state", "person_en": "A", "person_zh": "甲"}
        world.add("governments", **who, start=start, end=end, caretaker="true", sources="src-m-2011")
    assert history(world).at_risk_exclusions == ((date(2016, 12, 9), date(2017, 5, 10)),)
    assert history(world, "low").at_risk_exclusions == ()
    assert history(world, as_of="2017-03-01").at_risk_exclusions == ((date(2016, 12, 9), None),)  # nobody knew its end


def beside(world, venue="margins", host="Shangri-La Dialogue", days=("2021-06-04", "2022-06-10", "2023-06-02")):
    world.mechanism("m", level="defense_minister", domain="security", created="2021-06-04")
    for n, day in enumerate(days):
        world.act(f"s{n}", day, MEMBERS, level="defense_minister", venue=venue, margins_of=host)
        world.add("sessions", mechanism="m", occurrence=f"s{n}")
    return search(world, "m", "2021", "2023")


def test_meetings_beside_a_host_count_its_occasions(world):
    found = history(beside(world)).occasions
    held = (date(2021, 6, 4), date(2022, 6, 10), date(2023, 6, 2))
    assert found[:3] == held
    # the median day of the year is 4 June 2021 (155th): the 155th of each year to come, 3 June in a leap year
    assert found[3:] == (date(2024, 6, 3), date(2025, 6, 4), date(2026, 6, 4), date(2027, 6, 4), date(2028, 6, 3))
    assert stand(world).margins
    assert stand(world).next_mid is not None


@pytest.mark.parametrize(
    "fields", [{"venue": "stand_alone"}, {"host": "a change of command"}, {"days": ("2022-06-10", "2023-06-02")}]
)
def test_what_is_no_mechanism_of_margins(world, fields):
    assert history(beside(world, **fields)).occasions is None
    assert not stand(world).margins


def test_hosts_are_found_in_the_wording():
    assert host_of("19th Shangri-La Dialogue") == "shangri_la"
    assert host_of("APEC Women") == ""
    assert host_of("") == ""


# ---- how it stands ---------------------------------------------------------------------------------------------------


def test_a_yearly_body_is_alive_and_a_silent_one_is_not(world):
    yearly(world).mechanism("gone", created="2001-06-01")
    for year in range(2001, 2011):
        world.session("gone", f"g{year}", f"{year}-06-01")
    search(world, "gone", "2001", "2023")
    alive, gone = stand(world, as_of="2022-12-31"), stand(world, "gone", as_of="2022-12-31")
    assert (alive.state, gone.state) == ("alive", "lapsed")
    assert alive.p_alive > 0.9 > 0.1 > gone.p_alive
    assert alive.low <= alive.p_alive <= alive.high
    assert date(2022, 12, 31) < alive.next_low < alive.next_mid < alive.next_high
    assert gone.next_mid is None
    assert (alive.last, alive.sessions) == (date(2022, 6, 1), 12)


def test_where_nobody_searched_silence_says_nothing(world):
    yearly(world, first=2001, last=2010, looked=False)
    found = stand(world)
    assert (found.at, found.state) == (date(2010, 6, 1), "uncertain")
    assert "2010-06-01" in found.reason
    assert found.p_alive > 0.5  # of that day


@pytest.mark.parametrize(("as_of", "stale"), [("2022-12-31", False), ("2023-12-31", False), ("2024-01-01", True)])
def test_a_search_may_be_a_year_old(world, as_of, stale):
    yearly(world, looked=False)
    search(world, "m", "2010", "2022")
    found = stand(world, as_of=as_of)
    assert found.at == date(2022, 12, 31)
    assert (found.state, bool(found.reason)) == (("uncertain", True) if stale else ("alive", False))
    assert ((date.fromisoformat(as_of) - found.at).days > STALE_DAYS) is stale


def test_an_end_with_a_successor_and_one_without(world):
    yearly(world, last=2018, ended="2019-01-01", successor="next").mechanism("next", created="2019")
    yearly(world, "over", last=2018, ended="2019-01-01")
    assert (stand(world).state, stand(world, "over").state) == ("superseded", "lapsed")
    assert stand(world).next_mid is None
    assert "ended" in stand(world).reason


def test_an_end_to_come_is_not_known_yet(world):
    yearly(world, last=2018, ended="2019-01-01", successor="next").mechanism("next", created="2019")
    assert stand(world, as_of="2018-12-01").state == "alive"


def test_a_session_called_off_suspends_until_the_next_is_held(world):
    yearly(world).act("off", "2023-06-01", MEMBERS, status="cancelled").add("sessions", mechanism="m", occurrence="off")
    assert stand(world).state == "suspended"
    world.session("m", "again", "2023-09-01")
    assert stand(world).state == "alive"


def test_a_mechanism_that_began_after_its_last_search_is_uncertain(world):
    yearly(world).mechanism("young", created="2023-11")
    search(world, "young", "2010", "2022")
    found = stand(world, "young")
    assert (found.state, found.p_alive) == ("uncertain", None)
    assert found.reason


def test_order_and_more_silence(new_world):
    worlds = [yearly(yearly(new_world(), last=2019), "n", first=2015, level="working") for _ in range(2)]
    for rows in worlds[1].tables.values():
        random.Random(1).shuffle(rows)
    one, two = ({s.id: s for s in standings(w.record("2023-12-31"), date(2023, 12, 31))} for w in worlds)
    assert one == two
    earlier = stand(worlds[0], as_of="2021-06-01")
    assert earlier.p_alive > one["m"].p_alive


def test_only_the_asked_members_in_the_order_of_the_record(world):
    yearly(world).mechanism("other", members="CHN;JPN;KOR", created="2015")
    found = standings(world.record("2023-12-31"), date(2023, 12, 31), members=("JPN", "KOR", "USA"))
    assert [s.id for s in found] == ["m"]


def test_an_empty_record_has_no_mechanism(world):
    assert standings(world.record(), date(2023, 12, 31)) == ()


# ---- the shipped record ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def late():
    day = date(2025, 12, 31)
    record = load(day)
    return record, {h.id: h for h in histories(record, day)}, {s.id: s for s in standings(record, day)}


@pytest.fixture(scope="module")
def in_2019():
    day = date(2019, 12, 31)
    record = load(day)
    return record, histories(record, day), {s.id: s for s in standings(record, day)}


def test_tcog_was_superseded_by_the_envoys(in_2019):
    record, _, found = in_2019
    assert found["ujk-tcog"].state == "superseded"
    assert record.mechanisms["ujk-tcog"].successor == "ujk-dprk-envoys"
    assert found["ujk-tcog"].next_mid is None


def test_without_the_records_word_the_silence_of_tcog_speaks(in_2019):
    _, read, _ = in_2019
    day = date(2019, 12, 31)
    tcog = dataclasses.replace(next(h for h in read if h.id == "ujk-tcog"), until=None, declared="")
    population = fit(read, as_of=day, seed=0, fast=True).hyper
    days = [date(2003, 7, 1), date(2003, 12, 31), date(2004, 6, 30), date(2004, 12, 31), date(2005, 12, 31)]
    p = [float(fit([tcog], as_of=d, seed=0, hyper=population).p_alive[0]) for d in days]
    assert p == sorted(p, reverse=True)
    assert p[0] > 0.9
    assert p[-1] < 0.1


def test_caretaker_time_in_seoul_is_not_at_risk_for_leaders(late):
    _, read, _ = late
    spans = read["ujk-leaders"].at_risk_exclusions
    # one day, 1 May 2025, stands between two caretakers in the table of governments
    assert at_risk_days(date(2024, 12, 14), date(2025, 6, 4), spans) <= 1
    assert at_risk_days(date(2025, 6, 5), date(2025, 9, 1), spans) == (date(2025, 9, 1) - date(2025, 6, 5)).days
    assert read["ujk-vice-foreign-ministers"].at_risk_exclusions == ()


def test_mechanisms_of_margins_have_occasions_after_the_day(late):
    _, read, found = late
    beside = [s.id for s in found.values() if s.margins]
    assert {"ujk-leaders", "ujk-foreign-ministers", "ujk-defence-ministers"} <= set(beside)
    for i in beside:
        days = read[i].occasions
        assert list(days) == sorted(set(days))
        assert days[-1] > date(2025, 12, 31)
    assert all(read[i].occasions is None for i in read if i not in beside)


def test_standing_bodies_are_running(late):
    record, read, found = late
    bodies = {m.id for m in record.mechanisms.values() if m.standing_body and not m.ended}
    assert {"ujk-secretariat", "ujk-missile-data-sharing"} <= bodies
    assert {found[i].state for i in bodies} == {"running"}
    assert not bodies & read.keys()


def test_every_standing_of_the_record_makes_sense(late):
    record, _, found = late
    assert list(found) == list(record.mechanisms)
    for s in found.values():
        assert s.state in code_table().codes("standing")
        assert s.at <= date(2025, 12, 31)
        assert s.last is None or s.last <= date(2025, 12, 31)
        if s.p_alive is not None:
            assert 0 <= s.low <= s.p_alive + 1e-9, s.id
            assert s.p_alive <= s.high + 0.35, s.id  # the mean of a skewed spread may lie above its end
            assert 0 <= s.high <= 1, s.id
        if s.next_mid is not None:
            assert s.at < s.next_low <= s.next_mid <= s.next_high, s.id
        if s.state in ("superseded", "lapsed"):
            assert s.next_mid is None
        if not s.reason and s.p_alive is not None:
            expected = "alive" if s.p_alive >= 0.8 else "lapsed" if s.p_alive < 0.2 else "uncertain"
            assert s.state == expected, s.id


def test_few_sessions_leave_a_wide_interval(late):
    _, _, found = late
    width = {True: [], False: []}
    for s in found.values():
        if s.p_alive is not None and (s.sessions <= 2 or s.sessions >= 10):
            width[s.sessions <= 2].append(s.high - s.low)
    assert median(width[True]) > 2 * median(width[False])


def test_a_single_session_and_long_silence_is_uncertain(late):
    _, _, found = late
    sure = [s.id for s in found.values() if s.p_alive is not None and s.sessions == 1
            and (s.at - s.last).days > 540 and s.state == "alive" and s.high - s.low < 0.2]  # fmt: skip
    assert sure == []

"""Recall and bounds: small worlds worked by hand, and simulated ones whose truth is known."""

import random
from datetime import date, timedelta

import pytest
from scipy.stats import beta

from minilateral.evidence import jeffreys, load, mechanisms_of, recalls, session_bounds
from minilateral.terms import Group

THREE = Group.parse("USA JPN KOR")


def bounds(record, start, end, every="year", mechanism="m"):
    return {b.label: (b.lower, b.upper, b.state) for b in session_bounds(record, mechanism, start, end, every)}


@pytest.mark.parametrize(("x", "n"), [(1, 2), (4, 22), (14, 15), (7, 22), (30, 57)])
def test_jeffreys_is_the_quantiles_of_its_beta(x, n):
    low, high = jeffreys(x, n)
    assert low == pytest.approx(beta.ppf(0.05, x + 0.5, n - x + 0.5))
    assert high == pytest.approx(beta.ppf(0.95, x + 0.5, n - x + 0.5))
    assert low < x / n < high


def test_jeffreys_at_the_ends():
    assert jeffreys(0, 9)[0] == 0
    assert jeffreys(9, 9)[1] == 1
    assert jeffreys(0, 9)[1] == pytest.approx(1 - jeffreys(9, 9)[0])
    with pytest.raises(ValueError):
        jeffreys(3, 2)


def test_jeffreys_covers_about_what_it_says():
    """Average coverage over proportions is close to the nominal 90 % (Brown, Cai and DasGupta 2001, figure 5)."""
    rng = random.Random(5)
    n, hits, tries = 20, 0, 4000
    intervals = [jeffreys(x, n) for x in range(n + 1)]
    for _ in range(tries):
        p = rng.uniform(0.05, 0.95)
        low, high = intervals[sum(rng.random() < p for _ in range(n))]
        hits += low <= p <= high
    assert 0.88 <= hits / tries <= 0.92


def test_the_world_of_the_docstring(world):
    world.mechanism("m", created="2020")
    world.source("src-none")
    world.session("m", "one", "2020-05-01", 1, numbered=True)
    world.session("m", "three", "2022-05-01", 3, numbered=True)
    found = bounds(world.record(), date(2019, 1, 1), date(2024, 1, 1))
    assert found == {
        "2019": (0, 0, "not_applicable"),
        "2020": (1, 2, "observed"),
        "2021": (0, 1, "not_observed"),
        "2022": (1, None, "observed"),
        "2023": (0, None, "not_observed"),
    }


def test_a_year_that_the_numbering_leaves_no_room_for_is_a_true_zero(world):
    world.mechanism("m", created="2019")
    world.source("src-none")
    for n, year in enumerate((2019, 2021, 2022), start=1):
        world.session("m", f"s{n}", f"{year}-05-01", n, numbered=True)
    found = bounds(world.record(), date(2019, 1, 1), date(2023, 1, 1))
    assert found["2020"] == (0, 0, "observed")
    assert found["2021"] == (1, 1, "observed")


def test_a_seen_session_without_a_number_fills_the_gap(world):
    world.mechanism("m", created="2019")
    world.source("src-none")
    world.session("m", "s1", "2019-05-01", 1, numbered=True)
    world.session("m", "s2", "2020-05-01")
    world.session("m", "s3", "2021-05-01", 3, numbered=True)
    assert bounds(world.record(), date(2019, 1, 1), date(2022, 1, 1)) == {
        "2019": (1, 1, "observed"),
        "2020": (1, 1, "observed"),
        "2021": (1, None, "observed"),
    }


def test_sessions_before_the_first_number_are_missing_since_the_beginning(world):
    world.mechanism("m", created="2018")
    world.source("src-none")
    world.session("m", "s3", "2020-05-01", 3, numbered=True)
    found = bounds(world.record(), date(2017, 1, 1), date(2021, 1, 1))
    assert found["2017"][2] == "not_applicable"
    assert found["2018"] == (0, 2, "not_observed")
    assert found["2019"] == (0, 2, "not_observed")
    assert found["2020"] == (1, None, "observed")


def test_without_official_numbers_nothing_is_bounded(world):
    world.mechanism("m", created="2019")
    world.source("src-none")
    world.session("m", "s1", "2020-05-01", 7)
    world.number("m", 7, "2020-05-01", "s1", official="false")
    found = bounds(world.record(), date(2019, 1, 1), date(2022, 1, 1))
    assert found == {
        "2019": (0, None, "not_observed"),
        "2020": (1, None, "observed"),
        "2021": (0, None, "not_observed"),
    }
    assert recalls(world.record(), THREE) == ()


def test_a_numbered_session_of_which_there_is_no_row_still_took_place(world):
    world.mechanism("m", created="2019")
    world.source("src-none")
    world.session("m", "s1", "2019-05-01", 1, numbered=True)
    world.number("m", 2, "2020-05-01")
    world.session("m", "s3", "2021-05-01", 3, numbered=True)
    assert bounds(world.record(), date(2019, 1, 1), date(2022, 1, 1))["2020"] == (1, 1, "observed")


def test_announced_and_cancelled_sessions_are_none(world):
    world.mechanism("m", created="2019")
    for status in ("announced", "cancelled"):
        world.act(status, "2020-05-01", "JPN;KOR;USA", status=status).add("sessions", mechanism="m", occurrence=status)
    assert bounds(world.record(), date(2019, 1, 1), date(2021, 1, 1))["2020"] == (0, None, "not_observed")


def test_nothing_is_looked_for_after_the_end(world):
    world.mechanism("m", created="1999", ended="2003-06-13")
    world.session("m", "s", "2003-06-13")
    found = bounds(world.record(), date(2002, 1, 1), date(2005, 1, 1))
    assert found["2003"][2] == "observed"
    assert found["2004"] == (0, 0, "not_applicable")


@pytest.mark.parametrize("every", ["year", "quarter", "month"])
@pytest.mark.parametrize("seed", range(40))
def test_bounds_hold_in_simulated_worlds(new_world, seed, every):
    """Sessions at random days, most of them lost, some of the rest numbered: the truth lies within the bounds."""
    rng = random.Random(seed)
    days = sorted(date(2010, 1, 1) + timedelta(days=d) for d in rng.sample(range(3650), rng.randrange(2, 25)))
    world = new_world().mechanism("m", created=days[0].isoformat()).source("src-none")
    last_numbered = None
    for n, day in enumerate(days, start=1):
        numbered = rng.random() < 0.5
        if rng.random() < 0.3:
            world.session("m", f"s{n}", day.isoformat(), n if numbered else "", numbered=numbered)
            last_numbered = day if numbered else last_numbered
    record = world.record()
    start, end = date(2009, 1, 1), date(2020, 12, 31)
    total = 0
    for bound in session_bounds(record, "m", start, end, every):
        truth = sum(bound.bin.start <= day < bound.bin.end for day in days)
        total += truth
        assert bound.lower <= truth, bound
        assert bound.upper is None or truth <= bound.upper, bound
        assert (bound.state == "observed") == (bound.lower > 0 or (bound.upper == 0 and bound.reason[:3] == "the")), (
            bound
        )
        if last_numbered is None or bound.bin.end > last_numbered + timedelta(days=1):
            assert bound.upper is None or bound.state == "not_applicable"
    assert total == len(days)


def test_recall_counts_up_to_the_latest_number(world):
    world.mechanism("m", created="2010")
    world.source("src-none")
    for n in (2, 5, 6):
        world.session("m", f"s{n}", f"20{10 + n}-05-01", n, numbered=True)
    world.session("m", "later", "2019-05-01")
    (found,) = recalls(world.record(), THREE)
    assert (found.official, found.seen, found.recall, found.conflict) == (6, 3, 0.5, False)


def test_more_seen_than_numbered_is_a_conflict(world):
    world.mechanism("m", created="2010")
    world.source("src-none")
    for n in range(1, 8):
        world.session("m", f"s{n}", f"20{10 + n}-05-01")
    world.session("m", "five", "2019-05-01", 5, numbered=True)
    (found,) = recalls(world.record(), THREE)
    assert found.conflict
    assert found.high == 1


def test_few_rounds_make_no_recall(world):
    world.mechanism("m", created="2010")
    world.source("src-none")
    world.session("m", "s", "2014-05-01", 4, numbered=True)
    assert recalls(world.record(), THREE) == ()


def test_other_groups_mechanisms_are_not_ours(world):
    world.mechanism("ours").mechanism("pair", members="JPN;KOR").mechanism("other", members="CHN;JPN;KOR")
    assert mechanisms_of(world.record(), THREE) == ["ours", "pair"]


@pytest.mark.parametrize(
    ("mechanism", "official", "by"),
    [("ujk-vice-foreign-ministers", 15, "2025-07"), ("ujk-tri-chod", 22, "2025-07"), ("ujk-dtt", 15, "2024-09")],
)
def test_what_governments_counted(mechanism, official, by):
    found = {r.mechanism: r for r in recalls(load(date(2025, 12, 31)), THREE)}[mechanism]
    assert found.official == official
    assert (found.until - timedelta(days=1)).isoformat().startswith(by)
    assert 0 < found.recall <= 1
    assert found.low < found.recall <= found.high


def test_a_conflict_is_said_and_gives_no_recall(world):
    from minilateral.brief import compile_statement
    from minilateral.evidence import Holdings, sections

    world.mechanism("m", created="2010")
    world.source("src-none")
    for n in range(1, 8):
        world.session("m", f"s{n}", f"20{10 + n}-05-01")
    world.session("m", "five", "2019-05-01", 5, numbered=True)
    record = world.record("2020-01-01")
    holdings = Holdings(record, THREE, tuple(record.occurrences), (), date(2011, 1, 1), recalls(record, THREE), ())
    said = {s.id: s for s in sections(holdings)}
    assert "recall.mechanism" not in said
    assert "no recall is given" in compile_statement(said["recall.conflict"], record).text("en")

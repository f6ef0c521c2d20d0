"""Bounds in simulated worlds whose truth is known: coarse dates, lost sessions, doubtful matches."""

import random
from datetime import date, timedelta

from minilateral.evidence import recalls, session_bounds
from minilateral.terms import Group

WORLDS = 200
FIRST, LAST = date(2009, 1, 1), date(2021, 1, 1)


def days_of(rng):
    """True days of the sessions: bursts and long silences, none within five days of another."""
    day, days = date(2010, 1, 1) + timedelta(days=rng.randrange(400)), []
    while day < date(2020, 6, 1) and len(days) < 30:
        days.append(day)
        day += timedelta(days=rng.choice((5, 9, 30, 30, 90, 365, 365, 700)) + rng.randrange(5))
    return days


def as_told(rng, day):
    """The day as exactly as somebody gives it."""
    return rng.choice(
        [day.isoformat()] * 5
        + [
            f"{day.isoformat()}/{(day + timedelta(days=2)).isoformat()}",
            day.isoformat()[:7],
            day.isoformat()[:7],
            f"{day.year}",
        ]
    )


def simulate(new_world, rng):
    days = days_of(rng)
    created = rng.choice((days[0].isoformat(), str(days[0].year), ""))
    world = new_world().mechanism("m", created=created).source("src-none")
    seen, numbered, unnumbered = rng.random(), rng.random(), 0
    for n, day in enumerate(days, start=1):
        if rng.random() < seen:
            told = as_told(rng, day)
            fate = rng.random()
            if fate < numbered:
                world.session("m", f"s{n}", told, n, numbered=True)
            else:
                world.session("m", f"s{n}", told)
                unnumbered += 1
                if rng.random() < 0.2:  # a government gives the number, and nobody has said that it is this row
                    world.number("m", n, as_told(rng, day))
        elif rng.random() < 0.15:
            world.number("m", n, as_told(rng, day))
    return days, world.record(), unnumbered


def test_the_truth_lies_within_the_bounds(new_world):
    closed = zeros = widths = 0
    for seed in range(WORLDS):
        days, record, _ = simulate(new_world, random.Random(seed))
        for every in ("year", "quarter", "month"):
            total = 0
            found = session_bounds(record, "m", FIRST, LAST, every)
            for bound in found:
                truth = sum(bound.bin.start <= day < bound.bin.end for day in days)
                total += truth
                assert bound.lower <= truth, (seed, bound)
                assert bound.upper is None or truth <= bound.upper, (seed, bound)
                if bound.state == "observed" and bound.lower == 0:
                    zeros += 1
                    assert truth == 0, (seed, bound)
                if bound.upper is not None and bound.state != "not_applicable":
                    closed += 1
                    widths += bound.upper - bound.lower
            assert total == len(days)
            assert sum(b.lower for b in found) <= len(days)
    # the bounds do say something: many bins are closed, some are shown to be empty, and the room is not endless
    assert closed > 10_000
    assert zeros > 1_000
    assert widths / closed < 6


def test_finer_bins_never_promise_more_than_coarser_ones(new_world):
    """What is sure of the months of a year is sure of the year; what may be in the year may be in its months."""
    for seed in range(60):
        _, record, _ = simulate(new_world, random.Random(1000 + seed))
        years = {b.bin.start.year: b for b in session_bounds(record, "m", FIRST, LAST, "year")}
        for every in ("quarter", "month"):
            for year, whole in years.items():
                fine = [b for b in session_bounds(record, "m", FIRST, LAST, every) if b.bin.start.year == year]
                assert sum(b.lower for b in fine) <= whole.lower
                uppers = [b.upper for b in fine]
                if whole.upper is not None and None not in uppers and whole.state != "not_applicable":
                    assert whole.upper <= sum(uppers)


def test_everything_seen_and_numbered_to_the_day_leaves_no_room(new_world):
    """With nothing lost, each bin up to the last number is closed and exact."""
    for seed in range(20):
        days = days_of(random.Random(seed))
        world = new_world().mechanism("m", created=days[0].isoformat()).source("src-none")
        for n, day in enumerate(days, start=1):
            world.session("m", f"s{n}", day.isoformat(), n, numbered=True)
        for bound in session_bounds(world.record(), "m", FIRST, LAST, "quarter"):
            truth = sum(bound.bin.start <= day < bound.bin.end for day in days)
            assert bound.lower == truth
            if bound.bin.end <= days[-1]:
                assert bound.upper == truth


def test_a_session_known_to_the_year_makes_no_month_empty(world):
    world.mechanism("m", created="2019").source("src-none")
    world.session("m", "one", "2019-05-01", 1, numbered=True)
    world.session("m", "two", "2020")
    world.session("m", "three", "2021-05-01", 3, numbered=True)
    found = {b.label: b for b in session_bounds(world.record(), "m", date(2020, 1, 1), date(2021, 1, 1), "quarter")}
    assert {(b.lower, b.upper, b.state) for b in found.values()} == {(0, 1, "not_observed")}
    (year,) = session_bounds(world.record(), "m", date(2020, 1, 1), date(2021, 1, 1), "year")
    assert (year.lower, year.upper, year.state) == (1, 1, "observed")


def test_two_sessions_of_one_month_are_two(world):
    world.mechanism("m", created="2019").source("src-none")
    world.session("m", "one", "2019-05-01", 1, numbered=True)
    world.session("m", "two", "2020-03").session("m", "three", "2020-03")
    world.session("m", "four", "2021-05-01", 4, numbered=True)
    (year,) = session_bounds(world.record(), "m", date(2020, 1, 1), date(2021, 1, 1), "year")
    assert (year.lower, year.upper) == (2, 2)


def test_a_number_without_a_row_may_be_the_row_without_a_number(world):
    """The 2nd took place in 2020, says a government; the record holds a session of May 2020: one session or two."""
    world.mechanism("m", created="2019").source("src-none")
    world.session("m", "one", "2019-05-01", 1, numbered=True)
    world.session("m", "may", "2020-05-05").number("m", 2, "2020")
    world.session("m", "four", "2021-05-01", 4, numbered=True)
    (year,) = session_bounds(world.record(), "m", date(2020, 1, 1), date(2021, 1, 1), "year")
    assert (year.lower, year.upper) == (1, 3)


def test_a_number_of_the_same_day_is_that_row(world):
    world.mechanism("m", created="2019").source("src-none")
    world.session("m", "one", "2019-05-01", 1, numbered=True)
    world.session("m", "may", "2020-05-05").number("m", 2, "2020-05-05")
    world.session("m", "three", "2021-05-01", 3, numbered=True)
    (year,) = session_bounds(world.record(), "m", date(2020, 1, 1), date(2021, 1, 1), "year")
    assert (year.lower, year.upper) == (1, 1)


def test_recall_counts_what_its_expression_counts(new_world):
    """`seen` is what the selection behind it finds, however coarse the dates."""
    looked = 0
    for seed in range(WORLDS):
        days, record, _ = simulate(new_world, random.Random(seed))
        for found in recalls(record, Group.parse("USA JPN KOR")):
            looked += 1
            assert found.seen == len(record.select(found.seen_by.of))
            assert found.recall == found.seen / found.official
            assert not found.conflict, seed
            assert found.official <= len(days)
    assert looked > 50

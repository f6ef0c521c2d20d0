"""Phases of a group: a jump planted in a small world, what a series does not reach, and the shipped record."""

import random
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from minilateral.errors import NoEvidence
from minilateral.evidence import Holdings, load
from minilateral.phases import Dated, find_phases, fit_regimes, registered_datings, run, sections, segment
from minilateral.phases.history import LEAST_POINTS, QUARTERS_FROM, SHORTEST, Track
from minilateral.terms import Group, Inputs, Study, code_table

THREE = Group.parse("USA JPN KOR")
LATE = date(2025, 12, 31)
COUNTS = {"acts", "mechanisms_met", "high_level", "acts_by_quarter"}


def jump(world, at=2010, members="JPN;KOR;USA", last=2020, low=1, high=8, looked=True, from_study="false"):
    """One session a year before, eight from a year on; searched from 1990 to the end."""
    world.mechanism("m", members=members, created="1990-01-01")
    for year in range(1990, last + 1):
        for n in range(high if year >= at else low):
            act = f"s{year}-{n}"
            month = 1 + n * 12 // high
            world.act(act, f"{year}-{month:02d}-15", members, from_study=from_study if year >= at else "false")
            world.add("sessions", mechanism="m", occurrence=act)
    if looked:
        world.add("sweeps", id="w", mechanism="m", start="1990", end=str(last), place="p", language="en", query="q",
                  on="2026-01-01")  # fmt: skip
    return world


def phases_of(world, as_of="2020-12-31", group=THREE):
    return find_phases(world.record(as_of), group, date.fromisoformat(as_of))


def row(found, track, dating, first, variant=""):
    (one,) = (b for b in found.breaks if (b.track, b.variant, b.dating, b.first) == (track, variant, dating, first))
    return one


@pytest.fixture(scope="module")
def planted(new_world):
    return phases_of(jump(new_world()))


def test_the_planted_jump_is_found(planted):
    for name in ("acts", "high_level"):
        track = planted.track(name)
        assert [s.year for s, _ in track.breaks] == [2010]
        assert track.breaks[0][1] > 0.95
        assert track.values[0] == 1
        assert track.values[-1] == 8
        assert track.regimes is not None
    quarters = planted.track("acts_by_quarter")
    assert quarters.starts[0] == date(QUARTERS_FROM, 1, 1)
    assert quarters.starts[-1] == date(2020, 10, 1)
    (when, how_sure), *_ = quarters.breaks
    assert abs((when - date(2010, 1, 1)).days) < 100
    assert how_sure > 0.9


def test_a_series_without_a_jump_has_no_break(planted):
    steady = planted.track("mechanisms_met")  # the same body met every year
    assert set(steady.values) == {1.0}
    assert steady.breaks == ()
    assert steady.found.probability_in(1, len(steady.starts) - 1) < 0.5


def test_the_dating_that_names_the_jump_ranks_first(planted):
    assert registered_datings(THREE)
    for name in ("acts", "high_level"):
        ranked = planted.rivals[name, ""]
        assert ranked[0].name == "cheonan"
        assert all(a.density >= b.density for a, b in pairwise(ranked))
    assert row(planted, "acts", "cheonan", 2010).probability > 0.95
    assert row(planted, "acts", "tcog", 1998).probability < 0.2


def test_what_a_series_does_not_reach_has_a_reason(planted):
    for first in (1990, 2021, 2025):
        found = row(planted, "acts", "study", first)
        assert found.probability is None
        assert found.reason == "the series runs from 1990 to 2020, and a phase lasts 2 years at least"
    assert not planted.agreements  # of the three breaks claimed none is reached
    assert not any(r.name.startswith("study") for ranked in planted.rivals.values() for r in ranked)


def test_rows_of_the_study_alone_do_not_make_a_phase(new_world):
    world = jump(new_world(), from_study="true")
    found = phases_of(world)
    assert [s.year for s, _ in found.track("acts").breaks] == [2010]
    free = found.track("acts", "without_study")
    assert set(free.values[:20]) == {1.0}
    assert set(free.values[20:]) == {0.0}  # searched, and nothing but the study's rows was found
    assert row(found, "acts", "cheonan", 2010).probability > 0.95


def test_where_nobody_searched_there_are_no_phases(new_world):
    with pytest.raises(NoEvidence, match=f"{LEAST_POINTS} observed points"):
        phases_of(jump(new_world(), looked=False))


def test_a_short_series_is_refused(new_world):
    world = new_world().mechanism("m", created="2012-01-01")
    for year in range(2012, 2021):
        world.session("m", f"s{year}", f"{year}-05-05", members="JPN;KOR;USA")
    with pytest.raises(NoEvidence):
        phases_of(world)


def test_a_group_of_which_nobody_registered_a_dating(new_world):
    group = Group.parse("CHN JPN KOR")
    found = phases_of(jump(new_world(), members="CHN;JPN;KOR"), group=group)
    assert [s.year for s, _ in found.track("acts").breaks] == [2010]
    assert (found.datings, found.breaks, dict(found.rivals), dict(found.agreements)) == ((), (), {}, {})


def test_a_year_that_was_not_searched_to_its_end_is_no_point(new_world):
    world = jump(new_world(), last=2021)
    world.tables["sweeps"][0]["end"] = "2021-06"
    found = phases_of(world, "2021-12-31")
    assert found.track("acts").starts[-1] == date(2020, 1, 1)
    assert found.track("acts_by_quarter").starts[-1] == date(2021, 4, 1)


def test_a_series_that_never_varies_has_regimes():
    fit_regimes(np.ones(30), 2, emission="poisson", exposure=np.ones(30), seed=0)


def test_order_of_rows_is_nothing(new_world, planted):
    world = jump(new_world())
    for rows in world.tables.values():
        random.Random(5).shuffle(rows)
    again = phases_of(world)
    assert again.breaks == planted.breaks
    assert [t.breaks for t in again.tracks] == [t.breaks for t in planted.tracks]


def test_positions_of_a_window_on_the_axis():
    values = [0.0] * 10 + [9.0] * 10
    starts = tuple(date(2000 + n, 1, 1) for n in range(20))
    found = segment(np.array(values), model="negative_binomial", exposure=np.ones(20), minimum_length=2)
    track = Track("acts", "", "year", starts, tuple(values), (1.0,) * 20, True, found, None)
    assert track.window(2005, 2006) == (5, 6)
    assert track.window(2005, 2005, 1) == (4, 6)
    assert track.window(2000, 2000) is None  # the first point is no break
    assert track.window(2000, 2000, 1) is None  # nor does a margin make it one
    assert track.window(2000, 2001, 1) is None  # a phase of two years cannot begin in the second
    assert track.window(2001, 2002, 1) == (2, 3)
    assert track.window(2018, 2025, 1) == (17, 18)
    assert track.window(2019, 2025, 1) is None  # the last year holds no phase of two years
    assert track.window(2020, 2020, 1) is None
    assert track.breaks == ((date(2010, 1, 1), found.probability_in(9, 11)),)


def test_what_is_said_of_it(planted):
    said = sections(Dated(THREE, planted, ""))
    assert said
    for s in said:
        assert s.id in ("phases.break_year", "phases.break_quarter")
        assert 0 <= s.slots["probability"].value <= 1
        assert s.slots["series"].value in code_table().codes("series")
    assert sections(Dated(THREE, None, "why")) == []


def test_the_room_says_why_it_has_none(new_world):
    record = new_world().record("2020-12-31")
    holdings = Holdings(record, THREE, (), (), date(2020, 1, 1), (), ())
    dated = run(Inputs(Study(THREE, "2020-12-31")).with_result(holdings))
    assert dated.found is None
    assert "JPN-KOR-USA" in dated.refused


# ---- the shipped record ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    return find_phases(load(LATE), THREE, LATE)


def test_tracks_of_the_three(shipped):
    keys = [(t.name, t.variant) for t in shipped.tracks]
    assert len(keys) == len(set(keys))
    assert set(keys) >= {(name, variant) for name in COUNTS for variant in ("", "without_study")}
    assert {name for name, _ in keys} <= set(code_table().codes("series"))
    for t in shipped.tracks:
        assert len(t.starts) == len(t.values) == len(t.exposure)
        assert sum(v is not None for v in t.values) >= LEAST_POINTS
        assert None not in (t.values[0], t.values[-1])
        assert list(t.starts) == sorted(set(t.starts))
        positions = [t.starts.index(s) for s, _ in t.breaks]
        assert all(b - a >= SHORTEST[t.every] for a, b in pairwise([0, *positions, len(t.starts)]))
        assert all(0 <= p <= 1 + 1e-9 for _, p in t.breaks)
        assert t.counts == (t.name in COUNTS)


def test_without_the_study_no_point_is_higher(shipped):
    for name in COUNTS:
        every, free = shipped.track(name), shipped.track(name, "without_study")
        values = dict(zip(every.starts, every.values, strict=True))
        assert all((v or 0) <= (values.get(s) or 0) for s, v in zip(free.starts, free.values, strict=True))


def test_1990_is_not_reached_by_any_series(shipped):
    rows = [b for b in shipped.breaks if (b.dating, b.first) == ("study", 1990)]
    assert len(rows) == len(shipped.tracks)
    assert all(b.probability is None and b.reason for b in rows)
    for b in shipped.breaks:
        assert (b.probability is None) == bool(b.reason)
        assert b.probability is None or 0 <= b.probability <= 1


def test_rivals_are_ordered_by_density(shipped):
    assert shipped.rivals
    names = set(code_table().codes("dating"))
    for ranked in shipped.rivals.values():
        assert all(a.density >= b.density for a, b in pairwise(ranked))
        assert {r.name for r in ranked} <= names
        assert len({r.name for r in ranked}) == len(ranked)


def test_agreement_is_read_beside_chance(shipped):
    for key, found in shipped.agreements.items():
        assert 0 <= found.percentile <= 1, key
        assert found.supported <= (found.percentile > 0.95)
        assert found.margin == (4 if key[0] == "acts_by_quarter" else 1)


def test_a_break_that_the_model_forbids_is_not_reached_instead_of_improbable(shipped):
    assert "study_2025" not in {r.name for r in shipped.rivals["acts", ""]}

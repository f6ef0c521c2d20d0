"""What became of promises: small worlds worked by hand, and no verdict from silence."""

from datetime import date

import pytest

from minilateral.errors import BadRecord
from minilateral.evidence import due, fate_counts, fates
from minilateral.terms import Group

THREE = ("JPN", "KOR", "USA")
MADE = "2023-08-18"


def promise(world, due="", cadence="", mechanism="", concrete="true", identifier="p"):
    if not world.tables["occurrences"]:
        world.act("summit", MADE, "JPN;KOR;USA")
    return world.add(
        "commitments", id=identifier, occurrence="summit", domain="security", text_en="t", novelty="new",
        source="src-summit", due=due, cadence_months=cadence, mechanism=mechanism, concrete=concrete,
    )  # fmt: skip


def fulfil(world, part, act="", happened="2024-01-01", identifier="p"):
    if act:
        world.act(act, happened, "JPN;KOR;USA")
    return world.add("fulfilments", commitment=identifier, occurrence=act, date=happened, part=part)


def fate(world, as_of):
    (found,) = fates(world.record(as_of), date.fromisoformat(as_of))
    return found


def test_an_act_that_did_it_keeps_it_from_that_day_on(world):
    promise(world, due="2023-12")
    fulfil(world, "kept", "done", "2023-12-19")
    assert fate(world, "2023-12-01").fate == "not_due"
    after = fate(world, "2024-02-01")
    assert (after.fate, after.acts, after.by) == ("kept", ("done",), "fulfilment")
    assert str(after.when) == "2023-12-19"


def test_a_step_is_not_the_whole(world):
    promise(world)
    fulfil(world, "step", "step", "2024-01-01")
    assert fate(world, "2024-06-01").fate == "partly"


def test_an_end_outweighs_what_was_kept_before(world):
    promise(world)
    fulfil(world, "kept", "done", "2024-01-01")
    fulfil(world, "ended", "end", "2025-01-01")
    assert fate(world, "2024-06-01").fate == "kept"
    assert fate(world, "2025-06-01").fate == "lapsed"


def test_silence_alone_is_never_a_breach(world):
    promise(world, due="2023-12")
    assert fate(world, "2026-01-01").fate == "unknown"


def test_silence_after_a_search_is(world):
    promise(world, due="2023-12")
    fulfil(world, "none_found", happened="2025-06-01")
    assert fate(world, "2025-01-01").fate == "unknown"  # nobody had searched yet
    assert fate(world, "2026-01-01").fate == "overdue"


def test_a_search_before_it_is_due_does_not_make_it_overdue(world):
    promise(world, due="2030")
    fulfil(world, "none_found", happened="2025-06-01")
    assert fate(world, "2026-01-01").fate == "not_due"


def yearly(world, *sessions, searched=False):
    world.mechanism("m", created="2023-08-18", promised_cadence_months="12", promise_kind="promise", promise_from=MADE)
    promise(world, cadence="12", mechanism="m")
    for n, day in enumerate(sessions):
        world.session("m", f"s{n}", day)
    if searched:
        world.add("sweeps", id="w", mechanism="m", start="2023", end="2026", place="p", language="en", query="q",
                  on="2026-01-01")  # fmt: skip
    return world


@pytest.mark.parametrize(
    ("sessions", "as_of", "expected"),
    [
        ((), "2024-12-01", "not_due"),  # a year and the grace of half a year: until 17 February 2025
        ((), "2025-03-01", "unknown"),
        (("2024-08-18",), "2025-12-01", "kept"),
        (("2024-08-18",), "2026-03-01", "partly"),
        (("2024-08-18", "2026-01-10"), "2026-03-01", "kept"),
        (("2023-08-18",), "2025-03-01", "unknown"),  # the summit that promised it is no session after it
    ],
)
def test_a_promise_to_meet_every_year(world, sessions, as_of, expected):
    found = fate(yearly(world, *sessions), as_of)
    assert (found.fate, found.by) == (expected, "sessions")


def test_never_held_is_overdue_where_somebody_searched(world):
    assert fate(yearly(world, searched=True), "2025-03-01").fate == "overdue"


def test_a_mechanism_that_ended_takes_its_promise_along(world):
    yearly(world, "2024-08-18")
    world.tables["mechanisms"][0]["ended"] = "2025-02-01"
    assert fate(world, "2025-01-01").fate == "kept"
    assert fate(world, "2025-03-01").fate == "lapsed"


def test_attitudes_are_not_judged(world):
    promise(world, concrete="false")
    assert fates(world.record(), date(2026, 1, 1)) == ()


def test_counts_name_every_fate_and_only_the_group(world):
    promise(world, due="2023-12")
    fulfil(world, "kept", "done", "2023-12-19")
    world.act("other", "2024-01-01", "JPN;KOR")
    world.add("commitments", id="q", occurrence="other", domain="security", text_en="t", novelty="new",
              source="src-other", concrete="true")  # fmt: skip
    counts = fate_counts(world.record("2026-01-01"), Group.parse("JPN KOR USA"), date(2026, 1, 1))
    assert counts == {"kept": 1, "partly": 0, "not_due": 0, "overdue": 0, "lapsed": 0, "unknown": 0}


def test_what_is_due(world):
    yearly(world, "2024-08-18")
    promise(world, due="2024-06", identifier="dated")
    listed = due(world.record("2024-05-01"), date(2024, 5, 1), within_days=90)
    assert [(d.what, d.id, d.overdue) for d in listed] == [("commitment", "dated", False)]
    listed = due(world.record("2026-03-01"), date(2026, 3, 1), within_days=0, members=THREE)
    assert [(d.what, d.id, d.by) for d in listed] == [
        ("commitment", "dated", date(2024, 6, 30)),
        ("session", "m", date(2026, 2, 17)),
    ]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"part": "none_found", "occurrence": "summit"}, "only what was not found has none"),
        ({"part": "kept", "occurrence": ""}, "name the act"),
        ({"part": "done", "occurrence": "summit"}, "is not a code of 'fulfilment'"),
        ({"part": "kept", "occurrence": "nowhere"}, "in no row of occurrences"),
        ({"commitment": "nowhere", "part": "kept", "occurrence": "summit"}, "in no row of commitments"),
    ],
)
def test_rows_that_make_no_sense(world, fields, says):
    promise(world)
    world.add("fulfilments", **{"commitment": "p", "date": "2024-01-01", **fields})
    with pytest.raises(BadRecord, match=says):
        world.record()

"""Trials of claims: the rule at its edges, worlds in which a claim is plainly true or false, the shipped record."""

import dataclasses
from datetime import date, timedelta

import numpy as np
import pytest

from minilateral import audit
from minilateral.audit.trials import (
    BIDEN,
    CAMP_DAVID,
    CLAIMED,
    LEVEL_VARIANTS,
    Trial,
    binding_trials,
    institutionalised_trials,
    momentum_trials,
    pace,
    phases_trials,
    quasi_trials,
    tally,
    widened_trials,
)
from minilateral.evidence import Holdings, load
from minilateral.measure import Dimensions, Measured, dashboard, measure
from minilateral.measure.dashboard import MOVES
from minilateral.measure.pairs import PairYears
from minilateral.measure.quasi_alliance import Profile, QuasiAlliance
from minilateral.phases import Dated, find_phases
from minilateral.phases.history import BreakRow, Phases
from minilateral.terms import Group, Inputs, Selection, Study, code_table

THREE = Group.parse("USA JPN KOR")
MEMBERS = "JPN;KOR;USA"
LATE = date(2025, 12, 31)
TESTED = ("C1", "C2", "C3", "C4", "C6", "C8")


# ---- the rule --------------------------------------------------------------------------------------------------------


def verdict(*probabilities):
    return tally("C", [Trial("C", str(n), p) for n, p in enumerate(probabilities)]).verdict


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ((), "undetermined"),
        ((None,), "undetermined"),
        ((None, None, None), "undetermined"),
        ((0.95,), "supported"),
        ((0.9499,), "leaning"),
        ((0.8,), "leaning"),
        ((0.7999,), "undetermined"),
        ((0.95,) * 4 + (0.0,), "supported"),  # four in five are enough
        ((0.95,) * 3 + (0.0,), "undetermined"),  # three in four are not
        ((0.95,) * 4 + (None,), "leaning"),  # all must be reached
        ((0.95,) * 3 + (0.94, 0.0), "leaning"),
        ((0.8,) * 4 + (0.0,), "leaning"),
        ((0.8,) * 3 + (0.0, 0.0), "undetermined"),
        ((0.0,) * 9, "undetermined"),  # contradicted needs a figure of power, and none is there
        ((1.0,) * 5, "supported"),
    ],
)
def test_the_rule_at_its_edges(probabilities, expected):
    assert verdict(*probabilities) == expected


def test_four_in_five_is_exact_whatever_the_number():
    for fifth in range(1, 60):
        assert verdict(*(0.95,) * (4 * fifth), *(0.0,) * fifth) == "supported", fifth
        assert verdict(*(0.95,) * (4 * fifth - 1), *(0.0,) * (fifth + 1)) == "undetermined", fifth


def test_what_a_tally_counts():
    found = tally("C", [Trial("C", str(n), p) for n, p in enumerate((0.95, 0.05, 0.5, None, 1.0, 0.0))])
    assert (found.specifications, found.reached, found.passed, found.failed) == (6, 5, 2, 2)
    assert (found.least, found.most) == (0.0, 1.0)
    nothing = tally("C", [Trial("C", "a", None, "why")])
    assert (nothing.reached, nothing.least, nothing.most) == (0, None, None)


def test_the_order_of_specifications_is_nothing():
    trials = [Trial("C", str(n), p) for n, p in enumerate((0.97, 0.2, None, 0.99))]
    assert tally("C", trials) == tally("C", trials[::-1])


# ---- C1 --------------------------------------------------------------------------------------------------------------


def test_c1_asks_for_the_breaks_of_the_study_alone():
    rows = (
        BreakRow("acts", "", "study", 1990, 1990, None, "the series runs from 1990 to 2025"),
        BreakRow("acts", "without_study", "study", 2021, 2021, 0.97, ""),
        BreakRow("acts", "", "cheonan", 2010, 2010, 0.99, ""),
    )
    found = phases_trials(Phases(THREE, LATE, (), rows, {}, {}, ()))
    assert [(t.specification, t.probability) for t in found] == [
        ("acts: 1990", None),
        ("acts without_study: 2021", 0.97),
    ]
    assert found[0].reason
    (nothing,) = phases_trials(None)
    assert nothing.probability is None
    assert nothing.reason


# ---- C2, C3: levels --------------------------------------------------------------------------------------------------


def blank(**fields):
    """What was measured of the three, with these fields only."""
    given = {"group": THREE, "as_of": LATE, "board": None, "dimensions": None, "quasi": (), "windows": (),
             "pair_years": (), "refused": {}, "own": Selection(exactly=THREE.members), "acts": 9}  # fmt: skip
    return Measured(**{**given, **fields})


def levels(path, years=tuple(range(1990, 2026)), noise=0.01):
    """Draws of a planted path of both dimensions, and the same for every variant."""
    rng = np.random.default_rng(4)
    truth = np.array([path(y) for y in years])
    draws = truth[None, :, None] + noise * rng.standard_normal((400, len(years), 2))
    draws[:, ~np.isfinite(truth)] = np.nan
    variants = dict.fromkeys(LEVEL_VARIANTS[1:], draws)
    return blank(dimensions=Dimensions(THREE, LATE, (), (), (), years, draws, variants, True, 1.0))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (lambda y: float(y >= CLAIMED[0]), 1.0),
        (lambda y: float(y < CLAIMED[0]), 0.0),
        (lambda y: 2.0 if 2004 <= y <= 2007 else float(y >= CLAIMED[0]), 0.0),  # one earlier window was higher
        (lambda y: 2.0 if y == 2004 else float(y >= CLAIMED[0]), 1.0),  # a single year is no window of four
        (lambda y: np.nan if y < 2000 else float(y >= CLAIMED[0]), 1.0),
    ],
    ids=["true", "false", "higher before", "one year higher", "early years unknown"],
)
def test_levels_of_the_claimed_years_against_every_earlier_window(path, expected):
    found = institutionalised_trials(levels(path))
    assert len(found) == len(LEVEL_VARIANTS)
    assert {t.claim for t in found} == {"C2"}
    assert {t.probability for t in found} == {expected}


def test_levels_that_are_alike_decide_nothing():
    found = institutionalised_trials(levels(lambda _: 0.0, noise=1.0))
    assert all(0.0 < t.probability < 0.5 for t in found)
    assert tally("C2", found).verdict == "undetermined"


@pytest.mark.parametrize(
    "measured",
    [
        levels(lambda y: np.nan if y == 2023 else 0.0),
        levels(lambda y: np.nan if y < CLAIMED[0] else 0.0),
        levels(lambda _: 0.0, years=tuple(range(1990, 2024))),
        blank(refused={"dimensions": "too little is on record"}),
    ],
    ids=["a year unknown", "nothing before", "the span is not over", "no dimension"],
)
def test_levels_that_are_not_there_are_not_reached(measured):
    for t in institutionalised_trials(measured):
        assert t.probability is None
        assert t.reason


def spread(world, before, after):
    """Twenty acts from 1998 to 2020 and twenty from 2021 to 2024, domains in turn."""
    for n in range(20):
        world.act(f"b{n}", f"{2001 + n}-03-01", MEMBERS, domain=before[n % len(before)])
        world.act(f"a{n}", f"{2021 + n % 4}-0{n % 8 + 1}-{n + 1:02d}", MEMBERS, domain=after[n % len(after)])
    return world


ALL = tuple(code_table().codes("domain"))


@pytest.mark.parametrize(("before", "after", "low", "high"), [(ALL[:1], ALL, 0.99, 1), (ALL, ALL[:1], 0, 0.01)])
def test_domains_that_plainly_widened_or_narrowed(world, before, after, low, high):
    found = widened_trials(spread(world, before, after).record(), THREE, blank(refused={"dimensions": "x"}))
    whole = next(t for t in found if t.specification == "domains since 1998, all rows")
    assert low <= whole.probability <= high
    korean = next(t for t in found if t.specification == "domains since 1998, without_ko")
    assert korean.probability == whole.probability
    none_left = next(t for t in found if t.specification == "domains since 1998, without_en")
    assert none_left.probability is None
    assert none_left.reason
    since_2017 = next(t for t in found if t.specification == "domains since 2017, all rows")
    assert since_2017.probability is None  # four acts of 2017-20 are too few


def statements(world, spoken):
    """Six statements before 2021 that speak of the DPRK alone, and six after, the rest by ``spoken``."""
    for n in range(12):
        act = f"t{n}"
        late = n >= 6
        world.act(act, f"{2021 + n % 4 if late else 2010 + n}-05-{n + 1:02d}", MEMBERS, kind="joint_statement")
        world.add("texts", id=act, occurrence=act, title_en="T", title_zh="文", source=f"src-{act}", seen="full")
        for target in code_table().codes("target"):
            verb = "condemn" if target == "dprk" or (target == "china" and spoken == late) else "absent"
            manner = "" if verb == "absent" else "named"
            for coder in "AB":
                world.add("text_codes", text=act, coder=coder, target=target, verb=verb, manner=manner)
    return world


@pytest.mark.parametrize(("spoken", "low", "high"), [(True, 0.99, 1), (False, 0, 0.01)])
def test_statements_that_speak_of_more_or_fewer(world, spoken, low, high):
    found = widened_trials(statements(world, spoken).record(), THREE, blank(refused={"dimensions": "x"}))
    assert low <= found[-1].probability <= high


def test_few_statements_are_not_reached(world):
    found = widened_trials(world.record(), THREE, blank(refused={"dimensions": "x"}))
    assert {t.probability for t in found} == {None}
    assert all(t.reason for t in found)


# ---- C4 --------------------------------------------------------------------------------------------------------------

BELOW, MILD, FULL = (
    Profile("political", *p) for p in (("talks", "named"), ("regular", "implied"), ("regular", "named"))
)


def coded(a, b, years=range(2015, 2026)):
    return blank(quasi=tuple(QuasiAlliance("JPN-KOR-USA", y, "study", 0.5, a(y), b(y), y, "", "", ()) for y in years))


def test_c4_is_true_where_it_begins_with_camp_david():
    def right(y):
        return FULL if y >= CAMP_DAVID else BELOW

    def a_year_early(y):
        return FULL if y >= CAMP_DAVID - 1 else BELOW

    assert [t.probability for t in quasi_trials(coded(right, right))] == [1, 1, 1, 1]
    assert [t.probability for t in quasi_trials(coded(right, a_year_early))] == [1, 1, 0, 0]
    assert [t.probability for t in quasi_trials(coded(lambda y: BELOW, lambda y: FULL))] == [0, 0, 0, 0]


def test_c4_where_an_implied_adversary_is_enough():
    def implied(y):
        return MILD if y >= CAMP_DAVID else BELOW

    assert [t.probability for t in quasi_trials(coded(implied, implied))] == [0, 1, 0, 1]


def test_c4_without_codes_is_not_reached():
    for measured in (
        blank(refused={"quasi_alliance": "not coded"}),
        coded(lambda y: FULL, lambda y: FULL, range(2015, 2020)),
    ):
        (found,) = quasi_trials(measured)
        assert found.probability is None
        assert found.reason


def test_c4_a_year_that_coder_b_has_not_coded_does_not_hold():
    found = quasi_trials(coded(lambda y: FULL if y >= CAMP_DAVID else BELOW, lambda y: None))
    assert [t.probability for t in found] == [1, 1, 0, 0]


# ---- C6 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weakest", "low", "high"), [(40, 0.99, 1), (34, 0.5, 0.95), (32, 0.3, 0.7), (10, 0, 0.01), (0, 0, 0.01)]
)
def test_c6_by_the_share_of_years(weakest, low, high):
    rows = tuple(
        PairYears("s", pair, 40, n, 1980, 2020) for pair, n in (("JPN-KOR", weakest), ("KOR-USA", 40 - weakest))
    )
    found = binding_trials(blank(pair_years=rows))
    assert low <= found[0].probability <= high
    assert (found[-1].specification, found[-1].probability) == ("since 2021", None)  # so it is never fully supported
    assert len(found) == 2


def test_c6_without_a_series_is_not_reached():
    (found,) = binding_trials(blank())
    assert found.probability is None
    assert found.reason


# ---- C8 --------------------------------------------------------------------------------------------------------------


def momentum(world, before=0, after=0, looked="2025"):
    """So many new mechanisms before and after January 2025, each with a first session; all searched."""
    days = [date(2021, 2, 1) + timedelta(days=90 * n) for n in range(before)]
    days += [date(2025, 2, 1) + timedelta(days=9 * n) for n in range(after)]
    for n, day in enumerate(days or [date(2015, 1, 1)]):
        world.mechanism(f"m{n}", created=day.isoformat(), level="working").session(f"m{n}", f"s{n}", day.isoformat())
        if looked:
            world.add("sweeps", id=f"w{n}", mechanism=f"m{n}", start="2015", end=looked, place="p", language="en",
                      query="q", on="2026-01-01")  # fmt: skip
    record = world.record("2026-01-20")
    return record, blank(board=dashboard(record, THREE, LATE))


def by_name(record, measured):
    return {t.specification: t for t in momentum_trials(record, THREE, measured)}


def test_momentum_that_stopped(world):
    found = by_name(*momentum(world, before=16))
    assert len(found) == 3 * 4 * 2
    assert found["new_mechanism against 2021-25"].probability > 0.95  # none in a year after sixteen in four
    assert found["all against 2021-25"].probability > 0.95
    for name, trial in found.items():
        if name.endswith("half the recall after"):
            assert trial.probability <= found[name.removesuffix(", half the recall after")].probability + 0.01, name
    # nothing of its kind before and nothing after: nobody can tell
    assert 0.2 < found["first_commitment against 2021-25"].probability < 0.8


def test_momentum_that_grew(world):
    found = by_name(*momentum(world, before=4, after=20))
    for span in ("2021-25", "2021-23", "2023-25"):
        assert found[f"new_mechanism against {span}"].probability < 0.01
        assert found[f"all against {span}"].probability < 0.01


def test_after_half_a_year_at_the_earliest(world):
    (found,) = momentum_trials(*(lambda r, m: (r, THREE, m))(*momentum(world, before=4, looked="2025-06")))
    assert found.probability is None
    assert found.reason
    assert (
        len(momentum_trials(*(lambda r, m: (r, THREE, m))(*momentum(type(world)(), before=4, looked="2025-07")))) == 24
    )


def test_where_nobody_searched_momentum_is_not_reached(world):
    record, measured = momentum(world, before=16, looked="")
    assert measured.board.reach is None
    assert {t.probability for t in momentum_trials(record, THREE, measured)} == {None}


def test_pace_counts_occasions(world):
    record, _ = momentum(world, before=2)
    for n in range(3):
        world.add("commitments", id=f"c{n}", occurrence="s0", domain="security", text_en="t", novelty="new",
                  source="src-s0", concrete="true")  # fmt: skip
    found = pace(world.record("2026-01-20"), THREE, *BIDEN)
    assert found.counts == {"new_mechanism": 2, "level_upgrade": 1, "first_commitment": 1}
    assert found.quarters == pytest.approx(16, abs=0.01)
    assert tuple(pace(record, THREE, *BIDEN).counts) == MOVES


# ---- the shipped record ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judged():
    record = load(LATE)
    holdings = Holdings(record, THREE, tuple(record.occurrences), (), date(1990, 1, 1), (), ())
    inputs = Inputs(Study(THREE, LATE)).with_result(holdings)
    inputs = inputs.with_result(measure(record, THREE, LATE)).with_result(
        Dated(THREE, find_phases(record, THREE, LATE), "")
    )
    return inputs, audit.run(inputs)


def test_every_tested_claim_gets_a_verdict_that_is_a_code(judged):
    _, result = judged
    given = {v.claim: v.verdict for v in result.verdicts}
    assert set(given) == {f"C{n}" for n in range(1, 13)}
    assert set(given.values()) <= set(code_table().codes("verdict"))
    assert all(given[c] in ("supported", "leaning", "undetermined") for c in TESTED)
    assert {given[c] for c in given if c not in (*TESTED, "C9")} == {"not_tested"}
    assert {t.claim: t.verdict for t in result.tallies} == {c: given[c] for c in TESTED}


def test_every_trial_has_a_probability_or_a_reason(judged):
    _, result = judged
    assert {t.claim for t in result.trials} == set(TESTED)
    names = [(t.claim, t.specification) for t in result.trials]
    assert len(names) == len(set(names))
    for t in result.trials:
        assert (t.probability is None) == bool(t.reason), t
        assert t.probability is None or 0 <= t.probability <= 1, t


def test_tallies_are_of_their_trials(judged):
    _, result = judged
    for t in result.tallies:
        assert t == tally(t.claim, [x for x in result.trials if x.claim == t.claim])


def test_the_same_question_gives_the_same_answer(judged):
    inputs, result = judged
    again = audit.run(inputs)
    assert again.trials == result.trials
    assert again.verdicts == result.verdicts


def test_statements_stand_at_registered_claims(judged):
    _, result = judged
    said = audit.sections(result)
    assert {s.section for s in said} <= {c.id for c in result.claims}
    for s in said:
        if s.id == "audit.trials":
            (found,) = (t for t in result.tallies if t.claim == s.section)
            assert (s.slots["n"].value, s.slots["passed"].value) == (found.specifications, found.passed)


def test_a_group_without_claims_has_no_verdict(judged):
    inputs, _ = judged
    other = dataclasses.replace(inputs, study=Study("CHN RUS", LATE))
    result = audit.run(other)
    assert (result.verdicts, result.trials, result.tallies) == ((), (), ())

"""Renewal with death: formulas by simulation, planted truths, laws, margin meetings, caretaker time, hostile input."""

import dataclasses
import math
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from minilateral.errors import BadInput, BadPeriod
from minilateral.measure.renewal import (
    History,
    Hyper,
    at_risk_days,
    calendar_day,
    fit,
    silence,
    simulate,
)

AS_OF = date(2025, 1, 1)
POPULATION = Hyper(
    level_mean=(5.7, 5.7, 5.7),
    grand_mean=5.7,
    level_sd=0.5,
    free_sd=0.6,
    promised_offset=0.0,
    promised_sd=0.3,
    k_mean=0.9,
    k_sd=0.5,
    d_mean=-2.4,
    d_sd=0.7,
    hazard_mean=-2.3,
    hazard_sd=0.7,
    session_weight=0.5,
    p_mean=0.5,
    p_sd=1.0,
    theta_mean=-2.4,
    theta_sd=0.7,
)
TCOG = (
    "1999-04-23",
    "1999-05-24",
    "1999-06-25",
    "1999-11-08",
    "2000-03-30",
    "2000-09-01",
    "2001-03-26",
    "2001-05-26",
    "2001-09-06",
    "2001-11-27",
    "2002-01-25",
    "2002-04-09",
    "2002-06-17",
    "2002-09-07",
    "2002-11-09",
    "2003-01-07",
    "2003-06-13",
)


def days(*texts):
    return tuple((date.fromisoformat(t), date.fromisoformat(t)) for t in texts)


def yearly(first, last, month=6):
    return tuple((date(y, month, 1), date(y, month, 1)) for y in range(first, last + 1))


def score(*histories, as_of, population=POPULATION):
    return fit(histories, as_of=as_of, seed=1, hyper=population)


# --- the formulas


def brute(k, mean, d, r, s, n=200_000):
    """Silence by simulation: share silent for s days, share alive among them, density at s over a bin of 10 % of s."""
    rng = np.random.default_rng(7)
    now = np.zeros(n)
    alive = rng.random(n) > d
    on_record = np.full(n, np.inf)
    for _ in range(200):
        now = np.where(alive, now + rng.gamma(k, mean / k, n), now)
        open_ = alive & (now <= 1.05 * s)
        if not open_.any():
            break
        hit = open_ & (rng.random(n) < r)
        on_record = np.where(hit & np.isinf(on_record), now, on_record)
        # death counts only before s
        alive = open_ & ((rng.random(n) > d) | (now > s)) & np.isinf(on_record)
    return on_record


@pytest.mark.parametrize(("k", "d", "r"), [(1.0, 0.1, 0.3), (4.0, 0.2, 0.6), (0.5, 0.05, 0.9)])
def test_silence_and_density_agree_with_simulation(k, d, r):
    on_record = brute(k, 100.0, d, r, 250.0)
    density, silent, _ = silence(250.0, mean_gap=100.0, regularity=k, death=d, recall=r)
    assert silent == pytest.approx(np.mean(on_record > 250.0), abs=0.005)
    window = np.mean((on_record > 237.5) & (on_record <= 262.5)) / 25
    assert density == pytest.approx(window, rel=0.08)


def test_alive_given_silence_by_simulation():
    rng = np.random.default_rng(3)
    n, k, mean, d, r, s = 200_000, 3.0, 100.0, 0.15, 0.5, 260.0
    now, alive, seen = np.zeros(n), rng.random(n) > d, np.zeros(n, bool)
    while True:
        step = now + rng.gamma(k, mean / k, n)
        met = alive & (step <= s)
        if not met.any():
            break
        now = np.where(met, step, now)
        seen |= met & (rng.random(n) < r)
        # those past s are alive at s and stay so
        alive = np.where(met, rng.random(n) > d, alive)
        past = alive & ~met
        now = np.where(past, np.inf, now)
    expected = silence(s, mean_gap=mean, regularity=k, death=d, recall=r)[2]
    assert expected == pytest.approx(alive[~seen].mean(), abs=0.006)


def test_poisson_gaps_full_recall_by_hand():
    # k = 1, recall 1: silent = d + q exp(-t/mu), alive = q exp(-t/mu) / silent (BG/NBD with known parameters)
    density, silent, alive = silence(200.0, mean_gap=100.0, regularity=1.0, death=0.25, recall=1.0)
    stay = 0.75 * math.exp(-2)
    assert (density, silent, alive) == pytest.approx((stay / 100, 0.25 + stay, stay / (0.25 + stay)))


def test_thinned_poisson_is_poisson():
    # thinning a Poisson process without death divides its rate
    for r in (0.2, 0.7):
        assert silence(150.0, mean_gap=100.0, regularity=1.0, death=0.0, recall=r)[1] == pytest.approx(
            math.exp(-1.5 * r)
        )


def test_grid_agrees_with_formula():
    """With the population squeezed onto one cell, a fit repeats the closed form."""
    k, mean, d = 0.4 * math.exp(1.5), 10 * math.exp(0.12 * 25), 1 / (1 + math.exp(5.25 - 0.75 * 4))
    point = dataclasses.replace(
        POPULATION,
        level_mean=(math.log(mean),) * 3,
        free_sd=0.01,
        k_mean=math.log(k),
        k_sd=0.01,
        d_mean=math.log(d / (1 - d)),
        d_sd=0.01,
        session_weight=1.0,
    )
    history = History("a", days("2020-01-01"), recall=0.6)
    for gap in (30, 300, 700):
        got = score(history, as_of=date(2020, 1, 1) + timedelta(days=gap), population=point).p_alive[0]
        assert got == pytest.approx(silence(gap, mean_gap=mean, regularity=k, death=d, recall=0.6)[2], abs=0.004)


# --- planted truths


@pytest.mark.parametrize(("recall", "worlds"), [(0.3, 2), (0.6, 1), (0.9, 1)])
def test_planted_deaths_are_found_with_honest_odds(recall, worlds):
    """Worlds of both kinds of death, as many of each; the large run is benchmarks/renewal.py."""
    p, alive, inside, expected, true = [], [], [], [], []
    for seed, death in ((s, d) for s in range(worlds) for d in ("session", "time")):
        histories, truth = simulate(220, seed=seed, as_of=AS_OF, recall=recall, death=death)
        result = fit(histories, as_of=AS_OF, seed=seed, fast=True)
        p.append(result.p_alive)
        alive.append(truth.alive)
        meets = truth.alive & ~np.isnan(truth.next_day)
        inside.append(((truth.next_day >= result.next_low) & (truth.next_day <= result.next_high))[meets])
        expected.append(result.sessions_12m)
        true.append(truth.sessions_12m)
    p, alive, inside = np.concatenate(p), np.concatenate(alive), np.concatenate(inside)
    tenth = np.minimum((p * 10).astype(int), 9)
    for mine in (tenth == t for t in range(10)):
        if mine.sum() >= 100:  # 5 points, and two standard errors of the share
            error = 0.05 + 2 * math.sqrt(p[mine].mean() * (1 - p[mine].mean()) / mine.sum())
            assert abs(alive[mine].mean() - p[mine].mean()) < error
    assert abs(alive.mean() - p.mean()) < 0.05
    assert np.mean((p - alive) ** 2) < 0.7 * alive.mean() * (1 - alive.mean())
    assert 0.85 < inside.mean() < 0.96
    assert np.concatenate(expected).mean() == pytest.approx(np.concatenate(true).mean(), rel=0.12)


def test_full_uncertainty_recovers_the_population():
    histories, _ = simulate(90, seed=4, as_of=AS_OF, recall=0.6)
    result = fit(histories, as_of=AS_OF, seed=2, draws=100)
    low, mean, high = result.hyper_low, result.hyper, result.hyper_high
    planted = {"k_mean": math.log(2.5), "d_mean": math.log(0.08 / 0.92), "free_sd": 0.5}
    for name, value in planted.items():  # the 90 % interval, twice as wide: 3.3 standard deviations
        assert abs(value - getattr(mean, name)) < getattr(high, name) - getattr(low, name)
    for level, factor in enumerate((0.67, 1.0, 1.5)):
        width = high.level_mean[level] - low.level_mean[level]
        assert abs(math.log(300 * factor) - mean.level_mean[level]) < width
    fast = fit(histories, as_of=AS_OF, seed=2, fast=True)
    assert fast.hyper_low is None
    assert np.abs(fast.p_alive - result.p_alive).max() < 0.2


# --- worlds worked by hand


def test_a_body_that_stopped_is_found_dead():
    history = History("tcog", days(*TCOG), recall=0.8)
    p = [
        score(history, as_of=d).p_alive[0]
        for d in (date(2003, 7, 1), date(2003, 12, 1), date(2004, 6, 1), date(2005, 1, 1), date(2007, 1, 1))
    ]
    assert p[0] > 0.8
    assert p[3] < 0.1
    assert all(a > b for a, b in pairwise(p))


def test_young_body_is_uncertain():
    young = score(History("a", days("2024-03-01", "2024-09-01"), recall=0.7), as_of=AS_OF)
    old = score(History("a", yearly(2000, 2024), recall=0.7), as_of=AS_OF)
    assert young.p_alive_high[0] - young.p_alive_low[0] > 0.2 > old.p_alive_high[0] - old.p_alive_low[0]
    wide = lambda r: (r.next_high - r.next_low)[0]  # noqa: E731
    assert wide(young) > 365


def test_promised_yearly_body_silent_for_six_months_is_alive():
    result = score(History("a", days("2024-07-01"), promised_months=12, recall=0.9), as_of=AS_OF)
    assert result.state == ("alive",)
    assert date(2025, 1, 1).toordinal() < result.next_median[0] < date(2026, 1, 1).toordinal()


def test_zero_and_one_session_are_legal():
    founded = History("a", since=date(2024, 6, 1), recall=0.7)
    once = History("b", days("2015-01-01"), recall=0.7)
    neither, later = History("c"), History("d", days("2025-06-01"))
    result = score(founded, once, neither, later, as_of=AS_OF)
    assert result.p_alive[0] > 0.7
    assert result.state[1] == "lapsed"
    assert result.state[2:] == ("not_applicable", "not_applicable")
    assert np.isnan(result.p_alive[2:]).all()


def test_low_recall_kills_more_slowly():
    p = [score(History("a", yearly(2005, 2021), recall=r), as_of=AS_OF).p_alive[0] for r in (1.0, 0.6, 0.3)]
    assert p[0] < p[1] < p[2]


def test_silence_before_the_next_host_occasion_is_no_evidence():
    hosts = tuple(date(y, 6, 1) for y in range(2010, 2030))
    history = History("a", yearly(2010, 2024), recall=0.9, occasions=hosts)
    p = [score(history, as_of=d).p_alive[0] for d in (date(2024, 7, 1), date(2025, 1, 1), date(2025, 5, 31))]
    assert p[0] == p[1] == p[2] > 0.9
    missed = score(history, as_of=date(2025, 7, 1)).p_alive[0]
    assert missed < p[2]
    assert score(history, as_of=date(2027, 7, 1)).p_alive[0] < missed
    assert score(history, as_of=date(2025, 1, 1)).next_median[0] == date(2025, 6, 1).toordinal()
    # a session away from the host event is a sign of life
    seen = dataclasses.replace(history, sessions=(*history.sessions, *days("2025-10-10")))
    assert score(seen, as_of=date(2025, 11, 1)).p_alive[0] > missed


def test_caretaker_time_does_not_count():
    span = (date(2024, 12, 3), date(2025, 6, 4))
    history = History("a", (*yearly(2010, 2023, month=12), *days("2024-12-01")), recall=0.8, at_risk_exclusions=(span,))
    before, within, after = (score(history, as_of=d).p_alive[0] for d in (span[0], date(2025, 3, 1), span[1]))
    assert before == within == after
    free = dataclasses.replace(history, at_risk_exclusions=())
    late = date(2026, 6, 1)
    assert score(history, as_of=late).p_alive[0] > score(free, as_of=late).p_alive[0]
    suspended = dataclasses.replace(history, at_risk_exclusions=((span[0], None),), declared="suspended")
    result = score(suspended, as_of=late)
    assert result.state == ("suspended",)
    assert math.isnan(result.next_median[0])
    assert result.sessions_12m[0] == 0


def test_official_numbers_say_how_many_were_missed():
    # 2010 and 2020, nothing between: numbered 1 and 2, a gap of ten years; numbered 1 and 11, a yearly body
    slow = History(
        "slow", ((date(2010, 6, 1), date(2010, 6, 1), 1), (date(2020, 6, 1), date(2020, 6, 1), 2)), recall=0.3
    )
    fast = History(
        "fast", ((date(2010, 6, 1), date(2010, 6, 1), 1), (date(2020, 6, 1), date(2020, 6, 1), 11)), recall=0.3
    )
    result = score(slow, fast, as_of=date(2021, 1, 1))
    assert result.per_year[0] < 0.4
    assert result.per_year[1] == pytest.approx(1.0, abs=0.35)


def test_vague_dates_lie_between_sharp_ones():
    exact = score(History("a", yearly(2010, 2020)), as_of=AS_OF).p_alive[0]
    months = tuple((date(y, 6, 1), date(y, 6, 30)) for y in range(2010, 2020))
    vague = (*months, (date(2020, 1, 1), date(2020, 12, 31)))
    assert score(History("a", vague), as_of=AS_OF).p_alive[0] == pytest.approx(exact, abs=0.1)


# --- laws


def test_order_and_seed():
    histories, _ = simulate(40, seed=9, as_of=AS_OF, recall=0.6)
    one = fit(histories, as_of=AS_OF, seed=3, draws=50)
    two = fit(tuple(reversed(histories)), as_of=AS_OF, seed=3, draws=50)
    for field in ("p_alive", "p_alive_low", "next_median", "sessions_12m", "per_year"):
        assert np.array_equal(getattr(one, field), getattr(two, field)[::-1])
    assert one.hyper == two.hyper


def test_what_comes_after_the_day_is_not_used():
    past, whole = History("a", yearly(2010, 2018)), History("a", yearly(2010, 2024))
    day = date(2019, 3, 1)
    assert score(past, as_of=day).p_alive[0] == score(whole, as_of=day).p_alive[0]
    kept = dataclasses.replace(past, until=day)
    assert score(kept, as_of=AS_OF).p_alive[0] == score(past, as_of=day).p_alive[0]


def test_clock_and_its_way_back():
    spans = [(date(2020, 3, 1), date(2020, 9, 1)), (date(2020, 8, 1), date(2020, 10, 1)), (date(2021, 1, 1), None)]
    start = date(2020, 1, 1)
    for end in (date(2020, 2, 1), date(2020, 12, 1)):
        assert calendar_day(start, at_risk_days(start, end, spans), spans) == end.toordinal()
    assert math.isnan(calendar_day(start, 400, spans))
    assert at_risk_days(start, date(2030, 1, 1), spans) == 60 + 92


# --- hostile input


@pytest.mark.parametrize(
    "history",
    [
        History("a", days("2020-01-01"), recall=0.0),
        History("a", days("2020-01-01"), recall=math.nan),
        History("a", days("2020-01-01"), recall=(1.0, -1.0)),
        History("a", days("2020-01-01"), recall=1.2),
        History("a", days("2020-01-01"), level=-1),
        History("a", days("2020-01-01"), promised_months=0),
        History("a", days("2020-01-01"), declared="dead"),
        History("", days("2020-01-01")),
        History("a", ((date(2020, 1, 2), date(2020, 1, 1)),)),
        History("a", (("2020", "2020"),)),
        History("a", ((date(2020, 1, 1),),)),
        History("a", days("2020-01-01"), at_risk_exclusions=((date(2021, 1, 1), date(2020, 1, 1)),)),
        History("a", ((1, 1, 5), (400, 400, 3))),
        History("a", ((1, 1, 1), (400, 400, 3)), recall=1.0),
        History("a", days("2020-01-01"), occasions=("Shangri-La",)),
    ],
)
def test_refused(history):
    with pytest.raises((BadInput, BadPeriod)):
        fit([history], as_of=AS_OF, seed=1, fast=True)


def test_refused_fits():
    ok = History("a", days("2020-01-01"))
    for histories, options in (
        ([], {}),
        ([ok, ok], {}),
        ([ok], {"seed": -1}),
        ([ok], {"draws": 3, "fast": False}),
        ([ok], {"occasion_window": -1}),
    ):
        with pytest.raises(BadInput):
            fit(histories, **{"as_of": AS_OF, "seed": 1, "fast": True, **options})
    with pytest.raises(BadPeriod):
        fit([ok], as_of="2020", seed=1, fast=True)


def test_odd_but_legal():
    same_day = History("a", days("2020-01-01", "2020-01-01", "2020-01-02"))
    many = History("b", tuple((d, d) for d in range(date(2020, 1, 1).toordinal(), date(2021, 1, 1).toordinal(), 3)))
    ancient = History("c", days("1950-01-01", "2020-01-01"))
    vague = History("d", ((date(2020, 1, 1), date(2020, 12, 31)), (date(2020, 1, 1), date(2020, 12, 31))))
    within = History("e", days("2020-01-01", "2020-02-01"), at_risk_exclusions=((date(2019, 1, 1), date(2021, 1, 1)),))
    no_host = History("f", days("2020-01-01"), occasions=())
    result = fit([same_day, many, ancient, vague, within, no_host], as_of=AS_OF, seed=1, fast=True)
    assert ((result.p_alive >= 0) & (result.p_alive <= 1)).all()
    assert (result.p_alive_low <= result.p_alive_high).all()
    assert result.state[1] == "lapsed"

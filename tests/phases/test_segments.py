"""Segmentation: against enumeration of all segmentations, by hand, by laws, by planted truths, by hostile input."""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import betabinom, multivariate_t, nbinom, norm

from minilateral.errors import BadInput
from minilateral.phases import constrained_evidence, log_number_of_ways, remove_season, segment

# Annual flow of the Nile at Aswan 1871-1970, 10^8 m^3 (Cobb 1978): public, in every statistics package.
NILE = """
1120 1160 963 1210 1160 1160 813 1230 1370 1140 995 935 1110 994 1020 960 1180 799 958 1140 1100 1210 1150
1250 1260 1220 1030 1100 774 840 874 694 940 833 701 916 692 1020 1050 969 831 726 456 824 702 1120 1100 832
764 821 768 845 864 862 698 845 744 796 1040 759 781 865 845 944 984 897 822 1010 771 676 649 846 812 742 801
1040 860 874 848 890 744 749 838 1050 918 986 797 923 975 815 1020 906 901 1170 912 746 919 718 714 740
"""
NILE = np.array(NILE.split(), dtype=float)
FORMS = {
    "normal": {"model": "normal"},
    "correlated": {"model": "normal", "rhos": (0.8,)},
    "trend": {"model": "trend"},
    "average": {"model": "auto", "rhos": (0.0, 0.5)},
    "student": {"model": "student"},
    "poisson": {"model": "poisson", "exposure": [1, 2, 1, 1, 0.5, 0, 1, 1, 1, 2]},
    "negative_binomial": {"model": "negative_binomial"},
}


def every(n, most, minimum):
    """All segmentations."""
    for k in range(most + 1):
        for cuts in itertools.combinations(range(1, n), k):
            edges = [0, *cuts, n]
            if min(np.diff(edges)) >= minimum:
                yield cuts


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("minimum", [1, 2, 3])
def test_equals_the_sum_over_all_segmentations(form, minimum):
    values = np.array([2.0, 3, 2, 9, 7, np.nan, 8, 1, 2, 1])
    found = segment(values, minimum_length=minimum, most=4, **FORMS[form])
    n, ways = len(values), list(every(len(values), 4, minimum))
    joint = np.array([found.log_joint(c) for c in ways])
    assert logsumexp(joint) == pytest.approx(found.log_evidence, abs=1e-9)
    chance = np.exp(joint - logsumexp(joint))
    for k, p in enumerate(found.number):
        assert p == pytest.approx(sum(q for q, c in zip(chance, ways, strict=True) if len(c) == k), abs=1e-10)
    for t in range(n):
        assert found.dates[t] == pytest.approx(sum(q for q, c in zip(chance, ways, strict=True) if t in c), abs=1e-10)
    assert found.changes == ways[int(np.argmax(joint))] or form == "average"
    assert found.log_probability == pytest.approx(found.log_joint(found.changes) - found.log_evidence)

    def share(holds):
        return pytest.approx(sum(q for q, c in zip(chance, ways, strict=True) if holds(c)), abs=1e-10)

    assert found.probability_in(3, 4) == share(lambda c: {3, 4} & set(c))
    assert found.probability_all([(3, 4), (7, 8)]) == share(lambda c: {3, 4} & set(c) and {7, 8} & set(c))
    assert found.probability_none([(1, 2), (9, 9)]) == share(lambda c: not {1, 2, 9} & set(c))


def test_prior_of_the_number_of_changes():
    # the Beta(a, b) hazard is a beta-binomial number; dates are uniform given the number
    flat = segment(np.zeros(12), model="normal", minimum_length=1, most=11, hazard_prior=(2.0, 5.0))
    prior = [math.exp(p + log_number_of_ways(12, k, 1)) for k, p in enumerate(flat.log_prior)]
    assert prior == pytest.approx([betabinom(11, 2, 5).pmf(k) for k in range(12)])
    even = segment(np.zeros(12), model="normal", minimum_length=2, most=3, hazard_prior=(1.0, 1.0))
    prior = [math.exp(p + log_number_of_ways(12, k, 2)) for k, p in enumerate(even.log_prior)]
    assert prior == pytest.approx([0.25] * 4)
    assert math.exp(log_number_of_ways(12, 3, 2)) == pytest.approx(sum(len(c) == 3 for c in every(12, 3, 2)))


def test_marginals_equal_published_laws():
    values = np.array([1.0, 3.0, 2.0, 5.0])
    table = segment(values, model="normal", minimum_length=1).components[0].table
    # normal-inverse-gamma: the marginal of a segment is a multivariate t (Bernardo and Smith 1994)
    spread, centre = values.std(), np.median(values)
    z = (values - centre) / spread
    steps = z[1:]
    noise = 0.3 * max((1.4826 * np.median(abs(steps - np.median(steps)))) ** 2, 0.01 * steps.var())
    shape = noise * (np.eye(4) + np.ones((4, 4)) / noise)
    t = multivariate_t(np.zeros(4), shape, df=2)
    assert table[0, 4] == pytest.approx(t.logpdf(z) - 4 * math.log(spread))
    # a gap of two steps under autocorrelation is integrated out exactly
    rho, gappy = 0.7, np.array([1.0, np.nan, 2.0, 5.0])
    table = segment(gappy, model="normal", rhos=(rho,), minimum_length=1).components[0].table
    seen = np.array([0, 2, 3])
    z = (gappy[seen] - np.nanmedian(gappy)) / np.nanstd(gappy)
    width = np.sqrt((1 - rho ** (2 * np.array([2, 1]))) / (1 - rho**2))
    steps = (z[1:] - rho ** np.array([2, 1]) * z[:-1]) / width
    noise = 0.3 * max((1.4826 * np.median(abs(steps - np.median(steps)))) ** 2, 0.01 * steps.var())
    law = rho ** abs(seen[:, None] - seen) / (1 - rho**2)
    t = multivariate_t(np.zeros(3), noise * (law + 1 / noise), df=2)
    assert table[0, 4] == pytest.approx(t.logpdf(z) - 3 * math.log(np.nanstd(gappy)))
    # gamma-Poisson with one exposure is a negative binomial
    table = segment([4, 1, 3], model="poisson", minimum_length=1).components[0].table
    b = 3 / 8.5
    assert table[1, 2] == pytest.approx(nbinom(1, b / (b + 1)).logpmf(1))
    # the line: intercept and slope integrated numerically for a known case
    y = np.array([0.0, 1.0, 2.0])
    table = segment(y, model="trend", minimum_length=1).components[0].table
    z, place = (y - 1) / y.std(), np.array([-1, 0, 1]) / 3
    noise = 0.3 * max(0.01 * z[1:].var(), (1.4826 * np.median(abs(z[1:] - np.median(z[1:])))) ** 2, 1e-8)
    shape = noise * np.eye(3) + 1 + 49 * np.outer(place, place)
    assert table[0, 3] == pytest.approx(multivariate_t(np.zeros(3), shape, df=2).logpdf(z) - 3 * math.log(y.std()))


def test_negative_binomial_grid_is_close_to_the_integral():
    counts, size = [3, 0, 6, 2], 5.0
    part = next(c for c in segment(counts, model="negative_binomial", minimum_length=1).components if c.name[-1] == "5")
    b = 4 / 11.5

    def integrand(rate):
        return np.prod(nbinom(size, size / (size + rate)).pmf(counts)) * b * math.exp(-b * rate)

    assert part.table[0, 4] == pytest.approx(math.log(quad(integrand, 0, 60)[0]), abs=0.1)


def test_nile():
    found = segment(NILE, model="normal")
    assert found.changes == (28,)  # 1899, as three of five annotators and the literature say
    assert found.number[0] < 0.01
    assert found.probability_in(26, 30) > 0.9
    assert segment(NILE).changes == (28,)


def test_laws():
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.normal(0, 1, 25), rng.normal(4, 1, 20), rng.normal(1, 1, 25)])
    base = segment(values)
    assert base.number.sum() == pytest.approx(1)
    assert base.dates.sum() == pytest.approx(base.expected_number)
    scaled = segment(values * 250 - 3e4)
    assert scaled.changes == base.changes
    assert scaled.dates == pytest.approx(base.dates, abs=1e-8)
    straight, turned = (segment(v, model="poisson").dates for v in (np.arange(30) // 11, (np.arange(30) // 11)[::-1]))
    assert turned[1:][::-1] == pytest.approx(straight[1:], abs=1e-9)
    gap = values.copy()
    gap[10:13] = np.nan
    assert segment(gap).changes == base.changes
    exposed = segment([2, 4, 6, 20, 22, 18], model="poisson", exposure=[2] * 6, minimum_length=1)
    plain = segment([2, 4, 6, 20, 22, 18], model="poisson", minimum_length=1)
    assert exposed.dates == pytest.approx(plain.dates)
    assert constrained_evidence(base, 2)[1] == pytest.approx(math.exp(log_number_of_ways(70, 2, 3)))


def test_missing_is_not_zero():
    counts = np.array([9, 8, 10, 9, np.nan, np.nan, np.nan, np.nan, 10, 9, 8, 11])
    assert segment(counts, model="poisson", minimum_length=2).changes == ()
    assert segment(np.nan_to_num(counts), model="poisson", minimum_length=2).changes == (4, 8)
    # a fall of what is recorded, not of what happens, is no change once the exposure is known
    counts, share = [20, 22, 19, 21, 20, 5, 4, 6, 5, 5], [1.0] * 5 + [0.25] * 5
    assert segment(counts, model="poisson").changes == (5,)
    assert segment(counts, model="poisson", exposure=share).changes == ()


def test_extra_variance_makes_no_phases():
    rng = np.random.default_rng(8)
    counts = rng.negative_binomial(1.5, 1.5 / (1.5 + 8), 80)
    assert len(segment(counts, model="poisson").changes) > 3
    assert segment(counts, model="negative_binomial").changes == ()


def test_planted_truths():
    rng = np.random.default_rng(11)
    t = np.arange(90)
    bent = np.where(t < 45, 0.2 * t, 9 - 0.3 * (t - 45)) + rng.normal(0, 0.5, 90)
    assert segment(bent, model="trend").probability_in(41, 49) > 0.95
    walk = np.zeros(120)
    for i in range(1, 120):
        walk[i] = 0.9 * walk[i - 1] + rng.normal()
    assert segment(walk).number[0] > segment(walk, model="normal").number[0]
    assert len(segment(walk).changes) == 0
    spiky = rng.standard_t(2, 60) + np.repeat([0.0, 8.0], 30)
    assert segment(spiky, model="student").changes == (30,)


def test_calibration_of_the_number():
    # worlds drawn from the prior of the hazard: the stated and the true frequency of no change agree
    rng = np.random.default_rng(5)
    stated, true = [], []
    while len(true) < 80:
        cuts = np.flatnonzero(rng.random(39) < rng.beta(1, 20)) + 1
        edges = [0, *cuts, 40]
        if min(np.diff(edges)) >= 3:
            levels = norm.rvs(0, 2, len(edges) - 1, random_state=rng)
            stated.append(segment(np.repeat(levels, np.diff(edges)) + rng.normal(size=40)).number[0])
            true.append(len(cuts) == 0)
    assert abs(np.mean(stated) - np.mean(true)) < 0.1


def test_draws_follow_the_posterior():
    found = segment(NILE, rhos=(0.0, 0.5))
    drawn = found.draw(3000, seed=2)
    assert drawn == found.draw(3000, seed=2)
    share = np.mean([any(26 <= c <= 29 for c in d) for d in drawn])
    assert share == pytest.approx(found.probability_in(26, 29), abs=0.03)
    assert np.mean([len(d) for d in drawn]) == pytest.approx(found.expected_number, abs=0.1)


def test_season():
    rng = np.random.default_rng(4)
    t = np.arange(120)
    noise = np.where(t < 60, 0, 2.0) + rng.normal(0, 0.4, 120)
    y = 5 * np.sin(2 * np.pi * t / 12) + noise
    y[30] = np.nan
    flat, period = remove_season(y)
    assert period == 12
    assert np.isnan(flat[30])
    assert np.nanmax(np.abs(flat - noise)) < 1.0
    assert segment(y, period="auto").changes == (60,)
    assert segment(y, period=12).period == 12
    plain, none = remove_season(noise)
    assert none == 1
    assert (plain == noise).all()


def test_hostile_input():
    assert segment([5.0]).changes == ()
    assert segment([5.0]).probability_none([]) == 1.0
    constant = segment([3.0] * 30)
    assert constant.changes == ()
    assert np.isfinite(constant.log_evidence)
    assert segment([0] * 20, model="poisson").changes == ()
    far = segment(np.repeat([0.0, 1e9], 20) + np.tile([0.0, 1.0], 20))
    assert far.changes == (20,)
    step = segment(np.repeat([0.0, 1.0], 20), model="normal")
    assert step.changes == (20,)
    assert step.probability_in(20, 20) > 0.99
    for bad, options in [
        ([], {}),
        ([np.nan, np.nan], {}),
        ([1.0, np.inf], {}),
        ([[1.0, 2.0]], {}),
        ([1.0, 2.0], {"model": "magic"}),
        ([1.0, 2.5], {"model": "poisson"}),
        ([1, -2], {"model": "poisson"}),
        ([1, 2], {"model": "poisson", "exposure": [1]}),
        ([1, 2], {"model": "poisson", "exposure": [1, 0]}),
        ([1, 2], {"model": "poisson", "period": 12}),
        ([1, 2], {"exposure": [1, 1]}),
        ([1, 2], {"rhos": (1.0,)}),
        ([1, 2], {"hazard": 0.0}),
        ([1, 2], {"hazard_prior": (0.0, 1.0)}),
        ([1, 2], {"minimum_length": 0}),
        ([1, 2], {"most": -1}),
        ([1, 2], {"period": 12}),
        ([1, 2], {"prior_level": 0}),
    ]:
        with pytest.raises(BadInput):
            segment(bad, **options)
    found = segment(NILE, model="normal")
    for window in [(0, 3), (5, 4), (3, 100)]:
        with pytest.raises(BadInput):
            found.probability_in(*window)
    with pytest.raises(BadInput):
        found.probability_all([(3, 4)] * 11)

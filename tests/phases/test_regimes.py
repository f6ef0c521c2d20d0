"""Recurring levels: Hamilton's published estimates, enumeration of all paths, planted truths, hostile input."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm, poisson

from minilateral.errors import BadInput
from minilateral.phases import choose_regimes, fit_regimes, fit_switching_mean

GOLDEN = Path(__file__).parents[3] / "shared" / "data" / "golden" / "time_series" / "timeseries_golden.json"


@pytest.mark.skipif(not GOLDEN.exists(), reason="shared/data/golden is not beside this checkout")
def test_hamilton_1989():
    golden = json.loads(GOLDEN.read_text())
    told = golden["hamilton1989"]["params"]
    fit = fit_switching_mean(golden["hamilton1989_data_rgnp"], lags=4, starts=3)
    assert fit.log_likelihood == pytest.approx(-181.26339, abs=1e-5)
    assert fit.stay == pytest.approx([told["p[0->0]"], 1 - told["p[1->0]"]], abs=1e-4)
    assert fit.means == pytest.approx([told["const[0]"], told["const[1]"]], abs=1e-4)
    assert fit.variance == pytest.approx(told["sigma2"], abs=1e-4)
    assert fit.autoregression == pytest.approx([told[f"ar.L{j}"] for j in (1, 2, 3, 4)], abs=1e-4)
    assert fit.durations == pytest.approx(golden["hamilton1989"]["expected_durations"], abs=2e-3)
    # Hamilton's table 1: standard errors 0.265 and 0.0745 of the means
    assert fit.errors[2:4] == pytest.approx([0.265, 0.0745], abs=0.001)
    assert len(fit.probabilities) == 131


@pytest.mark.parametrize("emission", ["gaussian", "poisson"])
def test_equals_the_sum_over_all_paths(emission):
    y = np.array([1.0, 2, np.nan, 8, 9, 7, 1, 1])
    fit = fit_regimes(y, 2, emission=emission, starts=3)
    seen = np.isfinite(y)
    if emission == "gaussian":
        dense = norm.pdf(y[:, None], fit.levels, fit.spreads)
    else:
        dense = poisson.pmf(np.nan_to_num(y)[:, None], fit.levels)
    dense = np.where(seen[:, None], dense, 1.0)
    chances = {}
    for path in itertools.product(range(2), repeat=len(y)):
        p = fit.initial[path[0]] * dense[0, path[0]]
        for t in range(1, len(y)):
            p *= fit.transition[path[t - 1], path[t]] * dense[t, path[t]]
        chances[path] = p
    total = sum(chances.values())
    assert fit.log_likelihood == pytest.approx(np.log(total))
    assert tuple(fit.path) == max(chances, key=chances.get)
    for t in range(len(y)):
        expected = sum(p for path, p in chances.items() if path[t] == 1) / total
        assert fit.probabilities[t, 1] == pytest.approx(expected, abs=1e-9)


def chain(rng, n, levels, stay=0.95):
    path = [0]
    for _ in range(n - 1):
        path.append(path[-1] if rng.random() < stay else int(rng.integers(len(levels))))
    return np.array(path), np.array(levels)[path]


def test_planted_levels_are_found():
    rng = np.random.default_rng(6)
    path, level = chain(rng, 200, [0.0, 3.0, 8.0])
    y = level + rng.normal(size=200)
    y[40:45] = np.nan
    best = choose_regimes(y, (2, 3, 4), starts=4)[0]
    assert len(best.levels) == 3
    assert np.all(np.abs(best.levels - [0, 3, 8]) < 3 * best.level_errors + 0.05)
    assert np.all((best.level_errors > 0.05) & (best.level_errors < 0.3))
    assert np.mean(best.path == path) > 0.95
    assert best.probabilities.sum(axis=1) == pytest.approx(np.ones(200))
    counts = rng.poisson(np.where(path == 2, 9.0, 2.0))
    fit = choose_regimes(counts, (1, 2, 3), emission="poisson", starts=4)[0]
    assert fit.levels == pytest.approx([2, 9], abs=1.0)


def test_exposure_and_one_regime():
    rng = np.random.default_rng(1)
    share = np.where(np.arange(60) < 30, 1.0, 0.25)
    counts = rng.poisson(12 * share)
    assert len(choose_regimes(counts, (1, 2), emission="poisson", exposure=share)[0].levels) == 1
    assert len(choose_regimes(counts, (1, 2), emission="poisson")[0].levels) == 2
    one = fit_regimes(counts, 1, emission="poisson", exposure=share)
    assert one.levels[0] == pytest.approx(counts.sum() / share.sum())
    assert one.level_errors[0] == pytest.approx(np.sqrt(counts.sum()) / share.sum(), rel=0.01)
    assert one.changes == ()


def test_laws():
    rng = np.random.default_rng(9)
    _, level = chain(rng, 120, [0.0, 4.0])
    y = level + rng.normal(size=120)
    a, b = fit_regimes(y, 2, seed=3), fit_regimes(y * 10 - 50, 2, seed=3)
    assert (a.probabilities == fit_regimes(y, 2, seed=3).probabilities).all()
    assert b.levels == pytest.approx(a.levels * 10 - 50, abs=1e-3)
    assert a.log_likelihood == pytest.approx(b.log_likelihood + 120 * np.log(10), abs=1e-4)
    assert (a.path == b.path).all()
    assert a.changes == tuple(np.flatnonzero(np.diff(a.path)) + 1)


def test_hostile_input():
    constant = fit_regimes([2.0] * 12, 2)
    assert np.isfinite(constant.log_likelihood)
    for call in [
        lambda: fit_regimes([1.0, 2.0], 2),
        lambda: fit_regimes([1.0] * 9, 0),
        lambda: fit_regimes([1.0] * 9, 1, emission="cauchy"),
        lambda: fit_regimes([1.5] * 9, 1, emission="poisson"),
        lambda: fit_regimes([1.0, np.inf] * 9, 1),
        lambda: fit_regimes([1.0] * 9, 1, exposure=[1.0] * 9),
        lambda: fit_regimes([1] * 9, 1, emission="poisson", exposure=[0] * 9),
        lambda: fit_switching_mean([1.0, np.nan] * 20),
        lambda: fit_switching_mean([1.0] * 12),
        lambda: fit_switching_mean([1.0] * 40, lags=7),
    ]:
        with pytest.raises(BadInput):
            call()

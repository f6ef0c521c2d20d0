"""Calibration of the two-factor model (docs/methods/dimensions.md). Run: python benchmarks/factors.py [panels]."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from minilateral.measure import factors

KINDS = ("count", "count", "continuous", "binary", "binary", "ordinal", "ordinal", "share") * 2
FACTOR = (0,) * 8 + (1,) * 8


def correlation(x, y):
    good = ~np.isnan(x) & ~np.isnan(y)
    return float(np.corrcoef(x[good], y[good])[0, 1])


def anchored(panel):
    return replace(panel, anchors=np.ones(panel.shape[2], dtype=bool))


def recovery(panels, draws, burn, all_anchors=False, **world):
    """Over panels: cells covered by 90 % intervals; r of the model, the point estimate, the rivals."""
    rows = []
    for seed in range(panels):
        f, panel = factors.simulate(KINDS, FACTOR, seed=1000 + seed, **world)
        panel = anchored(panel) if all_anchors else panel
        fit = factors.fit_em(panel)
        drawn = factors.fit_gibbs(panel, seed=seed, draws=draws, burn=burn, start=fit)
        made = factors.summarise(drawn)
        spread = drawn.f.reshape(-1, *f.shape).std(axis=0)
        rivals = (made.mean, fit.mean, factors.equal_weight(panel), factors.principal_component(panel))
        rs = [np.mean([correlation(m[..., j], f[..., j]) for j in (0, 1)]) for m in rivals]
        own = np.mean(
            [
                np.sqrt(1 - (spread[..., j] ** 2).mean() / ((spread[..., j] ** 2).mean() + made.mean[..., j].var()))
                for j in (0, 1)
            ]
        )
        inside = ((f >= made.low) & (f <= made.high)).mean()
        em = (np.abs(f - fit.mean) < 1.645 * fit.sd).mean()
        rows.append((inside, em, *rs, own, (made.high - made.low).mean(), drawn.rhat["f"].max(), drawn.ess["f"].min()))
    names = ("coverage", "coverage_em", "r", "r_em", "r_equal", "r_pc", "r_by_posterior", "width", "rhat", "ess")
    table = np.array(rows)
    print(
        {"all_anchors": all_anchors, **world},
        {n: round(float(v), 3) for n, v in zip(names, table.mean(axis=0), strict=True)},
        end=" ",
    )
    print(
        "worst rhat", round(table[:, 8].max(), 3), "coverage by panel", np.quantile(table[:, 0], [0, 0.5, 1]).round(2)
    )


def trend(groups, seeds=12):
    """A straight rise from -2 to 2 in 35 years, scaled to the truth of the first 28: the end is pulled in."""
    rows = []
    rise = np.linspace(-2, 2, 35)
    kinds = ("count",) * 3 + ("binary",) * 3 + ("continuous",) * 2
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        values = np.empty((groups, 35, 8))
        for k, kind in enumerate(kinds):
            signal, e = np.tile(0.9 * rise, (groups, 1)), rng.standard_normal((groups, 35))
            counts = rng.poisson(np.exp(0.5 + 0.7 * signal))
            values[:, :, k] = counts if kind == "count" else signal + e > 0 if kind == "binary" else signal + 0.7 * e
        values[rng.random(values.shape) < 0.4] = np.nan
        fit = factors.fit_em(factors.Panel(values, kinds, [0] * 8, [True] * 8))
        mean = fit.mean[..., 0].mean(axis=0)
        scaled = np.polyval(np.polyfit(mean[:-7], rise[:-7], 1), mean)
        rows.append((np.polyfit(rise[-7:], scaled[-7:], 1)[0], (scaled - rise)[-3:].mean(), correlation(mean, rise)))
    print(f"trend, {groups} groups: slope of last 7, error of last 3, r", np.mean(rows, axis=0).round(3))


def walks(seeds=40):
    """AR(1) of variance 1 against a random walk, Gaussian indicators, loadings known: root mean square error of f."""
    t = np.arange(35)
    error = {}
    for name in ("stationary", "trend", "walk"):
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            if name == "stationary":
                true = np.zeros(35)
                true[0] = rng.standard_normal()
                for i in t[1:]:
                    true[i] = 0.9 * true[i - 1] + np.sqrt(1 - 0.81) * rng.standard_normal()
            else:
                true = np.linspace(-2, 2, 35) if name == "trend" else np.cumsum(rng.normal(0, 0.25, 35))
            seen = rng.binomial(8, 0.6, 35)
            weight = seen * 0.64 / 0.49
            y = true + rng.standard_normal(35) / np.sqrt(np.maximum(weight, 1e-9))
            noise = np.diag(1 / np.maximum(weight, 1e-9))
            for model in ("ar1", "walk"):
                best = (-np.inf, None)
                for phi in factors.PHI_GRID:
                    q = 1 - phi**2
                    prior = phi ** np.abs(np.subtract.outer(t, t)) if model == "ar1" else 1 + q * np.minimum.outer(t, t)
                    total = prior + noise
                    solved = np.linalg.solve(total, y)
                    log = -0.5 * np.linalg.slogdet(total)[1] - 0.5 * y @ solved
                    if log > best[0]:
                        best = (log, prior @ solved)
                gap = best[1] - true
                error.setdefault((name, model), []).append((np.mean(gap**2), np.mean(gap[-3:] ** 2)))
    for key, value in error.items():
        print("truth, model", key, "rmse all years, last 3", np.sqrt(np.mean(value, axis=0)).round(3))


def clock():
    for groups in (1, 8):
        panel = anchored(factors.simulate(KINDS, FACTOR, seed=1, groups=groups)[1])
        start = time.process_time()
        fit = factors.fit_em(panel)
        middle = time.process_time()
        drawn = factors.fit_gibbs(panel, seed=1, start=fit)
        print(
            f"G={groups}: CPU s EM {middle - start:.2f}, Gibbs 4 x 1500 sweeps {time.process_time() - middle:.1f},",
            "R-hat", {k: round(float(np.nanmax(v)), 3) for k, v in drawn.rhat.items()},
            "ESS", {k: round(float(np.nanmin(v))) for k, v in drawn.ess.items()},
        )  # fmt: skip


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    clock()
    walks()
    for groups in (1, 3):
        trend(groups)
    for world in ({}, {"strength": 2.0}, {"lognormal": True}, {"groups": 1, "all_anchors": True}, {"missing": 0.7}):
        recovery(n, 300, 150, **world)

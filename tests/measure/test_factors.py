"""The two-factor model: planted truths, laws, a published scale, hostile input. Card: docs/methods/dimensions.md."""

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import nbinom

from minilateral.errors import BadInput, NoEvidence
from minilateral.measure.factors import (
    PHI_GRID,
    FactorFit,
    Panel,
    contributions,
    diagnose,
    equal_weight,
    fit_em,
    fit_gibbs,
    leave_out,
    principal_component,
    prior_only,
    simulate,
    static_panel,
    summarise,
)

ALLIANCES = Path(__file__).parents[3] / "shared" / "data" / "alliances" / "AllianceDataScoreJCR_RR.csv"
KINDS = ("count", "count", "continuous", "binary", "binary", "ordinal", "ordinal", "share") * 2
FACTOR = (0,) * 8 + (1,) * 8
NAN = float("nan")


def r(x, y):
    good = ~np.isnan(x) & ~np.isnan(y)
    return float(np.corrcoef(x[good], y[good])[0, 1])


@cache
def world(seed=1, **kind):
    """6 groups, 35 years, 16 indicators (8 a dimension), 40 % missing, unless said otherwise."""
    return simulate(KINDS, FACTOR, seed=seed, **kind)


@cache
def fitted(seed=1, **kind):
    return fit_em(world(seed, **kind)[1])


def pick(panel, groups=slice(None), indicators=slice(None)):
    names = tuple(np.array(panel.names)[indicators])
    return Panel(
        panel.values[groups][:, :, indicators],
        tuple(np.array(panel.kinds)[indicators]),
        panel.factor[indicators],
        panel.anchors[indicators],
        None if panel.exposure is None else panel.exposure[groups][:, :, indicators],
        names=names,
    )


# ---- planted truths ----


@cache
def recovered():
    """Two panels of strong indicators, two of middling ones."""
    made = []
    for seed, strength in ((21, 2.0), (22, 2.0), (31, 1.0), (32, 1.0)):
        f, panel = world(seed, strength=strength)
        draws = fit_gibbs(panel, seed=seed, draws=350, burn=80, start=fitted(seed, strength=strength))
        made.append((strength, f, panel, draws, summarise(draws)))
    return made


def test_ninety_per_cent_intervals_hold_the_truth_about_nine_times_in_ten():
    inside = [((f >= s.low) & (f <= s.high)).mean() for _, f, _, _, s in recovered()]
    assert 0.85 < np.mean(inside) < 0.95


def test_strong_indicators_recover_the_dimensions_at_40_per_cent_missing():
    strong = [r(s.mean[..., j], f[..., j]) for q, f, _, _, s in recovered() if q == 2 for j in (0, 1)]
    assert np.mean(strong) >= 0.95


def test_middling_indicators_recover_what_the_posterior_says_they_can_and_more_than_rivals():
    for _, f, panel, draws, s in recovered()[2:]:
        variance = draws.f.var(axis=(0, 1))
        for j in (0, 1):
            own = np.sqrt(1 - variance[..., j].mean() / (variance[..., j].mean() + s.mean[..., j].var()))
            assert abs(r(s.mean[..., j], f[..., j]) - own) < 0.1
            assert r(s.mean[..., j], f[..., j]) > r(equal_weight(panel)[..., j], f[..., j])
            assert r(s.mean[..., j], f[..., j]) > r(principal_component(panel)[..., j], f[..., j])


def test_what_is_lost_is_lost_to_the_indicators_and_not_to_the_estimation():
    """Six groups recover f about as well as if the parameters were known, here from forty groups."""
    f, panel = world(51, groups=40)
    known = fit_em(panel)
    some = pick(panel, groups=slice(0, 6))
    told, own = fit_em(some, start=known, most=1), fit_em(some)
    for j in (0, 1):
        limit = r(told.mean[..., j], f[:6, :, j])
        assert limit < 0.97  # it is a limit: there is something to lose
        assert r(own.mean[..., j], f[:6, :, j]) > limit - 0.02


def test_chains_agree():
    for _, _, _, draws, _ in recovered():
        assert np.max(draws.rhat["f"]) <= 1.02 or np.mean(draws.rhat["f"] > 1.02) < 0.02
        assert np.median(draws.ess["f"]) > 800
        assert min(draws.acceptance.values()) > 0.7


def test_point_estimate_agrees_with_the_posterior():
    for (_, _, _, _, s), (seed, strength) in zip(
        recovered(), ((21, 2.0), (22, 2.0), (31, 1.0), (32, 1.0)), strict=True
    ):
        fit = fitted(seed, strength=strength)
        assert fit.converged
        assert np.diff(fit.objective).min() > -1e-6
        for j in (0, 1):
            assert r(fit.mean[..., j], s.mean[..., j]) > 0.98


def test_the_sampler_is_right_where_the_answer_is_known():
    """Gaussian indicators: what is drawn given phi, loadings and noise has the moments of the exact smoother."""
    _, panel = simulate(["continuous"] * 6, [0] * 6, seed=5, groups=2, years=12)
    draws = fit_gibbs(panel, seed=1, draws=400, burn=100)
    z = np.stack([(v - np.nanmean(v)) / np.nanstd(v) for v in np.moveaxis(panel.values, 2, 0)], axis=2)
    t = np.arange(12)
    means = []
    for c, i in [(c, i) for c in range(4) for i in range(0, 400, 8)]:
        loading, tau, sigma = draws.loading[c, i], draws.intercept[c, i], draws.noise[c, i]
        prior = np.linalg.inv(draws.phi[c, i, 0] ** np.abs(np.subtract.outer(t, t)))
        weight = (~np.isnan(z) * (loading / sigma) ** 2).sum(axis=2)
        h = np.nansum((z - tau) * loading / sigma**2, axis=2)
        means.append(np.stack([np.linalg.solve(prior + np.diag(weight[g]), h[g]) for g in range(2)]))
    gap = np.mean(means, axis=0) - draws.f[..., 0].mean(axis=(0, 1))
    assert np.abs(gap).max() < 0.12  # 200 parameter draws: about 0.04 of Monte Carlo error


def test_the_sampler_agrees_with_weighted_draws_from_the_prior():
    """A panel so small that brute force gives the posterior: a count, an ordinal, a binary indicator, three years."""
    values = np.array([[[1, 0, 0], [NAN, 1, NAN], [4, 2, 1]]])
    exposure = np.ones((1, 3, 3))
    exposure[:, :, 0] = 0.5
    panel = Panel(values, ["count", "ordinal", "binary"], [0, 0, 0], [True, True, True], exposure)
    draws = fit_gibbs(panel, seed=1, chains=24, draws=450, burn=100)
    rng, n = np.random.default_rng(1), 600_000
    phi = rng.choice(PHI_GRID, n)[:, None]
    f = rng.standard_normal((n, 1, 3))
    for t in range(1, 3):
        f[:, :, t] = phi * f[:, :, t - 1] + np.sqrt(1 - phi**2) * f[:, :, t]
    slope = np.abs(rng.standard_normal((3, n))) * np.array([[1.0], [1.5], [1.5]])
    tau = np.log(5.5) + 2 * rng.standard_normal(n)
    size = np.exp(np.log(4) + rng.standard_normal(n))
    cuts = np.sort(3 * rng.standard_normal((n, 2)), axis=1)
    edges = np.concatenate([np.full((n, 1), -np.inf), cuts, np.full((n, 1), np.inf)], axis=1)
    threshold = 3 * rng.standard_normal(n)
    log = np.zeros(n)
    for t in range(3):
        y, x = values[0, t], f[:, 0, t]
        if y[0] == y[0]:
            mean = 0.5 * np.exp(tau + slope[0] * x)
            log += nbinom.logpmf(y[0], size, size / (size + mean))
        if y[1] == y[1]:
            level = int(y[1])
            log += np.log(ndtr(edges[:, level + 1] - slope[1] * x) - ndtr(edges[:, level] - slope[1] * x) + 1e-300)
        if y[2] == y[2]:
            log += np.log(ndtr((slope[2] * x - threshold) * (1 if y[2] else -1)) + 1e-300)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    assert 1 / (weight**2).sum() > 500
    exact = np.tensordot(weight, f, axes=1)
    spread = np.sqrt(np.tensordot(weight, f**2, axes=1) - exact**2)
    made = draws.f[..., 0].reshape(-1, 1, 3)
    assert np.abs(made.mean(axis=0) - exact).max() < 0.1
    assert np.abs(made.std(axis=0) / spread - 1).max() < 0.08
    assert np.abs(draws.loading.mean(axis=(0, 1)) - slope @ weight).max() < 0.12
    assert abs(np.log(draws.noise[..., 0]).mean() - weight @ np.log(size)) < 0.1
    assert abs(draws.phi[..., 0].mean() - weight @ phi[:, 0]) < 0.02


def test_a_rise_stays_a_rise():
    """A straight trend: the last years are pulled in by less than a tenth of its range."""
    rng, rise = np.random.default_rng(3), np.linspace(-2, 2, 35)
    values = np.tile(rise[None, :, None], (3, 1, 6)) + 0.7 * rng.standard_normal((3, 35, 6))
    values[rng.random(values.shape) < 0.4] = NAN
    mean = fit_em(Panel(values, ["continuous"] * 6, [0] * 6, [True] * 6)).mean[..., 0].mean(axis=0)
    scaled = np.polyval(np.polyfit(mean[:-7], rise[:-7], 1), mean)
    assert r(mean, rise) > 0.99
    assert abs((scaled - rise)[-3:].mean()) < 0.4


# ---- laws ----


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not():
    _, panel = world()
    one, two, other = (fit_gibbs(panel, seed=s, draws=10, burn=5, start=fitted()) for s in (1, 1, 2))
    assert one.f.tobytes() == two.f.tobytes()
    assert one.f.tobytes() != other.f.tobytes()


def test_nothing_observed_gives_the_prior():
    _, panel = world()
    prior = prior_only(panel)
    assert np.all(prior.mean == 0)
    assert np.all(prior.sd == 1)
    assert set(prior.unused.values()) == {"never observed"}
    empty = replace(panel, values=np.full(panel.shape, NAN))
    s = summarise(fit_gibbs(empty, seed=1, draws=600, burn=0))
    assert np.abs(s.mean).max() < 0.1
    assert np.abs(s.high - 1.645).max() < 0.2
    assert np.abs(s.low + 1.645).max() < 0.2


def test_a_dimension_without_indicators_is_its_prior_and_leaves_the_other_alone():
    _, panel = world()
    fit = fit_em(pick(panel, indicators=slice(0, 8)))
    assert np.all(fit.mean[..., 1] == 0)
    assert np.allclose(fit.sd[..., 1], 1)
    assert np.abs(fit.mean[..., 0] - fitted().mean[..., 0]).max() < 0.05  # the stopping rule sees both


def test_permuting_groups_and_indicators_permutes_results():
    _, panel = world()
    rng = np.random.default_rng(0)
    groups, indicators = rng.permutation(6), rng.permutation(16)
    fit = fit_em(pick(panel, groups, indicators))
    assert np.allclose(fit.mean, fitted().mean[groups], atol=1e-6)
    assert np.allclose(fit.loading, fitted().loading[indicators], atol=1e-6)
    a = contributions(panel, fitted()).part
    b = contributions(pick(panel, groups, indicators), fit).part
    assert np.allclose(b, a[groups][:, :, indicators], atol=1e-5)


def test_reversing_time_reverses_f():
    _, panel = world()
    turned = replace(panel, values=panel.values[:, ::-1], exposure=panel.exposure[:, ::-1])
    assert np.allclose(fit_em(turned).mean[:, ::-1], fitted().mean, atol=1e-6)


def test_an_indicator_never_observed_or_never_varying_changes_nothing():
    _, panel = world()
    for value, why in ((NAN, "never observed"), (1.0, "never varies")):
        more = np.concatenate([np.full((6, 35, 1), value), panel.values], axis=2)
        exposure = np.concatenate([np.ones((6, 35, 1)), panel.exposure], axis=2)
        wider = Panel(more, ("binary", *panel.kinds), np.r_[0, panel.factor], np.r_[False, panel.anchors], exposure)
        fit = fit_em(wider)
        assert np.array_equal(fit.mean, fitted().mean)
        assert fit.unused == {"0": why}
        assert np.isnan(fit.loading[0])
        draws = [fit_gibbs(p, seed=3, draws=5, burn=2).f for p in (wider, panel)]
        assert np.array_equal(*draws)


def test_the_unit_of_a_continuous_indicator_and_the_labels_of_levels_do_not_matter():
    _, panel = world()
    values = panel.values.copy()
    values[:, :, 2] = 1e6 * values[:, :, 2] - 3e7
    values[:, :, 5] = 2 * values[:, :, 5] + 7
    fit = fit_em(replace(panel, values=values))
    assert np.allclose(fit.mean, fitted().mean, atol=1e-6)
    assert np.allclose(equal_weight(replace(panel, values=values))[:, :, 1], equal_weight(panel)[:, :, 1])


def test_twice_the_exposure_moves_the_intercept_alone():
    _, panel = world()
    exposure = panel.exposure.copy()
    exposure[:, :, 0] *= 2
    fit = fit_em(replace(panel, exposure=exposure))
    assert np.allclose(fit.mean, fitted().mean, atol=1e-6)
    assert fit.intercept[0] == pytest.approx(fitted().intercept[0] - np.log(2), abs=1e-6)


def test_a_structural_zero_is_not_a_missing_value():
    """Years before a body exists: as zeros they pull the dimension down, as missing they leave it to neighbours."""
    _, panel = world()
    zero, gone = panel.values.copy(), panel.values.copy()
    zero[:, :10, [0, 1, 3, 4]], gone[:, :10, [0, 1, 3, 4]] = 0.0, NAN
    with_zero, without = (fit_em(replace(panel, values=v)) for v in (zero, gone))
    assert with_zero.mean[:, :10, 0].mean() < without.mean[:, :10, 0].mean() - 0.3


def test_years_that_do_not_apply_have_no_result():
    _, panel = world()
    applies = np.ones((6, 35), dtype=bool)
    applies[0, :9] = False
    values = panel.values.copy()
    values[0, :9] = NAN
    limited = replace(panel, values=values, applies=applies)
    fit, draws = fit_em(limited), fit_gibbs(limited, seed=1, draws=10, burn=2)
    assert np.isnan(fit.mean[0, :9]).all()
    assert np.isfinite(fit.mean[applies]).all()
    assert np.isnan(draws.f[:, :, 0, :9]).all()


# ---- what makes f ----


def test_contributions_add_up_to_f():
    _, panel = world()
    parts = contributions(panel, fitted())
    for j in (0, 1):
        assert np.allclose(parts.part[:, :, panel.factor == j].sum(axis=2), fitted().mean[..., j], atol=0.02)


def test_the_shift_of_one_indicator_is_what_leaving_it_out_does_at_the_same_parameters():
    """Gaussian indicators, where the smoother is linear: the shift is exact."""
    _, panel = simulate(["continuous"] * 5, [0] * 5, seed=8, groups=2, years=15)
    fit = fit_em(panel)
    values = panel.values.copy()
    values[:, :, 4] = NAN
    loading, sigma = fit.loading[:4], fit.noise[:4]
    z = np.stack([(v - np.nanmean(v)) / np.nanstd(v) for v in np.moveaxis(panel.values, 2, 0)], axis=2)[:, :, :4]
    t = np.arange(15)
    prior = np.linalg.inv(fit.phi[0] ** np.abs(np.subtract.outer(t, t)))
    weight, h = (~np.isnan(z) * (loading / sigma) ** 2).sum(axis=2), (z - fit.intercept[:4]) * loading / sigma**2
    without = [np.linalg.solve(prior + np.diag(weight[g]), np.nansum(h[g], axis=1)) for g in range(2)]
    shift = contributions(panel, fit).shift[:, :, 4]
    assert np.allclose(shift, fit.mean[..., 0] - without, atol=1e-6)


def test_leaving_out_an_indicator_an_origin_or_the_anchors():
    _, panel = world()
    values = panel.values.copy()
    values[:, ::2, :8] = NAN
    made = leave_out(panel, {"noise": [7], "anchors": [0, 1], "sparse": replace(panel, values=values)}, start=fitted())
    assert set(made) == {"noise", "anchors", "sparse"}
    assert np.abs(made["noise"].shift).max() < np.abs(made["sparse"].shift).max()
    assert made["anchors"].promoted
    assert r(made["anchors"].fit.mean[..., 0], fitted().mean[..., 0]) > 0.8
    assert np.abs(made["noise"].shift[..., 1]).max() < 0.05


def test_rivals_by_hand():
    panel = Panel([[[0.0, 0.0], [NAN, 1.0], [2.0, 1.0], [NAN, NAN]]], ["continuous", "binary"], [0, 0], [True, False])
    low, high = -np.sqrt(2), np.sqrt(0.5)
    assert np.allclose(equal_weight(panel)[0, :3, 0], [(-1 + low) / 2, high, (1 + high) / 2])
    assert np.isnan(equal_weight(panel)[0, 3, 0])
    assert np.allclose(equal_weight(panel, signs=[1, -1])[0, 0, 0], (-1 - low) / 2)
    assert np.isnan(principal_component(panel)[..., 1]).all()


def test_principal_component_is_that_of_the_correlation_matrix():
    rng = np.random.default_rng(2)
    x = rng.standard_normal((40, 1)) * [1.0, 0.8, -0.6] + rng.standard_normal((40, 3))
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    vector = np.linalg.svd(z)[2][0]
    made = principal_component(Panel(x[None], ["continuous"] * 3, [0] * 3, [True, False, False]))[0, :, 0]
    assert abs(r(made, z @ vector)) > 0.9999
    assert r(made, x[:, 0]) > 0


def test_diagnostics_tell_good_chains_from_bad():
    rng = np.random.default_rng(4)
    good = rng.standard_normal((4, 600, 40))
    slow = np.zeros((4, 600, 40))
    for i in range(1, 600):
        slow[:, i] = 0.9 * slow[:, i - 1] + rng.standard_normal((4, 40))
    rhat, ess = diagnose(good)
    assert rhat.max() < 1.01
    assert abs(ess.mean() / 2400 - 1) < 0.1
    assert abs(diagnose(slow)[1].mean() / (2400 * 0.1 / 1.9) - 1) < 0.3  # n (1 - phi) / (1 + phi)
    assert diagnose(good + np.arange(4)[:, None, None])[0].min() > 1.3
    assert diagnose(good * np.array([1, 1, 1, 4.0])[:, None, None])[0].min() > 1.05  # folded: same mean, other spread
    assert np.isnan(diagnose(np.full((4, 10, 1), NAN))[0]).all()


# ---- a published scale ----

ITEMS = {
    "Depth.score": "milaid base milcontact organ1 intcom contrib commondef ecaid secrecy",
    "Scope.score": "unconditional offenseatop compel deterministic macowe defenseatop maconc consultatop neutatop "
    "nmaroir condother nmacowe renounceok renounceproh renouncecond maconp",
}


@pytest.mark.skipif(not ALLIANCES.exists(), reason="Benson and Clinton's data are not at hand")
@pytest.mark.parametrize("score", ITEMS)
def test_static_model_reproduces_benson_and_clinton(score):
    with ALLIANCES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    items = np.array([[float(row[c]) for c in ITEMS[score].split()] for row in rows])
    published = np.array([float(row[score]) for row in rows])
    fit = fit_em(static_panel(items))
    assert r(fit.mean[:, 0, 0], published) >= 0.95


# ---- hostile input ----


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"values": [[1.0]]}, "groups x years"),
        ({"values": [[["x"], [1]]]}, "array of numbers"),
        ({"values": [[[float("inf")], [1.0]]]}, "not finite"),
        ({"kinds": ["amount"]}, "not a kind"),
        ({"kinds": ["count"] * 2}, "does not fit 1"),
        ({"factor": [2]}, "other than 0 and 1"),
        ({"factor": [0.5]}, "other than 0 and 1"),
        ({"anchors": [False]}, "no anchor"),
        ({"kinds": ["binary"], "values": [[[2.0], [0.0]]]}, "neither 0 nor 1"),
        ({"kinds": ["count"], "values": [[[-1.0], [0.0]]]}, "whole number"),
        ({"kinds": ["count"], "values": [[[0.5], [0.0]]]}, "whole number"),
        ({"kinds": ["share"], "values": [[[0.0], [0.5]]]}, "strictly between"),
        ({"kinds": ["ordinal"], "values": [[[float(i)] for i in range(20)]]}, "more than"),
        ({"kinds": ["count"], "exposure": [[[0.0], [1.0]]]}, "above 0"),
        ({"kinds": ["count"], "exposure": [[[NAN], [1.0]]]}, "above 0"),
        ({"exposure": [[[2.0], [1.0]]]}, "not a count"),
        ({"exposure": [[1.0]]}, "not that of values"),
        ({"applies": [[True, False]]}, "does not apply"),
        ({"applies": [True]}, "not groups x years"),
        ({"names": ["a", "b"]}, "does not fit"),
    ],
)
def test_a_bad_panel_is_refused_with_the_reason(change, says):
    good = {"values": [[[1.0], [3.0]]], "kinds": ["continuous"], "factor": [0], "anchors": [True]}
    with pytest.raises(BadInput, match=says):
        Panel(**{**good, **change})


def test_other_refusals():
    _, panel = world()
    values = panel.values.copy()
    values[:, :, :2] = NAN
    with pytest.raises(NoEvidence, match="no anchor that varies"):
        fit_em(replace(panel, values=values))
    with pytest.raises(BadInput, match="too few"):
        fit_gibbs(panel, seed=1, chains=1)
    with pytest.raises(BadInput, match="does not fit"):
        fit_gibbs(pick(panel, slice(0, 2)), seed=1, start=fitted())
    with pytest.raises(BadInput, match="does not fit"):
        fit_em(pick(panel, indicators=slice(0, 8)), start=fitted())
    with pytest.raises(BadInput, match="fit of shape"):
        contributions(pick(panel, slice(0, 2)), fitted())
    with pytest.raises(BadInput, match="outside"):
        leave_out(panel, {"x": [99]}, start=fitted())
    with pytest.raises(BadInput, match="level"):
        summarise(recovered()[0][3], level=90)
    with pytest.raises(BadInput, match="signs"):
        equal_weight(panel, signs=[0] * 16)
    with pytest.raises(ValueError, match="read-only"):
        panel.values[0, 0, 0] = 1


@pytest.mark.parametrize("wild", ["separated", "huge", "two cells", "two years", "one year"])
def test_wild_panels_give_finite_numbers(wild):
    step, count = (np.arange(30) >= 20).astype(float), np.arange(90.0).reshape(1, 30, 3)
    values, kinds = {
        "separated": (np.stack([step, step, 2 * step], axis=1)[None], ["binary", "count", "ordinal"]),
        "huge": (np.stack([step * 1e6, step * 1e-9, step], axis=1)[None], ["count", "continuous", "binary"]),
        "two cells": (np.where(count < 6, count % 2, NAN), ["binary"] * 3),
        "two years": (np.array([[[0.0, 1.0, 0.0], [4.0, 2.0, 1.0]]]), ["count", "continuous", "binary"]),
        "one year": (np.array([[[0.0, 1.0, 0.0]], [[4.0, 2.0, 1.0]]]), ["count", "continuous", "binary"]),
    }[wild]
    panel = Panel(values, kinds, [0, 0, 0], [True, True, True])
    with np.errstate(all="raise", under="ignore"):
        fit = fit_em(panel)
        draws = fit_gibbs(panel, seed=1, draws=30, burn=10, start=fit)
    assert isinstance(fit, FactorFit)
    assert np.isfinite(fit.mean).all()
    assert np.isfinite(draws.f).all()
    assert np.all(draws.loading[..., 0] > 0)

"""Draws of whole paths of f around a point estimate, for questions about windows of years."""

from __future__ import annotations

import numpy as np

from minilateral.measure import factors as _f
from minilateral.measure.factors import FactorFit, Floats, Panel


def paths(panel: Panel, fit: FactorFit, *, seed: int, draws: int = 2000) -> Floats:
    """Draw paths of f from the Gaussian around a point estimate; the parameters are kept.

    Parameters
    ----------
    panel : Panel
    fit : FactorFit
        Of this panel.
    seed, draws : int

    Returns
    -------
    array [draws, G, T, 2]

    Examples
    --------
    >>> from minilateral.measure.factors import fit_em
    >>> panel = Panel([[[1.0], [0.0], [1.0]]], ["binary"], [0], [True])
    >>> paths(panel, fit_em(panel), seed=1, draws=5).shape
    (5, 1, 3, 2)
    """
    rng = np.random.default_rng(seed)
    cells = _f._arrange(panel)
    diagonal, off = _f._prior_precision(_f._per_series(cells, fit.phi[None]), cells.years)
    if cells.used.size:
        theta, noise, phi = _f._packed(panel, cells, fit)
        zero = np.zeros((cells.years, cells.series))
        now = _f._e_step(cells, _f._Smooth(zero, zero, zero, zero, zero, 0.0, zero), theta, noise, phi, 40)
        nodes = _f._nodes_at(cells, now.mean, now.variance)
        terms = _f._derivatives(cells, nodes, theta[None], noise[None])
        w = _f._WEIGHTS @ terms.info * theta[cells.k, 0] ** 2
        diagonal = diagonal + _f._tall(_f._tally(cells.at, w, cells.size)[None], cells.years)
    d, lower = _f._factorise(diagonal, off)
    size = (cells.years, cells.series)
    noise_drawn = rng.standard_normal((draws, *size))
    moved = np.stack([_f._out(cells, _f._flat(_f._solve(d, lower, np.zeros(size), z), 1)[0]) for z in noise_drawn])
    return np.asarray(fit.mean[None] + moved)

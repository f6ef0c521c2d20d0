"""The two dimensions by domain, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minilateral.figures.measures import (
    NARROW,
    SMALL,
    TEXTS,
    TINY,
    WIDE,
    _axes,
    _band,
    _end_labels,
    _inches,
    _line,
    _source,
    _title,
    _years,
)
from minilateral.figures.style import GRID, canvas
from minilateral.terms import code_table

if TYPE_CHECKING:
    from minilateral.measure.dimensions import DomainLevel, Domains

#: Colour and line of a domain: apart in grey too.
LOOKS: tuple[tuple[str, Any], ...] = (
    ("#0072b2", "-"),
    ("#b3541e", (0, (5, 1.5))),
    ("#007a5a", (0, (1, 1.2))),
    ("#8a4f7d", (0, (4, 1, 1, 1))),
    ("#3b3b3b", (0, (2, 2))),
    ("#7a6a00", (0, (7, 2, 1, 2))),
)


def domain_lines(found: Domains, language: str, *, narrow: bool = False, name: str = "domains") -> Any:
    """Draw institutionalisation and functionalisation by domain and year; years without a number are gaps.

    Parameters
    ----------
    found : Domains
    language, narrow, name
        As in `minilateral.figures.measures.dashboard_strip`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    names, texts = code_table(), TEXTS[language]
    width, tall = (NARROW, 2.2) if narrow else (WIDE, 2.4)
    seen = [x for x in found.levels if x.mean is not None]
    years = (min(x.year for x in seen), max(x.year for x in seen))
    values = [v for x in seen for v in (x.mean, x.low, x.high) if v is not None]
    pad = 0.04 * (max(values) - min(values) or 1)
    limits = (min(values) - pad, max(values) + pad)
    domains = list(dict.fromkeys(x.domain for x in seen))
    labels = {d: names.name("domain", d, language) for d in domains}
    margin = 0.35 + max(_inches(x, TINY) * 1.12 for x in labels.values())
    inner = width - 0.4 - margin
    with canvas(width, 2 * (tall + 0.5) + 0.15, name) as figure:
        for row, dimension in enumerate(names.codes("dimension")):
            top = 0.3 + row * (tall + 0.5)
            axis = _axes(figure, 0.4, top, inner, tall)
            axis.set_xlim(years[0] - 0.5, years[1] + 0.5)
            axis.set_ylim(*limits)
            axis.axhline(0, color=GRID, linewidth=0.8, zorder=0)
            title = names.name("dimension", dimension, language)
            sd = texts["sd"]
            _title(figure, 0.05, top - 0.07, f"{title} ({sd})" if language == "en" else f"{title}（{sd}）")
            axis.tick_params(labelsize=SMALL)
            axis.yaxis.grid(visible=True, color=GRID, linewidth=0.5)
            axis.set_axisbelow(True)
            axis.spines["left"].set_visible(False)
            _years(axis, (years[0] - 0.5, years[1] + 0.5), narrow)
            ends = [
                end
                for domain, (colour, dashes) in zip(domains, LOOKS, strict=False)
                for end in _drawn(axis, found.of(domain, dimension), labels[domain], colour, dashes)
            ]
            _end_labels(axis, ends, limits, tall, years[1] + 0.5, inner, bold="")
        _source(figure, found.as_of, language)
    return figure


def _drawn(
    axis: Any, levels: Sequence[DomainLevel], label: str, colour: str, dashes: Any
) -> list[tuple[float, float, str, str]]:
    known = [x for x in levels if x.mean is not None]
    if not known:
        return []
    key = f"{known[0].dimension}:{known[0].domain}"
    _band(axis, levels, key, colour=colour)
    _line(axis, levels, "mean", key, color=colour, linewidth=1.6, linestyle=dashes, zorder=4)
    return [(known[-1].year, float(known[-1].mean or 0.0), label, colour)]

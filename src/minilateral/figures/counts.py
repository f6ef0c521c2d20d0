"""Acts on record by part and bin: cooperative up, conflictual down, and where nothing was observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minilateral.figures.style import GRID, MUTED, TONES, WIDTH, canvas, to_svg


@dataclass(frozen=True, slots=True)
class Strip:
    """One part over the bins: (bin, state, cooperative, conflictual, neutral), counts None unless observed."""

    label: str
    values: tuple[tuple[str, str, int | None, int | None, int | None], ...]


def yearly_parts(strips: Sequence[Strip], texts: Mapping[str, str], name: str, narrow: bool = False) -> str:
    """Draw one strip of bars a part, all on one scale.

    Bars count rows of the record, at least. A bin in which nothing was seen is hatched: it is not a zero. One in
    which a member did not exist is left blank.
    """
    top = max((v[2] or 0) + (v[4] or 0) for s in strips for v in s.values) or 1
    bottom = max((v[3] or 0) for s in strips for v in s.values)
    width = 4.6 if narrow else WIDTH
    head = 0.72 if narrow else 0.62
    height = head + 0.12 + len(strips) * 0.95
    with canvas(width, height, name) as figure:
        axes = figure.subplots(len(strips), 1, squeeze=False, sharex=True)[:, 0]
        figure.subplots_adjust(
            left=0.1 if narrow else 0.045, right=0.99, top=1 - head / height, bottom=0.25 / height, hspace=0.42
        )
        for axis, strip in zip(axes, strips, strict=True):
            for low, high in _runs([i for i, v in enumerate(strip.values) if v[1] == "not_observed"]):
                axis.axvspan(low - 0.5, high + 0.5, facecolor="none", edgecolor="#c9d0d7", hatch="/////", linewidth=0)
            seen = [(i, v[2] or 0, v[3] or 0, v[4] or 0) for i, v in enumerate(strip.values) if v[1] == "observed"]
            _bars(axis, [(i, 0, good) for i, good, _, _ in seen], facecolor=TONES["cooperative"])
            _bars(
                axis,
                [(i, good, none) for i, good, _, none in seen],
                facecolor="white",
                edgecolor=TONES["neutral"],
                linewidth=0.7,
            )
            _bars(axis, [(i, -bad, bad) for i, _, bad, _ in seen], facecolor=TONES["conflictual"])
            axis.axhline(0, color=MUTED, linewidth=0.6)
            axis.set_ylim(-max(bottom, 0.02 * top) * 1.08, top * 1.06)
            axis.set_xlim(-0.6, len(strip.values) - 0.4)
            step = 10 if top > 14 else 5
            axis.set_yticks(range(0, top + 1, step))
            axis.tick_params(labelsize=7 if narrow else 10)
            axis.set_title(strip.label, loc="left", fontsize=9 if narrow else 10.5, pad=2, fontweight="bold")
            for spine in ("left", "bottom"):
                axis.spines[spine].set_visible(False)
            axis.yaxis.grid(visible=True, color=GRID, linewidth=0.6)
            axis.set_axisbelow(True)
        names = [v[0] for v in strips[0].values]
        every = max(1, len(names) // (6 if narrow else 14))
        if len(names) > 20 and all(len(n) == 4 for n in names):
            shown = [i for i, n in enumerate(names) if int(n) % (20 if narrow else 10 if len(names) > 40 else 5) == 0]
        else:
            shown = list(range(0, len(names), every))
        axes[-1].set_xticks(shown, [names[i] for i in shown])
        _legend(figure, texts, narrow)
        return to_svg(figure, texts["title"])


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of consecutive numbers: first and last of each."""
    runs: list[tuple[int, int]] = []
    for n in numbers:
        if runs and n == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], n)
        else:
            runs.append((n, n))
    return runs


def _bars(axis: Any, bars: Sequence[tuple[int, int, int]], **look: Any) -> None:
    """Bars (position, bottom, height) as one collection; those without height are left out."""
    from matplotlib.collections import PolyCollection

    boxes = [
        [(i - 0.39, low), (i + 0.39, low), (i + 0.39, low + tall), (i - 0.39, low + tall)]
        for i, low, tall in bars
        if tall
    ]
    axis.add_collection(PolyCollection(boxes, **look), autolim=False)


def _legend(figure: Any, texts: Mapping[str, str], narrow: bool) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=TONES["cooperative"], label=texts["cooperative"]),
        Patch(facecolor=TONES["conflictual"], label=texts["conflictual"]),
        Patch(facecolor="white", edgecolor=TONES["neutral"], label=texts["neutral"]),
        Patch(facecolor="none", edgecolor="#aab3bc", hatch="/////", linewidth=0, label=texts["not_observed"]),
    ]
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=2 if narrow else 4,
        frameon=False,
        fontsize=8 if narrow else 10,
        handlelength=1.2,
        handletextpad=0.4,
        columnspacing=1.4,
    )

"""Official number of sessions against those on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minilateral.figures.style import INK, MUTED, TONES, canvas, to_svg, wrap


@dataclass(frozen=True, slots=True)
class RecallBar:
    """One mechanism: how many sessions governments counted, and how many the record holds."""

    label: str
    official: int
    seen: int
    until: str


def recall_bars(bars: Sequence[RecallBar], texts: Mapping[str, str], name: str, narrow: bool = False) -> str:
    """Draw a bar a mechanism: the outline is the official count, the filling what the record holds."""
    width = 4.6 if narrow else 9.0
    step = 0.52 if narrow else 0.36
    height = 0.5 + step * len(bars)
    longest = max(b.official for b in bars)
    with canvas(width, height, name) as figure:
        axis = figure.subplots()
        figure.subplots_adjust(
            left=0.4 if narrow else 0.36, right=0.83 if narrow else 0.88, top=1 - 0.38 / height, bottom=0.06 / height
        )
        at = list(range(len(bars)))[::-1]
        axis.barh(at, [b.official for b in bars], height=0.62, color="#f1f4f7", edgecolor="#9aa5b1", linewidth=0.8)
        axis.barh(at, [min(b.seen, b.official) for b in bars], height=0.62, color=TONES["cooperative"])
        for y, bar in zip(at, bars, strict=True):
            axis.text(
                bar.official + longest * 0.015, y, f"{bar.seen} / {bar.official}", va="center", fontsize=8.5, color=INK
            )
        axis.set_yticks(at, [wrap(b.label, 24 if narrow else 48) for b in bars], fontsize=7.5 if narrow else 8.5)
        axis.set_xticks([])
        axis.set_xlim(0, longest)
        axis.set_ylim(-0.6, len(bars) - 0.4)
        for spine in ("left", "bottom"):
            axis.spines[spine].set_visible(False)
        figure.text(
            0.01,
            1 - 0.06 / height,
            f"{texts['on_record']} / {texts['official']}",
            fontsize=8 if narrow else 8.5,
            color=MUTED,
            va="top",
            ha="left",
        )
        return to_svg(figure, texts["title"])

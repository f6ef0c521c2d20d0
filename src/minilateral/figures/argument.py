"""The study's argument on one picture: claims in the order of the argument, arrows for what leads to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minilateral.figures.style import INK, MUTED, WIDTH, canvas, to_svg, wrap

#: Inches between two rows of the map; size in points of its letters, wide and narrow.
STEP = 0.74
BIG, SMALL = 10.0, 8.5

FILLS = {
    "not_tested": ("#ffffff", "#9aa5b1"),
    "open": ("#fff6df", "#c58a00"),
    "supported": ("#e2f2ea", "#00795a"),
    "leaning": ("#f1f8ec", "#6f9a3c"),
    "undetermined": ("#f1f1f1", "#6b7580"),
    "contradicted": ("#fbe7dc", "#d55e00"),
    "not_testable": ("#f1f1f1", "#6b7580"),
}


@dataclass(frozen=True, slots=True)
class Node:
    """A claim: id, short name, stage, verdict, the claims that rest on it, and its place (column, row)."""

    id: str
    label: str
    stage: str
    verdict: str
    supports: tuple[str, ...]
    at: tuple[float, float]


def argument_map(
    nodes: Sequence[Node], stages: Sequence[tuple[str, str]], texts: Mapping[str, str], name: str, narrow: bool = False
) -> str:
    """Draw the map.

    Parameters
    ----------
    nodes : sequence of Node
    stages : sequence of (key, label)
        Columns from left to right; on a narrow page, bands from top to bottom.
    texts : mapping
        ``title`` and a name for every verdict that occurs.
    name : str
    narrow : bool

    Returns
    -------
    str
        An SVG element; each box links to ``#claim-<id>``.
    """
    columns = [[n for n in nodes if n.stage == key] for key, _ in stages]
    if narrow:
        size = (4.6, 0.45 + sum(0.42 + 0.62 * -(-len(c) // 2) for c in columns))
    else:
        size = (WIDTH, 1.5 + STEP * max(n.at[1] for n in nodes))
    with canvas(*size, name) as figure:
        axis = figure.add_axes((0, 0, 1, 1))
        axis.set_xlim(0, size[0])
        axis.set_ylim(0, size[1])
        axis.axis("off")
        place = _places(columns, stages, axis, size, narrow)
        box = (2.02, 0.5) if narrow else (2.05, 0.6)
        if not narrow:
            _arrows(axis, nodes, place, box)
        letters = SMALL if narrow else BIG
        for node in nodes:
            _box(axis, node, place[node.id], box, letters)
        _legend(figure, nodes, texts, letters)
        return to_svg(figure, texts["title"])


def _places(
    columns: Sequence[Sequence[Node]],
    stages: Sequence[tuple[str, str]],
    axis: Any,
    size: tuple[float, float],
    narrow: bool,
) -> dict[str, tuple[float, float]]:
    place: dict[str, tuple[float, float]] = {}
    if narrow:
        y = size[1] - 0.45
        for (_, label), column in zip(stages, columns, strict=True):
            axis.text(0.1, y - 0.12, label, fontsize=9, fontweight="bold", color=MUTED, va="center")
            y -= 0.3
            for at, node in enumerate(column):
                place[node.id] = (1.14 + 2.24 * (at % 2), y - 0.28 - 0.62 * (at // 2))
            y -= 0.62 * -(-len(column) // 2) + 0.12
        return place
    step = size[0] / (max(n.at[0] for column in columns for n in column) + 1)
    for (_, label), column in zip(stages, columns, strict=True):
        for node in column:
            place[node.id] = (step * (node.at[0] + 0.5), size[1] - 1.05 - STEP * node.at[1])
        x = sum(place[n.id][0] for n in column) / len(column)
        axis.text(
            x,
            max(place[n.id][1] for n in column) + 0.44,
            label,
            fontsize=BIG,
            fontweight="bold",
            color=MUTED,
            ha="center",
            va="center",
        )
    return place


def _arrows(
    axis: Any, nodes: Sequence[Node], place: Mapping[str, tuple[float, float]], box: tuple[float, float]
) -> None:
    from matplotlib.patches import FancyArrowPatch

    for node in nodes:
        for other in node.supports:
            if other not in place:
                continue
            (x0, y0), (x1, y1) = place[node.id], place[other]
            half = box[0] / 2
            side = 1 if x1 > x0 else -1
            start, end = (x0 + side * half, y0), (x1 - side * half, y1)
            axis.add_patch(
                FancyArrowPatch(
                    start,
                    end,
                    arrowstyle="-|>",
                    mutation_scale=9,
                    color="#9aa5b1",
                    linewidth=1.0,
                    shrinkA=1,
                    shrinkB=1,
                    zorder=1,
                )
            )


def _box(axis: Any, node: Node, at: tuple[float, float], box: tuple[float, float], letters: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    fill, edge = FILLS[node.verdict]
    patch = FancyBboxPatch(
        (at[0] - box[0] / 2, at[1] - box[1] / 2),
        *box,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=fill,
        edgecolor=edge,
        linewidth=1.1,
        zorder=2,
    )
    patch.set_url(f"#claim-{node.id}")
    axis.add_patch(patch)
    label = axis.text(
        at[0] - box[0] / 2 + 0.1, at[1], node.id, fontsize=letters, fontweight="bold", color=edge, va="center", zorder=3
    )
    text = axis.text(
        at[0] - box[0] / 2 + 0.047 * letters,
        at[1],
        wrap(node.label, 20),
        fontsize=letters,
        color=INK,
        va="center",
        zorder=3,
        linespacing=1.15,
    )
    for each in (label, text):
        each.set_url(f"#claim-{node.id}")


def _legend(figure: Any, nodes: Sequence[Node], texts: Mapping[str, str], letters: float) -> None:
    from matplotlib.patches import Patch

    verdicts = dict.fromkeys(n.verdict for n in nodes)
    handles = [Patch(facecolor=FILLS[v][0], edgecolor=FILLS[v][1], label=texts[v]) for v in verdicts]
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=6 if letters == BIG else 3,
        frameon=False,
        fontsize=letters,
        handlelength=1.2,
        handletextpad=0.4,
        columnspacing=1.4,
    )

"""How the figures look, and how a matplotlib figure becomes SVG that lives inside a page.

Text stays text (the reader's own fonts write it), ids are unique in the page, nothing depends on the day.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Okabe and Ito's palette, safe for the colour-blind.
INK, MUTED, GRID = "#1b2430", "#5d6773", "#dfe3e8"
TONES = {"cooperative": "#0072b2", "conflictual": "#d55e00", "neutral": "#8a939d", "not_held": "#8a939d"}
#: Inches of a wide drawing, which a page of A4 shows in three fifths: letters of 10 points are 6 there.
WIDTH = 11.0
BANDS = ("#eef3f8", "#fbf5e6", "#e8f4ee", "#f7ecf3")
MARKERS = {"cooperative": "o", "conflictual": "D", "neutral": "s", "not_held": "x"}


def settings(name: str) -> dict[str, Any]:
    """How matplotlib draws: text as text, ids of one drawing apart from those of another, no font but a plain one."""
    return {
        "svg.fonttype": "none",
        "svg.hashsalt": name,
        "font.size": 9,
        "font.family": ["DejaVu Sans"],
        "axes.edgecolor": GRID,
        "axes.labelcolor": MUTED,
        "text.color": INK,
        "xtick.color": MUTED,
        "ytick.color": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "hatch.linewidth": 0.5,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
    }


@contextmanager
def canvas(width: float, height: float, name: str) -> Iterator[Any]:
    """A figure of so many inches. ``name`` keeps the ids of one SVG apart from those of another in one page."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    with mpl.rc_context(settings(name)):
        yield Figure(figsize=(width, height))


def to_svg(figure: Any, title: str, name: str = "") -> str:
    """Write a figure as an SVG element: no prolog, no fixed size, text in the font of the page.

    ``name`` as for `canvas`; empty inside one.
    """
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context(settings(name) if name else {}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the reader's font writes it, not ours
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"(<svg[^>]*?) width=\"[^\"]*\"", r"\1", svg, count=1)
    svg = re.sub(r"(<svg[^>]*?) height=\"[^\"]*\"", r"\1", svg, count=1)
    svg = re.sub(r"font: (?:\d+ )?([\d.]+px)[^;\"]*", r"font-size: \1", svg)
    svg = re.sub(r"<g id=\"[^\"]*\"", "<g", svg)  # names that repeat in every drawing
    svg = re.sub(r"(\d+\.\d\d)\d+", r"\1", svg)  # a hundredth of a point is finer than any screen
    svg = svg.replace("xlink:href", "href").replace("<svg ", '<svg role="img" ', 1)
    head = svg.index(">") + 1
    return f"{svg[:head]}<title>{escape(title)}</title>{svg[head:].strip()}"


def escape(text: str) -> str:
    """Text for XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def width_of(text: str) -> float:
    """Roughly how many Latin letters wide a text is: a CJK letter counts twice.

    Examples
    --------
    >>> width_of("abc"), width_of("日本")
    (3, 4)
    """
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def wrap(text: str, width: int) -> str:
    r"""Break a text into lines of about so many Latin letters, Chinese between any two characters.

    Examples
    --------
    >>> wrap("Less capacity on Korea", 12)
    'Less\ncapacity on\nKorea'
    """
    words = re.findall(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+", text)
    lines = [""]
    for word in words:
        if lines[-1] and width_of(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    return "\n".join(line.strip() for line in lines)

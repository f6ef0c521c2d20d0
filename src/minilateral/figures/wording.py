"""What a group's statements say of each target over time: one stem, one statement, as high as its verb is strong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from minilateral.figures.measures import (
    GREY,
    LADDER,
    NARROW,
    RED,
    SMALL,
    TINY,
    WIDE,
    _axes,
    _name,
    _note,
    _source,
    _title,
)
from minilateral.figures.style import GRID, INK, MUTED, canvas
from minilateral.terms import code_table

#: Words in the figure that are no codes.
TEXTS = {
    "en": {
        "title": "Strongest verb on each target, statement by statement",
        "key": "● named   ○ implied   dot on the line: seen whole and silent   no mark: not seen, or not settled   "
        "evenly spaced by date   "
        "right: statements that speak of it / settled",
    },
    "zh": {
        "title": "逐份声明中对各对象的最强动词",
        "key": "● 点名   ○ 暗指   线上小点：见全文而未提及   无标记：未见或编码未定   按日期等距排列   "
        "右：提及的声明／已定编码的声明",
    },
}

#: Inches of the row of one target.
ROW = 0.74


@dataclass(frozen=True, slots=True)
class Said:
    """What one statement says of one target.

    Attributes
    ----------
    text : str
        Id of the statement.
    act : str
        The occurrence at which it was made.
    day : datetime.date
    target : str
        Code of the target.
    verb : str
        Rung of the ladder, or ``absent``; anything else is not settled and not drawn.
    manner : str
        named, implied, or empty.
    """

    text: str
    act: str
    day: date
    target: str
    verb: str
    manner: str


def wording_over_time(
    said: Sequence[Said], as_of: date, language: str, *, narrow: bool = False, name: str = "wording"
) -> Any:
    """Draw a row a target: the strength of the verb, statement by statement in the order of their days.

    Statements stand at equal distances, since half of them fall in a few years; a line begins a year.

    What was not seen, or not settled between the coders, has no mark: it is not silence.

    Parameters
    ----------
    said : sequence of Said
    as_of : datetime.date
    language : {'en', 'zh'}
    narrow : bool
        4.6 inches wide instead of 6.69.
    name : str
        Keeps the ids of one SVG apart from those of another in one page.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> one = Said("text-1", "2023-08-18-summit", date(2023, 8, 18), "china", "oppose", "named")
    >>> figure = wording_over_time([one], date(2025, 12, 31), "en")
    >>> [t.get_text() for t in figure.axes[0].texts]
    ['1/1']
    """
    settled = [s for s in said if s.verb == "absent" or s.verb in LADDER]
    targets = [t for t in code_table().codes("target") if any(s.target == t for s in settled)]
    width, texts = NARROW if narrow else WIDE, TEXTS[language]
    left, right = 1.3 if narrow else 1.65, 0.5
    top = 0.7 if narrow else 0.55
    height = top + ROW * max(1, len(targets)) + 0.45
    order = sorted({(s.day, s.text) for s in settled})
    places = {text: at for at, (_, text) in enumerate(order)}
    begins = [at for at, (day, _) in enumerate(order) if at == 0 or day.year != order[at - 1][0].year]
    inch = max(1, len(order)) / (width - left - right)
    shown = _spaced(begins, 0.32 * inch)
    with canvas(width, height, name) as figure:
        _title(figure, 0.05, 0.2, texts["title"], width=width - 0.1)
        _note(figure, 0.05, 0.24, texts["key"], width=width - 0.1, lines=3)
        for row, target in enumerate(targets):
            axis = _axes(figure, left, top + row * ROW, width - left - right, ROW - 0.12)
            axis.set_xlim(-0.6, max(1, len(order)) - 0.4)
            axis.set_ylim(-0.4, len(LADDER) + 0.5)
            axis.spines["left"].set_visible(False)
            axis.spines["bottom"].set_visible(False)
            mine = [s for s in settled if s.target == target]
            _row(axis, mine, places)
            verbs = [code_table().name("verb", v, language) for v in LADDER]
            axis.set_yticks(range(1, len(LADDER) + 1), verbs, fontsize=TINY)
            axis.tick_params(axis="y", labelcolor=MUTED)
            axis.yaxis.grid(visible=True, color=GRID, linewidth=0.4)
            axis.set_axisbelow(True)
            for at in begins:
                axis.axvline(at - 0.5, color=GRID, linewidth=0.5, zorder=0.5)
            last = row == len(targets) - 1
            ticks = [str(order[at][0].year) for at in shown]
            axis.set_xticks([at - 0.5 for at in shown], ticks if last else [], fontsize=TINY, ha="left")
            label = _name("target", target, language, 12 if narrow else 18)
            figure.text(
                0.05 / width,
                1 - (top + row * ROW + (ROW - 0.12) / 2) / height,
                label,
                fontsize=SMALL,
                fontweight="bold",
                va="center",
            )
            axis.text(
                1.02,
                0.5,
                f"{sum(s.verb != 'absent' for s in mine)}/{len(mine)}",
                transform=axis.transAxes,
                va="center",
                fontsize=SMALL,
                color=INK,
            )
        _source(figure, as_of, language)
    return figure


def _spaced(places: Sequence[int], gap: float) -> list[int]:
    """Those of some places, from the last back, that stand a gap apart."""
    kept: list[int] = []
    for place in reversed(places):
        if not kept or kept[-1] - place >= gap:
            kept.append(place)
    return kept[::-1]


def _row(axis: Any, said: Sequence[Said], places: Mapping[str, int]) -> None:
    """The stems and marks of one target; silence is a small dot on the ground."""
    target = said[0].target
    axis.axhline(0, color=GREY, linewidth=0.6, zorder=1)
    rungs = {v: at for at, v in enumerate(LADDER, start=1)}
    silent = [s for s in said if s.verb == "absent"]
    _marks(axis, silent, places, [0] * len(silent), f"{target}:absent", s=2.5, color=GREY)
    for manner, fill in (("named", RED), ("implied", "white")):
        spoken = [s for s in said if s.verb in rungs and (s.manner == "implied") == (manner == "implied")]
        high = [rungs[s.verb] for s in spoken]
        axis.vlines([places[s.text] for s in spoken], 0, high, color=RED, linewidth=0.7, alpha=0.5, zorder=2)
        _marks(axis, spoken, places, high, f"{target}:{manner}", s=11, facecolors=fill, edgecolors=RED, linewidths=0.8)


def _marks(
    axis: Any, said: Sequence[Said], places: Mapping[str, int], high: Sequence[int], label: str, **look: Any
) -> None:
    if said:
        drawn = axis.scatter([places[s.text] for s in said], high, zorder=3, label=label, clip_on=False, **look)
        drawn.set_urls([f"#act-{s.act}" for s in said])

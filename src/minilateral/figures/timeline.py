"""The record on a line of time: one mark, one occasion; phases shaded as their authors date them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from minilateral.figures.style import BANDS, GRID, INK, MARKERS, MUTED, TONES, WIDTH, canvas, to_svg, width_of, wrap


@dataclass(frozen=True, slots=True)
class Mark:
    """One occasion. ``tone``: cooperative, conflictual, neutral or not_held."""

    id: str
    lane: str
    start: date
    end: date
    tone: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of marks."""

    key: str
    label: str
    head: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A shaded span, such as a phase that the authors assert. ``end`` None: open."""

    label: str
    start: date
    end: date | None


def timeline(
    marks: Sequence[Mark],
    lanes: Sequence[Lane],
    bands: Sequence[Band],
    as_of: date,
    texts: Mapping[str, str],
    name: str,
    narrow: bool = False,
) -> str:
    """Draw the record.

    Parameters
    ----------
    marks, lanes, bands : sequences
    as_of : datetime.date
        The right edge.
    texts : mapping
        ``title``, ``bands`` and the names of the tones.
    name : str
        Unique in the page.
    narrow : bool
        For a telephone: the two spans of time under each other.

    Returns
    -------
    str
        An SVG element; each mark links to ``#act-<id>``.
    """
    first = min((m.start for m in marks), default=as_of - timedelta(days=366))
    split = date(as_of.year - 5, 1, 1)
    start = date(first.year, 1, 1)
    spans = (
        [(start, split), (split, as_of + timedelta(days=1))]
        if (split - start).days > 8 * 366
        else [(start, as_of + timedelta(days=1))]
    )
    rows = len(lanes)
    high = 0.36 * rows + 0.9
    size = (4.6, high * len(spans) + 0.3) if narrow else (WIDTH, high + 0.5)
    with canvas(*size, name) as figure:
        if narrow:
            axes = figure.subplots(len(spans), 1, squeeze=False)[:, 0]
            figure.subplots_adjust(left=0.24, right=0.985, top=1 - 0.62 / size[1], bottom=0.32 / size[1], hspace=0.28)
        else:
            grid = {"width_ratios": [1.0, 1.15][: len(spans)], "wspace": 0.035}
            axes = figure.subplots(1, len(spans), squeeze=False, gridspec_kw=grid)[0]
            figure.subplots_adjust(left=0.2, right=0.99, top=1 - 0.8 / size[1], bottom=0.34 / size[1])
        place = {lane.key: rows - 1 - at for at, lane in enumerate(lanes)}
        for number, (axis, span) in enumerate(zip(axes, spans, strict=True)):
            _axis(axis, span, lanes, place, bands, labels=narrow or number == 0, narrow=narrow)
            _marks(axis, [m for m in marks if m.lane in place and span[0] <= m.start < span[1]], place, span)
        _legend(figure, texts, narrow, size[1])
        return to_svg(figure, texts["title"])


def _axis(
    axis: Any,
    span: tuple[date, date],
    lanes: Sequence[Lane],
    place: Mapping[str, int],
    bands: Sequence[Band],
    labels: bool,
    narrow: bool,
) -> None:
    import matplotlib.dates as mdates

    axis.set_xlim(mdates.date2num(span[0]), mdates.date2num(span[1]))
    axis.set_ylim(-0.6, len(lanes) - 0.4)
    years = (span[1] - span[0]).days / 365.25
    step = 1 if years < 9 else 5 if years < 30 else 10
    ticks = [
        date(y, 1, 1)
        for y in range(span[0].year, span[1].year + 1)
        if y % step == 0
        and span[0] <= date(y, 1, 1)
        and (span[1] - date(y, 1, 1)).days > (span[1] - span[0]).days * 0.04
    ]
    axis.set_xticks([mdates.date2num(t) for t in ticks], [str(t.year) for t in ticks], fontsize=8 if narrow else 10)
    for tick in axis.get_xticklabels():
        tick.set_horizontalalignment("left")
    axis.set_yticks(
        [place[lane.key] for lane in lanes],
        [wrap(lane.label, 14) if narrow else lane.label for lane in lanes] if labels else [],
    )
    for lane, tick in zip(lanes, axis.get_yticklabels(), strict=False):
        tick.set_fontsize(7.5 if narrow else 10)
        tick.set_fontweight("bold" if lane.head else "normal")
    for lane in lanes:
        axis.axhline(place[lane.key], color=GRID, linewidth=0.8, zorder=1)
    for tick_day in ticks:
        axis.axvline(mdates.date2num(tick_day), color=GRID, linewidth=0.5, zorder=0.6)
    for spine in ("left", "bottom"):
        axis.spines[spine].set_visible(False)
    letters = 7.5 if narrow else 10
    inches = axis.get_position().width * axis.figure.get_size_inches()[0]
    taken = 0.0
    for at, band in enumerate(bands):
        low, high = max(band.start, span[0]), min(band.end or span[1], span[1])
        if low >= high:
            continue
        axis.axvspan(mdates.date2num(low), mdates.date2num(high), color=BANDS[at % len(BANDS)], linewidth=0, zorder=0)
        # a name that would leave the edge moves in; one that has no room behind the name before it is left out
        days = (span[1] - span[0]).days
        long = (width_of(band.label) + 1) * 0.56 * letters / 72
        begin = max(min((low - span[0]).days / days * inches, inches - long), 0.0)
        if begin < taken or (high - low).days < 0.08 * days:
            continue
        taken = begin + long
        axis.text(
            mdates.date2num(span[0]) + begin / inches * days,
            len(lanes) - 0.36,
            band.label,
            fontsize=letters,
            color=MUTED,
            va="bottom",
            ha="left",
            style="italic",
            clip_on=False,
        )


def _marks(axis: Any, marks: Sequence[Mark], place: Mapping[str, int], span: tuple[date, date]) -> None:
    """Marks of one span; those that would lie on each other are stacked, a coarse date is drawn as its span."""
    import matplotlib.dates as mdates

    near = (span[1] - span[0]).days / 110
    steps = (0.0, 0.17, -0.17, 0.33, -0.33)
    last: dict[str, list[float]] = {}
    found: dict[str, list[tuple[float, float, str]]] = {}
    for mark in sorted(marks, key=lambda m: (m.start, m.id)):
        x = float(mdates.date2num(mark.start)) + ((mark.end - mark.start).days - 1) / 2
        taken = last.setdefault(mark.lane, [-1e9] * len(steps))
        slot = next((i for i, before in enumerate(taken) if x - before > near), taken.index(min(taken)))
        taken[slot] = x
        y = place[mark.lane] + steps[slot]
        if (mark.end - mark.start).days > 20:
            axis.plot(
                [mdates.date2num(mark.start), mdates.date2num(mark.end)],
                [y, y],
                color=TONES[mark.tone],
                linewidth=1,
                alpha=0.5,
                zorder=2,
            )
        found.setdefault(mark.tone, []).append((x, y, mark.id))
    for tone, points in found.items():
        hollow = tone in ("neutral",)
        drawn = axis.scatter(
            [p[0] for p in points],
            [p[1] for p in points],
            s=15,
            marker=MARKERS[tone],
            zorder=3,
            linewidths=0.9,
            facecolors="white" if hollow else TONES[tone],
            edgecolors=None if tone == "not_held" else TONES[tone],
            alpha=0.85,
        )
        drawn.set_urls([f"#act-{p[2]}" for p in points])


def _legend(figure: Any, texts: Mapping[str, str], narrow: bool, height: float) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            linestyle="",
            marker=MARKERS[t],
            markersize=5,
            markeredgecolor=TONES[t],
            markerfacecolor="white" if t == "neutral" else TONES[t],
            label=texts[t],
        )
        for t in ("cooperative", "conflictual", "neutral", "not_held")
    ]
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=2 if narrow else 4,
        frameon=False,
        fontsize=8 if narrow else 10,
        handletextpad=0.2,
        columnspacing=1.4,
        labelcolor=INK,
    )
    if texts.get("bands") and not narrow:
        figure.text(
            0.99, 1 - 0.1 / height, texts["bands"], ha="right", va="top", fontsize=10, color=MUTED, style="italic"
        )

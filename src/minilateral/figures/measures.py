"""What is measured of a group, drawn: dashboard, mechanisms, dimensions, quasi-alliance, phases, comparison, pairs.

Every function gives a matplotlib figure. Nothing that was not observed is drawn as a zero: it is hatched, left open or
a question mark. Lengths are laid out in inches, from the width of letters and not from a font of the machine, so the
same data give the same bytes everywhere. Marks carry the key of their datum as matplotlib label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from minilateral.evidence import swept_over
from minilateral.figures.style import GRID, INK, MUTED, canvas, width_of
from minilateral.figures.style import wrap as break_lines
from minilateral.measure.quasi_alliance import FIELDS, definitions
from minilateral.terms import Group, Period, Selection, code_table

if TYPE_CHECKING:
    from minilateral.evidence import Record
    from minilateral.measure.comparing import Compared, PairWindow
    from minilateral.measure.dashboard import Dashboard, Gauge
    from minilateral.measure.dimensions import Dimensions, DomainLevel, Level
    from minilateral.measure.mechanisms import Standing
    from minilateral.measure.quasi_alliance import QuasiAlliance
    from minilateral.phases import Phases, Track
    from minilateral.terms import Mechanism

#: Words in the figures that are no codes.
TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "source": "minilateral; record as known on {day}",
        "no_day": "minilateral",
        "recall": "recall {recall:.0%} ({n})",
        "no_recall": "recall not counted",
        "levels": "Met in the 12 months to {day}",
        "levels_key": "bar: on record, at least   line: at most   ◇ promised   ? not observed",
        "mechanisms": "Mechanisms by standing",
        "promises": "Promises by fate",
        "targets": "Named in joint texts, 12 months",
        "targets_key": "● named   ○ implied   right: texts that speak of it / texts seen",
        "momentum": "New per quarter, at least",
        "momentum_key": "hatched: not observed",
        "session": "session on record",
        "life": "life",
        "next": "next, if alive: 5, 50, 95 %",
        "slot_kept": "promised and met",
        "slot_missed": "promised, none seen",
        "slot_open": "promised, not observed",
        "unsearched": "not searched",
        "meets_again": "meets again",
        "stale": "grey number: not what decides",
        "asked": "with 90 % band",
        "z": "mean z-score",
        "others": "grey: groups compared",
        "sd": "standard deviations",
        "quasi": "share of readings of two coders under which it holds (white 0, full 1)",
        "coder_a": "Coder A",
        "obligation": "obligation",
        "practice": "practice",
        "adversary": "adversary",
        "break_key": "orange: probability of a break at each point   "
        "solid line: most probable break (probability there or beside it)   hatched: not observed",
        "other": "other",
        "mechanisms_short": "Mechanisms",
        "promises_short": "Promises",
        "share": "Joint share",
        "share_long": "Joint share, ministers and above, 90 % interval",
        "quasi_short": "Quasi-alliance",
        "shade": "white 0, full 1",
        "interval": "90 % interval",
        "refused": "not compared: {why}",
        "pairs": "Cooperative acts a year, at least (number: acts in the span)",
        "pairs_key": "? none on record",
        "dash": "–",
    },
    "zh": {
        "source": "minilateral；截至{day}所知的记录",
        "no_day": "minilateral",
        "recall": "召回率{recall:.0%}（{n}）",
        "no_recall": "召回率未知",
        "levels": "截至{day}的12个月内的会晤",
        "levels_key": "条：有记录（下限）   线：上限   ◇ 承诺   ? 未观测",
        "mechanisms": "机制现状",
        "promises": "承诺去向",
        "targets": "12个月内联合文件所指",
        "targets_key": "● 点名   ○ 暗指   右：提及的文件／所见文件",
        "momentum": "每季新增（下限）",
        "momentum_key": "斜线：未观测",
        "session": "有记录的会议",
        "life": "存续期",
        "next": "若存续，下次：5%、50%、95%",
        "slot_kept": "已承诺，举行",
        "slot_missed": "已承诺，未见",
        "slot_open": "已承诺，未观测",
        "unsearched": "未检索",
        "meets_again": "再次举行",
        "stale": "灰色数字：不据此判定",
        "asked": "附90%区间",
        "z": "平均标准分",
        "others": "灰线：对照组",
        "sd": "标准差",
        "quasi": "两名编码者的读法中符合定义的比例（白0，满1）",
        "coder_a": "编码者A",
        "obligation": "义务",
        "practice": "实践",
        "adversary": "对手",
        "break_key": "橙色：各点出现断点的概率   实线：最可能的断点（该处或相邻处的概率）   斜线：未观测",
        "other": "其他",
        "mechanisms_short": "机制",
        "promises_short": "承诺",
        "share": "共同份额",
        "share_long": "共同份额（部长级及以上，90%区间）",
        "quasi_short": "准联盟",
        "shade": "白0，满1",
        "interval": "90%区间",
        "refused": "不作比较：{why}",
        "pairs": "年均合作行动，下限（数字：该时段行动数）",
        "pairs_key": "? 无记录",
        "dash": "–",
    },
}

#: Why a group is refused, as `minilateral.measure.comparing` words it, and the same in Chinese.
REFUSALS = (
    (r"(\d+) cooperative acts of exactly these on record, fewer than (\d+)", r"仅\1项仅由其参与的合作行动，少于\2项"),
    (r"no mechanism of exactly these on record", "记录中没有仅由其参与的机制"),
    (r"no search for any of its mechanisms on register", "其机制均无检索登记"),
)

#: Inches: the width of the text on A4, so that a document shows the letters in their own size; and that of a telephone.
WIDE, NARROW = 6.69, 4.6
BODY, SMALL, TINY = 8.0, 7.0, 6.5
BLUE, SKY, GREEN, ORANGE, RED, PURPLE = "#0072b2", "#56b4e9", "#009e73", "#e69f00", "#d55e00", "#cc79a7"
GREY, PALE, HATCH = "#8a939d", "#d3d9df", "#b4bdc6"
STANDINGS = {
    "alive": BLUE,
    "uncertain": ORANGE,
    "suspended": PURPLE,
    "superseded": GREY,
    "lapsed": PALE,
    "running": GREEN,
}
FATES = {"kept": BLUE, "partly": SKY, "not_due": PALE, "overdue": RED, "lapsed": GREY, "unknown": "white"}
LADDER = ("note", "concern", "oppose", "condemn", "act")
MARKS = ("o", "s", "^", "D", "v", "P")
LINES = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED)

#: Years after the as-of day that the calendar shows; what lies beyond is an arrow.
AHEAD = 3

#: Behind a text that a line may cross.
CLEAR = {"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.85}

#: Inches of a row of the comparison.
ROW = 0.4

Part = tuple[str, str, int, str]


def dashboard_strip(board: Dashboard, language: str, *, narrow: bool = False, name: str = "dashboard") -> Any:
    """Draw the dashboard of a group: levels, mechanisms, promises, targets, momentum.

    Parameters
    ----------
    board : Dashboard
    language : {'en', 'zh'}
    narrow : bool
        4.6 inches wide instead of 6.69.
    name : str
        Keeps the ids of one SVG apart from those of another in one page.

    Returns
    -------
    matplotlib.figure.Figure
    """
    texts = TEXTS[language]
    levels, targets = board.block("levels"), board.block("targets")
    tall = max(1.3, 0.27 * len(levels))
    low = max(1.5, 0.22 * len(targets))
    width = NARROW if narrow else WIDE
    stack = 1.55 if narrow else tall
    last = max(low, 1.5)
    height = 3.51 + tall + stack + low + last if narrow else 2.02 + tall + last
    day = _day(board.window.last, language)
    with canvas(width, height, name) as figure:
        _title(figure, 0.05, 0.2, _group(board.group.key, language))
        top = 0.5
        _title(figure, 0.05, top, texts["levels"].format(day=day), width=width - 0.1 if narrow else 3.1)
        _note(figure, 0.05, top, texts["levels_key"], width=width - 0.1 if narrow else 3.1, lines=1 if narrow else 2)
        begin = top + (0.2 if narrow else 0.32)
        label = 1.35 if narrow else 1.25
        _levels(_axes(figure, label, begin, (4.1 if narrow else 2.7) - label, tall), levels, language)
        row = begin + tall + 0.5 if narrow else top
        left, right = (0.05, 2.4) if narrow else (3.35, 5.1)
        _title(figure, left, row, texts["mechanisms"])
        _title(figure, right, row, texts["promises"])
        stacks = row + (0.12 if narrow else 0.32)
        standing = [g for g in board.block("mechanisms") if g.item != "all"]
        _stack(
            figure, left, stacks, stack, 1.7, _parts(standing, "standing", STANDINGS, language), "mechanisms", language
        )
        fates = _parts(board.block("promises"), "fate", FATES, language)
        _stack(figure, right, stacks, stack, 1.7, fates, "promises", language)
        row = stacks + stack + (0.5 if narrow else 0.55)
        _title(figure, 0.05, row, texts["targets"])
        _note(figure, 0.05, row, texts["targets_key"], width=width - 0.1 if narrow else 3.7)
        _targets(_axes(figure, 1.1, row + 0.22, 2.75 if narrow else 2.2, low), targets, language)
        if narrow:
            left, row = 0.05, row + low + 0.85
        else:
            left = 4.1
        _title(figure, left, row, texts["momentum"])
        _note(figure, left, row, texts["momentum_key"], width=2.9)
        _momentum(figure, left, row + 0.22, width - left - 0.1, last, board.block("momentum"), language)
        _source(figure, board.as_of, language)
    return figure


def _levels(axis: Any, gauges: Sequence[Gauge], language: str) -> None:
    """Bars of what is on record; to the right of all the numbers."""
    most = max((v for g in gauges for v in (g.value, g.upper, g.promised) if v is not None), default=1) or 1
    axis.set_xlim(-0.03 * most, most * 1.08)
    axis.set_ylim(max(1, len(gauges)) - 0.5, -0.5)
    axis.set_yticks(range(len(gauges)), [_name("level", g.item, language, 18) for g in gauges], fontsize=SMALL)
    axis.set_xticks([])
    axis.spines["bottom"].set_visible(False)
    for at, gauge in enumerate(gauges):
        key = f"levels:{gauge.item}"
        if gauge.value is None:
            axis.text(0.02 * most, at, "?", va="center", fontsize=9, color=MUTED, fontweight="bold", label=key)
        else:
            axis.barh(at, gauge.value, height=0.5, color=BLUE, linewidth=0, label=key)
            exact = gauge.upper == gauge.value
            axis.text(
                1.03,
                at,
                f"{gauge.value}" if exact or not gauge.value else f"≥{gauge.value}",
                transform=axis.get_yaxis_transform(),
                va="center",
                fontsize=SMALL,
            )
        if gauge.upper is not None and gauge.upper > (gauge.value or 0):
            axis.plot([gauge.value or 0, gauge.upper], [at, at], color=BLUE, linewidth=1, marker="|", markersize=5)
        if gauge.promised is not None:
            axis.plot(
                [gauge.promised],
                [at],
                linestyle="",
                marker="D",
                markersize=5.5,
                markerfacecolor="white",
                markeredgecolor=INK,
                markeredgewidth=1,
                zorder=4,
                label=f"promised:{gauge.item}",
            )


def _parts(gauges: Iterable[Gauge], field: str, colours: Mapping[str, str], language: str) -> list[Part] | None:
    """What a stacked bar is made of; None where nothing was observed."""
    listed = list(gauges)
    if all(g.value is None for g in listed):
        return None
    return [
        (g.item, code_table().name(field, g.item, language), g.value, colours[g.item])
        for g in listed
        if g.value is not None and g.value > 0
    ]


def _stack(
    figure: Any, left: float, top: float, height: float, width: float, parts: list[Part] | None, key: str, language: str
) -> None:
    """One standing bar, each part labelled at its right, labels apart."""
    axis = _axes(figure, left + 0.05, top, width, height)
    axis.set_axis_off()
    axis.set_xlim(0, width)
    axis.set_ylim(height, 0)
    if not parts:
        known = parts is not None
        axis.bar(0.15, height, width=0.3, facecolor="none", edgecolor=HATCH, hatch=None if known else "/////")
        word = "0" if known else f"? {code_table().name('state', 'not_observed', language)}"
        axis.text(0.42, height / 2, word, va="center", fontsize=SMALL, color=MUTED)
        return
    whole = sum(p[2] for p in parts)
    ends = [0.0]
    for part in parts:
        ends.append(ends[-1] + part[2] / whole * height)
    middles = [(a + b) / 2 for a, b in pairwise(ends)]
    places = _apart(middles, 0.16, 0.08, height - 0.08)
    for (code, label, value, colour), (low, high), middle, place in zip(
        parts, pairwise(ends), middles, places, strict=True
    ):
        axis.bar(
            0.15,
            high - low,
            bottom=low,
            width=0.3,
            facecolor=colour,
            edgecolor=GREY if code == "unknown" else "white",
            hatch="/////" if code == "unknown" else None,
            linewidth=0.7,
            label=f"{key}:{code}",
        )
        axis.plot([0.31, 0.34, 0.44, 0.47], [middle, middle, place, place], color=GREY, linewidth=0.6)
        axis.text(0.52, place, f"{value} {label}", va="center", fontsize=SMALL)


def _targets(axis: Any, gauges: Sequence[Gauge], language: str) -> None:
    """Dots on the ladder of verbs; no dot where nothing was said, a question mark where nobody knows."""
    axis.set_xlim(-0.6, len(LADDER) - 0.5)
    axis.set_ylim(max(1, len(gauges)) - 0.5, -0.5)
    axis.set_yticks(range(len(gauges)), [_name("target", g.item, language, 16) for g in gauges], fontsize=SMALL)
    axis.set_xticks(range(len(LADDER)), [code_table().name("verb", v, language) for v in LADDER], fontsize=SMALL)
    for spine in ("left", "bottom"):
        axis.spines[spine].set_visible(False)
    for at, gauge in enumerate(gauges):
        key = f"targets:{gauge.item}"
        axis.axhline(at, color=GRID, linewidth=0.7, zorder=0)
        if gauge.verb in LADDER:
            hollow = gauge.manner == "implied"
            axis.plot(
                [LADDER.index(gauge.verb)],
                [at],
                linestyle="",
                marker="o",
                markersize=7,
                markerfacecolor="white" if hollow else RED,
                markeredgecolor=RED,
                markeredgewidth=1.3,
                label=key,
            )
            axis.text(
                1.02,
                at,
                f"{gauge.value}/{len(gauge.rows)}",
                transform=axis.get_yaxis_transform(),
                va="center",
                fontsize=SMALL,
            )
        else:
            silent = gauge.verb == "absent"
            word = code_table().name("verb", "absent", language) if silent else "?"
            box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
            axis.text(
                -0.5,
                at,
                word,
                va="center",
                fontsize=SMALL if silent else 9,
                fontweight="normal" if silent else "bold",
                color=MUTED,
                label=key,
                bbox=box,
            )


def _momentum(
    figure: Any, left: float, top: float, width: float, height: float, gauges: Sequence[Gauge], language: str
) -> None:
    """Three rows of bars by quarter, on one scale."""
    kinds = list(dict.fromkeys(g.item for g in gauges))
    quarters = list(dict.fromkeys(g.period for g in gauges))
    most = max((g.value or 0 for g in gauges), default=0) or 1
    each = height / max(1, len(kinds))
    for row, kind in enumerate(kinds):
        axis = _axes(figure, left + 0.03, top + row * each + 0.17, width, each - 0.2)
        axis.set_xlim(-0.6, len(quarters) - 0.4)
        axis.set_ylim(0, most * 1.75)
        axis.set_yticks([])
        axis.spines["left"].set_visible(False)
        axis.set_title(code_table().name("momentum", kind, language), loc="left", fontsize=SMALL, pad=1.5, color=INK)
        for gauge in gauges:
            if gauge.item != kind:
                continue
            at, key = quarters.index(gauge.period), f"momentum:{kind}:{gauge.period}"
            if gauge.value is None:
                _hatched(axis, at - 0.5, at + 0.5, label=key)
            else:
                axis.bar(at, gauge.value, width=0.7, color=BLUE, linewidth=0, label=key)
                axis.text(
                    at,
                    gauge.value,
                    f"{gauge.value}",
                    ha="center",
                    va="bottom",
                    fontsize=TINY,
                    color=INK if gauge.value else MUTED,
                )
        last = row == len(kinds) - 1
        shown = [i for i in range(len(quarters)) if (len(quarters) - 1 - i) % 2 == 0] if last else []
        axis.set_xticks(shown, [_quarter(quarters[i]) for i in shown], fontsize=TINY)


def _quarter(text: str) -> str:
    """A quarter, short: ``2024-Q3`` as ``24Q3``."""
    found = re.fullmatch(r"\d\d(\d\d)-?Q(\d)", text)
    return f"{found[1]}Q{found[2]}" if found else text


def mechanism_calendar(
    standings: Sequence[Standing],
    record: Record,
    as_of: date,
    language: str,
    *,
    narrow: bool = False,
    name: str = "calendar",
) -> Any:
    """Draw the sessions of mechanisms on a line of time, how each stands, and when it is expected to meet again.

    No next session is drawn of a mechanism that lapsed or was superseded. A promised cadence gives slots from the day
    after the promise: filled where a session lies in one, empty where a search covers it and none was seen, hatched
    where it was not searched to its end.

    Parameters
    ----------
    standings : sequence of Standing
    record : Record
        As known on ``as_of``.
    as_of : datetime.date
    language, narrow, name
        As in `dashboard_strip`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = _calendar_rows(standings, language)
    sessions = {s.id: [record.occurrences[i].happened.start for i in _held(record, s.id, as_of)] for s in standings}
    starts = [d for days in sessions.values() for d in days]
    starts += [m.created.start for s in standings if (m := record.mechanisms[s.id]).created]
    first = min(starts, default=as_of - timedelta(days=366))
    span = (float(first.year) - 0.3, as_of.year + AHEAD + 0.6)
    width = NARROW if narrow else WIDE
    names_width = 1.3 if narrow else 2.3
    small = 6.0 if narrow else SMALL
    states = {s.state: _name("standing", s.state, language, 10 if narrow else 16) for s in standings}
    right = 0.5 + max((_inches(x, small) for label in states.values() for x in label.split("\n")), default=0.3)
    letters = int((names_width - 0.08) * 72 / (TINY * 0.51))
    heights = [
        0.15
        if isinstance(r, str)
        else 0.1 * (1 + max(_label(record, r, language, letters).count("\n"), states[r.state].count("\n"))) + 0.075
        for r in rows
    ]
    tall = sum(heights) or 0.2
    head = 0.75 if narrow else 0.5
    height = tall + head + 0.5
    with canvas(width, height, name) as figure:
        axis = _axes(figure, names_width, head, width - names_width - right, tall)
        axis.set_xlim(*span)
        axis.set_ylim(tall, 0)
        axis.set_yticks([])
        axis.spines["left"].set_visible(False)
        _years(axis, span, narrow)
        axis.axvline(_decimal(as_of), color=MUTED, linewidth=0.8, zorder=1)
        at = 0.0
        for row, high in zip(rows, heights, strict=True):
            y, at = at + high / 2, at + high
            if isinstance(row, str):
                axis.axhline(at - high + 0.01, color=GRID, linewidth=0.8, xmin=-3, clip_on=False)
                _beside(axis, y + 0.02, row, names_width, fontsize=TINY, color=MUTED, style="italic")
                continue
            mechanism = record.mechanisms[row.id]
            _beside(axis, y, _label(record, row, language, letters), names_width, fontsize=TINY)
            _slots(axis, record, mechanism, sessions[row.id], as_of, y)
            _life(axis, row, mechanism, sessions[row.id], as_of, y)
            _expected(axis, row, span[1], y)
            chance = TEXTS[language]["dash"] if row.p_alive is None else f"{row.p_alive:.2f}"
            inches = width - names_width - right
            place = 1 + 0.09 / inches
            axis.text(
                place,
                y,
                chance,
                transform=axis.get_yaxis_transform(),
                va="center",
                fontsize=TINY,
                fontweight="normal" if row.reason else "bold",
                color=MUTED if row.reason else INK,
                label=f"p:{row.id}",
            )
            axis.text(
                place + (0.27 if narrow else 0.32) / inches,
                y,
                states[row.state],
                transform=axis.get_yaxis_transform(),
                va="center",
                fontsize=small,
                color=MUTED,
                linespacing=0.95,
            )
        _calendar_legend(figure, language, narrow)
        inches = width - names_width - right
        axis.text(
            1 + 0.09 / inches,
            -0.06,
            TEXTS[language]["meets_again"],
            transform=axis.get_yaxis_transform(),
            fontsize=TINY,
            color=MUTED,
            va="bottom",
        )
        _source(figure, as_of, language)
    return figure


def _calendar_rows(standings: Sequence[Standing], language: str) -> list[Standing | str]:
    """The mechanisms by level, those that met last first; the name of each level before them."""
    order = code_table().codes("level")
    sort = sorted(standings, key=lambda s: (order.index(s.level), -(s.last or date.min).toordinal(), s.id))
    rows: list[Standing | str] = []
    for level, mine in groupby(sort, key=lambda s: s.level):
        rows += [code_table().name("level", level, language), *mine]
    return rows


def _label(record: Record, row: Standing, language: str, letters: int) -> str:
    return _wrap(record.mechanisms[row.id].name(language), letters)


def _held(record: Record, mechanism: str, as_of: date) -> tuple[str, ...]:
    found = record.select(Selection(mechanism=mechanism))
    return tuple(i for i in found if record.occurrences[i].happened.start <= as_of)


def _slots(axis: Any, record: Record, mechanism: Mechanism, days: Sequence[date], as_of: date, y: float) -> None:
    """The spans in each of which a session was promised."""
    from matplotlib.patches import Rectangle

    months, promise = mechanism.promised_cadence_months, mechanism.promise_from
    if not months or promise is None:
        return
    end = min(as_of, mechanism.ended.start) if mechanism.ended else as_of
    length, begin = timedelta(days=months * 365.2425 / 12), promise.end
    number = 0
    while begin + length * number <= end:
        start, stop = begin + length * number, begin + length * (number + 1)
        number += 1
        kept = any(start <= d < stop for d in days)
        past = stop <= end and swept_over(record, mechanism.id, Period(start, stop))
        state = "kept" if kept else "missed" if past else "open"
        looks: dict[str, dict[str, Any]] = {
            "kept": {"facecolor": "#cfe3f1", "edgecolor": "#7aa9c9"},
            "missed": {"facecolor": "white", "edgecolor": RED},
            "open": {"facecolor": "white", "edgecolor": HATCH, "hatch": "/////"},
        }
        low, high = _decimal(start), _decimal(stop)
        axis.add_patch(
            Rectangle(
                (low, y - 0.075),
                high - low,
                0.15,
                linewidth=0.6,
                zorder=1.5,
                label=f"slot:{mechanism.id}:{state}",
                **looks[state],
            )
        )


def _life(axis: Any, row: Standing, mechanism: Mechanism, days: Sequence[date], as_of: date, y: float) -> None:
    """The line from the beginning to the end or the last day searched, and a tick a session."""
    begin = min([*days, *([mechanism.created.start] if mechanism.created else [])], default=None)
    colour = STANDINGS[row.state] if row.state != "lapsed" else GREY
    heard = as_of if row.state == "running" else row.at
    end = mechanism.ended.start if mechanism.ended and mechanism.ended.start <= as_of else max(heard, begin or heard)
    if begin is not None:
        axis.plot(
            [_decimal(begin), _decimal(end)],
            [y, y],
            color=colour,
            linewidth=2.2 if row.state == "running" else 0.9,
            solid_capstyle="butt",
            zorder=2,
            label=f"life:{row.id}",
        )
    if not mechanism.ended and heard < as_of:
        axis.plot(
            [_decimal(heard), _decimal(as_of)],
            [y, y],
            color=GREY,
            linewidth=0.9,
            linestyle=(0, (1, 2)),
            zorder=2,
            label=f"unsearched:{row.id}",
        )
    axis.plot(
        [_decimal(d) for d in days],
        [y] * len(days),
        linestyle="",
        marker="|",
        markersize=8,
        markeredgewidth=1.3,
        color=colour,
        zorder=3,
        label=f"sessions:{row.id}",
    )


def _expected(axis: Any, row: Standing, edge: float, y: float) -> None:
    """When the next session is expected; an arrow where that goes beyond the edge."""
    if not (row.next_low and row.next_mid and row.next_high) or row.state in ("lapsed", "superseded"):
        return
    low, mid, high = (_decimal(d) for d in (row.next_low, row.next_mid, row.next_high))
    colour = STANDINGS[row.state]
    axis.plot(
        [min(low, edge), min(high, edge)],
        [y, y],
        color=colour,
        linewidth=3,
        alpha=0.45,
        solid_capstyle="butt",
        zorder=3,
        label=f"next:{row.id}",
    )
    if high > edge:
        axis.plot([edge], [y], marker=">", markersize=4, color=colour, clip_on=False, zorder=4)
    if mid <= edge:
        axis.plot([mid], [y], marker="o", markersize=4.2, color=colour, zorder=4, label=f"median:{row.id}")


def _calendar_legend(figure: Any, language: str, narrow: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    texts = TEXTS[language]
    handles = [
        Line2D([], [], color=BLUE, linestyle="", marker="|", markersize=8, markeredgewidth=1.3, label=texts["session"]),
        Line2D([], [], color=BLUE, linewidth=0.9, label=texts["life"]),
        Line2D([], [], color=GREY, linewidth=0.9, linestyle=(0, (1, 2)), label=texts["unsearched"]),
        Line2D([], [], color="#8cbfdd", linewidth=3, marker="o", markersize=4, mec=BLUE, mfc=BLUE, label=texts["next"]),
        Patch(facecolor="#cfe3f1", edgecolor="#7aa9c9", linewidth=0.6, label=texts["slot_kept"]),
        Patch(facecolor="white", edgecolor=RED, linewidth=0.6, label=texts["slot_missed"]),
        Patch(facecolor="white", edgecolor=HATCH, hatch="/////", linewidth=0.6, label=texts["slot_open"]),
        Line2D([], [], linestyle="", label=texts["stale"]),
    ]  # fmt: skip
    _legend(figure, handles, 2 if narrow else 4)


def dimension_lines(found: Dimensions, language: str, *, narrow: bool = False, name: str = "dimensions") -> Any:
    """Draw institutionalisation and functionalisation by year, beside the groups that share the scale.

    Years without a number are gaps.

    Parameters
    ----------
    found : Dimensions
    language, narrow, name
        As in `dashboard_strip`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    dimensions, texts = code_table().codes("dimension"), TEXTS[language]
    width, tall = (NARROW, 2.35) if narrow else (WIDE, 2.5)
    height = 0.5 + 2 * (tall + 0.5) + 0.05
    seen = [x for x in found.levels if x.mean is not None]
    years = (
        min((x.year for x in seen), default=found.as_of.year - 1),
        max((x.year for x in seen), default=found.as_of.year),
    )
    values = [v for x in seen for v in (x.mean, x.low, x.high, x.equal_weight) if v is not None and _shown(x, v, found)]
    low, high = min(values, default=-1.0), max(values, default=1.0)
    pad = 0.04 * (high - low or 1)
    keys = list(dict.fromkeys(x.group for x in found.levels if x.group != found.group.key))
    labels = [_group(key, language) for key in (*keys, found.group.key)]
    margin = 0.35 + max(_inches(x, TINY) * 1.12 for x in labels)
    with canvas(width, height, name) as figure:
        for row, dimension in enumerate(dimensions):
            top = 0.5 + row * (tall + 0.5)
            axis = _axes(figure, 0.4, top, width - 0.4 - margin, tall)
            axis.set_xlim(years[0] - 0.5, years[1] + 0.5)
            axis.set_ylim(low - pad, high + pad)
            axis.axhline(0, color=GRID, linewidth=0.8, zorder=0)
            title = code_table().name("dimension", dimension, language)
            _title(
                figure,
                0.05,
                top - 0.07,
                f"{title} ({texts['sd']})" if language == "en" else f"{title}（{texts['sd']}）",
            )
            axis.tick_params(labelsize=SMALL)
            axis.yaxis.grid(visible=True, color=GRID, linewidth=0.5)
            axis.set_axisbelow(True)
            axis.spines["left"].set_visible(False)
            _years(axis, (years[0] - 0.5, years[1] + 0.5), narrow)
            ends: list[tuple[float, float, str, str]] = []
            for key in keys:
                line = [x for x in found.levels if x.group == key and x.dimension == dimension]
                _line(axis, line, "mean", f"{dimension}:{key}", color="#a9b2bb", linewidth=0.9, zorder=2)
                ends += _end(line, _group(key, language), MUTED)
            own = found.of(found.group, dimension)
            _band(axis, own, dimension)
            _line(
                axis, own, "equal_weight", f"{dimension}:z", color=INK, linewidth=1.1, linestyle=(0, (1, 1.4)), zorder=4
            )
            _line(axis, own, "mean", f"{dimension}:{found.group.key}", color=BLUE, linewidth=1.8, zorder=5)
            ends += _end(own, _group(found.group.key, language), BLUE)
            _end_labels(axis, ends, (low - pad, high + pad), tall, years[1] + 0.5, width - 0.4 - margin)
        _dimension_legend(figure, found, language)
        _source(figure, found.as_of, language)
    return figure


def _shown(level: Level, value: float, found: Dimensions) -> bool:
    """Bands and z-scores are drawn of the asked group only."""
    return level.group == found.group.key or value == level.mean


def _line(axis: Any, levels: Sequence[Level | DomainLevel], column: str, label: str, **look: Any) -> None:
    """A line with gaps; a year alone between gaps gets a dot."""
    values = [getattr(x, column) for x in levels]
    years = [x.year for x in levels]
    drawn = [float("nan") if v is None else v for v in values]
    axis.plot(years, drawn, label=label, **look)
    known = [v is not None for v in values]
    alone = [i for i, k in enumerate(known) if k and not any(known[j] for j in (i - 1, i + 1) if 0 <= j < len(known))]
    if alone:
        axis.plot(
            [years[i] for i in alone],
            [values[i] for i in alone],
            linestyle="",
            marker="o",
            markersize=2.5,
            color=look["color"],
            zorder=look["zorder"],
        )


def _band(axis: Any, levels: Sequence[Level | DomainLevel], dimension: str, colour: str = BLUE) -> None:
    """The 90 % band, run by run; of a year alone a bar."""
    for known, run in groupby(levels, key=lambda x: x.low is not None and x.high is not None):
        mine = list(run)
        if not known:
            continue
        years = [x.year for x in mine] if len(mine) > 1 else [mine[0].year - 0.15, mine[0].year + 0.15]
        lows = [x.low for x in mine] * (1 if len(mine) > 1 else 2)
        highs = [x.high for x in mine] * (1 if len(mine) > 1 else 2)
        axis.fill_between(
            years, lows, highs, color=colour, alpha=0.18, linewidth=0, zorder=3, label=f"{dimension}:band"
        )


def _end(levels: Sequence[Level], label: str, colour: str) -> list[tuple[float, float, str, str]]:
    known = [x for x in levels if x.mean is not None]
    return [(known[-1].year, float(known[-1].mean or 0.0), label, colour)] if known else []


def _end_labels(
    axis: Any,
    ends: Sequence[tuple[float, float, str, str]],
    limits: tuple[float, float],
    tall: float,
    edge: float,
    inches: float,
    bold: str = BLUE,
) -> None:
    """Labels beside the right edge, apart from each other, each tied to the last point of its line."""
    unit = (limits[1] - limits[0]) / tall
    listed = sorted(ends, key=lambda e: e[1])
    places = _apart([e[1] for e in listed], 0.135 * unit, limits[0] + 0.06 * unit, limits[1] - 0.06 * unit)
    left, right = axis.get_xlim()
    inch = (right - left) / inches
    for (x, y, label, colour), place in zip(listed, places, strict=True):
        axis.plot(
            [x, edge + 0.02 * inch, edge + 0.14 * inch, edge + 0.17 * inch],
            [y, y, place, place],
            color=colour,
            linewidth=0.4,
            alpha=0.8,
            linestyle=(0, (2, 2)),
            clip_on=False,
            zorder=1,
        )
        axis.text(
            edge + 0.2 * inch,
            place,
            label,
            va="center",
            fontsize=TINY,
            color=colour if colour in (BLUE, MUTED) else INK,
            fontweight="bold" if colour == bold else "normal",
            label=f"end:{label}",
        )


def _dimension_legend(figure: Any, found: Dimensions, language: str) -> None:
    from matplotlib.lines import Line2D

    texts, own = TEXTS[language], _group(found.group.key, language)
    if any(x.low is not None for x in found.levels if x.group == found.group.key):
        own += f" {texts['asked']}"
    handles = [
        Line2D([], [], color=BLUE, linewidth=1.8, label=own),
        Line2D([], [], color=INK, linewidth=1.1, linestyle=(0, (1, 1.4)), label=texts["z"]),
        Line2D([], [], color="#a9b2bb", linewidth=0.9, label=texts["others"]),
    ]
    _legend(figure, handles, 3)


def quasi_grid(found: Sequence[QuasiAlliance], language: str, *, narrow: bool = False, name: str = "quasi") -> Any:
    """Draw years by definitions, white (0) to full (1), and below them the codes of coder A.

    Years that are not coded are hatched.

    Parameters
    ----------
    found : sequence of QuasiAlliance
    language, narrow, name
        As in `dashboard_strip`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from minilateral.measure.quasi_alliance import quasi_alliances
    >>> figure = quasi_grid(quasi_alliances(Group.parse("AUS GBR USA"), date(2025, 12, 31)), "en")
    >>> len(figure.axes)  # the definitions, and three rows of codes
    4
    """
    from matplotlib.patches import Rectangle

    names, texts = code_table(), TEXTS[language]
    years = range(min((q.year for q in found), default=0), max((q.year for q in found), default=0) + 1)
    coded = {q.year: q for q in found}
    width = NARROW if narrow else WIDE
    left = 1.15 if narrow else 1.6
    inches = width - left - 0.2
    unit = len(years) / inches
    runs = {f: _code_runs(coded, years, f) for f in FIELDS}

    def worded(field: str, start: int, code: str) -> str:
        text = names.name(field, code, language)
        return _wrap(text, 16) if narrow or start + (_inches(text, TINY) + 0.06) * unit > years[-1] + 1 else text

    said = {f: [(a, worded(f, a, c)) for a, _, c in runs[f] if c] for f in FIELDS}
    lanes = {f: _lanes(said[f], unit, years[-1] + 1) for f in FIELDS}
    steps = {f: 0.14 + 0.1 * max((text.count("\n") for _, text in said[f]), default=0) for f in FIELDS}
    cell = 0.26
    grid = cell * len(definitions())
    heights = [0.22 + steps[f] * (1 + max((lane for *_, lane in lanes[f]), default=0)) for f in FIELDS]
    height = 0.34 + grid + 0.5 + sum(heights) + 0.3
    with canvas(width, height, name) as figure:
        group = _group(found[0].group, language) if found else ""
        colon = "：" if language == "zh" else ": "
        _title(figure, 0.05, 0.22, f"{group}{colon}{texts['quasi']}", width=width - 0.1)
        top = 0.34
        axis = _bare(figure, left, top, inches, grid, (years[0], years[-1] + 1), len(definitions()))
        for row, definition in enumerate(definitions()):
            _beside(
                axis,
                row + 0.5,
                _name("definition", definition.id, language, 15 if language == "zh" else 17 if narrow else 24),
                left,
                fontsize=SMALL,
            )
            for year in years:
                held = next((q for q in found if q.year == year and q.definition == definition.id), None)
                look: dict[str, Any] = {"facecolor": "white", "edgecolor": HATCH, "hatch": "//////"}
                if held is not None:
                    look = {"facecolor": _shade(BLUE, held.probability), "edgecolor": PALE}
                axis.add_patch(
                    Rectangle(
                        (year, row + 0.06),
                        1,
                        0.88,
                        linewidth=0.4,
                        clip_on=False,
                        label=f"{definition.id}:{year}",
                        **look,
                    )
                )
        _years(axis, (years[0], years[-1] + 1), narrow, centred=True)
        down = top + grid + 0.5
        _title(figure, 0.05, down - 0.08, texts["coder_a"])
        for field, tall in zip(FIELDS, heights, strict=True):
            ladder = names.codes(field)
            axis = _bare(figure, left, down, inches, tall, (years[0], years[-1] + 1), tall)
            for first, last, code in runs[field]:
                look = {"facecolor": "white", "edgecolor": HATCH, "hatch": "//////"}
                if code:
                    shade = ladder.index(code) / (len(ladder) - 1)
                    look = {"facecolor": _shade("#3b4a5c", shade), "edgecolor": GREY}
                axis.add_patch(
                    Rectangle(
                        (first, 0),
                        last + 1 - first,
                        0.16,
                        linewidth=0.5,
                        clip_on=False,
                        label=f"{field}:{first}",
                        **look,
                    )
                )
            for start, label, place, lane in lanes[field]:
                low = 0.18 + steps[field] * lane
                axis.plot([start, start], [0.16, low + 0.12], color=MUTED, linewidth=0.5, clip_on=False)
                axis.text(place, low, label, va="top", fontsize=TINY, linespacing=0.95, bbox=CLEAR)
            _beside(axis, 0.08, texts[field], left, fontsize=SMALL)
            down += tall
        _source(figure, None, language)
    return figure


def _code_runs(coded: Mapping[int, QuasiAlliance], years: range, field: str) -> list[tuple[int, int, str]]:
    """Runs of years with one code; empty where not coded."""
    runs: list[tuple[int, int, str]] = []
    for year in years:
        code = str(getattr(coded[year].a, field)) if year in coded else ""
        if runs and runs[-1][2] == code:
            runs[-1] = (runs[-1][0], year, code)
        else:
            runs.append((year, year, code))
    return runs


def _lanes(labels: Sequence[tuple[int, str]], unit: float, edge: float) -> list[tuple[int, str, float, int]]:
    """Put labels (start, text) from the right in the first lane that has room: start, text, left end, lane.

    From the right, so that no tick of an earlier label passes through a later one.
    """
    begins: list[float] = []
    made = []
    for start, text in reversed(labels):
        long = max(_inches(line, TINY) for line in text.split("\n")) * 1.1 * unit
        place = min(start + 0.06 * unit, edge + 0.15 * unit - long)
        lane = next((i for i, begin in enumerate(begins) if place + long + 0.08 * unit <= begin), len(begins))
        if lane == len(begins):
            begins.append(0.0)
        begins[lane] = place
        made.append((start, text, place, lane))
    return made[::-1]


def phase_tracks(found: Phases, language: str, *, narrow: bool = False, name: str = "phases") -> Any:
    """Draw the main series with the probability of a break at every point below each; a scholar's breaks dashed.

    Parameters
    ----------
    found : Phases
    language, narrow, name
        As in `dashboard_strip`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    texts = TEXTS[language]
    tracks = [t for t in found.tracks if not t.variant]
    claimed = [
        (d.id, a, b, getattr(d, f"label_{language}")) for d in found.datings if d.author != "rival" for a, b in d.breaks
    ]
    width = NARROW if narrow else WIDE
    left, inches = 0.42, width - 0.42 - 0.1
    first = min((t.starts[0].year for t in tracks), default=found.as_of.year - 1)
    span = (first - 0.3, _decimal(found.as_of) + 0.6)
    unit = (span[1] - span[0]) / inches
    marks = [(a, b, _dating(i, a, language)) for i, a, b, _ in claimed if span[0] <= a <= span[1]]
    dated = _left_lanes([(a + 0.0, text) for a, _, text in marks], unit, span[0])
    long = _inches(texts["break_key"], TINY) > width - 0.1
    head = 0.6 if long else 0.48
    lanes = max((lane for lane, _, _ in dated), default=-1) + 1
    whose = _wrap(" / ".join(dict.fromkeys(label for _, _, _, label in claimed)), 60 if narrow else 110)
    top = head + (0.17 if whose else 0) + 0.02
    rise = 0.14 * lanes + 0.06 if lanes else 0.0
    tops = [
        _left_lanes([(_decimal(s), f"{_when(s, t.every)} ({p:.0%})") for s, p in t.breaks], unit, span[0])
        for t in tracks
    ]
    heights = [(0.62 if narrow else 0.5) + 0.13 * (max((lane for lane, _, _ in p), default=-1) + 1) for p in tops]
    each = 0.2 + 0.11 + 0.22 + (0.12 if narrow else 0.06)
    height = top + rise + sum(heights) + each * len(tracks) + 0.42
    with canvas(width, height, name) as figure:
        _title(figure, 0.05, 0.2, _group(found.group.key, language))
        _note(figure, 0.05, 0.24, texts["break_key"], width=width - 0.1, lines=2)
        if whose:
            figure.text(0.05 / width, 1 - (head - 0.02) / height, f"- -  {whose}", fontsize=TINY, va="top", color=RED)
        down = top
        for at, (track, places, tall) in enumerate(zip(tracks, tops, heights, strict=True)):
            title = code_table().name("series", track.name, language)
            _title(figure, 0.05, down + 0.16, title, width=width - 0.1)
            down += rise if at == 0 else 0
            axis = _axes(figure, left, down + 0.2, inches, tall)
            _track(axis, track, span, tall, places)
            strip = _axes(figure, left, down + 0.2 + tall + 0.11, inches, 0.22)
            _strip(strip, track, span)
            _years(strip, span, narrow, labels=at == len(tracks) - 1)
            for first_year, last_year, label in marks:
                for panel in (axis, strip):
                    panel.axvline(
                        first_year,
                        color=RED,
                        linewidth=0.9,
                        linestyle=(0, (4, 3)),
                        zorder=3,
                        label=f"dating:{first_year}" if panel is axis else "",
                    )
                    if last_year > first_year:
                        panel.axvspan(first_year, last_year + 1, color=RED, alpha=0.08, linewidth=0)
                if at == 0:
                    lane, place, align = dated[[m[2] for m in marks].index(label)]
                    axis.annotate(
                        label,
                        (place, 1),
                        xycoords=axis.get_xaxis_transform(),
                        xytext=(0, (0.02 + 0.14 * lane) * 72),
                        textcoords="offset points",
                        ha=align,
                        va="bottom",
                        fontsize=TINY,
                        color=RED,
                        annotation_clip=False,
                    )
                    axis.plot(
                        [first_year, first_year],
                        [1, 1 + (0.12 + 0.14 * lane) / tall],
                        transform=axis.get_xaxis_transform(),
                        clip_on=False,
                        color=RED,
                        linewidth=0.7,
                        linestyle=(0, (4, 3)),
                    )
            down += tall + each
        _source(figure, found.as_of, language)
    return figure


def _dating(dating: str, year: int, language: str) -> str:
    """The name of a break in a dating where the code table has one, else its year."""
    code = f"{dating}_{year}"
    return code_table().name("dating", code, language) if code in code_table().codes("dating") else str(year)


def _when(start: date, every: str) -> str:
    return str(start.year) if every == "year" else f"{start.year}Q{(start.month + 2) // 3}"


def _left_lanes(labels: Sequence[tuple[float, str]], unit: float, edge: float) -> list[tuple[int, float, str]]:
    """Labels that end at their line (or begin there, near the left edge): lane, place, alignment."""
    taken: list[list[tuple[float, float]]] = []
    made = []
    for x, text in labels:
        long = (_inches(text, TINY) + 0.04) * unit
        right = x - long < edge
        low, high = (x, x + long) if right else (x - long, x)
        gap = 0.05 * unit
        lane = next((i for i, t in enumerate(taken) if all(high + gap < a or low > b + gap for a, b in t)), len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        made.append((lane, x + (0.03 if right else -0.03) * unit, "left" if right else "right"))
    return made


def _track(
    axis: Any, track: Track, span: tuple[float, float], tall: float, places: Sequence[tuple[int, float, str]]
) -> None:
    """Bars of counts, or a line of levels; most probable breaks as lines with their probability."""
    wide = 1.0 if track.every == "year" else 0.25
    axis.set_xlim(*span)
    axis.set_xticks([])
    seen = [v for v in track.values if v is not None]
    low, high = (
        (min(seen, default=0.0), max(seen, default=1.0)) if not track.counts else (0.0, max(seen, default=1.0) or 1.0)
    )
    room = 0.13 * (max((lane for lane, _, _ in places), default=-1) + 1) / tall
    pad = 0.0 if track.counts else 0.08 * (high - low or 1)
    axis.set_ylim(low - pad, low - pad + (high - low + 2 * pad) * 1.1 / (1 - room))
    xs = [_decimal(s) for s in track.starts]
    for x, value in zip(xs, track.values, strict=True):
        if value is None:
            _hatched(axis, x, x + wide, label=f"{track.name}:gap")
        elif track.counts:
            _box(axis, x + wide / 2, value, wide * 0.8, BLUE, f"{track.name}:value")
    if not track.counts:
        drawn = [float("nan") if v is None else v for v in track.values]
        axis.plot(
            [x + wide / 2 for x in xs],
            drawn,
            color=BLUE,
            linewidth=1.4,
            marker="o",
            markersize=2.2,
            zorder=2,
            label=f"{track.name}:line",
        )
    for (start, probability), (lane, place, align) in zip(track.breaks, places, strict=True):
        x = _decimal(start)
        axis.axvline(x, color=INK, linewidth=1.3, zorder=4, label=f"{track.name}:break")
        axis.text(
            place,
            1 - 0.13 * lane / tall,
            f"{_when(start, track.every)} ({probability:.0%})",
            transform=axis.get_xaxis_transform(),
            ha=align,
            va="top",
            fontsize=TINY,
            zorder=5,
            bbox=CLEAR,
        )
    axis.tick_params(labelsize=TINY)
    axis.locator_params(axis="y", nbins=3, integer=track.counts)
    for spine in ("left", "bottom"):
        axis.spines[spine].set_visible(False)
    axis.yaxis.grid(visible=True, color=GRID, linewidth=0.5)
    axis.axhline(0 if track.counts else low - pad, color=PALE, linewidth=0.7)
    axis.set_axisbelow(True)


def _box(axis: Any, at: float, tall: float, wide: float, colour: str, label: str) -> None:
    """A bar where the limits of the axis are set: a plain rectangle, since hundreds of `bar` calls take seconds."""
    from matplotlib.patches import Rectangle

    axis.add_patch(Rectangle((at - wide / 2, 0.0), wide, tall, facecolor=colour, linewidth=0, zorder=2, label=label))


def _strip(axis: Any, track: Track, span: tuple[float, float]) -> None:
    """The probability of a break at each point, 0 to 1."""
    wide = 1.0 if track.every == "year" else 0.25
    axis.set_xlim(*span)
    axis.set_ylim(0, 1)
    axis.set_yticks([0, 1], ["0", "1"], fontsize=TINY)
    axis.set_facecolor("#f3f5f7")
    for start, p in zip(track.starts, track.found.dates, strict=True):
        _box(axis, _decimal(start), float(p), wide * 0.8, ORANGE, f"{track.name}:probability")
    axis.spines["left"].set_visible(False)


def comparison(compared: Sequence[Compared], language: str, *, narrow: bool = False, name: str = "comparison") -> Any:
    """Draw groups side by side; those refused as a grey row with the reason.

    Parameters
    ----------
    compared : sequence of Compared
    language, narrow, name
        As in `dashboard_strip`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from minilateral.measure.comparing import Compared
    >>> gap = "no mechanism of exactly these on record"
    >>> refused = Compared(Group.parse("PRK RUS"), gap, 7, None, None, 0, None, None, None, None, ())
    >>> figure = comparison([refused], "en", narrow=True)
    >>> f"not compared: {gap}" in [t.get_text().replace(chr(10), " ") for t in figure.axes[0].texts]
    True
    """
    width = NARROW if narrow else WIDE
    label = 1.1 if narrow else 1.15
    each, heads = 1.15 * ROW, ([0.85, 1.2] if narrow else [1.2])
    blocks: list[list[tuple[str, float]]] = [
        [("institutionalisation", 1.3), ("functionalisation", 1.25), ("mechanisms", 0.9)],
        [("promises", 0.95), ("share", 0.85), ("quasi", 0.95)],
    ]
    if not narrow:
        blocks = [[*blocks[0], *blocks[1]]]
    tall = each * max(1, len(compared))
    height = sum(heads) + len(blocks) * (tall + 0.3) + 0.15
    gap = 0.1
    with canvas(width, height, name) as figure:
        top = -tall - 0.3
        for head, block in zip(heads, blocks, strict=True):
            top += tall + 0.3 + head
            scale = (width - label - 0.08 - gap * len(block)) / sum(w for _, w in block)
            frame = _bare(figure, 0.0, top, width, tall, (0, width), max(1, len(compared)))
            names = code_table()
            marks = "\n".join(
                f"{mark} {names.name('state', state, language)}"
                for mark, state in (("?", "not_observed"), ("–", "not_applicable"))
            )
            figure.text(0.05 / width, 1 - (top - 0.06) / height, marks, fontsize=TINY, color=MUTED, va="bottom")
            for row, c in enumerate(compared):
                frame.axhline(row, color=GRID, linewidth=0.7)
                refused = bool(c.refused)
                if refused:
                    frame.axhspan(row, row + 1, color="#eef0f2", linewidth=0, label=f"refused:{c.group.key}")
                    why = TEXTS[language]["refused"].format(why=_refusal(c.refused, language))
                    frame.text(
                        label + gap,
                        row + 0.5,
                        _wrap(why, int((width - label - 0.2) * 72 / (SMALL * 0.58))),
                        va="center",
                        fontsize=SMALL,
                        color=MUTED,
                    )
                text = _wrap(_group(c.group.key, language), 16)
                look: dict[str, Any] = {"fontsize": SMALL, "color": GREY if refused else INK, "fontweight": "bold"}
                frame.text(0.05, row + (0.5 if refused else 0.38), text, va="center", linespacing=0.95, **look)
                if not refused:
                    words = TEXTS[language]
                    told = words["no_recall"] if c.recall is None else words["recall"]
                    said = told.format(recall=c.recall or 0.0, n=c.counted)
                    frame.text(0.05, row + 0.96, said, va="bottom", fontsize=TINY, color=MUTED)
            left = label + gap
            for panel, share in block:
                inches = share * scale
                axis = _axes(figure, left, top, inches, tall)
                axis.set_facecolor("none")
                axis.set_ylim(max(1, len(compared)), 0)
                axis.set_yticks([])
                axis.spines["left"].set_visible(False)
                axis.spines["bottom"].set_visible(False)
                _panel(axis, panel, compared, language, inches, head)
                left += inches + gap
        day = next((c.board.as_of for c in compared if c.board), None)
        _source(figure, day, language)
    return figure


def _refusal(text: str, language: str) -> str:
    if language == "zh":
        for pattern, chinese in REFUSALS:
            if re.fullmatch(pattern, text):
                return re.sub(pattern, chinese, text)
    return text


def _panel(axis: Any, panel: str, compared: Sequence[Compared], language: str, inches: float, head: float) -> None:
    """One column of the comparison, its title and its key above it."""
    texts = TEXTS[language]
    if panel in ("institutionalisation", "functionalisation"):
        title, key = code_table().name("dimension", panel, language), texts["sd"]
        if any(x.low is not None for c in compared for x in (getattr(c, panel),) if x is not None):
            key += f"\n{texts['interval']}"
        _levels_compared(axis, compared, panel)
    elif panel == "mechanisms":
        title, key = texts["mechanisms_short"], ""
        words = [(k, code_table().name("standing", k, language), STANDINGS[k]) for k in ("alive", "uncertain")]
        words.append(("other", texts["other"], PALE))
        _counts_compared(axis, [(c, _three(c)) for c in compared], words, panel, inches)
    elif panel == "promises":
        title, key = texts["promises_short"], ""
        fates = ("kept", "partly", "overdue", "unknown")
        words = [(k, code_table().name("fate", k, language), FATES[k]) for k in fates]
        _counts_compared(axis, [(c, _counts(c, "promises", fates)) for c in compared], words, panel, inches)
    elif panel == "share":
        title, key = texts["share"], texts["interval"]
        _shares_compared(axis, compared)
    else:
        title, key = texts["quasi_short"], texts["shade"]
        _quasi_compared(axis, compared, language, inches)
    height = axis.figure.get_size_inches()[1]
    box = axis.get_position()
    axis.figure.text(box.x0, box.y1 + (head - 0.17) / height, title, fontsize=SMALL, fontweight="bold", va="bottom")
    if key:
        axis.figure.text(box.x0, box.y1 + (head - 0.19) / height, key, fontsize=TINY, color=MUTED, va="top")


def _unknown(axis: Any, x: float, row: int, key: str) -> None:
    axis.text(x, row + 0.5, "?", ha="center", va="center", fontsize=9, fontweight="bold", color=MUTED, label=key)


def _levels_compared(axis: Any, compared: Sequence[Compared], panel: str) -> None:
    """Dots, with intervals where there are some; both dimensions on one scale."""
    both = [x for c in compared for x in (c.institutionalisation, c.functionalisation) if x is not None]
    ends = [0.0, *(v for x in both for v in (x.low, x.high, x.mean) if v is not None)]
    low, high = min(ends), max(ends)
    pad = 0.08 * (high - low or 1)
    axis.set_xlim(low - pad, high + pad)
    for row, c in enumerate(compared):
        level: Level | None = getattr(c, panel)
        if c.refused:
            continue
        axis.plot([0, 0], [row, row + 1], color=PALE, linewidth=0.7, zorder=0)
        key = f"{panel}:{c.group.key}"
        if level is None or level.mean is None:
            _unknown(axis, (low + high) / 2, row, key)
            continue
        if level.low is not None and level.high is not None:
            look = {"color": BLUE, "linewidth": 1.4, "alpha": 0.6}
            axis.plot([level.low, level.high], [row + 0.6] * 2, label=f"interval:{key}", **look)
        axis.plot([level.mean], [row + 0.6], linestyle="", marker="o", markersize=4.5, color=BLUE, label=key)
        axis.text(level.mean, row + 0.36, f"{round(level.mean, 1) + 0.0:.1f}", ha="center", va="center", fontsize=TINY)
    axis.tick_params(labelsize=TINY)
    axis.locator_params(axis="x", nbins=4)


def _three(c: Compared) -> list[int] | None:
    if c.board is None:
        return None
    found = {g.item: g.value or 0 for g in c.board.block("mechanisms")}
    alive, uncertain = found.get("alive", 0), found.get("uncertain", 0)
    return [alive, uncertain, found.get("all", 0) - alive - uncertain]


def _counts(c: Compared, block: str, items: Sequence[str]) -> list[int] | None:
    found = {g.item: g.value for g in c.board.block(block)} if c.board else {}
    values = [found.get(i) for i in items]
    return None if all(v is None for v in values) else [v or 0 for v in values]


def _counts_compared(
    axis: Any,
    rows: Sequence[tuple[Compared, list[int] | None]],
    words: Sequence[tuple[str, str, str]],
    panel: str,
    inches: float,
) -> None:
    """Stacked bars; the numbers in the same order below; the order above the column."""
    from matplotlib.patches import Rectangle

    most = max((sum(v) for _, v in rows if v), default=1) or 1
    axis.set_xlim(0, most * 1.02)
    axis.set_xticks([])
    for row, (c, values) in enumerate(rows):
        if c.refused:
            continue
        if values is None:
            _unknown(axis, most * 0.08, row, f"{panel}:{c.group.key}")
            continue
        start = 0
        for (code, _, colour), value in zip(words, values, strict=True):
            if value:
                hatch = "//////" if code == "unknown" else None
                edge = GREY if code == "unknown" else "white"
                axis.barh(
                    row + 0.34,
                    value,
                    left=start,
                    height=0.34,
                    facecolor=colour,
                    edgecolor=edge,
                    hatch=hatch,
                    linewidth=0.5,
                    label=f"{panel}:{c.group.key}:{code}",
                )
            start += value
        axis.text(0, row + 0.74, " / ".join(str(v) for v in values), va="center", fontsize=TINY)
    inch = most * 1.02 / inches
    rise = 1 / ROW
    for at, (code, word, colour) in enumerate(words):
        y = (-0.12 - 0.15 * (len(words) - 1 - at)) * rise
        axis.add_patch(
            Rectangle(
                (0, y - 0.045 * rise),
                0.1 * inch,
                0.09 * rise,
                facecolor=colour,
                edgecolor=GREY,
                linewidth=0.4,
                hatch="//////" if code == "unknown" else None,
                clip_on=False,
            )
        )
        axis.text(0.15 * inch, y, word, va="center", fontsize=TINY, color=INK)


def _shares_compared(axis: Any, compared: Sequence[Compared]) -> None:
    axis.set_xlim(-0.04, 1.04)
    for row, c in enumerate(compared):
        if c.refused:
            continue
        key = f"share:{c.group.key}"
        if c.pairs is None or c.pairs.share is None:
            if c.pairs is None:
                axis.text(0.5, row + 0.5, "–", ha="center", va="center", fontsize=9, color=MUTED, label=key)
            else:
                _unknown(axis, 0.5, row, key)
            continue
        axis.plot([c.pairs.low, c.pairs.high], [row + 0.6] * 2, color=GREEN, linewidth=1.4, alpha=0.7)
        axis.plot([c.pairs.share], [row + 0.6], linestyle="", marker="o", markersize=4.5, color=GREEN, label=key)
        axis.text(
            min(max(c.pairs.share, 0.12), 0.9),
            row + 0.32,
            f"{c.pairs.share:.0%}",
            ha="center",
            va="center",
            fontsize=TINY,
        )
    axis.set_xticks([0, 0.5, 1], ["0", "50%", "100%"], fontsize=TINY)


def _quasi_compared(axis: Any, compared: Sequence[Compared], language: str, inches: float) -> None:
    from matplotlib.patches import Rectangle

    listed = [d.id for d in definitions()]
    axis.set_xlim(0, inches)
    axis.set_xticks([])
    pitch, side = inches / len(listed), 0.17
    rise = 1 / ROW
    for at, definition in enumerate(listed):
        x = (at + 0.5) * pitch
        axis.text(
            x,
            -0.05 * rise,
            _name("definition", definition, language, 15),
            rotation=90,
            ha="center",
            va="bottom",
            fontsize=TINY,
            color=MUTED,
            linespacing=1.15 if language == "zh" else 0.95,
        )
        for row, c in enumerate(compared):
            if c.refused:
                continue
            key = f"quasi:{c.group.key}:{definition}"
            held = next((q for q in c.quasi if q.definition == definition), None)
            if held is None:
                _unknown(axis, x, row, key)
                continue
            axis.add_patch(
                Rectangle(
                    (x - side / 2, row + 0.5 - side * rise / 2),
                    side,
                    side * rise,
                    facecolor=_shade(BLUE, held.probability),
                    edgecolor=MUTED,
                    linewidth=0.6,
                    label=key,
                )
            )


def pair_windows(windows: Sequence[PairWindow], language: str, *, narrow: bool = False, name: str = "pairs") -> Any:
    """Draw the pairs of a group and its joint part by span of years, and the joint share.

    Heights are acts a year, since spans differ in length; the number is the count of the span. A part without an act
    on record is a question mark: nobody searched all pairs alike.

    Parameters
    ----------
    windows : sequence of PairWindow
    language, narrow, name
        As in `dashboard_strip`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from minilateral.measure.comparing import PairWindow
    >>> window = PairWindow(2011, 2020, {"JPN-KOR": 10, "JPN-USA": 30}, (), None, 40, 0.4, 0.3, 0.5)
    >>> [t.get_text() for t in pair_windows([window], "zh").axes[0].texts if t.get_text().isdigit()]
    ['10', '30', '40']
    """
    texts = TEXTS[language]
    keys = list(dict.fromkeys(k for w in windows for k in w.counts))
    members = tuple(sorted({m for k in keys for m in k.split("-")}))
    series = [*keys, "joint"]
    labels = [_group(k, language) for k in keys]
    labels.append(_group("-".join(members), language) if len(members) > 1 else "")
    width = NARROW if narrow else WIDE
    margin = 0.35 + max((_inches(x, TINY) * 1.12 for x in labels), default=0.0)
    inches = width - 0.4 - margin
    top, tall = 0.5, 2.2
    height = top + tall + 0.45 + 1.0 + 0.55
    spans = [f"{w.first}–{w.last}" for w in windows]
    most = max((_rate(w, s) or 0 for w in windows for s in series), default=1) or 1
    with canvas(width, height, name) as figure:
        _title(figure, 0.05, 0.2, texts["pairs"], width=width - 0.1)
        _note(figure, 0.05, 0.24, texts["pairs_key"], width=width - 0.1)
        axis = _axes(figure, 0.4, top, inches, tall)
        axis.set_xlim(-0.5, max(1, len(windows)) - 0.5)
        axis.set_ylim(-0.16 * most, most * 1.12)
        ends: list[tuple[float, float, str, str]] = []
        for at, (key, label) in enumerate(zip(series, labels, strict=True)):
            shift = (at - (len(series) - 1) / 2) * 0.8 / len(series)
            colour = INK if key == "joint" else LINES[at % len(LINES)]
            marker = "*" if key == "joint" else MARKS[at % len(MARKS)]
            rates = [_rate(w, key) for w in windows]
            xs = [i + shift for i in range(len(windows))]
            drawn = [float("nan") if r is None else r for r in rates]
            axis.plot(xs, drawn, color=colour, linewidth=0.8, alpha=0.45, zorder=1)
            for i, (window, rate) in enumerate(zip(windows, rates, strict=True)):
                if rate is None:
                    axis.text(
                        xs[i],
                        -0.09 * most,
                        "?",
                        ha="center",
                        va="center",
                        fontsize=9,
                        fontweight="bold",
                        color=colour,
                        label=f"{key}:{window.first}",
                    )
                    continue
                axis.plot(
                    [xs[i]],
                    [rate],
                    linestyle="",
                    marker=marker,
                    markersize=8 if key == "joint" else 5.5,
                    color=colour,
                    label=f"{key}:{window.first}",
                )
                axis.annotate(
                    str(_count(window, key)),
                    (xs[i], rate),
                    xytext=(0, 5),
                    textcoords="offset points",
                    ha="center",
                    va="bottom",
                    fontsize=TINY,
                    bbox=CLEAR,
                )
            known = [(x, r) for x, r in zip(xs, rates, strict=True) if r is not None]
            ends += [(*known[-1], label, colour)] if known else [(xs[-1], -0.09 * most, label, colour)] if xs else []
        for i in range(1, len(windows)):
            axis.axvline(i - 0.5, color=GRID, linewidth=0.7)
        axis.set_xticks(range(len(windows)), [])
        axis.tick_params(labelsize=SMALL)
        axis.yaxis.grid(visible=True, color=GRID, linewidth=0.5)
        axis.spines["left"].set_visible(False)
        _end_labels(axis, ends, (-0.16 * most, most * 1.12), tall, len(windows) - 0.5, inches, INK)
        below = _axes(figure, 0.4, top + tall + 0.45, inches, 1.0)
        _title(figure, 0.05, top + tall + 0.35, texts["share_long"])
        below.set_xlim(-0.5, max(1, len(windows)) - 0.5)
        below.set_ylim(0, 1)
        for i, window in enumerate(windows):
            key = f"share:{window.first}"
            if window.share is None:
                below.text(i, 0.5, "?", ha="center", va="center", fontsize=9, fontweight="bold", color=MUTED, label=key)
                continue
            below.plot([i, i], [window.low, window.high], color=INK, linewidth=1.4, alpha=0.6)
            below.plot([i], [window.share], linestyle="", marker="o", markersize=5, color=INK, label=key)
            below.text(i + 0.08, window.share, f"{window.share:.0%}", va="center", fontsize=SMALL)
        below.set_xticks(range(len(windows)), spans, fontsize=SMALL)
        below.set_yticks([0, 0.5, 1], ["0", "50%", "100%"], fontsize=TINY)
        below.yaxis.grid(visible=True, color=GRID, linewidth=0.5)
        below.spines["left"].set_visible(False)
        _source(figure, None, language)
    return figure


def _count(window: PairWindow, key: str) -> int:
    return window.joint if key == "joint" else window.counts.get(key, 0)


def _rate(window: PairWindow, key: str) -> float | None:
    """Acts a year; None where there is none on record."""
    count = _count(window, key)
    return count / (window.last - window.first + 1) if count else None


# -- drawing that all share ---------------------------------------------------------------------------------------


def _axes(figure: Any, left: float, top: float, width: float, height: float) -> Any:
    """Axes at so many inches from the upper left corner."""
    wide, high = figure.get_size_inches()
    return figure.add_axes([left / wide, 1 - (top + height) / high, width / wide, height / high])


def _bare(
    figure: Any, left: float, top: float, width: float, height: float, across: tuple[float, float], down: float
) -> Any:
    """Axes without anything, counted from the top."""
    axis = _axes(figure, left, top, width, height)
    axis.set_xlim(*across)
    axis.set_ylim(down, 0)
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in ("left", "bottom"):
        axis.spines[spine].set_visible(False)
    return axis


def _inches(text: str, size: float) -> float:
    """Roughly how wide a line of text is: a Chinese letter one em, another 0.56."""
    return width_of(text) * (0.56 if width_of(text) == len(text) else 0.52) * size / 72


def _title(figure: Any, left: float, bottom: float, text: str, width: float = 0.0) -> None:
    """A title that stands so many inches below the upper edge."""
    wide, high = figure.get_size_inches()
    size = BODY
    while width and size > TINY and _inches(text, size) * 1.08 > width:
        size -= 0.25
    figure.text(left / wide, 1 - bottom / high, text, fontsize=size, fontweight="bold", va="baseline", linespacing=1.0)


def _note(figure: Any, left: float, top: float, text: str, width: float, lines: int = 1, small: float = TINY) -> None:
    """A key below a title; broken between its parts where it is longer than the width."""
    wide, high = figure.get_size_inches()
    parts = text.split("   ")
    rows = [parts[0]]
    for part in parts[1:]:
        if _inches(f"{rows[-1]} · {part}", small) > width and len(rows) < lines:
            rows.append(part)
        else:
            rows[-1] += f" · {part}"
    figure.text(
        left / wide, 1 - (top + 0.03) / high, "\n".join(rows), fontsize=small, color=MUTED, va="top", linespacing=1.1
    )


def _source(figure: Any, as_of: date | None, language: str) -> None:
    """Where it is from, at the bottom."""
    texts = TEXTS[language]
    wide, high = figure.get_size_inches()
    said = texts["source"].format(day=_day(as_of, language)) if as_of else texts["no_day"]
    figure.text(0.05 / wide, 0.05 / high, said, fontsize=TINY, color=MUTED, va="bottom")


def _legend(figure: Any, handles: Sequence[Any], columns: int) -> None:
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=columns,
        frameon=False,
        fontsize=SMALL,
        handlelength=1.6,
        handletextpad=0.4,
        columnspacing=1.2,
        labelspacing=0.3,
        borderaxespad=0.2,
    )


def _beside(axis: Any, y: float, text: str, margin: float, **look: Any) -> None:
    """A text in the left margin of an axis: from ``margin`` inches left of it."""
    wide = axis.figure.get_size_inches()[0]
    inside = axis.get_position().width * wide
    axis.text(
        -(margin - 0.05) / inside, y, text, transform=axis.get_yaxis_transform(), va="center", linespacing=0.95, **look
    )


def _years(axis: Any, span: tuple[float, float], narrow: bool, *, labels: bool = True, centred: bool = False) -> None:
    """Ticks at round years, a line each."""
    long = span[1] - span[0]
    steps = (1, 2, 5, 10, 20) if not narrow else (2, 5, 10, 20)
    step = next((s for s in steps if long / s <= (7 if narrow else 11)), 20)
    ticks = [y for y in range(int(span[0]), int(span[1]) + 1) if y % step == 0 and span[0] <= y < span[1]]
    axis.set_xticks([t + 0.5 * centred for t in ticks], [str(t) for t in ticks] if labels else [], fontsize=SMALL)
    if not centred:
        for tick in ticks:
            axis.axvline(tick, color=GRID, linewidth=0.5, zorder=0.5)


def _hatched(axis: Any, low: float, high: float, label: str) -> None:
    axis.axvspan(low, high, facecolor="none", edgecolor=HATCH, hatch="//////", linewidth=0, zorder=0.8, label=label)


def _apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move places (sorted) as little as needed for a gap between each two, inside the bounds if they hold.

    Examples
    --------
    >>> _apart([1.0, 1.0, 5.0], 1.0, 0.0, 10.0)
    [0.5, 1.5, 5.0]
    """
    blocks: list[list[float]] = []  # sum of wanted starts, number
    for place in wanted:
        blocks.append([place, 1])
        while len(blocks) > 1:
            (s, n), (t, m) = blocks[-2], blocks[-1]
            if s / n + gap * (n - 1) / 2 + gap <= t / m - gap * (m - 1) / 2:
                break
            blocks[-2:] = [[s + t, n + m]]
    places = [s / n + gap * (i - (n - 1) / 2) for s, n in blocks for i in range(int(n))]
    for i, place in enumerate(places):
        places[i] = max(place, low + gap * i)
    for i in range(len(places)):
        back = len(places) - 1 - i
        places[back] = min(places[back], high - gap * i)
    return places


def _shade(colour: str, share: float) -> str:
    """From white (0) to the colour (1)."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 + (p - 255) * share):02x}" for p in parts)


def _decimal(day: date) -> float:
    """A day as a year with a fraction."""
    start = date(day.year, 1, 1)
    return day.year + (day - start).days / (date(day.year + 1, 1, 1) - start).days


def _day(day: date, language: str) -> str:
    return Period(day, day + timedelta(days=1)).format(language)


def _wrap(text: str, letters: int) -> str:
    r"""Break a text into lines; also after a hyphen, and no Chinese line begins or ends with the wrong mark.

    Examples
    --------
    >>> _wrap("US-Japan-Philippines", 15), _wrap("防务磋商（首轮系列）", 18)
    ('US-Japan-\nPhilippines', '防务磋商（首轮系\n列）')
    """
    if width_of(text) <= letters:
        return text
    lines = break_lines(re.sub(r"-(?=\w)", "- ", text), letters).split("\n")
    for i in range(1, len(lines)):
        while lines[i] and lines[i][0] in "）、，；：”" and len(lines[i - 1]) > 2:
            lines[i - 1], lines[i] = lines[i - 1][:-1], lines[i - 1][-1] + lines[i]
        while lines[i - 1] and lines[i - 1][-1] in "（“" and len(lines[i - 1]) > 1:
            lines[i - 1], lines[i] = lines[i - 1][:-1], lines[i - 1][-1] + lines[i]
    return re.sub(r"(?<=-) (?=\w)", "", "\n".join(line for line in lines if line))


def _name(field: str, code: str, language: str, letters: int) -> str:
    return _wrap(code_table().name(field, code, language), letters)


def _group(key: str, language: str) -> str:
    """A short name of a group: its label in English, its compound in Chinese."""
    group = Group(tuple(key.split("-")))
    return group.name("zh") if language == "zh" else group.label

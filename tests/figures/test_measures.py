"""Figures of the measures: every mark where the datum is, nothing unobserved as a zero, two languages alike."""

from collections import Counter
from datetime import date
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.text import Text

from minilateral.figures.domains import domain_lines
from minilateral.figures.measures import (
    NARROW,
    TEXTS,
    WIDE,
    _inches,
    comparison,
    dashboard_strip,
    dimension_lines,
    mechanism_calendar,
    pair_windows,
    phase_tracks,
    quasi_grid,
)
from minilateral.figures.saving import save
from minilateral.figures.style import settings, to_svg
from minilateral.figures.wording import Said, wording_over_time
from minilateral.measure.comparing import Compared, PairWindow
from minilateral.measure.dashboard import Dashboard, Gauge
from minilateral.measure.dimensions import Dimensions, DomainLevel, Domains, Level
from minilateral.measure.mechanisms import Standing
from minilateral.measure.quasi_alliance import Profile, QuasiAlliance
from minilateral.phases import Dating, Phases, Track, segment
from minilateral.terms import Group, Period

THREE, OTHER = Group.parse("USA JPN KOR"), Group.parse("CHN JPN KOR")
AS_OF = date(2025, 6, 30)

pytestmark = pytest.mark.filterwarnings("ignore:Glyph .* missing")
MEMBERS = ("JPN", "KOR", "USA")


def gone(block, item, period=""):
    return Gauge(block, item, None, period, state="not_observed", reason="none")


def board(group=THREE, promises=True):
    gauges = (
        Gauge("levels", "leader", 1, upper=1, promised=1.0),
        Gauge("levels", "foreign_minister", 3, upper=5),
        gone("levels", "nsa"),
        Gauge("levels", "working", 0),
        Gauge("mechanisms", "all", 6),
        Gauge("mechanisms", "alive", 3),
        Gauge("mechanisms", "uncertain", 2),
        Gauge("mechanisms", "lapsed", 1),
        Gauge("mechanisms", "running", 0),
        *(
            (Gauge("promises", "kept", 4), Gauge("promises", "overdue", 1), Gauge("promises", "unknown", 2))
            if promises
            else (gone("promises", "kept"), gone("promises", "unknown"))
        ),
        Gauge("targets", "dprk", 2, verb="condemn", manner="named", rows=("a", "b")),
        Gauge("targets", "china", 1, verb="oppose", manner="implied", rows=("a", "b")),
        Gauge("targets", "russia", 0, verb="absent", rows=("a", "b")),
        gone("targets", "taiwan"),
        Gauge("momentum", "new_mechanism", 2, "2025-Q1"),
        Gauge("momentum", "new_mechanism", 0, "2025-Q2"),
        Gauge("momentum", "level_upgrade", 1, "2025-Q1"),
        gone("momentum", "level_upgrade", "2025-Q2"),
        gone("momentum", "first_commitment", "2025-Q1"),
        Gauge("momentum", "first_commitment", 1, "2025-Q2"),
    )
    return Dashboard(group, AS_OF, AS_OF, Period(date(2024, 7, 1), date(2025, 7, 1)), gauges, ())


def standing(identifier, state="alive", at=AS_OF, next_years=(2025, 2026, 2027), p=0.9, level="leader"):
    dates = [date(y, 7, 1) for y in next_years] if next_years else [None] * 3
    low, high = (None, None) if p is None else (p - 0.1, p + 0.05)
    last = date(2024, 3, 1)
    return Standing(
        identifier, MEMBERS, level, state, p, low, high, at, last, 2, *dates, 1.0, None, 0.8, True, False, ""
    )


@pytest.fixture
def met(world):
    """Leaders with a yearly promise, kept, missed and not observed; a lapsed one; a standing body."""
    world.mechanism("m", promised_cadence_months="12", promise_kind="promise", promise_from="2020-12-31")
    world.mechanism("n", name_en="Old talks", name_zh="旧会谈", level="working")
    world.mechanism(
        "s", name_en="Secretariat", name_zh="秘书处", level="working", standing_body="true", created="2024-11"
    )
    world.session("m", "m1", "2021-05-01").session("m", "m2", "2024-03-01").session("n", "n1", "2001-02-03")
    world.add("sweeps", id="w", mechanism="m", start="2021", end="2022", place="p", language="en", query="q",
              on="2025-06-01", found="1")  # fmt: skip
    return world.record("2025-06-30")


STANDINGS = (
    standing("m", next_years=(2025, 2026, 2040)),
    standing("n", "lapsed", at=date(2020, 1, 1), p=0.01, level="working"),
    standing("s", "running", next_years=(), p=None, level="working"),
)


def dims(bands=True):
    levels = []
    for dimension in ("institutionalisation", "functionalisation"):
        for group, first in ((THREE, 0.0), (OTHER, 0.01)):
            for at, year in enumerate(range(2018, 2026)):
                mean = None if at in (2, 4) else first + at / 10
                ends = (None, None) if mean is None or not bands else (mean - 0.3, mean + 0.3)
                levels.append(Level(group.key, year, dimension, mean, *ends, 4, mean, mean, "" if mean else "few"))
    return Dimensions(THREE, AS_OF, tuple(levels), (), (), tuple(range(2018, 2026)), np.empty((0, 8, 2)), {}, True, 1.0)


def domains():
    levels = tuple(
        DomainLevel(x, year, dimension, None if at == 2 else at / 10, None if at == 2 else -0.3, 1.3, 4, "")
        for dimension in ("institutionalisation", "functionalisation")
        for x in ("security", "diplomacy")
        for at, year in enumerate(range(2018, 2026))
    )
    return Domains(THREE, AS_OF, levels, {"security": 60, "diplomacy": 40, "values": 2}, 1.0)


def quasi(group=THREE, years=(2019, 2020, 2022)):
    codes = {year: Profile("political", "talks" if year < 2022 else "regular", "none") for year in years}
    return tuple(
        QuasiAlliance(group.key, year, d, p, codes[year], None, None, "", "", ())
        for year in years
        for d, p in (("study", 0.5), ("cha", 1.0), ("sun", 0.0), ("atop", 0.0))
    )


@pytest.fixture(scope="module")
def phases():
    values = (1.0, 0.0, 1.0, 2.0, None, 1.0, 9.0, 11.0, 10.0, 9.0, 12.0, 10.0)
    y = np.array([np.nan if v is None else v for v in values])
    starts = tuple(date(2010 + i, 1, 1) for i in range(len(values)))
    ones = (1.0,) * len(values)
    counts = segment(y, model="negative_binomial", minimum_length=2)
    tracks = (
        Track("acts", "", "year", starts, values, ones, True, counts, None),
        Track("acts", "without_study", "year", starts, values, ones, True, counts, None),
        Track("institutionalisation", "", "year", starts, values, ones, False, segment(y, minimum_length=2), None),
    )
    datings = (
        Dating("study", "study", ((1990, 1990), (2021, 2021)), "Z: 1990, 2021", "赵：1990、2021"),
        Dating("cheonan", "rival", ((2015, 2015),), "2015: a rival", "2015：其他"),
    )
    return Phases(THREE, AS_OF, tracks, (), {}, {}, datings)


WINDOWS = (
    PairWindow(2001, 2010, {"JPN-KOR": 5, "JPN-USA": 20, "KOR-USA": 0}, (), None, 3, None, None, None),
    PairWindow(2011, 2020, {"JPN-KOR": 10, "JPN-USA": 30, "KOR-USA": 15}, ("JPN-KOR",), 18.3, 40, 0.4, 0.3, 0.5),
)


SAID = (
    Said("a", "first", date(2010, 3, 1), "dprk", "condemn", "named"),
    Said("b", "second", date(2024, 3, 1), "dprk", "note", "named"),
    Said("b", "second", date(2024, 3, 1), "china", "oppose", "implied"),
    Said("c", "third", date(2024, 9, 1), "dprk", "absent", ""),
    Said("c", "third", date(2024, 9, 1), "china", "not_seen", ""),
)


def compared():
    level = dims().levels[7]
    whole = Compared(THREE, "", 50, AS_OF, 0.8, 3, board(), WINDOWS[1], level, None, quasi(years=(2025,)))
    bare = Compared(OTHER, "", 9, AS_OF, None, 0, board(OTHER, False), WINDOWS[0], level, level, ())
    gap = "2 cooperative acts of exactly these on record, fewer than 5"
    refused = Compared(Group.parse("DEU FRA POL"), gap, 2, None, None, 0, None, None, None, None, ())
    return (whole, bare, refused)


@pytest.fixture
def draw(met, phases):
    """Each figure by name, with the language and the width left open."""
    return {
        "dashboard": lambda language, narrow: dashboard_strip(board(), language, narrow=narrow),
        "calendar": lambda language, narrow: mechanism_calendar(STANDINGS, met, AS_OF, language, narrow=narrow),
        "dimensions": lambda language, narrow: dimension_lines(dims(), language, narrow=narrow),
        "domains": lambda language, narrow: domain_lines(domains(), language, narrow=narrow),
        "quasi": lambda language, narrow: quasi_grid(quasi(), language, narrow=narrow),
        "phases": lambda language, narrow: phase_tracks(phases, language, narrow=narrow),
        "comparison": lambda language, narrow: comparison(compared(), language, narrow=narrow),
        "wording": lambda language, narrow: wording_over_time(SAID, AS_OF, language, narrow=narrow),
        "pairs": lambda language, narrow: pair_windows(WINDOWS, language, narrow=narrow),
    }


NAMES = ("domains", "dashboard", "calendar", "dimensions", "quasi", "phases", "comparison", "wording", "pairs")


def keyed(figure):
    """The marks that carry the key of a datum; a bar is keyed through its container."""
    found = {}
    for axis in figure.axes:
        for container in axis.containers:
            found.setdefault(container.get_label(), []).append(container[0])
        for artist in axis.get_children():
            label = str(artist.get_label())
            if ":" in label and not label.startswith("_"):
                found.setdefault(label, []).append(artist)
    return found


def words(figure):
    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]


def as_svg(figure):
    """As in a page: under the settings that `canvas` draws with."""
    with mpl.rc_context(settings("same")):
        return to_svg(figure, "T")


@pytest.mark.parametrize("name", NAMES)
def test_the_languages_have_the_same_marks_and_the_same_data_the_same_bytes(draw, name, tmp_path):
    for narrow in (False, True):
        both = [draw[name](language, narrow) for language in ("en", "zh")]
        marks = [Counter({k: len(v) for k, v in keyed(f).items() if not k.startswith("end:")}) for f in both]
        assert marks[0]
        assert marks[0] == marks[1]
        assert len(both[0].axes) == len(both[1].axes)
        assert both[0].get_size_inches()[0] == both[1].get_size_inches()[0] == (NARROW if narrow else WIDE)
    for number in (1, 2):
        save(draw[name]("en", False), tmp_path / str(number) / "same.svg")
    assert "minilateral" in (tmp_path / "1/same.svg").read_text(encoding="utf-8")
    assert (tmp_path / "1/same.svg").read_bytes() == (tmp_path / "2/same.svg").read_bytes()


def extent(text, dpi):
    """Left, lower, right and upper edge; a Chinese text by its letters, since the machine may lack the font."""
    box = text.get_window_extent()
    if text.get_rotation() or not any(ord(c) > 0x2E7F for c in text.get_text()):
        return box.x0, box.y0, box.x1, box.y1
    long = max(_inches(line, text.get_fontsize()) for line in text.get_text().split("\n")) * dpi
    left = {"left": box.x0, "right": box.x1 - long, "center": (box.x0 + box.x1 - long) / 2}[text.get_ha()]
    return left, box.y0, left + long, box.y1


def drawn_texts(figure):
    """All texts but the labels of ticks beyond the ends of their axis, which are not drawn."""
    beyond = set()
    for side in (side for axis in figure.axes for side in (axis.xaxis, axis.yaxis)):
        low, high = sorted(side.get_view_interval())
        for tick in side.get_major_ticks():
            if not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                beyond |= {tick.label1, tick.label2}
    return [t for t in figure.findobj(Text) if t.get_text().strip() and t.get_visible() and t not in beyond]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_text_leaves_the_figure_or_lies_on_another(draw, name, narrow, language):
    figure = draw[name](language, narrow)
    figure.draw_without_rendering()
    wide, high = figure.get_size_inches() * figure.dpi
    boxes = [(t.get_text(), *extent(t, figure.dpi)) for t in drawn_texts(figure)]
    for text, left, low, right, top in boxes:
        assert -1 <= left <= right <= wide + 1, text
        assert -1 <= low <= top <= high + 1, text
    for (a, left, low, right, top), (b, *other) in combinations(boxes, 2):
        apart = min(right, other[2]) - max(left, other[0]) < 2 or min(top, other[3]) - max(low, other[1]) < 2
        assert apart, (a, b)


def test_both_languages_have_the_same_words():
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()


def test_the_dashboard_shows_what_was_counted_and_asks_where_nothing_was():
    marks = keyed(dashboard_strip(board(), "en"))
    assert marks["levels:foreign_minister"][0].get_width() == 3
    assert marks["levels:working"][0].get_width() == 0  # a zero that a search stands behind
    assert marks["levels:nsa"][0].get_text() == "?"
    assert marks["promised:leader"][0].get_xdata()[0] == 1.0
    assert "promised:nsa" not in marks
    heights = {k: v[0].get_height() for k, v in marks.items() if k.startswith("mechanisms:")}
    assert set(heights) == {"mechanisms:alive", "mechanisms:uncertain", "mechanisms:lapsed"}
    assert heights["mechanisms:alive"] == pytest.approx(3 * heights["mechanisms:lapsed"])
    assert marks["promises:kept"][0].get_height() == pytest.approx(4 * marks["promises:overdue"][0].get_height())
    assert [marks[f"targets:{t}"][0].get_xdata()[0] for t in ("dprk", "china")] == [3, 2]
    assert marks["targets:china"][0].get_markerfacecolor() == "white"
    assert marks["targets:dprk"][0].get_markerfacecolor() != "white"
    assert marks["targets:russia"][0].get_text() == "absent"
    assert marks["targets:taiwan"][0].get_text() == "?"
    assert marks["momentum:new_mechanism:2025-Q1"][0].get_height() == 2
    assert marks["momentum:new_mechanism:2025-Q2"][0].get_height() == 0
    assert marks["momentum:level_upgrade:2025-Q2"][0].get_hatch()


def test_statements_stand_as_high_as_their_verb_and_what_was_not_seen_has_no_mark():
    figure = wording_over_time(SAID, AS_OF, "en")
    marks = keyed(figure)
    at = {key: found[0].get_offsets().tolist() for key, found in marks.items()}
    assert at == {"dprk:named": [[0, 4], [1, 1]], "dprk:absent": [[2, 0]], "china:implied": [[1, 3]]}
    assert marks["dprk:named"][0].get_urls() == ["#act-first", "#act-second"]
    assert {"2/3", "1/1"} <= set(words(figure))
    assert marks["china:implied"][0].get_facecolor().tolist()[0][:3] == [1, 1, 1]


def test_promises_that_nobody_coded_are_hatched():
    figure = dashboard_strip(board(promises=False), "zh")
    assert not [k for k in keyed(figure) if k.startswith("promises:")]
    assert "? 未观测" in words(figure)


def test_the_calendar_has_a_tick_a_session_and_tells_kept_from_missed(met):
    marks = keyed(mechanism_calendar(STANDINGS, met, AS_OF, "en"))
    assert list(marks["sessions:m"][0].get_xdata()) == pytest.approx([2021 + 120 / 365, 2024 + 60 / 366])
    assert len(marks["sessions:n"][0].get_xdata()) == 1
    assert len(marks["sessions:s"][0].get_xdata()) == 0
    slots = {k.rsplit(":", 1)[1]: len(v) for k, v in marks.items() if k.startswith("slot:m")}
    assert slots == {"kept": 2, "missed": 1, "open": 2}  # 2021, 2024; 2022 searched; 2023 not, 2025 not over
    assert marks["slot:m:missed"][0].get_x() == pytest.approx(2022, abs=0.01)
    assert marks["median:m"][0].get_xdata()[0] == pytest.approx(2026.5, abs=0.01)
    assert marks["next:m"][0].get_xdata()[1] < 2030  # an arrow goes on to 2040
    assert not {"next:n", "next:s", "slot:n:open"} & set(marks)
    assert marks["unsearched:n"][0].get_xdata()[0] == pytest.approx(2020)
    assert [marks[f"p:{i}"][0].get_text() for i in "mns"] == ["0.90", "0.01", "–"]


def test_dimensions_have_gaps_and_a_label_for_every_group():
    figure = dimension_lines(dims(), "en")
    marks = keyed(figure)
    for dimension in ("institutionalisation", "functionalisation"):
        own = marks[f"{dimension}:{THREE.key}"][0].get_ydata()
        assert np.isnan(own[[2, 4]]).all()
        assert own[[0, 7]] == pytest.approx([0.0, 0.7])
        assert len(marks[f"{dimension}:band"]) == 3  # before, between and after the gaps
    ends = [t for t in figure.findobj(Text) if str(t.get_label()).startswith("end:")]
    assert Counter(t.get_text() for t in ends) == {"US-Japan-ROK": 2, "China-Japan-ROK": 2}
    figure.draw_without_rendering()
    for axis in figure.axes:
        mine = sorted(t.get_window_extent().y0 for t in ends if t.axes is axis)
        assert mine[1] - mine[0] >= 0.1 * figure.dpi


def test_no_band_is_drawn_or_promised_where_there_is_none():
    figure = dimension_lines(dims(bands=False), "en")
    assert not [k for k in keyed(figure) if k.endswith(":band")]
    assert not [w for w in words(figure) if "90 %" in w]


def test_cells_are_shaded_by_share_and_hatched_where_not_coded():
    marks = keyed(quasi_grid(quasi(), "en"))
    cells = {k: v[0] for k, v in marks.items() if k.split(":")[0] in ("study", "cha", "sun", "atop")}
    assert len(cells) == 4 * 4
    assert {k.split(":")[1] for k, v in cells.items() if v.get_hatch()} == {"2021"}
    light = [sum(cells[f"{d}:2019"].get_facecolor()[:3]) for d in ("sun", "study", "cha")]
    assert light[0] == 3.0 > light[1] > light[2]
    assert [k for k in marks if k.startswith("practice:")] == ["practice:2019", "practice:2021", "practice:2022"]


def test_phases_have_a_bar_a_value_a_probability_a_point_and_hatches_for_gaps(phases):
    figure = phase_tracks(phases, "en")
    marks = keyed(figure)
    assert [b.get_height() for b in marks["acts:value"]] == [1, 0, 1, 2, 1, 9, 11, 10, 9, 12, 10]
    assert len(marks["acts:gap"]) == 1
    assert marks["acts:gap"][0].get_hatch()
    assert np.isnan(marks["institutionalisation:line"][0].get_ydata()[4])
    track = phases.tracks[0]
    assert [b.get_height() for b in marks["acts:probability"]] == pytest.approx([float(p) for p in track.found.dates])
    assert [line.get_xdata()[0] for line in marks["acts:break"]] == [s.year for s, _ in track.breaks] == [2016]
    assert len(marks["dating:2021"]) == 2  # one a track; 1990 is before the series, a rival's is not drawn
    assert not {"dating:1990", "dating:2015"} & set(marks)
    assert any(w.startswith("2016 (") for w in words(figure))


def test_refused_groups_are_shown_with_the_reason_and_nothing_else():
    for language, why in (("en", "2 cooperative acts"), ("zh", "仅2项仅由其参与的合作行动，少于5项")):
        for narrow in (False, True):
            figure = comparison(compared(), language, narrow=narrow)
            marks = keyed(figure)
            assert len(marks["refused:DEU-FRA-POL"]) == (2 if narrow else 1)
            assert [k for k in marks if "DEU-FRA-POL" in k] == ["refused:DEU-FRA-POL"]
            assert any(why in w.replace("\n", " " if language == "en" else "") for w in words(figure))


def test_a_comparison_is_where_the_data_say_and_asks_where_there_are_none():
    marks = keyed(comparison(compared(), "en"))
    ours, theirs = THREE.key, OTHER.key
    assert marks[f"institutionalisation:{ours}"][0].get_xdata()[0] == pytest.approx(0.7)
    assert marks[f"interval:institutionalisation:{ours}"][0].get_xdata() == pytest.approx([0.4, 1.0])
    bars = [marks[f"mechanisms:{ours}:{c}"][0] for c in ("alive", "uncertain", "other")]
    assert [(b.get_x(), b.get_width()) for b in bars] == [(0, 3), (3, 2), (5, 1)]
    assert marks[f"promises:{ours}:unknown"][0].get_hatch()
    assert marks[f"share:{ours}"][0].get_xdata()[0] == 0.4
    unknown = [f"functionalisation:{ours}", f"promises:{theirs}", f"share:{theirs}", f"quasi:{theirs}:cha"]
    assert [marks[k][0].get_text() for k in unknown] == ["?"] * 4
    assert len([k for k in marks if k.startswith(f"quasi:{ours}:")]) == 4


def test_pairs_are_drawn_by_the_year_and_a_pair_without_an_act_is_no_zero():
    figure = pair_windows(WINDOWS, "en")
    marks = keyed(figure)
    assert marks["JPN-USA:2001"][0].get_ydata()[0] == 2.0
    assert marks["joint:2011"][0].get_ydata()[0] == 4.0
    assert marks["KOR-USA:2001"][0].get_text() == "?"
    assert marks["KOR-USA:2001"][0].get_position()[1] < 0
    assert marks["share:2001"][0].get_text() == "?"
    assert marks["share:2011"][0].get_ydata()[0] == 0.4
    assert {"20", "40", "15"} <= set(words(figure))


def test_nothing_at_all_can_be_drawn(world):
    empty = Dashboard(THREE, AS_OF, None, Period(date(2024, 7, 1), date(2025, 7, 1)), (), ())
    none = Dimensions(THREE, AS_OF, (), (), (), (), np.empty((0, 0, 2)), {}, False, None)
    figures = [
        dashboard_strip(empty, "en"),
        mechanism_calendar((), world.record("2025-06-30"), AS_OF, "en"),
        dimension_lines(none, "en"),
        quasi_grid((), "en"),
        phase_tracks(Phases(THREE, AS_OF, (), (), {}, {}, ()), "en"),
        comparison((), "en"),
        pair_windows((), "en"),
    ]
    for figure in figures:
        assert "<svg" in as_svg(figure)

"""Figures: well-formed SVG, one mark per row with a link to it, no state drawn as another."""

import re
import xml.etree.ElementTree as ET
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilateral.figures import (
    Band,
    Lane,
    Mark,
    Node,
    RecallBar,
    Strip,
    argument_map,
    recall_bars,
    timeline,
    yearly_parts,
)
from minilateral.figures.style import width_of, wrap

TONES = {t: t for t in ("cooperative", "conflictual", "neutral", "not_held")}
TEXTS = {"title": "T <&>", "bands": "b", "not_observed": "none seen", "on_record": "r", "official": "o", **TONES}


def day(text):
    return date.fromisoformat(text)


MARKS = [
    Mark("a", "x", day("1965-06-22"), day("1965-06-23"), "cooperative"),
    Mark("b", "x", day("2023-08-18"), day("2023-08-19"), "cooperative"),
    Mark("c", "x", day("2023-08-18"), day("2023-08-19"), "conflictual"),
    Mark("d", "y", day("2024-01-01"), day("2025-01-01"), "neutral"),
    Mark("e", "y", day("2025-01-01"), day("2025-01-02"), "not_held"),
]


def draw(narrow=False, marks=MARKS, name="t"):
    lanes = [Lane("x", "经济与科技"), Lane("y", "US-Japan-ROK")]
    return timeline(
        marks, lanes, [Band("start", day("1945-01-01"), day("1990-01-01"))], day("2026-01-01"), TEXTS, name, narrow
    )


@pytest.mark.parametrize("narrow", [False, True])
def test_every_mark_is_drawn_once_and_links_to_its_row(narrow):
    links = re.findall(r'href="#act-(\w+)"', draw(narrow))
    assert sorted(links) == ["a", "b", "c", "d", "e"]


def test_it_is_xml_with_text_as_text_and_no_date():
    svg = draw()
    root = ET.fromstring(svg)
    assert root.tag.endswith("svg")
    assert "经济与科技" in svg
    assert "T &lt;&amp;&gt;" in svg
    assert "<metadata" not in svg
    assert draw() == draw()


def test_two_drawings_share_no_id():
    one, two = (set(re.findall(r'id="([^"]+)"', draw(name=name))) for name in ("one", "two"))
    assert one
    assert not one & two


def test_a_record_without_marks_can_be_drawn():
    assert "<svg" in draw(marks=[])


def test_nothing_seen_is_hatched_and_not_a_bar():
    seen = Strip("s", (("2020", "observed", 3, 0, 0), ("2021", "observed", 1, 2, 1)))
    unseen = Strip("s", (("2020", "not_observed", None, None, None), ("2021", "observed", 1, 0, 0)))
    absent = Strip("s", (("2020", "not_applicable", None, None, None), ("2021", "observed", 1, 0, 0)))

    def hatched(strip):
        return yearly_parts([strip], TEXTS, "n").count("fill: url(#")

    assert hatched(unseen) == hatched(seen) + 1  # beyond the one in the legend
    assert hatched(absent) == hatched(seen)


def test_recall_says_both_numbers():
    svg = recall_bars([RecallBar("防务会谈", 22, 7, "2025")], TEXTS, "r")
    assert "7 / 22" in svg
    assert "防务会谈" in svg


@pytest.mark.parametrize("narrow", [False, True])
def test_the_map_links_every_claim(narrow):
    nodes = [
        Node("C1", "Three phases", "history", "not_tested", ("C2",), (0, 0)),
        Node("C2", "继续发展", "outlook", "open", ("C9",), (1, 0)),
    ]
    texts = {"title": "m", "not_tested": "not yet tested", "open": "open"}
    svg = argument_map(nodes, [("history", "History"), ("outlook", "Outlook")], texts, "m", narrow)
    assert set(re.findall(r'href="#claim-(\w+)"', svg)) == {"C1", "C2"}
    ET.fromstring(svg)


@given(st.text(alphabet="abc 经济技术-", max_size=60), st.integers(4, 30))
def test_wrapping_loses_no_letter_and_keeps_the_width(text, width):
    lines = wrap(text, width).split("\n")
    assert "".join(text.split()) == "".join("".join(lines).split())
    for line in lines:
        assert width_of(line) <= width or " " not in line.strip()


def test_the_name_of_a_band_stays_inside_the_figure_and_off_the_one_before():
    bands = [
        Band("a rather long name of a phase", day("2021-01-01"), day("2022-01-01")),
        Band("written over it", day("2022-01-01"), day("2025-03-01")),
        Band("after January 2025", day("2025-03-01"), None),
    ]
    lanes = [Lane("x", "x"), Lane("y", "y")]
    for narrow in (False, True):
        svg = timeline(MARKS, lanes, bands, day("2026-01-01"), TEXTS, "t", narrow)
        width = float(re.search(r'viewBox="0 0 ([0-9.]+)', svg)[1])
        found = re.findall(
            r'<text style="font-style: italic; font-size: ([0-9.]+)px[^>]* x="([0-9.]+)"[^>]*>([^<]*)<', svg
        )
        names = {b.label for b in bands}
        spans = sorted((float(x), float(x) + width_of(n) * 0.5 * float(size)) for size, x, n in found if n in names)
        assert len(spans) >= 2
        assert all(end <= width for _, end in spans)
        if not narrow:  # there the two spans of time stand under each other
            assert all(a[1] <= b[0] for a, b in pairwise(spans))

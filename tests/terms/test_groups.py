"""Groups: any order, any language, never guessed."""

from itertools import permutations

import pytest

from minilateral.errors import AmbiguousActor, BadGroup, MinilateralError, UnknownActor
from minilateral.terms import Group, Study


@pytest.mark.parametrize("names", list(permutations(["USA", "JPN", "KOR"])))
def test_order_does_not_matter(names):
    assert Group.parse(names).key == "JPN-KOR-USA"


@pytest.mark.parametrize(
    "names",
    [
        "USA,JPN,KOR",
        "USA JPN KOR",
        "USA;JPN;KOR",
        "美国 日本 韩国",
        "美国、日本、韩国",
        "美日韩",
        "米国 日本 韓国",
        "미국 일본 한국",
        ["South Korea", "Japan", "US"],
        "South Korea Japan US",
        "Republic of Korea, Japan, United States of America",
        ["us", "jp", "kr"],
        "  USA ,JPN,  KOR ",
    ],
)
def test_any_names_in_any_language(names):
    assert Group.parse(names).members == ("JPN", "KOR", "USA")


@pytest.mark.parametrize(
    ("names", "error", "says"),
    [
        ("USA", BadGroup, "at least two"),
        ("", BadGroup, "names nobody"),
        (",,", BadGroup, "names nobody"),
        ("USA,US", BadGroup, "twice"),
        ("美日美", BadGroup, "twice"),
        ("Korea Japan", AmbiguousActor, "KOR"),
        (["Korea", "Japan"], AmbiguousActor, "PRK"),
        ("Atlantis Japan", UnknownActor, "Atlantis"),
        ("USA 740", UnknownActor, "number"),
    ],
)
def test_what_is_no_group_is_refused(names, error, says):
    with pytest.raises(error, match=says):
        Group.parse(names)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Quad", "AUS-IND-JPN-USA"),
        ("aukus", "AUS-GBR-USA"),
        ("US-Japan-ROK", "JPN-KOR-USA"),
        ("中日韩", "CHN-JPN-KOR"),
        ("朝俄", "PRK-RUS"),
    ],
)
def test_usual_names_of_groups(name, key):
    assert Group.parse(name).key == key


def test_parts_of_a_group():
    four = Group.parse("USA JPN IND AUS")
    assert len(four.dyads) == 6
    assert len(four.subsets) == 4
    assert Group.parse("USA JPN").subsets == ()


def test_a_study_is_frozen_and_checked():
    study = Study("USA JPN KOR", "2025-12-31")
    with pytest.raises(AttributeError):
        study.seed = 3
    for wrong in ({"as_of": "2025-13-45"}, {"as_of": "2025-12"}, {"as_of": "2025-12-31", "every": "week"}):
        with pytest.raises(MinilateralError):
            Study("USA JPN KOR", **wrong)

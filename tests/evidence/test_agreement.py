"""Krippendorff's alpha: published reference values, laws, and what it must refuse to say."""

import itertools
import random

import pytest

from minilateral.evidence import coding_agreement, krippendorff_alpha, text_agreement

_ = None
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: four observers, values missing
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3),
    (_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _),
)
UNITS = list(zip(*OBSERVERS, strict=True))


@pytest.mark.parametrize(("metric", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_the_published_values(metric, published):
    assert round(krippendorff_alpha(UNITS, metric), 3) == published


def test_two_observers_binary_as_published():
    """The same paper, section A: two observers, ten units, alpha 0.095."""
    one, two = (0, 1, 0, 0, 0, 0, 0, 0, 1, 0), (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)
    assert round(krippendorff_alpha(zip(one, two, strict=True)), 3) == 0.095


def test_two_observers_nominal_as_published():
    """Section B: five categories, alpha 0.692."""
    one = ("a", "a", "b", "b", "d", "c", "c", "c", "e", "d", "d", "a")
    two = ("b", "a", "b", "b", "b", "c", "c", "c", "e", "d", "d", "d")
    assert round(krippendorff_alpha(zip(one, two, strict=True)), 3) == 0.692


def test_laws():
    for order in itertools.islice(itertools.permutations(range(4)), 6):
        shuffled = [tuple(unit[i] for i in order) for unit in UNITS]
        assert krippendorff_alpha(shuffled, "ordinal") == pytest.approx(krippendorff_alpha(UNITS, "ordinal"))
    alone = [*UNITS, (1, _, _, _), (_, _, _, _)]  # a unit with one code pairs with nothing
    assert krippendorff_alpha(alone) == pytest.approx(krippendorff_alpha(UNITS))
    assert krippendorff_alpha([(v, v) for v in "abcabc"]) == 1
    assert krippendorff_alpha([("a", "a")]) is None
    assert krippendorff_alpha([]) is None
    assert krippendorff_alpha([("a", "b")]) == 0


def test_chance_gives_nothing():
    draw = random.Random(7)
    units = [(draw.choice("abc"), draw.choice("abc")) for _ in range(20_000)]
    assert abs(krippendorff_alpha(units)) < 0.02


def test_the_order_of_ranks_matters_and_must_be_whole():
    units = [("low", "low"), ("low", "mid"), ("high", "high"), ("mid", "mid")]
    near = krippendorff_alpha(units, "ordinal", ("low", "mid", "high"))
    far = krippendorff_alpha(units, "ordinal", ("low", "high", "mid"))
    assert near > far
    with pytest.raises(ValueError, match="without a rank"):
        krippendorff_alpha(units, "ordinal", ("low", "mid"))


def statement(world, name, codes):
    world.act(name, f"2020-01-{len(world.tables['texts']) + 1:02d}", "JPN;KOR;USA")
    world.add("texts", id=name, occurrence=name, title_en=name, source=f"src-{name}", seen="full")
    for coder, target, verb in codes:
        manner = "" if verb in ("absent", "not_seen") else "named"
        world.add("text_codes", text=name, coder=coder, target=target, verb=verb, manner=manner)


def test_what_was_not_seen_is_no_code(world):
    statement(world, "one", [("A", "dprk", "condemn"), ("B", "dprk", "condemn"), ("A", "china", "not_seen")])
    statement(world, "two", [("A", "dprk", "note"), ("B", "dprk", "concern"), ("B", "china", "absent")])
    found = {a.field: a for a in text_agreement(world.record())}
    assert (found["dprk"].units, found["dprk"].agreed) == (2, 1)
    assert "china" not in found
    assert found["all"].units == 2


def test_acts_coded_again_are_compared_with_their_rows(world):
    for n, level in enumerate(("leader", "leader", "working", "working")):
        world.act(f"a{n}", f"2020-01-0{n + 1}", "JPN;KOR", level=level)
    for n, code in enumerate(("leader", "working", "working", "working")):
        world.add("codings", occurrence=f"a{n}", coder="B", field="level", code=code)
    (level,) = coding_agreement(world.record())
    assert (level.field, level.units, level.agreed) == ("level", 4, 3)
    assert level.alpha == pytest.approx(krippendorff_alpha([("l", "l"), ("l", "w"), ("w", "w"), ("w", "w")]))

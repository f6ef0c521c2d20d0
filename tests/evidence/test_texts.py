"""Wording: what coders agree on, what was settled, what changed, and what was not seen."""

import pytest

from minilateral.errors import BadInput, BadRecord
from minilateral.evidence import difference, first_spoken, texts_of, wording

THREE = ("JPN", "KOR", "USA")


def text(world, name, day, members="JPN;KOR;USA", seen="full"):
    world.act(name, day, members)
    return world.add("texts", id=name, occurrence=name, title_en=name, source=f"src-{name}", seen=seen)


def code(world, name, target, *codes, manner="named"):
    for coder, verb in zip(("A", "B", "settled"), codes, strict=False):
        if verb:
            said = "" if verb in ("absent", "not_seen") else manner
            world.add("text_codes", text=name, coder=coder, target=target, verb=verb, manner=said)


def changes(world, before, after):
    return {c.target: c.change for c in difference(world.record(), before, after)}


def test_agreement_stands_and_disagreement_waits_to_be_settled(world):
    text(world, "one", "2023-01-01")
    code(world, "one", "dprk", "condemn", "condemn")
    code(world, "one", "china", "concern", "oppose")
    code(world, "one", "taiwan", "note", "concern", "concern")
    said = {w.target: w for w in wording(world.record(), "one")}
    assert said["dprk"].verb == "condemn"
    assert (said["china"].verb, said["china"].a, said["china"].b) == ("", "concern", "oppose")
    assert said["taiwan"].verb == "concern"
    assert said["russia"].verb == ""


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("note", "note", "same"),
        ("note", "condemn", "stronger"),
        ("oppose", "concern", "weaker"),
        ("absent", "note", "new"),
        ("act", "absent", "gone"),
        ("not_seen", "note", "unknown"),
        ("condemn", "not_seen", "unknown"),
        ("absent", "absent", "same"),
    ],
)
def test_what_changed(world, before, after, change):
    text(world, "one", "2023-01-01")
    text(world, "two", "2024-01-01")
    code(world, "one", "china", before, before)
    code(world, "two", "china", after, after)
    assert changes(world, "one", "two")["china"] == change
    assert changes(world, "one", "two")["dprk"] == "unknown"  # nobody coded it


def test_naming_what_was_implied_is_a_change_of_its_own(world):
    for name, day, manner in (("one", "2023-01-01", "implied"), ("two", "2024-01-01", "named")):
        text(world, name, day)
        code(world, name, "china", "oppose", "oppose", manner=manner)
    assert changes(world, "one", "two")["china"] == "manner"


def test_what_was_said_first_where(world):
    said = (("one", "2022-01-01", "concern"), ("two", "2023-01-01", "condemn"), ("three", "2024-01-01", "note"))
    for name, day, verb in said:
        text(world, name, day)
        code(world, name, "dprk", verb, verb)
    first = first_spoken(world.record(), THREE)
    assert first[("dprk", "note")] == first[("dprk", "concern")] == "one"
    assert first[("dprk", "oppose")] == first[("dprk", "condemn")] == "two"
    assert ("dprk", "act") not in first


def test_only_the_groups_own_statements_by_date(world):
    text(world, "late", "2024-01-01")
    text(world, "early", "2022-01-01")
    text(world, "pair", "2023-01-01", "JPN;USA")
    assert [t.id for t in texts_of(world.record(), THREE)] == ["early", "late"]
    assert [t.id for t in texts_of(world.record("2023-06-01"), THREE)] == ["early"]


def test_unknown_statements_are_refused(world):
    text(world, "one", "2024-01-01")
    with pytest.raises(BadInput, match="statements list"):
        difference(world.record(), "one", "nowhere")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"verb": "condemn", "manner": ""}, "named or implied"),
        ({"verb": "absent", "manner": "named"}, "neither"),
        ({"verb": "shout", "manner": "named"}, "is not a code of 'verb'"),
        ({"target": "france", "verb": "note", "manner": "named"}, "is not a code of 'target'"),
        ({"coder": "Dr Who", "verb": "note", "manner": "named"}, "is no coder"),
    ],
)
def test_codes_that_make_no_sense(world, fields, says):
    text(world, "one", "2024-01-01")
    world.add("text_codes", **{"text": "one", "coder": "A", "target": "dprk", **fields})
    with pytest.raises(BadRecord, match=says):
        world.record()

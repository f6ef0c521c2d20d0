"""The compiler: a sentence that does not hold is refused, and nothing is written."""

from dataclasses import replace
from datetime import date

import pytest

from minilateral.brief import compile_statement, evaluate
from minilateral.brief.wording import LANGUAGES, Template, labels, templates, write_slot
from minilateral.errors import CompileRefused
from minilateral.evidence import load
from minilateral.terms import (
    Actors,
    Coded,
    Count,
    Day,
    Difference,
    Happened,
    Interval,
    MechanismCount,
    Minimum,
    Number,
    Period,
    Ratio,
    Reported,
    Selection,
    Statement,
    Sum,
)

THREE = ("JPN", "KOR", "USA")


@pytest.fixture(scope="module")
def record():
    return load(date(2025, 12, 31))


def joint(record, **more):
    where = Selection(exactly=THREE, **more)
    return Number(len(record.select(where)), Count(where))


def a_pair(record, n=None):
    where = Selection(exactly=("JPN", "KOR"))
    slots = {"group": Actors(("JPN", "KOR")), "n": Number(len(record.select(where)) if n is None else n, Count(where))}
    for direction in ("cooperative", "conflictual", "neutral"):
        part = Selection(exactly=("JPN", "KOR"), direction=direction)
        slots[direction] = Number(len(record.select(part)), Count(part))
    return Statement("parts.pair", "parts", slots)


def test_a_true_sentence_compiles_in_both_languages(record):
    compiled = compile_statement(a_pair(record), record)
    n = str(len(record.select(Selection(exactly=("JPN", "KOR")))))
    assert n in compiled.text("en")
    assert n in compiled.text("zh")
    assert "Japan and South Korea" in compiled.text("en")
    assert "日韩" in compiled.text("zh")
    assert set(compiled.all_rows) == set(record.select(Selection(exactly=("JPN", "KOR"))))


def test_a_number_that_does_not_recompute_is_refused(record):
    true = len(record.select(Selection(exactly=("JPN", "KOR"))))
    with pytest.raises(CompileRefused, match=rf"slot n: {true + 1} does not recompute: the rows give {true}"):
        compile_statement(a_pair(record, true + 1), record)


def test_an_interval_that_does_not_recompute_is_refused(record):
    ratio = Ratio(Count(Selection(mechanism="ujk-tri-chod")), Reported("numbering", "ujk-tri-chod-022", "ordinal"))
    seen = record.select(Selection(mechanism="ujk-tri-chod"))
    slots = {
        "mechanism": Actors(THREE),
        "official": Number(22, ratio.whole),
        "until": Day(date(2025, 7, 11)),
        "seen": Number(len(seen), ratio.part),
        "recall": Number(len(seen) / 22, ratio, "percent"),
        "interval": Interval(0.1, 0.9, ratio),
    }
    with pytest.raises(CompileRefused, match=r"interval.*does not recompute"):
        compile_statement(Statement("recall.mechanism", "recall", slots), record)


@pytest.mark.parametrize(
    "slot",
    [
        Happened(Period.parse("2023-08-17"), "2023-08-18-camp-david-summit"),
        Happened(Period.parse("2023-08-18"), "no-such-row"),
        Coded("working", "2023-08-18-camp-david-summit", "level"),
    ],
)
def test_a_slot_that_disagrees_with_the_coded_row_is_refused(record, slot):
    statement = Statement(
        "coverage.silence", "coverage", {"group": Actors(THREE), "last": slot, "as_of": Day(date(2025, 12, 31))}
    )
    with pytest.raises(CompileRefused, match="disagrees with row"):
        compile_statement(statement, record)


def test_a_statement_without_evidence_is_refused(record):
    nothing = Selection(exactly=THREE, start=date(1900, 1, 1), end=date(1901, 1, 1))
    statement = Statement("coverage.announced", "coverage", {"n": Number(0, Count(nothing)), "group": Actors(THREE)})
    with pytest.raises(CompileRefused, match="no evidence at all"):
        compile_statement(statement, record)


def test_only_a_sentence_that_says_so_may_have_no_rows(record):
    nothing = Selection(exactly=("BRA", "FRA"))
    slots = {"group": Actors(("BRA", "FRA")), "n": Number(0, Count(nothing))}
    assert "0" in compile_statement(Statement("parts.pair.none", "parts", slots), record).text("en")
    something = {"group": Actors(THREE), "n": joint(record)}
    with pytest.raises(CompileRefused, match="says that nothing was found, yet has rows"):
        compile_statement(Statement("parts.pair.none", "parts", something), record)


def test_a_row_without_a_source_is_refused(record):
    bare = replace(record, evidence=tuple(e for e in record.evidence if "camp-david-summit" not in e.occurrence))
    with pytest.raises(CompileRefused, match=r"2023-08-18-camp-david-summit has no evidence"):
        compile_statement(
            Statement(
                "coverage.silence",
                "coverage",
                {
                    "group": Actors(THREE),
                    "as_of": Day(date(2025, 12, 31)),
                    "last": Happened(Period.parse("2023-08-18"), "2023-08-18-camp-david-summit"),
                },
            ),
            bare,
        )


def test_a_missing_template_and_wrong_slots_are_refused(record):
    with pytest.raises(CompileRefused, match="has no template"):
        compile_statement(Statement("no.such", "x", {"n": joint(record)}), record)
    with pytest.raises(CompileRefused, match="has slots"):
        compile_statement(Statement("parts.pair", "x", {"n": joint(record)}), record)


def test_an_actor_that_does_not_exist_is_refused(record):
    statement = a_pair(record)
    statement.slots["group"] = Actors(("JPN", "ZZZ"))
    with pytest.raises(CompileRefused, match="ZZZ is no actor"):
        compile_statement(statement, record)


def test_expressions_work_out_what_they_say(record):
    one, two = Count(Selection(exactly=THREE)), Count(Selection(exactly=("JPN", "KOR")))
    a, b = (len(record.select(e.of)) for e in (one, two))
    assert evaluate(Sum((one, two)), record)[0] == a + b
    assert evaluate(Minimum((one, two)), record)[0] == min(a, b)
    assert evaluate(Difference(one, two), record)[0] == a - b
    assert evaluate(Ratio(two, one), record)[0] == b / a
    with pytest.raises(CompileRefused, match="divides by nothing"):
        evaluate(Ratio(one, Count(Selection(exactly=("BRA", "FRA")))), record)
    with pytest.raises(CompileRefused, match="not in the record"):
        evaluate(Reported("numbering", "no-such", "ordinal"), record)


def test_mechanisms_are_counted_by_their_sessions(record):
    span, later = (date(2023, 1, 1), date(2025, 1, 1)), (date(2025, 1, 20), date(2026, 1, 1))
    members = [m.id for m in record.mechanisms.values() if m.members == THREE]
    before = {m for m in members if record.select(Selection(mechanism=m, start=span[0], end=span[1]))}
    again = {m for m in before if record.select(Selection(mechanism=m, start=later[0], end=later[1]))}
    assert evaluate(MechanismCount(THREE, span), record)[0] == len(before)
    assert evaluate(MechanismCount(THREE, span, later), record)[0] == len(again)
    assert 0 < len(again) < len(before)


@pytest.mark.parametrize("template", templates().values(), ids=lambda t: t.id)
def test_both_languages_use_the_same_slots(template: Template):
    assert template.slots("en") == template.slots("zh")
    assert template.slots("en")


def test_labels_and_templates_are_in_their_languages():
    for key, label in labels().items():
        assert set(label) == set(LANGUAGES), key
        assert not any(ord(c) > 0x2E7F for c in label["en"]), key
        assert any(ord(c) > 0x2E7F for c in label["zh"]) or label["zh"].isascii(), key
    for template in templates().values():
        assert not any(ord(c) > 0x2E7F for c in template.en), template.id
        assert any(ord(c) > 0x2E7F for c in template.zh), template.id


def test_plurals_follow_the_number(record):
    where = Selection(exactly=THREE, status="announced")
    found = compile_statement(
        Statement(
            "coverage.announced", "x", {"n": Number(len(record.select(where)), Count(where)), "group": Actors(THREE)}
        ),
        record,
    )
    assert "meetings" in found.text("en")
    one = Selection(ids=("2020-01-14-trilateral-fm-bay-area",), status="")
    text = compile_statement(
        Statement("coverage.announced", "x", {"n": Number(1, Count(one)), "group": Actors(THREE)}), record
    ).text("en")
    assert "1 meeting of" in text
    assert "it is not counted" in text


def test_numbers_are_written_for_readers(record):
    assert write_slot(Number(1234, Count(Selection())), record, "en") == "1,234"
    assert write_slot(Number(0.325, Count(Selection()), "percent"), record, "zh") in ("32%", "33%")
    assert write_slot(Interval(0.078, 0.342, None), record, "en") == "8–34%"


def test_no_label_and_no_template_is_left_over():
    from pathlib import Path

    import minilateral

    package = Path(minilateral.__file__).parent
    code = "".join(p.read_text(encoding="utf-8") for p in package.rglob("*") if p.suffix in (".py", ".j2", ".js"))
    stages = {f"stage_{stage}" for stage in ("history", "dimensions", "character", "forces", "outlook", "effects")}
    unused = [key for key in labels() if key not in stages and f"'{key}'" not in code and f'"{key}"' not in code]
    assert unused == []

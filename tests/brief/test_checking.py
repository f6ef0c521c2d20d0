"""A brief that was tampered with is refused: languages, sources, figures, order, names; what is right passes."""

import io
import zipfile
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import pytest

import minilateral as ml
from minilateral.brief import checking
from minilateral.brief.citing import Span
from minilateral.brief.compiling import compile_all, compile_statement, evaluate
from minilateral.brief.document import Bullet, Figure, Heading, Note, Paragraph, Run, Table, document_of
from minilateral.brief.drawing import _years
from minilateral.brief.frames import estimates_of
from minilateral.brief.page import build_page
from minilateral.brief.structure import PARTS, Drawing, Part, Section, check_placed
from minilateral.brief.typeset import markup
from minilateral.brief.word import write_docx
from minilateral.errors import CompileRefused
from minilateral.evidence import Holdings
from minilateral.study import ROOMS, run
from minilateral.terms import (
    Actors,
    Alpha,
    CheckCount,
    Count,
    Declared,
    Difference,
    Estimated,
    Expression,
    FateCount,
    MechanismCount,
    Minimum,
    Number,
    Ratio,
    Reported,
    Selection,
    SourceCount,
    Sourced,
    Statement,
    Sum,
    TextCount,
)

THREE = ("JPN", "KOR", "USA")
JOINT = Selection(exactly=THREE)


def check(made, **documents):
    checking.check_brief(made.inputs, made.compiled, {**made.documents, **documents}, made.page)


def tampered(document, find, change):
    """The document with the first block that is found changed."""
    at = next(n for n, block in enumerate(document.blocks) if find(block))
    return replace(document, blocks=(*document.blocks[:at], *change(document.blocks[at]), *document.blocks[at + 1 :]))


def told(text):
    return Paragraph((Run(text),), "lead")


def test_a_brief_that_holds_passes(made):
    check(made)


# ---- numbers ----

EXPRESSIONS = (
    Count(JOINT),
    SourceCount(JOINT, "en"),
    Sourced(JOINT, tiers=("government",)),
    CheckCount(JOINT, ("confirmed",)),
    Alpha(THREE),
    TextCount(THREE),
    FateCount(THREE, ml.Study("USA JPN KOR", "2025-12-31").as_of, "kept"),
    Estimated("dashboard", "mechanisms|alive|", "value", JOINT),
    MechanismCount(THREE, (ml.Study("USA JPN KOR", "2023-01-01").as_of, ml.Study("USA JPN KOR", "2025-01-01").as_of)),
    Reported("numbering", "ujk-tri-chod-022", "ordinal"),
    Declared("known_lag_days"),
    Ratio(Count(replace(JOINT, level="leader")), Count(JOINT)),
    Sum((Count(JOINT), Count(replace(JOINT, level="leader")))),
    Minimum((Count(JOINT), Count(replace(JOINT, level="leader")))),
    Difference(Count(JOINT), Count(replace(JOINT, level="leader"))),
)


def test_every_kind_of_expression_is_tampered_with():
    assert {type(e) for e in EXPRESSIONS} == set(get_args(Expression))


@pytest.mark.parametrize("how", EXPRESSIONS, ids=lambda e: type(e).__name__)
def test_a_number_of_any_kind_that_does_not_recompute_is_refused(made, how):
    record, estimates = made.inputs.get(Holdings).record, estimates_of(made.inputs)
    true = evaluate(how, record, estimates)[0]

    def claim(value):
        all_of_them = Number(len(record.select(JOINT)), Count(JOINT))  # a constant alone rests on no row
        slots = {"group": Actors(THREE), "sources": all_of_them, "english": Number(value, how, "decimal")}
        return compile_statement(Statement("coverage.languages", "coverage", slots), record, estimates)

    assert f"{true:,.2f}" in claim(true).text("en")
    with pytest.raises(CompileRefused, match=r"slot english: .* does not recompute: the rows give"):
        claim(true + 1)


def test_an_estimate_of_no_table_is_refused(made):
    with pytest.raises(CompileRefused, match="is in no table of the result"):
        evaluate(Estimated("dashboard", "no such row", "value", JOINT), made.inputs.get(Holdings).record)


# ---- both languages ----


def test_a_number_that_one_language_has_otherwise_is_refused(made):
    zh = tampered(
        made.documents["zh"],
        lambda b: isinstance(b, Bullet) and b.statement == "parts.joint",
        lambda b: [replace(b, runs=(replace(b.runs[0], text=b.runs[0].text.replace("2025", "2024")), *b.runs[1:]))],
    )
    with pytest.raises(CompileRefused, match="have other numbers in the two languages"):
        checking.check_languages(made.documents["en"], zh, {"en": (), "zh": ()})
    with pytest.raises(CompileRefused):
        check(made, zh=zh)


@pytest.mark.parametrize(
    "change",
    [
        lambda b: [],
        lambda b: [b, b],
        lambda b: [replace(b, statement="another")],
        lambda b: [replace(b, runs=tuple(replace(r, note=None) for r in b.runs))],
    ],
    ids=["left out", "twice", "another", "without its note"],
)
def test_a_sentence_that_one_language_alone_has_is_refused(made, change):
    zh = tampered(made.documents["zh"], lambda b: isinstance(b, Bullet) and b.statement, change)
    with pytest.raises(CompileRefused, match="differs between the languages"):
        check(made, zh=zh)


@pytest.mark.parametrize("kind", [Figure, Table], ids=["figure", "table"])
def test_a_figure_or_table_that_one_language_alone_has_is_refused(made, kind):
    with pytest.raises(CompileRefused, match="differs between the languages"):
        check(made, zh=tampered(made.documents["zh"], lambda b: isinstance(b, kind), lambda b: []))


def test_a_number_in_a_caption_or_a_fixed_text_counts_too(made):
    for find, change in (
        (lambda b: isinstance(b, Table), lambda b: [replace(b, caption=b.caption + "7")]),
        (lambda b: isinstance(b, Heading) and b.part == "method", lambda b: [replace(b, text=b.text + "7")]),
    ):
        with pytest.raises(CompileRefused, match="have other numbers"):
            check(made, en=tampered(made.documents["en"], find, change))


def test_numbers_of_names_on_record_do_not_count(made):
    en, zh = (
        replace(made.documents[x], blocks=(told(t),))
        for x, t in (("en", "The 15th talks met"), ("zh", "第十五次会谈召开"))
    )
    with pytest.raises(CompileRefused):
        checking.check_languages(en, zh, {"en": (), "zh": ()})
    checking.check_languages(en, zh, {"en": ("The 15th talks",), "zh": ("第十五次会谈",)})


def test_a_statement_that_a_document_leaves_out_is_refused(made):
    document = made.documents["en"]
    left = replace(document, blocks=tuple(b for b in document.blocks if getattr(b, "statement", "") != "parts.joint"))
    with pytest.raises(CompileRefused, match=r"parts.joint, section parts is not in the en document"):
        checking.check_statements(left, made.compiled)


# ---- order and rooms ----


def test_a_statement_of_a_section_that_nobody_registered_is_refused(made):
    lost = replace(made.compiled[0], statement=replace(made.compiled[0].statement, section="nowhere"))
    with pytest.raises(CompileRefused, match=r"'nowhere' is in no part of the brief; register it"):
        check_placed(made.inputs, [lost])


def test_parts_in_another_order_are_refused(made):
    parts = (PARTS[1], PARTS[0], *PARTS[2:])
    document = document_of(made.inputs, made.compiled, "en", "0", parts=parts)
    with pytest.raises(CompileRefused, match="is not the order of the parts"):
        checking.check_order(document)
    with pytest.raises(CompileRefused, match="are not those of the documents"):
        checking.check_page(made.page, document)


@pytest.mark.parametrize("room", [name for name in ROOMS if name != "evidence"])
def test_a_room_that_is_absent_leaves_no_hole(room):
    result = run(ml.Study("USA JPN KOR", "2025-12-31"), rooms={k: v for k, v in ROOMS.items() if k != room})
    inputs = result.inputs
    compiled = compile_all(result.statements, inputs.get(Holdings).record, estimates_of(inputs))
    documents = {x: document_of(inputs, compiled, x, "0", figures=()) for x in ("en", "zh")}
    page = build_page(inputs, compiled, "en", "0", documents, {})
    checking.check_brief(inputs, compiled, documents, page)
    assert _years(inputs, "en", "years", False) is None or room != "parts"
    blocks = documents["en"].blocks
    for one, after in pairwise(blocks):
        assert not (isinstance(one, Heading) and isinstance(after, Heading) and after.level <= one.level), one.text
    gone = {"parts": "parts", "measure": "dimensions", "phases": "phases", "audit": "argument"}[room]
    assert f'id="{gone}"' not in page
    assert f'href="#{gone}"' not in page


def test_a_new_room_needs_a_section_and_no_more(made):
    part = Part(
        "impact",
        "method",
        "coverage",
        (Section("blocs", "parts", "coverage_lead", (Drawing("years", "total", "cells"),)),),
    )
    parts = tuple(p for p in PARTS if p.key not in ("parts", "method"))
    parts = (*parts[:-2], part, *parts[-2:])
    said = replace(made.compiled[0], statement=replace(made.compiled[0].statement, section="blocs"))
    compiled = [c for c in made.compiled if c.statement.section not in ("parts", "shares")] + [said]
    check_placed(made.inputs, compiled, parts)
    documents = {x: document_of(made.inputs, compiled, x, "0", figures=made.figures, parts=parts) for x in ("en", "zh")}
    for document in documents.values():
        checking.check_statements(document, [said])
        checking.check_references(document)
        assert [b.part for b in document.blocks if isinstance(b, Heading) and b.part][-3] == "impact"
    page = build_page(made.inputs, compiled, "en", "0", documents, made.figures, parts)
    inside = page[page.index('<section id="impact">') :]
    inside = inside[: inside.index("</section>")]
    assert 'id="figure-years"' in inside
    assert said.pieces("en")[-1].text in inside


# ---- figures and tables ----


@pytest.mark.parametrize("language", ["en", "zh"])
def test_references_to_figures_are_checked(made, language):
    document = made.documents[language]
    word = {"en": "Figure", "zh": "图"}[language]

    def instead(old, new):
        def changed(b):
            return replace(b, runs=tuple(replace(r, text=r.text.replace(old, new)) for r in b.runs))

        return replace(
            document, blocks=tuple(changed(b) if isinstance(b, Paragraph) else b for b in document.blocks)
        )  # fmt: skip

    gap = " " if language == "en" else ""
    with pytest.raises(CompileRefused, match=f"{word} 1 is not referred to"):
        checking.check_references(instead(f"{word}{gap}1", "it"))
    with pytest.raises(CompileRefused, match=f"{word} 99 is referred to and absent"):
        checking.check_references(replace(document, blocks=(*document.blocks, told(f"{word}{gap}99"))))
    with pytest.raises(CompileRefused, match="is not in order"):
        checking.check_references(replace(document, blocks=(told(f"{word}{gap}2"), *document.blocks)))
    with pytest.raises(CompileRefused, match="is referred to and absent"):
        checking.check_references(tampered(document, lambda b: isinstance(b, Figure), lambda b: []))


def test_references_of_the_page_are_checked(made):
    document = made.documents["en"]
    checking.check_page(made.page, document)
    with pytest.raises(CompileRefused, match="figure-timeline of the page is not referred to"):
        checking.check_page(made.page.replace('href="#figure-timeline"', 'href="#top"'), document)
    with pytest.raises(CompileRefused, match="table-gone of the page is referred to and absent"):
        checking.check_page(
            made.page.replace('href="#table-words"', 'href="#table-gone"').replace('id="table-words"', ""), document
        )


def test_a_figure_that_was_not_drawn_is_neither_shown_nor_referred_to(made):
    drawn = [name for name in made.figures if name != "timeline"]
    document = document_of(made.inputs, made.compiled, "en", "0", figures=drawn)
    assert "timeline" not in {b.name for b in document.blocks if isinstance(b, Figure)}
    checking.check_references(document)


# ---- sources ----


def with_note(document, record, change):
    """The document with its first note changed whose first source has a date."""
    dated = {s.url for s in record.sources.values() if s.published}

    def noted(block):
        return isinstance(block, Bullet) and any(r.note and dated & set(r.note.links[:1]) for r in block.runs)

    def changed(block):
        return [replace(block, runs=tuple(replace(r, note=change(r.note)) if r.note else r for r in block.runs))]

    return tampered(document, noted, changed)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_another_date_or_address_in_one_note_is_refused(made, language):
    record = made.inputs.get(Holdings).record
    document = made.documents[language]

    def redated(note):
        text = note.text[: note.text.index(note.links[0])]
        for year in {str(day.year) for day in checking.days_in(text)}:
            text = text.replace(year, "1951")
        return Note((Span(text + note.text[note.text.index(note.links[0]) :]),), note.links)

    checking.check_sources(made.documents, record, made.page)
    with pytest.raises(CompileRefused, match="has another date elsewhere"):
        checking.check_sources({language: with_note(document, record, redated)}, record)
    moved = with_note(
        document,
        record,
        lambda n: Note((Span(n.text.replace(n.links[0], n.links[0] + "x")),), (n.links[0] + "x", *n.links[1:])),
    )
    with pytest.raises(CompileRefused, match="is the address of no source on record"):
        checking.check_sources({language: moved}, record)


def test_another_date_or_address_on_the_page_is_refused(made):
    record = made.inputs.get(Holdings).record
    url, text = next(
        (u, t) for u, t in checking._named_on_page(made.page) if len(checking.days_in(t)) == 1
        and "&" not in u
    )  # fmt: skip
    (day,) = checking.days_in(text)
    at = made.page.index(f'<a href="{url}" rel')
    end = made.page.index(day.isoformat(), at)
    wrong = made.page[:end] + "1951-01-01" + made.page[end + 10 :]
    with pytest.raises(CompileRefused, match=r"page: .* has another date elsewhere"):
        checking.check_sources({}, record, wrong)
    with pytest.raises(CompileRefused, match="is the address of no source on record"):
        checking.check_sources({}, record, made.page.replace(f'<a href="{url}" rel', f'<a href="{url}x" rel', 1))


def test_an_address_with_two_dates_is_refused(made):
    record = made.inputs.get(Holdings).record
    dated = {s.url for s in record.sources.values() if s.published}
    link = next(link for note in made.documents["en"].notes for link in note.links if link in dated)
    source = next(s for s in record.sources.values() if s.url == link)
    other = replace(source, id="other", published=source.published.replace(year=1951))
    twice = replace(record, sources={**record.sources, "other": other})
    with pytest.raises(CompileRefused, match="has more than one date"):
        checking.check_sources(made.documents, twice)


# ---- names ----


@pytest.mark.parametrize(
    "text",
    ["the PRC", "Senkaku Islands alone", "Senkaku Islands / Diaoyu Islands", "Sea of Japan", "S. Korea", "Burma",
     "钓鱼岛", "尖阁诸岛/钓鱼岛", "南朝鲜", "中国台湾", "在日本海上空", "独岛"],
)  # fmt: skip
def test_a_contested_name_in_our_own_words_is_refused(made, text):
    with pytest.raises(CompileRefused, match=r"is not a form of the naming policy; write .*naming.md"):
        checking.check_name(text, "here")
    en = replace(made.documents["en"], blocks=(*made.documents["en"].blocks, told(text)))
    with pytest.raises(CompileRefused, match="naming policy"):
        checking.check_names(made.inputs, made.compiled, {"en": en})


@pytest.mark.parametrize(
    "text",
    ["Diaoyu Islands / Senkaku Islands", "钓鱼岛/尖阁诸岛", "the “PRC” of a quotation", "Myanmar (then Burma)",
     "东海（朝鲜、韩国称谓）/日本海上空", "日本海上自卫队", "《中国台湾》", "SPRCS"],
)  # fmt: skip
def test_both_forms_and_the_words_of_others_pass(text):
    checking.check_name(text, "here")


def test_titles_of_others_keep_their_wording(made):
    record = made.inputs.get(Holdings).record
    text = next(t for t in record.texts.values())
    renamed = replace(record, texts={**record.texts, text.id: replace(text, title_en="Statement on the PRC")})
    inputs = made.inputs.with_result(replace(made.inputs.get(Holdings), record=renamed))
    en = replace(made.documents["en"], blocks=(told("Statement on the PRC"),))
    checking.check_names(inputs, (), {"en": en})
    with pytest.raises(CompileRefused):
        checking.check_names(made.inputs, (), {"en": en})


def test_a_label_that_breaks_the_policy_is_refused(monkeypatch):
    right = checking.labels()
    monkeypatch.setattr(checking, "labels", lambda: {**right, "total": {"en": "all of Formosa", "zh": "合计"}})
    with pytest.raises(CompileRefused, match=r"label total: 'Formosa'.*write Taiwan, 台湾"):
        checking.check_fixed_words.__wrapped__()


# ---- too little evidence ----


@pytest.mark.parametrize(("group", "acts"), [("CHN PRK RUS", True), ("FRA JPN", False)])
def test_not_enough_evidence_is_a_result_and_a_brief_may_be_short(made, group, acts):
    result = ml.run(ml.Study(group, "2025-12-31"))
    inputs = result.inputs
    record = inputs.get(Holdings).record
    compiled = compile_all(result.statements, record, estimates_of(inputs))
    documents = {x: document_of(inputs, compiled, x, "0", figures=()) for x in ("en", "zh")}
    page = build_page(inputs, compiled, "en", "0", documents, {})
    checking.check_brief(inputs, compiled, documents, page)
    assert len(record.select(Selection(exactly=result.group.members))) < 5
    for language, said in (("en", "Not enough evidence"), ("zh", "证据不足")):
        document = documents[language]
        first = next(b for b in document.blocks if isinstance(b, Bullet))
        assert first.runs[0].text.startswith(said)  # the bottom line
        assert len(document.blocks) < len(made.documents[language].blocks) / 2
        assert said in page
        assert said in markup(document, {})
        with zipfile.ZipFile(io.BytesIO(write_docx(document, {}))) as word:
            assert said in word.read("word/document.xml").decode()
    assert acts == bool(record.select(Selection(exactly=result.group.members)))

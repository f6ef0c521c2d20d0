"""The linear document: the same in both languages, every statement with one note, no hole where a room is absent."""

import re
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest

from minilateral.audit import TrialTally
from minilateral.brief.citing import note, plain, read_on, styles
from minilateral.brief.document import (
    Bullet,
    Figure,
    Heading,
    Table,
    best_source,
    confidence,
    document_of,
    judged,
    ledger_of,
    likelihood,
    named_rows,
    note_of,
    paragraphs,
    sources_named,
    sources_of,
    titled,
)
from minilateral.evidence import Holdings
from minilateral.terms import Estimated, Number, Source


def shape(document):
    return [
        (type(b).__name__, b.level if isinstance(b, Heading) else len(b.rows) if isinstance(b, Table) else 0)
        for b in document.blocks
    ]


def test_both_languages_have_the_same_blocks_and_notes(made):
    en, zh = made.documents["en"], made.documents["zh"]
    assert shape(en) == shape(zh)
    assert len(en.notes) == len(zh.notes) > 80
    for a, b in zip(en.notes, zh.notes, strict=True):
        assert a.links == b.links


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_statement_is_there_with_one_note_that_names_a_table(made, language):
    document = made.documents[language]
    runs = [run for runs in paragraphs(document.blocks) for run in runs]
    noted = {run.text: run.note.text for run in runs if run.note}
    for each in made.compiled:
        note = noted[each.text(language)]
        tables = re.findall(r"data/(\w+)\.csv", note)
        assert tables
        assert set(tables) <= made.tables
        if each.all_rows:
            assert f"{len(each.all_rows):,}" in note
        hows = [s.how for s in each.statement.slots.values() if isinstance(s, Number)]
        assert {how.table for how in hows if isinstance(how, Estimated)} <= set(tables)


def test_a_note_names_up_to_three_sources_of_its_own_rows(made):
    record = made.inputs.get(Holdings).record
    seen = set()
    for each in made.compiled:
        found = sources_of(each, record)
        seen.add(len(found))
        assert len(found) <= 3
        own = {s.id for i in each.all_rows for s in record.sources_of(i)}
        if each.all_rows:
            assert {s.id for s in found} <= own
        written = note_of(each, record, "en", ledger_of([each], record, "en"))
        for source in found:
            full = plain(note(titled(source), "chicago-18-notes", "en", accessed=read_on(record)))
            assert full.rstrip(".”") in written.text
            assert not source.url or (source.url in written.links and source.url in written.text)
    assert 3 in seen


def test_the_source_to_name_is_by_tier_and_then_the_nearest(world):
    world.add("occurrences", **{
        "status": "held", "kind": "meeting", "level": "leader", "domain": "diplomacy", "direction": "cooperative",
        "summary_en": "They met.", "summary_zh": "会晤。", "confidence": "high",
        "id": "a", "date": "2020-05-05", "participants": "JPN;KOR;USA",
    })  # fmt: skip
    for name, tier, published in (
        ("paper", "newspaper", "2020-05-05"),
        ("late", "government", "2020-06-01"),
        ("near", "government", "2020-05-06"),
        ("undated", "government", ""),
        ("study", "study", "2020-05-05"),
    ):
        world.source(name, published, tier=tier)
        world.evidence("a", name)
    record = world.record("2021-01-01")
    assert best_source(record, "a").id == "near"


def test_rows_to_name():
    assert named_rows(()) == ()
    assert named_rows(("a", "b", "c")) == ("a", "b", "c")
    assert named_rows(tuple("abcdefg")) == ("a", "d", "g")


@pytest.mark.parametrize(
    ("probability", "word"),
    [(0.0, "almost no chance"), (0.05, "almost no chance"), (0.2, "very unlikely"), (0.45, "unlikely"),
     (0.5, "roughly even chance"), (0.551, "likely"), (0.8, "likely"), (0.95, "very likely"), (1.0, "almost certain")],
)  # fmt: skip
def test_likelihood_words_are_those_of_icd_203(probability, word):
    assert likelihood(probability, "en") == word


def test_confidence_is_apart_from_likelihood():
    sure = TrialTally("C1", "supported", 10, 10, 10, 0, 0.96, 0.99)
    assert confidence(sure) == "high"
    assert confidence(replace(sure, least=0.6)) == "moderate"
    assert confidence(replace(sure, reached=9)) == "moderate"
    assert confidence(replace(sure, reached=4)) == "low"
    assert confidence(replace(sure, least=0.2)) == "low"
    assert judged(replace(sure, least=None, most=None), "en") is None
    assert judged(None, "zh") is None
    said, how_sure = judged(sure, "en")
    assert "almost certain" in said
    assert "High" not in said
    assert "certain" not in how_sure


def holes(document):
    """Headings with nothing under them."""
    blocks = document.blocks
    return [
        b.text
        for b, after in zip(blocks, [*blocks[1:], None], strict=True)
        if isinstance(b, Heading) and (after is None or (isinstance(after, Heading) and after.level <= b.level))
    ]


def test_absent_statements_leave_no_hole(made):
    for language in ("en", "zh"):
        assert not holes(made.documents[language])
        without = document_of(made.inputs, (), language, "0")
        assert not holes(without)
        assert not any(isinstance(b, Bullet) and b.statement for b in without.blocks)


def test_absent_rooms_leave_no_hole(made):
    from minilateral.measure import Measured
    from minilateral.phases import Dated

    measured, dated = made.inputs.get(Measured), made.inputs.get(Dated)
    board = replace(measured.board, standings=())
    inputs = made.inputs.with_result(replace(measured, board=board, dimensions=None, quasi=(), windows=())).with_result(
        replace(dated, found=None)
    )
    kept = [c for c in made.compiled if c.statement.section in ("parts", "coverage")]
    document = document_of(inputs, kept, "en", "0")
    assert not holes(document)
    assert {b.name for b in document.blocks if isinstance(b, Figure)} == {
        "argument",
        "timeline",
        "years",
        "recall",
        "wording",
    }


def test_words_use_the_same_slots_in_both_languages():
    read = tomllib.loads(files("minilateral.brief").joinpath("document.toml").read_text(encoding="utf-8"))
    for name, text in read["text"].items():
        slots = [set(re.findall(r"\{(\w+)\}", text[language])) for language in ("en", "zh")]
        assert slots[0] == slots[1], name
    cards = files("minilateral").joinpath("..", "..", "docs", "methods")
    if cards.is_dir():
        assert all(cards.joinpath(f"{card}.md").is_file() for card in read["card"])


def test_a_source_without_a_title_is_cited_by_its_publisher_or_its_address():
    page = Source("x", "", "Cabinet Office", "https://e.org", "en", date(2023, 8, 18), "government")
    assert titled(page).title == "Cabinet Office"
    assert titled(replace(page, publisher="")).title == "https://e.org"
    assert titled(replace(page, title="Statement")).title == "Statement"


def whole(style, source):
    """Whether a style repeats a source in full: GB/T, and 《世界经济与政治》 an article in Chinese."""
    return style.startswith("gb") or (style.startswith("shijie") and source.language == "zh")


@pytest.mark.parametrize("style", styles())
def test_a_source_is_cited_in_full_once_and_then_as_the_style_repeats_it(made, style):
    record = made.inputs.get(Holdings).record
    read = read_on(record)
    for language in ("en", "zh"):
        ledger = ledger_of(made.compiled, record, language, style)
        number = 1 if style.startswith("gb") else None
        shorts = Counter(
            plain(note(titled(s), style, language, accessed=read, first=False, number=number))
            for s in sources_named(made.compiled, record)
        )
        ends = ".”" if style.startswith("chicago") else ""  # a semicolon, where another source follows
        seen, short = set(), 0
        for each in made.compiled:
            text = note_of(each, record, language, ledger).text
            for source in map(titled, sources_of(each, record)):
                full = plain(note(source, style, language, accessed=read))
                brief = plain(note(source, style, language, accessed=read, first=False, number=number))
                if style.endswith("author-date"):  # a citation in brackets is the same each time but for its letter
                    assert re.search(r"\d|n\.d\.", text)
                elif source.id not in seen or shorts[brief] > 1 or whole(style, source):
                    assert full.rstrip(ends) in text
                else:
                    assert brief.rstrip(ends) in text
                    short += full.rstrip(ends) not in text
                seen.add(source.id)
            assert "同上" not in text  # whether the note before is on the same page cannot be known here
            assert "Ibid" not in text
            assert "[1]" not in text
        assert (short > 20) == (not style.startswith("gb") and not style.endswith("author-date"))


def test_both_languages_repeat_the_same_sources_and_links_are_where_addresses_are(made):
    for language in ("en", "zh"):
        notes = made.documents[language].notes
        assert all(url in note.text for note in notes for url in note.links)
        links = [url for note in notes for url in note.links]
        assert len(links) < 1.5 * len(set(links))  # in full once, but for those whose short form fits another


def test_an_entry_of_the_list_of_sources_is_a_reference_and_not_a_note(made):
    record = made.inputs.get(Holdings).record
    by_author = document_of(made.inputs, made.compiled, "en", "0", "chicago-18-author-date")
    listed = ["".join(r.text for r in b.runs) for b in by_author.blocks if getattr(b, "role", "") == "source"]
    assert len(listed) == len(sources_named(made.compiled, record))
    assert not any(entry.startswith("(") for entry in listed)
    # every citation in brackets finds its entry: the same letter behind the same year
    cited = {m for n in by_author.notes for m in re.findall(r"\(([^()]+) (\d{4}[a-z]?)\)", n.text)}
    assert any(year[-1].isalpha() for _, year in cited)
    for who, year in cited:
        assert any((e.startswith(who) and f" {year}. " in e) or e.startswith(f"{who} {year}") for e in listed), (
            who,
            year,
        )

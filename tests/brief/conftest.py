"""One study, compiled and put into documents once for all tests of the documents."""

from dataclasses import dataclass
from typing import Any

import pytest

import minilateral as ml
from minilateral.brief.compiling import compile_all
from minilateral.brief.document import document_of
from minilateral.brief.drawing import figures_of
from minilateral.brief.frames import estimates_of, tables_of
from minilateral.brief.page import build_page
from minilateral.brief.typeset import pictures_of
from minilateral.evidence import Holdings


@dataclass(frozen=True)
class Made:
    inputs: Any
    compiled: Any
    documents: dict
    pictures: dict
    tables: frozenset
    figures: dict
    page: str


@pytest.fixture(scope="session")
def made():
    result = ml.run(ml.Study("USA JPN KOR", "2025-12-31"))
    inputs = result.inputs
    compiled = compile_all(result.statements, inputs.get(Holdings).record, estimates_of(inputs))
    figures = figures_of(inputs)
    documents = {language: document_of(inputs, compiled, language, "0", figures=figures) for language in ("en", "zh")}
    return Made(
        inputs,
        compiled,
        documents,
        {language: pictures_of(figures, language) for language in ("en", "zh")},
        frozenset(tables_of(inputs, compiled)),
        figures,
        build_page(inputs, compiled, "zh", "0", documents, figures),
    )


@pytest.fixture
def hostile():
    """A document by hand whose every text means something to XML or to typst."""
    from minilateral.brief.citing import Span
    from minilateral.brief.document import Bullet, Document, Figure, Heading, Note, PageBreak, Paragraph, Run, Table

    text = "#let x = 1 $y$ *b* _i_ @ref <label> & \"q\" 'a' \\n [c] {d} `e` ~ // /* =h -l +m ]]> \x00\x0b"
    url = 'https://example.org/?a="b"&c=<d>#e_f'
    note = Note((Span(f"{text} {url}."),), (url,))
    blocks = (
        Paragraph((Run(text),), "kicker"),
        Paragraph((Run(text),), "title"),
        Paragraph((Run(text),), "stamp"),
        Heading(1, text),
        Bullet((Run(text, note=note),)),
        Figure("drawing", text, text),
        Figure("absent", "no picture of it", text),
        Table(text, (text, "b"), ((((Run(text, True, note),),), ((Run("b"),), (Run(text),))),), (0.5, 0.5), text),
        PageBreak(),
        Paragraph((Run(f"{text} {url}"),), "source", (url,)),
    )
    return text, note, {lang: Document(lang, text, text, "A-B", "2025-12-31", "0", blocks) for lang in ("en", "zh")}


@pytest.fixture
def drawing():
    return {"drawing": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 40"><text x="1" y="20" '
            'style="font-size: 9px">美日韩 abc</text></svg>'}  # fmt: skip

"""The PDF: every statement in it, only the shipped fonts, notes that restart, texts that mean nothing to typst."""

import io
import json
import re
import unicodedata
from collections import Counter

import pytest

from minilateral.brief.document import Heading
from minilateral.brief.typeset import (
    HEIGHT,
    LEGIBLE,
    TALL,
    WIDTH,
    breakable,
    fitted,
    font_folder,
    markup,
    one_page,
    pictures_of,
    quoted,
    rasterise,
    smallest_letters,
    svg_size,
    with_font,
    write_pdf,
)
from minilateral.errors import BadInput

pytest.importorskip("typst", reason="typst is not installed")
pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")

if not any(font_folder().glob("*.otf")):
    pytest.skip("the fonts are not there: run tools/build_fonts.py", allow_module_level=True)

CIRCLED = [chr(0x2460 + n) for n in range(20)] + [chr(0x3251 + n) for n in range(15)]


def squeezed(text):
    """Text without what typesetting adds: blanks, breaks, zero-width spaces, notes' marks, forms of letters."""
    folded = unicodedata.normalize("NFKC", "".join(c for c in text if c not in CIRCLED))
    return re.sub(r"[\s\u200b\u00ad]", "", folded)


@pytest.fixture(scope="module")
def written(made):
    return {language: write_pdf(made.documents[language], made.pictures[language]) for language in ("en", "zh")}


@pytest.fixture(scope="module")
def pages(written):
    return {language: pypdf.PdfReader(io.BytesIO(data)).pages for language, data in written.items()}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_statement_is_in_the_text(pages, made, language):
    text = squeezed("".join(page.extract_text() for page in pages[language]))
    if language == "en":  # marks of notes are plain digits there
        text = re.sub(r"(?<=\.)\d{1,3}", "", text)
    for each in made.compiled:
        said = squeezed(each.text(language))
        if language == "en":
            said = re.sub(r"(?<=\.)\d{1,3}", "", said)
        assert said in text, said


def test_only_the_shipped_fonts_are_embedded(pages):
    for found in pages.values():
        names = set()
        for page in found:
            for font in page["/Resources"].get("/Font", {}).values():
                inner = font.get_object()["/DescendantFonts"][0].get_object()
                names.add(inner["/BaseFont"].partition("+")[2])
                assert "/FontFile3" in inner["/FontDescriptor"]
        assert {re.sub("-Identity-H$", "", n) for n in names} == {"NotoSansCJKsc-Regular", "NotoSansCJKsc-Bold"}


def test_notes_restart_on_each_page_and_stand_on_the_page_of_their_mark(pages, made):
    total = 0
    for page in pages["zh"]:
        found = Counter(c for c in page.extract_text() if c in CIRCLED)
        assert set(found.values()) <= {2}  # the mark and the note
        assert sorted(found) == CIRCLED[: len(found)]
        total += len(found)
    assert total == len(made.documents["zh"].notes)


def test_it_is_tagged_and_says_its_language_and_standard(written):
    for language, data in written.items():
        root = pypdf.PdfReader(io.BytesIO(data)).trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"].startswith(language)
        assert b"pdfuaid:part" in root["/Metadata"].get_data()


def test_it_is_a4(pages):
    for found in pages.values():
        assert len(found) > 3
        for page in found:
            assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)


def test_the_same_document_has_the_same_bytes(written, made):
    assert write_pdf(made.documents["zh"], made.pictures["zh"]) == written["zh"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_page_has_the_bottom_line_first_and_is_one_page(made, language):
    document = made.documents[language]
    data = one_page(made.inputs, document, made.pictures[language])
    assert one_page(made.inputs, document, made.pictures[language]) == data
    found = pypdf.PdfReader(io.BytesIO(data)).pages
    assert len(found) == 1
    text = squeezed(found[0].extract_text())
    telling = sorted((c for c in made.compiled if c.statement.telling), key=lambda c: c.statement.telling)[:3]
    places = [text.index(squeezed(c.text(language))) for c in telling]
    assert places == sorted(places)
    assert places[-1] < text.index("C1" + squeezed("三个阶段" if language == "zh" else "Three phases"))
    assert ("把握程度" if language == "zh" else "Confidence") in text
    heading = next(b.text for b in document.blocks if isinstance(b, Heading))
    assert squeezed(heading) in text


def test_hostile_words_stay_words(hostile, drawing):
    text, note, documents = hostile
    shown = squeezed(re.sub("[\x00-\x1f]", "", text))
    for document in documents.values():
        data = write_pdf(document, drawing)
        found = pypdf.PdfReader(io.BytesIO(data))
        read = squeezed("".join(page.extract_text() for page in found.pages))
        assert read.count(shown) >= 6
        marks = [mark.get_object().get("/A", {}) for page in found.pages for mark in page.get("/Annots", [])]
        assert {mark["/URI"] for mark in marks if "/URI" in mark} == set(note.links)


@pytest.mark.parametrize(
    "text", ["#panic()", "$x$", "*b*", "_i_", "@ref", "<l>", 'a"b', "a\\b", "\\u{41}", '")#panic("']
)
def test_a_text_is_a_string_and_nothing_else(text):
    import typst

    source = f"#metadata({quoted(text)})<m>"
    read = typst.query(source.encode(), "<m>", field="value", one=True)
    assert json.loads(read) == text


def test_addresses_break_but_their_text_is_whole():
    url = "https://example.org/a_b/c-d?x=%E6%97%A5&y=1"
    assert breakable(url).replace("\u200b", "") == url
    assert max(len(piece) for piece in breakable(url).split("\u200b")) <= 16


def test_pictures_are_the_wide_ones_where_their_letters_stay_legible():
    def svg(width, size):
        return f'<svg viewBox="0 0 {width} 100"><text style="font-size: {size}px">a</text></svg>'

    figures = {
        "fine": {"en-wide": svg(540, 7), "en-narrow": svg(331, 7)},
        "small": {"en-wide": svg(792, 7), "en-narrow": svg(331, 7)},
        "other": {"zh-wide": svg(540, 7)},
    }
    chosen = pictures_of(figures, "en")
    assert chosen == {"fine": figures["fine"]["en-wide"], "small": figures["small"]["en-narrow"]}
    assert fitted(svg(331, 7), 481.8, 565.0, 655.0) == (331.0, 100.0)


def test_every_figure_is_wide_and_its_letters_are_of_six_points_on_the_page(made):
    for pictures in made.pictures.values():
        for name, svg in pictures.items():
            width, _ = fitted(svg, WIDTH, HEIGHT, TALL)
            assert svg_size(svg)[0] > WIDTH - 1, name
            assert smallest_letters(svg) * width / svg_size(svg)[0] >= LEGIBLE, name


def test_texts_of_a_drawing_take_the_shipped_font(drawing):
    assert "DejaVu" not in with_font('<svg x=""><text style="font-family: \'DejaVu Sans\'">a</text></svg>')
    png = rasterise(drawing["drawing"], 90.0)
    assert png.startswith(b"\x89PNG")
    assert rasterise(drawing["drawing"], 90.0) == png


def test_letters_that_no_font_has_still_give_a_file(hostile):
    from dataclasses import replace

    from minilateral.brief.document import Paragraph, Run

    _, _, documents = hostile
    odd = replace(documents["en"], blocks=(Paragraph((Run("title"),), "title"), Paragraph((Run("\U00012000"),))))
    assert write_pdf(odd, {}).startswith(b"%PDF")


def test_a_folder_without_fonts_is_refused(hostile, tmp_path):
    _, _, documents = hostile
    with pytest.raises(BadInput, match="holds no font"):
        write_pdf(documents["en"], {}, tmp_path)


def test_markup_names_no_picture_that_is_not_there(hostile):
    _, _, documents = hostile
    assert ".svg" not in markup(documents["en"], {})


def test_the_shipped_fonts_are_small_and_have_the_letters_of_the_package():
    from fontTools.ttLib import TTFont

    sample = "美日韩三边合作①②③⑳日米韓首脳会談한미일정상회의ōūéЁж“”《》「」≥–—→·"
    for weight in ("Regular", "Bold"):
        file = font_folder() / f"NotoSansCJKsc-{weight}.otf"
        assert file.stat().st_size < 5_000_000
        has = TTFont(file, lazy=True).getBestCmap()
        assert not [c for c in sample if ord(c) not in has]
    assert "SIL OPEN FONT LICENSE" in (font_folder() / "OFL.txt").read_text(encoding="utf-8")

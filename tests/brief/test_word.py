"""The Word file: true footnotes, numbering by language, East Asian fonts, valid XML, the same bytes."""

import io
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from xml.etree import ElementTree

import pytest

from minilateral.brief.document import Figure, Table, pieces
from minilateral.brief.typeset import font_folder
from minilateral.brief.word import clean, write_docx

pytest.importorskip("docx", reason="python-docx is not installed")
pytest.importorskip("typst", reason="typst is not installed: it draws the pictures")

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

if not any(font_folder().glob("*.otf")):
    pytest.skip("the fonts are not there: run tools/build_fonts.py", allow_module_level=True)


@pytest.fixture(scope="module")
def written(made):
    return {language: write_docx(made.documents[language], made.pictures[language]) for language in ("en", "zh")}


@pytest.fixture(scope="module")
def parts(written):
    found = {}
    for language, data in written.items():
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            found[language] = {name: archive.read(name) for name in archive.namelist()}
    return found


def xml(parts, name):
    return ElementTree.fromstring(parts[name])


def plain(element):
    return "".join(t.text or "" for t in element.iter(f"{W}t"))


def test_every_part_is_valid_xml(parts):
    for files in parts.values():
        for name, data in files.items():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(data)
        assert "docProps/thumbnail.jpeg" not in files


def test_every_footnote_is_referenced_once_and_in_order(parts, made):
    for language, files in parts.items():
        notes = xml(files, "word/footnotes.xml")
        ids = [n.get(f"{W}id") for n in notes]
        assert ids[:2] == ["-1", "0"]
        used = [r.get(f"{W}id") for r in xml(files, "word/document.xml").iter(f"{W}footnoteReference")]
        assert Counter(used) == Counter(ids[2:])
        assert max(Counter(used).values()) == 1
        for note, meant in zip(notes[2:], made.documents[language].notes, strict=True):
            assert plain(note).strip() == clean(meant.text)
        related = files["word/_rels/footnotes.xml.rels"].decode()
        links = {url for note in made.documents[language].notes for url in note.links}
        assert related.count('TargetMode="External"') == len(links)


@pytest.mark.parametrize(
    ("language", "form", "restart"),
    [("zh", "decimalEnclosedCircleChinese", "eachPage"), ("en", "decimal", "continuous")],
)
def test_notes_are_numbered_by_the_custom_of_the_language(parts, language, form, restart):
    settings, document = (xml(parts[language], f"word/{n}.xml") for n in ("settings", "document"))
    for element in (settings.find(f"{W}footnotePr"), document.find(f".//{W}sectPr/{W}footnotePr")):
        assert element.find(f"{W}numFmt").get(f"{W}val") == form
        assert element.find(f"{W}numRestart").get(f"{W}val") == restart
    assert [e.get(f"{W}id") for e in settings.find(f"{W}footnotePr").findall(f"{W}footnote")] == ["-1", "0"]


def test_every_style_has_an_east_asian_font(parts):
    for files in parts.values():
        styles = xml(files, "word/styles.xml")
        names = set()
        for style in styles.findall(f"{W}style"):
            if style.get(f"{W}type") in ("paragraph", "character"):
                fonts = style.find(f"{W}rPr/{W}rFonts")
                names.add(style.find(f"{W}name").get(f"{W}val").casefold())
                assert fonts.get(f"{W}eastAsia") in ("宋体", "黑体")
                assert not [a for a in fonts.attrib if "Theme" in a]
        assert {"normal", "heading 1", "heading 2", "caption", "footnote text", "table text"} <= names
        assert styles.find(f"{W}docDefaults//{W}rFonts").get(f"{W}eastAsia") == "宋体"


def test_captions_are_numbered_by_fields_and_heads_repeat(parts, made):
    for language, files in parts.items():
        document = xml(files, "word/document.xml")
        fields = [f.get(f"{W}instr") for f in document.iter(f"{W}fldSimple")]
        blocks = made.documents[language].blocks
        figure, table = ("图", "表") if language == "zh" else ("Figure", "Table")
        assert sum(f" SEQ {figure} " in f for f in fields) == sum(isinstance(b, Figure) for b in blocks)
        assert sum(f" SEQ {table} " in f for f in fields) == sum(isinstance(b, Table) for b in blocks)
        for made_table in document.iter(f"{W}tbl"):
            assert len(list(made_table.iter(f"{W}tblHeader"))) == 1
            assert made_table.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None


def test_every_statement_is_in_the_text(parts, made):
    for language, files in parts.items():
        text = "\n".join(plain(p) for p in xml(files, "word/document.xml").iter(f"{W}p"))
        assert all(c.text(language) in text for c in made.compiled)


def test_the_same_document_has_the_same_bytes(written, made):
    again = write_docx(made.documents["zh"], made.pictures["zh"])
    assert again == written["zh"]
    with zipfile.ZipFile(io.BytesIO(again)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_core_properties_name_the_study(written):
    import docx

    about = docx.Document(io.BytesIO(written["zh"])).core_properties
    assert (about.title, about.keywords, about.author) == ("美日韩", "JPN-KOR-USA", "minilateral")
    assert about.created.isoformat()[:10] == "2025-12-31"


def test_hostile_words_stay_words(hostile, drawing):
    text, note, documents = hostile
    for document in documents.values():
        data = write_docx(document, drawing)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            body = ElementTree.fromstring(archive.read("word/document.xml"))
            notes = ElementTree.fromstring(archive.read("word/footnotes.xml"))
        assert sum(plain(p) == clean(text) for p in body.iter(f"{W}p")) >= 5
        assert [plain(n).strip() for n in notes[2:]] == [clean(note.text)] * 2
        assert "no picture of it" not in plain(body)


def test_addresses_are_cut_out_longest_first():
    found = pieces("a https://e.org/x b https://e.org.", ("https://e.org", "https://e.org/x"))
    assert [p for p, link in found if link] == ["https://e.org/x", "https://e.org"]
    assert "".join(p for p, _ in found) == "a https://e.org/x b https://e.org."


@pytest.mark.slow
def test_it_opens_in_libreoffice(written, tmp_path):
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if not office:
        pytest.skip("LibreOffice is not installed")
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    for language, data in written.items():
        file = tmp_path / f"{language}.docx"
        file.write_bytes(data)
        home = f"-env:UserInstallation=file://{tmp_path}/home"
        command = [office, "--headless", home, "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        pages = pypdf.PdfReader(file.with_suffix(".pdf")).pages
        assert len(pages) > 3
        if language == "zh":
            text = "".join(page.extract_text() for page in pages)
            assert len(re.findall("①", text)) > 6

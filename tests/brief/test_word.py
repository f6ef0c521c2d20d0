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


#: The order of children by ECMA-376, part 1, annex A (wml.xsd): a file that breaks it is one that Word repairs.
ORDER = {
    "rPr": (
        "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof "
        "snapToGrid vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText "
        "vertAlign rtl cs em lang eastAsianLayout specVanish oMath "
    ),
    "pPr": (
        "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd "
        "tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi "
        "adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc "
        "textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange "
    ),
    "style": (
        "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat "
        "locked personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr "
    ),
    "tblPr": (
        "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing "
        "tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription "
    ),
    "tcPr": ("cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark "),
    "sectPr": (
        "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType "
        "pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid "
        "printerSettings "
    ),
    "footnotePr": ("pos numFmt numStart numRestart footnote "),
    "lvl": ("start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr "),
    "settings": (
        "updateFields hdrShapeDefaults footnotePr endnotePr compat docVars rsids mathPr attachedSchema "
        "themeFontLang clrSchemeMapping doNotIncludeSubdocsInStats doNotAutoCompressPictures forceUpgrade "
        "captions readModeInkLockDown smartTagType schemaLibrary shapeDefaults doNotEmbedSmartTags "
        "decimalSymbol listSeparator "
    ),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_children_stand_in_the_order_of_the_schema(parts, language):
    order = {name: children.split() for name, children in ORDER.items()}
    seen = set()
    for name, data in parts[language].items():
        if not re.fullmatch(r"word/(document|styles|footnotes|settings|numbering|footer\d)\.xml", name):
            continue
        for element in ElementTree.fromstring(data).iter():
            kind = element.tag.removeprefix(W)
            if kind not in order:
                continue
            seen.add(kind)
            children = [c.tag.removeprefix(W) for c in element if c.tag.startswith(W)]
            if kind != "settings":  # of the settings only those from updateFields on are listed here
                assert set(children) <= set(order[kind]), (name, kind, children)
            places = [order[kind].index(c) for c in children if c in order[kind]]
            assert places == sorted(places), (name, kind, children)
            if kind in ("rPr", "pPr", "tblPr", "tcPr"):
                assert len(children) == len(set(children)), (name, kind, children)
    assert seen == set(order)


def test_note_ids_agree_across_languages_and_stand_behind_the_same_statements(parts, made):
    behind = {}
    for language in ("zh", "en"):
        texts = {c.text(language): c.statement.id for c in made.compiled}
        notes = []
        for paragraph in xml(parts[language], "word/document.xml").iter(f"{W}p"):
            for mark in paragraph.iter(f"{W}footnoteReference"):
                notes.append((mark.get(f"{W}id"), texts.get(plain(paragraph))))
        behind[language] = notes
        assert [i for i, _ in notes] == [str(n) for n in range(1, len(notes) + 1)]
    assert behind["zh"] == behind["en"]
    assert {statement for _, statement in behind["zh"] if statement} == set(texts.values())


def test_styles_of_notes_are_those_that_word_knows_by_name(parts):
    for files in parts.values():
        styles = {s.get(f"{W}styleId"): s for s in xml(files, "word/styles.xml").findall(f"{W}style")}
        for name, identifier in (("footnote text", "FootnoteText"), ("footnote reference", "FootnoteReference")):
            assert styles[identifier].find(f"{W}name").get(f"{W}val") == name
            assert styles[identifier].get(f"{W}customStyle") is None
        uses = (f"{W}pStyle", f"{W}rStyle", f"{W}tblStyle")
        roots = [xml(files, f"word/{name}.xml") for name in ("document", "footnotes")]
        assert {e.get(f"{W}val") for root in roots for e in root.iter() if e.tag in uses} <= set(styles)


def test_languages_and_fields(parts):
    for language, files in parts.items():
        lang = xml(files, "word/styles.xml").find(f"{W}docDefaults//{W}lang")
        assert (lang.get(f"{W}val"), lang.get(f"{W}eastAsia")) == ("en-GB", "zh-CN")
        about = xml(files, "docProps/core.xml")
        tongue = about.find("{http://purl.org/dc/elements/1.1/}language").text
        assert tongue == ("zh-CN" if language == "zh" else "en-GB")
        # a field that is brought up to date finds what it asks for: its page, or its own count
        for name in ("word/document.xml", "word/footer1.xml"):
            root = xml(files, name)
            assert not list(root.iter(f"{W}instrText"))
            fields = [f.get(f"{W}instr") for f in root.iter(f"{W}fldSimple")]
            assert fields
            assert all(re.fullmatch(r" (PAGE|SEQ \S+ \\\* ARABIC) ", field) for field in fields)
        root = xml(files, "word/document.xml")
        for kind in ("图", "表", "Figure", "Table"):
            counted = [plain(f) for f in root.iter(f"{W}fldSimple") if f" SEQ {kind} " in f.get(f"{W}instr")]
            assert counted == [str(n) for n in range(1, len(counted) + 1)]


def test_newspapers_are_in_italics(parts, made):
    slanted = [r for r in xml(parts["en"], "word/footnotes.xml").iter(f"{W}r") if r.find(f"{W}rPr/{W}i") is not None]
    meant = [s.text for n in made.documents["en"].notes for s in n.spans if s.italic]
    assert [plain(r) for r in slanted] == meant
    assert "Korea JoongAng Daily" in meant


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

"""The document as a Word file with true footnotes.

python-docx has no footnotes: their part, its relationship, the two separators and the settings are written here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from minilateral.brief.citing import Span
from minilateral.brief.document import (
    Bullet,
    Document,
    Figure,
    Heading,
    Note,
    PageBreak,
    Paragraph,
    Run,
    Table,
    pieces,
    words,
)
from minilateral.brief.typeset import HEIGHT, TALL, WIDTH, fitted, rasterise
from minilateral.errors import BadInput

#: Fonts by language: Latin text, Latin headings, East Asian text, East Asian headings.
FONTS = {
    "zh": ("Times New Roman", "Arial", "宋体", "黑体"),
    "en": ("Times New Roman", "Arial", "宋体", "黑体"),
}
INK, MUTED = "1B2430", "5D6773"
#: Day and time of every file in the archive, so that the same document has the same bytes.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FOOTNOTES = f"{_R}/footnotes"
_HYPERLINK = f"{_R}/hyperlink"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    r"""Text without what XML cannot hold.

    Examples
    --------
    >>> clean("a\x00b\x0bc")
    'abc'
    """
    return _NOT_XML.sub("", text)


def write_docx(document: Document, pictures: Mapping[str, str], fonts: Path | None = None) -> bytes:
    """Write a document as .docx.

    Parameters
    ----------
    document : Document
    pictures : mapping
        SVG by name of the figure; one that is missing leaves its caption out too.
    fonts : Path, optional
        Folder with the fonts of the pictures; by default the shipped ones.

    Returns
    -------
    bytes
        The same for the same document. Notes are numbered ① ② ③ anew on each page in Chinese, 1 2 3 in English.

    Raises
    ------
    BadInput
        If python-docx is not installed.
    """
    try:
        import docx
    except ImportError:
        raise BadInput("python-docx", "is not installed", "pip install python-docx") from None
    word = docx.Document()
    latin, heading, east, east_heading = FONTS[document.language]
    _set_styles(word, latin, heading, east, east_heading, document.language)
    _set_bullets(word)
    _set_page(word, document)
    notes: list[Note] = []
    numbers = {"figure": 0, "table": 0}
    for block in document.blocks:
        if isinstance(block, Heading):
            _runs(word.add_paragraph(style=f"Heading {block.level}"), (Run(block.text),), notes, document.language)
        elif isinstance(block, Paragraph):
            style = {"kicker": "Kicker", "title": "Title", "stamp": "Stamp", "lead": "Lead", "source": "Bibliography"}
            paragraph = word.add_paragraph(style=style.get(block.role, "Normal"))
            if block.links:
                _linked(paragraph, block.runs, block.links, word.part, document.language)
            else:
                _runs(paragraph, block.runs, notes, document.language)
        elif isinstance(block, Bullet):
            _runs(word.add_paragraph(style="List Bullet"), block.runs, notes, document.language)
        elif isinstance(block, Figure):
            if block.name in pictures:
                numbers["figure"] += 1
                _picture(word, block, pictures[block.name], numbers["figure"], document.language, fonts)
        elif isinstance(block, Table):
            numbers["table"] += 1
            _table(word, block, notes, numbers["table"], document.language)
        elif isinstance(block, PageBreak):
            word.add_page_break()
    _add_footnotes(word, notes, document.language)
    _properties(word, document)
    return _pack(word)


def _rpr_fonts(rpr: Any, ascii_: str, east: str) -> None:
    from docx.oxml.ns import qn

    fonts = rpr.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name, value in (("ascii", ascii_), ("hAnsi", ascii_), ("cs", ascii_), ("eastAsia", east)):
        fonts.set(qn(f"w:{name}"), value)


def _set_styles(word: Any, latin: str, heading: str, east: str, east_heading: str, language: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    styles = word.styles
    for name in ("Kicker", "Stamp", "Lead", "Source Line", "Table Text"):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    for name in ("Bibliography", "footnote text"):  # names and ids that Word itself gives
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True).base_style = styles["Normal"]
    styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER, builtin=True).font.superscript = True
    for name in ("footnote text", "footnote reference"):
        styles[name].element.styleId = "".join(word.capitalize() for word in name.split())
    for style in styles:
        if style.type in (WD_STYLE_TYPE.PARAGRAPH, WD_STYLE_TYPE.CHARACTER):
            head = style.name.startswith(("Heading", "Title", "Caption", "Subtitle", "Kicker"))
            _rpr_fonts(style.element.get_or_add_rPr(), heading if head else latin, east_heading if head else east)
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in list(defaults):
        if old.tag in (qn("w:rFonts"), qn("w:lang")):
            defaults.remove(old)
    fonts = OxmlElement("w:rFonts")
    for name, value in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", east)):
        fonts.set(qn(f"w:{name}"), value)
    defaults.insert(0, fonts)
    lang = OxmlElement("w:lang")
    lang.set(qn("w:val"), "en-GB")
    lang.set(qn("w:eastAsia"), "zh-CN")
    defaults.append(lang)
    space = 1.35 if language == "zh" else 1.15
    for name, size, before, after, bold, colour in (
        ("Normal", 10.5, 0, 5, None, INK),
        ("Title", 20, 0, 2, True, INK),
        ("Kicker", 10, 0, 0, False, MUTED),
        ("Stamp", 9, 0, 10, False, MUTED),
        ("Lead", 9.5, 0, 6, False, MUTED),
        ("Heading 1", 14, 16, 5, True, INK),
        ("Heading 2", 11.5, 12, 4, True, INK),
        ("Caption", 9.5, 8, 3, True, INK),
        ("Source Line", 8, 2, 10, False, MUTED),
        ("Table Text", 8.5, 1, 1, None, INK),
        ("Bibliography", 8.5, 0, 2, False, INK),
        ("footnote text", 8.5, 0, 0, None, INK),
        ("List Bullet", 10.5, 0, 3, None, INK),
    ):
        style = styles[name]
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
        style.font.color.rgb = RGBColor.from_string(colour)
        form = style.paragraph_format
        form.space_before, form.space_after = Pt(before), Pt(after)
        form.line_spacing = space if name in ("Normal", "List Bullet", "Lead") else 1.0
    styles["Lead"].paragraph_format.keep_with_next = True
    for name in ("Title", "Heading 1", "Heading 2"):
        styles[name].paragraph_format.keep_with_next = True
        for border in styles[name].element.pPr.findall(qn("w:pBdr")):
            styles[name].element.pPr.remove(border)
    styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    form = styles["Bibliography"].paragraph_format
    form.left_indent, form.first_line_indent = Pt(14), Pt(-14)
    form.alignment = WD_ALIGN_PARAGRAPH.LEFT


def _set_bullets(word: Any) -> None:
    """A bullet of an ordinary font: the symbol font of the template is not on every machine."""
    from docx.oxml.ns import qn

    numbering = word.part.numbering_part.element
    for level in numbering.iter(qn("w:lvl")):
        text, properties = level.find(qn("w:lvlText")), level.find(qn("w:rPr"))
        if text is not None and not text.get(qn("w:val"), "").startswith("%") and properties is not None:
            text.set(qn("w:val"), "•")
            level.remove(properties)


def _set_page(word: Any, document: Document) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn
    from docx.shared import Mm

    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(22)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer._p.append(parse_xml(f'<w:fldSimple xmlns:w="{_W}" w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'))
    inner = _numbering(document.language)
    element = parse_xml(f'<w:footnotePr xmlns:w="{_W}">{inner}</w:footnotePr>')
    before = [c for c in section._sectPr if c.tag in (qn("w:headerReference"), qn("w:footerReference"))]
    section._sectPr.insert(len(before), element)
    ends = '<w:footnote w:id="-1"/><w:footnote w:id="0"/>'
    element = parse_xml(f'<w:footnotePr xmlns:w="{_W}">{inner}{ends}</w:footnotePr>')
    settings = word.settings.element
    later = ("endnotePr", "compat", "docVars", "rsids", "mathPr", "attachedSchema", "themeFontLang", "clrSchemeMapping")
    after = next((c for c in settings if c.tag.rpartition("}")[2] in later), None)
    if after is None:
        settings.append(element)
    else:
        after.addprevious(element)


def _numbering(language: str) -> str:
    if language == "zh":
        return '<w:numFmt w:val="decimalEnclosedCircleChinese"/><w:numRestart w:val="eachPage"/>'
    return '<w:numFmt w:val="decimal"/><w:numRestart w:val="continuous"/>'


def _run(text: str, language: str, bold: bool = False, italic: bool = False) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run = OxmlElement("w:r")
    if bold or italic or language == "zh":
        properties = OxmlElement("w:rPr")
        if language == "zh":  # quotation marks and dashes in the Chinese font
            hint = OxmlElement("w:rFonts")
            hint.set(qn("w:hint"), "eastAsia")
            properties.append(hint)
        if bold:
            properties.append(OxmlElement("w:b"))
        if italic:
            properties.append(OxmlElement("w:i"))
        run.append(properties)
    written = OxmlElement("w:t")
    written.set(qn("xml:space"), "preserve")
    written.text = clean(text)
    run.append(written)
    return run


def _runs(paragraph: Any, runs: Sequence[Run], notes: list[Note], language: str) -> None:
    from docx.oxml import parse_xml

    for run in runs:
        paragraph._p.append(_run(run.text, language, run.bold, run.italic))
        if run.note is not None:
            notes.append(run.note)
            mark = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
            paragraph._p.append(
                parse_xml(f'<w:r xmlns:w="{_W}">{mark}<w:footnoteReference w:id="{len(notes)}"/></w:r>')
            )


def _linked(paragraph: Any, spans: Iterable[Span | Run], links: Sequence[str], part: Any, language: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    p = getattr(paragraph, "_p", paragraph)
    for span in spans:
        for piece, is_link in pieces(span.text, links):
            made = _run(piece, "en" if is_link else language, italic=span.italic)
            if is_link:
                link = OxmlElement("w:hyperlink")
                link.set(qn("r:id"), part.relate_to(clean(piece), _HYPERLINK, is_external=True))
                link.append(made)
                made = link
            p.append(made)


def _add_footnotes(word: Any, notes: Sequence[Note], language: str) -> None:
    from docx.opc.packuri import PackURI
    from docx.opc.part import XmlPart
    from docx.oxml import parse_xml

    mark = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
    root = parse_xml(
        f'<w:footnotes xmlns:w="{_W}" xmlns:r="{_R}">'
        '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
        '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p>'
        "</w:footnote></w:footnotes>"
    )
    part = XmlPart(PackURI("/word/footnotes.xml"), _CONTENT_TYPE, root, word.part.package)
    for number, note in enumerate(notes, start=1):
        footnote = parse_xml(
            f'<w:footnote xmlns:w="{_W}" w:id="{number}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
            f'<w:r>{mark}<w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> </w:t></w:r></w:p></w:footnote>'
        )
        _linked(footnote[0], note.spans, note.links, part, language)
        root.append(footnote)
    word.part.relate_to(part, _FOOTNOTES)


def _caption(word: Any, kind: str, number: int, text: str, language: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    name = words(kind, language)
    paragraph = word.add_paragraph(style="Caption")
    paragraph._p.append(_run(f"{name} ", language))
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), f" SEQ {name} \\* ARABIC ")
    field.append(_run(str(number), "en"))
    paragraph._p.append(field)
    paragraph._p.append(_run(f"  {text}" if language == "zh" else f". {text}", language))
    return paragraph


def _source(word: Any, text: str, language: str) -> None:
    _runs(word.add_paragraph(style="Source Line"), (Run(text),), [], language)


def _picture(word: Any, figure: Figure, svg: str, number: int, language: str, fonts: Path | None) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    width, height = fitted(svg, WIDTH, HEIGHT, TALL)
    png = rasterise(svg, width, fonts)
    paragraph = word.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.line_spacing = 1.0
    shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Pt(width), height=Pt(height))
    for side in ("distT", "distB", "distL", "distR"):
        shape._inline.set(side, "0")
    shape._inline.docPr.set("descr", clean(figure.caption))
    shape._inline.docPr.set("name", f"figure-{figure.name}")
    caption = _caption(word, "figure", number, figure.caption, language)
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before = Pt(4)
    _source(word, figure.source, language)


def _table(word: Any, table: Table, notes: list[Note], number: int, language: str) -> None:
    from docx.oxml import OxmlElement, parse_xml
    from docx.oxml.ns import qn
    from docx.shared import Pt

    _caption(word, "table", number, table.caption, language).paragraph_format.keep_with_next = True
    made = word.add_table(rows=0, cols=len(table.head))
    made.autofit = False
    properties = made._tbl.tblPr
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'
        for side, size, colour in (("top", 10, INK), ("bottom", 10, INK), ("insideH", 4, "DFE3E8"))
    )
    borders = parse_xml(f'<w:tblBorders xmlns:w="{_W}">{lines}</w:tblBorders>')
    width = properties.find(qn("w:tblW"))
    if width is None:
        width = OxmlElement("w:tblW")
        properties.append(width)
    width.set(qn("w:type"), "dxa")
    width.set(qn("w:w"), str(round(WIDTH * 20)))
    layout = properties.find(qn("w:tblLayout"))
    (layout if layout is not None else width).addprevious(borders)
    for column, share in zip(made.columns, table.widths, strict=True):
        column.width = Pt(WIDTH * share)
    head = tuple(((Run(text, bold=True),),) for text in table.head)
    for at, cells in enumerate((head, *table.rows)):
        row = made.add_row()
        about = row._tr.get_or_add_trPr()
        about.append(OxmlElement("w:cantSplit"))
        if at == 0:
            about.append(OxmlElement("w:tblHeader"))
        for cell, content, share in zip(row.cells, cells, table.widths, strict=True):
            cell.width = Pt(WIDTH * share)
            if at == 0:
                shade = parse_xml(f'<w:shd xmlns:w="{_W}" w:val="clear" w:color="auto" w:fill="EEF3F8"/>')
                cell._tc.get_or_add_tcPr().append(shade)
            for place, runs in enumerate(content):
                paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
                paragraph.style = word.styles["Table Text"]
                _runs(paragraph, runs, notes, language)
    _source(word, table.source, language)


def _properties(word: Any, document: Document) -> None:
    about = word.core_properties
    day = datetime.fromisoformat(document.as_of).replace(tzinfo=UTC)
    about.title, about.subject = clean(document.title)[:255], clean(document.subject)[:255]
    about.author = about.last_modified_by = "minilateral"
    about.keywords = document.key
    about.category, about.comments = "", f"minilateral {document.version}"
    about.language = "zh-CN" if document.language == "zh" else "en-GB"
    about.created = about.modified = day
    about.revision = 1
    package = word.part.package
    for key in [k for k, rel in package.rels.items() if rel.reltype.endswith("/thumbnail")]:
        del package.rels[key]


def _pack(word: Any) -> bytes:
    """Save, then pack again with a fixed date on every file."""
    first = io.BytesIO()
    word.save(first)
    packed = io.BytesIO()
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, source.read(name))
    return packed.getvalue()

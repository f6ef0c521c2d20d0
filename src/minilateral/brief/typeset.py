"""The document as PDF, through typst: A4, notes at the foot of the page, tagged, with the fonts that ship.

Every text goes in as a string of typst's code, never as markup, so no letter in it can mean anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from minilateral.audit import Audit
from minilateral.brief.citing import Span
from minilateral.brief.document import (
    Block,
    Bullet,
    Document,
    Figure,
    Heading,
    Note,
    PageBreak,
    Paragraph,
    Run,
    Table,
    judged,
    pieces,
    words,
)
from minilateral.brief.wording import label
from minilateral.errors import BadInput
from minilateral.terms import Inputs, code_table
from minilateral.terms.tables import shipped

#: The family in the shipped folder; a reader's machine needs no font.
FAMILY = "Noto Sans CJK SC"
#: Pixels per inch of a picture for Word.
PPI = 220.0
#: Width in points of the text on A4 with margins of 20 mm; most height of a drawing beside text, and alone on a page.
WIDTH, HEIGHT, TALL = 481.8, 565.0, 655.0
#: Least size in points of the letters of a drawing.
LEGIBLE = 6.0


def font_folder() -> Path:
    """The folder with the fonts that ship."""
    return Path(str(shipped("fonts")))


def svg_size(svg: str) -> tuple[float, float]:
    """Width and height of an SVG from its view box, in points.

    Examples
    --------
    >>> svg_size('<svg viewBox="0 0 540 428.4"/>')
    (540.0, 428.4)
    """
    found = re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', svg)
    if found is None:
        raise BadInput("an SVG", "has no view box", "draw it with minilateral.figures")
    return float(found[1]), float(found[2])


def with_font(svg: str) -> str:
    """The SVG with every text in the shipped family, so that nothing is looked for on the machine."""
    named = re.sub(r"font-family: [^;\"]*", f"font-family: '{FAMILY}'", svg)
    return named.replace("<svg ", f"<svg font-family=\"'{FAMILY}'\" ", 1)


def smallest_letters(svg: str) -> float:
    """Size of the smallest text of an SVG, in its own points."""
    return min((float(s) for s in re.findall(r"font-size: ([\d.]+)px", svg)), default=9.0)


def pictures_of(figures: Mapping[str, Mapping[str, str]], language: str, width: float = WIDTH) -> dict[str, str]:
    """Choose for each figure the wide drawing if its letters stay legible in the width of the text, else the narrow.

    Parameters
    ----------
    figures : mapping
        As `minilateral.brief.drawing.figures_of` gives them.
    language : {'zh', 'en'}
    width : float
        Width of the text in points.

    Returns
    -------
    dict
        SVG by name.
    """
    chosen = {}
    for name, versions in figures.items():
        wide, narrow = versions.get(f"{language}-wide"), versions.get(f"{language}-narrow")
        if wide and (narrow is None or smallest_letters(wide) * min(1.0, width / svg_size(wide)[0]) >= LEGIBLE):
            chosen[name] = wide
        elif narrow:
            chosen[name] = narrow
    return chosen


def fitted(svg: str, width: float, height: float, tall: float) -> tuple[float, float]:
    """Width and height of a drawing on the page, in points: never enlarged, within ``height`` if its letters stay
    legible there, else within ``tall``.
    """
    wide, high = svg_size(svg)
    scale = min(width / wide, height / high, 1.0)
    if scale * smallest_letters(svg) < LEGIBLE:
        scale = min(width / wide, tall / high, 1.0)
    return wide * scale, high * scale


def _typst() -> Any:
    try:
        import typst
    except ImportError:
        raise BadInput("typst", "is not installed", "pip install typst") from None
    return typst


def _compile(source: str, pictures: Mapping[str, str], fonts: Path | None, **how: Any) -> Any:
    """Compile in a folder of its own, with the fonts of one folder and no others."""
    typst = _typst()
    folder = fonts or font_folder()
    if not any(folder.glob("*.[ot]t[fc]")):
        raise BadInput(str(folder), "holds no font", "run tools/build_fonts.py")
    with TemporaryDirectory() as place:
        root = Path(place)
        for name, svg in pictures.items():
            (root / f"{name}.svg").write_text(with_font(svg), encoding="utf-8")
        (root / "main.typ").write_text(source, encoding="utf-8")
        book = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
        compiler = typst.Compiler(input=str(root / "main.typ"), root=str(root), font_paths=book)
        try:
            return compiler.compile(**how)
        except typst.TypstError as error:
            if "could not be displayed" not in f"{error}{error.diagnostic}" or not how.pop("pdf_standards", None):
                raise
            return compiler.compile(**how)  # a letter that no font has: still tagged, but no PDF/UA


def rasterise(svg: str, width: float, fonts: Path | None = None, ppi: float = PPI) -> bytes:
    """An SVG as PNG on white, ``width`` points wide, at so many pixels to the inch."""
    source = (
        f'#set page(width: {width:.2f}pt, height: auto, margin: 0pt, fill: white)\n#image("picture.svg", width: 100%)'
    )
    made = _compile(source, {"picture": svg}, fonts, format="png", ppi=ppi)
    data: bytes = made[0] if isinstance(made, list) else made
    return data


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def quoted(text: str) -> str:
    r"""A text as a string of typst's code: only the backslash and the quotation mark mean anything in one.

    Examples
    --------
    >>> print(quoted('a "b" \\ #c $d_e* @f <g>'))
    "a \"b\" \\ #c $d_e* @f <g>"
    """
    plain = _CONTROL.sub("", text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + plain.replace("\r", "").replace("\n", "\\n").replace("\t", " ") + '"'


def _text(text: str, bold: bool = False, italic: bool = False) -> str:
    if italic:
        return f"#slanted({quoted(text)});"
    return f"#strong({quoted(text)})" if bold else f"#{quoted(text)};"


def _linked(spans: Iterable[Span | Run], links: Sequence[str]) -> str:
    return "".join(
        f"#link({quoted(piece)}, {quoted(breakable(piece))});" if is_link else _text(piece, italic=span.italic)
        for span in spans
        for piece, is_link in pieces(span.text, links)
    )


def breakable(address: str) -> str:
    r"""An address that may break after its signs: a zero-width space after each, none in the link itself.

    Examples
    --------
    >>> breakable("https://e.org/a_b").split("\u200b")
    ['https://e.', 'org/', 'a_', 'b']
    """
    return re.sub(r"(?<=[^/:])([/._=&?+-]|%[0-9A-Fa-f]{2})(?=[^/])", "\\1\u200b", address)


def _note(note: Note) -> str:
    return f"#footnote[{_linked(note.spans, note.links)}]"


def _runs(runs: Sequence[Run]) -> str:
    return "".join(_text(run.text, run.bold, run.italic) + (_note(run.note) if run.note else "") for run in runs)


def _picture(name: str, svg: str, alt: str) -> str:
    width, height = fitted(svg, WIDTH, HEIGHT, TALL)
    return f"image({quoted(name + '.svg')}, width: {width:.2f}pt, height: {height:.2f}pt, alt: {quoted(alt)})"


def _figure(figure: Figure, svg: str) -> str:
    inner = _picture(figure.name, svg, figure.caption)
    body = f"#figure({inner}, caption: {quoted(figure.caption)})\n#source-line({quoted(figure.source)})"
    # it floats: the text goes on below or before it, and no page stays half empty
    return (
        f"#place(auto, float: true, clearance: 14pt)[#block(breakable: false, width: 100%)[#set align(left)\n{body}]]"
    )


def _table(table: Table) -> str:
    columns = ", ".join(f"{share * 100:.3f}%" for share in table.widths)
    head = ", ".join(f"[{_text(text, True)}]" for text in table.head)
    rows = []
    for row in table.rows:
        cells = ("#parbreak()".join(_runs(runs) for runs in cell) for cell in row)
        rows.append("  " + ", ".join(f"[{cell}]" for cell in cells) + ",")
    body = "\n".join(rows)
    made = f"table(columns: ({columns},), table.header({head}),\n{body}\n)"
    # a row whose notes do not fit would leave them on the page before: such a table begins a page
    noted = any(run.note for row in table.rows for cell in row for runs in cell for run in runs)
    start = "#pagebreak(weak: true)\n" if noted else ""
    return (
        f"#[#show table: set text(size: 8pt)\n#set table.cell(breakable: false)\n{start}"
        f"#figure({made}, kind: table, caption: {quoted(table.caption)})]\n"
        f"#source-line({quoted(table.source)})"
    )


def _block(block: Block, pictures: Mapping[str, str]) -> str:
    if isinstance(block, Heading):
        return f"#heading(level: {block.level}, {quoted(block.text)})"
    if isinstance(block, Paragraph):
        if block.role == "title":
            return f"#heading(level: 1, outlined: false, text(size: 20pt, {quoted(_plain(block.runs))}))"
        if block.links:
            return f"#{block.role}-par[{_linked(block.runs, block.links)}]"
        return f"#{block.role}-par[{_runs(block.runs)}]"
    if isinstance(block, Bullet):
        return f"#bullet[{_runs(block.runs)}]"
    if isinstance(block, Figure):
        return _figure(block, pictures[block.name]) if block.name in pictures else ""
    if isinstance(block, Table):
        return _table(block)
    assert isinstance(block, PageBreak)
    return "#pagebreak(weak: true)"


def _plain(runs: Sequence[Run]) -> str:
    return "".join(run.text for run in runs)


def _preamble(document: Document) -> str:
    zh = document.language == "zh"
    lang = 'lang: "zh", region: "cn"' if zh else 'lang: "en", region: "gb"'
    day = datetime.fromisoformat(document.as_of)
    marks = (
        '#set footnote(numbering: "①")\n#set page(header: counter(footnote).update(0))'
        if zh
        else '#set footnote(numbering: "1")'
    )
    about = f"{document.title} · {document.subject}"
    return f"""\
#set document(title: {quoted(about)}, author: "minilateral", keywords: ({quoted(document.key)},),
  date: datetime(year: {day.year}, month: {day.month}, day: {day.day}))
#set page(paper: "a4", margin: (x: 20mm, y: 22mm), numbering: "1")
{marks}
#set text(font: {quoted(FAMILY)}, size: 10pt, {lang}, fill: rgb("#1b2430"), fallback: true, hyphenate: false)
{"" if zh else '#show regex("[“”‘’…—]"): set text(features: ("pwid",))'}
#set par(leading: {"0.75em" if zh else "0.62em"}, spacing: {"0.95em" if zh else "0.85em"}, justify: false)
#set list(marker: "•", indent: 2pt, body-indent: 7pt, spacing: 0.8em)
#show heading.where(level: 1): set text(size: 14pt)
#show heading.where(level: 2): set text(size: 11.5pt)
#show heading.where(level: 1): set block(above: 1.5em, below: 0.7em)
#show heading.where(level: 2): set block(above: 1.4em, below: 0.7em)
#set footnote.entry(gap: 0.35em, indent: 0pt, clearance: 0.8em)
#show footnote.entry: set text(size: 7.5pt)
#show footnote.entry: set par(leading: 0.45em)
#show figure: set block(above: 1.3em, below: 0.5em)
#show figure.where(kind: table): set block(breakable: true)
#show figure.where(kind: table): set figure.caption(position: top)
#show figure.caption.where(position: top): set block(sticky: true)
#set figure(gap: 0.6em)
#show figure.caption: set text(size: 9pt, weight: "bold")
#show figure.caption: it => align(left, block(width: 100%, it))
#set table(align: left, inset: (x: 3.5pt, y: 3pt),
  stroke: (_, y) => (top: if y <= 1 {{ 0.8pt }} else {{ 0.4pt + rgb("#dfe3e8") }}, bottom: 0.8pt + rgb("#dfe3e8")),
  fill: (_, y) => if y == 0 {{ rgb("#eef3f8") }})
#show table: set par(leading: 0.5em, spacing: 0.5em)
#show table.cell: set align(left)
#let muted = rgb("#5d6773")
// the shipped family has no italics: each word is slanted, whole, so that lines still break between words
#let slanted(it) = it.split(" ").map(word => box(skew(ax: -12deg, reflow: false, word))).join(" ")
#let source-line(it) = block(above: 0.5em, below: 1.3em, text(size: 7.5pt, fill: muted, it))
#let kicker-par(it) = block(below: 0.6em, text(size: 10pt, fill: muted, it))
#let stamp-par(it) = block(below: 1.4em, text(size: 8.5pt, fill: muted, it))
#let lead-par(it) = block(above: 0.8em, below: 1em, sticky: true, text(size: 9pt, fill: muted, it))
#let body-par(it) = par(it)
// unbreakable, so that a note never stands on another page than its mark
#let bullet(it) = block(breakable: false, above: 0.8em, below: 0.8em, list(it))
#let source-par(it) = block(above: 0.55em, below: 0.55em, text(size: 8pt,
  par(hanging-indent: 14pt, leading: 0.5em, it)))
"""


def markup(document: Document, pictures: Mapping[str, str]) -> str:
    """The document as typst source; the pictures are looked for as ``<name>.svg`` beside it."""
    return _preamble(document) + "\n".join(_block(block, pictures) for block in document.blocks) + "\n"


def _stamp(document: Document) -> datetime:
    return datetime.fromisoformat(document.as_of).replace(tzinfo=UTC)


def write_pdf(document: Document, pictures: Mapping[str, str], fonts: Path | None = None) -> bytes:
    """Write a document as PDF/UA-1: A4, tagged, notes at the foot of the page (① ② ③ anew on each in Chinese).

    Parameters
    ----------
    document : Document
    pictures : mapping
        SVG by name of the figure; one that is missing leaves its caption out too.
    fonts : Path, optional
        Folder with the fonts; by default the shipped ones. No font of the machine is used.

    Returns
    -------
    bytes
        The same for the same document.

    Raises
    ------
    BadInput
        If typst is not installed, or the folder holds no font.
    """
    used = {b.name for b in document.blocks if isinstance(b, Figure)}
    data: bytes = _compile(
        markup(document, pictures),
        {name: svg for name, svg in pictures.items() if name in used},
        fonts,
        format="pdf",
        pdf_standards="ua-1",
        timestamp=_stamp(document),
    )
    return data


def one_page(inputs: Inputs, document: Document, pictures: Mapping[str, str], fonts: Path | None = None) -> bytes:
    """The bottom line first, the verdicts, the dashboard: one page of PDF.

    Likelihood is in the words of ICD 203, confidence in a sentence of its own, and both only where the specifications
    of a claim gave probabilities.

    Parameters
    ----------
    inputs : Inputs
        The results of the rooms, of which the claims and their specifications are used.
    document : Document
        The whole brief: its title, stamp and findings open the page.
    pictures : mapping
        SVG by name; ``dashboard`` takes the room that is left.
    fonts : Path, optional
        As for `write_pdf`.
    """
    source = one_page_markup(inputs, document, pictures)
    shown = {"dashboard": pictures["dashboard"]} if "dashboard" in pictures else {}
    data: bytes = _compile(source, shown, fonts, format="pdf", pdf_standards="ua-1", timestamp=_stamp(document))
    return data


def one_page_markup(inputs: Inputs, document: Document, pictures: Mapping[str, str]) -> str:
    """Typst source of `one_page`."""
    language, audit = document.language, inputs.get(Audit)
    made = [
        _preamble(document),
        "#set page(margin: (x: 18mm, y: 14mm), numbering: none, header: none)\n#set text(size: 9pt)",
    ]
    made.append("#set list(spacing: 0.6em)\n#set par(leading: 0.55em)")
    for block in document.blocks:
        if isinstance(block, Paragraph) and block.role in ("kicker", "title", "stamp"):
            bare = Paragraph(tuple(Run(r.text, r.bold) for r in block.runs), block.role)
            made.append(_block(bare, {}))
    at = next((n for n, b in enumerate(document.blocks) if isinstance(b, Heading)), len(document.blocks))
    for block in document.blocks[at:]:
        if isinstance(block, Heading) and made[-1] and block is not document.blocks[at]:
            break
        if isinstance(block, Heading):
            made.append(f"#heading(level: 2, {quoted(block.text)})")
        elif isinstance(block, Bullet):
            made.append(f"#bullet[{_text(_plain(block.runs))}]")
    if audit.claims:
        made.append(_verdicts(inputs, language))
    if "dashboard" in pictures:
        alt = label("figure_dashboard", language)
        picture = f'image("dashboard.svg", width: 100%, height: 100%, fit: "contain", alt: {quoted(alt)})'
        made.append(f"#block(height: 1fr, width: 100%, align(center + horizon, {picture}))")
    sources = {b.name: b.source for b in document.blocks if isinstance(b, Figure)}
    source = sources.get("dashboard") or next(iter(sources.values()), "")
    made.append(f"#text(size: 7pt, fill: muted, {quoted(source)})" if source else "")
    return "\n".join(made) + "\n"


def _verdicts(inputs: Inputs, language: str) -> str:
    audit = inputs.get(Audit)
    verdicts = {v.claim: v.verdict for v in audit.verdicts}
    tallies = {t.claim: t for t in audit.tallies}
    rows = []
    for claim in audit.claims:
        said = judged(tallies.get(claim.id), language) or ("–", "–")
        short = claim.short_zh if language == "zh" else claim.short_en
        verdict = code_table().name("verdict", verdicts[claim.id], language)
        cells = (f"[{_text(claim.id + ' ', True)}{_text(short)}]", *(f"[{_text(t)}]" for t in (verdict, *said)))
        rows.append("  " + ", ".join(cells) + ",")
    head = (label("claim", language), *(words(k, language) for k in ("verdict", "likelihood", "confidence")))
    header = ", ".join(f"[{_text(text, True)}]" for text in head)
    body = "\n".join(rows)
    return (
        "#[#show table: set text(size: 7.5pt)\n#set table(inset: (x: 3pt, y: 2.2pt))\n"
        f"#table(columns: (22%, 12%, 41%, 25%), table.header({header}),\n{body}\n)]\n"
        f"#block(above: 0.5em, text(size: 7pt, fill: muted, {quoted(words('likelihood_key', language))}))"
    )

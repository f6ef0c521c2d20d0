"""What is checked of a whole brief before a byte of it is written: cells, both languages, sources, references, names.

None of it can see whether a page says what the row says of it.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import groupby

from minilateral.audit import Audit
from minilateral.brief.citing import read_on
from minilateral.brief.compiling import Compiled
from minilateral.brief.document import Bullet, Document, Figure, Heading, Paragraph, Runs, Table, paragraphs, words
from minilateral.brief.structure import PARTS, check_placed
from minilateral.brief.wording import LANGUAGES, labels, templates
from minilateral.errors import CompileRefused
from minilateral.evidence import Holdings, Record
from minilateral.measure import Composition
from minilateral.terms import Inputs, Named, code_table
from minilateral.terms.tables import read_tsv, shipped

_WAY_OUT = "nothing was written; report it with this line"


def check_cells(composition: Composition, record: Record) -> int:
    """Count every observed cell again over the record and compare: the measures use SQL, this uses selections.

    Returns
    -------
    int
        How many cells were compared.

    Raises
    ------
    CompileRefused
        If one count differs.
    """
    parts = {(p.kind, ";".join(p.group.members)): p for p in composition.parts}
    compared = 0
    for cell in composition.cells:
        if cell["state"] != "observed":
            continue
        part = parts[cell["part"], cell["members"]]
        where = {
            "start": cell["start"],
            "end": cell["end"],
            "domain": "" if cell["domain"] == "all" else cell["domain"],
            "level": "" if cell["level"] == "all" else cell["level"],
        }
        for column, more in (
            ("acts", {}),
            ("cooperative", {"direction": "cooperative"}),
            ("conflictual", {"direction": "conflictual"}),
            ("without_study", {"without_study": True}),
        ):
            found = len(record.select(part.select(**where, **more)))
            if found != cell[column]:
                raise CompileRefused(
                    f"cell {cell['bin']} {cell['members']} {cell['domain']} {cell['level']}: {column} {cell[column]}",
                    f"does not recompute: the rows give {found}",
                    _WAY_OUT,
                )
        compared += 1
    return compared


def check_brief(
    inputs: Inputs, compiled: Sequence[Compiled], documents: Mapping[str, Document], page: str = ""
) -> None:
    """Check a brief as a whole: see the functions that it calls.

    Parameters
    ----------
    inputs : Inputs
        The results of the rooms.
    compiled : sequence of Compiled
        Statements that hold, each by itself.
    documents : mapping
        By language; Word and PDF are written from them.
    page : str
        The page as HTML.

    Raises
    ------
    CompileRefused
        At the first thing that does not hold.
    """
    record = inputs.get(Holdings).record
    check_placed(inputs, compiled)
    check_fixed_words()
    check_names(inputs, compiled, documents)
    check_languages(documents["en"], documents["zh"], names_in_record(record, compiled))
    for document in documents.values():
        check_statements(document, compiled)
        check_order(document)
        check_references(document)
    check_sources(documents, record, page)
    if page:
        check_page(page, documents["en"])


# ---- numbers and claims in both languages ----

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_MONTH = re.compile(r"\b(?:" + "|".join(_MONTHS) + r")\b")


#: A span of years within a century, its end in two digits.
_YEARS = re.compile(r"(?<!\d)(19|20)(\d\d)[-–](\d\d)(?![-\d])")


def numbers(text: str) -> Counter[float]:
    """The numbers in a text, months by name too, so that a date is the same in both languages.

    Examples
    --------
    >>> numbers("1,401 acts by 29 October 2025") == numbers("截至2025年10月29日1401项行动")
    True
    >>> numbers("in 2018-19") == numbers("2018—2019年")
    True
    """
    plain = _MONTH.sub(lambda m: f" {_MONTHS.index(m[0]) + 1} ", _YEARS.sub(r"\1\2 \1\3", text))
    return Counter(float(n) for n in re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", plain)))


def names_in_record(record: Record, compiled: Iterable[Compiled]) -> dict[str, tuple[str, ...]]:
    """Names that the record gives in each language, which may hold a number in one of them alone: a fifteenth round."""
    told = {
        slot.row
        for each in compiled
        for slot in each.statement.slots.values()
        if isinstance(slot, Named) and slot.table == "occurrences"
    }
    found = {}
    for language in LANGUAGES:
        names = {m.name(language) for m in record.mechanisms.values()}
        names |= {record.occurrences[i].summary(language) for i in told}
        names |= {t.title_en if language == "en" else t.title_zh or t.title_en for t in record.texts.values()}
        found[language] = tuple(sorted(names - {""}, key=len, reverse=True))
    return found


def _text(runs: Runs) -> str:
    return "".join(run.text for run in runs)


def _own_lines(document: Document) -> Iterator[tuple[str, str]]:
    """Every text of a document that is ours, and the kind of its block: not notes, and not the list of sources."""
    for block in document.blocks:
        kind = type(block).__name__
        if isinstance(block, Heading):
            yield kind, block.text
        elif isinstance(block, Figure | Table):
            yield kind, block.caption
            yield kind, block.source
        if isinstance(block, Table):
            yield from ((kind, text) for text in block.head)
        if not (isinstance(block, Paragraph) and block.role == "source"):
            yield from ((kind, _text(runs)) for runs in paragraphs([block]))


def check_languages(en: Document, zh: Document, names: Mapping[str, Sequence[str]]) -> None:
    """Hold both languages of a document against each other: blocks, statements, figures, tables, notes, numbers.

    Parameters
    ----------
    en, zh : Document
    names : mapping
        By language: names of the record, whose own numbers do not count.

    Raises
    ------
    CompileRefused
    """
    way_out = "write the same in brief/statements.toml or document.toml in both languages; nothing was written"
    shapes = [_shapes(document) for document in (en, zh)]
    for at, (a, b) in enumerate(zip(*shapes, strict=False), start=1):
        if a != b:
            value = f"block {at}: {a} in English, {b} in Chinese"
            raise CompileRefused(value, "differs between the languages", way_out)
    if len(shapes[0]) != len(shapes[1]):
        sizes = f"{len(shapes[0])} blocks in English, {len(shapes[1])} in Chinese"
        raise CompileRefused(sizes, "differs between the languages", way_out)
    for at, (first, second) in enumerate(zip(en.notes, zh.notes, strict=True), start=1):
        if first.links != second.links:
            value = f"note {at}: {first.links} in English, {second.links} in Chinese"
            raise CompileRefused(value, "differs between the languages", way_out)
    for (kind, left), (_, right) in zip(_own_lines(en), _own_lines(zh), strict=True):
        if numbers(left) != numbers(right) and numbers(_without(left, names["en"])) != numbers(
            _without(right, names["zh"])
        ):
            value = f"{kind}: {left!r} and {right!r}"
            raise CompileRefused(value, "have other numbers in the two languages", way_out)


def _shapes(document: Document) -> list[tuple[object, ...]]:
    """The shapes of its blocks; those of a list of sources by address, since a style may sort it by the first word."""
    found: list[tuple[object, ...]] = []
    for listed, run in groupby(document.blocks, key=lambda b: isinstance(b, Paragraph) and b.role == "source"):
        shapes = [_shape(block) for block in run]
        found += sorted(shapes, key=repr) if listed else shapes
    return found


def _shape(block: object) -> tuple[object, ...]:
    """What of a block does not depend on the language."""
    name = type(block).__name__
    if isinstance(block, Heading):
        return name, block.level, block.part
    if isinstance(block, Figure):
        return name, block.name
    if isinstance(block, Table):
        noted = tuple(len(runs) for row in block.rows for cell in row for runs in cell)
        return name, block.name, len(block.head), len(block.rows), noted
    if isinstance(block, Bullet):
        return name, block.statement, sum(run.note is not None for run in block.runs)
    if isinstance(block, Paragraph):
        return name, block.role, block.links, sum(run.note is not None for run in block.runs)
    return (name,)


def _without(text: str, names: Iterable[str]) -> str:
    for name in names:
        text = text.replace(name, " ")
    return text


def check_statements(document: Document, compiled: Sequence[Compiled]) -> None:
    """Refuse a document that leaves a statement out.

    Raises
    ------
    CompileRefused
    """
    told = {run.text for runs in paragraphs(document.blocks) for run in runs}
    for each in compiled:
        if each.text(document.language) not in told:
            where = f"{each.statement.id}, section {each.statement.section}"
            raise CompileRefused(where, f"is not in the {document.language} document", _WAY_OUT)


def check_order(document: Document) -> None:
    """Refuse a document whose parts are not in the order of `minilateral.brief.structure.PARTS`.

    Raises
    ------
    CompileRefused
    """
    order = [part.key for part in PARTS]
    found = [b.part for b in document.blocks if isinstance(b, Heading) and b.part in order]
    if found != [key for key in order if key in found]:
        raise CompileRefused(", ".join(found), f"is not the order of the parts: {', '.join(order)}", _WAY_OUT)


# ---- figures and tables ----


def check_references(document: Document) -> None:
    """Refuse a figure or table that the running text does not name, a reference to one that is absent, a wrong order.

    Raises
    ------
    CompileRefused
    """
    text = (b for b in document.blocks if isinstance(b, Paragraph) and b.role in ("lead", "body"))
    running = " ".join(_text(b.runs) for b in text)
    for kind, block in (("figure", Figure), ("table", Table)):
        name = words(kind, document.language)
        there = list(range(1, sum(isinstance(b, block) for b in document.blocks) + 1))
        named = list(dict.fromkeys(int(n) for n in re.findall(rf"{name} ?(\d+)", running)))
        for number in there:
            if number not in named:
                raise CompileRefused(f"{name} {number}", "is not referred to in the text", "name it in the text")
        for number in named:
            if number not in there:
                raise CompileRefused(f"{name} {number}", "is referred to and absent", "take the reference out")
        if named != there:
            raise CompileRefused(f"{name} {named}", "is not in order", "refer to them in the order in which they stand")


def check_page(page: str, document: Document) -> None:
    """The same of the page, by its anchors; its figures and parts are those of the document, in its order.

    Raises
    ------
    CompileRefused
    """
    anchors = re.findall(r'id="((?:figure|table)-\w+)"', page)
    referred = list(dict.fromkeys(re.findall(r'href="#((?:figure|table)-\w+)"', page)))
    for name in anchors:
        if name not in referred:
            raise CompileRefused(f"{name} of the page", "is not referred to in the text", "name it in the template")
    for name in referred:
        if name not in anchors:
            raise CompileRefused(f"{name} of the page", "is referred to and absent", "take the reference out")
    drawn = [f"figure-{b.name}" for b in document.blocks if isinstance(b, Figure)]
    if drawn != [a for a in anchors if a.startswith("figure-")]:
        raise CompileRefused(f"figures of the page {anchors}", f"are not those of the documents: {drawn}", _WAY_OUT)
    sections = re.findall(r'<section[^>]*\bid="(\w+)"', page)
    parts = [b.part for b in document.blocks if isinstance(b, Heading) and b.part]
    if [s for s in sections if s != "rows"] != parts:
        raise CompileRefused(f"parts of the page {sections}", f"are not those of the documents: {parts}", _WAY_OUT)


# ---- sources ----

_ISO = r"(\d{4})-(\d\d)-(\d\d)"
_EAST = r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]"
_US = rf"({'|'.join(_MONTHS)}) (\d{{1,2}}), (\d{{4}})"
_UK = rf"(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})"


def days_in(text: str) -> set[date]:
    """Every full date in a text, in any of the forms that notes use.

    Examples
    --------
    >>> days_in("May 6, 2024; 2024年5月6日; 2024-05-06; 2024년 5월 6일") == {date(2024, 5, 6)}
    True
    """
    found = [(y, m, d) for y, m, d in (*re.findall(_ISO, text), *re.findall(_EAST, text))]
    found += [(y, str(_MONTHS.index(m) + 1), d) for m, d, y in re.findall(_US, text)]
    found += [(y, str(_MONTHS.index(m) + 1), d) for d, m, y in re.findall(_UK, text)]
    days = set()
    for year, month, day in found:
        try:
            days.add(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return days


def _named_in_notes(document: Document) -> Iterator[tuple[str, str]]:
    """Each address in the notes and in the list of sources, with the words before it that describe it."""
    texts = [(note.text, note.links) for note in document.notes]
    texts += [(_text(b.runs), b.links) for b in document.blocks if isinstance(b, Paragraph) and b.links]
    for text, links in texts:
        at = 0
        for link in links:
            end = text.find(link, at)
            if end >= 0:
                yield link, text[at:end]
                at = end + len(link)


_ITEM = re.compile(r'<li>([^<]*)<a href="(https?://[^"]*)" rel="noreferrer" target="_blank">(.*?)</a>([^<]*)')


def _named_on_page(page: str) -> Iterator[tuple[str, str]]:
    for before, url, title, after in dict.fromkeys(_ITEM.findall(page)):
        yield html.unescape(url), f"{before} {title} {after}"


def check_sources(documents: Mapping[str, Document], record: Record, page: str = "") -> None:
    """Refuse a source with another date or address in one place than in another.

    An address has to be that of a source on record, all sources with that address one date, and wherever a source is
    named with a date that date is among them (a title may hold another; the day of access does not count).

    Raises
    ------
    CompileRefused
    """
    dates: dict[str, set[date]] = {}
    for source in record.sources.values():
        if source.url:
            dates.setdefault(source.url, set()).update({source.published} if source.published else ())
    read = read_on(record)
    named = [(f"{x} notes", n) for x, document in documents.items() for n in _named_in_notes(document)]
    named += [("page", n) for n in _named_on_page(page)]
    for where, (url, text) in named:
        if url not in dates:
            raise CompileRefused(f"{where}: {url}", "is the address of no source on record", "cite the source's own")
        if len(dates[url]) > 1:
            days = ", ".join(sorted(d.isoformat() for d in dates[url]))
            raise CompileRefused(f"{url}: {days}", "has more than one date", "correct the rows of its sources")
        if any(day.isoformat() in text for day in dates[url]):
            continue
        found = days_in(text)
        if found - {read} and dates[url] and not dates[url] & found:
            days = ", ".join(sorted(d.isoformat() for d in found - {read}))
            published = next(iter(dates[url])).isoformat()
            raise CompileRefused(f"{where}: {url}, {days}", f"has another date elsewhere: {published}", _WAY_OUT)


# ---- names ----

#: Wording of others: quotations, titles in Chinese, an older name in brackets, the name of a day; and Japan's own navy.
_OTHERS = re.compile(
    r"“[^”]*”|\"[^\"]*\"|《[^》]*》|「[^」]*」|『[^』]*』|\(then [^)]*\)|Takeshima Day|"
    r"日本海(?:上自卫|上保安|军|关|警|保)"
)


@cache
def _policy() -> tuple[re.Pattern[str], tuple[str, ...], Mapping[str, str]]:
    """What not to write, the double forms that are right, and the right form by the wrong one."""
    wrong: dict[str, str] = {}
    whole: set[str] = set()
    for row in read_tsv(shipped("naming.tsv")):
        right = f"{row['form_en']}, {row['form_zh']}"
        wrong |= {form.strip(): right for form in row["avoid_in_our_own_text"].split(" | ") if form.strip()}
        if row["rule"].startswith("Both forms, never one alone"):
            whole |= {row["form_en"], row["form_zh"]}
            parts = (*row["form_en"].split(" / "), *row["form_zh"].split("/"))
            wrong |= {part: right for part in parts if part not in wrong}
    forms = sorted(wrong, key=len, reverse=True)
    bounded = (rf"(?<![A-Za-z]){re.escape(f)}(?![A-Za-z])" if f.isascii() else re.escape(f) for f in forms)
    return re.compile("|".join(bounded)), tuple(whole), wrong


def check_name(text: str, where: str, others: Iterable[str] = ()) -> None:
    """Refuse a name that the naming policy does not allow in our own words (docs/explanation/naming.md).

    Parameters
    ----------
    text, where : str
    others : iterable of str
        Titles and words of others, which keep their wording.

    Raises
    ------
    CompileRefused

    Examples
    --------
    >>> check_name("Dokdo / Takeshima, and “Takeshima” in a quotation", "here")
    >>> check_name("钓鱼岛海域", "here")
    Traceback (most recent call last):
    ...
    minilateral.errors.CompileRefused: here: '钓鱼岛' in '钓鱼岛海域' is not a form of the naming policy; write ...
    """
    pattern, whole, right = _policy()
    if not any(form in text for form in right):
        return
    found = pattern.search(_OTHERS.sub(" ", _without(_without(text, others), whole)))
    if found:
        raise CompileRefused(
            f"{where}: {found[0]!r} in {text!r}",
            "is not a form of the naming policy",
            f"write {right[found[0]]}, or quote it as the words of another (docs/explanation/naming.md)",
        )


@cache
def check_fixed_words() -> None:
    """Hold every fixed text of ours against the naming policy: templates, labels, words, names of codes.

    Raises
    ------
    CompileRefused
    """
    folder = files("minilateral.brief")
    for template in templates().values():
        check_name(template.en, template.id)
        check_name(template.zh, template.id)
    for key, label in labels().items():
        for text in label.values():
            check_name(text, f"label {key}")
    for name in ("document.toml", "watching.toml"):
        for kind, table in tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8")).items():
            for item in table.values() if isinstance(table, dict) else table:
                for text in item.values():
                    check_name(str(text), f"{name}, {kind}")
    check_name(folder.joinpath("templates", "page.html.j2").read_text(encoding="utf-8"), "page.html.j2")
    for field, codes in code_table().fields.items():
        for code in codes.values():
            check_name(code.name_en, f"code {field}")
            check_name(code.name_zh, f"code {field}")


def check_names(inputs: Inputs, compiled: Sequence[Compiled], documents: Mapping[str, Document]) -> None:
    """Hold what a brief says in its own words against the naming policy: sentences, captions, tables, claims, rows.

    Titles of statements and of data sets, and rows that a user added, keep their wording.

    Raises
    ------
    CompileRefused
    """
    holdings = inputs.get(Holdings)
    record = holdings.record
    own = [record.occurrences[i] for i in sorted(record.own) if i in record.occurrences]
    others = {t for text in record.texts.values() for t in (text.title_en, text.title_zh)}
    others |= {t for o in record.origins.values() for t in (o.citation, o.title)}
    others |= {t for o in own for t in (o.summary_en, o.summary_zh)}
    kept = sorted(others - {""}, key=len, reverse=True)
    for each in compiled:
        for language in LANGUAGES:
            check_name(each.text(language), each.statement.id, kept)
    for language, document in documents.items():
        for kind, text in _own_lines(document):
            check_name(text, f"{kind} in {language}", kept)
    for claim in inputs.get(Audit).claims:
        for text in (claim.claim_en, claim.claim_zh, claim.test_en, claim.test_zh, claim.rule_en, claim.rule_zh):
            check_name(text, claim.id)
    for i in (*holdings.acts, *holdings.context):
        if i not in record.own:
            check_name(record.occurrences[i].summary_en, f"row {i}")
            check_name(record.occurrences[i].summary_zh, f"row {i}")

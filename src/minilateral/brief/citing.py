"""Notes and references of a brief, by the language of what is cited: styles, exports, and what a result used.

A note is a tuple of `Span`: text, and whether it is set in italics. The rules of the styles stand in
``data/styles.tsv``, each with its basis; the card is ``docs/methods/citing.md``. Nothing is invented: what a row does
not say is left out. No clock is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from types import MappingProxyType
from typing import Any, Literal

from minilateral.errors import BadCode, BadInput, BadRecord
from minilateral.evidence import Record
from minilateral.terms.codes import code_table
from minilateral.terms.record import Origin, Source
from minilateral.terms.tables import read_tsv, shipped

__all__ = [
    "DEFAULT",
    "Citation",
    "Item",
    "Ledger",
    "Span",
    "Work",
    "bibtex",
    "cite",
    "csl_json",
    "key",
    "note",
    "notes",
    "package",
    "plain",
    "reference",
    "references",
    "ris",
    "sorting",
    "style_name",
    "styles",
]

#: The style where none is asked for: page notes of 《外交评论》.
DEFAULT = "waijiao-pinglun"

#: Producer of the tables that are ours: they are cited after those of others.
OURS = "minilateral project"

Kind = Literal["institution", "paper", "site", "data", "software", "study"]

_TIERS: Mapping[str, Kind] = MappingProxyType(
    {
        "government": "institution",
        "research": "institution",
        "study": "institution",
        "newspaper": "paper",
        "agency": "site",
        "copy": "site",
        "reference": "site",
    }
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_URL = re.compile(r"https?://[^\s)>\]}，。；、]+")
_BOTH_NAMES = re.compile(r"(?P<outer>[^()（）]+?)\s*[(（](?P<inner>[^()（）]+)[)）]\Z")
_OL = "/OL"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text of a note, and whether it is set in italics."""

    text: str
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """Something to cite that is no row of the record: the study itself, the package, a signed article.

    Attributes
    ----------
    id : str
        Stable; the key of the exports.
    authors : tuple of str
        As they are written; empty where there is none.
    kind : {'study', 'software', 'paper', 'site', 'institution', 'data'}
        ``paper``: an article of a newspaper; ``site``: a page of a site; ``institution``: a document of its authors.
    language : str
        ISO 639-1; empty: told by the script of the title.
    container : str
        The newspaper or the site.
    short : str
        A short title for repeats, where there is one.
    """

    id: str
    title: str
    authors: tuple[str, ...] = ()
    kind: Kind = "study"
    language: str = ""
    published: date | None = None
    version: str = ""
    container: str = ""
    url: str = ""
    short: str = ""


Item = Source | Origin | Work


@dataclass(frozen=True, slots=True)
class Citation:
    """What a result used, and nothing else.

    Attributes
    ----------
    rows : tuple of str
        The occurrences, in the order of their first use.
    origins : tuple of Origin
        Data sets of other producers that the result rests on.
    sources : tuple of Source
        Documents behind the rows, in the order of their first use; of one row by tier, governments first.
    own : tuple of Origin
        Tables that the project compiled itself.
    package : Work
    bare : tuple of str
        Rows without a source, to be named rather than hidden.
    """

    rows: tuple[str, ...]
    origins: tuple[Origin, ...]
    sources: tuple[Source, ...]
    own: tuple[Origin, ...]
    package: Work
    bare: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """All of it in the order of citing: documents, producers of data, tables of the project, the package."""
        return (*self.sources, *self.origins, *self.own, self.package)


@dataclass(frozen=True, slots=True)
class _Entry:
    """An item with its parts told apart."""

    authors: tuple[str, ...]
    title: str
    short: str
    container: str
    kind: Kind
    language: str
    published: date | None
    accessed: date | None
    version: str
    url: str
    wanted: str = ""  # the citation that the producer asks for


@cache
def _table() -> tuple[Mapping[str, Mapping[str, str]], Mapping[tuple[str, str], tuple[str, bool]]]:
    """Give the rules by style, and the own names of publishers by language (with: is no newspaper)."""
    rules: dict[str, dict[str, str]] = {}
    names: dict[tuple[str, str], tuple[str, bool]] = {}
    for row in read_tsv(shipped("styles.tsv")):
        if row["what"] == "rule":
            style, rule = row["key"].split("/", 1)
            rules.setdefault(style, {})[rule] = row["value"]
        else:
            names[row["language"], row["key"]] = (row["value"], row["what"] != "name")
    return MappingProxyType(rules), MappingProxyType(names)


@cache
def _english() -> Mapping[tuple[str, str], str]:
    """Give the English names of publishers that the record has in their own script, by language and name."""
    rows = read_tsv(shipped("publishers.tsv"))
    return MappingProxyType({(row["language"], row["name"]): row["en"] for row in rows})


def styles() -> tuple[str, ...]:
    """Give the codes of the styles, the default first.

    Examples
    --------
    >>> styles()[:2]
    ('waijiao-pinglun', 'dangdai-yatai')
    """
    return tuple(_table()[0])


def style_name(style: str) -> str:
    """Give a style's name for a reader.

    Examples
    --------
    >>> style_name("shijie-jingji-yu-zhengzhi")
    '《世界经济与政治》'
    """
    return _rules(style)["name"]


def plain(spans: Iterable[Span]) -> str:
    """Give the text of a note, without italics.

    Examples
    --------
    >>> plain((Span("The "), Span("Hindu", True)))
    'The Hindu'
    """
    return "".join(span.text for span in spans)


def note(
    item: Item,
    style: str = DEFAULT,
    language: str = "zh",
    *,
    accessed: date | None,
    first: bool = True,
    number: int | None = None,
    same: bool = False,
    suffix: str = "",
) -> tuple[Span, ...]:
    """Write the note of one citation.

    Parameters
    ----------
    item : Source, Origin or Work
    style : str
        One of `styles`. Journals: a page note; GB/T 7714: an entry, and ``[number]`` for a repeat; Chicago notes: a
        note; Chicago author-date: the citation in brackets.
    language : {'zh', 'en', 'ja', 'ko'}
        Of the brief. It decides only where an item's own language is not known.
    accessed : datetime.date or None
        The day on which the pages were read; None: none is printed. A data set has a day of its own, which goes before.
    first : bool
        Whether the item is cited for the first time; else the style's short form.
    number : int, optional
        Of the note (GB/T: of the entry), printed before it in the style's form.
    same : bool
        Whether the note before cites the same item alone: 同上 where the journal has it.
    suffix : str
        Letter behind the year, author-date only (see `notes`).

    Returns
    -------
    tuple of Span

    Raises
    ------
    BadCode
        Of a style or language that is not known.
    BadRecord
        If the item has no title.
    BadInput
        If a repeat in GB/T 7714 has no number to point to.

    Examples
    --------
    >>> page = Source("s", "中国对欧盟政策文件", "", "https://example.org/a", "zh", None, "government")
    >>> plain(note(page, "shijie-jingji-yu-zhengzhi", accessed=date(2020, 12, 1)))
    '《中国对欧盟政策文件》，https://example.org/a，访问时间：2020年12月1日。'
    """
    rules = _rules(style)
    entry = _entry(item, language, accessed, own_names=rules["family"] != "chicago")
    if rules["family"] == "gb":
        return _numeric(entry, rules, first, number)
    if rules["family"] == "chicago" and rules["system"] == "author-date":
        who = _authors_in_text(entry, rules)
        year = _year_in_text(entry, suffix)
        return (Span(f"({who}{year.lstrip(',') if who.endswith('”') else year})"),)
    if rules["family"] == "chicago":
        head = f"{number}. " if number is not None else ""
        return _joined([head, *(_chicago_note(entry, rules) if first else _chicago_short(entry, rules))])
    head = _circled(number) if number is not None else ""
    if first:
        return _joined([head, *_journal(entry, rules)])
    return _joined([head, *_journal_short(entry, rules, same)])


def notes(
    items: Iterable[Item], style: str = DEFAULT, language: str = "zh", *, accessed: date | None, numbered: bool = False
) -> tuple[tuple[Span, ...], ...]:
    """Write the notes of a sequence of citations: what was cited before takes the short form.

    Where the short forms of two of the items are alike, a repeat is written in full. In GB/T 7714 an item keeps the
    number of its first citation. In author-date two works of one author and year are told apart by letters, in the
    order of their titles.

    Returns
    -------
    tuple of tuple of Span
        One note per citation.

    Examples
    --------
    >>> page = Source("s", "共同声明", "新华社", "https://example.org/a", "zh", date(2023, 8, 18), "agency")
    >>> [plain(n) for n in notes([page, page], "dangdai-yatai", accessed=None)]
    ['《共同声明》，新华社，2023年8月18日，https://example.org/a。', '同上。']
    """
    cited = tuple(items)
    ledger = Ledger(cited, style, language, accessed=accessed)
    numeric = _rules(style)["family"] == "gb"
    written: list[tuple[Span, ...]] = []
    before = ""
    for at, item in enumerate(cited, start=1):
        name = key(item)
        number = list(_once(cited)).index(name) + 1 if numeric else at if numbered else None
        written.append(ledger.note(item, number=number, same=name == before))
        before = name
    return tuple(written)


class Ledger:
    """Writes the notes of one text in their order, and remembers what it cited: that takes the short form after.

    Parameters
    ----------
    items : iterable of Source, Origin or Work
        All that the text cites, in any order: by them a short form that fits two is found, and letters are given.
    style, language, accessed
        As of `note`.

    Examples
    --------
    >>> page = Source("s", "共同声明", "新华社", "https://example.org/a", "zh", date(2023, 8, 18), "agency")
    >>> ledger = Ledger([page], "waijiao-pinglun", accessed=None)
    >>> plain(ledger.note(page)), plain(ledger.note(page))
    ('《共同声明》，新华社，2023年8月18日，https://example.org/a。', '《共同声明》。')
    """

    def __init__(
        self, items: Iterable[Item], style: str = DEFAULT, language: str = "zh", *, accessed: date | None
    ) -> None:
        self.style, self.language, self.accessed = style, language, accessed
        self._rules = _rules(style)
        once = _once(items)
        self._letters = _letters(tuple(once.values()), self._rules, language, accessed)
        self._cited: set[str] = set()
        self._whole: set[str] = set()  # what is in full each time
        if self._rules.get("articles_again") == "full":
            entries = {name: _entry(item, language, accessed, own_names=True) for name, item in once.items()}
            self._whole = {name for name, e in entries.items() if e.language == "zh" and e.kind != "study"}
        if self._rules["family"] == "journal" or self._rules.get("system") == "notes":
            alike: dict[str, list[str]] = {}
            for name, item in once.items():
                alike.setdefault(plain(note(item, style, language, accessed=accessed, first=False)), []).append(name)
            self._whole |= {name for names in alike.values() if len(names) > 1 for name in names}

    @property
    def sorted(self) -> bool:
        """Whether the style sorts its list of references by the first word: Chicago."""
        return self._rules["family"] == "chicago"

    def note(self, item: Item, *, number: int | None = None, same: bool = False) -> tuple[Span, ...]:
        """Write the next note; ``number`` and ``same`` as of `minilateral.brief.citing.note`.

        A repeat is in full where its short form fits another item of the text too, where the journal wants an article
        so (《世界经济与政治》, in Chinese), and in GB/T 7714 without a number.
        """
        name = key(item)
        full = name not in self._cited or (self._rules["family"] == "gb" and number is None)
        if name in self._whole and not (same and self._rules.get("same") == "yes"):
            full = True
        self._cited.add(name)
        return note(
            item,
            self.style,
            self.language,
            accessed=self.accessed,
            first=full,
            number=number,
            same=same,
            suffix=self._letters.get(name, ""),
        )

    def notes(self, items: Iterable[Item]) -> tuple[tuple[Span, ...], ...]:
        """Write what one note cites, item by item: in Chicago notes with semicolons between them.

        Examples
        --------
        >>> pages = [Source(t, t, "Yale", "", "en", date(2020, 1, 2), "government") for t in ("A", "B")]
        >>> [plain(n) for n in Ledger(pages, "chicago-18-notes", accessed=None).notes(pages)]
        ['“A,” Yale, January 2, 2020;', '“B,” Yale, January 2, 2020.']
        """
        written = [self.note(item) for item in items]
        if self._rules.get("system") == "notes":
            written[:-1] = [(*w[:-1], Span(_parted(w[-1].text), w[-1].italic)) for w in written[:-1]]
        return tuple(written)

    def reference(self, item: Item) -> tuple[Span, ...]:
        """Write an item's entry in the list of references: see `minilateral.brief.citing.reference`."""
        letter = self._letters.get(key(item), "")
        return reference(item, self.style, self.language, accessed=self.accessed, suffix=letter)


def reference(
    item: Item,
    style: str = DEFAULT,
    language: str = "zh",
    *,
    accessed: date | None,
    number: int | None = None,
    suffix: str = "",
) -> tuple[Span, ...]:
    """Write an item's entry in a list of references. The three journals have no such list: the first note is given.

    Parameters are those of `note`.

    Examples
    --------
    >>> page = Source("s", "Yale Facts", "Yale University", "https://example.org/a", "en", None, "government")
    >>> plain(reference(page, "chicago-17-author-date", accessed=date(2017, 5, 1)))
    'Yale University. n.d. “Yale Facts.” Accessed May 1, 2017. https://example.org/a.'
    """
    rules = _rules(style)
    if rules["family"] != "chicago":
        return note(item, style, language, accessed=accessed, number=number)
    entry = _entry(item, language, accessed, own_names=False)
    head = f"{number}. " if number is not None else ""
    return _joined([head, *_chicago_entry(entry, rules, suffix)])


def references(
    items: Iterable[Item], style: str = DEFAULT, language: str = "zh", *, accessed: date | None
) -> tuple[tuple[Span, ...], ...]:
    """Write the list of references: each item once; by number in GB/T 7714, else in Chicago by the first word.

    Examples
    --------
    >>> page = Source("s", "Facts", "Yale", "https://example.org/a", "en", None, "government")
    >>> [plain(r) for r in references([page, page], "gb-7714-2015", accessed=date(2017, 5, 1))]
    ['[1] Yale. Facts[EB/OL]. [2017-05-01]. https://example.org/a.']
    """
    once = tuple(_once(items).values())
    rules = _rules(style)
    if rules["family"] == "gb":
        return tuple(
            reference(item, style, language, accessed=accessed, number=at) for at, item in enumerate(once, start=1)
        )
    letters = _letters(once, rules, language, accessed)
    written = [reference(item, style, language, accessed=accessed, suffix=letters.get(key(item), "")) for item in once]
    if rules["family"] == "chicago":
        written.sort(key=sorting)
    return tuple(written)


def sorting(spans: Iterable[Span]) -> str:
    """Give what an entry is sorted by in a Chicago list: its words, without the marks before them.

    Examples
    --------
    >>> sorting((Span("“Yale Facts.”"),))
    'yale facts.”'
    """
    return plain(spans).lstrip("“‘").casefold()


def key(item: Item) -> str:
    """Give the key of an item in the exports: its id, in ASCII letters, digits and hyphens; data sets with a prefix.

    Examples
    --------
    >>> key(Origin("gpr", "Caldara and Iacoviello", "GPR", "", "", "", "2026-11-23"))
    'origin-gpr'
    """
    prefix = "origin-" if isinstance(item, Origin) else ""
    ascii_only = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else f"u{ord(c):x}" for c in item.id)
    return prefix + (ascii_only or "item")


# --- what a result used ----------------------------------------------------------------------------------------------


def cite(
    rows: Iterable[str],
    record: Record,
    *,
    sources: Iterable[str] = (),
    origins: Iterable[str | Origin] = (),
    package: Work,
) -> Citation:
    """Give exactly what a result used: its documents first, then the producers of its data, then the package.

    Parameters
    ----------
    rows : iterable of str
        Ids of the occurrences behind the result (`Compiled.rows`).
    record : Record
        As of the day of the result: a source that was not known by then is not cited.
    sources : iterable of str
        Ids of documents used beside the rows (of commitments, official numbers, texts).
    origins : iterable of str or Origin
        The data sets behind the tables that it read: ids of the record's, or a shelf's own.
    package : Work
        See `package`.

    Raises
    ------
    BadRecord
        If an id is not in the record as of its day.

    Examples
    --------
    >>> from minilateral.evidence import load
    >>> record = load()
    >>> used = cite(sorted(record.occurrences)[:3], record, origins=["chronology", "reign"], package=package())
    >>> [o.id for o in used.origins], [o.id for o in used.own], used.items[-1].title
    (['reign'], ['chronology'], 'minilateral')
    """
    used = tuple(dict.fromkeys(rows))
    tiers = code_table().codes("tier")
    found: dict[str, Source] = {}
    bare = []
    for row in used:
        if row not in record.occurrences:
            raise BadRecord(repr(row), "is not an occurrence of the record as of its day", "cite rows that it holds")
        behind = sorted(record.sources_of(row), key=lambda s: tiers.index(s.tier))
        found.update((s.id, s) for s in behind if s.id not in found)
        if not behind:
            bare.append(row)
    for name in sources:
        if name not in record.sources:
            raise BadRecord(repr(name), "is not a source of the record as of its day", "cite sources that it holds")
        found.setdefault(name, record.sources[name])
    data: dict[str, Origin] = {}
    for origin in origins:
        if isinstance(origin, str):
            if origin not in record.origins:
                raise BadRecord(repr(origin), "is not an origin of the record", "give its id, or the Origin itself")
            origin = record.origins[origin]
        data.setdefault(origin.id, origin)
    others = tuple(o for o in data.values() if o.producer != OURS)
    own = tuple(o for o in data.values() if o.producer == OURS)
    return Citation(used, others, tuple(found.values()), own, package, tuple(bare))


def read_on(record: Record) -> date | None:
    """The day on which the pages behind the record were read last: the latest of its origins, if they say."""
    days = [o.accessed for o in record.origins.values() if o.accessed]
    return date.fromisoformat(max(days)) if days else None


def package(cff: str = "") -> Work:
    r"""Give the package as a work to cite, from the text of its ``CITATION.cff``, else from what is installed.

    Parameters
    ----------
    cff : str
        Text of the file. Only ``title``, ``version``, ``date-released``, ``url``, ``repository-code`` and the names of
        ``authors`` are read.

    Raises
    ------
    BadInput
        If the text has no title.

    Examples
    --------
    >>> package("title: minilateral\nversion: 0.1.0\nauthors:\n  - name: The minilateral authors\n").version
    '0.1.0'
    """
    if not cff:
        try:
            installed = metadata("minilateral")
        except PackageNotFoundError:
            return Work("minilateral", "minilateral", kind="software", language="en")
        by = (installed["Author"],) if "Author" in installed else ()
        return Work("minilateral", installed["Name"], by, "software", "en", version=installed["Version"] or "")
    fields: dict[str, str] = {}
    authors: list[dict[str, str]] = []
    block = ""
    for line in cff.splitlines():
        if top := re.match(r"([A-Za-z][\w-]*):\s*(.*?)\s*\Z", line):
            block = top[1]
            fields[block] = _unquoted(top[2])
        elif block == "authors" and (part := re.match(r"\s*(-?)\s*([\w-]+):\s*(.*?)\s*\Z", line)):
            if part[1]:
                authors.append({})
            if authors:
                authors[-1][part[2]] = _unquoted(part[3])
    if not fields.get("title"):
        raise BadInput("CITATION.cff", "has no title", "write `title:` at the start of a line")
    day = fields.get("date-released", "")
    named = (a.get("name") or " ".join(filter(None, (a.get("given-names"), a.get("family-names")))) for a in authors)
    return Work(
        "minilateral",
        fields["title"],
        tuple(filter(None, named)),
        "software",
        "en",
        date.fromisoformat(day) if day else None,
        fields.get("version", ""),
        url=fields.get("url") or fields.get("repository-code", ""),
    )


# --- exports ---------------------------------------------------------------------------------------------------------


def bibtex(items: Iterable[Item], *, accessed: date | None = None, language: str = "zh") -> str:
    r"""Write BibLaTeX entries in UTF-8, each item once: ``@online``, ``@dataset``, ``@software``, ``@report``,
    ``@article`` of the subtype newspaper, ``@misc`` where there is no address.

    Special characters of TeX are written as commands; an address is kept, with its braces and backslashes in per
    cent. The citation that a producer asks for stands in ``note``, in all three exports.

    Examples
    --------
    >>> page = Source("s", "50% & more", "Yale", "https://example.org/a_b", "en", None, "government")
    >>> print(bibtex([page]), end="")
    @online{s,
      author = {{Yale}},
      title = {{50\% \& more}},
      url = {https://example.org/a_b},
      langid = {english},
    }
    """
    out = []
    for name, e in _exported(items, accessed, language):
        fields: list[tuple[str, str]] = []
        if e.authors:
            fields.append(("author", " and ".join("{" + _tex(a) + "}" for a in e.authors)))
        fields.append(("title", "{" + _tex(e.title) + "}"))
        paper = e.kind == "paper" and e.container
        if e.container:
            fields.append(("journaltitle" if paper else "organization", "{" + _tex(e.container) + "}"))
        if paper:
            fields.append(("entrysubtype", "newspaper"))
        if e.version:
            fields.append(("version", _tex(e.version)))
        if e.published:
            fields.append(("date", e.published.isoformat()))
        if e.url:
            fields.append(("url", re.sub(r"[{}\\]", lambda m: f"%{ord(m[0]):02X}", e.url)))
        if e.accessed:
            fields.append(("urldate", e.accessed.isoformat()))
        if e.wanted:
            fields.append(("note", _tex(e.wanted)))
        if tongue := _LANGID.get(e.language):
            fields.append(("langid", tongue))
        other = "article" if paper else "online" if e.url else "misc"
        kind = {"data": "dataset", "software": "software", "study": "report"}.get(e.kind, other)
        out.append(f"@{kind}{{{name},\n" + "".join(f"  {k} = {{{v}}},\n" for k, v in fields) + "}\n")
    return "\n".join(out)


def csl_json(items: Iterable[Item], *, accessed: date | None = None, language: str = "zh") -> str:
    """Write CSL-JSON (for Zotero, pandoc): a list, each item once.

    Examples
    --------
    >>> page = Source("s", "共同声明", "新华社", "https://example.org/a", "zh", date(2023, 8, 18), "agency")
    >>> json.loads(csl_json([page]))[0]["issued"]
    {'date-parts': [[2023, 8, 18]]}
    """
    types = {"paper": "article-newspaper", "data": "dataset", "software": "software", "study": "report"}
    out = []
    for name, e in _exported(items, accessed, language):
        fields: dict[str, Any] = {"id": name, "type": types.get(e.kind, "webpage"), "title": e.title}
        if e.authors:
            fields["author"] = [{"literal": a} for a in e.authors]
        if e.container:
            fields["container-title"] = e.container
        for field, day in (("issued", e.published), ("accessed", e.accessed)):
            if day:
                fields[field] = {"date-parts": [[day.year, day.month, day.day]]}
        fields |= {
            k: v for k, v in (("version", e.version), ("URL", e.url), ("language", e.language), ("note", e.wanted)) if v
        }
        out.append(fields)
    return json.dumps(out, ensure_ascii=False, indent=1) + "\n"


def ris(items: Iterable[Item], *, accessed: date | None = None, language: str = "zh") -> str:
    r"""Write RIS records in UTF-8, each item once, lines ended by CR LF.

    A comma would part a name into family and given name: an author with a comma is written as publisher (``PB``).

    Examples
    --------
    >>> page = Source("s", "Facts", "Yale", "https://example.org/a", "en", None, "government")
    >>> ris([page]).split("\r\n")[:3]
    ['TY  - ELEC', 'ID  - s', 'TI  - Facts']
    """
    types = {"paper": "NEWS", "data": "DATA", "software": "COMP", "study": "RPRT"}
    lines = []
    for name, e in _exported(items, accessed, language):
        lines += [f"TY  - {types.get(e.kind, 'ELEC')}", f"ID  - {name}", f"TI  - {e.title}"]
        lines += [f"{'PB' if ',' in a else 'AU'}  - {a}" for a in e.authors]
        if e.container:
            lines.append(f"T2  - {e.container}")
        if e.published:
            lines += [f"PY  - {e.published.year:04d}", f"DA  - {e.published:%Y/%m/%d}"]
        lines += [
            f"{tag}  - {v}" for tag, v in (("ET", e.version), ("LA", e.language), ("N1", e.wanted), ("UR", e.url)) if v
        ]
        if e.accessed:
            lines.append(f"Y2  - {e.accessed:%Y/%m/%d}")
        lines += ["ER  - ", ""]
    return "".join(f"{line}\r\n" for line in lines)


# --- parts of an item ------------------------------------------------------------------------------------------------


def _rules(style: str) -> Mapping[str, str]:
    try:
        return _table()[0][style]
    except KeyError:
        raise BadCode(repr(style), "is not a style of notes", f"choose one of {', '.join(styles())}") from None


def _entry(item: Item, language: str, accessed: date | None, own_names: bool) -> _Entry:
    """Tell the parts of an item apart; with ``own_names`` a publisher by its listed name in the item's language."""
    if language not in ("zh", "en", "ja", "ko"):
        raise BadCode(repr(language), "is not a language of briefs", "choose zh, en, ja or ko")
    title = _line(item.title)
    if not title:
        raise BadRecord(repr(item.id), "has no title: it cannot be cited", "give it one in its table")
    tagged = "" if isinstance(item, Origin) else re.split(r"[-_]", item.language.strip().lower())[0]
    tongue = tagged or _language(title, language)
    if isinstance(item, Work):
        return _Entry(
            authors=tuple(filter(None, map(_line, item.authors))),
            title=title,
            short=_line(item.short) or title,
            container=_line(item.container),
            kind=item.kind,
            language=tongue,
            published=item.published,
            accessed=accessed if item.url else None,
            version=_line(item.version),
            url=item.url.strip(),
        )
    if isinstance(item, Origin):
        producer, _ = _named(_line(item.producer), tongue, own_names)
        address = _URL.search(item.citation) or _URL.search(item.note)
        return _Entry(
            authors=(producer,) if producer else (),
            title=title,
            short=title,
            container="",
            kind="data",
            language=tongue,
            published=None,
            accessed=_day(item.accessed) or accessed,
            version="" if ("", _line(item.version)) in _table()[1] else _line(item.version),
            url=address[0].rstrip(".,;") if address else "",
            wanted=_line(item.citation),
        )
    publisher, no_paper = _named(_line(item.publisher), tongue, own_names)
    kind = _TIERS.get(item.tier, "site")
    if kind == "paper" and no_paper:
        kind = "site"
    owner = kind == "institution"
    return _Entry(
        authors=(publisher,) if owner and publisher else (),
        title=title,
        short=title,
        container="" if owner else publisher,
        kind=kind,
        language=tongue,
        published=item.published,
        accessed=accessed if item.url else None,
        version="",
        url=item.url.strip(),
    )


def _once(items: Iterable[Item]) -> dict[str, Item]:
    """Give the items by key, each once, in the order of their first use."""
    out: dict[str, Item] = {}
    for item in items:
        out.setdefault(key(item), item)
    return out


def _exported(items: Iterable[Item], accessed: date | None, language: str) -> list[tuple[str, _Entry]]:
    return [(name, _entry(item, language, accessed, own_names=True)) for name, item in _once(items).items()]


def _named(name: str, language: str, own_names: bool) -> tuple[str, bool]:
    """Give a name as the item's language has it, and whether it is known to be no newspaper."""
    if ("", name) in _table()[1]:
        return "", True
    listed = _table()[1].get((language, name))
    if own_names and listed:
        return listed
    if not own_names and (language, name) in _english():
        english = _english()[language, name]
        return english, _table()[1].get((language, english), ("", False))[1]
    both = _BOTH_NAMES.match(name)
    if both and own_names and language in ("zh", "ja", "ko") and _script(both["outer"]) != _script(both["inner"]):
        return (both["inner"] if _script(both["inner"]) == "cjk" else both["outer"]).strip(), False
    return name, bool(listed and listed[1])


def _script(text: str) -> str:
    return "cjk" if _HAN.search(text) or _KANA.search(text) or _HANGUL.search(text) else "latin"


def _language(title: str, language: str) -> str:
    """Tell the language of a title by its script; Han alone is Chinese unless the brief is Japanese."""
    if _KANA.search(title):
        return "ja"
    if _HANGUL.search(title):
        return "ko"
    if _HAN.search(title):
        return "ja" if language == "ja" else "zh"
    return "en"


def _line(text: str) -> str:
    return " ".join(text.split())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _joined(parts: Iterable[Span | str]) -> tuple[Span, ...]:
    """Put runs together: neighbours of one kind become one, empty ones go."""
    out: list[Span] = []
    for part in parts:
        span = Span(part) if isinstance(part, str) else part
        if not span.text:
            continue
        if out and out[-1].italic == span.italic:
            out[-1] = Span(out[-1].text + span.text, span.italic)
        else:
            out.append(span)
    if out:
        out[-1] = Span(out[-1].text.rstrip(), out[-1].italic)
    return tuple(out)


def _listed(names: Sequence[str], most: str, kept: str, comma: str, last: str, others: str) -> str:
    """Write names; more than ``most`` of them: the first ``kept`` and the word for others."""
    if len(names) > int(most):
        return comma.join(names[: int(kept)]) + others
    if len(names) > 1 and last:
        return comma.join(names[:-1]) + (last if len(names) > 2 else last.lstrip(",")) + names[-1]
    return comma.join(names)


def _nested(text: str, outer: str, inner: str) -> str:
    """Write a title's own marks as inner marks."""
    return text.translate(str.maketrans(outer, inner))


def _marked(title: str, marks: str, inner: str) -> str:
    """Put marks around a title, once: a title that is one marked name as a whole gets no second pair."""
    if title.startswith(marks[0]) and title.find(marks[1]) == len(title) - 1 and title.count(marks[0]) == 1:
        return title
    return marks[0] + _nested(title, marks, inner) + marks[1]


def _quoted(title: str, point: str) -> str:
    """Put an English title into quotation marks, with the mark that follows inside."""
    text = title[:-1] if title.endswith(".") and not title.endswith("..") else title
    text = re.sub(r'"([^"]*)"', r"‘\1’", text).replace("“", "‘").replace("”", "’")
    text = re.sub(r"(?<=\w)'(?=\w|\s|$)", "’", text)
    close = "’" if text.endswith("’") and "‘" in text else ""  # a point goes within the inner marks too
    text = text.removesuffix(close)
    return f"“{text}{'' if point == '.' and text[-1:] in ('?', '!', '…') else point}{close}”"


def _parted(text: str) -> str:
    """End a part of a note with a semicolon, which stands outside quotation marks."""
    return (text[:-2] + "”" if text.endswith(".”") else text.removesuffix(".")) + ";"


def _circled(number: int) -> str:
    if 1 <= number <= 20:
        return chr(0x245F + number)
    if 21 <= number <= 35:
        return chr(0x3251 + number - 21)
    if 36 <= number <= 50:
        return chr(0x32B1 + number - 36)
    return f"[{number}]"


def _date(day: date, language: str) -> str:
    if language in ("zh", "ja"):
        return f"{day.year}年{day.month}月{day.day}日"
    if language == "ko":
        return f"{day.year}년 {day.month}월 {day.day}일"
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


# --- page notes of the journals --------------------------------------------------------------------------------------


def _journal(e: _Entry, rules: Mapping[str, str]) -> list[Span | str]:
    shape = {"zh": _journal_zh, "ja": _journal_ja, "ko": _journal_ko}.get(e.language, _journal_en)
    parts = shape(e, rules)
    if e.accessed and rules["access"] == "zh":
        comma = {"zh": "，", "ja": "、"}.get(e.language, ", ")
        end = f"{comma}访问时间：{_date(e.accessed, 'zh')}。"
    else:
        read = _date(e.accessed, e.language) if e.accessed else ""
        end = {
            "zh": f"，访问时间：{read}。" if read else "。",
            "ja": f"、{read}閲覧。" if read else "。",
            "ko": f" (검색일: {read})." if read else ".",
        }.get(e.language, f", accessed {read}." if read else ".")
    if plain(_joined(parts)).endswith("”"):  # the mark that follows stands inside the quotation
        end = end.lstrip(",.")
    return [*parts, end]


def _journal_zh(e: _Entry, rules: Mapping[str, str]) -> list[Span | str]:
    tail = []
    day = _date(e.published, "zh") if e.published else ""
    if e.container and e.kind == "paper" and _script(e.container) == "cjk":
        tail.append(f"{rules['in']}《{e.container}》" + (f"{rules['paper_day']}{day}" if day else ""))
    else:
        tail += [e.container, day]
    tail += [_version(e, "zh"), e.url]
    return ["，".join([_head_zh(e, rules, "："), *filter(None, tail)])]


def _head_zh(e: _Entry, rules: Mapping[str, str], colon: str, short: bool = False) -> str:
    who = _listed(e.authors, rules["most"], rules["kept"], "、", "", "等")
    title = e.title if not short else e.short
    return (f"{who}{colon}" if who else "") + _marked(title, "《》", "〈〉")


def _journal_ja(e: _Entry, rules: Mapping[str, str]) -> list[Span | str]:
    where = e.container
    if where and e.kind == "paper" and _script(where) == "cjk":
        where = f"『{where}』"
    day = _date(e.published, "ja") if e.published else ""
    head = _head_ja(e, rules) + where + ("、" if where and day and not where.endswith("』") else "") + day
    return ["、".join(filter(None, (head, _version(e, "ja"), e.url)))]


def _head_ja(e: _Entry, rules: Mapping[str, str], short: bool = False) -> str:
    who = _listed(e.authors, rules["most"], rules["kept"], "、", "", "ほか")
    return who + _marked(e.short if short else e.title, "「」", "『』")


def _journal_ko(e: _Entry, rules: Mapping[str, str]) -> list[Span | str]:
    where = e.container
    if where and e.kind == "paper" and _script(where) == "cjk":
        where = f"『{where}』"
    day = _date(e.published, "ko") if e.published else ""
    return [", ".join(filter(None, (_head_ko(e, rules), where, day, _version(e, "ko"), e.url)))]


def _head_ko(e: _Entry, rules: Mapping[str, str], short: bool = False) -> str:
    who = _listed(e.authors, rules["most"], rules["kept"], "·", "", " 외")
    return (f"{who}, " if who else "") + _marked(e.short if short else e.title, "「」", "『』")


def _journal_en(e: _Entry, rules: Mapping[str, str]) -> list[Span | str]:
    who = _listed(e.authors, rules["most"], rules["kept"], ", ", ", and ", " et al.")
    day = _date(e.published, "en") if e.published else ""
    where = e.container
    rest = [x for x in (_version(e, "en"), day, e.url) if x]
    head: list[Span | str] = [f"{who}, " if who else ""]
    if not where and not rest:
        return [*head, _quoted(e.title, "," if e.accessed else ".")]
    head += [_quoted(e.title, ","), " "]
    if where:
        italic = e.kind == "paper" or (rules["site_italic"] == "yes" and e.kind == "site")
        head += [Span(where, italic and _script(where) == "latin"), ", " if rest else ""]
    return [*head, ", ".join(rest)]


def _version(e: _Entry, language: str) -> str:
    if not e.version or e.kind != "software":
        return e.version
    return {"zh": f"{e.version}版", "ja": f"{e.version}版", "ko": f"{e.version}판"}.get(
        language, f"version {e.version}"
    )


def _journal_short(e: _Entry, rules: Mapping[str, str], same: bool) -> list[Span | str]:
    again = {"zh": "同上。", "ja": "同上。", "ko": ""}.get(e.language, "Ibid.")
    if same and rules["same"] == "yes" and again:
        return [again]
    if e.language == "zh":
        return [_head_zh(e, rules, rules["short"], short=True), "。"]
    if e.language == "ja":
        return [_head_ja(e, rules, short=True), "。"]
    if e.language == "ko":
        return [_head_ko(e, rules, short=True), "."]
    who = _listed(e.authors, rules["most"], rules["kept"], ", ", ", and ", " et al.")
    return [f"{who}, " if who else "", _quoted(e.short, ".")]


# --- GB/T 7714 -------------------------------------------------------------------------------------------------------


def _numeric(e: _Entry, rules: Mapping[str, str], first: bool, number: int | None) -> tuple[Span, ...]:
    head = f"[{number}] " if number is not None else ""
    if not first:
        if number is None:
            raise BadInput("a repeated citation", "has no number: GB/T 7714 repeats that of the entry", "give `number`")
        return (Span(head.strip()),)
    wide = rules["wide"] == "yes"
    comma, left, right = ("，", "（", "）") if wide else (", ", "(", ")")
    others = {"zh": "等", "ja": "ほか", "ko": "외"}.get(e.language, "et al")
    title = e.title if e.title.endswith("..") else e.title.removesuffix(".")
    who = _listed(e.authors, rules["most"], rules["kept"], comma, "", comma + others)
    day = e.published.isoformat() if e.published else ""
    read = f"[{e.accessed.isoformat()}]" if e.accessed and e.url else ""
    if e.kind == "paper" and day and e.container:
        read = read if rules["paper_access"] == "yes" else ""
        parts = [who, f"{title}[N{_OL if e.url else ''}]", f"{e.container}{comma}{day}{read}", e.url]
    else:
        mark = {"data": "DS", "software": "CP", "study": "R"}.get(e.kind, "EB" if e.url else "Z")
        dates = (f"{left}{day}{right}" if day else "") + read if e.url else day[:4]
        parts = [who or e.container, f"{title}[{mark}{_OL if e.url else ''}]", e.version, dates, e.url]
    return (Span(head + " ".join(p if p.endswith(".") and p != e.url else f"{p}." for p in parts if p)),)


# --- Chicago ---------------------------------------------------------------------------------------------------------


def _owner(e: _Entry) -> Span:
    """Give where it stands: a newspaper in italics, unless in an East Asian script; a site or an owner upright."""
    return Span(e.container, e.kind == "paper" and _script(e.container) == "latin")


def _chicago_dates(e: _Entry) -> str:
    """Give the day of publication; else the day of reading; else that there is none, unless a version stands for it."""
    if e.published:
        return _date(e.published, "en")
    return f"accessed {_date(e.accessed, 'en')}" if e.accessed else "" if e.version else "n.d."


def _chicago_note(e: _Entry, rules: Mapping[str, str]) -> list[Span | str]:
    who = _listed(e.authors, rules["most"], rules["kept"], ", ", ", and ", " et al.")
    owner = e.kind == "institution" and not e.container
    parts: list[Span | str] = ["" if owner or not who else f"{who}, ", _quoted(e.title, ","), " "]
    if owner and who:
        parts += [who, ", "]
    elif e.container:
        parts += [_owner(e), ", "]
    rest = [x for x in (_version(e, "en"), _chicago_dates(e), e.url) if x]
    return [*parts, ", ".join(rest), "" if rest[-1].endswith(".") and not e.url else "."]


def _chicago_short(e: _Entry, rules: Mapping[str, str]) -> list[Span | str]:
    who = _listed(e.authors, rules["most"], rules["kept"], ", ", ", and ", " et al.")
    return [f"{who}, " if who else "", _quoted(e.short, ".")]


def _chicago_entry(e: _Entry, rules: Mapping[str, str], suffix: str) -> list[Span | str]:
    who = _listed(e.authors, rules["listed_most"], rules["listed_kept"], ", ", ", and ", ", et al.")
    first: list[Span | str] = [who] if who else [_owner(e)] if e.container else []
    head = [*first, "" if plain(_joined(first)).endswith(".") else ".", " "] if first else []
    dates = _chicago_dates(e)
    year = []
    if rules["system"] == "author-date":
        year = [_year(e, suffix), ". "]
        dates = "" if dates == "n.d." else dates
    title: list[Span | str] = [_quoted(e.title, "."), " "]
    after: list[Span | str] = [_owner(e), ". "] if who and e.container else []
    if not head and year:
        head, title, year = [*title], [], year
    version = _version(e, "en").replace("version ", "Version ", 1) if e.kind == "software" else e.version
    tail = [t for t in (version, dates.replace("accessed", "Accessed"), e.url) if t]
    return [*head, *year, *title, *after, " ".join(t if t.endswith(".") and t != e.url else f"{t}." for t in tail)]


def _year(e: _Entry, suffix: str) -> str:
    if e.published:
        return f"{e.published.year}{suffix}"
    return f"n.d.-{suffix}" if suffix else "n.d"


def _year_in_text(e: _Entry, suffix: str) -> str:
    if e.published:
        return f" {e.published.year}{suffix}"
    return f", n.d.-{suffix}" if suffix else ", n.d."


def _authors_in_text(e: _Entry, rules: Mapping[str, str]) -> str:
    names = e.authors or ((e.container,) if e.container else ())
    if not names:  # by its title; the comma before "n.d." stands inside the marks
        return _quoted(e.short, "" if e.published else ",")
    return _listed(names, rules["most"], rules["kept"], ", ", ", and ", " et al.")


def _letters(items: Sequence[Item], rules: Mapping[str, str], language: str, accessed: date | None) -> dict[str, str]:
    """Give the letters that tell works of one author and year apart, by title; author-date only."""
    if rules["family"] != "chicago" or rules["system"] != "author-date":
        return {}
    groups: dict[tuple[str, int | None], dict[str, str]] = {}
    for item in items:
        e = _entry(item, language, accessed, own_names=False)
        group = (_authors_in_text(e, rules), e.published.year if e.published else None)
        groups.setdefault(group, {})[key(item)] = e.title
    out = {}
    for titles in groups.values():
        if len(titles) > 1:
            order = sorted(titles, key=lambda k: (titles[k].casefold(), k))
            out.update({name: _letter(at) for at, name in enumerate(order)})
    return out


def _letter(at: int) -> str:
    """Write 0, 1, ... 25, 26 as a, b, ... z, aa."""
    return (_letter(at // 26 - 1) if at >= 26 else "") + chr(ord("a") + at % 26)


# --- escaping --------------------------------------------------------------------------------------------------------

_LANGID: Mapping[str, str] = MappingProxyType(
    {
        **{"en": "english", "zh": "chinese", "ja": "japanese", "ko": "korean", "de": "german", "fr": "french"},
        **{"ru": "russian", "es": "spanish", "it": "italian", "id": "indonesian", "uk": "ukrainian", "pl": "polish"},
    }
)
_TEX: Mapping[int, str] = MappingProxyType(
    str.maketrans(
        {
            **{c: f"\\{c}" for c in "&%$#_"},
            **{"{": r"\textbraceleft{}", "}": r"\textbraceright{}", "\\": r"\textbackslash{}"},
            **{"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
        }
    )
)


def _tex(text: str) -> str:
    return text.translate(_TEX)

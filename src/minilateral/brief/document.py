"""The brief as one linear document: what Word and PDF are written from, the same blocks in both languages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from minilateral.audit import Audit, TrialTally
from minilateral.brief import citing
from minilateral.brief.compiling import Compiled, evaluate
from minilateral.brief.drawing import is_shown, part_name
from minilateral.brief.structure import PARTS, Part, findings_of
from minilateral.brief.tables import compared_of
from minilateral.brief.wording import label, percent
from minilateral.evidence import Holdings, Record, texts_of, wording
from minilateral.measure import Composition, Measured
from minilateral.phases import Dated
from minilateral.terms import (
    Alpha,
    CheckCount,
    Count,
    Difference,
    Estimated,
    Expression,
    FateCount,
    Inputs,
    MechanismCount,
    Minimum,
    Number,
    Occurrence,
    Ratio,
    Source,
    SourceCount,
    Sourced,
    Sum,
    TextCount,
    code_table,
)

#: How many rows of a statement its note names: the first, the last, and one between.
NAMED = 3
#: How many of the latest statements the table of words shows.
LATEST = 20


@dataclass(frozen=True, slots=True)
class Note:
    """A note: its text with its italics, and the addresses in it that are links."""

    spans: tuple[citing.Span, ...]
    links: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The note without italics."""
        return citing.plain(self.spans)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text; its note, if it has one, hangs on its end."""

    text: str
    bold: bool = False
    note: Note | None = None
    italic: bool = False


#: A paragraph, and the paragraphs in a cell of a table.
Runs = tuple[Run, ...]
Cell = tuple[Runs, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading. ``level``: 1 for a part, 2 within one; ``part``: the key of the part that it opens, if any."""

    level: int
    text: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. ``role``: kicker, title, stamp, lead, body, or source."""

    runs: Runs
    role: str = "body"
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullet:
    """One item of a list; ``statement`` is the id of the statement that it is, if any."""

    runs: Runs
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure by its name in `minilateral.brief.drawing.figures_of`, with caption and source line."""

    name: str
    caption: str
    source: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table. ``widths``: shares of the width of the text, which sum to 1. ``tight``: in small type.

    ``name``: as the page calls it.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    source: str
    tight: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class PageBreak:
    """A new page."""


Block = Heading | Paragraph | Bullet | Figure | Table | PageBreak


@dataclass(frozen=True, slots=True)
class Document:
    """A brief from first to last.

    Attributes
    ----------
    language : {'en', 'zh'}
    title : str
        Name of the group.
    subject : str
        The question.
    key : str
        Key of the group.
    as_of : str
        ISO day.
    version : str
        Of the package.
    blocks : tuple of Block
    """

    language: str
    title: str
    subject: str
    key: str
    as_of: str
    version: str
    blocks: tuple[Block, ...]

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes, in the order in which they are written."""
        return tuple(run.note for runs in paragraphs(self.blocks) for run in runs if run.note)


def paragraphs(blocks: Iterable[Block]) -> Iterator[Runs]:
    """Every paragraph of some blocks, those in tables too."""
    for block in blocks:
        if isinstance(block, Paragraph | Bullet):
            yield block.runs
        elif isinstance(block, Table):
            yield from (runs for row in block.rows for cell in row for runs in cell)


def pieces(text: str, links: Sequence[str]) -> list[tuple[str, bool]]:
    """Cut a text at the addresses in it: each piece, and whether it is one.

    Examples
    --------
    >>> pieces("see https://e.org.", ("https://e.org",))
    [('see ', False), ('https://e.org', True), ('.', False)]
    """
    if not links:
        return [(text, False)]
    longest = sorted(set(links), key=len, reverse=True)
    found = re.split("(" + "|".join(re.escape(link) for link in longest) + ")", text)
    return [(piece, n % 2 == 1) for n, piece in enumerate(found) if piece]


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads(files("minilateral.brief").joinpath("document.toml").read_text(encoding="utf-8"))


def words(name: str, language: str, **slots: object) -> str:
    """A text of document.toml, its slots filled.

    Examples
    --------
    >>> words("figure", "zh"), words("note_rows", "en", n=2, tables="data/acts.csv")
    ('图', 'Rows behind it: 2, in data/acts.csv.')
    """
    text: str = _words()["text"][name][language]
    return text.format(**slots) if slots else text


def likelihood(probability: float, language: str) -> str:
    """The word of ICD 203 for a probability in [0, 1]: Intelligence Community Directive 203 (2015), section D.6.

    A value on the border of two bands takes the lower one.

    Examples
    --------
    >>> likelihood(0.5, "en"), likelihood(0.97, "zh")
    ('roughly even chance', '几乎可以肯定')
    """
    band = next(b for b in _words()["likelihood"] if probability * 100 <= b["to"])
    text: str = band[language]
    return text


def one_way(tally: TrialTally) -> bool:
    """Whether no specification points against another: all of even chance or more, or all of even chance or less."""
    even = (0.45, 0.55)  # the band of roughly even chance
    return tally.least is not None and tally.most is not None and (tally.least > even[0] or tally.most <= even[1])


def confidence(tally: TrialTally) -> str:
    """How far a probability can be relied on: a thing apart from the probability.

    ``high`` where every specification could be worked out and all fall into one band of `likelihood`; ``moderate``
    where at least half could be worked out and all point one way; else ``low``. The rule is this package's own.
    """
    if tally.least is None or tally.most is None or 2 * tally.reached < tally.specifications or not one_way(tally):
        return "low"
    one_band = likelihood(tally.least, "en") == likelihood(tally.most, "en")
    return "high" if tally.reached == tally.specifications and one_band else "moderate"


def judged(tally: TrialTally | None, language: str) -> tuple[str, str] | None:
    """Likelihood and confidence of a claim, each in a sentence of its own; None where there is no probability."""
    if tally is None or tally.least is None or tally.most is None:
        return None
    least, most = f"{tally.least:.2f}", f"{tally.most:.2f}"
    low, high = likelihood(tally.least, language), likelihood(tally.most, language)
    if low == high:
        said = words("likelihood_one", language, word=low, p=least if least == most else f"{least}–{most}")
    else:
        said = words("likelihood_range", language, low=low, high=high, least=least, most=most)
    level = words(f"confidence_{confidence(tally)}", language)
    how = words("one_way" if one_way(tally) else "both_ways", language)
    counted = {"reached": tally.reached, "n": tally.specifications}
    return said, words("confidence_said", language, level=level, how=how, **counted)


#: The style of the notes, by the language of the text: of the Chinese journal of the study, and Chicago's.
NOTES = {"zh": citing.DEFAULT, "en": "chicago-18-notes"}


def titled(source: Source) -> Source:
    """A source that can be cited: without a title it goes by its publisher, else by its address.

    Examples
    --------
    >>> titled(Source("x", "", "Cabinet Office", "https://e.org", "en", None, "government")).title
    'Cabinet Office'
    """
    return source if source.title else replace(source, title=source.publisher or source.url)


def ledger_of(compiled: Iterable[Compiled], record: Record, language: str, style: str = "") -> citing.Ledger:
    """What writes the notes of a document in their order: full at first, then in the short form of the style.

    Parameters
    ----------
    compiled : iterable of Compiled
        The statements of the document.
    record : Record
    language : {'zh', 'en'}
        Of the text. A note is in the language of its source.
    style : str
        One of `minilateral.brief.citing.styles`; by default that of `NOTES`.
    """
    sources = [titled(s) for s in sources_named(compiled, record)]
    return citing.Ledger(sources, style or NOTES[language], language, accessed=citing.read_on(record))


def best_source(record: Record, occurrence: str) -> Source | None:
    """The source of an occurrence to name: by tier (government, agency, newspaper, then the others, copies and the
    study itself last), then the one published nearest to the occurrence, one without a day of publication last.
    """
    item: Occurrence = record.occurrences[occurrence]
    tiers = code_table().codes("tier")

    def rank(source: Source) -> tuple[int, bool, int, str]:
        day = source.published
        away = 0 if day is None else max((item.happened.start - day).days, (day - item.happened.last).days, 0)
        return tiers.index(source.tier), day is None, away, source.id

    return min(record.sources_of(occurrence), key=rank, default=None)


def named_rows(rows: Sequence[str]) -> tuple[str, ...]:
    """Up to three rows: the first, one between, the last.

    Examples
    --------
    >>> named_rows(("a", "b", "c", "d", "e"))
    ('a', 'c', 'e')
    """
    if len(rows) <= NAMED:
        return tuple(rows)
    return rows[0], rows[len(rows) // 2], rows[-1]


_BEHIND: tuple[tuple[tuple[type, ...], str], ...] = (
    ((FateCount,), "fates"),
    ((Alpha, TextCount), "text_codes"),
    ((MechanismCount,), "sessions"),
    ((Sourced, SourceCount), "evidence"),
    ((CheckCount,), "reviews"),
)


def _parts(expression: Expression) -> Iterator[Expression]:
    """An expression and all that it is made of."""
    yield expression
    if isinstance(expression, Ratio):
        inner: tuple[Expression, ...] = (expression.part, expression.whole)
    elif isinstance(expression, Difference):
        inner = (expression.minuend, expression.subtrahend)
    elif isinstance(expression, Sum | Minimum):
        inner = expression.terms
    else:
        inner = ()
    for each in inner:
        yield from _parts(each)


def _tables(names: Iterable[str], language: str) -> str:
    return ("、" if language == "zh" else ", ").join(f"data/{n}.csv" for n in dict.fromkeys(names))


def note_of(compiled: Compiled, record: Record, language: str, ledger: citing.Ledger) -> Note:
    """The one note of a statement: up to three rows by their best source, how many rows there are, their table.

    A source that ``ledger`` has cited before is in the short form of the style.
    """
    made = _made_of(compiled)
    estimated = [e.table for e in made if isinstance(e, Estimated)]
    beside = [name for kinds, name in _BEHIND if any(isinstance(e, kinds) for e in made)]
    rows, counts = compiled.all_rows, _counts(compiled)
    sources = sources_of(compiled, record)
    said = list(ledger.notes(map(titled, sources)))

    def add(name: str, **slots: object) -> None:
        said.append((citing.Span(words(name, language, **slots)),))

    if estimated:
        add("note_estimate", tables=_tables(estimated, language))
    if rows:
        add("note_rows", n=f"{len(rows):,}", tables=_tables(["acts", *beside], language))
    if counts:
        where = ["tallies" if i in record.tallies else "numbering" for i in counts]
        add("note_counts", n=len(counts), tables=_tables(where, language))
    if not rows and not counts:
        add("note_none", tables=_tables(["acts", *beside], language))
    # a note in another language ends in a point: after it stands a space, which the Chinese full stop needs none of
    gaps = ["" if citing.plain(part).endswith("。") else " " for part in said[:-1]] + [""]
    spans = [span for part, gap in zip(said, gaps, strict=True) for span in (*part, citing.Span(gap)) if span.text]
    text = citing.plain(spans)
    return Note(tuple(spans), tuple(s.url for s in sources if s.url and s.url in text))


def _made_of(compiled: Compiled) -> list[Expression]:
    """All that the numbers of a statement are made of."""
    return [part for s in compiled.statement.slots.values() if isinstance(s, Number) for part in _parts(s.how)]


def _counts(compiled: Compiled) -> list[str]:
    """The official numbers that a statement rests on, each once."""
    return list(dict.fromkeys(i for ids in compiled.numberings.values() for i in ids))


def sources_of(compiled: Compiled, record: Record) -> tuple[Source, ...]:
    """The sources that the note of a statement names: none where a number is an estimate, which names its table."""
    if any(isinstance(e, Estimated) for e in _made_of(compiled)):
        return ()
    rows = sorted(compiled.all_rows, key=lambda i: (record.occurrences[i].happened, i))
    found = [best_source(record, i) for i in named_rows(rows)]
    if not rows:
        found = [
            record.sources.get((record.numbering.get(i) or record.tallies[i]).source)
            for i in named_rows(_counts(compiled))
        ]
    return tuple(dict.fromkeys(s for s in found if s is not None))


def sources_named(compiled: Iterable[Compiled], record: Record) -> tuple[Source, ...]:
    """Every source that a note of these statements names, by publisher and title."""
    found = {s.id: s for each in compiled for s in sources_of(each, record)}
    return tuple(sorted(found.values(), key=lambda s: (s.publisher.casefold(), s.title, s.id)))


def _plain(text: str, bold: bool = False) -> Cell:
    return ((Run(text, bold),),)


@dataclass(frozen=True, slots=True)
class _Writer:
    """What every part of one document needs to know; each method is a part and gives its blocks."""

    inputs: Inputs
    compiled: Sequence[Compiled]
    language: str
    release: str
    ledger: citing.Ledger
    figures: Collection[str] | None = None

    @property
    def holdings(self) -> Holdings:
        return self.inputs.get(Holdings)

    @property
    def record(self) -> Record:
        return self.holdings.record

    @property
    def audit(self) -> Audit:
        return self.inputs.get(Audit)

    @property
    def composition(self) -> Composition:
        return self.inputs.get(Composition)

    @property
    def measured(self) -> Measured:
        return self.inputs.get(Measured)

    @property
    def zh(self) -> bool:
        return self.language == "zh"

    def label(self, key: str) -> str:
        return label(key, self.language)

    def words(self, name: str, **slots: object) -> str:
        return words(name, self.language, **slots)

    def code(self, field: str, value: str) -> str:
        return code_table().name(field, value, self.language) if value else ""

    def lead(self, key: str) -> Paragraph:
        return Paragraph((Run(self.label(key)),), "lead")

    def section(self, *names: str) -> list[Compiled]:
        return [c for name in names for c in self.compiled if c.statement.section == name]

    def runs(self, each: Compiled) -> Runs:
        return (Run(each.text(self.language), note=note_of(each, self.record, self.language, self.ledger)),)

    def said(self, *names: str) -> list[Block]:
        return [Bullet(self.runs(c), c.statement.id) for c in self.section(*names)]

    def source(self, table: str) -> str:
        day = self.inputs.study.as_of.isoformat()
        return self.words("source_line", version=self.release, as_of=day, table=f"data/{table}.csv")

    def figure(self, name: str, key: str, table: str, there: bool = True) -> list[Block]:
        drawn = there and (self.figures is None or name in self.figures)
        return [Figure(name, self.label(key), self.source(table))] if drawn else []

    def plain(self, part: Part) -> list[Block]:
        """A part without a layout of its own: its sections one after the other, each with what is there of it."""
        found: list[Block] = []
        for section in part.sections:
            made = self.said(section.key)
            for d in section.drawings:
                made += self.figure(d.name, d.caption, d.table, bool(made))
            made += [table for name in section.tables if (table := TABLES[name](self)) is not None]
            if made:
                found += [Heading(2, self.label(section.heading))] if section.heading else []
                found += [self.lead(section.lead)] if section.lead else []
                found += made
        return [Heading(1, self.label(part.heading)), *found] if found else []

    def top(self) -> list[Block]:
        study = self.inputs.study
        name = study.group.name(self.language)
        stamp = self.words("stamp", as_of=study.as_of.isoformat(), version=self.release, key=study.group.key)
        found: list[Block] = [
            Paragraph((Run(self.label("title")),), "kicker"),
            Paragraph((Run(name[:1].upper() + name[1:]),), "title"),
            Paragraph((Run(stamp),), "stamp"),
        ]
        findings = findings_of(self.compiled)
        if findings:
            found.append(Heading(1, self.label("findings")))
            found += [Bullet(self.runs(c), c.statement.id) for c in findings]
        return found

    def argument(self) -> list[Block]:
        if not self.inputs.has(Audit):
            return []
        if not self.audit.claims:
            return [Heading(1, self.label("argument")), self.lead("argument_none")]
        verdicts = {v.claim: v.verdict for v in self.audit.verdicts}
        rows = []
        for claim in self.audit.claims:
            text, where = (claim.claim_zh, claim.location_zh) if self.zh else (claim.claim_en, claim.location_en)
            phrase = claim.phrase_zh if self.zh else claim.phrase_en or claim.phrase_zh
            note = Note((citing.Span(self.words("claim_note", location=where, phrase=phrase)),))
            verdict = [(Run(self.code("verdict", verdicts[claim.id]), bold=True),)]
            if claim.due:
                gap = "" if self.zh else " "
                verdict.append((Run(f"{self.label('due')}{gap}{claim.due.isoformat()}"),))
            so_far = tuple(self.runs(c) for c in self.section(claim.id)) or _plain("–")
            rows.append((((Run(f"{claim.id} ", bold=True), Run(text, note=note)),), tuple(verdict), so_far))
        head = (self.label("claim"), self.words("verdict"), self.label("so_far"))
        caption, widths = self.words("verdicts"), (0.33, 0.15, 0.52)
        table = Table(caption, head, tuple(rows), widths, self.source("claims"), True, "verdicts")
        figure = self.figure("argument", "argument", "claims")
        return [Heading(1, self.label("argument")), self.lead("argument_lead"), *figure, table]

    def history(self) -> list[Block]:
        found: list[Block] = [Heading(1, self.words("history"))]
        found += self.figure("timeline", "record", "acts")
        dated = self.inputs.get(Dated).found
        if self.section("phases") or dated is not None:
            found += [Heading(2, self.label("phases")), self.lead("phases_lead")]
            # sentences first: the figure fills a page, and would leave the one before half empty
            found += self.said("phases")
            found += self.figure("phases", "phases", "phases", dated is not None)
        return found if len(found) > 1 else []

    def parts(self) -> list[Block]:
        if not self.inputs.has(Composition):
            return []
        triad = len(self.inputs.study.group) > 2
        key = "parts" if triad else "parts_one"
        found: list[Block] = [Heading(1, self.label(key)), self.lead("parts_lead"), *self.said("parts")]
        found += self.figure("years", "figure_years", "cells")
        found += self.figure("pairs", "figure_pairs", "acts", bool(self.measured.windows))
        found.append(self._levels(triad))
        if self.section("shares"):
            found += [self.lead("shares_lead"), *self.said("shares")]
        return found

    def _levels(self, triad: bool) -> Table:
        columns = [p for p in self.composition.parts if is_shown(p, self.composition)]
        shares = {s["level"]: s for s in self.composition.shares if s["bin"] == "all"}
        rows = []
        for level in (*code_table().codes("level"), ""):
            values = [evaluate(Count(p.select(direction="cooperative", level=level)), self.record)[0] for p in columns]
            if not any(values):
                continue
            name = self.code("level", level) if level else self.label("total")
            cells = [_plain(name, bold=not level), *(_plain(f"{v:,.0f}" if v else "–", not level) for v in values)]
            if triad:
                share = shares.get(level)
                if share and share["share"] is not None:
                    interval = f"{share['low'] * 100:.0f}–{percent(share['high'])}"
                    cells += [_plain(percent(share["share"])), _plain(interval)]
                else:
                    cells += [_plain("–"), _plain("–")]
            rows.append(tuple(cells))
        head = [self.label("level"), *(part_name(p, self.language) for p in columns)]
        head += [self.label("share"), self.label("interval")] if triad else []
        first = 0.22 if len(head) > 3 else 0.5
        widths = (first, *((1 - first) / (len(head) - 1) for _ in head[1:]))
        return Table(self.words("levels"), tuple(head), tuple(rows), widths, self.source("cells"), True, "levels")

    def practice(self) -> list[Block]:
        board = self.measured.board
        if not board.standings and not self.section("dashboard", "promises"):
            return []
        found: list[Block] = [Heading(1, self.label("practice")), self.lead("practice_lead"), *self.said("dashboard")]
        if board.standings:
            found += self.figure("dashboard", "figure_dashboard", "dashboard")
        if self.section("promises"):
            found += [Heading(2, self.label("promises")), self.lead("promises_lead"), *self.said("promises")]
        if board.standings:
            # the table first: the figure fills a page, and would leave the heading alone on the one before
            found += [Heading(2, self.label("mechanisms")), self.lead("mechanisms_lead"), self._standings()]
            found += self.figure("mechanisms", "mechanisms", "mechanism_standings")
        return found

    def _standings(self) -> Table:
        rows = []
        for s in self.measured.board.standings:
            days = [d.strftime("%Y-%m") for d in (s.next_low, s.next_high) if d]
            again = "–" if s.p_alive is None else f"{s.p_alive:.2f} ({s.low:.2f}–{s.high:.2f})"
            rows.append(
                (
                    _plain(self.record.mechanisms[s.id].name(self.language)),
                    _plain(self.code("standing", s.state)),
                    _plain(again),
                    _plain("–" if s.p_alive is None else s.at.isoformat()),
                    _plain(s.last.isoformat() if s.last else "–"),
                    _plain(" – ".join(days) if len(days) == 2 else "–"),
                )
            )
        keys = ("mechanism", "standing", "meets_again", "holds_on", "last_session", "next_session")
        head = tuple(self.label(k) for k in keys)
        widths = (0.3, 0.13, 0.16, 0.125, 0.125, 0.16)
        source = self.source("mechanism_standings")
        return Table(self.words("mechanisms"), head, tuple(rows), widths, source, True, "standings")

    def dimensions(self) -> list[Block]:
        found: list[Block] = []
        if self.section("dimensions") or self.measured.dimensions is not None:
            found += [self.lead("dimensions_lead"), *self.said("dimensions")]
            found += self.figure("dimensions", "dimensions", "dimensions", self.measured.dimensions is not None)
        if self.section("quasi") or self.measured.quasi:
            found += [Heading(2, self.label("quasi")), self.lead("quasi_lead"), *self.said("quasi")]
            found += self.figure("quasi", "quasi", "quasi_alliance", bool(self.measured.quasi))
        if self.measured.dimensions is not None and not compared_of(self.inputs)[0].refused:
            found += [Heading(2, self.label("figure_comparison")), self.lead("comparison_lead")]
            found += self.figure("comparison", "figure_comparison", "comparison")
        return [Heading(1, self.label("dimensions")), *found] if found else []

    def statements(self) -> list[Block]:
        targets = code_table().codes("target")
        table = []
        for text in texts_of(self.record, self.inputs.study.group.members):
            said = wording(self.record, text.id)
            if not any(w.a or w.b for w in said):
                continue
            when = self.record.occurrences[text.occurrence].happened
            title = text.title_zh or text.title_en if self.zh else text.title_en
            cells = [_plain(self._verb(w.verb, w.manner)) for w in said]
            first = ((Run(when.format(self.language), bold=True),), (Run(title),))
            table.append((when, (first, *cells)))
        if not table:
            return []
        table.sort(key=lambda row: row[0])
        rows = tuple(cells for _, cells in table[-LATEST:])
        caption = self.words("words_latest", shown=len(rows), n=len(table), table="data/text_codes.csv")
        head = (self.label("statement"), *(self.code("target", t) for t in targets))
        widths = (0.34, *(0.66 / len(targets) for _ in targets))
        found = Table(caption, head, rows, widths, self.source("text_codes"), True, "words")
        figure = self.figure("wording", "figure_wording", "text_codes")
        return [Heading(1, self.label("words")), self.lead("words_lead"), *self.said("words"), *figure, found]

    def _verb(self, verb: str, manner: str) -> str:
        if verb == "absent":
            return "·"
        if not verb or verb == "not_seen":
            return ""
        name = self.code("verb", verb)
        if manner != "implied":
            return name
        return f"{name}（{self.code('manner', manner)}）" if self.zh else f"{name} ({self.code('manner', manner)})"

    def coverage(self) -> list[Block]:
        found: list[Block] = [Heading(1, self.label("coverage")), self.lead("coverage_lead"), *self.said("coverage")]
        if self.section("recall") or self.holdings.recalls:
            found.append(Heading(2, self.label("figure_recall")))
            found += self.figure("recall", "figure_recall", "recall", bool(self.holdings.recalls))
            found += self.said("recall")
        return found

    def method(self) -> list[Block]:
        keys = ["cell_states", "bounds_lead", "naming"]
        if len(self.inputs.study.group) > 2:
            keys.insert(1, "shares_lead")
        found: list[Block] = [Heading(1, self.words("method")), *(self.lead(k) for k in keys)]
        for key in ("method_checked", "method_unseen", *(["likelihood_key"] if self.audit.claims else [])):
            found.append(Paragraph((Run(self.words(key)),), "lead"))
        found.append(Paragraph((Run(self.words("method_cards")),)))
        gap = "：" if self.zh else ": "
        for card, name in _words()["card"].items():
            found.append(Bullet((Run(f"{name[self.language]}{gap}{card}.md"),)))
        return found

    def citing(self) -> list[Block]:
        study = self.inputs.study
        cited = self.words(
            "cite",
            version=self.release,
            group=study.group.name(self.language),
            as_of=study.as_of.isoformat(),
            seed=study.seed,
        )
        found: list[Block] = [Heading(1, self.words("how_to_cite")), Paragraph((Run(cited),))]
        origins = list(self.record.origins.values())
        if origins:
            found.append(Heading(2, self.words("origins")))
            found += [
                Bullet((Run(f"{o.citation}. {o.title}, {o.version}; {o.licence}; {o.accessed}."),)) for o in origins
            ]
        return found

    def sources(self) -> list[Block]:
        named = sources_named(self.compiled, self.record)
        if not named:
            return []
        lead = self.words("sources_lead", shown=len(named), table="data/sources.csv")
        found: list[Block] = [Heading(1, self.label("sources")), Paragraph((Run(lead),), "lead")]
        for tier in code_table().codes("tier"):
            of = [s for s in named if s.tier == tier]
            if of:
                found.append(Heading(2, self.code("tier", tier).capitalize()))
                entries = [(s, self.ledger.reference(titled(s))) for s in of]
                if self.ledger.sorted:
                    entries.sort(key=lambda entry: citing.sorting(entry[1]))
                found += [
                    Paragraph(
                        tuple(Run(span.text, italic=span.italic) for span in entry),
                        "source",
                        (s.url,) if s.url else (),
                    )
                    for s, entry in entries
                ]
        return found


#: Tables of parts without a layout of their own, by name: each gives its table in the language of the writer, or none.
TABLES: dict[str, Callable[[_Writer], Table | None]] = {}


def _opened(part: Part, blocks: list[Block]) -> list[Block]:
    """Its blocks, the first heading carrying the key of the part."""
    for at, block in enumerate(blocks):
        if isinstance(block, Heading) and block.level == 1:
            return [*blocks[:at], Heading(1, block.text, part.key), *blocks[at + 1 :]]
    return blocks


def references(blocks: Iterable[Block], language: str) -> dict[tuple[str, str], str]:
    """The figures and tables by kind and name, each as the text refers to it: ``Figure 2``, ``表1``."""
    numbers = {"figure": 0, "table": 0}
    found = {}
    for block in blocks:
        if isinstance(block, Figure | Table):
            kind = "figure" if isinstance(block, Figure) else "table"
            numbers[kind] += 1
            name = block.name or str(numbers[kind])
            found[kind, name] = words("reference", language, kind=words(kind, language), n=numbers[kind])
    return found


def _referred(blocks: list[Block], language: str) -> Iterator[Block]:
    """The blocks, the lead under each heading naming the figures and tables that follow before the next heading."""
    named = iter(references(blocks, language).values())
    starts = [n for n, b in enumerate(blocks) if isinstance(b, Heading)]
    yield from blocks[: starts[0] if starts else len(blocks)]
    for start, end in zip(starts, [*starts[1:], len(blocks)], strict=True):
        yield blocks[start]
        inside = blocks[start + 1 : end]
        shown = [next(named) for b in inside if isinstance(b, Figure | Table)]
        if shown:
            *most, last = shown
            joined = f"{words('reference_comma', language).join(most)}{words('reference_and', language)}{last}"
            see = words("see", language, what=joined if most else last)
            first = inside[0]
            if isinstance(first, Paragraph):
                gap = "" if language == "zh" else " "
                inside[0] = replace(first, runs=(*first.runs, Run(gap + see)))
            else:
                inside.insert(0, Paragraph((Run(see),), "lead"))
        yield from inside


def document_of(
    inputs: Inputs,
    compiled: Sequence[Compiled],
    language: str,
    release: str = "",
    notes: str = "",
    figures: Collection[str] | None = None,
    parts: tuple[Part, ...] = PARTS,
) -> Document:
    """Put a compiled study into one linear document.

    Parameters
    ----------
    inputs : Inputs
        The results of the rooms.
    compiled : sequence of Compiled
    language : {'zh', 'en'}
    release : str
        Version of the package; by default the installed one.
    notes : str
        Style of the notes, one of `minilateral.brief.citing.styles`; by default that of `NOTES` for the language.
    figures : collection of str, optional
        Names of the figures that were drawn; others are left out. By default all are taken to be there.
    parts : tuple of Part
        The order; by default that of every brief.

    Returns
    -------
    Document
        With the same blocks and notes in both languages. What a study lacks leaves no heading behind.
    """
    ledger = ledger_of(compiled, inputs.get(Holdings).record, language, notes)
    writer = _Writer(inputs, compiled, language, release or version("minilateral"), ledger, figures)
    own: dict[str, Callable[[], list[Block]]] = {
        "findings": writer.top,
        "argument": writer.argument,
        "record": writer.history,
        "parts": writer.parts,
        "practice": writer.practice,
        "dimensions": writer.dimensions,
        "words": writer.statements,
        "coverage": writer.coverage,
        "method": writer.method,
        "cite": writer.citing,
        "sources": writer.sources,
    }
    blocks: list[Block] = []
    for part in parts:
        blocks += _opened(part, own[part.key]() if part.key in own else writer.plain(part))
    study = inputs.study
    name = study.group.name(language)
    return Document(
        language,
        name[:1].upper() + name[1:],
        label("title", language),
        study.group.key,
        study.as_of.isoformat(),
        writer.release,
        tuple(_referred(blocks, language)),
    )

"""The page: one self-contained HTML file in both languages, in which every number opens its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from minilateral.audit import Audit
from minilateral.audit.claims import STAGES
from minilateral.brief.compiling import Compiled, evaluate
from minilateral.brief.describing import describe
from minilateral.brief.document import Bullet, Document, Figure, Heading, Paragraph, Run, Table, references, words
from minilateral.brief.drawing import is_shown
from minilateral.brief.structure import PARTS, Part, findings_of
from minilateral.brief.wording import LANGUAGES, label, percent
from minilateral.evidence import Bounds, Holdings, Record, fates, texts_of, wording
from minilateral.measure import Composition, Measured, share_expression
from minilateral.terms import (
    Count,
    Expression,
    Group,
    Inputs,
    Interval,
    Number,
    Selection,
    actor_register,
    code_table,
)

#: Tables that the page alone has, in order, with the labels of their captions.
PAGE_TABLES = {"promises": "promises_table", "bounds": "bounds"}
#: Parts that the page lays out itself; the others are written as in the documents.
OWN_LAYOUT = ("findings", "argument", "record", "parts", "practice", "dimensions", "words", "coverage", "sources")


@dataclass(frozen=True)
class Index:
    """Short numbers for the rows of the page, so that a number can name hundreds of them."""

    rows: Mapping[str, int]

    def short(self, ids: Iterable[str]) -> str:
        """Ids as ranges of row numbers: ``0-2,7``."""
        numbers = sorted({self.rows[i] for i in ids if i in self.rows})
        spans: list[list[int]] = []
        for n in numbers:
            if spans and n == spans[-1][1] + 1:
                spans[-1][1] = n
            else:
                spans.append([n, n])
        return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def both(key: str) -> Markup:
    """A label in both languages; the page shows one."""
    return two(label(key, "en"), label(key, "zh"))


def two(en: str, zh: str) -> Markup:
    """A text in both languages."""
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(en, zh)


def code(field: str, value: str) -> Markup:
    """A code in both languages."""
    table = code_table()
    return two(table.name(field, value, "en"), table.name(field, value, "zh")) if value else Markup("")


def number(text: str, rows: Sequence[str], numberings: Sequence[str], how: str, index: Index, record: Record) -> Markup:
    """A number that opens its rows."""
    if not rows and not numberings:
        return Markup('<span class="num dead" title="{}">{}</span>').format(how, text)
    target = f"#act-{rows[0]}" if rows else "#recall"
    basis = "; ".join(_basis(record, n) for n in dict.fromkeys(numberings))
    return Markup('<a class="num" href="{}" data-r="{}" data-n="{}" data-how="{}">{}</a>').format(
        target, index.short(rows), basis, how, text
    )


def _basis(record: Record, identifier: str) -> str:
    """An official number, or a government's count over a span, with its words and its source."""
    if identifier in record.tallies:
        tally = record.tallies[identifier]
        what, basis, source = f"{tally.mechanism}: {tally.counted} ({tally.happened})", tally.basis, tally.source
    else:
        row = record.numbering[identifier]
        what, basis, source = f"{row.mechanism} {row.ordinal} ({row.happened})", row.basis, row.source
    return f"{what}: “{basis}” {_source_text(record, source)}"


def _source_text(record: Record, source_id: str) -> str:
    source = record.sources[source_id]
    return (
        f"[{source.publisher}: {source.title}. {source.url}]" if source.url else f"[{source.publisher}: {source.title}]"
    )


def sentence(compiled: Compiled, index: Index, record: Record) -> Markup:
    """A statement in both languages, its numbers and dates as links."""
    made = Markup("")
    for language in LANGUAGES:
        inner = Markup("")
        for piece in compiled.pieces(language):
            slot = compiled.statement.slots.get(piece.slot)
            if isinstance(slot, Number | Interval):
                inner += number(
                    piece.text,
                    compiled.rows[piece.slot],
                    compiled.numberings[piece.slot],
                    describe(slot.how, record, language),
                    index,
                    record,
                )
            elif piece.slot and compiled.rows[piece.slot]:
                inner += Markup('<a class="row" href="#act-{}">{}</a>').format(compiled.rows[piece.slot][0], piece.text)
            else:
                inner += escape(piece.text)
        made += Markup('<span lang="{}">{}</span>').format(language, inner)
    return made


def counted(expression: Expression, index: Index, record: Record, text: str = "") -> Markup:
    """An expression worked out and shown as a number that opens its rows."""
    value, rows, numberings = evaluate(expression, record)
    shown = text or f"{value:,.0f}"
    made = Markup("")
    for language in LANGUAGES:
        made += Markup('<span lang="{}">{}</span>').format(
            language, number(shown, rows, numberings, describe(expression, record, language), index, record)
        )
    return made


def row_of(record: Record, i: str, act: bool) -> dict[str, Any]:
    """What the page shows of one occurrence."""
    item = record.occurrences[i]
    register = actor_register()
    return {
        "id": i,
        "own": i in record.own,
        "corrections": [c for c in record.corrections if c["corrects"] == i],
        "act": act,
        "item": item,
        "date": two(item.happened.format("en"), item.happened.format("zh")),
        "who": two(_names(item.participants, "en"), _names(item.participants, "zh")),
        "outsiders": two(
            ", ".join(register[a].name("en") for a in item.outsiders),
            "、".join(register[a].name("zh") for a in item.outsiders),
        )
        if item.outsiders
        else "",
        "summary": two(item.summary_en, item.summary_zh),
        "place": two(item.place_en, item.place_zh or item.place_en) if item.place_en else "",
        "links": [(link, record.sources[link.source]) for link in record.evidence_of(i)],
        "outputs": [o for o in record.outputs if o.occurrence == i],
        "commitments": [c for c in record.commitments if c.occurrence == i],
        "sessions": [(record.mechanisms[s.mechanism], s.ordinal) for s in record.sessions if s.occurrence == i],
        "known": two(
            f"{item.known.isoformat()}" + (f" ({label('proxy', 'en')})" if item.known_basis == "proxy" else ""),
            f"{item.known.isoformat()}" + (f"（{label('proxy', 'zh')}）" if item.known_basis == "proxy" else ""),
        ),
    }


def _names(members: Sequence[str], language: str) -> str:
    if len(members) > 1:
        return Group(tuple(members)).name(language)
    return actor_register()[members[0]].name(language)


def level_table(composition: Composition, record: Record, index: Index) -> list[list[Any]]:
    """Cooperative acts by level and part over the whole time, and the joint share: numbers that open their rows."""
    shares = {s["level"]: _share(composition, s, record, index) for s in composition.shares if s["bin"] == "all"}
    columns = [p for p in composition.parts if is_shown(p, composition)]
    table = []
    for level in (*code_table().codes("level"), ""):
        counts = [Count(p.select(direction="cooperative", level=level)) for p in columns]
        values = [evaluate(c, record)[0] for c in counts]
        if not any(values):
            continue
        share = shares.get(level)
        table.append(
            [
                code("level", level) if level else both("total"),
                [
                    counted(c, index, record) if v else Markup('<span class="none">–</span>')
                    for c, v in zip(counts, values, strict=True)
                ],
                share,
            ]
        )
    return table


def _share(composition: Composition, share: dict[str, Any], record: Record, index: Index) -> dict[str, Any]:
    """A joint share and its interval as numbers that open their rows; empty where there were too few acts."""
    if share["share"] is None:
        return {"share": None}
    ratio = share_expression(composition.parts, share["level"])
    return {
        "share": counted(ratio, index, record, percent(share["share"])),
        "interval": counted(ratio, index, record, f"{share['low'] * 100:.0f}–{percent(share['high'])}"),
    }


def bounds_table(holdings: Holdings, index: Index) -> tuple[list[str], list[dict[str, Any]]]:
    """The latest bins of the mechanisms with official numbers: seen, bounded, true 0, not applicable."""
    record = holdings.record
    names = list(dict.fromkeys(b.label for b in holdings.bounds))[-14:]
    table = []
    for recall in holdings.recalls:
        cells = [
            _bound(b, record, index) for b in holdings.bounds if b.mechanism == recall.mechanism and b.label in names
        ]
        mechanism = record.mechanisms[recall.mechanism]
        table.append({"name": two(mechanism.name_en, mechanism.name_zh), "cells": cells})
    return names, table


def _bound(bound: Bounds, record: Record, index: Index) -> dict[str, Any]:
    if bound.state == "not_applicable":
        return {"state": bound.state, "text": Markup(""), "reason": bound.reason, "exact": False}
    seen = Count(Selection(mechanism=bound.mechanism, start=bound.bin.start, end=bound.bin.end))
    rows = evaluate(seen, record)[1]
    text = (
        f"{bound.lower}"
        if bound.upper == bound.lower
        else (f"≥{bound.lower}" if bound.upper is None else f"{bound.lower}–{bound.upper}")
    )
    official = sorted(
        (n for n in record.numbering.values() if n.mechanism == bound.mechanism and n.official),
        key=lambda n: (n.happened, n.id),
    )
    before = [n for n in official if n.happened.end <= bound.bin.start][-1:]
    after = [n for n in official if n.happened.start >= bound.bin.end][:1]
    within = [n for n in official if n.happened.end > bound.bin.start and n.happened.start < bound.bin.end]
    numbers = [n.id for n in (*before, *within, *after)]  # these alone bound the bin
    shown = Markup("")
    for language in LANGUAGES:
        shown += Markup('<span lang="{}">{}</span>').format(
            language, number(text, rows, numbers, describe(seen, record, language), index, record)
        )
    return {"state": bound.state, "text": shown, "reason": bound.reason, "exact": bound.upper == bound.lower}


def promises_of(holdings: Holdings, shown: set[str]) -> list[dict[str, Any]]:
    """The concrete commitments of the group with their fate, by date."""
    record = holdings.record
    if record.as_of is None:
        return []
    by_id = {c.id: c for c in record.commitments}
    table = []
    for fate in fates(record, record.as_of, holdings.group.members):
        promise = by_id[fate.commitment]
        made = record.occurrences[promise.occurrence]
        table.append(
            {
                "text": two(promise.text_en or promise.text_zh, promise.text_zh or promise.text_en),
                "made": made.id,
                "date": two(made.happened.format("en"), made.happened.format("zh")),
                "order": made.happened,
                "fate": fate.fate,
                "when": two(fate.when.format("en"), fate.when.format("zh")) if fate.when else "",
                "act": next((i for i in fate.acts if i in shown), ""),
            }
        )
    return sorted(table, key=lambda p: p["order"])


def words_of(holdings: Holdings) -> list[dict[str, Any]]:
    """What each statement of the group says of each target, by date."""
    record = holdings.record
    table = []
    for text in texts_of(record, holdings.group.members):
        said = wording(record, text.id)
        if not any(w.a or w.b for w in said):
            continue
        when = record.occurrences[text.occurrence].happened
        table.append(
            {
                "act": text.occurrence,
                "date": two(when.format("en"), when.format("zh")),
                "title": two(text.title_en, text.title_zh or text.title_en),
                "cells": [{"verb": w.verb, "manner": w.manner} for w in said],
            }
        )
    return table


def standings_of(measured: Measured, record: Record, shown: set[str]) -> list[dict[str, Any]]:
    """The mechanisms of the group: how each stands, since when, and when it is expected."""
    table = []
    for s in measured.board.standings:
        mechanism = record.mechanisms[s.id]
        held = record.select(Selection(mechanism=s.id))
        days = [d.strftime("%Y-%m") for d in (s.next_low, s.next_high) if d]
        table.append(
            {
                "name": two(mechanism.name_en, mechanism.name_zh),
                "state": s.state,
                "probability": "–" if s.p_alive is None else f"{s.p_alive:.2f} ({s.low:.2f}–{s.high:.2f})",
                "at": "–" if s.p_alive is None else s.at.isoformat(),
                "last": s.last.isoformat() if s.last else "–",
                "last_act": held[-1] if held and held[-1] in shown else "",
                "next": " – ".join(days) if len(days) == 2 else "–",
            }
        )
    return table


def references_of(documents: Mapping[str, Document]) -> dict[tuple[str, str], tuple[Markup, Markup]]:
    """How the text refers to each figure and table, and its caption: as in PDF and Word, then the page's own tables."""
    english, chinese = (references(documents[language].blocks, language) for language in ("en", "zh"))
    captions: dict[tuple[str, str], Markup] = {}
    for en, zh in zip(documents["en"].blocks, documents["zh"].blocks, strict=True):
        if isinstance(en, Figure | Table) and isinstance(zh, Figure | Table):
            captions["figure" if isinstance(en, Figure) else "table", en.name] = two(en.caption, zh.caption)
    found = {key: (two(english[key], chinese[key]), captions[key]) for key in english}
    for n, (name, caption) in enumerate(PAGE_TABLES.items(), start=1):
        kind = {language: words("table", language) for language in ("en", "zh")}
        found["table", name] = (two(f"{kind['en']} A{n}", f"{kind['zh']}A{n}"), both(caption))
    return found


def written_out(part: str, documents: Mapping[str, Document], said: Sequence[Markup]) -> list[dict[str, Any]]:
    """The blocks of a part without a layout of its own on the page, in both languages.

    Parameters
    ----------
    part : str
        Its key.
    documents : mapping
        By language.
    said : sequence of Markup
        Its statements, in order.
    """
    sentences, inside = iter(said), False
    found: list[dict[str, Any]] = []
    for en, zh in zip(documents["en"].blocks, documents["zh"].blocks, strict=True):
        if isinstance(en, Heading) and en.level == 1:
            inside = en.part == part
        if not inside:
            continue
        if isinstance(en, Heading) and isinstance(zh, Heading):
            found.append({"kind": f"h{en.level + 1}", "text": two(en.text, zh.text)})
        elif isinstance(en, Figure):
            found.append({"kind": "figure", "name": en.name})
        elif isinstance(en, Table) and isinstance(zh, Table):
            found.append({"kind": "table", "name": en.name, "head": _cells(en.head, zh.head), "rows": _rows(en, zh)})
        elif isinstance(en, Bullet) and en.statement:
            found.append({"kind": "li", "text": next(sentences)})
        elif isinstance(en, Paragraph | Bullet) and isinstance(zh, Paragraph | Bullet):
            english, chinese = _plain(en.runs), _plain(zh.runs)
            text = escape(english) if english == chinese else two(english, chinese)
            found.append({"kind": "li" if isinstance(en, Bullet) else en.role, "text": text})
    return found


def _plain(runs: Sequence[Run]) -> str:
    return "".join(run.text for run in runs)


def _cells(en: Sequence[str], zh: Sequence[str]) -> list[Markup]:
    return [two(a, b) for a, b in zip(en, zh, strict=True)]


def _rows(en: Table, zh: Table) -> list[list[Markup]]:
    texts = [[[" ".join(_plain(runs) for runs in cell) for cell in row] for row in table.rows] for table in (en, zh)]
    return [_cells(a, b) for a, b in zip(*texts, strict=True)]


@cache
def _template() -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("minilateral.brief"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    return environment.get_template("page.html.j2")


def build_page(
    inputs: Inputs,
    compiled: Sequence[Compiled],
    language: str,
    version: str,
    documents: Mapping[str, Document],
    figures: Mapping[str, Mapping[str, str]],
    parts: tuple[Part, ...] = PARTS,
) -> str:
    """Make the page from a compiled study.

    Parameters
    ----------
    inputs : Inputs
        The results of the rooms.
    compiled : sequence of Compiled
    language : {'zh', 'en'}
        The language that it opens in.
    version : str
        Of the package.
    documents : mapping
        The same study as a document in each language: its parts and numbers of figures and tables are the page's.
    figures : mapping
        As `minilateral.brief.drawing.figures_of` gives them.
    parts : tuple of Part
        The order; by default that of every brief.
    """
    holdings, composition, audit = inputs.get(Holdings), inputs.get(Composition), inputs.get(Audit)
    record, study = holdings.record, inputs.study
    numbered = {i: n for n, i in enumerate((*holdings.acts, *holdings.context, *sorted(_others(compiled, holdings))))}
    index = Index(numbered)
    acts = set(holdings.acts)
    rows = [row_of(record, i, i in acts) for i in numbered]
    by_section: dict[str, list[Markup]] = {}
    for each in compiled:
        by_section.setdefault(each.statement.section, []).append(sentence(each, index, record))
    tiers: dict[str, list[Any]] = {tier: [] for tier in code_table().codes("tier")}
    cited = {link.source for i in numbered for link in record.evidence_of(i)}
    for source in sorted((record.sources[s] for s in cited), key=lambda s: (s.publisher.casefold(), s.title, s.id)):
        tiers[source.tier].append(source)
    names, bounds = bounds_table(holdings, index)
    opened = {b.part for b in documents["en"].blocks if isinstance(b, Heading) and b.part}
    shown = [part for part in parts if part.key in opened]
    style, script = (
        files("minilateral.brief").joinpath("templates", f"page.{kind}").read_text(encoding="utf-8")
        for kind in ("css", "js")
    )
    verdicts = {v.claim: v.verdict for v in audit.verdicts}
    page: str = _template().render(
        both=both,
        two=two,
        code=code,
        label=label,
        style=Markup(style),
        script=Markup(script),
        language=language,
        group=study.group,
        as_of=study.as_of,
        version=version,
        seed=study.seed,
        every=study.every,
        findings=[sentence(c, index, record) for c in findings_of(compiled)],
        sections=by_section,
        stages=[(s, [c for c in audit.claims if c.stage == s]) for s in STAGES],
        claims=audit.claims,
        verdicts=verdicts,
        figures=figures,
        shown=shown,
        references=references_of(documents),
        written={
            part.key: written_out(part.key, documents, [m for s in part.sections for m in by_section.get(s.key, ())])
            for part in shown
            if part.key not in OWN_LAYOUT
        },
        history=two(words("history", "en"), words("history", "zh")),
        rows=rows,
        tiers=tiers,
        parts=[p for p in composition.parts if is_shown(p, composition)],
        levels=level_table(composition, record, index),
        promises=promises_of(holdings, set(numbered)),
        targets=code_table().codes("target"),
        words=words_of(holdings),
        bins=names,
        bounds=bounds,
        recalls=holdings.recalls,
        origins=list(record.origins.values()),
        phases=audit.phases,
        standings=standings_of(inputs.get(Measured), record, set(numbered)),
        trials={c.id: [t for t in audit.trials if t.claim == c.id] for c in audit.claims},
        counts={"acts": len(holdings.acts), "context": len(numbered) - len(holdings.acts), "sources": len(cited)},
        has_pairs=len(study.group) > 2,
    )
    return page


def _others(compiled: Sequence[Compiled], holdings: Holdings) -> set[str]:
    """Rows that a sentence names although they do not touch the group (none, as a rule)."""
    known = set(holdings.acts) | set(holdings.context)
    return {i for c in compiled for i in c.all_rows} - known

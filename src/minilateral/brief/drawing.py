"""The figures of the page, from the results of the rooms: each in both languages, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from minilateral.audit import Audit
from minilateral.audit.claims import STAGES
from minilateral.brief.tables import compared_of
from minilateral.brief.wording import LANGUAGES, label
from minilateral.evidence import Holdings, texts_of, wording
from minilateral.figures import (
    Band,
    Lane,
    Mark,
    Node,
    RecallBar,
    Strip,
    argument_map,
    recall_bars,
    timeline,
    yearly_parts,
)
from minilateral.figures import measures as drawn
from minilateral.figures.style import to_svg
from minilateral.figures.wording import Said, wording_over_time
from minilateral.measure import Composition, Measured
from minilateral.measure.keeping import kept
from minilateral.measure.parts import Part
from minilateral.phases import Dated
from minilateral.terms import Inputs, Occurrence, Period, code_table
from minilateral.terms.selections import members_of

Figure = dict[str, str]


def figures_of(inputs: Inputs) -> dict[str, Figure]:
    """All figures by name: see `_drawn`. Drawing takes a while, so what was drawn of the same input is kept."""
    study, record = inputs.study, inputs.get(Holdings).record
    question: dict[str, object] = {
        "group": study.group.key,
        "as_of": study.as_of.isoformat(),
        "every": study.every,
        "seed": study.seed,
        "full": study.full,
        "rooms": sorted(kind.__name__ for kind in inputs.results),
    }
    return kept(study.cache, "figures", record, question, lambda: _drawn(inputs))


def _drawn(inputs: Inputs) -> dict[str, Figure]:
    """All figures by name; each is a dict from ``en-wide``, ``en-narrow``, ``zh-wide``, ``zh-narrow`` to SVG.

    A figure for which there is nothing to show is left out.
    """
    makers: dict[str, Callable[[Inputs, str, str, bool], str | None]] = {
        "argument": _argument,
        "timeline": _timeline,
        "years": _years,
        "recall": _recall,
        "dashboard": _dashboard,
        "mechanisms": _mechanisms,
        "dimensions": _dimensions,
        "quasi": _quasi,
        "phases": _phases,
        "pairs": _pairs,
        "wording": _wording,
        "comparison": _comparison,
    }
    made: dict[str, Figure] = {}
    for name, make in makers.items():
        versions: Figure = {}
        for language in LANGUAGES:
            for width in ("wide", "narrow"):
                svg = make(inputs, language, f"{name}-{language}-{width}", width == "narrow")
                if svg is not None:
                    versions[f"{language}-{width}"] = svg
        if versions:
            made[name] = versions
    return made


def _argument(inputs: Inputs, language: str, name: str, narrow: bool) -> str | None:
    audit = inputs.get(Audit)
    if not audit.claims:
        return None
    verdicts = {v.claim: v.verdict for v in audit.verdicts}
    nodes = [
        Node(
            c.id,
            c.short_zh if language == "zh" else c.short_en,
            c.stage,
            verdicts[c.id],
            c.supports,
            (c.map_x, c.map_y),
        )
        for c in audit.claims
    ]
    stages = [(s, label(f"stage_{s}", language)) for s in STAGES if any(n.stage == s for n in nodes)]
    texts = {v: code_table().name("verdict", v, language) for v in code_table().codes("verdict")}
    return argument_map(nodes, stages, {**texts, "title": label("argument", language)}, name, narrow)


def part_name(part: Part, language: str) -> str:
    """A short name of a part for a figure or a table."""
    if part.kind == "joint":
        kind = label("joint" if len(part.group) > 2 else "pair", language)
        return f"{kind}：{part.group.name(language)}" if language == "zh" else f"{kind}: {part.group.label}"
    if part.kind == "superset":
        return label("superset", language)
    return part.group.name(language) if language == "zh" else part.group.label


def is_shown(part: Part, composition: Composition) -> bool:
    """Whether a part has a strip and a column: all of a triad's, of others those with an act on record."""
    if part.kind == "joint" or (part.kind == "pair" and len(composition.group) == 3):
        return True
    members = ";".join(part.group.members)
    return any(c["acts"] for c in composition.cells if c["part"] == part.kind and c["members"] == members)


def _tone(item: Occurrence) -> str:
    return item.direction if item.status == "held" else "not_held"


def _timeline(inputs: Inputs, language: str, name: str, narrow: bool) -> str | None:
    holdings, composition, audit = inputs.get(Holdings), inputs.get(Composition), inputs.get(Audit)
    record = holdings.record
    joint = frozenset(composition.group.members)
    seen = {record.occurrences[i].domain for i in holdings.acts if members_of(record.occurrences[i]) == joint}
    lanes = [
        Lane(f"joint-{d}", code_table().name("domain", d, language), head=True)
        for d in code_table().codes("domain")
        if d in seen
    ]
    lanes = [Lane(lane.key, _short(lane.label), lane.head) for lane in lanes]
    used = set()
    marks = []
    for i in holdings.acts:
        item = record.occurrences[i]
        who = members_of(item)
        part = next(
            p
            for p in composition.parts
            if (p.kind == "superset" and who > joint) or (p.kind != "superset" and who == frozenset(p.group.members))
        )
        lane = f"joint-{item.domain}" if part.kind == "joint" else part.key
        used.add(lane)
        marks.append(Mark(i, lane, item.happened.start, item.happened.end, _tone(item)))
    lanes += [Lane(p.key, part_name(p, language)) for p in composition.parts if p.kind != "joint" and p.key in used]
    bands = [
        Band(p.label_zh if language == "zh" else p.label_en, p.start.start, p.end.end if p.end else None)
        for p in audit.phases
    ]
    texts = {
        "title": label("record", language),
        "cooperative": label("cooperative", language),
        "conflictual": label("conflictual", language),
        "neutral": label("neutral", language),
        "not_held": label("announced", language),
        "bands": label("authors_phases", language) if bands else "",
    }
    return timeline(marks, lanes, bands, inputs.study.as_of, texts, name, narrow)


def _short(text: str) -> str:
    return text.replace(" and regional coordination", "").replace("与地区协调", "")


def _years(inputs: Inputs, language: str, name: str, narrow: bool) -> str | None:
    composition = inputs.get(Composition)
    if not composition.cells:
        return None
    strips = []
    for part in composition.parts:
        cells = [
            c
            for c in composition.cells
            if c["part"] == part.kind
            and c["domain"] == c["level"] == "all"
            and c["members"] == ";".join(part.group.members)
        ]
        if not is_shown(part, composition):
            continue
        strips.append(
            Strip(
                part_name(part, language),
                tuple((c["bin"], c["state"], c["cooperative"], c["conflictual"], c["neutral"]) for c in cells),
            )
        )
    texts = {k: label(k, language) for k in ("cooperative", "conflictual", "neutral", "not_observed")}
    return yearly_parts(strips, {**texts, "title": label("figure_years", language)}, name, narrow)


def _recall(inputs: Inputs, language: str, name: str, narrow: bool) -> str | None:
    holdings = inputs.get(Holdings)
    if not holdings.recalls:
        return None
    bars = [
        RecallBar(
            holdings.record.mechanisms[r.mechanism].name(language),
            r.official,
            r.seen,
            Period.parse((r.until - timedelta(days=1)).isoformat()).format(language),
        )
        for r in holdings.recalls
    ]
    texts = {
        "title": label("figure_recall", language),
        "on_record": label("figure_on_record", language),
        "official": label("figure_official", language),
    }
    return recall_bars(bars, texts, name, narrow)


def _dashboard(inputs: Inputs, language: str, name: str, narrow: bool) -> str | None:
    board = inputs.get(Measured).board
    if not board.standings:
        return None
    figure = drawn.dashboard_strip(board, language, narrow=narrow, name=name)
    return to_svg(figure, label("figure_dashboard", language), name)


def _mechanisms(inputs: Inputs, language: str, name: str, narrow: bool) -> str | None:
    board, record = inputs.get(Measured).board, inputs.get(Holdings).record
    if not board.standings:
        return None
    figure = drawn.mechanism_calendar(board.standings, record, board.as_of, language, narrow=narrow, name=name)
    return to_svg(figure, label("mechanisms", language), name)


def _dimensions(inputs: Inputs, language: str, name: str, narrow: bool) -> str | None:
    found = inputs.get(Measured).dimensions
    if found is None:
        return None
    return to_svg(drawn.dimension_lines(found, language, narrow=narrow, name=name), label("dimensions", language), name)


def _quasi(inputs: Inputs, language: str, name: str, narrow: bool) -> str | None:
    quasi = inputs.get(Measured).quasi
    if not quasi:
        return None
    return to_svg(drawn.quasi_grid(quasi, language, narrow=narrow, name=name), label("quasi", language), name)


def _phases(inputs: Inputs, language: str, name: str, narrow: bool) -> str | None:
    found = inputs.get(Dated).found
    if found is None:
        return None
    return to_svg(drawn.phase_tracks(found, language, narrow=narrow, name=name), label("phases", language), name)


def _pairs(inputs: Inputs, language: str, name: str, narrow: bool) -> str | None:
    windows = inputs.get(Measured).windows
    if not windows:
        return None
    figure = drawn.pair_windows(windows, language, narrow=narrow, name=name)
    return to_svg(figure, label("figure_pairs", language), name)


def _wording(inputs: Inputs, language: str, name: str, narrow: bool) -> str | None:
    record = inputs.get(Holdings).record
    said = [
        Said(text.id, text.occurrence, record.occurrences[text.occurrence].happened.start, w.target, w.verb, w.manner)
        for text in texts_of(record, inputs.study.group.members)
        for w in wording(record, text.id)
        if w.verb not in ("", "not_seen")
    ]
    if not said:
        return None
    figure = wording_over_time(said, inputs.study.as_of, language, narrow=narrow, name=name)
    return to_svg(figure, label("figure_wording", language), name)


def _comparison(inputs: Inputs, language: str, name: str, narrow: bool) -> str | None:
    compared = compared_of(inputs)
    if inputs.get(Measured).dimensions is None or compared[0].refused:
        return None
    figure = drawn.comparison(compared, language, narrow=narrow, name=name)
    return to_svg(figure, label("figure_comparison", language), name)

"""`minilateral dashboard|mechanisms|dimensions|quasi-alliance|phases|compare`: tables on screen, into files, drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from minilateral.cli.common import AsOf, Language, RecordOption, StoreOption, known_record, say
from minilateral.errors import BadInput

if TYPE_CHECKING:
    from minilateral.evidence import Record
    from minilateral.measure import Dimensions, Standing
    from minilateral.phases import Track
    from minilateral.terms import Group

GroupArgument = Annotated[list[str], typer.Argument(help="Two or more actors, in names or codes of any language.")]
Out = Annotated[Path | None, typer.Option(help="Write the table: csv, parquet, json, xlsx or dta, by the ending.")]
Plot = Annotated[Path | None, typer.Option(help="Draw it: svg, png or pdf, by the ending.")]
Lang = Annotated[Language, typer.Option(help="Language of names and of the figure.")]
Seed = Annotated[int, typer.Option(min=0, help="For what is drawn at random: the same seed gives the same bytes.")]
Quick = Annotated[bool, typer.Option("--quick", help="Point estimates in seconds, without intervals.")]

Row = dict[str, Any]
Question = dict[str, object]
T = TypeVar("T")


def _asked(group: list[str]) -> Group:
    from minilateral.terms import Group

    return Group.parse(group)


def _number(value: Any, digits: int = 2) -> str:
    if value is None:
        return "-"
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)


def _expected(s: Standing) -> str:
    days = [d for d in (s.next_low, s.next_mid, s.next_high) if d is not None]
    return " .. ".join(f"{d:%Y-%m}" for d in days) if len(days) == 3 else "-"


def _band(row: Row, name: str, low: str, high: str) -> str:
    if row[name] is None:
        return "-"
    return f"{row[name]:5.2f}" + ("" if row[low] is None else f" [{row[low]:.2f}, {row[high]:.2f}]")


def _table(rows: Sequence[Sequence[str]], head: Sequence[str]) -> None:
    """Print columns as wide as what is in them; a Chinese letter is two wide."""
    from minilateral.figures.style import width_of

    widths = [max(width_of(str(row[i])) for row in (head, *rows)) for i in range(len(head))]
    for row in (head, *rows):
        cells = [str(cell) + " " * round(widths[i] - width_of(str(cell))) for i, cell in enumerate(row)]
        typer.echo("  ".join(cells).rstrip())


def _write(rows: Sequence[Row], out: Path | None, title: str) -> None:
    if out is None:
        return
    from minilateral.brief.tabular import write_table

    write_table(rows, out, title)
    say(f"{len(rows)} rows in {out}")


def _draw(plot: Path | None, draw: Callable[[], Any]) -> None:
    if plot is None:
        return
    from minilateral.figures.saving import save

    save(draw(), plot)
    say(f"figure in {plot}")


def _check_endings(out: Path | None, plot: Path | None) -> None:
    """Refuse a format before anything is worked out."""
    from minilateral.brief.tabular import KINDS
    from minilateral.figures.saving import FORMATS

    for path, kinds in ((out, KINDS), (plot, FORMATS)):
        if path is not None and path.suffix.lower().lstrip(".") not in kinds:
            raise BadInput(str(path), "is of no kind that we write", f"end it in one of {', '.join(kinds)}")


def _kept(name: str, loaded: Record, question: Question, make: Callable[[], T]) -> T:
    """A result that was kept for the same input, or made now."""
    from minilateral.cli.common import cache_path
    from minilateral.measure.keeping import kept

    return kept(cache_path(), name, loaded, question, make)


def _load(as_of: str, store: Path | None, record: Path | None) -> tuple[date, Record]:
    return known_record(as_of, store, record)


def dashboard(
    group: GroupArgument,
    as_of: AsOf = "",
    lang: Lang = Language.en,
    seed: Seed = 0,
    out: Out = None,
    plot: Plot = None,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Promise and practice of a group: levels met, mechanisms, promises, targets named, what was new."""
    from minilateral.brief.tables import dashboard_rows
    from minilateral.measure import dashboard as read
    from minilateral.terms import code_table

    _check_endings(out, plot)
    asked = _asked(group)
    day, loaded = _load(as_of, store, record)
    question: Question = {"group": asked.key, "as_of": day.isoformat(), "seed": seed}
    board = _kept("dashboard", loaded, question, lambda: read(loaded, asked, day, seed))
    names = code_table()
    language = lang.value
    typer.echo(f"{asked.name(language)}, as known on {day.isoformat()}")
    if board.reach is None:
        typer.echo("no search on register covers this group: a count that is not there is unknown, never zero")
    else:
        typer.echo(f"searches reach {board.reach.isoformat()}; levels and targets are of the twelve months to that day")
    typer.echo("")
    _table(
        [
            (
                names.name("level", g.item, language),
                "-" if g.value is None else f"{g.value}" if g.value in (0, g.upper) else f">={g.value}",
                "-" if g.upper is None else f"<={g.upper}",
                "-" if g.promised is None else f"{g.promised:g}",
                "-" if g.recall is None else f"{g.recall:.0%}",
                g.reason,
            )
            for g in board.block("levels")
        ],
        ("met at level", "on record", "bound", "promised", "recall", ""),
    )
    typer.echo("")
    counts = [(g.value, names.name("standing", g.item, language)) for g in board.block("mechanisms") if g.item != "all"]
    typer.echo("mechanisms  " + ", ".join(f"{n} {name}" for n, name in counts))
    fates = board.block("promises")
    made = [(g.value, names.name("fate", g.item, language)) for g in fates if g.value is not None]
    typer.echo("promises    " + (", ".join(f"{n} {name}" for n, name in made) or fates[0].reason))
    spoken = [g for g in board.block("targets") if g.verb]
    for g in spoken:
        verb = names.name("verb", g.verb, language)
        manner = f" ({names.name('manner', g.manner, language)})" if g.manner else ""
        target = names.name("target", g.item, language)
        typer.echo(f"target      {target}: {verb}{manner}, in {g.value} of {len(g.rows)} statements")
    if not spoken:
        typer.echo("targets     no statement of these twelve months is on record")
    typer.echo("")
    quarters = list(dict.fromkeys(g.period for g in board.block("momentum")))
    kinds = list(dict.fromkeys(g.item for g in board.block("momentum")))
    cells = {(g.item, g.period): "-" if g.value is None else str(g.value) for g in board.block("momentum")}
    _table(
        [(names.name("momentum", k, language), *(cells[k, q] for q in quarters)) for k in kinds],
        ("new per quarter, at least", *quarters),
    )
    _write(dashboard_rows(board), out, f"dashboard {asked.key}")

    def draw() -> Any:
        from minilateral.figures.measures import dashboard_strip

        return dashboard_strip(board, language)

    _draw(plot, draw)


def mechanisms(
    group: GroupArgument,
    as_of: AsOf = "",
    lang: Lang = Language.en,
    seed: Seed = 0,
    quick: Quick = False,
    out: Out = None,
    plot: Plot = None,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """How the mechanisms of a group stand: probability that each meets again, and when it is expected."""
    from minilateral.brief.tables import mechanism_rows
    from minilateral.measure import standings
    from minilateral.terms import code_table

    _check_endings(out, plot)
    asked = _asked(group)
    day, loaded = _load(as_of, store, record)
    question: Question = {"group": asked.key, "as_of": day.isoformat(), "seed": seed, "full": not quick}
    found = _kept(
        "mechanisms", loaded, question, lambda: standings(loaded, day, members=asked.members, seed=seed, full=not quick)
    )
    language = lang.value
    if not found:
        raise BadInput(asked.key, "has no mechanism on record", "see `minilateral record table mechanisms`")
    typer.echo(f"{asked.name(language)}, as known on {day.isoformat()}; probabilities hold for the day in column 'on'")
    typer.echo("")
    _table(
        [
            (
                loaded.mechanisms[s.id].name(language),
                code_table().name("standing", s.state, language),
                "-" if s.p_alive is None else f"{s.p_alive:.2f} [{s.low:.2f}, {s.high:.2f}]",
                s.at.isoformat() if s.p_alive is not None else "-",
                s.last.isoformat() if s.last else "-",
                str(s.sessions),
                _expected(s),
                "-" if s.recall is None else f"{s.recall:.0%}{'' if s.counted else '*'}",
                s.reason,
            )
            for s in found
        ],
        ("mechanism", "standing", "meets again", "on", "last", "n", "next, if alive: 5 .. 50 .. 95 %", "recall", ""),
    )
    typer.echo("")
    typer.echo("* recall is borrowed: no government counts the sessions of this mechanism")
    _write(mechanism_rows(found, loaded), out, f"mechanisms {asked.key}")

    def draw() -> Any:
        from minilateral.figures.measures import mechanism_calendar

        return mechanism_calendar(found, loaded, day, language)

    _draw(plot, draw)


def dimensions(
    group: GroupArgument,
    as_of: AsOf = "",
    lang: Lang = Language.en,
    seed: Seed = 0,
    quick: Quick = False,
    by_domain: Annotated[bool, typer.Option("--by-domain", help="Within each domain that has 30 acts.")] = False,
    out: Out = None,
    plot: Plot = None,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Institutionalisation and functionalisation by year, on one scale with the comparison groups."""
    from minilateral.brief.tables import dimension_rows
    from minilateral.measure import dimensions as estimate

    _check_endings(out, plot)
    asked = _asked(group)
    day, loaded = _load(as_of, store, record)
    if by_domain:
        _by_domain(asked, day, loaded, lang, seed, quick, out, plot)
        return
    if not quick:
        say("sampling, about a minute the first time; --quick gives points in seconds ...")
    question: Question = {"group": asked.key, "as_of": day.isoformat(), "seed": seed, "full": not quick}
    found = _kept(
        "dimensions",
        loaded,
        question,
        lambda: estimate(loaded, asked, day, seed=seed, full=not quick, variants=not quick),
    )
    rows = dimension_rows(found)
    typer.echo(f"{asked.name(lang.value)}, as known on {day.isoformat()}")
    typer.echo("in standard deviations over the groups compared, with 90 % intervals")
    typer.echo("quick: points without intervals" if quick else f"largest R-hat of the levels: {found.rhat:.3f}")
    by_year: dict[int, dict[str, Row]] = {}
    for row in rows:
        by_year.setdefault(row["year"], {})[row["dimension"]] = row
    _table(
        [
            (
                str(year),
                _band(both["institutionalisation"], "mean", "low", "high"),
                _number(both["institutionalisation"]["equal_weight"]),
                _number(both["institutionalisation"]["principal_component"]),
                _band(both["functionalisation"], "mean", "low", "high"),
                _number(both["functionalisation"]["equal_weight"]),
                _number(both["functionalisation"]["principal_component"]),
            )
            for year, both in by_year.items()
        ],
        ("year", "institutionalisation", "z", "pc", "functionalisation", "z", "pc"),
    )
    typer.echo("z: mean z-score; pc: first principal component; -: fewer than three indicators observed")
    if found.variants:
        typer.echo("largest change of a year when it is left out (or changed):")
        _table(_changes(found), ("", "institutionalisation", "functionalisation"))
    _write(dimension_rows(found, everybody=True), out, f"dimensions {asked.key}")

    def draw() -> Any:
        from minilateral.figures.measures import dimension_lines

        return dimension_lines(found, lang.value)

    _draw(plot, draw)


def _changes(found: Dimensions) -> list[tuple[str, str, str]]:
    """By variant, the largest change of a year in each dimension."""
    means = {(x.year, x.dimension): x.mean for x in found.levels if x.group == found.group.key}
    moved: dict[str, dict[str, float]] = {}
    for v in found.variants:
        before = means[v.year, v.dimension]
        if v.mean is not None and before is not None:
            largest = moved.setdefault(v.variant, {})
            if abs(v.mean - before) >= abs(largest.get(v.dimension, 0.0)):
                largest[v.dimension] = v.mean - before
    names = ("institutionalisation", "functionalisation")
    return [(variant, *(f"{by.get(n, 0.0):+.2f}" for n in names)) for variant, by in moved.items()]  # type: ignore[misc]


def _by_domain(
    asked: Group, day: date, loaded: Record, lang: Language, seed: int, quick: bool, out: Path | None, plot: Path | None
) -> None:
    from minilateral.brief.tables import domain_rows
    from minilateral.measure import dimensions_by_domain as estimate
    from minilateral.terms import code_table

    if not quick:
        say("sampling, half a minute the first time; --quick gives points at once ...")
    question: Question = {"group": asked.key, "as_of": day.isoformat(), "seed": seed, "full": not quick}
    found = _kept("domains", loaded, question, lambda: estimate(loaded, asked, day, seed=seed, full=not quick))
    typer.echo(f"{asked.name(lang.value)}, as known on {day.isoformat()}")
    typer.echo("in standard deviations over the domains that have 30 acts, of all groups compared; 90 % intervals")
    typer.echo("quick: points without intervals" if quick else f"largest R-hat of the levels: {found.rhat:.3f}")
    rows = domain_rows(found)
    cells = {(r["domain"], r["dimension"], r["year"]): r for r in rows}
    given = list(dict.fromkeys(r["domain"] for r in rows))
    for name in code_table().codes("dimension"):
        typer.echo("")
        _table(
            [
                (str(y), *(_band(cells[d, name, y], "mean", "low", "high") for d in given))
                for y in sorted({r["year"] for r in rows})
            ],
            (name, *(code_table().name("domain", d, lang.value) for d in given)),
        )
    few = [f"{code_table().name('domain', d, lang.value)} {n}" for d, n in found.acts.items() if d not in given]
    typer.echo(f"-: fewer than three indicators observed; fewer than 30 acts, so no level: {', '.join(few) or 'none'}")
    _write(rows, out, f"dimensions by domain {asked.key}")

    def draw() -> Any:
        from minilateral.figures.domains import domain_lines

        return domain_lines(found, lang.value)

    _draw(plot, draw)


def quasi_alliance(
    group: GroupArgument,
    as_of: AsOf = "",
    lang: Lang = Language.en,
    out: Out = None,
    plot: Plot = None,
) -> None:
    """Quasi-alliance by four definitions, year by year; a probability says how far two coders disagree."""
    from minilateral.brief.tables import quasi_rows
    from minilateral.cli.common import as_of_day
    from minilateral.measure import quasi_alliances
    from minilateral.measure.quasi_alliance import FIELDS, definitions
    from minilateral.terms import code_table
    from minilateral.terms.periods import parse_day

    _check_endings(out, plot)
    asked = _asked(group)
    found = quasi_alliances(asked, parse_day(as_of_day(as_of)))
    names, language = code_table(), lang.value
    by_year: dict[int, dict[str, Any]] = {}
    for q in found:
        by_year.setdefault(q.year, {})[q.definition] = q
    typer.echo(f"{asked.name(language)}: share of the readings of two coders under which each definition holds")
    typer.echo("")
    _table(
        [
            (
                str(year),
                *(f"{held[d.id].probability:.0%}" for d in definitions()),
                *(names.name(f, getattr(held["cha"].a, f), language) for f in FIELDS),
            )
            for year, held in by_year.items()
        ],
        ("year", *(names.name("definition", d.id, language) for d in definitions()), *FIELDS),
    )
    typer.echo("obligation, practice and adversary are coder A's")
    _write(quasi_rows(found), out, f"quasi-alliance {asked.key}")

    def draw() -> Any:
        from minilateral.figures.measures import quasi_grid

        return quasi_grid(found, language)

    _draw(plot, draw)


def _start(track: Track, start: date) -> str:
    return start.isoformat()[: 4 if track.every == "year" else 7]


def phases(
    group: GroupArgument,
    as_of: AsOf = "",
    lang: Lang = Language.en,
    seed: Seed = 0,
    out: Out = None,
    plot: Plot = None,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """When a new phase begins, by which series and how surely; datings of scholars against it."""
    from minilateral.brief.tables import phase_rows
    from minilateral.phases import find_phases
    from minilateral.terms import code_table

    _check_endings(out, plot)
    asked = _asked(group)
    day, loaded = _load(as_of, store, record)
    question: Question = {"group": asked.key, "as_of": day.isoformat(), "seed": seed}
    found = _kept("phases", loaded, question, lambda: find_phases(loaded, asked, day, seed=seed))
    names, language = code_table(), lang.value
    typer.echo(f"{asked.name(language)}, as known on {day.isoformat()}")
    typer.echo("")
    _table(
        [
            (
                names.name("series", t.name, language) + (f" ({t.variant})" if t.variant else ""),
                f"{t.starts[0].year}-{t.starts[-1].year}",
                f"{t.found.expected_number:.1f}",
                ", ".join(f"{_start(t, start)} ({p:.0%})" for start, p in t.breaks) or "none",
            )
            for t in found.tracks
            if not t.variant
        ],
        ("series", "years", "breaks expected", "most probable breaks (probability of one there or beside it)"),
    )
    if found.breaks:
        typer.echo("")
        typer.echo("probability of a break within a year of where a dating puts it")
        tracks = [t.name for t in found.tracks if not t.variant]
        cells = {(b.dating, b.first, b.track): b for b in found.breaks if not b.variant}
        listed = list(dict.fromkeys((b.dating, b.first, b.last) for b in found.breaks))
        _table(
            [
                (
                    f"{dating}: {first}" + (f"-{last}" if last != first else ""),
                    *(_number(cells[dating, first, t].probability) for t in tracks),
                )
                for dating, first, last in listed
            ],
            ("dating", *tracks),
        )
    for (track, variant), a in found.agreements.items():
        if not variant:
            beyond = "beyond" if a.supported else "not beyond"
            chance = f"by chance 95 % stay under {a.chance_95:.2f}: {beyond} chance"
            typer.echo(f"cover with the scholar's dating, {track}: {a.cover:.2f}; {chance}")
    _write(phase_rows(found), out, f"phases {asked.key}")

    def draw() -> Any:
        from minilateral.figures.measures import phase_tracks

        return phase_tracks(found, language)

    _draw(plot, draw)


def _share(row: Row) -> str:
    if row["joint_share"] is None:
        return "-"
    return f"{row['joint_share']:.0%} [{row['joint_share_low']:.0%}, {row['joint_share_high']:.0%}]"


def _recall(row: Row) -> str:
    return "-" if row["recall"] is None else f"{row['recall']:.0%} ({row['recall_mechanisms']})"


def _slashed(row: Row, *columns: str) -> str:
    return "-" if row[columns[0]] is None else "/".join(str(row[c]) for c in columns)


def _quasi(row: Row) -> str:
    if row["quasi_year"] is None:
        return "-"
    return "/".join(f"{row[f'quasi_{d}']:.0%}" for d in ("study", "cha", "sun", "atop"))


def _dimension(name: str) -> Callable[[Row], str]:
    return lambda row: _band(row, name, f"{name}_low", f"{name}_high")


#: What a comparison prints of each group, line by line.
_LINES: tuple[tuple[str, Callable[[Row], str]], ...] = (
    ("cooperative acts of exactly these", lambda r: str(r["acts"])),
    ("first on record", lambda r: str(r["first"].year)),
    ("searched to", lambda r: r["searched_to"].isoformat() if r["searched_to"] else "-"),
    ("recall (mechanisms counted)", _recall),
    ("ministers and above, 12 months", lambda r: _number(r["high_level_12m"])),
    (
        "mechanisms alive/uncertain/lapsed",
        lambda r: _slashed(r, "mechanisms_alive", "mechanisms_uncertain", "mechanisms_lapsed"),
    ),
    (
        "promises kept/partly/overdue/unknown",
        lambda r: _slashed(r, "promises_kept", "promises_partly", "promises_overdue", "promises_unknown"),
    ),
    ("weakest pair on record", lambda r: f"{r['weakest_pair']} ({r['weakest']})" if r["weakest"] else "-"),
    ("mean of the pairs", lambda r: _number(r["pair_mean"], 1)),
    ("joint share, ministers and above", _share),
    ("institutionalisation", _dimension("institutionalisation")),
    ("functionalisation", _dimension("functionalisation")),
    ("  in the year", lambda r: _number(r["institutionalisation_year"])),
    ("quasi-alliance: study/Cha/Sun/ATOP", _quasi),
)


def compare(
    groups: Annotated[list[str], typer.Argument(help="Groups, each with commas: USA,JPN,KOR CHN,JPN,KOR.")],
    as_of: AsOf = "",
    lang: Lang = Language.en,
    seed: Seed = 0,
    quick: Quick = False,
    out: Out = None,
    plot: Plot = None,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Groups side by side, with recall and intervals; refused with the gap named where there is too little evidence."""
    from minilateral.brief.tables import compare_rows
    from minilateral.measure import compare as hold
    from minilateral.terms import Group

    _check_endings(out, plot)
    asked = [Group.parse(text) for text in groups]
    day, loaded = _load(as_of, store, record)
    say(f"comparing {len(asked)} groups ..." + ("" if quick else " (--quick gives points in seconds)"))
    question: Question = {"groups": [g.key for g in asked], "as_of": day.isoformat(), "seed": seed, "full": not quick}
    found = _kept("compare", loaded, question, lambda: hold(loaded, asked, day, seed=seed, full=not quick))
    rows = compare_rows(found)
    typer.echo(f"as known on {day.isoformat()}; counts are of what is on record: at least so many")
    typer.echo("")
    shown = [r for r in rows if not r["refused"]]
    if shown:
        _table([(name, *(cell(r) for r in shown)) for name, cell in _LINES], ("", *(r["group"] for r in shown)))
        typer.echo("")
        typer.echo("pairs: in the ten years to the last one searched; pairs were not searched alike")
        typer.echo("-: no evidence, which is not zero")
    for r in rows:
        if r["refused"]:
            typer.echo(f"{r['group']}: refused: {r['refused']}")
    _write(rows, out, "compare")

    def draw() -> Any:
        from minilateral.figures.measures import comparison

        return comparison(found, lang.value)

    _draw(plot, draw)
    if not shown:
        raise typer.Exit(2)


#: The commands of this module, by name.
COMMANDS: dict[str, Callable[..., None]] = {
    "dashboard": dashboard,
    "mechanisms": mechanisms,
    "dimensions": dimensions,
    "quasi-alliance": quasi_alliance,
    "phases": phases,
    "compare": compare,
}

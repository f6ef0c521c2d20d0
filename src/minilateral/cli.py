"""The command line: the only place that reads the clock or the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minilateral.errors import BadInput, BadPeriod, MinilateralError

if TYPE_CHECKING:
    from minilateral.evidence import Record

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="How closely does a small group of states act together? Numbers and sentences that carry their sources.",
)
acts_app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Your own acts beside the shipped record.")
actors_app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="States and bodies: names and codes.")
app.add_typer(acts_app, name="acts")
app.add_typer(actors_app, name="actors")

OK, PARTLY, REFUSED = 0, 1, 2


class Language(StrEnum):
    """The language that the page opens in; both are always in it."""

    en = "en"
    zh = "zh"


class Every(StrEnum):
    """Width of the cells in time."""

    year = "year"
    quarter = "quarter"
    month = "month"


class Format(StrEnum):
    """File format of an export."""

    csv = "csv"
    xlsx = "xlsx"
    yaml = "yaml"
    json = "json"


AsOf = Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Only evidence known by this day. Default: today.")]
StoreOption = Annotated[
    Path | None,
    typer.Option(help="SQLite file with your own acts. Default: $MINILATERAL_STORE, else your data folder."),
]
RecordOption = Annotated[Path | None, typer.Option(help="Folder of record tables to use instead of the shipped ones.")]


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _as_of(text: str) -> str:
    from minilateral.terms.periods import parse_day

    day = parse_day(text or _today())
    if day.isoformat() > _today():
        raise BadPeriod(
            repr(text),
            f"lies after today ({_today()}): nobody knows the record of that day",
            "give today or an earlier day",
        )
    return day.isoformat()


def _store(path: Path | None) -> Path:
    if path:
        return path
    if os.environ.get("MINILATERAL_STORE"):
        return Path(os.environ["MINILATERAL_STORE"])
    from platformdirs import user_data_path

    return user_data_path("minilateral") / "acts.sqlite"


@app.command()
def brief(
    group: Annotated[list[str], typer.Argument(help="Two or more actors, in names or codes of any language.")],
    as_of: AsOf = "",
    lang: Annotated[Language, typer.Option(help="Language that the page opens in; both are in it.")] = Language.zh,
    every: Annotated[Every, typer.Option(help="Width of the cells in time.")] = Every.year,
    seed: Annotated[int, typer.Option(help="For whatever is drawn at random (nothing yet is).")] = 0,
    out: Annotated[Path, typer.Option(help="Folder; the brief goes into a folder of its own in it.")] = Path("out"),
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Write brief.html, data/ and manifest.json for a group, such as: brief USA JPN KOR."""
    from minilateral.brief import write_brief
    from minilateral.terms import Study

    mine = _store(store)
    if store and not store.exists():
        raise BadInput(str(store), "is not there", "check --store, or add acts first (`minilateral acts add`)")
    study = Study(group, _as_of(as_of), every.value, seed, record, mine if mine.exists() else None)
    steps = {
        "evidence": "reading the record",
        "measure": "counting the parts",
        "audit": "judging the claims",
        "compile": "checking every sentence",
        "figures": "drawing",
        "write": "writing",
    }
    done = 0

    def progress(name: str) -> None:
        nonlocal done
        done += 1
        _say(f"[{done}/{len(steps) + 1}] {steps[name]} ...")

    _say(f"[1/{len(steps) + 1}] loading for {study.group.name('en')}, as known on {study.as_of.isoformat()} ...")
    done = 1
    from minilateral.study import run

    written = write_brief(run(study, progress), out, lang.value, progress)
    typer.echo("")
    for number, (en, zh) in enumerate(written.findings, start=1):
        typer.echo(f"{number}. {zh if lang is Language.zh else en}")
        typer.echo(f"   {en if lang is Language.zh else zh}")
    typer.echo("")
    typer.echo(f"brief     {written.page}")
    typer.echo(f"data      {written.folder / 'data'}  ({written.tables} tables, csv and parquet)")
    typer.echo(f"manifest  {written.folder / 'manifest.json'}")


@actors_app.command("find")
def actors_find(
    name: Annotated[list[str], typer.Argument(help="A name or code in any language, such as 北韩 or 'South Korea'.")],
    on: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The day that is spoken of.")] = "",
) -> None:
    """Say which actor a name means, with its codes and names."""
    from minilateral.terms import actor_register
    from minilateral.terms.periods import parse_day

    day = parse_day(on) if on else None
    actor = actor_register().find(" ".join(name), day)
    spells = "; ".join(f"{s.start} to {s.end or 'now'}" for s in actor.valid)
    typer.echo(f"{actor.id}  {actor.name('en')}  {actor.name('zh')}  {actor.name('ja')}  {actor.name('ko')}")
    typer.echo(f"kind      {actor.kind}; in the state system {spells}")
    for scheme, title in (("iso3", "ISO 3166"), ("cow", "COW"), ("gw", "Gleditsch-Ward"), ("cameo", "CAMEO")):
        typer.echo(f"{title:9} {actor.code(scheme, day) or 'none' + (f' on {day}' if day else '')}")  # type: ignore[arg-type]
    if actor.note:
        typer.echo(f"note      {actor.note}")


@actors_app.command("list")
def actors_list(
    on: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Only those that existed on this day.")] = "",
) -> None:
    """List all actors."""
    from minilateral.terms import actor_register
    from minilateral.terms.periods import parse_day

    day = parse_day(on) if on else None
    for actor in actor_register().values():
        if day is None or actor.existed(day):
            typer.echo(f"{actor.id:6} {actor.kind:6} {actor.name('en'):34} {actor.name('zh')}")


@acts_app.command("template")
def acts_template(
    file: Annotated[Path | None, typer.Argument(help="csv, xlsx, yaml or json; none: csv on the screen.")] = None,
    corrections: Annotated[bool, typer.Option("--corrections", help="A template for corrections instead.")] = False,
) -> None:
    """Give a file to fill in, with one example row; an xlsx offers the codes to choose from."""
    from minilateral.evidence import template, template_row
    from minilateral.evidence.exports import write_rows

    if file is None:
        typer.echo(template(corrections), nl=False)
        return
    row = template_row(corrections)
    if file.exists():
        raise BadInput(str(file), "is there already", "choose another name: a template overwrites nothing")
    write_rows([row], file, _kind(file, None), list(row))
    typer.echo(f"template in {file}")


@acts_app.command("codes")
def acts_codes(field: Annotated[str, typer.Argument(help="A field, such as level; none: all.")] = "") -> None:
    """Print the codebook: what each code means, in both languages."""
    from minilateral.terms import code_table

    fields = code_table().fields
    if field and field not in fields:
        raise BadInput(repr(field), "is no coded field", f"fields: {', '.join(fields)}")
    for name in [field] if field else fields:
        for code in fields[name].values():
            meaning = f"  {code.definition_en} {code.definition_zh}" if code.definition_en else ""
            typer.echo(f"{name:12} {code.code:26} {code.name_en} / {code.name_zh}{meaning}")


@acts_app.command("validate")
def acts_validate(
    file: Annotated[Path, typer.Argument(help="csv, tsv, xlsx, yaml or json")],
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Check a file and say what is wrong with which row; nothing is written."""
    from minilateral.evidence import check_file, current_tables

    mine = _store(store)
    tables = current_tables(None, record, mine if mine.exists() else None)
    checked = check_file(file, [m["id"] for m in tables["mechanisms"]], {r["id"]: r for r in tables["occurrences"]})
    _show_quarantined(checked.quarantined)
    bad = len(checked.quarantined)
    typer.echo(f"{checked.lines - bad} of {checked.lines} rows can go in, {bad} cannot")
    raise typer.Exit(OK if not bad else PARTLY if bad < checked.lines else REFUSED)


@acts_app.command("add")
def acts_add(
    file: Annotated[Path, typer.Argument(help="csv, tsv, xlsx, yaml or json")],
    store: StoreOption = None,
    record: RecordOption = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another writer.")] = 10.0,
) -> None:
    """Add a file of acts to your store; a bad row is quarantined, the rest goes in. Adding twice changes nothing."""
    from minilateral.evidence import Store, check_file, current_tables, held_hashes, shipped_tables

    mine = _store(store)
    tables = current_tables(None, record, mine if mine.exists() else None)
    checked = check_file(file, [m["id"] for m in tables["mechanisms"]], {r["id"]: r for r in tables["occurrences"]})
    added = Store(mine, wait).add(
        checked.entries,
        checked.quarantined,
        held_hashes(shipped_tables(record)),
        file.name,
        checked.sha256,
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    _show_quarantined(added.quarantined)
    typer.echo(f"{added.new} new, {added.same} there already, {len(added.quarantined)} quarantined; store: {mine}")
    if added.quarantined:
        _say("quarantined rows are kept: `minilateral acts list --quarantined`; mend them in the file and add it again")
        raise typer.Exit(PARTLY if added.new or added.same else REFUSED)


def _show_quarantined(rows: tuple[object, ...]) -> None:
    for q in rows:
        field = f"{q.field} " if q.field else ""  # type: ignore[attr-defined]
        _say(f"line {q.line}: {field}{q.value!r} {q.rule}; {q.way_out}")  # type: ignore[attr-defined]


@acts_app.command("list")
def acts_list(
    group: Annotated[str, typer.Option(help="Only acts of exactly this group.")] = "",
    since: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Only acts from this day on.")] = "",
    until: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Only acts up to and with this day.")] = "",
    mine: Annotated[bool, typer.Option("--mine", help="Only acts that you added.")] = False,
    quarantined: Annotated[bool, typer.Option("--quarantined", help="The rows in quarantine instead.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the summaries.")] = Language.en,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """List occurrences, a line each."""
    from minilateral.evidence import Store

    path = _store(store)
    if quarantined:
        rows = Store(path).quarantined()
        for q in rows:
            field = f"{q.field} " if q.field else ""
            typer.echo(f"line {q.line}  {q.id}: {field}{q.value!r} {q.rule}; {q.way_out}")
        typer.echo(f"{len(rows)} in quarantine")
        return
    loaded = _load(store, record)
    own = {row["id"] for row in Store(path).rows("occurrences")} if path.exists() else set()
    ids = _chosen(loaded, group, since, until, (lambda i: i in own) if mine else (lambda _: True))
    for i in ids:
        item = loaded.occurrences[i]
        typer.echo(f"{item.happened!s:24} {'-'.join(item.participants):16} {i}\n    {item.summary(lang.value)}")
    typer.echo(f"{len(ids)} occurrences")


@acts_app.command("show")
def acts_show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of an occurrence, as `acts list` prints it.")],
    lang: Annotated[Language, typer.Option(help="Language of the summaries.")] = Language.en,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Show one occurrence with its sources, outputs, sessions and commitments."""
    import difflib

    loaded = _load(store, record)
    if identifier not in loaded.occurrences:
        near = difflib.get_close_matches(identifier, loaded.occurrences, n=3, cutoff=0.5)
        raise BadInput(
            repr(identifier),
            "is not in the record",
            f"did you mean {' or '.join(near)}?" if near else "see `minilateral acts list`",
        )
    item = loaded.occurrences[identifier]
    typer.echo(
        f"{item.id}\n{item.happened.format(lang.value)}  {', '.join(item.participants)}\n{item.summary(lang.value)}"
    )
    for field in ("status", "kind", "level", "domain", "direction", "venue", "confidence"):
        if getattr(item, field):
            typer.echo(f"{field:12} {getattr(item, field)}")
    for field, value in (
        ("place", item.place_en),
        ("host", item.host),
        ("initiator", item.initiator),
        ("with", ", ".join(item.outsiders)),
        ("concerns", ", ".join("-".join(c) for c in item.concerns)),
        ("known", f"{item.known} ({item.known_basis})"),
    ):
        if value:
            typer.echo(f"{field:12} {value}")
    for session in loaded.sessions:
        if session.occurrence == identifier:
            typer.echo(
                f"{'session of':12} {session.mechanism}" + (f", no. {session.ordinal}" if session.ordinal else "")
            )
    for output in loaded.outputs:
        if output.occurrence == identifier:
            typer.echo(f"{'output':12} {output.kind}: {output.title_en}")
    for promise in loaded.commitments:
        if promise.occurrence == identifier:
            typer.echo(f"{'commitment':12} {promise.domain}: {promise.text_en}")
    for link in loaded.evidence_of(identifier):
        source = loaded.sources[link.source]
        study = ", row taken from the study" if link.from_study else ""
        typer.echo(
            f"{'source':12} {source.title}. {source.publisher}, {source.published or 'no date seen'} "
            f"({source.tier}{study}) {source.url}"
        )


@acts_app.command("export")
def acts_export(
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    format: Annotated[Format | None, typer.Option(help="Default: by the ending of the file.")] = None,
    group: Annotated[str, typer.Option(help="Only acts of exactly this group.")] = "",
    since: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Only acts from this day on.")] = "",
    until: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Only acts up to and with this day.")] = "",
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Write occurrences to a file that `acts add` reads back."""
    from minilateral.evidence.exports import export_rows, write_rows

    kind = _kind(file, format, ", or give --format")
    loaded = _load(store, record)
    rows = export_rows(loaded, _chosen(loaded, group, since, until, lambda _: True))
    write_rows(rows, file, kind)
    typer.echo(f"{len(rows)} rows in {file}")


def _kind(file: Path, asked: Format | None, or_else: str = "") -> str:
    """The format that is asked for, or that the ending of the file says."""
    kind = asked.value if asked else file.suffix.lower().lstrip(".").replace("yml", "yaml")
    if kind not in set(Format):
        raise BadInput(str(file), "is of no kind that we write", f"end it in one of {', '.join(Format)}{or_else}")
    return kind


def _load(store: Path | None, record: Path | None) -> Record:
    from minilateral.evidence import load

    path = _store(store)
    return load(None, record, path if path.exists() else None)


def _chosen(loaded: Record, group: str, since: str, until: str, also: Callable[[str], bool]) -> list[str]:
    from minilateral.terms import Group, Selection
    from minilateral.terms.periods import parse_day

    where = Selection(
        exactly=Group.parse(group).members if group else (),
        status="",
        start=parse_day(since) if since else None,
        end=parse_day(until) + timedelta(days=1) if until else None,
    )
    return [i for i in loaded.select(where) if also(i)]


@app.callback(invoke_without_command=True)
def _callback(version: Annotated[bool, typer.Option("--version", help="Say the version.")] = False) -> None:
    if version:
        from minilateral import __version__

        typer.echo(f"minilateral {__version__}")
        raise typer.Exit(OK)


def main() -> None:
    """Run the command line: a known error is a message and exit code 2, never a traceback."""
    try:
        app()
    except MinilateralError as error:
        _say(f"minilateral: {error}")
        sys.exit(REFUSED)
    except BrokenPipeError:
        sys.exit(OK)
    except OSError as error:
        _say(f"minilateral: {error.filename or ''} cannot be used ({error.strerror}); check the path and its rights")
        sys.exit(REFUSED)
    except Exception as error:
        if os.environ.get("MINILATERAL_DEBUG"):
            raise
        _say(
            f"minilateral: this should not happen: {type(error).__name__}: {error}; "
            "run it again with MINILATERAL_DEBUG=1 for the details, and report them"
        )
        sys.exit(3)

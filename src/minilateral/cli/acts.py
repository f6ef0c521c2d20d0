"""`minilateral acts`: a user's own acts beside the shipped record, and coding acts again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minilateral.cli.common import (
    OK,
    PARTLY,
    REFUSED,
    Format,
    Language,
    RecordOption,
    StoreOption,
    file_kind,
    load_record,
    say,
    store_path,
    today,
)
from minilateral.errors import BadInput

if TYPE_CHECKING:
    from minilateral.evidence import Record

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Your own acts beside the shipped record.")


@app.command("template")
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
    write_rows([row], file, file_kind(file, None), list(row))
    typer.echo(f"template in {file}")


@app.command("codes")
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


@app.command("validate")
def acts_validate(
    file: Annotated[Path, typer.Argument(help="csv, tsv, xlsx, yaml or json")],
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Check a file and say what is wrong with which row; nothing is written."""
    from minilateral.evidence import check_file, current_tables

    mine = store_path(store)
    tables = current_tables(None, record, mine if mine.exists() else None)
    checked = check_file(file, [m["id"] for m in tables["mechanisms"]], {r["id"]: r for r in tables["occurrences"]})
    _show_quarantined(checked.quarantined)
    bad = len(checked.quarantined)
    typer.echo(f"{checked.lines - bad} of {checked.lines} rows can go in, {bad} cannot")
    raise typer.Exit(OK if not bad else PARTLY if bad < checked.lines else REFUSED)


@app.command("add")
def acts_add(
    file: Annotated[Path, typer.Argument(help="csv, tsv, xlsx, yaml or json")],
    store: StoreOption = None,
    record: RecordOption = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another writer.")] = 10.0,
) -> None:
    """Add a file of acts to your store; a bad row is quarantined, the rest goes in. Adding twice changes nothing."""
    from minilateral.evidence import Store, check_file, current_tables, held_hashes, shipped_tables

    mine = store_path(store)
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
        say("quarantined rows are kept: `minilateral acts list --quarantined`; mend them in the file and add it again")
        raise typer.Exit(PARTLY if added.new or added.same else REFUSED)


def _show_quarantined(rows: tuple[object, ...]) -> None:
    for q in rows:
        field = f"{q.field} " if q.field else ""  # type: ignore[attr-defined]
        say(f"line {q.line}: {field}{q.value!r} {q.rule}; {q.way_out}")  # type: ignore[attr-defined]


@app.command("list")
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

    path = store_path(store)
    if quarantined:
        rows = Store(path).quarantined()
        for q in rows:
            field = f"{q.field} " if q.field else ""
            typer.echo(f"line {q.line}  {q.id}: {field}{q.value!r} {q.rule}; {q.way_out}")
        typer.echo(f"{len(rows)} in quarantine")
        return
    loaded = load_record(store, record)
    own = {row["id"] for row in Store(path).rows("occurrences")} if path.exists() else set()
    ids = _chosen(loaded, group, since, until, (lambda i: i in own) if mine else (lambda _: True))
    for i in ids:
        item = loaded.occurrences[i]
        typer.echo(f"{item.happened!s:24} {'-'.join(item.participants):16} {i}\n    {item.summary(lang.value)}")
    typer.echo(f"{len(ids)} occurrences")


@app.command("show")
def acts_show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of an occurrence, as `acts list` prints it.")],
    lang: Annotated[Language, typer.Option(help="Language of the summaries.")] = Language.en,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Show one occurrence with its sources, outputs, sessions and commitments with their fate."""
    import difflib

    from minilateral.evidence import fates
    from minilateral.evidence.status import independent_sources
    from minilateral.terms.periods import parse_day

    loaded = load_record(store, record)
    if identifier not in loaded.occurrences:
        near = difflib.get_close_matches(identifier, loaded.occurrences, n=3, cutoff=0.5)
        raise BadInput(
            repr(identifier),
            "is not in the record",
            f"did you mean {' or '.join(near)}?" if near else "see `minilateral acts list`",
        )
    item = loaded.occurrences[identifier]
    reviews = [r for r in loaded.reviews if r.occurrence == identifier]
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
        ("sources", f"{independent_sources(loaded, identifier)} independent"),
        ("coded by", ", ".join(dict.fromkeys(r.coder for r in loaded.reviews if r.occurrence == identifier))),
        (
            "reviewed",
            "; ".join(f"{r.coder}, {r.on}: {r.outcome}" for r in reviews if r.role == "checked") or "no",
        ),
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
    found = {f.commitment: f.fate for f in fates(loaded, parse_day(today()))}
    for promise in loaded.commitments:
        if promise.occurrence == identifier:
            fate = f" [{found[promise.id]}]" if promise.id in found else ""
            text = promise.text_zh if lang is Language.zh else promise.text_en
            typer.echo(f"{'commitment':12} {promise.domain}: {text or promise.text_en}{fate}")
    for link in loaded.evidence_of(identifier):
        source = loaded.sources[link.source]
        study = ", row taken from the study" if link.from_study else ""
        typer.echo(
            f"{'source':12} {source.title}. {source.publisher}, {source.published or 'no date seen'} "
            f"({source.tier}{study}) {source.url}"
        )


@app.command("export")
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

    kind = file_kind(file, format, ", or give --format")
    loaded = load_record(store, record)
    rows = export_rows(loaded, _chosen(loaded, group, since, until, lambda _: True))
    write_rows(rows, file, kind)
    typer.echo(f"{len(rows)} rows in {file}")


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


@app.command("review")
def acts_review(
    coder: Annotated[str, typer.Option(help="Label of the second coder.")] = "B",
    next_: Annotated[int, typer.Option("--next", min=1, help="How many acts to draw with --out.")] = 20,
    out: Annotated[Path | None, typer.Option(help="Write acts to code again: csv or xlsx, codes left empty.")] = None,
    take: Annotated[Path | None, typer.Option(help="Take in a file that was filled in.")] = None,
    group: Annotated[str, typer.Option(help="Only acts of exactly this group.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed draws the same acts.")] = 0,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Code acts again without sight of the first codes: draw them, take the codes in, see what agrees."""
    from minilateral.evidence import Store, held_hashes, shipped_tables
    from minilateral.evidence.exports import write_rows
    from minilateral.evidence.reviewing import QUEUE_COLUMNS, disagreements, queue, read_codings
    from minilateral.terms import Group

    loaded = load_record(store, record)
    members = Group.parse(group).members if group else ()
    if out:
        if out.exists():
            raise BadInput(str(out), "is there already", "choose another name: nothing is overwritten")
        rows = queue(loaded, next_, coder, seed, members)
        write_rows(rows, out, file_kind(out, None), QUEUE_COLUMNS)
        typer.echo(f"{len(rows)} acts to code in {out}; open their pages, fill in the codes, then --take it")
        return
    if take:
        entries, bad, lines, sha256 = read_codings(take, loaded)
        added = Store(store_path(store)).add(
            entries,
            bad,
            held_hashes(shipped_tables(record)),
            take.name,
            sha256,
            datetime.now(UTC).isoformat(timespec="seconds"),
        )
        _show_quarantined(added.quarantined)
        typer.echo(f"{lines} rows: {added.new} new, {added.same} there already, {len(added.quarantined)} quarantined")
        loaded = load_record(store, record)
    _show_agreement(loaded)
    for d in disagreements(loaded):
        typer.echo(f"  {d.occurrence}: {d.field} is {d.row}; {d.coder} says {d.code}")
    if take and added.quarantined:
        raise typer.Exit(PARTLY if added.new or added.same else REFUSED)


def _show_agreement(loaded: Record) -> None:
    from minilateral.evidence.agreement import coding_agreement

    twice = len({c.occurrence for c in loaded.codings})
    checked = len({r.occurrence for r in loaded.reviews if r.role == "checked"})
    typer.echo(f"{len(loaded.occurrences)} occurrences: {twice} coded again, {checked} checked against their sources")
    for a in coding_agreement(loaded):
        alpha = "not defined: all codes are the same" if a.alpha is None else f"{a.alpha:.2f}"
        typer.echo(f"{a.field:10} {a.agreed} of {a.units} agree; Krippendorff's alpha {alpha}")

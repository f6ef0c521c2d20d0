"""`minilateral record`: what the record is worth, what is due, what is new."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minilateral.cli.common import (
    AsOf,
    Language,
    RecordOption,
    StoreOption,
    as_of_day,
    file_kind,
    known_record,
    members_of_text,
)
from minilateral.errors import BadInput, BadPeriod

if TYPE_CHECKING:
    from minilateral.evidence import Bounds, Record
    from minilateral.evidence.agreement import Agreement

app = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="What the record is worth, what is due, what is new."
)
GroupArgument = Annotated[list[str] | None, typer.Argument(help="Only this group; none: everything.")]


def _percent(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" ({part / whole:.0%})" if whole else "")


@app.command("status")
def record_status(
    group: GroupArgument = None,
    as_of: AsOf = "",
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Recall by mechanism and period, rows by tier and language of source, checks against sources, agreement."""
    from minilateral.evidence.status import status

    day, loaded = known_record(as_of, store, record)
    asked = members_of_text(group)
    found = status(loaded, day, asked)
    q = found.quality
    typer.echo(f"{asked.key if asked else 'all groups'}, as known on {day.isoformat()}: {q.acts} held acts")
    typer.echo(f"  with a government source            {_percent(q.government, q.acts)}")
    typer.echo(f"  with a government or agency source  {_percent(q.government_or_agency, q.acts)}")
    typer.echo(f"  with a Korean or Japanese source    {_percent(q.korean_or_japanese, q.acts)}")
    typer.echo(f"  resting on one independent source   {_percent(q.one_source, q.acts)}")
    typer.echo(f"  resting on the study alone          {_percent(q.only_study, q.acts)}")
    typer.echo("  with a source by tier      " + ", ".join(f"{k} {v}" for k, v in q.by_tier.items()))
    typer.echo("  with a source by language  " + ", ".join(f"{k} {v}" for k, v in q.by_language.items()))
    typer.echo(f"{q.sources} sources")
    typer.echo("  by tier      " + ", ".join(f"{k} {v}" for k, v in q.source_tiers.items()))
    typer.echo("  by language  " + ", ".join(f"{k} {v}" for k, v in q.source_languages.items()))
    c = found.checked
    if c.error_rate is None:
        typer.echo("checked against their sources by a second coder: none")
    else:
        typer.echo(
            f"checked against their sources by a second coder: {c.checked}, readable {c.readable}, "
            f"with an error {c.differs}: {c.error_rate:.1%} (90 % interval {c.low:.1%} to {c.high:.1%})"
        )
    typer.echo("")
    typer.echo("recall against the governments' own numbering (sessions on record of sessions counted)")
    for r in found.recalls:
        conflict = "  the two count differently" if r.conflict else f"  {r.recall:.0%}"
        typer.echo(f"  {r.mechanism:34} {r.seen:>3} of {r.official:<3}{conflict}")
    if found.tallied:
        typer.echo("recall against a government's count over a span (its own list, or so many since a day)")
    for t in found.tallied:
        said = "  the two count differently" if t.recall is None else f"  {t.recall:.0%}"
        spans = ", ".join(str(loaded.tallies[i].happened) for i in t.tallies)
        typer.echo(f"  {t.mechanism:34} {t.seen:>3} of {t.counted:<3}{said}  ({spans})")
    typer.echo("")
    typer.echo("by period: on record, and how many there can have been at most by the numbering (no bound: ?)")
    periods = list(dict.fromkeys(b.label for b in found.by_period))
    typer.echo("  " + " " * 34 + " ".join(f"{p:>11}" for p in periods))
    for r in found.recalls:
        cells = {b.label: b for b in found.by_period if b.mechanism == r.mechanism}
        typer.echo(f"  {r.mechanism:34} " + " ".join(f"{_span(cells[p]):>11}" for p in periods))
    typer.echo("")
    typer.echo(f"searches on register: {sum(found.searched.values())} over {len(found.searched)} mechanisms")
    without = _not_searched(loaded, asked.members if asked else (), found.searched)
    if without:
        typer.echo(f"never searched by name: {', '.join(without)}")
    for title, agreements in (("acts coded again", found.coding), ("statements, coders A and B", found.texts)):
        if agreements:
            typer.echo("")
            typer.echo(f"agreement, {title}")
            for a in agreements:
                typer.echo(f"  {a.field:18} {_agreement(a)}")


def _span(b: Bounds) -> str:
    if b.state == "not_applicable":
        return "-"
    return f"{b.lower}/{'?' if b.upper is None else b.upper}"


def _agreement(a: Agreement) -> str:
    alpha = "alpha not defined (all codes are the same)" if a.alpha is None else f"alpha {a.alpha:.2f}"
    return f"{a.agreed} of {a.units} agree; {alpha} ({a.metric})"


def _not_searched(loaded: Record, members: tuple[str, ...], searched: dict[str, int]) -> list[str]:
    return [m.id for m in loaded.mechanisms.values() if (not members or m.members == members) and m.id not in searched]


@app.command("due")
def record_due(
    group: GroupArgument = None,
    as_of: AsOf = "",
    within: Annotated[int, typer.Option(min=0, help="Also what comes within so many days.")] = 90,
    lang: Annotated[Language, typer.Option(help="Language of the promises.")] = Language.en,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Promises and sessions that are overdue or coming."""
    from minilateral.evidence.promises import due, fate_counts

    day, loaded = known_record(as_of, store, record)
    asked = members_of_text(group)
    members = asked.members if asked else ()
    promises = {c.id: c for c in loaded.commitments}
    listed = due(loaded, day, within, members)
    for item in listed:
        state = "due by       " if not item.overdue else "overdue since" if item.searched else "unknown since"
        if item.what == "session":
            mechanism = loaded.mechanisms[item.id]
            last = f"; last on record {loaded.occurrences[item.last].happened}" if item.last else "; none on record"
            cadence = f"promised every {mechanism.promised_cadence_months:g} months"
            typer.echo(f"{state} {item.by}  session     {mechanism.name(lang.value)} ({cadence}{last})")
        else:
            promise = promises[item.id]
            text = promise.text_zh if lang is Language.zh else promise.text_en
            typer.echo(f"{state} {item.by}  commitment  {text or promise.text_en} [{item.id}]")
    typer.echo(
        f"{len(listed)} listed, as known on {day.isoformat()}; unknown: its time has passed, and nobody searched"
    )
    if asked:
        counts = fate_counts(loaded, asked, day)
        typer.echo("concrete commitments: " + ", ".join(f"{n} {fate.replace('_', ' ')}" for fate, n in counts.items()))


@app.command("diff")
def record_diff(
    since: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="What became known after this day.")],
    group: GroupArgument = None,
    as_of: AsOf = "",
    lang: Annotated[Language, typer.Option(help="Language of the summaries.")] = Language.en,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """What is new in the record since a day, and what moved."""
    from minilateral.evidence.differences import differences

    day, after = known_record(as_of, store, record)
    start, before = known_record(as_of_day(since), store, record)
    if start >= day:
        raise BadPeriod(repr(since), f"does not lie before {day.isoformat()}", "give an earlier day")
    asked = members_of_text(group)
    found = differences(before, after, asked.members if asked else ())
    for i in found.acts:
        item = after.occurrences[i]
        typer.echo(f"new act        {item.happened!s:22} {'-'.join(item.participants):12} {item.summary(lang.value)}")
    for i in found.texts:
        text = after.texts[i]
        typer.echo(f"new statement  {i}: {text.title_zh if lang is Language.zh else text.title_en}")
    for i in found.mechanisms:
        typer.echo(f"new mechanism  {after.mechanisms[i].name(lang.value)}")
    for m in found.moved:
        typer.echo(f"{m.what:14} {m.id}: {m.before or 'new'} -> {m.after}")
    typer.echo(
        f"known on {day.isoformat()} and not on {start.isoformat()}: {len(found.acts)} occurrences, "
        f"{len(found.texts)} statements, {len(found.mechanisms)} mechanisms; {len(found.moved)} moves"
    )


@app.command("table")
def record_table(
    name: Annotated[str, typer.Argument(help="A table, such as moves or council; none: all names.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write it as csv, xlsx, json or yaml instead.")] = None,
    as_of: AsOf = "",
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Print or export a table of the record: promises, statement codes, demands and answers, surveys, votes ..."""
    from minilateral.evidence import COLUMNS
    from minilateral.evidence.exports import write_rows

    _, loaded = known_record(as_of, store, record)
    if not name:
        for table, columns in COLUMNS.items():
            typer.echo(f"{table:12} {len(loaded.rows[table]):>5} rows  {', '.join(columns)}")
        return
    if name not in COLUMNS:
        raise BadInput(repr(name), "is no table of the record", f"tables: {', '.join(COLUMNS)}")
    rows = loaded.rows[name]
    if out:
        write_rows(rows, out, file_kind(out, None), COLUMNS[name])
        typer.echo(f"{len(rows)} rows in {out}")
        return
    typer.echo("\t".join(COLUMNS[name]))
    for row in rows:
        typer.echo("\t".join(row[c] for c in COLUMNS[name]))

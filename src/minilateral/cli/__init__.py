"""The command line: the only place that reads the clock or the environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from minilateral.cli import actors, acts, cite, measures, record, sharing, statements
from minilateral.cli.common import (
    OK,
    REFUSED,
    AsOf,
    Every,
    Language,
    RecordOption,
    StoreOption,
    as_of_day,
    cache_path,
    say,
    store_path,
)
from minilateral.errors import BadInput, MinilateralError

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="How closely does a small group of states act together? Numbers and sentences that carry their sources.",
)
app.add_typer(acts.app, name="acts")
app.add_typer(actors.app, name="actors")
app.add_typer(record.app, name="record")
app.add_typer(statements.app, name="statements")
for _name, _command in (measures.COMMANDS | sharing.COMMANDS).items():
    app.command(_name)(_command)
app.command("cite")(cite.cite)


@app.command()
def brief(
    group: Annotated[list[str], typer.Argument(help="Two or more actors, in names or codes of any language.")],
    as_of: AsOf = "",
    lang: Annotated[Language, typer.Option(help="Language that the page opens in; both are in it.")] = Language.zh,
    every: Annotated[Every, typer.Option(help="Width of the cells in time.")] = Every.year,
    seed: Annotated[int, typer.Option(min=0, help="For whatever is drawn at random.")] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="Point estimates of the models, without intervals.")] = False,
    form: Annotated[
        str, typer.Option("--format", help="Besides: docx, pdf, xlsx, svg, png, with commas; or all.")
    ] = "",
    notes: Annotated[str, typer.Option(help="Style of the notes in docx and pdf; an unknown one lists them.")] = "",
    out: Annotated[Path, typer.Option(help="Folder; the brief goes into a folder of its own in it.")] = Path("out"),
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Write brief.html, data/ and manifest.json for a group, such as: brief USA JPN KOR."""
    from minilateral.brief import formats_of, write_brief
    from minilateral.terms import Study

    formats = formats_of(f for f in (part.strip().lower() for part in form.split(",")) if f)
    if notes:
        from minilateral.brief.citing import style_name

        style_name(notes)
    mine = store_path(store)
    if store and not store.exists():
        raise BadInput(str(store), "is not there", "check --store, or add acts first (`minilateral acts add`)")
    own = mine if mine.exists() else None
    study = Study(group, as_of_day(as_of), every.value, seed, record, own, not quick, cache_path())
    steps = {
        "evidence": "reading the record",
        "parts": "counting the parts",
        "measure": "mechanisms, dimensions, quasi-alliance",
        "phases": "dating the phases",
        "audit": "judging the claims",
        "compile": "checking every sentence",
        "figures": "drawing",
        "documents": "setting documents",
        "write": "writing",
    }
    if not set(formats) - {"xlsx"}:
        del steps["documents"]
    done = 0

    def progress(name: str) -> None:
        nonlocal done
        done += 1
        say(f"[{done}/{len(steps) + 1}] {steps[name]} ...")

    say(f"[1/{len(steps) + 1}] loading for {study.group.name('en')}, as known on {study.as_of.isoformat()} ...")
    done = 1
    from minilateral.study import run

    written = write_brief(run(study, progress), out, lang.value, progress, formats, notes)
    typer.echo("")
    for number, (en, zh) in enumerate(written.findings, start=1):
        typer.echo(f"{number}. {zh if lang is Language.zh else en}")
        typer.echo(f"   {en if lang is Language.zh else zh}")
    typer.echo("")
    typer.echo(f"brief     {written.page}")
    if said := [f for f in formats if f in ("docx", "pdf")]:
        typer.echo(f"documents {written.folder}  ({', '.join(said)}, in Chinese and English)")
    if said := [f for f in formats if f in ("svg", "png")]:
        typer.echo(f"figures   {written.folder / 'figures'}  ({', '.join(said)}, in Chinese and English)")
    if "xlsx" in formats:
        typer.echo(f"workbook  {written.folder / 'tables.xlsx'}")
    typer.echo(f"data      {written.folder / 'data'}  ({written.tables} tables, csv and parquet)")
    typer.echo(f"manifest  {written.folder / 'manifest.json'}")


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
        say(f"minilateral: {error}")
        sys.exit(REFUSED)
    except BrokenPipeError:
        sys.exit(OK)
    except OSError as error:
        say(f"minilateral: {error.filename or ''} cannot be used ({error.strerror}); check the path and its rights")
        sys.exit(REFUSED)
    except Exception as error:
        if os.environ.get("MINILATERAL_DEBUG"):
            raise
        say(
            f"minilateral: this should not happen: {type(error).__name__}: {error}; "
            "run it again with MINILATERAL_DEBUG=1 for the details, and report them"
        )
        sys.exit(3)

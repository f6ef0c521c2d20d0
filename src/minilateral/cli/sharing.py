"""`minilateral watch|package`: the Monday page of a group, a study as a zip for replication."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from minilateral.cli.common import (
    AsOf,
    Every,
    Language,
    RecordOption,
    StoreOption,
    as_of_day,
    cache_path,
    known_record,
    say,
    store_path,
)
from minilateral.cli.measures import GroupArgument, Lang, Quick, Seed
from minilateral.errors import BadInput, BadPeriod


def watch(
    group: GroupArgument,
    since: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="What became known after this day.")],
    as_of: AsOf = "",
    lang: Lang = Language.en,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Write the page instead: .html, or .txt.")] = None,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Print or write what is new of a group since a day, what moved and why, and what is tested next."""
    from minilateral.brief.watching import watch as compare
    from minilateral.brief.watching import watch_page, watch_text
    from minilateral.evidence.exports import write_whole
    from minilateral.terms import Group

    if out is not None and out.suffix.lower() not in (".html", ".txt"):
        raise BadInput(str(out), "is of no kind that we write", "end it in .html or .txt")
    asked = Group.parse(group)
    start_text, day_text = as_of_day(since), as_of_day(as_of)
    if start_text >= day_text:
        raise BadPeriod(repr(since), f"does not lie before {day_text}", "give an earlier day")
    day, after = known_record(day_text, store, record)
    start, before = known_record(start_text, store, record)
    found = compare(before, after, asked, start, day, seed=seed)
    if out is None:
        typer.echo(watch_text(found, lang.value), nl=False)
        return
    text = watch_page(found, lang.value) if out.suffix.lower() == ".html" else watch_text(found, lang.value)
    write_whole(out, text.encode())
    say(f"page in {out}")


def package(
    group: GroupArgument,
    out: Annotated[Path, typer.Option(help="The zip to write.")] = Path("package.zip"),
    as_of: AsOf = "",
    every: Annotated[Every, typer.Option(help="Width of the cells in time.")] = Every.year,
    seed: Seed = 0,
    quick: Quick = False,
    constraints: Annotated[
        Path | None, typer.Option(help="File of versions, for pip. Default: those installed.")
    ] = None,
    url: Annotated[str, typer.Option(help="Where it is deposited, such as a DOI.")] = "",
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Write a study as one zip for replication: tables, record, question, metadata, and a program that checks it."""
    from minilateral import __version__
    from minilateral.brief.packaging import write_package
    from minilateral.study import run
    from minilateral.terms import Study

    if out.suffix.lower() != ".zip":
        raise BadInput(str(out), "does not end in .zip", "give the package a name such as package.zip")
    mine = store_path(store)
    if store and not store.exists():
        raise BadInput(str(store), "is not there", "check --store, or add acts first (`minilateral acts add`)")
    own = mine if mine.exists() else None
    pinned = constraints.read_text(encoding="utf-8") if constraints else None
    study = Study(group, as_of_day(as_of), every.value, seed, record, own, not quick, cache_path())
    log: list[str] = []

    def progress(name: str) -> None:
        log.append(name)
        say(f"{name} ...")

    written = write_package(run(study, progress), out, release=__version__, constraints=pinned, log=log, url=url)
    typer.echo(f"package  {written}")
    typer.echo("check    unzip it and run rerun.py")


#: The commands of this module, by name.
COMMANDS: dict[str, Callable[..., None]] = {"watch": watch, "package": package}

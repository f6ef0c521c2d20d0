"""`minilateral actors`: states and bodies, their names and codes."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="States and bodies: names and codes.")


@app.command("find")
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


@app.command("list")
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

"""`minilateral cite`: what stands behind acts of the record, as notes, BibTeX, CSL-JSON or RIS."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from minilateral.cli.common import AsOf, Language, RecordOption, StoreOption, known_record, say
from minilateral.errors import BadInput


class As(StrEnum):
    """In which form."""

    notes = "notes"
    bibtex = "bibtex"
    csl = "csl"
    ris = "ris"


def cite(
    what: Annotated[list[str], typer.Argument(help="A group (its joint acts), or ids of acts of the record.")],
    as_of: AsOf = "",
    style: Annotated[str, typer.Option(help="Style of the notes; an unknown one lists them.")] = "waijiao-pinglun",
    lang: Annotated[Language, typer.Option(help="Language of the text that the notes stand in.")] = Language.zh,
    form: Annotated[As, typer.Option("--as", help="notes, bibtex, csl (CSL-JSON) or ris.")] = As.notes,
    out: Annotated[Path | None, typer.Option(help="Write it to a file instead.")] = None,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Cite what stands behind a group's joint acts, or behind acts by id: producers, documents, then this package."""
    from minilateral.brief import citing
    from minilateral.evidence.exports import write_whole
    from minilateral.terms import Group, Selection

    day, loaded = known_record(as_of, store, record)
    known = [i for i in what if i in loaded.occurrences]
    if known and len(known) < len(what):
        missing = ", ".join(i for i in what if i not in loaded.occurrences)
        raise BadInput(missing, f"is no act known on {day.isoformat()}", "see `minilateral acts list`")
    rows = known or list(loaded.select(Selection(exactly=Group.parse(what).members)))
    if not rows:
        raise BadInput(" ".join(what), f"has no joint act known on {day.isoformat()}", "name acts by id instead")
    read = citing.read_on(loaded)
    used = citing.cite(rows, loaded, origins=tuple(loaded.origins), package=citing.package())
    if form is As.notes:
        made = citing.notes(used.items, style, lang.value, accessed=read)
        text = "\n".join(citing.plain(note) for note in made) + "\n"
    else:
        write = {"bibtex": citing.bibtex, "csl": citing.csl_json, "ris": citing.ris}[form.value]
        text = write(used.items, accessed=read, language=lang.value)
    if out:
        write_whole(out, text.encode())
        say(f"{len(used.items)} items in {out}")
    else:
        typer.echo(text, nl=False)
    for row in used.bare:
        say(f"without a source: {row}")

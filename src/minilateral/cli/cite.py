"""`minilateral cite`: what stands behind acts of the record, as notes, BibTeX, CSL-JSON or RIS."""

from __future__ import annotations

import difflib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minilateral.cli.common import AsOf, Language, RecordOption, StoreOption, known_record, say
from minilateral.errors import BadInput

if TYPE_CHECKING:
    from datetime import date

    from minilateral.brief.citing import Citation
    from minilateral.evidence import Record


class As(StrEnum):
    """In which form."""

    notes = "notes"
    bibtex = "bibtex"
    csl = "csl"
    ris = "ris"


def cite(
    what: Annotated[
        list[str],
        typer.Argument(help="A group, or ids of acts, sources, series, claims."),
    ],
    as_of: AsOf = "",
    style: Annotated[str, typer.Option(help="Style of the notes; an unknown one lists them.")] = "waijiao-pinglun",
    lang: Annotated[Language, typer.Option(help="Language of the text that the notes stand in.")] = Language.zh,
    form: Annotated[As, typer.Option("--as", help="notes, bibtex, csl (CSL-JSON) or ris.")] = As.notes,
    out: Annotated[Path | None, typer.Option(help="Write it to a file instead.")] = None,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Cite what stands behind a result: its documents, the producers of its data if it has any, then this package.

    An act has the pages that report it; an indicator or a data set its producer; a claim the study that makes it;
    a source itself; a group all documents of its joint acts; `minilateral` the package.
    """
    from minilateral.brief import citing
    from minilateral.evidence.exports import write_whole

    day, loaded = known_record(as_of, store, record)
    used = _used(what, loaded, day)
    read = citing.read_on(loaded)
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


def _used(what: list[str], loaded: Record, day: date) -> Citation:
    """Find what the arguments name and what stands behind it."""
    from minilateral import origins
    from minilateral.brief import citing
    from minilateral.terms import Group, Selection
    from minilateral.terms.tables import read_tsv, shipped

    package = citing.package()
    series = {i.id: i.origin for i in origins.indicators()}
    claims = {row["id"] for row in read_tsv(shipped("claims", "claims.tsv"))}
    sets = {*loaded.origins, *series.values()}
    known = {*loaded.occurrences, *loaded.sources, *series, *sets, *claims, package.id}
    missing = [i for i in what if i not in known]
    if missing and (len(missing) < len(what) or (near := _near(missing[0], known))):
        near = _near(missing[0], known)
        way = f"did you mean {', '.join(near)}?" if near else "see `minilateral acts list`"
        raise BadInput(", ".join(missing), f"is no id known on {day.isoformat()}", way)
    rows = [i for i in what if i in loaded.occurrences]
    if missing:
        rows = list(loaded.select(Selection(exactly=Group.parse(what).members)))
        if not rows:
            raise BadInput(" ".join(what), f"has no joint act known on {day.isoformat()}", "name acts by id instead")
        what = []
    data = [loaded.origins["study"]] if claims & set(what) or any(map(loaded.only_study, rows)) else []
    named = {series.get(i, i) for i in what}
    first = {o: next(i for i in series if series[i] == o) for o in sorted(named & set(series.values()))}
    data += [origins.cite(i) for i in first.values()] + [loaded.origins[o] for o in loaded.origins if o in named]
    return citing.cite(rows, loaded, sources=[i for i in what if i in loaded.sources], origins=data, package=package)


def _near(name: str, known: set[str]) -> list[str]:
    return difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.7)

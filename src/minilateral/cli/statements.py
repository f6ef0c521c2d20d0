"""`minilateral statements`: what a group's statements say of whom, how strongly, and what changed."""

from __future__ import annotations

from typing import Annotated

import typer

from minilateral.cli.common import AsOf, Language, RecordOption, StoreOption, known_record, members_of_text
from minilateral.errors import BadInput

app = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="What joint statements say of whom, and what changed."
)


@app.command("list")
def statements_list(
    group: Annotated[list[str] | None, typer.Argument(help="The group; none: USA JPN KOR.")] = None,
    as_of: AsOf = "",
    lang: Annotated[Language, typer.Option(help="Language of the titles.")] = Language.en,
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """List the statements on record with the strongest wording on each target, and what was said for the first time."""
    from minilateral.evidence.texts import first_spoken, texts_of, wording

    _, loaded = known_record(as_of, store, record)
    asked = members_of_text(group or ["USA", "JPN", "KOR"])
    assert asked is not None
    found = texts_of(loaded, asked.members)
    first = first_spoken(loaded, asked.members)
    for text in found:
        when = loaded.occurrences[text.occurrence].happened
        typer.echo(f"{when!s:12} {text.id}  ({text.seen})")
        typer.echo(f"    {text.title_zh if lang is Language.zh and text.title_zh else text.title_en}")
        said = [w for w in wording(loaded, text.id) if w.verb not in ("", "absent", "not_seen")]
        if said:
            new = {w.target for w in said if first.get((w.target, w.verb)) == text.id}
            typer.echo("    " + ", ".join(_said(w.target, w.verb, w.manner, w.target in new) for w in said))
    typer.echo(f"{len(found)} statements")


def _said(target: str, verb: str, manner: str, new: bool) -> str:
    return f"{target}: {verb}" + (" (implied)" if manner == "implied" else "") + (" [first]" if new else "")


@app.command("diff")
def statements_diff(
    before: Annotated[str, typer.Argument(metavar="A", help="Id of a statement, or its date.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Another one; none: the next of the same group.")] = "",
    lang: Annotated[Language, typer.Option(help="Language of the output.")] = Language.en,
    as_of: AsOf = "",
    store: StoreOption = None,
    record: RecordOption = None,
) -> None:
    """Compare two statements target by target: stronger, weaker, new, gone."""
    from minilateral.evidence.texts import difference, texts_of
    from minilateral.terms import code_table

    _, loaded = known_record(as_of, store, record)
    one = _find(list(loaded.texts), before)
    if after:
        two = _find(list(loaded.texts), after)
    else:
        row = [t.id for t in texts_of(loaded, loaded.occurrences[loaded.texts[one].occurrence].participants)]
        if one == row[-1]:
            raise BadInput(repr(before), "is the latest statement of its group", "name an earlier one, or two of them")
        two = row[row.index(one) + 1]
    names = code_table()
    for text in (one, two):
        t = loaded.texts[text]
        typer.echo(f"{text}: {t.title_zh if lang is Language.zh and t.title_zh else t.title_en} ({t.seen})")
    for change in difference(loaded, one, two):
        was, now = (_rung(w.verb, w.manner, lang.value) for w in (change.before, change.after))
        target = names.name("target", change.target, lang.value)
        typer.echo(f"  {target:16} {was:24} -> {now:24} {names.name('change', change.change, lang.value)}")


def _rung(verb: str, manner: str, language: str) -> str:
    from minilateral.terms import code_table

    if not verb:
        return "not settled"
    names = code_table()
    how = f" ({names.name('manner', manner, language)})" if manner else ""
    return names.name("verb", verb, language) + how


def _find(ids: list[str], name: str) -> str:
    import difflib

    if name in ids:
        return name
    fits = [i for i in ids if i.startswith(f"statement-{name}") or i.startswith(name)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise BadInput(repr(name), "may be more than one statement", f"say which: {', '.join(fits)}")
    near = difflib.get_close_matches(name, ids, n=3, cutoff=0.4)
    raise BadInput(
        repr(name),
        "is no statement of the record",
        f"did you mean {' or '.join(near)}?" if near else "see `minilateral statements list`",
    )

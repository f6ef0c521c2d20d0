"""What the commands share: options, the clock, the store, how an error is said."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minilateral.errors import BadInput, BadPeriod

if TYPE_CHECKING:
    from datetime import date

    from minilateral.evidence import Record
    from minilateral.terms import Group

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


def say(text: str) -> None:
    """Say something beside the result."""
    typer.echo(text, err=True)


def today() -> str:
    """Read the clock."""
    return datetime.now(UTC).date().isoformat()


def as_of_day(text: str) -> str:
    """Check the as-of day; none: today."""
    from minilateral.terms.periods import parse_day

    day = parse_day(text or today())
    if day.isoformat() > today():
        raise BadPeriod(
            repr(text),
            f"lies after today ({today()}): nobody knows the record of that day",
            "give today or an earlier day",
        )
    return day.isoformat()


def store_path(path: Path | None) -> Path:
    """The user's store: as named, by the environment, or in the data folder."""
    if path:
        return path
    if os.environ.get("MINILATERAL_STORE"):
        return Path(os.environ["MINILATERAL_STORE"])
    from platformdirs import user_data_path

    return user_data_path("minilateral") / "acts.sqlite"


def cache_path() -> Path | None:
    """Where results of models are kept: as the environment says (``off``: nowhere), else in the user's cache folder."""
    asked = os.environ.get("MINILATERAL_CACHE", "")
    if asked == "off":
        return None
    if asked:
        return Path(asked)
    from platformdirs import user_cache_path

    return user_cache_path("minilateral")


def file_kind(file: Path, asked: Format | None, or_else: str = "") -> str:
    """The format that is asked for, or that the ending of the file says."""
    kind = asked.value if asked else file.suffix.lower().lstrip(".").replace("yml", "yaml")
    if kind not in set(Format):
        raise BadInput(str(file), "is of no kind that we write", f"end it in one of {', '.join(Format)}{or_else}")
    return kind


def load_record(store: Path | None, record: Path | None) -> Record:
    """Everything on record, the user's own acts beside."""
    from minilateral.evidence import load

    path = store_path(store)
    return load(None, record, path if path.exists() else None)


def known_record(as_of: str, store: Path | None, record: Path | None) -> tuple[date, Record]:
    """The day that is asked for (default: today), and the record as it was known then."""
    from minilateral.evidence import load
    from minilateral.terms.periods import parse_day

    day = parse_day(as_of_day(as_of))
    if store and not store.exists():
        raise BadInput(str(store), "is not there", "check --store, or add acts first (`minilateral acts add`)")
    path = store_path(store)
    return day, load(day, record, path if path.exists() else None)


def members_of_text(group: list[str] | None) -> Group | None:
    """The group that was named, if any."""
    from minilateral.terms import Group

    return Group.parse(group) if group else None

"""Reading the plain tables that ship with the package."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from minilateral.errors import BadRecord


def shipped(*parts: str) -> Traversable:
    """Give the shipped file or folder ``data/<parts>``.

    Examples
    --------
    >>> shipped("codes.tsv").name
    'codes.tsv'
    """
    return files("minilateral").joinpath("data", *parts)


def read_tsv(path: Path | Traversable) -> list[dict[str, str]]:
    """Read a table of ours: UTF-8, tab-separated, one header line, no quoting; a field is text, empty if unknown.

    Returns
    -------
    list of dict
        One dict per line, in the order of the file.

    Raises
    ------
    BadRecord
        If the file is missing, or a line has another number of fields than the header.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRecord(str(path), f"could not be read ({error})", "restore the table") from None
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    if not lines:
        raise BadRecord(str(path), "is empty: a table has a header line", "restore the table")
    header = lines[0].split("\t")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(header):
            raise BadRecord(
                f"{path}, line {number}", f"has {len(cells)} fields where the header has {len(header)}", "mend the line"
            )
        rows.append(dict(zip(header, cells, strict=True)))
    return rows

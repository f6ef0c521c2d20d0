"""One table into one file: csv, parquet, json, xlsx, or Stata's dta (version 118, UTF-8)."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minilateral.errors import BadInput
from minilateral.evidence.exports import write_whole

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("csv", "parquet", "json", "xlsx", "dta")

Row = dict[str, Any]


def write_table(rows: Sequence[Row], path: Path, title: str = "") -> None:
    """Write rows, whole or not at all. The ending of the file says its format.

    Parameters
    ----------
    rows : sequence of dict
        All with the same columns. None is missing: an empty cell, never a zero.
    path : Path
    title : str
        Label of the data set, where the format has one.

    Raises
    ------
    BadInput
        An ending that is none of the formats, or a file that cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "t.csv"
    >>> write_table([{"year": 2023, "n": 4}, {"year": 2024, "n": None}], file)
    >>> file.read_text(encoding="utf-8").split()
    ['year,n', '2023,4', '2024,']
    """
    kind = path.suffix.lower().lstrip(".")
    if kind not in KINDS:
        raise BadInput(str(path), "is of no kind that we write", f"end it in one of {', '.join(KINDS)}")
    write_whole(path, _bytes(rows, kind, title))


def _bytes(rows: Sequence[Row], kind: str, title: str) -> bytes:
    if kind == "json":
        plain = [{k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()} for row in rows]
        return (json.dumps(plain, ensure_ascii=False, indent=1) + "\n").encode()
    frame = _frame(rows)
    buffer = io.BytesIO()
    if kind == "csv":
        frame.to_csv(buffer, index=False, lineterminator="\n")
    elif kind == "parquet":
        frame.to_parquet(buffer, index=False)
    elif kind == "xlsx":
        frame.to_excel(buffer, index=False, sheet_name=(title or "table")[:31])
    else:
        return _stata(frame, title)
    return buffer.getvalue()


def _frame(rows: Sequence[Row]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(list(rows))
    for name in frame.columns:
        seen = [v for v in (row.get(name) for row in rows) if v is not None]
        if seen and all(isinstance(v, int) and not isinstance(v, bool) for v in seen):
            frame[name] = pd.array([row.get(name) for row in rows], dtype="Int64")
    return frame


def _stata(frame: pd.DataFrame, title: str) -> bytes:
    """Stata knows no missing text, no missing truth and no long names: '' and '.', and names of 32 letters."""
    import pandas as pd

    table = pd.DataFrame(index=frame.index)
    labels = {}
    dates: dict[Any, Any] = {}
    for name in frame.columns:
        column = frame[name]
        short = str(name).replace("-", "_")[:32]
        labels[short] = str(name)[:80]
        seen = [v for v in column if not (v is None or v is pd.NA or v != v)]
        if seen and all(isinstance(v, date) for v in seen):
            table[short] = pd.to_datetime(column)
            dates[short] = "td"
        elif seen and all(isinstance(v, bool | int | float) or hasattr(v, "dtype") for v in seen):
            table[short] = pd.to_numeric(column, errors="coerce").astype("float64")
        else:
            table[short] = pd.Series(["" if v is None or v != v else str(v) for v in column], dtype=object)
    buffer = io.BytesIO()
    table.to_stata(
        buffer,
        write_index=False,
        version=118,
        convert_dates=dates,
        variable_labels=labels,
        data_label=title[:80] or None,
    )
    return buffer.getvalue()

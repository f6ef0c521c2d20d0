"""Occurrences as rows that `acts add` reads back: one row per act and source."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from minilateral.evidence.intake import ACT_COLUMNS
from minilateral.evidence.record import Record
from minilateral.terms import Session, code_table


def export_rows(record: Record, ids: Iterable[str]) -> list[dict[str, str]]:
    """Rows of a file of acts, for some occurrences of the record."""
    wanted = set(ids)
    acts = {row["id"]: row for row in record.rows["occurrences"] if row["id"] in wanted}
    sessions: dict[str, list[Session]] = {}
    for session in record.sessions:
        sessions.setdefault(session.occurrence, []).append(session)
    rows = []
    for i in (i for i in record.occurrences if i in wanted):
        links, held = record.evidence_of(i), sessions.get(i, [])
        # a line has one source and one session: each stands at least once
        for at in range(max(len(links), len(held)) if links else 0):
            link = links[min(at, len(links) - 1)]
            source = record.sources[link.source]
            extra = {"mechanism": "", "ordinal": ""}
            if held:
                session = held[min(at, len(held) - 1)]
                extra = {"mechanism": session.mechanism, "ordinal": str(session.ordinal or "")}
            rows.append(
                {
                    column: {
                        **acts[i],
                        **extra,
                        "source_title": source.title,
                        "source_publisher": source.publisher,
                        "source_url": source.url,
                        "source_language": source.language,
                        "source_published": source.published.isoformat() if source.published else "",
                        "source_tier": source.tier,
                        "source_role": link.role,
                        "from_study": "true" if link.from_study else "false",
                    }.get(column, "")
                    for column in ACT_COLUMNS
                }
            )
    return rows


def write_rows(rows: list[dict[str, str]], path: Path, kind: str, columns: Sequence[str] = ACT_COLUMNS) -> None:
    """Write rows as csv, xlsx, yaml or json, whole or not at all; an xlsx offers the codes of coded columns."""
    if kind == "xlsx":
        data = _workbook(rows, columns)
    elif kind == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        data = text.getvalue().encode()
    elif kind == "json":
        data = (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()
    else:
        import yaml

        data = yaml.safe_dump(rows, allow_unicode=True, sort_keys=False).encode()
    write_whole(path, data)


def _workbook(rows: list[dict[str, str]], columns: Sequence[str]) -> bytes:
    import openpyxl
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "acts"
    sheet.append(list(columns))
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([row[c] for c in columns])
    lists = book.create_sheet("codes")  # a list within a rule may have 255 letters only; a sheet has no such limit
    fields = code_table().fields
    for at, column in enumerate(columns, start=1):
        codes = list(fields.get("tier" if column == "source_tier" else column, ()))
        if not codes:
            continue
        letter = get_column_letter(at)
        for n, value in enumerate([column, *codes], start=1):
            lists.cell(n, at, value)
        choice = DataValidation(type="list", formula1=f"codes!${letter}$2:${letter}${len(codes) + 1}", allow_blank=True)
        choice.add(f"{letter}2:{letter}10000")
        sheet.add_data_validation(choice)
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.data_type = "s" if cell.value is not None else cell.data_type  # '=x' is text, not a formula
            cell.number_format = "@"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

"""Occurrences as rows that `acts add` reads back: one row per act and source."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from minilateral.evidence.intake import ACT_COLUMNS
from minilateral.evidence.record import Record
from minilateral.terms import Session


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


def write_rows(rows: list[dict[str, str]], path: Path, kind: str) -> None:
    """Write rows as csv, xlsx, yaml or json, whole or not at all."""
    if kind == "xlsx":
        import openpyxl
        from openpyxl.cell import WriteOnlyCell

        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("acts")
        sheet.append(ACT_COLUMNS)
        for row in rows:
            cells = [WriteOnlyCell(sheet, row[c]) for c in ACT_COLUMNS]
            for cell in cells:
                cell.data_type = "s"  # text that begins with '=' is text, not a formula
            sheet.append(cells)
        buffer = io.BytesIO()
        book.save(buffer)
        data = buffer.getvalue()
    elif kind == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, ACT_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        data = text.getvalue().encode()
    elif kind == "json":
        data = (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()
    else:
        import yaml

        data = yaml.safe_dump(rows, allow_unicode=True, sort_keys=False).encode()
    write_whole(path, data)


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

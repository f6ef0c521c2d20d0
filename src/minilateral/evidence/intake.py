"""Taking in a file of acts: read it, check each row, tell what is wrong with the rows that fail."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minilateral.errors import AmbiguousActor, BadCode, BadInput, BadPeriod, BadRecord, UnknownActor
from minilateral.evidence.store import CORRECTION, Entry, Quarantined
from minilateral.evidence.tables import CODED, COLUMNS, check_occurrence, content_hash, is_true
from minilateral.terms import Period, actor_register, code_table
from minilateral.terms.periods import parse_day

#: Columns of a file of acts. One line is an act with one source; repeat the line with another source to add evidence.
ACT_COLUMNS = (
    *COLUMNS["occurrences"], "mechanism", "ordinal", "outputs", "commitments", "source_title", "source_publisher",
    "source_url", "source_language", "source_published", "source_tier", "source_role", "from_study",
)
REQUIRED = (
    "id", "date", "participants", "kind", "level", "domain", "direction", "source_title", "source_publisher",
)
DEFAULTS = {"status": "held", "confidence": "high", "source_tier": "copy", "source_role": "report"}
CORRECTION_COLUMNS = ("corrects", "field", "old", "new", "reason", "source_title", "source_url", "known")

FORMATS = (".csv", ".tsv", ".xlsx", ".yaml", ".yml", ".json")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{2,79}\Z")


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it stood in the file."""

    number: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file held: rows ready to be added, and rows for quarantine."""

    entries: tuple[Entry, ...]
    quarantined: tuple[Quarantined, ...]
    lines: int
    sha256: str


def read_lines(path: Path) -> tuple[list[Line], str]:
    """Read a csv, tsv, xlsx, yaml or json file into rows of text.

    Returns
    -------
    (list of Line, str)
        Rows with their line (csv, tsv, xlsx) or item (yaml, json) number, and the SHA-256 of the file.

    Raises
    ------
    BadInput
        If the file is missing, of another kind, binary, or has unknown columns.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise BadInput(str(path), "is of no kind that we read", f"give one of {', '.join(FORMATS)}")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(str(path), f"cannot be read ({error.strerror})", "check the path") from None
    suffix = path.suffix.lower()
    items = _xlsx(path, raw) if suffix == ".xlsx" else _text_items(path, raw, suffix)
    if not items:
        raise BadInput(str(path), "holds no row", "see `minilateral acts template`")
    known = set(ACT_COLUMNS) | set(CORRECTION_COLUMNS)
    for number, item in items:
        if unknown := sorted(set(item) - known):
            raise BadInput(
                f"{path}, row {number}", f"has columns that we do not know: {', '.join(map(repr, unknown[:5]))}",
                "see `minilateral acts template`",
            )
    return [Line(n, {k: _text(v) for k, v in item.items()}) for n, item in items], hashlib.sha256(raw).hexdigest()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ";".join(_text(v) for v in value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())[:10]
    return " ".join(str(value).split())


def _text_items(path: Path, raw: bytes, suffix: str) -> list[tuple[int, dict[str, Any]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if not text or "\x00" in text:
        why = "is empty" if not raw else "is not UTF-8 text (a binary file, or another encoding)"
        raise BadInput(str(path), why, "save it as UTF-8")
    if suffix in (".csv", ".tsv"):
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter="\t" if suffix == ".tsv" else ",")
        items: list[tuple[int, dict[str, Any]]] = []
        try:
            for row in reader:
                extra = row.pop(None, None)  # type: ignore[call-overload]
                if extra:
                    raise BadInput(
                        f"{path}, line {reader.line_num}", "has more fields than the header", "quote fields with commas"
                    )
                if any(v for v in row.values()):
                    items.append((reader.line_num, row))
        except csv.Error as error:
            raise BadInput(f"{path}, line {reader.line_num}", f"is not csv ({error})", "save it as UTF-8 csv") from None
        return items
    try:
        if suffix == ".json":
            data = json.loads(text)
        else:
            import yaml  # noqa: PLC0415

            data = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes strings only: 'NO' stays
    except Exception as error:
        raise BadInput(str(path), f"is not {suffix[1:]} ({str(error).splitlines()[0]})", "mend the syntax") from None
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise BadInput(str(path), "is not a list of rows", "write a list of mappings, one per act")
    return [(n, {str(k): v for k, v in item.items()}) for n, item in enumerate(data, start=1)]


def _xlsx(path: Path, raw: bytes) -> list[tuple[int, dict[str, Any]]]:
    import openpyxl  # noqa: PLC0415

    try:
        sheet = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True))
    except Exception as error:
        raise BadInput(str(path), f"is not an xlsx workbook ({error})", "save it as xlsx or csv") from None
    if not rows:
        return []
    header = [_text(cell) for cell in rows[0]]
    return [
        (n, {h: v for h, v in zip(header, row, strict=False) if h})
        for n, row in enumerate(rows[1:], start=2)
        if any(v not in (None, "") for v in row)
    ]


def check_file(path: Path, mechanisms: Iterable[str], current: Mapping[str, Mapping[str, str]]) -> Checked:
    """Read a file and check each of its rows.

    Parameters
    ----------
    path : Path
    mechanisms : iterable of str
        Ids of the known mechanisms.
    current : mapping
        Rows of ``occurrences`` by id, for the check of corrections.

    Returns
    -------
    Checked
        A bad row is quarantined with line, value, rule and way out; the rest is ready to go in.
    """
    lines, sha256 = read_lines(path)
    known = set(mechanisms)
    entries: list[Entry] = []
    bad: list[Quarantined] = []
    first: dict[str, tuple[int, str]] = {}
    for line in lines:
        try:
            if line.fields.get("corrects"):
                made = [_correction(line, current)]
            else:
                made = _act(line, known)
                act = made[0]
                digest = content_hash(act.content)
                before = first.setdefault(act.content["id"], (line.number, digest))
                if before[1] != digest:
                    raise _Refused("id", act.content["id"], f"stands on line {before[0]} with other content",
                                   "one act has one content; only its source columns may differ")
            entries += made
        except _Refused as refusal:
            bad.append(
                Quarantined(line.number, line.fields.get("id") or line.fields.get("corrects", ""), *refusal.parts,
                            line.fields)
            )
    return Checked(tuple(entries), tuple(bad), len(lines), sha256)


class _Refused(Exception):
    """A row that breaks a rule: field, value, rule, way out."""

    def __init__(self, *parts: str) -> None:
        self.parts = parts
        super().__init__(*parts)


def _act(line: Line, mechanisms: set[str]) -> list[Entry]:
    row = {c: line.fields.get(c, "").strip() or DEFAULTS.get(c, "") for c in ACT_COLUMNS}
    for field in REQUIRED:
        if not row[field]:
            raise _Refused(field, "(empty)", "is required", "fill it in; see `minilateral acts template`")
    if not _ID.match(row["id"]):
        raise _Refused("id", row["id"], "is not an id: small letters, digits and hyphens, 3 to 80 of them",
                       "write it like 2023-08-18-camp-david-summit")
    try:
        happened = Period.parse(row["date"])
    except BadPeriod as error:
        raise _Refused("date", row["date"], error.rule, error.way_out) from None
    for role in ("participants", "outsiders", "host", "initiator"):
        row[role] = ";".join(sorted(_actor(role, name, happened) for name in row[role].split(";") if name.strip()))
    if len(set(row["participants"].split(";"))) != len(row["participants"].split(";")):
        raise _Refused("participants", row["participants"], "names an actor twice", "name each participant once")
    for field in CODED:
        _code(field, field, row[field], CODED[field])
    occurrence = {c: row[c] for c in COLUMNS["occurrences"]}
    try:
        check_occurrence(occurrence)
    except (BadPeriod, BadCode, UnknownActor, BadRecord) as error:
        raise _Refused("", error.value, error.rule, error.way_out) from None
    source = _source(row)
    number = line.number
    made = [
        Entry("occurrences", occurrence, number),
        Entry("sources", source, number),
        Entry("evidence", {"occurrence": row["id"], "source": source["id"], "role": row["source_role"],
                           "from_study": row["from_study"].lower() or "false"}, number),
    ]
    made += _session(row, mechanisms, number)
    for n, part in enumerate(_parts(row["outputs"]), start=1):
        kind, _, title = part.partition(":")
        _code("outputs", "output_kind", kind.strip(), False)
        made.append(Entry("outputs", {"id": f"{row['id']}-output-{n}", "occurrence": row["id"], "kind": kind.strip(),
                                      "title_en": title.strip(), "title_zh": "", "source": source["id"]}, number))
    for n, part in enumerate(_parts(row["commitments"]), start=1):
        domain, _, text = part.partition(":")
        _code("commitments", "domain", domain.strip(), False)
        made.append(Entry("commitments", {"id": f"{row['id']}-commitment-{n}", "occurrence": row["id"],
                                          "domain": domain.strip(), "text_en": text.strip(), "text_zh": "", "due": "",
                                          "novelty": "unknown", "source": source["id"]}, number))
    return made


def _parts(text: str) -> list[str]:
    return [part for part in text.split(";") if part.strip()]


def _code(field: str, table: str, value: str, may_be_empty: bool) -> None:
    if not value and may_be_empty:
        return
    try:
        code_table().check(table, value)
    except BadCode as error:
        raise _Refused(field, value, error.rule, error.way_out) from None


def _actor(role: str, name: str, happened: Period) -> str:
    """Resolve a name on the first day of the period, else on its last one (a state may begin within a month)."""
    register = actor_register()
    try:
        try:
            return register.find(name.strip(), happened.start).id
        except UnknownActor:
            return register.find(name.strip(), happened.last).id
    except (UnknownActor, AmbiguousActor) as error:
        raise _Refused(role, name.strip(), error.rule, error.way_out) from None


def _source(row: Mapping[str, str]) -> dict[str, str]:
    _code("source_tier", "tier", row["source_tier"], False)
    if row["source_role"] not in ("report", "retrospect"):
        raise _Refused("source_role", row["source_role"], "is neither report nor retrospect",
                       "report: published at the time; retrospect: tells of it later")
    try:
        is_true(row["from_study"])
    except BadRecord as error:
        raise _Refused("from_study", row["from_study"], error.rule, error.way_out) from None
    if row["source_published"]:
        try:
            parse_day(row["source_published"])
        except BadPeriod as error:
            raise _Refused("source_published", row["source_published"], error.rule, error.way_out) from None
    if row["source_url"] and not re.match(r"https?://\S+\Z", row["source_url"]):
        raise _Refused("source_url", row["source_url"], "is not a web address", "start it with https:// or leave it empty")
    content = {
        "title": row["source_title"], "publisher": row["source_publisher"], "url": row["source_url"],
        "language": row["source_language"], "published": row["source_published"], "tier": row["source_tier"],
    }
    return {"id": f"src-{content_hash(content)[:12]}", **content}


def _session(row: Mapping[str, str], mechanisms: set[str], number: int) -> list[Entry]:
    if not row["mechanism"]:
        if row["ordinal"]:
            raise _Refused("ordinal", row["ordinal"], "needs a mechanism", "name the mechanism that it numbers")
        return []
    if row["mechanism"] not in mechanisms:
        raise _Refused("mechanism", row["mechanism"], "is no mechanism of the record",
                       "see data/mechanisms.csv of a brief, or leave it empty")
    if row["ordinal"] and not (row["ordinal"].isdigit() and int(row["ordinal"]) > 0):
        raise _Refused("ordinal", row["ordinal"], "is not a whole number from 1", "write digits, such as 15")
    return [Entry("sessions", {"mechanism": row["mechanism"], "occurrence": row["id"], "ordinal": row["ordinal"]}, number)]


def _correction(line: Line, current: Mapping[str, Mapping[str, str]]) -> Entry:
    row = {c: line.fields.get(c, "").strip() for c in CORRECTION_COLUMNS}
    for field in ("field", "reason", "source_title", "known"):
        if not row[field]:
            raise _Refused(field, "(empty)", "is required", "see `minilateral acts template --corrections`")
    if row["corrects"] not in current:
        raise _Refused("corrects", row["corrects"], "is not the id of an act", "see `minilateral acts list`")
    if row["field"] not in COLUMNS["occurrences"][1:]:
        raise _Refused("field", row["field"], "cannot be corrected", f"fields: {', '.join(COLUMNS['occurrences'][1:])}")
    now = current[row["corrects"]]
    if now[row["field"]] not in (row["old"], row["new"]):
        raise _Refused("old", row["old"], f"is not what the record says ({now[row['field']]!r})",
                       "a correction names the value that it replaces")
    try:
        parse_day(row["known"])
        check_occurrence({**now, row["field"]: row["new"]})
    except (BadPeriod, BadCode, UnknownActor, BadRecord) as error:
        raise _Refused("new", row["new"], error.rule, error.way_out) from None
    content = {c: row[c] for c in CORRECTION if c != "id"}
    return Entry("corrections", {"id": f"corr-{content_hash(content)[:12]}", **content}, line.number)


def template(corrections: bool = False) -> str:
    """A csv with the header and one example row.

    Examples
    --------
    >>> template(corrections=True).splitlines()[0]
    'corrects,field,old,new,reason,source_title,source_url,known'
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if corrections:
        writer.writerow(CORRECTION_COLUMNS)
        writer.writerow(["2023-08-18-camp-david-summit", "place_en", "", "Camp David, Maryland", "the communique names the place",
                         "Title of the page", "https://example.org/page", "2023-08-18"])
        return out.getvalue()
    example = {
        "id": "2026-03-05-example-meeting", "date": "2026-03-05", "participants": "USA;JPN;KOR", "status": "held",
        "kind": "meeting", "level": "working", "domain": "security", "direction": "cooperative",
        "summary_en": "Directors-general of the three met in Seoul.", "summary_zh": "三国司局级官员在首尔会晤。",
        "venue": "stand_alone", "place_en": "Seoul", "place_zh": "首尔", "host": "KOR", "confidence": "high",
        "outputs": "press_statement: Press statement", "commitments": "security: meet again within the year",
        "source_title": "Title of the page", "source_publisher": "Name of the publisher",
        "source_url": "https://example.org/page", "source_language": "en", "source_published": "2026-03-05",
        "source_tier": "official", "source_role": "report", "from_study": "false",
    }
    writer.writerow(ACT_COLUMNS)
    writer.writerow([example.get(c, "") for c in ACT_COLUMNS])
    return out.getvalue()

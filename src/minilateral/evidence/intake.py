"""Taking in a file of acts: read it, check each row, tell what is wrong with the rows that fail."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from minilateral.errors import AmbiguousActor, BadCode, BadInput, BadPeriod, BadRecord, UnknownActor
from minilateral.evidence.store import CORRECTION, Entry, Quarantined
from minilateral.evidence.tables import CODED, COLUMNS, LATER, check_occurrence, content_hash, is_true
from minilateral.terms import Period, actor_register, code_table
from minilateral.terms.periods import parse_day

#: Columns of a file of acts. One line is an act with one source; repeat the line with another source to add evidence.
ACT_COLUMNS = (
    *COLUMNS["occurrences"],
    "mechanism",
    "ordinal",
    "outputs",
    "commitments",
    "source_title",
    "source_publisher",
    "source_url",
    "source_language",
    "source_published",
    "source_tier",
    "source_role",
    "from_study",
)
REQUIRED = (
    "id",
    "date",
    "participants",
    "kind",
    "level",
    "domain",
    "direction",
    "source_title",
    "source_publisher",
)
DEFAULTS = {"status": "held", "confidence": "high", "source_tier": "copy", "source_role": "report"}
CORRECTION_COLUMNS = ("corrects", "field", "old", "new", "reason", "source_title", "source_url", "known")

FORMATS = (".csv", ".tsv", ".xlsx", ".yaml", ".yml", ".json")
LONGEST = 32_767  # characters: what a cell of a spreadsheet holds
_ID = re.compile(r"[a-z0-9][a-z0-9-]{2,79}\Z")
_ORDINAL = re.compile(r"[1-9][0-9]{0,3}\Z")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # no file format carries them


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it stood in the file.

    Attributes
    ----------
    trouble : tuple of str
        Field, value, rule and way out, where the row cannot be read as a row of text; else empty.
    """

    number: int
    fields: Mapping[str, str]
    trouble: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file held: rows ready to be added, and rows for quarantine."""

    entries: tuple[Entry, ...]
    quarantined: tuple[Quarantined, ...]
    lines: int
    sha256: str


def read_lines(path: Path, known: frozenset[str] | None = None) -> tuple[list[Line], str]:
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
    known = _KNOWN if known is None else known
    items = _xlsx(path, raw, known) if suffix == ".xlsx" else _text_items(path, raw, suffix, known)
    if not items:
        raise BadInput(str(path), "holds no row", "see `minilateral acts template`")
    return [_line(n, item, beyond, known) for n, item, beyond in items], hashlib.sha256(raw).hexdigest()


#: A row before it is text: its number, its fields, and what stands beyond the columns of the header.
_Item = tuple[int, Mapping[Any, Any], Sequence[Any]]
_KNOWN = frozenset(ACT_COLUMNS) | frozenset(CORRECTION_COLUMNS)


def _line(number: int, item: Mapping[Any, Any], beyond: Sequence[Any], known: frozenset[str]) -> Line:
    """Make a row of text. What cannot be text is noted, so that this row is quarantined and the others go in."""
    fields: dict[str, str] = {}
    trouble: tuple[str, ...] = ()
    for name, value in item.items():
        column = _visible(str(name))
        text = _text(value)
        if text is None:
            fields[column] = shown = "(nested)"
            found = ("is a list or mapping within a field", "write text, or a flat list")
        else:
            fields[column] = shown = _visible(text)
            if shown != text:
                found = ("holds a character that is no text", "remove it")
            elif len(text) > LONGEST:
                found = (f"has {len(text)} characters: {LONGEST} are the most", "shorten it")
            elif column not in known:
                shown, found = column, ("is a column that we do not know", "see `minilateral acts template`")
            else:
                continue
        trouble = trouble or (column, shown if len(shown) <= 80 else f"{shown[:80]} ...", *found)
    if beyond and not trouble:
        shown = _visible("; ".join(_text(v) or "" for v in beyond))[:80]
        trouble = ("", shown, "stands under no column of the header", "put a field that holds a comma in quotes")
    return Line(number, fields, trouble)


def _visible(text: str) -> str:
    return _NO_TEXT.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def _text(value: Any, within: bool = False) -> str | None:
    """Write a value as text, spaces folded; None where it is nested."""
    if isinstance(value, Mapping) or (within and isinstance(value, list | tuple)):
        return None
    if isinstance(value, list | tuple):
        parts = [_text(v, within=True) for v in value]
        return None if None in parts else ";".join(p for p in parts if p is not None)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a spreadsheet's 15.0
    if hasattr(value, "isoformat"):
        return str(value.isoformat())[:10]
    return " ".join(str(value).split())


def _text_items(path: Path, raw: bytes, suffix: str, known: frozenset[str]) -> list[_Item]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\x00"
    if not text or "\x00" in text:
        why = "is not UTF-8 text (a binary file, or another encoding)" if text else "is empty"
        raise BadInput(str(path), why, "save it as UTF-8")
    if suffix in (".csv", ".tsv"):
        return _table(path, _csv(path, text, "\t" if suffix == ".tsv" else ","), known)
    try:
        if suffix == ".json":
            data = json.loads(text)
        else:
            import yaml

            data = yaml.load(text, Loader=yaml.BaseLoader)  # makes strings only: 'NO' stays
    except Exception as error:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise BadInput(str(path), f"is not {suffix[1:]} ({why})", "mend the syntax") from None
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise BadInput(str(path), "is not a list of rows", "write a list of mappings, one per act")
    return [(n, item, ()) for n, item in enumerate(data, start=1)]


def _csv(path: Path, text: str, delimiter: str) -> list[tuple[int, Sequence[Any]]]:
    """Cells with the line on which their row begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    usual = csv.field_size_limit()
    csv.field_size_limit(max(usual, len(text)))  # one field that is too long is quarantined, not the file refused
    rows: list[tuple[int, Sequence[Any]]] = []
    begins = 1
    try:
        for cells in reader:
            rows.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise BadInput(f"{path}, line {begins}", f"is not csv ({error})", "save it as UTF-8 csv") from None
    finally:
        csv.field_size_limit(usual)
    return rows


def _xlsx(path: Path, raw: bytes, known: frozenset[str]) -> list[_Item]:
    import openpyxl

    try:
        sheet = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True).worksheets[0]
        rows = [(n, row) for n, row in enumerate(sheet.iter_rows(values_only=True), start=1)]
    except Exception as error:
        raise BadInput(str(path), f"is not an xlsx workbook ({error})", "save it as xlsx or csv") from None
    return _table(path, rows, known)


def _table(path: Path, rows: Sequence[tuple[int, Sequence[Any]]], known: frozenset[str]) -> list[_Item]:
    """Rows under a header: the first row that is not empty. A column without a name may only hold nothing."""
    filled = [(n, cells) for n, cells in rows if any(cell not in (None, "") for cell in cells)]
    if not filled:
        return []
    at, first = filled[0]
    header = [_text(cell) or "" for cell in first]
    named = [name for name in header if name]
    if twice := sorted({name for name in named if named.count(name) > 1}):
        raise BadInput(f"{path}, line {at}", f"names a column twice: {', '.join(twice[:5])}", "name each once")
    if unknown := sorted(set(named) - known):
        raise BadInput(
            f"{path}, line {at}",
            f"has columns that we do not know: {', '.join(map(repr, unknown[:5]))}",
            "see `minilateral acts template`",
        )
    items: list[_Item] = []
    for n, cells in filled[1:]:
        pairs = list(zip_longest(header, cells[: len(header)])) + [("", cell) for cell in cells[len(header) :]]
        items.append((n, {h: c for h, c in pairs if h}, [c for h, c in pairs if not h and c not in (None, "")]))
    return items


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
    known, now = set(mechanisms), dict(current)
    entries: list[Entry] = []
    bad: list[Quarantined] = []
    first: dict[str, tuple[int, str]] = {}
    for line in lines:
        try:
            if line.trouble:
                raise _Refused(*line.trouble)
            if line.fields.get("corrects"):
                made = [_correction(line, now)]
                fix = made[0].content
                now[fix["corrects"]] = {**now[fix["corrects"]], fix["field"]: fix["new"]}  # the next line builds on it
            else:
                made = _act(line, known)
                act = made[0]
                digest = content_hash(act.content)
                before = first.setdefault(act.content["id"], (line.number, digest))
                if before[1] != digest:
                    raise _Refused(
                        "id",
                        act.content["id"],
                        f"stands on line {before[0]} with other content",
                        "one act has one content; only its source columns may differ",
                    )
            entries += made
        except _Refused as no:
            identifier = line.fields.get("id") or line.fields.get("corrects", "")
            bad.append(Quarantined(line.number, identifier, no.field, no.value, no.rule, no.way_out, line.fields))
    return Checked(tuple(entries), tuple(bad), len(lines), sha256)


class _Refused(Exception):
    """A row that breaks a rule: field, value, rule, way out."""

    def __init__(self, field: str, value: str, rule: str, way_out: str) -> None:
        self.field, self.value, self.rule, self.way_out = field, value, rule, way_out
        super().__init__(field, value, rule, way_out)


def _act(line: Line, mechanisms: set[str]) -> list[Entry]:
    row = {c: line.fields.get(c, "").strip() or DEFAULTS.get(c, "") for c in ACT_COLUMNS}
    for field in REQUIRED:
        if not row[field]:
            raise _Refused(field, "(empty)", "is required", "fill it in; see `minilateral acts template`")
    if not _ID.match(row["id"]):
        raise _Refused(
            "id",
            row["id"],
            "is not an id: small letters, digits and hyphens, 3 to 80 of them",
            "write it like 2023-08-18-camp-david-summit",
        )
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
    except (BadPeriod, BadCode, UnknownActor, AmbiguousActor, BadRecord) as error:
        raise _Refused("", error.value, error.rule, error.way_out) from None
    source = _source(row)
    number = line.number
    made = [
        Entry("occurrences", occurrence, number),
        Entry("sources", source, number),
        Entry(
            "evidence",
            {
                "occurrence": row["id"],
                "source": source["id"],
                "role": row["source_role"],
                "from_study": row["from_study"].lower() or "false",
            },
            number,
        ),
    ]
    made += _session(row, mechanisms, number)
    for kind, title in _parts("outputs", row["outputs"]):
        _code("outputs", "output_kind", kind, False)
        identifier = _part_id(row["id"], "output", kind, title)
        made.append(
            Entry(
                "outputs",
                {
                    "id": identifier,
                    "occurrence": row["id"],
                    "kind": kind,
                    "title_en": title,
                    "title_zh": "",
                    "source": source["id"],
                },
                number,
            )
        )
    for domain, text in _parts("commitments", row["commitments"]):
        _code("commitments", "domain", domain, False)
        identifier = _part_id(row["id"], "commitment", domain, text)
        made.append(
            Entry(
                "commitments",
                {
                    "id": identifier,
                    "occurrence": row["id"],
                    "domain": domain,
                    "text_en": text,
                    "text_zh": "",
                    "due": "",
                    "novelty": "unknown",
                    "source": source["id"],
                    **dict.fromkeys(LATER["commitments"], ""),
                },
                number,
            )
        )
    return made


def _parts(field: str, text: str) -> list[tuple[str, str]]:
    """Code and text of each ``code: text``, in order, each once."""
    split = (part.partition(":") for part in text.split(";") if part.strip())
    found = list(dict.fromkeys((code.strip(), words.strip()) for code, _, words in split))
    for code, words in found:
        if not words:
            raise _Refused(field, code, "has no words after its code", f"write {code}: and what it says")
    return found


def _part_id(act: str, what: str, code: str, text: str) -> str:
    """By content: a second line of the act, with another source, repeats its outputs and does not number them anew."""
    return f"{act}-{what}-{content_hash({'code': code, 'text': text})[:8]}"


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
        raise _Refused(
            "source_role",
            row["source_role"],
            "is neither report nor retrospect",
            "report: published at the time; retrospect: tells of it later",
        )
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
        raise _Refused(
            "source_url", row["source_url"], "is not a web address", "start it with https:// or leave it empty"
        )
    content = {
        "title": row["source_title"],
        "publisher": row["source_publisher"],
        "url": row["source_url"],
        "language": row["source_language"],
        "published": row["source_published"],
        "tier": row["source_tier"],
    }
    return {"id": f"src-{content_hash(content)[:12]}", **content}


def _session(row: Mapping[str, str], mechanisms: set[str], number: int) -> list[Entry]:
    if not row["mechanism"]:
        if row["ordinal"]:
            raise _Refused("ordinal", row["ordinal"], "needs a mechanism", "name the mechanism that it numbers")
        return []
    if row["mechanism"] not in mechanisms:
        raise _Refused(
            "mechanism",
            row["mechanism"],
            "is no mechanism of the record",
            "see data/mechanisms.csv of a brief, or leave it empty",
        )
    if row["ordinal"] and not _ORDINAL.match(row["ordinal"]):
        raise _Refused("ordinal", row["ordinal"], "is not a whole number from 1 to 9999", "write digits, such as 15")
    return [
        Entry("sessions", {"mechanism": row["mechanism"], "occurrence": row["id"], "ordinal": row["ordinal"]}, number)
    ]


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
        raise _Refused(
            "old",
            row["old"],
            f"is not what the record says ({now[row['field']]!r})",
            "a correction names the value that it replaces",
        )
    try:
        parse_day(row["known"])
    except BadPeriod as error:
        raise _Refused("known", row["known"], error.rule, error.way_out) from None
    try:
        check_occurrence({**now, row["field"]: row["new"]})
    except (BadPeriod, BadCode, UnknownActor, AmbiguousActor, BadRecord) as error:
        raise _Refused("new", row["new"], error.rule, error.way_out) from None
    content = {c: row[c] for c in CORRECTION if c != "id"}
    return Entry("corrections", {"id": f"corr-{content_hash(content)[:12]}", **content}, line.number)


def template_row(corrections: bool = False) -> dict[str, str]:
    """One example row with all columns of a file of acts, or of corrections.

    Examples
    --------
    >>> list(template_row(corrections=True))[:4]
    ['corrects', 'field', 'old', 'new']
    """
    if corrections:
        return {
            "corrects": "2023-08-18-camp-david-summit",
            "field": "place_en",
            "old": "Camp David",
            "new": "Camp David, Maryland",
            "reason": "the communique names the place",
            "source_title": "Title of the page",
            "source_url": "https://example.org/page",
            "known": "2023-08-18",
        }
    example = {
        "id": "2026-03-05-example-meeting",
        "date": "2026-03-05",
        "participants": "USA;JPN;KOR",
        "status": "held",
        "kind": "meeting",
        "level": "working",
        "domain": "security",
        "direction": "cooperative",
        "summary_en": "Directors-general of the three met in Seoul.",
        "summary_zh": "三国司局级官员在首尔会晤。",
        "venue": "stand_alone",
        "place_en": "Seoul",
        "place_zh": "首尔",
        "host": "KOR",
        "confidence": "high",
        "outputs": "press_statement: Press statement",
        "commitments": "security: meet again within the year",
        "source_title": "Title of the page",
        "source_publisher": "Name of the publisher",
        "source_url": "https://example.org/page",
        "source_language": "en",
        "source_published": "2026-03-05",
        "source_tier": "government",
        "source_role": "report",
        "from_study": "false",
    }
    return {column: example.get(column, "") for column in ACT_COLUMNS}


def template(corrections: bool = False) -> str:
    """A csv with the header and one example row.

    Examples
    --------
    >>> template(corrections=True).splitlines()[0]
    'corrects,field,old,new,reason,source_title,source_url,known'
    """
    row = template_row(corrections)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row), lineterminator="\n")
    writer.writeheader()
    writer.writerow(row)
    return out.getvalue()

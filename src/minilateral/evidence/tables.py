"""The record's tables: their columns, and their rows as the types of `minilateral.terms`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from minilateral.errors import AmbiguousActor, BadCode, BadPeriod, BadRecord, UnknownActor
from minilateral.terms import (
    Coding,
    Commitment,
    Council,
    Evidence,
    Figure,
    Fulfilment,
    Government,
    Mechanism,
    Move,
    Numbering,
    Opinion,
    Origin,
    Output,
    Period,
    Review,
    Session,
    Source,
    Sweep,
    Tally,
    Text,
    TextCode,
    actor_register,
    code_table,
)
from minilateral.terms.periods import parse_day

Row = Mapping[str, str]

#: Columns of every table of the record, in order. The first is the key where ids are unique.
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "occurrences": (
            "id",
            "date",
            "participants",
            "status",
            "kind",
            "level",
            "domain",
            "direction",
            "summary_en",
            "summary_zh",
            "venue",
            "margins_of",
            "place_en",
            "place_zh",
            "host",
            "initiator",
            "outsiders",
            "concerns",
            "confidence",
        ),
        "evidence": ("occurrence", "source", "role", "from_study"),
        "sources": ("id", "title", "publisher", "url", "language", "published", "tier"),
        "outputs": ("id", "occurrence", "kind", "title_en", "title_zh", "source"),
        "commitments": (
            "id",
            "occurrence",
            "domain",
            "text_en",
            "text_zh",
            "due",
            "novelty",
            "source",
            "who",
            "cadence_months",
            "mechanism",
            "concrete",
            "first",
        ),
        "fulfilments": ("commitment", "occurrence", "date", "part", "source", "note_en", "note_zh"),
        "mechanisms": (
            "id",
            "members",
            "level",
            "domain",
            "name_en",
            "name_zh",
            "created",
            "ended",
            "promised_cadence_months",
            "promise_kind",
            "promise_from",
            "promise_source",
            "standing_body",
            "binding_instrument",
            "note",
            "predecessor",
            "successor",
        ),
        "sessions": ("mechanism", "occurrence", "ordinal"),
        "milestones": ("mechanism", "occurrence", "role"),
        "numbering": ("id", "mechanism", "ordinal", "date", "occurrence", "official", "source", "basis"),
        "tallies": ("id", "mechanism", "date", "counted", "source", "basis"),
        "sweeps": ("id", "mechanism", "start", "end", "place", "language", "query", "on", "found", "note"),
        "texts": ("id", "occurrence", "title_en", "title_zh", "source", "seen"),
        "text_codes": ("text", "coder", "target", "verb", "manner", "note"),
        "reviews": ("occurrence", "coder", "role", "on", "outcome", "field", "note"),
        "codings": ("occurrence", "coder", "field", "code"),
        "governments": (
            "id",
            "state",
            "office",
            "person_en",
            "person_zh",
            "start",
            "end",
            "caretaker",
            "reason",
            "party",
            "sources",
        ),
        "moves": (
            "id",
            "demand",
            "date",
            "actors",
            "toward",
            "subject",
            "move",
            "amount",
            "unit",
            "text_en",
            "text_zh",
            "occurrence",
            "confidence",
            "sources",
        ),
        "opinions": (
            "id",
            "date",
            "pollster",
            "population",
            "n",
            "topic",
            "question_en",
            "question_zh",
            "answer_en",
            "answer_zh",
            "share",
            "source",
        ),
        "council": (
            "id",
            "date",
            "document",
            "subject_en",
            "subject_zh",
            "outcome",
            "yes",
            "no",
            "abstain",
            "vetoed_by",
            "sponsor",
            "sources",
        ),
        "figures": ("id", "date", "state", "what_en", "what_zh", "value", "unit", "source"),
        "origins": ("id", "producer", "title", "version", "licence", "citation", "accessed", "note"),
    }
)

#: Tables that a folder of record tables may lack: what stands in them is then not known.
OPTIONAL = frozenset(
    {
        "fulfilments",
        "tallies",
        "sweeps",
        "texts",
        "text_codes",
        "reviews",
        "codings",
        "governments",
        "moves",
        "opinions",
        "council",
        "figures",
    }
)
#: Columns that came later: a table without them is read as if they were empty.
LATER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "mechanisms": ("predecessor", "successor"),
        "commitments": ("who", "cadence_months", "mechanism", "concrete", "first"),
    }
)
#: Fields of an occurrence that a second coder codes again.
RECODED = ("status", "kind", "level", "domain", "direction", "venue")

#: Fields of an occurrence that take a code, and whether they may be empty.
CODED: Mapping[str, bool] = MappingProxyType(
    {
        "status": False,
        "kind": False,
        "level": False,
        "domain": False,
        "direction": False,
        "venue": True,
        "confidence": False,
    }
)


def split(text: str) -> tuple[str, ...]:
    """Split a list field (``;``); order is kept.

    Examples
    --------
    >>> split("JPN; KOR")
    ('JPN', 'KOR')
    """
    return tuple(part.strip() for part in text.split(";") if part.strip())


def is_true(text: str) -> bool:
    """Read a boolean field: ``true`` or ``false`` (or empty)."""
    if text.strip().lower() not in ("true", "false", ""):
        raise BadRecord(repr(text), "is neither true nor false", "write true or false")
    return text.strip().lower() == "true"


def period_or_none(text: str) -> Period | None:
    """Read a period, None if empty."""
    return Period.parse(text) if text else None


def day_or_none(text: str) -> date | None:
    """Read a day, None if empty."""
    return parse_day(text) if text else None


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of a row's content in canonical JSON (sorted keys, no spaces, UTF-8).

    Examples
    --------
    >>> content_hash({"b": "1", "a": ""}) == content_hash({"a": "", "b": "1"})
    True
    """
    text = json.dumps(dict(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_occurrence(row: Row) -> dict[str, Any]:
    """Read one row of ``occurrences`` into the fields of an `Occurrence` (all but ``known`` and ``known_basis``).

    Raises
    ------
    BadPeriod, BadCode, UnknownActor, BadRecord
        With the value, the rule and the way out.
    """
    happened = Period.parse(row["date"])
    for field, may_be_empty in CODED.items():
        if row[field] or not may_be_empty:
            code_table().check(field, row[field])
    participants = split(row["participants"])
    if not participants:
        raise BadRecord(row["id"], "has no participant", "name at least one state or listed body")
    if len(set(participants)) < len(participants):
        raise BadRecord(repr(row["participants"]), "names a participant twice", "name each participant once")
    for role in ("participants", "outsiders", "host", "initiator"):
        for actor in split(row[role]):
            check_actor(actor, happened)
    pairs = []
    for pair in split(row["concerns"]):
        ends = tuple(sorted(pair.split("-")))
        if len(ends) != 2:
            raise BadRecord(repr(pair), "is not a pair", "write two ids joined by a hyphen, such as JPN-KOR")
        for end in ends:  # it may concern a state that was not there yet
            if end not in actor_register():
                raise UnknownActor(repr(end), f"is no actor's id (in the pair {pair})", "see `minilateral actors list`")
        pairs.append((ends[0], ends[1]))
    if not (row["summary_en"] or row["summary_zh"]):
        raise BadRecord(row["id"], "has no summary", "say in a sentence of your own what happened")
    return {
        "id": row["id"],
        "happened": happened,
        "participants": tuple(sorted(participants)),
        "status": row["status"],
        "kind": row["kind"],
        "level": row["level"],
        "domain": row["domain"],
        "direction": row["direction"],
        "summary_en": row["summary_en"] or row["summary_zh"],
        "summary_zh": row["summary_zh"] or row["summary_en"],
        "venue": row["venue"],
        "margins_of": row["margins_of"],
        "place_en": row["place_en"],
        "place_zh": row["place_zh"],
        "host": row["host"],
        "initiator": row["initiator"],
        "outsiders": tuple(sorted(split(row["outsiders"]))),
        "concerns": tuple(sorted(set(pairs))),
        "confidence": row["confidence"],
    }


def check_actor(actor_id: str, happened: Period) -> None:
    """Check that an id exists and that its actor was there in the period."""
    register = actor_register()
    if actor_id not in register:
        register.find(actor_id)  # raises where nobody, or more than one, is called so
        raise UnknownActor(repr(actor_id), "is a name, not an id", f"write {register.find(actor_id).id}")
    actor = register[actor_id]
    if not actor.overlaps(happened.start, happened.end):
        spells = "; ".join(f"{s.start} to {s.end or 'now'}" for s in actor.valid)
        raise UnknownActor(
            repr(actor_id),
            f"was not a member of the state system on {happened} (it was: {spells})",
            "name the state that existed then",
        )


def _source(row: Row) -> Source:
    code_table().check("tier", row["tier"])
    return Source(
        row["id"],
        row["title"],
        row["publisher"],
        row["url"],
        row["language"],
        day_or_none(row["published"]),
        row["tier"],
    )


def _mechanism(row: Row) -> Mechanism:
    code_table().check("level", row["level"])
    code_table().check("domain", row["domain"])
    return Mechanism(
        row["id"],
        tuple(sorted(split(row["members"]))),
        row["level"],
        row["domain"],
        row["name_en"],
        row["name_zh"],
        period_or_none(row["created"]),
        period_or_none(row["ended"]),
        float(row["promised_cadence_months"]) if row["promised_cadence_months"] else None,
        row["promise_kind"],
        period_or_none(row["promise_from"]),
        row["promise_source"],
        is_true(row["standing_body"]),
        row["binding_instrument"],
        row["note"],
        row["predecessor"],
        row["successor"],
    )


def _output(row: Row) -> Output:
    code_table().check("output_kind", row["kind"])
    return Output(*(row[c] for c in COLUMNS["outputs"]))


def _commitment(row: Row) -> Commitment:
    code_table().check("domain", row["domain"])
    code_table().check("novelty", row["novelty"])
    if row["due"]:
        Period.parse(row["due"])
    for actor in split(row["who"]):
        check_listed(actor)
    return Commitment(
        row["id"],
        row["occurrence"],
        row["domain"],
        row["text_en"],
        row["text_zh"],
        row["due"],
        row["novelty"],
        row["source"],
        split(row["who"]),
        float(row["cadence_months"]) if row["cadence_months"] else None,
        row["mechanism"],
        row["concrete"] != "false",
        row["first"],
    )


def check_listed(actor_id: str) -> str:
    """Give an actor's id back, if the register has it."""
    if actor_id not in actor_register():
        raise UnknownActor(repr(actor_id), "is no actor's id", "see `minilateral actors list`")
    return actor_id


def _fulfilment(row: Row) -> Fulfilment:
    code_table().check("fulfilment", row["part"])
    if (row["part"] == "none_found") == bool(row["occurrence"]):
        raise BadRecord(
            f"{row['commitment']}: {row['part']}",
            "what was found has an act, and only what was not found has none",
            "name the act, or write none_found",
        )
    return Fulfilment(
        row["commitment"],
        row["occurrence"],
        Period.parse(row["date"]),
        row["part"],
        row["source"],
        row["note_en"],
        row["note_zh"],
    )


def _text(row: Row) -> Text:
    code_table().check("seen", row["seen"])
    return Text(*(row[c] for c in COLUMNS["texts"]))


def _text_code(row: Row) -> TextCode:
    for field in ("target", "verb"):
        code_table().check(field, row[field])
    said = row["verb"] not in ("absent", "not_seen")
    if said != bool(row["manner"]):
        raise BadRecord(
            f"{row['text']}, {row['target']}: {row['verb']} {row['manner']!r}",
            "a target that is spoken of is named or implied, and one that is not is neither",
            "write named or implied, or leave it empty",
        )
    if said:
        code_table().check("manner", row["manner"])
    if row["coder"] not in ("A", "B", "settled"):
        raise BadRecord(repr(row["coder"]), "is no coder", "write A, B or settled")
    return TextCode(*(row[c] for c in COLUMNS["text_codes"]))


def _tally(row: Row) -> Tally:
    return Tally(
        row["id"], row["mechanism"], Period.parse(row["date"]), int(row["counted"]), row["source"], row["basis"]
    )


def _sweep(row: Row) -> Sweep:
    return Sweep(
        row["id"],
        row["mechanism"],
        Period.parse(row["start"]),
        Period.parse(row["end"]),
        row["place"],
        row["language"],
        row["query"],
        parse_day(row["on"]),
        _count(row["found"]),
        row["note"],
    )


def _count(text: str) -> int | None:
    return int(text) if text else None


def _review(row: Row) -> Review:
    code_table().check("review", row["role"])
    if row["outcome"] or row["role"] == "checked":
        code_table().check("outcome", row["outcome"])
    return Review(
        row["occurrence"], row["coder"], row["role"], parse_day(row["on"]), row["outcome"], row["field"], row["note"]
    )


def _coding(row: Row) -> Coding:
    if row["field"] not in RECODED:
        raise BadRecord(repr(row["field"]), "is not coded twice", f"fields: {', '.join(RECODED)}")
    if row["code"]:
        code_table().check(row["field"], row["code"])
    return Coding(*(row[c] for c in COLUMNS["codings"]))


def _government(row: Row) -> Government:
    code_table().check("office", row["office"])
    start, end = parse_day(row["start"]), day_or_none(row["end"])
    if end and end < start:
        raise BadRecord(row["id"], f"ends on {end} before it starts on {start}", "mend the days")
    return Government(
        row["id"],
        check_listed(row["state"]),
        row["office"],
        row["person_en"],
        row["person_zh"],
        start,
        end,
        is_true(row["caretaker"]),
        row["reason"],
        row["party"],
        split(row["sources"]),
    )


def _move(row: Row) -> Move:
    actors = tuple(check_listed(a) for a in split(row["actors"]))
    if not actors:
        raise BadRecord(row["id"], "has no actor", "say whose move it is")
    for field in ("subject", "move", "confidence"):
        code_table().check(field, row[field])
    return Move(
        row["id"],
        row["demand"],
        Period.parse(row["date"]),
        actors,
        tuple(check_listed(a) for a in split(row["toward"])),
        row["subject"],
        row["move"],
        row["amount"],
        row["unit"],
        row["text_en"],
        row["text_zh"],
        row["occurrence"],
        row["confidence"],
        split(row["sources"]),
    )


def _opinion(row: Row) -> Opinion:
    code_table().check("topic", row["topic"])
    share = float(row["share"])
    if not 0 <= share <= 100:
        raise BadRecord(f"{row['id']}: {row['share']}", "is no share in percent", "write 0 to 100")
    return Opinion(
        row["id"],
        Period.parse(row["date"]),
        row["pollster"],
        check_listed(row["population"]),
        _count(row["n"]),
        row["topic"],
        row["question_en"],
        row["question_zh"],
        row["answer_en"],
        row["answer_zh"],
        share,
        row["source"],
    )


def _council(row: Row) -> Council:
    code_table().check("council_outcome", row["outcome"])
    yes, no, abstain = (_count(row[c]) for c in ("yes", "no", "abstain"))
    if sum(v or 0 for v in (yes, no, abstain)) > 15:
        raise BadRecord(row["id"], "has more than fifteen votes", "mend the votes")
    vetoes = tuple(check_listed(a) for a in split(row["vetoed_by"]))
    if vetoes and row["outcome"] != "vetoed":
        raise BadRecord(row["id"], f"names a veto, yet is {row['outcome']}", "write vetoed, or name nobody")
    return Council(
        row["id"],
        Period.parse(row["date"]),
        row["document"],
        row["subject_en"],
        row["subject_zh"],
        row["outcome"],
        yes,
        no,
        abstain,
        vetoes,
        row["sponsor"],
        split(row["sources"]),
    )


def _figure(row: Row) -> Figure:
    return Figure(
        row["id"],
        Period.parse(row["date"]),
        check_listed(row["state"]),
        row["what_en"],
        row["what_zh"],
        float(row["value"]),
        row["unit"],
        row["source"],
    )


def _evidence(row: Row) -> Evidence:
    if row["role"] not in ("report", "retrospect"):
        raise BadRecord(repr(row["role"]), "is not a role of evidence", "write report or retrospect")
    return Evidence(row["occurrence"], row["source"], row["role"], is_true(row["from_study"]))


def _session(row: Row) -> Session:
    return Session(row["mechanism"], row["occurrence"], int(row["ordinal"]) if row["ordinal"] else None)


def _numbering(row: Row) -> Numbering:
    return Numbering(
        row["id"],
        row["mechanism"],
        int(row["ordinal"]),
        Period.parse(row["date"]),
        row["occurrence"],
        is_true(row["official"]),
        row["source"],
        row["basis"],
    )


def _origin(row: Row) -> Origin:
    return Origin(*(row[c] for c in COLUMNS["origins"]))


#: How a row of each table becomes a value of `minilateral.terms`.
READERS: Mapping[str, Callable[[Row], Any]] = MappingProxyType(
    {
        "occurrences": check_occurrence,
        "evidence": _evidence,
        "sources": _source,
        "outputs": _output,
        "commitments": _commitment,
        "mechanisms": _mechanism,
        "sessions": _session,
        "numbering": _numbering,
        "origins": _origin,
        "fulfilments": _fulfilment,
        "tallies": _tally,
        "sweeps": _sweep,
        "texts": _text,
        "text_codes": _text_code,
        "reviews": _review,
        "codings": _coding,
        "governments": _government,
        "moves": _move,
        "opinions": _opinion,
        "council": _council,
        "figures": _figure,
        "milestones": dict,
    }
)


def read_row(table: str, row: Row, where: str) -> Any:
    """Turn a row into its type.

    Raises
    ------
    BadRecord
        With the table, the row, the value, the rule and the way out.
    """
    try:
        return READERS[table](row)
    except (BadPeriod, BadCode, UnknownActor, AmbiguousActor, BadRecord) as error:
        raise BadRecord(f"{where}: {error.value}", error.rule, error.way_out) from None
    except (ValueError, KeyError) as error:
        raise BadRecord(where, f"cannot be read ({error})", f"columns: {', '.join(COLUMNS[table])}") from None

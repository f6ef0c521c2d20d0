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
    Commitment,
    Evidence,
    Mechanism,
    Numbering,
    Origin,
    Output,
    Period,
    Session,
    Source,
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
        "commitments": ("id", "occurrence", "domain", "text_en", "text_zh", "due", "novelty", "source"),
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
        ),
        "sessions": ("mechanism", "occurrence", "ordinal"),
        "milestones": ("mechanism", "occurrence", "role"),
        "numbering": ("id", "mechanism", "ordinal", "date", "occurrence", "official", "source", "basis"),
        "origins": ("id", "producer", "title", "version", "licence", "citation", "accessed", "note"),
    }
)

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
    )


def _output(row: Row) -> Output:
    code_table().check("output_kind", row["kind"])
    return Output(*(row[c] for c in COLUMNS["outputs"]))


def _commitment(row: Row) -> Commitment:
    code_table().check("domain", row["domain"])
    code_table().check("novelty", row["novelty"])
    return Commitment(*(row[c] for c in COLUMNS["commitments"]))


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

"""The record as it was known on a day: the shipped tables and a user's own acts, read together."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from minilateral.errors import BadRecord
from minilateral.evidence.known import DECLARED, known_on
from minilateral.evidence.tables import COLUMNS, LATER, OPTIONAL, content_hash, read_row, split
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
    Occurrence,
    Opinion,
    Origin,
    Output,
    Period,
    Review,
    Selection,
    Session,
    Source,
    Sweep,
    Tally,
    Text,
    TextCode,
    occurrence,
)
from minilateral.terms.selections import concerns_of, members_of
from minilateral.terms.tables import read_tsv, shipped

Tables = dict[str, list[dict[str, str]]]


def shipped_tables(folder: Path | None = None) -> Tables:
    """Read the reviewed tables, of the package or of a folder with the same files.

    A folder may lack the tables beside the acts, and columns that came later: what stands there is then not known.
    """
    tables: Tables = {}
    for name in COLUMNS:
        path = folder / f"{name}.tsv" if folder else shipped("record", f"{name}.tsv")
        rows = [] if name in OPTIONAL and folder and not path.is_file() else read_tsv(path)
        empty = dict.fromkeys(LATER.get(name, ()), "")
        tables[name] = [{**empty, **row} for row in rows] if empty else rows
    return tables


@dataclass(frozen=True, eq=False)
class Record:
    """All that was known by ``as_of``, by id. Immutable; made by `Record.build`.

    Attributes
    ----------
    as_of : datetime.date or None
        None: everything, whenever it became known.
    rows : mapping
        The visible rows by table, as text, for export and for hashes.
    own : frozenset of str
        Ids of the visible occurrences that a user added.
    corrections : tuple of mapping
        The user's corrections of visible occurrences.
    """

    as_of: date | None
    occurrences: Mapping[str, Occurrence]
    sources: Mapping[str, Source]
    evidence: tuple[Evidence, ...]
    outputs: tuple[Output, ...]
    commitments: tuple[Commitment, ...]
    mechanisms: Mapping[str, Mechanism]
    sessions: tuple[Session, ...]
    numbering: Mapping[str, Numbering]
    origins: Mapping[str, Origin]
    rows: Mapping[str, list[dict[str, str]]] = field(repr=False)
    fulfilments: tuple[Fulfilment, ...] = ()
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    sweeps: tuple[Sweep, ...] = ()
    texts: Mapping[str, Text] = field(default_factory=dict)
    text_codes: tuple[TextCode, ...] = ()
    reviews: tuple[Review, ...] = ()
    codings: tuple[Coding, ...] = ()
    governments: tuple[Government, ...] = ()
    moves: tuple[Move, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    council: tuple[Council, ...] = ()
    figures: tuple[Figure, ...] = ()
    own: frozenset[str] = frozenset()
    corrections: tuple[Mapping[str, str], ...] = ()

    @classmethod
    def build(
        cls,
        tables: Tables,
        as_of: date | None = None,
        own: Iterable[str] = (),
        corrections: Iterable[Mapping[str, str]] = (),
    ) -> Record:
        """Check the tables, date the knowledge of every occurrence and keep what was known by ``as_of``.

        Parameters
        ----------
        tables : dict
            The rows by table, corrections applied.
        as_of : datetime.date, optional
        own : iterable of str
            Ids of the occurrences that a user added.
        corrections : iterable of mapping
            The user's corrections that were applied.

        Raises
        ------
        BadRecord
            If a row breaks a rule, an id stands twice or a reference leads nowhere.
        """
        tables = {name: tables.get(name, []) for name in COLUMNS}
        made: dict[str, list[Any]] = {
            name: [read_row(name, row, f"{name}, row {n}") for n, row in enumerate(rows, start=1)]
            for name, rows in tables.items()
        }
        _check_keys(tables)
        sources = {s.id: s for s in made["sources"]}
        published: dict[str, list[date | None]] = defaultdict(list)
        for link in made["evidence"]:
            if link.role == "report":
                published[link.occurrence].append(sources[link.source].published)
        seen: dict[str, Occurrence] = {}
        for fields in made["occurrences"]:
            known, basis = known_on(fields["happened"], published[fields["id"]])
            seen[fields["id"]] = occurrence(known=known, known_basis=basis, **fields)
        visible = {
            i: o
            for i, o in sorted(seen.items(), key=lambda kv: (kv[1].happened, kv[0]))
            if as_of is None or o.known <= as_of
        }
        lag = timedelta(days=DECLARED["known_lag_days"])
        mechanisms = {
            m.id: _as_known(m, as_of)
            for m in made["mechanisms"]
            if as_of is None or m.created is None or m.created.start <= as_of
        }
        numbering = {
            n.id: n
            for n in made["numbering"]
            if n.mechanism in mechanisms
            and not (n.source in sources and _later(sources[n.source], as_of))
            and (n.occurrence in visible or (not n.occurrence and (as_of is None or n.happened.last + lag <= as_of)))
        }
        evidence = _as_published([e for e in made["evidence"] if e.occurrence in visible], sources, as_of)
        cited = {(e.occurrence, e.source) for e in evidence}

        def hung(table: str) -> tuple[Any, ...]:
            return tuple(
                x
                for x in made[table]
                if x.occurrence in visible
                and ((x.occurrence, x.source) in cited or not _later(sources[x.source], as_of))
            )

        outputs, commitments = hung("outputs"), hung("commitments")
        sessions = tuple(s for s in made["sessions"] if s.occurrence in visible and s.mechanism in mechanisms)
        beside = _beside(made, as_of, visible, mechanisms, {c.id for c in commitments}, hung("texts"), sources)
        used = {e.source for e in evidence} | {o.source for o in outputs} | {c.source for c in commitments}
        used |= {n.source for n in numbering.values()} & sources.keys()
        used |= {s for rows in beside.values() for row in rows for s in _sources_of(row)}
        more: dict[str, Any] = {name: tuple(rows) for name, rows in beside.items()}
        more |= {name: {row.id: row for row in more[name]} for name in ("texts", "tallies")}
        record = cls(
            as_of,
            visible,
            {i: s for i, s in sources.items() if i in used},
            evidence,
            outputs,
            commitments,
            mechanisms,
            sessions,
            numbering,
            {o.id: o for o in made["origins"]},
            {},
            own=frozenset(own) & visible.keys(),
            corrections=tuple(c for c in corrections if c["corrects"] in visible),
            **more,
        )
        object.__setattr__(record, "rows", record._visible_rows(tables))
        return record

    def _visible_rows(self, tables: Tables) -> Tables:
        cited = {(e.occurrence, e.source) for e in self.evidence}
        hung = {x.id for x in self.outputs} | {x.id for x in self.commitments}
        keep: dict[str, Callable[[Mapping[str, str]], bool]] = {
            "occurrences": lambda r: r["id"] in self.occurrences,
            "evidence": lambda r: (r["occurrence"], r["source"]) in cited,
            "outputs": lambda r: r["id"] in hung,
            "commitments": lambda r: r["id"] in hung,
            "sources": lambda r: r["id"] in self.sources,
            "mechanisms": lambda r: r["id"] in self.mechanisms,
            "sessions": lambda r: r["occurrence"] in self.occurrences and r["mechanism"] in self.mechanisms,
            "numbering": lambda r: r["id"] in self.numbering,
            "milestones": lambda r: r["occurrence"] in self.occurrences,
            "origins": lambda _: True,
            **{name: _kept(name, _seen_rows(self, name)) for name in OPTIONAL},
        }
        visible = {name: [row for row in rows if keep[name](row)] for name, rows in tables.items()}
        visible["mechanisms"] = [self._mechanism_row(row) for row in visible["mechanisms"]]
        ends = {g.id: g.end for g in self.governments}
        visible["governments"] = [row if ends[row["id"]] else {**row, "end": ""} for row in visible["governments"]]
        return visible

    def _mechanism_row(self, row: Mapping[str, str]) -> dict[str, str]:
        """The row of a mechanism without what was not known of it by then."""
        known = self.mechanisms[row["id"]]
        later = {
            "ended": known.ended,
            "promised_cadence_months": known.promised_cadence_months,
            "promise_kind": known.promise_kind,
            "promise_from": known.promise_from,
            "promise_source": known.promise_source,
            "note": known.note,
            "successor": known.successor,
        }
        return {c: "" if c in later and not later[c] else value for c, value in row.items()}

    def hashes(self) -> dict[str, str]:
        """SHA-256 of the visible content of each table, whatever the order of its rows."""
        return {
            name: content_hash({"rows": sorted(content_hash(row) for row in rows)}) for name, rows in self.rows.items()
        }

    @cached_property
    def _links(self) -> Mapping[str, tuple[Evidence, ...]]:
        links: dict[str, list[Evidence]] = defaultdict(list)
        for link in self.evidence:
            links[link.occurrence].append(link)
        return {i: tuple(v) for i, v in links.items()}

    @cached_property
    def _mechanisms_of(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for session in self.sessions:
            found[session.occurrence].add(session.mechanism)
        return {i: frozenset(v) for i, v in found.items()}

    @cached_property
    def _by_members(self) -> Mapping[frozenset[str], tuple[str, ...]]:
        found: dict[frozenset[str], list[str]] = defaultdict(list)
        for i, item in self.occurrences.items():
            found[members_of(item)].append(i)
        return {members: tuple(ids) for members, ids in found.items()}

    @cached_property
    def _sweeps_of(self) -> Mapping[str, tuple[Sweep, ...]]:
        found: dict[str, list[Sweep]] = defaultdict(list)
        for sweep in self.sweeps:
            found[sweep.mechanism].append(sweep)
        return {m: tuple(rows) for m, rows in found.items()}

    @cached_property
    def _in_order(self) -> tuple[str, ...]:
        return tuple(self.occurrences)

    @cached_property
    def _only_study(self) -> frozenset[str]:
        return frozenset(i for i in self.occurrences if self.only_study(i))

    @cached_property
    def _by_mechanism(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, set[str]] = defaultdict(set)
        for session in self.sessions:
            found[session.mechanism].add(session.occurrence)
        return {m: tuple(i for i in self.occurrences if i in ids) for m, ids in found.items()}

    def evidence_of(self, occurrence_id: str) -> tuple[Evidence, ...]:
        """The evidence of an occurrence."""
        return self._links.get(occurrence_id, ())

    def sources_of(self, occurrence_id: str) -> tuple[Source, ...]:
        """The sources of an occurrence."""
        return tuple(self.sources[link.source] for link in self.evidence_of(occurrence_id))

    def only_study(self, occurrence_id: str) -> bool:
        """Whether all its evidence came out of the study itself."""
        links = self.evidence_of(occurrence_id)
        return bool(links) and all(link.from_study for link in links)

    def mechanisms_of(self, occurrence_id: str) -> frozenset[str]:
        """The mechanisms that an occurrence was a session of."""
        return self._mechanisms_of.get(occurrence_id, frozenset())

    def sweeps_of(self, mechanism: str) -> tuple[Sweep, ...]:
        """The searches for the sessions of a mechanism."""
        return self._sweeps_of.get(mechanism, ())

    @cached_property
    def _selected(self) -> dict[Selection, tuple[str, ...]]:
        return {}

    def select(self, selection: Selection) -> tuple[str, ...]:
        """The ids that a selection admits, by date."""
        if selection not in self._selected:
            self._selected[selection] = self._select(selection)
        return self._selected[selection]

    def _select(self, selection: Selection) -> tuple[str, ...]:
        candidates = self._in_order
        if selection.exactly:
            candidates = self._by_members.get(frozenset(selection.exactly), ())
        elif selection.mechanism:
            candidates = self._by_mechanism.get(selection.mechanism, ())
        if selection.start or selection.end:  # they stand by first day

            def first_day(i: str) -> date:
                return self.occurrences[i].happened.start

            low = bisect_left(candidates, selection.start, key=first_day) if selection.start else 0
            high = bisect_left(candidates, selection.end, key=first_day) if selection.end else None
            candidates = candidates[low:high]
        return tuple(
            i
            for i in candidates
            if selection.admits(
                self.occurrences[i],
                self.mechanisms_of(i) if selection.mechanism else frozenset(),
                selection.without_study and i in self._only_study,
            )
        )

    def lines(self) -> list[dict[str, Any]]:
        """One dict per occurrence, for analysis: lists joined by ``;``, days as dates, members after lineage."""
        return [
            {
                "id": o.id,
                "date": str(o.happened),
                "start": o.happened.start,
                "end": o.happened.end,
                "precision": o.happened.precision,
                "known": o.known,
                "known_basis": o.known_basis,
                "participants": ";".join(o.participants),
                "members": ";".join(sorted(members_of(o))),
                "k": len(o.participants),
                "is_act": o.is_act,
                "status": o.status,
                "kind": o.kind,
                "level": o.level,
                "domain": o.domain,
                "direction": o.direction,
                "summary_en": o.summary_en,
                "summary_zh": o.summary_zh,
                "venue": o.venue,
                "margins_of": o.margins_of,
                "place_en": o.place_en,
                "place_zh": o.place_zh,
                "host": o.host,
                "initiator": o.initiator,
                "outsiders": ";".join(o.outsiders),
                "concerns": ";".join("-".join(pair) for pair in concerns_of(o)),
                "confidence": o.confidence,
                "mechanisms": ";".join(sorted(self.mechanisms_of(o.id))),
                "only_study": self.only_study(o.id),
            }
            for o in self.occurrences.values()
        ]


#: What makes a row of a table one row, and which columns lead to a row of which table.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "occurrences": ("id",),
    "sources": ("id",),
    "outputs": ("id",),
    "commitments": ("id",),
    "mechanisms": ("id",),
    "numbering": ("id",),
    "origins": ("id",),
    "evidence": ("occurrence", "source"),
    "sessions": ("mechanism", "occurrence"),
    "milestones": ("mechanism", "occurrence", "role"),
    "fulfilments": ("commitment", "occurrence", "date"),
    "tallies": ("id",),
    "sweeps": ("id",),
    "texts": ("id",),
    "text_codes": ("text", "coder", "target"),
    "reviews": ("occurrence", "coder", "role", "on"),
    "codings": ("occurrence", "coder", "field"),
    "governments": ("id",),
    "moves": ("id",),
    "opinions": ("id",),
    "council": ("id",),
    "figures": ("id",),
}
_LEADS_TO = {
    "occurrence": "occurrences",
    "source": "sources",
    "mechanism": "mechanisms",
    "commitment": "commitments",
    "text": "texts",
    "predecessor": "mechanisms",
    "successor": "mechanisms",
    "first": "commitments",
}
#: References that may be empty.
_MAY_BE_EMPTY = {
    ("numbering", "occurrence"),
    ("fulfilments", "occurrence"),
    ("fulfilments", "source"),
    ("commitments", "mechanism"),
    ("commitments", "first"),
    ("mechanisms", "predecessor"),
    ("mechanisms", "successor"),
    ("moves", "occurrence"),
    ("sweeps", "mechanism"),  # a search for a ledger, not for a mechanism
}
#: An official number may stand without a row of the record; that its source is there, the compiler sees to.
_MAY_LEAD_NOWHERE = {("numbering", "source")}


def _check_keys(tables: Tables) -> None:
    ids = {table: {row["id"] for row in tables[table]} for table in _LEADS_TO.values()}
    for table, key in _KEYS.items():
        seen: set[tuple[str, ...]] = set()
        for n, row in enumerate(tables[table], start=1):
            this = tuple(row[c] for c in key)
            if this in seen:
                raise BadRecord(f"{table}, row {n}: {' - '.join(this)}", "stands twice", "write it once")
            seen.add(this)
            for column, target in _LEADS_TO.items():
                if column not in row or (table, column) in _MAY_LEAD_NOWHERE:
                    continue
                if row[column] not in ids[target] and (row[column] or (table, column) not in _MAY_BE_EMPTY):
                    raise BadRecord(f"{table}, row {n}: {row[column]!r}", f"is in no row of {target}", "mend the id")
            for one in split(row["sources"]) if "sources" in row else ():
                if one not in ids["sources"]:
                    raise BadRecord(f"{table}, row {n}: {one!r}", "is in no row of sources", "mend the id")


def _beside(
    made: Mapping[str, list[Any]],
    as_of: date | None,
    visible: Mapping[str, Occurrence],
    mechanisms: Mapping[str, Mechanism],
    commitments: set[str],
    texts: tuple[Text, ...],
    sources: Mapping[str, Source],
) -> dict[str, list[Any]]:
    """The rows beside the acts that were known by the day: those of acts that were, and ledgers by their own dates."""

    def known(row: Any) -> bool:
        if as_of is None:
            return True
        days = [sources[s].published for s in _sources_of(row)]
        return known_on(row.happened, days)[0] <= as_of

    shown = {t.id for t in texts}
    return {
        "fulfilments": [
            f
            for f in made["fulfilments"]
            if f.commitment in commitments
            and (f.occurrence in visible if f.occurrence else as_of is None or f.happened.start <= as_of)
        ],
        "tallies": [t for t in made["tallies"] if t.mechanism in mechanisms and known(t)],
        "sweeps": [s for s in made["sweeps"] if not s.mechanism or s.mechanism in mechanisms],
        "texts": list(texts),
        "text_codes": [c for c in made["text_codes"] if c.text in shown],
        "reviews": [r for r in made["reviews"] if r.occurrence in visible],
        "codings": [c for c in made["codings"] if c.occurrence in visible],
        "governments": [
            replace(g, end=None) if as_of and g.end and g.end > as_of else g
            for g in made["governments"]
            if as_of is None or g.start <= as_of
        ],
        **{name: [row for row in made[name] if known(row)] for name in ("moves", "opinions", "council", "figures")},
    }


def _sources_of(row: Any) -> tuple[str, ...]:
    if hasattr(row, "sources"):
        return tuple(row.sources)
    return (row.source,) if getattr(row, "source", "") else ()


def _kept(table: str, seen: set[tuple[str, ...]]) -> Callable[[Mapping[str, str]], bool]:
    names = [c for c in COLUMNS[table] if c in _KEYS[table]]
    return lambda row: tuple(str(Period.parse(row[n])) if n == "date" else row[n] for n in names) in seen


def _seen_rows(record: Record, table: str) -> set[tuple[str, ...]]:
    rows = getattr(record, table)
    names = [f for f in COLUMNS[table] if f in _KEYS[table]]
    as_field = {"date": "happened"}
    return {
        tuple(str(getattr(row, as_field.get(n, n))) for n in names)
        for row in (rows.values() if isinstance(rows, Mapping) else rows)
    }


def _later(source: Source, as_of: date | None) -> bool:
    """Whether a source came out after the day."""
    return as_of is not None and source.published is not None and source.published > as_of


def _as_published(links: list[Evidence], sources: Mapping[str, Source], as_of: date | None) -> tuple[Evidence, ...]:
    """Leave out what was published later, unless it is all that an occurrence has (it is then dated by proxy)."""
    in_time = {e.occurrence for e in links if not _later(sources[e.source], as_of)}
    return tuple(e for e in links if e.occurrence not in in_time or not _later(sources[e.source], as_of))


def _as_known(mechanism: Mechanism, as_of: date | None) -> Mechanism:
    """Forget what was not known of a mechanism by then: its end, and a promise made later."""
    if as_of is None:
        return mechanism
    ended = mechanism.ended if mechanism.ended and mechanism.ended.last <= as_of else None
    later = mechanism.promise_from is not None and mechanism.promise_from.start > as_of
    return Mechanism(
        mechanism.id,
        mechanism.members,
        mechanism.level,
        mechanism.domain,
        mechanism.name_en,
        mechanism.name_zh,
        mechanism.created,
        ended,
        None if later else mechanism.promised_cadence_months,
        "" if later else mechanism.promise_kind,
        None if later else mechanism.promise_from,
        "" if later else mechanism.promise_source,
        mechanism.standing_body,
        mechanism.binding_instrument,
        "",
        mechanism.predecessor,
        mechanism.successor if ended else "",
    )

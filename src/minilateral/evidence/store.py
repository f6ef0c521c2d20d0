"""A user's own acts: one SQLite file beside the shipped tables, append-only.

Every row is content with its hash; nothing is ever changed or deleted (triggers forbid it). A file goes in as one
transaction: after a crash it is in or it is not, and adding it again is safe. Readers see the last whole state while
somebody writes (write-ahead log).
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minilateral.errors import BadInput, StoreBusy
from minilateral.evidence.tables import COLUMNS, content_hash

#: Tables of the record that a user can add to, and the columns that make a row of them one row.
ADDABLE: Mapping[str, tuple[str, ...]] = {
    "occurrences": ("id",),
    "evidence": ("occurrence", "source"),
    "sources": ("id",),
    "outputs": ("id",),
    "commitments": ("id",),
    "sessions": ("mechanism", "occurrence"),
    "codings": ("occurrence", "coder", "field"),
    "corrections": ("id",),
}
#: Columns in which two rows of one key may differ and yet be the same row: the first source stays.
LOOSE: Mapping[str, tuple[str, ...]] = {"outputs": ("source",), "commitments": ("source",)}
CORRECTION = ("id", "corrects", "field", "old", "new", "reason", "source_title", "source_url", "known")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
  id INTEGER PRIMARY KEY, file TEXT NOT NULL, sha256 TEXT NOT NULL, added TEXT NOT NULL,
  new INTEGER NOT NULL, same INTEGER NOT NULL, quarantined INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
  seq INTEGER PRIMARY KEY, tab TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, sha256 TEXT NOT NULL,
  batch INTEGER NOT NULL REFERENCES batches(id) DEFERRABLE INITIALLY DEFERRED, UNIQUE (tab, key));
CREATE TABLE IF NOT EXISTS quarantine (
  seq INTEGER PRIMARY KEY, line INTEGER NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL,
  rule TEXT NOT NULL, way_out TEXT NOT NULL, content TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE,
  batch INTEGER NOT NULL REFERENCES batches(id) DEFERRABLE INITIALLY DEFERRED);
"""
_GUARDS = "".join(
    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, 'append-only: correct it with a new row'); END;"
    for table in ("batches", "entries", "quarantine")
    for verb in ("UPDATE", "DELETE")
)
_APPLICATION = 0x6D696E69  # 'mini': tells our files from other people's


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that was not taken in: where it stood, what is wrong, what to do."""

    line: int
    id: str
    field: str
    value: str
    rule: str
    way_out: str
    content: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding a file: rows taken in, rows that were there already, rows in quarantine."""

    new: int
    same: int
    quarantined: tuple[Quarantined, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row to add: its table, its content, and the line of the file that it came from."""

    table: str
    content: Mapping[str, str]
    line: int

    @property
    def key(self) -> str:
        """What makes it one row of its table."""
        return " ".join(self.content[c] for c in ADDABLE[self.table])


class Store:
    """A user's own rows in a SQLite file (WAL).

    Parameters
    ----------
    path : Path
        The file. It is created by the first `add`.
    wait : float
        Seconds to wait for another writer.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = Store(Path(folder.name) / "mine.sqlite")
    >>> store.rows("occurrences")
    []
    >>> folder.cleanup()
    """

    def __init__(self, path: Path, wait: float = 10.0) -> None:
        self.path, self.wait = Path(path), wait

    def _connect(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=self.wait, isolation_level=None)
            connection.execute("PRAGMA foreign_keys = ON")
        except (OSError, sqlite3.Error) as error:
            raise BadInput(str(self.path), f"cannot be opened as a store ({error})", "choose another --store") from None
        return connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        connection = self._connect()
        try:
            with _one_state(connection):
                self._is_ours(connection)
            self._switch_to_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            if not self._is_ours(connection):
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            for guard in _GUARDS.split("END;"):
                if guard.strip():
                    connection.execute(guard + "END")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise StoreBusy(
                    str(self.path),
                    f"is being written by another process (waited {self.wait:g} s)",
                    "try again when it has finished; nothing was changed",
                ) from None
            raise BadInput(str(self.path), f"cannot be written ({error})", "choose another --store") from None
        except sqlite3.DatabaseError as error:
            raise BadInput(str(self.path), f"is not a store of ours ({error})", "choose another --store") from None
        finally:
            connection.close()  # rolls back what was not committed

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Whether it is a store of ours; False: an empty file. Asked within a transaction, so that it is one state."""
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if tables and connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            raise BadInput(str(self.path), "is somebody else's SQLite file", "choose another --store")
        return bool(tables)

    def _switch_to_wal(self, connection: sqlite3.Connection) -> None:
        """Turn the write-ahead log on; SQLite does not wait for others here by itself."""
        until = time.monotonic() + self.wait
        while True:
            try:
                if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                    connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() >= until:
                    raise
                time.sleep(0.02)

    def add(
        self,
        entries: Iterable[Entry],
        quarantined: Iterable[Quarantined],
        held: Mapping[str, Mapping[str, str]],
        file: str,
        file_sha256: str,
        added: str,
    ) -> Added:
        """Add rows in one transaction; whatever is there already stays as it is.

        Parameters
        ----------
        entries : iterable of Entry
            Checked rows.
        quarantined : iterable of Quarantined
            Rows that failed their check: kept, counted and shown, not taken in.
        held : mapping
            For each addable table the key and the content hash of the shipped rows: the same row is not added
            again, and an id that is taken with other content goes to quarantine.
        file, file_sha256, added : str
            Where the rows come from, and the time (only the command line reads the clock).

        Returns
        -------
        Added
        """
        bad = list(quarantined)
        refused = {q.line for q in bad}
        new = same = 0
        rejected: list[Quarantined] = []
        with self._writing() as connection:
            batch = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM batches").fetchone()[0]
            by_line: dict[int, list[Entry]] = {}
            for entry in entries:
                by_line.setdefault(entry.line, []).append(entry)
            for line, group in by_line.items():
                if line in refused:
                    continue
                fresh: list[Entry] = []
                clash: Entry | None = None
                for entry in group:
                    there = held.get(entry.table, {}).get(entry.key) or self._digest(connection, entry)
                    if there is None:
                        fresh.append(entry)
                    elif there != digest(entry.table, entry.content):
                        clash = entry
                        break
                if clash:
                    rejected.append(_clash(clash))
                    continue
                if overtaken := [q for e in fresh if e.table == "corrections" and (q := _overtaken(connection, e))]:
                    rejected += overtaken
                    continue
                new, same = (new + 1, same) if fresh else (new, same + 1)
                connection.executemany(
                    "INSERT INTO entries (tab, key, content, sha256, batch) VALUES (?, ?, ?, ?, ?)",
                    [(e.table, e.key, _json(e.content), content_hash(e.content), batch) for e in fresh],
                )
            bad += rejected
            kept = 0
            for q in bad:
                fingerprint = content_hash({"id": q.id, "rule": q.rule, "value": q.value, "row": _json(q.content)})
                kept += connection.execute(
                    "INSERT OR IGNORE INTO quarantine (line, id, field, value, rule, way_out, content, sha256, batch) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (q.line, q.id, q.field, q.value, q.rule, q.way_out, _json(q.content), fingerprint, batch),
                ).rowcount
            if new or kept:
                connection.execute(
                    "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (batch, file, file_sha256, added, new, same, len(bad)),
                )
        return Added(new, same, tuple(sorted(bad, key=lambda q: q.line)))

    @staticmethod
    def _digest(connection: sqlite3.Connection, entry: Entry) -> str | None:
        row = connection.execute(
            "SELECT content FROM entries WHERE tab = ? AND key = ?", (entry.table, entry.key)
        ).fetchone()
        return digest(entry.table, json.loads(row[0])) if row else None

    def _read(self, sql: str, arguments: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []
        try:
            uri = f"{self.path.resolve().as_uri()}?mode=ro"
            connection = sqlite3.connect(uri, uri=True, timeout=self.wait, isolation_level=None)
        except sqlite3.Error as error:
            raise BadInput(str(self.path), f"cannot be read ({error})", "choose another --store") from None
        try:
            with _one_state(connection):
                return connection.execute(sql, arguments).fetchall() if self._is_ours(connection) else []
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise StoreBusy(str(self.path), f"is locked (waited {self.wait:g} s)", "try again") from None
            raise BadInput(str(self.path), f"is not a store of ours ({error})", "choose another --store") from None
        finally:
            connection.close()

    def rows(self, table: str) -> list[dict[str, str]]:
        """All rows of a table, in the order in which they were added."""
        found = self._read("SELECT content FROM entries WHERE tab = ? ORDER BY seq", (table,))
        return [json.loads(content) for (content,) in found]

    def all_rows(self) -> dict[str, list[dict[str, str]]]:
        """All rows of all tables as of one moment."""
        tables: dict[str, list[dict[str, str]]] = {name: [] for name in ADDABLE}
        for table, content in self._read("SELECT tab, content FROM entries ORDER BY seq"):
            tables[table].append(json.loads(content))
        return tables

    def quarantined(self) -> list[Quarantined]:
        """The rows in quarantine, in the order in which they came."""
        found = self._read("SELECT line, id, field, value, rule, way_out, content FROM quarantine ORDER BY seq")
        return [
            Quarantined(line, identifier, field, value, rule, way_out, json.loads(content))
            for line, identifier, field, value, rule, way_out, content in found
        ]

    def batches(self) -> list[dict[str, Any]]:
        """What was added when, from which file."""
        names = ("id", "file", "sha256", "added", "new", "same", "quarantined")
        return [
            dict(zip(names, row, strict=True))
            for row in self._read("SELECT id, file, sha256, added, new, same, quarantined FROM batches ORDER BY id")
        ]


@contextmanager
def _one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """Several reads of one and the same state."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _json(content: Mapping[str, str]) -> str:
    return json.dumps(dict(content), ensure_ascii=False, sort_keys=True)


def _clash(entry: Entry) -> Quarantined:
    return Quarantined(
        entry.line,
        entry.key,
        ADDABLE[entry.table][0],
        entry.key,
        f"is in {entry.table} already, with other content",
        "choose another id, or declare a correction (`minilateral acts template --corrections`)",
        entry.content,
    )


def _overtaken(connection: sqlite3.Connection, entry: Entry) -> Quarantined | None:
    """A correction of what an earlier one of the same field has replaced, by this file or by another writer."""
    last = None
    for (text,) in connection.execute("SELECT content FROM entries WHERE tab = 'corrections' ORDER BY seq"):
        before = json.loads(text)
        if (before["corrects"], before["field"]) == (entry.content["corrects"], entry.content["field"]):
            last = before["new"]
    if last is None or last in (entry.content["old"], entry.content["new"]):
        return None
    return Quarantined(
        entry.line,
        entry.content["corrects"],
        "old",
        entry.content["old"],
        f"is not what the record says ({last!r})",
        "a correction names the value that it replaces",
        entry.content,
    )


def digest(table: str, content: Mapping[str, Any]) -> str:
    """Hash of what tells a row of a table from another one with the same key."""
    return content_hash({k: v for k, v in content.items() if k not in LOOSE.get(table, ())})


def held_hashes(tables: Mapping[str, list[dict[str, str]]]) -> dict[str, dict[str, str]]:
    """Key and content hash of the rows of the shipped tables, for `Store.add`."""
    return {
        name: {
            " ".join(row[c] for c in ADDABLE[name]): digest(name, {c: row[c] for c in COLUMNS[name]})
            for row in tables[name]
        }
        for name in ADDABLE
        if name in tables
    }

"""What tests of several rooms share: small worlds made by hand, files of acts, the command line in this process."""

import copy
import csv
import io
import os
import sys
from dataclasses import dataclass
from datetime import date

import pytest

from minilateral.evidence import (
    ACT_COLUMNS,
    COLUMNS,
    Record,
    Store,
    check_file,
    current_tables,
    held_hashes,
    shipped_tables,
)

OCCURRENCE = {
    "status": "held",
    "kind": "meeting",
    "level": "leader",
    "domain": "diplomacy",
    "direction": "cooperative",
    "summary_en": "They met.",
    "summary_zh": "会晤。",
    "confidence": "high",
}
MECHANISM = {"level": "leader", "domain": "diplomacy", "name_en": "Talks", "name_zh": "会谈", "standing_body": "false"}


class World:
    """A record made by hand. Every method adds rows; `record` builds what was known by a day."""

    def __init__(self):
        self.tables = {name: [] for name in COLUMNS}

    def add(self, table, **fields):
        self.tables[table].append({c: str(fields.get(c, "")) for c in COLUMNS[table]})
        return self

    def source(self, identifier, published="", **fields):
        return self.add(
            "sources",
            **{"id": identifier, "title": "T", "publisher": "P", "tier": "government", "language": "en", **fields},
            published=published,
        )

    def evidence(self, occurrence, source, role="report", from_study="false"):
        return self.add("evidence", occurrence=occurrence, source=source, role=role, from_study=from_study)

    def act(self, identifier, happened, participants, published="", role="report", from_study="false", **fields):
        """An occurrence with a source of its own, as a rule without a day of publication."""
        self.add("occurrences", **{**OCCURRENCE, **fields}, id=identifier, date=happened, participants=participants)
        self.source(f"src-{identifier}", published)
        return self.evidence(identifier, f"src-{identifier}", role, from_study)

    def mechanism(self, identifier, members="JPN;KOR;USA", **fields):
        return self.add("mechanisms", **{**MECHANISM, **fields}, id=identifier, members=members)

    def session(self, mechanism, occurrence, happened, ordinal="", numbered=False, members="JPN;KOR;USA"):
        """A held session; officially numbered if asked for."""
        self.act(occurrence, happened, members)
        self.add("sessions", mechanism=mechanism, occurrence=occurrence, ordinal=ordinal)
        return self.number(mechanism, ordinal, happened, occurrence) if numbered else self

    def number(self, mechanism, ordinal, happened, occurrence="", official="true", source="src-none"):
        return self.add(
            "numbering",
            id=f"{mechanism}-{ordinal}-{len(self.tables['numbering'])}",
            mechanism=mechanism,
            ordinal=ordinal,
            date=happened,
            occurrence=occurrence,
            official=official,
            source=source,
            basis="says so",
        )

    def record(self, as_of=None):
        return Record.build(copy.deepcopy(self.tables), date.fromisoformat(as_of) if as_of else None)


@pytest.fixture(scope="session", autouse=True)
def results_of_models(tmp_path_factory):
    """Results of models are kept for this session only, for all commands and workers of it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINILATERAL_CACHE", str(folder))
        yield


@pytest.fixture
def world():
    """An empty world."""
    return World()


@pytest.fixture(scope="session")
def new_world():
    """Makes empty worlds, for tests that need many."""
    return World


def act_row(identifier="2024-05-05-meeting", **fields):
    """One good row of a file of acts."""
    return {
        "id": identifier, "date": "2024-05-05", "participants": "JPN;KOR", "kind": "meeting", "level": "working",
        "domain": "security", "direction": "cooperative", "summary_en": "They met in Seoul.",
        "source_title": "A page", "source_publisher": "A paper", "source_url": "https://example.org/a",
        "source_published": "2024-05-06", "source_tier": "agency", **fields,
    }  # fmt: skip


def csv_text(rows, columns=ACT_COLUMNS, delimiter=","):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@dataclass
class Files:
    """Writes files of acts and takes them in, as the command line does."""

    folder: object
    row = staticmethod(act_row)
    text = staticmethod(csv_text)

    @property
    def store(self):
        return self.folder / "mine.sqlite"

    def csv(self, name, rows, columns=ACT_COLUMNS):
        path = self.folder / name
        path.write_text(csv_text(rows, columns), encoding="utf-8")
        return path

    def check(self, path, store=None, record=None):
        tables = current_tables(None, record, store)
        return check_file(path, [m["id"] for m in tables["mechanisms"]], {r["id"]: r for r in tables["occurrences"]})

    def add(self, path, store=None, wait=10.0, record=None):
        store = store or self.store
        checked = self.check(path, store if store.exists() else None, record)
        held = held_hashes(shipped_tables(record))
        return Store(store, wait).add(
            checked.entries, checked.quarantined, held, path.name, checked.sha256, "2026-01-01"
        )


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    """The command line in this process; a store that nobody named would be one that is not there."""
    from minilateral.cli import main

    monkeypatch.setenv("MINILATERAL_STORE", str(tmp_path / "nobody-named-me.sqlite"))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["minilateral", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as left:
            code = left.code or 0
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run

"""`kill -9` at any moment of `minilateral acts add` loses nothing: a file is in whole, or not at all."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from minilateral.evidence import Store, load

KILLS = 50
ACTS = 300
WHOLE = (ACTS, 3 * ACTS)  # acts; rows: the act, its source, the evidence
SEED = 20261124

#: Runs the command line as it is, in a process of its own for each file. Python starts once; each process only says
#: who it is, when it comes to the store, and when the store has said that all is in.
STARTER = """
import os, sys
import duckdb, openpyxl, yaml
from minilateral import cli
from minilateral.evidence import Store
from minilateral.terms import actor_register, code_table
actor_register(), code_table()
whole = Store.add
def add(self, *arguments):
    print("begin", flush=True)
    result = whole(self, *arguments)
    print("committed", flush=True)
    return result
Store.add = add
while line := sys.stdin.readline():
    path, store = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if not child:
        print("child", os.getpid(), flush=True)
        sys.argv = ["minilateral", "acts", "add", path, "--store", store]
        try:
            cli.main()
        finally:
            print("ended", flush=True)
            os._exit(0)
    sys.stdin.readline()  # until somebody has killed it: its number stays its own
    os.waitpid(child, 0)
    print("over", flush=True)
"""


class Starter:
    """Starts `minilateral acts add` over and over, and hears how far it comes."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.said = []

    def start(self, path, store):
        self.said = []
        self.process.stdin.write(f"{path}\t{store}\n")
        return int(self.hear("child").split()[1])

    def hear(self, word):
        """Listen until a line begins with a word, or the process ends by itself."""
        while not self.said or not self.said[-1].startswith((word, "ended")):
            line = self.process.stdout.readline()
            assert line, "the starter is gone"
            self.said.append(line.strip())
        return self.said[-1]

    def kill(self, child):
        os.kill(child, signal.SIGKILL)
        self.process.stdin.write("killed\n")
        while self.said[-1] != "over":
            line = self.process.stdout.readline()
            assert line, "the starter is gone"
            self.said.append(line.strip())

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@pytest.fixture
def starter():
    started = Starter()
    yield started
    started.close()


def file_of_acts(files, number):
    return files.csv(
        f"{number:02d}.csv",
        [
            files.row(
                f"file-{number:02d}-act-{n:03d}",
                date=f"20{10 + n % 15}-{1 + n % 12:02d}",
                source_title=f"{number}, {n}",
            )
            for n in range(ACTS)
        ],
    )


def asked(store, *questions):
    connection = sqlite3.connect(store)
    try:
        return [connection.execute(question).fetchall() for question in questions]
    finally:
        connection.close()


def batches(store):
    """What is in the store, read with SQLite alone: its files, and how many acts and rows each of them brought."""
    if not store.exists() or not asked(store, "SELECT 1 FROM sqlite_schema WHERE name = 'entries'")[0]:
        return {}
    found, ((rows,),) = asked(
        store,
        "SELECT b.file, b.new, (SELECT count(*) FROM entries AS e WHERE e.batch = b.id) FROM batches AS b",
        "SELECT count(*) FROM entries",
    )
    assert rows == sum(n for _, _, n in found), "rows that belong to no file"
    return {file: (new, n) for file, new, n in found}


@pytest.mark.slow
def test_fifty_kills_lose_nothing(files, starter):
    moments = random.Random(SEED)
    paths = [file_of_acts(files, n) for n in range(KILLS)]
    store = files.store

    # how long it takes until it comes to the store, and there
    child = starter.start(paths[0], files.folder / "trial.sqlite")
    started = time.monotonic()
    starter.hear("begin")
    checking = time.monotonic() - started
    starter.hear("committed")
    adding = time.monotonic() - started - checking
    starter.kill(child)
    assert batches(files.folder / "trial.sqlite") == {paths[0].name: WHOLE}

    seen = {"before the store": 0, "in the store": 0, "after": 0}
    committed: dict[str, tuple[int, int]] = {}
    for number, path in enumerate(paths):
        child = starter.start(path, store)
        if number % 3 == 0:  # any moment
            time.sleep(moments.uniform(0, 1.3 * (checking + adding)))
        elif number % 6 == 1:  # shortly after all is in
            starter.hear("committed")
            time.sleep(moments.uniform(0, adding))
        else:  # in the store, or shortly after
            starter.hear("begin")
            time.sleep(moments.uniform(0, 1.3 * adding))
        starter.kill(child)

        now = batches(store)
        assert {f: now.get(f) for f in committed} == committed, "something that was in is gone"
        assert set(now) - set(committed) <= {path.name}
        assert all(size == WHOLE for size in now.values()), "a part of a file is in"
        if "committed" in starter.said:
            assert path.name in now, "it said that all was in"
        seen["after" if path.name in now else "in the store" if "begin" in starter.said else "before the store"] += 1
        committed = now
        assert len(Store(store).batches()) == len(committed)  # it opens

    # the kills did fall on both sides of the commit, and between the two
    assert seen["after"] >= 1, seen
    assert seen["in the store"] >= 1, seen
    assert asked(store, "PRAGMA integrity_check", "PRAGMA foreign_key_check") == [[("ok",)], []]
    assert len(load(None, None, store).occurrences) == len(load().occurrences) + ACTS * len(committed)

    missing = [path for path in paths if path.name not in committed]
    for path in missing + [path for path in paths if path not in missing][::5]:
        checked = files.check(path)
        added = Store(store).add(checked.entries, checked.quarantined, {}, path.name, checked.sha256, "")
        assert (added.new, added.same) == ((ACTS, 0) if path in missing else (0, ACTS))
    assert batches(store) == {path.name: WHOLE for path in paths}
    assert len(load(None, None, store).occurrences) == len(load().occurrences) + ACTS * KILLS

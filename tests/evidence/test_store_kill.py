"""`kill -9` at any moment of `minilateral acts add` loses nothing: a file is in whole, or not at all."""

import random
import sqlite3
import subprocess
import sys
import time

from minilateral.evidence import Store, load

KILLS = 50
ACTS = 300
SEED = 20261124

#: The command line as it is; it only says when it comes to the store and when the store says that all is in.
CHILD = """
import sys
import openpyxl, yaml
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
print("ready", flush=True)
sys.stdin.readline()
sys.argv = ["minilateral", "acts", "add", *sys.argv[1:]]
cli.main()
"""


def spawn(path, store):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), "--store", str(store)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1,
    )  # fmt: skip


def go(child):
    assert child.stdout.readline() == "ready\n"
    child.stdin.write("go\n")
    child.stdin.flush()


def file_of_acts(files, number):
    return files.csv(
        f"{number:02d}.csv",
        [
            files.row(
                f"file-{number:02d}-act-{n:03d}", date=f"20{10 + n % 15}-{1 + n % 12:02d}", source_title=f"{number}, {n}",
            )
            for n in range(ACTS)
        ],
    )  # fmt: skip


def batches(store):
    """What is in the store, read with SQLite alone: its files, and how many rows each of them brought."""
    if not store.exists():
        return {}
    connection = sqlite3.connect(store)
    try:
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'entries'").fetchone():
            return {}
        found = connection.execute(
            "SELECT b.file, b.new, (SELECT count(*) FROM entries AS e WHERE e.batch = b.id) FROM batches AS b"
        ).fetchall()
        assert connection.execute("SELECT count(*) FROM entries").fetchone()[0] == sum(n for _, _, n in found)
    finally:
        connection.close()
    return {file: (new, rows) for file, new, rows in found}


def integrity(store):
    connection = sqlite3.connect(store)
    try:
        assert not connection.execute("PRAGMA foreign_key_check").fetchall()
        return connection.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        connection.close()


def test_fifty_kills_lose_nothing(files):
    moments = random.Random(SEED)
    paths = [file_of_acts(files, n) for n in range(KILLS)]
    store = files.store
    whole = (ACTS, ACTS * 3)  # acts; rows: the act, its source, the evidence

    # how long it takes, from the word go to the store, and in the store
    trial = spawn(paths[0], files.folder / "trial.sqlite")
    go(trial)
    started = time.monotonic()
    assert trial.stdout.readline() == "begin\n"
    checking = time.monotonic() - started
    assert trial.stdout.readline() == "committed\n"
    adding = time.monotonic() - started - checking
    assert trial.wait(60) == 0

    seen = {"before the store": 0, "in the store": 0, "after": 0}
    committed: dict[str, tuple[int, int]] = {}
    waiting = spawn(paths[0], store)
    for number, path in enumerate(paths):
        child, waiting = waiting, (spawn(paths[number + 1], store) if number + 1 < KILLS else None)
        go(child)
        said = ""
        if number % 3:  # two of three: within the store, or shortly after it
            said = child.stdout.readline()
            time.sleep(moments.uniform(0, 1.4 * adding))
        else:
            time.sleep(moments.uniform(0, 1.2 * (checking + adding)))
        child.kill()
        child.wait()
        said += child.stdout.read()
        child.stdin.close()
        child.stdout.close()

        now = batches(store)
        assert {f: now[f] for f in committed} == committed, "something that was in is gone"
        assert set(now) - set(committed) <= {path.name}
        assert all(size == whole for size in now.values()), "a part of a file is in"
        if "committed" in said:
            assert path.name in now, "it said that all was in"
        came_in = path.name in now
        seen["after" if came_in else "in the store" if "begin" in said else "before the store"] += 1
        committed = now
        assert len(Store(store).batches()) == len(committed)  # it opens

    assert integrity(store) == "ok"
    assert len(load(None, None, store).occurrences) == len(load().occurrences) + ACTS * len(committed)
    # the kills did fall on both sides of the commit, and within the transaction
    assert seen["in the store"] >= 1, seen
    assert seen["after"] >= 1, seen

    missing = [path for path in paths if path.name not in committed]
    for path in paths:
        checked = files.check(path)
        added = Store(store).add(checked.entries, checked.quarantined, {}, path.name, checked.sha256, "")
        assert (added.new, added.same) == ((ACTS, 0) if path in missing else (0, ACTS))
    assert batches(store) == {path.name: whole for path in paths}
    assert len(load(None, None, store).occurrences) == len(load().occurrences) + ACTS * KILLS

"""A user's store: append-only, the same twice is once, whole states only, clear words for other people's files."""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from minilateral.errors import BadInput, BadRecord, StoreBusy
from minilateral.evidence import CORRECTION_COLUMNS, Store, load, shipped_tables

SHIPPED_ID = "2023-08-18-camp-david-summit"


def dump(path):
    """Every row of every table, byte for byte."""
    connection = sqlite3.connect(path)
    tables = ("batches", "entries", "quarantine")
    rows = {t: connection.execute(f"SELECT * FROM {t} ORDER BY 1").fetchall() for t in tables}
    connection.close()
    return rows


def some_rows(files, n=6):
    return [
        files.row(f"2024-05-{d:02d}-meeting", date=f"2024-05-{d:02d}", source_title=f"Page {d}", outputs="plan: A plan")
        for d in range(1, n + 1)
    ]


# ------------------------------------------------------------------------------------------------ twice is once


def test_adding_a_file_twice_changes_nothing(files):
    path = files.csv("a.csv", some_rows(files))
    assert files.add(path).new == 6
    before = dump(files.store)
    again = files.add(path)
    assert (again.new, again.same, again.quarantined) == (0, 6, ())
    assert dump(files.store) == before


def test_the_same_rows_in_another_order_or_file_change_nothing(files):
    rows = some_rows(files)
    files.add(files.csv("a.csv", rows))
    before = dump(files.store)
    random.Random(1).shuffle(rows)
    assert files.add(files.csv("b.csv", rows)).same == 6
    other = files.folder / "c.json"
    other.write_text(json.dumps(rows), encoding="utf-8")
    assert files.add(other).same == 6
    assert dump(files.store) == before


def test_two_orders_give_the_same_record(files):
    rows = some_rows(files)
    files.add(files.csv("a.csv", rows), files.folder / "one.sqlite")
    files.add(files.csv("b.csv", rows[::-1]), files.folder / "two.sqlite")
    one, two = (load(None, None, files.folder / f"{n}.sqlite") for n in ("one", "two"))
    assert one.hashes() == two.hashes()
    assert one.hashes() != load().hashes()


def test_a_bad_row_is_kept_once_however_often_it_comes(files):
    rows = [*some_rows(files, 2), files.row("2024-02-30-never", date="2024-02-30")]
    path = files.csv("a.csv", rows)
    files.add(path)
    before = dump(files.store)
    assert len(before["quarantine"]) == 1
    assert [q.line for q in files.add(path).quarantined] == [4]  # said again, not kept again
    assert dump(files.store) == before


# ------------------------------------------------------------------------------------------------ append-only


@pytest.mark.parametrize("table", ["batches", "entries", "quarantine"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET rowid = rowid", "DELETE FROM {}"])
def test_nothing_is_changed_or_deleted(files, table, statement):
    files.add(files.csv("a.csv", [*some_rows(files, 2), files.row("x", date="never")]))
    before = dump(files.store)
    assert before[table]
    connection = sqlite3.connect(files.store)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement.format(table))
    connection.rollback()
    connection.close()
    assert dump(files.store) == before


def test_what_was_added_stays_as_it_was_while_more_comes(files):
    files.add(files.csv("a.csv", some_rows(files, 3)))
    before = dump(files.store)
    files.add(files.csv("b.csv", [files.row("2020-01-01-another", date="2020-01-01")]))
    after = dump(files.store)
    assert all(after[t][: len(rows)] == rows for t, rows in before.items())
    assert len(after["batches"]) == 2


# ------------------------------------------------------------------------------------------------ one id, one content


def test_an_id_with_other_content_is_quarantined_and_the_rest_goes_in(files):
    files.add(files.csv("a.csv", some_rows(files, 2)))
    rows = some_rows(files, 4)
    rows[1]["level"] = "leader"
    added = files.add(files.csv("b.csv", rows))
    assert (added.new, added.same) == (2, 1)
    (bad,) = added.quarantined
    assert (bad.line, bad.id, bad.field) == (3, "2024-05-02-meeting", "id")
    assert "other content" in bad.rule
    assert "corrections" in bad.way_out
    held = {r["id"]: r for r in Store(files.store).rows("occurrences")}
    assert held["2024-05-02-meeting"]["level"] == "working"
    assert len(held) == 4


def test_a_shipped_id_with_other_content_is_quarantined(files):
    added = files.add(files.csv("a.csv", [files.row(SHIPPED_ID), *some_rows(files, 1)]))
    assert added.new == 1
    assert [(q.line, q.id) for q in added.quarantined] == [(2, SHIPPED_ID)]
    assert load(None, None, files.store).occurrences[SHIPPED_ID] == load().occurrences[SHIPPED_ID]


def test_a_refused_row_leaves_none_of_its_parts(files):
    added = files.add(files.csv("a.csv", [files.row(SHIPPED_ID, source_title="Only here")]))
    assert added.new == 0
    assert all(not rows for rows in Store(files.store).all_rows().values())


# ------------------------------------------------------------------------------------------------ more evidence


def test_another_source_for_my_act_adds_evidence(files):
    row = files.row(outputs="plan: A plan; joint_statement: A statement", commitments="security: meet again")
    files.add(files.csv("a.csv", [row]))
    added = files.add(files.csv("b.csv", [{**row, "source_title": "Another page", "source_published": "2024-05-05"}]))
    assert (added.new, added.quarantined) == (1, ())
    record = load(None, None, files.store)
    assert {s.title for s in record.sources_of(row["id"])} == {"A page", "Another page"}
    assert record.occurrences[row["id"]].known.isoformat() == "2024-05-05"  # the earlier report dates the knowledge
    assert sorted(o.kind for o in record.outputs if o.occurrence == row["id"]) == ["joint_statement", "plan"]
    assert len([c for c in record.commitments if c.occurrence == row["id"]]) == 1


def test_two_lines_of_one_act_in_one_file(files):
    row = files.row(outputs="plan: A plan")
    added = files.add(files.csv("a.csv", [row, {**row, "source_title": "Another page"}]))
    assert (added.new, added.quarantined) == (2, ())
    rows = Store(files.store).all_rows()
    assert {t: len(r) for t, r in rows.items() if r} == {"occurrences": 1, "sources": 2, "evidence": 2, "outputs": 1}


def test_another_source_for_a_shipped_act(files):
    shipped = next(r for r in shipped_tables()["occurrences"] if r["id"] == SHIPPED_ID)
    source = {k: v for k, v in files.row().items() if k.startswith("source")}
    added = files.add(files.csv("a.csv", [{**shipped, **source, "outputs": "communique: Yet another text"}]))
    assert (added.new, added.quarantined) == (1, ())
    rows = Store(files.store).all_rows()
    assert {t: len(r) for t, r in rows.items() if r} == {"sources": 1, "evidence": 1, "outputs": 1}
    before, after = load(), load(None, None, files.store)
    assert len(after.evidence_of(SHIPPED_ID)) == len(before.evidence_of(SHIPPED_ID)) + 1
    assert len(after.occurrences) == len(before.occurrences)


def test_an_act_that_came_into_the_reviewed_tables_since_is_there_once(files):
    files.add(files.csv("a.csv", some_rows(files, 2)))
    newer = files.folder / "record"
    shutil.copytree(Path(sys.modules["minilateral"].__file__).parent / "data" / "record", newer)
    mine = Store(files.store).all_rows()
    for table in ("occurrences", "sources", "evidence", "outputs"):
        columns = (newer / f"{table}.tsv").read_text(encoding="utf-8").split("\n", 1)[0].split("\t")
        with (newer / f"{table}.tsv").open("a", encoding="utf-8") as stream:
            stream.writelines("\t".join(row[c] for c in columns) + "\n" for row in mine[table])
    record = load(None, newer, files.store)
    assert len(record.occurrences) == len(load().occurrences) + 2
    assert record.hashes() == load(None, newer).hashes()


# ------------------------------------------------------------------------------------------------ corrections


def correction(new, old="Camp David", field="place_en", known="2024-01-01", corrects=SHIPPED_ID):
    return dict(zip(CORRECTION_COLUMNS, (corrects, field, old, new, "because", "A page", "", known), strict=True))


def test_a_chain_of_corrections_in_one_file_is_applied_in_its_order(files):
    rows = [correction("A"), correction("B", "A"), correction("C", "B")]
    assert files.add(files.csv("a.csv", rows, CORRECTION_COLUMNS)).new == 3
    assert load(None, None, files.store).occurrences[SHIPPED_ID].place_en == "C"


def test_of_two_corrections_of_one_value_the_second_is_refused(files):
    rows = [correction("A"), correction("B")]
    added = files.add(files.csv("a.csv", rows, CORRECTION_COLUMNS))
    assert added.new == 1
    assert [(q.line, q.field, q.value) for q in added.quarantined] == [(3, "old", "Camp David")]
    assert load(None, None, files.store).occurrences[SHIPPED_ID].place_en == "A"


def test_of_two_writers_that_correct_one_value_the_second_is_refused(files):
    """Both checked their file before either wrote: the store itself must see it, or nobody can read it again."""
    mine = files.check(files.csv("a.csv", [correction("A")], CORRECTION_COLUMNS))
    theirs = files.check(files.csv("b.csv", [correction("B")], CORRECTION_COLUMNS))
    assert not mine.quarantined + theirs.quarantined
    store = Store(files.store)
    assert store.add(mine.entries, (), {}, "a", "", "").new == 1
    late = store.add(theirs.entries, (), {}, "b", "", "")
    assert late.new == 0
    assert "'A'" in late.quarantined[0].rule
    assert load(None, None, files.store).occurrences[SHIPPED_ID].place_en == "A"


@pytest.mark.parametrize("new", ["", "JPN;JPN", "JPN;Nowhere", "JPN;SUN"])
def test_a_correction_that_would_make_the_record_unreadable_is_refused(files, new):
    added = files.add(files.csv("a.csv", [correction(new, "JPN;KOR;USA", "participants")], CORRECTION_COLUMNS))
    assert (added.new, len(added.quarantined)) == (0, 1)
    assert load(None, None, files.store).hashes() == load().hashes()


# ------------------------------------------------------------------------------------------------ readers and writers


def begin(path):
    """Somebody else in the middle of writing: three rows, nothing committed."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO batches VALUES (99, 'half', '', '', 3, 0, 0)")
    for n in range(3):
        content = json.dumps({"id": f"half-{n}"})
        other.execute(
            "INSERT INTO entries (tab, key, content, sha256, batch) VALUES ('occurrences', ?, ?, '', 99)",
            (f"half-{n}", content),
        )
    return other


def test_a_reader_beside_a_writer_sees_the_last_whole_state(files):
    files.add(files.csv("a.csv", some_rows(files, 3)))
    other = begin(files.store)
    store = Store(files.store, wait=0.1)
    assert [r["id"][-7:] for r in store.rows("occurrences")] == ["meeting"] * 3
    assert len(load(None, None, files.store).occurrences) == len(load().occurrences) + 3
    assert len(store.batches()) == 1
    other.execute("COMMIT")
    other.close()
    assert len(store.rows("occurrences")) == 6


WRITER = """
import sys
from pathlib import Path
from minilateral.evidence import Entry, Store
folder, name, batches, size = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
print("ready", flush=True)
sys.stdin.readline()
for b in range(batches):
    entries = [Entry("occurrences", {"id": f"{name}-{b}-{n}"}, n) for n in range(size)]
    assert Store(folder / "mine.sqlite", 30).add(entries, (), {}, f"{name}-{b}", "", "").new == size
"""


def writers(folder, names, batches, size):
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), name, str(batches), str(size)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for name in names
    ]  # fmt: skip
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    return started


def test_a_reader_never_sees_a_part_of_a_batch(files):
    (writer,) = writers(files.folder, ["w"], 25, 200)
    store, sizes = Store(files.store), set()
    while writer.poll() is None:
        sizes.add(len(store.rows("occurrences")))
    assert writer.wait() == 0, writer.stderr.read()
    assert all(size % 200 == 0 for size in sizes)
    assert len(sizes) > 3  # it did read in between
    assert len(store.rows("occurrences")) == 25 * 200


def test_writers_that_create_one_store_together_all_succeed(files):
    started = writers(files.folder, "abcd", 5, 20)
    for process in started:
        _, error = process.communicate(timeout=60)
        assert process.returncode == 0, error
    ids = [r["id"] for r in Store(files.store).rows("occurrences")]
    assert len(ids) == len(set(ids)) == 4 * 5 * 20
    assert len(Store(files.store).batches()) == 20


def test_a_second_writer_waits_for_the_first(files):
    files.add(files.csv("a.csv", some_rows(files, 1)))
    path = files.csv("b.csv", [files.row("2020-01-01-second", date="2020-01-01")])
    other = begin(files.store)
    added = []
    second = threading.Thread(target=lambda: added.append(files.add(path, wait=20)))
    second.start()
    second.join(0.3)
    assert second.is_alive()  # it waits
    other.execute("COMMIT")
    other.close()
    second.join(20)
    assert added[0].new == 1
    assert len(Store(files.store).rows("occurrences")) == 1 + 3 + 1


def test_a_second_writer_is_told_why_not(files, cli):
    files.add(files.csv("a.csv", some_rows(files, 1)))
    path = files.csv("b.csv", [files.row("2020-01-01-second", date="2020-01-01")])
    other = begin(files.store)
    with pytest.raises(StoreBusy, match="another process"):
        files.add(path, wait=0.05)
    ran = cli("acts", "add", path, "--store", files.store, "--wait", "0.05")
    assert ran.code == 2
    assert "being written by another process (waited 0.05 s)" in ran.err
    assert "nothing was changed" in ran.err
    other.close()
    assert len(Store(files.store).rows("occurrences")) == 1
    assert cli("acts", "add", path, "--store", files.store).code == 0


# ------------------------------------------------------------------------------------------------ other people's files


def somebody_elses(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE entries (name TEXT)")  # a table that is called like one of ours
    connection.execute("INSERT INTO entries VALUES ('precious')")
    connection.commit()
    connection.close()


def contacts(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE contacts (name TEXT)")
    connection.commit()
    connection.close()


FOREIGN = {
    "sqlite with our table name": somebody_elses,
    "sqlite": contacts,
    "text": lambda path: path.write_text("dear diary\n" * 200),
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 20),
    "directory": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_other_peoples_files_are_refused_and_left_alone(files, cli, kind):
    FOREIGN[kind](files.store)
    before = None if files.store.is_dir() else files.store.read_bytes()
    path = files.csv("a.csv", some_rows(files, 1))
    with pytest.raises(BadInput, match="choose another --store"):
        Store(files.store, 0.1).rows("occurrences")
    entries = files.check(path).entries
    with pytest.raises(BadInput, match="choose another --store"):
        Store(files.store, 0.1).add(entries, (), {}, "a", "", "")
    for command in (
        ("acts", "add", path),
        ("acts", "list"),
        ("acts", "validate", path),
        ("brief", "USA", "JPN", "KOR"),
    ):
        ran = cli(*command, "--store", files.store)
        assert ran.code == 2, command
        assert str(files.store) in ran.err
        assert "choose another --store" in ran.err
    assert before is None or files.store.read_bytes() == before
    assert sorted(p.name for p in files.folder.iterdir()) == ["a.csv", "mine.sqlite"]


def test_an_empty_file_becomes_a_store(files):
    files.store.touch()
    assert Store(files.store).rows("occurrences") == []
    assert files.add(files.csv("a.csv", some_rows(files, 1))).new == 1


def test_a_folder_that_is_not_there_is_made(files):
    deep = files.folder / "a" / "b" / "mine.sqlite"
    assert files.add(files.csv("a.csv", some_rows(files, 1)), deep).new == 1


def test_reading_a_store_that_is_not_there_makes_none(files):
    assert Store(files.store).all_rows()["occurrences"] == []
    assert Store(files.store).batches() == Store(files.store).quarantined() == []
    assert not files.store.exists()


def test_a_record_that_contradicts_the_store_is_named(files):
    """The reviewed tables took up the id with other content: the user is told which."""
    files.add(files.csv("a.csv", [files.row(SHIPPED_ID + "-2")]))
    newer = files.folder / "record"
    shutil.copytree(Path(sys.modules["minilateral"].__file__).parent / "data" / "record", newer)
    table = newer / "occurrences.tsv"
    line = next(x for x in table.read_text(encoding="utf-8").splitlines() if x.startswith(SHIPPED_ID))
    with table.open("a", encoding="utf-8") as stream:
        stream.write(line.replace(SHIPPED_ID, SHIPPED_ID + "-2") + "\n")
    with pytest.raises(BadRecord, match=f"{SHIPPED_ID}-2.*stands twice"):
        load(None, newer, files.store)

"""A file of acts: five formats say the same, a bad row is named and the others go in, a bad file is refused whole."""

import csv
import io
import json
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minilateral.errors import BadInput, MinilateralError
from minilateral.evidence import (
    ACT_COLUMNS,
    COLUMNS,
    CORRECTION_COLUMNS,
    Record,
    Store,
    check_file,
    load,
    shipped_tables,
    template,
)
from minilateral.evidence.exports import export_rows, write_rows
from minilateral.evidence.intake import FORMATS, LONGEST, REQUIRED

GOOD = "2024-05-05-meeting"


def write(path, rows, columns=ACT_COLUMNS):
    """The same rows, in the format that the ending of the file names."""
    kind = path.suffix[1:]
    if kind in ("csv", "tsv"):
        out = io.StringIO()
        writer = csv.DictWriter(out, columns, delimiter="\t" if kind == "tsv" else ",", restval="")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(out.getvalue(), encoding="utf-8")
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        book.active.append(list(columns))
        for row in rows:
            book.active.append([row.get(c) for c in columns])
        book.save(path)
    elif kind == "json":
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    else:
        path.write_text(yaml.safe_dump(rows, allow_unicode=True), encoding="utf-8")
    return path


def same_rows(files):
    return [
        files.row(
            outputs="plan: A plan; joint_statement: A statement", commitments="security: meet again",
            summary_zh="三国在首尔会晤，“再会”。", mechanism="ujk-leaders", ordinal="15", host="South Korea",
        ),
        files.row("2024-05-meeting", date="2024-05", participants="Japan; 韩国; US", summary_en='A comma, "a"; one.'),
        files.row("2023-to-2024", date="2023/2024", from_study="TRUE", source_role="retrospect", source_url=""),
    ]  # fmt: skip


def by_content(checked):
    return [(e.table, dict(e.content)) for e in checked.entries]


# ------------------------------------------------------------------------------------------------ formats


@pytest.mark.parametrize("ending", FORMATS)
def test_the_formats_give_the_same_entries(files, ending):
    rows = same_rows(files)
    want = files.check(files.csv("want.csv", rows))
    assert not want.quarantined
    got = files.check(write(files.folder / f"got{ending}", rows))
    assert got.quarantined == ()
    assert got.lines == want.lines == 3
    assert by_content(got) == by_content(want)


def test_what_the_entries_are(files):
    entries = by_content(files.check(files.csv("a.csv", same_rows(files)[:1])))
    assert [t for t, _ in entries] == [
        "occurrences", "sources", "evidence", "sessions", "outputs", "outputs", "commitments",
    ]  # fmt: skip
    act = entries[0][1]
    assert (act["participants"], act["host"], act["status"], act["confidence"]) == ("JPN;KOR", "KOR", "held", "high")
    assert act["summary_zh"] == "三国在首尔会晤，“再会”。"
    assert entries[3][1] == {"mechanism": "ujk-leaders", "occurrence": GOOD, "ordinal": "15"}


def test_cells_of_a_spreadsheet_that_are_no_text(files):
    """A date, a number and a truth value as Excel stores them mean what they say."""
    from datetime import datetime

    row = files.row(mechanism="ujk-leaders", ordinal="15", from_study="true")
    typed = {**row, "date": datetime(2024, 5, 5), "ordinal": 15.0, "from_study": True}  # noqa: DTZ001 - a cell has none
    got = files.check(write(files.folder / "a.xlsx", [typed]))
    assert got.quarantined == ()
    assert by_content(got) == by_content(files.check(files.csv("b.csv", [row])))


def test_byte_order_mark_line_ends_and_empty_lines(files):
    text = files.text([files.row(), files.row("2024-05-06-meeting", date="2024-05-06")])
    path = files.folder / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + ("\n\n" + text.replace("\n", "\r\n\r\n") + ",,,\r\n").encode())
    checked = files.check(path)
    assert checked.quarantined == ()
    assert checked.lines == 2
    assert {e.line for e in checked.entries} == {5, 7}


def test_lists_in_yaml_and_json_are_joined(files):
    row = {**files.row(), "participants": ["Japan", "KOR"], "outputs": ["plan: A plan", "joint_statement: Another"]}
    want = by_content(files.check(files.csv("w.csv", [files.row(outputs="plan: A plan; joint_statement: Another")])))
    for ending in (".yaml", ".json"):
        assert by_content(files.check(write(files.folder / f"a{ending}", [row]))) == want


@pytest.mark.parametrize("word", ["NO", "yes", "012", "1e3", "1_000", "2024-05-05", "12:30:45", "~", "null"])
def test_a_word_of_yaml_stays_a_word(files, word):
    path = files.folder / "a.yaml"
    path.write_text(yaml.safe_dump([files.row()]) + f"  place_en: {word}\n")
    checked = files.check(path)
    assert checked.quarantined == ()
    assert checked.entries[0].content["place_en"] == word


def test_a_yaml_tag_runs_nothing(files):
    mark = files.folder / "ran"
    path = files.folder / "a.yaml"
    for tag in ("!!python/object/apply:os.system", "!!python/object/new:os.system", "!!python/object:os.system"):
        path.write_text(f"- id: {tag} ['touch {mark}']\n")
        try:
            checked = files.check(path)
        except MinilateralError:
            pass
        else:
            assert not checked.entries
            assert len(checked.quarantined) == 1
        assert not mark.exists()


# ------------------------------------------------------------------------------------------------ hostile rows

#: Fields of the bad row; the field and the value that the quarantine must name; a word of the rule; one of the way out.
HOSTILE = {
    "30 February": ({"date": "2023-02-30"}, "date", "2023-02-30", "is not a date", "YYYY-MM-DD"),
    "month 13": ({"date": "2025-13-45"}, "date", "2025-13-45", "month must be in 1..12", "YYYY-MM-DD"),
    "no date": ({"date": "last spring"}, "date", "last spring", "is not a date", "YYYY-MM-DD"),
    "ends before it starts": ({"date": "2024-05-05/2024-05"}, "date", "2024-05-05/2024-05", "mixes precisions", "both"),
    "last day first": ({"date": "2024-05-05/2024-05-01"}, "date", "2024-05-05/2024-05-01", "ends before", "first day"),
    "unknown state": ({"participants": "JPN;Atlantis"}, "participants", "Atlantis", "no state", "actors list"),
    "misspelt state": ({"participants": "JPN;South Koera"}, "participants", "South Koera", "no state", "did you mean"),
    "ambiguous": ({"participants": "JPN;Korea"}, "participants", "Korea", "may mean KOR", "say which: KOR, PRK"),
    "Soviet Union in 2001": (
        {"participants": "JPN;Soviet Union", "date": "2001-05-05"}, "participants", "Soviet Union",
        "was not a member of the state system on 2001-05-05", "the state that existed then",
    ),
    "unknown host": ({"host": "Atlantis"}, "host", "Atlantis", "no state", "actors list"),
    "unknown outsider": ({"outsiders": "USA;Atlantis"}, "outsiders", "Atlantis", "no state", "actors list"),
    "unknown initiator": ({"initiator": "Korea"}, "initiator", "Korea", "may mean", "say which"),
    "participant twice": ({"participants": "JPN;KOR;Japan"}, "participants", "JPN;JPN;KOR", "twice", "once"),
    **{
        f"unknown {f}": ({f: "nonsense"}, f, "nonsense", f"is not a code of '{f}'", "codes: ")
        for f in ("kind", "level", "domain", "direction", "status")
    },
    "unknown confidence": ({"confidence": "sure"}, "confidence", "sure", "", ""),
    "unknown venue": ({"venue": "pub"}, "venue", "pub", "", ""),
    "unknown output": ({"outputs": "song: A song"}, "outputs", "song", "", ""),
    "an output without a title": ({"outputs": "plan: A plan; treaty:"}, "outputs", "treaty", "no words", "treaty: and"),
    "a commitment without words": ({"commitments": "security"}, "commitments", "security", "no words", "security: and"),
    "concerns nobody": ({"concerns": "JPN-ATL"}, "", "ATL", "no actor's id", "actors list"),
    "concerns no pair": ({"concerns": "JPN"}, "", "JPN", "is not a pair", "JPN-KOR"),
    "no summary": ({"summary_en": "", "summary_zh": ""}, "", "2024-05-06-bad", "no summary", "sentence of your own"),
    "unknown commitment": ({"commitments": "song: sing"}, "commitments", "song", "", ""),
    **{f"no {f}": ({f: ""}, f, "(empty)", "is required", "acts template") for f in REQUIRED},
    **{f"blank {f}": ({f: " \u00a0 "}, f, "(empty)", "is required", "acts template") for f in ("date", "source_title")},
    "bad URL": ({"source_url": "javascript:alert(1)"}, "source_url", "javascript:alert(1)", "not a web address", "https://"),
    "URL with a space": ({"source_url": "https://a b"}, "source_url", "https://a b", "not a web address", "https://"),
    "ordinal alone": ({"ordinal": "3"}, "ordinal", "3", "needs a mechanism", "name the mechanism"),
    **{
        f"ordinal {o}": ({"ordinal": o, "mechanism": "ujk-leaders"}, "ordinal", o, "not a whole number", "digits")
        for o in ("third", "0", "-1", "1.5", "10000", "³", "٣")
    },
    "unknown mechanism": ({"mechanism": "my-club"}, "mechanism", "my-club", "no mechanism", "mechanisms.csv"),
    "bad tier": ({"source_tier": "gossip"}, "source_tier", "gossip", "", ""),
    "bad role": ({"source_role": "rumour"}, "source_role", "rumour", "neither", "retrospect"),
    "bad published": ({"source_published": "2024-02-30"}, "source_published", "2024-02-30", "is not a date", "YYYY"),
    "bad from_study": ({"from_study": "perhaps"}, "from_study", "perhaps", "", ""),
    "id with spaces": ({"id": "My Act"}, "id", "My Act", "is not an id", "write it like"),
    "id with a path": ({"id": "../etc"}, "id", "../etc", "is not an id", "write it like"),
    "short id": ({"id": "ab"}, "id", "ab", "is not an id", "write it like"),
    "too long": ({"summary_en": "x" * (LONGEST + 1)}, "summary_en", "x" * 80 + " ...", "characters", "shorten"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_row_is_quarantined_and_the_good_one_goes_in(files, case):
    fields, field, value, rule, way_out = HOSTILE[case]
    bad = {**files.row("2024-05-06-bad"), **fields}
    added = files.add(files.csv("a.csv", [bad, files.row()]))
    (found,) = added.quarantined
    assert (found.line, found.field, found.value.strip("'")) == (2, field, value)
    assert found.id == bad["id"].strip()
    assert rule in found.rule
    assert found.rule
    assert way_out in found.way_out
    assert found.way_out
    assert added.new == 1
    assert [r["id"] for r in Store(files.store).rows("occurrences")] == [GOOD]
    (kept,) = Store(files.store).quarantined()
    assert (kept.line, kept.field, kept.rule) == (found.line, found.field, found.rule)


@pytest.mark.parametrize("case", ["30 February", "ambiguous", "unknown mechanism", "no kind"])
@pytest.mark.parametrize("ending", [".tsv", ".xlsx", ".yaml", ".json"])
def test_the_row_is_named_in_every_format(files, case, ending):
    fields, field, value, *_ = HOSTILE[case]
    path = write(files.folder / f"a{ending}", [files.row(), {**files.row("2024-05-06-bad"), **fields}])
    (found,) = files.check(path).quarantined
    assert (found.line, found.field, found.value.strip("'")) == (3 if ending in (".tsv", ".xlsx") else 2, field, value)


def test_a_line_number_is_that_of_the_first_line_of_a_row(files):
    rows = [files.row(summary_en="one\ntwo\nthree"), files.row("2024-05-06-bad", date="never", summary_en="a\nb")]
    checked = files.check(files.csv("a.csv", rows))
    assert [q.line for q in checked.quarantined] == [5]
    assert checked.entries[0].content["summary_en"] == "one two three"


def test_an_act_with_two_contents_in_one_file(files):
    (found,) = files.check(files.csv("a.csv", [files.row(), files.row(level="leader")])).quarantined
    assert (found.line, found.field, found.value) == (3, "id", GOOD)
    assert "line 2" in found.rule


def test_more_fields_than_the_header(files):
    lines = files.text([files.row("2024-05-06-bad"), files.row()]).splitlines()
    path = files.folder / "a.csv"
    path.write_text("\n".join([lines[0], lines[1] + ",surplus", lines[2]]) + "\n")
    checked = files.check(path)
    assert [(q.line, q.value) for q in checked.quarantined] == [(2, "surplus")]
    assert "no column" in checked.quarantined[0].rule
    assert "quotes" in checked.quarantined[0].way_out
    assert checked.entries[0].content["id"] == GOOD


def test_an_unknown_key_or_a_nested_value_of_one_item(files):
    rows = [{**files.row("2024-05-06-bad"), "colour": "red"}, {**files.row("2024-05-07-bad"), "place_en": {"a": 1}}]
    for ending in (".yaml", ".json"):
        checked = files.check(write(files.folder / f"a{ending}", [*rows, files.row()]))
        assert [(q.line, q.field) for q in checked.quarantined] == [(1, "colour"), (2, "place_en")]
        assert all(q.rule and q.way_out for q in checked.quarantined)
        assert checked.entries[0].content["id"] == GOOD


@pytest.mark.parametrize("character", ["\\u0000", "\\u0007", "\\ud800", "\\uffff"])
def test_a_character_that_is_no_text(files, character):
    path = files.folder / "a.json"
    bad = json.dumps(files.row("2024-05-06-bad", summary_en="X")).replace('"X"', f'"A{character}B"')
    path.write_text(f"[{bad}, {json.dumps(files.row())}]")
    added = files.add(path)
    assert [(q.line, q.field, q.value) for q in added.quarantined] == [(1, "summary_en", f"A{character}B")]
    assert added.new == 1


# ------------------------------------------------------------------------------------------------ corrections

FIX = (
    "2023-08-18-camp-david-summit",
    "place_en",
    "Camp David",
    "Camp David, Maryland",
    "b",
    "A page",
    "",
    "2024-01-01",
)


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("corrects", "no-such-act", "not the id of an act"),
        ("field", "id", "cannot be corrected"),
        ("field", "", "is required"),
        ("reason", "", "is required"),
        ("source_title", "", "is required"),
        ("known", "2024-02-30", "is not a date"),
        ("known", "", "is required"),
        ("old", "Tokyo", "not what the record says"),
    ],
)
def test_a_hostile_correction(files, column, value, rule):
    good = dict(zip(CORRECTION_COLUMNS, FIX, strict=True))
    checked = files.check(files.csv("a.csv", [{**good, column: value}, good], CORRECTION_COLUMNS))
    (found,) = checked.quarantined
    assert (found.line, found.field, found.value) == (2, column, value or "(empty)")
    assert rule in found.rule
    assert found.way_out
    assert [e.table for e in checked.entries] == ["corrections"]


def test_the_templates_are_good_files(files):
    path = files.folder / "t.csv"
    path.write_text(template(), encoding="utf-8")
    fixes = files.folder / "f.csv"
    fixes.write_text(template(corrections=True), encoding="utf-8")
    assert [e.table for e in files.check(fixes).entries] == ["corrections"]
    assert files.check(path).quarantined == files.check(fixes).quarantined == ()
    assert template().splitlines()[0].split(",") == list(ACT_COLUMNS)
    assert template(corrections=True).splitlines()[0].split(",") == list(CORRECTION_COLUMNS)


# ------------------------------------------------------------------------------------------------ unreadable files


def other_zip():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "not a workbook")
    return out.getvalue()


HEADER = ",".join(ACT_COLUMNS)
UNREADABLE = {
    "binary": ("a.csv", bytes(range(256)) * 20, "UTF-8"),
    "nul": ("a.csv", b"id,date\n\x00,2024\n", "UTF-8"),
    "utf-16": ("a.csv", (HEADER + "\n").encode("utf-16"), "UTF-8"),
    "latin-1": ("a.csv", "id,place_en\nabc,Québec\n".encode("latin-1"), "UTF-8"),
    "latin-1 json": ("a.json", '[{"id": "Québec"}]'.encode("latin-1"), "UTF-8"),
    "empty": ("a.csv", b"", "UTF-8"),
    "empty json": ("a.json", b"", "UTF-8"),
    "empty yaml": ("a.yaml", b"", "UTF-8"),
    "blank lines": ("a.csv", b"\n\n,,\n", "acts template"),
    "header only": ("a.csv", (HEADER + "\n").encode(), "acts template"),
    "header only, tsv": ("a.tsv", (HEADER.replace(",", "\t") + "\n").encode(), "acts template"),
    "unknown columns": ("a.csv", b"id,colour\nabc,red\n", "acts template"),
    "a csv named tsv": ("a.tsv", (HEADER + "\nabc\n").encode(), "acts template"),
    "a column twice": ("a.csv", b"id,date,id\nabc,2024,abd\n", "once"),
    "open quotes": ("a.csv", (HEADER + '\n"abc,2024\n').encode(), "csv"),
    "json of a dict": ("a.json", b'{"id": "abc"}', "list of mappings"),
    "json of a list of lists": ("a.json", b'[["abc"]]', "list of mappings"),
    "json of nothing": ("a.json", b"[]", "acts template"),
    "broken json": ("a.json", b'[{"id": "abc"', "mend the syntax"),
    "deep json": ("a.json", b"[" * 100_000, "mend the syntax"),
    "broken yaml": ("a.yaml", b"- id: [abc\n- date: }", "mend the syntax"),
    "yaml of a word": ("a.yml", b"hello", "list of mappings"),
    "yaml of a dict": ("a.yml", b"id: abc", "list of mappings"),
    "xlsx that is none": ("a.xlsx", b"id,date\nabc,2024\n", "save it as xlsx or csv"),
    "xlsx that is another zip": ("a.xlsx", other_zip(), "save it as xlsx or csv"),
    "empty xlsx": ("a.xlsx", b"", "save it as xlsx or csv"),
    "docx": ("a.docx", b"PK\x03\x04", "give one of .csv"),
    "no ending": ("acts", b"id\nabc\n", "give one of .csv"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_cannot_be_read_is_refused_with_a_way_out(files, case):
    name, data, way_out = UNREADABLE[case]
    path = files.folder / name
    path.write_bytes(data)
    with pytest.raises(BadInput) as caught:
        files.add(path)
    assert str(path) in caught.value.value
    assert caught.value.rule
    assert way_out in caught.value.way_out
    assert "\n" not in str(caught.value)
    assert not files.store.exists()


def test_a_file_that_is_not_there(files):
    with pytest.raises(BadInput, match=r"cannot be read .*check the path"):
        files.check(files.folder / "missing.csv")
    (files.folder / "folder.csv").mkdir()
    with pytest.raises(BadInput, match=r"cannot be read .*check the path"):
        files.check(files.folder / "folder.csv")


def test_a_yaml_bomb_is_not_unfolded(files):
    path = files.folder / "a.yaml"
    levels = "".join(f"  k{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    path.write_text("- k0: &a0 [lol]\n" + levels)
    checked = files.check(path)
    assert not checked.entries
    assert len(checked.quarantined) == 1


# ------------------------------------------------------------------------------------------------ there and back


@pytest.mark.parametrize("kind", ["csv", "xlsx", "yaml", "json"])
def test_shipped_acts_go_out_and_come_back_as_nothing_new(files, kind):
    record = load()
    ids = [i for i, o in record.occurrences.items() if set(o.participants) == {"USA", "JPN", "KOR"}]
    rows = export_rows(record, ids)
    assert len({r["id"] for r in rows}) == len(ids) > 100
    path = files.folder / f"acts.{kind}"
    write_rows(rows, path, kind)
    added = files.add(path)
    assert added.quarantined == ()
    assert added.new == 0
    assert added.same > 0
    assert all(not rows for rows in Store(files.store).all_rows().values())


@pytest.mark.parametrize("kind", ["csv", "xlsx", "yaml", "json"])
def test_own_acts_go_out_and_come_back_word_for_word(files, kind):
    hard = [
        "=1+1",
        "NO",
        "007",
        '"quoted", and; so',
        "2024-05-05",
        "1e5",
        "- dash: colon #hash",
        "北京, “会谈”",
        "None",
    ]
    rows = [
        files.row(
            f"2024-05-{n:02d}-meeting", date=f"2024-05-{n:02d}", summary_en=text, place_en=text, source_title=text
        )
        for n, text in enumerate(hard, start=1)
    ]
    assert files.add(files.csv("a.csv", rows)).new == len(hard)
    record = load(None, None, files.store)
    path = files.folder / f"b.{kind}"
    write_rows(export_rows(record, [r["id"] for r in rows]), path, kind)
    other = files.folder / "other.sqlite"
    assert files.add(path, other).new == len(hard)
    one, two = (sorted(Store(s).rows("occurrences"), key=lambda r: r["id"]) for s in (files.store, other))
    assert one == two
    assert [r["place_en"] for r in two] == hard


# ------------------------------------------------------------------------------------------------ any text anywhere

MECHANISMS = [r["id"] for r in shipped_tables()["mechanisms"]]
CURRENT = {r["id"]: r for r in shipped_tables()["occurrences"]}
SOME = [
    "", "2024-05-05", "JPN;KOR", "Korea", "USA;;", "0000", "9999-12-31", "9999-12-28", "9999", "999X",
    "0001-01-01/2024-01-01", "true", "plan:", ":", ";", "ujk-leaders", "15", "https://", "2023-08-18-camp-david-summit",
    "\u00a0", "=1", "'", '"', ",",
]  # fmt: skip
CELL = st.one_of(st.sampled_from(SOME), st.text(max_size=12), st.text(st.sampled_from("0123456789-/;:X "), max_size=12))
COLUMN = st.sampled_from(list(dict.fromkeys((*ACT_COLUMNS, *CORRECTION_COLUMNS))))
CHANGES = st.lists(st.dictionaries(COLUMN, CELL, max_size=5), min_size=1, max_size=3)


@pytest.mark.parametrize("ending", [".csv", ".json"])
@settings(max_examples=75, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_any_text_in_any_column_is_taken_in_or_quarantined(files, ending, changes):
    rows = [files.row(f"2024-05-05-meeting-{n}") | change for n, change in enumerate(changes)]
    columns = list(dict.fromkeys((*ACT_COLUMNS, *CORRECTION_COLUMNS)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{ending}"
        if ending == ".json":
            path.write_text(json.dumps(rows))
            numbers = set(range(1, len(rows) + 1))
        else:
            out = io.StringIO()
            writer = csv.DictWriter(out, columns, restval="", lineterminator="\n", quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(rows)
            path.write_bytes(out.getvalue().encode("utf-8", "surrogatepass"))
            numbers = None
        try:
            checked = check_file(path, MECHANISMS, CURRENT)
        except MinilateralError as error:
            if ending != ".csv" or not (error.rule and error.way_out):
                raise  # bytes that are no UTF-8 text make no csv; a json can spell any character
            return
        taken, refused = {e.line for e in checked.entries}, {q.line for q in checked.quarantined}
        assert not taken & refused
        assert len(taken | refused) == checked.lines == len(rows)
        assert numbers is None or taken | refused == numbers
        assert all(q.rule and q.way_out for q in checked.quarantined)
        # what is ready to go in can be read again
        store = Store(Path(folder) / "mine.sqlite")
        store.add(checked.entries, checked.quarantined, {}, "a", "", "")
        mine = store.all_rows()
        tables = {name: mine.get(name, []) for name in COLUMNS} | {"mechanisms": shipped_tables()["mechanisms"]}
        assert len(Record.build(tables).occurrences) == len(mine["occurrences"])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.binary(max_size=60) | st.text(max_size=60).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_refused_or_read(data):
    with tempfile.TemporaryDirectory() as folder:
        for ending in (".csv", ".tsv", ".json", ".yaml"):
            path = Path(folder) / f"a{ending}"
            path.write_bytes(data)
            try:
                checked = check_file(path, MECHANISMS, CURRENT)
            except MinilateralError:
                continue
            assert not checked.entries
            assert len(checked.quarantined) == checked.lines

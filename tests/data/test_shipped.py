"""What ships: reviewed tables that fit each other and keep the naming policy."""

import hashlib
import itertools
import json
import re
from pathlib import Path

import minilateral
from minilateral.evidence import COLUMNS, load
from minilateral.evidence.tables import split
from minilateral.terms import actor_register, code_table
from minilateral.terms.tables import read_tsv, shipped

DATA = Path(minilateral.__file__).parent / "data"


def test_the_datapackage_fits_the_tables():
    package = json.loads((DATA / "record" / "datapackage.json").read_text(encoding="utf-8"))
    assert {r["name"] for r in package["resources"]} == set(COLUMNS) | {"raw_rows", "corrections"}
    for resource in package["resources"]:
        data = (DATA / "record" / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}", resource["name"]
        assert [f["name"] for f in resource["schema"]["fields"]] == data.split(b"\n", 1)[0].decode().split("\t")


def test_it_is_small_enough_to_ship():
    assert sum(p.stat().st_size for p in DATA.rglob("*") if p.is_file()) < 5_000_000


def test_every_raw_row_is_somewhere():
    raw = read_tsv(shipped("record", "raw_rows.tsv"))
    assert len(raw) == 740
    assert {r["occurrence"] for r in raw} == {r["id"] for r in read_tsv(shipped("record", "occurrences.tsv"))}


def test_every_occurrence_and_output_has_its_source():
    record = load()
    for i in record.occurrences:
        assert record.sources_of(i), i
    for output in record.outputs:
        assert output.source in record.sources
    for source in record.sources.values():
        assert source.title
        assert source.publisher
        assert not source.url or re.match(r"https?://", source.url)


def test_references_lead_somewhere():
    record = load()
    for row in record.rows["milestones"]:
        assert row["mechanism"] in record.mechanisms
        assert row["occurrence"] in record.occurrences
    for numbering in record.numbering.values():
        assert not numbering.occurrence or numbering.occurrence in record.occurrences
        assert numbering.source in record.sources
    for mechanism in record.mechanisms.values():
        assert set(mechanism.members) <= set(actor_register())


def test_numbered_sessions_rise_with_time():
    record = load()
    for mechanism in record.mechanisms:
        rows = sorted((n for n in record.numbering.values() if n.mechanism == mechanism), key=lambda n: n.ordinal)
        for earlier, later in itertools.pairwise(rows):
            assert earlier.happened.start <= later.happened.last, (earlier.id, later.id)


def test_our_own_words_keep_the_naming_policy():
    avoid = [
        (row["key"], form.strip())
        for row in read_tsv(shipped("naming.tsv"))
        for form in row["avoid_in_our_own_text"].split(" | ")
        if form.strip()
    ]
    pairs = [
        ("Dokdo", "Takeshima"),
        ("Sea of Japan", "East Sea"),
        ("Senkaku", "Diaoyu"),
        ("独岛", "竹岛"),
        ("钓鱼岛", "尖阁诸岛"),
    ]
    titles = ("Takeshima Day", "“竹岛日”")  # the name of a day keeps its wording
    for item in load().occurrences.values():
        for text in (item.summary_en, item.summary_zh):
            if any(title in text for title in titles):
                continue
            for key, form in avoid:
                found = re.search(rf"\b{re.escape(form)}\b", text) if form.isascii() else form in text
                assert not found, (item.id, key, form, text)
            for one, other in pairs:
                assert (one in text) == (other in text), (item.id, text)


def test_code_tables_have_names_in_both_languages():
    for field, codes in code_table().fields.items():
        orders = [c.order for c in codes.values()]
        assert orders == sorted(set(orders)), field
        for code in codes.values():
            assert code.name_en.isascii() or code.name_en == "communiqué"
            assert any(ord(c) > 0x2E7F for c in code.name_zh)


def test_groups_have_labels_that_are_groups():
    for row in read_tsv(shipped("actors", "groups.tsv")):
        members = split(row["members"])
        assert list(members) == sorted(members)
        assert set(members) <= set(actor_register())

"""What the record is worth: sources, checks, periods, and the ledgers beside the acts under an as-of day."""

from datetime import date

import pytest

from minilateral.errors import BadRecord
from minilateral.evidence import differences, status
from minilateral.evidence.reviewing import disagreements, queue, read_codings
from minilateral.evidence.status import independent_sources
from minilateral.terms import Group

THREE = Group.parse("JPN KOR USA")


def test_where_the_rows_come_from(world):
    world.act("a", "2024-01-01", "JPN;KOR;USA").act("b", "2024-02-01", "JPN;KOR;USA").act("c", "2024-03-01", "JPN;USA")
    world.tables["sources"][1]["tier"] = "copy"
    world.source("ko", tier="newspaper", language="ko", publisher="Q").evidence("b", "ko")
    world.source("study", tier="study", publisher="S")
    q = status(world.record(), date(2024, 6, 1), THREE).quality
    assert (q.acts, q.government, q.government_or_agency, q.korean_or_japanese) == (2, 1, 1, 1)
    assert q.one_source == 2  # a copy beside an original is no second source
    assert (q.sources, q.source_tiers) == (3, {"government": 1, "copy": 1, "newspaper": 1})
    assert q.by_language == {"en": 2, "ko": 1}
    assert q.by_tier == {"government": 1, "copy": 1, "newspaper": 1}
    assert status(world.record(), date(2024, 6, 1)).quality.acts == 3


def test_independent_publishers(world):
    world.act("a", "2024-01-01", "JPN;KOR")
    assert independent_sources(world.record(), "a") == 1
    world.source("again", publisher="P").evidence("a", "again")  # the same publisher
    assert independent_sources(world.record(), "a") == 1
    world.source("other", publisher="Q").evidence("a", "other")
    assert independent_sources(world.record(), "a") == 2


def check(world, act, outcome):
    return world.add("reviews", occurrence=act, coder="B", role="checked", on="2026-11-24", outcome=outcome)


def test_the_error_rate_counts_only_what_could_be_read(world):
    for n, outcome in enumerate(("confirmed", "confirmed", "differs", "unreadable", "not_shown")):
        world.act(f"a{n}", f"2024-01-0{n + 1}", "JPN;KOR;USA")
        check(world, f"a{n}", outcome)
    found = status(world.record(), date(2026, 11, 24), THREE).checked
    assert (found.checked, found.readable, found.differs) == (5, 3, 1)
    assert found.error_rate == pytest.approx(1 / 3)
    assert found.low < 1 / 3 < found.high


def test_without_a_check_there_is_no_rate(world):
    world.act("a", "2024-01-01", "JPN;KOR;USA")
    assert status(world.record(), date(2026, 11, 24), THREE).checked.error_rate is None


def test_recall_by_period_is_bounded_by_the_numbers(world):
    world.mechanism("m", created="2015-01-01")
    world.session("m", "s1", "2015-04-16", 1, numbered=True)
    world.session("m", "s6", "2023-02-13", 6, numbered=True)
    by = {b.label: b for b in status(world.record(), date(2026, 1, 1), THREE).by_period}
    assert by["1993-2001"].state == "not_applicable"
    assert (by["2009-2017"].lower, by["2009-2017"].upper) == (1, 5)  # the 1st, and up to the four that nobody dated
    assert (by["2017-2021"].lower, by["2017-2021"].upper) == (0, 4)
    assert (by["2025-"].lower, by["2025-"].upper) == (0, None)


def test_what_is_new_since_a_day(world):
    world.mechanism("m", created="2015")
    world.act("old", "2024-01-01", "JPN;KOR;USA").act("new", "2025-01-01", "JPN;KOR;USA")
    world.act("pair", "2025-02-01", "JPN;USA")
    world.add("commitments", id="p", occurrence="old", domain="security", text_en="t", novelty="new",
              source="src-old", due="2024-12", concrete="true")  # fmt: skip
    world.add("fulfilments", commitment="p", occurrence="new", date="2025-01-01", part="kept")
    found = differences(world.record("2024-06-01"), world.record("2025-06-01"), THREE.members)
    assert found.acts == ("new",)
    assert [(m.id, m.before, m.after) for m in found.moved] == [("p", "not_due", "kept")]
    assert differences(world.record("2024-06-01"), world.record("2025-06-01")).acts == ("new", "pair")


LEDGERS = {
    "governments": {"id": "g", "state": "KOR", "office": "head_of_state", "start": "2025-06-04", "caretaker": "false"},
    "moves": {"id": "g", "demand": "d", "date": "2025-06-04", "actors": "USA", "toward": "KOR", "subject": "tariff",
              "move": "demand", "confidence": "high"},
    "opinions": {"id": "g", "date": "2025-06-04", "population": "KOR", "topic": "other", "share": "56"},
    "council": {"id": "g", "date": "2025-06-04", "outcome": "vetoed", "yes": "13", "no": "1", "abstain": "1",
                "vetoed_by": "RUS"},
    "figures": {"id": "g", "date": "2025-06-04", "state": "JPN", "value": "6.6"},
}  # fmt: skip


@pytest.mark.parametrize("table", LEDGERS)
def test_ledgers_wait_for_their_day(world, table):
    world.source("s")
    column = "source" if table in ("opinions", "figures") else "sources"
    world.add(table, **LEDGERS[table], **{column: "s"})
    assert getattr(world.record("2025-06-03"), table) == ()
    assert world.record("2025-06-03").rows[table] == []
    then = world.record("2025-07-01")
    assert len(getattr(then, table)) == 1
    assert len(then.rows[table]) == 1
    assert set(then.sources) == {"s"}


def test_an_end_that_is_still_to_come_is_not_known(world):
    world.source("s")
    world.add("governments", **{**LEDGERS["governments"], "end": "2026-01-01"}, sources="s")
    assert world.record("2025-12-31").governments[0].end is None
    assert world.record("2025-12-31").rows["governments"][0]["end"] == ""
    assert world.record("2026-01-01").governments[0].end == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("table", "wrong", "says"),
    [
        ("governments", {"end": "2024-01-01"}, "before it starts"),
        ("governments", {"state": "Korea"}, "is no actor's id"),
        ("opinions", {"share": "156"}, "no share in percent"),
        ("council", {"outcome": "adopted"}, "names a veto"),
        ("council", {"yes": "14"}, "more than fifteen votes"),
        ("moves", {"move": "sulk"}, "is not a code of 'move'"),
        ("figures", {"value": "much"}, "cannot be read"),
        ("moves", {"sources": "nowhere"}, "in no row of sources"),
    ],
)
def test_ledger_rows_that_make_no_sense(world, table, wrong, says):
    world.source("s")
    column = "source" if table in ("opinions", "figures") else "sources"
    world.add(table, **{**LEDGERS[table], column: "s", **wrong})
    with pytest.raises(BadRecord, match=says):
        world.record()


def test_the_queue_shows_no_code_and_draws_the_same_twice(world):
    for n in range(9):
        world.act(f"a{n}", f"2024-01-0{n + 1}", "JPN;KOR")
    world.add("codings", occurrence="a0", coder="B", field="level", code="leader")
    record = world.record()
    rows = queue(record, 5, "B", seed=3)
    assert rows == queue(record, 5, "B", seed=3)
    assert len(rows) == 5
    assert "a0" not in {r["id"] for r in queue(record, 9, "B")}
    assert all(row[c] == "" for row in rows for c in ("level", "domain", "kind", "direction", "status", "venue"))
    assert "They met." not in str(rows)


def test_codes_come_back_and_bad_rows_are_named(world, tmp_path):
    world.act("a", "2024-01-01", "JPN;KOR").act("b", "2024-01-02", "JPN;KOR")
    path = tmp_path / "b.csv"
    path.write_text(
        "id,status,kind,level,domain,direction,venue,coder\n"
        "a,held,meeting,working,diplomacy,cooperative,,B\n"
        "b,held,meeting,king,diplomacy,cooperative,,B\n"
        "nowhere,held,meeting,leader,diplomacy,cooperative,,B\n"
        "a,held,meeting,leader,diplomacy,cooperative,,A\n",
        encoding="utf-8",
    )
    entries, bad, lines, _ = read_codings(path, world.record())
    assert lines == 4
    assert {e.content["occurrence"] for e in entries} == {"a"}
    assert [(q.line, q.field, q.value) for q in bad] == [(3, "level", "king"), (4, "id", "nowhere"), (5, "coder", "A")]
    for e in entries:
        world.add("codings", **e.content)
    (d,) = disagreements(world.record())
    assert (d.occurrence, d.field, d.row, d.code) == ("a", "level", "leader", "working")

"""What must not matter does not, and what must add up does."""

import random
from datetime import date
from functools import cache

import pytest

import minilateral as ml
from minilateral.brief.checking import check_cells
from minilateral.evidence import COLUMNS, Holdings, Record, load, shipped_tables
from minilateral.measure import Composition, count_cells, parts
from minilateral.terms import Group, Selection, bins

GROUPS = ["USA JPN KOR", "CHN JPN KOR", "USA JPN IND AUS", "PRK RUS"]
END = date(2027, 1, 1)


RECORD = load()


def lines():
    return list(RECORD.lines())


@cache
def usual():
    """The cells of the three, by year, over the record as it is."""
    return counted(lines())


def counted(all_lines, group="USA JPN KOR", every="year"):
    frame = list(bins(date(1945, 1, 1), END, every))
    return count_cells(all_lines, parts(Group.parse(group)), frame, every, END)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("every", ["year", "quarter"])
def test_sql_and_selections_agree(group, every):
    result = ml.run(ml.Study(group, "2025-12-31", every=every))
    assert check_cells(result.inputs.get(Composition), result.inputs.get(Holdings).record) > 20


@pytest.mark.parametrize("group", GROUPS)
def test_every_act_of_a_part_is_in_one_bin(group):
    record = RECORD
    found = counted(record.lines(), group)
    for part in parts(Group.parse(group)):
        where = (part.kind, ";".join(part.group.members), "all", "all")
        mine = [c for c in found if (c["part"], c["members"], c["domain"], c["level"]) == where]
        total = sum(c["acts"] or 0 for c in mine)
        assert total == len(record.select(part.select(end=END)))


@pytest.mark.parametrize("margin", ["domain", "level"])
def test_margins_add_up_to_the_total(margin):
    other = "level" if margin == "domain" else "domain"
    found = usual()
    for total in (c for c in found if c["domain"] == c["level"] == "all" and c["acts"]):
        same = [
            c for c in found if (c["bin"], c["part"], c["members"]) == (total["bin"], total["part"], total["members"])
        ]
        for column in ("acts", "cooperative", "conflictual", "neutral", "without_study"):
            assert sum(c[column] or 0 for c in same if c[margin] != "all" and c[other] == "all") == total[column]


def test_order_does_not_matter():
    shuffled = lines()
    random.Random(1).shuffle(shuffled)
    assert counted(shuffled) == usual()


def test_twice_every_act_is_twice_every_count():
    twice = lines() + [{**line, "id": line["id"] + "-again"} for line in lines()]
    for one, two in zip(usual(), counted(twice), strict=True):
        assert two["acts"] == (None if one["acts"] is None else 2 * one["acts"])


def test_acts_of_others_change_nothing():
    more = [{**line, "id": line["id"] + "-x", "members": "BRA;FRA", "concerns": ""} for line in lines()]
    assert counted(lines() + more) == usual()


def test_more_evidence_changes_no_count():
    tables = shipped_tables()
    one, other = (row["id"] for row in tables["sources"][:2])
    cited = {(row["occurrence"], row["source"]) for row in tables["evidence"]}
    extra = [
        {"occurrence": row["id"], "source": source, "role": "retrospect", "from_study": "true"}
        for row in tables["occurrences"] for source in (one, other) if (row["id"], source) not in cited
    ]  # fmt: skip
    before, after = Record.build(tables), Record.build({**tables, "evidence": tables["evidence"] + extra})
    for part in parts(Group.parse("USA JPN KOR")):
        assert before.select(part.select()) == after.select(part.select())


def test_finer_bins_add_up_to_coarser_ones_but_for_coarse_dates():
    record = RECORD
    for every in ("quarter", "month"):
        fine = sum(c["acts"] or 0 for c in counted(record.lines(), every=every)
                   if c["part"] == "joint" and c["domain"] == c["level"] == "all")  # fmt: skip
        ids = record.select(Selection(exactly=("JPN", "KOR", "USA")))
        months = 3 if every == "quarter" else 1
        spans = [record.occurrences[i].happened for i in ids]
        coarse = [
            h for h in spans
            if h.precision != "day"
            and (h.start.year, (h.start.month - 1) // months) != (h.last.year, (h.last.month - 1) // months)
        ]  # fmt: skip
        assert fine == len(ids) - len(coarse)


def test_time_turned_around_turns_the_cells_around():
    """Mirrored at a year, each year's acts are those of its mirror year."""
    years = range(1990, 2021)

    def mirror(line):
        year = 4010 - line["start"].year
        return {**line, "start": date(year, 3, 1), "end": date(year, 3, 2), "precision": "day"}

    some = [line for line in lines() if line["start"].year in years and line["end"].year in years]
    frame = list(bins(date(1990, 1, 1), date(2021, 1, 1), "year"))
    group = parts(Group.parse("USA JPN KOR"))

    def by_year(found):
        return {(c["bin"], c["members"], c["part"]): c["acts"] for c in found if c["domain"] == c["level"] == "all"}

    there = by_year(count_cells(some, group, frame, "year", END))
    back = by_year(count_cells([mirror(line) for line in some], group, frame, "year", END))
    assert {(str(4010 - int(b)), m, p): n for (b, m, p), n in there.items()} == back


def test_what_is_known_only_grows():
    seen: set[str] = set()
    for as_of in ("1970-01-01", "2000-01-01", "2015-06-30", "2023-08-18", "2025-12-31"):
        now = set(load(date.fromisoformat(as_of)).occurrences)
        assert seen < now
        seen = now


def test_the_same_question_has_the_same_answer():
    one, two = (ml.run(ml.Study("USA JPN KOR", "2025-12-31")) for _ in range(2))
    assert one.statements == two.statements
    frames = two.frames
    for name, frame in one.frames.items():
        assert frame.equals(frames[name]), name


def test_tables_are_complete():
    assert set(shipped_tables()) == set(COLUMNS)


@pytest.mark.parametrize("group", ["USA JPN KOR", "CHN JPN KOR", "JPN KOR"])
def test_one_sided_acts_are_counted_alike_in_cells_and_sentences(group):
    """Cells count with SQL, sentences with selections; in years nothing here is too coarse to be placed."""
    result = ml.run(ml.Study(group, "2025-12-31"))
    composition = result.inputs.get(Composition)
    said = {s.slots["group"].value: s.slots["n"].value for s in result.statements if s.id == "parts.one_sided"}
    assert said
    for part in composition.parts:
        cells = [c["one_sided_conflictual"] or 0 for c in composition.cells if c["part"] == part.kind
                 and c["members"] == ";".join(part.group.members)]  # fmt: skip
        if len(part.group) == 2 and part.kind != "superset":
            assert sum(cells) == said.get(part.group.members, 0), part

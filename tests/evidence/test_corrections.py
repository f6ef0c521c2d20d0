"""Corrections as declared rows: in force from the day on which they are known, in their order, and never by guess."""

import shutil
from datetime import date
from pathlib import Path

import pytest

import minilateral
from minilateral.errors import BadRecord
from minilateral.evidence import CORRECTION_COLUMNS, Store, load
from minilateral.terms import Selection

CAMP_DAVID = "2023-08-18-camp-david-summit"
PLACE = "Camp David"
SHIPPED = Path(minilateral.__file__).parent / "data" / "record"


def correction(new, old=PLACE, known="2024-01-01", field="place_en", corrects=CAMP_DAVID):
    return dict(zip(CORRECTION_COLUMNS, (corrects, field, old, new, "because", "A page", "", known), strict=True))


@pytest.fixture
def declare(files):
    """Add corrections to the store, one file each, as a user does."""

    def add(*rows):
        for n, row in enumerate(rows):
            added = files.add(files.csv(f"c{n}.csv", [row], CORRECTION_COLUMNS))
            assert (added.new, added.quarantined) == (1, ())

    return add


@pytest.fixture
def place(files):
    def at(as_of=None, record=None):
        return load(date.fromisoformat(as_of) if as_of else None, record, files.store).occurrences[CAMP_DAVID].place_en

    return at


def with_place(folder, text):
    """A later release of the reviewed tables, which says something else."""
    shutil.copytree(SHIPPED, folder)
    table = folder / "occurrences.tsv"
    rows = [line.split("\t") for line in table.read_text(encoding="utf-8").split("\n")]
    column = rows[0].index("place_en")
    (row,) = [r for r in rows if r[0] == CAMP_DAVID]
    row[column] = text
    table.write_text("\n".join("\t".join(r) for r in rows), encoding="utf-8")
    return folder


def test_a_correction_is_in_force_from_the_day_on_which_it_is_known(declare, place):
    declare(correction("Catoctin"))
    assert place() == "Catoctin"
    assert place("2024-01-01") == "Catoctin"
    assert place("2023-12-31") == PLACE


def test_a_chain_is_applied_as_far_as_it_was_known(declare, place):
    declare(correction("A"), correction("B", "A", known="2025-01-01"))
    assert [place(d) for d in ("2023-12-31", "2024-12-31", "2025-01-01")] == [PLACE, "A", "B"]


def test_what_builds_on_a_correction_is_not_known_before_it(declare, place):
    declare(correction("A", known="2024-06-01"), correction("B", "A", known="2024-01-01"))
    assert [place(d) for d in ("2024-03-01", "2024-06-01")] == [PLACE, "B"]


def test_a_correction_may_be_taken_back(declare, place):
    declare(correction("A"), correction(PLACE, "A", known="2024-06-01"))
    assert [place(d) for d in ("2024-03-01", "2024-06-01")] == ["A", PLACE]
    assert place() == PLACE


def test_corrections_of_other_fields_do_not_meet(declare, files):
    declare(
        correction("A"),
        correction("leader", "leader", field="level"),
        correction("values", "diplomacy", field="domain"),
    )
    item = load(None, None, files.store).occurrences[CAMP_DAVID]
    assert (item.place_en, item.level, item.domain) == ("A", "leader", "values")


def test_a_corrected_date_moves_the_act_and_its_knowledge(declare, files):
    act = "2022-12-08-trilateral-drill"
    files.add(files.csv("a.csv", [files.row(act, date="2022-12", source_published="")]))
    before = load(None, None, files.store)
    assert before.occurrences[act].known == date(2023, 1, 7)
    declare(correction("2022-12-08", "2022-12", corrects=act, field="date"))
    after = load(None, None, files.store)
    assert after.occurrences[act].known == date(2022, 12, 15)
    december = Selection(ids=(act,), start=date(2022, 12, 5), end=date(2022, 12, 12))
    assert (before.select(december), after.select(december)) == ((), (act,))
    assert before.hashes()["occurrences"] != after.hashes()["occurrences"]


def test_a_corrected_participant_moves_the_act_to_another_group(declare, files):
    declare(correction("JPN;USA", "JPN;KOR;USA", field="participants"))
    record = load(None, None, files.store)
    assert CAMP_DAVID in record.select(Selection(exactly=("JPN", "USA")))
    assert CAMP_DAVID not in record.select(Selection(exactly=("JPN", "KOR", "USA")))


def test_a_correction_that_no_longer_applies_is_named(declare, place, files):
    declare(correction("A"))
    newer = with_place(files.folder / "newer", "Thurmont")
    with pytest.raises(
        BadRecord, match=f"{CAMP_DAVID} no longer applies: place_en is 'Thurmont', not '{PLACE}'"
    ) as caught:
        place(record=newer)
    assert caught.value.way_out
    assert place("2023-12-31", record=newer) == "Thurmont"  # not known then: nothing to apply


@pytest.mark.parametrize("taken_up", ["A", "B"])
def test_a_correction_that_the_record_has_taken_up_is_done(declare, place, files, taken_up):
    declare(correction("A"), correction("B", "A"))
    assert place(record=with_place(files.folder / "newer", taken_up)) == "B"


def test_a_correction_of_an_act_that_is_gone_is_named(declare, files):
    act = "2024-05-05-meeting"
    files.add(files.csv("a.csv", [files.row(act, place_en="Seoul")]))
    declare(correction("Busan", "Seoul", corrects=act))
    alone = Store(files.folder / "other.sqlite")
    path = files.csv("b.csv", [correction("Busan", "Seoul", corrects=act)], CORRECTION_COLUMNS)
    alone.add(files.check(path, files.store).entries, (), {}, "b", "", "")
    with pytest.raises(BadRecord, match=f"corrects {act}, which is not there"):
        load(None, None, alone.path)


def test_own_acts_can_be_corrected_in_the_file_that_brings_them_only_afterwards(files):
    """A correction is of what the record says: an act of the same file is not in it yet."""
    act = "2024-05-05-meeting"
    columns = list(dict.fromkeys((*files.row(), "place_en", *CORRECTION_COLUMNS)))
    path = files.csv("a.csv", [files.row(act, place_en="Seoul"), correction("Busan", "Seoul", corrects=act)], columns)
    first = files.add(path)
    assert (first.new, [q.field for q in first.quarantined]) == (1, ["corrects"])
    assert files.add(path).new == 1
    assert load(None, None, files.store).occurrences[act].place_en == "Busan"

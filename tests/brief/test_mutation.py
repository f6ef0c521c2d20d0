"""Change the record and the number and the sentence change with it; take the evidence away and nothing is written."""

import hashlib
import shutil
from pathlib import Path

import pytest

import minilateral as ml
from minilateral.errors import CompileRefused, NoEvidence
from minilateral.terms.tables import read_tsv

AS_OF = "2025-12-31"
SHIPPED = Path(ml.__file__).parent / "data" / "record"
CAMP_DAVID = "2023-08-18-camp-david-summit"
LATEST = "2025-10-29-trilateral-fm-gyeongju"


@pytest.fixture
def record(tmp_path):
    """A copy of the record that may be changed."""
    folder = tmp_path / "record"
    shutil.copytree(SHIPPED, folder)
    return folder


def edit(folder: Path, table: str, change, keep=lambda row: True) -> int:
    """Change rows of a table in place; give back how many lines changed or went."""
    path = folder / f"{table}.tsv"
    rows = read_tsv(path)
    after = [change(dict(row)) for row in rows if keep(row)]
    text = "\n".join(["\t".join(rows[0]), *("\t".join(row.values()) for row in after)]) + "\n"
    path.write_text(text, encoding="utf-8")
    return len(rows) - len(after) + sum(a != b for a, b in zip(after, [r for r in rows if keep(r)], strict=True))


def only(identifier, **new):
    return lambda row: {**row, **new} if row.get("id", row.get("occurrence")) == identifier else row


def sentences(record=None, store=None, as_of=AS_OF):
    frame = ml.run(ml.Study("USA JPN KOR", as_of, record=record, store=store)).frame("statements")
    return dict(zip(frame["id"] + "|" + frame["section"], frame["text_en"] + "\n" + frame["text_zh"], strict=False))


def digest(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def write(tmp_path, name, record=None, store=None):
    result = ml.run(ml.Study("USA JPN KOR", AS_OF, record=record, store=store))
    return ml.write_brief(result, tmp_path / name).folder


def test_a_changed_date_changes_the_sentence(record):
    before = sentences(record)["parts.joint|parts"]
    assert "29 October 2025" in before
    assert edit(record, "occurrences", only(LATEST, date="2025-11-03")) == 1
    after = sentences(record)["parts.joint|parts"]
    assert "3 November 2025" in after
    assert "2025年11月3日" in after
    assert "29 October 2025" not in after


def test_a_changed_actor_changes_the_numbers(record):
    before = ml.run(ml.Study("USA JPN KOR", AS_OF, record=record))
    assert edit(record, "occurrences", only(CAMP_DAVID, participants="JPN;USA")) == 1
    after = ml.run(ml.Study("USA JPN KOR", AS_OF, record=record))

    def total(result, members):
        cells = result.frame("cells")
        here = cells[
            (cells.members == members) & (cells.part != "superset") & (cells.domain == "all") & (cells.level == "all")
        ]
        return int(here.acts.sum())

    assert total(after, "JPN;KOR;USA") == total(before, "JPN;KOR;USA") - 1
    assert total(after, "JPN;USA") == total(before, "JPN;USA") + 1
    old, new = (r.frame("statements").set_index("id").text_en for r in (before, after))
    assert str(total(before, "JPN;KOR;USA")) in old["parts.joint"]
    assert str(total(after, "JPN;KOR;USA")) in new["parts.joint"]


def test_a_changed_source_changes_what_the_row_cites(record, tmp_path):
    link = next(e for e in read_tsv(record / "evidence.tsv") if e["occurrence"] == LATEST)
    assert edit(record, "sources", only(link["source"], title="Another title", publisher="Another publisher")) == 1
    page = (write(tmp_path, "out", record) / "brief.html").read_text(encoding="utf-8")
    row = page[page.index(f'id="act-{LATEST}"') :]
    assert "Another title" in row[: row.index("</article>")]
    assert "Another publisher" in row[: row.index("</article>")]


def test_a_changed_domain_moves_the_act_to_another_cell(record):
    assert edit(record, "occurrences", only(CAMP_DAVID, domain="values")) == 1
    cells = ml.run(ml.Study("USA JPN KOR", AS_OF, record=record)).frame("cells")
    values = cells[
        (cells.part == "joint") & (cells.domain == "values") & (cells.level == "leader") & (cells.bin == "2023")
    ]
    assert values.acts.tolist() == [1]


def test_without_its_evidence_nothing_is_written(record, tmp_path):
    assert edit(record, "evidence", lambda row: row, keep=lambda row: row["occurrence"] != CAMP_DAVID) > 3
    result = ml.run(ml.Study("USA JPN KOR", AS_OF, record=record))
    with pytest.raises(CompileRefused, match=f"{CAMP_DAVID} has no evidence"):
        ml.write_brief(result, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_the_source_of_an_official_number_nothing_is_written(record, tmp_path):
    assert edit(record, "numbering", only("ujk-tri-chod-022", source="src-none")) == 1
    with pytest.raises(CompileRefused, match="official number ujk-tri-chod-022 has no evidence"):
        ml.write_brief(ml.run(ml.Study("USA JPN KOR", AS_OF, record=record)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def plant(folder: Path, date: str, published: str) -> None:
    """Add an act of the three to the tables, with a source of a given day."""
    row = next(r for r in read_tsv(folder / "occurrences.tsv") if r["id"] == CAMP_DAVID)
    with (folder / "occurrences.tsv").open("a", encoding="utf-8") as stream:
        stream.write(
            "\t".join({**row, "id": "2024-05-05-planted", "date": date, "summary_en": "PLANTED"}.values()) + "\n"
        )
    with (folder / "sources.tsv").open("a", encoding="utf-8") as stream:
        stream.write(f"src-planted\tPLANTED\tPlanter\thttps://example.org/p\ten\t{published}\tgovernment\n")
    with (folder / "evidence.tsv").open("a", encoding="utf-8") as stream:
        stream.write("2024-05-05-planted\tsrc-planted\treport\tfalse\n")


def test_what_became_known_later_leaves_no_trace(record, tmp_path):
    before = digest(write(tmp_path, "before", record))
    plant(record, "2024-05-05", "2026-01-01")  # happened before the as-of day, known after it
    assert digest(write(tmp_path, "after", record)) == before


def test_what_was_known_in_time_does_leave_one(record, tmp_path):
    before = digest(write(tmp_path, "before", record))
    plant(record, "2024-05-05", "2024-05-06")
    after = write(tmp_path, "after", record)
    assert digest(after) != before
    assert "PLANTED" in (after / "brief.html").read_text(encoding="utf-8")


def test_order_of_the_rows_leaves_no_trace(record, tmp_path):
    before = digest(write(tmp_path, "before", record))
    for table in ("occurrences", "evidence", "sources", "sessions", "outputs", "commitments", "numbering"):
        lines = (record / f"{table}.tsv").read_text(encoding="utf-8").splitlines()
        (record / f"{table}.tsv").write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")
    after = digest(write(tmp_path, "after", record))
    assert after["data/cells.csv"] == before["data/cells.csv"]
    assert after["data/statements.csv"] == before["data/statements.csv"]


def test_twice_the_same_bytes(tmp_path):
    assert digest(write(tmp_path, "one")) == digest(write(tmp_path, "two"))


def test_before_anything_was_known_there_is_no_answer():
    with pytest.raises(NoEvidence, match="no act that was known by then"):
        ml.run(ml.Study("USA JPN KOR", "1900-01-01"))


@pytest.mark.parametrize("as_of", ["1953-01-01", "1966-01-01", "1999-12-31", "2017-06-30", "2021-01-20", "2023-08-19"])
def test_the_past_can_be_asked_and_knows_nothing_of_later(as_of, tmp_path):
    result = ml.run(ml.Study("USA JPN KOR", as_of))
    acts = result.frame("acts")
    assert (acts.known.astype(str) <= as_of).all()
    page = ml.write_brief(result, tmp_path).page.read_text(encoding="utf-8")
    for year in range(int(as_of[:4]) + 1, 2027):
        assert f'id="act-{year}' not in page

"""Laws of the whole way from rows to sentences: what must not matter does not, what was not known leaves no trace."""

import calendar
import random
import shutil
from collections import Counter
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

import minilateral as ml
from minilateral.evidence import COLUMNS, load
from minilateral.measure import count_cells, parts
from minilateral.terms import Group, bins
from minilateral.terms.periods import label
from minilateral.terms.tables import read_tsv

SHIPPED = Path(ml.__file__).parent / "data" / "record"
AS_OF = "2025-12-31"
SPAN = (date(1945, 1, 1), date(2026, 1, 1))
GROUPS = ["USA JPN KOR", "CHN RUS", "USA JPN IND AUS"]
CAMP_DAVID = "2023-08-18-camp-david-summit"


def ask(group="USA JPN KOR", as_of=AS_OF, **more):
    return ml.run(ml.Study(group, as_of, **more))


@cache
def shipped(as_of=AS_OF):
    """What the shipped record alone says, and its frames (they are made anew on each look)."""
    result = ask(as_of=as_of)
    return result, result.frames


def record_of(result):
    from minilateral.evidence import Holdings

    return result.inputs.get(Holdings).record


def same_rows(one, two):
    """The same rows, in whatever order, and whatever the order of the ids that a field lists."""

    def plain(frame):
        listed = {c: frame[c].map(lambda ids: sorted(ids.split(";"))) for c in ("rows", "numbering") if c in frame}
        return Counter(map(repr, frame.assign(**listed).to_dict("records")))

    return plain(one) == plain(two)


# ----------------------------------------------------------------------------------- (1) counted without our machinery


def span_of(text):
    """First and last day of a written date, worked out here."""
    first, _, last = text.partition("/")

    def ends(one):
        if len(one) == 10:
            return date.fromisoformat(one), date.fromisoformat(one)
        if len(one) == 7:
            year, month = int(one[:4]), int(one[5:])
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        if one.endswith("X"):
            return date(int(one[:3]) * 10, 1, 1), date(int(one[:3]) * 10 + 9, 12, 31)
        return date(int(one), 1, 1), date(int(one), 12, 31)

    return ends(first)[0], ends(last or first)[1], len(first) == 10


def bin_of(first, last, exact, every):
    """Name of the one bin that the act belongs to, or None."""

    def name(day):
        return {"year": f"{day.year}", "quarter": f"{day.year}Q{(day.month - 1) // 3 + 1}", "month": f"{day:%Y-%m}"}[
            every
        ]

    return name(first) if exact or name(first) == name(last) else None


def recount(group, every):
    members = {"USA JPN KOR": "JPN KOR USA", "CHN RUS": "CHN RUS", "USA JPN IND AUS": "AUS IND JPN USA"}[group].split()
    subsets = [set(c) for k in range(2, len(members)) for c in combinations(members, k)] + [set(members)]
    links = {}
    for row in read_tsv(SHIPPED / "evidence.tsv"):
        links.setdefault(row["occurrence"], []).append(row["from_study"])
    counts = Counter()
    for row in read_tsv(SHIPPED / "occurrences.tsv"):
        who = {"RUS" if p == "SUN" else p for p in row["participants"].split(";")}
        name = bin_of(*span_of(row["date"]), every)
        if len(row["participants"].split(";")) < 2 or row["status"] != "held" or name is None:
            continue
        if who in subsets:
            kind = "joint" if who == set(members) else "pair" if len(who) == 2 else "subset"
        elif who > set(members):
            kind, who = "superset", set(members)
        else:
            continue
        for domain in ("all", row["domain"]):
            for level in ("all", row["level"]):
                cell = (name, kind, ";".join(sorted(who)), domain, level)
                counts[(*cell, "acts")] += 1
                counts[(*cell, row["direction"])] += 1
                counts[(*cell, "without_study")] += "false" in links[row["id"]]
    return {key: n for key, n in counts.items() if n}


@pytest.mark.parametrize("every", ["year", "quarter", "month"])
@pytest.mark.parametrize("group", GROUPS)
def test_cells_are_what_a_plain_count_of_the_rows_gives(group, every):
    frame = list(bins(*SPAN, every))
    found = {}
    for cell in count_cells(load().lines(), parts(Group.parse(group)), frame, every, SPAN[1]):
        assert (cell["state"] == "observed") == (cell["acts"] is not None)
        for column in ("acts", "cooperative", "conflictual", "neutral", "without_study"):
            if cell[column]:
                key = (*(cell[c] for c in ("bin", "part", "members", "domain", "level")), column)
                found[key] = cell[column]
    names = {label(b, every) for b in frame}
    want = {key: n for key, n in recount(group, every).items() if key[0] in names}
    assert found == want
    assert len(want) > 100


# ------------------------------------------------------------------------------------- (2) order


def test_the_order_of_the_rows_of_all_tables_does_not_matter(tmp_path):
    folder = tmp_path / "record"
    shutil.copytree(SHIPPED, folder)
    for n, table in enumerate(COLUMNS):
        lines = (folder / f"{table}.tsv").read_text(encoding="utf-8").splitlines()
        rest = lines[1:]
        random.Random(n).shuffle(rest)
        (folder / f"{table}.tsv").write_text("\n".join([lines[0], *rest]) + "\n", encoding="utf-8")
    (before, frames), after = shipped(), ask(record=folder)
    assert after.statements == before.statements
    assert record_of(after).hashes() == record_of(before).hashes()
    for name, frame in after.frames.items():
        assert same_rows(frame, frames[name]), name


def test_the_order_in_which_the_members_are_named_does_not_matter():
    assert ask("韩国 日本 美国").statements == shipped()[0].statements


# ------------------------------------------------------------------------------------- (3) others, (4) more evidence


def foreign(files):
    """Acts that have nothing to do with the three: others, one of the three with an outsider, one of them alone."""
    rows = []
    for n, who in enumerate(("BRA;FRA", "CHN;RUS", "USA;GBR", "JPN;AUS", "KOR;CHN;DEU", "FRA")):
        for d in range(1, 6):
            rows.append(
                files.row(
                    f"2024-0{d}-0{n + 1}-foreign", date=f"2024-0{d}-0{n + 1}", participants=who, level="leader",
                    source_title=f"{n} {d}",
                )
            )  # fmt: skip
    return rows


def test_acts_of_other_states_change_nothing(files):
    assert files.add(files.csv("a.csv", foreign(files))).new == 30
    (before, frames), after = shipped(), ask(store=files.store)
    assert len(record_of(after).occurrences) == len(record_of(before).occurrences) + 30
    own = [[s for s in r.statements if s.section != "dimensions"] for r in (before, after)]
    assert own[0] == own[1]  # the dimensions share their scale with other groups
    found = after.frames
    for name in ("cells", "floors", "shares", "bounds", "acts"):
        assert found[name].equals(frames[name]), name
    # and an act of the three does change something
    files.add(files.csv("b.csv", [files.row(participants="JPN;KOR;USA")]))
    assert ask(store=files.store).statements != before.statements


def test_more_evidence_for_the_same_acts_changes_no_count(files):
    rows = [r for r in read_tsv(SHIPPED / "occurrences.tsv") if r["participants"] == "JPN;KOR;USA"]
    source = {"source_title": "Yet another page", "source_publisher": "A paper", "source_role": "retrospect",
              "source_published": "2025-01-01", "source_tier": "research", "from_study": "true"}  # fmt: skip
    assert files.add(files.csv("a.csv", [{**row, **source} for row in rows])).new == len(rows) > 100
    found = ask(store=files.store).frames
    for name in ("cells", "floors", "shares", "bounds"):
        assert found[name].equals(shipped()[1][name]), name


# ------------------------------------------------------------------------------------- (5) parts of the year


@pytest.mark.parametrize("group", GROUPS)
def test_quarters_and_months_sum_to_the_year_but_for_what_is_too_coarse(group):
    record = load()
    all_parts = parts(Group.parse(group))
    cells = {
        every: count_cells(record.lines(), all_parts, bins(*SPAN, every), every, SPAN[1])
        for every in ("year", "quarter", "month")
    }
    sums = {}
    for every, found in cells.items():
        for c in found:
            if c["level"] == "all" or c["domain"] == "all":
                key = (c["bin"][:4], c["part"], c["members"], c["domain"], c["level"])
                for column in ("acts", "cooperative", "conflictual"):
                    sums.setdefault((*key, column), Counter())[every] += c[column] or 0
    unplaced = {every: Counter() for every in ("quarter", "month")}
    for part in all_parts:
        for i in record.select(part.select(end=SPAN[1])):
            item = record.occurrences[i]
            first, last = item.happened.start, item.happened.last
            for every in unplaced:
                if first.year == last.year and bin_of(first, last, item.happened.precision == "day", every) is None:
                    unplaced[every][
                        (str(first.year), part.kind, ";".join(part.group.members), "all", "all", "acts")
                    ] += 1
    assert sum(n["year"] for n in sums.values()) > 100
    for key, n in sums.items():
        if key[-3:] != ("all", "all", "acts"):
            assert n["month"] <= n["quarter"] <= n["year"], key
            continue
        for every, missing in unplaced.items():
            assert n[every] + missing[key] == n["year"], (key, every)


# ------------------------------------------------------------------------------------- (6) what was not known yet


@pytest.fixture
def later(files):
    """A store with much that came out after the as-of day, about acts before and after it."""
    shipped = next(r for r in read_tsv(SHIPPED / "occurrences.tsv") if r["id"] == CAMP_DAVID)
    source = {"source_title": "A late page", "source_publisher": "A paper", "source_published": "2026-01-05"}
    rows = [
        files.row("2024-05-05-secret", participants="JPN;KOR;USA", mechanism="ujk-leaders", ordinal="9",
                  outputs="treaty: A secret treaty", commitments="security: go on", **source),
        files.row("2024-06-05-secret-pair", participants="JPN;KOR", date="2024-06", **source),
        files.row("2024-07-05-curbs", participants="JPN", concerns="JPN-KOR", direction="conflictual", **source),
        files.row("2026-01-02-new", participants="JPN;KOR;USA", date="2026-01-02", **source),
        {**shipped, **source, "outputs": "plan: A plan that came to light later"},
    ]  # fmt: skip
    added = files.add(files.csv("a.csv", rows))
    assert (added.new, added.quarantined) == (5, ())
    return files.store


@pytest.mark.parametrize("as_of", [AS_OF, "2024-12-31"])
def test_what_became_known_later_changes_nothing(later, as_of):
    (before, frames), after = shipped(as_of), ask(as_of=as_of, store=later)
    assert record_of(after).hashes() == record_of(before).hashes()
    assert record_of(after).rows == record_of(before).rows
    assert after.statements == before.statements
    for name, frame in after.frames.items():
        assert frame.equals(frames[name]), name


def test_from_the_day_on_which_it_is_known_it_does(later):
    before, after = (load(date.fromisoformat(d), None, later) for d in ("2026-01-04", "2026-01-05"))
    assert set(after.occurrences) - set(before.occurrences) >= {
        "2024-05-05-secret",
        "2024-07-05-curbs",
        "2026-01-02-new",
    }
    assert len(after.evidence_of(CAMP_DAVID)) == len(before.evidence_of(CAMP_DAVID)) + 1
    assert any(o.title_en.startswith("A plan that came") for o in after.outputs)
    assert not any(o.title_en.startswith("A plan that came") for o in before.outputs)
    assert ask(as_of="2026-01-05", store=later).statements != shipped("2026-01-05")[0].statements


def test_a_correction_that_was_declared_later_changes_nothing(files):
    from minilateral.evidence import CORRECTION_COLUMNS

    fix = (CAMP_DAVID, "participants", "JPN;KOR;USA", "JPN;USA", "because", "A page", "", "2026-01-05")
    path = files.csv("a.csv", [dict(zip(CORRECTION_COLUMNS, fix, strict=True))], CORRECTION_COLUMNS)
    assert files.add(path).new == 1
    before, after = shipped()[0], ask(store=files.store)
    assert record_of(after).hashes() == record_of(before).hashes()
    assert after.statements == before.statements
    assert ask(as_of="2026-01-05", store=files.store).statements != shipped("2026-01-05")[0].statements


def test_every_act_that_is_shown_was_known_by_then():
    everything = load()
    for as_of in ("1998-12-31", "2012-06-30", "2023-08-18"):
        day = date.fromisoformat(as_of)
        record = load(day)
        assert all(o.known <= day for o in record.occurrences.values())
        hidden = set(everything.occurrences) - set(record.occurrences)
        assert hidden
        assert all(everything.occurrences[i].known > day for i in hidden)
        for i in record.occurrences:  # nothing shown cites only what came out later, where it was dated by a report
            if record.occurrences[i].known_basis == "published":
                days = [s.published for s in record.sources_of(i)]
                assert min(d for d in days if d) <= day
                assert all(d is None or d <= day for d in days), i

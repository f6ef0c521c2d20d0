"""Groups side by side, the pairs of a group, and results that are kept: by hand and on the shipped record."""

import pickle
from datetime import date

import pytest

from minilateral.evidence import load
from minilateral.measure import compare, pairs
from minilateral.measure import keeping as keeping_module
from minilateral.measure.comparing import pair_window
from minilateral.measure.keeping import kept
from minilateral.measure.pairs import pair_years
from minilateral.origins import indicator, series
from minilateral.terms import Group

THREE = Group.parse("USA JPN KOR")
MEMBERS = "JPN;KOR;USA"
LATE = date(2025, 12, 31)


def search(world, mechanism):
    return world.add("sweeps", id=f"w-{mechanism}", mechanism=mechanism, start="2010", end="2025", place="p",
                     language="en", query="q", on="2026-01-01")  # fmt: skip


# ---- compare: what is refused ----------------------------------------------------------------------------------------


def refused(world, group=THREE):
    (found,) = compare(world.record("2025-12-31"), [group], LATE)
    return found


def test_fewer_than_five_acts_are_refused_with_the_number(world):
    for n in range(4):
        world.act(f"a{n}", f"2020-0{n + 1}-01", MEMBERS)
    world.act("superset", "2020-05-01", "CHN;JPN;KOR;USA").act("off", "2020-06-01", MEMBERS, status="cancelled")
    world.act("quarrel", "2020-07-01", MEMBERS, direction="conflictual")
    found = refused(world)
    assert "4 cooperative acts" in found.refused
    assert (found.acts, found.board, found.pairs, found.institutionalisation, found.quasi) == (4, None, None, None, ())
    assert (found.recall, found.first) == (None, None)


def test_no_mechanism_and_no_search_are_named(world):
    for n in range(5):
        world.act(f"a{n}", f"2020-0{n + 1}-01", MEMBERS)
    world.mechanism("pair", members="JPN;KOR", created="2010")
    search(world, "pair")
    assert "no mechanism" in refused(world).refused
    world.mechanism("m", created="2010")
    assert "no search" in refused(world).refused
    assert refused(search(world, "m")).refused == ""


# ---- the pairs of a group in a window --------------------------------------------------------------------------------


def pairs_world(world, jk=1, ju=2, ku=3):
    for pair, n in (("JPN;KOR", jk), ("JPN;USA", ju), ("KOR;USA", ku)):
        for i in range(n):
            world.act(f"{pair}-{i}", f"2015-03-0{i + 1}", pair, level="working")
    return world


def test_the_weakest_pair_is_that_with_the_fewest_acts(world):
    found = pair_window(pairs_world(world).record(), THREE, 2011, 2020)
    assert found.counts == {"JPN-KOR": 1, "JPN-USA": 2, "KOR-USA": 3}
    assert (found.weakest, found.mean, found.joint) == (("JPN-KOR",), 2.0, 0)
    assert (found.share, found.low, found.high) == (None, None, None)


def test_a_pair_without_an_act_on_record_is_not_called_weak(world):
    found = pair_window(pairs_world(world, jk=0).record(), THREE, 2011, 2020)
    assert found.counts["JPN-KOR"] == 0
    assert (found.weakest, found.mean) == ((), None)


def test_a_tie_names_both(world):
    assert pair_window(pairs_world(world, 2, 2, 3).record(), THREE, 2011, 2020).weakest == ("JPN-KOR", "JPN-USA")


def test_only_the_years_asked_for_and_cooperation(world):
    pairs_world(world).act("before", "2010-12-31", "JPN;KOR").act("after", "2021-01-01", "JPN;KOR")
    world.act("quarrel", "2015-01-01", "JPN;KOR", direction="conflictual").act("all", "2015-01-01", MEMBERS)
    found = pair_window(world.record(), THREE, 2011, 2020)
    assert (found.counts["JPN-KOR"], found.joint) == (1, 1)
    assert pair_window(world.record(), THREE, 2010, 2021).counts["JPN-KOR"] == 3


def test_the_joint_share_is_within_ministers_and_leaders(world):
    for n in range(3):
        world.act(f"j{n}", f"2015-01-0{n + 1}", MEMBERS, level="leader")
    world.act("p0", "2015-02-01", "JPN;KOR", level="foreign_minister")
    world.act("low", "2015-02-02", "JPN;USA", level="working").act("lower", "2015-02-03", MEMBERS, level="working")
    assert pair_window(world.record(), THREE, 2011, 2020).share is None  # four are too few
    world.act("p1", "2015-02-04", "KOR;USA", level="nsa")
    found = pair_window(world.record(), THREE, 2011, 2020)
    assert found.share == pytest.approx(3 / 5)
    assert 0 < found.low < 0.6 < found.high < 1


# ---- the shipped record ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def record():
    return load(LATE)


@pytest.fixture(scope="module")
def compared(record):
    asked = [Group.parse(g) for g in ("USA JPN KOR", "FRA BRA", "CHN JPN KOR", "CHN RUS", "JPN KOR USA")]
    return {c.group.key: c for c in compare(record, asked, LATE)}


def test_france_and_brazil_are_refused_with_the_gap_named(compared):
    found = compared["BRA-FRA"]
    assert found.acts == 0
    assert "0 cooperative acts" in found.refused
    assert (found.board, found.institutionalisation, found.functionalisation) == (None, None, None)


def test_each_group_once_and_as_asked(compared):
    assert list(compared) == ["JPN-KOR-USA", "BRA-FRA", "CHN-JPN-KOR", "CHN-RUS"]


def test_what_is_compared_is_there(compared, record):
    for key in ("JPN-KOR-USA", "CHN-JPN-KOR", "CHN-RUS"):
        found = compared[key]
        assert found.refused == ""
        assert found.acts >= 5
        assert 0 < found.recall <= 1
        assert found.counted >= 1
        assert found.board.group == found.group
        assert found.institutionalisation.year <= 2025
        assert found.institutionalisation.mean is not None
        assert {q.definition for q in found.quasi} == {"study", "cha", "sun", "atop"}
        assert len({q.year for q in found.quasi}) == 1
    assert compared["CHN-RUS"].pairs is None
    window = compared["JPN-KOR-USA"].pairs
    assert (window.first, window.last) == (2016, 2025)
    assert window.joint == len([i for i, o in record.occurrences.items() if set(o.participants) == set(THREE.members)
                                and o.is_act and o.status == "held" and o.direction == "cooperative"
                                and date(2016, 1, 1) <= o.happened.start
                                and o.happened.last <= LATE])  # fmt: skip


def test_a_refused_group_hardly_moves_the_others(compared, record):
    (alone,) = compare(record, [THREE], LATE)
    beside = compared["JPN-KOR-USA"]
    for name in ("institutionalisation", "functionalisation"):
        assert getattr(alone, name).mean == pytest.approx(getattr(beside, name).mean, abs=0.01)


def test_a_refused_group_does_not_move_the_others(compared, record):
    (alone,) = compare(record, [THREE], LATE)
    assert alone.institutionalisation == compared["JPN-KOR-USA"].institutionalisation


# ---- the pairs in series that cover all alike ------------------------------------------------------------------------


def test_years_in_which_japan_and_korea_are_weakest():
    found = {(p.series, p.pair): p for p in pair_years(THREE, LATE)}
    assert found
    for p in found.values():
        assert 0 <= p.weakest <= p.years <= p.last - p.first + 1
    for name in {s for s, _ in found}:
        mine = [found[name, pair.key] for pair in THREE.dyads]
        assert len({(p.years, p.first, p.last) for p in mine}) == 1
        assert sum(p.weakest for p in mine) >= mine[0].years  # in every year some pair has the least
        assert indicator(name).direction == "closer"


def test_one_series_counted_by_hand():
    values = {}
    for pair in THREE.dyads:
        rows = series("mme_exact", pair, as_of=LATE)
        values[pair.key] = {r.period.start.year: r.value for r in rows if r.state == "observed" and r.value is not None}
    years = set.intersection(*(set(v) for v in values.values()))
    differ = [y for y in years if len({v[y] for v in values.values()}) > 1]
    weakest = sum(values["JPN-KOR"][y] == min(v[y] for v in values.values()) for y in differ)
    found = next(p for p in pair_years(THREE, LATE) if (p.series, p.pair) == ("mme_exact", "JPN-KOR"))
    assert (found.years, found.weakest) == (len(differ), weakest)


def test_a_pair_has_no_pairs():
    assert pair_years(Group.parse("CHN RUS"), LATE) == ()


def test_pairs_that_no_census_covers_are_left_out(monkeypatch):
    class NotCounted:
        basis = "sample"

    monkeypatch.setattr(pairs, "coverage", lambda *_: [NotCounted()])
    assert pair_years(THREE, LATE) == ()


# ---- keeping ---------------------------------------------------------------------------------------------------------


class Forgetful(dict):
    """Keeps nothing."""

    def __setitem__(self, key, value):
        pass


@pytest.fixture(autouse=True)
def on_disk_alone(monkeypatch):
    """What is kept in memory, or was hashed before, would hide what lies on the disk."""
    monkeypatch.setattr(keeping_module, "_MEMORY", Forgetful())
    monkeypatch.setattr(keeping_module, "_code", keeping_module._code.__wrapped__)


class Maker:
    def __init__(self, value="made"):
        self.value, self.times = value, 0

    def __call__(self):
        self.times += 1
        return self.value


@pytest.fixture
def small(world):
    return world.act("a", "2020-01-01", MEMBERS)


def test_a_result_is_made_once(tmp_path, small):
    make = Maker()
    for _ in range(3):
        assert kept(tmp_path / "new", "x", small.record(), {"q": 1}, make) == "made"
    assert make.times == 1
    assert [p.suffix for p in (tmp_path / "new").iterdir()] == [".pickle"]


def test_without_a_folder_nothing_is_kept(tmp_path, small, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make = Maker()
    for _ in range(2):
        kept(None, "x", small.record(), {"q": 1}, make)
    assert make.times == 2
    assert list(tmp_path.iterdir()) == []


def test_another_question_name_or_record_is_another_file(tmp_path, small):
    make = Maker()
    kept(tmp_path, "x", small.record(), {"q": 1}, make)
    kept(tmp_path, "x", small.record(), {"q": 2}, make)
    kept(tmp_path, "y", small.record(), {"q": 1}, make)
    kept(tmp_path, "x", small.record("2019-12-31"), {"q": 1}, make)
    kept(tmp_path, "x", small.act("b", "2020-02-02", MEMBERS).record(), {"q": 1}, make)
    assert make.times == 5
    assert len(list(tmp_path.iterdir())) == 5


def test_the_order_of_rows_is_no_other_record(tmp_path, small):
    make = Maker()
    small.act("b", "2020-02-02", MEMBERS)
    kept(tmp_path, "x", small.record(), {"q": 1}, make)
    for rows in small.tables.values():
        rows.reverse()
    kept(tmp_path, "x", small.record(), {"q": 1}, make)
    assert make.times == 1


BROKEN = [b"", b"not a pickle", pickle.dumps(["made"] * 99)[:-9], b"\x80\x05cno.such.module\nthing\n.", b"\x82\x01."]


@pytest.mark.parametrize("content", BROKEN, ids=["empty", "text", "cut short", "no module", "no extension"])
def test_a_corrupt_file_is_made_anew(tmp_path, small, content):
    make = Maker()
    kept(tmp_path, "x", small.record(), {"q": 1}, make)
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)
    assert kept(tmp_path, "x", small.record(), {"q": 1}, make) == "made"
    assert make.times == 2
    assert pickle.loads(path.read_bytes()) == "made"


def test_a_file_with_a_broken_length_is_made_anew(tmp_path, small):
    make = Maker()
    kept(tmp_path, "x", small.record(), {"q": 1}, make)
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"\x80\x05\x95" + b"\xff" * 8)
    assert kept(tmp_path, "x", small.record(), {"q": 1}, make) == "made"


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path, small):
    (tmp_path / "file").write_text("in the way")
    make = Maker()
    assert kept(tmp_path / "file", "x", small.record(), {"q": 1}, make) == "made"
    assert make.times == 1


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of a few files in place of this one."""
    root = tmp_path / "minilateral"
    for name in ("measure/a.py", "phases/b.py", "evidence/c.py", "terms/d.py", "origins/e.py", "data/codes.tsv",
                 "data/claims/datings.tsv", "data/quasi_alliance/spells.tsv", "data/series/mme.tsv"):  # fmt: skip
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    monkeypatch.setattr(keeping_module, "__file__", str(root / "measure" / "keeping.py"))
    return root


def anew(package, small, tmp_path, name):
    make = Maker()
    folder = tmp_path / "kept"
    kept(folder, "x", small.record(), {"q": 1}, make)
    (package / name).write_text("two")
    kept(folder, "x", small.record(), {"q": 1}, make)
    return make.times == 2


@pytest.mark.parametrize(
    "name",
    ["measure/a.py", "phases/b.py", "evidence/c.py", "data/codes.tsv", "data/quasi_alliance/spells.tsv"],
)
def test_other_code_or_data_is_not_trusted(package, small, tmp_path, name):
    assert anew(package, small, tmp_path, name)


@pytest.mark.parametrize("name", ["data/series/mme.tsv", "origins/e.py", "terms/d.py"])
def test_other_series_or_rooms_below_are_not_trusted(package, small, tmp_path, name):
    assert anew(package, small, tmp_path, name)


def test_another_version_of_numpy_is_not_trusted(small, tmp_path, monkeypatch):
    make = Maker()
    kept(tmp_path, "x", small.record(), {"q": 1}, make)
    monkeypatch.setattr(keeping_module, "version", lambda _: "0.0")
    kept(tmp_path, "x", small.record(), {"q": 1}, make)
    assert make.times == 2

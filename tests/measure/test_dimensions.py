"""The two dimensions on the shipped record and in small worlds: laws, reasons, parts, variants, the same bytes."""

import copy
import pickle
import random
from datetime import date

import numpy as np
import pytest

from minilateral.errors import NoEvidence
from minilateral.evidence import Record, load, shipped_tables
from minilateral.measure import dimensions, dimensions_by_domain
from minilateral.measure.dimensions import LEAST_ACTS, LEAST_INDICATORS, THINNED_BEFORE, comparison_groups
from minilateral.measure.indicators import FIRST_YEAR, indicators
from minilateral.measure.quasi_alliance import coded_groups
from minilateral.terms import Group, Selection, code_table

THREE = Group.parse("USA JPN KOR")
MEMBERS = "JPN;KOR;USA"
LATE = date(2025, 12, 31)
NAMES = code_table().codes("dimension")
VARIANTS = {"without_study", "without_en", "without_ko", "without_ja", "half_recall_before", "without_government",
            "without_agency", "without_newspaper", "without_atop", "without_mme"}  # fmt: skip


@pytest.fixture(scope="module")
def record():
    return load(LATE)


@pytest.fixture(scope="module")
def found(record):
    return dimensions(record, THREE, LATE)


def test_groups_that_share_the_scale():
    groups = comparison_groups()
    assert len(groups) == len(set(groups)) >= 9
    assert groups[0] == THREE
    assert set(groups) <= set(coded_groups())


def test_every_group_year_and_dimension_once(found):
    keys = [(x.group, x.year, x.dimension) for x in found.levels]
    years = range(FIRST_YEAR, 2026)
    assert set(keys) == {(g.key, y, d) for g in comparison_groups() for y in years for d in NAMES}
    assert len(keys) == len(set(keys))
    assert found.years == tuple(years)
    assert [x.year for x in found.of(THREE, NAMES[0])] == list(years)


def test_a_year_with_few_indicators_has_a_reason_and_no_number(found):
    few = [x for x in found.levels if x.indicators < LEAST_INDICATORS]
    assert few
    for x in few:
        assert (x.mean, x.low, x.high, x.equal_weight, x.principal) == (None,) * 5
        assert str(x.indicators) in x.reason
    for x in found.levels:
        if x.indicators >= LEAST_INDICATORS:
            assert x.mean is not None
            assert x.reason == ""
            assert abs(x.mean) < 6  # standard deviations of the panel


def test_the_point_alone_has_no_interval_that_leaves_out_its_parameters(found):
    for x in found.levels:
        assert (x.low is None) == (x.high is None)
        assert x.low is None or x.low <= x.mean <= x.high
    assert not found.full
    assert found.rhat is None


def test_parts_sum_to_the_level(found):
    for dimension in NAMES:
        for x in found.of(THREE, dimension):
            if x.mean is not None:
                mine = [p.part for p in found.parts if (p.year, p.dimension) == (x.year, dimension)]
                assert sum(mine) == pytest.approx(x.mean, abs=0.01), (x.year, dimension)


def test_parts_are_the_readings_behind_them(found, record):
    kinds = {i.id: i for i in indicators()}
    for p in found.parts:
        assert kinds[p.indicator].dimension == p.dimension
        assert p.value is None or p.value >= 0
        assert 0 < p.exposure <= 1
        assert set(p.acts) <= record.occurrences.keys()
    assert "2023-08-18-camp-david-summit" in next(
        p.acts for p in found.parts if (p.year, p.indicator) == (2023, "joint_acts")
    )


def test_variants_are_there_for_every_year(found):
    assert {v.variant for v in found.variants} == VARIANTS
    keys = {(v.variant, v.year, v.dimension): v.mean for v in found.variants}
    assert len(keys) == len(found.variants) == len(VARIANTS) * len(found.years) * len(NAMES)
    base = {(x.year, x.dimension): x.mean for d in NAMES for x in found.of(THREE, d)}
    for (variant, year, dimension), mean in keys.items():
        assert (mean is None) == (base[year, dimension] is None), (variant, year)


def test_less_recall_before_means_more_took_place_before(found):
    half = {(v.year, v.dimension): v.mean for v in found.variants if v.variant == "half_recall_before"}
    for d in NAMES:
        shift = {x.year: half[x.year, d] - x.mean for x in found.of(THREE, d) if x.mean is not None}
        assert all(s > 0 for y, s in shift.items() if y < THINNED_BEFORE - 1)
        early = np.mean([s for y, s in shift.items() if y < THINNED_BEFORE])
        late = np.mean([s for y, s in shift.items() if y >= THINNED_BEFORE])
        assert early > 0.1
        assert abs(late) < 0.1


def test_a_producer_that_says_little_of_the_group_moves_it_little(found):
    """No treaty binds the three and no list holds a drill of theirs alone: their levels rest on the record."""
    base = {(x.year, x.dimension): x.mean for d in NAMES for x in found.of(THREE, d)}
    for producer in ("without_atop", "without_mme"):
        moved = [abs(v.mean - base[v.year, v.dimension]) for v in found.variants if v.variant == producer and v.mean]
        assert 0 < max(moved) < 0.2


# ---- domains ----


@pytest.fixture(scope="module")
def domains(record):
    return dimensions_by_domain(record, THREE, LATE)


def test_a_domain_has_levels_from_thirty_acts_on(domains, record):
    counted = {d: len(record.select(Selection(exactly=THREE.members, direction="cooperative", domain=d)))
               for d in code_table().codes("domain")}  # fmt: skip
    assert dict(domains.acts) == counted
    assert {x.domain for x in domains.levels} == {d for d, n in counted.items() if n >= LEAST_ACTS}
    assert 1 < len({x.domain for x in domains.levels}) < len(counted)
    for x in domains.levels:
        assert (x.mean is None) == (x.indicators < LEAST_INDICATORS) == bool(x.reason)
        assert x.low is None  # a point has no interval


def test_a_group_with_no_such_domain_is_refused_with_the_counts(record):
    with pytest.raises(NoEvidence, match=r"30 cooperative acts \(security 16"):
        dimensions_by_domain(record, Group.parse("AUS GBR USA"), LATE)
    with pytest.raises(NoEvidence, match="1990"):
        dimensions_by_domain(record, THREE, date(1980, 1, 1))


def test_a_domain_does_not_see_the_acts_of_another(domains):
    """Without the economic acts security and diplomacy stay as they are: the unit of a panel is a domain."""
    tables = copy.deepcopy(shipped_tables())
    few = {r["id"] for r in tables["occurrences"] if r["participants"] == MEMBERS and r["domain"] == "values"}
    assert few
    for row in tables["occurrences"]:
        if row["id"] in few:
            row["direction"] = "neutral"
    again = dimensions_by_domain(Record.build(tables, LATE), THREE, LATE)
    assert again.acts["values"] == 0
    assert [x for x in again.levels if x.dimension == "institutionalisation"] == [
        x for x in domains.levels if x.dimension == "institutionalisation"
    ]


def test_what_everybody_knows_of_the_three(found):
    """Bodies multiplied after Camp David; there was hardly anything before 1994."""
    level = {x.year: x.mean for x in found.of(THREE, "institutionalisation")}
    assert level[2023] > level[2016] > level[2005] > level[1992]
    assert max(level, key=lambda y: level[y] or -9) in (2023, 2024, 2025)


def test_the_rivals_without_the_model_agree_on_order(found):
    for d in NAMES:
        rows = [x for x in found.levels if x.dimension == d and x.mean is not None]
        for rival in ("equal_weight", "principal"):
            both = [(x.mean, getattr(x, rival)) for x in rows if getattr(x, rival) is not None]
            assert np.corrcoef(np.transpose(both))[0, 1] > 0.75, (d, rival)


def test_the_order_of_rows_and_a_second_run_change_no_byte(record, found):
    tables = copy.deepcopy(shipped_tables())
    for rows in tables.values():
        random.Random(2).shuffle(rows)
    again = dimensions(Record.build(tables, LATE), THREE, LATE, variants=False)
    assert again.levels == found.levels
    assert pickle.dumps([p.part for p in again.parts]) == pickle.dumps([p.part for p in found.parts])
    assert again.draws.tobytes() == found.draws.tobytes()
    assert again.variants == ()


def test_all_groups_of_the_panel_are_on_one_scale(record, found):
    other = dimensions(record, Group.parse("CHN JPN KOR"), LATE, variants=False)
    assert other.levels == found.levels
    assert {p.indicator for p in other.parts} == {p.indicator for p in found.parts}
    assert other.parts != found.parts


def test_an_earlier_day_ends_earlier_and_ignores_what_became_known_later():
    early = dimensions(load(date(2015, 12, 31)), THREE, date(2015, 12, 31), variants=False)
    assert early.years == tuple(range(FIRST_YEAR, 2016))
    assert max(x.year for x in early.levels) == 2015


def test_a_year_that_is_not_over_has_no_number(record):
    day = date(2025, 6, 30)
    part = dimensions(load(day), THREE, day, variants=False)
    last = [x for x in part.levels if x.year == 2025]
    assert last
    assert all(x.mean is None and x.indicators == 0 for x in last)


def test_windows_of_years(found):
    assert found.mean_over("institutionalisation", 1980, 1983).size == 0  # not in the panel
    assert found.mean_over("institutionalisation", 1994, 1997).size in (0, len(found.draws))
    gap = [x.year for x in found.of(THREE, "functionalisation") if x.mean is None]
    if gap and len(found.draws):
        assert found.mean_over("functionalisation", gap[0], gap[0] + 1).size == 0


# ---- small worlds ----------------------------------------------------------------------------------------------------


def looked(world, **fields):
    world.mechanism("m", created="2010-01-01", **fields)
    for year in range(2010, 2020):
        world.session("m", f"s{year}", f"{year}-06-01")
    return world.add("sweeps", id="w", mechanism="m", start="2010", end="2018", place="p", language="en", query="q",
                     on="2021-01-01")  # fmt: skip


def test_years_after_the_last_search_have_no_number(world):
    levels = dimensions(looked(world).record("2020-12-31"), THREE, date(2020, 12, 31), variants=False)
    seen = {x.year: x.mean is not None for x in levels.of(THREE, "institutionalisation")}
    assert [y for y, number in seen.items() if not number] == [2019, 2020]
    late = [x for x in levels.of(THREE, "institutionalisation") if x.year > 2018]
    assert {x.indicators for x in late} == {0}
    others = [x for x in levels.levels if x.group != THREE.key]
    assert {x.mean for x in others} == {None}  # nothing is on record of them


def test_a_group_without_indicators_is_refused_with_the_groups_that_have_them(world):
    with pytest.raises(NoEvidence, match="JPN-KOR-USA"):
        dimensions(looked(world).record("2020-12-31"), Group.parse("FRA BRA"), date(2020, 12, 31))
    with pytest.raises(NoEvidence, match="3 indicators"):
        dimensions(type(world)().record("2020-12-31"), THREE, date(2020, 12, 31))


def test_a_name_is_only_a_name(new_world):
    """The same acts of another group of the panel give the same levels."""
    one, two = looked(new_world()), looked(new_world(), members="AUS;JPN;USA")
    for row in two.tables["occurrences"]:
        row["participants"] = "AUS;JPN;USA"
    day = date(2020, 12, 31)
    a = dimensions(one.record("2020-12-31"), THREE, day, variants=False)
    b = dimensions(two.record("2020-12-31"), Group.parse("AUS JPN USA"), day, variants=False)
    for d in NAMES:
        first = [x.mean for x in a.of(a.group, d)]
        second = [x.mean for x in b.of(b.group, d)]
        assert [m is None for m in first] == [m is None for m in second]
        assert [m for m in first if m is not None] == pytest.approx([m for m in second if m is not None], abs=1e-6)


def test_a_year_with_more_of_everything_is_higher(new_world):
    world = looked(new_world())
    for n in range(6):
        world.act(f"x{n}", f"2015-0{n + 1}-01", MEMBERS, level=["leader", "working", "nsa"][n % 3],
                  domain=["security", "values", "economy_technology"][n % 3], venue="stand_alone")  # fmt: skip
    levels = dimensions(world.record("2018-12-31"), THREE, date(2018, 12, 31), variants=False)
    for d in NAMES:
        flat = {x.year: x.equal_weight for x in levels.of(THREE, d) if x.equal_weight is not None}
        smooth = {x.year: x.mean for x in levels.of(THREE, d) if x.mean is not None}
        assert max(flat, key=flat.get) == 2015
        assert smooth[2015] > smooth[2012]

"""The shelf without raw files: values, zeros and gaps, what was known when, and what is refused."""

from datetime import date

import pytest

from minilateral import origins
from minilateral.errors import BadCode, BadGroup, NoEvidence, UnknownActor
from minilateral.terms import Group


def of(name, members, year):
    return [r for r in origins.series(name, members) if r.period.start.year == year]


def test_alliances_of_2018():
    assert [r.value for r in of("atop_defence", "JPN;USA", 2018)] == [1]
    assert [r.value for r in of("atop_defence", "KOR;USA", 2018)] == [1]
    assert [r.value for r in of("atop_defence", "JPN;KOR", 2018)] == [0]
    for kind in ("defence", "offence", "neutrality", "consultation"):
        assert {r.value for r in origins.series(f"atop_{kind}", "JPN;KOR;USA")} <= {0.0, None}, kind
    (amity,) = of("atop_nonaggression", Group.parse("JPN KOR USA"), 2018)
    assert (amity.value, amity.note) == (1, "ATOP 3755")
    assert [r.value for r in of("atop_defence", "PRK;RUS", 1996)] == [1]
    assert [r.value for r in of("atop_defence", "PRK;SUN", 1980)] == [1]  # the Soviet Union stands under Russia
    assert [r.value for r in of("atop_defence", "PRK;RUS", 2018)] == [0]  # ATOP ends before the treaty of 2024


def test_three_states_of_a_reading():
    (before,) = of("atop_defence", "KOR;USA", 1947)
    assert (before.state, before.value, before.n) == ("not_applicable", None, None)
    (zero,) = of("us_president_visits", "USA>JPN", 2024)
    assert (zero.state, zero.value, zero.n) == ("observed", 0, 0)
    assert of("us_president_visits", "USA>JPN", 2025) == []  # incomplete and nothing seen: no zero
    (part,) = of("us_secretary_visits", "USA>JPN", 2025)
    assert part.state == "incomplete"
    assert of("us_troops", "USA>KOR", 2003) == []  # no report


def test_votes_and_attention():
    assert of("un_agreement", "JPN;KOR", 2005)[0].value == pytest.approx(0.8649, abs=5e-5)
    assert of("un_agreement_graded", "JPN;KOR", 2005)[0].value == pytest.approx(0.93, abs=0.005)
    assert of("un_agreement", "JPN;KOR", 2024)[0].state == "incomplete"
    months = origins.series("gdelt_co_attention", "JPN;KOR")
    assert len(months) == 74
    assert sum((r.period.days if r.period.start != date(2024, 2, 1) else 23) - r.n for r in months) == 96
    definition = next(i for i in origins.indicators() if i.id == "gdelt_co_attention")
    assert (definition.direction, definition.dimension, definition.primary) == ("neither", "context", False)
    assert "not cooperation" in definition.measures


def test_least_is_not_above_the_mean_nor_unanimity_above_the_least():
    for members in origins.held("un_agreement_min"):
        mean = {r.period: r.value for r in origins.series("un_agreement_mean", members)}
        least = {r.period: r.value for r in origins.series("un_agreement_min", members)}
        assert mean.keys() == least.keys()
        assert all(least[p] <= mean[p] + 1e-3 for p in mean)


def test_exact_is_not_above_containing_nor_a_triad_above_its_pairs():
    def counts(name, members):
        return {r.period: r.value or 0 for r in origins.series(name, members)}

    whole = counts("mme_containing", "JPN;KOR;USA")
    assert sum(whole.values()) == 25
    for pair in ("JPN;KOR", "JPN;USA", "KOR;USA"):
        assert all(counts("mme_containing", pair)[p] >= n for p, n in whole.items())
        assert all(n <= counts("mme_containing", pair)[p] for p, n in counts("mme_exact", pair).items())


def test_as_of_hides_what_was_not_known():
    known = origins.series("un_agreement", "JPN;KOR", as_of=date(2020, 1, 30))
    assert known[-1].period.start.year == 2018
    assert origins.series("un_agreement", "JPN;KOR", as_of=date(2020, 1, 31))[-1].period.start.year == 2019
    everything = origins.series("un_agreement", "JPN;KOR")
    assert known == tuple(r for r in everything if r.known <= date(2020, 1, 30))
    assert origins.series("un_agreement", "JPN;KOR", as_of=date(1900, 1, 1)) == ()


def test_members_in_any_order_and_wording():
    assert origins.series("mme_exact", "USA;JPN") == origins.series("mme_exact", ["Japan", "美国"])
    assert origins.series("us_troops", "USA>South Korea")[0].members == "USA>KOR"


@pytest.mark.parametrize(
    ("name", "members", "error"),
    [
        ("atop_defense", "JPN;USA", BadCode),
        ("sipri", "JPN", BadCode),
        ("atop_defence", "JPN", BadGroup),
        ("atop_defence", "JPN;JPN", BadGroup),
        ("atop_defence", "RUS;SUN", BadGroup),
        ("atop_defence", "JPN>USA", BadGroup),
        ("us_troops", "JPN;USA", BadGroup),
        ("us_troops", "JPN>USA>KOR", BadGroup),
        ("un_agreement_min", "JPN;KOR", BadGroup),
        ("polyarchy", "EU", BadGroup),
        ("polyarchy", "Atlantis", UnknownActor),
        ("polyarchy", "", UnknownActor),
        ("us_troops", "JPN>USA", NoEvidence),
        ("us_president_visits", "USA>NAM", NoEvidence),
        ("mme_exact", "NAM;ZAF", NoEvidence),
        ("atop_defence", "JPN;KOR;PHL", NoEvidence),
        ("gpr_year", "PRK", NoEvidence),
    ],
)
def test_what_does_not_ship_is_an_error_and_no_zero(name, members, error):
    with pytest.raises(error):
        origins.series(name, members)


def test_citations():
    for indicator in origins.indicators():
        origin = origins.cite(indicator.id)
        assert origin.producer
        assert origin.citation
        assert "sha256" in origin.note
    assert "Leeds" in origins.cite("atop_defence").citation


def test_coverage_of_nobody_is_empty():
    assert origins.coverage("mme_exact", "NAM;ZAF") == ()
    assert [c.basis for c in origins.coverage("dca_signed", "JPN;KOR")] == ["census"]
    assert [c.start.year for c in origins.coverage("prc_vessels_senkaku_diaoyu", "CHN>JPN")] == [2012, 2016]

"""Each data set is read as it is: facts worked by hand from the raw files, skipped where they are not at hand."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from minilateral.origins import (
    atop,
    csis,
    dcad,
    dmdc,
    epu,
    fbic,
    gdelt,
    gpr,
    mme,
    pew,
    senkaku,
    taiwan_mnd,
    unga,
    us_travels,
    us_visits,
)
from minilateral.origins import democracy as vdem

RAW = Path(__file__).parents[3] / "shared" / "data"


def raw(module):
    path = RAW / module.LOCATION
    if not path.exists():
        pytest.skip(f"{module.LOCATION} is not beside this checkout")
    return path


def values(rows, indicator, members):
    return {r.start.year: r.value for r in rows if (r.indicator, r.members) == (indicator, members)}


def test_travels_of_2019():
    stays = us_travels.read(raw(us_travels))
    assert len(stays) == 4271
    assert sum(s.office == "president" for s in stays) == 832
    rows = us_travels.describe(stays, ["JPN", "KOR", "PRK"])
    # Tokyo 25-28 May, Osaka 28-30 June; Seoul 30 June. The steps across the line at Panmunjom are not in the list
    assert values(rows, "us_president_visits", "USA>JPN")[2019] == 2
    assert values(rows, "us_president_days", "USA>JPN")[2019] == 7
    assert values(rows, "us_president_days", "USA>KOR")[2019] == 1
    assert values(rows, "us_president_visits", "USA>PRK") == {}
    assert values(rows, "us_secretary_visits", "USA>PRK") == {2000: 1, 2018: 3}
    assert {r.state for r in rows if r.start.year == 2025} == {"incomplete"}


def test_visits_of_2023():
    rows = us_visits.describe(us_visits.read(raw(us_visits)), ["KOR"])
    assert values(rows, "leader_visits_us", "KOR>USA")[2023] == 3  # April, Camp David, APEC (once as "Korea")
    assert {r.state for r in rows if r.start.year == 2024} == {"incomplete"}


def test_troops():
    reports = dmdc.read(raw(dmdc))
    assert len(reports) == 15482
    rows = dmdc.describe(reports, ["CHN", "JPN", "KOR", "RUS"])
    korea, japan = values(rows, "us_troops", "USA>KOR"), values(rows, "us_troops", "USA>JPN")
    assert (korea[1957], korea[2018]) == (71043, 25813)
    assert {1951, 1952, 2003, 2004}.isdisjoint(korea)  # no report is no zero
    assert {1964, 1966, 1972}.isdisjoint(japan)  # the source has the Ryukyus only
    notes = {r.start.year: r.note for r in rows if r.members == "USA>JPN"}
    assert (notes[2016], notes[2017], notes[2018]) == ("uneven in the source", "uneven in the source", "")
    assert notes[1973] == "without Okinawa"
    assert min(values(rows, "us_troops", "USA>CHN")) == 1979  # Indo-China of 1954 is coded as China
    assert values(rows, "us_troops", "USA>RUS")[1993] == 70  # two equal rows, not 140


def test_obligations():
    held = atop.read(raw(atop))
    assert len(held) == 2510
    both = atop.in_force(held, ("JPN", "USA"), "defence")
    assert both[2018] == {"3375": frozenset({"USA"})}  # Japan owes no defence of the United States
    assert set(both[1955]) == {"3220"}
    assert atop.in_force(held, ("KOR", "USA"), "defence")[2018] == {"3240": frozenset({"KOR", "USA"})}
    assert atop.in_force(held, ("JPN", "KOR"), "defence") == {}
    assert atop.in_force(held, ("JPN", "KOR", "USA"), "defence") == {}
    assert atop.in_force(held, ("JPN", "KOR", "USA"), "consultation") == {}
    # the Treaty of Amity and Cooperation contains all three since the United States joined it
    amity = atop.in_force(held, ("JPN", "KOR", "USA"), "nonaggression")
    assert (min(amity), set(amity[2018])) == (2009, {"3755"})
    moscow = atop.in_force(held, ("PRK", "RUS"), "defence")
    assert (min(moscow), max(moscow)) == (1961, 1996)
    assert min(atop.in_force(held, ("PRK", "RUS"), "consultation")) == 2000
    anzus = atop.in_force(held, ("AUS", "NZL", "USA"), "defence")
    assert (anzus[1986].keys(), 1987 in anzus) == ({"3215"}, False)


def test_exercises_against_the_pairs_that_were_counted_before():
    path = raw(mme)
    rows = mme.describe(mme.read(path), [("JPN", "USA"), ("KOR", "USA"), ("JPN", "KOR"), ("JPN", "KOR", "USA")])
    name = {"2": "USA", "732": "KOR", "740": "JPN"}
    with (path.parent / "mme_dyad_year.csv").open(encoding="utf-8") as stream:
        counted = list(csv.DictReader(stream))
    assert len(counted) == 93
    for line in counted:
        pair = ";".join(sorted((name[line["a"]], name[line["b"]])))
        found = values(rows, "mme_containing", pair).get(int(float(line["year"])), 0)
        assert found == int(line["n_exercises"]), line
    assert values(rows, "mme_exact", "JPN;KOR;USA") == {}
    assert values(rows, "mme_exact", "JPN;KOR") == {1999: 1, 2002: 1, 2005: 1, 2009: 1}
    # Korea and Japan met in 7 exercises of 2010, each time with the United States
    assert values(rows, "mme_containing", "JPN;KOR;USA")[2010] == 7


def test_exercise_with_an_unknown_participant_is_nobodys_own():
    sets = mme.participants(mme.read(raw(mme)))
    unknown = [who for who in sets.values() if any(p.startswith("?") for p in who)]
    assert len(unknown) == 269
    assert len(sets) == 3711  # 3,704 numbers, seven of which stand in two years


def test_agreement_and_the_other_rule():
    import pyarrow.parquet as pq

    calls, flags = unga.read(raw(unga)), unga.read_paragraphs(RAW / unga.FLAGS)
    assert len(calls) == 6551
    assert len({(c.rcid, c.day) for c in calls}) == 6551
    assert len({c.rcid for c in calls}) == 6547  # four numbers were used again in 2023
    table = pq.read_table(RAW / unga.FLAGS, columns=["rcid", "date", "session"]).to_pylist()
    session = {(str(r["rcid"]), date.fromisoformat(str(r["date"]))): r["session"] for r in table}
    sixty = [c for c in calls if session.get((c.rcid, c.day)) == 60 and not flags.get((c.rcid, c.day))]
    equal, n = unga.agreement(sixty, "JPN", "KOR")
    graded, _ = unga.agreement(sixty, "JPN", "KOR", graded=True)
    assert n == 75
    assert (round(equal, 3), round(graded, 3)) == (0.867, 0.933)  # 0.933 of golden_numbers is the graded rule
    rows = unga.describe(calls, flags, [("JPN", "KOR")], [("JPN", "KOR", "USA")], [("JPN", "KOR")])
    assert round(values(rows, "un_agreement", "JPN;KOR")[2005], 4) == 0.8649
    assert round(values(rows, "un_agreement_graded", "JPN;KOR")[2005], 4) == 0.9324
    assert min(values(rows, "un_agreement", "JPN;KOR")) == 1991
    last = [r for r in rows if r.start.year == 2024]
    assert {r.state for r in last} == {"incomplete"}
    assert {r.n for r in last if r.indicator == "un_agreement"} == {6}


def test_paragraph_votes_leave():
    path = raw(unga)
    flags = unga.read_paragraphs(RAW / unga.FLAGS)
    per_year = Counter(day.year for (_, day), flagged in flags.items() if flagged)
    assert per_year[2016] + per_year[2017] == 73  # 63 paragraphs and 10 amendments
    assert sum(per_year.values()) == 1145
    years = {day.year for _, day in flags}
    assert years & set(range(1980, 2025)) == {*range(1980, 1985), *range(1997, 2014), 2016, 2017}
    rows = unga.describe(unga.read(path), flags, [("CHN", "RUS")], [])
    assert {r.start.year for r in rows if "unflagged" in r.note} == set(range(1971, 2025)) - years


def test_provocations():
    entries = csis.read(raw(csis))
    assert len(entries) == 493
    rows = csis.describe(entries)
    assert values(rows, "dprk_provocations_all_year", "PRK")[2022] == 51
    assert sum(values(rows, "dprk_provocations_nuclear_year", "PRK").values()) == 6
    for y in range(1958, 2027):
        parts = [values(rows, f"dprk_provocations_{t}_year", "PRK").get(y, 0) for t in ("missile", "nuclear", "other")]
        assert sum(parts) == values(rows, "dprk_provocations_all_year", "PRK").get(y, 0)


def test_aircraft_and_vessels():
    rows = taiwan_mnd.describe(taiwan_mnd.read(raw(taiwan_mnd)))
    by = {r.start.isoformat()[:7]: r for r in rows}
    assert (by["2021-10"].value, by["2021-10"].n) == (197, 20)
    assert min(by) == "2020-09"
    assert (by["2026-08"].state, by["2026-08"].n) == ("incomplete", 21)
    assert by["2022-08"].note == "level break"
    vessels = {r.start.isoformat()[:7]: r for r in senkaku.describe(senkaku.read(raw(senkaku)))}
    assert (vessels["2012-10"].value, vessels["2012-10"].n) == (19, 31)
    assert "2016-08" not in vessels  # the table lacks the month: no zero
    assert vessels["2018-12"].value == 0  # a zero that was observed
    assert vessels["2026-10"].state == "incomplete"


def test_risk_and_uncertainty():
    xlrd = pytest.importorskip("xlrd", reason="xlrd is not installed (extra: starter)")
    sheet = xlrd.open_workbook(raw(gpr)).sheet_by_index(0)
    shares = gpr.read([sheet.row_values(k) for k in range(sheet.nrows)])
    assert min(s.month for s in shares) == date(1985, 1, 1)
    assert max(s.month for s in shares) == date(2026, 7, 1)
    rows = gpr.describe(shares, ["KOR", "PRK"], [])
    assert {r.members for r in rows} == {"KOR"}  # there is no index for the DPRK
    assert {r.start.year for r in rows if r.state == "incomplete"} == {2026}


def test_uncertainty():
    indices = epu.read(raw(epu))
    assert max(i.month for i in indices) == date(2025, 9, 1)
    assert min(i.value for i in indices if i.state == "CHN") > 0
    rows = epu.describe(indices)
    assert [r.note for r in rows if r.members == "KOR" and r.start.year == 2025] == ["9 of 12 months"]


def test_opinion_without_the_wrong_rows():
    views = pew.read(raw(pew))
    wrong = [v for v in views if (v.respondent, v.target, v.year) == ("JPN", "CHN", 2013)]
    assert wrong[0].favourable == 73.5  # 14.5 the year before, 6.6 the year after
    rows = pew.describe(views, ["CHN", "JPN", "KOR", "USA"])
    china = values(rows, "pew_favourable", "JPN>CHN")
    assert (china[2012], china[2014], 2013 in china) == (14.5, 6.6, False)
    assert values(rows, "pew_favourable", "JPN>USA")[2013] == 69.0


def test_democracy():
    rdata = pytest.importorskip("rdata", reason="rdata is not installed (extra: starter)")
    with pytest.warns(UserWarning, match="R class"):
        table = rdata.read_rda(raw(vdem))["cw_democracy"]
    rows = vdem.describe(vdem.read({c: list(table[c]) for c in table}), ["DEU", "KOR", "USA"])
    assert [r.value for r in rows if r.members == "KOR" and r.start.year == 2025] == [0.819]
    assert min(r.start.year for r in rows if r.members == "DEU") >= 1949  # not occupied Germany


def test_defence_agreements():
    agreements = dcad.read(raw(dcad))
    assert len(agreements) == 1871
    rows = dcad.describe(agreements, ["JPN", "KOR", "USA"])
    assert values(rows, "dca_signed", "JPN;KOR") == {1992: 1, 1995: 1}
    assert sum(values(rows, "dca_signed", "KOR;USA").values()) == 4
    assert values(rows, "dca_general_signed", "KOR;USA") == {1988: 1}


def test_influence():
    capacities = fbic.read(raw(fbic))
    assert len(capacities) == 18 * 17 * 25
    rows = fbic.describe(capacities, [("JPN", "KOR")])
    assert round(values(rows, "fbic_bandwidth", "JPN>KOR")[2005], 4) == 0.2194
    assert len(rows) == 2 * 2 * 25


def test_attention_is_not_cooperation():
    network = gdelt.read(raw(gdelt), [("JPN", "KOR")])
    assert len(network.covered) == 2149
    assert (gdelt.AFTER - gdelt.FIRST).days - len(network.covered) == 96
    day = {d: score for d, _, _, score in network.scores}
    assert 712 < day[date(2019, 8, 23)] < 714  # the day after Seoul announced the end of GSOMIA
    rows = gdelt.describe(network)
    mean = {
        y: sum(r.value * r.n for r in rows if r.start.year == y) / sum(r.n for r in rows if r.start.year == y)
        for y in (2019, 2021)
    }
    assert round(mean[2019]) == 138
    assert mean[2019] > 1.9 * mean[2021]  # the year of the rupture stands above
    spring = [r for r in rows if r.start.year == 2023 and 3 <= r.start.month <= 6]
    assert [r.n for r in spring] == [18, 17, 15, 17]
    assert {r.state for r in spring} == {"incomplete"}

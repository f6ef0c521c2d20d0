"""Small files made by hand: what the rules say where the raw files are not at hand, and what is refused."""

from datetime import date

import pytest

from minilateral.errors import BadInput
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
from minilateral.origins.tidy import Row, number, run_lengths, year


def csv_file(folder, *lines):
    path = folder / "raw.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


TRAVELS = "role,who,id,name,start,end,country_id,country,locale,remarks"


def test_a_stay_over_new_year_is_one_visit_and_days_of_two_years(tmp_path):
    path = csv_file(
        tmp_path,
        TRAVELS,
        "president,x,1,X,1999-12-30,2000-01-02,japan,Japan,Tokyo,",
        "president,x,2,X,2000-01-02,2000-01-03,japan,Japan,Kyoto,",  # same day again: one stay, the day once
        "secretary,y,3,Y,2000-01-02,2000-01-02,japan,Japan,Tokyo,",
        "president,x,4,X,2000-05-01,2000-05-01,antarctica,Antarctica,,",
    )
    found = {(r.indicator, r.start.year): r.value for r in us_travels.describe(us_travels.read(path), ["JPN"])}
    assert found == {
        ("us_president_visits", 1999): 1,
        ("us_president_days", 1999): 2,
        ("us_president_days", 2000): 3,
        ("us_secretary_visits", 2000): 1,
        ("us_secretary_days", 2000): 1,
    }


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("president,x,1,X,2000-02-30,2000-03-01,japan,Japan,,", "is not a day"),
        ("president,x,1,X,2000-03-02,2000-03-01,japan,Japan,,", "ends before it starts"),
        ("king,x,1,X,2000-03-02,2000-03-02,japan,Japan,,", "is not president or secretary"),
        ("president,x,1,X,2000-03-02,2000-03-02,atlantis,Atlantis,,", "is no country"),
        ("president,x,1", "another number of fields"),
    ],
)
def test_bad_travels_are_refused(tmp_path, line, says):
    with pytest.raises(BadInput, match=says):
        us_travels.read(csv_file(tmp_path, TRAVELS, line))


def test_one_visitor_and_day_is_one_visit(tmp_path):
    head = "id,start,end,visitor,from_id,country,description"
    one = "2023-08-18,2023-08-18,President Y,korea-south,South Korea,Summit"
    rows = us_visits.describe(us_visits.read(csv_file(tmp_path, head, f"1,{one}", f"2,{one}")), ["KOR"])
    assert [(r.members, r.value) for r in rows] == [("KOR>USA", 1)]


ATOP = "atopid,member,yrent,moent,dayent,yrexit,moexit,dayexit,ineffect,defense,offense,neutral,nonagg,consul"


def test_members_that_never_met_in_a_treaty_have_none(tmp_path):
    """Korea leaves in May, Japan joins in July: in no year, though both are in it within one."""
    path = csv_file(
        tmp_path,
        ATOP,
        "1,2,1980,1,1,0,0,0,1,1,0,0,0,0",
        "1,732,1980,1,1,1990,5,31,0,1,0,0,0,0",
        "1,740,1990,7,1,0,0,0,1,0,0,0,0,1",
    )
    held = atop.read(path)
    assert atop.in_force(held, ("JPN", "KOR", "USA"), "defence") == {}
    assert max(atop.in_force(held, ("KOR", "USA"), "defence")) == 1990
    rows = atop.describe(held, [("JPN", "USA")])
    assert [(r.indicator, r.start.year, r.end.year, r.note) for r in rows] == [
        ("atop_consultation", 1990, 2019, "ATOP 1; owed by JPN"),
        ("atop_defence", 1990, 2019, "ATOP 1; owed by USA"),
    ]


def test_pairs_do_not_make_a_triad(tmp_path):
    lines = [
        f"{n},{m},1960,1,1,0,0,0,1,1,0,0,0,0"
        for n, pair in ((1, (2, 732)), (2, (2, 740)), (3, (732, 740)))
        for m in pair
    ]
    held = atop.read(csv_file(tmp_path, ATOP, *lines))
    assert all(atop.in_force(held, p, "defence") for p in (("JPN", "KOR"), ("JPN", "USA"), ("KOR", "USA")))
    assert atop.in_force(held, ("JPN", "KOR", "USA"), "defence") == {}


@pytest.mark.parametrize("line", ["1,2,1980,13,1,0,0,0,1,1,0,0,0,0", "1,2,1980,1,1,1970,1,1,0,1,0,0,0,0",
                                  "1,2,1980,1,1,0,0,0,1,2,0,0,0,0", "1,2,1980,1,1,0,0,0,1,NA,0,0,0,0"])  # fmt: skip
def test_bad_treaties_are_refused(tmp_path, line):
    with pytest.raises(BadInput):
        atop.read(csv_file(tmp_path, ATOP, line))


def test_exact_and_containing_exercises(tmp_path):
    path = csv_file(
        tmp_path,
        "MMEID,gwcode,country,year",
        "a,732,South Korea,2005", "a,740,Japan,2005", "a,740,Japan,2005",
        "b,732,South Korea,2005", "b,740,Japan,2005", "b,2,United States,2005",
        "c,732,South Korea,2005", "c,740,Japan,2005", "c,NA,-9,2005",
    )  # fmt: skip
    rows = mme.describe(mme.read(path), [("JPN", "KOR"), ("JPN", "KOR", "USA")])
    assert {(r.indicator, r.members): r.value for r in rows} == {
        ("mme_exact", "JPN;KOR"): 1,  # c has somebody unknown in it
        ("mme_containing", "JPN;KOR"): 3,
        ("mme_exact", "JPN;KOR;USA"): 1,
        ("mme_containing", "JPN;KOR;USA"): 1,
    }
    with pytest.raises(BadInput, match="1980-2010"):
        mme.read(csv_file(tmp_path, "MMEID,gwcode,country,year", "a,2,United States,2011"))


def test_absent_is_no_vote_and_numbers_are_used_again(tmp_path):
    head = "rcid,date,me,nu,di,hr,co,ec,JPN,KOR,USA"
    no = "FALSE," * 6
    path = csv_file(
        tmp_path, head, f"411,1995-12-03,{no}1,1,1", f"411,2023-12-04,{no}1,1,3", f"412,2023-12-04,{no}1,8,3",
        f"413,2023-12-05,{no}2,1,2", f"414,2023-12-06,{no}3,1,9",
    )  # fmt: skip
    calls = unga.read(path)
    assert unga.agreement(calls, "JPN", "KOR") == (0.5, 4)
    assert unga.agreement(calls, "JPN", "KOR", graded=True) == (0.625, 4)
    three = unga.describe(calls, {("414", date(2023, 12, 6)): True}, [], [("JPN", "KOR", "USA")])
    of_2023 = {r.indicator: (r.value, r.n) for r in three if r.start.year == 2023}
    assert of_2023["un_all_alike"] == (0.0, 2)
    assert of_2023["un_agreement_min"] == (0.0, 3)
    assert of_2023["un_agreement_mean"][0] == pytest.approx((0.5 + 1 / 3 + 0) / 3)
    for bad in (f"1,2023-12-04,{no}7,1,1", f"1,2023-13-04,{no}1,1,1"):
        with pytest.raises(BadInput):
            unga.read(csv_file(tmp_path, head, bad))
    with pytest.raises(BadInput, match="stands twice"):
        unga.read(csv_file(tmp_path, head, f"1,2023-12-04,{no}1,1,1", f"1,2023-12-04,{no}1,1,1"))


def test_days_without_a_number_are_no_zeros(tmp_path):
    head = "date,pla_aircraft_sorties"
    rows = taiwan_mnd.describe(
        taiwan_mnd.read(csv_file(tmp_path, head, "2020/08/31,9", "2020/09/01,3", "2020/09/02,", "2020/09/30,2"))
    )
    assert [(r.start, r.value, r.n, r.state) for r in rows] == [(date(2020, 9, 1), 5, 2, "observed")]
    head = "date,vessels_territorial_sea"
    rows = senkaku.describe(senkaku.read(csv_file(tmp_path, head, "2020-02-01,2", "2020-02-02,0")))
    assert [(r.value, r.n, r.state, r.note) for r in rows] == [(2, 2, "incomplete", "2 of 29 days")]
    for module, line in ((senkaku, "2020-02-01,-2"), (senkaku, "2020-02-01,x")):
        with pytest.raises(BadInput):
            module.read(csv_file(tmp_path, head, line))


def test_missing_days_of_the_network_are_left_out_of_the_mean():
    network = gdelt.Network(frozenset({date(2019, 2, 1), date(2019, 2, 2)}), ((date(2019, 2, 1), "JPN", "KOR", 10.0),))
    (row,) = gdelt.describe(network)
    assert (row.value, row.n, row.state, row.note) == (5.0, 2, "incomplete", "2 of 28 days")


def test_troops_of_one_report_are_never_added_up():
    reports = [
        dmdc.Report("DEU", "Germany", "Germany", 2000, 3, "September", 5),
        dmdc.Report("DEU", "Germany", "Berlin", 2000, 3, "September", 2),
        dmdc.Report("DEU", "Germany", "Germany", 2001, 3, "September", 5),
        dmdc.Report("DEU", "Germany", "Germany", 2001, 2, "June", 9),
        dmdc.Report("DEU", "Germany", "Germany", 1948, 2, "June", 9),
    ]
    assert [(r.start.year, r.value) for r in dmdc.describe(reports, ["DEU"])] == [(2001, 5)]


def test_stock_of_agreements_ends_with_its_estimate(tmp_path):
    head = "ccode1,ccode2,signYear,endYearEstimate,type,categoryConf,DCAid"
    rows = dcad.describe(
        dcad.read(csv_file(tmp_path, head, "732,740,1992,1995,sector,high,a", "740,732,1994,1994,general,low,b")),
        ["JPN", "KOR"],
    )
    stock = [(r.start.year, r.end.year, r.value) for r in rows if r.indicator == "dca_in_force"]
    assert stock == [(1992, 1994, 1), (1994, 1995, 2), (1995, 1996, 1)]
    with pytest.raises(BadInput):
        dcad.read(csv_file(tmp_path, head, "732,740,1992,1991,sector,high,a"))


def test_other_hostile_input(tmp_path):
    nowhere = tmp_path / "nowhere.csv"
    for module in (us_travels, us_visits, dmdc, atop, mme, unga, csis, taiwan_mnd, senkaku, pew, dcad, fbic, epu):
        with pytest.raises(BadInput, match="could not be read"):
            module.read(nowhere)
        with pytest.raises(BadInput):
            module.read(csv_file(tmp_path, "a,b", "1,2"))
    for call in (lambda: gdelt.read(nowhere, []), lambda: unga.read_paragraphs(nowhere)):
        with pytest.raises(BadInput):
            call()
    for cells in (
        [],
        [["month", "GPR"]],
        [["month", "GPRC_JPN"], ["x", 1.0]],
        [["month", "GPRC_JPN"], [31048.0, 101.0]],
    ):
        with pytest.raises(BadInput):
            gpr.read(cells)
    for columns in (
        {},
        {"ccode": [2], "year": [2000], "v2x_polyarchy": [1.5]},
        {"ccode": [2], "year": [], "v2x_polyarchy": []},
    ):
        with pytest.raises(BadInput):
            vdem.read(columns)
    with pytest.raises(BadInput):
        csis.read(csv_file(tmp_path, "date,type,event", "2030-01-01,Missile Provocation,x"))
    with pytest.raises(BadInput):
        pew.read(
            csv_file(tmp_path, "year,respondent,target,n,pct_favorable,pct_unfavorable", "2013,JPN,CHN,700,73.5,90")
        )
    with pytest.raises(BadInput):
        fbic.read(csv_file(tmp_path, "iso3a,iso3b,year,bandwidth,dependence", "JPN,KOR,2005,nan,0.2"))


def test_run_lengths_lose_nothing():
    rows = [Row("x", "JPN;KOR", *year(y), v) for y, v in ((2000, 1), (2001, 1), (2003, 1), (2004, 2))]
    assert [(r.start.year, r.end.year, r.value) for r in run_lengths(rows)] == [
        (2000, 2002, 1),
        (2003, 2004, 1),
        (2004, 2005, 2),
    ]
    assert run_lengths(run_lengths(rows)) == run_lengths(rows)
    assert number(-0.5) == "-0.5"

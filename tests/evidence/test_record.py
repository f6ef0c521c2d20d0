"""The record: two dates, what was known by a day, and references that must lead somewhere."""

from datetime import date

import pytest

from minilateral.errors import BadRecord
from minilateral.evidence import known_on, load
from minilateral.terms import Act, Group, Period, Selection

THREE = ("JPN", "KOR", "USA")


@pytest.mark.parametrize(
    ("happened", "published", "known", "basis"),
    [
        ("2023-08-18", [date(2023, 8, 20), date(2023, 8, 19)], date(2023, 8, 19), "published"),
        ("2023-08-18", [None, None], date(2023, 8, 25), "proxy"),
        ("2023-08-18/2023-08-20", [], date(2023, 8, 27), "proxy"),
        ("2023", [], date(2024, 1, 7), "proxy"),
        ("9999-12-28", [], date(9999, 12, 31), "proxy"),  # the calendar ends before the lag does
        ("2023-08-18", [date(2023, 8, 1)], date(2023, 8, 18), "published"),  # announced: not known before it starts
    ],
)
def test_when_an_occurrence_is_known(happened, published, known, basis):
    assert known_on(Period.parse(happened), published) == (known, basis)


def test_what_tells_of_it_in_retrospect_does_not_date_the_knowledge(world):
    world.act("a", "1965-06-22", "JPN;KOR", published="2019-01-01", role="retrospect")
    world.act("b", "1965-06-22", "JPN;KOR", published="2019-01-01")
    record = world.record()
    assert record.occurrences["a"].known == date(1965, 6, 29)
    assert record.occurrences["b"].known == date(2019, 1, 1)
    assert list(world.record("1990-01-01").occurrences) == ["a"]


def test_all_that_hangs_on_an_act_waits_for_it(world):
    world.mechanism(
        "m",
        created="2020",
        ended="2024-06-01",
        promised_cadence_months="12",
        promise_kind="promise",
        promise_from="2023-08-18",
    )
    world.session("m", "early", "2021-05-01", 1, numbered=True).session("m", "late", "2024-05-01", 2, numbered=True)
    world.source("src-none")
    for i in ("early", "late"):
        world.add("outputs", id=f"o-{i}", occurrence=i, kind="joint_statement", source=f"src-{i}")
        world.add(
            "commitments", id=f"c-{i}", occurrence=i, domain="security", text_en="t", novelty="new", source=f"src-{i}"
        )
    then, now = world.record("2022-01-01"), world.record("2025-01-01")
    for what in ("occurrences", "outputs", "commitments", "sessions", "numbering"):
        assert len(getattr(then, what)) == 1, what
        assert len(getattr(now, what)) == 2, what
    assert set(then.sources) == {"src-early", "src-none"}
    assert then.mechanisms["m"].ended is None
    assert then.mechanisms["m"].promised_cadence_months is None
    assert now.mechanisms["m"].ended == Period.parse("2024-06-01")
    assert now.mechanisms["m"].promised_cadence_months == 12
    assert world.record("2019-12-31").mechanisms == {}


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda w: w.act("a", "2020-01-01", "JPN;KOR", direction="nice"), r"occurrences, row 2: 'nice'.*cooperative"),
        (lambda w: w.act("a", "2020-02-30", "JPN;KOR"), "2020-02-30"),
        (lambda w: w.act("a", "2020-01-01", "JPN;Korea"), "Korea"),
        (lambda w: w.act("a", "2020-01-01", "JPN;SUN"), "was not a member"),
        (lambda w: w.act("a", "2020-01-01", ""), "no participant"),
        (lambda w: w.act("a", "2020-01-01", "JPN;JPN"), "twice"),
        (lambda w: w.add("occurrences", **{**w.tables["occurrences"][0]}), "stands twice"),
        (lambda w: w.source("src-ok"), "stands twice"),
        (lambda w: w.evidence("nowhere", "src-ok"), "'nowhere' is in no row of occurrences"),
        (lambda w: w.evidence("ok", "src-nowhere"), "'src-nowhere' is in no row of sources"),
        (lambda w: w.add("sessions", mechanism="m", occurrence="nowhere"), "in no row of"),
        (lambda w: w.add("sessions", mechanism="nowhere", occurrence="ok"), "sessions, row 1: 'nowhere'.*mechanisms"),
        (lambda w: w.add("outputs", id="o", occurrence="x", kind="plan", source="src-ok"), "outputs, row 1: 'x'"),
        (lambda w: w.add("outputs", id="o", occurrence="ok", kind="plan", source="x"), "outputs, row 1: 'x'.*sources"),
        (
            lambda w: w.add("commitments", id="c", occurrence="x", domain="values", novelty="new", source="src-ok"),
            "commitments, row 1: 'x' is in no row of occurrences",
        ),
        (lambda w: w.mechanism("m").number("m", 3, "2020", "x"), "numbering, row 1: 'x' is in no row of occurrences"),
        (lambda w: w.number("nowhere", 3, "2020"), "numbering, row 1: 'nowhere' is in no row of mechanisms"),
        (lambda w: w.add("milestones", mechanism="nowhere", occurrence="ok"), "milestones, row 1: 'nowhere'"),
        (lambda w: w.mechanism("m").mechanism("m", members="JPN;KOR"), "mechanisms, row 2: m stands twice"),
        (lambda w: w.evidence("ok", "src-ok", from_study="true"), "evidence, row 2: ok - src-ok stands twice"),
        (lambda w: w.act("a", "2020-01-01", "JPN", concerns="JPN-ATL"), "occurrences, row 2: 'ATL'"),
        (lambda w: w.evidence("ok", "src-ok", role="rumour"), "evidence, row 2: 'rumour'"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(world, break_it, says):
    world.act("ok", "2020-01-01", "JPN;KOR")
    break_it(world)
    with pytest.raises(BadRecord, match=says):
        world.record()


def test_selections_find_what_they_say(world):
    world.act("day", "2023-05-05", "JPN;KOR").act("month", "2023-05", "JPN;KOR").act(
        "three", "2023-05-05", "JPN;KOR;USA"
    )
    world.act("study", "2023-06-01", "JPN;KOR", from_study="true").act("alone", "2023-06-01", "JPN", concerns="JPN-KOR")
    record = world.record()
    pair = ("JPN", "KOR")
    assert record.select(Selection(exactly=pair)) == ("month", "day", "study")
    assert record.select(Selection(beyond=pair)) == ("three",)
    assert record.select(Selection(exactly=pair, start=date(2023, 5, 2))) == ("day", "study")
    assert record.select(Selection(exactly=pair, without_study=True)) == ("month", "day")
    assert record.select(Selection(concerning=pair)) == ("alone",)
    assert record.select(Selection(acting="JPN")) == ("alone",)


def test_a_source_seen_twice_once_outside_the_study_counts_without_it(world):
    world.act("a", "2023-05-05", "JPN;KOR", from_study="true").source("other").evidence("a", "other")
    assert world.record().select(Selection(exactly=("JPN", "KOR"), without_study=True)) == ("a",)


# ---------------------------------------------------------------------------------------------------- what ships


@pytest.fixture(scope="module")
def shipped():
    return load()


def test_camp_david_is_one_occasion_with_its_outputs(shipped):
    day = [
        o for o in shipped.occurrences.values()
        if o.happened == Period.parse("2023-08-18") and len(o.participants) == 3 and o.level == "leader"
    ]  # fmt: skip
    assert [o.id for o in day] == ["2023-08-18-camp-david-summit"]
    outputs = {o.kind: o for o in shipped.outputs if o.occurrence == day[0].id}
    assert {"joint_statement", "declaration", "body_created"} <= set(outputs)
    assert outputs["joint_statement"].title_zh == "戴维营精神"
    assert sum(c.occurrence == day[0].id for c in shipped.commitments) >= 8


def test_one_participant_is_an_occurrence_and_two_an_act(shipped):
    for item in shipped.occurrences.values():
        assert isinstance(item, Act) == (len(item.participants) >= 2)
    assert sum(not isinstance(o, Act) for o in shipped.occurrences.values()) > 80


@pytest.mark.parametrize(
    "identifier",
    [
        "2000-06-29-tcog-honolulu",
        "2010-10-28-trilateral-policy-planning-26-washington",
    ],
)
def test_announcements_are_not_meetings(shipped, identifier):
    item = shipped.occurrences[identifier]
    assert item.status == "announced"
    assert identifier not in shipped.select(Selection(exactly=item.participants))


def test_six_party_talks_stand_apart(shipped):
    talks = shipped.select(Selection(mechanism="six-party-talks"))
    assert talks
    assert set(talks) <= set(shipped.select(Selection(beyond=THREE)))
    assert not set(talks) & set(shipped.select(Selection(exactly=THREE)))


def test_the_soviet_union_is_named_so_and_counts_for_russia(shipped):
    treaty = shipped.occurrences["1961-07-06-soviet-dprk-mutual-assistance-treaty"]
    assert treaty.participants == ("PRK", "SUN")
    assert treaty.id in shipped.select(Selection(exactly=Group.parse("PRK RUS").members))


def test_rows_of_mechanisms_forget_what_came_later(world):
    world.mechanism("m", created="2020", ended="2024-06-01", promised_cadence_months="12", promise_kind="promise",
                    promise_from="2023-08-18", note="lapsed in 2024")  # fmt: skip
    world.act("a", "2021-01-01", "JPN;KOR")
    (then,) = world.record("2022-01-01").rows["mechanisms"]
    assert [then[c] for c in ("ended", "promised_cadence_months", "promise_from", "note")] == ["", "", "", ""]
    (now,) = world.record().rows["mechanisms"]
    assert now["ended"] == "2024-06-01"

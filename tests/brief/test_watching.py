"""The Monday page: what is new and what moved on a small world, nothing new as a result, one sheet, no traps."""

import re
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from minilateral.brief.watching import (
    LIMITS,
    SHEET_LINES,
    NewAct,
    Upcoming,
    Watch,
    Words,
    lines_needed,
    watch,
    watch_page,
    watch_text,
)
from minilateral.errors import BadInput, BadPeriod
from minilateral.terms import Group, Period, code_table

SINCE, AS_OF = date(2024, 6, 3), date(2024, 7, 1)
GROUP = Group.parse("USA JPN KOR")
THREE = "JPN;KOR;USA"


def told(world, group=GROUP, since=SINCE, as_of=AS_OF, **more):
    records = (world.record(day.isoformat()) for day in (since, as_of))
    return watch(*records, group, since, as_of, **more)


def speak(world, text, occurrence, **verbs):
    """A statement that was seen in full; what is not named is absent."""
    world.add("texts", id=text, occurrence=occurrence, title_en=f"Title of {text}", title_zh="声明",
              source=f"src-{occurrence}", seen="full")  # fmt: skip
    for coder in "AB":
        for target in code_table().codes("target"):
            verb = verbs.get(target, "absent")
            world.add("text_codes", text=text, coder=coder, target=target, verb=verb,
                      manner="" if verb in ("absent", "not_seen") else "named")  # fmt: skip
    return world


def promise(world, i, occurrence, **fields):
    given = {"domain": "security", "text_en": f"do {i}", "text_zh": f"办理{i}", "novelty": "new", "who": THREE,
             "concrete": "true", "source": f"src-{occurrence}", **fields}  # fmt: skip
    return world.add("commitments", id=i, occurrence=occurrence, **given)


@pytest.fixture
def rich(world):
    """Before: two yearly sessions, a statement, two promises. After: a session, a statement, a fate, a pair's act."""
    world.source("src-none")
    world.mechanism("talks", created="2022", promised_cadence_months="12", promise_kind="promise",
                    promise_from="2022-06-01", name_en="Yearly talks", name_zh="年度会谈")  # fmt: skip
    for n, day in enumerate(("2022-06-01", "2023-06-01", "2024-06-10"), start=1):
        world.session("talks", f"{day}-talks", day, n, numbered=True)
    world.add("sweeps", id="s", mechanism="talks", start="2022-01-01", end="2024-06-25", on="2024-06-26",
              language="en", place="here", query="talks", found="3")  # fmt: skip
    speak(world, "old", "2023-06-01-talks", dprk="condemn", china="concern")
    speak(world, "new", "2024-06-10-talks", dprk="condemn", china="oppose", taiwan="concern")
    promise(world, "drill", "2023-06-01-talks", due="2024-12")
    promise(world, "fund", "2023-06-01-talks", due="2024-09-15")
    promise(world, "desk", "2023-06-01-talks", due="2024-05")
    promise(world, "line", "2024-06-10-talks")
    world.add("fulfilments", commitment="drill", occurrence="2024-06-20-drill", date="2024-06-20", part="kept",
              source="src-2024-06-20-drill")  # fmt: skip
    world.add("fulfilments", commitment="desk", date="2024-06-01", part="none_found")
    world.act("2024-06-20-drill", "2024-06-20", THREE, kind="exercise", level="military_unit", domain="security",
              summary_en="They drilled.", summary_zh="三方演习。")  # fmt: skip
    world.source("copy", "2024-06-20", tier="copy", url="https://example.org/copy")
    world.evidence("2024-06-20-drill", "copy")
    world.source("paper", "2024-06-21", tier="newspaper", url="https://example.org/paper", publisher="Paper <b>")
    world.evidence("2024-06-20-drill", "paper")
    world.act("2024-06-21-off", "2024-06-21", THREE, status="cancelled")
    world.act("2024-06-12-pair", "2024-06-12", "JPN;USA")
    world.act("2024-06-13-four", "2024-06-13", "AUS;JPN;KOR;USA")
    world.act("2024-06-14-else", "2024-06-14", "CHN;RUS")
    return world.act("2024-06-15-secret", "2024-06-15", THREE, published="2024-09-01")


def test_new_acts_are_those_that_became_known_newest_first(rich):
    found = told(rich)
    assert [a.id for a in found.acts] == ["2024-06-21-off", "2024-06-20-drill", "2024-06-10-talks"]
    assert (found.pairs, found.wider) == (1, 1)
    assert not found.is_quiet
    text = watch_text(found, "en")
    assert "- 20 June 2024, Japan, South Korea and the United States: They drilled." in text
    assert "21 June 2024, Japan, South Korea and the United States (cancelled or refused):" in text
    assert "1 of some of its members alone, 1 of all of them with others" in text
    assert "三方演习。" in watch_text(found, "zh")


def test_the_best_source_is_shown_with_its_address(rich):
    act = next(a for a in told(rich).acts if a.id.endswith("drill"))
    assert (act.tier, act.url) == ("government", "")  # its tier comes first, even without an address
    rich.source("embassy", "2024-06-22", url="https://example.org/embassy", publisher="An embassy")
    rich.evidence("2024-06-20-drill", "embassy")
    assert "[government, An embassy https://example.org/embassy]" in watch_text(told(rich), "en")


def test_promises_say_what_became_of_them(rich):
    found = {p.id: p for p in told(rich).promises}
    assert (found["drill"].kind, found["drill"].before, found["drill"].after) == ("moved", "not_due", "kept")
    assert found["desk"].kind == "overdue"
    assert (found["line"].kind, found["line"].after) == ("made", "unknown")
    assert "fund" not in found  # due in September, and it did not move
    text = watch_text(told(rich), "en")
    assert "- do drill (promised 1 June 2023): not due yet → kept on 20 June 2024 (due by December 2024)" in text
    assert "- do desk (promised 1 June 2023): overdue (due by May 2024)" in text
    assert "- 办理drill（2023年6月1日承诺）：未到期 → 已履行（2024年6月20日；期限为2024年12月）" in watch_text(
        told(rich), "zh"
    )


def test_an_overdue_session_tells_whether_somebody_searched(world):
    world.mechanism("talks", created="2022", promised_cadence_months="6", promise_kind="promise",
                    promise_from="2022-06-01")  # fmt: skip
    world.session("talks", "2022-06-01-talks", "2022-06-01", 1)
    silent = [p for p in told(world).promises if p.id == "talks"]
    assert [p.kind for p in silent] == ["session_passed"]
    assert "nobody searched; last on record: 1 June 2022" in watch_text(told(world), "en")
    world.add("sweeps", id="s", mechanism="talks", start="2022", end="2024-06-25", on="2024-06-26", language="en",
              place="here", query="talks", found="1")  # fmt: skip
    assert [p.kind for p in told(world).promises if p.id == "talks"] == ["session_overdue"]


def test_wording_is_held_against_the_last_statement_before(rich):
    found = told(rich)
    assert [(w.target, w.change) for w in found.wording] == [("china", "stronger"), ("taiwan", "new")]
    assert (found.statements, found.unknown, found.uncoded) == (1, 0, 0)
    assert [(b.statement, b.same_level) for b in found.bases] == [("old", True)]
    assert "Title of new; China: concern (named) → oppose (named) (stronger, against 1 June 2023)" in watch_text(
        found, "en"
    )
    rich.tables["text_codes"] = [r for r in rich.tables["text_codes"] if r["text"] == "new"]
    assert "no earlier statement was coded" in watch_text(told(rich), "en")
    rich.tables["text_codes"] = []
    assert told(rich).uncoded == 1
    assert "none of them coded" in watch_text(told(rich), "en")


def test_wording_is_held_against_a_statement_of_the_same_level(rich):
    rich.act("2024-03-01-desk", "2024-03-01", THREE, level="working")
    speak(rich, "desk", "2024-03-01-desk", dprk="condemn", china="oppose", taiwan="concern")
    found = told(rich)
    assert [(b.statement, b.level, b.same_level) for b in found.bases] == [("old", "leader", True)]
    assert {w.target for w in found.wording} == {"china", "taiwan"}  # the later one, of officials, says the same
    rich.tables["text_codes"] = [r for r in rich.tables["text_codes"] if r["text"] != "old"]
    found = told(rich)
    assert [(b.statement, b.level, b.same_level) for b in found.bases] == [("desk", "working", False)]
    assert not found.wording
    assert "1 March 2024 (working level, none of the same level being coded)" in watch_text(found, "en")
    assert "2024年3月1日（" in watch_text(found, "zh")


def test_a_promise_to_meet_again_that_was_kept_says_when_the_next_is_due(rich):
    promise(rich, "yearly", "2023-06-01-talks", mechanism="talks", cadence_months="12")
    fate = next(p for p in told(rich).promises if p.id == "yearly")
    assert (fate.after, fate.again) == ("kept", True)
    assert fate.when == Period.parse("2024-06-10") < fate.due
    text = watch_text(told(rich), "en")
    assert "kept on 10 June 2024 (next due by " in text


def test_readings_move_with_the_acts_behind_them(rich):
    found = {(g.block, g.item, g.period): g for g in told(rich).gauges}
    unit = found["levels", "military_unit", ""]
    assert [i for i, _ in unit.added] == ["2024-06-20-drill"]
    assert (unit.why, unit.after.value, unit.before) == ("acts", 1, None)
    target = found["targets", "taiwan", ""]
    assert (target.after.verb, [i for i, _ in target.added]) == ("concern", ["2024-06-10-talks"])
    assert found["momentum", "first_commitment", "2024Q2"].after.value == 1
    assert {i for i, _ in found["promises", "kept", ""].added} == {"2023-06-01-talks", "2024-06-20-drill"}
    leaders = found["levels", "leader", ""]  # a call that was cancelled does not count
    assert (leaders.before.value, leaders.after.value, [i for i, _ in leaders.added]) == (0, 1, ["2024-06-10-talks"])
    text = watch_text(told(rich), "en")
    assert "met at level, military units: no reading → 1; with 20 June 2024" in text


def test_an_act_that_leaves_the_twelve_months_is_named(world):
    world.mechanism("talks", created="2022")
    world.session("talks", "2023-06-10-talks", "2023-06-10", 1)
    world.add("sweeps", id="s", mechanism="talks", start="2022", end="2024-12-31", on="2024-12-31", language="en",
              place="here", query="talks", found="1")  # fmt: skip
    (moved,) = (g for g in told(world).gauges if g.block == "levels")
    assert (moved.before.value, moved.after.value, [i for i, _ in moved.left]) == (1, 0, ["2023-06-10-talks"])
    assert "1 → 0; no longer counted: 10 June 2023" in watch_text(told(world), "en")


def test_standings_that_changed_say_why(world):
    world.mechanism("young", created="2024-06-10", name_en="Young talks", name_zh="新会谈")
    world.mechanism("old", created="2020", ended="2024-06-15", name_en="Old talks", name_zh="旧会谈")
    world.session("young", "2024-06-10-young", "2024-06-10", 1)
    world.session("old", "2023-06-10-old", "2023-06-10", 1)
    found = {s.id: s for s in told(world).standings}
    assert (found["young"].before, found["young"].why) == ("", "new")
    assert (found["old"].after, found["old"].why) == ("lapsed", "ended")
    text = watch_text(told(world), "en")
    assert "Young talks: none → uncertain; new on record" in text
    assert "the record says that it ended" in text
    assert "新见于记录" in watch_text(told(world), "zh")


def test_the_next_tests_have_dates_ahead(rich):
    found = told(rich, within_days=90)
    kinds = {(t.kind, t.id) for t in found.tests}
    assert ("commitment", "fund") in kinds
    assert ("expected", "talks") in kinds
    assert {i for k, i in kinds if k == "claim"}  # claims of this group with a registered day
    assert all(t.by >= AS_OF for t in found.tests if not t.late)
    expected = next(t for t in found.tests if t.kind == "expected")
    assert expected.low <= expected.by <= expected.high
    assert ("commitment", "fund") not in {(t.kind, t.id) for t in told(rich, within_days=30).tests}
    order = [(t.late, t.by) for t in found.tests]
    assert order == sorted(order)
    assert not [t for t in told(rich, group=Group.parse("CHN RUS")).tests if t.kind == "claim"]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (None, "No search on register covers this group"),
        ("2024-05-01", "reach 1 May 2024, before the first of these days: silence since then says nothing"),
        ("2024-06-20", "reach 20 June 2024: of later days"),
        ("2024-08-01", "reach 1 July 2024, the last of these days. Nothing new is a result"),
    ],
)
def test_nothing_new_is_a_result_and_says_how_far_searches_reach(world, end, said):
    world.mechanism("talks", created="2022")
    world.session("talks", "2022-06-01-talks", "2022-06-01", 1)
    if end:
        world.add("sweeps", id="s", mechanism="talks", start="2022-01-01", end=end, on="2024-08-01", language="en",
                  place="here", query="talks", found="1")  # fmt: skip
    found = replace(told(world), gauges=(), standings=())  # the model may read its silence anew
    assert found.is_quiet
    text = watch_text(found, "en")
    assert said in text
    assert "Nothing new: no act, no fate" in text
    assert "No act of exactly Japan, South Korea and the United States became known." in text
    zh = watch_text(found, "zh")
    assert "没有新情况" in zh
    assert ("2024年" in zh.split("\n")[3]) == bool(end)


def test_days_and_records_must_fit(world):
    before, after = (world.record(d.isoformat()) for d in (SINCE, AS_OF))
    with pytest.raises(BadPeriod, match="does not lie before"):
        watch(after, before, GROUP, AS_OF, SINCE)
    with pytest.raises(BadInput, match="is not that of 2024-06-03"):
        watch(after, after, GROUP, SINCE, AS_OF)
    with pytest.raises(BadInput, match="no number of days"):
        watch(before, after, GROUP, SINCE, AS_OF, within_days=-1)
    for write in (watch_text, watch_page):
        with pytest.raises(BadInput, match="no language"):
            write(watch(before, after, GROUP, SINCE, AS_OF), "ja")


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_loads_nothing_and_believes_no_text(rich):
    rich.source("evil", "2024-06-20", tier="government", url="javascript:alert(1)", publisher="<script>x</script>")
    rich.evidence("2024-06-20-drill", "evil")
    text = watch_page(told(rich))
    page = Page(text)
    assert not page.open
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not [a for _, a in page.tags if a.get("href", "http").startswith("javascript")]
    assert not [t for t, a in page.tags if t in ("link", "img", "script", "iframe") or "src" in a]
    assert "url(" not in text
    assert [a["lang"] for t, a in page.tags if t == "section"] == ["en", "zh"]
    assert [a["id"] for t, a in page.tags if t == "input" and "checked" in a] == ["in-en"]
    assert 'id="in-zh" checked' in watch_page(told(rich), "zh")
    assert watch_page(told(rich)) == text


def test_the_longest_page_stays_one_sheet():
    long = Words("word " * 200, "词语" * 200)
    many = Watch(
        GROUP,
        SINCE,
        AS_OF,
        AS_OF,
        acts=tuple(
            NewAct(f"a{n}", Period.parse("2024-06-10"), GROUP.members, "cancelled", long, "government", "P" * 300, "T",
                   "https://example.org/" + "x" * 300)
            for n in range(40)
        ),
        tests=tuple(
            Upcoming("claim", f"C{n}", long, AS_OF + timedelta(days=n), test=long) for n in range(40)
        ),
    )  # fmt: skip
    assert max(lines_needed(many, language) for language in ("en", "zh")) <= SHEET_LINES
    page = watch_page(many)
    assert re.search(r"and 3\d more: minilateral record diff JPN KOR USA --since 2024-06-03 --as-of 2024-07-01", page)
    text = watch_text(many, "en")
    assert f"and {40 - LIMITS['acts']} more" in text
    assert "另有" in watch_text(many, "zh")
    assert max(len(line) for line in text.splitlines()) < 500


def test_both_languages_of_every_word_use_the_same_slots():
    text = files("minilateral.brief").joinpath("watching.toml").read_text(encoding="utf-8")
    for key, word in tomllib.loads(text)["word"].items():
        assert set(word) == {"en", "zh"}, key
        assert len({frozenset(re.findall(r"\{(\w+)\}", w)) for w in word.values()}) == 1, key
        assert not re.search(r"[\u4e00-\u9fff]", word["en"]), key

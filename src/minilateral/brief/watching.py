"""The Monday page of a group: what is new on record since a day, what moved and why, what is tested next."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from markupsafe import Markup

from minilateral.audit import claims
from minilateral.brief.wording import LANGUAGES
from minilateral.errors import BadInput, BadPeriod
from minilateral.evidence import Record, difference, differences, due, fates, texts_of
from minilateral.evidence.texts import Wording
from minilateral.measure.dashboard import BLOCKS, Dashboard, Gauge, dashboard
from minilateral.measure.mechanisms import OWN_RHYTHM, STALE_DAYS, Standing
from minilateral.terms import Commitment, Group, Period, actor_register, code_table
from minilateral.terms.selections import members_of

#: Days ahead within which promises and promised sessions are listed.
WITHIN_DAYS = 90

#: Lines per section at most; fewer where the sheet of A4 would not hold them.
LIMITS: Mapping[str, int] = MappingProxyType(
    {"acts": 6, "promises": 5, "wording": 5, "gauges": 7, "standings": 4, "tests": 7}
)

#: Letters of a free text on the page, by language; what is longer is cut and ends in an ellipsis.
CLIP: Mapping[str, int] = MappingProxyType({"en": 120, "zh": 60})

#: Acts that are named behind one reading.
NAMED = 3

PromiseKind = Literal["moved", "overdue", "session_overdue", "passed", "session_passed", "made"]
StandingWhy = Literal["new", "ended", "called_off", "session", "stale", "rhythm", "silence"]
GaugeWhy = Literal["acts", "standings", "search", "time"]
TestKind = Literal["claim", "commitment", "session", "expected"]


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages.

    Examples
    --------
    >>> Words("Talks", "会谈").text("zh")
    '会谈'
    """

    en: str
    zh: str

    def text(self, language: str) -> str:
        """The text in ``en`` or ``zh``; the other one where it is missing."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


@dataclass(frozen=True, slots=True)
class NewAct:
    """An occurrence of exactly the group that became known after the earlier day, with its best source.

    Attributes
    ----------
    tier, publisher, url : str
        Of the source of the best tier, one with an address first; empty without any.
    """

    id: str
    happened: Period
    participants: tuple[str, ...]
    status: str
    summary: Words
    tier: str
    publisher: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class PromiseMoved:
    """A promise whose fate changed, or whose time has passed.

    Attributes
    ----------
    kind : str
        ``moved`` (another fate), ``made`` (new), ``overdue`` or ``passed`` (nobody searched), and the last two for the
        promised sessions of a mechanism.
    before, after : str
        Codes of ``fate``; empty where there was none, or for a session.
    when : Period or None
        When the deciding act took place, or by when it should have been done.
    last : Period or None
        For a session: the latest one on record.
    due : Period or None
        Beside the day of a deciding act: by when it was due, or for a promise to meet again, by when the next is due.
    again : bool
        It is a promise to meet again, judged by the sessions of its mechanism.
    """

    kind: PromiseKind
    id: str
    text: Words
    made: Period | None
    before: str
    after: str
    when: Period | None
    last: Period | None = None
    due: Period | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Base:
    """The statement that new ones are compared with: the last coded one before, of their level where there is one.

    Attributes
    ----------
    level : str
        Its own level, a code of ``level``.
    same_level : bool
        Whether the new ones are of that level too.
    """

    statement: str
    happened: Period
    level: str
    same_level: bool


@dataclass(frozen=True, slots=True)
class WordingMoved:
    """What a new statement says otherwise of one target than its `Base`.

    Attributes
    ----------
    change : str
        Code of ``change``, never ``same`` or ``unknown``.
    """

    statement: str
    title: Words
    happened: Period
    target: str
    before: Wording
    after: Wording
    change: str
    base: Base


@dataclass(frozen=True, slots=True)
class GaugeMoved:
    """A reading of the dashboard that moved.

    Attributes
    ----------
    before, after : Gauge or None
        None where the dashboard had no such reading.
    added, left : tuple of (str, Period)
        Acts that are behind it now and were not, and the other way round.
    why : str
        ``acts``, ``standings`` (see the mechanisms), ``search`` (searches reach another day), or ``time``.
    """

    block: str
    item: str
    period: str
    before: Gauge | None
    after: Gauge
    added: tuple[tuple[str, Period], ...]
    left: tuple[tuple[str, Period], ...]
    why: GaugeWhy


@dataclass(frozen=True, slots=True)
class StandingMoved:
    """A mechanism that stands otherwise.

    Attributes
    ----------
    before, after : str
        Codes of ``standing``; ``before`` is empty for a new one.
    p_before, p_after : float or None
        Probability that it meets again, for the day that searches reached.
    sessions : tuple of (str, Period)
        Its sessions that became known in between, those called off included.
    """

    id: str
    name: Words
    before: str
    after: str
    p_before: float | None
    p_after: float | None
    at: date
    sessions: tuple[tuple[str, Period], ...]
    why: StandingWhy


@dataclass(frozen=True, slots=True)
class Upcoming:
    """Something with a date ahead that will show whether a claim, a promise or a model holds.

    Attributes
    ----------
    by : datetime.date
        Its day; for an expected session the median of the model.
    low, high : datetime.date or None
        For an expected session: 5 and 95 %, if the mechanism is alive.
    late : bool
        The median has passed, and the session is not on record: the model was read on the last day searched.
    """

    kind: TestKind
    id: str
    text: Words
    by: date
    low: date | None = None
    high: date | None = None
    last: Period | None = None
    test: Words = Words("", "")
    late: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """What is new of a group between two days.

    Attributes
    ----------
    reach : datetime.date or None
        The last day that searches cover for the group; None where none does.
    acts : tuple of NewAct
        Newest first.
    pairs, wider : int
        New occurrences of some of its members alone (two at least), and of all of them with others.
    statements, uncoded, unknown : int
        New statements; those that nobody coded; targets that could not be compared.
    bases : tuple of Base
        The coded statements before that the new ones are compared with.
    """

    group: Group
    since: date
    as_of: date
    reach: date | None
    acts: tuple[NewAct, ...] = ()
    pairs: int = 0
    wider: int = 0
    promises: tuple[PromiseMoved, ...] = ()
    statements: int = 0
    uncoded: int = 0
    unknown: int = 0
    bases: tuple[Base, ...] = ()
    wording: tuple[WordingMoved, ...] = ()
    gauges: tuple[GaugeMoved, ...] = ()
    standings: tuple[StandingMoved, ...] = ()
    tests: tuple[Upcoming, ...] = ()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is new and nothing moved (what stays overdue is not new)."""
        moved = any(p.kind in ("moved", "made") for p in self.promises)
        return not (self.acts or moved or self.statements or self.gauges or self.standings)


def watch(
    record_before: Record,
    record_after: Record,
    group: Group,
    since: date,
    as_of: date,
    *,
    seed: int = 0,
    within_days: int = WITHIN_DAYS,
) -> Watch:
    """Compare what is known of a group on two days, and list what is tested next.

    Parameters
    ----------
    record_before, record_after : Record
        Made of the same tables, as known on ``since`` and on ``as_of``.
    group : Group
        Acts, statements, promises and mechanisms of exactly its members.
    since, as_of : datetime.date
    seed : int
        For the model of renewal; the dashboards are read at its mode.
    within_days : int
        How far ahead promises and promised sessions are listed.

    Returns
    -------
    Watch
        With nothing in it where nothing is new: a result, as far as `Watch.reach`.

    Raises
    ------
    BadPeriod
        If ``since`` does not lie before ``as_of``.
    BadInput
        If a record is not that of its day.

    Examples
    --------
    >>> days = date(2025, 1, 6), date(2025, 1, 13)
    >>> found = watch(*(Record.build({}, day) for day in days), Group.parse("USA JPN KOR"), *days)
    >>> found.is_quiet, found.reach
    (True, None)
    """
    if since >= as_of:
        raise BadPeriod(repr(since.isoformat()), f"does not lie before {as_of.isoformat()}", "give an earlier day")
    for record, day in ((record_before, since), (record_after, as_of)):
        if record.as_of != day:
            raise BadInput(f"a record as known on {record.as_of}", f"is not that of {day}", "load it as of that day")
    if within_days < 0:
        raise BadInput(repr(within_days), "is no number of days ahead", "give 0 or more")
    members = group.members
    found = differences(record_before, record_after, members)
    before, after = (dashboard(r, group, d, seed) for r, d in ((record_before, since), (record_after, as_of)))
    own = frozenset(members)
    new = [members_of(o) for i, o in record_after.occurrences.items() if i not in record_before.occurrences]
    bases, changes, uncoded, unknown = _wording(record_before, record_after, members, found.texts)
    return Watch(
        group,
        since,
        as_of,
        after.reach,
        acts=tuple(_act(record_after, i) for i in reversed(found.acts)),
        pairs=sum(len(m) >= 2 and m < own for m in new),
        wider=sum(m > own for m in new),
        promises=_promises(record_before, record_after, group, since, as_of),
        statements=len(found.texts),
        uncoded=uncoded,
        unknown=unknown,
        bases=bases,
        wording=changes,
        gauges=_gauges(record_before, record_after, before, after),
        standings=_standings(record_before, record_after, before, after),
        tests=_tests(record_after, group, as_of, within_days, after),
    )


def _act(record: Record, i: str) -> NewAct:
    item = record.occurrences[i]
    tiers = code_table().codes("tier")
    best = min(
        record.evidence_of(i),
        key=lambda e: (
            tiers.index(record.sources[e.source].tier),
            not record.sources[e.source].url,
            e.role != "report",
            record.sources[e.source].published or date.max,
            e.source,
        ),
        default=None,
    )
    source = record.sources[best.source] if best else None
    said = (source.tier, source.publisher, source.title, source.url) if source else ("", "", "", "")
    return NewAct(i, item.happened, item.participants, item.status, Words(item.summary_en, item.summary_zh), *said)


def _promises(before: Record, after: Record, group: Group, since: date, as_of: date) -> tuple[PromiseMoved, ...]:
    made = {c.id: c for c in after.commitments}
    was = {f.commitment: f.fate for f in fates(before, since, group.members)}
    now = {f.commitment: f for f in fates(after, as_of, group.members)}

    def promise(kind: PromiseKind, c: Commitment, when: Period | None) -> PromiseMoved:
        day = after.occurrences[c.occurrence].happened
        fate = now[c.id]
        again = fate.by == "sessions" and fate.fate in ("kept", "partly")
        by: Period | None = None
        if again:
            when, by = after.occurrences[fate.acts[-1]].happened, fate.when
        elif fate.acts and c.due:
            by = Period.parse(c.due)
        text = Words(c.text_en, c.text_zh)
        return PromiseMoved(kind, c.id, text, day, was.get(c.id, ""), fate.fate, when, due=by, again=again)

    listed: dict[PromiseKind, list[PromiseMoved]] = {
        kind: [] for kind in ("moved", "overdue", "session_overdue", "passed", "session_passed", "made")
    }
    for i, fate in now.items():
        kind: PromiseKind = "made" if i not in was else "moved"
        if was.get(i) != fate.fate:
            listed[kind].append(promise(kind, made[i], fate.when))
    told = {p.id for p in listed["moved"]}
    for item in (d for d in due(after, as_of, 0, group.members) if d.overdue and d.id not in told):
        if item.what == "session":
            mechanism = after.mechanisms[item.id]
            last = after.occurrences[item.last].happened if item.last else None
            kind = "session_overdue" if item.searched else "session_passed"
            name = Words(mechanism.name_en, mechanism.name_zh)
            listed[kind].append(PromiseMoved(kind, item.id, name, None, "", "", _on(item.by), last))
        else:
            kind = "overdue" if item.searched else "passed"
            listed[kind].append(promise(kind, made[item.id], now[item.id].when))
    for i, fate in now.items():  # a promised session that never came is overdue by its mechanism
        if fate.fate == "overdue" and fate.by == "sessions" and was.get(i) == "overdue":
            mine = {p.id for p in listed["session_overdue"]}
            if made[i].mechanism not in mine:
                listed["overdue"].append(promise("overdue", made[i], fate.when))
    overdue = {p.id for p in (*listed["overdue"], *listed["passed"])}
    listed["made"] = [p for p in listed["made"] if p.id not in overdue]
    return tuple(p for kind in listed for p in listed[kind])


def _wording(
    before: Record, after: Record, members: tuple[str, ...], new: Sequence[str]
) -> tuple[tuple[Base, ...], tuple[WordingMoved, ...], int, int]:
    coded = {c.text for c in after.text_codes}
    coded_before = {c.text for c in before.text_codes}
    earlier = [t for t in reversed(texts_of(before, members)) if t.id in coded_before]
    bases: list[Base] = []
    moved, unknown = [], 0
    for text in (t for t in texts_of(after, members) if earlier and t.id in new and t.id in coded):
        level = after.occurrences[text.occurrence].level
        old = next((t for t in earlier if before.occurrences[t.occurrence].level == level), earlier[0])
        item = before.occurrences[old.occurrence]
        base = Base(old.id, item.happened, item.level, item.level == level)
        bases += [] if base in bases else [base]
        for change in difference(after, old.id, text.id):
            unknown += change.change == "unknown"
            if change.change not in ("same", "unknown"):
                when = after.occurrences[text.occurrence].happened
                title = Words(text.title_en, text.title_zh)
                moved.append(
                    WordingMoved(text.id, title, when, change.target, change.before, change.after, change.change, base)
                )
    return tuple(bases), tuple(moved), sum(i not in coded for i in new), unknown


def _gauges(before: Record, after: Record, was: Dashboard, now: Dashboard) -> tuple[GaugeMoved, ...]:
    old = {(g.block, g.item, g.period): g for g in was.gauges}
    new = {(g.block, g.item, g.period): g for g in now.gauges}
    gone = [k for k in old if k not in new and k[0] == "levels"]
    moved = []
    for key in (*new, *gone):
        a, b = old.get(key), new.get(key) or Gauge(key[0], key[1], None, state="not_applicable")
        if (a is None and not b.value) or (a and _reading(a) == _reading(b)):
            continue
        known = {**before.occurrences, **after.occurrences}
        was_acts = a.acts if a else ()
        added = tuple((i, known[i].happened) for i in b.acts if i not in was_acts)
        left = tuple((i, known[i].happened) for i in was_acts if i not in b.acts)
        why: GaugeWhy = "acts" if added or left else "time"
        if b.block == "mechanisms":
            why = "standings"
        elif why == "time" and was.reach != now.reach and b.block != "promises":
            why = "search"
        moved.append(GaugeMoved(*key, a, b, added, left, why))
    order = [b for b in BLOCKS if b not in ("promises", "mechanisms")] + ["promises", "mechanisms"]
    return tuple(sorted(moved, key=lambda g: order.index(g.block)))


def _reading(gauge: Gauge) -> tuple[object, ...]:
    return gauge.value, gauge.state, gauge.verb, gauge.manner


def _standings(before: Record, after: Record, was: Dashboard, now: Dashboard) -> tuple[StandingMoved, ...]:
    old = {s.id: s for s in was.standings}
    moved = []
    for s in now.standings:
        earlier = old.get(s.id)
        if earlier and earlier.state == s.state:
            continue
        fresh = {x.occurrence for x in after.sessions if x.mechanism == s.id} - before.occurrences.keys()
        sessions = tuple((i, o.happened) for i, o in after.occurrences.items() if i in fresh)
        mechanism = after.mechanisms[s.id]
        moved.append(
            StandingMoved(
                s.id,
                Words(mechanism.name_en, mechanism.name_zh),
                earlier.state if earlier else "",
                s.state,
                earlier.p_alive if earlier else None,
                s.p_alive,
                s.at,
                sessions,
                _why(after, s, earlier, bool(sessions), now.as_of),
            )
        )
    return tuple(moved)


def _why(record: Record, s: Standing, earlier: Standing | None, met: bool, as_of: date) -> StandingWhy:
    if earlier is None:
        return "new"
    ended = record.mechanisms[s.id].ended
    if ended and ended.start <= as_of:
        return "ended"
    if s.state == "suspended":
        return "called_off"
    if met:
        return "session"
    if s.state == "uncertain" and (as_of - s.at).days > STALE_DAYS:
        return "stale"
    return "rhythm" if s.state == "uncertain" and s.sessions < OWN_RHYTHM else "silence"


def _tests(record: Record, group: Group, as_of: date, within: int, board: Dashboard) -> tuple[Upcoming, ...]:
    found = [
        Upcoming("claim", c.id, Words(c.short_en, c.short_zh), c.due, test=Words(c.test_en, c.test_zh))
        for c in claims(group)
        if c.due and c.due >= as_of
    ]
    promises = {c.id: c for c in record.commitments}
    for item in due(record, as_of, within, group.members):
        if item.overdue:
            continue
        if item.what == "session":
            mechanism = record.mechanisms[item.id]
            last = record.occurrences[item.last].happened if item.last else None
            found.append(Upcoming("session", item.id, Words(mechanism.name_en, mechanism.name_zh), item.by, last=last))
        else:
            c = promises[item.id]
            found.append(Upcoming("commitment", item.id, Words(c.text_en, c.text_zh), item.by))
    for s in board.standings:
        if s.next_low and s.next_mid and s.next_high and s.next_high >= as_of:
            mechanism = record.mechanisms[s.id]
            name = Words(mechanism.name_en, mechanism.name_zh)
            late = s.next_mid < as_of
            found.append(Upcoming("expected", s.id, name, s.next_mid, s.next_low, s.next_high, late=late))
    return tuple(sorted(found, key=lambda t: (t.late, t.by, t.kind, t.id)))


# ---- in words ----


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    text = files("minilateral.brief").joinpath("watching.toml").read_text(encoding="utf-8")
    return MappingProxyType({key: MappingProxyType(value) for key, value in tomllib.loads(text)["word"].items()})


def _say(key: str, language: str, **slots: object) -> str:
    return _words()[key][language].format(**slots)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a section, and where it comes from."""

    text: str
    source: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading, what is said of the whole section, its lines, and how to see the rest."""

    key: str
    title: str
    note: str
    lines: tuple[_Line, ...]
    more: str


def _on(day: date) -> Period:
    return Period(day, day + timedelta(days=1))


def _day(day: date, language: str) -> str:
    return _on(day).format(language)


def _code(field: str, code: str, language: str) -> str:
    return code_table().name(field, code, language)


def _who(participants: tuple[str, ...], language: str) -> str:
    if len(participants) > 1:
        return Group(participants).name(language)
    return actor_register()[participants[0]].name(language)


def _clip(text: str, language: str, longest: int = 0) -> str:
    text = " ".join(text.split())
    longest = longest or CLIP[language]
    return text if len(text) <= longest else text[: longest - 1].rstrip(" ,;，；、") + "…"


def _listed(parts: Iterable[str], language: str) -> str:
    return ("、" if language == "zh" else ", ").join(parts)


def _dates(acts: Sequence[tuple[str, Period]], language: str) -> str:
    """The days of some acts, the latest first; more than a few are counted."""
    shown = [p.format(language) for _, p in sorted(acts, key=lambda a: (a[1], a[0]), reverse=True)[:NAMED]]
    rest = [_say("others", language, n=len(acts) - NAMED)] if len(acts) > NAMED else []
    return _listed([*shown, *rest], language)


def _reached(found: Watch, language: str) -> str:
    if found.reach is None:
        return _say("reach_none", language)
    key = (
        "reach_before" if found.reach <= found.since else "reach_within" if found.reach < found.as_of else "reach_full"
    )
    return _say(key, language, reach=_day(found.reach, language))


def _head(found: Watch, language: str) -> tuple[str, tuple[str, ...]]:
    since, as_of = (_day(d, language) for d in (found.since, found.as_of))
    said = [_say("known", language, since=since, as_of=as_of), _reached(found, language)]
    if found.is_quiet:
        said.insert(0, _say("nothing", language))
    return _say("title", language, group=found.group.name(language), since=since), tuple(said)


def _sections(found: Watch, language: str, limits: Mapping[str, int]) -> tuple[_Section, ...]:
    who, when = " ".join(found.group.members), f"--as-of {found.as_of.isoformat()}"
    differs = f"minilateral record diff {who} --since {found.since.isoformat()} {when}"
    made = (
        ("acts", _acts_note(found, language), [_act_line(a, language) for a in found.acts], differs),
        (
            "promises",
            "" if found.promises else _say("promises_none", language),
            [_Line(_promise_line(p, language)) for p in found.promises],
            f"minilateral record due {who} {when}",
        ),
        (
            "wording",
            _wording_note(found, language),
            [_Line(_wording_line(w, language)) for w in found.wording],
            f"minilateral statements list {who} {when}",
        ),
        (
            "gauges",
            _say("gauges_note" if found.gauges else "gauges_none", language),
            [_Line(_gauge_line(g, found, language)) for g in found.gauges],
            f"minilateral dashboard {who} {when}",
        ),
        (
            "standings",
            "" if found.standings else _say("standings_none", language, group=found.group.name(language)),
            [_Line(_standing_line(s, language)) for s in found.standings],
            f"minilateral mechanisms {who} {when}",
        ),
        (
            "tests",
            "" if found.tests else _say("tests_none", language),
            [_Line(_test_line(t, language)) for t in found.tests],
            f"minilateral mechanisms {who} {when}",
        ),
    )
    return tuple(
        _Section(
            key,
            _say(key, language),
            note,
            tuple(lines[: limits[key]]),
            _say("more", language, n=len(lines) - limits[key], command=command) if len(lines) > limits[key] else "",
        )
        for key, note, lines, command in made
    )


def _acts_note(found: Watch, language: str) -> str:
    said = [] if found.acts else [_say("acts_none", language, group=found.group.name(language))]
    if found.pairs or found.wider:
        said.append(_say("acts_beside", language, pairs=found.pairs, wider=found.wider))
    return ("" if language == "zh" else " ").join(said)


def _act_line(act: NewAct, language: str) -> _Line:
    slots = {
        "date": act.happened.format(language),
        "who": _who(act.participants, language),
        "what": _clip(act.summary.text(language), language),
    }
    if act.status == "held":
        text = _say("act", language, **slots)
    else:
        text = _say("act_status", language, status=_code("status", act.status, language), **slots)
    if not act.tier:
        return _Line(text, _say("source_none", language))
    source = _say(
        "source", language, tier=_code("tier", act.tier, language), publisher=_clip(act.publisher, language, 40)
    )
    return _Line(text, source, act.url)


def _promise_line(promise: PromiseMoved, language: str) -> str:
    when = promise.when.format(language) if promise.when else ""
    text = _clip(promise.text.text(language), language)
    if promise.kind in ("session_overdue", "session_passed"):
        last = promise.last.format(language) if promise.last else _say("none", language)
        return _say(promise.kind, language, text=text, when=_say("by", language, when=when), last=last)
    if when and promise.after in ("kept", "partly", "lapsed"):
        key = "on_again" if promise.again else "on_due" if promise.due else "on"
        when = _say(key, language, when=when, due=promise.due.format(language) if promise.due else "")
    elif when:
        when = _say("by", language, when=when)
    slots = {"text": text, "made": promise.made.format(language) if promise.made else "", "when": when}
    if promise.kind == "moved":
        slots["before"] = _code("fate", promise.before, language)
    if promise.kind in ("moved", "made"):
        slots["after"] = _code("fate", promise.after, language)
    return _say(f"promise_{promise.kind}", language, **slots)


def _wording_note(found: Watch, language: str) -> str:
    if not found.statements:
        return _say("wording_no_statement", language)
    if not found.bases:
        key = "wording_no_coded" if found.uncoded == found.statements else "wording_no_base"
        return _say(key, language, n=found.statements)
    base = _listed((_base(b, language) for b in found.bases), language)
    said = [] if found.wording else [_say("wording_none", language, n=found.statements)]
    said.append(_say("wording_base", language, base=base, unknown=found.unknown, uncoded=found.uncoded))
    return ("" if language == "zh" else " ").join(said)


def _base(base: Base, language: str) -> str:
    """Day and level of a statement that others are compared with, and whether the level is another."""
    key = "base_same" if base.same_level else "base_other"
    return _say(key, language, date=base.happened.format(language), level=_code("level", base.level, language))


def _spoken(verb: str, manner: str, language: str) -> str:
    if not verb:
        return _say("not_settled", language)
    name = _code("verb", verb, language)
    return _say("manner", language, verb=name, manner=_code("manner", manner, language)) if manner else name


def _wording_line(moved: WordingMoved, language: str) -> str:
    return _say(
        "wording_line",
        language,
        date=moved.happened.format(language),
        title=_clip(moved.title.text(language), language, CLIP[language] // 2),
        target=_code("target", moved.target, language),
        before=_spoken(moved.before.verb, moved.before.manner, language),
        after=_spoken(moved.after.verb, moved.after.manner, language),
        change=_code("change", moved.change, language),
        base=moved.base.happened.format(language),
    )


#: The field of the code table that names the items of a block.
_FIELDS = {
    "levels": "level",
    "mechanisms": "standing",
    "promises": "fate",
    "targets": "target",
    "momentum": "momentum",
}


def _value(gauge: Gauge | None, language: str) -> str:
    if gauge is None:
        return _say("no_reading", language)
    if gauge.value is None or gauge.state != "observed":
        return _code("state", gauge.state, language)
    if gauge.verb:
        return _say("spoken", language, verb=_spoken(gauge.verb, gauge.manner, language), n=gauge.value)
    return str(gauge.value)


def _gauge_line(moved: GaugeMoved, found: Watch, language: str) -> str:
    why = []
    if moved.why == "acts":
        why += [_say("why_added", language, acts=_dates(moved.added, language))] if moved.added else []
        why += [_say("why_left", language, acts=_dates(moved.left, language))] if moved.left else []
    elif moved.why == "search" and found.reach:
        why.append(_say("why_search", language, reach=_day(found.reach, language)))
    else:
        why.append(_say("why_standings" if moved.why == "standings" else "why_time", language))
    item = _say("item_all", language) if moved.item == "all" else _code(_FIELDS[moved.block], moved.item, language)
    return _say(
        "gauge_period" if moved.period else "gauge",
        language,
        block=_say(f"block_{moved.block}", language),
        item=item,
        period=moved.period,
        before=_value(moved.before, language),
        after=_value(moved.after, language),
        why=("；" if language == "zh" else "; ").join(why),
    )


def _standing_line(moved: StandingMoved, language: str) -> str:
    odds = ""
    if moved.p_before is not None and moved.p_after is not None:
        odds = _say("odds", language, before=f"{moved.p_before:.2f}", after=f"{moved.p_after:.2f}")
    return _say(
        "standing",
        language,
        name=_clip(moved.name.text(language), language),
        before=_code("standing", moved.before, language) if moved.before else _say("none", language),
        after=_code("standing", moved.after, language),
        odds=odds,
        why=_say(f"standing_{moved.why}", language, acts=_dates(moved.sessions, language), at=_day(moved.at, language)),
    )


def _test_line(test: Upcoming, language: str) -> str:
    slots: dict[str, object] = {"by": _day(test.by, language), "text": _clip(test.text.text(language), language)}
    if test.kind == "claim":
        slots |= {"id": test.id, "test": _clip(test.test.text(language), language)}
    if test.kind == "session":
        slots["last"] = test.last.format(language) if test.last else _say("none", language)
    if test.low and test.high:
        slots |= {"low": _day(test.low, language), "high": _day(test.high, language)}
    return _say("test_late" if test.late else f"test_{test.kind}", language, **slots)


def _check(language: str) -> None:
    if language not in LANGUAGES:
        raise BadInput(repr(language), "is no language of the page", f"choose one of {', '.join(LANGUAGES)}")


def watch_text(watch: Watch, language: str) -> str:
    """Write it for a screen, in ``en`` or ``zh``: one line per thing, its source below.

    Raises
    ------
    BadInput
        If the page has no such language.

    Examples
    --------
    >>> quiet = Watch(Group.parse("USA JPN KOR"), date(2025, 1, 6), date(2025, 1, 13), date(2025, 1, 10))
    >>> print(watch_text(quiet, "en"))  # doctest: +ELLIPSIS
    Japan, South Korea and the United States: what is new since 6 January 2025
    Nothing new: ...
    From the record as known on 6 January 2025 and on 13 January 2025.
    Searches for this group reach 10 January 2025: ...
    """
    _check(language)
    title, said = _head(watch, language)
    lines = [title, *said]
    for section in _sections(watch, language, LIMITS):
        lines += ["", section.title]
        lines += [f"  {section.note}"] if section.note else []
        for line in section.lines:
            lines.append(f"- {line.text}")
            if line.source:
                lines.append(f"  [{line.source}{f' {line.url}' if line.url else ''}]")
        lines += [f"  {section.more}"] if section.more else []
    return "\n".join(lines) + "\n"


#: The sheet: lines of 8 pt with a spacing of 1.25 on 277 mm, and ems across 190 mm without the indent of a list.
SHEET_LINES, SHEET_EMS = int(277 / 25.4 * 72 / (8 * 1.25)), (190 / 25.4 * 72 - 11) / 8

#: Letters of an address that are shown.
SHOWN = 80

_CSS = """
@page { size: A4 portrait; margin: 10mm }
* { box-sizing: border-box }
body { font: 8pt/1.25 "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", Arial, sans-serif;
  max-width: 190mm; margin: 5mm auto; color: #1a1a1a; background: #fff }
h1 { font-size: 12pt; line-height: 1.2; margin: 0 0 1.5pt }
h2 { font-size: 8.6pt; line-height: 1.2; margin: 4pt 0 0; border-bottom: .5pt solid #888 }
p, ul { margin: 0 } ul { padding-left: 11pt } .note, .more, .source { color: #555 }
a { color: #174a7c; overflow-wrap: anywhere } code { font-size: 7pt; overflow-wrap: anywhere }
#in-en:checked ~ section:lang(zh), #in-zh:checked ~ section:lang(en) { display: none }
@media print { input, label { display: none } body { margin: 0; max-width: none } a { color: inherit } }
""".strip()


def watch_page(watch: Watch, language: str = "en") -> str:
    """Write it as one HTML file without anything to load: both languages with a switch, one sheet of A4 each.

    Parameters
    ----------
    watch : Watch
    language : {'en', 'zh'}
        The language that it opens and prints in.

    Raises
    ------
    BadInput
        If the page has no such language.

    Examples
    --------
    >>> quiet = Watch(Group.parse("USA JPN KOR"), date(2025, 1, 6), date(2025, 1, 13), None)
    >>> page = watch_page(quiet, "zh")
    >>> page.count("<section"), "美日韩" in page, "src=" in page
    (2, True, False)
    """
    _check(language)
    title, limits = _head(watch, language)[0], _fitting(watch)
    switch = Markup("")
    for each, name in zip(LANGUAGES, ("English", "中文"), strict=True):
        checked = Markup(" checked") if each == language else Markup("")
        switch += Markup('<input type="radio" name="in" id="in-{0}"{1}><label for="in-{0}">{2}</label>\n').format(
            each, checked, name
        )
    made = Markup(
        '<!doctype html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n<title>{}</title>\n<style>\n{}\n</style>\n</head>\n'
        "<body>\n{}{}</body>\n</html>\n"
    ).format(language, title, Markup(_CSS), switch, Markup("").join(_html(watch, each, limits) for each in LANGUAGES))
    return str(made)


def _html(found: Watch, language: str, limits: Mapping[str, int]) -> Markup:
    title, said = _head(found, language)
    made = Markup("<h1>{}</h1>\n").format(title)
    for text in said:
        made += Markup("<p>{}</p>\n").format(text)
    for section in _sections(found, language, limits):
        made += Markup("<h2>{}</h2>\n").format(section.title)
        if section.note:
            made += Markup('<p class="note">{}</p>\n').format(section.note)
        if section.lines:
            made += Markup("<ul>\n{}</ul>\n").format(Markup("").join(_item(line) for line in section.lines))
        if section.more:
            made += Markup('<p class="more">{}</p>\n').format(section.more)
    return Markup('<section lang="{}">\n{}</section>\n').format(language, made)


def _item(line: _Line) -> Markup:
    source = Markup("")
    if line.source:
        source = Markup(' <span class="source">[{}{}]</span>').format(line.source, _link(line.url))
    return Markup("<li>{}{}</li>\n").format(line.text, source)


def _link(url: str) -> Markup:
    """An address, to be followed only if it leads to a page of the web."""
    if not url:
        return Markup("")
    shown = url if len(url) <= SHOWN else url[: SHOWN - 1] + "…"
    if not url.lower().startswith(("https://", "http://")):
        return Markup(" {}").format(shown)
    return Markup(' <a href="{}" rel="noreferrer">{}</a>').format(url, shown)


def lines_needed(watch: Watch, language: str) -> int:
    """About how many lines the printed page takes in a language: never more than `SHEET_LINES`.

    A letter counts as 0.55 of the type size, a Chinese one as the whole of it; a heading as one line and a half.
    """
    return _rows_of(watch, language, _fitting(watch))


def _rows_of(found: Watch, language: str, limits: Mapping[str, int]) -> int:
    _, said = _head(found, language)
    total = 2.0 + sum(_rows(text) for text in said)
    for section in _sections(found, language, limits):
        total += 1.5 + sum(_rows(text) for text in (section.note, section.more) if text)
        total += sum(_rows(f"{x.text} [{x.source} {x.url[:SHOWN]}]" if x.source else x.text) for x in section.lines)
    return -int(-total // 1)


def _rows(text: str) -> int:
    ems = sum(1.0 if ord(letter) > 0x2E7F else 0.55 for letter in text)
    return max(1, -int(-ems // SHEET_EMS))


def _fitting(found: Watch) -> dict[str, int]:
    """How many lines each section may have so that both languages stay on one sheet: the longest section gives way."""
    limits = dict(LIMITS)
    while any(_rows_of(found, language, limits) > SHEET_LINES for language in LANGUAGES) and max(limits.values()) > 1:
        counts = {section.key: len(section.lines) for section in _sections(found, "en", limits)}
        longest = max(counts, key=lambda key: counts[key])
        limits[longest] = max(1, counts[longest] - 1)
        if counts[longest] <= 1:
            break
    return limits

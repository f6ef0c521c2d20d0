"""What the record holds on one group, as it was known on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from minilateral.errors import NoEvidence
from minilateral.evidence.agreement import text_agreement
from minilateral.evidence.known import DECLARED
from minilateral.evidence.loading import load
from minilateral.evidence.promises import fate_counts
from minilateral.evidence.recall import Bounds, Recall, Tallied, mechanisms_of, recalls, session_bounds, tallied
from minilateral.evidence.record import Record
from minilateral.evidence.status import checked
from minilateral.evidence.texts import texts_of
from minilateral.terms import (
    Actors,
    Alpha,
    CheckCount,
    Count,
    Day,
    Declared,
    Difference,
    FateCount,
    Group,
    Happened,
    Inputs,
    Interval,
    Named,
    Number,
    Ratio,
    Reported,
    Selection,
    Slot,
    SourceCount,
    Sourced,
    Statement,
    TextCount,
)
from minilateral.terms.selections import concerns_of, members_of

#: Fewer acts of exactly the group than this are not enough evidence for a finding beyond their number.
ENOUGH = 5


@dataclass(frozen=True)
class Holdings:
    """The record for one group.

    Attributes
    ----------
    record : Record
        All that was known by the as-of day.
    group : Group
    acts : tuple of str
        Ids of the acts of exactly the group, of exactly one of its subsets, or of a larger set that contains it;
        whatever their status; by date.
    context : tuple of str
        Ids of the occurrences of one member alone, or of others, that touch a pair of members.
    start : datetime.date
        First day of the earliest act.
    recalls : tuple of Recall
    bounds : tuple of Bounds
        For every mechanism of the group and its pairs that has an official number.
    tallied : tuple of Tallied
        Recall where a government counted over a span.
    """

    record: Record
    group: Group
    acts: tuple[str, ...]
    context: tuple[str, ...]
    start: date
    recalls: tuple[Recall, ...]
    bounds: tuple[Bounds, ...]
    tallied: tuple[Tallied, ...] = ()


def run(inputs: Inputs) -> Holdings:
    """Read the record as of the day of the question and find what touches the group.

    Raises
    ------
    NoEvidence
        If no act of the group or of a part of it was known by then.
    """
    study = inputs.study
    record = load(study.as_of, study.record, study.store)
    acts, context = touching(record, study.group)
    if not acts:
        raise NoEvidence(*_why_nothing(study.group, study.as_of, load(None, study.record, study.store)))
    start = min(record.occurrences[i].happened.start for i in acts)
    found = recalls(record, study.group)
    end = study.as_of + timedelta(days=1)
    bounds = tuple(b for r in found for b in session_bounds(record, r.mechanism, start, end, study.every))
    return Holdings(
        record, study.group, acts, context, start, found, bounds, tallied(record, mechanisms_of(record, study.group))
    )


def touching(record: Record, group: Group) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids of the acts that are the group's (exactly, in part or in a larger set), and of the context."""
    members = frozenset(group.members)
    pairs = {pair.members for pair in group.dyads}
    acts, context = [], []
    for i, item in record.occurrences.items():
        who = members_of(item)
        if item.is_act and (who >= members or who <= members):
            acts.append(i)
        elif not item.is_act and (who <= members or pairs & set(concerns_of(item))):
            context.append(i)
    return tuple(acts), tuple(context)


def _why_nothing(group: Group, as_of: date, whole: Record) -> tuple[str, str, str]:
    acts, _ = touching(whole, group)
    if acts:
        first = min(acts, key=lambda i: whole.occurrences[i].known)
        known = whole.occurrences[first].known
        return (
            f"{group.key} as of {as_of.isoformat()}",
            f"has no act that was known by then: the record's first was known on {known.isoformat()}",
            f"choose a later --as-of, from {known.isoformat()}",
        )
    covered: dict[str, int] = {}
    for item in whole.occurrences.values():
        if item.is_act and item.status == "held":
            key = "-".join(sorted(members_of(item)))
            covered[key] = covered.get(key, 0) + 1
    most = sorted(covered, key=lambda k: (-covered[k], k))[:8]
    return (
        f"{group.key}",
        "has no act in the record, of all its members or of any pair: no coverage, no number",
        f"groups with most acts: {', '.join(f'{k} ({covered[k]})' for k in most)}; or add acts of your own "
        "(`minilateral acts template`)",
    )


def sections(result: Holdings) -> list[Statement]:
    """What can be said of the record itself: its languages, its dates, its holes, its recall."""
    return _coverage(result) + _recall(result) + _worth(result) + _promises(result)


def _coverage(result: Holdings) -> list[Statement]:
    record, members = result.record, result.group.members
    who = Actors(members)
    joint = Selection(exactly=members)
    ids = record.select(joint)
    said: list[Statement] = []

    def say(key: str, telling: int = 0, **slots: Slot) -> None:
        said.append(Statement(f"coverage.{key}", "coverage", slots, telling))

    if len(ids) < ENOUGH:
        say("thin" if ids else "thin.none", 1, group=who, n=Number(len(ids), Count(joint)))
    if ids:
        all_of_them = Number(len(ids), Count(joint))
        english, total = SourceCount(joint, "en"), SourceCount(joint)
        say(
            "languages",
            50,
            group=who,
            english=Number(_sources(record, joint, "en"), english),
            sources=Number(_sources(record, joint, ""), total),
        )
        free = Selection(exactly=members, without_study=True)
        from_study = len(ids) - len(record.select(free))
        if from_study:
            say("study", n=Number(from_study, Difference(Count(joint), Count(free))), joint=all_of_them)
        proxies = tuple(i for i in ids if record.occurrences[i].known_basis == "proxy")
        if proxies:
            lag = Number(DECLARED["known_lag_days"], Declared("known_lag_days"))
            say("proxy", n=Number(len(proxies), Count(Selection(ids=proxies))), joint=all_of_them, lag=lag)
        else:
            say("dated", joint=all_of_them)
        last = record.occurrences[ids[-1]]
        if record.as_of and (record.as_of - last.happened.last).days > DECLARED["silence_days"]:
            say("silence", 40, group=who, last=Happened(last.happened, last.id), as_of=Day(record.as_of))
    for status in ("announced", "cancelled"):
        where = Selection(exactly=members, status=status)
        if found := record.select(where):
            say(status, n=Number(len(found), Count(where)), group=who)
    return said


def _recall(result: Holdings) -> list[Statement]:
    record, members = result.record, result.group.members
    said: list[Statement] = []
    own = [r for r in result.recalls if record.mechanisms[r.mechanism].members == members]
    telling = next((r for r in own if r.recall < 1), None)
    for recall in result.recalls:
        slots: dict[str, Slot] = {
            "mechanism": Named("mechanisms", recall.mechanism),
            "official": Number(recall.official, Reported("numbering", recall.numbering, "ordinal")),
            "until": Day(recall.until - timedelta(days=1)),
            "seen": Number(recall.seen, recall.seen_by),
        }
        if recall.conflict:
            said.append(Statement("recall.conflict", "recall", slots))
            continue
        slots |= {
            "recall": Number(recall.recall, recall.recall_by, "percent"),
            "interval": Interval(recall.low, recall.high, recall.recall_by),
        }
        said.append(Statement("recall.mechanism", "recall", slots, telling=20 if recall is telling else 0))
    for t in result.tallied:
        if t.recall is None or t.low is None or t.high is None:
            continue
        by = Ratio(t.seen_by(record), t.counted_by)
        said.append(
            Statement(
                "recall.tallied",
                "recall",
                {
                    "mechanism": Named("mechanisms", t.mechanism),
                    "counted": Number(t.counted, by.whole),
                    "seen": Number(t.seen, by.part),
                    "recall": Number(t.recall, by, "percent"),
                    "interval": Interval(t.low, t.high, by),
                },
            )
        )
    joint = Selection(exactly=members)
    if not result.recalls and (count := len(record.select(joint))):
        slots = {"group": Actors(members), "joint": Number(count, Count(joint))}
        said.append(Statement("recall.none", "recall", slots))
    return said


def _worth(result: Holdings) -> list[Statement]:
    """From whom the rows are, what a second coder found, how far coders agree."""
    record, members = result.record, result.group.members
    joint = Selection(exactly=members)
    ids = record.select(joint)
    said: list[Statement] = []
    if not ids:
        return said
    all_of_them = Count(joint)
    slots: dict[str, Slot] = {"group": Actors(members), "joint": Number(len(ids), all_of_them)}
    for name, sourced in (
        ("official", Sourced(joint, tiers=("government", "agency"))),
        ("beside", Sourced(joint, languages=("ja", "ko", "zh", "ru"))),
    ):
        n = sum(
            any(s.tier in sourced.tiers or s.language in sourced.languages for s in record.sources_of(i)) for i in ids
        )
        slots[name] = Number(n, sourced)
        slots[f"{name}_share"] = Number(n / len(ids), Ratio(sourced, all_of_them), "percent")
    said.append(Statement("coverage.tiers", "coverage", slots))
    found = checked(record, ids)
    looked_up = ("confirmed", "differs", "unreadable", "not_shown")
    if found.error_rate is not None and found.low is not None and found.high is not None:
        readable = CheckCount(joint, ("confirmed", "differs"))
        rate = Ratio(CheckCount(joint, ("differs",)), readable)
        said.append(
            Statement(
                "coverage.checked",
                "coverage",
                {
                    "checked": Number(found.checked, CheckCount(joint, looked_up)),
                    "readable": Number(found.readable, readable),
                    "differs": Number(found.differs, rate.part),
                    "rate": Number(found.error_rate, rate, "percent"),
                    "interval": Interval(found.low, found.high, rate),
                },
            )
        )
    together = next((a for a in text_agreement(record, members) if a.field == "all"), None)
    if together and together.alpha is not None:
        texts = texts_of(record, members)
        coders: dict[str, set[str]] = {}
        for c in record.text_codes:
            coders.setdefault(c.text, set()).add(c.coder)
        twice = sum({"A", "B"} <= coders.get(t.id, set()) for t in texts)
        said.append(
            Statement(
                "coverage.alpha",
                "words",
                {
                    "texts": Number(len(texts), TextCount(members)),
                    "twice": Number(twice, TextCount(members, True)),
                    "alpha": Number(together.alpha, Alpha(members), "decimal"),
                },
            )
        )
    return said


def _promises(result: Holdings) -> list[Statement]:
    """What became of the concrete commitments of the group."""
    record, members = result.record, result.group.members
    as_of = record.as_of
    if as_of is None:
        return []
    counts = fate_counts(record, result.group, as_of)
    whole = sum(counts.values())
    if not whole:
        return []
    slots: dict[str, Slot] = {fate: Number(n, FateCount(members, as_of, fate)) for fate, n in counts.items()}
    slots |= {"group": Actors(members), "n": Number(whole, FateCount(members, as_of)), "as_of": Day(as_of)}
    return [Statement("promises.fates", "promises", slots, telling=15)]


def _sources(record: Record, selection: Selection, language: str) -> int:
    found = {
        s.id for i in record.select(selection) for s in record.sources_of(i) if not language or s.language == language
    }
    return len(found)

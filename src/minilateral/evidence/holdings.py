"""What the record holds on one group, as it was known on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from minilateral.errors import NoEvidence
from minilateral.evidence.known import DECLARED
from minilateral.evidence.loading import load
from minilateral.evidence.recall import Bounds, Recall, recalls, session_bounds
from minilateral.evidence.record import Record
from minilateral.terms import (
    Actors,
    Count,
    Day,
    Declared,
    Difference,
    Group,
    Happened,
    Inputs,
    Interval,
    Named,
    Number,
    Reported,
    Selection,
    Slot,
    SourceCount,
    Statement,
)
from minilateral.terms.selections import concerns_of, members_of


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
    """

    record: Record
    group: Group
    acts: tuple[str, ...]
    context: tuple[str, ...]
    start: date
    recalls: tuple[Recall, ...]
    bounds: tuple[Bounds, ...]


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
    return Holdings(record, study.group, acts, context, start, found, bounds)


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
    return _coverage(result) + _recall(result)


def _coverage(result: Holdings) -> list[Statement]:
    record, members = result.record, result.group.members
    who = Actors(members)
    joint = Selection(exactly=members)
    ids = record.select(joint)
    said: list[Statement] = []

    def say(key: str, telling: int = 0, **slots: Slot) -> None:
        said.append(Statement(f"coverage.{key}", "coverage", slots, telling))

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
    joint = Selection(exactly=members)
    if not result.recalls and (count := len(record.select(joint))):
        slots = {"group": Actors(members), "joint": Number(count, Count(joint))}
        said.append(Statement("recall.none", "recall", slots))
    return said


def _sources(record: Record, selection: Selection, language: str) -> int:
    found = {
        s.id for i in record.select(selection) for s in record.sources_of(i) if not language or s.language == language
    }
    return len(found)

"""Verdicts on the claims that the measures of this version can decide; the others are marked as not yet tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from minilateral.audit.claims import AssertedPhase, Claim, asserted_phases, claims
from minilateral.audit.trials import (
    BIDEN,
    Pace,
    Trial,
    TrialTally,
    binding_trials,
    institutionalised_trials,
    momentum_trials,
    pace,
    phases_trials,
    quasi_trials,
    tally,
    widened_trials,
)
from minilateral.evidence import Holdings, Record
from minilateral.measure import Measured
from minilateral.phases import Dated
from minilateral.terms import (
    Actors,
    Code,
    Count,
    Day,
    Estimated,
    Group,
    Inputs,
    MechanismCount,
    Number,
    Ratio,
    Selection,
    Slot,
    Statement,
)

#: C9, registered on 2026-11-24, before its day of decision.
GOES_ON_FROM = date(2025, 1, 20)
MET_BEFORE = (date(2023, 1, 1), date(2025, 1, 1))
GOES_ON_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence says of a claim. ``verdict`` is a code of ``verdict``."""

    claim: str
    verdict: str


@dataclass(frozen=True)
class Audit:
    """Claims, verdicts and the sentences behind them; the specifications of every test, and how they came out."""

    group: Group
    as_of: date
    claims: tuple[Claim, ...]
    phases: tuple[AssertedPhase, ...]
    verdicts: tuple[Verdict, ...]
    statements: tuple[Statement, ...]
    trials: tuple[Trial, ...] = ()
    tallies: tuple[TrialTally, ...] = ()

    @classmethod
    def absent(cls, inputs: Inputs) -> Audit:
        """What is judged where this room is not run: nothing."""
        return cls(inputs.study.group, inputs.study.as_of, (), (), (), ())


def met(
    record: Record, members: tuple[str, ...], span: tuple[date, date], without_study: bool = False
) -> frozenset[str]:
    """Mechanisms of exactly these members with a held session in ``[start, end)``."""
    return frozenset(
        m.id
        for m in record.mechanisms.values()
        if m.members == members
        and record.select(Selection(mechanism=m.id, start=span[0], end=span[1], without_study=without_study))
    )


def run(inputs: Inputs) -> Audit:
    """Judge the claims about the group as of the day of the question."""
    group, as_of = inputs.study.group, inputs.study.as_of
    registered = claims(group)
    verdicts: list[Verdict] = []
    said: list[Statement] = []
    trials: list[Trial] = []
    tallies: list[TrialTally] = []
    tested = _trials(inputs) if registered else {}
    for claim in registered:
        if claim.id == "C9":
            verdict, sentences = _goes_on(claim, inputs.get(Holdings).record, group, as_of)
            said += sentences
        elif claim.id in tested:
            found = tally(claim.id, tested[claim.id])
            verdict = Verdict(claim.id, found.verdict)
            trials += tested[claim.id]
            tallies.append(found)
            said += _tallied(found, inputs)
        else:
            verdict = Verdict(claim.id, "not_tested")
        verdicts.append(verdict)
    said += _rates(inputs) if "C8" in tested else []
    said += _rivals(inputs) if "C1" in tested else []
    phases = asserted_phases(group)
    return Audit(group, as_of, registered, phases, tuple(verdicts), tuple(said), tuple(trials), tuple(tallies))


def _trials(inputs: Inputs) -> dict[str, list[Trial]]:
    """The specifications of every claim that the measures of this version can test."""
    record, group = inputs.get(Holdings).record, inputs.study.group
    measured = inputs.get(Measured)
    return {
        "C1": phases_trials(inputs.get(Dated).found),
        "C2": institutionalised_trials(measured),
        "C3": widened_trials(record, group, measured),
        "C4": quasi_trials(measured),
        "C6": binding_trials(measured),
        "C8": momentum_trials(record, group, measured),
    }


def _tallied(found: TrialTally, inputs: Inputs) -> list[Statement]:
    """How the specifications of a claim came out."""
    measured = inputs.get(Measured)
    if not measured.acts or found.least is None or found.most is None:
        return []

    def number(column: str, style: str = "count") -> Number:
        return Number(getattr(found, column), Estimated("verdicts", found.claim, column, measured.own), style)

    slots: dict[str, Slot] = {
        "n": number("specifications"),
        "reached": number("reached"),
        "passed": number("passed"),
        "least": number("least", "decimal"),
        "most": number("most", "decimal"),
    }
    return [Statement("audit.trials", found.claim, slots)]


def _rivals(inputs: Inputs) -> list[Statement]:
    """C1: which of the datings with one break ranks first, and in how many series."""
    found, measured = inputs.get(Dated).found, inputs.get(Measured)
    if found is None or not measured.acts:
        return []
    first = [ranked[0].name for (_, variant), ranked in found.rivals.items() if not variant]
    if not first:
        return []
    return [
        Statement(
            "audit.rivals",
            "C1",
            {
                "dating": Code("dating", dating),
                "n": Number(first.count(dating), Estimated("first_ranked", dating, "series", measured.own)),
                "series": Number(len(first), Estimated("first_ranked", "all", "series", measured.own)),
            },
        )
        for dating in sorted(set(first), key=lambda d: (-first.count(d), d))
    ]


def _rates(inputs: Inputs) -> list[Statement]:
    """C8 in counts: what was new under Biden, and since, as far as searches reach."""
    measured, record, group = inputs.get(Measured), inputs.get(Holdings).record, inputs.study.group
    last = measured.board.reach
    if not measured.acts or last is None or last <= BIDEN[1]:
        return []
    return [
        Statement(
            "audit.momentum",
            "C8",
            {
                "since": Day(BIDEN[1]),
                "until": Day(last),
                **{
                    f"{name}_{kind}": Number(p.counts[kind], Estimated("pace", f"{name}|{kind}", "count", measured.own))
                    for name, p in paces(record, group, last).items()
                    for kind in p.counts
                },
            },
        )
    ]


def paces(record: Record, group: Group, last: date) -> dict[str, Pace]:
    """What was new in the Biden years (``before``), and from January 2025 to a day (``after``)."""
    return {
        "before": pace(record, group, *BIDEN),
        "after": pace(record, group, BIDEN[1], last + timedelta(days=1)),
    }


def sections(result: Audit) -> list[Statement]:
    """The sentences behind the verdicts."""
    return list(result.statements)


def _goes_on(claim: Claim, record: Record, group: Group, as_of: date) -> tuple[Verdict, list[Statement]]:
    """C9, "it goes on": what is seen can only grow, so a floor above the threshold decides before the day.

    An incomplete record can show that something went on, never that it stopped: below the threshold the claim stays
    open until its day, and after it is undetermined as long as recall is not known.
    """
    if as_of < GOES_ON_FROM:
        return Verdict(claim.id, "open"), []
    until = as_of + timedelta(days=1)
    if claim.due:
        until = min(until, claim.due + timedelta(days=1))
    span = (GOES_ON_FROM, until)
    acts = Selection(exactly=group.members, direction="cooperative", start=span[0], end=span[1])
    free = Selection(exactly=group.members, direction="cooperative", start=span[0], end=span[1], without_study=True)
    n, n_free = len(record.select(acts)), len(record.select(free))
    before = met(record, group.members, MET_BEFORE)
    again = before & met(record, group.members, span)
    before_free = met(record, group.members, MET_BEFORE, without_study=True)
    again_free = before_free & met(record, group.members, span, without_study=True)
    past_due = claim.due is not None and as_of > claim.due
    if not n:
        said = []
    else:
        said = [
            Statement(
                "audit.goes_on",
                "C9",
                {
                    "group": Actors(group.members),
                    "since": Day(GOES_ON_FROM),
                    "n": Number(n, Count(acts)),
                    "free": Number(n_free, Count(free)),
                },
                telling=15,
            )
        ]
    if not before:
        return Verdict(claim.id, "undetermined" if past_due else "open"), said
    all_before = MechanismCount(group.members, MET_BEFORE)
    all_again = MechanismCount(group.members, MET_BEFORE, span)
    said.append(
        Statement(
            "audit.meet_again",
            "C9",
            {
                "before": Number(len(before), all_before),
                "again": Number(len(again), all_again),
                "share": Number(len(again) / len(before), Ratio(all_again, all_before), "percent"),
                "since": Day(GOES_ON_FROM),
                "until": Day(until - timedelta(days=1)),
            },
        )
    )
    holds = len(again) >= GOES_ON_SHARE * len(before)
    holds_free = bool(before_free) and len(again_free) >= GOES_ON_SHARE * len(before_free)
    if holds and holds_free and n_free:
        return Verdict(claim.id, "supported"), said
    return Verdict(claim.id, "undetermined" if past_due else "open"), said

"""The tests of the claims that measures of a group can decide: specifications, probabilities, a verdict by rule.

Card: docs/methods/verdicts.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from minilateral.evidence import Record, texts_of, wording
from minilateral.measure import Measured
from minilateral.measure.dashboard import MOVES, moves
from minilateral.measure.quasi_alliance import RULES, Profile
from minilateral.phases import Phases
from minilateral.terms import Group, Selection, code_table

Floats = npt.NDArray[np.float64]

#: A specification passes from this probability on, and fails up to its complement.
PASSES = 0.95

#: So large a share of the specifications must pass for a verdict.
MOST = 0.8

#: A claim leans towards its side if this probability is reached in as many specifications.
LEANS = 0.8

#: The years that the study calls institutionalised, and the days that bound the Biden government.
CLAIMED = (2021, 2024)
CAMP_DAVID = 2023
BIDEN = (date(2021, 1, 20), date(2025, 1, 20))

#: Draws of simple posteriors.
DRAWS = 20_000

#: What is left out in turn: nothing, the study's own rows, rows with sources in one language alone.
VARIANTS = ("", "without_study", "without_en", "without_ko", "without_ja")

#: For levels also: as if the record held half as much of the years before 2021 as its recall says.
LEVEL_VARIANTS = (*VARIANTS, "half_recall_before")


@dataclass(frozen=True, slots=True)
class Trial:
    """One specification of the test of a claim.

    Attributes
    ----------
    probability : float or None
        That what the claim says holds in it; None where the evidence does not reach it.
    reason : str
        Why it is not reached.
    """

    claim: str
    specification: str
    probability: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TrialTally:
    """How the specifications of a claim came out."""

    claim: str
    verdict: str
    specifications: int
    reached: int
    passed: int
    failed: int
    least: float | None
    most: float | None


def tally(claim: str, trials: Iterable[Trial]) -> TrialTally:
    """Give the verdict by the rule.

    *Supported*: every specification is reached, and 80 % of them have a probability of 0.95 or more. *Leaning*: half
    are reached, and 80 % of these have 0.8 or more. Else *undetermined*. *Contradicted* needs 80 % at 0.05 or less and
    a figure of power; no test here has one yet, so it is not given: such a claim is undetermined, and the
    probabilities say so.

    Examples
    --------
    >>> tally("C", [Trial("C", "a", 0.97), Trial("C", "b", 0.99)]).verdict
    'supported'
    >>> tally("C", [Trial("C", "a", 0.97), Trial("C", "b", None, "not reached")]).verdict
    'leaning'
    >>> tally("C", [Trial("C", "a", 0.97), Trial("C", "b", 0.5)]).verdict
    'undetermined'
    """
    mine = list(trials)
    reached = [t.probability for t in mine if t.probability is not None]
    passed = sum(p >= PASSES for p in reached)
    failed = sum(p <= 1 - PASSES for p in reached)
    verdict = "undetermined"
    if mine and len(reached) == len(mine) and passed >= MOST * len(mine):
        verdict = "supported"
    elif len(reached) >= len(mine) / 2 and reached and sum(p >= LEANS for p in reached) >= MOST * len(reached):
        verdict = "leaning"
    return TrialTally(
        claim,
        verdict,
        len(mine),
        len(reached),
        passed,
        failed,
        min(reached, default=None),
        max(reached, default=None),
    )


# ---- C1: three phases ------------------------------------------------------------------------------------------------


def phases_trials(found: Phases | None) -> list[Trial]:
    """C1: a break in each window of the study's dating, in each series, with and without the study's rows."""
    if found is None:
        return [Trial("C1", "phases", None, "no series of the group is long enough")]
    return [
        Trial("C1", f"{b.track}{f' {b.variant}' if b.variant else ''}: {b.first}", b.probability, b.reason)
        for b in found.breaks
        if b.dating == "study"
    ]


# ---- C2, C3: the two dimensions --------------------------------------------------------------------------------------


def institutionalised_trials(measured: Measured) -> list[Trial]:
    """C2: the mean level of 2021-24 lies above that of every earlier window of four years."""
    return [_above_all("C2", measured, "institutionalisation", variant) for variant in LEVEL_VARIANTS]


def _above_all(claim: str, measured: Measured, dimension: str, variant: str) -> Trial:
    name = variant or "all rows"
    found = measured.dimensions
    if found is None:
        return Trial(claim, name, None, measured.refused["dimensions"])
    now = found.mean_over(dimension, *CLAIMED, variant)
    length = CLAIMED[1] - CLAIMED[0] + 1
    earlier = [
        found.mean_over(dimension, y, y + length - 1, variant) for y in range(found.years[0], CLAIMED[0] - length + 1)
    ]
    seen = [w for w in earlier if w.size]
    if not found.full:
        return Trial(claim, name, None, "a quick run draws no levels: run it in full")
    if not now.size or not seen:
        return Trial(claim, name, None, "no level for these years")
    return Trial(claim, name, float((now > np.max(seen, axis=0)).mean()))


def widened_trials(record: Record, group: Group, measured: Measured) -> list[Trial]:
    """C3: functions widened, by three views of it.

    The level of functionalisation of 2021-24 above every earlier window; the effective number of domains (the
    exponential of the entropy of acts over domains) of 2021-24 above that of 1998-2020 and of 2017-20; the share of
    statements that speak of others than the DPRK above that before.
    """
    made = [_above_all("C3", measured, "functionalisation", v) for v in LEVEL_VARIANTS]
    made = [Trial(t.claim, f"level, {t.specification}", t.probability, t.reason) for t in made]
    for variant in VARIANTS:
        for first in (1998, 2017):
            p = _wider(record, group, (first, CLAIMED[0] - 1), CLAIMED, variant)
            reason = "" if p is not None else "fewer than five acts in one of the spans"
            made.append(Trial("C3", f"domains since {first}, {variant or 'all rows'}", p, reason))
    p = _more_targets(record, group)
    made.append(Trial("C3", "targets of statements", p, "" if p is not None else "too few statements were seen"))
    return made


def _acts(record: Record, group: Group, years: tuple[int, int], variant: str) -> list[str]:
    where = Selection(
        exactly=group.members,
        direction="cooperative",
        start=date(years[0], 1, 1),
        end=date(years[1] + 1, 1, 1),
        without_study=variant == "without_study",
    )
    ids = list(record.select(where))
    language = variant.removeprefix("without_") if variant not in ("", "without_study") else ""
    return [i for i in ids if not language or {s.language for s in record.sources_of(i)} != {language}]


def _wider(record: Record, group: Group, before: tuple[int, int], after: tuple[int, int], variant: str) -> float | None:
    """Probability that the effective number of domains grew; Dirichlet posteriors with Jeffreys' prior."""
    domains = code_table().codes("domain")
    counts = []
    for years in (before, after):
        ids = _acts(record, group, years, variant)
        if len(ids) < 5:
            return None
        counts.append([sum(record.occurrences[i].domain == d for i in ids) for d in domains])
    rng = np.random.default_rng(0)
    drawn = [rng.dirichlet(np.array(c) + 0.5, DRAWS) for c in counts]
    entropy = [-(d * np.log(np.maximum(d, 1e-300))).sum(axis=1) for d in drawn]
    return float((entropy[1] > entropy[0]).mean())


def _more_targets(record: Record, group: Group) -> float | None:
    """Probability that the share of statements that speak of Russia, China, Taiwan or the South China Sea grew."""
    others = ("russia", "china", "taiwan", "south_china_sea")
    seen: dict[bool, list[bool]] = {False: [], True: []}
    for text in texts_of(record, group.members):
        year = record.occurrences[text.occurrence].happened.start.year
        verbs = {w.target: w.verb for w in wording(record, text.id)}
        spoken = any(verbs[t] not in ("", "absent", "not_seen") for t in others)
        settled = spoken or all(verbs[t] == "absent" for t in others)
        if settled and year <= CLAIMED[1]:
            seen[year >= CLAIMED[0]].append(spoken)
    if min(len(v) for v in seen.values()) < 5:
        return None
    rng = np.random.default_rng(0)
    share = {k: rng.beta(sum(v) + 0.5, len(v) - sum(v) + 0.5, DRAWS) for k, v in seen.items()}
    return float((share[True] > share[False]).mean())


# ---- C4: quasi-alliance ----------------------------------------------------------------------------------------------


def quasi_trials(measured: Measured) -> list[Trial]:
    """C4: by the study's own definition it holds in every year from 2023 on, and in none before.

    One specification for each coder, in the years that this coder coded, and each again with a milder reading in which
    an implied adversary is enough. In each it holds or it does not: the probability is 1 or 0.
    """
    mine = [q for q in measured.quasi if q.definition == "study"]
    if not any(q.year >= CAMP_DAVID for q in mine):
        return [
            Trial("C4", "coded years", None, measured.refused.get("quasi_alliance", "no year from 2023 on is coded"))
        ]
    made = []
    for coder in ("a", "b"):
        for mild in (False, True):
            coded = mine if coder == "a" else [q for q in mine if q.b_year == q.year]
            held = [(q.year, _study_holds(q.a if coder == "a" else q.b, mild)) for q in coded]
            right = all(holds == (year >= CAMP_DAVID) for year, holds in held)
            reading = "an implied adversary is enough" if mild else "as written"
            made.append(Trial("C4", f"coder {coder.upper()}, {reading}", float(right)))
    return made


def _study_holds(profile: Profile | None, mild: bool) -> bool:
    if profile is None:
        return False
    if mild and profile.adversary == "implied":
        profile = replace(profile, adversary="named")
    return RULES["study"](profile)


# ---- C6: the binding pair --------------------------------------------------------------------------------------------


def binding_trials(measured: Measured, pair: str = "JPN-KOR") -> list[Trial]:
    """C6: Japan-ROK is the weakest pair in at least 80 % of the years in which the pairs differ.

    In every series that covers all pairs alike (Beta posterior of the share, Jeffreys' prior); years of one series are
    not independent, so the probability is too sure of itself, which the card says.
    """
    mine = [p for p in measured.pair_years if p.pair == pair]
    if not mine:
        return [Trial("C6", "series", None, "no series covers all pairs of the group alike")]
    rng = np.random.default_rng(0)
    return [
        Trial(
            "C6",
            f"{p.series}, {p.first}-{p.last}",
            float((rng.beta(p.weakest + 0.5, p.years - p.weakest + 0.5, DRAWS) >= MOST).mean()),
        )
        for p in mine
    ] + [Trial("C6", f"since {max(p.last for p in mine) + 1}", None, "no series that covers all pairs alike goes on")]


# ---- C8: momentum ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pace:
    """What was new in a span, and how long it was in quarters."""

    counts: dict[str, int]
    quarters: float


def pace(record: Record, group: Group, start: date, end: date) -> Pace:
    """Count what was new in ``[start, end)``: mechanisms, upgrades, and occasions with first-time commitments.

    Occasions, since the commitments of one statement do not come one by one.
    """
    found = moves(record, group, start, end)
    counts = {kind: len({m.row or m.occurrence for m in found if m.kind == kind}) for kind in MOVES}
    counts["first_commitment"] = len({m.occurrence for m in found if m.kind == "first_commitment"})
    return Pace(counts, (end - start).days / 91.3106)


def momentum_trials(record: Record, group: Group, measured: Measured) -> list[Trial]:
    """C8: fewer new mechanisms, upgrades and first-time commitments per quarter than under Biden.

    From 20 January 2025 to the last day that was searched; against the whole term, and against each half of it. Gamma
    posteriors of the rates with Jeffreys' prior. Each is repeated as if the record held only half as much of the time
    after as of the time before.
    """
    if measured.board.reach is None:
        return [Trial("C8", "momentum", None, "no search on register covers the group")]
    end = min(measured.board.reach, measured.as_of) + timedelta(days=1)
    if (end - BIDEN[1]).days < 180:
        return [Trial("C8", "momentum", None, "less than half a year after January 2025 was searched")]
    after = pace(record, group, BIDEN[1], end)
    middle = date(2023, 1, 20)
    spans = {"2021-25": BIDEN, "2021-23": (BIDEN[0], middle), "2023-25": (middle, BIDEN[1])}
    rng = np.random.default_rng(0)
    made = []
    for name, span in spans.items():
        before = pace(record, group, *span)
        for kind in (*MOVES, "all"):
            for thinned in (1.0, 0.5):
                a, b = (sum(p.counts.values()) if kind == "all" else p.counts[kind] for p in (after, before))
                late = rng.gamma(a + 0.5, 1 / (after.quarters * thinned), DRAWS)
                early = rng.gamma(b + 0.5, 1 / before.quarters, DRAWS)
                half = "" if thinned == 1 else ", half the recall after"
                made.append(Trial("C8", f"{kind} against {name}{half}", float((late < early).mean())))
    return made

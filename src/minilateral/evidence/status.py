"""What the record is worth: recall, sources, reviews, agreement. Method card: docs/methods/record-status.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from minilateral.evidence.agreement import Agreement, coding_agreement, text_agreement
from minilateral.evidence.recall import Bounds, Recall, Tallied, bounds_in, jeffreys, recalls_of, tallied
from minilateral.evidence.record import Record
from minilateral.terms import Group, Period, Selection

#: Terms of US presidents: a calendar that does not depend on the cases.
PERIODS = tuple(
    (Period(date(a, *(1, 20) if a != 1993 else (1, 1)), date(b, 1, 20)), f"{a}-{b}")
    for a, b in ((1993, 2001), (2001, 2009), (2009, 2017), (2017, 2021), (2021, 2025))
)


@dataclass(frozen=True, slots=True)
class Quality:
    """Where the acts of a group come from.

    Attributes
    ----------
    acts : int
        Acts of exactly the group that were held (all occurrences, if no group is asked for).
    government, government_or_agency : int
        Acts with at least one such source.
    by_tier, by_language : dict
        Acts with at least one source of the tier, or in the language.
    one_source : int
        Acts that rest on one independent source: another publisher, copies not counted beside an original.
    only_study : int
        Acts that rest only on the study itself.
    sources, source_tiers, source_languages
        The different sources behind them, and how many are of which tier and language.
    """

    acts: int
    government: int
    government_or_agency: int
    by_tier: dict[str, int]
    by_language: dict[str, int]
    korean_or_japanese: int
    one_source: int
    only_study: int
    sources: int
    source_tiers: dict[str, int]
    source_languages: dict[str, int]


@dataclass(frozen=True, slots=True)
class Checked:
    """How many rows were checked against their sources by somebody else, and with what result.

    Attributes
    ----------
    checked : int
        Rows looked up again; ``readable`` of them could be compared with what the source says of the event.
    differs : int
    error_rate : float or None
        ``differs / readable``, with its 90 % Jeffreys interval ``low`` to ``high``; None where nothing was readable.
    """

    checked: int
    readable: int
    differs: int
    error_rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Status:
    """What the record is worth, for one group or for all."""

    quality: Quality
    recalls: tuple[Recall, ...]
    tallied: tuple[Tallied, ...]
    by_period: tuple[Bounds, ...]
    checked: Checked
    coding: tuple[Agreement, ...]
    texts: tuple[Agreement, ...]
    searched: dict[str, int]


def status(record: Record, as_of: date, group: Group | None = None) -> Status:
    """Work out recall by mechanism and period, the sources behind the rows, checks and agreement.

    Parameters
    ----------
    record : Record
        As known on ``as_of``.
    as_of : datetime.date
        The last period ends with it.
    group : Group, optional
        Acts and mechanisms of exactly this group; default: everything.

    Examples
    --------
    >>> from minilateral.evidence import load
    >>> now = status(load(date(2026, 11, 24)), date(2026, 11, 24), Group.parse("USA JPN KOR"))
    >>> 0 < now.quality.government_or_agency <= now.quality.acts
    True
    """
    where = Selection(exactly=group.members) if group else Selection()
    ids = record.select(where)
    mechanisms = [m.id for m in record.mechanisms.values() if group is None or m.members == group.members]
    periods = [*PERIODS]
    if as_of >= date(2025, 1, 20):
        periods.append((Period(date(2025, 1, 20), as_of + timedelta(days=1)), "2025-"))
    found = recalls_of(record, mechanisms)
    return Status(
        quality(record, ids),
        found,
        tallied(record, mechanisms),
        tuple(b for r in found for b in bounds_in(record, r.mechanism, periods)),
        checked(record, ids),
        coding_agreement(record),
        text_agreement(record, group.members if group else ()),
        dict(sorted(Counter(s.mechanism for s in record.sweeps if s.mechanism in set(mechanisms)).items())),
    )


def quality(record: Record, ids: Iterable[str]) -> Quality:
    """Count what kinds of sources stand behind these occurrences."""
    ids = tuple(ids)
    tiers = {i: {s.tier for s in record.sources_of(i)} for i in ids}
    languages = {i: {s.language for s in record.sources_of(i)} for i in ids}
    sources = {s.id: s for i in ids for s in record.sources_of(i)}
    return Quality(
        acts=len(ids),
        government=sum("government" in t for t in tiers.values()),
        government_or_agency=sum(bool(t & {"government", "agency"}) for t in tiers.values()),
        by_tier=dict(Counter(tier for found in tiers.values() for tier in sorted(found)).most_common()),
        by_language=dict(Counter(code for found in languages.values() for code in sorted(found)).most_common()),
        korean_or_japanese=sum(bool(found & {"ja", "ko"}) for found in languages.values()),
        one_source=sum(independent_sources(record, i) == 1 for i in ids),
        only_study=sum(record.only_study(i) for i in ids),
        sources=len(sources),
        source_tiers=dict(Counter(s.tier for s in sources.values()).most_common()),
        source_languages=dict(Counter(s.language for s in sources.values()).most_common()),
    )


def independent_sources(record: Record, occurrence: str) -> int:
    """How many publishers stand behind an occurrence; copies of others' texts count together as one, and not at all
    beside an original.
    """
    sources = record.sources_of(occurrence)
    originals = {s.publisher for s in sources if s.tier not in ("copy", "reference")}
    return len(originals) or min(1, len(sources))


def checked(record: Record, ids: Iterable[str]) -> Checked:
    """Sum up the checks of these occurrences against their sources."""
    wanted = set(ids)
    checks = [r for r in record.reviews if r.role == "checked" and r.occurrence in wanted]
    readable = [r for r in checks if r.outcome in ("confirmed", "differs")]
    differs = sum(r.outcome == "differs" for r in readable)
    if not readable:
        return Checked(len(checks), 0, 0, None, None, None)
    low, high = jeffreys(differs, len(readable))
    return Checked(len(checks), len(readable), differs, differs / len(readable), low, high)

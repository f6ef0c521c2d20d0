"""The unit of record: what happened, once, with all who took part; and what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from minilateral.errors import BadRecord
from minilateral.terms.periods import Period


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a table comes from: producer, title, version, licence, citation, the day it was read."""

    id: str
    producer: str
    title: str
    version: str
    licence: str
    citation: str
    accessed: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was seen.

    Attributes
    ----------
    published : datetime.date or None
        Day of publication, where it is known.
    tier : str
        Code of ``tier``: government, agency, newspaper, research, copy, reference, study.
    """

    id: str
    title: str
    publisher: str
    url: str
    language: str
    published: date | None
    tier: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A source that supports an occurrence (many-to-many).

    Attributes
    ----------
    role : {'report', 'retrospect'}
        Whether the source reports the occurrence at the time, so that its publication dates the knowledge of it,
        or tells of it in retrospect.
    from_study : bool
        Whether the row came out of the study itself (verdicts are repeated without such rows).
    """

    occurrence: str
    source: str
    role: str
    from_study: bool


@dataclass(frozen=True, slots=True)
class Output:
    """What an occasion produced: a statement, a memorandum, a body."""

    id: str
    occurrence: str
    kind: str
    title_en: str
    title_zh: str
    source: str


@dataclass(frozen=True, slots=True)
class Commitment:
    """A concrete promise made at an occasion. ``text_en`` and ``text_zh`` are our own words.

    Attributes
    ----------
    due : str
        The period (EDTF) by whose end it was promised; empty where the text names none.
    novelty : str
        Code of ``novelty``: new, repeated, unknown.
    who : tuple of str
        Who promised it.
    cadence_months : float or None
        For a promise to meet again and again: months between sessions.
    mechanism : str
        The mechanism that it is about, if any.
    concrete : bool
        Whether an act is promised that can be checked, rather than an attitude.
    first : str
        The commitment that first promised the same, if it is known.
    """

    id: str
    occurrence: str
    domain: str
    text_en: str
    text_zh: str
    due: str
    novelty: str
    source: str
    who: tuple[str, ...] = ()
    cadence_months: float | None = None
    mechanism: str = ""
    concrete: bool = True
    first: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """An occasion as a session of a mechanism, with its ordinal where the evidence numbers it."""

    mechanism: str
    occurrence: str
    ordinal: int | None


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A recurring channel.

    Attributes
    ----------
    promised_cadence_months : float or None
        Months between sessions as promised or described.
    promise_kind : str
        ``promise`` (a text promised it) or ``described`` (somebody describes it so), or empty.
    promise_from : Period or None
        Keeping can be judged only from then.
    predecessor, successor : str
        Ids of the mechanism that it followed, and of the one that took its place.
    """

    id: str
    members: tuple[str, ...]
    level: str
    domain: str
    name_en: str
    name_zh: str
    created: Period | None
    ended: Period | None
    promised_cadence_months: float | None
    promise_kind: str
    promise_from: Period | None
    promise_source: str
    standing_body: bool
    binding_instrument: str
    note: str
    predecessor: str = ""
    successor: str = ""

    def name(self, language: str) -> str:
        """Its name in ``en`` or ``zh``."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class Numbering:
    """The word of a government (or of the press quoting it) that a session was the N-th of its mechanism."""

    id: str
    mechanism: str
    ordinal: int
    happened: Period
    occurrence: str
    official: bool
    source: str
    basis: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened, or was announced or cancelled, with at least one participant.

    One occasion is one occurrence; its outputs, commitments and the mechanism session that it was hang on it.

    Attributes
    ----------
    happened : Period
        When, as exactly as the evidence says.
    known : datetime.date
        The first day on which it counts as known.
    known_basis : {'published', 'proxy'}
        Whether ``known`` is a publication date or the end of the occurrence plus the declared lag.
    participants : tuple of str
        Actor ids, sorted: exactly those who took part as parties.
    outsiders : tuple of str
        Who joined or observed beyond the parties.
    concerns : tuple of (str, str)
        Pairs that it touches although they did not act together in it (a tariff, a test).
    """

    id: str
    happened: Period
    known: date
    known_basis: str
    participants: tuple[str, ...]
    status: str
    kind: str
    level: str
    domain: str
    direction: str
    summary_en: str
    summary_zh: str
    venue: str = ""
    margins_of: str = ""
    place_en: str = ""
    place_zh: str = ""
    host: str = ""
    initiator: str = ""
    outsiders: tuple[str, ...] = ()
    concerns: tuple[tuple[str, str], ...] = ()
    confidence: str = "high"

    def __post_init__(self) -> None:
        if not self.participants:
            raise BadRecord(self.id, "has no participant", "name at least one state or listed body")
        if list(self.participants) != sorted(set(self.participants)):
            raise BadRecord(self.id, "has participants that are not sorted or stand twice", "sort them, each once")

    @property
    def is_act(self) -> bool:
        """Whether two or more took part in it together."""
        return len(self.participants) >= 2

    def summary(self, language: str) -> str:
        """What happened, in our own words."""
        return self.summary_zh if language == "zh" else self.summary_en


@dataclass(frozen=True, slots=True)
class Act(Occurrence):
    """An occurrence that at least two took part in together, once: the k-ad is stored, never its pairs.

    Examples
    --------
    >>> act = Act("x", Period.parse("2023-08-18"), date(2023, 8, 18), "published", ("JPN", "KOR"), "held", "summit",
    ...           "leader", "diplomacy", "cooperative", "They met.", "会晤。")
    >>> act.is_act
    True
    """

    def __post_init__(self) -> None:
        Occurrence.__post_init__(self)
        if len(self.participants) < 2:
            raise BadRecord(self.id, "has one participant: that is an occurrence, not an act", "use `occurrence`")


def occurrence(id: str, *, participants: tuple[str, ...], **fields: object) -> Occurrence:
    """Make an `Act` where two or more took part, else an `Occurrence`."""
    kind = Act if len(participants) >= 2 else Occurrence
    return kind(id=id, participants=participants, **fields)  # type: ignore[arg-type]

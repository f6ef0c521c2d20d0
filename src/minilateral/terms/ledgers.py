"""What stands beside the acts: promises kept, words chosen, searches made, and the ledgers of the argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from minilateral.terms.periods import Period


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """What became of a commitment, as one piece of evidence has it.

    Attributes
    ----------
    occurrence : str
        The act that kept it, took a step towards it or ended it; empty for ``none_found``.
    happened : Period
        When; for ``none_found`` the day of the search.
    part : str
        Code of ``fulfilment``: kept, step, ended, none_found.
    """

    commitment: str
    occurrence: str
    happened: Period
    part: str
    source: str
    note_en: str
    note_zh: str


@dataclass(frozen=True, slots=True)
class Text:
    """A statement of a group that was seen, and how much of it.

    Attributes
    ----------
    seen : str
        Code of ``seen``: full, part, report. Only in a text that was seen in full can a target be absent.
    """

    id: str
    occurrence: str
    title_en: str
    title_zh: str
    source: str
    seen: str


@dataclass(frozen=True, slots=True)
class TextCode:
    """What one coder found that a statement says of one target.

    Attributes
    ----------
    coder : str
        ``A`` or ``B``, who did not see each other's codes, or ``settled``.
    target : str
        Code of ``target``.
    verb : str
        Code of ``verb``: the rung of the fixed ladder, ``absent``, or ``not_seen``.
    manner : str
        Code of ``manner``: named or implied; empty where nothing is said.
    """

    text: str
    coder: str
    target: str
    verb: str
    manner: str
    note: str


@dataclass(frozen=True, slots=True)
class Tally:
    """A government's own count of the sessions of a mechanism between two days, both included.

    Attributes
    ----------
    happened : Period
        From the first to the last day of what was counted.
    counted : int
        How many sessions it counts; 0 where it says that none took place between the two.
    """

    id: str
    mechanism: str
    happened: Period
    counted: int
    source: str
    basis: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """A search that was made: for which mechanism and years, where, in which language, when, with what result."""

    id: str
    mechanism: str
    start: Period
    end: Period
    place: str
    language: str
    query: str
    on: date
    found: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Review:
    """That somebody coded an occurrence, or looked at it again.

    Attributes
    ----------
    coder : str
        A label; no coder is given a name that is not his.
    role : str
        Code of ``review``: coded, recoded (again, without sight of the first codes), checked (against the source).
    outcome : str
        Code of ``outcome`` for a check: confirmed, differs, unreadable; else empty.
    """

    occurrence: str
    coder: str
    role: str
    on: date
    outcome: str
    field: str
    note: str


@dataclass(frozen=True, slots=True)
class Coding:
    """One coder's code for one field of an occurrence."""

    occurrence: str
    coder: str
    field: str
    code: str


@dataclass(frozen=True, slots=True)
class Government:
    """Who held the office that takes part in summits, from when to when.

    Attributes
    ----------
    caretaker : bool
        Acting, or between a resignation or dissolution and the next cabinet.
    """

    id: str
    state: str
    office: str
    person_en: str
    person_zh: str
    start: date
    end: date | None
    caretaker: bool
    reason: str
    party: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """One move in a demand between states: the demand, a refusal, an agreement ...

    Attributes
    ----------
    demand : str
        What all moves of one demand share.
    actors, toward : tuple of str
        Who made it, and towards whom; an agreement has both as actors and nobody as ``toward``.
    amount, unit : str
        As the source gives them; empty without a figure.
    """

    id: str
    demand: str
    happened: Period
    actors: tuple[str, ...]
    toward: tuple[str, ...]
    subject: str
    move: str
    amount: str
    unit: str
    text_en: str
    text_zh: str
    occurrence: str
    confidence: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opinion:
    """A share of answers in a survey, in percent."""

    id: str
    happened: Period
    pollster: str
    population: str
    n: int | None
    topic: str
    question_en: str
    question_zh: str
    answer_en: str
    answer_zh: str
    share: float
    source: str


@dataclass(frozen=True, slots=True)
class Council:
    """What the Security Council did, or failed to do, on one occasion."""

    id: str
    happened: Period
    document: str
    subject_en: str
    subject_zh: str
    outcome: str
    yes: int | None
    no: int | None
    abstain: int | None
    vetoed_by: tuple[str, ...]
    sponsor: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A published figure of one state, such as its digital deficit of a year."""

    id: str
    happened: Period
    state: str
    what_en: str
    what_zh: str
    value: float
    unit: str
    source: str

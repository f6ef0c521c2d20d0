"""The shelf of shipped series: definitions, values, coverage and citations, without any raw file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Literal, cast

from minilateral.errors import BadCode, BadGroup, BadRecord, NoEvidence
from minilateral.origins.tidy import State, alive
from minilateral.terms import Group, Origin, Period, actor_register, bins
from minilateral.terms.tables import read_tsv, shipped

Kind = Literal["count", "share", "binary", "ordinal", "continuous"]
Dimension = Literal["institutionalisation", "functionalisation", "context"]
Form = Literal["state", "dyad", "directed", "group", "set"]
Direction = Literal["closer", "apart", "neither"]
Basis = Literal["census", "listed"]
VALUES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "kind": ("count", "share", "binary", "ordinal", "continuous"),
        "dimension": ("institutionalisation", "functionalisation", "context"),
        "form": ("state", "dyad", "directed", "group", "set"),
        "direction": ("closer", "apart", "neither"),
        "every": ("year", "month"),
        "primary": ("true", "false"),
    }
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a series measures and how it may be read.

    Attributes
    ----------
    id : str
        Name of the indicator.
    origin : str
        Id of the data set that it is derived from.
    unit : str
        Unit of the values.
    direction : {'closer', 'apart', 'neither'}
        What a higher value says of cooperation; ``neither``: nothing by itself.
    measures : str
        One sentence.
    kind : {'count', 'share', 'binary', 'ordinal', 'continuous'}
    dimension : {'institutionalisation', 'functionalisation', 'context'}
    primary : bool
        Whether it may carry a conclusion; others are context and checks.
    lag_days : int
        Days after the end of a period at which its value counts as known. Declared, not observed.
    every : {'year', 'month'}
        Width of a bin.
    form : {'state', 'dyad', 'directed', 'group', 'set'}
        What it belongs to: one state, two, two in order, three or more, or two or more.
    """

    id: str
    origin: str
    unit: str
    direction: Direction
    measures: str
    kind: Kind
    dimension: Dimension
    primary: bool
    lag_days: int
    every: Literal["year", "month"]
    form: Form


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a series.

    Attributes
    ----------
    indicator, members : str
        The series; members as in the tables (``JPN;KOR``, or ``USA>JPN`` where directed).
    period : Period
        A calendar year or month.
    value : float or None
        In ``unit``; None only where ``state`` is ``not_applicable``.
    n : int or None
        Observations behind it; 0 for a zero that follows from the coverage.
    state : {'observed', 'incomplete', 'not_applicable'}
        ``incomplete``: the data set ends or has gaps inside the period. ``not_applicable``: a member did not exist.
    note : str
        What must be known to read it.
    known : datetime.date
        End of the period plus the declared lag.
    """

    indicator: str
    members: str
    period: Period
    value: float | None
    unit: str
    n: int | None
    state: State
    note: str
    known: date


@dataclass(frozen=True, slots=True)
class Cover:
    """A span that a data set covers.

    Attributes
    ----------
    indicator : str
    members : str
        Exact members; ``*``: any; ``AUS|CAN|...``: any two of these.
    start, end : datetime.date
        Half-open span.
    basis : {'census', 'listed'}
        ``census``: a bin without a row is a true zero. ``listed``: a bin without a row is missing.
    note : str
        Why.
    """

    indicator: str
    members: str
    start: date
    end: date
    basis: Basis
    note: str


@cache
def _definitions() -> MappingProxyType[str, Indicator]:
    made = {}
    for row in read_tsv(shipped("series", "indicators.tsv")):
        for field, allowed in VALUES.items():
            if row[field] not in allowed:
                raise BadRecord(f"indicator {row['id']}: {field} {row[field]!r}", f"is none of {', '.join(allowed)}")
        made[row["id"]] = Indicator(
            row["id"], row["origin"], row["unit"], cast(Direction, row["direction"]), row["measures"],
            cast(Kind, row["kind"]), cast(Dimension, row["dimension"]), row["primary"] == "true", int(row["lag_days"]),
            cast(Literal["year", "month"], row["every"]), cast(Form, row["form"]),
        )  # fmt: skip
    return MappingProxyType(made)


@cache
def _rows(origin: str) -> MappingProxyType[tuple[str, str], tuple[dict[str, str], ...]]:
    held: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in read_tsv(shipped("series", f"{origin}.tsv")):
        held.setdefault((row["indicator"], row["members"]), []).append(row)
    return MappingProxyType({key: tuple(rows) for key, rows in held.items()})


@cache
def _covers() -> MappingProxyType[str, tuple[Cover, ...]]:
    made: dict[str, list[Cover]] = {}
    for row in read_tsv(shipped("series", "coverage.tsv")):
        basis, _, note = row["basis"].partition(": ")
        cover = Cover(
            row["indicator"], row["members"], date.fromisoformat(row["start"]), date.fromisoformat(row["end"]),
            cast(Basis, basis), note,
        )  # fmt: skip
        made.setdefault(cover.indicator, []).append(cover)
    return MappingProxyType({indicator: tuple(covers) for indicator, covers in made.items()})


def indicators() -> tuple[Indicator, ...]:
    """Give every definition, in the order of ids.

    Examples
    --------
    >>> [i.id for i in indicators() if i.origin == "mme"]
    ['mme_containing', 'mme_exact']
    """
    return tuple(_definitions()[i] for i in sorted(_definitions()))


def indicator(name: str) -> Indicator:
    """Give one definition.

    Raises
    ------
    BadCode
        There is none of that name.

    Examples
    --------
    >>> indicator("atop_defence").kind
    'binary'
    """
    if name not in _definitions():
        near = [i for i in sorted(_definitions()) if i.split("_")[0] == name.split("_")[0]]
        raise BadCode(repr(name), "is no indicator that ships", f"see {', '.join(near) or 'origins.indicators()'}")
    return _definitions()[name]


def spell(definition: Indicator, members: str | Group | Iterable[str]) -> str:
    """Write members as the tables do, and refuse what does not fit the indicator's form.

    A state that another continues stands under that one (the Soviet Union under Russia).

    Raises
    ------
    BadGroup
        Another number of members than the form asks for, one twice, or no direction where there is one.
    UnknownActor, AmbiguousActor
        A name that is none.

    Examples
    --------
    >>> spell(indicator("us_troops"), "USA>Japan"), spell(indicator("atop_defence"), ["USA", "JPN"])
    ('USA>JPN', 'JPN;USA')
    """
    register = actor_register()
    directed = isinstance(members, str) and ">" in members
    if isinstance(members, Group):
        names = list(members.members)
    elif isinstance(members, str):
        names = [part.strip() for part in members.replace(">", ";").split(";")]
    else:
        names = list(members)
    ids = [register.lineage(register.find(name).id) for name in names]
    if bodies := [i for i in ids if register[i].kind == "body"]:
        raise BadGroup(repr(members), f"names {', '.join(bodies)}, no state", "name states")
    fits = {
        "state": len(ids) == 1,
        "dyad": len(ids) == 2,
        "directed": len(ids) == 2,
        "group": len(ids) > 2,
        "set": len(ids) > 1,
    }
    asks = {
        "state": "one state", "dyad": "two states", "directed": "two states, from>to", "group": "three states or more",
        "set": "two states or more",
    }  # fmt: skip
    if not fits[definition.form] or len(set(ids)) < len(ids) or directed != (definition.form == "directed"):
        raise BadGroup(repr(members), f"does not fit {definition.id}", f"give {asks[definition.form]}, each once")
    return ">".join(ids) if directed else ";".join(sorted(ids))


def _matches(pattern: str, members: str) -> bool:
    if pattern in ("*", members):
        return True
    pair = members.split(";")
    return "|" in pattern and len(pair) == 2 and set(pair) <= set(pattern.split("|"))


def coverage(name: str, members: str | Group | Iterable[str] | None = None) -> tuple[Cover, ...]:
    """Give the spans that the data set covers; empty: these members are not in it.

    Parameters
    ----------
    name : str
        Id of an indicator.
    members : str, Group or iterable of str, optional
        As for `series`. None: every span of the indicator.

    Examples
    --------
    >>> [(c.start.year, c.end.year, c.basis) for c in coverage("mme_exact", "JPN;KOR;USA")]
    [(1980, 2011, 'census')]
    """
    definition = indicator(name)
    covers = _covers().get(name, ())
    if members is None:
        return covers
    spelt = spell(definition, members)
    return tuple(c for c in covers if _matches(c.members, spelt))


def series(name: str, members: str | Group | Iterable[str], *, as_of: date | None = None) -> tuple[Reading, ...]:
    """Give the readings of one indicator for one set of members, in order of time.

    A period without coverage has no reading. Inside a ``census`` coverage a period without a row is a true zero, with
    ``n`` 0; where a member did not exist on any day of the period the reading is ``not_applicable`` and has no value.

    Parameters
    ----------
    name : str
        Id of an indicator.
    members : str, Group or iterable of str
        ``JPN;KOR``, a `Group`, names; ``USA>JPN`` for a directed indicator.
    as_of : datetime.date, optional
        Leave out readings that were not known by that day (end of the period plus the declared lag).

    Raises
    ------
    BadCode, BadGroup, UnknownActor
        No such indicator, members that do not fit it, a name that is none.
    NoEvidence
        The shipped tables do not cover these members: that is not a zero.

    Examples
    --------
    >>> [r.value for r in series("atop_defence", "JPN;KOR") if r.period.start.year == 2018]
    [0.0]
    >>> [r.state for r in series("us_secretary_visits", "USA>JPN")][-1]
    'incomplete'
    """
    definition = indicator(name)
    spelt = spell(definition, members)
    covers = coverage(name, spelt)
    if not covers:
        raise NoEvidence(f"{name} of {spelt}", "is not in the shipped tables, which is no zero", "see origins.coverage")
    found: dict[date, Reading] = {}

    def reading(period: Period, value: float | None, n: int | None, state: State, note: str) -> Reading:
        known = period.end + timedelta(days=definition.lag_days)
        return Reading(name, spelt, period, value, definition.unit, n, state, note, known)

    for row in _rows(definition.origin).get((name, spelt), ()):
        n = int(row["n"]) if row["n"] else None
        for period in bins(date.fromisoformat(row["start"]), date.fromisoformat(row["end"]), definition.every):
            found[period.start] = reading(period, float(row["value"]), n, cast(State, row["state"]), row["note"])
    actors = spelt.replace(">", ";").split(";")
    for cover in covers:
        for period in bins(cover.start, cover.end, definition.every) if cover.basis == "census" else ():
            if period.start in found or period.start < cover.start or period.end > cover.end:
                continue
            if all(alive(actor, period.start, period.end) for actor in actors):
                found[period.start] = reading(period, 0.0, 0, "observed", "")
            else:
                found[period.start] = reading(period, None, None, "not_applicable", "a member did not exist")
    return tuple(found[start] for start in sorted(found) if as_of is None or found[start].known <= as_of)


def held(name: str) -> tuple[str, ...]:
    """Give the members of an indicator for which rows ship (zeros of a census may stand for others).

    Examples
    --------
    >>> "PRK;RUS" in held("atop_defence")
    True
    """
    definition = indicator(name)
    return tuple(sorted(members for i, members in _rows(definition.origin) if i == name))


def cite(name: str) -> Origin:
    """Give the data set behind an indicator, with its terms, address and the hash of the raw file in the note.

    Examples
    --------
    >>> cite("atop_defence").version
    '5.1'
    """
    wanted = indicator(name).origin
    for row in read_tsv(shipped("series", "origins.tsv")):
        if row["id"] == wanted:
            note = f"{row['terms']}; {row['url']}; sha256 {row['sha256']}"
            return Origin(
                row["id"], row["producer"], row["title"], row["version"], row["licence"], row["citation"],
                row["accessed"], note,
            )  # fmt: skip
    raise BadRecord(f"origin {wanted}", "is not in the table of origins", "build the series anew")

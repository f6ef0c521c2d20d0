"""The dashboard of a group: promise and practice, as of a day. Card: docs/methods/dashboard.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from minilateral.evidence import Record, fates, texts_of, wording
from minilateral.evidence.recall import bounds_in
from minilateral.measure.coverage import reach, searched
from minilateral.measure.indicators import RANK, recall_of
from minilateral.measure.mechanisms import Standing, standings
from minilateral.terms import Group, Mechanism, Period, Selection, bins, code_table
from minilateral.terms.periods import label

State = Literal["observed", "not_observed", "not_applicable"]

#: Blocks of the dashboard, in their order.
BLOCKS = ("levels", "mechanisms", "promises", "targets", "momentum")

#: Quarters before the current one that the momentum block looks back over.
QUARTERS = 8

#: What momentum counts, in its order.
MOVES = ("new_mechanism", "level_upgrade", "first_commitment")


@dataclass(frozen=True, slots=True)
class Gauge:
    """One reading of the dashboard.

    Attributes
    ----------
    block : str
        One of ``BLOCKS``.
    item : str
        A level, a standing, a fate, a target, or a kind of move.
    period : str
        The quarter, in the momentum block; else empty.
    value : int or None
        What the record shows: at least so many. None where nothing was seen and nothing shows that there was none.
    upper : int or None
        At most so many, where an official numbering bounds it.
    promised : float or None
        How many were promised in the same time, where a text promised a cadence.
    recall : float or None
        Share of the officially counted sessions of the mechanisms behind it that the record holds.
    verb, manner : str
        In the targets block: the strongest rung of the ladder, and whether the target was named.
    state, reason : str
        Code of ``state``, and why there is no number.
    acts : tuple of str
        The occurrences behind the value, by date.
    rows : tuple of str
        Mechanisms, commitments or statements behind it.
    """

    block: str
    item: str
    value: int | None
    period: str = ""
    upper: int | None = None
    promised: float | None = None
    recall: float | None = None
    verb: str = ""
    manner: str = ""
    state: State = "observed"
    reason: str = ""
    acts: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All readings of a group as of a day, and how its mechanisms stand.

    Attributes
    ----------
    reach : datetime.date or None
        The last day that was searched; None where no search covers the group.
    window : Period
        The twelve months to that day (to the as-of day without any search): levels and targets are read over it.
    """

    group: Group
    as_of: date
    reach: date | None
    window: Period
    gauges: tuple[Gauge, ...]
    standings: tuple[Standing, ...]

    def block(self, name: str) -> tuple[Gauge, ...]:
        """The readings of one block."""
        return tuple(g for g in self.gauges if g.block == name)


@dataclass(frozen=True, slots=True)
class Momentum:
    """One thing that was new: a mechanism, a level not reached before in a domain, a promise not made before.

    Attributes
    ----------
    kind : str
        One of ``MOVES``.
    on : Period
        When.
    row : str
        The mechanism or the commitment; empty for an upgrade.
    occurrence : str
        The act that it came with, where there is one.
    """

    kind: str
    on: Period
    row: str
    occurrence: str


def dashboard(record: Record, group: Group, as_of: date, seed: int = 0) -> Dashboard:
    """Read the dashboard.

    Parameters
    ----------
    record : Record
        As known on ``as_of``.
    group : Group
    as_of : datetime.date
    seed : int
        For the model of renewal behind the standings.

    Returns
    -------
    Dashboard

    Notes
    -----
    Every count is of what is on record, so it is a floor. A zero is given only where searches on register cover the
    time for two in three of the mechanisms behind it; else the state is ``not_observed``.
    """
    own = tuple(m for m in record.mechanisms.values() if m.members == group.members)
    last = reach(record, own, as_of)
    window = Period(_year_before(last or as_of), (last or as_of) + timedelta(days=1))
    standing = standings(record, as_of, seed=seed, members=group.members)
    gauges = (
        *_levels(record, group, own, window),
        *_mechanisms(standing),
        *_promises(record, group, as_of),
        *_targets(record, group, window),
        *_momentum(record, group, own, last or as_of),
    )
    return Dashboard(group, as_of, last, window, gauges, standing)


def _year_before(day: date) -> date:
    first = day + timedelta(days=1)
    return first.replace(year=first.year - 1, day=28 if (first.month, first.day) == (2, 29) else first.day)


def met_at(record: Record, group: Group, level: str, start: date, end: date) -> tuple[str, ...]:
    """Held acts of exactly the group at a level in ``[start, end)`` that were meetings or drills.

    A statement or a call without a meeting is none.
    """
    ids = record.select(Selection(exactly=group.members, level=level, start=start, end=end))
    kinds = {"summit", "meeting", "visit", "exercise", "joint_statement", "agreement_signed"}
    return tuple(
        i for i in ids if record.occurrences[i].kind in kinds and record.occurrences[i].venue != "correspondence"
    )


def _levels(record: Record, group: Group, own: tuple[Mechanism, ...], window: Period) -> list[Gauge]:
    made = []
    for level in code_table().codes("level"):
        mechanisms = [m for m in own if m.level == level and not (m.ended and m.ended.end <= window.start)]
        acts = met_at(record, group, level, window.start, window.end)
        if not mechanisms and not acts:
            continue
        promised = [m for m in mechanisms if m.promised_cadence_months and m.promise_kind == "promise"]
        owed = sum(_owed(m, window) for m in promised)
        ids = [m.id for m in mechanisms]
        state, reason = _state(len(acts), searched(record, mechanisms, window))
        made.append(
            Gauge(
                "levels",
                level,
                len(acts) if state == "observed" else None,
                upper=_upper(record, ids, window),
                promised=owed if promised else None,
                recall=recall_of(record, ids),
                state=state,
                reason=reason,
                acts=acts,
                rows=tuple(ids),
            )
        )
    return made


def _state(seen: int, covered: bool) -> tuple[State, str]:
    if seen or covered:
        return "observed", ""
    return "not_observed", "none seen, and no search covers the whole time"


def _owed(mechanism: Mechanism, window: Period) -> float:
    """Sessions that a promised cadence asks for inside the window, counted from the day of the promise."""
    start = max(window.start, mechanism.promise_from.end) if mechanism.promise_from else window.start
    end = min(window.end, mechanism.ended.start) if mechanism.ended else window.end
    days = max(0, (end - start).days)
    assert mechanism.promised_cadence_months
    return round(days / (mechanism.promised_cadence_months * 365.2425 / 12), 1)


def _upper(record: Record, mechanisms: list[str], window: Period) -> int | None:
    """The most that the official numbering of all these mechanisms leaves room for, if all are numbered that far."""
    if not mechanisms:
        return None
    bounds = [bounds_in(record, m, [(window, "")])[0].upper for m in mechanisms]
    return None if any(b is None for b in bounds) else sum(b for b in bounds if b is not None)


def _mechanisms(standing: tuple[Standing, ...]) -> list[Gauge]:
    """How many stand how; ``all`` is their sum."""
    states = code_table().codes("standing")
    by_state = {state: tuple(s.id for s in standing if s.state == state) for state in states}
    whole = Gauge("mechanisms", "all", len(standing), rows=tuple(s.id for s in standing))
    return [whole, *(Gauge("mechanisms", state, len(ids), rows=ids) for state, ids in by_state.items())]


def _promises(record: Record, group: Group, as_of: date) -> list[Gauge]:
    found = fates(record, as_of, group.members)
    made = {c.id: c.occurrence for c in record.commitments}
    gauges = []
    for fate in code_table().codes("fate"):
        mine = [f for f in found if f.fate == fate]
        behind = {made[f.commitment] for f in mine} | {i for f in mine for i in f.acts}
        gauges.append(
            Gauge(
                "promises",
                fate,
                len(mine) if found else None,
                state="observed" if found else "not_observed",
                reason="" if found else "no concrete commitment on record",
                acts=tuple(i for i in record.occurrences if i in behind),
                rows=tuple(f.commitment for f in mine),
            )
        )
    return gauges


def _targets(record: Record, group: Group, window: Period) -> list[Gauge]:
    """The strongest wording of each target in the statements of the window; absence only from texts seen in full."""
    texts = [
        t
        for t in texts_of(record, group.members)
        if window.start <= record.occurrences[t.occurrence].happened.start < window.end
    ]
    ladder = list(code_table().codes("verb"))
    spoken = {t.id: {w.target: w for w in wording(record, t.id)} for t in texts}
    gauges = []
    for target in code_table().codes("target"):
        heard = [(t, w) for t in texts if (w := spoken[t.id][target]).verb not in ("", "absent", "not_seen")]
        silent = [t for t in texts if spoken[t.id][target].verb == "absent"]
        top = max(heard, key=lambda tw: ladder.index(tw[1].verb), default=None)
        settled = heard or silent
        gauges.append(
            Gauge(
                "targets",
                target,
                len(heard) if settled else None,
                upper=len(texts) - len(silent),
                verb=top[1].verb if top else "absent" if silent else "",
                manner=next((w.manner for _, w in sorted(heard, key=lambda tw: tw[1].manner != "named")), ""),
                state="observed" if settled else "not_observed",
                reason="" if settled else ("no statement on record" if not texts else "not seen in what was read"),
                acts=tuple(t.occurrence for t, _ in heard),
                rows=tuple(t.id for t in texts),
            )
        )
    return gauges


def moves(record: Record, group: Group, start: date, end: date) -> tuple[Momentum, ...]:
    """What was new in ``[start, end)``, by date; what is dated too coarsely to lie inside is left out.

    A *new mechanism* is one of exactly the group that began then (its first session or its founding). A *level
    upgrade* is the first held act of exactly the group in a domain at a rank above all before it in that domain, from
    chiefs of defence and vice ministers upward. A *first-time commitment* is concrete and coded as new.
    """
    found = [
        Momentum("new_mechanism", m.created, m.id, _founding(record, m))
        for m in record.mechanisms.values()
        if m.members == group.members and m.created
    ]
    best: dict[str, int] = {}
    for i in record.select(Selection(exactly=group.members, direction="cooperative")):
        item = record.occurrences[i]
        rank = RANK.get(item.level, 0)
        if rank > best.get(item.domain, 0):
            if rank >= RANK["vice_minister"]:
                found.append(Momentum("level_upgrade", item.happened, "", i))
            best[item.domain] = rank
    own = set(record.select(Selection(exactly=group.members, status="")))
    found += [
        Momentum("first_commitment", record.occurrences[c.occurrence].happened, c.id, c.occurrence)
        for c in record.commitments
        if c.concrete and c.novelty == "new" and c.occurrence in own
    ]
    inside = [m for m in found if start <= m.on.start and (m.on.start if _dated(m.on) else m.on.last) < end]
    return tuple(sorted(inside, key=lambda m: (m.on, MOVES.index(m.kind), m.row, m.occurrence)))


def _dated(on: Period) -> bool:
    """Whether the day on which it began is known: an act of several days lies where it starts."""
    return on.precision == "day"


def _founding(record: Record, mechanism: Mechanism) -> str:
    held = record.select(Selection(mechanism=mechanism.id))
    return (
        held[0]
        if held and mechanism.created and mechanism.created.start <= record.occurrences[held[0]].happened.start
        else ""
    )


def _momentum(record: Record, group: Group, own: tuple[Mechanism, ...], last: date) -> list[Gauge]:
    start = date(last.year - QUARTERS // 4, (last.month - 1) // 3 * 3 + 1, 1)
    end = last + timedelta(days=1)
    frame = list(bins(start, end, "quarter"))
    gauges = []
    for quarter in frame:
        covered = searched(record, own, Period(quarter.start, min(quarter.end, end)))
        for kind in MOVES:
            mine = [m for m in moves(record, group, quarter.start, min(quarter.end, end)) if m.kind == kind]
            state, reason = _state(len(mine), covered)
            gauges.append(
                Gauge(
                    "momentum",
                    kind,
                    len(mine) if state == "observed" else None,
                    period=label(quarter, "quarter"),
                    state=state,
                    reason=reason,
                    acts=tuple(dict.fromkeys(m.occurrence for m in mine if m.occurrence)),
                    rows=tuple(m.row for m in mine if m.row),
                )
            )
    return gauges

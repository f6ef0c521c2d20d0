"""How far searches reach, and when a zero is a zero. Card: docs/methods/dashboard.md."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from minilateral.evidence import Record, swept_over
from minilateral.terms import Mechanism, Period

#: A time counts as searched if searches cover it for this share of the mechanisms that lived then.
SEARCHED_SHARE = 2 / 3


def reach(record: Record, mechanisms: Iterable[Mechanism], as_of: date) -> date | None:
    """The last day up to ``as_of`` that searches cover for two in three of the mechanisms that lived then."""
    own = [m for m in mechanisms if not m.standing_body]
    ids = {m.id for m in own}
    ends = {min(as_of, s.end.last) for s in record.sweeps if s.mechanism in ids and s.start.start <= as_of}
    for day in sorted(ends, reverse=True):
        if searched(record, own, Period(day, day + timedelta(days=1))):
            return day
    return None


def searched(record: Record, mechanisms: Iterable[Mechanism], span: Period) -> bool:
    """Whether searches cover a span for two in three of the mechanisms that lived in it, and for one at least."""
    lived = [
        m
        for m in mechanisms
        if not m.standing_body
        and (m.created is None or m.created.start < span.end)
        and not (m.ended and m.ended.end <= span.start)
    ]
    covered = sum(swept_over(record, m.id, _life(m, span)) for m in lived)
    return bool(lived) and covered >= SEARCHED_SHARE * len(lived)


def _life(mechanism: Mechanism, span: Period) -> Period:
    """The part of a span in which a mechanism is to be searched: from its beginning to its end."""
    start = max(span.start, min(mechanism.created.start, span.last)) if mechanism.created else span.start
    end = min(span.end, mechanism.ended.end) if mechanism.ended else span.end
    return Period(start, max(end, start + timedelta(days=1)))

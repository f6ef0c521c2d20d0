"""When an occurrence counts as known: the two dates of the record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from types import MappingProxyType

from minilateral.terms import Period

#: Constants of the methods, each explained on a card of docs/methods/. Sentences name them by key.
DECLARED = MappingProxyType(
    {
        "known_lag_days": 7.0,  # docs/methods/known-date.md
        "retrospect_after_days": 31.0,  # docs/methods/known-date.md
        "share_minimum_n": 5.0,  # docs/methods/joint-share.md
        "interval_level": 0.90,  # docs/methods/recall.md
        "silence_days": 90.0,  # docs/methods/joint-part.md
        "recall_minimum_rounds": 5.0,  # docs/methods/recall.md
        "cadence_grace": 1.5,  # docs/methods/promises.md
    }
)


def known_on(happened: Period, published: Iterable[date | None]) -> tuple[date, str]:
    """The first day on which an occurrence counts as known.

    The earliest publication of evidence that reports it; where no report is dated, the end of the occurrence plus a
    declared lag (7 days), marked ``proxy``. A report that is dated before the occurrence began announces it: the
    occurrence itself is not known before it starts.

    Parameters
    ----------
    happened : Period
    published : iterable of datetime.date or None
        Publication days of the evidence that reports it (not of that which tells of it in retrospect).

    Returns
    -------
    (datetime.date, {'published', 'proxy'})

    Examples
    --------
    >>> known_on(Period.parse("2023-08-18"), [date(2023, 8, 19), None])
    (datetime.date(2023, 8, 19), 'published')
    >>> known_on(Period.parse("2023-08"), [])
    (datetime.date(2023, 9, 7), 'proxy')
    """
    days = [day for day in published if day is not None]
    if days:
        return max(min(days), happened.start), "published"
    lag = timedelta(days=DECLARED["known_lag_days"])
    return (happened.last + lag if happened.last <= date.max - lag else date.max), "proxy"

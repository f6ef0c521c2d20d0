"""How far coders agree who did not see each other's codes. Method card: docs/methods/agreement.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from minilateral.evidence.record import Record
from minilateral.evidence.tables import RECODED
from minilateral.evidence.texts import texts_of
from minilateral.terms import code_table

Metric = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of coders on one field.

    Attributes
    ----------
    field : str
        What was coded.
    units : int
        Units that at least two coders coded.
    agreed : int
        Units on which all of them chose the same code.
    alpha : float or None
        Krippendorff's alpha; None where nothing varies or nothing was coded twice, so that it is not defined.
    metric : {'nominal', 'ordinal', 'interval'}
    """

    field: str
    units: int
    agreed: int
    alpha: float | None
    metric: Metric


def krippendorff_alpha(
    units: Iterable[Sequence[str | float | None]],
    metric: Metric = "nominal",
    order: Sequence[str | float] | None = None,
) -> float | None:
    r"""Krippendorff's alpha, for any number of coders and with missing codes.

    ``alpha = 1 - D_o / D_e``: observed over expected disagreement, from the coincidences of codes within units
    (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability). 1 is perfect agreement, 0 what chance gives; it
    can be negative.

    Parameters
    ----------
    units : iterable of sequence
        One sequence of codes per unit, one per coder; None where a coder gave none. Units with fewer than two codes
        do not count.
    metric : {'nominal', 'ordinal', 'interval'}
        ``interval`` takes numbers.
    order : sequence, optional
        The ranks of an ordinal code, lowest first. Default: sorted.

    Returns
    -------
    float or None
        None if fewer than two codes can be paired, or if all are the same: alpha is then not defined.

    Examples
    --------
    >>> krippendorff_alpha([("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")])
    0.5333333333333333
    >>> krippendorff_alpha([("a", "a"), ("a", "a")]) is None
    True
    """
    pairs: Counter[tuple[str | float, str | float]] = Counter()
    for unit in units:
        codes = [c for c in unit if c is not None]
        for i, one in enumerate(codes):
            for j, other in enumerate(codes):
                if i != j:
                    pairs[one, other] += 1 / (len(codes) - 1)  # type: ignore[assignment]
    totals: Counter[str | float] = Counter()
    for (one, _), n in pairs.items():
        totals[one] += n
    whole = sum(totals.values())
    if whole < 2 or len(totals) < 2:
        return None
    values = [v for v in order if v in totals] if order is not None else sorted(totals, key=_rank)
    rank = {v: at for at, v in enumerate(values)}
    if missing := totals.keys() - rank.keys():
        raise ValueError(f"{sorted(map(str, missing))}: codes without a rank in `order`")

    def distance(one: str | float, other: str | float) -> float:
        if one == other:
            return 0.0
        if metric == "nominal":
            return 1.0
        if metric == "interval":
            return (float(one) - float(other)) ** 2
        low, high = sorted((rank[one], rank[other]))
        between = sum(totals[v] for v in values[low : high + 1])
        return float(between - (totals[one] + totals[other]) / 2) ** 2

    observed = sum(n * distance(one, other) for (one, other), n in pairs.items())
    expected = sum(totals[a] * totals[b] * distance(a, b) for a in totals for b in totals) / (whole - 1)
    return 1 - observed / expected


def _rank(value: str | float) -> tuple[int, float, str]:
    return (0, float(value), "") if isinstance(value, int | float) else (1, 0.0, value)


def text_agreement(record: Record, members: tuple[str, ...] = ()) -> tuple[Agreement, ...]:
    """Agreement of coders A and B on what statements say of each target, and on all targets together.

    A unit is a statement and a target; the code is the rung of the ladder (ordinal: absent, note, concern, oppose,
    condemn, act). ``not_seen`` is no code: what was not seen cannot be agreed on.

    Parameters
    ----------
    record : Record
    members : tuple of str, optional
        Only statements of exactly these.
    """
    ladder = [v for v in code_table().codes("verb") if v != "not_seen"]
    codes: dict[tuple[str, str], dict[str, str]] = {}
    wanted = {t.id for t in texts_of(record, members)} if members else record.texts.keys()
    for c in record.text_codes:
        if c.text in wanted and c.coder in ("A", "B") and c.verb != "not_seen":
            codes.setdefault((c.target, c.text), {})[c.coder] = c.verb
    found = []
    for target in (*code_table().codes("target"), "all"):
        units = [(v.get("A"), v.get("B")) for (t, _), v in codes.items() if target in (t, "all")]
        found.append(_agreement(target, units, "ordinal", ladder))
    return tuple(a for a in found if a.units)


def coding_agreement(record: Record) -> tuple[Agreement, ...]:
    """Agreement on the coded fields of occurrences: the row, and who coded it again without seeing it."""
    units: dict[str, list[tuple[str | None, ...]]] = {field: [] for field in RECODED}
    again: dict[tuple[str, str], list[str | None]] = {}
    for c in record.codings:
        again.setdefault((c.occurrence, c.field), []).append(c.code or None)
    for (occurrence, field), codes in again.items():
        own = getattr(record.occurrences[occurrence], field) or None
        units[field].append((own, *codes))
    return tuple(a for field in RECODED if (a := _agreement(field, units[field], "nominal")).units)


def _agreement(
    field: str,
    units: Iterable[Sequence[str | None]],
    metric: Metric,
    order: Sequence[str] | None = None,
) -> Agreement:
    twice = [[c for c in unit if c is not None] for unit in units]
    twice = [unit for unit in twice if len(unit) > 1]
    agreed = sum(len(set(unit)) == 1 for unit in twice)
    return Agreement(field, len(twice), agreed, krippendorff_alpha(twice, metric, order), metric)

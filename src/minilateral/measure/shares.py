"""Pair floor, pair mean and the joint share, from the cells. Cards: docs/methods/pair-floor.md, joint-share.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minilateral.evidence import DECLARED, jeffreys


def pair_floors(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The weakest pair and the mean of the pairs, by bin, over cooperative acts.

    A floor is given only where a cooperative act of every pair was seen in the bin: with a pair unseen nobody knows
    which is the weakest. Every count is of what the record holds, so the floor is at least so high, and says as much
    about what was compiled as about the world.

    Returns
    -------
    list of dict
        ``bin, start, end, complete, state, reason, floor, floor_pair, mean``. ``floor_pair`` names all pairs that
        share the floor.

    Examples
    --------
    >>> row = dict(bin="2001", start=None, end=None, complete=True, part="pair", domain="all", level="all", reason="")
    >>> counts = {"A;B": 4, "A;C": 1, "B;C": 4}
    >>> seen = [{**row, "members": m, "state": "observed", "cooperative": n} for m, n in counts.items()]
    >>> pair_floors(seen)[0]["floor"], pair_floors(seen)[0]["floor_pair"], pair_floors(seen)[0]["mean"]
    (1, 'A-C', 3.0)
    """
    by_bin: dict[str, list[dict[str, Any]]] = {}
    for cell in cells:
        if cell["part"] == "pair" and cell["domain"] == cell["level"] == "all":
            by_bin.setdefault(cell["bin"], []).append(cell)
    floors = []
    for name, pairs in by_bin.items():
        unseen = [c for c in pairs if c["state"] != "observed" or not c["cooperative"]]
        base = {"bin": name, **{k: pairs[0][k] for k in ("start", "end", "complete")}}
        if unseen:
            absent = [c for c in unseen if c["state"] == "not_applicable"]
            who = ", ".join(c["members"].replace(";", "-") for c in (absent or unseen))
            floors.append(
                {
                    **base,
                    "state": "not_applicable" if absent else "not_observed",
                    "reason": f"{who}: {'a member did not exist' if absent else 'no cooperative act seen'}",
                    "floor": None,
                    "floor_pair": "",
                    "mean": None,
                }
            )
            continue
        low = min(c["cooperative"] for c in pairs)
        floors.append(
            {
                **base,
                "state": "observed",
                "reason": "",
                "floor": low,
                "floor_pair": ", ".join(c["members"].replace(";", "-") for c in pairs if c["cooperative"] == low),
                "mean": sum(c["cooperative"] for c in pairs) / len(pairs),
            }
        )
    return floors


def joint_shares(counts: Iterable[tuple[str, str, int, int]]) -> list[dict[str, Any]]:
    """The joint share within a level: cooperative acts of all members over these and those of their parts.

    Within a level, since a summit and a drill are not one kind of thing. No share is given for fewer than five acts.
    The interval is Jeffreys' (90 %), as if the acts seen were a sample of those that took place: it does not cover
    an unequal recall of joint and pair acts, which the record has.

    Parameters
    ----------
    counts : iterable of (bin, level, joint, rest)
        Cooperative acts seen: of all members, and of exactly a pair or another part.

    Returns
    -------
    list of dict
        ``bin`` ('all' for the whole time), ``level, joint, parts, n, share, low, high, state, reason``.

    Examples
    --------
    >>> joint_shares([("2024", "leader", 3, 3)])[0]["share"], joint_shares([("2024", "nsa", 1, 1)])[0]["reason"]
    (0.5, 'fewer than 5 acts seen')
    """
    shares = []
    for name, level, joint, rest in counts:
        n = joint + rest
        row = {"bin": name, "level": level, "joint": joint, "parts": rest, "n": n}
        if n < DECLARED["share_minimum_n"]:
            shares.append(
                {
                    **row,
                    "share": None,
                    "low": None,
                    "high": None,
                    "state": "not_observed",
                    "reason": f"fewer than {DECLARED['share_minimum_n']:.0f} acts seen",
                }
            )
            continue
        low, high = jeffreys(joint, n)
        shares.append({**row, "share": joint / n, "low": low, "high": high, "state": "observed", "reason": ""})
    return shares


def counts_by_level(cells: Iterable[dict[str, Any]]) -> list[tuple[str, str, int, int]]:
    """Add up the cooperative acts of each bin and level: of all members, and of their parts."""
    totals: dict[tuple[str, str], list[int]] = {}
    for cell in cells:
        if cell["domain"] != "all" or cell["level"] == "all" or cell["part"] == "superset" or not cell["acts"]:
            continue
        pair = totals.setdefault((cell["bin"], cell["level"]), [0, 0])
        pair[0 if cell["part"] == "joint" else 1] += cell["cooperative"]
    return [(name, level, joint, rest) for (name, level), (joint, rest) in totals.items()]

"""Co-attention of dyads by month (GDELT 2.0, daily country network 2018-2024). It measures news, not cooperation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from minilateral.errors import BadInput
from minilateral.origins.tidy import Row, State, joined, month

LOCATION = "events/gdelt_daily_country_network_2018_2024.parquet"
FIRST, AFTER = date(2018, 1, 1), date(2024, 2, 24)


@dataclass(frozen=True, slots=True)
class Network:
    """Days on which the file has any dyad, and the score of the dyads asked for on the days on which they have one."""

    covered: frozenset[date]
    scores: tuple[tuple[date, str, str, float], ...]


def read(path: Path, pairs: Iterable[tuple[str, str]]) -> Network:
    """Read the daily network (2.7 million rows) and keep the pairs named, whichever way the file orders them.

    Raises
    ------
    BadInput
        No such file, or columns other than day, a, b, score.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    columns = ["day", "a", "b", "score"]
    try:
        missing = set(columns) - set(pq.read_schema(path).names)
        table = pq.read_table(path, columns=columns)
    except (OSError, ValueError) as error:
        raise BadInput(str(path), f"could not be read ({error})", "give the network file") from None
    if missing:
        raise BadInput(str(path), f"has no column {', '.join(sorted(missing))}", "give the network file")
    covered = frozenset(d.as_py() for d in pc.unique(pc.cast(table["day"], pa.date32())))
    wanted = {frozenset(p) for p in pairs}
    actors = pa.array(sorted({a for p in wanted for a in p}))
    a, b = pc.cast(table["a"], pa.string()), pc.cast(table["b"], pa.string())
    keep = table.filter(pc.and_(pc.is_in(a, value_set=actors), pc.is_in(b, value_set=actors)))
    scores = []
    days = pc.cast(keep["day"], pa.date32()).to_pylist()
    cells = zip(days, keep["a"].to_pylist(), keep["b"].to_pylist(), keep["score"].to_pylist(), strict=True)
    for when, one, two, score in cells:
        if frozenset((one, two)) in wanted and score is not None and score == score:
            scores.append((when, min(one, two), max(one, two), float(score)))
    return Network(covered, tuple(scores))


def describe(network: Network) -> list[Row]:
    """Give the summed Goldstein weight per covered day and month; ``n`` is the number of covered days.

    A covered day without the dyad counts as 0 (no event named both); a day that the file lacks is left out, and its
    month is incomplete. The sign is no tone: much news of a quarrel may sum to a high positive value.
    """
    days: dict[date, int] = defaultdict(int)
    for d in network.covered:
        days[d.replace(day=1)] += 1
    sums: dict[tuple[str, date], float] = defaultdict(float)
    for d, a, b, score in sorted(network.scores):
        sums[joined((a, b)), d.replace(day=1)] += score
    rows = []
    for (members, first), total in sums.items():
        start, end = month(first.year, first.month)
        width = (end - start).days
        full = days[first] == width
        note = "" if full else f"{days[first]} of {width} days"
        state: State = "observed" if full else "incomplete"
        rows.append(Row("gdelt_co_attention", members, start, end, total / days[first], days[first], state, note))
    return rows

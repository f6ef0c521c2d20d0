"""The question, and what the rooms hand to each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from minilateral.errors import BadPeriod
from minilateral.terms.groups import Group
from minilateral.terms.periods import Every, parse_day

R = TypeVar("R")


@dataclass(frozen=True, slots=True, init=False)
class Study:
    """What is asked: one group, as of one day. There is no other configuration.

    Parameters
    ----------
    group : Group, str or iterable of str
        The k-ad, in any names or codes.
    as_of : datetime.date or str
        Only evidence known by this day counts. It has no default: only the command line reads the clock.
    every : {'year', 'quarter', 'month'}
        Width of a cell in time.
    seed : int
        For whatever is drawn at random.
    record : Path, optional
        A folder of reviewed tables instead of the shipped one.
    store : Path, optional
        The SQLite file with a user's own acts, read beside the record.
    full : bool
        Sample the parameters of the models too; else their point estimates are used, which is faster.
    cache : Path, optional
        A folder in which results of models are kept, by a hash of all that went into them.

    Examples
    --------
    >>> study = Study(group=("USA", "JPN", "KOR"), as_of="2025-12-31")
    >>> study.group.key, study.as_of
    ('JPN-KOR-USA', datetime.date(2025, 12, 31))
    """

    group: Group
    as_of: date
    every: Every
    seed: int
    record: Path | None
    store: Path | None
    full: bool
    cache: Path | None

    def __init__(
        self,
        group: Group | str | Iterable[str],
        as_of: date | str,
        every: Every = "year",
        seed: int = 0,
        record: Path | None = None,
        store: Path | None = None,
        full: bool = False,
        cache: Path | None = None,
    ) -> None:
        if every not in ("year", "quarter", "month"):
            raise BadPeriod(repr(every), "is not a width of cells", "choose year, quarter or month")
        set_ = object.__setattr__
        set_(self, "group", group if isinstance(group, Group) else Group.parse(group))
        set_(self, "as_of", as_of if isinstance(as_of, date) else parse_day(as_of))
        set_(self, "every", every)
        set_(self, "seed", int(seed))
        set_(self, "record", Path(record) if record else None)
        set_(self, "store", Path(store) if store else None)
        set_(self, "full", bool(full))
        set_(self, "cache", Path(cache) if cache else None)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a room gets: the question and the results of the rooms before it, by their type."""

    study: Study
    results: Mapping[type, object] = field(default_factory=dict)

    def get(self, kind: type[R]) -> R:
        """The result of the room whose result has this type; of a room that was not run, its ``absent`` result."""
        result = self.results[kind] if self.has(kind) else kind.absent(self)  # type: ignore[attr-defined]
        assert isinstance(result, kind)
        return result

    def has(self, kind: type) -> bool:
        """Whether the room whose result has this type was run."""
        return kind in self.results

    def with_result(self, result: object) -> Inputs:
        """The same with one more result."""
        return Inputs(self.study, {**self.results, type(result): result})

"""What the models of this room say of a group, as one result for the pipeline; its sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from minilateral.errors import NoEvidence
from minilateral.evidence import Holdings, Record
from minilateral.measure.comparing import PairWindow, pair_window
from minilateral.measure.dashboard import Dashboard, dashboard
from minilateral.measure.dimensions import Dimensions, dimensions
from minilateral.measure.keeping import kept
from minilateral.measure.pairs import PairYears, pair_years
from minilateral.measure.quasi_alliance import QuasiAlliance, definitions, quasi_alliances
from minilateral.terms import (
    Actors,
    Code,
    Count,
    Day,
    Estimated,
    Group,
    Inputs,
    Number,
    Period,
    Selection,
    Slot,
    Span,
    Statement,
)


@dataclass(frozen=True, eq=False)
class Measured:
    """What is measured of a group.

    Attributes
    ----------
    board : Dashboard
    dimensions : Dimensions or None
    quasi : tuple of QuasiAlliance
        Empty where the group is not coded.
    windows : tuple of PairWindow
        The pairs in each full decade and the years since; empty for a pair.
    pair_years : tuple of PairYears
    refused : dict
        What could not be measured -> why.
    own : Selection
        The cooperative acts of exactly the group, on which it all rests.
    acts : int
        How many there are; nothing is said without one.
    """

    group: Group
    as_of: date
    board: Dashboard
    dimensions: Dimensions | None
    quasi: tuple[QuasiAlliance, ...]
    windows: tuple[PairWindow, ...]
    pair_years: tuple[PairYears, ...]
    refused: dict[str, str]
    own: Selection
    acts: int

    @classmethod
    def absent(cls, inputs: Inputs) -> Measured:
        """What is measured where this room is not run: nothing."""
        group, as_of = inputs.study.group, inputs.study.as_of
        board = Dashboard(group, as_of, None, Period.parse(as_of.isoformat()), (), ())
        refused = dict.fromkeys(("dimensions", "quasi_alliance"), "was not measured")
        return cls(group, as_of, board, None, (), (), (), refused, Selection(exactly=group.members), 0)


def run(inputs: Inputs) -> Measured:
    """Read the dashboard, the dimensions, the quasi-alliance and the pairs of the group."""
    study, record = inputs.study, inputs.get(Holdings).record
    question = {
        "group": study.group.key,
        "as_of": study.as_of.isoformat(),
        "seed": study.seed,
        "full": study.full,
    }
    return kept(
        study.cache,
        "measured",
        record,
        question,
        lambda: measure(record, study.group, study.as_of, study.seed, study.full),
    )


def measure(record: Record, group: Group, as_of: date, seed: int = 0, full: bool = False) -> Measured:
    """Measure a group: see `Measured`."""
    own = Selection(exactly=group.members, direction="cooperative")
    refused: dict[str, str] = {}
    found: Dimensions | None = None
    quasi: tuple[QuasiAlliance, ...] = ()
    try:
        found = dimensions(record, group, as_of, seed=seed, full=full, variants=full)
    except NoEvidence as error:
        refused["dimensions"] = str(error)
    try:
        quasi = quasi_alliances(group, as_of)
    except NoEvidence as error:
        refused["quasi_alliance"] = str(error)
    windows: list[PairWindow] = []
    if len(group) > 2:
        spans = [(y, y + 9) for y in range(1991, as_of.year - 8, 10)]
        last = spans[-1][1] if spans else 1990
        spans += [(last + 1, as_of.year)] if last < as_of.year else []
        windows = [pair_window(record, group, a, b) for a, b in spans]
    return Measured(
        group,
        as_of,
        dashboard(record, group, as_of, seed=seed),
        found,
        quasi,
        tuple(windows),
        pair_years(group, as_of),
        refused,
        own,
        len(record.select(own)),
    )


def sections(result: Measured) -> list[Statement]:
    """What can be said of it: mechanisms, levels met, the two dimensions, the four definitions."""
    return [*_dashboard(result), *_dimensions(result), *_quasi(result)] if result.acts else []


def _dashboard(result: Measured) -> list[Statement]:
    board, who = result.board, Actors(result.group.members)
    said: list[Statement] = []
    if board.standings:
        slots: dict[str, Slot] = {
            g.item: Number(g.value or 0, Estimated("dashboard", f"mechanisms|{g.item}|", "value", result.own))
            for g in board.block("mechanisms")
        }
        said.append(Statement("dashboard.mechanisms", "dashboard", {"group": who, **slots}, telling=5))
    high = [g for g in board.block("levels") if g.item in ("leader", "foreign_minister", "defense_minister", "nsa")]
    acts = tuple(dict.fromkeys(i for g in high for i in g.acts))
    if acts:
        slots = {
            "group": who,
            "n": Number(len(acts), Count(Selection(ids=acts))),
            "since": Day(board.window.start),
            "until": Day(board.window.last),
        }
        said.append(Statement("dashboard.high_level", "dashboard", slots))
    return said


def _dimensions(result: Measured) -> list[Statement]:
    found, said = result.dimensions, []
    if found is None:
        return []
    for name in ("institutionalisation", "functionalisation"):
        levels = [x for x in found.of(result.group, name) if x.mean is not None]
        if not levels:
            continue
        last, top = levels[-1], max(levels, key=lambda x: x.mean or 0.0)
        assert last.mean is not None

        def number(x: object, column: str, name: str = name) -> Number:
            key = f"{result.group.key}|{x.year}|{name}"  # type: ignore[attr-defined]
            return Number(getattr(x, column), Estimated("dimensions", key, column, result.own), "decimal")

        slots: dict[str, Slot] = {
            "group": Actors(result.group.members),
            "dimension": Code("dimension", name),
            "year": Span(_year(last.year)),
            "mean": number(last, "mean"),
            "top_year": Span(_year(top.year)),
            "top": number(top, "mean"),
        }
        if last.low is None:
            said.append(Statement("dimensions.point", "dimensions", slots))
        else:
            slots |= {"low": number(last, "low"), "high": number(last, "high")}
            said.append(Statement("dimensions.level", "dimensions", slots))
    return said


def _year(year: int) -> Period:
    return Period.parse(str(year))


def _quasi(result: Measured) -> list[Statement]:
    said = []
    last = max((q.year for q in result.quasi), default=0)
    for definition in definitions():
        mine = [q for q in result.quasi if q.definition == definition.id]
        if not mine:
            continue
        now = next(q for q in mine if q.year == last)
        key = f"{result.group.key}|{last}|{definition.id}"
        slots: dict[str, Slot] = {
            "definition": Code("definition", definition.id),
            "year": Span(_year(last)),
            "probability": Number(
                now.probability, Estimated("quasi_alliance", key, "probability", result.own), "percent"
            ),
        }
        since = _since(mine)
        if since and now.probability == 1:
            slots["since"] = Span(_year(since))
            said.append(Statement("quasi.since", "quasi", slots))
        else:
            said.append(Statement("quasi.now", "quasi", slots))
    return said


def _since(mine: list[QuasiAlliance]) -> int | None:
    """The first year of the last unbroken run in which both coders agree that it holds."""
    since = None
    for q in mine:
        since = (since or q.year) if q.probability == 1 else None
    return since

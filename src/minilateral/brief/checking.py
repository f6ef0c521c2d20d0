"""The cells, counted a second time another way: the measures use SQL, this uses the selections of the sentences."""

from __future__ import annotations

from minilateral.errors import CompileRefused
from minilateral.evidence import Record
from minilateral.measure import Composition


def check_cells(composition: Composition, record: Record) -> int:
    """Count every observed cell again over the record and compare.

    Returns
    -------
    int
        How many cells were compared.

    Raises
    ------
    CompileRefused
        If one count differs.
    """
    parts = {(p.kind, ";".join(p.group.members)): p for p in composition.parts}
    compared = 0
    for cell in composition.cells:
        if cell["state"] != "observed":
            continue
        part = parts[cell["part"], cell["members"]]
        where = {
            "start": cell["start"],
            "end": cell["end"],
            "domain": "" if cell["domain"] == "all" else cell["domain"],
            "level": "" if cell["level"] == "all" else cell["level"],
        }
        for column, more in (
            ("acts", {}),
            ("cooperative", {"direction": "cooperative"}),
            ("conflictual", {"direction": "conflictual"}),
            ("without_study", {"without_study": True}),
        ):
            found = len(record.select(part.select(**where, **more)))
            if found != cell[column]:
                raise CompileRefused(
                    f"cell {cell['bin']} {cell['members']} {cell['domain']} {cell['level']}: {column} {cell[column]}",
                    f"does not recompute: the rows give {found}",
                    "nothing was written; report it with this line",
                )
        compared += 1
    return compared

"""The first measures of a group: the joint part, each pair, the pair floor and mean, the joint share within a level.

This room offers `run` and `sections`.
"""

from minilateral.measure.cells import count_cells, missing_member, unplaced
from minilateral.measure.composition import Composition, run, sections, share_expression
from minilateral.measure.parts import Part, parts
from minilateral.measure.shares import joint_shares, pair_floors

__all__ = [
    "Composition",
    "Part",
    "count_cells",
    "joint_shares",
    "missing_member",
    "pair_floors",
    "parts",
    "run",
    "sections",
    "share_expression",
    "unplaced",
]

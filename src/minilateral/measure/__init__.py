"""What is measured of a group: the joint part and the pairs, promise and practice, two dimensions, quasi-alliance.

This room offers `run` and `sections`.
"""

from minilateral.measure.cells import count_cells, missing_member, unplaced
from minilateral.measure.comparing import Compared, compare
from minilateral.measure.composition import Composition, run, sections, share_expression
from minilateral.measure.dashboard import Dashboard, dashboard
from minilateral.measure.dimensions import Dimensions, Domains, dimensions, dimensions_by_domain
from minilateral.measure.measured import Measured, measure
from minilateral.measure.mechanisms import Standing, standings
from minilateral.measure.parts import Part, parts
from minilateral.measure.quasi_alliance import QuasiAlliance, quasi_alliances
from minilateral.measure.shares import joint_shares, pair_floors

__all__ = [
    "Compared",
    "Composition",
    "Dashboard",
    "Dimensions",
    "Domains",
    "Measured",
    "Part",
    "QuasiAlliance",
    "Standing",
    "compare",
    "count_cells",
    "dashboard",
    "dimensions",
    "dimensions_by_domain",
    "joint_shares",
    "measure",
    "missing_member",
    "pair_floors",
    "parts",
    "quasi_alliances",
    "run",
    "sections",
    "share_expression",
    "standings",
    "unplaced",
]

"""One function, one figure: data in, SVG out. Every mark links to the row that it stands for."""

from minilateral.figures.argument import Node, argument_map
from minilateral.figures.counts import Strip, yearly_parts
from minilateral.figures.recall import RecallBar, recall_bars
from minilateral.figures.timeline import Band, Lane, Mark, timeline

__all__ = [
    "Band",
    "Lane",
    "Mark",
    "Node",
    "RecallBar",
    "Strip",
    "argument_map",
    "recall_bars",
    "timeline",
    "yearly_parts",
]

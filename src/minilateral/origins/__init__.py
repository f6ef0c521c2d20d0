"""Data sets of others: read and described in one module each; what ships of them is on the shelf, in one form.

`indicators` defines, `series` gives values, `coverage` says where a zero is one, `cite` names the producer.
Modules of single data sets (`minilateral.origins.atop`, ...) have ``LOCATION``, ``read`` and ``describe``: they take a
path and never look for one.
"""

from minilateral.origins.shelf import Cover, Indicator, Reading, cite, coverage, held, indicator, indicators, series

__all__ = ["Cover", "Indicator", "Reading", "cite", "coverage", "held", "indicator", "indicators", "series"]

"""Typed statements become a page, data and a manifest, in Chinese and English."""

from minilateral.brief.compiling import Compiled, compile_all, compile_statement, evaluate
from minilateral.brief.writing import FORMATS, Written, formats_of, write_brief

__all__ = [
    "FORMATS",
    "Compiled",
    "Written",
    "compile_all",
    "compile_statement",
    "evaluate",
    "formats_of",
    "write_brief",
]

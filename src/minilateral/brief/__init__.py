"""Typed statements become a page, data and a manifest, in Chinese and English."""

from minilateral.brief.compiling import Compiled, compile_all, compile_statement, evaluate
from minilateral.brief.writing import Written, write_brief

__all__ = ["Compiled", "Written", "compile_all", "compile_statement", "evaluate", "write_brief"]

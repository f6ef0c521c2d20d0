"""Claims with authors, each with its test, the measure that decides it, and its verdict.

This room offers `run` and `sections`.
"""

from minilateral.audit.claims import AssertedPhase, Claim, asserted_phases, claims
from minilateral.audit.verdicts import Audit, Verdict, run, sections

__all__ = ["AssertedPhase", "Audit", "Claim", "Verdict", "asserted_phases", "claims", "run", "sections"]

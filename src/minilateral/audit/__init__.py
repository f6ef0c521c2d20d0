"""Claims with authors, each with its test, the measure that decides it, and its verdict.

This room offers `run` and `sections`.
"""

from minilateral.audit.claims import AssertedPhase, Claim, asserted_phases, claims
from minilateral.audit.trials import Pace, Trial, TrialTally, tally
from minilateral.audit.verdicts import Audit, Verdict, paces, run, sections

__all__ = [
    "AssertedPhase",
    "Audit",
    "Claim",
    "Pace",
    "Trial",
    "TrialTally",
    "Verdict",
    "asserted_phases",
    "claims",
    "paces",
    "run",
    "sections",
    "tally",
]

"""The record and what is known of its holes: shipped tables and a user's store, two dates, recall, corrections.

This room offers `run` (the record as it was known, for one group) and `sections` (what can be said of it).
"""

from minilateral.evidence.holdings import Holdings, run, sections
from minilateral.evidence.intake import ACT_COLUMNS, CORRECTION_COLUMNS, check_file, template, template_row
from minilateral.evidence.known import DECLARED, known_on
from minilateral.evidence.loading import current_tables, load
from minilateral.evidence.recall import Bounds, Recall, jeffreys, mechanisms_of, recalls, session_bounds
from minilateral.evidence.record import Record, shipped_tables
from minilateral.evidence.store import Added, Entry, Quarantined, Store, held_hashes
from minilateral.evidence.tables import COLUMNS, content_hash

__all__ = [
    "ACT_COLUMNS",
    "COLUMNS",
    "CORRECTION_COLUMNS",
    "DECLARED",
    "Added",
    "Bounds",
    "Entry",
    "Holdings",
    "Quarantined",
    "Recall",
    "Record",
    "Store",
    "check_file",
    "content_hash",
    "current_tables",
    "held_hashes",
    "jeffreys",
    "known_on",
    "load",
    "mechanisms_of",
    "recalls",
    "run",
    "sections",
    "session_bounds",
    "shipped_tables",
    "template",
    "template_row",
]

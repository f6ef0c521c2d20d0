"""The record and what is known of its holes: shipped tables and a user's store, two dates, recall, corrections.

This room offers `run` (the record as it was known, for one group) and `sections` (what can be said of it).
"""

from minilateral.evidence.agreement import Agreement, coding_agreement, krippendorff_alpha, text_agreement
from minilateral.evidence.differences import Differences, differences
from minilateral.evidence.holdings import Holdings, run, sections
from minilateral.evidence.intake import ACT_COLUMNS, CORRECTION_COLUMNS, check_file, template, template_row
from minilateral.evidence.known import DECLARED, known_on
from minilateral.evidence.loading import current_tables, load
from minilateral.evidence.promises import Due, Fate, due, fate_counts, fates, swept, swept_over
from minilateral.evidence.recall import Bounds, Recall, jeffreys, mechanisms_of, recalls, recalls_of, session_bounds
from minilateral.evidence.record import Record, shipped_tables
from minilateral.evidence.status import Status, status
from minilateral.evidence.store import Added, Entry, Quarantined, Store, held_hashes
from minilateral.evidence.tables import COLUMNS, content_hash
from minilateral.evidence.texts import Change, Wording, difference, first_spoken, texts_of, wording

__all__ = [
    "ACT_COLUMNS",
    "COLUMNS",
    "CORRECTION_COLUMNS",
    "DECLARED",
    "Added",
    "Agreement",
    "Bounds",
    "Change",
    "Differences",
    "Due",
    "Entry",
    "Fate",
    "Holdings",
    "Quarantined",
    "Recall",
    "Record",
    "Status",
    "Store",
    "Wording",
    "check_file",
    "coding_agreement",
    "content_hash",
    "current_tables",
    "difference",
    "differences",
    "due",
    "fate_counts",
    "fates",
    "first_spoken",
    "held_hashes",
    "jeffreys",
    "known_on",
    "krippendorff_alpha",
    "load",
    "mechanisms_of",
    "recalls",
    "recalls_of",
    "run",
    "sections",
    "session_bounds",
    "shipped_tables",
    "status",
    "swept",
    "swept_over",
    "template",
    "template_row",
    "text_agreement",
    "texts_of",
    "wording",
]

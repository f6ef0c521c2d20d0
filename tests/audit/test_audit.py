"""Claims and verdicts: what is registered, and what decides C9, in small worlds with a known answer."""

import itertools
from datetime import date
from pathlib import Path

import pytest

from minilateral import audit, phases
from minilateral.audit import asserted_phases, claims
from minilateral.audit.claims import STAGES
from minilateral.evidence import COLUMNS, Holdings, Record
from minilateral.measure import measured
from minilateral.terms import Group, Inputs, Study, code_table

THREE = Group.parse("USA JPN KOR")
STUDY = Path(__file__).parents[3] / "shared" / "study" / "zhao-wang-trilateral.txt"


def world(before: int, after: int, from_study: bool = False):
    """A record with ``before`` mechanisms that met in 2024, of which ``after`` met again in 2025."""
    rows = {name: [] for name in COLUMNS}
    for n in range(before):
        rows["mechanisms"].append(
            dict.fromkeys(COLUMNS["mechanisms"], "")
            | {
                "id": f"m{n}",
                "members": "USA;JPN;KOR",
                "level": "working",
                "domain": "security",
                "name_en": f"M{n}",
                "name_zh": f"机制{n}",
                "created": "2023",
                "standing_body": "false",
            }
        )
        for year in (2024, 2025) if n < after else (2024,):
            i = f"{year}-m{n}"
            rows["occurrences"].append(
                dict.fromkeys(COLUMNS["occurrences"], "")
                | {
                    "id": i,
                    "date": f"{year}-05-{n + 1:02d}",
                    "participants": "JPN;KOR;USA",
                    "status": "held",
                    "kind": "meeting",
                    "level": "working",
                    "domain": "security",
                    "direction": "cooperative",
                    "summary_en": "They met.",
                    "confidence": "high",
                }
            )
            rows["sources"].append(
                {
                    "id": f"s-{i}",
                    "title": "t",
                    "publisher": "p",
                    "url": "",
                    "language": "en",
                    "published": "",
                    "tier": "government",
                }
            )
            rows["evidence"].append(
                {"occurrence": i, "source": f"s-{i}", "role": "report", "from_study": "true" if from_study else "false"}
            )
            rows["sessions"].append({"mechanism": f"m{n}", "occurrence": i, "ordinal": ""})
    return rows


def audited(rows, as_of):
    """The audit of a made-up record, after the rooms before it."""
    record = Record.build(rows, date.fromisoformat(as_of))
    ids = tuple(record.occurrences)
    inputs = Inputs(Study(THREE, as_of)).with_result(Holdings(record, THREE, ids, (), date(2024, 1, 1), (), ()))
    for room in (measured, phases):
        inputs = inputs.with_result(room.run(inputs))
    return audit.run(inputs)


def judge(rows, as_of):
    result = audited(rows, as_of)
    return {v.claim: v.verdict for v in result.verdicts}["C9"], {s.id: s for s in result.statements}


@pytest.mark.parametrize(
    ("before", "after", "as_of", "verdict"),
    [
        (4, 2, "2025-12-31", "supported"),  # one half is enough, and before the day
        (4, 1, "2025-12-31", "open"),  # a floor below the threshold decides nothing
        (4, 4, "2025-01-19", "open"),  # before it can be judged
        (4, 1, "2027-01-01", "undetermined"),  # past the day, with a recall that nobody knows
        (4, 0, "2027-01-01", "undetermined"),
        (0, 0, "2025-12-31", "open"),
    ],
)
def test_what_decides_c9(before, after, as_of, verdict):
    assert judge(world(before, after), as_of)[0] == verdict


def test_rows_of_the_study_alone_do_not_decide():
    verdict, said = judge(world(4, 4, from_study=True), "2025-12-31")
    assert verdict == "open"
    assert said["audit.goes_on"].slots["n"].value == 4
    assert said["audit.goes_on"].slots["free"].value == 0


def test_sessions_after_the_day_of_decision_do_not_count():
    rows = world(2, 2)
    for row in rows["occurrences"]:
        if row["id"].startswith("2025"):
            row["date"] = "2027-02-01"
    assert judge(rows, "2027-12-31")[0] == "undetermined"


def test_every_claim_has_a_verdict_and_little_evidence_supports_none_but_c9():
    registered = claims(THREE)
    assert [c.id for c in sorted(registered, key=lambda c: int(c.id[1:]))] == [f"C{n}" for n in range(1, 13)]
    verdicts = {v.claim: v.verdict for v in audited(world(2, 1), "2025-12-31").verdicts}
    assert {c for c, v in verdicts.items() if v == "not_tested"} == {"C5", "C7", "C10", "C11", "C12"}
    # C4 and C6 rest on tables beside the record, so a small record does not change them
    assert {verdicts[c] for c in ("C1", "C2", "C3", "C8")} == {"undetermined"}


def test_a_claim_is_complete_in_both_languages():
    ids = {c.id for c in claims(THREE)}
    for claim in claims(THREE):
        assert claim.stage in STAGES
        assert set(claim.supports) <= ids
        for field in ("short", "claim", "location", "test", "measure", "rule"):
            assert getattr(claim, f"{field}_en").isascii(), (claim.id, field)
            assert any(ord(c) > 0x2E7F for c in getattr(claim, f"{field}_zh")), (claim.id, field)
        assert bool(claim.rival_en) == bool(claim.rival_zh)
        assert len(claim.phrase_zh) <= 20  # a phrase, not a sentence


@pytest.mark.skipif(not STUDY.exists(), reason="the study's text is not beside this checkout")
def test_phrases_are_the_studys_own():
    text = STUDY.read_text(encoding="utf-8").replace("\n", "")
    for claim in claims(THREE):
        assert claim.phrase_zh in text, claim.id
        assert not claim.phrase_en or claim.phrase_en in text, claim.id


def test_claims_and_phases_are_about_their_group_only():
    other = Group.parse("CHN JPN KOR")
    assert claims(other) == ()
    assert asserted_phases(other) == ()
    phases = asserted_phases(THREE)
    assert [p.start.start.year for p in phases] == [1945, 1990, 2021, 2025]
    for earlier, later in itertools.pairwise(phases):
        assert earlier.end.end == later.start.start


def test_verdicts_are_codes():
    assert set(code_table().codes("verdict")) == {
        "not_tested",
        "open",
        "supported",
        "leaning",
        "undetermined",
        "contradicted",
        "not_testable",
    }

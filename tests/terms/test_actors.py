"""Names and codes: dropped-in case files (tests/cases/actors/*.tsv) become tests."""

from datetime import date
from pathlib import Path

import pytest

from minilateral.errors import AmbiguousActor, UnknownActor
from minilateral.terms import actor_register
from minilateral.terms.tables import read_tsv

CASES = [
    (path.stem, case)
    for path in sorted((Path(__file__).parents[1] / "cases" / "actors").glob("*.tsv"))
    for case in read_tsv(path)
]


def resolve(query: str, on: date | None) -> str:
    try:
        return actor_register().find(query, on).id
    except UnknownActor:
        return "UNKNOWN"
    except AmbiguousActor:
        return "AMBIGUOUS"


@pytest.mark.parametrize(("file", "case"), CASES, ids=[f"{f}-{c['query']}-{c['on']}-{c['scheme']}" for f, c in CASES])
def test_dropped_in_case(file, case):
    on = date.fromisoformat(case["on"]) if case["on"] else None
    assert resolve(case["query"], on) == case["expect"]
    if case["scheme"]:
        assert (actor_register()[case["expect"]].code(case["scheme"], on) or "") == case["code"]


def test_there_are_cases_for_every_hard_family():
    assert {f for f, _ in CASES} >= {
        "koreas",
        "china_taiwan",
        "russia_soviet_union",
        "germanys",
        "yemens",
        "vietnams",
        "yugoslavia",
    }


def test_every_name_in_every_language_leads_home():
    register = actor_register()
    for actor in register.values():
        for language, name in actor.names.items():
            assert register.find(name) is actor, (language, name)


def test_a_number_belongs_to_one_actor_on_a_day():
    register = actor_register()
    for scheme in ("cow", "gw"):
        for day in (
            date(1950, 1, 1),
            date(1975, 1, 1),
            date(1990, 10, 3),
            date(1992, 1, 1),
            date(2006, 6, 5),
            date(2026, 1, 1),
        ):
            codes = [a.code(scheme, day) for a in register.values() if a.existed(day) and a.code(scheme, day)]
            assert len(codes) == len(set(codes)), (scheme, day)


def test_suggestions_are_made_for_a_typing_error():
    with pytest.raises(UnknownActor, match="South Korea"):
        actor_register().find("Sout Korea")


def test_a_state_on_a_day_before_it_names_the_one_that_was_there():
    with pytest.raises(UnknownActor, match="SUN"):
        actor_register().find("Russia", date(1985, 1, 1))

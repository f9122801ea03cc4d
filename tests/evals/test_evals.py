"""The figures of the README must not fall."""

from __future__ import annotations

import pytest

from tests.evals import planner, tickets

LEAST_EXACT_PLANS = 0.95


def test_the_planner_gives_the_expected_plan_and_says_what_it_left_out_of_the_rest() -> None:
    scored = planner.score_all()
    exact = [case for case in scored if case.exact]
    assert len(scored) == 150
    assert len(exact) >= LEAST_EXACT_PLANS * len(scored)
    silent = [case.question for case in scored if not case.exact and not case.says_what_it_left_out]
    assert silent == []


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_the_ticket_reader_finds_who_speaks_of_leaving_without_crying_wolf(language: str) -> None:
    cases = [case for case in tickets.read_all() if case.label["language"] == language]
    found = tickets.measure(cases, tickets.leaves, lambda label: label["leaving"] != "no")
    assert found.precision >= 0.75
    assert found.recall >= 0.70

"""The figures of the README must not fall."""

from __future__ import annotations

import pytest

from tests.evals import matching, planner, tickets

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


@pytest.mark.skipif(not matching.FOLDER.is_dir(), reason="the organisation with known pairs is not here")
@pytest.mark.parametrize("share", matching.HIDDEN_SHARES)
@pytest.mark.parametrize("by", matching.BY[:2])
def test_customers_whose_ids_are_hidden_are_found_and_hardly_ever_wrongly(share: float, by: str) -> None:
    for found in matching.scores(share, by):
        assert found.precision >= matching.LEAST_PRECISION
        assert found.recall >= matching.LEAST_RECALL


@pytest.mark.skipif(not matching.FOLDER.is_dir(), reason="the organisation with known pairs is not here")
@pytest.mark.parametrize("share", matching.HIDDEN_SHARES)
def test_customers_with_a_misspelt_name_are_found_by_domain_and_never_wrongly(share: float) -> None:
    found = matching.scores(share, "domain and misspelt name")
    assert all(one.precision == 1 for one in (*found, *matching.scores(share, "misspelt name")))
    assert sum(found[1:], start=found[0]).recall >= matching.LEAST_RECALL

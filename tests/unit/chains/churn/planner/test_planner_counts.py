from __future__ import annotations

import pytest

from tests.unit.chains.churn.planner.plan_questions import Ask


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("In 2027 which enterprise customers are at risk?", "2027-01-01", "2027-12-31"),
        ("by 15 January which customers are at risk", "2026-11-20", "2027-01-15"),
        ("March 2027: at-risk accounts", "2027-03-01", "2027-03-31"),
        ("customers at risk in the week of 7 December", "2026-12-07", "2026-12-13"),
    ],
)
def test_number_of_a_date_is_no_number_of_accounts(ask: Ask, question: str, first: str, last: str) -> None:
    plan = ask(question)
    assert (plan.top_n, plan.horizon.from_, plan.horizon.to) == (0, first, last)


def test_year_of_the_renewals_is_no_number_of_the_customers_that_follow(ask: Ask) -> None:
    plan = ask("Contracts ending in March 2027: which of those customers are likely to churn?")
    assert (plan.top_n, plan.filters.renewal_from, plan.filters.renewal_to) == (0, "2027-03-01", "2027-03-31")


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("20 customers most at risk by 31 March", 20),
        ("top 31 accounts at risk", 31),
        ("show 2 SMB accounts at risk", 2),
    ],
)
def test_number_of_accounts_is_kept_beside_dates(ask: Ask, question: str, count: int) -> None:
    assert ask(question).top_n == count

from __future__ import annotations

from datetime import date

import pytest

from chains.churn.planner.fiscal import Calendar
from tests.unit.chains.churn.planner.plan_questions import Ask

HORIZONS = [
    ("at risk", "2026-11-20", "2026-12-31"),
    ("at risk this month", "2026-11-20", "2026-11-30"),
    ("at risk this half", "2026-11-20", "2026-12-31"),
    ("at risk next month", "2026-12-01", "2026-12-31"),
    ("at risk next quarter", "2027-01-01", "2027-03-31"),
    ("at risk next year", "2027-01-01", "2027-12-31"),
    ("at risk in the next 90 days", "2026-11-20", "2027-02-18"),
    ("at risk within six weeks", "2026-11-20", "2027-01-01"),
    ("at risk over the next three months", "2026-11-20", "2027-02-20"),
    ("at risk by the end of March", "2026-11-20", "2027-03-31"),
    ("at risk by 15 January", "2026-11-20", "2027-01-15"),
    ("at risk by January 15th", "2026-11-20", "2027-01-15"),
    ("at risk until 2027-02-03", "2026-11-20", "2027-02-03"),
    ("at risk before year end", "2026-11-20", "2026-12-31"),
    ("at risk in Q1 2027", "2027-01-01", "2027-03-31"),
    ("at risk in H1 2027", "2027-01-01", "2027-06-30"),
    ("at risk in the second half of 2027", "2027-07-01", "2027-12-31"),
    ("at risk in March 2027", "2027-03-01", "2027-03-31"),
    ("at risk in 2027", "2027-01-01", "2027-12-31"),
    ("at risk in FY27", "2027-01-01", "2027-12-31"),
    ("at risk in Q1", "2027-01-01", "2027-03-31"),
    ("at risk in Q4", "2026-11-20", "2026-12-31"),
    ("at risk in November", "2026-11-20", "2026-11-30"),
    ("at risk in October", "2027-10-01", "2027-10-31"),
    ("who may leave in May", "2027-05-01", "2027-05-31"),
    ("at risk between 1 December and 31 January", "2026-12-01", "2027-01-31"),
    ("at risk from January to March", "2027-01-01", "2027-03-31"),
    ("at risk in December or January", "2026-12-01", "2027-01-31"),
    ("at risk in the long run", "2026-11-20", "2027-11-20"),
    ("eventually at risk", "2026-11-20", "2027-11-20"),
    ("wer ist in den nächsten 30 Tagen abwanderungsgefährdet", "2026-11-20", "2026-12-20"),
    ("quels clients risquent de partir le trimestre prochain", "2027-01-01", "2027-03-31"),
]


@pytest.mark.parametrize(("question", "since", "until"), HORIZONS, ids=[case[0] for case in HORIZONS])
def test_time_said_of_risk_is_the_horizon(ask: Ask, question: str, since: str, until: str) -> None:
    plan = ask(question)
    assert (plan.horizon.from_, plan.horizon.to) == (since, until)
    assert plan.unanswered == []
    assert (plan.filters.renewal_from, plan.filters.renewal_to) == ("", "")


RENEWALS = [
    ("accounts renewing in December", "2026-12-01", "2026-12-31"),
    ("accounts whose contract ends in Q1", "2027-01-01", "2027-03-31"),
    ("up for renewal in the next 60 days", "2026-11-20", "2027-01-19"),
    ("January renewals at risk", "2027-01-01", "2027-01-31"),
    ("at-risk accounts whose contracts expire next month", "2026-12-01", "2026-12-31"),
]


@pytest.mark.parametrize(("question", "since", "until"), RENEWALS, ids=[case[0] for case in RENEWALS])
def test_time_said_of_renewals_filters_them_and_ends_the_horizon(
    ask: Ask, question: str, since: str, until: str
) -> None:
    plan = ask(question)
    assert (plan.filters.renewal_from, plan.filters.renewal_to) == (since, until)
    assert (plan.horizon.from_, plan.horizon.to) == ("2026-11-20", until)


def test_risk_and_renewal_each_keep_their_own_time(ask: Ask) -> None:
    plan = ask("customers at risk this quarter whose contract ends in Q1")
    assert plan.horizon.to == "2026-12-31"
    assert plan.filters.renewal_to == "2027-03-31"


def test_not_renewing_is_a_risk_rather_than_a_renewal(ask: Ask) -> None:
    plan = ask("who might not renew next quarter?")
    assert plan.min_probability == 0.3
    assert plan.filters.renewal_to == ""


def test_label_repeats_the_users_words(ask: Ask) -> None:
    assert ask("at risk before the end of March").horizon.label == "before the end of March"
    assert ask("at risk in the next 90 days").horizon.label == "next 90 days"


@pytest.mark.parametrize(
    "words", ["last quarter", "in the last 30 days", "in Q1 2025", "two weeks ago", "since January"]
)
def test_time_in_the_past_is_unanswered_and_the_default_holds(ask: Ask, words: str) -> None:
    plan = ask(f"customers at risk {words}")
    assert len(plan.unanswered) == 1 and plan.unanswered[0].endswith(words.split()[-1])
    assert plan.horizon.to == "2026-12-31"


@pytest.mark.parametrize(
    ("words", "since", "until"),
    [
        ("this quarter", "2026-11-20", "2027-01-31"),
        ("next quarter", "2027-02-01", "2027-04-30"),
        ("this year", "2026-11-20", "2027-01-31"),
        ("in Q1", "2027-02-01", "2027-04-30"),
        ("in FY28", "2027-02-01", "2028-01-31"),
        ("in March", "2027-03-01", "2027-03-31"),
    ],
)
def test_quarters_and_years_follow_the_fiscal_year(ask: Ask, words: str, since: str, until: str) -> None:
    plan = ask(f"at risk {words}", start_month=2)
    assert (plan.horizon.from_, plan.horizon.to) == (since, until)


def test_every_day_lies_in_its_own_quarter_whatever_month_the_year_starts() -> None:
    for start_month in range(1, 13):
        for ordinal in range(date(2027, 1, 1).toordinal(), date(2028, 3, 1).toordinal()):
            today = date.fromordinal(ordinal)
            quarter = Calendar(today, start_month).current("quarter")
            assert quarter.first <= today <= quarter.last
            assert (quarter.first.month - start_month) % 3 == 0

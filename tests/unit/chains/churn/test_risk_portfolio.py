from __future__ import annotations

import datetime as dt

import pytest
from risk_accounts import AS_OF, account, invoice, ticket

from chains.churn.portfolio import build_portfolio, last_complete_week, week_start
from connectors.records import Activity, Change, Contact, Survey, UsageWeek

TOMORROW = AS_OF + dt.timedelta(days=1)


def test_portfolio_keeps_the_order_of_accounts_and_rows_point_at_them() -> None:
    portfolio = build_portfolio([account("b"), account("a", tickets=[ticket(3), ticket(5)])], AS_OF)

    assert list(portfolio.accounts["account_id"]) == ["b", "a"]
    assert list(portfolio.tickets["row"]) == [1, 1]


def test_portfolio_leaves_out_everything_dated_after_the_as_of_day() -> None:
    late = dt.datetime.combine(TOMORROW, dt.time(), tzinfo=dt.UTC)
    portfolio = build_portfolio(
        [
            account(
                tickets=[ticket(-1)],
                invoices=[invoice(-60, None)],
                activities=[Activity(activity_id="x", occurred_at=late)],
                surveys=[Survey(survey_id="s", score=1.0, answered_on=TOMORROW)],
                changes=[Change(changed_on=TOMORROW, seats=1)],
                usage=[UsageWeek(week_start=TOMORROW, active_users=1)],
            )
        ],
        AS_OF,
    )

    frames = [portfolio.tickets, portfolio.invoices, portfolio.activities]
    frames += [portfolio.surveys, portfolio.changes, portfolio.usage]
    assert [len(frame) for frame in frames] == [0] * 6


def test_portfolio_reads_a_later_closing_payment_or_leaving_as_absent() -> None:
    portfolio = build_portfolio(
        [
            account(
                tickets=[ticket(3, closed_after=10)],
                invoices=[invoice(5, 20)],
                contacts=[Contact(contact_id="c", role="champion", left_on=TOMORROW)],
            )
        ],
        AS_OF,
    )

    assert portfolio.tickets["closed_at"].isna().all()
    assert portfolio.invoices["paid_on"].isna().all()
    assert list(portfolio.invoices["status"]) == ["open"]
    assert portfolio.contacts["left_on"].isna().all()


def test_portfolio_drops_the_week_that_is_not_over() -> None:
    wednesday = dt.date(2026, 11, 18)
    weeks = [UsageWeek(week_start=dt.date(2026, 11, day), active_users=9) for day in (9, 16)]

    portfolio = build_portfolio([account(usage=weeks)], wednesday)

    assert list(portfolio.usage["age"]) == [0]


@pytest.mark.parametrize(
    ("as_of", "monday"),
    [
        (dt.date(2026, 11, 16), dt.date(2026, 11, 9)),
        (dt.date(2026, 11, 15), dt.date(2026, 11, 2)),
        (dt.date(2026, 11, 17), dt.date(2026, 11, 9)),
    ],
    ids=["on a Monday", "on a Sunday", "on a Tuesday"],
)
def test_last_complete_week_ended_before_the_day(as_of: dt.date, monday: dt.date) -> None:
    assert week_start(as_of, 0) == monday
    assert last_complete_week(as_of) - last_complete_week(as_of - dt.timedelta(weeks=3)) == 3


def test_portfolio_keeps_one_record_of_a_week_recorded_twice() -> None:
    twice = [UsageWeek(week_start=dt.date(2026, 11, 9), active_users=users) for users in (5, 7)]

    assert list(build_portfolio([account(usage=twice)], AS_OF).usage["active_users"]) == [7]


def test_portfolio_of_nobody_is_empty() -> None:
    assert build_portfolio([], AS_OF).size == 0

from __future__ import annotations

import datetime as dt

import pytest
from risk_accounts import AS_OF, account

from chains.churn.portfolio import build_portfolio
from chains.churn.renewals import next_renewals, renewals_until
from connectors.records import Contract


def _next(contract: Contract, as_of: dt.date = AS_OF) -> tuple[str, str]:
    row = next_renewals(build_portfolio([account(contract=contract)], as_of).accounts, as_of).iloc[0]
    return str(row["renewal_on"])[:10], str(row["basis"])


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        (Contract(renewal_date=dt.date(2026, 12, 10), term_months=12), ("2026-12-10", "stated")),
        (Contract(renewal_date=AS_OF, term_months=12), ("2026-11-16", "stated")),
        (Contract(renewal_date=dt.date(2026, 11, 15), term_months=24), ("2028-11-15", "rolled")),
        (Contract(renewal_date=dt.date(2024, 11, 15), term_months=None), ("2027-11-15", "rolled")),
        (Contract(renewal_date=dt.date(2024, 1, 31), term_months=1), ("2026-11-30", "rolled")),
        (Contract(start_date=dt.date(2024, 2, 29), term_months=12), ("2027-02-28", "derived")),
        (Contract(start_date=dt.date(2026, 11, 1), term_months=12), ("2027-11-01", "derived")),
        (Contract(start_date=dt.date(2026, 11, 20), term_months=12), ("2027-11-20", "derived")),
        (Contract(term_months=1), ("2026-12-16", "monthly")),
        (Contract(start_date=dt.date(2024, 2, 29)), ("NaT", "unknown")),
        (Contract(), ("NaT", "unknown")),
    ],
    ids=[
        "stated", "today is still to be decided", "passed rolls by its term", "passed without a term rolls by years",
        "month ends are kept", "leap day start", "young contract", "starts in the future", "monthly without dates",
        "start alone", "nothing",
    ],
)  # fmt: skip
def test_next_renewal(contract: Contract, expected: tuple[str, str]) -> None:
    assert _next(contract) == expected


@pytest.mark.parametrize(
    ("contract", "days", "count"),
    [
        (Contract(renewal_date=dt.date(2026, 12, 16), term_months=12), 30, 1),
        (Contract(renewal_date=dt.date(2026, 12, 16), term_months=12), 29, 0),
        (Contract(renewal_date=dt.date(2026, 12, 16), term_months=1), 91, 3),
        (Contract(renewal_date=dt.date(2026, 12, 16), term_months=12), 30 + 366, 2),
        (Contract(renewal_date=dt.date(2026, 12, 16), term_months=12), -3, 0),
    ],
    ids=["on the last day", "a day after the end", "monthly", "yearly over two years", "horizon in the past"],
)
def test_renewals_until_counts_both_ends(contract: Contract, days: int, count: int) -> None:
    renewals = next_renewals(build_portfolio([account(contract=contract)], AS_OF).accounts, AS_OF)

    assert renewals_until(renewals, AS_OF, AS_OF + dt.timedelta(days=days)).tolist() == [count]

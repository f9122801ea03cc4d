"""A report's accounts as flat rows."""

from __future__ import annotations

import datetime as dt

from chains.account_row import AccountRow
from chains.churn import ask
from chains.churn.account_rows import account_rows
from chains.churn.schema import FLAGSHIP_QUESTION
from connectors.sample import organisation

AS_OF = dt.date(2026, 11, 20)


def test_every_row_has_every_field_of_its_account() -> None:
    report = ask(FLAGSHIP_QUESTION, organisation(AS_OF).payload())
    rows = account_rows(report.model_dump_json().encode())
    assert len(rows) == len(report.accounts) > 5
    for row, account in zip(rows, report.accounts, strict=True):
        assert list(row) == list(AccountRow.model_fields)
        AccountRow.model_validate(row, strict=True)
        assert (row["account_id"], row["churn_probability"]) == (account.account_id, account.churn_probability)
        assert (row["low"], row["high"]) == (account.interval.low, account.interval.high)
        assert (row["arr_amount"], row["arr_currency"]) == (
            account.annual_recurring_revenue.amount,
            account.annual_recurring_revenue.currency,
        )
        assert (row["draft_id"], row["digest"]) == (account.draft.draft_id, account.draft.digest)
        assert row["next_step"] == account.next_steps[0].action
        raising = [driver.statement for driver in account.drivers if driver.direction == "raises"]
        assert row["reasons"] == " ".join(raising[:3])


def test_a_report_without_accounts_has_no_rows() -> None:
    assert account_rows(b'{"accounts": []}') == []

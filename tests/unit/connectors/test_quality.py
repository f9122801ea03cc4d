"""What is hidden after the as-of date, and what is found wrong."""

from __future__ import annotations

import datetime as dt

import pytest

from connectors.payload import read_payload
from connectors.quality import assess, confidence_penalty, summarise

AS_OF = dt.date(2026, 11, 16)


def assessed(sources: list | None = None, **fields: object):
    document = {"schema_version": "1", "sources": sources or [], "accounts": [{"account_id": "A1", **fields}]}
    return assess(read_payload(document).payload, AS_OF)


def codes(result) -> set[str]:
    return {finding.code for finding in result.findings}


def test_records_after_the_day_are_not_seen() -> None:
    result = assessed(
        usage=[{"week_start": "2026-11-09"}, {"week_start": "2026-11-23"}],
        tickets=[
            {"ticket_id": "1", "opened_at": "2026-11-16T23:59:59Z"},
            {"ticket_id": "2", "opened_at": "2026-11-17T00:00:00Z"},
        ],
        invoices=[{"invoice_id": "1", "issued_on": "2026-11-16"}, {"invoice_id": "2", "issued_on": "2026-11-17"}],
        surveys=[{"survey_id": "1", "answered_on": "2026-12-01", "score": 2}],
        activities=[{"activity_id": "1", "occurred_at": "2026-12-01T00:00:00Z"}],
        changes=[{"changed_on": "2026-12-01", "seats": 1}],
    )
    account = result.payload.accounts[0]
    assert [len(records) for records in (account.usage, account.tickets, account.invoices)] == [1, 1, 1]
    assert not (account.surveys or account.activities or account.changes)
    assert next(f for f in result.findings if f.code == "account.future").count == 6


def test_closings_payments_and_leavings_after_the_day_read_as_absent() -> None:
    account = assessed(
        tickets=[{"ticket_id": "1", "opened_at": "2026-11-01T00:00:00Z", "closed_at": "2026-11-18T00:00:00Z"}],
        invoices=[
            {
                "invoice_id": "1",
                "issued_on": "2026-09-01",
                "due_on": "2026-10-01",
                "paid_on": "2026-11-20",
                "status": "paid",
            }
        ],
        contacts=[{"contact_id": "1", "left_on": "2026-11-17"}],
    ).payload.accounts[0]
    assert account.tickets[0].closed_at is None
    assert (account.invoices[0].paid_on, account.invoices[0].status) == (None, "overdue")
    assert account.contacts[0].left_on is None


@pytest.mark.parametrize(
    ("start", "term", "renewal"),
    [
        ("2024-02-10", 12, "2027-02-10"),
        ("2026-07-10", 24, "2028-07-10"),
        ("2025-11-16", 12, "2026-11-16"),
        ("2026-10-31", 1, "2026-11-30"),
    ],
)
def test_a_missing_renewal_date_is_derived_and_said(start: str, term: int, renewal: str) -> None:
    result = assessed(contract={"start_date": start, "term_months": term})
    contract = result.payload.accounts[0].contract
    assert contract is not None
    assert contract.renewal_date == dt.date.fromisoformat(renewal)
    assert "account.renewal_derived" in codes(result)


def test_weeks_are_put_in_order_once_each_and_gaps_are_counted() -> None:
    result = assessed(
        usage=[
            {"week_start": day, "active_users": n}
            for n, day in enumerate(("2026-11-02", "2026-10-12", "2026-11-02", "2026-10-19"))
        ]
    )
    weeks = result.payload.accounts[0].usage
    assert [(week.week_start.day, week.active_users) for week in weeks] == [(12, 1), (19, 3), (2, 2)]
    assert {"account.missing_weeks", "account.duplicates"} <= codes(result)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (
            {"tickets": [{"ticket_id": "1", "opened_at": "2026-11-03T00:00:00Z", "closed_at": "2026-11-01T00:00:00Z"}]},
            "account.order",
        ),
        ({"invoices": [{"invoice_id": "1", "issued_on": "2026-10-03", "due_on": "2026-10-01"}]}, "account.order"),
        ({"contract": {"start_date": "2026-10-03", "renewal_date": "2026-10-01"}}, "account.order"),
        ({"usage": [{"week_start": "2026-11-02", "active_users": -4}]}, "account.impossible"),
        ({"usage": [{"week_start": "2026-11-02", "active_users": 40, "licensed_seats": 10}]}, "account.impossible"),
        ({"annual_recurring_revenue": {"amount": -1.0}}, "account.impossible"),
        (
            {"annual_recurring_revenue": {"amount": 5.0, "currency": "EUR"}, "invoices": [{"currency": "USD"}]},
            "account.currencies",
        ),
        ({"tickets": [{"ticket_id": "1", "subject": "a"}, {"ticket_id": "1", "subject": "a"}]}, "account.duplicates"),
        ({}, "account.no_usage"),
    ],
)
def test_what_cannot_be_right_is_found(fields: dict, code: str) -> None:
    assert code in codes(assessed(**fields))


def test_records_without_an_id_are_all_kept() -> None:
    assert len(assessed(tickets=[{"subject": "a"}, {"subject": "b"}]).payload.accounts[0].tickets) == 2


@pytest.mark.parametrize(("extracted", "stale"), [("2026-11-10T00:00:00Z", False), ("2026-11-01T00:00:00Z", True)])
def test_a_stale_source_is_found(extracted: str, stale: bool) -> None:
    result = assessed(sources=[{"name": "salesforce", "kind": "crm", "extracted_at": extracted}])
    assert ("stale_source" in codes(result)) is stale


def test_findings_of_accounts_not_looked_at_are_counted_and_the_others_shown() -> None:
    accounts = [{"account_id": f"A{i}"} for i in range(30)]
    findings = assess(read_payload({"accounts": accounts}).payload, AS_OF).findings
    shown = summarise(findings, about=["A7"])
    assert [(finding.scope, finding.count) for finding in shown] == [("A7", 1), ("payload", 29)]


@pytest.mark.parametrize(("accounts", "shown"), [(20, 20), (21, 1)])
def test_findings_that_many_accounts_share_are_drawn_into_one(accounts: int, shown: int) -> None:
    findings = assess(
        read_payload({"accounts": [{"account_id": f"A{i}"} for i in range(accounts)]}).payload, AS_OF
    ).findings
    assert len(summarise(findings)) == shown


def test_findings_lower_the_confidence_of_their_account_alone() -> None:
    result = assess(
        read_payload(
            {"accounts": [{"account_id": "A"}, {"account_id": "B", "usage": [{"week_start": "2026-11-09"}]}]}
        ).payload,
        AS_OF,
    )
    assert confidence_penalty(result.findings) == {"A": 0.05}


@pytest.mark.parametrize(("limit", "stale"), [(30, False), (3, True), (None, True)])
def test_a_source_may_say_how_old_its_data_may_be(limit: int | None, stale: bool) -> None:
    source = {"name": "billing", "kind": "billing", "extracted_at": "2026-11-06T00:00:00Z", "max_age_days": limit}
    found = [finding for finding in assessed(sources=[source]).findings if finding.code == "stale_source"]
    assert [finding.touches for finding in found] == (["invoices"] if stale else [])

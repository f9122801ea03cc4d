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


def _rows(*days: str) -> list[dict]:
    return [{"week_start": day, "active_users": 5} for day in days]


@pytest.mark.parametrize(
    "usage",
    [
        _rows("2026-11-02", "2026-11-03", "2026-11-04", "2026-11-09", "2026-11-11", "2026-11-16"),
        _rows("2026-11-08", "2026-11-02"),
    ],
)
def test_usage_by_the_day_is_found_and_taken_as_absent(usage: list[dict]) -> None:
    result = assessed(usage=usage)
    assert result.payload.accounts[0].usage == []
    [finding] = [finding for finding in result.findings if finding.touches == "usage"]
    assert (finding.code, finding.severity) == ("account.usage_daily", "error")


@pytest.mark.parametrize(
    "usage",
    [
        _rows("2026-11-03", "2026-11-10"),
        _rows("2026-11-01", "2026-11-07", "2026-11-14"),
        _rows("2026-11-01", "2026-11-02", "2026-11-09"),
        _rows("2026-10-26", "2026-11-02", "2026-11-03", "2026-11-09"),
        _rows("2026-11-02", "2026-11-02", "2026-11-09"),
    ],
)
def test_one_row_a_week_is_weekly_whatever_its_day_and_so_is_a_row_too_many(usage: list[dict]) -> None:
    result = assessed(usage=usage)
    assert result.payload.accounts[0].usage
    assert "account.usage_daily" not in codes(result)


def test_daily_usage_of_many_accounts_is_told_once() -> None:
    accounts = [{"account_id": f"A{n}", "usage": _rows("2026-11-02", "2026-11-03")} for n in range(30)]
    findings = assess(read_payload({"schema_version": "1", "accounts": accounts}).payload, AS_OF).findings
    [told] = [finding for finding in summarise(findings, about=["A1", "A2"]) if "not weekly" in finding.message]
    assert (told.severity, told.scope, told.count) == ("error", "payload", 30)
    assert "send one row a week" in told.message


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
        ({"contract": {"notice_days": 5_000}}, "account.impossible"),
        ({"contract": {"seats": -1}}, "account.impossible"),
        ({"surveys": [{"survey_id": "1", "kind": "nps", "score": 11}]}, "account.impossible"),
        ({"surveys": [{"survey_id": "1", "kind": "NPS", "score": -1}]}, "account.impossible"),
        ({"surveys": [{"survey_id": "1", "score": 40}]}, "account.impossible"),
        ({"surveys": [{"survey_id": "1", "kind": "csat", "score": 101}]}, "account.impossible"),
        ({"surveys": [{"survey_id": "1", "kind": "Customer effort", "score": -1}]}, "account.impossible"),
        ({"tickets": [{"ticket_id": "1", "subject": "a"}, {"ticket_id": "1", "subject": "a"}]}, "account.duplicates"),
        ({"status": "SECRETstatus"}, "account.status_unknown"),
        ({"tickets": [{"ticket_id": "1", "priority": "SECRETpriority"}]}, "account.priority_unknown"),
        ({}, "account.no_usage"),
    ],
)
def test_what_cannot_be_right_is_found(fields: dict, code: str) -> None:
    assert code in codes(assessed(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"usage": [{"week_start": "2026-11-02", "active_users": 30, "licensed_seats": 10}]},
        {"surveys": [{"survey_id": "1", "kind": "nps", "score": 0}, {"survey_id": "2", "kind": "nps", "score": 10}]},
        {"surveys": [{"survey_id": "1", "kind": "csat", "score": 85}, {"survey_id": "2", "kind": "ces", "score": 7}]},
        {"surveys": [{"survey_id": "1", "kind": "pulse", "score": 500}]},
        {"contract": {"notice_days": 90, "term_months": 36, "seats": 0}},
    ],
)
def test_what_can_be_right_is_no_finding(fields: dict) -> None:
    assert "account.impossible" not in codes(assessed(**fields))


def test_what_cannot_be_right_is_said_in_words_that_are_true_of_it() -> None:
    (finding,) = (
        finding
        for finding in assessed(
            usage=[{"week_start": "2026-11-02", "active_users": 31, "licensed_seats": 10}],
            surveys=[{"survey_id": "1", "kind": "nps", "score": 40}, {"survey_id": "2", "kind": "nps", "score": 50}],
        ).findings
        if finding.code == "account.impossible"
    )
    assert finding.message == (
        "Values cannot be right: there are more than 3 users for each licensed seat; "
        "survey scores lie outside their scale and are not used."
    )
    assert (finding.count, finding.touches) == (3, "usage, surveys")


@pytest.mark.parametrize(("status", "read_as"), [("SECRETstatus", "SECRETstatus"), ("Suspended", "Suspended")])
def test_an_unknown_status_stays_as_given_and_lowers_confidence_without_being_said(status: str, read_as: str) -> None:
    result = assessed(status=status, usage=[{"week_start": "2026-11-09"}])
    (finding,) = result.findings
    assert result.payload.accounts[0].status == read_as
    assert (finding.severity, finding.code, finding.touches) == ("warning", "account.status_unknown", "contract")
    assert status not in finding.message
    assert confidence_penalty(result.findings) == {"A1": 0.05}


@pytest.mark.parametrize("status", [None, "", "active", "Churn", "Closed Lost", "Prospect"])
def test_a_known_status_is_no_finding(status: str | None) -> None:
    assert "account.status_unknown" not in codes(assessed(status=status))


def test_priorities_nobody_knows_are_counted_and_cost_no_confidence() -> None:
    words = ("SECRETpriority", "Sev 1", "", "SECRETother")
    tickets = [{"ticket_id": str(n), "priority": word} for n, word in enumerate(words)]
    (finding,) = (f for f in assessed(tickets=tickets).findings if f.code == "account.priority_unknown")
    assert (finding.severity, finding.count, finding.touches) == ("info", 2, "tickets")
    assert "SECRET" not in finding.message


def test_unknown_words_of_many_accounts_are_drawn_into_one_finding_each() -> None:
    accounts = [
        {
            "account_id": f"A{i}",
            "status": "SECRETstatus",
            "usage": [{"week_start": "2026-11-09"}],
            "tickets": [{"ticket_id": "1", "priority": "SECRETpriority"}],
            "contacts": [{"contact_id": "c"}, {"contact_id": "c"}],
        }
        for i in range(21)
    ]
    read = read_payload({"accounts": accounts})
    shown = summarise([*read.findings, *assess(read.payload, AS_OF).findings])
    assert [(finding.severity, finding.scope, finding.count) for finding in shown] == [
        ("warning", "payload", 21),
        ("warning", "payload", 21),
        ("info", "payload", 21),
    ]


def test_amounts_in_several_currencies_lower_the_confidence_of_their_account() -> None:
    invoices = [{"invoice_id": "1", "currency": "EUR"}, {"invoice_id": "2", "currency": "USD"}]
    (finding,) = assessed(usage=[{"week_start": "2026-11-09"}], invoices=invoices).findings
    assert (finding.code, finding.severity, finding.touches) == ("account.currencies", "warning", "invoices")
    assert confidence_penalty([finding]) == {"A1": 0.05}


@pytest.mark.parametrize(
    ("kind", "record", "again"),
    [
        ("tickets", {"ticket_id": "1", "subject": "a"}, {"subject": "b"}),
        ("invoices", {"invoice_id": "1", "amount": 5.0}, {"amount": 6.0}),
        ("activities", {"activity_id": "1", "kind": "call"}, {"kind": "email"}),
        ("surveys", {"survey_id": "1", "kind": "nps", "score": 6}, {"kind": "csat"}),
        ("changes", {"changed_on": "2026-10-01", "seats": 5}, {}),
    ],
    ids=["tickets", "invoices", "activities", "surveys", "changes"],
)
def test_a_record_that_stands_twice_is_taken_once_and_found(kind: str, record: dict, again: dict) -> None:
    result = assessed(**{kind: [record, {**record, **again}]})
    (finding,) = (finding for finding in result.findings if finding.code == "account.duplicates")
    assert len(getattr(result.payload.accounts[0], kind)) == 1
    assert (finding.severity, finding.count, finding.touches) == ("warning", 1, kind)


def test_two_changes_of_one_day_that_differ_are_both_kept() -> None:
    changes = [{"changed_on": "2026-10-01", "seats": 5}, {"changed_on": "2026-10-01", "seats": 6}]
    result = assessed(changes=changes)
    assert len(result.payload.accounts[0].changes) == 2
    assert "account.duplicates" not in codes(result)


def test_records_without_an_id_are_all_kept() -> None:
    result = assessed(
        tickets=[{"subject": "a"}, {"subject": "a"}], surveys=[{"score": 6}, {"score": 6}], activities=[{}, {}]
    )
    account = result.payload.accounts[0]
    assert (len(account.tickets), len(account.surveys), len(account.activities)) == (2, 2, 2)
    assert "account.duplicates" not in codes(result)


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

import datetime as dt
from typing import Any

from connectors.shim.aggregate import SystemsRead, aggregate
from connectors.shim.exports import BillingExport, UsageExport

NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
WEEK = {"week_start": "2026-11-09", "active_users": 5}


def crm(**objects: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {name: [] for name in ("Account", "User", "Contact", "Case", "Task", "Survey_Response__c")} | objects


def systems(
    accounts: list[dict[str, Any]],
    *,
    customers: list[dict[str, Any]] | None = None,
    invoices: list[dict[str, Any]] | None = None,
    tenants: list[dict[str, Any]] | None = None,
    weeks: list[dict[str, Any]] | None = None,
    **objects: list[dict[str, Any]],
) -> SystemsRead:
    return SystemsRead(
        crm=crm(Account=accounts, **objects),
        usage=UsageExport(tenants or [], weeks or [], "2026-11-20T04:00:00+00:00"),
        billing=BillingExport(customers or [], invoices or [], [], "2026-11-19T22:00:00Z"),
        read_at=NOW,
    )


def test_aggregate_leaves_out_what_may_belong_to_two_accounts_and_says_so() -> None:
    read = systems(
        [{"Id": "1", "Name": "Harbor Paper Inc"}, {"Id": "2", "Name": "Harbor Paper LLC"}],
        customers=[{"customer_id": "c", "legal_name": "Harbor Paper"}],
        invoices=[{"customer_id": "c", "invoice_id": "i"}],
    )
    aggregated = aggregate(read, NOW.date())
    assert [account.invoices for account in aggregated.payload.accounts] == [[], []]
    assert [(f.code, f.scope, f.count) for f in aggregated.findings] == [("match_ambiguous", "billing", 1)]


def test_aggregate_keeps_unreadable_values_absent_and_the_rest_of_the_record() -> None:
    read = systems(
        [{"Id": "1", "Name": "Alpine Foods GmbH", "ARR__c": "NaN", "Renewal_Date__c": "2026-02-30", "Seats__c": None}],
        tenants=[{"tenant_slug": "alpine-foods-gmbh", "domain": None}],
        weeks=[
            {"tenant_slug": "alpine-foods-gmbh", **WEEK},
            {"tenant_slug": "alpine-foods-gmbh", "week_start": "soon"},
        ],
    )
    (account,) = aggregate(read, NOW.date()).payload.accounts
    assert account.annual_recurring_revenue is None
    assert account.contract is not None
    assert (account.contract.renewal_date, account.contract.seats) == (None, None)
    assert [(w.week_start.isoformat(), w.active_users, w.api_calls) for w in account.usage] == [("2026-11-09", 5, None)]


def test_aggregate_says_which_records_have_no_account() -> None:
    read = systems([{"Id": "1"}], Contact=[{"Id": "3", "AccountId": "gone"}, {"Id": "4", "AccountId": "1"}])
    aggregated = aggregate(read, NOW.date())
    assert [(f.code, f.touches, f.count) for f in aggregated.findings] == [("orphan_records", "contacts", 1)]
    assert [c.contact_id for c in aggregated.payload.accounts[0].contacts] == ["4"]


def test_aggregate_reads_salesforce_instants_as_utc() -> None:
    case = {"Id": "5", "AccountId": "1", "CreatedDate": "2026-11-03T09:00:00.000+0200", "Priority": "Medium"}
    (account,) = aggregate(systems([{"Id": "1"}], Case=[case]), NOW.date()).payload.accounts
    assert account.tickets[0].opened_at == dt.datetime(2026, 11, 3, 7, tzinfo=dt.UTC)
    assert account.tickets[0].priority == "normal"

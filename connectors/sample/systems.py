"""The sample organisation as three systems whose ids differ: a CRM, a usage database, billing exports."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from connectors.records import Account, Contract, Money
from connectors.sample.organisation import Organisation
from connectors.sample.tables import in_ascii

CrmRecords = dict[str, list[dict[str, Any]]]

_STATUS = {"active": "Active", "churned": "Former Customer", "trial": "Trial"}
_PRIORITY = {"low": "Low", "normal": "Medium", "high": "High", "critical": "Critical"}
_ROLE = {
    "champion": "Champion",
    "executive_sponsor": "Executive Sponsor",
    "administrator": "Administrator",
    "power_user": "Power User",
    "procurement": "Procurement",
}
_WITHOUT_CRM_ID = 0.07
_WITHOUT_DOMAIN = 0.03
_STRANGER = ("cus_000001", "Lanterna Events Ltd", "", "accounts@lanterna-events.example", "annual")
_INVOICE_SERVICE = "invoices@ledgerpost.example"


def crm_records(organisation: Organisation) -> CrmRecords:
    """The CRM's objects by name, spelt as Salesforce spells them; absent values are None."""
    accounts = organisation.accounts
    owners = {account.owner.owner_id: account.owner for account in accounts if account.owner}
    synced_at = next(source.extracted_at for source in organisation.sources if source.kind == "survey")
    return {
        "Account": [_crm_account(account) for account in accounts],
        "User": [{"Id": o.owner_id, "Name": o.name, "Email": o.email} for o in owners.values()],
        "Contact": [
            {
                "Id": contact.contact_id,
                "AccountId": account.account_id,
                "FirstName": contact.first_name,
                "LastName": contact.last_name,
                "Email": contact.email,
                "Phone": contact.phone,
                "Role__c": _ROLE[contact.role],
                "Language__c": contact.language,
                "Left_On__c": _day(contact.left_on),
                "HasOptedOutOfEmail": contact.email_opt_out,
            }
            for account in accounts
            for contact in account.contacts
        ],
        "Case": [
            {
                "Id": ticket.ticket_id,
                "AccountId": account.account_id,
                "CreatedDate": _instant(ticket.opened_at),
                "First_Response_At__c": _instant(ticket.first_response_at),
                "ClosedDate": _instant(ticket.closed_at),
                "Priority": _PRIORITY[ticket.priority],
                "Subject": ticket.subject,
                "Description": ticket.body,
            }
            for account in accounts
            for ticket in account.tickets
        ],
        "Task": [
            {
                "Id": activity.activity_id,
                "AccountId": account.account_id,
                "WhoId": activity.contact_id,
                "Type": activity.kind.capitalize(),
                "CompletedDateTime": _instant(activity.occurred_at),
            }
            for account in accounts
            for activity in account.activities
        ],
        "Survey_Response__c": [
            {
                "Id": survey.survey_id,
                "Account__c": account.account_id,
                "Kind__c": survey.kind.upper(),
                "Score__c": survey.score,
                "Answered_On__c": _day(survey.answered_on),
                "Comment__c": survey.comment or None,
                "Synced_At__c": _instant(synced_at),
            }
            for account in accounts
            for survey in account.surveys
        ],
    }


def _crm_account(account: Account) -> dict[str, Any]:
    contract = account.contract or Contract()
    revenue = account.annual_recurring_revenue or Money(amount=0.0)
    return {
        "Id": account.account_id,
        "Name": account.name,
        "Website": f"https://www.{account.domain}",
        "ParentId": account.parent_account_id or None,
        "Segment__c": account.segment,
        "Region__c": account.region,
        "BillingCountry": account.country,
        "Industry": account.industry,
        "Status__c": _STATUS[account.status],
        "ARR__c": revenue.amount if account.annual_recurring_revenue else None,
        "CurrencyIsoCode": revenue.currency or None,
        "OwnerId": account.owner.owner_id if account.owner else None,
        "Contract_Start__c": _day(contract.start_date),
        "Renewal_Date__c": _day(contract.renewal_date),
        "Contract_Term_Months__c": contract.term_months,
        "Seats__c": contract.seats,
        "Auto_Renew__c": contract.auto_renew,
        "Notice_Days__c": contract.notice_days,
    }


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _instant(moment: dt.datetime | None) -> str | None:
    """An instant the way Salesforce writes it: ``2026-11-03T09:00:00.000+0000``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000") if moment else None


def write_usage_database(organisation: Organisation, path: Path) -> None:
    """Write the usage system's SQLite file: tenants keyed by slug and domain, their weeks, and the load's time.

    A few tenants have no domain; one is the vendor's own sandbox, which no CRM knows.
    """
    path.unlink(missing_ok=True)
    rng = random.Random(f"{organisation.seed}:usage")
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(
            "CREATE TABLE tenants (tenant_slug TEXT PRIMARY KEY, domain TEXT, created_at TEXT);"
            "CREATE TABLE usage_weekly (tenant_slug TEXT, week_start TEXT, active_users INTEGER,"
            " licensed_seats INTEGER, key_actions INTEGER, api_calls INTEGER, features_used INTEGER,"
            " PRIMARY KEY (tenant_slug, week_start));"
            "CREATE TABLE loads (finished_at TEXT);"
        )
        loaded_at = next(source.extracted_at for source in organisation.sources if source.kind == "usage")
        database.execute("INSERT INTO loads VALUES (?)", (loaded_at.isoformat() if loaded_at else None,))
        database.execute("INSERT INTO tenants VALUES ('vendor-sandbox', 'sandbox.vendor.example', '2020-01-01')")
        for account in organisation.accounts:
            if not account.usage:
                continue
            slug = tenant_slug(account.name)
            domain = None if rng.random() < _WITHOUT_DOMAIN else account.domain
            started = account.contract.start_date if account.contract else None
            database.execute("INSERT INTO tenants VALUES (?, ?, ?)", (slug, domain, _day(started)))
            database.executemany(
                "INSERT INTO usage_weekly VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        slug,
                        week.week_start.isoformat(),
                        week.active_users,
                        week.licensed_seats,
                        week.key_actions,
                        week.api_calls,
                        week.features_used,
                    )
                    for week in account.usage
                ],
            )


def tenant_slug(name: str) -> str:
    """The tenant's key in the usage system, such as ``alpine-foods-gmbh``."""
    return "-".join(word for word in map(in_ascii, name.split()) if word)


def write_billing_exports(organisation: Organisation, folder: Path) -> None:
    """Write billing's CSV exports: customers, invoices, contract changes, and when they were exported.

    Billing has its own customer ids and spellings of legal names; some customers lack the CRM id, and a few of
    those are billed through a service whose mail domain says nothing. One customer stands in no other system.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(f"{organisation.seed}:billing")
    customers: list[Sequence[Any]] = [_STRANGER]
    invoices: list[Sequence[Any]] = []
    changes: list[Sequence[Any]] = []
    for account in organisation.accounts:
        key = f"cus_{rng.getrandbits(40):010x}"
        customers.append(_customer(account, key, rng))
        invoices += [
            (i.invoice_id, key, i.issued_on, i.due_on, i.paid_on, f"{i.amount:.2f}", i.currency, i.status)
            for i in account.invoices
        ]
        changes += [(key, change.changed_on, change.seats, change.amount) for change in account.changes]
    _write_csv(folder / "customers.csv", "customer_id legal_name crm_account_id billing_email plan", customers)
    _write_csv(
        folder / "invoices.csv", "invoice_id customer_id issued_on due_on paid_on amount currency status", invoices
    )
    _write_csv(folder / "contract_changes.csv", "customer_id changed_on seats amount", changes)
    exported_at = next(source.extracted_at for source in organisation.sources if source.kind == "billing")
    manifest = {"exported_at": exported_at.isoformat() if exported_at else ""}
    (folder / "export.json").write_text(json.dumps(manifest), encoding="utf-8")


def _customer(account: Account, key: str, rng: random.Random) -> tuple[str, ...]:
    crm_id, email = account.account_id, f"accounts.payable@{account.domain}"
    if rng.random() < _WITHOUT_CRM_ID:
        crm_id = ""
        email = _INVOICE_SERVICE if rng.random() < 0.4 else email
    plan = "monthly" if account.contract and account.contract.term_months == 1 else "annual"
    return key, legal_name(account.name, rng), crm_id, email, plan


def legal_name(name: str, rng: random.Random) -> str:
    """The name as a billing clerk may have typed it: capitals, a dotted legal form, accents lost."""
    *words, form = name.split()
    if form.isalpha() and (form.isupper() or form == "GmbH") and rng.random() < 0.5:
        form = ".".join(form.upper()) + "."
    text = " ".join([*words, form])
    style = rng.randrange(4)
    if style == 0:
        return text.upper()
    if style == 1:
        return text.translate(str.maketrans("éèâîäöüåíóñç", "eeaiaouaionc"))
    if style == 2:
        return text.replace(",", "") + " "
    return text


def _write_csv(path: Path, header: str, rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split())
        writer.writerows(rows)

"""One raw row of a system to one canonical record: where spellings, dates and time zones are settled."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from connectors import canonical as words
from connectors.canonical import canonical
from connectors.company_names import domain_name
from connectors.records import (
    Account,
    Activity,
    Change,
    Contact,
    Contract,
    Invoice,
    Money,
    Owner,
    Survey,
    Ticket,
    UsageWeek,
)

Row = dict[str, Any]


def to_owner(row: Row) -> Owner:
    """A CRM User as the account's owner."""
    return Owner(owner_id=text(row, "Id"), name=text(row, "Name"), email=text(row, "Email"))


def to_account(row: Row, owner: Owner | None) -> Account:
    """A CRM Account without its parts."""
    amount, currency = number(row, "ARR__c"), text(row, "CurrencyIsoCode")
    return Account(
        account_id=text(row, "Id"),
        name=text(row, "Name"),
        domain=domain_name(text(row, "Website")),
        parent_account_id=text(row, "ParentId"),
        segment=canonical(text(row, "Segment__c"), words.SEGMENT),
        region=text(row, "Region__c"),
        country=text(row, "BillingCountry"),
        industry=text(row, "Industry"),
        status=canonical(text(row, "Status__c"), words.STATUS),
        annual_recurring_revenue=None if amount is None else Money(amount=amount, currency=currency),
        owner=owner,
        contract=Contract(
            start_date=day(row, "Contract_Start__c"),
            renewal_date=day(row, "Renewal_Date__c"),
            term_months=whole(row, "Contract_Term_Months__c"),
            seats=whole(row, "Seats__c"),
            auto_renew=truth(row, "Auto_Renew__c"),
            notice_days=whole(row, "Notice_Days__c"),
        ),
    )


def to_contact(row: Row) -> Contact:
    """A CRM Contact."""
    return Contact(
        contact_id=text(row, "Id"),
        first_name=text(row, "FirstName"),
        last_name=text(row, "LastName"),
        email=text(row, "Email"),
        phone=text(row, "Phone"),
        role=canonical(text(row, "Role__c"), words.ROLE),
        language=text(row, "Language__c"),
        left_on=day(row, "Left_On__c"),
        email_opt_out=truth(row, "HasOptedOutOfEmail"),
    )


def to_ticket(row: Row) -> Ticket:
    """A CRM Case."""
    return Ticket(
        ticket_id=text(row, "Id"),
        opened_at=instant(row, "CreatedDate"),
        first_response_at=instant(row, "First_Response_At__c"),
        closed_at=instant(row, "ClosedDate"),
        priority=canonical(text(row, "Priority"), words.PRIORITY),
        subject=text(row, "Subject"),
        body=text(row, "Description"),
    )


def to_activity(row: Row) -> Activity:
    """A CRM Task that was done."""
    return Activity(
        activity_id=text(row, "Id"),
        kind=text(row, "Type").lower(),
        occurred_at=instant(row, "CompletedDateTime"),
        contact_id=text(row, "WhoId"),
    )


def to_survey(row: Row) -> Survey:
    """A survey answer as synchronised into the CRM."""
    return Survey(
        survey_id=text(row, "Id"),
        kind=text(row, "Kind__c").lower(),
        score=number(row, "Score__c"),
        answered_on=day(row, "Answered_On__c"),
        comment=text(row, "Comment__c"),
    )


def to_usage_week(row: Row) -> UsageWeek | None:
    """A week of the usage database; None when it has no readable date."""
    week_start = day(row, "week_start")
    if week_start is None:
        return None
    return UsageWeek(
        week_start=week_start,
        active_users=whole(row, "active_users"),
        licensed_seats=whole(row, "licensed_seats"),
        key_actions=whole(row, "key_actions"),
        api_calls=whole(row, "api_calls"),
        features_used=whole(row, "features_used"),
    )


def to_invoice(row: Row) -> Invoice:
    """A line of billing's invoices."""
    return Invoice(
        invoice_id=text(row, "invoice_id"),
        issued_on=day(row, "issued_on"),
        due_on=day(row, "due_on"),
        paid_on=day(row, "paid_on"),
        amount=number(row, "amount"),
        currency=text(row, "currency"),
        status=canonical(text(row, "status"), words.INVOICE_STATUS),
    )


def to_change(row: Row) -> Change:
    """A line of billing's contract changes."""
    return Change(changed_on=day(row, "changed_on"), seats=whole(row, "seats"), amount=number(row, "amount"))


def text(row: Row, field: str) -> str:
    """The field as text without blanks around it; empty when absent."""
    value = row.get(field)
    return "" if value is None else str(value).strip()


def number(row: Row, field: str) -> float | None:
    """The field as a finite number; None when it is absent or none."""
    try:
        value = float(text(row, field))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def whole(row: Row, field: str) -> int | None:
    """The field as a whole number; None when it is absent or none."""
    value = number(row, field)
    return None if value is None else round(value)


def truth(row: Row, field: str) -> bool | None:
    """The field as yes or no; None when it says neither."""
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text(row, field).lower())


def day(row: Row, field: str) -> dt.date | None:
    """The field as a calendar day; None when it is absent or none."""
    try:
        return dt.date.fromisoformat(text(row, field)[:10])
    except ValueError:
        return None


def instant(row: Row, field: str) -> dt.datetime | None:
    """The field as an aware UTC instant; one without an offset is taken as UTC; None when it is absent or none."""
    try:
        moment = dt.datetime.fromisoformat(text(row, field))
    except ValueError:
        return None
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)

"""Canonical records: what every source is mapped to, and all that the rest of Baton knows of a customer.

An absent value is ``None`` for numbers and dates and ``""`` for text; it never stands for zero.
Dates are calendar days; instants are aware UTC.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec

_LARGEST = 10**15

Count = Annotated[int, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]
Number = Annotated[float, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]
Instant = Annotated[dt.datetime, msgspec.Meta(tz=True)]


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A flat, immutable record; records hold no cycles, so the garbage collector skips them."""


class Money(Record, frozen=True):
    """An amount in the major unit of an ISO 4217 currency."""

    amount: Number
    currency: str = ""


class Owner(Record, frozen=True):
    """The vendor's employee who looks after the account."""

    owner_id: str = ""
    name: str = ""
    email: str = ""


class Contract(Record, frozen=True):
    """The agreement in force. `renewal_date` is the day the current term ends."""

    start_date: dt.date | None = None
    renewal_date: dt.date | None = None
    term_months: Count | None = None
    seats: Count | None = None
    auto_renew: bool | None = None
    notice_days: Count | None = None


class Contact(Record, frozen=True):
    """A person at the customer.

    `role` is champion, executive_sponsor, administrator, power_user or procurement (usual spellings are understood);
    `language` is an ISO 639-1 code; `left_on` the day the person left the customer.
    """

    contact_id: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    role: str = ""
    language: str = ""
    left_on: dt.date | None = None
    email_opt_out: bool | None = None


class UsageWeek(Record, frozen=True):
    """Product use in the ISO week that starts on `week_start` (a Monday)."""

    week_start: dt.date
    active_users: Count | None = None
    licensed_seats: Count | None = None
    key_actions: Count | None = None
    api_calls: Count | None = None
    features_used: Count | None = None


class Ticket(Record, frozen=True):
    """A support case. `priority` is one of low, normal, high, critical, or absent."""

    ticket_id: str = ""
    opened_at: Instant | None = None
    first_response_at: Instant | None = None
    closed_at: Instant | None = None
    priority: str = ""
    subject: str = ""
    body: str = ""


class Invoice(Record, frozen=True):
    """A bill. `status` is one of paid, open, overdue, disputed, void, or absent."""

    invoice_id: str = ""
    issued_on: dt.date | None = None
    due_on: dt.date | None = None
    paid_on: dt.date | None = None
    amount: Number | None = None
    currency: str = ""
    status: str = ""


class Change(Record, frozen=True):
    """A change of the contract: the seats and the yearly amount that held from `changed_on` on."""

    changed_on: dt.date | None = None
    seats: Count | None = None
    amount: Number | None = None


class Activity(Record, frozen=True):
    """A contact between the vendor and one person of the customer; `kind` such as meeting, call or email."""

    activity_id: str = ""
    kind: str = ""
    occurred_at: Instant | None = None
    contact_id: str = ""


class Survey(Record, frozen=True):
    """A survey answer; with `kind` nps the `score` runs from 0 to 10."""

    survey_id: str = ""
    kind: str = ""
    score: Number | None = None
    answered_on: dt.date | None = None
    comment: str = ""


class Account(Record, frozen=True):
    """One customer with everything the systems know of it, as of one day.

    `status` is active (also when absent), churned or trial; `segment` and `region` are the house's own words, of which
    Enterprise, Mid-Market and SMB, and EMEA, AMER and APAC are understood in questions by their usual names.
    """

    account_id: str
    name: str = ""
    domain: str = ""
    parent_account_id: str = ""
    segment: str = ""
    region: str = ""
    country: str = ""
    industry: str = ""
    status: str = ""
    annual_recurring_revenue: Money | None = None
    owner: Owner | None = None
    contract: Contract | None = None
    contacts: list[Contact] = []
    usage: list[UsageWeek] = []
    tickets: list[Ticket] = []
    invoices: list[Invoice] = []
    changes: list[Change] = []
    activities: list[Activity] = []
    surveys: list[Survey] = []


class SourceInfo(Record, frozen=True):
    """One system a payload was read from; `kind` is crm, usage, billing, support, survey or other.

    Data older than `max_age_days` is a finding; absent means 7.
    """

    name: str = ""
    kind: str = ""
    extracted_at: Instant | None = None
    max_age_days: Count | None = None


class Payload(Record, frozen=True):
    """What the integration layer pushes: accounts of one day, and the systems they came from."""

    schema_version: str = ""
    as_of: dt.date | None = None
    sources: list[SourceInfo] = []
    accounts: list[Account] = []


class Rejected(Record, frozen=True):
    """An account set aside: where it stood in the payload, and why (never the value)."""

    pointer: str
    account_id: str
    message: str


class Finding(Record, frozen=True):
    """A defect of the data that lowers confidence; `scope` is "payload", a source name or an account id.

    `touches` names the record kinds whose signals it weakens, joined by commas: usage, tickets, invoices, contract,
    contacts, … A finding of a source that touches any weakens every account.
    """

    severity: str
    scope: str
    message: str
    count: int = 1
    code: str = ""
    touches: str = ""

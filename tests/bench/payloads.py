"""Payloads of any number of accounts: 26 weeks of usage, 5 tickets and 4 invoices each, the same for the same seed."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

AS_OF = dt.date(2026, 11, 16)
WEEKS, TICKETS, INVOICES = 26, 5, 4
_SEGMENTS = ("Enterprise", "Mid-Market", "SMB")
_PLACES = (("EMEA", "Germany"), ("EMEA", "France"), ("AMER", "United States"), ("AMER", "Brazil"), ("APAC", "Japan"))
_TEXTS = (
    (
        "Export writes wrong totals",
        "The nightly export writes wrong totals for two of our teams again. We need this fixed before the month ends.",
    ),
    ("How do I add a column", "Could you tell me how to add a column to the weekly report? Thank you in advance."),
    (
        "Page takes long to load",
        "The overview takes forty seconds to load for everybody here since the last release and people complain.",
    ),
    (
        "Thanks for the quick help",
        "The new import works very well and the team is happy with it. Thank you for the quick help.",
    ),
    (
        "Dates in our agreement",
        "We are reviewing our options for next year. Please confirm the end date and the notice period of our agreement.",
    ),
)

_SHARES = (20, 40, 15, 23, 2)
_RISING_ANGER = (
    (
        "Export writes wrong totals",
        "The nightly export writes wrong totals for our plants in {town}. Our controllers found it on their own, again.",
    ),
    (
        "Still wrong totals in the export",
        "The wrong totals that we reported are still there. {town} works with paper lists now. When will this be mended?",
    ),
    (
        "Overview down for {town}",
        "The overview was down for three hours on Monday and nobody told us. This is the second time in this quarter.",
    ),
    (
        "Reviewing our agreement",
        "After the trouble of the last months we are comparing other suppliers. Please confirm our notice period.",
    ),
)
_TOWNS = ("Lübeck", "Ghent", "Tampere", "Brno", "Porto", "Gdansk", "Turin", "Malmö")


def payload(accounts: int, seed: int = 1) -> dict[str, Any]:
    """A unified payload of that many accounts, about 9 kB of JSON each."""
    draw = random.Random(seed)
    return {
        "schema_version": "1",
        "as_of": AS_OF.isoformat(),
        "sources": [
            {"name": name, "kind": kind, "extracted_at": "2026-11-16T06:00:00Z", "max_age_days": 7}
            for name, kind in (("salesforce", "crm"), ("analytics", "usage"), ("ledger", "billing"))
        ],
        "accounts": [_account(number, draw) for number in range(accounts)],
    }


def payload_at_risk(accounts: int, seed: int = 1) -> dict[str, Any]:
    """A unified payload of accounts that all are at risk: falling use, four angry tickets each, an overdue invoice."""
    draw = random.Random(seed)
    whole = payload(accounts, seed)
    return {
        **whole,
        "accounts": [
            {**_troubled(account, draw), "name": f"{_word(number)} GmbH"}
            for number, account in enumerate(whole["accounts"])
        ],
    }


def _word(number: int) -> str:
    """A name without digits, another one for each number below a million."""
    syllables = [number // 100**place % 100 for place in (0, 1, 2)]
    return "".join("bdfgklmnprstvzhjwyqx"[one // 5] + "aeiou"[one % 5] for one in syllables).capitalize()


def _troubled(account: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    fall = draw.uniform(0.90, 0.94)
    usage = [
        {**week, "active_users": round(week["active_users"] * fall ** max(0, late))}
        for late, week in enumerate(account["usage"], start=13 - WEEKS)
    ]
    tickets = [
        _angry_ticket(ticket, index, draw) for index, ticket in enumerate(account["tickets"][: len(_RISING_ANGER)])
    ]
    newest, *older = account["invoices"]
    renewal = AS_OF + dt.timedelta(days=draw.randrange(20, 45))
    return {
        **account,
        "usage": usage,
        "tickets": tickets,
        "invoices": [{**newest, "paid_on": "", "status": "overdue"}, *older],
        "contract": {**account["contract"], "renewal_date": renewal.isoformat()},
    }


def _angry_ticket(ticket: dict[str, Any], index: int, draw: random.Random) -> dict[str, Any]:
    subject, body = (text.format(town=draw.choice(_TOWNS)) for text in _RISING_ANGER[index])
    opened = AS_OF - dt.timedelta(days=12 * (len(_RISING_ANGER) - index) + draw.randrange(8))
    closed = "" if index else f"{opened + dt.timedelta(days=9)}T09:00:00Z"
    body = f"{body} Our reference is {draw.randrange(10**6)}."
    return {
        **ticket,
        "opened_at": f"{opened}T09:00:00Z",
        "closed_at": closed,
        "priority": "High",
        "subject": subject,
        "body": body,
    }


def _account(number: int, draw: random.Random) -> dict[str, Any]:
    region, country = draw.choice(_PLACES)
    seats = draw.randrange(20, 400)
    trend = draw.choices((1.0, 0.985, 0.96), weights=(90, 7, 3))[0]
    level = seats * draw.uniform(0.3, 0.8)
    start = AS_OF - dt.timedelta(days=draw.randrange(200, 1500))
    return {
        "account_id": f"001{number:09d}",
        "name": f"Company Number {number} GmbH",
        "domain": f"company{number}.example",
        "segment": draw.choice(_SEGMENTS),
        "region": region,
        "country": country,
        "industry": "Retail",
        "status": "active",
        "annual_recurring_revenue": {"amount": draw.randrange(10, 300) * 1000.0, "currency": "EUR"},
        "owner": {
            "owner_id": f"005{number % 20:03d}",
            "name": f"Ortrud Sommerfeld{number % 20}",
            "email": f"owner{number % 20}@vendor.example",
        },
        "contract": {
            "start_date": start.isoformat(),
            "renewal_date": (AS_OF + dt.timedelta(days=draw.randrange(1, 365))).isoformat(),
            "term_months": 12,
            "seats": seats,
            "auto_renew": False,
            "notice_days": 60,
        },
        "contacts": [
            _contact(number, index, role) for index, role in enumerate(("Champion", "Administrator", "Procurement"))
        ],
        "usage": [_week(age, seats, level * trend ** (WEEKS - age), draw) for age in range(WEEKS, 0, -1)],
        "tickets": [_ticket(number, index, draw) for index in range(TICKETS)],
        "invoices": [_invoice(number, index, draw) for index in range(INVOICES)],
        "changes": [],
        "activities": [],
        "surveys": [],
    }


def _contact(number: int, index: int, role: str) -> dict[str, Any]:
    return {
        "contact_id": f"003{number:08d}{index}",
        "first_name": f"Quirin{index}",
        "last_name": f"Holzapfel{number % 97}",
        "email": f"contact{index}@company{number}.example",
        "phone": f"+49 30 55{number:06d}",
        "role": role,
        "language": "de",
        "left_on": "",
        "email_opt_out": False,
    }


def _week(age: int, seats: int, level: float, draw: random.Random) -> dict[str, Any]:
    users = max(0, round(level * draw.uniform(0.9, 1.1)))
    start = AS_OF - dt.timedelta(days=7 * age)
    return {
        "week_start": start.isoformat(),
        "active_users": users,
        "licensed_seats": seats,
        "key_actions": users * 8,
        "api_calls": 300,
        "features_used": draw.randrange(4, 9),
    }


def _ticket(number: int, index: int, draw: random.Random) -> dict[str, Any]:
    subject, body = draw.choices(_TEXTS, weights=_SHARES)[0]
    opened = AS_OF - dt.timedelta(days=draw.randrange(1, 170))
    closed = opened + dt.timedelta(days=3)
    return {
        "ticket_id": f"500{number:08d}{index}",
        "opened_at": f"{opened}T09:00:00Z",
        "first_response_at": "",
        "closed_at": f"{closed}T09:00:00Z" if closed < AS_OF else "",
        "priority": draw.choice(("Low", "Medium", "High")),
        "subject": subject,
        "body": f"{body} {body} Our reference is {draw.randrange(10**6)}.",
    }


def _invoice(number: int, index: int, draw: random.Random) -> dict[str, Any]:
    issued = AS_OF - dt.timedelta(days=91 * index + 40)
    return {
        "invoice_id": f"INV-{number}-{index}",
        "issued_on": issued.isoformat(),
        "due_on": (issued + dt.timedelta(days=30)).isoformat(),
        "paid_on": (issued + dt.timedelta(days=30 + draw.randrange(-5, 9))).isoformat(),
        "amount": 46125.0,
        "currency": "EUR",
        "status": "paid",
    }

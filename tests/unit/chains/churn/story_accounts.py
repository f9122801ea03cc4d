"""Accounts with one story each, as the reasoning and writing tests use them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

from chains.churn.email import EmailBrief, Recipient, Sender
from chains.churn.findings import findings
from chains.churn.next_steps import default_playbook, matched_plays
from chains.churn.schema import Driver
from chains.churn.tickets.reading import TicketReading
from connectors.records import Account, Contact, Contract, Ticket

AS_OF = dt.date(2026, 11, 16)
CONTRACT = Contract(renewal_date=dt.date(2027, 1, 10), seats=300, notice_days=30)
SUBJECTS = {
    "outage": "Login page loads, nothing after that",
    "performance": "Dashboard takes very long",
    "bug": "Export writes wrong totals",
    "data_loss": "Rows missing since the import",
    "access": "MFA codes never arrive",
    "billing": "Credit note still missing",
    "pricing": "Question on the uplift",
    "contract": "Dates in our agreement",
    "integration": "CRM sync silently stopped",
    "security": "Former employee can still see data",
    "support_quality": "Nobody answers our questions",
    "usability": "Filters reset every time",
    "onboarding": "Training for the next team",
    "how_to": "Bulk renaming",
    "feature_request": "Folder-level rights",
    "praise": "The fix worked",
    "other": "Change of workspace owner",
}


def ticket(ticket_id: str, opened: dt.date, closed: dt.date | None = None, **fields: Any) -> Ticket:
    """A ticket opened (and closed) at nine in the morning."""
    at = dt.time(9, tzinfo=dt.UTC)
    return Ticket(
        ticket_id=ticket_id,
        opened_at=dt.datetime.combine(opened, at),
        closed_at=dt.datetime.combine(closed, at) if closed else None,
        **{"priority": "high", **fields},
    )


def reading(
    ticket_id: str,
    topic: str,
    sentiment: float = -0.6,
    leave: float = 0.0,
    language: str = "en",
    cues: tuple[str, ...] = (),
) -> TicketReading:
    """How a ticket was read."""
    return TicketReading(ticket_id, language, sentiment, leave, topic, cues)


def driver(signal: str, contribution: float, statement: str = "") -> Driver:
    """One signal's push on the probability."""
    direction: Literal["raises", "lowers"] = "raises" if contribution > 0 else "lowers"
    return Driver(
        signal=signal,
        label=signal.replace("_", " "),
        direction=direction,
        contribution=contribution,
        statement=statement,
    )


DRIVERS = (
    driver("usage_trend", 0.9, "Active users are 38% below the account's own season."),
    driver("champion_gone", 0.5, "The champion left on 2026-10-01."),
    driver("payment_late", 0.3, "Invoices are paid 12 days later than usual."),
    driver("nps", -0.3, "The last survey answer was 8."),
)


def account(tickets: Sequence[Ticket] = (), **fields: Any) -> Account:
    """An account in Germany that renews in January with three hundred seats."""
    given = {"account_id": "a1", "country": "Germany", "contract": CONTRACT, "tickets": list(tickets)}
    return Account(**{**given, **fields})


def brief(
    tickets: Sequence[Ticket] = (),
    readings: Sequence[TicketReading] = (),
    *,
    language: str = "en",
    drivers: Sequence[Driver] = DRIVERS,
    **fields: Any,
) -> EmailBrief:
    """What the writer is given for an account with these tickets, read so."""
    customer = account(tickets, contacts=[Contact(contact_id="c1", language=language)], **fields)
    found = findings(customer, readings, drivers, AS_OF)
    return EmailBrief(
        account=customer,
        readings=readings,
        plays=matched_plays(found, customer, AS_OF, default_playbook()),
        recipient=Recipient("c1", language, "[[contact_1.first_name]]", "[[contact_1.last_name]]"),
        sender=Sender("o1", "[[owner_1.name]]"),
        as_of=AS_OF,
    )


def topic_brief(
    topic: str,
    language: str = "en",
    *,
    closed: bool = False,
    number: int = 0,
    cues: tuple[str, ...] = (),
    **fields: Any,
) -> EmailBrief:
    """The brief of a customer with one recent ticket on the topic, in the mail's language."""
    opened = dt.date(2026, 10, 20) + dt.timedelta(days=number % 20)
    one = ticket(f"5{number:05d}", opened, opened + dt.timedelta(days=3) if closed else None, subject=SUBJECTS[topic])
    mood = 0.8 if topic == "praise" else -0.6
    return brief(
        [one], [reading(one.ticket_id, topic, mood, language=language, cues=cues)], language=language, **fields
    )


def no_calls_brief(topic: str, language: str = "en", *, number: int = 0, **fields: Any) -> EmailBrief:
    """The brief of a customer with a recent ticket on the topic that asks not to be called."""
    return topic_brief(topic, language, number=number, cues=("no_calls",), **fields)


def leaving_brief(language: str = "en", number: int = 0) -> EmailBrief:
    """The brief of a customer who gave notice in a ticket."""
    one = ticket(f"5{number:05d}", dt.date(2026, 11, 12), subject="Notice of cancellation")
    return brief([one], [reading(one.ticket_id, "contract", -0.4, 0.95, language)], language=language)


def notice_brief(language: str = "en", number: int = 0, *cues: str) -> EmailBrief:
    """The brief of a customer who formally gave notice in a ticket; `cues` beside the cancellation."""
    one = ticket(f"5{number:05d}", dt.date(2026, 11, 12), subject="Notice of termination")
    read = reading(one.ticket_id, "how_to", -0.2, 0.97, language, ("cancellation", *cues))
    return brief([one], [read], language=language)


def downsizing_brief(language: str = "en", number: int = 0) -> EmailBrief:
    """The brief of a customer who asks for fewer seats."""
    one = ticket(f"5{number:05d}", dt.date(2026, 11, 12), subject="Reducing our seats")
    return brief([one], [reading(one.ticket_id, "contract", -0.1, 0.5, language, ("downsizing",))], language=language)

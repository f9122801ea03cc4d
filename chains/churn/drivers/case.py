"""One account as the tellers see it: its signal values, its records as of the day, and the words for figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from chains.churn.facts import FactBook
from chains.churn.leaving import LeavingKind, leaving_kind
from chains.churn.portfolio import last_complete_week
from chains.churn.spoken import spoken_day
from chains.churn.tickets import TicketReading
from connectors.records import Account, Contract, Invoice, Ticket, UsageWeek


@dataclass(frozen=True)
class Told:
    """A sentence in plain words, and the facts it rests on; `label` "" leaves the scorecard's name for the signal."""

    text: str
    fact_ids: list[str] = field(default_factory=list)
    label: str = ""


class Read(NamedTuple):
    """A ticket of the account beside what its reading says; the mood in [-1, 1], the intent to leave in [0, 1].

    `kind` says whether the ticket gives notice, asks for less, or speaks of leaving.
    """

    ticket: Ticket
    opened_at: dt.datetime
    sentiment: float
    leave_intent: float
    kind: LeavingKind


@dataclass(frozen=True)
class Case:
    """What a teller may read of one account; nothing dated after `as_of` is given out."""

    account: Account
    as_of: dt.date
    values: Mapping[Any, Any]
    horizon_to: dt.date
    renewals_in_horizon: float
    renewal: Mapping[Any, Any]
    readings: Sequence[TicketReading]
    book: FactBook

    def value(self, feature: str) -> float:
        """The account's value of a signal feature; NaN when absent."""
        return float(self.values.get(feature, float("nan")))

    def day(self, date: dt.date) -> str:
        """The date as a reader says it."""
        return spoken_day(date, self.as_of)

    @property
    def contract(self) -> Contract:
        """The contract, empty when the account has none."""
        return self.account.contract or Contract()

    @cached_property
    def now(self) -> dt.datetime:
        """The end of the as-of day, UTC."""
        return dt.datetime.combine(self.as_of + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)

    @cached_property
    def weeks(self) -> dict[int, UsageWeek]:
        """Complete usage weeks by age in weeks, newest first; the last record of a week stands for it."""
        last = last_complete_week(self.as_of)
        ages = {last - _week_number(week.week_start): week for week in self.account.usage}
        return {age: ages[age] for age in sorted(ages) if age >= 0}

    @cached_property
    def weeks_with_users(self) -> list[int]:
        """Ages of the complete weeks that name active users, newest first."""
        return [age for age, week in self.weeks.items() if week.active_users is not None]

    @cached_property
    def tickets(self) -> list[Ticket]:
        """The tickets opened by the end of the as-of day, newest first."""
        seen = [ticket for ticket in self.account.tickets if ticket.opened_at and ticket.opened_at < self.now]
        return sorted(seen, key=lambda ticket: ticket.opened_at or self.now, reverse=True)

    @cached_property
    def read(self) -> list[Read]:
        """The tickets that were read, newest first."""
        by_id = {reading.ticket_id: reading for reading in self.readings}
        return [
            Read(ticket, ticket.opened_at, reading.sentiment, reading.leave_intent, leaving_kind(reading))
            for ticket in self.tickets
            if ticket.opened_at and (reading := by_id.get(ticket.ticket_id))
        ]

    @cached_property
    def invoices(self) -> list[Invoice]:
        """The invoices issued by the as-of day, the latest due first."""
        seen = [bill for bill in self.account.invoices if (bill.issued_on or bill.due_on or dt.date.max) <= self.as_of]
        return sorted(seen, key=lambda bill: bill.due_on or dt.date.min, reverse=True)

    def is_open(self, ticket: Ticket) -> bool:
        """Whether the ticket was not closed by the end of the as-of day."""
        return ticket.closed_at is None or ticket.closed_at >= self.now

    def paid(self, bill: Invoice) -> bool:
        """Whether the invoice was paid by the as-of day."""
        return bill.paid_on is not None and bill.paid_on <= self.as_of

    def cite_usage(self, ages: Iterable[int], name: str, unit: str) -> list[str]:
        """Facts of one usage field for the weeks of those ages that have it."""
        weeks = self.weeks
        found = [(weeks[age], getattr(weeks[age], name)) for age in ages if age in weeks]
        return [
            self.book.cite(
                "usage",
                f"{self.account.account_id}/{week.week_start.isoformat()}",
                name,
                value,
                unit=unit,
                observed_at=week.week_start.isoformat(),
            )
            for week, value in found
            if value is not None
        ]

    def cite_contract(self, *names: str, unit: str = "") -> list[str]:
        """Facts of the contract fields that are set."""
        values = [(name, getattr(self.contract, name)) for name in names]
        return [
            self.book.cite(
                "contract", self.account.account_id, name, value, unit=unit, observed_at=self.as_of.isoformat()
            )
            for name, value in values
            if value is not None
        ]

    def cite_ticket(self, ticket: Ticket) -> list[str]:
        """Facts of a ticket: when it was opened, when closed, how urgent."""
        closed = None if self.is_open(ticket) else ticket.closed_at
        values = [("opened_at", ticket.opened_at), ("closed_at", closed), ("priority", ticket.priority or None)]
        opened = ticket.opened_at.date().isoformat() if ticket.opened_at else ""
        return [
            self.book.cite("ticket", ticket.ticket_id, name, value, observed_at=opened)
            for name, value in values
            if value is not None
        ]

    def cite_invoice(self, bill: Invoice, *names: str) -> list[str]:
        """Facts of an invoice's fields that are set and were known on the as-of day."""
        values = [(name, getattr(bill, name)) for name in names]
        if not self.paid(bill):
            values = [(name, value) for name, value in values if name != "paid_on" and not _foretold(name, value)]
        observed = (bill.due_on or bill.issued_on or self.as_of).isoformat()
        return [
            self.book.cite("invoice", bill.invoice_id, name, value, observed_at=observed)
            for name, value in values
            if value not in (None, "")
        ]


def percent(share: float) -> str:
    """A share without its sign: 31%."""
    return f"{abs(share) * 100:.0f}%"


def than_before(share: float, *, fewer: str = "fewer", more: str = "more") -> str:
    """How a count compares: 31% fewer than, about as many as, 12% more than."""
    if not abs(share) >= 0.01:
        return "about as many as"
    return f"{percent(share)} {fewer if share < 0 else more} than"


def _foretold(name: str, value: object) -> bool:
    """A status "paid" of an invoice that was not paid by the as-of day comes from later."""
    return name == "status" and value == "paid"


def _week_number(start: dt.date) -> int:
    return last_complete_week(start) + 1

"""Plain words for the signals of billing."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Callable

from chains.churn.drivers.case import Case, Told, percent
from chains.churn.signals.billing import RECENT_DAYS
from chains.churn.spoken import count
from connectors.records import Change, Invoice

_UNPAID = ("open", "overdue", "")
# Two years of monthly invoices: what "usually" rests on, and what is cited for it.
_MOST_PAYMENTS = 24


def _late_days(case: Case, bill: Invoice) -> float:
    """Days past due, so far or when paid; NaN when that is unknown or nothing is owed."""
    if bill.due_on is None or bill.status in ("void", "disputed"):
        return math.nan
    if case.paid(bill) and bill.paid_on:
        return float((bill.paid_on - bill.due_on).days)
    known_unpaid = bill.status in _UNPAID or (bill.paid_on is not None and bill.paid_on > case.as_of)
    return float((case.as_of - bill.due_on).days) if known_unpaid and bill.due_on < case.as_of else math.nan


def payment(case: Case, raises: bool) -> Told:
    """The latest payment against the account's own habit."""
    latest = case.value("payment_late_days")
    recent = [b for b in case.invoices if b.due_on and (case.as_of - b.due_on).days <= RECENT_DAYS]
    worst = [b for b in recent if not math.isnan(_late_days(case, b)) and abs(_late_days(case, b) - latest) < 0.5]
    paid = [b for b in case.invoices if b not in worst[:1] and case.paid(b) and not math.isnan(_late_days(case, b))]
    paid = paid[:_MOST_PAYMENTS]
    facts = [fact for bill in worst[:1] for fact in case.cite_invoice(bill, "due_on", "paid_on", "status")]
    facts += [fact for bill in paid for fact in case.cite_invoice(bill, "due_on", "paid_on")]
    usual = _usually([_late_days(case, bill) for bill in paid])
    if worst and not case.paid(worst[0]):
        return Told(f"An invoice is {count(latest, 'day')} overdue and unpaid, while {usual}.", facts)
    return Told(f"The latest payment came {_lateness(latest)}, while {usual}.", facts)


def _usually(late: list[float]) -> str:
    """The account's own habit: the median of its payments, however few; the score leans on other accounts' too."""
    if not late:
        return "no other payment of this account is known"
    if len(late) == 1:
        return f"the one other payment known came {_lateness(late[0])}"
    return f"this account usually pays {_lateness(statistics.median(late))}"


def _lateness(days: float) -> str:
    if round(days) == 0:
        return "on time"
    return f"{count(abs(days), 'day')} {'late' if days > 0 else 'early'}"


def dispute(case: Case, raises: bool) -> Told:
    """The latest disputed invoice."""
    disputed = [bill for bill in case.invoices if bill.status == "disputed"]
    if not disputed:
        checked = [fact for bill in case.invoices[:2] for fact in case.cite_invoice(bill, "status")]
        return Told("None of its invoices is disputed.", checked)
    issued: dt.date | None = disputed[0].issued_on or disputed[0].due_on
    of_day = f" of {case.day(issued)}" if issued else ""
    text = (
        f"The account disputes an invoice{of_day}."
        if len(disputed) == 1
        else f"The account disputes {len(disputed)} invoices{f', the latest{of_day}' if of_day else ''}."
    )
    return Told(
        text, [fact for bill in disputed[:3] for fact in case.cite_invoice(bill, "status", "issued_on", "due_on")]
    )


def contraction(case: Case, raises: bool) -> Told:
    """Seats or spend given back or added within a year."""
    moved = math.expm1(case.value("contraction"))
    seen = [c for c in case.account.changes if c.changed_on and c.changed_on <= case.as_of]
    seen.sort(key=lambda c: c.changed_on or case.as_of)
    way = "gave back" if raises else "added"
    facts = [fact for change in seen[-2:] for fact in _cite_change(case, change)]
    if facts:
        return Told(f"Within a year the account {way} {percent(moved)} of its seats or its yearly amount.", facts)
    weeks = [age for age, week in case.weeks.items() if week.licensed_seats and age < 52]
    ages = [weeks[0], weeks[-1]] if weeks else []
    text = f"Within a year the account {way} {percent(moved)} of its licensed seats."
    return Told(text, case.cite_usage(ages, "licensed_seats", "seats"))


def _cite_change(case: Case, change: Change) -> list[str]:
    record_id = f"{case.account.account_id}/{change.changed_on}"
    values = [(name, getattr(change, name)) for name in ("seats", "amount")]
    return [
        case.book.cite("change", record_id, name, value, observed_at=str(change.changed_on))
        for name, value in values
        if value is not None
    ]


TELLERS: dict[str, Callable[[Case, bool], Told]] = {
    "payment_excess_days": payment,
    "dispute": dispute,
    "contraction": contraction,
}

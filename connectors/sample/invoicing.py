"""Invoices paid by each customer's own habit, and the history of the contract."""

from __future__ import annotations

import datetime as dt

import msgspec

from connectors.records import Change, Invoice
from connectors.sample.blueprint import Blueprint, months_after

_PAYMENT_TERM = dt.timedelta(days=30)
_HISTORY_DAYS = 760


def invoices_of(plan: Blueprint) -> list[Invoice]:
    """The bills of the last two years, oldest first; a trial has none."""
    if plan.status == "trial":
        return []
    end = min(plan.as_of, plan.renewal)
    days = [months_after(plan.start, step) for step in range(0, plan.tenure_months, plan.bill_every_months)]
    issued = [day for day in days if plan.day(_HISTORY_DAYS) <= day < end]
    bills = [_bill(plan, number, day) for number, day in enumerate(issued, 1)]
    if bills and plan.disputes_latest_invoice:
        bills[-1] = msgspec.structs.replace(bills[-1], paid_on=None, status="disputed")
    elif bills and plan.holds_latest_invoice:
        unpaid = "overdue" if (bills[-1].due_on or plan.as_of) < plan.as_of else "open"
        bills[-1] = msgspec.structs.replace(bills[-1], paid_on=None, status=unpaid)
    return bills


def _bill(plan: Blueprint, number: int, issued_on: dt.date) -> Invoice:
    due_on = issued_on + _PAYMENT_TERM
    late = round(plan.rng.gauss(plan.pays_after_days, plan.payment_jitter_days))
    paid_on: dt.date | None = max(issued_on + dt.timedelta(days=1), due_on + dt.timedelta(days=late))
    if paid_on and paid_on >= plan.as_of:
        paid_on = None
    status = "paid" if paid_on else "overdue" if due_on < plan.as_of else "open"
    return Invoice(
        invoice_id=f"INV-{plan.index + 100}{number:03}",
        issued_on=issued_on,
        due_on=due_on,
        paid_on=paid_on,
        amount=round(plan.amount_on(issued_on) * plan.bill_every_months / 12, 2),
        currency=plan.place.currency,
        status=status,
    )


def changes_of(plan: Blueprint) -> list[Change]:
    """What was agreed at first and at each change since, oldest first; empty when nothing ever changed."""
    days = [plan.start, *(plan.day(change.days_ago) for change in plan.changes)] if plan.changes else []
    return [Change(changed_on=day, seats=plan.seats_on(day), amount=plan.amount_on(day)) for day in days]

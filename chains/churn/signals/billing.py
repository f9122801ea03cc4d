"""Money: payment against the account's own habit, disputes, and seats or amounts given back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from chains.churn.portfolio import Portfolio
from chains.churn.signals import by_row
from chains.churn.signals.usage import WINDOW_WEEKS, weekly

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RECENT_DAYS = 180
DISPUTE_HALF_LIFE_DAYS = 120.0
CHANGE_WITHIN_DAYS = 365
_HABIT_PRIOR_INVOICES = 1.0


def billing_signals(portfolio: Portfolio) -> dict[str, Floats]:
    """Signals from invoices and contract changes."""
    late, habit, excess = payment_habit(portfolio)
    return {
        "payment_excess_days": excess,
        "payment_late_days": late,
        "payment_habit_days": habit,
        "dispute": _dispute(portfolio),
        "contraction": _contraction(portfolio),
        "invoices_due": by_row.counts(_due_rows(portfolio), portfolio.size),
    }


def lateness_days(portfolio: Portfolio) -> Floats:
    """Days past due of each invoice: when paid, or so far; NaN when unknown, not yet due, void or disputed."""
    invoices = portfolio.invoices
    due = by_row.days_before(portfolio.now, invoices["due_on"])
    paid = by_row.days_before(portfolio.now, invoices["paid_on"])
    status = invoices["status"].to_numpy(dtype=object)
    unpaid = np.isnan(paid) & np.isin(status, ["open", "overdue", ""])
    so_far = np.where(unpaid & (due > 1), due - 1, np.nan)
    late = np.where(np.isnan(paid), so_far, due - paid)
    return np.where(np.isin(status, ["void", "disputed"]), np.nan, late)


def payment_habit(portfolio: Portfolio) -> tuple[Floats, Floats, Floats]:
    """Days late of the worst recent invoice, the account's habit before, and the excess over that habit.

    The habit is the median of the invoices that fell due before the latest one, drawn to the portfolio's median
    while they are few, and never below it: paying early is no duty. Invoices due within 180 days are recent.
    """
    invoices, size = portfolio.invoices, portfolio.size
    rows = by_row.rows_of(invoices)
    late = lateness_days(portfolio)
    age = by_row.days_before(portfolio.now, invoices["due_on"])
    newest = -by_row.largest(rows[~np.isnan(late)], -age[~np.isnan(late)], size)
    is_newest = age <= newest[rows] + 0.5
    paid = ~np.isnan(by_row.days_before(portfolio.now, invoices["paid_on"]))
    current = ~np.isnan(late) & (age <= RECENT_DAYS) & (is_newest | ~paid)
    earlier = ~np.isnan(late) & ~current & paid
    usual = float(np.median(late[earlier])) if earlier.any() else 0.0
    usual = max(usual, 0.0)
    count = by_row.counts(rows[earlier], size)
    own = np.nan_to_num(by_row.medians(rows[earlier], late[earlier], size), nan=usual)
    habit = (np.maximum(own, usual) * count + usual * _HABIT_PRIOR_INVOICES) / (count + _HABIT_PRIOR_INVOICES)
    worst = by_row.largest(rows[current], late[current], size)
    return worst, habit, worst - habit


def _due_rows(portfolio: Portfolio) -> Ints:
    invoices = portfolio.invoices
    due = by_row.days_before(portfolio.now, invoices["due_on"]) > 1
    return by_row.rows_of(invoices)[due]


def _dispute(portfolio: Portfolio) -> Floats:
    """Freshness in [0, 1] of the latest disputed invoice; 0 with invoices and no dispute, NaN without invoices."""
    invoices, size = portfolio.invoices, portfolio.size
    rows = by_row.rows_of(invoices)
    when = invoices["issued_on"].where(invoices["issued_on"].notna(), invoices["due_on"])
    fresh = by_row.half_life(by_row.days_before(portfolio.now, when), DISPUTE_HALF_LIFE_DAYS)
    disputed = (invoices["status"] == "disputed").to_numpy(dtype=bool)
    worst = np.nan_to_num(by_row.largest(rows[disputed], np.nan_to_num(fresh[disputed], nan=0.5), size))
    return np.where(by_row.counts(rows, size) > 0, worst, np.nan)


def _contraction(portfolio: Portfolio) -> Floats:
    """Log change of seats or yearly amount over a year, the smaller; licensed seats where no change is known."""
    changes = portfolio.changes
    of_changes = np.fmin(_net_change(portfolio, changes, "seats"), _net_change(portfolio, changes, "amount"))
    return np.where(np.isnan(of_changes), _licence_change(portfolio), of_changes)


def _net_change(portfolio: Portfolio, changes: pd.DataFrame, field: str) -> Floats:
    """Log of the latest value within a year over what held a year ago (or the first value known)."""
    rows = by_row.rows_of(changes)
    age = by_row.days_before(portfolio.now, changes["changed_on"])
    value = changes[field].to_numpy(dtype=np.float64)
    value = np.where(value > 0, value, np.nan)
    known = ~np.isnan(value)
    before = known & (age > CHANGE_WITHIN_DAYS)
    held = by_row.latest(rows[before], -age[before], value[before], portfolio.size)
    first = by_row.latest(rows[known], age[known], value[known], portfolio.size)
    last = by_row.latest(rows[known], -age[known], value[known], portfolio.size)
    start = np.where(np.isnan(held), first, held)
    return np.asarray(np.log(last / start), dtype=np.float64)


def _licence_change(portfolio: Portfolio) -> Floats:
    """Log change of licensed seats between the oldest and the newest month of the last year of usage."""
    seats = weekly(portfolio, "licensed_seats", 52)
    seats = np.where(seats > 0, seats, np.nan)
    known = ~np.isnan(seats)
    enough = known.sum(axis=1) >= WINDOW_WEEKS // 3
    newest = known.argmax(axis=1)
    oldest = seats.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
    position = np.arange(portfolio.size)
    with np.errstate(invalid="ignore"):
        change = np.log(seats[position, newest] / seats[position, oldest])
    return np.where(enough, change, np.nan)

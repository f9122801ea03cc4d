"""Support as the customer lives it: how many cases, how bad, how long open, how long unanswered."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from chains.churn.portfolio import Portfolio
from chains.churn.signals import by_row

Floats = npt.NDArray[np.float64]

RECENT_DAYS = 90
HABIT_DAYS = 365
RESOLUTION_DAYS = 120
SEVERITY_POINTS = {"low": 0.0, "normal": 0.15, "high": 1.0, "critical": 1.8, "": 0.15}
OPEN_WEIGHT = {"low": 0.3, "normal": 0.6, "high": 1.0, "critical": 1.2, "": 0.6}
_USUAL_SEATS = 100.0


def ticket_signals(portfolio: Portfolio) -> dict[str, Floats]:
    """Signals from tickets; absent for an account that never opened one, since its help desk may be elsewhere."""
    tickets, size = portfolio.tickets, portfolio.size
    rows = by_row.rows_of(tickets)
    age = by_row.days_before(portfolio.now, tickets["opened_at"])
    priority = tickets["priority"].map(lambda word: word if word in SEVERITY_POINTS else "").astype(object)
    known = by_row.counts(rows, size) > 0
    return {
        "ticket_load": np.where(known, _load(portfolio, rows, age), np.nan),
        "severe_tickets": np.where(known, _severe(portfolio, rows, age, priority), np.nan),
        "open_days": np.where(known, _open_days(tickets, rows, age, priority, size), np.nan),
        "unanswered_days": np.where(known, _unanswered_days(tickets, rows, age, size), np.nan),
        "resolution_days": _resolution_days(portfolio, rows, age),
        "tickets_recent": np.where(known, by_row.counts(rows[age <= RECENT_DAYS], size), np.nan),
        "tickets_known": by_row.counts(rows, size),
    }


def _load(portfolio: Portfolio, rows: npt.NDArray[np.int64], age: Floats) -> Floats:
    """Log of tickets in 90 days over what the account's own earlier habit would give; 0 without a habit of 60 days."""
    size = portfolio.size
    recent = by_row.counts(rows[age <= RECENT_DAYS], size)
    earlier = (age > RECENT_DAYS) & (age <= HABIT_DAYS)
    first_seen = by_row.largest(rows, age, size)
    tenure = by_row.days_before(portfolio.now, portfolio.accounts["start_on"])
    exposure = np.fmin(np.fmax(first_seen, np.nan_to_num(tenure)), HABIT_DAYS) - RECENT_DAYS
    habit = by_row.counts(rows[earlier], size) / np.maximum(exposure, 1.0) * RECENT_DAYS
    return np.where(exposure >= 60, np.log((recent + 1.5) / (habit + 1.5)), np.nan)


def _severe(portfolio: Portfolio, rows: npt.NDArray[np.int64], age: Floats, priority: pd.Series) -> Floats:
    """Severity points of the last 90 days, older ones counting less, for an account of a hundred seats."""
    points = priority.map(SEVERITY_POINTS).to_numpy(dtype=np.float64)
    weight = np.where(age <= RECENT_DAYS, by_row.half_life(age, 45.0), 0.0)
    total = by_row.sums(rows, points * np.nan_to_num(weight), portfolio.size)
    seats = portfolio.accounts["seats"].to_numpy(dtype=np.float64)
    scale = np.sqrt(np.where(seats > 0, seats, _USUAL_SEATS) / _USUAL_SEATS)
    return np.asarray(total / np.clip(scale, 0.6, 2.5), dtype=np.float64)


def _open_days(
    tickets: pd.DataFrame, rows: npt.NDArray[np.int64], age: Floats, priority: pd.Series, size: int
) -> Floats:
    """Days the longest open case has waited, an important one counting in full; 0 when nothing is open."""
    still_open = tickets["closed_at"].isna().to_numpy() & ~np.isnan(age)
    weighted = age * priority.map(OPEN_WEIGHT).to_numpy(dtype=np.float64)
    return np.nan_to_num(by_row.largest(rows[still_open], weighted[still_open], size))


def _unanswered_days(tickets: pd.DataFrame, rows: npt.NDArray[np.int64], age: Floats, size: int) -> Floats:
    """Days the oldest open case without any answer waits; absent where the help desk records no first answers."""
    if tickets["first_response_at"].isna().all():
        return np.full(size, np.nan)
    waiting = (tickets["closed_at"].isna() & tickets["first_response_at"].isna()).to_numpy() & ~np.isnan(age)
    return np.nan_to_num(by_row.largest(rows[waiting], age[waiting], size))


def _resolution_days(portfolio: Portfolio, rows: npt.NDArray[np.int64], age: Floats) -> Floats:
    """Median days to close, over cases of the last 120 days; an open one counts once it is longer open than the others.

    A younger open case tells nothing yet; absent where most cases are such, or none is closed.
    """
    size, recent = portfolio.size, age <= RESOLUTION_DAYS
    closed = by_row.days_before(portfolio.now, portfolio.tickets["closed_at"])
    taken = np.where(recent, age - closed, np.nan)
    usual = by_row.medians(rows, taken, size)
    longer = recent & np.isnan(closed) & (age > usual[rows])
    told = np.where(longer, age, taken)
    most = 2 * by_row.counts(rows[~np.isnan(told)], size) >= by_row.counts(rows[recent], size)
    return np.where(most, by_row.medians(rows, told, size), np.nan)

"""Accounts made by hand for the tests of signals, risk and drivers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from chains.churn.config import ChurnConfig
from chains.churn.portfolio import Portfolio, build_portfolio
from chains.churn.risk import RiskTable, score
from chains.churn.scorecard import Scorecard, default_scorecard
from chains.churn.signals import add_readings, compute_signals
from connectors.records import Account, Contract, Invoice, Ticket, UsageWeek

AS_OF = dt.date(2026, 11, 16)
LAST_WEEK = dt.date(2026, 11, 9)
IN_90_DAYS = AS_OF + dt.timedelta(days=90)


def usage(
    users: Sequence[int | None], *, seats: int = 100, calls: Sequence[int] | None = None, features: int = 6
) -> list[UsageWeek]:
    """Weeks that end with the last complete one, oldest first; None leaves the week out."""
    weeks = []
    for position, active in enumerate(users):
        if active is None:
            continue
        start = LAST_WEEK - dt.timedelta(weeks=len(users) - 1 - position)
        api = calls[position] if calls else 40
        weeks.append(
            UsageWeek(
                week_start=start,
                active_users=active,
                licensed_seats=seats,
                key_actions=active * 10,
                api_calls=api,
                features_used=features,
            )
        )
    return weeks


def account(account_id: str = "a1", **fields: Any) -> Account:
    """An account that renews in 40 days, with whatever else is given."""
    standard: dict[str, Any] = {
        "segment": "Mid-Market",
        "status": "active",
        "contract": Contract(
            start_date=dt.date(2024, 12, 26), renewal_date=dt.date(2026, 12, 26), term_months=12, seats=100
        ),
    }
    return Account(account_id=account_id, **(standard | fields))


def ticket(
    days_ago: float, *, ticket_id: str = "t1", priority: str = "normal", closed_after: float | None = None
) -> Ticket:
    """A ticket opened so many days before noon of the as-of day, open unless it was closed after some days."""
    opened = dt.datetime(2026, 11, 16, 12, tzinfo=dt.UTC) - dt.timedelta(days=days_ago)
    closed = None if closed_after is None else opened + dt.timedelta(days=closed_after)
    return Ticket(ticket_id=ticket_id, opened_at=opened, closed_at=closed, priority=priority)


def invoice(due_days_ago: int, late_days: int | None, *, invoice_id: str = "", status: str = "") -> Invoice:
    """An invoice that fell due so many days ago, paid so many days late, or not at all."""
    due = AS_OF - dt.timedelta(days=due_days_ago)
    return Invoice(
        invoice_id=invoice_id or f"i{due_days_ago}",
        issued_on=due - dt.timedelta(days=30),
        due_on=due,
        paid_on=None if late_days is None else due + dt.timedelta(days=late_days),
        amount=1000.0,
        currency="EUR",
        status=status or ("overdue" if late_days is None else "paid"),
    )


def readings(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """Ticket readings with neutral defaults, opened ten days ago."""
    neutral = {
        "row": 0,
        "opened_at": pd.Timestamp(AS_OF, tz="UTC") - pd.Timedelta(days=10),
        "sentiment": 0.0,
        "leave_intent": 0.0,
        "topic": "other",
        "resolved": False,
    }
    return pd.DataFrame([neutral | dict(row) for row in rows])


@dataclass(frozen=True)
class Scored:
    """Some accounts with everything that was computed of them."""

    portfolio: Portfolio
    signals: pd.DataFrame
    table: RiskTable
    scorecard: Scorecard = field(default_factory=default_scorecard)

    def push(self, name: str, row: int = 0) -> float:
        """One signal's contribution to one account."""
        return float(self.table.contributions[name].iloc[row])


def scored(
    *accounts: Account,
    as_of: dt.date = AS_OF,
    horizon_to: dt.date = IN_90_DAYS,
    read: pd.DataFrame | None = None,
    config: ChurnConfig | None = None,
    penalty: pd.Series | None = None,
) -> Scored:
    """The accounts scored with the scorecard that ships."""
    portfolio = build_portfolio(accounts, as_of)
    signals = compute_signals(portfolio)
    if read is not None:
        signals = add_readings(signals, read, as_of)
    scorecard = default_scorecard()
    table = score(
        signals,
        accounts=portfolio.accounts,
        as_of=as_of,
        horizon_to=horizon_to,
        config=config or ChurnConfig(),
        scorecard=scorecard,
        quality_penalty=penalty,
    )
    return Scored(portfolio, signals, table, scorecard)

"""Signals of churn: what a customer-success engineer would look at, one number an account and signal.

Every column is a float; NaN means that the account has no data for it, which is never the same as zero.
Columns that no signal of the scorecard reads are there for explanations and for judging how thin the data is.
"""

from __future__ import annotations

import pandas as pd

from chains.churn.portfolio import Portfolio
from chains.churn.signals.billing import billing_signals
from chains.churn.signals.contract import contract_signals
from chains.churn.signals.people import people_signals
from chains.churn.signals.readings import add_readings
from chains.churn.signals.tickets import ticket_signals
from chains.churn.signals.usage import usage_signals

__all__ = ["add_readings", "compute_signals"]


def compute_signals(portfolio: Portfolio) -> pd.DataFrame:
    """Every signal that needs no reading of text, one row an account in the portfolio's order."""
    return pd.DataFrame(
        {
            **usage_signals(portfolio),
            **ticket_signals(portfolio),
            **billing_signals(portfolio),
            **people_signals(portfolio),
            **contract_signals(portfolio),
        }
    )

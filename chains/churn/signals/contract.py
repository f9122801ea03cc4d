"""The contract and the customer behind it: renewing by itself or not, notice, tenure, term, size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chains.churn.portfolio import Portfolio
from chains.churn.renewals import next_renewals
from chains.churn.signals import by_row

Floats = npt.NDArray[np.float64]

SEGMENT_RANK = {"smb": 0.0, "mid-market": 1.0, "enterprise": 2.0}
SHORT_TERM_MONTHS = 6
_DAYS_A_YEAR = 365.25


def contract_signals(portfolio: Portfolio) -> dict[str, Floats]:
    """Signals from the contract and the account itself."""
    accounts = portfolio.accounts
    renewals = next_renewals(accounts, portfolio.as_of)
    days = renewals["days_to_renewal"].to_numpy(dtype=np.float64)
    auto = accounts["auto_renew"].to_numpy(dtype=np.float64)
    notice = accounts["notice_days"].to_numpy(dtype=np.float64)
    tenure = by_row.days_before(portfolio.now, accounts["start_on"]) / _DAYS_A_YEAR
    known = ~(np.isnan(days) | np.isnan(notice) | np.isnan(auto))
    tenure = np.where(tenure >= 0, tenure, np.nan)
    term = renewals["term_months"].to_numpy(dtype=np.float64)
    short = term < SHORT_TERM_MONTHS
    segment = accounts["segment"].map(lambda name: SEGMENT_RANK.get(name.strip().lower(), np.nan))
    return {
        "auto_renew": auto,
        "notice_passed": np.where(known, (auto == 1) & (notice > 0) & (days < notice), np.nan),
        "tenure_years": np.where(short, np.nan, tenure),
        "decisions_survived": np.where(short, np.floor(tenure * 12 / np.where(short, term, 1.0)), np.nan),
        "term_months": term,
        "segment_rank": segment.to_numpy(dtype=np.float64),
    }

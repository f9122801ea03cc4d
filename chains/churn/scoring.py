"""Scores whole portfolios without a question: every active account, no reasoning, no drafts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from chains.churn.config import ChurnConfig
from chains.churn.portfolio import build_portfolio
from chains.churn.reading import read_recent, reading_frame, reads_since
from chains.churn.risk import RiskTable, score
from chains.churn.scorecard import default_scorecard
from chains.churn.signals import add_readings, compute_signals
from connectors.quality import assess, confidence_penalty
from connectors.records import Account, Payload

COLUMNS = ("account_id", "churn_probability", "low", "high", "band", "abstained")


def score_payload(
    payload: Payload, *, as_of: dt.date, horizon_days: int = 90, config: ChurnConfig | None = None
) -> pd.DataFrame:
    """One row for every active account of the payload, in its order.

    Returns:
        Columns account_id, churn_probability and low and high in [0, 1] (NaN where abstained), band, abstained.
    """
    assessed = assess(payload, as_of)
    active = [account for account in assessed.payload.accounts if account.status not in ("churned", "trial")]
    table = score_accounts(
        active,
        as_of=as_of,
        horizon_to=as_of + dt.timedelta(days=horizon_days),
        config=config,
        penalty=confidence_penalty(assessed.findings, [account.account_id for account in active]),
    )
    frame = table.to_frame().assign(account_id=[account.account_id for account in active])
    frame.loc[frame["abstained"], ["churn_probability", "low", "high"]] = float("nan")
    return frame[list(COLUMNS)]


def score_accounts(
    accounts: Sequence[Account],
    *,
    as_of: dt.date,
    horizon_to: dt.date,
    config: ChurnConfig | None = None,
    penalty: dict[str, float] | None = None,
) -> RiskTable:
    """The risk of accounts already judged as of the day, with their tickets read by the built-in reader."""
    portfolio = build_portfolio(accounts, as_of)
    since = reads_since(as_of)
    readings = reading_frame(accounts, {row: read_recent(account, since) for row, account in enumerate(accounts)})
    signals = add_readings(compute_signals(portfolio), readings, as_of)
    return score(
        signals,
        accounts=portfolio.accounts,
        as_of=as_of,
        horizon_to=horizon_to,
        config=config or ChurnConfig(),
        scorecard=default_scorecard(),
        quality_penalty=penalty_by_row(accounts, penalty or {}),
    )


def penalty_by_row(accounts: Sequence[Account], penalty: Mapping[str, float]) -> pd.Series:
    """The share of confidence that defects of the data take from each account, by its position; absent means none."""
    rows = {row: penalty[one.account_id] for row, one in enumerate(accounts) if one.account_id in penalty}
    return pd.Series(rows, dtype=float)

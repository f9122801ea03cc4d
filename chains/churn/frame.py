"""A report as a table: one row an account, for pandas."""

from __future__ import annotations

import pandas as pd

from chains.churn.schema import ChurnReport

_PLAIN = (
    "account_id", "name", "segment", "region", "country", "industry", "renewal_date", "days_to_renewal",
    "churn_probability", "renewal_risk", "early_warning", "band", "confidence", "abstained",
)  # fmt: skip


def report_frame(report: ChurnReport) -> pd.DataFrame:
    """One row an account in the report's order; probabilities in [0, 1], absent renewal dates NaT."""
    rows = [
        {
            **{name: getattr(account, name) for name in _PLAIN},
            "low": account.interval.low,
            "high": account.interval.high,
            "arr_amount": account.annual_recurring_revenue.amount,
            "arr_currency": account.annual_recurring_revenue.currency,
            "drivers": "; ".join(driver.label for driver in account.drivers[:3] if driver.contribution > 0),
            "next_step": account.next_steps[0].action if account.next_steps else "",
            "draft_subject": account.draft.subject,
            "draft_status": account.draft.status if account.draft.draft_id else "",
        }
        for account in report.accounts
    ]
    columns = [
        *_PLAIN,
        "low",
        "high",
        "arr_amount",
        "arr_currency",
        "drivers",
        "next_step",
        "draft_subject",
        "draft_status",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    frame["renewal_date"] = pd.to_datetime(frame["renewal_date"].replace("", None))
    return frame

"""When each account decides next: the stated renewal, one derived from start and term, or one rolled forward."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

USUAL_TERM_MONTHS = 12
_LONGEST_TERM_MONTHS = 600
_DAYS_A_MONTH = 365.25 / 12


def next_renewals(accounts: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """The next renewal of each account, one row an account in the same order.

    Args:
        accounts: `Portfolio.accounts`, of which start_on, renewal_on and term_months are read.
        as_of: A renewal on this very day is still to be decided.

    Returns:
        Columns ``renewal_on`` (datetime64[s], NaT unknown), ``days_to_renewal`` (NaN unknown),
        ``term_months`` (NaN unknown) and ``basis``: stated, rolled (a stated day has passed),
        derived (from start and term), monthly (a month-to-month contract without dates) or unknown.
    """
    today = np.datetime64(as_of, "D")
    stated = accounts["renewal_on"].to_numpy().astype("datetime64[D]")
    started = accounts["start_on"].to_numpy().astype("datetime64[D]")
    term = accounts["term_months"].to_numpy(dtype=np.float64)
    term = np.where((term >= 1) & (term <= _LONGEST_TERM_MONTHS), term, np.nan)
    months = np.where(np.isnan(term), USUAL_TERM_MONTHS, term).astype(np.int64)

    has_date = ~np.isnat(stated)
    derivable = ~has_date & ~np.isnat(started) & ~np.isnan(term)
    monthly = ~has_date & ~derivable & (term == 1)
    anchor = np.where(has_date, stated, np.where(derivable, started, today))
    first = np.where(has_date, 0, 1)
    renewal = _roll_forward(anchor, months, first, today)
    known = has_date | derivable | monthly
    renewal = np.where(known, renewal, np.datetime64("NaT", "D"))
    basis = np.select(
        [has_date & (stated >= today), has_date, derivable, monthly],
        ["stated", "rolled", "derived", "monthly"],
        default="unknown",
    )
    days = (renewal - today).astype(np.float64)
    days[np.isnat(renewal)] = np.nan
    return pd.DataFrame(
        {
            "renewal_on": renewal.astype("datetime64[s]"),
            "days_to_renewal": days,
            "term_months": term,
            "basis": basis,
        }
    )


def renewals_until(renewals: pd.DataFrame, as_of: dt.date, horizon_to: dt.date) -> npt.NDArray[np.float64]:
    """How many renewals fall between `as_of` and `horizon_to`, both included; NaN when none is known."""
    horizon_days = float((horizon_to - as_of).days)
    days = renewals["days_to_renewal"].to_numpy(dtype=np.float64)
    term = renewals["term_months"].fillna(USUAL_TERM_MONTHS).to_numpy(dtype=np.float64)
    # Half a day absorbs the unequal months: the next term's day is never counted early by more than that.
    further = np.floor((horizon_days - days + 0.5) / (term * _DAYS_A_MONTH))
    return np.where(np.isnan(days), np.nan, np.where(days <= horizon_days, 1 + np.maximum(further, 0), 0.0))


def _roll_forward(
    anchor: npt.NDArray[np.datetime64],
    months: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
    today: np.datetime64,
) -> npt.NDArray[np.datetime64]:
    """The first of anchor + k terms that is not before today, k >= first; counted from the anchor's own day."""
    elapsed = (today.astype("datetime64[M]") - anchor.astype("datetime64[M]")).astype(np.int64)
    terms = np.maximum(elapsed // months, first)
    candidate = _add_months(anchor, terms * months)
    return np.where(candidate < today, _add_months(anchor, (terms + 1) * months), candidate)


def _add_months(day: npt.NDArray[np.datetime64], months: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
    """The same day of a later month, or that month's last day where it is shorter."""
    month = day.astype("datetime64[M]")
    day_of_month = (day - month.astype("datetime64[D]")).astype(np.int64)
    target = month + months.astype("timedelta64[M]")
    following = (target + np.timedelta64(1, "M")).astype("datetime64[D]")
    length = (following - target.astype("datetime64[D]")).astype(np.int64)
    shift = np.minimum(day_of_month, length - 1).astype("timedelta64[D]")
    return np.asarray(target.astype("datetime64[D]") + shift, dtype="datetime64[D]")

"""The people at the customer: the champion, the sponsor, who left, who was spoken to, and what they answered."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chains.churn.portfolio import Portfolio
from chains.churn.signals import by_row

Floats = npt.NDArray[np.float64]

CHAMPION_ROLES = ("champion",)
SPONSOR_ROLES = ("champion", "executive_sponsor")
LEFT_WITHIN_DAYS = 365
LEFT_HALF_LIFE_DAYS = 180.0
SURVEY_WITHIN_DAYS = 365
_REPLACED = 0.3


def people_signals(portfolio: Portfolio) -> dict[str, Floats]:
    """Signals from contacts, activities and surveys."""
    return {
        "champion_gone": _champion_gone(portfolio),
        "contacts_gone": _contacts_gone(portfolio),
        "sponsor_silent_days": _sponsor_silent_days(portfolio),
        "nps": _nps(portfolio),
        "activities_known": by_row.counts(by_row.rows_of(portfolio.activities), portfolio.size),
        "surveys_known": by_row.counts(by_row.rows_of(portfolio.surveys), portfolio.size),
        "changes_known": by_row.counts(by_row.rows_of(portfolio.changes), portfolio.size),
    }


def _champion_gone(portfolio: Portfolio) -> Floats:
    """Freshness in [0, 1] of the champion's leaving, less when another is there; NaN where none was ever named."""
    contacts, size = portfolio.contacts, portfolio.size
    champion = contacts["role"].isin(CHAMPION_ROLES).to_numpy(dtype=bool)
    rows = by_row.rows_of(contacts)[champion]
    age = by_row.days_before(portfolio.now, contacts["left_on"])[champion]
    gone = ~np.isnan(age)
    fresh = by_row.largest(rows[gone], by_row.half_life(age[gone], LEFT_HALF_LIFE_DAYS), size)
    there = by_row.counts(rows[np.isnan(age)], size) > 0
    value = np.nan_to_num(fresh) * np.where(there, _REPLACED, 1.0)
    return np.where(by_row.counts(rows, size) > 0, value, np.nan)


def _contacts_gone(portfolio: Portfolio) -> Floats:
    """Share of the contacts other than champions that left within a year; NaN with fewer than two of them."""
    contacts, size = portfolio.contacts, portfolio.size
    other = ~contacts["role"].isin(CHAMPION_ROLES).to_numpy(dtype=bool)
    rows = by_row.rows_of(contacts)[other]
    age = by_row.days_before(portfolio.now, contacts["left_on"])[other]
    relevant = np.isnan(age) | (age <= LEFT_WITHIN_DAYS)
    known = by_row.counts(rows[relevant], size)
    gone = by_row.counts(rows[age <= LEFT_WITHIN_DAYS], size)
    return np.where(known >= 2, gone / np.maximum(known, 1), np.nan)


def _sponsor_silent_days(portfolio: Portfolio) -> Floats:
    """Days since the last activity with a champion or sponsor, or with anybody where none is named; NaN without one."""
    activities, contacts, size = portfolio.activities, portfolio.contacts, portfolio.size
    rows = by_row.rows_of(activities)
    age = by_row.days_before(portfolio.now, activities["occurred_at"])
    sponsor = contacts["role"].isin(SPONSOR_ROLES).to_numpy(dtype=bool)
    keys = set(zip(by_row.rows_of(contacts)[sponsor].tolist(), contacts["contact_id"][sponsor], strict=True))
    pairs = zip(rows.tolist(), activities["contact_id"], strict=True)
    with_sponsor = np.fromiter((pair in keys for pair in pairs), dtype=bool, count=len(rows))
    anybody = -by_row.largest(rows, -age, size)
    named = -by_row.largest(rows[with_sponsor], -age[with_sponsor], size)
    has_sponsor = by_row.counts(by_row.rows_of(contacts)[sponsor], size) > 0
    longest = by_row.largest(rows, age, size)
    # A sponsor who never appears has been silent for as long as activities are kept at all.
    return np.where(has_sponsor, np.where(np.isnan(named), longest, named), anybody)


def _nps(portfolio: Portfolio) -> Floats:
    """The mean of the last year's NPS scores from 0 to 10, newer ones counting more; NaN without one."""
    surveys, size = portfolio.surveys, portfolio.size
    score = surveys["score"].to_numpy(dtype=np.float64)
    age = by_row.days_before(portfolio.now, surveys["answered_on"])
    is_nps = surveys["kind"].isin(("nps", "")).to_numpy(dtype=bool)
    use = is_nps & (score >= 0) & (score <= 10) & (age <= SURVEY_WITHIN_DAYS)
    rows = by_row.rows_of(surveys)[use]
    weight = by_row.half_life(age[use], 90.0)
    total = by_row.sums(rows, weight, size)
    return np.where(total > 0, by_row.sums(rows, weight * score[use], size) / np.maximum(total, 1e-12), np.nan)

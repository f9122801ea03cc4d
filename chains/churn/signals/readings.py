"""Signals from what tickets say, once they are read: the mood, and whether somebody speaks of leaving."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from chains.churn.signals import by_row

WITHIN_DAYS = 180
MOOD_HALF_LIFE_DAYS = 45.0
INTENT_HALF_LIFE_DAYS = 90.0
_UNRESOLVED_MOOD_WEIGHT = 1.5
_RESOLVED_INTENT_SHARE = 0.75
# Below this a reading says "probably not"; many such tickets must not add up to an intention.
_INTENT_FLOOR = 0.15


def add_readings(signals: pd.DataFrame, readings: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """The signals with ``ticket_mood`` in [-1, 1] and ``leave_intent`` in [0, 1] added; NaN without a recent reading.

    Newer and unresolved tickets count more. One sour ticket says less than four: the mood is drawn towards neutral
    by one ticket's weight. Intent adds up: the chance that at least one of the tickets means it.

    Args:
        signals: As from `compute_signals`; a row an account.
        readings: Columns row, opened_at (UTC), sentiment in [-1, 1], leave_intent in [0, 1], resolved.
        as_of: Tickets opened after this day are not read, nor those older than 180 days.
    """
    size = len(signals)
    now = np.datetime64(as_of, "s") + np.timedelta64(1, "D")
    opened = pd.to_datetime(readings["opened_at"], utc=True).dt.tz_localize(None)
    age = by_row.days_before(now, opened)
    use = (age > 0) & (age <= WITHIN_DAYS)
    rows = by_row.rows_of(readings)[use]
    age, resolved = age[use], readings["resolved"].to_numpy(dtype=bool)[use]
    sentiment = np.clip(readings["sentiment"].to_numpy(dtype=np.float64)[use], -1.0, 1.0)
    intent = np.clip(readings["leave_intent"].to_numpy(dtype=np.float64)[use], 0.0, 1.0)

    weight = by_row.half_life(age, MOOD_HALF_LIFE_DAYS) * np.where(resolved, 1.0, _UNRESOLVED_MOOD_WEIGHT)
    mood = by_row.sums(rows, weight * np.nan_to_num(sentiment), size) / (by_row.sums(rows, weight, size) + 1.0)
    above_floor = np.maximum(np.nan_to_num(intent) - _INTENT_FLOOR, 0.0) / (1 - _INTENT_FLOOR)
    fresh = by_row.half_life(age, INTENT_HALF_LIFE_DAYS)
    meant = above_floor * fresh * np.where(resolved, _RESOLVED_INTENT_SHARE, 1.0)
    leave = 1.0 - np.exp(by_row.sums(rows, np.log1p(-np.minimum(meant, 0.999)), size))
    known = by_row.counts(rows, size) > 0
    return signals.assign(ticket_mood=np.where(known, mood, np.nan), leave_intent=np.where(known, leave, np.nan))

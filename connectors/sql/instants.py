"""Reads the one instant that a query about freshness gives."""

from __future__ import annotations

import datetime as dt


def to_instant(value: object) -> dt.datetime:
    """A database's instant, day or ISO text as an aware instant; without an offset it is UTC.

    Raises:
        ValueError: It is none of them.
    """
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value.strip())
    elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)
    if not isinstance(value, dt.datetime):
        raise ValueError("not an instant")
    return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)

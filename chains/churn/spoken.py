"""How a report says days, counts and lists in English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from babel.dates import format_date


def spoken_day(day: dt.date, as_of: dt.date) -> str:
    """The day as a reader says it, "3 November"; the year only where it is not the one of `as_of`."""
    return format_date(day, "d MMMM" if day.year == as_of.year else "d MMMM yyyy", locale="en")


def count(number: float, one: str, many: str = "") -> str:
    """A count with its noun: 1 ticket, 3 tickets, 1,083 seats."""
    rounded = round(number)
    return f"{rounded:,} {one}" if rounded == 1 else f"{rounded:,} {many or one + 's'}"


def joined(parts: Sequence[str]) -> str:
    """The parts as a list in a sentence: "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def inline(sentence: str) -> str:
    """The sentence as it continues another: without its full stop, and without its capital unless that is a name's."""
    text = sentence.strip().rstrip(".")
    starts_plainly = len(text) > 1 and text[0].isupper() and (text[1].islower() or text[1] == " ")
    return text[0].lower() + text[1:] if starts_plainly else text

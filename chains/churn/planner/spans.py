"""The days a question names, and the words that name them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chains.churn.planner.fiscal import Calendar
from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import word_set


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """Days the question names with the words `first` up to `last`; `until` None when it has no end.

    `past` means the days are over and the plan cannot look at them.
    """

    first: int
    last: int
    label: str
    since: date
    until: date | None
    note: str = ""
    past: bool = False


class SpanMaker:
    """Makes times of words and days, none before today."""

    def __init__(self, reading: Reading, calendar: Calendar) -> None:
        self.reading = reading
        self.calendar = calendar

    def time(self, first: int, last: int, since: date, until: date | None, note: str = "") -> TimeSpan:
        """The time from the words, never before today."""
        label_at = first
        while label_at < last - 1 and self.reading.words[label_at] in word_set("times_within") | word_set(
            "times_unlabelled"
        ):
            label_at += 1
        label = self.reading.original(label_at, last)
        over = until is not None and until < self.calendar.today
        since = max(since, self.calendar.today)
        return TimeSpan(
            first, last, label, since, until if until is None else max(until, since) if not over else until, note, over
        )

    def over(self, first: int, last: int) -> TimeSpan:
        """A time that is over, which the plan cannot look at."""
        label = self.reading.original(first, last)
        return TimeSpan(first, last, label, self.calendar.today, self.calendar.today, past=True)

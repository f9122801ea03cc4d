"""Reads a counted stretch from today: "in 90 days", "within the next six weeks", "60 days from now"."""

from __future__ import annotations

import re

from chains.churn.planner.counts import count_at
from chains.churn.planner.fiscal import Calendar
from chains.churn.planner.reading import Reading
from chains.churn.planner.spans import SpanMaker, TimeSpan
from chains.churn.planner.tables import units, word_set


class DurationReader:
    """Reads counted stretches from one question."""

    def __init__(self, reading: Reading, calendar: Calendar) -> None:
        self.reading = reading
        self.calendar = calendar
        self.spans = SpanMaker(reading, calendar)

    def at(self, at: int) -> TimeSpan | None:
        """In 90 days, within the next six weeks, next 3 months, 60 days from now."""
        start = self.reading.skip(at, word_set("times_within") | {"the", "den", "les", "los", "las", "der"})
        bound = not word_set("times_bounding").isdisjoint(self.reading.words[at:start])
        ahead = self.reading.open_word(start) in word_set("next") | word_set("times_ahead")
        ahead = ahead and self.reading.open_word(start) != "first"
        start += ahead
        if ahead and self.reading.open_word(start) in {"full"}:
            start += 1
        if self.reading.open_word(start) == "half" and self.reading.open_word(start + 1) in {"a", "year"}:
            last = start + 3 if self.reading.open_word(start + 1) == "a" else start + 2
            if bound and units().get(self.reading.open_word(last - 1)) == "year":
                return self.spans.time(at, last, self.calendar.today, self.calendar.later(1, "half"))
        count = count_at(self.reading, start)
        note = ""
        if count is None:
            unit = units().get(self.reading.open_word(start))
            plural = self.reading.open_word(start) in {"weeks", "months", "days", "quarters", "years"}
            if ahead and plural and unit:
                note = f'"{self.reading.original(start - 1, start + 1).capitalize()}" is read as the next three.'
                return self.spans.time(at, start + 1, self.calendar.today, self.calendar.later(3, unit), note)
            rolling = unit == "fortnight" or (
                at < start and self.reading.open_word(at) in {"within", "over", "innerhalb", "binnen"}
            )
            if ahead and rolling and unit:
                return self.spans.time(at, start + 1, self.calendar.today, self.calendar.later(1, unit))
            return None
        number, after, note = count
        if self.reading.open_word(after) in word_set("next") | {
            "prochains",
            "prochaines",
            "proximos",
            "proximas",
            "coming",
        }:
            ahead, after = True, after + 1
        if self.reading.open_word(after) in {"calendar", "business", "working", "full"}:
            after += 1
        unit = units().get(self.reading.open_word(after))
        if self.reading.open_word(after) in {"half", "demi"} and self.reading.open_word(after + 1) in {"year", "a"}:
            unit, after = "half", after + 1
        if unit is None or number > 3700:
            return None
        after += 1
        if [self.reading.open_word(after), self.reading.open_word(after + 1)] in (["or", "so"], ["or", "less"]):
            after += 2
        trailing = 0
        if [self.reading.open_word(after), self.reading.open_word(after + 1)] in (["from", "now"], ["from", "today"]):
            trailing = 2
        elif self.reading.open_word(after) in {"ahead", "out", "horizon", "window", "outlook", "timeframe", "period"}:
            trailing = 1
        if not (ahead or bound or trailing):
            return self._bare_count(at, after, number, unit, note)
        return self.spans.time(at, after + trailing, self.calendar.today, self.calendar.later(number, unit), note)

    def _bare_count(self, at: int, after: int, number: int, unit: str, note: str) -> TimeSpan | None:
        """A count of days with nothing before it, when it is the whole question or stands before "renewals"."""
        alone = at == 0 and after >= len(self.reading) - 1
        known = self.reading.words[at - 1] in {"now", "about", "next"} if at else False
        if not (alone or known or re.match(r"renew|contract|expir", self.reading.open_word(after))):
            return None
        return self.spans.time(at, after, self.calendar.today, self.calendar.later(number, unit), note)

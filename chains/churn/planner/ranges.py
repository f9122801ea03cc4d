"""Reads a stretch of days between two periods: "between A and B", "from A to B", "A to B", "A and B"."""

from __future__ import annotations

import re

from chains.churn.planner.fiscal import DAY, Calendar, Read, Span
from chains.churn.planner.periods import PeriodReader
from chains.churn.planner.reading import Reading
from chains.churn.planner.spans import SpanMaker, TimeSpan
from chains.churn.planner.tables import word_set


class RangeReader:
    """Reads stretches from one question."""

    def __init__(self, reading: Reading, calendar: Calendar, periods: PeriodReader) -> None:
        self.reading = reading
        self.calendar = calendar
        self.periods = periods
        self.spans = SpanMaker(reading, calendar)

    def at(self, at: int) -> TimeSpan | None:
        """Between A and B, from A to B, A to B, A and B."""
        word = self.reading.open_word(at)
        opened = word in word_set("times_opening_pair")
        start = at + 1 if opened else at
        start = (
            start + 1
            if self.reading.open_word(start) in {"both", "the", "el", "le", "dem", "either"}
            and not self.periods.at(start)
            else start
        )
        left = self.periods.at(start) or self._bare_day(start)
        if left is None:
            return None
        join = self.reading.skip(left.last, frozenset({",", "either"}))
        if self.reading.open_word(join) not in word_set("times_joins"):
            return None
        strict = self.reading.open_word(join) not in {
            "and",
            "or",
            "und",
            "oder",
            "et",
            "ou",
            "y",
            "o",
        } or word in word_set("times_between")
        after = self.periods.skip(join + 1, frozenset({"the", "in", "au", "el", "zum", "both", "until"}))
        right = self.periods.at(after)
        if right is None:
            return None
        span = self._joined(left.span, right.span)
        if not strict and not self._adjoin(left.span, right.span):
            return None
        return self.spans.time(at, right.last, span.first, span.last)

    def _bare_day(self, at: int) -> Read | None:
        """The first day of "1 to 15 December", whose month stands later."""
        if not re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?", self.reading.open_word(at)):
            return None
        if self.reading.open_word(at + 1) not in word_set("times_joins"):
            return None
        right = self.periods.at(at + 2)
        if right is None or not right.span.edge or right.span.first != right.span.last:
            return None
        try:
            first = right.span.first.replace(day=int(re.sub(r"\D", "", self.reading.open_word(at))))
        except ValueError:
            return None
        return Read(Span(first, first, right.span.yearless, edge=True), at + 1)

    def _joined(self, left: Span, right: Span) -> Span:
        if not right.yearless:
            while left.yearless and left.first > right.last:
                left = left.moved(-1)
            while left.yearless and left.moved(1).first <= right.last:
                left = left.moved(1)
        elif not left.yearless:
            while right.last < left.first:
                right = right.moved(1)
            while right.moved(-1).last >= max(left.first, self.calendar.today):
                right = right.moved(-1)
        else:
            right = self.calendar.next_one(right)
            left = self.calendar.next_one(left)
            while left.first > right.last:
                left = left.moved(-1)
        return Span(left.first, max(right.last, left.first))

    def _adjoin(self, left: Span, right: Span) -> bool:
        """Whether two periods joined by "and" or "or" make one stretch of days."""
        first, second = self.periods.resolved(left), self.periods.resolved(right)
        if second.first < first.first:
            return False
        return second.first <= first.last + DAY

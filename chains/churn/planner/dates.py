"""Reads months and days: March 2027, 15 January, December 3rd, 2027-01-15, 15.01.2027, the week of 7 December."""

from __future__ import annotations

import re
from datetime import date

from dateutil.relativedelta import relativedelta

from chains.churn.planner.fiscal import DAY, Calendar, Read, Span
from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import months, ordinals, units, word_set
from chains.churn.planner.years import YearReader


class DateReader:
    """Reads months and days from one question against a calendar."""

    def __init__(self, reading: Reading, calendar: Calendar, years: YearReader) -> None:
        self.reading = reading
        self.calendar = calendar
        self.years = years

    def month_or_date(self, at: int) -> Read | None:
        """A month by its name, or a day of it."""
        month = months().get(self.reading.open_word(at))
        if month and not self._is_modal_may(at):
            day = self._day(at + 1)
            if day and not self._is_count(day[1]):
                return self._date(day[0], month, day[1])
            return self._whole_month(month, at + 1)
        day = self._day(self.reading.skip(at, frozenset({"the"})))
        if day:
            after = self.reading.skip(day[1], frozenset({"of", ".", "de", "des"}))
            month = months().get(self.reading.open_word(after))
            if month:
                return self._date(day[0], month, after + 1)
        return None

    def numeric_date(self, at: int) -> Read | None:
        """A date in figures, the day first unless the year or the figures say otherwise."""
        numbers = [int(part) for part in re.findall(r"\d+", self.reading.open_word(at))]
        if len(numbers) != 3 or not re.fullmatch(r"\d+[-./]\d+[-./]\d+", self.reading.open_word(at)):
            return None
        year, month, day = numbers if numbers[0] > 999 else (numbers[2], numbers[1], numbers[0])
        if month > 12:
            month, day = day, month
        try:
            exact = date(year, month, day)
        except ValueError:
            return None
        return Read(Span(exact, exact, edge=True), at + 1)

    def week_of(self, at: int) -> Read | None:
        """The week from a date on ("week of 7 December", "week starting March 1")."""
        after = self.reading.skip(at, frozenset({"the", "a"}))
        if units().get(self.reading.open_word(after)) != "week":
            return None
        named = self.reading.skip(after + 1, frozenset({"of", "starting", "beginning", "from", "commencing", "the"}))
        if named == after + 1:
            return None
        start = self.month_or_date(named) or self.numeric_date(named)
        if start is None or start.span.first != start.span.last:
            return None
        return Read(Span(start.span.first, start.span.first + 6 * DAY, start.span.yearless), start.last)

    def _is_modal_may(self, at: int) -> bool:
        if self.reading.words[at] != "may":
            return False
        before = self.reading.words[at - 1] if at else ""
        after = self.reading.open_word(at + 1)
        timed = word_set("periods_before_may")
        return not (
            before in timed or re.fullmatch(r"\d.*|'\d\d", after or "") or re.fullmatch(r"\d+(st|nd|rd|th)?", before)
        )

    def _is_count(self, at: int) -> bool:
        """Whether the number before counts something ("March 3 accounts") rather than naming a day."""
        return self.reading.open_word(at) in units()

    def _day(self, at: int) -> tuple[int, int] | None:
        match = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|er)?", self.reading.open_word(at))
        if match and 1 <= int(match.group(1)) <= 31:
            return int(match.group(1)), at + 1
        number = ordinals().get(self.reading.open_word(at))
        return (number, at + 1) if number and self.reading.open_word(at + 1) in {"of", *months()} else None

    def _date(self, day: int, month: int, after: int) -> Read | None:
        year = self.years.year_at(after)
        try:
            exact = date(year[0] if year else 2024, month, day)
        except ValueError:
            return None
        if year:
            return Read(Span(exact, exact, edge=True), year[1])
        try:
            exact = exact.replace(year=self.calendar.today.year)
        except ValueError:
            exact = date(self.calendar.today.year, 2, 28)
        return Read(Span(exact, exact, yearless=True, edge=True), after)

    def _whole_month(self, month: int, after: int) -> Read:
        year = self.years.year_at(after)
        first = date(year[0] if year else self.calendar.today.year, month, 1)
        span = Span(first, first + relativedelta(months=1) - DAY, yearless=year is None)
        return Read(span, year[1] if year else after)

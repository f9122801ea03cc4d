"""Calendar arithmetic around a fiscal year: the spans of days that quarters, halves, months and years cover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

DAY = timedelta(days=1)
MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Span:
    """Days `first` to `last`, both included; `yearless` when the words left the year open.

    `edge` marks a single day or the end of something, which "by" and "before" take as it is.
    """

    first: date
    last: date
    yearless: bool = False
    edge: bool = False

    def moved(self, years: int) -> Span:
        """The same span some years later; month ends stay month ends."""
        last = self.last + relativedelta(years=years)
        if (self.last + DAY).day == 1:
            last = (self.last + DAY) + relativedelta(years=years) - DAY
        return Span(self.first + relativedelta(years=years), last, self.yearless, self.edge)


@dataclass(frozen=True, slots=True)
class Read:
    """A span read from the words up to, not including, `last`."""

    span: Span
    last: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """Today and the month the fiscal year starts with; a fiscal year is named by the year it ends in."""

    today: date
    start_month: int = 1

    def fiscal_year(self, number: int) -> Span:
        """The fiscal year of that number."""
        first = date(number - (1 if self.start_month > 1 else 0), self.start_month, 1)
        return Span(first, first + relativedelta(years=1) - DAY)

    def part_of_year(self, year: int, unit: str, number: int) -> Span:
        """The numbered quarter or half of a fiscal year; numbers start at 1."""
        months = MONTHS_OF[unit]
        first = self.fiscal_year(year).first + relativedelta(months=months * (number - 1))
        return Span(first, first + relativedelta(months=months) - DAY)

    def current(self, unit: str, ahead: int = 0) -> Span:
        """The week, month, quarter, half or year today is in, or one some units ahead."""
        if unit == "day":
            day = self.today + ahead * DAY
            return Span(day, day)
        if unit in {"week", "fortnight"}:
            first = self.today - self.today.weekday() * DAY + ahead * 7 * DAY
            return Span(first, first + 6 * DAY)
        months = MONTHS_OF[unit]
        since_start = (self.today.month - self.start_month) % 12 % months
        first = self.today.replace(day=1) + relativedelta(months=months * ahead - since_start)
        return Span(first, first + relativedelta(months=months) - DAY)

    def later(self, count: int, unit: str) -> date:
        """Today plus so many days, weeks, months, quarters, halves or years."""
        if unit == "day":
            return self.today + count * DAY
        if unit in {"week", "fortnight"}:
            return self.today + (7 if unit == "week" else 14) * count * DAY
        return self.today + relativedelta(months=count * MONTHS_OF[unit])

    def next_one(self, span: Span) -> Span:
        """A span whose year was left open, moved to the first year in which it has not ended."""
        moved = span
        while moved.last < self.today:
            moved = moved.moved(1)
        while moved.moved(-1).last >= self.today:
            moved = moved.moved(-1)
        return moved

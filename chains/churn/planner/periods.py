"""Reads one period at a place in the question: a quarter, "this quarter", "end of March", a month, a year, a date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from dateutil.relativedelta import relativedelta

from chains.churn.planner.dates import DateReader
from chains.churn.planner.fiscal import DAY, Calendar, Read, Span
from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import ordinals, units, word_set
from chains.churn.planner.years import YearReader

_QUARTER = re.compile(r"(?:q|t)([1-4])|([1-4])q")
_HALF = re.compile(r"(?:h|s)([12])|([12])h")
_FIXED_ENDS = {"eoy": "year", "eoq": "quarter", "eom": "month", "yearend": "year", "jahresende": "year", "eow": "week",
               "quartalsende": "quarter", "monatsende": "month"}  # fmt: skip
_FIXED_DAYS = {"christmas": (12, 25), "xmas": (12, 25), "weihnachten": (12, 25), "noel": (12, 25), "navidad": (12, 25)}
_DEEPEST = 2


class PeriodReader:
    """Reads periods from one question against a calendar."""

    def __init__(self, reading: Reading, calendar: Calendar) -> None:
        self.reading = reading
        self.calendar = calendar
        self.years = YearReader(reading, calendar)
        self.dates = DateReader(reading, calendar, self.years)
        self._depth = 0

    def at(self, at: int) -> Read | None:
        """The longest period that starts at the word, or None."""
        readings = [read for read in self._all_at(at) if read is not None]
        return max(readings, key=lambda read: read.last, default=None)

    def skip(self, at: int, words: frozenset[str]) -> int:
        """The place behind the words given, a few at most, or of the first of them that starts a period."""
        last = self.reading.skip(at, words)
        return next((place for place in range(at, last) if self.at(place)), last)

    def resolved(self, span: Span) -> Span:
        """The span, in the next year it has not ended when its year was left open."""
        return self.calendar.next_one(span) if span.yearless else span

    def word(self, at: int) -> str:
        """The open word at the place."""
        return self.reading.open_word(at)

    def inner(self, at: int) -> Read | None:
        """What "end of" stands before: any period, or a bare unit such as "end of quarter"."""
        bare = units().get(self.word(at))
        inner = self.at(at)
        if inner is not None:
            return inner
        if bare and len(self.word(at)) > 2:
            return Read(self.calendar.current(bare), at + 1)
        return None

    def _all_at(self, at: int) -> Iterator[Read | None]:
        word = self.reading.open_word(at)
        if not word:
            return
        yield self._numbered_part(at)
        yield self.years.fiscal_year(at)
        yield self.dates.month_or_date(at)
        yield self.dates.numeric_date(at)
        yield self.dates.week_of(at)
        yield self.years.year(at)
        yield self._relative(at)
        yield self._unit_first(self.reading.skip(at, frozenset({"le", "la", "el"})))
        yield self._fixed(at)
        yield self._end_of(at)

    def _numbered_part(self, at: int) -> Read | None:
        year_first = self.years.year_at(at) if self.word(at) not in word_set("periods_of") else None
        start = year_first[1] if year_first else at
        part = self._part(start)
        if part is None:
            return None
        unit, number, after = part
        year = year_first or self.years.year_at(after) or self.years.slashed_year(after)
        if year:
            return Read(self.calendar.part_of_year(year[0], unit, number), max(after, year[1]))
        relative = self._relative(self.reading.skip(after, word_set("periods_of") - {"the"} | {"the"}))
        if relative and (relative.span.last - relative.span.first).days > 360:
            middle = relative.span.first + relativedelta(months=6)
            number_of_year = middle.year + (1 if 1 < self.calendar.start_month <= middle.month else 0)
            if self.calendar.start_month == 1:
                number_of_year = middle.year
            whole = self.calendar.fiscal_year(number_of_year)
            shift = (relative.span.first.year - whole.first.year) * 12 + relative.span.first.month - whole.first.month
            span = self.calendar.part_of_year(number_of_year, unit, number)
            moved = Span(span.first + relativedelta(months=shift), span.last + relativedelta(months=shift))
            return Read(moved, relative.last)
        span = self.calendar.part_of_year(self.calendar.today.year, unit, number)
        return Read(Span(span.first, span.last, yearless=True), after)

    def _part(self, at: int) -> tuple[str, int, int] | None:
        word = self.word(at)
        match = _QUARTER.fullmatch(word)
        if match:
            return "quarter", int(match.group(1) or match.group(2)), at + 1
        match = _HALF.fullmatch(word)
        if match:
            return "half", int(match.group(1) or match.group(2)), at + 1
        number, after = ordinals().get(word), at + 1
        if number is None and re.fullmatch(r"[1-4]", word) and self.word(at + 1) == ".":
            number, after = int(word), at + 2
        if word in {"last", "final", "letztes", "dernier"} and self.word(at + 2) in {"of", "des", "de"}:
            number = 4 if units().get(self.word(at + 1)) == "quarter" else 2
        unit = units().get(self.word(after))
        if number and unit == "quarter" and number <= 4:
            return "quarter", number, after + 1
        if number and unit == "half" and number <= 2:
            return "half", number, self.reading.skip(after + 1, frozenset({"year"}))
        if unit == "half" and word == "back":
            return "half", 2, after + 1
        return None

    def _relative(self, at: int) -> Read | None:
        after = self.reading.skip(at, frozenset({"the", "our", "das", "dem", "le", "la", "el", "im", "l"}))
        ahead = 0 if self.word(after) in word_set("this") else 1 if self.word(after) in word_set("next") else None
        named = after + 1 if ahead is not None else after
        if ahead is None and self.word(after) in {"coming"}:
            ahead, named = 1, after + 1
        named = self.reading.skip(named, frozenset({"fiscal", "financial", "calendar", "business", "whole", "full"}))
        unit = units().get(self.word(named))
        if (
            unit is None
            or len(self.word(named)) < 3
            or (ahead is None and (after == at or self.word(named).endswith("s")))
        ):
            return self._unit_first(named) if ahead is None else None
        if unit == "fortnight" or (unit == "day" and ahead is not None):
            return None
        if self.word(named) in word_set("periods_plural"):
            return None
        last = named + 1
        if unit == "half":
            last = self.reading.skip(last, frozenset({"year", "of", "the"})) if self.word(last) == "year" else last
        if self.word(named) == "calendar" or "calendar" in self.reading.words[after:named]:
            year = self.calendar.today.year + (ahead or 0)
            return Read(Span(date(year, 1, 1), date(year, 12, 31)), last)
        return Read(self.calendar.current(unit, ahead or 0), last)

    def _unit_first(self, at: int) -> Read | None:
        """French and Spanish put the word after: trimestre prochain, mes proximo, trimestre en cours."""
        unit = units().get(self.word(at))
        if unit is None or unit == "day":
            return None
        if self.word(at + 1) in {"prochain", "prochaine", "proximo", "proxima", "suivant"}:
            return Read(self.calendar.current(unit, 1), at + 2)
        if self.word(at + 1) in {"actuel", "actuelle", "actual", "courant"}:
            return Read(self.calendar.current(unit), at + 2)
        if [self.word(at + 1), self.word(at + 2)] in (["en", "cours"], ["en", "curso"]):
            return Read(self.calendar.current(unit), at + 3)
        return None

    def _fixed(self, at: int) -> Read | None:
        word = self.word(at)
        today = self.calendar.today
        if word in _FIXED_ENDS:
            return Read(self._end(self.calendar.current(_FIXED_ENDS[word])), at + 1)
        if word in _FIXED_DAYS:
            day = date(today.year, *_FIXED_DAYS[word])
            return Read(Span(day, day, yearless=True, edge=True), at + 1)
        if word in {"today", "now", "heute", "jetzt", "hoy", "ahora", "maintenant"}:
            return Read(Span(today, today, edge=True), at + 1)
        if word in {"tomorrow", "morgen", "demain", "manana"}:
            return Read(Span(today + DAY, today + DAY, edge=True), at + 1)
        if word in {"year", "quarter", "month", "fiscal"}:
            named = at + 1 if word == "fiscal" else at
            unit = units().get(self.word(named))
            if unit and self.word(named + 1) in {"end", "close"}:
                return Read(self._end(self.calendar.current(unit)), named + 2)
        new_year = {"new", "neues", "neuen"}
        after = self.reading.skip(at, frozenset({"the", "dem"}))
        if self.word(after) in new_year and self.word(after + 1) in {"year", "years", "jahr"}:
            first = date(today.year + 1, 1, 1)
            return Read(Span(first, first), after + 2)
        return None

    def _end_of(self, at: int) -> Read | None:
        after = self.reading.skip(at, frozenset({"the", "das", "dem", "la", "el"}))
        word = self.word(after)
        if word not in word_set("periods_ends") | word_set("periods_starts") | word_set("periods_middles"):
            return None
        inner_at = self.reading.skip(after + 1, frozenset({"of", "von", "des", "de", "du", "d", "del"}))
        inner = self._inside(inner_at)
        if inner is None:
            return None
        span = inner.span
        third = (span.last - span.first) // 3
        if word == "early":
            return Read(Span(span.first, span.first + third, span.yearless), inner.last)
        if word == "late":
            return Read(Span(span.last - third, span.last, span.yearless), inner.last)
        if word in word_set("periods_ends"):
            return Read(self._end(span), inner.last)
        if word in word_set("periods_middles"):
            middle = span.first + (span.last - span.first) // 2
            return Read(Span(middle, middle, span.yearless, edge=True), inner.last)
        return Read(Span(span.first, span.first, span.yearless, edge=True), inner.last)

    def _inside(self, at: int) -> Read | None:
        """The period of which the end or start is meant; "end of end of end of" leads no deeper than people go."""
        if self._depth >= _DEEPEST:
            return None
        self._depth += 1
        try:
            return self.inner(at)
        finally:
            self._depth -= 1

    @staticmethod
    def _end(span: Span) -> Span:
        return Span(span.last, span.last, span.yearless, edge=True)

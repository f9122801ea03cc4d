"""Reads years, fiscal ones too: 2027, '27, FY27, fiscal year 2027, calendar year 2027."""

from __future__ import annotations

import re
from datetime import date

from chains.churn.planner.fiscal import Calendar, Read, Span
from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import word_set

_FISCAL = re.compile(r"fy(20\d\d|\d\d)")


class YearReader:
    """Reads years from one question against a calendar."""

    def __init__(self, reading: Reading, calendar: Calendar) -> None:
        self.reading = reading
        self.calendar = calendar

    def year_at(self, at: int) -> tuple[int, int] | None:
        """A year (and the place after it), such as 2027, '27, fy27, fiscal 2027 or "this year"."""
        at = self.reading.skip(at, word_set("periods_of"))
        word = self.reading.open_word(at)
        if re.fullmatch(r"20\d\d", word):
            return int(word), at + 1
        if re.fullmatch(r"'\d\d", word):
            return 2000 + int(word[1:]), at + 1
        fiscal = self.fiscal_number(at)
        if fiscal:
            return fiscal
        return None

    def fiscal_number(self, at: int) -> tuple[int, int] | None:
        """The number of a fiscal year named as one (and the place after it)."""
        word = self.reading.open_word(at)
        match = _FISCAL.fullmatch(word)
        if match:
            after = at + 1
            number = int(match.group(1)) % 100
            if self.reading.open_word(after) == "/" and re.fullmatch(r"\d\d", self.reading.open_word(after + 1)):
                number, after = int(self.reading.open_word(after + 1)), after + 2
            return 2000 + number, after
        if word in {"fy", "fiscal", "financial", "geschaftsjahr"}:
            after = self.reading.skip(at + 1, frozenset({"year"}))
            match = re.fullmatch(r"(?:20|')?(\d\d)", self.reading.open_word(after))
            if match:
                return 2000 + int(match.group(1)), after + 1
        return None

    def slashed_year(self, at: int) -> tuple[int, int] | None:
        """The year after a slash or hyphen ("Q1/2027")."""
        return self.year_at(at + 1) if self.reading.open_word(at) in {"/", "-"} else None

    def fiscal_year(self, at: int) -> Read | None:
        """The days of a fiscal year named as one."""
        found = self.fiscal_number(at)
        return Read(self.calendar.fiscal_year(found[0]), found[1]) if found else None

    def year(self, at: int) -> Read | None:
        """The days of a year named by its number."""
        after = self.reading.skip(at, frozenset({"calendar", "year", "jahr", "annee", "ano"}))
        if not re.fullmatch(r"20\d\d", self.reading.open_word(after)):
            return None
        number = int(self.reading.open_word(after))
        if "calendar" in self.reading.words[at:after]:
            return Read(Span(date(number, 1, 1), date(number, 12, 31)), after + 1)
        return Read(self.calendar.fiscal_year(number), after + 1)

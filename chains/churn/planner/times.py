"""Finds every time the question names and gives it as days: "next 90 days", "by the end of March", "Q1 to Q2"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from chains.churn.planner.fiscal import DAY, Calendar, Span
from chains.churn.planner.periods import PeriodReader, Read, count_at
from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import units, word_set

_BEFORE = frozenset({"before", "vor", "avant", "antes"})
_AFTER = frozenset({"after", "nach", "apres", "despues", "beyond", "past"})
_LONG_RUN = (
    r"(?:in|over|for|on) (?:the )?long(?:er)? (?:run|term|haul)|in the (?:long|longer) run|eventually|long(?:er)? term|"
    r"(?:at )?some ?day|at some point(?: in (?:the )?(?:future|time))?|sooner or later|one day"
    r"|in the (?:distant )?future|"
    r"langfristig|irgendwann|auf lange sicht|a long terme|un jour|a la larga|a largo plazo|ultimately"
)
_SOON = (
    r"(?:very )?soon|shortly|in the near(?:est)? future|near term|short term|any time soon|bald|bientot|pronto"
    r"|imminently"
)


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


def times_in(reading: Reading, calendar: Calendar) -> list[TimeSpan]:
    """Every time the question names, left to right; the words are taken (past ones flagged)."""
    finder = _Finder(reading, calendar)
    found = []
    for hit in reading.take_all(_LONG_RUN):
        label = reading.original(hit.first, hit.last)
        until = calendar.today + relativedelta(months=12)
        found.append(
            TimeSpan(
                hit.first,
                hit.last,
                label,
                calendar.today,
                until,
                f'"{label.capitalize()}" is read as the next 12 months.',
            )
        )
    at = 0
    while at < len(reading):
        time = finder.at(at) if reading.is_open(at) else None
        if time is None:
            at += 1
            continue
        reading.take(time.first, time.last, "flag" if time.past else "known")
        found.append(time)
        at = time.last
    reading.take_all(_SOON)
    return sorted(found, key=lambda time: time.first)


class _Finder:
    """Tries each form of wording at a word."""

    def __init__(self, reading: Reading, calendar: Calendar) -> None:
        self.reading = reading
        self.calendar = calendar
        self.periods = PeriodReader(reading, calendar)

    def at(self, at: int) -> TimeSpan | None:
        for form in (self._past, self._pair, self._counted, self._until, self._open_ended, self._plain):
            found = form(at)
            if found is not None:
                return found
        return None

    def _word(self, at: int) -> str:
        return self.reading.open_word(at)

    def _time(self, first: int, last: int, since: date, until: date | None, note: str = "") -> TimeSpan:
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

    def _over(self, first: int, last: int) -> TimeSpan:
        label = self.reading.original(first, last)
        return TimeSpan(first, last, label, self.calendar.today, self.calendar.today, past=True)

    def _past(self, at: int) -> TimeSpan | None:
        word = self._word(at)
        if word in {"yesterday", "gestern", "hier", "ayer"}:
            return self._over(at, at + 1) if word != "hier" else None
        start = at
        if word in {"in", "over", "during", "within", "for", "since", "the", "at", "im", "von"}:
            start += 1
            if self._word(start) == "the":
                start += 1
        if self._word(start) in word_set("times_past"):
            after = start + 1
            count = count_at(self.reading, after)
            after = count[1] if count else after
            after += self._word(after) in {"fiscal", "financial", "calendar"}
            if units().get(self._word(after)) and len(self._word(after)) > 1 and self._word(after + 1) != "of":
                return self._over(at, after + 1)
        if word == "since":
            period = self.periods.at(at + 1)
            return self._over(at, period.last) if period else None
        count = count_at(self.reading, at)
        if count and units().get(self._word(count[1])) and self._word(count[1] + 1) in {"ago", "earlier"}:
            return self._over(at, count[1] + 2)
        return None

    def _pair(self, at: int) -> TimeSpan | None:
        """Between A and B, from A to B, A to B, A and B."""
        word = self._word(at)
        opened = word in word_set("times_opening_pair")
        start = at + 1 if opened else at
        start = (
            start + 1
            if self._word(start) in {"both", "the", "el", "le", "dem", "either"} and not self.periods.at(start)
            else start
        )
        left = self.periods.at(start) or self._bare_day(start)
        if left is None:
            return None
        join = left.last
        while self._word(join) in {",", "either"}:
            join += 1
        if self._word(join) not in word_set("times_joins"):
            return None
        strict = self._word(join) not in {"and", "or", "und", "oder", "et", "ou", "y", "o"} or word in word_set(
            "times_between"
        )
        after = join + 1
        while self._word(after) in {"the", "in", "au", "el", "zum", "both", "until"} and not self.periods.at(after):
            after += 1
        right = self.periods.at(after)
        if right is None:
            return None
        span = self._joined(left.span, right.span)
        if not strict and not self._adjoin(left.span, right.span):
            return None
        return self._time(at, right.last, span.first, span.last)

    def _bare_day(self, at: int) -> Read | None:
        """The first day of "1 to 15 December", whose month stands later."""
        if not re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?", self._word(at)):
            return None
        if self._word(at + 1) not in word_set("times_joins"):
            return None
        right = self.periods.at(at + 2)
        if right is None or not right.span.edge or right.span.first != right.span.last:
            return None
        try:
            first = right.span.first.replace(day=int(re.sub(r"\D", "", self._word(at))))
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

    def _counted(self, at: int) -> TimeSpan | None:
        """In 90 days, within the next six weeks, next 3 months, 60 days from now."""
        start, bound = at, False
        while self._word(start) in word_set("times_within") | {"the", "den", "les", "los", "las", "der"}:
            bound = bound or self._word(start) in word_set("times_bounding")
            start += 1
        ahead = self._word(start) in word_set("next") | word_set("times_ahead")
        ahead = ahead and self._word(start) != "first"
        start += ahead
        if ahead and self._word(start) in {"full"}:
            start += 1
        if self._word(start) == "half" and self._word(start + 1) in {"a", "year"}:
            last = start + 3 if self._word(start + 1) == "a" else start + 2
            if bound and units().get(self._word(last - 1)) == "year":
                return self._time(at, last, self.calendar.today, self.calendar.later(1, "half"))
        count = count_at(self.reading, start)
        note = ""
        if count is None:
            unit = units().get(self._word(start))
            plural = self._word(start) in {"weeks", "months", "days", "quarters", "years"}
            if ahead and plural and unit:
                note = f'"{self.reading.original(start - 1, start + 1).capitalize()}" is read as the next three.'
                return self._time(at, start + 1, self.calendar.today, self.calendar.later(3, unit), note)
            rolling = unit == "fortnight" or (
                at < start and self._word(at) in {"within", "over", "innerhalb", "binnen"}
            )
            if ahead and rolling and unit:
                return self._time(at, start + 1, self.calendar.today, self.calendar.later(1, unit))
            return None
        number, after, note = count
        if self._word(after) in word_set("next") | {"prochains", "prochaines", "proximos", "proximas", "coming"}:
            ahead, after = True, after + 1
        if self._word(after) in {"calendar", "business", "working", "full"}:
            after += 1
        unit = units().get(self._word(after))
        if self._word(after) in {"half", "demi"} and self._word(after + 1) in {"year", "a"}:
            unit, after = "half", after + 1
        if unit is None or number > 3700:
            return None
        after += 1
        if [self._word(after), self._word(after + 1)] in (["or", "so"], ["or", "less"]):
            after += 2
        trailing = 0
        if [self._word(after), self._word(after + 1)] in (["from", "now"], ["from", "today"]):
            trailing = 2
        elif self._word(after) in {"ahead", "out", "horizon", "window", "outlook", "timeframe", "period"}:
            trailing = 1
        if not (ahead or bound or trailing):
            return self._bare_count(at, after, number, unit, note)
        return self._time(at, after + trailing, self.calendar.today, self.calendar.later(number, unit), note)

    def _bare_count(self, at: int, after: int, number: int, unit: str, note: str) -> TimeSpan | None:
        """A count of days with nothing before it, when it is the whole question or stands before "renewals"."""
        alone = at == 0 and after >= len(self.reading) - 1
        known = self.reading.words[at - 1] in {"now", "about", "next"} if at else False
        if not (alone or known or re.match(r"renew|contract|expir", self._word(after))):
            return None
        return self._time(at, after, self.calendar.today, self.calendar.later(number, unit), note)

    def _until(self, at: int) -> TimeSpan | None:
        """By, before, until something."""
        start = at
        if self._word(start) in {"between", "from"} and self._word(start + 1) in {"now", "today"}:
            start += 2
            start += self._word(start) in {"on", "onwards", "and"}
        word = self._word(start)
        kind = ""
        if word in word_set("times_until") or (
            word in {"up", "bis", "d"} and self._word(start + 1) in {"to", "until", "zum", "zu", "ici"}
        ):
            kind = "until"
        if word in _BEFORE or (word == "prior" and self._word(start + 1) == "to"):
            kind = "before"
        if (word == "no" or word == "not") and [self._word(start + 1), self._word(start + 2)] == ["later", "than"]:
            kind, start = "until", start + 2
        if word in {"towards", "toward", "around", "at"} and self._is_edge(start + 1):
            kind = "until"
        if self._is_edge(start) and not kind:
            kind, start = "until", start - 1
        if not kind:
            return None
        after = start + 1
        while self._word(after) in word_set("times_after_until"):
            if self.periods.at(after):
                break
            after += 1
        period = self.periods.at(after)
        if period is None:
            return None
        return self._up_to(at, kind, period)

    def _is_edge(self, at: int) -> bool:
        words = word_set("times_edge")
        if self._word(at) not in words:
            return False
        period = self.periods.at(at)
        return period is not None and period.span.edge

    def _up_to(self, at: int, kind: str, period: Read) -> TimeSpan:
        span, note = self.periods.resolved(period.span), ""
        until = span.last
        if kind == "before" and not span.edge:
            until = span.first - DAY
            if period.span.yearless and until < self.calendar.today:
                until = span.moved(1).first - DAY
        elif not span.edge and span.first > self.calendar.today:
            label = self.reading.original(period.last - 1, period.last)
            note = f"The end of {label} is taken as the last day."
        return self._time(at, period.last, self.calendar.today, until, note)

    def _open_ended(self, at: int) -> TimeSpan | None:
        """After March, from January on."""
        word = self._word(at)
        after_it = word in _AFTER or (word == "later" and self._word(at + 1) == "than")
        from_it = word in {"from", "starting", "ab", "beginning", "as"}
        if not (after_it or from_it):
            return None
        start = at + 1
        while self._word(start) in {"than", "from", "of", "in", "the", "on"} and not self.periods.at(start):
            start += 1
        period = self.periods.at(start)
        if period is None:
            return None
        last = period.last
        onwards = self._word(last) in {"on", "onward", "onwards", "forward", "an"}
        if from_it and not onwards and word not in {"ab", "starting", "as"}:
            return None
        span = self.periods.resolved(period.span)
        since = span.last + DAY if after_it else span.first
        return self._time(at, last + onwards, since, None)

    def _plain(self, at: int) -> TimeSpan | None:
        start = at
        while self._word(start) in word_set("times_within") | word_set("times_plain"):
            start += 1
        rest = start
        while self._word(rest) in word_set("times_rest") and not self.periods.at(rest):
            rest += 1
        if rest > start and self._word(start) in {"rest", "remainder", "remaining", "balance", "the"}:
            bare = self.periods.inner(rest) if self.reading.words[rest - 1] in {"of", "remaining", "the"} else None
            if bare and ({"rest", "remainder", "remaining", "balance"} & set(self.reading.words[start:rest])):
                return self._time(at, bare.last, bare.span.first, bare.span.last)
        period = self.periods.at(start) or self.periods.at(rest)
        if period is None or self.reading.words[start : period.last] in (
            ["now"],
            ["today"],
            ["heute"],
            ["jetzt"],
            ["hoy"],
            ["ahora"],
            ["maintenant"],
            ["morgen"],
        ):
            return None
        span = self.periods.resolved(period.span)
        if span.edge and span.last > self.calendar.today and self._word(at) not in {"on", "am"}:
            return self._time(at, period.last, self.calendar.today, span.last)
        return self._time(at, period.last, span.first, span.last)


def without_past(times: Sequence[TimeSpan]) -> list[TimeSpan]:
    """The times that are not over."""
    return [time for time in times if not time.past]

"""Finds every time the question names and gives it as days: "next 90 days", "by the end of March", "Q1 to Q2"."""

from __future__ import annotations

from dateutil.relativedelta import relativedelta

from chains.churn.planner.counts import count_at
from chains.churn.planner.durations import DurationReader
from chains.churn.planner.fiscal import DAY, Calendar, Read
from chains.churn.planner.periods import PeriodReader
from chains.churn.planner.ranges import RangeReader
from chains.churn.planner.reading import Reading
from chains.churn.planner.spans import SpanMaker, TimeSpan
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
        self.ranges = RangeReader(reading, calendar, self.periods)
        self.durations = DurationReader(reading, calendar)
        self.spans = SpanMaker(reading, calendar)

    def at(self, at: int) -> TimeSpan | None:
        for form in (self._past, self.ranges.at, self.durations.at, self._until, self._open_ended, self._plain):
            found = form(at)
            if found is not None:
                return found
        return None

    def _past(self, at: int) -> TimeSpan | None:
        word = self.reading.open_word(at)
        if word in {"yesterday", "gestern", "hier", "ayer"}:
            return self.spans.over(at, at + 1) if word != "hier" else None
        start = at
        if word in {"in", "over", "during", "within", "for", "since", "the", "at", "im", "von"}:
            start += 1
            if self.reading.open_word(start) == "the":
                start += 1
        if self.reading.open_word(start) in word_set("times_past"):
            after = start + 1
            count = count_at(self.reading, after)
            after = count[1] if count else after
            after += self.reading.open_word(after) in {"fiscal", "financial", "calendar"}
            if (
                units().get(self.reading.open_word(after))
                and len(self.reading.open_word(after)) > 1
                and self.reading.open_word(after + 1) != "of"
            ):
                return self.spans.over(at, after + 1)
        if word == "since":
            period = self.periods.at(at + 1)
            return self.spans.over(at, period.last) if period else None
        count = count_at(self.reading, at)
        if (
            count
            and units().get(self.reading.open_word(count[1]))
            and self.reading.open_word(count[1] + 1) in {"ago", "earlier"}
        ):
            return self.spans.over(at, count[1] + 2)
        return None

    def _until(self, at: int) -> TimeSpan | None:
        """By, before, until something."""
        start = at
        if self.reading.open_word(start) in {"between", "from"} and self.reading.open_word(start + 1) in {
            "now",
            "today",
        }:
            start += 2
            start += self.reading.open_word(start) in {"on", "onwards", "and"}
        word = self.reading.open_word(start)
        kind = ""
        if word in word_set("times_until") or (
            word in {"up", "bis", "d"} and self.reading.open_word(start + 1) in {"to", "until", "zum", "zu", "ici"}
        ):
            kind = "until"
        if word in _BEFORE or (word == "prior" and self.reading.open_word(start + 1) == "to"):
            kind = "before"
        if (word == "no" or word == "not") and [
            self.reading.open_word(start + 1),
            self.reading.open_word(start + 2),
        ] == ["later", "than"]:
            kind, start = "until", start + 2
        if word in {"towards", "toward", "around", "at"} and self._is_edge(start + 1):
            kind = "until"
        if self._is_edge(start) and not kind:
            kind, start = "until", start - 1
        if not kind:
            return None
        after = self.periods.skip(start + 1, word_set("times_after_until"))
        period = self.periods.at(after)
        if period is None:
            return None
        return self._up_to(at, kind, period)

    def _is_edge(self, at: int) -> bool:
        words = word_set("times_edge")
        if self.reading.open_word(at) not in words:
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
        return self.spans.time(at, period.last, self.calendar.today, until, note)

    def _open_ended(self, at: int) -> TimeSpan | None:
        """After March, from January on."""
        word = self.reading.open_word(at)
        after_it = word in _AFTER or (word == "later" and self.reading.open_word(at + 1) == "than")
        from_it = word in {"from", "starting", "ab", "beginning", "as"}
        if not (after_it or from_it):
            return None
        start = self.periods.skip(at + 1, frozenset({"than", "from", "of", "in", "the", "on"}))
        period = self.periods.at(start)
        if period is None:
            return None
        last = period.last
        onwards = self.reading.open_word(last) in {"on", "onward", "onwards", "forward", "an"}
        if from_it and not onwards and word not in {"ab", "starting", "as"}:
            return None
        span = self.periods.resolved(period.span)
        since = span.last + DAY if after_it else span.first
        return self.spans.time(at, last + onwards, since, None)

    def _plain(self, at: int) -> TimeSpan | None:
        start = self.reading.skip(at, word_set("times_within") | word_set("times_plain"))
        rest = self.periods.skip(start, word_set("times_rest"))
        if rest > start and self.reading.open_word(start) in {"rest", "remainder", "remaining", "balance", "the"}:
            bare = self.periods.inner(rest) if self.reading.words[rest - 1] in {"of", "remaining", "the"} else None
            if bare and ({"rest", "remainder", "remaining", "balance"} & set(self.reading.words[start:rest])):
                return self.spans.time(at, bare.last, bare.span.first, bare.span.last)
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
        if span.edge and span.last > self.calendar.today and self.reading.open_word(at) not in {"on", "am"}:
            return self.spans.time(at, period.last, self.calendar.today, span.last)
        return self.spans.time(at, period.last, span.first, span.last)

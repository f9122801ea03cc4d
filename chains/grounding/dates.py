"""Dates named in a text, in the spellings of four languages, and whether a set of days supports them."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from babel import Locale
from dateutil.relativedelta import relativedelta

from chains.grounding.reading import Reading, lowered
from chains.grounding.tables import LANGUAGES, any_of, phrases, relative_dates


@dataclass(frozen=True)
class DateMention:
    """A date as far as the text names it; `readings` are (year, month, day) with 0 for what it leaves open."""

    start: int
    end: int
    readings: tuple[tuple[int, int, int], ...] = ()
    weekday: int = -1
    first: dt.date | None = None
    last: dt.date | None = None
    relative: str = ""

    def fits(self, day: dt.date) -> bool:
        """Whether the mention can mean that day."""
        if self.weekday >= 0:
            return day.weekday() == self.weekday
        if self.first is not None and self.last is not None:
            return self.first <= day <= self.last
        return any(
            (not year or year == day.year) and (not month or month == day.month) and (not number or number == day.day)
            for year, month, number in self.readings
        )


_ISO = re.compile(
    r"(?<![\w.])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:t\d{2}:\d{2}[\d:.]*(?:z|[+-]\d{2}:?\d{2})?)?(?![\w-])"
)
_NUMERIC = re.compile(r"(?<![\w.,/-])(\d{1,2})([./-])[ ]?(\d{1,2})\2[ ]?(\d{4}|\d{2})(?![\w/-])")
_SHORT = re.compile(r"(?<![\w.,/-])(\d{1,2})(?:/(\d{1,2})(?![\w/])|\.[ ]?(\d{1,2})\.(?!\d))")
_YEAR = re.compile(r"(?<![\w.,/-])((?:19|20)\d{2})(?![\w/%-]|[.,]\d)")
_QUARTER = re.compile(
    r"(?<!\w)(?:[qt]([1-4])|([1-4])\.? ?(?:quartal|quarter|trimestre)"
    r"|([1-4])(?:st|nd|rd|th|er|e|º) (?:quarter|trimestre))"
    r"(?:[ /-]+(\d{4}))?(?!\w)"
)
_MONTH_NEEDS_CAPITAL = frozenset({"may", "march", "august", "mars"})


@cache
def _month_lead() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){any_of('month_leads')}[ -]$")


@cache
def _numbered_week() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of('weeks')}[ .-]{{1,2}}(\d{{1,2}})(?![\w.])")


@cache
def _months() -> dict[str, int]:
    found: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in Locale(language).months["format"][width].items():
                for spelling in (name, name.replace("ä", "ae").replace("û", "u")):
                    found.setdefault(lowered(spelling).rstrip("."), number)
    found |= {"sept": 9, "sep": 9, "setiembre": 9, "mrz": 3, "jänner": 1, "janner": 1, "fev": 2, "abr": 4, "avr": 4}
    return found


@cache
def _full_months() -> frozenset[str]:
    wide = (Locale(language).months["format"]["wide"].values() for language in LANGUAGES)
    return frozenset(lowered(name) for names in wide for name in names) | {"maerz", "janner", "setiembre"}


@cache
def _weekdays() -> dict[str, int]:
    found = {"sonnabend": 5, "tues": 1, "thurs": 3, "weds": 2}
    for language in LANGUAGES:
        for number, name in Locale(language).days["format"]["wide"].items():
            found[lowered(name)] = number
    return found


@cache
def _named() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    month = "(" + "|".join(sorted(map(re.escape, _months()), key=len, reverse=True)) + r")\.?(?!\w)"
    full = "(" + "|".join(sorted(map(re.escape, _full_months()), key=len, reverse=True)) + r")(?!\w)"
    ordinal = r"(?:st|nd|rd|th|er|e|º|o)?\.?"
    year = r"(?:,?[ -](?:de[ ]|del[ ]|of[ ])?(\d{4}))?"
    day_first = rf"(?<![\w.,/])(\d{{1,2}}){ordinal}[ -]?(?:(?:of|de|del|day of)[ ])?{month}{year}"
    month_first = rf"(?<!\w){month}[ ](?:the[ ])?(\d{{1,2}})(?:st|nd|rd|th)?(?!\w|[.:]\d)(?:,?[ ](\d{{4}}))?"
    month_only = rf"(?<![^\W_]){full}(?:,?[ ](?:de[ ]|del[ ])?(\d{{4}}))?"
    weekday = r"(?<![^\W_])(" + "|".join(sorted(_weekdays(), key=len, reverse=True)) + r")s?(?![^\W_])"
    return re.compile(day_first), re.compile(month_first), re.compile(month_only), re.compile(weekday)


def find_dates(reading: Reading, as_of: dt.date) -> list[DateMention]:
    """Every date, weekday, month, quarter, year and relative date in the text, without overlaps, in order."""
    taken: list[DateMention] = []
    for mention in _candidates(reading, as_of):
        if all(mention.end <= other.start or mention.start >= other.end for other in taken):
            taken.append(mention)
    return sorted(taken, key=lambda mention: mention.start)


def _candidates(reading: Reading, as_of: dt.date) -> Iterator[DateMention]:
    low = reading.low
    day_first, month_first, month_only, weekday = _named()
    for match in _ISO.finditer(low):
        yield from _mention(match, [(int(match[1]), int(match[2]), int(match[3]))])
    for match in _NUMERIC.finditer(low):
        year = int(match[4]) + (2000 if len(match[4]) == 2 else 0)
        yield from _mention(match, [(year, int(match[3]), int(match[1])), (year, int(match[1]), int(match[3]))])
    for match in day_first.finditer(low):
        yield from _mention(match, [(int(match[3] or 0), _months()[match[2]], int(match[1]))])
    for match in month_first.finditer(low):
        if match[1] in _full_months() and low[match.end(1) : match.end(1) + 1] == ".":
            continue  # "In October. 4 years ago": a name written out is followed by no dot but that of a sentence.
        yield from _mention(match, [(int(match[3] or 0), _months()[match[1]], int(match[2]))])
    for match in _SHORT.finditer(low):
        one, two = int(match[1]), int(match[2] or match[3])
        yield from _mention(match, [(0, two, one), (0, one, two)] if match[2] else [(0, two, one)])
    yield from _quarters(low, as_of)
    yield from _relative(low, as_of)
    for match in month_only.finditer(low):
        if _is_month(reading, match):
            yield DateMention(match.start(), match.end(), ((int(match[2] or 0), _months()[match[1]], 0),))
    for match in weekday.finditer(low):
        yield DateMention(match.start(), match.end(), weekday=_weekdays()[match[1]])
    for match in _numbered_week().finditer(low):
        yield from _calendar_week(match, as_of)
    for match in _YEAR.finditer(low):
        yield DateMention(match.start(), match.end(), ((int(match[1]), 0, 0),))


def _mention(match: re.Match[str], readings: Iterable[tuple[int, int, int]]) -> Iterator[DateMention]:
    valid = tuple(reading for reading in readings if _exists(*reading))
    if valid:
        yield DateMention(match.start(), match.end(), valid)


def _exists(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year or 2024, month)[1]


def _is_month(reading: Reading, match: re.Match[str]) -> bool:
    if match[1] not in _MONTH_NEEDS_CAPITAL or match[2]:
        return True
    written = reading.text[match.start()]
    if match[1] in ("mars", "august"):
        return match[1] == "mars" or written.isupper()
    if match[1] == "may" and written.islower():
        # "Asking early may help": only what can stand before nothing but a month counts here.
        return bool(re.search(r"(?<!\w)(?:in|of|until|by|since) $", reading.low[: match.start()]))
    return bool(_month_lead().search(reading.low[: match.start()])) or (written.isupper() and match[1] == "march")


def _quarters(low: str, as_of: dt.date) -> Iterator[DateMention]:
    for match in _QUARTER.finditer(low):
        yield _quarter(match, int(match[1] or match[2] or match[3]), int(match[4] or 0), as_of)
    names = ("first erste premier primer", "second zweite deuxieme segundo", "third dritte troisieme tercer")
    for match in phrases("quarter_names").finditer(low):
        name = next(filter(None, match.groups()))
        number = next((index for index, row in enumerate(names, start=1) if name in row.split()), 4)
        yield _quarter(match, number, 0, as_of)


def _quarter(match: re.Match[str], number: int, year: int, as_of: dt.date) -> DateMention:
    # Without a year either the current or the next one may be meant: both ends of the range are checked by month.
    months = range(3 * number - 2, 3 * number + 1)
    return DateMention(match.start(), match.end(), tuple((year, month, 0) for month in months))


def _calendar_week(match: re.Match[str], as_of: dt.date) -> Iterator[DateMention]:
    number = int(match[1])
    if 1 <= number <= 52:
        year = as_of.year + (number < as_of.isocalendar().week)
        first = dt.date.fromisocalendar(year, number, 1)
        yield DateMention(match.start(), match.end(), first=first, last=first + dt.timedelta(days=6))


def _relative(low: str, as_of: dt.date) -> Iterator[DateMention]:
    found = [(match, kind) for kind, pattern in relative_dates() for match in pattern.finditer(low)]
    for match, kind in sorted(found, key=lambda pair: pair[0].start() - pair[0].end()):
        first, last = _period(kind, as_of)
        yield DateMention(match.start(), match.end(), first=first, last=last, relative=kind)


def _period(kind: str, as_of: dt.date) -> tuple[dt.date, dt.date]:
    unit, _, shift = kind.partition(":")
    count = int(shift or 0)
    if unit == "day":
        day = as_of + dt.timedelta(days=count)
        return day, day
    if unit == "week":
        monday = as_of - dt.timedelta(days=as_of.weekday()) + dt.timedelta(weeks=count)
        return monday, monday + dt.timedelta(days=6)
    if unit == "month":
        first = as_of.replace(day=1) + relativedelta(months=count)
        return first, first + relativedelta(months=1, days=-1)
    if unit == "quarter":
        first = as_of.replace(month=3 * ((as_of.month - 1) // 3) + 1, day=1) + relativedelta(months=3 * count)
        return first, first + relativedelta(months=3, days=-1)
    if unit == "year":
        return dt.date(as_of.year + count, 1, 1), dt.date(as_of.year + count, 12, 31)
    # A period nobody can check against a day ("overnight", "in a year") fits none.
    return dt.date.max, dt.date.min

"""What the cited facts support: their numbers, dates and identifiers."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from chains.evidence import Fact
from chains.grounding.dates import DateMention, find_dates
from chains.grounding.numbers import Kind, NumberMention, chunks, find_numbers
from chains.grounding.reading import blank, read

_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_PERCENT_UNITS = frozenset({"%", "percent", "per cent", "ratio"})
_CURRENCY_UNIT = re.compile(r"[A-Z]{3}|[$€£¥]|currency|money")


class _Said(NamedTuple):
    """What a fact's value says, as a day or else as a text."""

    day: dt.date | None
    dates: tuple[tuple[tuple[int, int, int], ...], ...] = ()
    tokens: frozenset[str] = frozenset()
    numbers: tuple[NumberMention, ...] = ()


@lru_cache(maxsize=1_024)  # The same few facts are held against each text about an account.
def _said(value: str, as_of: dt.date) -> _Said:
    if day := _iso_day(value):
        return _Said(day)
    reading = read(value)
    dates = find_dates(reading, as_of)
    without_dates = blank(reading.low, [(date.start, date.end) for date in dates])
    return _Said(
        day=None,
        dates=tuple(mention.readings for mention in dates if mention.readings),
        tokens=frozenset(text for _, _, text in chunks(reading.low) if not text.replace(".", "").isdecimal()),
        numbers=(*find_numbers(without_dates), *find_numbers(reading.low)),
    )


def _iso_day(value: str) -> dt.date | None:
    match = _ISO_DAY.fullmatch(value.strip())
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:  # A text such as 2026-02-30 is no day and supports none.
        return None


class Support:
    """The numbers, dates and identifiers that some facts give a right to.

    Args:
        facts: The facts cited.
        as_of: The day of the run.
    """

    def __init__(self, facts: Sequence[Fact], as_of: dt.date) -> None:
        self.days: set[dt.date] = set()
        self.mentions: list[tuple[tuple[int, int, int], ...]] = []
        self.tokens: set[str] = set()
        self._numbers: dict[Decimal, set[Kind]] = defaultdict(set)
        for fact in facts:
            self._add(fact, as_of)
        self._add_counts(facts)

    def _add(self, fact: Fact, as_of: dt.date) -> None:
        said = _said(fact.value, as_of)
        if said.day:
            self.days.add(said.day)
        self.mentions += said.dates
        self.tokens |= said.tokens
        for mention in said.numbers:
            for value in mention.values:
                self._numbers[value].add(_kind_of(fact, mention))

    def _add_counts(self, facts: Sequence[Fact]) -> None:
        # "Your three open tickets" rests on three ticket records.
        records: dict[str, set[str]] = defaultdict(set)
        for fact in facts:
            records[fact.fact_id.partition(":")[0]].add(fact.record_id)
        for ids in records.values():
            self._numbers[Decimal(len(ids)).normalize()].add("plain")

    def has_number(self, mention: NumberMention) -> bool:
        """Whether one reading of the number stands in a fact, and counts the same there."""
        return any(mention.kind in self._numbers.get(value, ()) for value in mention.values)

    def has_date(self, mention: DateMention) -> bool:
        """Whether the date can mean a day that a fact gives, or stands in a fact's text."""
        if any(mention.fits(day) for day in self.days):
            return True
        return any(_agree(one, other) for one in mention.readings for text in self.mentions for other in text)


def _agree(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    # The draft may leave a part open, but not add one.
    return all(not mine or mine == theirs for mine, theirs in zip(one, other, strict=True))


def _kind_of(fact: Fact, mention: NumberMention) -> Kind:
    if fact.unit.lower() in _PERCENT_UNITS:
        return "percent"
    if _CURRENCY_UNIT.fullmatch(fact.unit):
        return "money"
    return mention.kind

"""What the cited facts support: their numbers, dates and identifiers."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal

from chains.evidence import Fact
from chains.grounding.dates import DateMention, find_dates
from chains.grounding.numbers import Kind, NumberMention, chunks, find_numbers
from chains.grounding.reading import blank, read

_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_PERCENT_UNITS = frozenset({"%", "percent", "per cent", "ratio"})
_CURRENCY_UNIT = re.compile(r"[A-Z]{3}|[$€£¥]|currency|money")


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
        day = _ISO_DAY.fullmatch(fact.value.strip())
        if day:
            with suppress(ValueError):  # A text such as 2026-02-30 is no day and supports none.
                self.days.add(dt.date(*map(int, day.groups())))
                return
        reading = read(fact.value)
        dates = find_dates(reading, as_of)
        self.mentions += [mention.readings for mention in dates if mention.readings]
        self.tokens |= {text for _, _, text in chunks(reading.low) if not text.replace(".", "").isdecimal()}
        for mention in find_numbers(blank(reading.low, [(date.start, date.end) for date in dates])):
            for value in mention.values:
                self._numbers[value].add(_kind_of(fact, mention))
        for mention in find_numbers(reading.low):
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

"""The checks of what a draft states: its numbers, dates and statements against the facts it cites."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import NamedTuple

from chains.evidence import Check, Fact, Statement
from chains.grounding.dates import DateMention, find_dates
from chains.grounding.names import names_in
from chains.grounding.numbers import NumberMention, asks, chunks, find_numbers, meeting_lengths, proposes
from chains.grounding.policy import DraftPolicy
from chains.grounding.reading import Reading, blank, read, statement_spans
from chains.grounding.support import Support
from chains.grounding.tables import any_of, phrases

# The day of the run is no claim: "what your team needs today".
_TODAY = "day:0"


@cache
def _times() -> re.Pattern[str]:
    unit = any_of("time_units")
    return re.compile(
        rf"(?<![\w.,:])(\d{{1,2}})(?:[:h.](\d{{2}}))?[ ]?({unit})(?![^\W_])|(?<![\w.,:])(\d{{1,2}}):(\d{{2}})(?![\w:])"
    )


class Claim(NamedTuple):
    """A number or date in subject or body, and the statements it stands in (none for the subject)."""

    where: str
    text: str
    number: NumberMention | None
    date: DateMention | None
    statements: tuple[int, ...]


class Claims:
    """The claims of a draft, and what supports each.

    Args:
        subject, body: The masked text.
        statements: The draft's statements.
        facts: Every fact of the account by id.
        as_of: The day of the run, from which relative dates count.
        policy: What may stand without a fact.
        language: What the draft is written in.
        spans_may_stand: Whether a span of time counted from today ("a year ago") may stand without a fact, as in what
            only the house reads.
    """

    def __init__(
        self,
        subject: str,
        body: str,
        statements: Sequence[Statement],
        facts: Mapping[str, Fact],
        as_of: dt.date,
        policy: DraftPolicy,
        language: str = "",
        *,
        spans_may_stand: bool = False,
    ) -> None:
        self._spans_may_stand = spans_may_stand
        self._statements = statements
        self._facts = facts
        self._as_of = as_of
        self._policy = policy
        self._language = language
        self._supports: dict[frozenset[str], Support] = {}
        self._body = read(body)
        self._spans = statement_spans(self._body.text, statements)
        self._all = self._support({fact_id for item in statements for fact_id in item.fact_ids})
        self.claims = [*self._claims("subject", read(subject)), *self._claims("body", self._body)]

    def numbers_supported(self) -> Check:
        """Every number is in a fact cited where it stands, counts cited records, or is allowed by policy."""
        bad = [claim for claim in self.claims if claim.number is not None and not self._supported(claim)]
        return _check("numbers_supported", _list(bad), "take out or cite a fact that holds it")

    def dates_supported(self) -> Check:
        """Every date, weekday and relative date fits a fact cited where it stands, or a day that may be proposed."""
        bad = [claim for claim in self.claims if claim.date is not None and not self._supported(claim)]
        return _check("dates_supported", _list(bad), "take out or cite a fact with that day")

    def statements_cover_body(self) -> Check:
        """Every statement stands in the body, and every number and date of the body stands in a statement."""
        missing = [f"statement {index}" for index, spans in enumerate(self._spans, start=1) if not spans]
        if missing:
            return _check("statements_cover_body", missing, "the statement's text must stand in the body word for word")
        bare = [
            claim
            for claim in self.claims
            if claim.where == "body" and not claim.statements and not self._allowed(claim)
        ]
        return _check("statements_cover_body", _list(bare), "make the sentence a statement that cites its facts")

    def _supported(self, claim: Claim) -> bool:
        if self._allowed(claim):
            return True
        support = self._all if claim.where == "subject" else self._support(self._cited(claim.statements))
        if claim.number is not None:
            return support.has_number(claim.number)
        return claim.date is not None and support.has_date(claim.date)

    def _allowed(self, claim: Claim) -> bool:
        if self._spans_may_stand and claim.date is not None and claim.date.relative:
            return True
        if claim.number is not None:
            return claim.number.kind == "plain" and not claim.number.values.isdisjoint(self._allowed_numbers())
        # A span of time may be proposed, not claimed: `_is_proposed` has let the proposals through.
        return claim.date is not None and not claim.date.relative and self._is_allowed_day(claim.date)

    def _is_allowed_day(self, date: DateMention) -> bool:
        return any(date.fits(day) for day in self._policy.allowed_dates)

    def _allowed_numbers(self) -> set[Decimal]:
        return {value for value in map(_number, self._policy.allowed_numbers) if value is not None}

    def _cited(self, statements: Iterable[int]) -> set[str]:
        return {fact_id for index in statements for fact_id in self._statements[index].fact_ids}

    def _support(self, fact_ids: Iterable[str]) -> Support:
        cited = frozenset(fact_ids)
        if cited not in self._supports:
            facts = [self._facts[fact_id] for fact_id in sorted(cited) if fact_id in self._facts]
            self._supports[cited] = Support(facts, self._as_of)
        return self._supports[cited]

    def _claims(self, where: str, reading: Reading) -> Iterator[Claim]:
        low = blank(reading.low, [*names_in(reading.text, self._policy.known_names), *self._allowed_spans(reading.low)])
        low = blank(low, list(self._identifiers(low)))
        low = blank(low, [match.span() for match in phrases("innocent").finditer(low)])
        dates = find_dates(Reading(reading.text, low), self._as_of)
        for date in dates:
            if date.relative == _TODAY or self._is_proposed(date, low):
                continue
            yield self._claim(where, reading, date.start, date.end, None, date)
        for number in find_numbers(blank(low, [(date.start, date.end) for date in dates]), self._language):
            yield self._claim(where, reading, number.start, number.end, number, None)

    def _claim(
        self, where: str, reading: Reading, start: int, end: int, number: NumberMention | None, date: DateMention | None
    ) -> Claim:
        inside: tuple[int, ...] = ()
        if where == "body":
            inside = tuple(
                index for index, spans in enumerate(self._spans) if any(a <= start and end <= b for a, b in spans)
            )
        return Claim(where, reading.text[start:end], number, date, inside)

    def _is_proposed(self, date: DateMention, low: str) -> bool:
        if not date.relative or not (proposes(low, date.start, date.end) or asks(low, date.end)):
            return False
        return date.relative in self._policy.meeting_periods or self._is_allowed_day(date)

    def _identifiers(self, low: str) -> Iterator[tuple[int, int]]:
        # A ticket's number is cited as a whole; its digits are no amount.
        return ((start, end) for start, end, text in chunks(low) if text in self._all.tokens)

    def _allowed_spans(self, low: str) -> Iterator[tuple[int, int]]:
        for start, end, minutes in meeting_lengths(low):
            if minutes in self._policy.meeting_minutes:
                yield start, end
        for match in _times().finditer(low):
            if _time_of_day(match) in self._policy.allowed_times:
                yield match.span()


def _time_of_day(match: re.Match[str]) -> str:
    hour, minute = int(match[1] or match[4]), int(match[2] or match[5] or 0)
    half = (match[3] or "").replace(".", "")
    if half == "pm" and hour < 12:
        hour += 12
    if half == "am" and hour == 12:
        hour = 0
    return f"{hour:02}:{minute:02}"


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text).normalize()
    except InvalidOperation:
        return None


def _list(claims: Sequence[Claim]) -> list[str]:
    return list(dict.fromkeys(f"{claim.where}: {claim.text.strip()}" for claim in claims))


def _check(name: str, bad: Sequence[str], mend: str) -> Check:
    return Check(name=name, passed=not bad, detail=f"{'; '.join(bad[:5])}: {mend}" if bad else "")

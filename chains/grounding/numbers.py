"""Numbers named in a text, in digits and words of four languages, with what they count: plain, percent, money."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Literal, NamedTuple

from chains.grounding.reading import blank
from chains.grounding.tables import LANGUAGES, any_of, compiled_tails, number_words, other_words, phrases, table

Kind = Literal["plain", "percent", "money"]

_DIGITS = re.compile(r"\d{1,3}(?:[.,’ \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?")
_CHUNK = re.compile(r"[^\s()\[\]{}\"“”„«»;!?,]*\d[^\s()\[\]{}\"“”„«»;!?]*")
_SCALE = re.compile(r"[ ]?(k|m|mio|mrd|bn|tsd|thousand|tausend|million(?:en|s)?|millones|mille|mil)(?![^\W_])")
_SCALES = {"k": 3, "tsd": 3, "thousand": 3, "tausend": 3, "mille": 3, "mil": 3, "bn": 9, "mrd": 9}
_WORD = re.compile(r"[^\W\d_]+")
_GAP = re.compile(r"[ -]{1,2}|[ ](?:and|und|et|y)[ ]|[ ](?:and )?a[ ]")
_FRACTION_CHAR = re.compile("[¼½¾⅐-⅞⁄]")
_GOES_ON = re.compile(r"\s*(?:it|this|that|es|das|dies|er|sie|il|elle|cela|ce|el|ella|esta?|esto)(?![^\W_])")
_SENTENCE_END = re.compile(r"[.!?](?=[ ]|$)")
_DURATION_UNIT = r"[ -]?(?:minutes?|mins?\.?|minuten\w*|minutig\w*|minuetig\w*|minutos?)(?![^\W_])"
_IN_FIGURES = re.compile(rf"(?<![\w.,/])(\d{{1,3}}){_DURATION_UNIT}")
_IN_WORDS = re.compile(rf"(?<![^\W_])([^\W\d_]+(?:[ -](?:and |et |y )?[^\W\d_]+)?){_DURATION_UNIT}")


_ONE = Decimal(1)
# "One" alone is mostly an article or a pronoun; after another number word it counts.
_ONES = frozenset({"one", "eins", "un", "une", "uno", "una"})
_JOINERS = frozenset({"and", "und", "et", "y", "a"})


class NumberMention(NamedTuple):
    """A number in a text; `values` are its possible readings ("1.234" has two)."""

    start: int
    end: int
    values: frozenset[Decimal]
    kind: Kind


def chunks(low: str) -> Iterator[tuple[int, int, str]]:
    """The runs without blanks that hold a digit, such as "CS-1042" or "2026-12-10", stripped of punctuation."""
    for match in _CHUNK.finditer(low):
        text = match.group().rstrip(".,:’'-–/")
        yield match.start(), match.start() + len(text), text


def find_numbers(low: str, language: str = "") -> list[NumberMention]:
    """Every number in figures and in words, and every "per cent" that has none.

    Args:
        low: The text in lower case without accents, from `read`.
        language: What the text is written in; words of all four languages count, unless they are ordinary here.
    """
    low = blank(low, [match.span() for match in phrases("not_numbers").finditer(low)])
    found = [*_figures(low), *_words(low, other_words(language))]
    taken = [(mention.start, mention.end) for mention in found]
    found += [
        NumberMention(match.start(), match.end(), frozenset(), "percent")
        for match in phrases("percent").finditer(low)
        if not any(start <= match.end() and match.start() <= end + 1 for start, end in taken)
    ]
    return sorted(found)


def _figures(low: str) -> Iterator[NumberMention]:
    for match in _DIGITS.finditer(low):
        values = _readings(match.group())
        scale = _SCALE.match(low, match.end())
        if scale:
            power = _SCALES.get(scale[1], 6)
            values = frozenset(value.scaleb(power) for value in values)
        end = scale.end() if scale else match.end()
        yield NumberMention(match.start(), end, values, _kind(low, match.start(), end))
    for match in _FRACTION_CHAR.finditer(low):
        value = unicodedata.numeric(match.group(), -1.0)
        yield NumberMention(match.start(), match.end(), frozenset({Decimal(str(value))}), "percent")


def _readings(text: str) -> frozenset[Decimal]:
    text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    bare = re.sub(r"[’ \u00a0\u202f]", "", text)
    options = {bare.replace(",", ""), bare.replace(".", "").replace(",", "."), re.sub(r"[.,]", "", bare)}
    if re.fullmatch(r"\d+[.,]\d+", bare) and not re.fullmatch(r"\d{1,3}[.,]\d{3}", bare):
        options = {bare.replace(",", ".")}
    return frozenset(value for value in map(_decimal, options) if value is not None)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text).normalize()
    except InvalidOperation:
        return None


def _kind(low: str, start: int, end: int) -> Kind:
    after = low[end : end + 24]
    if re.match(r"[ ]?[%‰٪]|[ -]?(?:" + _percent_words() + ")", after):
        return "percent"
    currency = rf"(?:[$€£¥₣₹]|{any_of('currencies')}(?![^\W_]))"
    if re.match(rf"[ ]?{currency}", after) or re.search(
        rf"(?<![^\W_]){currency}[ ]?$", low[max(0, start - 12) : start]
    ):
        return "money"
    return "plain"


@cache
def _percent_words() -> str:
    return "|".join(pattern for language in LANGUAGES for pattern in table(language)["percent"])


def _words(low: str, ordinary: frozenset[str] = frozenset()) -> Iterator[NumberMention]:
    found = list(_WORD.finditer(low))
    values = [None if match.group() in ordinary else number_value(match.group()) for match in found]
    tokens = [(match.start(), match.end(), value) for match, value in zip(found, values, strict=True)]
    at = 0
    while at < len(tokens):
        start, end, value = tokens[at]
        at += 1
        if value is None:
            continue
        parts = [value]
        while at < len(tokens):
            joiner = low[slice(*tokens[at][:2])] in _JOINERS
            joined = at + 1 if joiner and at + 1 < len(tokens) else at
            following = tokens[joined][2] or (_ONE if low[slice(*tokens[joined][:2])] in _ONES else None)
            if following is None or not _GAP.fullmatch(low, end, tokens[joined][0]):
                break
            parts.append(following)
            end, at = tokens[joined][1], joined + 1
        yield NumberMention(start, end, frozenset({_sum(parts), *_sole(parts)}), _kind(low, start, end))


@cache
def _german_tail() -> re.Pattern[str]:
    return compiled_tails(table("any")["german_tails"])


def number_value(word: str) -> Decimal | None:
    """The number that the word stands for, alone or as the first half of a German compound."""
    value = number_words().get(word)
    if value is not None:
        return value
    tail = _german_tail().search(word)
    return number_words().get(word[: tail.start()]) if tail and tail.start() else None


def _sole(parts: list[Decimal]) -> list[Decimal]:
    return parts if len(parts) == 1 else []


def _sum(parts: list[Decimal]) -> Decimal:
    total, current = Decimal(0), Decimal(0)
    for part in parts:
        if part == 100 or (part == 20 and current == 4):
            current = max(Decimal(1), current) * part
        elif part >= 1000:
            total, current = total + max(Decimal(1), current) * part, Decimal(0)
        else:
            current += part
    return (total + current).normalize()


def meeting_lengths(low: str) -> Iterator[tuple[int, int, int]]:
    """Where a length of time stands in one sentence with the word for a meeting: start, end and minutes."""
    return ((start, end, minutes) for start, end, minutes in _lengths(low) if proposes(low, start, end))


def asks(low: str, end: int) -> bool:
    """Whether the sentence in which the stretch ends is a question."""
    rest = _SENTENCE_END.split(low[end:])[0]
    return low[end + len(rest) :][:1] == "?"


def proposes(low: str, start: int, end: int) -> bool:
    """Whether the stretch stands near the word for a meeting, in the same sentence."""
    *earlier, before = _SENTENCE_END.split(low[max(0, start - 180) : start])
    before = before[-90:]
    if earlier and _GOES_ON.match(before):  # "We propose a review. It takes 30 minutes."
        before = f"{earlier[-1]} {before}"
    after = _SENTENCE_END.split(low[end : end + 90])[0]
    return bool(phrases("proposal_words").search(f"{before} ") or phrases("proposal_words").search(f" {after}"))


def _lengths(low: str) -> Iterator[tuple[int, int, int]]:
    for match in _IN_FIGURES.finditer(low):
        yield match.start(), match.end(), int(match[1])
    for match in _IN_WORDS.finditer(low):
        mentions = list(_words(match[1]))
        if len(mentions) == 1 and mentions[0].end == len(match[1]):
            value = next(iter(mentions[0].values))
            if value == int(value):
                yield match.start() + mentions[0].start, match.end(), int(value)
    for key, minutes in (("half_hour", 30), ("hour", 60)):
        for match in phrases(key).finditer(low):
            yield match.start(), match.end(), minutes

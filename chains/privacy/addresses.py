"""Postal street addresses, told by how English, German, French, Spanish and neighbouring languages write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from functools import cache
from typing import NamedTuple

from chains.privacy.lexicon import either, first_words, shapes
from chains.privacy.spans import Span

ADDRESS = "[[address]]"
_RANK = 5

_CAP = r"[^\W\d_a-zà-ÿ][\w'’.-]{0,30}"
_HOUSE = r"\d{1,5}(?:[ ]?[a-zA-Z](?![\w]))?(?:[ ]?[-/–][ ]?\d{1,4}[a-zA-Z]?)?(?![\w])"
_OF_FRENCH = r"(?:(?:de|du|des|la|le|les|aux?|en|sur)[ ]|[dl]['’])*"
_OF_SPANISH = r"(?:(?:de|del|la|las|los|el|y|da|do|dos|das)[ ])*"
_POSTCODE = (
    r"(?:[A-Z]{1,3}-)?(?:\d{4,6}|\d{2,3}[ -]\d{2,3}|[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}|\d{4}[ ]?[A-Z]{2})(?![\w])"
)
_TOWN = rf"{_CAP}(?:[ -](?:(?:am|an der|im|bei|sur|sous|les?|la|de|del|upon|on|ob der)[ -])?{_CAP}){{0,3}}"
_GAP = r"(?:\s?,\s?|[ ]?\n\s?|[ ]|[ ]?[-–·|][ ])"
_BEFORE_NUMBER = re.compile(r"[^\W\d_]\.? (?=\d)")
_POSTCODE_LIKE = re.compile(r"(?<!\d)\d{4,5}(?!\d)")


class _Forms(NamedTuple):
    number_first: re.Pattern[str]
    number_last: re.Pattern[str]
    preposition: re.Pattern[str]
    kind_first: re.Pattern[str]
    box: re.Pattern[str]
    tail: re.Pattern[str]


@cache
def _forms() -> _Forms:
    english = rf"\d{{1,5}}[a-zA-Z]?,?[ ](?:{_CAP}[ ]){{1,4}}{either('streets_after_number')}\b\.?"
    french = (
        rf"\d{{1,4}}(?:[ ]?(?:bis|ter|quater)\b)?,?[ ]{either('french_streets')}[ ]{_OF_FRENCH}"
        rf"{_CAP}(?:[ -]{_OF_FRENCH}{_CAP}){{0,4}}"
    )
    ending = either("street_endings")
    spanish = (
        rf"(?<![\w-]){either('streets_before_name')}[ ]?{_OF_SPANISH}{_CAP}(?:[ ]{_OF_SPANISH}{_CAP}){{0,4}}"
        r",?[ ](?:n(?:úm|[.º°]|o\.?)?\.?[ ]?[º°]?[ ]?)?\d{1,4}[a-zA-Z]?(?![\w])"
    )
    return _Forms(
        number_first=re.compile(rf"(?<![\w.,:/-])(?:{english}|{french})"),
        number_last=re.compile(
            rf"(?<![\w-])(?:(?:{_CAP}[ -]){{0,3}}[^\W\d_][\w.-]{{1,30}}|(?:{_CAP}[ -]){{1,3}}){ending}[ ]{_HOUSE}"
        ),
        preposition=re.compile(
            rf"\b{either('street_prepositions')}[ ]{_CAP}(?:[ ]{_CAP})?[ ]\d{{1,4}}[a-z]?"
            r"(?=,?\s*(?:D-|A-|CH-)?\d{4,5}\b)"
        ),
        kind_first=re.compile(spanish),
        box=re.compile(rf"\b{either('boxes')}[ ]\d[\d ]{{0,8}}\d?|\bB\.?P\.?[ ]\d{{1,5}}(?=,?\s+\d{{5}})"),
        tail=_tail(),
    )


def _tail() -> re.Pattern[str]:
    flat = rf"(?:{either('flats')}\.?[ ]?#?[\w-]{{1,6}}|\d{{1,2}}(?:st|nd|rd|th)[ ](?i:floor)|\d{{1,2}}\.?[ºª°][ ]?\w?)"
    code_town = rf"{_GAP}{_POSTCODE}[ ]{_TOWN}"
    town_code = rf"{_GAP}?(?:,[ ]?|\n\s?){_TOWN}(?:,?[ ][A-Z]{{2}})?,?[ ]{_POSTCODE}"
    town = rf",[ ]?{_TOWN}(?=[,.\n]|$)(?:,[ ]?{_TOWN}(?=[.\n]|$))?"
    return re.compile(rf"(?:{_GAP}{flat}){{0,2}}(?:{code_town}|{town_code}|{town})?")


def street_addresses(text: str, folded: Set[str]) -> Iterator[Span]:
    """Street and house number, with what follows of flat, postcode and town.

    Args:
        text: The text to read.
        folded: The text's words, folded; forms none of whose words occur are not tried.
    """
    tail = _forms().tail
    for form in _forms_tried(text, folded):
        for match in form.finditer(text):
            after = tail.match(text, match.end())
            yield Span(match.start(), after.end() if after else match.end(), ADDRESS, _RANK)


def _forms_tried(text: str, folded: Set[str]) -> Iterator[re.Pattern[str]]:
    forms = _forms()
    if not folded.isdisjoint(first_words("streets_after_number") | first_words("french_streets")):
        yield forms.number_first
    if not folded.isdisjoint(first_words("streets_before_name")):
        yield forms.kind_first
    if not folded.isdisjoint(first_words("boxes")) or "B.P" in text or "BP" in text:
        yield forms.box
    endings = shapes("street_endings")
    if any(text[max(0, m.start() - 12) : m.end() - 1].lower().endswith(endings) for m in _BEFORE_NUMBER.finditer(text)):
        yield forms.number_last
    if not folded.isdisjoint(first_words("street_prepositions")) and _POSTCODE_LIKE.search(text):
        yield forms.preposition

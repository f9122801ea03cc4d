"""One spelling for names and words however they are typed: case, accents, width, look-alike letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

WORD = re.compile(r"[^\W\d_]+")

# Cyrillic and Greek letters drawn like Latin ones. Source: Unicode confusables (UTS 39), the common subset.
_LOOK_ALIKES = (
    "аa вb еe ёe іi кk мm нh оo пn рp сc тt уy хx ѕs јj ԁd һh ԛq ԝw ӏl үy гr АA ВB ЕE ІI КK МM НH ОO РP СC ТT УY ХX "
    "ЅS ЈJ ԚQ ԜW ҮY αa εe ιi κk νv οo ρp τt υu χx γy ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ıi łl ŁL øo ØO đd ĐD"
)
_LOOK_ALIKE_TABLE = str.maketrans({pair[0]: pair[1] for pair in _LOOK_ALIKES.split()})
_TRANSLITERATED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe"}
)
_MARKS = re.compile("[\u0300-\u036f]+")


def words(text: str) -> Iterator[re.Match[str]]:
    """The runs of letters in the text, in order; digits, underscores and signs separate them."""
    return WORD.finditer(text)


def plain(text: str) -> str:
    """The text in one width and alphabet, look-alike letters read as Latin, accents and case kept."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).translate(_LOOK_ALIKE_TABLE)


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """The word in lower case without accents, in one width, look-alike letters read as Latin."""
    if word.isascii():
        return word.lower()
    text = plain(word).casefold()
    return _MARKS.sub("", unicodedata.normalize("NFD", text)).translate(_LOOK_ALIKE_TABLE)


def written(word: str) -> str:
    """The word in lower case with its accents, ß as ss."""
    return word.lower() if word.isascii() else unicodedata.normalize("NFC", word).casefold()


@lru_cache(maxsize=65536)
def spellings(word: str) -> tuple[str, ...]:
    """Every folded spelling of a name: without accents, and transliterated (Müller: muller, mueller)."""
    folded = fold(word)
    if word.isascii():
        return (folded,)
    other = fold(unicodedata.normalize("NFC", word).lower().translate(_TRANSLITERATED))
    return (folded,) if other == folded else (folded, other)

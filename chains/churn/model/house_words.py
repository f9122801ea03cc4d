"""Whether a sentence for the house keeps to the matter: a customer, a product, what happened, what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from chains.grounding.reading import lowered, read
from chains.grounding.vocabulary import is_known, is_refused, is_small, requests, stems_of

_ENGLISH = "en"
_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ANY_WORD = re.compile(r"[^\W\d_]{3,}")
_SEPARATORS = re.compile(r"[\s,;:()\"“”„«»–—]+")
# A text about a customer speaks to nobody: of 422 sentences that careful readers wrote, none did.
_SPEAKS_TO_SOMEBODY = re.compile(r"\b(?:you|your|yours|yourself|please|dear|ladies|gentlemen|click|subscribe)\b", re.I)
_LONG_WORD = 18
_LONGEST_NAME = 6
# What is left where an abbreviation was taken for the end of a sentence.
_LONGEST_SCRAP = 20
# Of the words with a meaning, in the same sentences: 29% at most are not a supplier's, before those of the lines count.
_MOST_STRANGE_RATIO = 0.3
_LEAST_STRANGE = 2
_WORDS_OF_RISK = """
    abandoned angered anger angers angrily angry binding bitter bitterly blame champion charge churn competitor
    competitors computed credit debt departure despite doubt dwindled elsewhere exit faded grievance halved idle leaver
    money overdue rise rises rising risk risks risky rival scorecard shrunk slipped slipping sour sponsor successor
    threat threaten threatened threatens threats win
"""
_OF_RISK = frozenset(_WORDS_OF_RISK.split())


def off_the_matter(text: str, lines: Iterable[str], names: Iterable[str]) -> Iterator[str]:
    """What is wrong with sentences that are about something else, or are written to somebody.

    Args:
        text: What the model wrote, in English.
        lines: What it was given; their words are of the matter.
        names: The customers that may be named.
    """
    known = [name for name in names if name]
    # A sentence that poses as a name gives a right to none of its words, wherever the name stands.
    real = [name for name in known if len(_WORD.findall(name)) <= _LONGEST_NAME]
    told = [*map(partial(_without, names=known), lines), *real]
    lifted = {form for line in told for word in _WORD.findall(line) for form in _forms(word)}
    for number, sentence in enumerate(_SENTENCES.split(" ".join(text.split())), start=1):
        if found := _wrong(sentence, lifted):
            yield f"sentence {number} {found}"


def _without(line: str, names: Sequence[str]) -> str:
    for name in names:
        line = line.replace(name, " ")
    return line


def _wrong(sentence: str, lifted: set[str]) -> str:
    if not _ANY_WORD.search(sentence):
        return "is no sentence" if len(sentence) > _LONGEST_SCRAP else ""
    if _SPEAKS_TO_SOMEBODY.search(sentence):
        return "speaks to somebody: write about the customer"
    flat = _SEPARATORS.sub(" ", read(sentence).low)
    if any(pattern.search(flat) for pattern in requests().values()):
        return "asks for something that is never asked"
    content = [word for word in _WORD.findall(sentence) if not is_small(word.lower(), _ENGLISH)]
    strange = [word for word in content if _is_strange(word, lifted)]
    never = any(is_refused(word.lower(), _ENGLISH) == "never" or len(word) > _LONG_WORD for word in strange)
    if never or (len(strange) >= _LEAST_STRANGE and len(strange) > _MOST_STRANGE_RATIO * len(content)):
        return "is not about this customer and our service: leave it out, or use plainer words"
    return ""


def _is_strange(word: str, lifted: set[str]) -> bool:
    low = word.lower()
    return not (low in _OF_RISK or is_known(low, _ENGLISH) or not lifted.isdisjoint(_forms(word)))


def _forms(word: str) -> set[str]:
    low = word.lower()
    return {lowered(low), *stems_of(low, _ENGLISH)}

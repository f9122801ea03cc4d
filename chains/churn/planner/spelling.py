"""Reads mistyped words as the word most likely meant, and tells the language of a question."""

from __future__ import annotations

from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import filler, keywords, known_words, short_forms, telltale, word_set
from chains.churn.planner.territories import country_words

_SHORTEST = 5
_MOST_WORDS = 400
_FEW = 12


def correct_spelling(reading: Reading, language: str) -> None:
    """Replace open words that are no known word by a keyword one or two letters away."""
    for at, word in enumerate(reading.words[:_MOST_WORDS]):
        if not (reading.is_open(at) and word.isalpha()):
            continue
        right = short_forms().get(word, "") if language == "en" else ""
        right = right or (_meant(word) if len(word) >= _SHORTEST else "")
        if right:
            reading.replace(at, right)


def language_of(reading: Reading) -> str:
    """The language the question is written in: en unless others' everyday words prevail."""
    words = reading.words
    counts = {language: sum(word in telltale(language) for word in words) for language in ("de", "fr", "es")}
    best = max(counts, key=lambda language: counts[language])
    if counts[best] >= 2 and counts[best] > sum(word in word_set("spelling_english") for word in words):
        return best
    return _language_of_few(words)


def _language_of_few(words: list[str]) -> str:
    """The language of a question of a few words, which one everyday word may give away ("nur SMB")."""
    if len(words) > _FEW:
        return "en"
    english = filler("en")
    scores = {
        language: sum(
            (word in filler(language)) + (word in telltale(language)) for word in words if word not in english
        )
        for language in ("de", "fr", "es")
    }
    best = max(scores, key=lambda language: scores[language])
    plainly_english = sum(word in english and word not in filler(best) for word in words)
    return best if scores[best] > plainly_english else "en"


@lru_cache(maxsize=4096)
def _meant(word: str) -> str:
    if word in known_words() or word in country_words():
        return ""
    allowed = 1 if len(word) < 8 else 2
    found = process.extract(word, _targets(word[0]), scorer=OSA.distance, score_cutoff=allowed, limit=1)
    if not found:
        return ""
    right = found[0][0]
    if len(word) == _SHORTEST and len(right) == len(word) and sorted(right) != sorted(word):
        return ""
    return right


@cache
def _targets(letter: str) -> tuple[str, ...]:
    return tuple(word for word in keywords() if word[0] == letter)

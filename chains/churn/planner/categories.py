"""Finds segments and industries: the payload's spellings and what people say for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chains.churn.planner.phrases import Found, PhraseTable
from chains.churn.planner.reading import Reading, folded
from chains.churn.planner.tables import table
from chains.churn.planner.vocabulary import Vocabulary

CUSTOMER_NOUNS = (
    r"(?:customers?|accounts?|clients?|compan(?:y|ies)|business(?:es)?|logos?|firms?|organi[sz]ations?|ones?"
    r"|kund(?:e|en)|konten|unternehmen|firmen|clientes?|cuentas?|comptes?|entreprises?|empresas?|manufacturers?"
    r"|retailers?|banks?)"
)


@dataclass(frozen=True, slots=True)
class Category:
    """A segment or industry: its `values` in the payload, or its usual name when the payload has none."""

    kind: str
    name: str
    values: tuple[str, ...]
    missing: bool = False


def segments_in(reading: Reading, vocabulary: Vocabulary) -> list[Found[Category]]:
    """The segments the question names by a name that leaves no doubt."""
    return list(_phrases("segment", vocabulary.segments).find(reading))


def industries_in(reading: Reading, vocabulary: Vocabulary) -> list[Found[Category]]:
    """The industries the question names."""
    return list(_phrases("industry", vocabulary.industries).find(reading))


def guessed_segments_in(reading: Reading, vocabulary: Vocabulary) -> list[tuple[Found[Category], str]]:
    """Segments that a word such as "large" is read as, with what to say of it."""
    found = []
    for name, entry in table("categories")["segments"].items():
        category = _category("segment", name, entry, vocabulary.segments)
        words = "|".join(entry["guesses"])
        for hit in reading.find(rf"({words})(?=(?: \S+){{0,3}}? {CUSTOMER_NOUNS}(?: |$)| ~)"):
            said = reading.original(hit.first, hit.first + 1)
            note = f'"{said.capitalize()}" customers are read as the segment {" or ".join(category.values)}.'
            found.append((Found(hit.first, hit.first + 1, category), note))
    return found


@lru_cache(maxsize=64)
def _phrases(kind: str, values: tuple[str, ...]) -> PhraseTable[Category]:
    concepts: Mapping[str, Mapping[str, Any]] = table("categories")["segments" if kind == "segment" else "industries"]
    # A value of two letters ("IT") would be found in every pronoun.
    entries = [(_plain(value), _spelt(kind, value, concepts, values)) for value in values if len(_plain(value)) > 2]
    present: list[tuple[str, Category]] = []
    absent: list[tuple[str, Category]] = []
    for name, entry in concepts.items():
        category = _category(kind, name, entry, values)
        if category.missing and "instead" in entry:
            category = _category(kind, entry["instead"], concepts[entry["instead"]], values)
        bucket = absent if category.missing else present
        bucket += [(folded(word), category) for word in entry["words"]]
    return PhraseTable([*entries, *present, *absent])


def _spelt(kind: str, value: str, concepts: Mapping[str, Mapping[str, Any]], values: tuple[str, ...]) -> Category:
    for name, entry in concepts.items():
        if _plain(value) in entry["names"]:
            return _category(kind, name, entry, values)
    return Category(kind, value, (value,))


def _category(kind: str, name: str, entry: Mapping[str, Any], values: Sequence[str]) -> Category:
    spelt = tuple(value for value in values if _plain(value) in entry["names"])
    return Category(kind, name, spelt or (name,), missing=not spelt)


def _plain(value: str) -> str:
    kept = "".join(letter if letter.isalnum() else " " for letter in folded(value))
    return " ".join("and" if word == "&" else word for word in kept.split())

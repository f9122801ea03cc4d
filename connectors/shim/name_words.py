"""The words of persons' names, in every spelling that people type; titles, degrees and particles name nobody."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from connectors.toolkit.folding import WORD, fold, spellings, written
from connectors.toolkit.ordinary_words import ordinary_spellings, ordinary_words

_DIGRAPH = re.compile("([aou])e")
_PARTICLE_WORDS = """
von van der den de del della di da das do dos du des la le les las los zu zum zur ten ter af av bin ibn el al
"""
_FORMS_OF_ADDRESS_WORDS = """
herr herrn hr frau fr mr mrs ms mx miss mister mme mlle madame monsieur señor señora sra dr
"""
_DEGREES = """
prof professor mag ing dipl med jur rer nat phil habil mba msc bsc phd llm esq jr sr ii iii iv fräulein srta dott signor
signora
"""
PARTICLES = frozenset(_PARTICLE_WORDS.split())
FORMS_OF_ADDRESS = frozenset(map(fold, _FORMS_OF_ADDRESS_WORDS.split()))
TITLES = FORMS_OF_ADDRESS | frozenset(map(fold, _DEGREES.split()))
_LEAST_SPELT_OUT = 5


class Person(NamedTuple):
    """What the records hold of one person; `account_id` is where single names count, "" everywhere."""

    account_id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""


def name_parts(person: Person) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """The words of the first and of the last name, each with its spellings; titles and particles left out."""
    first_name, last_name = person.first_name, person.last_name
    if not (first_name and last_name):
        whole = first_name or last_name
        last_name, comma, first_name = whole.partition(",")
        if not comma:
            first_name, _, last_name = _untitled(whole).rpartition(" ")
    return _name_words(first_name), _name_words(last_name)


def _untitled(name: str) -> str:
    kept = [word for word in name.split() if fold(word.strip(".,")) not in TITLES]
    return " ".join(kept) if kept else name


def _name_words(name: str) -> list[tuple[str, ...]]:
    words = [match.group() for match in WORD.finditer(name)]
    for left_out in (TITLES, PARTICLES):
        words = [word for word in words if fold(word) not in left_out] or words
    return [tuple(_spelt_all(word)) for word in words]


@lru_cache(maxsize=65_536)
def _spelt_all(word: str) -> tuple[str, ...]:
    """Folded spellings: without accents first, transliterated, and with spelt-out umlauts as plain vowels."""
    found = dict.fromkeys(spellings(word))
    found |= dict.fromkeys(_DIGRAPH.sub(r"\1", one) for one in spellings(word) if len(one) >= _LEAST_SPELT_OUT)
    return tuple(found)


def spelt(word: str) -> frozenset[str]:
    """Every folded spelling of a word, the same for all of them."""
    return frozenset(_spelt_all(word))


def is_ordinary(word: str) -> bool:
    """Whether the word names nobody by itself."""
    if fold(word) not in ordinary_words():
        return False
    return word.isascii() or written(word) in ordinary_spellings()

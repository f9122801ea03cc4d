"""Company names made ready for looking up: their words without legal form, and which accounts bear them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from chains.churn.planner.reading import folded
from chains.churn.planner.tables import word_set

# Parts of a legal form that are no part of a name only at its end.
_ONLY_FIRST = frozenset({"the", "grupo", "societe"})
_WORD = re.compile(r"[^\W_]+(?:&[^\W_]+)*|&")

CLOSE_NAME = 84
CLOSE_WORD = 72


@dataclass(frozen=True, slots=True)
class NameMatch:
    """Accounts (by number) whose names fit `length` words; `whole` when nothing of the name is missing."""

    numbers: tuple[int, ...]
    length: int
    whole: bool


def name_words(name: str) -> list[str]:
    """The folded words of a company's name."""
    return ["and" if word == "&" else word for word in _WORD.findall(folded(name).replace("'", " "))]


def without_legal_form(words: Sequence[str]) -> tuple[str, ...]:
    """The name's words without GmbH, Inc and the like at its end, and without an article at its start."""
    first, last = 0, len(words)
    while last - first > 1 and words[last - 1] in word_set("legal_forms") and words[last - 1] not in _ONLY_FIRST:
        last -= 1
    while last - first > 1 and words[first] in _ONLY_FIRST:
        first += 1
    return tuple(words[first:last])


class NameIndex:
    """Finds accounts by their ids, by whole, shortened or mistyped names."""

    def __init__(self, accounts: Sequence[tuple[str, str]]) -> None:
        self._accounts = accounts
        self._words = [name_words(name) for _, name in accounts]
        self.cores = [without_legal_form(words) for words in self._words]
        self.by_id = {account_id.lower(): number for number, (account_id, _) in enumerate(accounts)}
        self._by_word: dict[str, list[int]] = {}
        for number, core in enumerate(self.cores):
            for word in core[:3]:
                self._by_word.setdefault(word, []).append(number)
            if core != tuple(self._words[number]):
                self._by_word.setdefault(self._words[number][0], []).append(number)

    def __contains__(self, word: str) -> bool:
        return word in self._by_word

    def account_id(self, number: int) -> str:
        """The id of the account at that place."""
        return self._accounts[number][0]

    def name(self, number: int) -> str:
        """The name of the account at that place."""
        return self._accounts[number][1]

    def match_at(self, words: Sequence[str], at: int) -> NameMatch | None:
        """The longest run of words from `at` on that begins the name of some accounts."""
        best: dict[tuple[int, bool], list[int]] = {}
        for number in dict.fromkeys(self._by_word.get(words[at], ())):
            for name in (self._words[number], self.cores[number]):
                length = _shared(words, at, name)
                if length:
                    whole = length >= len(self.cores[number]) and words[at : at + length] == list(name[:length])
                    best.setdefault((length, whole), []).append(number)
        if not best:
            return None
        (length, whole), numbers = max(best.items())
        return NameMatch(tuple(dict.fromkeys(numbers)), length, whole)

    def inner_match(self, word: str) -> tuple[int, ...]:
        """Accounts in whose name the word stands, though not first."""
        return tuple(n for n in dict.fromkeys(self._by_word.get(word, ())) if self.cores[n][0] != word)

    def close_names(self, words: Sequence[str]) -> list[tuple[float, int]]:
        """Accounts whose names (or their beginnings) are much like the words, as (likeness 0 to 100, number)."""
        spoken = " ".join(words)
        found = process.extract(
            spoken, self._beginnings(len(words)), scorer=fuzz.ratio, score_cutoff=CLOSE_NAME, limit=8
        )
        near = []
        for text, score, number in found:
            pairs = zip(words, text.split(), strict=False)
            if all(fuzz.ratio(spoken_word, word) >= CLOSE_WORD for spoken_word, word in pairs):
                near.append((score, number))
        return near

    def close_words(self, word: str) -> tuple[tuple[int, ...], int]:
        """Accounts whose name starts with a word like this one, and how many letters differ."""
        allowed = 1 if len(word) < 8 else 2
        found = process.extract(word, self._leading, scorer=OSA.distance, score_cutoff=allowed, limit=3)
        if not found:
            return (), allowed + 1
        least = int(min(distance for _, distance, _ in found))
        near = [text for text, distance, _ in found if distance == least and text[0] == word[0]]
        return tuple(n for text in near for n in self._by_word[text] if self.cores[n][0] == text), least

    @cached_property
    def _leading(self) -> list[str]:
        return sorted({core[0] for core in self.cores if core and len(core[0]) >= 4})

    @cached_property
    def _beginnings_by_length(self) -> dict[int, list[str]]:
        return {}

    def _beginnings(self, length: int) -> list[str]:
        if length not in self._beginnings_by_length:
            self._beginnings_by_length[length] = [" ".join(core[:length]) for core in self.cores]
        return self._beginnings_by_length[length]


def _shared(words: Sequence[str], at: int, name: Sequence[str]) -> int:
    length = 0
    while length < len(name) and at + length < len(words) and words[at + length] == name[length]:
        length += 1
    return length

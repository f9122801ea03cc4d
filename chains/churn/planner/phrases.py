"""Looks up phrases of several words in a reading, the longest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from chains.churn.planner.reading import Reading

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Found(Generic[Value]):
    """A phrase that stands at words `first` up to `last`, and what it means."""

    first: int
    last: int
    value: Value


class PhraseTable(Generic[Value]):
    """Phrases of folded words and what each means; the first meaning given to a phrase holds."""

    def __init__(self, entries: Iterable[tuple[str, Value]]) -> None:
        self._by_first: dict[str, list[tuple[list[str], Value]]] = {}
        seen: set[str] = set()
        for phrase, value in entries:
            words = phrase.split()
            if words and phrase not in seen:
                seen.add(phrase)
                self._by_first.setdefault(words[0], []).append((words, value))
        for options in self._by_first.values():
            options.sort(key=lambda option: -len(option[0]))

    def find(self, reading: Reading) -> Iterator[Found[Value]]:
        """Every phrase whose words are all open, left to right, none overlapping another."""
        at = 0
        while at < len(reading):
            found = self.at(reading, at)
            if found:
                yield found
            at = found.last if found else at + 1

    def at(self, reading: Reading, at: int) -> Found[Value] | None:
        """The longest phrase that starts at the word, or None."""
        for words, value in self._by_first.get(reading.words[at], ()):
            last = at + len(words)
            if reading.words[at:last] == words and not any(reading.taken[at:last]):
                return Found(at, last, value)
        return None

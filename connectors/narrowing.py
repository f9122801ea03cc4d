"""Which accounts a question needs at all, said in a system's own words as far as these are sure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.canonical import SEGMENT, STATUS, canonical
from connectors.conversion import folded_word
from connectors.mapping import FieldMapping

_NO_WORDS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Narrowing:
    """The only regions, segments and statuses to read, in canonical words and any case of letters; empty means all."""

    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.regions or self.segments or self.statuses)

    def keeps(self, account: Mapping[str, Any]) -> bool:
        """Whether a mapped account is one of these; one without a status is active."""
        return all(
            _meaning(account.get(name) or ("active" if name == "status" else ""), words) in wanted
            for name, words, wanted in self._tests()
        )

    def pushed_down(self, fields: Iterable[FieldMapping]) -> dict[str, tuple[str, ...]]:
        """Column to the words that mean what is wanted; a field is left out where other words could mean it too."""
        by_name = {mapped.name: mapped for mapped in fields}
        only = {}
        for name, words, wanted in self._tests():
            mapped = by_name.get(name)
            # Many systems leave the status of an active customer empty, and no word finds what is empty.
            if mapped is None or mapped.path is None or not mapped.path.plain or "active" in wanted:
                continue
            spellings = sorted(_spellings(mapped, words, wanted))
            if spellings and _all_known(mapped, words, wanted):
                only[mapped.path.plain] = tuple(spellings)
        return only

    def _tests(self) -> Iterator[tuple[str, Mapping[str, str], frozenset[str]]]:
        for name, words, wanted in (
            ("region", _NO_WORDS, self.regions),
            ("segment", SEGMENT, self.segments),
            ("status", STATUS, self.statuses),
        ):
            if wanted:
                yield name, words, frozenset(_meaning(word, words) for word in wanted)


def _meaning(word: Any, words: Mapping[str, str]) -> str:
    return canonical(str(word), words).casefold()


def _all_known(mapped: FieldMapping, words: Mapping[str, str], wanted: frozenset[str]) -> bool:
    """Whether no unlisted and no absent word can mean what is wanted."""
    options = mapped.options
    open_ended = [meaning for meaning in (*options.otherwise, options.values.get("")) if meaning is not None]
    return not any(_meaning(meaning, words) in wanted for meaning in open_ended)


def _spellings(mapped: FieldMapping, words: Mapping[str, str], wanted: frozenset[str]) -> Iterator[str]:
    options = mapped.options
    for word in options.written:
        meaning = options.values[folded_word(word)]
        if meaning is not None and _meaning(meaning, words) in wanted:
            yield from _variants(word)
    for word in {*wanted, *(word for word, meaning in words.items() if meaning.casefold() in wanted)}:
        for variant in _variants(word):
            if folded_word(variant) not in options.values:
                yield variant


def _variants(word: str) -> set[str]:
    """A word as systems that heed capitals may write it."""
    spaced = {word, word.replace(" ", "_"), word.replace(" ", "-"), word.replace("_", " ").replace("-", " ")}
    return {
        variant for one in spaced for variant in (one, one.lower(), one.upper(), one.title(), one.capitalize()) if one
    }

"""What one word may trigger, worked out once per distinct word and remembered."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from chains.churn.tickets.lexicon import Cue, Lexicon

MAX_WORDS = 50_000
_MAX_WORD_CHARS = 40
_MIN_MISSPELT_CHARS = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """A word's own cues, the needs of gates it meets (bits as in `Lexicon.needs`), and the word meant.

    `meant` is "" for a word that is spelt well.
    """

    cues: tuple[Cue, ...]
    needs: int
    meant: str = ""


class Vocabulary(dict[str, Entry | None]):
    """Maps every word to its entry, or to None when it means nothing here; learns words as they come, bounded."""

    def __init__(self, lexicon: Lexicon, most_words: int = MAX_WORDS) -> None:
        super().__init__()
        self._lexicon = lexicon
        self._most_words = most_words
        keys = dict.fromkeys([*lexicon.cues, *lexicon.needs])
        self._prefixes = {key[:-1] for key in keys if key.endswith("*") and not key.startswith("~")}
        self._shortest = min(map(len, self._prefixes), default=1)
        self._parts = [key[1:] for key in keys if key.startswith("~")]
        self._misspelt: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(lexicon.often_misspelt):
            self._misspelt[word[0]].append(word)
        self._known = lexicon.often_misspelt.union(*lexicon.function_words.values())

    def __missing__(self, word: str) -> Entry | None:
        if len(word) > _MAX_WORD_CHARS or (word.isdigit() and len(word) > 4):
            return None
        if len(self) >= self._most_words:
            self.clear()
        entry = self._look_up(word) or self._correct(word)
        self[word] = entry
        return entry

    def _look_up(self, word: str) -> Entry | None:
        keys = [word]
        keys += [f"{word[:size]}*" for size in range(self._shortest, len(word) + 1) if word[:size] in self._prefixes]
        keys += [f"~{part}" for part in self._parts if part in word]
        cues = [cue for key in keys for cue in self._lexicon.cues.get(key, ())]
        needs = 0
        for key in keys:
            needs |= self._lexicon.needs.get(key, 0)
        return Entry(tuple(dict.fromkeys(cues)), needs) if cues or needs else None

    def _correct(self, word: str) -> Entry | None:
        if len(word) < _MIN_MISSPELT_CHARS or word in self._known:
            return None
        for candidate in self._misspelt.get(word[0], ()):
            if OSA.distance(word, candidate, score_cutoff=1) <= 1:
                entry = self._look_up(candidate)
                return Entry(entry.cues, entry.needs, candidate) if entry else None
        return None

"""What one word may trigger, worked out once per distinct word and remembered."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from chains.churn.tickets.cleaning import BREAK
from chains.churn.tickets.lexicon import Cue, Gate, Lexicon

_MAX_WORDS = 50_000
_MAX_WORD_CHARS = 40
_MIN_MISSPELT_CHARS = 7


@dataclass(frozen=True, slots=True)
class Entry:
    """The cues a word is by itself, the gates it opens, and the word it was probably meant to be ("" when spelt well)."""

    cues: tuple[Cue, ...]
    gates: tuple[Gate, ...]
    meant: str = ""


END = Entry((), ())  # what the end of a sentence is

class Vocabulary(dict[str, Entry | None]):
    """Maps every word to its entry, or to None when it means nothing here; learns words as they come, bounded."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self._lexicon = lexicon
        anchors = dict.fromkeys([*lexicon.cues, *lexicon.gates])
        self._prefixes = {anchor[:-1] for anchor in anchors if anchor.endswith("*") and not anchor.startswith("~")}
        self._shortest = min(map(len, self._prefixes), default=1)
        self._parts = [anchor[1:] for anchor in anchors if anchor.startswith("~")]
        self._misspelt: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(lexicon.often_misspelt):
            self._misspelt[word[0]].append(word)
        self._known = lexicon.often_misspelt.union(*lexicon.function_words.values())

    def __missing__(self, word: str) -> Entry | None:
        if len(word) > _MAX_WORD_CHARS or word.isdigit():
            return None
        if len(self) >= _MAX_WORDS:
            self.clear()
        if word == BREAK:
            self[word] = END
            return END
        entry = self._look_up(word) or self._correct(word)
        self[word] = entry
        return entry

    def _look_up(self, word: str) -> Entry | None:
        anchors = [word]
        anchors += [
            f"{word[:size]}*" for size in range(self._shortest, len(word) + 1) if word[:size] in self._prefixes
        ]
        anchors += [f"~{part}" for part in self._parts if part in word]
        cues = [cue for anchor in anchors for cue in self._lexicon.cues.get(anchor, ())]
        gates = [gate for anchor in anchors for gate in self._lexicon.gates.get(anchor, ())]
        return Entry(tuple(dict.fromkeys(cues)), tuple(dict.fromkeys(gates))) if cues or gates else None

    def _correct(self, word: str) -> Entry | None:
        if len(word) < _MIN_MISSPELT_CHARS or word in self._known:
            return None
        for candidate in self._misspelt.get(word[0], ()):
            if OSA.distance(word, candidate, score_cutoff=1) <= 1:
                entry = self._look_up(candidate)
                return Entry(entry.cues, entry.gates, candidate) if entry else None
        return None

"""A question as words with their places, of which rules take what they understand."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

TAKEN = "~"
# Nobody says "of the" more often in a row; without a bound, text made to be slow would be.
_MOST_SKIPPED = 8

_TOKEN = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?!\w)"
    r"|\d{1,2}[./]\d{1,2}[./]\d{4}(?!\w)"
    r"|'\d{2}(?!\w)"
    r"|\d+(?:[.,]\d+)*[^\W\d_]*"
    r"|[^\W_]+(?:&[^\W_]+)*"
    r"|[€$£¥%#<>≥≤=+&/,;:.?!()\"\-]"
)
_SAME = str.maketrans({"’": "'", "‘": "'", "`": "'", "–": " - ", "—": ",", "…": ".", "“": '"', "”": '"', "„": '"'})
_SPECIAL = {"ß": "s", "ø": "o", "ł": "l", "æ": "a", "œ": "o", "đ": "d", "ı": "i"}


def folded(text: str) -> str:
    """The text in lower case without accents, of the same length, for comparing."""
    lower = text.lower()
    if lower.isascii():
        return lower
    return "".join(_folded_letter(letter) for letter in text)


@lru_cache(maxsize=4096)
def _folded_letter(letter: str) -> str:
    lower = letter.lower()
    if lower in _SPECIAL:
        return _SPECIAL[lower]
    plain = unicodedata.normalize("NFKD", lower)[:1] or " "
    return " " if unicodedata.category(letter) in {"Cc", "Cf"} else plain


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^ ])(?:{pattern})(?![^ ])")


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a pattern matched: words `first` up to, not including, `last`."""

    first: int
    last: int
    match: re.Match[str]

    def group(self, name: str) -> str:
        """The named group's text, "" when it took no part."""
        return self.match.groupdict().get(name) or ""


class Reading:
    """The words of one question; `words` are folded, and rules take words or flag them as not answerable."""

    def __init__(self, question: str) -> None:
        self.text = unicodedata.normalize("NFC", question).translate(_SAME)
        plain = folded(self.text)
        self.words: list[str] = []
        self.places: list[tuple[int, int]] = []
        for match in _TOKEN.finditer(plain):
            if match.group() == "-" and not self._is_range(plain, match.start()):
                continue
            self.words.append("and" if match.group() == "&" else match.group())
            self.places.append(match.span())
        self.taken = [""] * len(self.words)
        self._joined: str | None = None
        self._starts: list[int] = []

    @staticmethod
    def _is_range(plain: str, at: int) -> bool:
        before, after = plain[max(at - 4, 0) : at], plain[at + 1 : at + 3]
        spaced = before.endswith(" ") and after.startswith(" ")
        return spaced or (any(c.isdigit() for c in before[-2:]) and any(c.isdigit() for c in after))

    def __len__(self) -> int:
        return len(self.words)

    def is_open(self, at: int) -> bool:
        """Whether nobody has taken the word yet."""
        return 0 <= at < len(self.words) and not self.taken[at]

    def open_word(self, at: int) -> str:
        """The word at that place; "" outside, a mark when it is taken."""
        if not 0 <= at < len(self.words):
            return ""
        return TAKEN if self.taken[at] else self.words[at]

    def skip(self, at: int, words: frozenset[str]) -> int:
        """The place of the first word from there on that is none of the open words given, a few words on at most."""
        last = at + _MOST_SKIPPED
        while at < last and self.open_word(at) in words:
            at += 1
        return at

    def original(self, first: int, last: int) -> str:
        """The user's own text from word `first` up to word `last`."""
        return " ".join(self.text[self.places[first][0] : self.places[last - 1][1]].split())

    def is_hyphenated(self, at: int) -> bool:
        """Whether the word hangs on the one before by a hyphen ("add-on")."""
        start = self.places[at][0]
        return at > 0 and self.text[start - 1 : start] == "-" and self.places[at - 1][1] == start - 1

    def is_capital(self, at: int) -> bool:
        """Whether the user wrote the word with a capital letter."""
        return self.text[self.places[at][0]].isupper()

    def take(self, first: int, last: int, kind: str = "known") -> None:
        """Mark the words as understood (or, with kind "flag", as not answerable)."""
        for at in range(first, last):
            self.taken[at] = self.taken[at] or kind
        self._joined = None

    def replace(self, at: int, word: str) -> None:
        """Read a mistyped word as another."""
        self.words[at] = word
        self._joined = None

    def find(self, pattern: str) -> Iterator[Hit]:
        """Every place where the pattern matches whole words that are still open, left to right."""
        joined, starts = self._open_text()
        for match in _compiled(pattern).finditer(joined):
            if match.end() > match.start():
                yield Hit(bisect_left(starts, match.start()), bisect_left(starts, match.end()), match)

    def first(self, pattern: str) -> Hit | None:
        """The first match of the pattern, or None."""
        return next(self.find(pattern), None)

    def take_all(self, pattern: str, kind: str = "known") -> list[Hit]:
        """Take every match of the pattern and give the matches."""
        hits = list(self.find(pattern))
        for hit in hits:
            self.take(hit.first, hit.last, kind)
        return hits

    def has_any(self, words: Iterable[str]) -> bool:
        """Whether one of the words occurs, taken or not."""
        return not set(words).isdisjoint(self.words)

    def _open_text(self) -> tuple[str, list[int]]:
        if self._joined is None:
            shown = [TAKEN if taken else word for word, taken in zip(self.words, self.taken, strict=True)]
            self._starts, at = [], 0
            for word in shown:
                self._starts.append(at)
                at += len(word) + 1
            self._joined = " ".join(shown)
        return self._joined, self._starts

"""Reads a count of things: digits, number words, "a few", "a couple"."""

from __future__ import annotations

from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import number_words


def count_at(reading: Reading, at: int) -> tuple[int, int, str] | None:
    """A count of things at the word (and the place after it, and what was guessed)."""
    word = reading.open_word(at)
    if word.isdigit() and len(word) <= 4:
        return int(word), at + 1, ""
    if word in {"few", "several"}:
        return 3, at + 1, f'"{word.capitalize()}" is read as three.'
    if word in {"couple", "paar"}:
        after = at + 2 if reading.open_word(at + 1) == "of" else at + 1
        return 2, after, '"A couple" is read as two.'
    number = number_words().get(word)
    if number is None:
        return None
    nested = (
        count_at(reading, at + 1)
        if word in {"a", "an"} and reading.open_word(at + 1) in {"few", "couple", "dozen"}
        else None
    )
    return nested or (number, at + 1, "")

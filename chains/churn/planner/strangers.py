"""Finds the name of a company that a question asks about and the data does not have."""

from __future__ import annotations

import re

from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import filler, known_words, word_set
from chains.churn.planner.territories import country_words

_ASKS = (
    r"(?:(?:please|can|could|would|will|you|kindly|i|need|want|d|like|to|let|us|me|help|have) )*"
    r"(?:(?:know|hear|learn|understand|see) (?:more )?(?:about|why|how)|why|explain|how (?:is|are|s|does|do|come"
    r"|likely|risky|safe|bad)|tell me|what (?:is|s|are|about"
    r"|do we know about|makes)"
    r"|where does|where do|how about|is|are|will|does|do|could|might|can|and why|but why|status|reasons?|details"
    r"|more (?:on|about)"
    r"|give me (?:the )?(?:story|background|details|reasons)|walk me through|talk me through|deep dive|dig into|drill"
    r"|warum|wieso|weshalb|wie|erklar\w*|was ist mit|pourquoi|explique\w*|comment|por que|como|que pasa con"
    r"|(?:draft|write|compose|send|e mail|email|mail|schreib\w*|ecris|redige"
    r"|escribe))(?![^ ])"
)
_LONGEST = 5


def stranger_in(reading: Reading, spoken: list[str], language: str, *, speaks_of_risk: bool) -> str:
    """The unknown company's name, its words flagged; "" when the question asks about none.

    `spoken` are the question's words without its frame. A name is written with capitals, or stands where one must
    ("why is zenith at risk").
    """
    text = " ".join(_without_greeting(spoken))
    if not re.match(_ASKS, text):
        return ""
    for at in range(len(reading)):
        last = _name_from(reading, at, language, speaks_of_risk=speaks_of_risk)
        if last:
            reading.take(at, last, "flag")
            if reading.open_word(last) in word_set("strangers_fare"):
                reading.take(last, last + 1)
            return reading.original(at, last)
    return ""


def _without_greeting(words: list[str]) -> list[str]:
    at = 0
    while at < len(words) and words[at] in word_set("followups_neutral") | {"and", "but", "und", "et", "y", "¿"}:
        at += 1
    return words[at:]


def _name_from(reading: Reading, at: int, language: str, *, speaks_of_risk: bool) -> int:
    """Where a name that starts at the word ends; 0 when none starts there."""
    before = reading.words[at - 1] if at else ""
    if not _is_odd(reading, at, language) or before in word_set("strangers_places"):
        return 0
    last = at + 1
    while last < min(len(reading), at + _LONGEST) and _belongs(reading, last):
        last += 1
    after = reading.words[last] if last < len(reading) else "?"
    stands = before in word_set("accounts_cue_before") or reading.taken[at - 1 : at] != [""]
    placed = stands and after in word_set("accounts_cue_after") | {"?", ".", ",", "!", "stand", "doing", "gefahrdet"}
    capital = reading.is_capital(at) and not reading.text.isupper() and at > 0
    if capital and not reading.is_hyphenated(at):
        return last
    return last if placed and speaks_of_risk and not reading.text.isupper() else 0


def _is_odd(reading: Reading, at: int, language: str) -> bool:
    word = reading.words[at]
    if not (reading.is_open(at) and len(word) > 1 and word[0].isalpha()):
        return False
    return word not in known_words() and word not in country_words() and word not in filler(language)


def _belongs(reading: Reading, at: int) -> bool:
    word = reading.words[at]
    if not reading.is_open(at) or not word[0].isalnum():
        return False
    return word in word_set("legal_forms") or (reading.is_capital(at) and not reading.text.isupper())

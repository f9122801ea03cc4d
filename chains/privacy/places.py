"""Whether a word that is a name and an ordinary or very short word as well stands for the person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from functools import cache
from typing import NamedTuple

from chains.privacy.folding import fold, words, written
from chains.privacy.lexicon import context_phrases, either_context, ordinary_spellings, ordinary_words

Spellings = Mapping[str, Set[str]]
_SHORT = 2
_BEFORE_CHARS, _AFTER_CHARS = 48, 24
_SENTENCE_START = re.compile(r"(?:^|[.!?:|\n])[\s>*\"'“„«(–-]*$")
_LINE_END = re.compile(r"[ ]*(?:[,;.!?)][ ]*)?(?:\n|$)")
_STOP = re.compile(r"[ ]*(?:[,;.!?:)\n]|$)")
_AND = frozenset({"and", "und", "et", "y", "e"})
_GREETINGS = frozenset({"hi", "hello", "hey", "dear", "hallo", "hola", "bonjour", "liebe", "lieber"})


class Token(NamedTuple):
    """A run of letters of the text, where it stands, and folded."""

    start: int
    end: int
    text: str
    folded: str


def tokens_of(text: str) -> list[Token]:
    """The runs of letters of the text, in order."""
    return [Token(match.start(), match.end(), match.group(), fold(match.group())) for match in words(text)]


def is_telling(name: Sequence[str]) -> bool:
    """Whether the folded words are nothing but a name, wherever they stand."""
    return all(len(word) > _SHORT and word not in ordinary_words() for word in name)


def is_meant(
    text: str, tokens: Sequence[Token], at: int, name: Sequence[str], spelt: Spellings, known: Set[str]
) -> bool:
    """Whether the words at this place name the person whose name they are.

    Args:
        text: The text.
        tokens: Its words.
        at: The first word of the name.
        name: The name's folded words.
        spelt: The names that fold to an ordinary word, as their bearers write them.
        known: Folded words that begin a name here, for "Anna and BO".
    """
    if is_telling(name):
        return True
    if len(name) > 1 and any(len(word) > _SHORT for word in name):
        return True
    taken = tokens[at : at + len(name)]
    exact = all(written(token.text) in spelt.get(token.folded, ()) for token in taken)
    # Möre is no "more": with its accents the name is no ordinary word.
    if exact and all(len(token.folded) > _SHORT and not _is_ordinary(token) for token in taken):
        return True
    if at and tokens[at - 1].folded in _GREETINGS:
        return True
    last = at + len(name) - 1
    if _stands_as_name(text, tokens, at, last, known):
        return True
    if len(name) == 1 and len(name[0]) <= _SHORT and not taken[0].text.istitle():
        return False
    if any(token.text.islower() and token.text != token.text.upper() for token in taken) or text.isupper():
        return False
    return not _opens_sentence(text, tokens, at, last, lossy=not exact)


def _is_ordinary(token: Token) -> bool:
    return written(token.text) in ordinary_spellings()


def _opens_sentence(text: str, tokens: Sequence[Token], at: int, last: int, *, lossy: bool) -> bool:
    """Whether the word has its capital from its place alone: "Will you", "Weiß jemand", or "More" for Möre."""
    if tokens[at].folded not in ordinary_words():
        return False
    if lossy and tokens[at].text.isupper():
        return True
    if not _at_sentence_start(text, tokens[at].start):
        return False
    if lossy or len(tokens[at].folded) <= _SHORT:
        return True
    follower = tokens[last + 1] if last + 1 < len(tokens) else None
    return (
        follower is not None
        and follower.folded in _subjects()
        and text[tokens[last].end : follower.start] == " "
        and not follower.text.istitle()
    )


def _at_sentence_start(text: str, start: int) -> bool:
    return _SENTENCE_START.search(text[max(0, start - 8) : start]) is not None


def _stands_as_name(text: str, tokens: Sequence[Token], first: int, last: int, known: Set[str]) -> bool:
    start, end = tokens[first].start, tokens[last].end
    before, after = text[max(0, start - _BEFORE_CHARS) : start], text[end : end + _AFTER_CHARS]
    lower = tokens[first].text.islower()
    patterns = _patterns()
    if patterns.acts.match(after) or (patterns.closing.search(before) and _LINE_END.match(after)):
        return True
    if patterns.title.search(before) and (not lower or _STOP.match(after)):
        return True
    return not lower and bool(patterns.addressed.search(before) or _beside_a_name(text, tokens, first, last, known))


def _beside_a_name(text: str, tokens: Sequence[Token], first: int, last: int, known: Set[str]) -> bool:
    """Whether "and" joins the word with a name."""
    for link, other in ((first - 1, first - 2), (last + 1, last + 2)):
        if min(link, other) >= 0 and max(link, other) < len(tokens) and tokens[link].folded in _AND:
            name = tokens[other]
            if name.folded in known and len(name.folded) > _SHORT and name.folded not in ordinary_words():
                between = text[min(tokens[first].start, name.start) : max(tokens[last].end, name.end)]
                return "\n" not in between and "." not in between
    return False


class _Patterns(NamedTuple):
    acts: re.Pattern[str]
    addressed: re.Pattern[str]
    title: re.Pattern[str]
    closing: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    return _Patterns(
        acts=re.compile(rf"[ ]{either_context('acts')}(?!\w)"),
        addressed=re.compile(rf"(?<!\w){either_context('addressed')}[ ]{{1,2}}$"),
        title=re.compile(rf"(?<!\w){either_context('titles')}\.?[ ]{{1,2}}$"),
        closing=re.compile(rf"(?:^|[\n.!?|])[> \t]*{either_context('closings')}[ ]*[,.!]?\s*[–-]?[ ]?$"),
    )


@cache
def _subjects() -> frozenset[str]:
    return frozenset(map(fold, context_phrases("subjects")))

"""Companies named in a text: the other accounts of a run and names that must never be mentioned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from chains.privacy.folding import fold, words
from chains.privacy.lexicon import ordinary_words, shape_set
from connectors.records import Account

_LEGAL_FORM = re.compile(
    r"\b[A-ZÀ-Þ][\w&.-]*(?: [A-ZÀ-Þ&][\w&.-]*){0,3},? "
    r"(?:GmbH|AG|SE|KG|OHG|UG|Ltd|Limited|LLC|LLP|Inc|Corp|Corporation|PLC|SAS|SARL|SpA|BV|NV|AB|Oy|ApS|Pty|SL|SLU)\b"
)
Tokens = tuple[str, ...]


class NameIndex:
    """Names by their first folded word; built once a run, searched once a draft.

    Args:
        accounts: Every account of the run.
    """

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._by_first: dict[str, set[Tokens]] = {}
        for account in accounts:
            for tokens in name_tokens(account.name):
                self._by_first.setdefault(tokens[0], set()).add(tokens)

    def others_in(self, text: str, own_names: Iterable[str]) -> Iterator[tuple[int, int]]:
        """Where another account is named; a one-word name counts only with a capital and if it is no ordinary word.

        Args:
            text: The text to read.
            own_names: Names that may stand there; a longer one hides the shorter ones inside it.
        """
        own = {tokens for name in own_names for tokens in name_tokens(name)}
        found = [(match.start(), match.end(), match.group(), fold(match.group())) for match in words(text)]
        at = 0
        while at < len(found):
            mine = _longest(found, at, own)
            other = _longest(found, at, self._by_first.get(found[at][3], set()) - own)
            if other > mine and (other > 1 or _telling(found[at][2], found[at][3])):
                yield found[at][0], found[at + other - 1][1]
            at += max(1, mine, other)


def name_tokens(name: str) -> set[Tokens]:
    """The folded words of a company's name, with and without its legal form."""
    tokens = tuple(fold(match.group()) for match in words(name))
    short = tokens
    while len(short) > 1 and short[-1] in shape_set("legal_forms"):
        short = short[:-1]
    return {option for option in (tokens, short) if option}


def names_in(text: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where any of the names stands in the text, in any case."""
    wanted = {tokens for name in names for tokens in name_tokens(name)}
    found = [(match.start(), match.end(), match.group(), fold(match.group())) for match in words(text)]
    for at in range(len(found)):
        length = _longest(found, at, wanted)
        if length:
            yield found[at][0], found[at + length - 1][1]


def unknown_companies(text: str, own_names: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where a company is named by its legal form that is none of the names given."""
    own = {tokens for name in own_names for tokens in name_tokens(name)}
    for match in _LEGAL_FORM.finditer(text):
        tokens = tuple(fold(word.group()) for word in words(match.group()))
        if not any(tokens[start:] in own for start in range(len(tokens))):
            yield match.span()


def _longest(found: list[tuple[int, int, str, str]], at: int, names: Iterable[Tokens]) -> int:
    best = 0
    for tokens in names:
        if len(tokens) > best and tuple(word for _, _, _, word in found[at : at + len(tokens)]) == tokens:
            best = len(tokens)
    return best


def _telling(written: str, folded: str) -> bool:
    return not written.islower() and len(folded) > 2 and folded not in ordinary_words()

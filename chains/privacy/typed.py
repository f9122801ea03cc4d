"""Names as people type them into a question: alone and in lower case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chains.privacy.folding import WORD, fold
from chains.privacy.lexicon import ordinary_words
from connectors.records import Account

_SHORTEST_NAME = 3
_OUTSIDE_PLACEHOLDERS = re.compile(r"\[\[[^\]]*\]\]|[^\W\d_]+")


def without_typed_names(texts: Sequence[str], accounts: Sequence[Account]) -> list[str]:
    """The texts with every word that is a known person's first or last name, in any case, as ``[[person]]``.

    Ordinary words and words of the accounts' own names stay. For the short texts of a question, after `Masker.mask`.
    """
    typed = {fold(word) for text in texts for word in WORD.findall(text) if len(word) >= _SHORTEST_NAME}
    candidates = typed - ordinary_words()
    if not candidates:
        return list(texts)
    names = candidates & set(_names(accounts))
    for account in accounts:
        names -= {fold(word) for word in WORD.findall(account.name)} if names else set()
    return [_OUTSIDE_PLACEHOLDERS.sub(lambda found: _masked(found.group(), names), text) for text in texts]


def _names(accounts: Sequence[Account]) -> Iterable[str]:
    for account in accounts:
        for contact in account.contacts:
            yield fold(contact.first_name)
            yield fold(contact.last_name)
        if account.owner is not None:
            yield from (fold(word) for word in WORD.findall(account.owner.name))


def _masked(word: str, names: set[str]) -> str:
    return "[[person]]" if not word.startswith("[[") and fold(word) in names else word

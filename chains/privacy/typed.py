"""Names as people type them into a question: alone and in lower case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set

from chains.privacy.folding import WORD, fold, spellings, written
from chains.privacy.lexicon import ordinary_spellings, ordinary_words
from chains.privacy.local_parts import holds_name, is_role
from chains.privacy.people import Person, contact_person, owner_person, telling_parts
from connectors.records import Account

_SHORTEST_NAME = 3
_OUTSIDE_PLACEHOLDERS = re.compile(r"\[\[[^\]]*\]\]|[^\W\d_]+")


def without_typed_names(texts: Sequence[str], accounts: Sequence[Account]) -> list[str]:
    """The texts with every word that is a known person's first or last name, in any case, as ``[[person]]``.

    So are the parts of user names that hold a name. Ordinary words and words of the accounts' own names stay. For the
    short texts of a question, after `Masker.mask`.
    """
    typed = {_key(word) for text in texts for word in WORD.findall(text) if len(word) >= _SHORTEST_NAME}
    candidates = typed - ordinary_words()
    if not candidates:
        return list(texts)
    names = (candidates & set(_names(accounts))) | _user_names(candidates, accounts)
    for account in accounts:
        names -= {_key(word) for word in WORD.findall(account.name)} if names else set()
    return [_OUTSIDE_PLACEHOLDERS.sub(lambda found: _masked(found.group(), names), text) for text in texts]


def _key(word: str) -> str:
    """The word folded; as it is written where it only folds to an ordinary word, as Möre does to more."""
    folded = fold(word)
    if word.isascii() or folded not in ordinary_words():
        return folded
    return folded if written(word) in ordinary_spellings() else written(word)


def _names(accounts: Sequence[Account]) -> Iterable[str]:
    # Few names are borne by many, so each is read once.
    contacts = [contact for account in accounts for contact in account.contacts]
    whole = {contact.first_name for contact in contacts} | {contact.last_name for contact in contacts}
    whole |= {account.owner.name for account in accounts if account.owner is not None}
    for part in {part for name in whole for part in telling_parts(name)}:
        yield _key(part)
        yield from spellings(part)


def _user_names(candidates: Set[str], accounts: Sequence[Account]) -> set[str]:
    """The candidates that stand in a local part of an e-mail and hold its bearer's name."""
    emails = [contact.email for account in accounts for contact in account.contacts]
    everything = "\n".join([*emails, *(account.owner.email for account in accounts if account.owner)]).lower()
    standing = [word for word in candidates if word in everything]
    if not standing:
        return set()
    searched = re.compile("|".join(map(re.escape, standing)))
    return {
        token
        for account in accounts
        for person in _found_in_emails(account, searched)
        for token in map(fold, WORD.findall(person.email.partition("@")[0]))
        if token in candidates and not is_role(token) and holds_name(token, person)
    }


def _found_in_emails(account: Account, searched: re.Pattern[str]) -> Iterable[Person]:
    for contact in account.contacts:
        if searched.search(contact.email.lower()):
            yield contact_person(account, contact)
    if account.owner is not None and searched.search(account.owner.email.lower()):
        yield owner_person(account.owner)


def _masked(word: str, names: set[str]) -> str:
    return "[[person]]" if not word.startswith("[[") and _key(word) in names else word

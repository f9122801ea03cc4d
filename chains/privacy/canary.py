"""The audit of masking: which persons' values still stand in a text. Shares no search with the masker."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chains.privacy.lexicon import ordinary_words
from chains.privacy.people import Person, digits, persons_of_all
from connectors.records import Account

_PLACEHOLDER = re.compile(r"\[\[[a-z0-9_.]+\]\]")


def find_persons(text: str, accounts: Sequence[Account]) -> list[str]:
    """Every person's value that stands in the text as whole words, sorted, once each.

    E-mails, phones and full names count in any case; a single name as it is written or in capitals, unless it is
    an ordinary word ("Will"). Company names are taken out first. Slow by design: one search a value.
    """
    text = _PLACEHOLDER.sub(" ", text)
    for name in {account.name for account in accounts if " " in account.name.strip()}:
        text = text.replace(name, " ")
    numbers = digits(text)
    found = {value for person in set(persons_of_all(accounts)) for value in _standing(person, text, numbers)}
    return sorted(found)


def _standing(person: Person, text: str, numbers: str) -> Iterator[str]:
    full = f"{person.first_name} {person.last_name}".strip()
    lowered = text.lower()
    for value in (person.email, full if person.first_name and person.last_name else ""):
        if value and _whole(value.lower()).search(lowered):
            yield value
    if len(digits(person.phone)) >= 7 and digits(person.phone) in numbers:
        yield person.phone
    for name in (person.first_name, person.last_name):
        if len(name) > 1 and name.lower() not in ordinary_words() and _single(name, text):
            yield name


def _single(name: str, text: str) -> bool:
    return bool(_whole(name).search(text) or _whole(name.upper()).search(text))


def _whole(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(value)}(?!\w)")

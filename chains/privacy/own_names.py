"""The names, e-mails and phones of one account's own persons, indexed by folded words."""

from __future__ import annotations

from collections.abc import Iterator, Set
from functools import cached_property
from typing import NamedTuple

from chains.privacy.folding import fold, spellings
from chains.privacy.people import Person, folded_sequences, name_parts, persons_of, phone_key, telling_parts
from connectors.records import Account


class Part(NamedTuple):
    """So many words of a phrase, and the field they are."""

    words: int
    field: str


class Phrase(NamedTuple):
    """Folded words that name a person, and the fields they are made of."""

    tokens: tuple[str, ...]
    parts: tuple[Part, ...]
    person: Person


class Words:
    """The names, e-mails and phones of one account's own persons; each index is built when first asked for."""

    def __init__(self, account: Account | None) -> None:
        self.account_id = account.account_id if account else ""
        self._persons = list(persons_of(account)) if account else []

    @cached_property
    def emails(self) -> dict[str, Person]:
        """Person by e-mail in lower case."""
        return {person.email.strip().lower(): person for person in reversed(self._persons) if person.email.strip()}

    @cached_property
    def phones(self) -> dict[str, Person]:
        """Person by phone key."""
        return {phone_key(person.phone): person for person in reversed(self._persons) if phone_key(person.phone)}

    @cached_property
    def phrases(self) -> dict[str, list[Phrase]]:
        """What names a person, by its first folded word, longest first."""
        found: dict[str, list[Phrase]] = {}
        for phrase in (phrase for person in self._persons for phrase in _phrases(person)):
            found.setdefault(phrase.tokens[0], []).append(phrase)
        for options in found.values():
            options.sort(key=lambda phrase: -len(phrase.tokens))
        return found

    @cached_property
    def _gate(self) -> frozenset[str]:
        names = {spelling for person in self._persons for spelling in _name_words(person)}
        return frozenset(names | {name + "s" for name in names} | {word for p in self._persons for word in _glued(p)})

    def may_occur(self, folded: Set[str]) -> bool:
        """Whether any of these persons may be named among the folded words."""
        return not self._gate.isdisjoint(folded)


def _name_words(person: Person) -> Iterator[str]:
    for part in (*name_parts(person.first_name), *name_parts(person.last_name)):
        yield from spellings(part)


def _glued(person: Person) -> Iterator[str]:
    """How the name is written into user names: annaschmidt, schmidtanna, aschmidt."""
    first, last = "".join(map(fold, name_parts(person.first_name))), "".join(map(fold, name_parts(person.last_name)))
    if first and last:
        yield from (word for word in (first + last, last + first, first[0] + last) if len(word) > 4)


def _phrases(person: Person) -> Iterator[Phrase]:
    whole = person.kind == "owner"
    firsts, lasts = folded_sequences(person.first_name), folded_sequences(person.last_name)
    for first in firsts:
        for last in lasts:
            both = (Part(len(first), "first_name"), Part(len(last), "last_name"))
            parts = (Part(len(first + last), "name"),) if whole else both
            yield Phrase(first + last, parts, person)
            yield Phrase(last + first, parts if whole else both[::-1], person)
    for glued in _glued(person):
        yield Phrase((glued,), (Part(1, "name" if whole else "last_name"),), person)
    for field, name, sequences in (("first_name", person.first_name, firsts), ("last_name", person.last_name, lasts)):
        for sequence in sequences if len(name_parts(name)) > 1 else ():
            yield Phrase(sequence, (Part(len(sequence), field),), person)
        for part in telling_parts(name):
            for spelling in spellings(part):
                yield Phrase((spelling,), (Part(1, field),), person)
                if len(spelling) > 2:
                    yield Phrase((spelling + "s",), (Part(1, field),), person)

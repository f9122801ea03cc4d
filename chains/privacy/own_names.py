"""The names, e-mails and phones of one account's own persons, indexed by folded words."""

from __future__ import annotations

from collections.abc import Iterator, Set
from functools import cache, cached_property
from typing import NamedTuple

from chains.privacy.folding import fold, spellings, written
from chains.privacy.lexicon import ordinary_words
from chains.privacy.local_parts import LocalPart, local_part
from chains.privacy.people import Person, folded_sequences, persons_of, phone_key, telling_parts
from connectors.records import Account


class Part(NamedTuple):
    """So many words of a phrase, and the field they are."""

    words: int
    field: str


class Phrase(NamedTuple):
    """Folded words that name a person, and the fields they are made of.

    Those of a `user_name` are joined by signs, not blanks; one that `needs_login` counts only behind a word like user.
    """

    tokens: tuple[str, ...]
    parts: tuple[Part, ...]
    person: Person
    user_name: bool = False
    needs_login: bool = False


class Words:
    """The names, e-mails and phones of one account's own persons; each index is built when first asked for.

    Args:
        account: The account; None for no persons.
        company: Folded words of the account's name and of other names that are no person's.
    """

    def __init__(self, account: Account | None, company: Set[str] = frozenset()) -> None:
        self.account_id = account.account_id if account else ""
        self._persons = list(persons_of(account)) if account else []
        self.company = company

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
        for person, (tokens, needs_login) in self._local_parts:
            phrase = Phrase(tokens, (Part(len(tokens), "email"),), person, user_name=True, needs_login=needs_login)
            found.setdefault(tokens[0], []).append(phrase)
        for options in found.values():
            if len(options) > 1:
                options.sort(key=lambda phrase: -len(phrase.tokens))
        return found

    @cached_property
    def _local_parts(self) -> list[tuple[Person, LocalPart]]:
        found = ((person, local_part(person, self.company)) for person in self._persons if person.email)
        return [(person, part) for person, part in found if part is not None]

    @cached_property
    def spelt(self) -> dict[str, set[str]]:
        """Names that fold to an ordinary word, as they are written, by that word."""
        found: dict[str, set[str]] = {}
        for person in self._persons:
            for name in (person.first_name, person.last_name):
                for part in telling_parts(name):
                    if fold(part) in ordinary_words():
                        found.setdefault(fold(part), set()).add(written(part))
        return found

    @cached_property
    def _gate(self) -> frozenset[str]:
        names = {spelling for person in self._persons for spelling in _name_words(person)}
        user_names = {max(part.tokens, key=len) for _, part in self._local_parts}
        glued = {word for person in self._persons for word in _glued(person)}
        return frozenset(names | {name + "s" for name in names} | glued | user_names)

    def may_occur(self, folded: Set[str]) -> bool:
        """Whether any of these persons may be named among the folded words."""
        return not self._gate.isdisjoint(folded)


def _in_one(sequence: tuple[str, ...]) -> Iterator[str]:
    """A name of several words written as one: Darcy, annemarie."""
    word = "".join(sequence)
    if len(sequence) > 1 and len(word) > 3 and word not in ordinary_words():
        yield word


def _name_words(person: Person) -> Iterator[str]:
    for sequence in (*folded_sequences(person.first_name), *folded_sequences(person.last_name)):
        yield from sequence
        yield from _in_one(sequence)


def _glued(person: Person) -> Iterator[str]:
    """How the name is written into user names: annaschmidt, schmidtanna, aschmidt."""
    for first in folded_sequences(person.first_name):
        for last in folded_sequences(person.last_name):
            given, family = "".join(first), "".join(last)
            words = (given + family, family + given, given[0] + family)
            yield from (word for word in words if len(word) > 4 and word not in ordinary_words())


@cache
def _parts(*parts: tuple[int, str]) -> tuple[Part, ...]:
    """The same few parts for every person."""
    return tuple(Part(*part) for part in parts)


def _phrases(person: Person) -> Iterator[Phrase]:
    whole = person.kind == "owner"
    firsts, lasts = folded_sequences(person.first_name), folded_sequences(person.last_name)
    for first in firsts:
        for last in lasts:
            given, family = (len(first), "first_name"), (len(last), "last_name")
            full = (len(first + last), "name")
            yield Phrase(first + last, _parts(full) if whole else _parts(given, family), person)
            yield Phrase(last + first, _parts(full) if whole else _parts(family, given), person)
            if ordinary_words().issuperset(last):
                # "young" alone is a word, "w.young" is not.
                parts = _parts((len(last) + 1, "name" if whole else "last_name"))
                yield Phrase((first[0][0], *last), parts, person, user_name=True)
    for glued in _glued(person):
        yield Phrase((glued,), _parts((1, "name" if whole else "last_name")), person)
    for field, name, sequences in (("first_name", person.first_name, firsts), ("last_name", person.last_name, lasts)):
        one = _parts((1, field))
        for sequence in sequences if sequences and len(sequences[0]) > 1 else ():
            yield Phrase(sequence, _parts((len(sequence), field)), person)
            for word in _in_one(sequence):
                yield Phrase((word,), one, person)
        for part in telling_parts(name):
            for spelling in spellings(part):
                yield Phrase((spelling,), one, person)
                if len(spelling) > 2:
                    yield Phrase((spelling + "s",), one, person)

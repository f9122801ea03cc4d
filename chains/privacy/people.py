"""Who stands in the records: the persons of the accounts, as flat values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from chains.privacy.folding import fold, spellings, words
from chains.privacy.lexicon import shape_set
from connectors.records import Account, Contact, Owner


class Person(NamedTuple):
    """A contact or an owner; `key` tells persons apart within a run, `kind` is contact or owner."""

    kind: str
    key: tuple[str, str]
    first_name: str
    last_name: str
    email: str
    phone: str


def contact_key(account: Account, contact: Contact) -> tuple[str, str]:
    """What tells a contact apart: the account and the contact's id, or its e-mail or name where it has no id."""
    own = contact.contact_id or contact.email.lower() or f"{contact.first_name} {contact.last_name}".strip().lower()
    return account.account_id, own


def owner_key(owner: Owner) -> tuple[str, str]:
    """What tells an owner apart: the id, or the e-mail or name where there is none; accounts share owners."""
    return "", owner.owner_id or owner.email.lower() or owner.name.lower()


def contact_person(account: Account, contact: Contact) -> Person:
    """The contact as a person."""
    key = contact_key(account, contact)
    return Person("contact", key, contact.first_name, contact.last_name, contact.email, contact.phone)


def owner_person(owner: Owner) -> Person:
    """The owner as a person; the first word of the name is taken as the first name ("Berg, Tom" is turned)."""
    last, comma, first = owner.name.partition(",")
    if not comma:
        first, _, last = owner.name.strip().partition(" ")
    return Person("owner", owner_key(owner), first.strip(), last.strip(), owner.email, "")


def persons_of(account: Account) -> Iterator[Person]:
    """The account's contacts in order, then its owner."""
    for contact in account.contacts:
        yield contact_person(account, contact)
    if account.owner is not None:
        yield owner_person(account.owner)


def persons_of_all(accounts: Sequence[Account]) -> Iterator[Person]:
    """Every person of every account; an owner comes once an account."""
    for account in accounts:
        yield from persons_of(account)


def name_parts(name: str) -> list[str]:
    """The words of a first or last name as written, particles too."""
    return [match.group() for match in words(name)]


def telling_parts(name: str) -> list[str]:
    """The words of a name that point at a person by themselves: no particles, no initials."""
    parts = name_parts(name)
    return [
        part for part in parts if (len(part) > 1 or not part.isascii()) and fold(part) not in shape_set("particles")
    ]


@lru_cache(maxsize=65536)
def folded_sequences(name: str) -> tuple[tuple[str, ...], ...]:
    """The name as folded words, once a spelling (García López: one, Müller: two)."""
    parts = [spellings(part) for part in name_parts(name)]
    if not parts:
        return ()
    plain = tuple(options[0] for options in parts)
    other = tuple(options[-1] for options in parts)
    return (plain,) if plain == other else (plain, other)


def digits(text: str) -> str:
    """The decimal digits of the text, in ASCII."""
    return "".join(str(int(char)) for char in text if char.isdecimal())


def phone_key(phone: str) -> str:
    """What two spellings of one phone number share: the last eight digits; "" where fewer than five stand."""
    found = digits(phone)
    return found[-8:] if len(found) >= 5 else ""

"""The masker of one run: takes persons out of any text, and knows how to put them back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from chains.evidence import Placeholder
from chains.privacy import patterns
from chains.privacy.addresses import street_addresses
from chains.privacy.directory import Directory
from chains.privacy.folding import WORD, fold
from chains.privacy.lexicon import given_names
from chains.privacy.names import capitalised, names_in_context
from chains.privacy.own_names import Words
from chains.privacy.people import Person, contact_key, contact_person, owner_key, owner_person, phone_key
from chains.privacy.spans import Span, replace_spans
from chains.privacy.unsafe import strip_unsafe
from connectors.records import Account

_PLACEHOLDER = re.compile(r"\[\[[a-z0-9_]{1,40}(?:\.[a-z_]{1,20})?\]\]")
_BRACKETED = re.compile(r"\[\[[a-z0-9_]{1,40}(?:\.[a-z_]{1,20})?\]\]|\[{2,}")
_PLACEHOLDER_RANK = 0
_NEUTRAL = frozenset(
    f"[[{kind}]]" for kind in ("person", "email", "phone", "iban", "card", "address", "ip", "id_number")
)
_REPEATED_PERSON = re.compile(r"\[\[person\]\](?:[ ._-]\[\[person\]\])+")
_SOME_DIGITS = re.compile(r"\d(?:\D{0,3}\d){4}")
_DIGIT = re.compile(r"\d")
_IP6_LIKE = re.compile(r"[0-9A-Fa-f:]:[0-9A-Fa-f]{0,4}:")
_OBFUSCATED_AT = re.compile(r"[(\[{]\s?(?:at|arroba)\s?[)\]}]|\sAT\s|＠", re.IGNORECASE)
_ASCII_WORD = re.compile(r"[a-z]+")
_KNOWN_RANK = 1
_PHONE_RANK = 6
_CONTACT_FIELDS = ("first_name", "last_name", "email", "phone")
_OWNER_FIELDS = ("name", "first_name", "last_name", "email")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with every placeholder that `values` knows put back; others stay."""
    return _PLACEHOLDER.sub(lambda match: values.get(match.group()) or match.group(), text)


class Masker:
    """Replaces persons by placeholders, numbered in the order they are first met in the run.

    Args:
        accounts: Every account of the run; their contacts and owners are known persons.
        keep: Names that are never a person's, such as product names of the vendor.
    """

    def __init__(self, accounts: Sequence[Account], *, keep: Sequence[str] = ()) -> None:
        self._directory = Directory(accounts, keep)
        self._numbers: dict[tuple[str, tuple[str, str]], str] = {}
        self._counts = {"contact": 0, "owner": 0}
        self._persons: dict[str, Person] = {}
        self._used: dict[str, dict[str, Placeholder]] = {}

    def contact(self, account_id: str, contact_id: str) -> str:
        """The handle of a contact, such as ``contact_1``; raises KeyError when the account has no such contact."""
        account = self._directory.account(account_id)
        for contact in account.contacts:
            if contact_key(account, contact)[1] == contact_id:
                return self._handle(contact_person(account, contact))
        raise KeyError(contact_id)

    def owner(self, account_id: str) -> str:
        """The handle of the account's owner, such as ``owner_1``; raises KeyError when it has none."""
        owner = self._directory.account(account_id).owner
        if owner is None or not owner_key(owner)[1]:
            raise KeyError(account_id)
        return self._handle(owner_person(owner))

    def placeholder(self, handle: str, field: str, account_id: str) -> str:
        """The placeholder of one field of a person, noted as used for the account."""
        person = self._persons[handle]
        text = f"[[{handle}.{field}]]"
        ids = {f"{person.kind}_id": person.key[1]}
        self._used.setdefault(account_id, {})[text] = Placeholder(placeholder=text, field=field, **ids)
        return text

    def placeholders(self, account_id: str) -> list[Placeholder]:
        """The placeholders used for the account so far, in order of first use; ids only, no values."""
        return list(self._used.get(account_id, {}).values())

    def mapping(self) -> dict[str, str]:
        """Placeholder to value, for every person met in the run; personal data, to be stored encrypted."""
        return {
            f"[[{handle}.{field}]]": value
            for handle, person in self._persons.items()
            for field, value in _values(person)
            if value
        }

    def fill(self, text: str) -> str:
        """The text with its placeholders put back; for callers that may see persons."""
        return fill(text, self.mapping())

    def mask(self, text: str, account_id: str = "") -> str:
        """The text without persons and hidden characters; masking twice changes nothing more.

        Args:
            text: Any text, of any length.
            account_id: The account it belongs to: its own persons become numbered placeholders, in any case and
                inflected; persons of other accounts and unknown ones become neutral ones such as ``[[person]]``.
        """
        if not text:
            return text
        text = strip_unsafe(text)
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        if self._directory.is_company_name(text):
            return text
        spans = list(self._placeholder_spans(text, account_id)) if "[[" in text else []
        spans += self._spans(text, account_id)
        if not spans:
            return text
        return _REPEATED_PERSON.sub("[[person]]", replace_spans(text, spans))

    def _placeholder_spans(self, text: str, account_id: str) -> Iterator[Span]:
        # Placeholders this run gave out stay; forged ones, and those of other accounts, lose their force.
        mine = self._used.get(account_id, {})
        for match in _BRACKETED.finditer(text):
            found = match.group()
            if found in mine or found in _NEUTRAL:
                yield Span(match.start(), match.end(), None, _PLACEHOLDER_RANK)
            else:
                replacement = "[[person]]" if _PLACEHOLDER.fullmatch(found) else " ".join(found)
                yield Span(match.start(), match.end(), replacement, _PLACEHOLDER_RANK)

    def _spans(self, text: str, account_id: str) -> Iterator[Span]:
        folded, capitals = _folded_words(text), capitalised(text)
        words = self._directory.words_of(account_id)
        yield from self._pattern_spans(text, folded, words)
        if not text.isascii():
            yield from self._directory.unspaced_spans(text, account_id, self._replacement(account_id))
        in_context = list(names_in_context(text, folded, capitals))
        # Companies are looked for even where nobody known is named: "Dear Alpine Foods".
        known = in_context or words.may_occur(folded) or self._directory.may_occur(folded)
        if known or not capitals.isdisjoint(given_names()):
            yield from self._directory.name_spans(text, folded, words, self._replacement(account_id))
        yield from in_context

    def _replacement(self, account_id: str) -> Callable[[Person, str], str]:
        return lambda person, field: self.placeholder(self._handle(person), field, account_id)

    def _pattern_spans(self, text: str, folded: AbstractSet[str], words: Words) -> Iterator[Span]:
        if "@" in text or _OBFUSCATED_AT.search(text):
            for span in patterns.emails(text):
                yield self._known_value(span, words.emails.get(text[span.start : span.end].lower()), "email", words)
        if _IP6_LIKE.search(text):
            yield from patterns.network_addresses(text)
        if _DIGIT.search(text):
            yield from street_addresses(text, folded)
        if not _SOME_DIGITS.search(text):
            return
        yield from patterns.ibans(text)
        yield from patterns.cards(text)
        yield from patterns.identity_numbers(text)
        yield from patterns.network_addresses(text)
        yield from self._phones(text, words)

    def _phones(self, text: str, words: Words) -> Iterator[Span]:
        for match in patterns.phone_candidates(text):
            key = phone_key(match.group())
            person = words.phones.get(key)
            if person is not None or key in self._directory.phones or patterns.is_phone(text, match):
                span = Span(match.start(), match.end(), patterns.PHONE, _PHONE_RANK)
                yield self._known_value(span, person, "phone", words)

    def _known_value(self, span: Span, person: Person | None, field: str, words: Words) -> Span:
        if person is None:
            return span
        return span._replace(
            replacement=self.placeholder(self._handle(person), field, words.account_id), rank=_KNOWN_RANK
        )

    def _handle(self, person: Person) -> str:
        key = (person.kind, person.key)
        handle = self._numbers.get(key)
        if handle is None:
            self._counts[person.kind] += 1
            handle = self._numbers[key] = f"{person.kind}_{self._counts[person.kind]}"
            self._persons[handle] = person
        return handle


def _values(person: Person) -> list[tuple[str, str]]:
    fields = _CONTACT_FIELDS if person.kind == "contact" else _OWNER_FIELDS
    name = f"{person.first_name} {person.last_name}".strip()
    return [(field, name if field == "name" else getattr(person, field)) for field in fields]


def _folded_words(text: str) -> AbstractSet[str]:
    if text.isascii():
        return set(_ASCII_WORD.findall(text.lower()))
    return {fold(word) for word in WORD.findall(text)}

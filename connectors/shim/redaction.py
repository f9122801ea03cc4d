"""Takes persons out of texts: the names, addresses and numbers that the records know, and what has their shape."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import ahocorasick

from connectors.company_names import company_name
from connectors.shim.name_words import Person
from connectors.shim.person_names import PersonNames
from connectors.shim.personal_shapes import phone_key, shape_spans
from connectors.toolkit.folding import WORD, fold
from connectors.toolkit.ordinary_words import ordinary_words
from connectors.toolkit.unsafe import strip_unsafe

PERSON = "[[person]]"
_PLACEHOLDER = re.compile(r"\[\[(?:person|email|phone|iban|(?:contact|owner)_\d{1,6}\.\w{1,20})\]\]")
_SEPARATOR = re.compile(r"[._+'’-]")
_LEAST_LOCAL_PART = 5
# Scripts that put no blanks between words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff]")
_WIDTHS = ("<wide>", "<narrow>", "<font>", "<noBreak>", "<circle>", "<compat>")

_Span = tuple[int, int, str]


class _Plain(dict[int, str]):
    """Letters, digits and signs of other widths as plain ones; numbers written high or in parts stay what they are."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        made = unicodedata.normalize("NFKC", char)
        plain = made if made != char and unicodedata.decomposition(char).startswith(_WIDTHS) else char
        if plain != char and len(plain) > 1 and not plain.isalpha():
            plain = char
        self[code] = plain
        return plain


class _Folding(dict[int, int]):
    """Letters without accents and capitals, each for one letter, so that places stay places."""

    def __missing__(self, code: int) -> int:
        base = unicodedata.normalize("NFKD", chr(code))[0].lower()
        value = self[code] = ord(base) if len(base) == 1 else code
        return value


class _Hit(NamedTuple):
    """A value to look for letter by letter; `accounts` are those it counts in, None for all of them."""

    length: int
    accounts: frozenset[str] | None
    unspaced: bool


class Redactor:
    """Redacts texts; full names and addresses of every person count everywhere, single names in their account.

    Args:
        persons: Whom the records know.
        companies: Names of accounts, which stay as they are even where they hold a person's name.
    """

    def __init__(self, persons: Iterable[Person], companies: Iterable[str] = ()) -> None:
        self._plain, self._folding = _Plain(), _Folding()
        everybody = [_normalised(person, self._plain) for person in set(persons)]
        self._names = PersonNames(everybody)
        self._phones = frozenset(filter(None, (phone_key(person.phone) for person in everybody)))
        self._values = self._automaton(everybody)
        self._companies: dict[str, set[tuple[str, ...]]] = {}
        self._company_words: set[str] = set()
        for name in set(companies):
            for spelling in (name, company_name(name).stem):
                if words := tuple(fold(match.group()) for match in WORD.finditer(spelling.translate(self._plain))):
                    self._companies.setdefault(words[0], set()).add(words)
                    self._company_words.update(words)

    def redact(self, text: str, account_id: str = "") -> str:
        """The text with placeholders in place of personal values; a second time changes nothing more."""
        return self._redacted(text, account_id)

    def redact_question(self, text: str) -> str:
        """The same for a question about every account: single names of anybody count, unless an account bears them."""
        return self._redacted(text, None)

    def _redacted(self, text: str, account_id: str | None) -> str:
        text = unicodedata.normalize("NFC", strip_unsafe(text).translate(self._plain))
        spans = list(shape_spans(text, self._phones))
        names = [*self._name_spans(text, account_id), *self._value_spans(text, account_id or "")]
        if names:
            kept = list(self._company_spans(text, question=account_id is None))
            spans += [(start, end, PERSON) for start, end in names if not _within(start, end, kept)]
        if not spans:
            return text
        placeholders = [match.span() for match in _PLACEHOLDER.finditer(text)] if "[[" in text else []
        return _replaced(text, [span for span in spans if not _within(span[0], span[1], placeholders)])

    def _automaton(self, persons: Sequence[Person]) -> Any:
        """Finds user names, and names of scripts in which words do not end."""
        hits: dict[str, tuple[set[str], bool]] = {}
        for person in persons:
            for value, account_id, unspaced in _values(person):
                folded = unicodedata.normalize("NFC", value).translate(self._folding)
                hits.setdefault(folded, (set(), unspaced))[0].add(account_id)
        automaton: Any = ahocorasick.Automaton()
        for value, (accounts, unspaced) in hits.items():
            automaton.add_word(value, _Hit(len(value), None if "" in accounts else frozenset(accounts), unspaced))
        if len(automaton):
            automaton.make_automaton()
        return automaton

    def _name_spans(self, text: str, account_id: str | None) -> Iterator[tuple[int, int]]:
        for start, end, single in self._names.spans(text, account_id):
            # Whoever asks for "Keller" may mean the account Keller Logistik, whose name is sent in any case.
            if not (single and account_id is None and fold(text[start:end]) in self._company_words):
                yield start, end

    def _value_spans(self, text: str, account_id: str) -> Iterator[tuple[int, int]]:
        if not len(self._values):
            return
        folded = text.translate(self._folding)
        for last, hit in self._values.iter(folded):
            start, end = last - hit.length + 1, last + 1
            counts = hit.accounts is None or account_id in hit.accounts
            if counts and (hit.unspaced or not (folded[:start][-1:].isalnum() or folded[end : end + 1].isalnum())):
                yield start, end

    def _company_spans(self, text: str, *, question: bool) -> Iterator[tuple[int, int]]:
        tokens = [(match.start(), match.end(), fold(match.group())) for match in WORD.finditer(text)]
        for at, (start, _, word) in enumerate(tokens):
            for name in self._companies.get(word, ()):
                if not question and (len(name) < 2 or (len(name) < 3 and self._names.is_full_name(name))):
                    continue
                if tuple(token[2] for token in tokens[at : at + len(name)]) == name:
                    yield start, tokens[at + len(name) - 1][1]


def redactor_of(accounts: Sequence[Mapping[str, Any]], *, contacts: bool = True, owners: bool = True) -> Redactor:
    """A redactor that knows contacts and owners of a payload's accounts."""
    companies = (name for account in accounts if (name := _text(account, "name")))
    return Redactor(_persons(accounts, contacts=contacts, owners=owners), companies)


def _persons(accounts: Sequence[Mapping[str, Any]], *, contacts: bool, owners: bool) -> Iterator[Person]:
    for account in accounts:
        account_id = _text(account, "account_id")
        for contact in (account.get("contacts") or ()) if contacts else ():
            if isinstance(contact, Mapping):
                names = (_text(contact, name) for name in ("first_name", "last_name", "email", "phone"))
                yield Person(account_id, *names)
        owner = account.get("owner")
        if owners and isinstance(owner, Mapping):
            yield Person(account_id, "", _text(owner, "name"), _text(owner, "email"))


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return value.strip() if isinstance(value, str) else ""


def _normalised(person: Person, plain: _Plain) -> Person:
    values = (unicodedata.normalize("NFC", strip_unsafe(value).translate(plain)).strip() for value in person[1:])
    return Person(person.account_id, *values)


def _values(person: Person) -> Iterator[tuple[str, str, bool]]:
    """What is looked for letter by letter, where it counts ("" everywhere), and whether its script knows no blanks."""
    local = person.email.partition("@")[0]
    telling = len(local) >= _LEAST_LOCAL_PART and _SEPARATOR.search(local)
    if telling and not ordinary_words().issuperset(fold(match.group()) for match in WORD.finditer(local)):
        yield local, "", False
    first, last = person.first_name, person.last_name
    if not _UNSPACED.search(first + last):
        return
    if first and last:
        yield from ((value, "", True) for value in (last + first, first + last, f"{last} {first}"))
    yield from ((value, person.account_id, True) for value in (first, last) if len(value) > 1)


def _within(start: int, end: int, kept: Iterable[tuple[int, int]]) -> bool:
    return any(first <= start and end <= last for first, last in kept)


def _replaced(text: str, spans: list[_Span]) -> str:
    """The text with each span replaced once; those that overlap become one, an address rather than a name."""
    merged: list[_Span] = []
    for start, end, placeholder in sorted(spans, key=lambda span: (span[0], -span[1])):
        if merged and start < merged[-1][1]:
            first, last, known = merged[-1]
            merged[-1] = first, max(last, end), placeholder if known == PERSON else known
        else:
            merged.append((start, end, placeholder))
    parts, at = [], 0
    for start, end, placeholder in merged:
        parts += [text[at:start], placeholder]
        at = end
    return "".join([*parts, text[at:]])

"""Takes persons out of texts: the names, addresses and numbers that the records know, and what has their shape."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import ahocorasick

PERSON, EMAIL, PHONE, IBAN = "[[person]]", "[[email]]", "[[phone]]", "[[iban]]"

_EMAIL = re.compile(r"[\w.+%'’-]{1,64}@(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.){1,5}[^\W\d_]{2,24}\b")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_PHONE = re.compile(r"(?<![\w.,/-])(?:\+|\(\+?)?\d(?:[ \u00a0.()/\u2010-\u2013-]{0,3}\d){6,17}(?!\w|[.,]\d)")
_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}.*|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}.*|\d{4}\s?[-–/]\s?\d{4}")
_NOT_DIGITS = re.compile(r"\D+")
_GAP = re.compile(r"[\s,.'’_-]+")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_PHONE_KEY_DIGITS = 8
_PARTICLES = frozenset(
    ("von", "van", "der", "den", "del", "della", "des", "dos", "das", "las", "los", "zu", "zur", "ten", "ter")
)
_WIDE = 0x2E80  # From here on scripts put no blanks between words.


class Person(NamedTuple):
    """What the records hold of one person; `account_id` is where single names count, "" everywhere."""

    account_id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""


class _Folding(dict[int, int]):
    """Letters without accents and capitals, each for one letter, so that places stay places."""

    def __missing__(self, code: int) -> int:
        base = unicodedata.normalize("NFKD", chr(code))[0].lower()
        value = self[code] = ord(base) if len(base) == 1 else code
        return value


class _Hit(NamedTuple):
    """A value to look for; `accounts` are those it counts in, None for all of them."""

    length: int
    accounts: frozenset[str] | None
    placeholder: str


class Redactor:
    """Redacts texts; full names and addresses of every person count everywhere, single names in their account.

    Single names count only where they are written with a capital, as many are ordinary words as well.
    """

    def __init__(self, persons: Iterable[Person]) -> None:
        self._folding = _Folding()
        everywhere: dict[str, str] = {}
        single: dict[str, set[str]] = {}
        self._phones: set[str] = set()
        for person in persons:
            everywhere |= {self._folded(value): kind for value, kind in _whole_values(person)}
            for name in _single_names(person):
                single.setdefault(self._folded(name), set()).add(person.account_id)
            if len(digits := _NOT_DIGITS.sub("", person.phone)) >= _PHONE_KEY_DIGITS - 2:
                self._phones.add(digits[-_PHONE_KEY_DIGITS:])
        self._automaton: Any = ahocorasick.Automaton()
        for value, accounts in single.items():
            hit = _Hit(len(value), None if "" in accounts else frozenset(accounts), PERSON)
            self._automaton.add_word(value, (hit,))
        for value, kind in everywhere.items():
            known = self._automaton.get(value, ())
            self._automaton.add_word(value, (*known, _Hit(len(value), None, kind)))
        if len(self._automaton):
            self._automaton.make_automaton()
        self._singles = single.keys() - everywhere.keys()

    def redact(self, text: str, account_id: str = "") -> str:
        """The text with placeholders in place of personal values; a second time changes nothing more."""
        spans = [*self._pattern_spans(text), *self._known_spans(text, account_id)]
        return _replaced(text, spans) if spans else text

    def _folded(self, text: str) -> str:
        return unicodedata.normalize("NFC", text).translate(self._folding)

    def _known_spans(self, text: str, account_id: str) -> Iterator[tuple[int, int, str]]:
        if not len(self._automaton):
            return
        folded = text.translate(self._folding)
        for last, hits in self._automaton.iter(folded):
            for hit in hits:
                start, end = last - hit.length + 1, last + 1
                if hit.accounts is not None and account_id not in hit.accounts:
                    continue
                if folded[start:end] in self._singles and not _is_capitalised(text[start:end]):
                    continue
                if _stands_alone(folded, start, end):
                    yield start, end, hit.placeholder

    def _pattern_spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        if "@" in text:
            yield from ((match.start(), match.end(), EMAIL) for match in _EMAIL.finditer(text))
        if not any(char.isdigit() for char in text):
            return
        for match in _IBAN.finditer(text):
            if length := _iban_length(match.group()):
                yield match.start(), match.start() + length, IBAN
        for match in _PHONE.finditer(text):
            digits = _NOT_DIGITS.sub("", match.group())
            if digits[-_PHONE_KEY_DIGITS:] in self._phones or _is_phone(match.group(), digits):
                yield match.start(), match.end(), PHONE


def redactor_of(accounts: Sequence[Mapping[str, Any]]) -> Redactor:
    """A redactor that knows every contact and owner of a payload's accounts."""
    return Redactor(_persons(accounts))


def _persons(accounts: Sequence[Mapping[str, Any]]) -> Iterator[Person]:
    for account in accounts:
        account_id = _text(account, "account_id")
        for contact in account.get("contacts") or ():
            if isinstance(contact, Mapping):
                names = (_text(contact, name) for name in ("first_name", "last_name", "email", "phone"))
                yield Person(account_id, *names)
        owner = account.get("owner")
        if isinstance(owner, Mapping):
            last, comma, first = _text(owner, "name").partition(",")
            if not comma:
                first, _, last = _text(owner, "name").partition(" ")
            yield Person(account_id, first.strip(), last.strip(), _text(owner, "email"))


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return value.strip() if isinstance(value, str) else ""


def _whole_values(person: Person) -> Iterator[tuple[str, str]]:
    """What names a person wherever it stands: the e-mail address, its part before the @, and the full name."""
    if "@" in person.email:
        yield person.email, EMAIL
        local = person.email.partition("@")[0]
        if len(local) >= 5 and _GAP.search(local):
            yield local, PERSON
    first, last = person.first_name, person.last_name
    if not first or not last:
        return
    if ord(last[0]) >= _WIDE:
        yield from ((written, PERSON) for written in (f"{last}{first}", f"{first}{last}", f"{last} {first}"))
    elif len(first) > 1 and len(last) > 1:
        for one, other in _spellings(first, last):
            yield from ((written, PERSON) for written in (f"{one} {other}", f"{other} {one}", f"{other}, {one}"))


def _single_names(person: Person) -> Iterator[str]:
    for name in (person.first_name, person.last_name):
        parts = {name, *(part for part in _GAP.split(name) if part.lower() not in _PARTICLES)}
        for part in filter(None, parts):
            if len(part) > 2 or (len(part) == 2 and ord(part[0]) >= _WIDE):
                yield part
                if (other := part.lower().translate(_GERMAN)) != part.lower():
                    yield other


def _spellings(first: str, last: str) -> Iterator[tuple[str, str]]:
    yield first, last
    spelt = first.lower().translate(_GERMAN), last.lower().translate(_GERMAN)
    if spelt != (first.lower(), last.lower()):
        yield spelt


def _is_capitalised(text: str) -> bool:
    return text[:1] != text[:1].lower() or text[:1].lower() == text[:1].upper()


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the stretch is words of its own; a genitive s may follow."""
    if ord(text[start]) >= _WIDE:
        return True
    if start and text[start - 1].isalnum():
        return False
    after = text[end : end + 2]
    return not after[:1].isalnum() or (after[0] == "s" and not after[1:].isalnum())


def _iban_length(text: str) -> int:
    """How much of the text is an IBAN whose checksum holds; 0 for none. Words behind it may look like its end."""
    for end in range(len(text), 14, -1):
        compact = _GAP.sub("", text[:end]).upper()
        if 15 <= len(compact) <= 34 and compact.isascii() and text[end - 1].isalnum():
            number = "".join(str(int(char, 36)) for char in compact[4:] + compact[:4])
            if int(number) % 97 == 1:
                return end
    return 0


def _is_phone(written: str, digits: str) -> bool:
    """Whether digits are written like a phone number, not like a date, an amount or an id."""
    if _DATE.fullmatch(written.strip("()")) or not 7 <= len(digits) <= 15:
        return False
    if written.startswith(("+", "(", "00")):
        return True
    groups = [group for group in _NOT_DIGITS.split(written) if group]
    if digits.startswith("0"):
        return len(groups) > 1 or len(digits) >= 10
    return len(groups) >= 3 and len(digits) >= 9 and all(2 <= len(group) <= 4 for group in groups)


def _replaced(text: str, spans: list[tuple[int, int, str]]) -> str:
    """The text with each span replaced once; of those that overlap the one that begins first, the longest of them."""
    parts, at = [], 0
    for start, end, placeholder in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start < at:
            continue
        parts += [text[at:start], placeholder]
        at = end
    return "".join([*parts, text[at:]])

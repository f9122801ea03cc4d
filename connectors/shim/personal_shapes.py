"""What is told by its shape: e-mail addresses, telephone numbers and bank accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

EMAIL, PHONE, IBAN = "[[email]]", "[[phone]]", "[[iban]]"
PHONE_KEY_DIGITS = 8

_LOCAL = r"(?:\"[^\"\n@]{1,64}\"|[\w.+%'’!#$&*=?^`{|}~-]{1,64})"
_EMAIL = re.compile(rf"{_LOCAL}@(?:\[[\w.:]{{2,45}}\]|[^\W_](?:[\w.-]{{0,100}}[^\W_])?)")
_SPOKEN_EMAIL = re.compile(
    r"[\w.+%-]{1,64}\s?[(\[{]\s?(?:at|@)\s?[)\]}]\s?[\w-]{1,60}"
    r"(?:\s?(?:\.|[(\[{]\s?(?:dot|punkt|\.)\s?[)\]}])\s?[\w-]{1,60}){1,4}",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_PHONE = re.compile(r"(?<![\w.,/-])(?:\+|\(\+?)?\d(?:[ \u00a0.()/\u2010-\u2013-]{0,3}\d){6,17}(?!\w|[.,]\d)")
_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}.*|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}.*|\d{4}\s?[-–/]\s?\d{4}")
_NOT_DIGITS = re.compile(r"\D+")
_SIGNS = re.compile(r"[^A-Za-z0-9]+")
_LETTER = re.compile(r"[^\W\d_]")


def phone_key(phone: str) -> str:
    """What two spellings of one number share: its last digits; "" for too few of them."""
    digits = _NOT_DIGITS.sub("", phone)
    return digits[-PHONE_KEY_DIGITS:] if len(digits) >= PHONE_KEY_DIGITS - 2 else ""


def shape_spans(text: str, phones: Set[str]) -> Iterator[tuple[int, int, str]]:
    """Where such values stand, and what to put in their places.

    Args:
        phones: Keys of known numbers, which count however they are written.
    """
    if "@" in text:
        yield from ((m.start(), m.end(), EMAIL) for m in _EMAIL.finditer(text) if _LETTER.search(m.group()))
    if "(" in text or "[" in text or "{" in text:
        yield from ((m.start(), m.end(), EMAIL) for m in _SPOKEN_EMAIL.finditer(text))
    if not any(char.isdigit() for char in text):
        return
    for match in _IBAN.finditer(text):
        if length := _iban_length(match.group()):
            yield match.start(), match.start() + length, IBAN
    for match in _PHONE.finditer(text):
        digits = _NOT_DIGITS.sub("", match.group())
        if digits[-PHONE_KEY_DIGITS:] in phones or _is_phone(match.group(), digits):
            yield match.start(), match.end(), PHONE


def _iban_length(text: str) -> int:
    """How much of the text is an IBAN whose checksum holds; 0 for none. Words behind it may look like its end."""
    for end in range(len(text), 14, -1):
        compact = _SIGNS.sub("", text[:end]).upper()
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

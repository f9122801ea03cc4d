"""Personal values told by their shape: e-mail, phone, IBAN, card, identity number and network address."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import cache

from chains.privacy.lexicon import either, iban_lengths
from chains.privacy.people import digits
from chains.privacy.spans import Span

EMAIL, PHONE, IBAN, CARD, IP, ID_NUMBER = "[[email]]", "[[phone]]", "[[iban]]", "[[card]]", "[[ip]]", "[[id_number]]"
# Under every name and company: a name inside an e-mail address must not save the rest of it.
_RANK = 4

_LABEL = r"[^\W_](?:[\w-]{0,62}[^\W_])?"
_OBFUSCATED_DOT = r"[ ]?(?:[(\[{]\s?(?:dot|punkt|point|punto|\.)\s?[)\]}]|(?<=[ ])(?:DOT|dot)(?=[ ])|\.)[ ]?"
_AT_DOMAIN = re.compile(rf"[@＠](?:{_LABEL}\.){{1,5}}[^\W\d_]{{2,24}}\b|[@＠][^\W_][\w.-]{{0,80}}")
_OBFUSCATED_AT_DOMAIN = re.compile(
    r"[ ]?(?:[(\[{]\s?(?:at|@|arroba)\s?[)\]}]|[ ](?:AT|arroba)[ ]|[ ]@[ ])[ ]?"
    rf"(?:{_LABEL}{_OBFUSCATED_DOT}){{1,5}}[^\W\d_]{{2,24}}\b"
)
_LOCAL_REVERSED = re.compile(r"[\w.+%'’!#$&*/=?^`{|}~-]{1,64}")
_LOCAL_EDGE = ".'’\"`*_{|}/=?&!"

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ ]?\d{2}(?:[ \-]?[A-Za-z0-9]){11,33}")
_CARD = re.compile(r"(?<![\w.])\d(?:[ \-.]?\d){12,18}(?![\w])")
_IP4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IP6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
_SOCIAL_SECURITY = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
_VERSION_BEFORE = re.compile(r"(?:\bv|version|release|build|firmware|driver)[ .:]*$", re.IGNORECASE)

_PHONE = re.compile(
    r"(?<!\w)(?<!\d[.,/-])(?:\+|\(?\+?)?\d(?:[ \u00a0\u2009.()/\u2010-\u2013-]{0,3}\d){4,19}"
    r"(?:[ ]?(?:x|ext\.?|extension|Durchwahl|poste)[ ]?\d{1,6})?(?![\w])",
    re.IGNORECASE,
)
_PHONE_AFTER = re.compile(r"[\s(-]{0,2}(?:office|fax|mobile|mobil|cell|phone|home|work|tel)\b", re.IGNORECASE)
_DATE_LIKE = re.compile(
    r"\(?(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2}))(?:[ T]\d{1,2}.*)?"
    r"|\d{4}\s?[-–/]\s?\d{4}"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:([ .\u00a0\u2009])\d{3})(?:\1\d{3})*")
_NORTH_AMERICAN = re.compile(r"(?:1[ .-])?\(?\d{3}\)?[ .-]?\d{3}[.-]\d{4}")
_EXTENSION = re.compile(r"\s?(?:x|ext|poste|durch)", re.IGNORECASE)
_SEPARATORS = re.compile(r"[ \u00a0\u2009.()/\u2010-\u2013-]+")


def emails(text: str) -> Iterator[Span]:
    """E-mail addresses, also written with (at) and (dot)."""
    for match in (*_AT_DOMAIN.finditer(text), *_OBFUSCATED_AT_DOMAIN.finditer(text)):
        local = _LOCAL_REVERSED.match(text[max(0, match.start() - 64) : match.start()][::-1])
        if local is None:
            continue
        length = len(local.group().rstrip(_LOCAL_EDGE))
        if length:
            yield Span(match.start() - length, match.end(), EMAIL, _RANK - 2)


def ibans(text: str) -> Iterator[Span]:
    """Bank accounts whose IBAN checksum holds, or that stand right behind the word IBAN."""
    for match in _IBAN.finditer(text):
        length = iban_lengths().get(match.group()[:2].upper())
        end = _end_of(text, match.start(), match.end(), length or 0)
        named = text[max(0, match.start() - 12) : match.start()].rstrip(" :.#").lower().endswith("iban")
        if length is not None and end and _iban_holds(text[match.start() : end]):
            yield Span(match.start(), end, IBAN, _RANK - 1)
        elif named:
            yield Span(match.start(), end or match.end(), IBAN, _RANK - 1)


def _end_of(text: str, start: int, end: int, length: int) -> int:
    """Where `length` letters and digits from `start` end; 0 when there are not so many."""
    count = 0
    for at in range(start, end):
        count += text[at].isalnum()
        if length and count == length:
            return at + 1
    return 0


def _iban_holds(text: str) -> bool:
    compact = "".join(char for char in text.upper() if char.isalnum())
    if not compact.isascii():
        return False
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def cards(text: str) -> Iterator[Span]:
    """Payment card numbers: 13 to 19 digits with a card's first digit and a Luhn check digit."""
    for match in _CARD.finditer(text):
        number = digits(match.group())
        if number[0] in "23456" and _luhn_holds(number):
            yield Span(match.start(), match.end(), CARD, _RANK)


def _luhn_holds(number: str) -> bool:
    values = [int(char) for char in reversed(number)]
    return (sum(values[::2]) + sum(sum(divmod(2 * value, 10)) for value in values[1::2])) % 10 == 0


def network_addresses(text: str) -> Iterator[Span]:
    """IPv4 and IPv6 addresses; a dotted version number that names itself so is none."""
    for match in _IP4.finditer(text):
        if _is_address(match.group()) and not _VERSION_BEFORE.search(text[max(0, match.start() - 12) : match.start()]):
            yield Span(match.start(), match.end(), IP, _RANK)
    for match in _IP6.finditer(text):
        if match.group().count(":") >= 3 and len(match.group()) > 7 and _is_address(match.group()):
            yield Span(match.start(), match.end(), IP, _RANK)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def identity_numbers(text: str) -> Iterator[Span]:
    """Numbers written like a United States social security number."""
    for match in _SOCIAL_SECURITY.finditer(text):
        yield Span(match.start(), match.end(), ID_NUMBER, _RANK - 1)


@cache
def _phone_before() -> re.Pattern[str]:
    return re.compile(rf"(?:\b{either('phone_words')}\b|☎|📞|✆)[^\d\n]{{0,18}}$")


@cache
def _number_before() -> re.Pattern[str]:
    return re.compile(rf"(?:[#№$€£¥%]|\b{either('number_words')}\b\.?)[\s:#-]{{0,3}}$")


def phone_candidates(text: str) -> Iterator[re.Match[str]]:
    """Stretches of digits and separators that may be a phone number."""
    return _PHONE.finditer(text)


def is_phone(text: str, match: re.Match[str]) -> bool:
    """Whether the candidate is written like a phone number where it stands, not like a date, amount or id."""
    written = match.group()
    before = text[max(0, match.start() - 30) : match.start()]
    number = _EXTENSION.split(written)[0]
    count = len(digits(number))
    if not 6 <= count <= 17 or _DATE_LIKE.fullmatch(written.strip("()")):
        return False
    if _phone_before().search(before) or _PHONE_AFTER.match(text, match.end()):
        return True
    if _number_before().search(before) or _is_address(number):
        return False
    return _written_like_phone(number, count, extended=number != written)


def _written_like_phone(number: str, count: int, *, extended: bool) -> bool:
    separated = bool(_SEPARATORS.search(number.strip()))
    if number.lstrip("(").startswith("+"):
        return count >= 8
    if number.startswith("00"):
        return count >= 10
    if extended or number.startswith("(") or _NORTH_AMERICAN.fullmatch(number):
        return count >= 7
    if _THOUSANDS.fullmatch(number):
        return False
    groups = [group for group in _SEPARATORS.split(number) if group]
    if number.startswith("0"):
        return 8 <= count <= 12 and (separated or count >= 10) and len(groups[0]) <= 5
    return 8 <= count <= 12 and len(groups) >= 3 and all(2 <= len(group) <= 4 for group in groups)

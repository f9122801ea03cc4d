"""Whether a ticket's subject or number may stand in a mail."""

from __future__ import annotations

import re
from functools import cache

import yaml

from prompts.loader import load_text

_LONGEST_SUBJECT = 60
_SHORTEST_SUBJECT = 4
_MOST_WORDS = 9
_LONGEST_ACRONYM = 5
_UNCLEAN = re.compile(
    r"\[\[|\]\]|[<>{}|\\`*_~@#]|[!?]|[;:€$£¥%]|\d|https?:|www\.|[“”„«»\"]|\d{5,}"
    r"|[\x00-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)
_DOMAIN = re.compile(r"\b[\w-]+\.(?:com|net|org|io|example|de|fr|es|eu|co|info|biz|app|dev)\b", re.IGNORECASE)
_REPLY_PREFIX = re.compile(r"^(?:\s*(?:re|fw|fwd|aw|wg|tr|rv)\s*:\s*)+", re.IGNORECASE)
# A customer never sees the CRM's own record ids (15 or 18 characters); a case number is shorter.
_LONGEST_NUMBER = 14
_NUMBER = re.compile(r"(?:#|(?:CASE|CS|HD|INC|REQ|SR|SUP|T|TCK|TICKET|TK|TKT|ZD)[-_# ]?)?\d{1,14}", re.IGNORECASE)


@cache
def _words(kind: str) -> re.Pattern[str]:
    words = yaml.safe_load(load_text("churn/quoting.yaml"))[kind]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


def quotable_subject(subject: str, *, is_praise: bool, language: str = "") -> str:
    """The subject as it may be quoted, or "" when it is unclean, careless, a complaint, an instruction or too long."""
    text = " ".join(_REPLY_PREFIX.sub("", subject).split()).rstrip(".")
    if not _SHORTEST_SUBJECT <= len(text) <= _LONGEST_SUBJECT or _UNCLEAN.search(text) or _DOMAIN.search(text):
        return ""
    words = text.split()
    letters = [c for c in text if c.isalpha()]
    shouting = len(letters) > 3 and sum(c.isupper() for c in letters) > 0.6 * len(letters)
    repeated = len({w.casefold() for w in words}) < len(words) and len(words) <= 4
    careless = not (text[0].isupper() or text[0].isdigit()) or _shouts(words) or _words("misspelt").search(text)
    if shouting or repeated or careless or not letters or len(words) > _MOST_WORDS or len(words) < 2:
        return ""
    if language != "de" and any(word.istitle() for word in words[1:]):
        return ""  # Outside German a capital within a subject is a name's, which may be a competitor's.
    if any(_words(kind).search(text) for kind in ("instruction", "hostile", "complaint", "rival", "leaving")):
        return ""
    if not is_praise and _words("praise").search(text):
        return ""  # "Thanks for the outage": irony should not be handed back.
    return text


def _shouts(words: list[str]) -> bool:
    return any(word.isupper() and (len(word) > _LONGEST_ACRONYM or _words("shouted").fullmatch(word)) for word in words)


def printable_number(ticket_id: str) -> str:
    """The ticket's number as it may stand in a mail, or "" when it is not one."""
    text = ticket_id.strip()
    return text if any(c.isdigit() for c in text) and _NUMBER.fullmatch(text) and len(text) <= _LONGEST_NUMBER else ""

"""The words that Baton knows in fields that hold one of a few; whatever else stands there may be anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from connectors.canonical import INVOICE_STATUS, PRIORITY, ROLE, STATUS, canonical

OTHER = "other"
"""Stands for every word that is not known."""
Known = Callable[[str], bool]

_ACTIVITIES = frozenset(
    ("meeting", "call", "email", "e-mail", "mail", "visit", "demo", "workshop", "training", "webinar", "event", "note",
     "task", "letter", "chat", "sms", "review", "qbr", "onboarding", OTHER)
)  # fmt: skip
_SURVEYS = frozenset(("nps", "csat", "ces", OTHER))


def _meaning(words: Mapping[str, str]) -> Known:
    meanings = frozenset(words.values()) | {OTHER}
    return lambda text: canonical(text, words) in meanings


def _one_of(words: frozenset[str]) -> Known:
    return lambda text: text.strip().casefold() in words


def _like(pattern: str) -> Known:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text.strip()) is not None


KNOWN: Mapping[tuple[str, str], Known] = {
    ("accounts", "status"): _meaning(STATUS),
    ("accounts", "annual_recurring_revenue.currency"): _like("[A-Za-z]{3}|[€$£¥]"),
    ("contacts", "role"): _meaning(ROLE),
    ("contacts", "language"): _like("[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?|(?i:english|german|french|spanish|deutsch)"),
    ("tickets", "priority"): _meaning(PRIORITY),
    ("invoices", "status"): _meaning(INVOICE_STATUS),
    ("invoices", "currency"): _like("[A-Za-z]{3}|[€$£¥]"),
    ("activities", "kind"): _one_of(_ACTIVITIES),
    ("surveys", "kind"): _one_of(_SURVEYS),
}
"""Whether a field's text is such a word, in any of its usual spellings."""

"""The tables the sample organisation is made from, read once from YAML."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import yaml

TICKET_LANGUAGES = ("en", "de", "fr", "es")
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "ł": "l", "œ": "oe"})


class TicketText(NamedTuple):
    """A support text with placeholders in braces."""

    subject: str
    body: str


class Place(NamedTuple):
    """What a country brings along: region, currency, names, language, legal forms, telephone numbers."""

    country: str
    region: str
    currency: str
    culture: str
    stems: str
    language: str
    forms: tuple[str, ...]
    phone: str
    weight: int


@cache
def table(name: str) -> dict[str, Any]:
    """The YAML table of that name."""
    text = resources.files("connectors.sample").joinpath("data", f"{name}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def places() -> dict[str, Place]:
    """Every country by its name."""
    return {
        country: Place(
            country=country,
            region=row["region"],
            currency=row["currency"],
            culture=row["culture"],
            stems=row.get("stems", row["culture"]),
            language=row["language"],
            forms=tuple(row["forms"]),
            phone=row["phone"],
            weight=row["weight"],
        )
        for country, row in table("places").items()
    }


@cache
def ticket_texts(language: str) -> dict[str, tuple[TicketText, ...]]:
    """The support texts of a language by topic."""
    return {
        topic: tuple(TicketText(text["subject"], text["body"].strip()) for text in texts)
        for topic, texts in table(f"tickets_{language}").items()
    }


@cache
def in_ascii(text: str) -> str:
    """The text in lower-case ASCII letters and digits, other characters dropped, for addresses."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return "".join(letter for letter in folded if letter.isalnum())

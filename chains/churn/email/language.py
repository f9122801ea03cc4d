"""Which language a mail is written in, and how that language writes a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Literal, get_args

import yaml
from babel.dates import format_date, format_skeleton

from prompts.loader import load_text

Language = Literal["en", "de", "fr", "es"]

_NAMES: Mapping[str, Language] = {
    "english": "en", "eng": "en", "german": "de", "deutsch": "de", "deu": "de", "ger": "de",
    "french": "fr", "français": "fr", "francais": "fr", "fra": "fr", "fre": "fr",
    "spanish": "es", "español": "es", "espanol": "es", "castellano": "es", "spa": "es",
}  # fmt: skip
_OF_COUNTRY: Mapping[str, Language] = {
    **dict.fromkeys(("germany", "deutschland", "austria", "österreich", "switzerland", "liechtenstein"), "de"),
    **dict.fromkeys(("de", "at", "ch", "li", "deu", "aut", "che"), "de"),
    **dict.fromkeys(("france", "monaco", "senegal", "côte d'ivoire", "fr", "mc", "fra"), "fr"),
    **dict.fromkeys(("spain", "españa", "mexico", "méxico", "argentina", "chile", "colombia", "peru", "perú"), "es"),
    **dict.fromkeys(("uruguay", "ecuador", "paraguay", "bolivia", "costa rica", "panama", "guatemala"), "es"),
    **dict.fromkeys(("es", "mx", "ar", "cl", "co", "pe", "uy", "ec", "esp", "mex", "arg", "chl", "col", "per"), "es"),
}
_AMERICAN = ("united states", "united states of america", "usa", "us")


def language_code(text: str) -> Language | None:
    """The supported language that a code, tag or name stands for."""
    word = text.strip().casefold()
    tag = word.replace("_", "-").split("-")[0]
    return next((code for code in get_args(Language) if code == tag), _NAMES.get(word))


def mail_language(wanted: str, contact_language: str, country: str) -> Language:
    """The language asked for, else the contact's, else the country's, else English.

    A contact whose language nobody here writes gets English rather than the country's language.
    """
    if wanted and (code := language_code(wanted)):
        return code
    if contact_language.strip():
        return language_code(contact_language) or "en"
    return _OF_COUNTRY.get(country.strip().casefold(), "en")


def after_salutation(text: str, language: Language) -> str:
    """The first sentence as it follows a salutation: in German a comma goes before, so that small words stay small."""
    if language != "de" or not is_small(text):
        return text
    return text[:1].lower() + text[1:]


def is_small(text: str) -> bool | None:
    """Whether a German sentence begins with a word that is small within another; None where nobody knows.

    An unknown word may be a noun, so it is best left as it is.
    """
    words = text.split(None, 2)
    first = words[0].strip(_MARKS) if words else ""
    small, capital = _german_openers()
    is_asking = len(words) > 1 and words[1].strip(_MARKS) in _AFTER_A_VERB
    if first.casefold() in small or (is_asking and first.endswith("n") and first not in _FORMAL):
        return True
    return False if first in capital else None


_MARKS = ",.:;„“()"
_AFTER_A_VERB = ("Sie", "wir")
_FORMAL = ("Ihnen", "Ihren")


@cache
def _german_openers() -> tuple[frozenset[str], frozenset[str]]:
    """The first words that are small within a sentence, and those that never are."""
    words = yaml.safe_load(load_text("churn/after_salutation.yaml"))
    return frozenset(words["small"].split()), frozenset(words["capital"].split())


def spoken_date(day: dt.date, language: Language, as_of: dt.date, country: str = "") -> str:
    """The date as a letter writes it; the year only where it is not the one of `as_of`."""
    american = language == "en" and country.strip().casefold() in _AMERICAN
    locale = "en_US" if american else {"en": "en_GB"}.get(language, language)
    this_year = day.year == as_of.year
    text = format_skeleton("MMMMd", day, locale=locale) if this_year else format_date(day, "long", locale=locale)
    return f"1er{text[1:]}" if language == "fr" and day.day == 1 else text

"""Which language a mail is written in, and how that language writes a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal, get_args

from babel.dates import format_date, format_skeleton

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


_OPENERS = """
am an auch auf aus bei da damit danke das dass der die dies diese es für haben hiermit ich im in mit nach seit schade
unser unsere vielen vom von vor weil wenn wie wir zu zum zur zwei
"""
_GERMAN_OPENERS = frozenset(_OPENERS.split())


def after_salutation(text: str, language: Language) -> str:
    """The first sentence as it follows a salutation: in German a comma goes before, so that small words stay small."""
    first = text.split(" ", 1)[0]
    if language != "de" or first.casefold() not in _GERMAN_OPENERS:
        return text
    return text[:1].lower() + text[1:]


def spoken_date(day: dt.date, language: Language, as_of: dt.date, country: str = "") -> str:
    """The date as a letter writes it; the year only where it is not the one of `as_of`."""
    american = language == "en" and country.strip().casefold() in _AMERICAN
    locale = "en_US" if american else {"en": "en_GB"}.get(language, language)
    this_year = day.year == as_of.year
    text = format_skeleton("MMMMd", day, locale=locale) if this_year else format_date(day, "long", locale=locale)
    return f"1er{text[1:]}" if language == "fr" and day.day == 1 else text

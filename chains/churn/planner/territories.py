"""Regions, countries and groups of countries: what people call them, and how the payload spells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

from chains.churn.planner.phrases import PhraseTable
from chains.churn.planner.reading import folded
from chains.churn.planner.tables import table, word_set

_NAMED_IN = ("en", "de", "fr", "es")
# Two letters that are also common words are never read as a country's code.


@dataclass(frozen=True, slots=True)
class Place:
    """A place named: `codes` are ISO 3166, `values` the payload's spellings; `missing` when it has none."""

    kind: str
    name: str
    codes: tuple[str, ...]
    values: tuple[str, ...]
    missing: bool = False


class Territories:
    """The places a payload has; a place it lacks is spelt in English and said to be missing."""

    def __init__(self, regions: Sequence[str], countries: Sequence[str]) -> None:
        self.regions = tuple(regions)
        self.countries = tuple(countries)
        self._spellings: dict[str, list[str]] = {}
        for country in countries:
            self._spellings.setdefault(_code_of(country), []).append(country)
        self.phrases: PhraseTable[Place] = PhraseTable(self._entries())
        self.codes = {code for code in self._spellings if len(code) == 2} - word_set("territories_codes_that_are_words")

    def country(self, code: str) -> Place:
        """The country with that ISO code."""
        values = tuple(self._spellings.get(code, ()))
        return Place("country", english_name(code), (code,), values or (english_name(code),), missing=not values)

    def group(self, name: str) -> Place:
        """The group's countries that the payload has, or all of them when it has none."""
        codes = _members(name)
        values = tuple(country for country in self.countries if _code_of(country) in codes)
        absent = tuple(english_name(code) for code in codes)
        return Place("country", name, codes, values or absent, missing=not values)

    def region_as_countries(self, place: Place) -> Place:
        """The region spelt out as countries, so that it can stand beside a single country."""
        return self.group(_REGION_GROUPS.get(place.name, place.name.lower()))

    def is_spelt_out(self, place: Place) -> bool:
        """Whether the region is a known group of countries."""
        return _REGION_GROUPS.get(place.name, place.name.lower()) in table("groups")["members"]

    def _entries(self) -> list[tuple[str, Place]]:
        entries = [*self._region_entries()]
        for name, phrases in table("groups")["names"].items():
            place = self._region_called(phrases) or self.group(name)
            entries += [(folded(phrase), place) for phrase in phrases]
        for country in self.countries:
            entries.append((_plain(country), self.country(_code_of(country))))
        for phrase, code in _country_phrases():
            entries.append((phrase, self.country(code)))
        return entries

    def _region_entries(self) -> list[tuple[str, Place]]:
        entries = []
        known = table("groups")["regions"]
        for region in self.regions:
            plain = _plain(region)
            concept = _concept(plain) or region
            place = Place("region", concept, (), (region,))
            entries += [(word, place) for word in (plain, *known.get(concept, ()))]
        return entries

    def _region_called(self, phrases: Sequence[str]) -> Place | None:
        for region in self.regions:
            if _plain(region) in phrases:
                return Place("region", region, (), (region,))
        return None


def region_name(region: str) -> str:
    """The usual name of a region that has several spellings, else its own in lower case."""
    return _concept(_plain(region)) or " ".join(region.casefold().split())


def _concept(plain: str) -> str:
    known = table("groups")["regions"].items()
    return next((name for name, words in known if plain == name.lower() or plain in words), "")


@lru_cache(maxsize=32)
def territories_of(regions: tuple[str, ...], countries: tuple[str, ...]) -> Territories:
    """The places of payloads with these regions and countries, made ready once."""
    return Territories(regions, countries)


_REGION_GROUPS = {"EMEA": "emea", "AMER": "amer", "APAC": "apac", "LATAM": "latam", "NA": "north_america"}


@cache
def _english_names() -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale.parse("en").territories.items()}


@cache
def english_name(code: str) -> str:
    """The country's name in English; what is no code stands for itself."""
    return _english_names().get(code, code)


@cache
def _members(name: str) -> tuple[str, ...]:
    codes: dict[str, None] = {}
    members = table("groups")["members"]
    for entry in members.get(name, ()):
        for code in _members(entry) if entry in members else (entry,):
            codes[code] = None
    return tuple(codes)


@cache
def _country_phrases() -> tuple[tuple[str, str], ...]:
    """Every name of a country with its code: spoken ones first, then CLDR's in four languages."""
    phrases = [(folded(name), code) for code, names in table("countries").items() for name in names]
    for language in _NAMED_IN:
        for key, name in Locale.parse(language).territories.items():
            code = str(key)
            if len(code) == 2 and code not in {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}:
                phrases.append((_plain(name), code))
    translated = table("countries_translated")
    for code, stems in translated["stems"].items():
        phrases += [(stem + ending, code) for stem in stems for ending in translated["endings"]]
    return tuple(dict.fromkeys(phrases))


@cache
def _codes_by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for phrase, code in _country_phrases():
        names.setdefault(phrase, code)
    for alias, codes in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha():
            names.setdefault(alias.lower(), codes[0])
    for code in map(str, Locale.parse("en").territories):
        if len(code) == 2 and code.isalpha():
            names.setdefault(code.lower(), code)
    return names


@cache
def country_words() -> frozenset[str]:
    """Every word that occurs in some country's name."""
    return frozenset(word for phrase, _ in _country_phrases() for word in phrase.split())


@cache
def _code_of(country: str) -> str:
    """The ISO code of a payload's country; an unknown one is its own code."""
    return _codes_by_name().get(_plain(country), country)


def _plain(name: str) -> str:
    kept = "".join(letter if letter.isalnum() or letter == "&" else " " for letter in folded(name))
    return " ".join("and" if word == "&" else word for word in kept.split())

"""The word tables of the checks, one YAML file a language, compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import yaml

from chains.grounding.reading import lowered

LANGUAGES = ("en", "de", "fr", "es")


@cache
def table(language: str) -> dict[str, Any]:
    """The table of a language, or of `any`, as written."""
    text = resources.files("chains.grounding").joinpath(f"words/{language}.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@cache
def any_of(key: str) -> str:
    """An expression for the words of `any.yaml` under that key, longest first."""
    words: list[str] = sorted(table("any")[key], key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", " ") for word in words) + ")"


def compiled(patterns: Iterable[str]) -> re.Pattern[str]:
    """One expression for all patterns, between word borders, for lower-case text without accents."""
    return re.compile(r"(?<![^\W_])(?:" + "|".join(_without_accents(pattern) for pattern in patterns) + r")(?![^\W_])")


def compiled_tails(patterns: Iterable[str]) -> re.Pattern[str]:
    """One expression for endings of words."""
    return re.compile("(?:" + "|".join(_without_accents(pattern) for pattern in patterns) + ")$")


def _without_accents(pattern: str) -> str:
    for umlaut, spellings in (("ä", "(?:ae|a)"), ("ö", "(?:oe|o)"), ("ü", "(?:ue|u)"), ("ß", "(?:ss|ß)")):
        pattern = pattern.replace(umlaut, spellings)
    return "".join(lowered(char) if char.isalpha() and not char.isascii() else char for char in pattern)


@cache
def stop_words(language: str) -> frozenset[str]:
    """Frequent small words of the language, without accents."""
    words: str = table(language)["stop_words"]
    return frozenset(lowered(word) for word in words.split())


@cache
def promises() -> dict[str, re.Pattern[str]]:
    """For each kind of promise, its phrases in every language."""
    kinds: dict[str, list[str]] = {}
    for language in LANGUAGES:
        for kind, patterns in table(language)["promises"].items():
            kinds.setdefault(kind, []).extend(patterns)
    return {kind: compiled(patterns) for kind, patterns in kinds.items()}


@cache
def signals() -> re.Pattern[str]:
    """What only we may know, in every language."""
    return compiled(pattern for language in LANGUAGES for pattern in table(language)["signals"])


@cache
def number_words() -> dict[str, Decimal]:
    """Number words of every language, without accents, that stand for themselves."""
    found: dict[str, Decimal] = dict(_german_numbers())
    for language in LANGUAGES:
        for value, words in table(language)["number_words"].items():
            found.update((spelling, Decimal(str(value))) for word in words for spelling in _spellings(word))
    return found


@cache
def other_words(language: str) -> frozenset[str]:
    """Number words of other languages that are ordinary words in this one; none for an unknown language."""
    words: str = table(language)["other_words"] if language in LANGUAGES else ""
    return frozenset(lowered(word) for word in words.split())


def _spellings(word: str) -> set[str]:
    umlauts = word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return {lowered(word), lowered(umlauts), lowered(word.replace("ß", "ss"))}


def _german_numbers() -> dict[str, Decimal]:
    words = table("any")
    units, teens, tens = words["german_units"], words["german_teens"], words["german_tens"]
    below = dict(zip(units, range(1, 10), strict=True)) | dict(zip(teens, range(10, 20), strict=True))
    for index, ten in enumerate(tens, start=2):
        below[ten] = 10 * index
        below |= {f"{unit}und{ten}": 10 * index + value for value, unit in enumerate(units, start=1)}
    known = dict(below)
    for prefix, hundred in (("", 1), *zip(units, range(1, 10), strict=True)):
        known[f"{prefix}hundert"] = 100 * hundred
        known |= {f"{prefix}hundert{rest}": 100 * hundred + value for rest, value in below.items()}
    known |= {f"{prefix}tausend": 1000 * value for prefix, value in list(known.items())}
    known["tausend"] = 1000
    del known["ein"]
    return {spelling: Decimal(value) for word, value in known.items() for spelling in _spellings(word)}


@cache
def phrases(key: str) -> re.Pattern[str]:
    """The patterns of every language under that key, as one expression."""
    return compiled(pattern for language in LANGUAGES for pattern in table(language)[key])


@cache
def relative_dates() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What a relative date means ("week:1": next week), and its phrases in every language."""
    kinds: dict[str, list[str]] = {}
    for language in LANGUAGES:
        for kind, patterns in table(language)["relative_dates"].items():
            kinds.setdefault(kind, []).extend(patterns)
    return tuple((kind, compiled(patterns)) for kind, patterns in kinds.items())


class Commitments(NamedTuple):
    """How one language says what somebody will do, and which verbs are harmless."""

    futures: tuple[re.Pattern[str], ...]
    accented_futures: tuple[re.Pattern[str], ...]
    safe: frozenset[str]
    unsafe: re.Pattern[str]
    any_verb: bool


@cache
def commitments() -> tuple[Commitments, ...]:
    """The futures of every language; in German any verb of the clause may be the one that counts."""
    found = []
    for language in LANGUAGES:
        rules = table(language)["commitment"]
        accented = [re.compile(rules[key], re.IGNORECASE) for key in rules if key == "future_accented"]
        found.append(
            Commitments(
                futures=tuple(compiled([rules[key]]) for key in ("will", "clause", "going", "future") if key in rules),
                accented_futures=tuple(accented),
                safe=frozenset(lowered(verb) for verb in rules["safe"].split()),
                unsafe=compiled(rules["unsafe"]),
                any_verb="clause" in rules,
            )
        )
    return tuple(found)

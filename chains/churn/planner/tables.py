"""The planner's word tables, read from the YAML files beside it once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any, TypeVar

import yaml

from chains.churn.planner.reading import folded

Value = TypeVar("Value")


@cache
def table(name: str) -> Any:
    """The content of one YAML file of this package."""
    text = resources.files("chains.churn.planner").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    # The C loader is safe too, and ten times as fast where it is built.
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


@cache
def word_set(name: str) -> frozenset[str]:
    """A set of small words that one rule looks for, from `grammar.yaml`."""
    return frozenset(str(table("grammar")[name]).split())


@cache
def filler(language: str) -> frozenset[str]:
    """Words of the language that carry no wish of their own."""
    return frozenset(table("words")["filler"][language].split())


@cache
def telltale(language: str) -> frozenset[str]:
    """Words that give the language away."""
    return frozenset(table("words")["telltale"].get(language, ()))


@cache
def keywords() -> tuple[str, ...]:
    """Right spellings that a mistyped word may be turned into."""
    return tuple(sorted(set(table("words")["keywords"].split())))


@cache
def short_forms() -> Mapping[str, str]:
    """Short forms and common slips, with the word meant."""
    forms: Mapping[str, str] = table("words")["short_forms"]
    return forms


@cache
def months() -> Mapping[str, int]:
    """Month number by word."""
    return _by_word(table("times")["months"])


@cache
def units() -> Mapping[str, str]:
    """Unit of time by word."""
    return _by_word(table("times")["units"])


@cache
def number_words() -> Mapping[str, int]:
    """Number by word."""
    return _by_word(table("times")["numbers"])


@cache
def ordinals() -> Mapping[str, int]:
    """Number by ordinal word."""
    return _by_word(table("times")["ordinals"])


@cache
def topics() -> frozenset[str]:
    """Words that mark a clause the plan cannot express."""
    return frozenset(table("topics")["topics"].split())


@cache
def openers() -> frozenset[str]:
    """Words a clause that cannot be answered starts with."""
    return frozenset(table("topics")["openers"].split())


@cache
def known_words() -> frozenset[str]:
    """Words the planner knows, which are neither mistyped nor somebody's name."""
    words = set(table("words")["ordinary"].split()) | set(keywords()) | topics() | openers()
    for language in ("en", "de", "fr", "es"):
        words |= filler(language) | telltale(language)
    for mapping in (months(), units(), number_words(), ordinals()):
        words |= set(mapping)
    categories = table("categories")
    for entry in (*categories["segments"].values(), *categories["industries"].values()):
        words |= _words_of(entry["words"]) | set(entry.get("guesses", ()))
    words |= {word for names in table("countries").values() for name in names for word in name.split()}
    for named in ("names", "regions"):
        words |= {word for names in table("groups")[named].values() for name in names for word in name.split()}
    return frozenset(words)


def _words_of(phrases: Iterable[str]) -> set[str]:
    return {word for phrase in phrases for word in phrase.split()}


def _by_word(by_value: Mapping[Value, Iterable[str]]) -> dict[str, Value]:
    return {folded(word): value for value, words in by_value.items() for word in words}

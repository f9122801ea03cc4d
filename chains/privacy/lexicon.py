"""The word lists: words that look like names, names told without context, what stands around names and in addresses."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

import yaml

from connectors.toolkit.folding import WORD, fold
from connectors.toolkit.ordinary_words import given_names, name_like_words, ordinary_spellings, ordinary_words

__all__ = [
    "LANGUAGES",
    "context_phrases",
    "either",
    "either_context",
    "first_words",
    "given_names",
    "iban_lengths",
    "name_like_words",
    "ordinary_spellings",
    "ordinary_words",
    "shape_set",
    "shapes",
]

LANGUAGES = ("en", "de", "fr", "es")


@cache
def context_phrases(kind: str) -> tuple[str, ...]:
    """The phrases of `contexts.yaml` that stand around names, longest first."""
    text = resources.files("chains.privacy").joinpath("contexts.yaml").read_text(encoding="utf-8")
    rows: list[list[object]] = yaml.safe_load(text)[kind]
    phrases = {str(phrase) for row in rows for phrase in row}
    return tuple(sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))


def either_context(kind: str) -> str:
    """An expression for any of these phrases of `contexts.yaml`, in any case."""
    phrases = (re.escape(phrase).replace(r"\ ", r"[ ]+").replace("'", "['’]") for phrase in context_phrases(kind))
    return "(?i:" + "|".join(phrases) + ")"


@cache
def _shape_table() -> dict[str, Any]:
    text = resources.files("chains.privacy").joinpath("shapes.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


@cache
def shapes(kind: str) -> tuple[str, ...]:
    """The words of `shapes.yaml` under that name, longest first."""
    return tuple(sorted(_shape_table()[kind], key=lambda word: (-len(word), word)))


@cache
def shape_set(kind: str) -> frozenset[str]:
    """The words of `shapes.yaml` under that name."""
    return frozenset(_shape_table()[kind])


@cache
def first_words(kind: str) -> frozenset[str]:
    """The first word of each of these shapes, folded, as `folding.words` splits them."""
    firsts = (WORD.search(shape) for shape in shapes(kind))
    return frozenset(fold(first.group()) for first in firsts if first)


def either(kind: str) -> str:
    """An expression for any of these shapes, in any case."""
    return "(?i:" + "|".join(re.escape(shape).replace(r"\ ", "[ ]") for shape in shapes(kind)) + ")"


@cache
def iban_lengths() -> dict[str, int]:
    """Length of an IBAN by country."""
    return dict(_shape_table()["iban_lengths"])

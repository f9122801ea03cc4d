"""The word lists of `words.yaml`: ordinary words that look like names, and names told without context."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

from chains.privacy.folding import fold

LANGUAGES = ("en", "de", "fr", "es")


@cache
def _tables() -> dict[str, Any]:
    text = resources.files("chains.privacy").joinpath("words.yaml").read_text(encoding="utf-8")
    tables: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return tables


@cache
def ordinary_words() -> frozenset[str]:
    """Folded words of every language that do not name a person by themselves, `name_like_words` among them."""
    lists: dict[str, str] = _tables()["ordinary"]
    return frozenset(fold(word) for words in lists.values() for word in words.split()) | name_like_words()


@cache
def given_names() -> frozenset[str]:
    """Folded given names that are hardly ever anything else."""
    names: str = _tables()["given_names"]
    return frozenset(fold(name) for name in names.split()) - ordinary_words()


@cache
def name_like_words() -> frozenset[str]:
    """Folded ordinary words that are names as well: they count where a name is expected."""
    lists: dict[str, str] = _tables()["name_like"]
    return frozenset(fold(word) for words in lists.values() for word in words.split())


@cache
def context_phrases(kind: str) -> tuple[str, ...]:
    """The phrases of `contexts.yaml` that stand around names, longest first."""
    text = resources.files("chains.privacy").joinpath("contexts.yaml").read_text(encoding="utf-8")
    rows: list[list[object]] = yaml.safe_load(text)[kind]
    phrases = {str(phrase) for row in rows for phrase in row}
    return tuple(sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))

"""The lists of words that look like names and are none, and of given names that are hardly ever anything else."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

from connectors.toolkit.folding import fold, written


@cache
def _tables() -> dict[str, Any]:
    text = resources.files("connectors.toolkit").joinpath("words.yaml").read_text(encoding="utf-8")
    tables: dict[str, Any] = yaml.safe_load(text)
    return tables


@cache
def ordinary_words() -> frozenset[str]:
    """Folded words of every language that do not name a person by themselves, `name_like_words` among them."""
    lists: dict[str, str] = _tables()["ordinary"]
    return frozenset(fold(word) for words in lists.values() for word in words.split()) | name_like_words()


@cache
def ordinary_spellings() -> frozenset[str]:
    """The ordinary words as they are written, accents kept; two words that fold alike are told apart by it."""
    tables = _tables()
    lists: list[str] = [*tables["ordinary"].values(), *tables["name_like"].values()]
    return frozenset(written(word) for words in lists for word in words.split())


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

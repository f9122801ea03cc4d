"""Company names made comparable: accents folded, punctuation gone, the legal form set apart."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

import yaml

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_DOTTED = re.compile(r"\b(?:\w\.\s?){2,}(?:\w\b)?")
_NOT_WORD = re.compile(r"[^\w]+|_+")
_DIGRAPH = re.compile(r"(?<=[aou])e")


class CompanyName(NamedTuple):
    """A name's words without the legal form, and the form's canonical word (empty when none is named)."""

    stem: str
    form: str


@cache
def _forms() -> dict[tuple[str, ...], str]:
    text = resources.files("connectors").joinpath("legal_forms.yaml").read_text(encoding="utf-8")
    return {tuple(spelling.split()): form for form, names in yaml.safe_load(text).items() for spelling in names}


@cache
def _longest_form() -> int:
    return max(map(len, _forms()))


def _folded(name: str) -> str:
    """Lower case without accents; dotted abbreviations such as G.m.b.H. are joined into one word."""
    text = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).translate(_LETTERS)
    text = _DOTTED.sub(lambda match: re.sub(r"[.\s]", "", match[0]) + " ", text)
    return _NOT_WORD.sub(" ", text.replace("&", " and ").replace("'", "").replace("’", "")).strip()


def _split_form(words: list[str]) -> tuple[list[str], str]:
    """The words before the longest legal form at the end (or after one at the start), and that form."""
    for size in range(min(_longest_form(), len(words) - 1), 0, -1):
        if form := _forms().get(tuple(words[-size:])):
            return words[:-size], form
    if len(words) > 1 and (form := _forms().get((words[0],))):
        return words[1:], form
    return words, ""


@lru_cache(maxsize=65_536)
def company_name(name: str) -> CompanyName:
    """The comparable parts of a company's name.

    ``ALPINE FOODS G.M.B.H.`` and ``Alpine Foods GmbH`` give the same; so do ``Müller`` and ``Mueller``.
    A name that is nothing but a legal form keeps it as its stem.
    """
    words, form = _split_form(_folded(name).split())
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    # Both spellings of an umlaut meet in its bare vowel; the fold is lossy, and the same on both sides.
    return CompanyName(_DIGRAPH.sub("", " ".join(words)), form)


def domain_name(address: str) -> str:
    """The host of a web address, an e-mail address or a bare domain, without ``www.``; empty when there is none."""
    host = address.strip().casefold().rpartition("@")[2].rpartition("://")[2]
    host = re.split(r"[/?#:]", host, maxsplit=1)[0].rstrip(".").removeprefix("www.")
    return host if "." in host else ""

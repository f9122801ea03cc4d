"""Company names made comparable: accents folded, punctuation gone, the legal form set apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

import yaml

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_SIGNS = str.maketrans({"&": " and ", "+": " plus ", "#": " sharp ", "'": "", "’": ""})
_DOTTED = re.compile(r"\b(?:\w\.\s?){2,}(?:\w\b)?")
# After a vowel or q, at a word's end and in "el" no umlaut is spelt out: Bauer, Boutique, Blue, Michael.
_DIGRAPH = re.compile(r"(?<![aeiouyq])([aou])e(?![aeio]|\b|l(?:\b|s))")
_LEAST_LEADING_FORM = 3
_ACCENTED = ("LATIN ", "GREEK ", "CYRILLIC ")
_HOST = re.compile(r"(?!-)[\w-]+(?:\.[\w-]+)*\.(?=[^\W\d_]{2}|xn--)[\w-]{2,}")


class CompanyName(NamedTuple):
    """A name's words without the legal form, the form's canonical word ("" where none is named), and the fold.

    `fold` is `stem` with spelt-out umlauts in their bare vowels, so that Müller, Mueller and Muller meet.
    """

    stem: str
    form: str
    fold: str


@cache
def _forms() -> dict[tuple[str, ...], str]:
    text = resources.files("connectors").joinpath("legal_forms.yaml").read_text(encoding="utf-8")
    return {tuple(spelling.split()): form for form, names in yaml.safe_load(text).items() for spelling in names}


@cache
def _longest_form() -> int:
    return max(map(len, _forms()))


@cache
def _placeholders() -> frozenset[str]:
    text = resources.files("connectors").joinpath("name_words.yaml").read_text(encoding="utf-8")
    return frozenset(yaml.safe_load(text)["placeholders"])


def _folded(name: str) -> str:
    """Lower case without accents; dotted abbreviations such as G.m.b.H. are joined into one word."""
    text = "".join(_bare(unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS)))).translate(_LETTERS)
    text = unicodedata.normalize("NFC", text)
    text = _DOTTED.sub(lambda match: re.sub(r"[.\s]", "", match[0]) + " ", text).translate(_SIGNS)
    if text.isascii():
        return re.sub(r"[^a-z0-9]+", " ", text).strip()
    return "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in text).strip()


def _bare(text: str) -> Iterator[str]:
    """The letters without accents; the marks of other scripts are letters of their own (ハ and パ, कि and की)."""
    accented = False
    for letter in text:
        if not unicodedata.combining(letter):
            accented = letter < "\u0300" or unicodedata.name(letter, "").startswith(_ACCENTED)
            yield letter
        elif not accented:
            yield letter


def _split_form(words: list[str]) -> tuple[list[str], str]:
    """The words before the longest legal form at the end (or after one at the start), and that form."""
    for size in range(min(_longest_form(), len(words) - 1), 0, -1):
        if form := _forms().get(tuple(words[-size:])):
            return words[:-size], form
    # In front, two letters are more often part of the name: AS Roma, SE Bank.
    if len(words) > 1 and len(words[0]) >= _LEAST_LEADING_FORM and (form := _forms().get((words[0],))):
        return words[1:], form
    return words, ""


@lru_cache(maxsize=65_536)
def company_name(name: str) -> CompanyName:
    """The comparable parts of a company's name.

    ``ALPINE FOODS G.M.B.H.`` and ``Alpine Foods GmbH`` give the same; ``Müller`` and ``Mueller`` the same fold.
    A name that is nothing but a legal form keeps it as its stem.
    """
    words, form = _split_form(_folded(name).split())
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    stem = " ".join(words)
    return CompanyName(stem, form, _DIGRAPH.sub(r"\1", stem))


@lru_cache(maxsize=65_536)
def is_placeholder(name: str) -> bool:
    """Whether a name names nobody: it is empty, a word such as ``Unknown`` or ``Test``, or only a legal form."""
    stem = company_name(name).stem
    return not stem or stem in _placeholders() or tuple(stem.split()) in _forms()


@lru_cache(maxsize=65_536)
def domain_name(address: str) -> str:
    """The host of a web address, an e-mail address or a bare domain, without ``www.``; empty when there is none.

    Of several the first; `n.a.` and numeric addresses are no domains.
    """
    for part in re.split(r"[\s,;|<>()]+", address.casefold()):
        host = re.split(r"[/?#]", part.partition("://")[2] or part, maxsplit=1)[0].rpartition("@")[2]
        host = host.partition(":")[0].rstrip(".").removeprefix("www.")
        if _HOST.fullmatch(host):
            return host
    return ""

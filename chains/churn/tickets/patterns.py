"""The small pattern language of the lexicons, compiled to anchors and regular expressions.

A pattern is words apart by blanks. `renew*` matches any ending, `~renew` any word that holds it, `(a|b c)`
one of several, `word?` or `(a|b)?` may be absent, `..` stands for up to three words and `...` for up to six.
Capitals name a list of words of the same lexicon. No pattern reaches past the end of its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chains.churn.tickets.cleaning import folded

_ELEMENT = re.compile(r"\([^()]*\)\??|\S+")
_MACRO = re.compile(r"\b[A-Z][A-Z_]+\b")
_GAPS = {"..": 3, "...": 6}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})


@dataclass(frozen=True, slots=True)
class Compiled:
    """A pattern ready to use: `anchors` are words (`x`, `x*`, `~x`) of which one must occur; `regex` is "" for one word."""

    anchors: tuple[str, ...]
    regex: str
    words: frozenset[str]


def spellings(word: str) -> tuple[str, ...]:
    """A word as customers type it: umlauts dropped, and spelt out with an e."""
    return tuple(dict.fromkeys((folded(word).lower(), folded(word.translate(_UMLAUTS)).lower())))


def compile_pattern(text: str, macros: Mapping[str, str], common: Collection[str]) -> Compiled:
    """Compile one pattern; `common` words make poor anchors and are used only when there is nothing better.

    Raises:
        ValueError: The pattern is empty or has unbalanced parentheses.
    """
    expanded = _MACRO.sub(lambda match: macros[match[0]], text)
    if expanded.count("(") != expanded.count(")"):
        raise ValueError(f"unbalanced parentheses in pattern: {text}")
    elements = _ELEMENT.findall(expanded)
    if not elements:
        raise ValueError("an empty pattern")
    choices = [_alternatives(element) for element in elements]
    words = frozenset(form for choice in choices for alternative in choice for form in _forms(alternative))
    best = min(
        (_cost(element, choice, common), position)
        for position, (element, choice) in enumerate(zip(elements, choices, strict=True))
    )[1]
    anchors = tuple(dict.fromkeys(form for one in choices[best] for form in _anchor_forms(one, common)))
    if len(elements) == 1 and not any(" " in one for one in choices[0]):
        return Compiled(anchors, "", words)
    return Compiled(anchors, "".join(map(_element_regex, elements)), words)


def _alternatives(element: str) -> list[str]:
    if element in _GAPS:
        return []
    return [one.strip() for one in element.removesuffix("?").strip("()").split("|")]


def _forms(alternative: str) -> list[str]:
    return [form for word in alternative.split() for form in spellings(word)]


def _anchor_forms(alternative: str, common: Collection[str]) -> tuple[str, ...]:
    rarest = min(alternative.split(), key=lambda word: _word_cost(word, common))
    return spellings(rarest)


def _word_cost(word: str, common: Collection[str]) -> float:
    letters = len(word.strip("*~"))
    return (100 if word.strip("*~") in common else 0) - min(letters, 9)


def _cost(element: str, choice: list[str], common: Collection[str]) -> float:
    if not choice or element.endswith("?"):
        return 1000.0
    return max(min(_word_cost(word, common) for word in alternative.split()) for alternative in choice)


def _element_regex(element: str) -> str:
    if element in _GAPS:
        return rf"(?:[^ |]+ ){{0,{_GAPS[element]}}}?"
    joined = "|".join(
        "(?:, )?".join(_word_regex(word) for word in alternative.split()) for alternative in _alternatives(element)
    )
    return f"(?:(?:{joined})(?:, )?)?" if element.endswith("?") else f"(?:{joined})(?:, )?"


def _word_regex(word: str) -> str:
    forms = [_spelling_regex(form) for form in spellings(word)]
    return f"(?:{'|'.join(forms)}) " if len(forms) > 1 else f"{forms[0]} "


def _spelling_regex(form: str) -> str:
    before = "[a-z0-9]*" if form.startswith("~") else ""
    after = "[a-z0-9]*" if form[0] == "~" or form.endswith("*") else ""
    return before + re.escape(form.strip("~*")) + after

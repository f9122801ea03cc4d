"""Whether two company names can mean one company, as a second witness beside a shared domain; never alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import yaml
from rapidfuzz.distance import OSA

from connectors.company_names import CompanyName

_LEAST_PREFIX = 4
_ONE_SLIP_FROM, _TWO_SLIPS_FROM, _ONE_SLIP_IN_ALL_FROM = 5, 9, 7
_LEAST_INITIALS = 2
_FIRST_OF_ASIA = "\u2e80"


@cache
def _words() -> Mapping[str, frozenset[str]]:
    text = resources.files("connectors").joinpath("name_words.yaml").read_text(encoding="utf-8")
    return {kind: frozenset(names) for kind, names in yaml.safe_load(text).items()}


def alike(one: CompanyName, other: CompanyName) -> bool:
    """Whether one name is the other, a part of it, its initials, or it with a slip of the pen.

    Words such as ``Group`` do not count, those of a trade (``Bank``) are not enough, and a number, a single letter or
    a direction that only one name has keeps the two apart.
    """
    words, others = _telling(one.fold), _telling(other.fold)
    if "".join(words) == "".join(others):
        return True
    left, right = list(words), list(others)
    shared = []
    for word in words:
        partner = next((rival for rival in right if same_but_for_a_slip(word, rival)), None)
        if partner is not None:
            shared.append(word)
            left.remove(word)
            right.remove(partner)
    if any(_sets_apart(word) for word in (*left, *right)):
        return False
    if not (left and right) and any(word not in _words()["trades"] and len(word) > 1 for word in shared):
        return True
    if _slipped("".join(words), "".join(others), slips=1, least=_ONE_SLIP_IN_ALL_FROM):
        return True
    return _begins(words, others) or _initials(one.fold, other.fold) or _initials(other.fold, one.fold)


def same_but_for_a_slip(word: str, other: str) -> bool:
    """Whether two words are equal, or one letter (of long words two) is missing, doubled, replaced or swapped."""
    if word == other:
        return True
    if _sets_apart(word) or _sets_apart(other):
        return False
    slips = 2 if min(len(word), len(other)) >= _TWO_SLIPS_FROM else 1
    return _slipped(word, other, slips=slips, least=_ONE_SLIP_FROM)


def _slipped(text: str, other: str, *, slips: int, least: int) -> bool:
    """Whether one is the other with so many slips; a sign of Asia is a word, and no letter of one."""
    if min(len(text), len(other)) < least or max(text + other) >= _FIRST_OF_ASIA:
        return False
    return bool(OSA.distance(text, other, score_cutoff=slips) <= slips)


def _telling(fold: str) -> list[str]:
    words = fold.split()
    return [word for word in words if word not in _words()["general"]] or words


def _sets_apart(word: str) -> bool:
    return len(word) == 1 or word in _words()["apart"] or any(letter.isdigit() for letter in word)


def _begins(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether one name, written as one word, is how the other begins: ``alpinefoods`` and ``Alpine Foods France``."""
    short, long = sorted(("".join(words), "".join(others)), key=len)
    trade = short in _words()["trades"]
    return len(short) >= _LEAST_PREFIX and not trade and 1 in (len(words), len(others)) and long.startswith(short)


def _initials(short: str, long: str) -> bool:
    words = long.split()
    if " " in short or len(short) < _LEAST_INITIALS:
        return False
    return short in ("".join(word[0] for word in chosen) for chosen in (words, _telling(long)) if len(chosen) > 1)

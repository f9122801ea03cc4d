"""The small pattern language of the lexicons, compiled to needed words and a regular expression.

A pattern is words apart by blanks. `renew*` matches any ending, `~renew` any word that holds it, `(a|b c)`
one of several, `word?` or `(a|b)?` may be absent, `..` stands for up to three words and `...` for up to six.
Capitals name a list of words of the same lexicon. No pattern reaches past the end of its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from chains.churn.tickets.cleaning import folded

MOST_NEEDS = 3
_PARTS = re.compile(r"\(|\)\??|\||[^\s()|]+")
_MACRO = re.compile(r"\b[A-Z][A-Z_]+\b")
_GAPS = {"..": 3, "...": 6}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})
_COMMON_COST = 100


@dataclass(frozen=True, slots=True)
class Compiled:
    """A pattern ready to use.

    `needs` holds up to `MOST_NEEDS` sets of words (`x`, `x*`, `~x`), rarest first: one word of each set must occur.
    `source` is the regular expression over words each led by a blank, "" for a pattern of one word; `words` are all
    the words it names.
    """

    needs: tuple[frozenset[str], ...]
    source: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Node:
    """A word, or (when `word` is empty) a choice between sequences."""

    word: str
    choices: tuple[tuple[_Node, ...], ...] = ()
    optional: bool = False


@lru_cache(maxsize=4096)
def spellings(word: str) -> tuple[str, ...]:
    """A word as customers type it: umlauts dropped, and spelt out with an e."""
    if word.isascii():
        return (word.lower(),)
    return tuple(dict.fromkeys((folded(word).lower(), folded(word.translate(_UMLAUTS)).lower())))


def compile_pattern(
    text: str, macros: Mapping[str, str], common: Collection[str], barred: Collection[str] = ()
) -> Compiled:
    """Compile one pattern; `common` words filter badly and are needed last, gaps never skip a `barred` word.

    Raises:
        ValueError: The pattern is empty, has unbalanced parentheses or names a list that does not exist.
    """
    nodes = _parsed(text, macros)
    words = frozenset(form for node in nodes for form in _forms(node))
    needs = sorted((found for node in nodes if (found := _needed(node, common))), key=lambda one: one[0])
    if not needs:
        raise ValueError(f"a pattern that needs no word: {text}")
    kept = tuple(forms for _, forms in needs[:MOST_NEEDS])
    if len(nodes) == 1 and not any(len(sequence) > 1 for sequence in nodes[0].choices):
        return Compiled(kept, "", words)
    lead = f"(?! (?:{'|'.join(sorted(barred))}) )" if barred else ""
    return Compiled(kept, "".join(_regex(node, lead) for node in nodes) + "(?= )", words)


def _parsed(text: str, macros: Mapping[str, str]) -> tuple[_Node, ...]:
    try:
        expanded = _MACRO.sub(lambda match: macros[match[0]], text)
    except KeyError as missing:
        raise ValueError(f"no such list of words: {missing} in pattern: {text}") from None
    stack: list[list[list[_Node]]] = [[[]]]
    for part in _PARTS.findall(expanded):
        if part == "(":
            stack.append([[]])
        elif part == "|":
            stack[-1].append([])
        elif part.startswith(")"):
            choices = tuple(tuple(sequence) for sequence in stack.pop())
            if not stack or not all(choices):
                raise ValueError(f"unbalanced or empty parentheses in pattern: {text}")
            stack[-1][-1].append(_Node("", choices, optional=part.endswith("?")))
        else:
            stack[-1][-1].append(_Node(part.removesuffix("?"), optional=part.endswith("?")))
    if len(stack) != 1 or len(stack[0]) != 1:
        raise ValueError(f"unbalanced parentheses in pattern: {text}")
    return tuple(stack[0][0])


def _forms(node: _Node) -> Iterator[str]:
    if node.word:
        yield from spellings(node.word)
    for sequence in node.choices:
        for inner in sequence:
            yield from _forms(inner)


def _needed(node: _Node, common: Collection[str]) -> tuple[int, frozenset[str]] | None:
    """How badly the words one of which this node needs filter, and these words; None when it needs none."""
    if node.optional or node.word in _GAPS:
        return None
    if node.word:
        bare = node.word.strip("*~")
        cost = (_COMMON_COST if bare in common else 0) - min(len(bare), 9)
        return cost, frozenset(spellings(node.word))
    cost, forms = -_COMMON_COST, frozenset[str]()
    for sequence in node.choices:
        found = [one for inner in sequence if (one := _needed(inner, common))]
        if not found:
            return None
        best = min(found, key=lambda one: one[0])
        cost, forms = max(cost, best[0]), forms | best[1]
    return cost, forms


def _regex(node: _Node, lead: str) -> str:
    if node.word in _GAPS:
        return rf"(?:{lead} [^ ]+){{0,{_GAPS[node.word]}}}?"
    if node.word:
        forms = [_spelling_regex(form) for form in spellings(node.word)]
        found = f" (?:{'|'.join(forms)})" if len(forms) > 1 else f" {forms[0]}"
        return f"(?:{found})?" if node.optional else found
    joined = "|".join("".join(_regex(inner, lead) for inner in sequence) for sequence in node.choices)
    return f"(?:{joined})?" if node.optional else f"(?:{joined})"


def _spelling_regex(form: str) -> str:
    before = "[a-z0-9]*" if form.startswith("~") else ""
    after = "[a-z0-9]*" if form[0] == "~" or form.endswith("*") else ""
    return before + re.escape(form.strip("~*")) + after

"""The small pattern language of the lexicons, compiled to needed words and a regular expression.

A pattern is words apart by blanks. `renew*` matches any ending, `~renew` any word that holds it, `(a|b c)`
one of several, `word?` or `(a|b)?` may be absent, `..` stands for up to three words and `...` for up to six.
Capitals name a list of words of the same lexicon. No pattern reaches past the end of its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from chains.churn.tickets.cleaning import folded

MOST_NEEDS = 3
_PARTS = re.compile(r"\(|\)\??|\||[^\s()|]+")
_GAPS = {"..": 3, "...": 6}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})
_COMMON_COST = 100

_Needed = tuple[int, frozenset[str]]


@dataclass(frozen=True, slots=True, eq=False)
class _Node:
    """A word, or (when `word` is empty) a choice between sequences."""

    word: str
    choices: tuple[tuple[_Node, ...], ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A pattern ready to use.

    `needs` holds up to `MOST_NEEDS` sets of words (`x`, `x*`, `~x`), rarest first: one word of each set must occur.
    A `single` pattern is one of the words of its only set. `words` are all the words it names.
    """

    needs: tuple[frozenset[str], ...]
    single: bool
    words: frozenset[str]
    nodes: tuple[_Node, ...]
    barred: frozenset[str]

    def source(self) -> str:
        """Its regular expression over words each led by a blank."""
        lead = f"(?! (?:{'|'.join(sorted(self.barred))}) )" if self.barred else ""
        return "".join(_regex(node, lead) for node in self.nodes) + "(?= )"


@lru_cache(maxsize=4096)
def spellings(word: str) -> tuple[str, ...]:
    """A word as customers type it: umlauts dropped, and spelt out with an e."""
    if word.isascii():
        return (word.lower(),)
    return tuple(dict.fromkeys((folded(word).lower(), folded(word.translate(_UMLAUTS)).lower())))


class PatternCompiler:
    """Compiles the patterns of one lexicon.

    `macros` are its lists of words by name; `common` words filter badly and are needed last.
    """

    def __init__(self, macros: Mapping[str, str], common: Collection[str]) -> None:
        self._macros = macros
        self._common = common
        self._parsed_macros: dict[str, tuple[_Node, frozenset[str]]] = {}
        self._needs: dict[_Node, _Needed | None] = {}

    def compile(self, text: str, barred: frozenset[str] = frozenset()) -> Compiled:
        """Compile one pattern whose gaps never skip a `barred` word.

        Raises:
            ValueError: The pattern is empty, has unbalanced parentheses or names a list that does not exist.
        """
        nodes, words = self._parsed(text)
        needs = sorted((found for node in nodes if (found := self._needed(node))), key=itemgetter(0))
        if not needs:
            raise ValueError(f"a pattern that needs no word: {text}")
        single = len(nodes) == 1 and all(len(one) == 1 and not one[0].choices for one in nodes[0].choices)
        return Compiled(tuple(forms for _, forms in needs[:MOST_NEEDS]), single, words, nodes, barred)

    def _parsed(self, text: str) -> tuple[tuple[_Node, ...], frozenset[str]]:
        stack: list[list[list[_Node]]] = [[[]]]
        words: set[str] = set()
        for part in _PARTS.findall(text):
            if part == "(":
                stack.append([[]])
            elif part == "|":
                stack[-1].append([])
            elif part[0] == ")":
                choices = tuple([tuple(sequence) for sequence in stack.pop()])
                if not stack or any(all(map(_may_be_absent, one)) for one in choices):
                    raise ValueError(f"unbalanced parentheses or an empty choice in pattern: {text}")
                stack[-1][-1].append(_Node("", choices, part[-1] == "?"))
            elif part.isupper() and len(part) > 1:
                node, inner = self._macro(part)
                stack[-1][-1].append(node)
                words |= inner
            else:
                word = part.removesuffix("?")
                words.update(spellings(word))
                stack[-1][-1].append(_Node(word, (), part[-1] == "?"))
        if len(stack) != 1 or len(stack[0]) != 1:
            raise ValueError(f"unbalanced parentheses in pattern: {text}")
        return tuple(stack[0][0]), frozenset(words)

    def _macro(self, name: str) -> tuple[_Node, frozenset[str]]:
        known = self._parsed_macros.get(name)
        if known is None:
            if name not in self._macros:
                raise ValueError(f"no such list of words: {name}")
            nodes, words = self._parsed(self._macros[name])
            known = self._parsed_macros[name] = nodes[0], words
            self._needs[nodes[0]] = self._needed(nodes[0])
        return known

    def _needed(self, node: _Node) -> _Needed | None:
        """How badly the words one of which this node needs filter, and these words; None when it needs none."""
        if _may_be_absent(node):
            return None
        if node.word:
            bare = node.word.strip("*~")
            return (_COMMON_COST if bare in self._common else 0) - min(len(bare), 9), frozenset(spellings(node.word))
        if node in self._needs:
            return self._needs[node]
        cost, forms = -_COMMON_COST, set[str]()
        for sequence in node.choices:
            found = [one for inner in sequence if (one := self._needed(inner))]
            if not found:
                return None
            best = found[0] if len(found) == 1 else min(found, key=itemgetter(0))
            cost = max(cost, best[0])
            forms |= best[1]
        return cost, frozenset(forms)


def _may_be_absent(node: _Node) -> bool:
    return node.optional or node.word in _GAPS


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

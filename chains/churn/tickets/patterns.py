"""The small pattern language of the lexicons, compiled to needed words and a regular expression.

A pattern is words apart by blanks. `renew*` matches any ending, `~renew` any word that holds it, `(a|b c)`
one of several, `word?` or `(a|b)?` may be absent, `..` stands for up to three words and `...` for up to six,
`!a,b` for one word other than these, `^` and `$` for where the sentence begins and ends. Capitals name a list of
words of the same lexicon. `a & b & -c` is a frame: the sentence holds a and b in any order, and no c; it covers the
whole sentence. No pattern reaches past the end of its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence, Set
from functools import lru_cache
from operator import attrgetter

import msgspec

from chains.churn.tickets.cleaning import folded

MOST_NEEDS = 3
_PARTS = re.compile(r"\(|\)\??|\||[^\s()|]+")
_GAPS = {"..": 3, "...": 6}
_EDGES = {"^": "(?<![^ ])", "$": "(?= $)"}
_OTHER_THAN = "!"
_AND = " & "
_SOMEWHERE = "(?: [^ ]+)*?"
_WITHOUT = "-"
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})
_COMMON_COST = 100
_NEVER_NEEDED = 1000
_COST = attrgetter("cost")


class _Node(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A word, or (when `word` is empty) a choice between sequences.

    One of `forms` must occur for the node to match; the lower the `cost`, the better that filters.
    """

    word: str
    optional: bool
    cost: int
    forms: frozenset[str]
    choices: tuple[tuple[_Node, ...], ...] = ()


class Compiled(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A pattern ready to use.

    `needs` holds up to `MOST_NEEDS` sets of words (`x`, `x*`, `~x`), rarest first: one word of each set must occur.
    A `single` pattern is one of the words of its only set. `words` are all the words it names. A frame has several
    `parts`, and `vetoes` that must not occur.
    """

    needs: tuple[frozenset[str], ...]
    single: bool
    words: Set[str]
    parts: tuple[tuple[_Node, ...], ...]
    vetoes: tuple[tuple[_Node, ...], ...]
    barred: frozenset[str]

    @property
    def frame(self) -> bool:
        """Whether it is several parts that may stand in any order."""
        return len(self.parts) > 1

    def source(self) -> str:
        """Its regular expression over words each led by a blank."""
        lead = f"(?! (?:{'|'.join(sorted(self.barred))}) )" if self.barred else ""
        parts = ["".join(_regex(node, lead) for node in part) + "(?= )" for part in self.parts]
        if not self.frame:
            return parts[0]
        vetoes = ["".join(_regex(node, "") for node in veto) + "(?= )" for veto in self.vetoes]
        ahead = [f"(?={_SOMEWHERE}{part})" for part in parts] + [f"(?!{_SOMEWHERE}{veto})" for veto in vetoes]
        return f"{_EDGES['^']}{''.join(ahead)}.*(?= $)"


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
        self._nodes: dict[str, _Node] = {}
        self._macro_words: dict[str, frozenset[str]] = {}

    def compile(self, text: str, barred: frozenset[str] = frozenset()) -> Compiled:
        """Compile one pattern whose gaps never skip a `barred` word.

        Raises:
            ValueError: The pattern is empty, has unbalanced parentheses or names a list that does not exist.
        """
        if _AND in text:
            return self._framed(text, barred)
        nodes, words = self._parsed(text)
        needs = sorted([node for node in nodes if node.cost < _NEVER_NEEDED], key=_COST)
        if not needs:
            raise ValueError(f"a pattern that needs no word: {text}")
        single = len(nodes) == 1 and all(len(one) == 1 and not one[0].choices for one in nodes[0].choices)
        return Compiled(tuple([node.forms for node in needs[:MOST_NEEDS]]), single, words, (nodes,), (), barred)

    def _framed(self, text: str, barred: frozenset[str]) -> Compiled:
        texts = text.split(_AND)
        found = [self._parsed(one)[0] for one in texts if not one.startswith(_WITHOUT)]
        parts = sorted(found, key=lambda part: min(map(_COST, part), default=_NEVER_NEEDED))
        vetoes = [self._parsed(one.removeprefix(_WITHOUT))[0] for one in texts if one.startswith(_WITHOUT)]
        best = [min(part, key=_COST) for part in parts]
        if len(parts) < 2 or any(node.cost >= _NEVER_NEEDED for node in best):
            raise ValueError(f"a pattern with a part that needs no word: {text}")
        needs = tuple([node.forms for node in sorted(best, key=_COST)[:MOST_NEEDS]])
        return Compiled(needs, False, frozenset(), tuple(parts), tuple(vetoes), barred)

    def _parsed(self, text: str) -> tuple[tuple[_Node, ...], set[str]]:
        stack: list[list[list[_Node]]] = [[[]]]
        words: set[str] = set()
        for part in _PARTS.findall(text):
            if part == "(":
                stack.append([[]])
            elif part == "|":
                stack[-1].append([])
            elif part[0] == ")":
                choices = stack.pop()
                if not stack:
                    raise ValueError(f"unbalanced parentheses in pattern: {text}")
                stack[-1][-1].append(_choice(choices, part[-1] == "?", text))
            else:
                node = self._nodes.get(part) or self._named(part)
                words |= self._macro_words.get(part) or node.forms
                stack[-1][-1].append(node)
        if len(stack) != 1 or len(stack[0]) != 1:
            raise ValueError(f"unbalanced parentheses in pattern: {text}")
        return tuple(stack[0][0]), words

    def _named(self, part: str) -> _Node:
        """The node of one word or list of words, made once."""
        if part.isupper() and len(part) > 1:
            if part not in self._macros:
                raise ValueError(f"no such list of words: {part}")
            nodes, words = self._parsed(self._macros[part])
            node = nodes[0]
            self._macro_words[part] = frozenset(words)
        else:
            word = part.removesuffix("?")
            optional = word != part
            bare = word.strip("*~")
            cost = (_COMMON_COST if bare in self._common else 0) - min(len(bare), 9)
            needless = optional or word in _GAPS or word in _EDGES or word[0] == _OTHER_THAN
            node = _Node(word, optional, _NEVER_NEEDED if needless else cost, frozenset(spellings(word)))
        self._nodes[part] = node
        return node


def _choice(sequences: Sequence[Sequence[_Node]], optional: bool, text: str) -> _Node:
    cost, forms = -_COMMON_COST, set[str]()
    for sequence in sequences:
        best = sequence[0] if len(sequence) == 1 else min(sequence, key=_COST, default=None)
        if best is None or best.cost >= _NEVER_NEEDED:
            raise ValueError(f"a choice that needs no word in pattern: {text}")
        cost = max(cost, best.cost)
        forms |= best.forms
    choices = tuple([tuple(sequence) for sequence in sequences])
    return _Node("", optional, _NEVER_NEEDED if optional else cost, frozenset(forms), choices)


def _regex(node: _Node, lead: str) -> str:
    if node.word in _GAPS:
        return rf"(?:{lead} [^ ]+){{0,{_GAPS[node.word]}}}?"
    if node.word in _EDGES:
        return _EDGES[node.word]
    if node.word.startswith(_OTHER_THAN):
        excepted = [re.escape(form) for word in node.word[1:].split(",") for form in spellings(word)]
        return rf"(?! (?:{'|'.join(excepted)}) ) [^ ]+"
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

"""Names the records do not know, told by what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from functools import cache
from typing import NamedTuple

from chains.privacy.folding import WORD, fold
from chains.privacy.lexicon import context_phrases, either_context, name_like_words, ordinary_words, shape_set
from chains.privacy.spans import Span

PERSON = "[[person]]"
_RANK = 40

_UPPER = "A-ZÀ-ÖØ-ÞĀ-ĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽΑ-ΩА-Я"
_LETTER = r"[^\W\d_]"
NAME_WORD = rf"(?:[{_UPPER}]['’])?[{_UPPER}]{_LETTER}*(?:[-'’]{_LETTER}{{2,20}}){{0,3}}"
_PARTICLE = r"(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|el|al|bin|ibn|ben|zu|ter|ten|af)"
_NAME = (
    rf"(?P<name>(?:{NAME_WORD}|[{_UPPER}]\.)(?:[ ]{{1,2}}(?:{_PARTICLE}[ ]){{0,2}}(?:{NAME_WORD}|[{_UPPER}]\.)){{0,3}})"
)
_ANY_CASE = rf"(?P<name>{_LETTER}+(?:['’-]{_LETTER}+)?(?:[ ]{_LETTER}+(?:['’-]{_LETTER}+)?){{0,2}})"
_CAPITALISED = re.compile(rf"(?<![^\W\d_])[{_UPPER}]{_LETTER}+")
# Not at the start of a sentence, where any word has a capital.
_INNER = re.compile(rf"(?<=[^\W_.!?][ ])[{_UPPER}]{_LETTER}*|(?<=[,:][ ])[{_UPPER}]{_LETTER}*")
_SENTENCE_START = r"(?:^|(?<=[\n.!?>|:,;\"“„(\]]))[ \t]{0,4}"
_LINE_START = r"(?:^|(?<=[\n.!?|]))[> \t]{0,4}"
_LINE_END = r"(?=[ ]*(?:[,\n(|–-]|\.?\s*$))"


# Found faster than the whole context, and part of every match of it.
_NEEDS = {
    "departments": re.compile(rf"[{_UPPER}][\w.'’-]*,?[ ](?:in|from|of|at|aus|von|vom|der|de|du|des|del|chez)[ ]"),
}
_INSIDE_SENTENCES = frozenset({"introductions", "self_introductions", "roles", "departments"})


class _Context(NamedTuple):
    triggers: frozenset[str]
    pattern: re.Pattern[str]
    any_case: bool
    whole: bool = False
    inner: bool = False
    needs: re.Pattern[str] | None = None


def _triggers(*kinds: str) -> frozenset[str]:
    phrases = (WORD.findall(phrase) for kind in kinds for phrase in context_phrases(kind))
    return frozenset(fold(max(words, key=len)) for words in phrases)


@cache
def _never_names() -> frozenset[str]:
    return (ordinary_words() - name_like_words()) | _title_words()


@cache
def _title_words() -> frozenset[str]:
    return _triggers("titles")


@cache
def _contexts() -> tuple[_Context, ...]:
    titles = rf"(?:{either_context('titles')}\b\.?[ ]{{1,2}})"
    greeting, closing = either_context("salutations"), either_context("closings")
    introduction, where = either_context("introductions"), either_context("departments")
    go_on = r"(?=[ ]*(?:[,!:;.)\n–-]|$)|[ ]+[a-zà-ÿ])"
    inside = r"(?:in|from|of|at|aus|von|vom|der|de|du|des|del|chez)"
    rows = (
        ("salutations", rf"{_SENTENCE_START}{greeting}\b[ ]*,?[ ]+{titles}{{0,3}}{_NAME}{go_on}", False),
        ("salutations", rf"{_SENTENCE_START}{greeting}[ ]+{titles}{{0,3}}{_ANY_CASE}(?=[ ]?(?:[,!:\n]|$))", True),
        ("titles", rf"(?<![\w]){titles}{{1,3}}{_NAME}", False),
        (
            "titles",
            rf"(?<![\w])(?i:mr|mrs|ms|dr|herrn?|frau|mme)\b\.?[ ]{_ANY_CASE.replace('{0,2}', '{0,0}')}(?![\w])",
            True,
        ),
        (
            "closings",
            rf"{_LINE_START}{closing}[ ]*[,.!]?[ ]*(?:\n[> \t]*){{0,3}}[–-]?[ ]*{titles}{{0,3}}{_NAME}{_LINE_END}",
            False,
        ),
        ("closings", rf"{_LINE_START}{closing}[ ]*[,.!]?[ ]*\n[> \t]*{_ANY_CASE}(?=[ ]*(?:\n|$))", True),
        ("introductions", rf"(?<![\w]){introduction}[ ]+{titles}{{0,3}}{_NAME}", False),
        ("introductions", rf"(?<![\w]){introduction}[ ]+{_ANY_CASE}(?=[ ]*(?:[.,!\n]|$))", True),
        (
            "self_introductions",
            rf"(?<![\w]){either_context('self_introductions')}[ ]+{titles}{{0,3}}{_NAME}"
            r"(?=[ ]*[,(]|[ ](?:from|of|at|speaking|here|calling|writing|again|and I|von|aus|vom|und ich)\b"
            r"|[ ](?:de|du|et je|y)\b)",
            False,
        ),
        ("roles", rf"(?<![\w]){either_context('roles')}\b,?[ ]+{titles}{{0,3}}{_NAME}", False),
        (
            "departments",
            rf"(?<![\w]){either_context('verbs')}[ ]+{titles}{{0,3}}{_NAME}"
            rf"(?=,?[ ]{inside}[ ](?:(?:our|your|the|my|unserer?|ihrer|der|la|le|notre|nuestr[oa])[ ])?"
            rf"(?:\w{{1,20}}[ -])?{where}\b)",
            False,
        ),
    )
    found = [
        _Context(
            _triggers(kind), re.compile(pattern), any_case, inner=kind in _INSIDE_SENTENCES, needs=_NEEDS.get(kind)
        )
        for kind, pattern, any_case in rows
    ]
    line = (
        rf"\n[>? \t]{{0,6}}(?P<name>{NAME_WORD}(?:[ ]{{1,2}}(?:{_PARTICLE}[ ]){{0,2}}{NAME_WORD}){{1,2}})"
        r"(?=[ ]*(?:,[^\n]*)?(?:\n[^\n]*)?\s*$)"
    )
    dash = rf"(?:[\s.!?]|^)[ ]?(?:[–—~]|--?)[ ]?{_NAME}(?=\s*$)"
    return (
        *found,
        _Context(frozenset(), re.compile(line), False, whole=True),
        _Context(frozenset(), re.compile(dash), False),
    )


def capitalised(text: str) -> set[str]:
    """The folded words written with a capital first letter that may name a person; no ordinary words, no titles."""
    return {word for word in map(fold, _CAPITALISED.findall(text)) if word not in _never_names()}


def names_in_context(text: str, folded: Set[str], capitals: Set[str]) -> Iterator[Span]:
    """Names after a salutation, a title, a closing, an introduction, a role, or before a department.

    Args:
        text: The text to read.
        folded: The text's words, folded; contexts none of whose words occur are not tried.
        capitals: What `capitalised` gives for the text.
    """
    inner = bool(capitals) and any(fold(word) in capitals for word in _INNER.findall(text))
    for context in _contexts():
        if not (context.any_case or (capitals and (inner or not context.inner))):
            continue
        if context.triggers and context.triggers.isdisjoint(folded):
            continue
        if context.needs and not context.needs.search(text):
            continue
        for match in context.pattern.finditer(text):
            start, end = name_extent(text, match.start("name"), match.end("name"), any_case=context.any_case)
            if end == match.end("name") or (end > start and not context.whole):
                yield Span(start, end, PERSON, _RANK, gives_way=True)


def name_extent(text: str, start: int, end: int, *, any_case: bool = False) -> tuple[int, int]:
    """The part of the stretch that can be a name: up to the first ordinary word; empty when it begins with one."""
    stop, first = start, True
    for match in WORD.finditer(text, start, end):
        word = fold(match.group())
        if word in shape_set("particles") and not first:
            continue
        if not _may_be_name(match.group(), word, any_case=any_case, first=first):
            break
        stop, first = match.end(), False
    return start, stop


def _may_be_name(word: str, folded: str, *, any_case: bool, first: bool) -> bool:
    if folded in _title_words():
        return False
    if folded in ordinary_words() and (folded not in name_like_words() or word.islower()):
        return False
    if word.islower():
        return any_case and len(word) > 1
    return not (word.isupper() and 1 < len(word) <= 4 and first)

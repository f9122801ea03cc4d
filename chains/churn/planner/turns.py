"""Tells what a question is to the one before: a new one, a refinement, a why, or a change of drafts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from chains.churn.planner.tables import word_set
from chains.churn.planner.understanding import Understanding
from chains.churn.schema import Plan

_REFINING_START = (
    r"(?:and|but|only|what about|how about|same|also|instead|again|additionally|plus|or|nur|und|et|y|seulement|solo"
    r"|solamente"
    r"|noch mal|nochmal|das gleiche|das selbe|dasselbe|aber|auch|was ist mit|wie sieht|bloss|statt|stattdessen"
    r"|pareil|idem|meme chose"
    r"|la meme|mais|uniquement|juste|aussi|qu en est il|plutot|lo mismo|igual|pero|tambien|que tal|unicamente|ahora"
    r"|jetzt|maintenant"
    r"|just (?!show|list|give|tell)|how does that|in that case|of those|of these|which of (?:them|those"
    r"|these))(?![^ ])"
)
WHY = (
    r"(?:and |but |ok |so |y |et |und |can |could |would |you |please |i |d |like |to |know )*(?:why|explain"
    r"|how come|what (?:are|is|s) (?:the|their|its) (?:reasons?"
    r"|drivers?|causes?)"
    r"|reasons?|warum|wieso|weshalb|erklar\w*|pourquoi|explique\w*|por que|por ?que)(?![^ ])"
)
_SHORT = 7
_REST = (
    r"(?:(?:ok|and|so|please|can|could|i|you|show|list|give|see|me|us|now|what|about|just|und|et|y|zeig|mir|montre"
    r"|moi|muestrame)"
    r" )*(?:the (?:rest|others?|remaining(?: ones| accounts| customers)?)|who else|more|some more|all of them|all"
    r"|everyone"
    r"|the (?:full|whole|complete) list|den rest|die anderen|alle|le reste|les autres|tous|el resto|los demas"
    r"|todos)(?: please)?"
)
_ANAPHORA = (
    r"this time|instead|again|as well|too|the same|(?:on|in|from) (?:the|that|this|your) (?:list|answer)|(?:of|among"
    r"|from|for|to|with) (?:them|those|these)|that list|those|these|which ones|only (?:the )?ones|the others?"
)
_SHAPING_START = (
    r"(?:sort|order|limit|exclude|without|drop|keep|make|add|include|remove|narrow|filter|restrict|draft|write"
    r"|compose|e mail|email|rewrite|translate|rank them|rank it|shorten|show only|show just|give me only|only show"
    r"|skip|leave|cut)(?![^ ])"
)
_CHANGING = (
    r"make|rewrite|rephrase|reword|redo|translate|shorten|soften|tone|adjust|change|revise|improve|lengthen|expand"
    r"|polish|again|instead|another version|redraft|rework|should|mach|schreib|ubersetze|refais|traduis|hazlo|traduce"
    r"|keep|turn|switch|more|less|shorter|longer"
)
CLEARING = {
    "segment": r"(?:all|any|every|across all|regardless of) segments?",
    "region": r"(?:all|any|every|across all) regions?|worldwide|globally|everywhere|all over the world",
    "country": r"(?:all|any|every|across all) countr(?:y|ies)|worldwide|globally|everywhere|all over the world",
    "industry": r"(?:all|any|every|across all) industr(?:y|ies)",
    "owner": r"(?:all|any|every) owners?|everyone s|not (?:just|only) m(?:y|ine)",
}


class Turn(Enum):
    """What a question is to the one before it."""

    NEW = "new"
    REFINES = "refines"
    EXPLAINS = "explains"
    REDRAFTS = "redrafts"


def turn_of(known: Understanding, previous: Plan) -> Turn:
    """Whether the question starts anew, refines the earlier plan, asks why, or changes drafts."""
    text = _without_neutral(known.spoken)
    if known.resets:
        return Turn.REFINES
    if _redrafts(known, previous, text):
        return Turn.REDRAFTS
    if _stands_alone(known, text):
        return Turn.NEW
    asks_why = known.reading.has_any(word_set("followups_why"))
    if known.stranger and not changes(known):
        return Turn.EXPLAINS
    if leaves_out(known):
        return Turn.REFINES
    points = bool(known.references.ids or known.references.one or known.references.named or known.named.ids)
    if points and not known.drafts.wanted and (asks_why or not changes(known)):
        return Turn.EXPLAINS
    plainly = matches(WHY, text, start=True)
    if plainly and (known.references.them or len(text.split()) < _SHORT) and not known.drafts.wanted:
        return Turn.EXPLAINS
    return Turn.REFINES


def leaves_out(known: Understanding) -> bool:
    """Whether the question leaves accounts of the earlier answer out."""
    return bool(known.references.left_out or known.named.left_out)


def _without_neutral(words: Sequence[str]) -> str:
    at = 0
    while at < len(words) and words[at] in word_set("followups_neutral"):
        at += 1
    return " ".join(words[at:])


def _stands_alone(known: Understanding, text: str) -> bool:
    if matches(_REFINING_START, text, start=True) or known.references.ids or known.references.named:
        return False
    if leaves_out(known):
        return False
    if known.named.ids:
        return (
            bool(known.reading.has_any(("why", "how", "is", "explain", "tell", "warum", "pourquoi"))) or known.at_risk
        )
    if (known.references.one or known.references.them) and not known.customers and not names_filters(known):
        return False
    subject = known.customers and not _only_ones(known)
    if matches(_SHAPING_START, text, start=True):
        return known.at_risk and subject
    if matches(_ANAPHORA, text):
        return False
    starts = text.split(" ", 1)[0] in word_set("followups_sentence_start")
    if starts:
        return known.at_risk or (
            subject and (known.wants_all or bool(known.renewal) or any(known.filters.values.values()))
        )
    return known.at_risk and subject


def _only_ones(known: Understanding) -> bool:
    return not known.reading.has_any(word_set("followups_customers"))


def _redrafts(known: Understanding, previous: Plan, text: str) -> bool:
    changing = matches(_CHANGING, text)
    styled = known.drafts.styled or matches(r"shorten|soften|lengthen|translate", text)
    if not styled or names_filters(known) or known.horizon or known.renewal or known.at_risk:
        return False
    if previous.want_drafts or previous.intent == "redraft":
        return not (known.customers and known.wants_all)
    return changing and not matches(r"now|add|with drafts", text)


def names_filters(known: Understanding) -> bool:
    """Whether it names a filter, an amount or a probability."""
    return any(known.filters.values.values()) or known.amounts.named or known.threshold.named


def asks_only_other_language(known: Understanding) -> bool:
    """Whether all it asks of drafts is a language they cannot be written in."""
    drafts = known.drafts
    return bool(drafts.unsupported) and not (drafts.language or drafts.tone or drafts.length or drafts.apart)


def clears(known: Understanding) -> bool:
    """Whether the question lifts an earlier filter ("all regions")."""
    text = " ".join(known.reading.words)
    return any(matches(pattern, text) for pattern in CLEARING.values())


def asks_for_rest(known: Understanding, previous: Plan) -> bool:
    """Whether the question asks for those that an earlier "top 5" cut off."""
    text = " ".join(word for word in known.spoken if word.isalnum())
    return bool(previous.top_n) and re.fullmatch(_REST, text) is not None


def changes(known: Understanding) -> bool:
    """Whether it names anything that changes a plan."""
    return bool(names_filters(known) or known.horizon or known.renewal or known.ordering.sort or known.ordering.top_n)


def matches(pattern: str, text: str, *, start: bool = False) -> bool:
    """Whether the pattern stands in the text as whole words, or at its start."""
    if start:
        return re.match(pattern, text) is not None
    return re.search(rf"(?<![^ ])(?:{pattern})(?![^ ])", text) is not None

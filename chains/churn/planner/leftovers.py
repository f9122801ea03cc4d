"""Finds the parts of a question that no rule understood, as phrases in the user's words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import filler, known_words, number_words, openers, topics, units, word_set
from chains.churn.planner.territories import country_words

_BREAKS = frozenset({",", ";", ".", "?", "!", ":", "(", ")", '"'})
_SIGNS = frozenset("€$£¥%#<>≥≤=+&/-")
_TROUBLES = r"(?:tickets?|cases?|issues?|incidents?|bugs?|problems?|defects?|outages?|escalations?|alerts?)"
_PHRASES = (
    r"health scores?|(?:answer\w*|repl(?:y|ied|ying)|respond\w*|open(?:ed|ing)?|click\w*|read) (?:to |on )?(?:(?:our"
    r"|my|any|the|last|previous|your) ){0,3}(?:e mails?|emails?|mails?|messages?|newsletters?)"
    r"|contracts? (?:longer|shorter|bigger|smaller|of (?:more|less)|with (?:more|less)) than|multi year (?:contracts?"
    r"|deals?)|auto renew\w*(?: (?:is |are )?(?:switched |turned |set )?(?:off|on))?"
    r"|open(?: support)? (?:cases?|issues?)"
    r"|(?:(?:open|opened|unresolved|unsolved|outstanding|pending|active|critical|kritische[nrs]?|critiques?|critic[oa]s?"
    r"|high|highest|higher|medium|low|urgent|severe|serious|major|blocking|support|service|priority|prio|severity|sev|p1"
    r"|p0|offene[nr]?|many|several|any|some|recent|and|or|/) ){1,7}(?:support )?(?:tickets?|cases?|issues?|incidents?"
    r"|bugs?|problems?|defects?|outages?|escalations?|alerts?|requests?|errors?)"
    rf"|{_TROUBLES}(?: (?:open|still|that|which|are|is|of|with|at|in|a|marked|as|rated|classified|critical|high|medium"
    r"|severe|urgent|very|priority|severity)){0,6} (?:critical|high|medium|severe|urgent|low)"
    r"(?: (?:priority|severity))?"
)
NO_KIND = "is no kind of customer that the data knows, so nothing was narrowed by it."
_LONGEST = 300
_PRONOUNS = frozenset({"them", "those", "these", "they"})
_JOINING = frozenset({"and", "or", "but", "und", "oder", "et", "ou", "y", "o"})
_MOST_BETWEEN = 2
_MOST_AROUND = 4
_ASKING = frozenset({"is", "are", "was", "were", "do", "does", "did", "has", "have"})
_ASIDE = frozenset({"please", "also", "so", "now", "bitte", "svp", "just", "it", "them"})


def flag_topics(reading: Reading) -> None:
    """Flag whole clauses about things the plan cannot express, before their numbers and times are read."""
    for at, word in enumerate(reading.words):
        if word in topics() and reading.is_open(at) and not (word == "plan" or _is_count_noun(reading, at)):
            reading.take(*_clause(reading, at, at + 1), "flag")


def flag_phrases(reading: Reading) -> None:
    """Flag clauses whose words would otherwise be taken for renewals, drafts or risk."""
    for hit in list(reading.find(_PHRASES)):
        reading.take(*_clause(reading, hit.first, hit.last), "flag")


def _is_count_noun(reading: Reading, at: int) -> bool:
    return reading.words[at] == "users" and at > 0 and reading.words[at - 1] == "business"


def _clause(reading: Reading, first: int, last: int) -> tuple[int, int]:
    """The clause around the words: back to its opener, on to where another wish begins."""
    at = first
    for back in range(first - 1, max(first - 10, -1), -1):
        word = reading.words[back]
        if not reading.is_open(back) or word in _BREAKS or word in word_set("leftovers_nouns") or word in {"and", "or"}:
            break
        if word in _PRONOUNS:
            break
        if word in openers() or word in word_set("leftovers_auxiliaries"):
            at = back
        elif back < first - 8:
            break
    if at == first:
        while at > 0 and reading.is_open(at - 1) and _qualifies(reading.words[at - 1]):
            at -= 1
    while last < len(reading) and reading.is_open(last) and _runs_on(reading, last, at):
        last += 1
    while (
        last > first + 1
        and reading.words[last - 1] in word_set("leftovers_runs_on")
        and not reading.is_hyphenated(last - 1)
        and reading.words[last - 1] not in word_set("leftovers_final")
    ):
        last -= 1
    return at, last


def _qualifies(word: str) -> bool:
    return word in word_set("leftovers_qualifying") or word.isdigit()


def _runs_on(reading: Reading, at: int, first: int) -> bool:
    word = reading.words[at]
    if word == "this" and reading.open_word(at + 1) in units():
        return not {"have", "has", "had", "haven", "hasn", "did", "didn"}.isdisjoint(reading.words[first:at])
    if word == "who" and reading.open_word(at + 1) in {"left", "has", "had", "quit", "departed", "resigned"}:
        return True
    if word in _BREAKS or word in {"and", "or", "but", "who", "which", "that", "whose"}:
        return False
    if (
        word in word_set("leftovers_runs_on")
        or word in _SIGNS
        or re.match(r"\d", word)
        or word in topics()
        or word in units()
    ):
        if word in {"in", "for"} and (
            reading.words[at - 1].startswith("log") or re.match(r"\d", reading.open_word(at + 1))
        ):
            return word == "in" or reading.open_word(at + 2) in units()
        return not (word in {"in", "this", "from", "by", "for"} and not _is_past_time(reading, at + 1))
    return not _is_filler(word, "en") and word not in {"sorted", "ranked"} and word not in word_set("leftovers_stops")


def _is_past_time(reading: Reading, at: int) -> bool:
    return any(word in {"last", "past", "previous"} for word in reading.words[at : at + 2]) or reading.words[
        at : at + 1
    ] in (["our"], ["us"], ["the"], ["a"], ["their"])


def unanswered_in(reading: Reading, language: str) -> list[str]:
    """The phrases nobody took, each once, in the order of the question."""
    places: list[tuple[int, int]] = []
    for first, last in _runs(reading):
        for start, end in _phrases(reading, first, last, language):
            if places and _are_one(reading, places[-1][1], start):
                places[-1] = places[-1][0], end
            else:
                places.append((start, end))
    return list(dict.fromkeys(_in_whole(reading, *place)[:_LONGEST] for place in places))


def unknown_kinds_in(reading: Reading, language: str) -> list[str]:
    """Words in capitals that stand where a kind of customer does ("KA customers") and that nobody knows."""
    return [
        reading.original(at - 1, at)
        for at in range(1, len(reading))
        if reading.words[at] in word_set("followups_customers") and _is_unknown_kind(reading, at - 1, language)
    ]


def _is_unknown_kind(reading: Reading, at: int, language: str) -> bool:
    word = reading.words[at]
    if not (reading.is_open(at) and word.isalpha() and len(word) > 1 and reading.is_capital(at)):
        return False
    known = word in known_words() or word in country_words() or word in filler(language)
    return not known and not reading.text.isupper()


def _are_one(reading: Reading, ended: int, start: int) -> bool:
    """Whether only a word or two that a rule took part two fragments of one phrase."""
    between = reading.words[ended:start]
    return len(between) <= _MOST_BETWEEN and _JOINING.isdisjoint(between) and _BREAKS.isdisjoint(between)


def _in_whole(reading: Reading, first: int, last: int) -> str:
    """The phrase in the user's words; the clause when nothing else in it was understood and it names no customers."""
    start, end = first, last
    while start > 0 and reading.words[start - 1] not in _BREAKS:
        start -= 1
    while end < len(reading) and reading.words[end] not in _BREAKS:
        end += 1
    around = [*range(start, first), *range(last, end)]
    whole = (
        reading.words[start] in _ASKING
        and len(around) <= _MOST_AROUND
        and all(
            reading.taken[at] != "known" and reading.words[at] not in word_set("leftovers_nouns") | _JOINING | _ASIDE
            for at in around
        )
    )
    return reading.original(start, end) if whole else reading.original(first, last)


def _runs(reading: Reading) -> Iterator[tuple[int, int]]:
    first = None
    for at in range(len(reading) + 1):
        inside = at < len(reading) and reading.taken[at] != "known" and reading.words[at] not in _BREAKS
        if inside and first is None:
            first = at
        elif not inside and first is not None:
            yield first, at
            first = None


def _phrases(reading: Reading, first: int, last: int, language: str) -> Iterator[tuple[int, int]]:
    bearing = [at for at in range(first, last) if _bears_meaning(reading, at, language)]
    groups: list[list[int]] = []
    for at in bearing:
        if groups and at - groups[-1][-1] <= 5 and not _parts(reading, groups[-1][-1], at):
            groups[-1].append(at)
        else:
            groups.append([at])
    for group in groups:
        yield _introduced(reading, group[0], first), _finished(reading, group[-1] + 1, last)


def _parts(reading: Reading, left: int, right: int) -> bool:
    """Whether an "and" parts two things that cannot be answered."""
    between = reading.words[left + 1 : right]
    return bool({"and", "or", "but"} & set(between)) and "flag" in (reading.taken[left], reading.taken[right])


def _introduced(reading: Reading, at: int, first: int) -> int:
    """The start of the phrase with the words that introduce it ("who have", "with an")."""
    start = at
    if reading.taken[at] == "flag":
        return at
    for back in range(at - 1, max(at - 6, first - 1), -1):
        word = reading.words[back]
        if word in word_set("leftovers_introduces"):
            start = back
        elif word not in word_set("leftovers_light") or word in word_set("leftovers_nouns"):
            break
    return start


def _finished(reading: Reading, end: int, last: int) -> int:
    while end < last and (reading.words[end] in _SIGNS or reading.words[end].isdigit() or reading.is_hyphenated(end)):
        end += 1
    return end


def _bears_meaning(reading: Reading, at: int, language: str) -> bool:
    if reading.taken[at] == "flag":
        return True
    word = reading.words[at]
    return word not in _SIGNS and not _is_filler(word, language)


def _is_filler(word: str, language: str) -> bool:
    return (
        word in filler("en")
        or (language != "en" and word in filler(language))
        or (word in number_words() and number_words()[word] == 1)
    )

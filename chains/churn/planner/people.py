"""Finds whose accounts the question is about: the caller's own, or those of a named owner."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from chains.churn.planner.categories import CUSTOMER_NOUNS
from chains.churn.planner.phrases import Found
from chains.churn.planner.reading import Hit, Reading, folded
from chains.churn.planner.tables import word_set
from chains.churn.planner.vocabulary import Vocabulary

_NOUNS = rf"(?:{CUSTOMER_NOUNS}|books?|portfolio|patch|territory|base|renewals|pipeline|cartera|portefeuille|bestand)"
_MINE = (
    r"(?:my|meine[rnm]?|mes|mis)(?= (?:(?!(?:boss|team|colleague|manager|e|email|mail|draft|and|or|is|are)(?: "
    rf"|$))[^ ,.;:?!]+ ){{0,5}}{_NOUNS}(?: |$))"
    r"|(?:that |which |who )?(?:i (?:own|manage|look after|am responsible for|handle|cover|m responsible for|run|lead"
    r"|serve|take care of)|assigned to me|owned by me|managed by me|belong(?:ing)? to me)|mine|in my (?:book"
    r"|portfolio|patch|territory|name)|mir zugewiesen"
)

_POSSESSIVES = frozenset({"my", "mes", "mis", "meine", "meiner", "meinen", "meinem"})
_MOST_BETWEEN = 6


@dataclass(slots=True)
class Owners:
    """Owner ids found in the question's places, what was guessed, and what is the caller's while nobody knows them."""

    found: list[Found[tuple[str, ...]]] = field(default_factory=list)
    mine: bool = False
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def owners_in(reading: Reading, vocabulary: Vocabulary) -> Owners:
    """The owners the question names; the caller's words stand in `unknown` when nobody knows who the caller is."""
    owners = Owners()
    hits = list(reading.find(_MINE))
    for hit in hits:
        owners.mine = True
        if vocabulary.principal_owner_ids:
            reading.take(hit.first, hit.last)
            owners.found.append(Found(hit.first, hit.last, tuple(vocabulary.principal_owner_ids)))
        else:
            reading.take(hit.first, hit.last)
            owners.unknown.append(_whose(reading, hit))
    _named(reading, vocabulary, owners)
    return owners


def _whose(reading: Reading, hit: Hit) -> str:
    """What is said to be the caller's, in the caller's words: "my accounts" of "my German accounts"."""
    said = reading.original(hit.first, hit.last)
    if reading.words[hit.last - 1] not in _POSSESSIVES:
        return said
    for at in range(hit.last, min(hit.last + _MOST_BETWEEN, len(reading))):
        if re.fullmatch(_NOUNS, reading.words[at]):
            return f"{said} {reading.original(at, at + 1)}"
    return said


def _named(reading: Reading, vocabulary: Vocabulary, owners: Owners) -> None:
    named = _by_words(vocabulary)
    positions: dict[str, list[int]] = {}
    for at, word in enumerate(reading.words):
        positions.setdefault(word, []).append(at)
    for words, ids in named.items():
        for at in positions.get(words[0], []):
            if len(words) > 1 and tuple(reading.words[at : at + len(words)]) == words and reading.is_open(at):
                _add(reading, owners, at, at + len(words), ids)
    _misspelt(reading, vocabulary, named, owners)
    parts: dict[str, list[tuple[str, ...]]] = {}
    for words, ids in named.items():
        for word in {words[0], words[-1]}:
            parts.setdefault(word, []).append(ids)
    for word, people in parts.items():
        for at in positions.get(word, []):
            if len(word) >= 3 and reading.is_open(at) and (reading.is_capital(at) or _is_cued(reading, at)):
                _add(reading, owners, at, at + 1, tuple(owner_id for ids in people for owner_id in ids))
                if len(people) > 1:
                    listed = [vocabulary.owners[ids[0]] for ids in people]
                    joined = f"{', '.join(listed[:-1])} and {listed[-1]}"
                    included = "both" if len(listed) == 2 else "all"
                    owners.notes.append(f'"{reading.original(at, at + 1)}" fits {joined}; {included} are included.')


def _by_words(vocabulary: Vocabulary) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The ids by the words of the name they bear; a source may give one person an id for every account."""
    named: dict[tuple[str, ...], tuple[str, ...]] = {}
    for owner_id, name in vocabulary.owners.items():
        words = tuple(folded(name).replace("-", " ").split())
        if words:
            named[words] = (*named.get(words, ()), owner_id)
    return named


def _misspelt(
    reading: Reading, vocabulary: Vocabulary, named: dict[tuple[str, ...], tuple[str, ...]], owners: Owners
) -> None:
    for at in range(len(reading) - 1):
        if not (
            reading.is_open(at) and reading.is_open(at + 1) and (_is_cued(reading, at) or reading.is_capital(at + 1))
        ):
            continue
        spoken = " ".join(reading.words[at : at + 2])
        if len(spoken) < 8:
            continue
        close = [ids for words, ids in named.items() if fuzz.ratio(spoken, " ".join(words)) >= 84]
        if len(close) == 1:
            name = vocabulary.owners[close[0][0]]
            owners.notes.append(f'"{reading.original(at, at + 2)}" is read as {name}.')
            _add(reading, owners, at, at + 2, close[0])


def _is_cued(reading: Reading, at: int) -> bool:
    after = reading.words[at + 1] if at + 1 < len(reading) else ""
    before = reading.words[at - 1] if at else ""
    earlier = reading.words[at - 2] if at > 1 else ""
    return (
        after == "s"
        or (before in word_set("people_cues") and earlier in word_set("people_cue_words"))
        or before in {"owner", "rep", "csm"}
    )


def _add(reading: Reading, owners: Owners, first: int, last: int, ids: tuple[str, ...]) -> None:
    owners.found.append(Found(first, last, ids))
    reading.take(first, last)
    if last < len(reading) and reading.words[last] == "s":
        reading.take(last, last + 1)

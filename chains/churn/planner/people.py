"""Finds whose accounts the question is about: the caller's own, or those of a named owner."""

from __future__ import annotations

from dataclasses import dataclass, field

from rapidfuzz import fuzz

from chains.churn.planner.categories import CUSTOMER_NOUNS
from chains.churn.planner.phrases import Found
from chains.churn.planner.reading import Reading, folded
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


@dataclass(slots=True)
class Owners:
    """Owner ids found in the question's places, and what was guessed."""

    found: list[Found[tuple[str, ...]]] = field(default_factory=list)
    mine: bool = False
    notes: list[str] = field(default_factory=list)


def owners_in(reading: Reading, vocabulary: Vocabulary) -> Owners:
    """The owners the question names; the caller's words are flagged when nobody knows who the caller is."""
    owners = Owners()
    hits = list(reading.find(_MINE))
    for hit in hits:
        owners.mine = True
        if vocabulary.principal_owner_ids:
            reading.take(hit.first, hit.last)
            owners.found.append(Found(hit.first, hit.last, tuple(vocabulary.principal_owner_ids)))
        else:
            last = hit.last
            while (
                reading.words[hit.last - 1] in {"my", "meine", "mes", "mis"}
                and last < len(reading)
                and last - hit.last < 6
            ):
                last += 1
                if reading.first(_NOUNS) and reading.words[last - 1] in word_set("people_plain_nouns"):
                    break
            reading.take(hit.first, hit.last, "flag")
            if last - hit.first == 2:
                reading.take(hit.first, last, "flag")
    _named(reading, vocabulary, owners)
    return owners


def _named(reading: Reading, vocabulary: Vocabulary, owners: Owners) -> None:
    by_words = {owner_id: folded(name).replace("-", " ").split() for owner_id, name in vocabulary.owners.items()}
    positions: dict[str, list[int]] = {}
    for at, word in enumerate(reading.words):
        positions.setdefault(word, []).append(at)
    for owner_id, words in by_words.items():
        for at in positions.get(words[0], []) if words else []:
            if len(words) > 1 and reading.words[at : at + len(words)] == words and reading.is_open(at):
                _add(reading, owners, at, at + len(words), (owner_id,))
    _misspelt(reading, vocabulary, by_words, owners)
    parts: dict[str, list[str]] = {}
    for owner_id, words in by_words.items():
        for word in {words[0], words[-1]} if words else set():
            parts.setdefault(word, []).append(owner_id)
    for word, ids in parts.items():
        for at in positions.get(word, []):
            if len(word) >= 3 and reading.is_open(at) and (reading.is_capital(at) or _is_cued(reading, at)):
                _add(reading, owners, at, at + 1, tuple(ids))
                if len(ids) > 1:
                    listed = " and ".join(vocabulary.owners[owner_id] for owner_id in ids)
                    owners.notes.append(f'"{reading.original(at, at + 1)}" fits {listed}; both are included.')


def _misspelt(reading: Reading, vocabulary: Vocabulary, by_words: dict[str, list[str]], owners: Owners) -> None:
    for at in range(len(reading) - 1):
        if not (
            reading.is_open(at) and reading.is_open(at + 1) and (_is_cued(reading, at) or reading.is_capital(at + 1))
        ):
            continue
        spoken = " ".join(reading.words[at : at + 2])
        if len(spoken) < 8:
            continue
        close = [owner_id for owner_id, words in by_words.items() if fuzz.ratio(spoken, " ".join(words)) >= 84]
        if len(close) == 1:
            owners.notes.append(f'"{reading.original(at, at + 2)}" is read as {vocabulary.owners[close[0]]}.')
            _add(reading, owners, at, at + 2, (close[0],))


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

"""Tells whether the words before a name leave it out: "except", "all but", "without the", "but not"."""

from __future__ import annotations

from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import word_set

_MOST_BETWEEN = 5
_SAYS_NOT = frozenset({"is", "are", "does", "do", "was", "were", "why", "has", "have", "would", "will", "can", "could"})


def left_out_from(reading: Reading, first: int) -> int | None:
    """The place of the word that leaves out what stands at `first`, or None when nothing does."""
    at = first - 1
    while at >= max(first - _MOST_BETWEEN, 0):
        word, before = reading.words[at], reading.words[at - 1] if at else ""
        if f"{before}-{word}" in word_set("filters_pairs"):
            return at - 1
        if word == "but" and before in word_set("filters_all_but"):
            return at - 1
        if word in {"not", "no", "nicht", "pas"}:
            return None if before in _SAYS_NOT else at - (before == "but")
        if word in word_set("filters_negators") | word_set("exclusion_verbs"):
            return at
        if word not in word_set("exclusion_between"):
            return None
        at -= 1
    return None


def continues_from(reading: Reading, first: int, ended: int) -> bool:
    """Whether only "and", "or" or a comma stands between something left out before and the words at `first`."""
    between = reading.words[ended:first]
    return 0 < len(between) <= 3 and all(
        word in word_set("filters_and") or word in word_set("articles") for word in between
    )

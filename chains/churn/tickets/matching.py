"""Finds the cues of one sentence, and which of them are negated or quoted from others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chains.churn.tickets.lexicon import Cue, Lexicon
from chains.churn.tickets.vocabulary import Vocabulary

_NEGATION_REACH = 4
_LATE_REACH = 3
_MARKS = frozenset(',"')
# After these words a negation says nothing about what follows: "not only", "will not hesitate to".
_UNDOING = frozenset(
    [
        *("only", "just", "merely", "hesitate", "sure", "see", "know", "find", "able", "until"),
        *("nur", "bloss", "allein", "zoegern", "zogern", "sicher"),
        *("seulement", "uniquement", "hesiterons", "hesiterai"),
        *("solo", "solamente", "dudaremos"),
    ]
)


class Match(NamedTuple):
    """A cue and the words it covers, `start` included, `end` not."""

    start: int
    end: int
    cue: Cue


def find_matches(words: list[str], vocabulary: Vocabulary, lexicon: Lexicon) -> list[Match]:
    """Every cue of the sentence in any language; words spelt wrongly are put right in `words` on the way."""
    matches: list[Match] = []
    met = lexicon.spared
    for position, entry in enumerate(map(vocabulary.__getitem__, words)):
        if entry is None:
            continue
        if entry.meant:
            words[position] = entry.meant
        if entry.cues:
            matches += [Match(position, position + 1, cue) for cue in entry.cues]
        met |= entry.needs
    size = len(lexicon.gates)
    open_gates = met & met >> size & met >> 2 * size
    if open_gates:
        matches += _gate_matches(words, open_gates, lexicon)
    return matches


def _gate_matches(words: Sequence[str], open_gates: int, lexicon: Lexicon) -> list[Match]:
    marked = not _MARKS.isdisjoint(words)
    places = [place for place, word in enumerate(words) if word not in _MARKS] if marked else range(len(words))
    text = f" {' '.join([words[place] for place in places] if marked else words)} "
    matches: list[Match] = []
    while open_gates:
        bit = open_gates & -open_gates
        open_gates ^= bit
        gate = lexicon.gates[bit.bit_length() - 1]
        for hit in gate.regex.finditer(text):
            first = text.count(" ", 0, hit.start())
            last = first + hit[0].count(" ") - 1
            matches.append(Match(places[first], places[last] + 1, gate.cue))
    return matches


def overlaps(match: Match, others: Sequence[Match]) -> bool:
    """Whether the match shares a word with any of the others."""
    return any(match.start < other.end and other.start < match.end for other in others)


def longest_apart(matches: Sequence[Match]) -> Sequence[Match]:
    """The matches without those that share words with a longer one, in reading order."""
    if len(matches) < 2:
        return matches
    kept: list[Match] = []
    for match in sorted(matches, key=lambda one: (one.start - one.end, -abs(one.cue.weight), one.start)):
        if not overlaps(match, kept):
            kept.append(match)
    return sorted(kept, key=lambda one: one.start)


def is_negated(words: Sequence[str], match: Match, lexicon: Lexicon) -> bool:
    """Whether a negation in the match's own clause turns it into its opposite."""
    if match.cue.says_no:
        return False
    for position in range(match.end - 1, max(match.start - _NEGATION_REACH, 0) - 1, -1):
        word = words[position]
        if word in lexicon.negators:
            return not _undone(words, position)
        if word in lexicon.clause_starts and position != match.end - 1:
            break
    for position in range(match.end, min(match.end + _LATE_REACH, len(words))):
        word = words[position]
        if word in lexicon.late_negators:
            return not _undone(words, position)
        if word in lexicon.clause_starts:
            break
    return False


def _undone(words: Sequence[str], position: int) -> bool:
    return position + 1 < len(words) and words[position + 1] in _UNDOING


def strength(words: Sequence[str], match: Match, lexicon: Lexicon) -> float:
    """How much the words just before a feeling strengthen or soften it, as a factor."""
    factor = 1.0
    for word in words[max(match.start - 2, 0) : match.start]:
        if word in lexicon.intensifiers:
            factor *= 1.25
        elif word in lexicon.dampers:
            factor *= 0.65
    return factor


def said_by_others(words: Sequence[str], match: Match, open_quotes: int, lexicon: Lexicon) -> bool:
    """Whether the match stands in quotation marks and nobody of the customer's own is named as the speaker.

    "Our customer wrote" names a stranger all the same.
    """
    before = words[: match.start]
    if (open_quotes + before.count('"')) % 2 == 0:
        return False
    opening = len(before) - 1 - before[::-1].index('"') if '"' in before else 0
    speakers = before[:opening]
    return lexicon.own_speakers.isdisjoint(speakers) or not lexicon.other_speakers.isdisjoint(speakers)

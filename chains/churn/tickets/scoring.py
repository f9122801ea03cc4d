"""Adds up what the sentences of a ticket say: feelings, intent to leave, topic."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from chains.churn.tickets.lexicon import Lexicon
from chains.churn.tickets.matching import Match, is_negated, longest_apart, overlaps, said_by_others, strength
from chains.churn.tickets.reading import TOPICS

# Shares and weights below are judgement, set before any labelled ticket was seen.
_TROUBLE_WEIGHT = 0.07
_SARCASM_WEIGHT = 0.6
_OPPOSITE_OF_GOOD = 0.8
_OPPOSITE_OF_BAD = 0.25
_BEFORE_BUT = 0.55
_QUOTED_SHARE = 0.3
_BEFORE_STAYING = 0.12
_LEAVING_FEELS = 0.2
_MOCKING_SENTENCE_WORDS = 7


@dataclass(slots=True)
class Tally:
    """What was read so far; `leave` holds (sentence, name, weight), `good` and `bad` strengths in [0, 1]."""

    good: list[float] = field(default_factory=list)
    bad: list[float] = field(default_factory=list)
    leave: list[tuple[int, int, str, float]] = field(default_factory=list)
    topics: dict[str, float] = field(default_factory=dict)
    cues: dict[str, None] = field(default_factory=dict)
    troubles: int = 0
    stayed_at: tuple[int, int] = (-1, -1)
    instructed: bool = False
    mocking: bool = False
    sentences: int = 0
    open_quotes: int = 0

    def add_sentence(self, words: Sequence[str], matches: Sequence[Match], weight: float, lexicon: Lexicon) -> None:
        """Add one sentence; `weight` multiplies its topics (a subject line says more than a body)."""
        self.sentences += 1
        by_kind: dict[str, list[Match]] = {}
        for match in matches:
            cue = match.cue
            if cue.kind == "topic":
                self.topics[cue.name] = self.topics.get(cue.name, 0.0) + cue.weight * weight
            else:
                by_kind.setdefault(cue.kind, []).append(match)
        mocking, self.mocking = self.mocking, False
        if not by_kind:
            self._count_quotes(words)
            return
        if "instruction" in by_kind:
            self.instructed = True
            self.cues["instruction_like_text"] = None
        if "leave" in by_kind:
            self._add_leave(words, by_kind["leave"], by_kind.get("benign", ()), lexicon)
        for match in by_kind.get("stay", ()):
            if not is_negated(words, match, lexicon):
                self.stayed_at = (self.sentences, match.start)
                self.cues["staying"] = None
                self.good.append(0.3)
        self._add_feelings(words, by_kind, mocking, lexicon)
        self._count_quotes(words)

    def _count_quotes(self, words: Sequence[str]) -> None:
        if '"' in words:
            self.open_quotes += words.count('"')

    def _add_leave(
        self, words: Sequence[str], found: Sequence[Match], benign: Sequence[Match], lexicon: Lexicon
    ) -> None:
        for match in found:
            if overlaps(match, benign):
                continue
            if is_negated(words, match, lexicon):
                self.cues["denied_leaving"] = None
                continue
            quoted = said_by_others(words, match, self.open_quotes, lexicon)
            share = _QUOTED_SHARE if quoted else 1.0
            self.leave.append((self.sentences, match.start, match.cue.name, match.cue.weight * share))

    def _add_feelings(
        self, words: Sequence[str], by_kind: dict[str, list[Match]], mocking: bool, lexicon: Lexicon
    ) -> None:
        courtesy = by_kind.get("courtesy", ())
        relief = [match for match in by_kind.get("relief", ()) if not is_negated(words, match, lexicon)]
        troubles = [match for match in by_kind.get("trouble", ()) if not is_negated(words, match, lexicon)]
        mock = by_kind.get("mock", ())
        self.troubles += len(troubles)
        sarcastic = "sarcasm" in by_kind or (bool(troubles) and not relief and (mocking or bool(mock)))
        self.mocking = bool(mock) and not troubles and not relief and len(words) <= _MOCKING_SENTENCE_WORDS
        if sarcastic:
            self.bad.append(_SARCASM_WEIGHT)
            self.cues["sarcasm"] = None
        feelings = longest_apart(by_kind.get("sentiment", ()))
        turn = max((place for place, word in enumerate(words) if word in lexicon.contrasts), default=-1)
        for match in feelings:
            if overlaps(match, courtesy):
                continue
            value = match.cue.weight * strength(words, match, lexicon)
            negated = is_negated(words, match, lexicon)
            if negated:
                value *= -_OPPOSITE_OF_GOOD if value > 0 else -_OPPOSITE_OF_BAD
            elif value < 0 or not sarcastic:
                self.cues[match.cue.name] = None
            if value < 0:
                self.bad.append(min(-value, 0.97))
            elif not sarcastic:
                self.good.append(min(value * (_BEFORE_BUT if match.start < turn else 1.0), 0.97))

    def leave_intent(self) -> float:
        """Intent to leave in [0, 1]: the strongest cue of each name, joined as independent evidence."""
        strongest: dict[str, float] = {}
        for sentence, start, name, weight in self.leave:
            if not self.instructed and (sentence, start) < self.stayed_at:
                weight *= _BEFORE_STAYING
            strongest[name] = max(weight, strongest.get(name, 0.0))
        return joined(strongest.values())

    def sentiment(self, leave_intent: float, emphasis: float) -> float:
        """Feeling in [-1, 1]; a complaint outweighs the kind words around it; `emphasis` sharpens anger."""
        bad = [min(strength * emphasis, 0.97) for strength in self.bad]
        bad += [_TROUBLE_WEIGHT] * min(self.troubles, 2)
        bad.append(_LEAVING_FEELS * leave_intent)
        good = 0.0 if self.instructed else joined(self.good)
        sorrow = joined(bad)
        return good * (1.0 - sorrow) - sorrow

    def topic(self, leave_intent: float, sentiment: float) -> str:
        """The topic most spoken of; leaving counts as contract, and joy without trouble as praise."""
        topics = dict(self.topics)
        if leave_intent >= 0.3:
            topics["contract"] = topics.get("contract", 0.0) + 3.0 * leave_intent
        if sentiment >= 0.35 and not self.troubles:
            topics["praise"] = topics.get("praise", 0.0) + 5.0 * sentiment
        if not topics:
            return "other"
        return max(topics, key=lambda name: (topics[name], -TOPICS.index(name)))

    def cue_names(self) -> tuple[str, ...]:
        """Canonical names of what was found: leaving first, in reading order."""
        return tuple(dict.fromkeys([name for _, _, name, weight in self.leave if weight >= 0.2] + list(self.cues)))


def joined(strengths: Collection[float]) -> float:
    """Independent evidence together: 1 minus the product of what each leaves open."""
    left = 1.0
    for strength in strengths:
        left *= 1.0 - strength
    return 1.0 - left

"""Adds up what the sentences of a ticket say: feelings, intent to leave, topic."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from chains.churn.tickets.reading import TOPICS
from chains.churn.tickets.sentences import NOTHING, SentenceReading

# Shares and weights below are judgement, set before any labelled ticket was seen.
_TROUBLE_WEIGHT = 0.07
_SARCASM_WEIGHT = 0.6
_STAYING_FEELS = 0.2
_BEFORE_STAYING = 0.12
_LEAVING_FEELS = 0.16
_THREAT_FEELS = 0.2
_THREAT = "ultimatum"
_BELIED_HEADING = 0.2
# Notice given in due form is a cancellation and says so besides; one that is only considered is none.
_FORMAL = "formal_notice"
_CANCELLATION = "cancellation"
_FORMAL_FROM = 0.85
_HINT_UP_TO = 0.6
_NAMED_FROM = 0.2
_CONTRACT_FROM = 0.3
_PRAISE_FROM = 0.35
_TOPIC_ORDER = {name: -place for place, name in enumerate(TOPICS)}


@dataclass(slots=True)
class Tally:
    """What was read so far; `leave` holds (sentence, word, name, weight), `good` and `bad` strengths in [0, 1]."""

    good: list[float] = field(default_factory=list)
    bad: list[float] = field(default_factory=list)
    leave: list[tuple[int, int, str, float]] = field(default_factory=list)
    topics: dict[str, float] = field(default_factory=dict)
    cues: dict[str, None] = field(default_factory=dict)
    troubles: int = 0
    stayed_at: tuple[int, int] = (-1, -1)
    noticed_at: tuple[int, int] = (-1, -1)
    instructed: bool = False
    heading_led: bool = False
    harmless: bool = False
    mocking: bool = False

    def add(self, sentence: int, read: SentenceReading, weight: float) -> None:
        """Add one sentence; `weight` multiplies its topics (a subject line says more than a body)."""
        if read is NOTHING:
            self.mocking = False
            return
        for name, strength in read.topics:
            self.topics[name] = self.topics.get(name, 0.0) + strength * weight
        for start, name, strength in read.leave:
            if name == _FORMAL and strength >= _FORMAL_FROM:
                self.noticed_at = (sentence, start)
            self.leave.append((sentence, start, _CANCELLATION if name == _FORMAL else name, strength))
        if sentence == 0:
            self.heading_led = read.heading
        else:
            self.harmless = self.harmless or read.harmless or read.denies
        if read.denies:
            self.cues["denied_leaving"] = None
        if read.stays_at >= 0:
            self.stayed_at = (sentence, read.stays_at)
            self.cues["staying"] = None
            self.good.append(_STAYING_FEELS)
        if read.instructs:
            self.instructed = True
            self.cues["instruction_like_text"] = None
        if read.no_calls:
            self.cues["no_calls"] = None
        sarcastic = read.sarcastic or (self.mocking and read.troubles > 0 and not read.relief)
        self.mocking = read.mocks
        self.troubles += read.troubles
        if read.bad:
            self.bad += read.bad
        if read.bad_names:
            self.cues.update(dict.fromkeys(read.bad_names))
        if sarcastic:
            self.bad.append(_SARCASM_WEIGHT)
            self.cues["sarcasm"] = None
        elif read.good:
            self.good += read.good
            self.cues.update(dict.fromkeys(read.good_names))

    def leave_intent(self) -> float:
        """Intent to leave in [0, 1]: the strongest cue of each name, joined as independent evidence.

        Hints alone never add up to a clear statement. A heading like "Cancellation" counts for little when the text
        below speaks of cancelling something else.
        """
        if not self.leave:
            return 0.0
        belied = self.heading_led and self.harmless and not any(sentence for sentence, *_ in self.leave)
        strongest: dict[str, float] = {}
        for sentence, start, name, weight in self.leave:
            if not self.instructed and (sentence, start) < self.stayed_at:
                weight *= _BEFORE_STAYING
            elif belied:
                weight *= _BELIED_HEADING
            strongest[name] = max(weight, strongest.get(name, 0.0))
        weights = strongest.values()
        together = joined(weights)
        return together if max(weights) > _HINT_UP_TO else min(together, _HINT_UP_TO)

    def sentiment(self, leave_intent: float, emphasis: float) -> float:
        """Feeling in [-1, 1]; a complaint outweighs the kind words around it; `emphasis` sharpens anger."""
        bad = [min(strength * emphasis, 0.97) for strength in self.bad]
        bad += [_TROUBLE_WEIGHT] * min(self.troubles, 2)
        bad.append(_LEAVING_FEELS * leave_intent)
        if any(name == _THREAT for _, _, name, _ in self.leave):
            bad.append(_THREAT_FEELS)
        good = 0.0 if self.instructed else joined(self.good)
        sorrow = joined(bad)
        return good * (1.0 - sorrow) - sorrow

    def topic(self, leave_intent: float, sentiment: float) -> str:
        """The topic most spoken of; leaving counts as contract, and joy without trouble as praise."""
        topics = dict(self.topics)
        if leave_intent >= _CONTRACT_FROM:
            topics["contract"] = topics.get("contract", 0.0) + 3.0 * leave_intent
        if sentiment >= _PRAISE_FROM and not self.troubles:
            topics["praise"] = topics.get("praise", 0.0) + 5.0 * sentiment
        if not topics:
            return "other"
        return max(topics, key=lambda name: (topics[name], _TOPIC_ORDER[name]))

    def cue_names(self) -> tuple[str, ...]:
        """Canonical names of what was found: leaving first, in reading order."""
        leaving = [name for _, _, name, weight in self.leave if weight >= _NAMED_FROM]
        if self.noticed_at > (self.stayed_at if not self.instructed else (-1, -1)):
            leaving.append(_FORMAL)
        return tuple(dict.fromkeys([*leaving, *self.cues]))


def joined(strengths: Collection[float]) -> float:
    """Independent evidence together: 1 minus the product of what each leaves open."""
    left = 1.0
    for strength in strengths:
        left *= 1.0 - strength
    return 1.0 - left

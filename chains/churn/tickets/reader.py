"""Reads support tickets: one pass over the words, sentence by sentence, with no model and no network."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import repeat

from chains.churn.tickets.cleaning import BREAK, bounded, own_words, tokens
from chains.churn.tickets.lexicon import Lexicon, load_lexicon
from chains.churn.tickets.matching import find_matches
from chains.churn.tickets.reading import LANGUAGES, TicketReading
from chains.churn.tickets.scoring import Tally
from chains.churn.tickets.vocabulary import END, Entry, Vocabulary

_MAX_SUBJECT_CHARS = 400
_LANGUAGE_WORDS = 80
_COUNT_BITS = 10
_SUBJECT_WEIGHT = 2.0
_MEMO_SIZE = 8192
_MEMO_CHARS = 2000


def read_ticket(subject: str, body: str, ticket_id: str = "") -> TicketReading:
    """Read one ticket; texts of any length and content are read, never obeyed."""
    return _reader().read(subject, body, ticket_id)


def read_tickets(pairs: Iterable[tuple[str, str] | tuple[str, str, str]]) -> list[TicketReading]:
    """Read many tickets given as (subject, body) or (subject, body, ticket_id); equal texts are read once."""
    reader = _reader()
    memo: dict[tuple[str, str], TicketReading] = {}
    readings: list[TicketReading] = []
    for subject, body, *rest in pairs:
        ticket_id = rest[0] if rest else ""
        known = memo.get((subject, body))
        if known is None:
            reading = reader.read(subject, body, ticket_id)
            if len(memo) < _MEMO_SIZE and len(body) <= _MEMO_CHARS:
                memo[subject, body] = reading
        else:
            reading = TicketReading(
                ticket_id, known.language, known.sentiment, known.leave_intent, known.topic, known.cues
            )
        readings.append(reading)
    return readings


@cache
def _reader() -> _Reader:
    return _Reader(load_lexicon())


class _Reader:
    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._vocabulary = Vocabulary(lexicon)
        self._counts = _language_counts(lexicon)

    def read(self, subject: str, body: str, ticket_id: str) -> TicketReading:
        body = bounded(body)
        if "\n" in body:
            body = own_words(body)
        subject = subject[:_MAX_SUBJECT_CHARS].replace("\n", " ")
        words = tokens(f"{subject}\n{body}")
        words.append(BREAK)
        language, languages = self._languages(words)
        tally = Tally()
        start, found, weight = 0, [], _SUBJECT_WEIGHT if subject else 1.0
        for position, entry in enumerate(map(self._vocabulary.__getitem__, words)):
            if entry is None:
                continue
            if entry is not END:
                found.append((position - start, entry))
                continue
            if found:
                sentence = words[start:position]
                tally.add_sentence(sentence, find_matches(sentence, found, languages), weight, self._lexicon)
                found = []
            start, weight = position + 1, 1.0
        leave_intent = tally.leave_intent()
        sentiment = tally.sentiment(leave_intent, _emphasis(subject, body) if tally.bad else 1.0)
        return TicketReading(
            ticket_id,
            language,
            round(sentiment, 3),
            round(leave_intent, 3),
            tally.topic(leave_intent, sentiment),
            tally.cue_names(),
        )

    def _languages(self, words: list[str]) -> tuple[str, tuple[str, ...]]:
        """The main language ("" when unclear) and those that own-language cues are taken from."""
        packed = sum(map(self._counts.get, words[:_LANGUAGE_WORDS], repeat(0)))  # type: ignore[arg-type]
        mask = (1 << _COUNT_BITS) - 1
        counts = [packed >> (place * _COUNT_BITS) & mask for place in range(len(LANGUAGES))]
        most = max(counts)
        if most < 2:
            return "", LANGUAGES
        present = tuple(name for name, count in zip(LANGUAGES, counts, strict=True) if count * 3 >= most)
        return LANGUAGES[counts.index(most)], present


def _language_counts(lexicon: Lexicon) -> dict[str, int]:
    """Function words to their votes, one small counter a language packed in an integer; shared words count half."""
    counts: dict[str, int] = {}
    for place, language in enumerate(LANGUAGES):
        for word in lexicon.function_words[language]:
            shared = sum(word in others for others in lexicon.function_words.values()) > 1
            counts[word] = counts.get(word, 0) + ((1 if shared else 2) << (place * _COUNT_BITS))
    return counts


def _emphasis(subject: str, body: str) -> float:
    """How much shouting sharpens a complaint, as a factor."""
    shouted = sum(word.isupper() and len(word) > 3 for word in body.split()) >= 3 or (len(subject) > 9 and subject.isupper())
    return (1.15 if shouted else 1.0) * (1.1 if "!!" in body or "!!" in subject else 1.0)

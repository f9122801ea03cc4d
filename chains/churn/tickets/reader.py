"""Reads support tickets: one pass over the words, sentence by sentence, with no model and no network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat

from chains.churn.tickets.cleaning import bounded, own_words, sentences, words_of
from chains.churn.tickets.lexicon import Lexicon, load_lexicon
from chains.churn.tickets.matching import Match, find_matches
from chains.churn.tickets.reading import LANGUAGES, TicketReading
from chains.churn.tickets.scoring import Tally
from chains.churn.tickets.sentences import SentenceReading, read_sentence
from chains.churn.tickets.vocabulary import Vocabulary

MEMO_SIZE = 16_384
_MEMO_CHARS = 400
_MAX_SUBJECT_CHARS = 400
_MAX_SENTENCE_WORDS = 150
_COUNT_BITS = 16
_COUNT_MASK = (1 << _COUNT_BITS) - 1
_ONE_VOTE = {language: 1 << (place * _COUNT_BITS) for place, language in enumerate(LANGUAGES)}
_SUBJECT_WEIGHT = 2.0
_SHOUTED_WORDS = 3
_SHOUTED_WORD = re.compile(r"[A-ZÄÖÜÉÈÑ]{4,}")


def read_ticket(subject: str, body: str, ticket_id: str = "") -> TicketReading:
    """Read one ticket; texts of any length and content are read, never obeyed."""
    return _reader().read(subject, body, ticket_id)


def read_tickets(pairs: Iterable[tuple[str, str] | tuple[str, str, str]]) -> list[TicketReading]:
    """Read many tickets given as (subject, body) or (subject, body, ticket_id)."""
    reader = _reader()
    return [reader.read(subject, body, *rest) for subject, body, *rest in pairs]


@cache
def _reader() -> Reader:
    return Reader(load_lexicon())


@dataclass(slots=True)
class _Known:
    """A sentence seen before, without its words: language votes, quotation marks and readings by languages.

    `anyhow` is the reading when no cue of it depends on the language of the ticket.
    """

    votes: int
    quotes: int
    anyhow: SentenceReading | None
    by_languages: dict[tuple[str, ...], SentenceReading]


class Reader:
    """Reads tickets with one lexicon; remembers what sentences say by their hash alone, at most `MEMO_SIZE` of them."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._vocabulary = Vocabulary(lexicon)
        self._votes = _language_votes(lexicon)
        self._memo: dict[int, _Known] = {}

    def read(self, subject: str, body: str, ticket_id: str = "") -> TicketReading:
        """Read one ticket."""
        body = bounded(body)
        if "\n" in body:
            body = own_words(body)
        subject = subject[:_MAX_SUBJECT_CHARS].replace("\n", " ")
        texts = list(filter(None, sentences(f"{subject}\n{body}" if subject else body)))
        fresh: dict[str, tuple[list[str], list[Match]]] = {}
        known = [self._memo.get(hash(text)) or self._learn(text, fresh) for text in texts]
        language, languages = _languages(known)
        tally = Tally()
        open_quotes, weight = 0, _SUBJECT_WEIGHT if subject else 1.0
        for place, one in enumerate(known):
            read = one.anyhow
            if read is None or open_quotes & 1:
                read = self._read_in(texts[place], one, languages, open_quotes, fresh)
            tally.add(place, read, weight)
            open_quotes += one.quotes
            weight = 1.0
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

    def _learn(self, text: str, fresh: dict[str, tuple[list[str], list[Match]]]) -> _Known:
        words, matches = fresh[text] = self._matched(text)
        votes = sum(map(self._votes.get, words, repeat(0)))
        for match in matches:
            if match.end - match.start > 1:
                votes += _ONE_VOTE[match.cue.language]
        known = _Known(votes, words.count('"'), None, {})
        if not any([match.cue.own_language for match in matches]):  # noqa: C419 (a list is faster here)
            known.anyhow = read_sentence(words, matches, 0, self._lexicon)
        if len(text) <= _MEMO_CHARS:
            if len(self._memo) >= MEMO_SIZE:
                self._memo.clear()
            self._memo[hash(text)] = known
        return known

    def _read_in(
        self,
        text: str,
        known: _Known,
        languages: tuple[str, ...],
        open_quotes: int,
        fresh: dict[str, tuple[list[str], list[Match]]],
    ) -> SentenceReading:
        """Read a sentence whose meaning depends on the languages of its ticket or on the quotation before it."""
        remembered = None if open_quotes & 1 else known.by_languages.get(languages)
        if remembered is not None:
            return remembered
        words, matches = fresh.get(text) or self._matched(text)
        kept = [match for match in matches if not match.cue.own_language or match.cue.language in languages]
        read = read_sentence(words, kept, open_quotes, self._lexicon)
        if not open_quotes & 1:
            known.by_languages[languages] = read
        return read

    def _matched(self, text: str) -> tuple[list[str], list[Match]]:
        words = words_of(text)
        if len(words) <= _MAX_SENTENCE_WORDS:
            return words, find_matches(words, self._vocabulary, self._lexicon)
        matches: list[Match] = []
        for start in range(0, len(words), _MAX_SENTENCE_WORDS):
            part = words[start : start + _MAX_SENTENCE_WORDS]
            found = find_matches(part, self._vocabulary, self._lexicon)
            words[start : start + len(part)] = part
            matches += [Match(match.start + start, match.end + start, match.cue) for match in found]
        return words, matches


def _languages(known: Sequence[_Known]) -> tuple[str, tuple[str, ...]]:
    """The main language ("" when unclear) and those that own-language cues are taken from."""
    packed = sum([one.votes for one in known])
    counts = [packed >> (place * _COUNT_BITS) & _COUNT_MASK for place in range(len(LANGUAGES))]
    most = max(counts)
    if most < 2:
        return "", LANGUAGES
    present = tuple(name for name, count in zip(LANGUAGES, counts, strict=True) if count * 3 >= most)
    return LANGUAGES[counts.index(most)], present


def _language_votes(lexicon: Lexicon) -> dict[str, int]:
    """Function words to their votes, one small counter a language packed in an integer; shared words count half."""
    votes: dict[str, int] = {}
    for place, language in enumerate(LANGUAGES):
        for word in lexicon.function_words[language]:
            shared = sum(word in others for others in lexicon.function_words.values()) > 1
            votes[word] = votes.get(word, 0) + ((1 if shared else 2) << (place * _COUNT_BITS))
    return votes


def _emphasis(subject: str, body: str) -> float:
    """How much shouting sharpens a complaint, as a factor."""
    shouted = (len(subject) > 9 and subject.isupper()) or len(_SHOUTED_WORD.findall(body)) >= _SHOUTED_WORDS
    return (1.15 if shouted else 1.0) * (1.1 if "!!" in body or "!!" in subject else 1.0)

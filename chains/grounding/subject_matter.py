"""The check that a mail keeps to its subject: words of a supplier's letter, of its facts, and hardly another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from chains.evidence import Check
from chains.grounding.names import names_in
from chains.grounding.policy import DraftPolicy
from chains.grounding.reading import Reading, blank, lowered, read
from chains.grounding.tables import LANGUAGES
from chains.grounding.vocabulary import (
    holds_refused,
    is_anchor,
    is_known,
    is_refused,
    is_small,
    orders,
    requests,
    stems_of,
)
from chains.grounding.wording import variants

# How many strange words a body of at least so many words may hold: one a sentence, and only among enough known ones,
# so that no sentence is about what is strange in it. Measured with good and with hostile mails.
_ALLOWED = ((60, 2), (40, 1))
_KNOWN_BESIDE_STRANGE = 3
_LONGEST_STRANGE = 18
_LONGEST_NAME = 4
_SENTENCES = re.compile(r"(?<=[.!?:;])\s+")
_EDGES = ' .,;:!?¡¿…()"“”„«»‹›‚’-–—•·&/+%€£§°¤'
_PIECE = re.compile(r"[^\W_]+")
_INSIDE = re.compile(r"[^\W_]|[-–—’.,:;/()&+%€“”„«»\"!?…¤]")
_WITH_DIGITS = re.compile(r"\d+(?:st|nd|rd|th|er|ere|re|e|eme|o|a|h|am|pm|min|mb|gb|kb)?|[A-Z]{1,5}\d{1,9}")
_SEPARATORS = re.compile(r"[\s,;:()\"“”„«»–—¤]+")


class _Sentence(NamedTuple):
    """What of a sentence belongs to no letter.

    Attributes:
        barred: Words that may not stand.
        strange: Words that hardly may.
        known: How many words with content belong there.
        anchored: Whether the sentence speaks of us, of the customer or of the service.
    """

    barred: tuple[str, ...]
    strange: tuple[str, ...]
    known: int
    anchored: bool


def on_subject(
    subject: str,
    body: str,
    language: str,
    *,
    supported: Sequence[str],
    policy: DraftPolicy,
    names: Sequence[str] = (),
) -> Check:
    """The words of subject and body are those of a letter to a customer, and nothing forbidden is asked of one.

    Args:
        subject, body: The masked text.
        language: ISO 639-1 code of the language the draft must be in: en, de, fr or es.
        supported: Values of the facts cited. One that speaks of other matters or gives orders supports no word, since
            customers write some of them.
        policy: Its `known_names` may stand in the text.
        names: The account's name, and other names from our own records.
    """
    if language not in LANGUAGES:
        return _check([], f"no words are known for language {language!r}")
    lines = {"subject": _lines(subject), "body": _lines(body)}
    asked = [f"{where}: {found}" for where in lines for line in lines[where] for found in _requests_in(line)]
    if asked:
        return _check(asked, "never ask this of a customer; leave it out")
    own = (*names, *policy.known_names)
    lifted = frozenset().union(*map(_words_of_name, own), *map(_words_of_fact, supported))
    found = {where: [*_sentences(lines[where], language, own, lifted)] for where in lines}
    if _is_clean(found["subject"], 0) and _is_clean(found["body"], _allowed(body)):
        return Check(name="on_subject", passed=True)
    # What may never stand comes first: the list of words to replace is cut.
    bad = [f"{where}: {word[:30]}" for where in found for sentence in found[where] for word in sentence.barred]
    bad += [f"{where}: {word[:30]}" for where in found for sentence in found[where] for word in sentence.strange]
    return _check(bad, "not words of a letter about our service; replace them with plainer ones or leave them out")


def _check(bad: Sequence[str], mend: str) -> Check:
    listed = "; ".join(list(dict.fromkeys(bad))[:5])
    return Check(name="on_subject", passed=False, detail=f"{listed}: {mend}" if listed else mend)


def _lines(text: str) -> list[Reading]:
    return [read(line) for line in text.splitlines() if line.strip()]


def _allowed(body: str) -> int:
    count = len(body.split())
    return next((allowed for least, allowed in _ALLOWED if count >= least), 0)


def _is_clean(sentences: Sequence[_Sentence], allowed: int) -> bool:
    distinct = {lowered(word) for sentence in sentences for word in sentence.strange}
    return len(distinct) <= allowed and not any(
        sentence.barred or len(sentence.strange) > 1 or sentence.known < _KNOWN_BESIDE_STRANGE or not sentence.anchored
        for sentence in sentences
        if sentence.barred or sentence.strange
    )


def _requests_in(line: Reading) -> Iterator[str]:
    for text in variants(line):
        flat = _SEPARATORS.sub(" ", text)
        for pattern in requests().values():
            yield from (match.group().strip()[:60] for match in pattern.finditer(flat))


def _sentences(
    lines: Iterable[Reading], language: str, names: Sequence[str], lifted: frozenset[str]
) -> Iterator[_Sentence]:
    for line in lines:
        text = blank(line.text, list(names_in(line.text, names)))
        for sentence in _SENTENCES.split(text):
            yield _sentence(sentence, language, lifted)


def _sentence(text: str, language: str, lifted: frozenset[str]) -> _Sentence:
    barred: list[str] = []
    strange: list[str] = []
    known = 0
    anchored = "¤" in text
    begins = True
    for chunk in text.split():
        bare = chunk.strip(_EDGES)
        if _INSIDE.sub("", bare.lstrip("#$")):
            barred.append(bare)
            continue
        for piece in _PIECE.findall(bare):
            if _belongs(piece, language, lifted):
                known += not is_small(piece.lower(), language)
                anchored = anchored or is_anchor(piece.lower(), language)
            elif _is_barred(piece, language, begins):
                barred.append(piece)
            else:
                strange.append(piece)
            begins = False
    return _Sentence(tuple(barred), tuple(strange), known, anchored)


def _belongs(piece: str, language: str, lifted: frozenset[str]) -> bool:
    word = piece.lower()
    if is_known(word, language) or _WITH_DIGITS.fullmatch(piece):
        return True
    return not lifted.isdisjoint((lowered(word), *stems_of(word, language)))


def _is_barred(piece: str, language: str, begins: bool) -> bool:
    """Whether an unknown word is a name, a cipher, or of another matter, rather than merely strange."""
    word = piece.lower()
    is_name = language != "de" and not begins and piece != word
    is_cipher = not piece.isalpha() or len(piece) == 1 or len(piece) > _LONGEST_STRANGE
    return is_name or is_cipher or bool(is_refused(word, language)) or holds_refused(word, language)


@lru_cache(maxsize=4096)
def _words_of_name(name: str) -> frozenset[str]:
    """The words of a name, each of which may stand by itself; none for a sentence that poses as a name."""
    found = [word.lower() for word in _PIECE.findall(read(name).text)]
    if len(found) > _LONGEST_NAME:
        return frozenset()
    return frozenset(lowered(word) for word in found if not _is_of_other_matters(word))


@lru_cache(maxsize=4096)
def _words_of_fact(value: str) -> frozenset[str]:
    """The words that a fact gives a right to; none when many of them are of other matters, or it gives orders."""
    reading = read(value)
    if orders().search(reading.low) or next(_requests_in(reading), None):
        return frozenset()
    found = [word.lower() for word in _PIECE.findall(reading.text)]
    content = {word for word in found if not any(is_small(word, language) for language in LANGUAGES)}
    strange = {word for word in content if not any(is_known(word, language) for language in LANGUAGES)}
    if any(map(_is_of_other_matters, strange)) or 2 * len(strange) > len(content) + 1:
        return frozenset()
    return frozenset(form for word in found for form in _forms(word))


def _forms(word: str) -> Iterator[str]:
    yield lowered(word)
    for language in LANGUAGES:
        yield from stems_of(word, language)


def _is_of_other_matters(word: str) -> bool:
    return any(is_refused(word, language) == "never" for language in LANGUAGES)

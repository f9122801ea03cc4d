"""Finds orders to change or to dispatch something ("delete all drafts", "send them"), which no question carries out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from chains.churn.planner.drafts import NOUN
from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import table, word_set

_BREAKS = frozenset({".", ";", "!", "?", ":", ",", "-", "(", ")"})
_JOINS = frozenset({"and", "then", "but", "or", "und", "dann", "aber", "et", "puis", "mais", "y", "luego", "pero"})
_COMPOSING = (
    r"(?:write|draft|compose|prepare|create|generate|make|schreib(?:e|en)?|entwirf|entwerfe|verfasse|erstelle"
    r"|redige[rz]?|ecri(?:s|re|vez)|prepare[rz]?|escrib(?:e|ir)|redact(?:a|ar)|prepara)"
)
_SENT = r"(?:sent(?: (?:out|off))?|approved|rejected|deleted|published|delivered|dispatched|archived|exported)"
_STATUS = (
    r"^(?:(?:and|so|ok|please|tell|me|if|whether|when|why|who|how many|you|,) )*"
    r"(?:have|has|had|did|do|does|are|is|were|was|will|who|when|how many)\b"
    rf"(?=.* {_SENT}(?: |$))(?=.*(?:^| ){NOUN}(?: |$))"
    rf"|^(?:(?:and|so|,|please|tell|me|show|us) )*(?:which|what|how many|are|is|any)\b(?=.*(?:^| ){NOUN} )"
    r"(?=.* (?:waiting|pending|awaiting|approval|unapproved|outstanding)(?: |$))"
    r"|^(?:(?:and|so|why|when|,) )*(?:did|have) you (?:already )?(?:send|sent)(?: |$)"
)
_TO_OTHERS = (
    r" to (?:(?:the|our|my|all|each|every|this|that) )*(?:customers?|clients?|contacts?|accounts?|them|him|her|everyone"
    r"|everybody|boss|team|manager|owners?|colleagues?)(?: |$)"
)
_A_MAIL = (
    r"^(?:\S+ ){1,7}?(?:an?|the|this|that|these|those|ein|eine|den|die|un|une|una|el|la)"
    rf" (?:\S+ ){{0,3}}{NOUN}(?: |$)"
)
_FINAL = (
    r"(?:senden|schicken|verschicken|versenden|abschicken|absenden|loschen|entfernen|genehmigen|freigeben|ablehnen"
    r"|veroffentlichen|exportieren|stornieren|archivieren|verwerfen)"
)
_PARTED = (
    rf"(?:gib|lehne|weise|trage|schicke?|leite) (?:\S+ ){{1,8}}?(?:frei|ab|zu|ein|raus|weiter)"
    rf"|(?:mets|mettez|remets) (?:\S+ ){{0,4}}?(?:a jour|corbeille)|da(?:r)? de alta|sign(?: them| it)? off"
    r"|(?:e mail|email|mail|share|post) (?:\S+ ){0,2}(?:list|report|overview|results?|summary|answer|this|it)"
    r"(?: \S+){0,3} (?:to|with)(?! (?:me|us)(?: |$))"
    rf"|fire off {NOUN}|mail (?:them|it) out|(?:put|trage|pon|add) (?:\S+ ){{1,8}}?(?:calendar|kalender|agenda"
    rf"|calendario)"
)


@dataclass(slots=True)
class Commands:
    """Places of the words that order something.

    `alone` means the question says nothing beside them; `opens` that it begins with a verb of ordering.
    """

    places: list[tuple[int, int]] = field(default_factory=list)
    alone: bool = False
    opens: bool = False

    def covers(self, at: int) -> bool:
        """Whether the word is part of an order."""
        return any(first <= at < last for first, last in self.places)


def commands_in(reading: Reading) -> Commands:
    """The orders in the question; their words are flagged, so that no other rule acts on them."""
    commands = Commands()
    if _asks_status(reading):
        commands.places.append((0, len(reading)))
    else:
        for start, end in _clauses(reading):
            found = _in_clause(reading, start, end)
            if found:
                commands.places.append(found)
    for first, last in commands.places:
        reading.take(first, last, "flag")
    verb = next((word for word in reading.words if word not in _words("polite") and word[0].isalnum()), "")
    commands.opens = verb in _orders() - _words("booking")
    commands.alone = bool(commands.places) and not any(
        word[0].isalnum() and word not in _words("polite") and not commands.covers(at)
        for at, word in enumerate(reading.words)
    )
    return commands


def _asks_status(reading: Reading) -> bool:
    """Whether the question is what became of drafts ("have the e-mails been sent?")."""
    if len(reading) >= _LONG or reading.has_any(word_set("risk_customer_words")):
        return False
    return re.search(_STATUS, " ".join(reading.words)) is not None


_LONG = 25


def _clauses(reading: Reading) -> list[tuple[int, int]]:
    """The clauses: parted by a stop, or by a comma or "and" before a word that asks or orders."""
    starts = [0]
    for at in range(1, len(reading)):
        before, word = reading.words[at - 1], reading.words[at]
        hard = before in _BREAKS - {",", "-"}
        soft = before in _JOINS | {",", "-"} and word in _words("asking") | _words("polite") | _orders()
        if hard or soft:
            starts.append(at)
    return list(zip(starts, [*starts[1:], len(reading)], strict=True))


def _in_clause(reading: Reading, start: int, end: int) -> tuple[int, int] | None:
    """Where the clause orders something; None when it does not."""
    while end > start and (reading.words[end - 1] in _BREAKS or reading.words[end - 1] in _JOINS):
        end -= 1
    at = start
    while at < end and (reading.words[at] in _words("polite") or reading.words[at] in _BREAKS):
        at += 1
    if at >= end:
        return None
    words = reading.words[at:end]
    text, opens = " ".join(words), _is_first(reading, start)
    if words[0] in _orders() and at + 1 < end and reading.is_hyphenated(at + 1):
        return None
    if words[0] in _words("send"):
        composed = _composes_before(reading, at)
        if composed:
            return at, _end_of_sending(reading, at + 1, end)
        return (at, end) if _dispatches(words) else None
    if re.match(rf"(?:{_PARTED})(?![^ ])", text):
        return at, end
    if words[0] in _words("decide") | _words("delete") and _says_what(words):
        return at, end
    if opens and _changes(words, text):
        return at, end
    ends_german = re.search(rf"(?:^| )(?:{_FINAL})$", text) and re.match(r"(?:\S+ ){1,6}", text)
    if ends_german and _reaches(words, _words("sendable")) and not set(words) & _words("mine"):
        return at, end
    return None


def _is_first(reading: Reading, start: int) -> bool:
    """Whether nothing but politeness stands before the clause."""
    return all(word in _words("polite") or not word[0].isalnum() for word in reading.words[:start])


def _composes_before(reading: Reading, at: int) -> bool:
    """Whether the question orders e-mails to be written before it orders to send them."""
    return re.search(rf"(?:^| ){_COMPOSING}(?: |$)", " ".join(reading.words[:at])) is not None


def _end_of_sending(reading: Reading, at: int, end: int) -> int:
    while at < end and reading.words[at] in _words("sendable") - _nouns():
        at += 1
    return at


@cache
def _nouns() -> frozenset[str]:
    return frozenset(word for word in _words("sendable") if re.fullmatch(NOUN, word)) | {"invoice", "invoices"}


def _dispatches(words: list[str]) -> bool:
    """Whether "send" has something to send to others, and is no way of asking for a list."""
    rest = words[1:]
    if rest[:1] and (rest[0] in _words("mine") - {"over"}):
        return False
    to_me = re.search(r"(?:^| )(?:to (?:me|us)|me|us|mir|uns|moi|nous)(?: |$)", " ".join(rest[:4]))
    if to_me:
        return False
    kept = [word for word in rest if word not in _words("between") | {"e"} or word in _words("sendable")]
    if not kept:
        return True
    if kept[0] in _words("fetched") or rest[:1] == ["over"]:
        return re.search(r" to (?!me\b|us\b)", " ".join(words)) is not None
    if re.search(_TO_OTHERS, " ".join(words)) or re.search(_A_MAIL, " ".join(words)):
        return True
    return _reaches(words, _words("sendable")) or _reaches(words, frozenset({"to", "an", "a"}))


def _says_what(words: list[str]) -> bool:
    """Whether what is to be approved or deleted is a draft or a record, not accounts of the list."""
    verb = words[0]
    if len(words) == 1:
        return True
    if verb in _words("decide") - _words("doubtful"):
        return True
    if verb in _words("doubtful"):
        return _reaches(words, _words("sendable") | _words("records") | _words("fetched"))
    if verb not in _words("removing"):
        return not set(words) & _words("listed")
    return _reaches(words, (_words("sendable") | _words("records")) - {"account", "accounts"})


def _changes(words: list[str], text: str) -> bool:
    """Whether a verb that may also shape an answer ("update", "mark", "close") is said of a record."""
    verb, rest = words[0], words[1:]
    if verb in _words("booking") and _reaches(words, _words("calendar")):
        return True
    if verb not in _words("change"):
        return False
    if not rest:
        return True
    if rest[0] in {"me", "us", "on", "to", "mich", "uns", "moi", "nous"}:
        return False
    if verb in {"mark", "flag", "tag", "markiere", "marque", "marca"}:
        return re.search(r" (?:as|als|comme|como|done|contacted)(?: |$)", text) is not None
    if verb in {"update", "edit", "modify", "amend", "modifie", "modifica", "aktualisiere", "andere"}:
        return _reaches(words, _words("records") | _words("sendable")) and not re.search(
            r" (?:shorter|longer|formal|friendly|in|into|list|auf|en)(?: |$)", text
        )
    if verb in {"close", "post", "save"}:
        things = _words("records") | _words("sendable") | _words("fetched")
        return _reaches(words, things if verb == "close" else things - {"account", "accounts"})
    return True


def _reaches(words: list[str], wanted: frozenset[str]) -> bool:
    """Whether one of the words wanted follows the verb, with none but small words between."""
    for word in words[1:7]:
        if word in wanted:
            return True
        if word not in _words("between") and word != "e":
            return False
    return False


@cache
def _orders() -> frozenset[str]:
    names = ("send", "decide", "delete", "change", "booking")
    return frozenset().union(*(_words(name) for name in names))


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(str(table("commands")[name]).split())

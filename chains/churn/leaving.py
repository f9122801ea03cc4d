"""What a ticket about ending means, notice, wish for less or talk of leaving, and who asked not to be called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
import yaml

from chains.churn.tickets.reading import TicketReading
from connectors.records import Ticket

LeavingKind = Literal["", "leaving", "notice", "downsizing"]
LEAVE_INTENT_FROM = 0.5
NO_CALLS = "no_calls"
_ASKS_ABOUT_ENDING = "asks_about_ending"
_NOTICE_FROM = 0.85
_LESS_FROM = 0.3
_MOST_CHARS = 20_000
# A threat, a question and a denial speak of a cancellation without giving one.
_NO_NOTICE = frozenset(("ultimatum", "denied_leaving", _ASKS_ABOUT_ENDING))
_FARTHER_THAN_LESS = frozenset(
    ("cancellation", "account_closure", "export_before_exit", "non_renewal", "notice_period", "reviewing_options",
     "comparing_vendors", "retender", "competitor", "replacement", "tool_consolidation", "ultimatum")
)  # fmt: skip


def leaving_kind(reading: TicketReading) -> LeavingKind:
    """What the ticket says of the end of the agreement; "" when nothing."""
    cues = frozenset(reading.cues)
    if "downsizing" in cues and not cues & _FARTHER_THAN_LESS:
        return "downsizing" if reading.leave_intent >= _LESS_FROM else ""
    if reading.leave_intent >= _NOTICE_FROM and "cancellation" in cues and not cues & _NO_NOTICE:
        return "notice"
    return "leaving" if reading.leave_intent >= LEAVE_INTENT_FROM else ""


def with_wishes(readings: Sequence[TicketReading], tickets: Sequence[Ticket]) -> tuple[TicketReading, ...]:
    """The readings, with a further cue where the ticket's own text asks for no calls or only asks about ending."""
    texts = {ticket.ticket_id: f"{ticket.subject}\n{ticket.body}" for ticket in tickets}
    return tuple(_with_wishes(reading, texts.get(reading.ticket_id, "")) for reading in readings)


def _with_wishes(reading: TicketReading, text: str) -> TicketReading:
    folded = _folded(text[:_MOST_CHARS])
    added = [name for name in (NO_CALLS, _ASKS_ABOUT_ENDING) if name not in reading.cues]
    found = [name for name in added if _phrases(name).search(folded)]
    return msgspec.structs.replace(reading, cues=(*reading.cues, *found)) if found else reading


@cache
def _phrases(name: str) -> re.Pattern[str]:
    text = resources.files("chains.churn").joinpath("leaving.yaml").read_text(encoding="utf-8")
    patterns = [pattern for language in yaml.safe_load(text)[name].values() for pattern in language]
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")


def _folded(text: str) -> str:
    """Lower case without accents, one blank between words, straight apostrophes."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("\u2019", "'")
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())

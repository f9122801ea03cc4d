"""Reads tickets with a model: a step that sees a customer's own words and can only fill a fixed form."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from pydantic import Field

from chains.churn.leaving import NO_CALLS, leaving_kind
from chains.churn.tickets import TicketReading
from chains.churn.tickets.reading import LANGUAGES
from chains.models import AnswerForm, ModelRun, ModelStep
from chains.models.run import Attempt, masked
from chains.privacy import Masker, strip_unsafe
from chains.steps import Allowance, Outcome, Proposal, step
from connectors.records import Account, Ticket

MOST_TICKETS = 12
_MOST_BODY_CHARS = 600
_MOST_GIST_CHARS = 110
_MOST_SUBJECT_CHARS = 160
_LONGEST_WORD = 60
# From here on the two readers are worth a person's look when they part.
_SPEAKS_OF_LEAVING = 0.5
_SPEAKS_PLAINLY = 0.85
_UNCLEAN_GIST = re.compile(r"\[\[|[<>{}|\\`*_~@#\[\]!?:;€$£¥%\"“”„«»]|\d|www|\n")

_HALF_PLACEHOLDER = re.compile(r"\[\[?[a-z0-9_.]*\]?$")

Leaving = Literal["none", "hint", "considering", "threat", "notice"]
_INTENT: dict[Leaving, float] = {"none": 0.0, "hint": 0.3, "considering": 0.6, "threat": 0.8, "notice": 0.95}
_CUES: dict[Leaving, tuple[str, ...]] = {
    "none": (),
    "hint": (),
    "considering": ("reviewing_options",),
    "threat": ("ultimatum",),
    "notice": ("cancellation",),
}
_LESS_INTENT = 0.35

Topic = Literal[
    "outage", "performance", "bug", "data_loss", "access", "billing", "pricing", "contract", "integration", "security",
    "support_quality", "usability", "onboarding", "how_to", "feature_request", "praise", "other",
]  # fmt: skip


class TicketNote(AnswerForm):
    """What the model says of one ticket."""

    ticket: str
    language: Literal["en", "de", "fr", "es", "other"]
    topic: Topic
    mood: float = Field(ge=-1, le=1)
    leaving: Leaving
    fewer_seats: bool
    no_calls: bool
    gist: str
    asks: str


class TicketNotes(AnswerForm):
    """One record for every ticket."""

    tickets: list[TicketNote]


READ_TICKETS = ModelStep("read_tickets", "churn/read_tickets.md", ("today", "tickets"), TicketNotes)


@dataclass(frozen=True)
class Read:
    """The readings of one account's recent tickets, as words go by them and as the score counts them.

    They differ in the tickets named as disputed: there the score counts the reading that hears somebody leaving.
    `notices` are tickets in which the model alone reads a notice of termination.
    """

    readings: Sequence[TicketReading]
    counted: Sequence[TicketReading]
    disputed: Sequence[str] = ()
    notices: Sequence[str] = ()


async def read_by_model(
    account: Account,
    built_in: Sequence[TicketReading],
    masker: Masker,
    as_of: dt.date,
    models: ModelRun,
    allowance: Allowance,
) -> Outcome[Read]:
    """The account's tickets as a model reads them, newest first and at most `MOST_TICKETS`; the others as built in.

    Where the built-in reader hears somebody leaving and the model nothing of the kind, the score counts the more
    cautious reading, and the ticket is named as disputed.
    """
    known = {reading.ticket_id: reading for reading in built_in}
    tickets = _newest([ticket for ticket in account.tickets if ticket.ticket_id in known])
    refs = {f"t{number}": ticket for number, ticket in enumerate(tickets, start=1)}
    question = READ_TICKETS.question(
        today=as_of.isoformat(), tickets=[_shown(ref, one, account, masker) for ref, one in refs.items()]
    )

    def mask(text: str) -> str:
        return masker.mask(text, account.account_id)

    async def primary(attempts: Sequence[Attempt]) -> Proposal[TicketNotes]:
        reply = await models.ask(question, masked(attempts, mask))
        return Proposal(reply.value, reply.text, reply.model)

    outcome = await step(
        primary,
        lambda: TicketNotes(tickets=[]),
        lambda notes: _wrong(notes, list(refs)),
        name=READ_TICKETS.name,
        models=models,
        account_id=account.account_id,
        allowance=allowance,
        most_repairs=1,
    )
    if not outcome.model:
        return Outcome(Read(built_in, built_in))
    noted = {refs[note.ticket].ticket_id: note for note in outcome.value.tickets}
    disputed = [i for i, note in noted.items() if _parts(known[i], note)]
    notices = [i for i, note in noted.items() if note.leaving == "notice" and leaving_kind(known[i]) != "notice"]
    merged = [_merged(one, noted[one.ticket_id]) if one.ticket_id in noted else one for one in built_in]
    counted = [_cautious(one, known[one.ticket_id]) if one.ticket_id in disputed else one for one in merged]
    return Outcome(Read(merged, counted, disputed, notices), outcome.model, outcome.repairs)


def _newest(tickets: Sequence[Ticket]) -> list[Ticket]:
    dated = sorted(tickets, key=lambda one: one.opened_at or dt.datetime.min.replace(tzinfo=dt.UTC), reverse=True)
    return dated[:MOST_TICKETS]


def _shown(ref: str, ticket: Ticket, account: Account, masker: Masker) -> dict[str, str]:
    def shown(text: str, most: int) -> str:
        # Masked before it is cut, so that no half of a name is left over, and cut between words, so that no half of
        # a placeholder is.
        # On one line, as the prompt shows it: a number broken by a line end is none until then.
        text = " ".join(strip_unsafe(text).split())
        return _cut(masker.mask(_cut(text, 4 * most), account.account_id), most)

    return {
        "ref": ref,
        "opened": ticket.opened_at.date().isoformat() if ticket.opened_at else "on an unknown day",
        "state": "closed" if ticket.closed_at else "open",
        "subject": shown(ticket.subject, _MOST_SUBJECT_CHARS),
        "body": shown(ticket.body, _MOST_BODY_CHARS),
    }


def _cut(text: str, most: int) -> str:
    """The text up to a blank within so many characters, or without a half placeholder where there is no blank."""
    if len(text) <= most:
        return text
    at = max(text.rfind(blank, most - _LONGEST_WORD, most + 1) for blank in " \n")
    return text[:at] if at > 0 else _HALF_PLACEHOLDER.sub("", text[:most])


def _wrong(notes: TicketNotes, refs: Sequence[str]) -> list[str]:
    given = [note.ticket for note in notes.tickets]
    missing = [ref for ref in refs if ref not in given]
    unknown = sorted(set(given) - set(refs))
    return [
        *([f"there is no record for {', '.join(missing)}"] if missing else []),
        *([f"{len(unknown)} records are of tickets that were not given"] if unknown else []),
        *(["a ticket has two records"] if len(set(given)) < len(given) else []),
    ]


def _merged(reading: TicketReading, note: TicketNote) -> TicketReading:
    intent = max(_INTENT[note.leaving], _LESS_INTENT if note.fewer_seats else 0.0)
    cues = (
        *_CUES[note.leaving],
        *(("downsizing",) if note.fewer_seats else ()),
        *((NO_CALLS,) if note.no_calls else ()),
    )
    return msgspec.structs.replace(
        reading,
        language=note.language if note.language in LANGUAGES else "",
        sentiment=note.mood,
        leave_intent=intent,
        topic=note.topic,
        cues=cues,
        gist=clean_gist(note.gist),
        asks=clean_gist(note.asks),
    )


def _cautious(reading: TicketReading, built_in: TicketReading) -> TicketReading:
    return msgspec.structs.replace(reading, leave_intent=built_in.leave_intent, cues=built_in.cues)


def _parts(reading: TicketReading, note: TicketNote) -> bool:
    """Whether the built-in reader hears somebody leaving where the model hears nothing of the kind."""
    heard = _INTENT[note.leaving]
    if reading.leave_intent >= _SPEAKS_PLAINLY:
        return heard < _SPEAKS_OF_LEAVING
    return reading.leave_intent >= _SPEAKS_OF_LEAVING and not heard and not note.fewer_seats


def clean_gist(text: str) -> str:
    """The gist, or "" when it is more than a few plain words: what it says is the customer's, through a model."""
    gist = " ".join(strip_unsafe(text).split()).rstrip(".")
    if len(gist) > _MOST_GIST_CHARS or _UNCLEAN_GIST.search(gist) or len(gist.split()) > 14:
        return ""
    return gist

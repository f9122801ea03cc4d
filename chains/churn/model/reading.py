"""Reads tickets with a model: a step that sees a customer's own words and can only fill a fixed form."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from pydantic import Field

from chains.churn.leaving import NO_CALLS
from chains.churn.tickets import TicketReading
from chains.churn.tickets.reading import LANGUAGES
from chains.models import AnswerForm, ModelRun, ModelStep
from chains.models.run import Attempt
from chains.privacy import Masker, strip_unsafe
from chains.steps import Allowance, Outcome, Proposal, step
from connectors.records import Account, Ticket

MOST_TICKETS = 12
_MOST_BODY_CHARS = 600
_MOST_GIST_CHARS = 110
_MOST_SUBJECT_CHARS = 160
# From here on the two readers are worth a person's look when they part.
_SPEAKS_OF_LEAVING = 0.5
_UNCLEAN_GIST = re.compile(r"\[\[|[<>{}|\\`*_~@#\[\]!?:;€$£¥%\"“”„«»]|\d|www|\n")

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


class TicketNotes(AnswerForm):
    """One record for every ticket."""

    tickets: list[TicketNote]


READ_TICKETS = ModelStep("read_tickets", "churn/read_tickets.md", ("today", "tickets"), TicketNotes)


@dataclass(frozen=True)
class Read:
    """The readings of one account's recent tickets, and the tickets over which the two readers part."""

    readings: Sequence[TicketReading]
    disputed: Sequence[str] = ()


async def read_by_model(
    account: Account,
    built_in: Sequence[TicketReading],
    masker: Masker,
    as_of: dt.date,
    models: ModelRun,
    allowance: Allowance,
) -> Outcome[Read]:
    """The account's tickets as a model reads them, newest first and at most `MOST_TICKETS`; the others as built in.

    Where the built-in reader hears somebody leaving and the model does not, the more cautious reading counts, and the
    ticket is named as disputed.
    """
    known = {reading.ticket_id: reading for reading in built_in}
    tickets = _newest([ticket for ticket in account.tickets if ticket.ticket_id in known])
    refs = {f"t{number}": ticket for number, ticket in enumerate(tickets, start=1)}
    question = READ_TICKETS.question(
        today=as_of.isoformat(), tickets=[_shown(ref, one, account, masker) for ref, one in refs.items()]
    )

    async def primary(attempts: Sequence[Attempt]) -> Proposal[TicketNotes]:
        reply = await models.ask(question, attempts)
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
        return Outcome(Read(built_in))
    noted = {refs[note.ticket].ticket_id: note for note in outcome.value.tickets}
    merged = [_merged(reading, noted.get(reading.ticket_id)) for reading in built_in]
    disputed = [new.ticket_id for new, note in merged if note and _parts(known[new.ticket_id], note)]
    return Outcome(Read([new for new, _ in merged], disputed), outcome.model, outcome.repairs)


def _newest(tickets: Sequence[Ticket]) -> list[Ticket]:
    dated = sorted(tickets, key=lambda one: one.opened_at or dt.datetime.min.replace(tzinfo=dt.UTC), reverse=True)
    return dated[:MOST_TICKETS]


def _shown(ref: str, ticket: Ticket, account: Account, masker: Masker) -> dict[str, str]:
    def masked(text: str, most: int) -> str:
        # Masked before it is cut, so that no half of a name is left over.
        return masker.mask(text[: 4 * most], account.account_id)[:most]

    return {
        "ref": ref,
        "opened": ticket.opened_at.date().isoformat() if ticket.opened_at else "on an unknown day",
        "state": "closed" if ticket.closed_at else "open",
        "subject": masked(ticket.subject, _MOST_SUBJECT_CHARS),
        "body": masked(ticket.body, _MOST_BODY_CHARS),
    }


def _wrong(notes: TicketNotes, refs: Sequence[str]) -> list[str]:
    given = [note.ticket for note in notes.tickets]
    missing = [ref for ref in refs if ref not in given]
    unknown = sorted(set(given) - set(refs))
    return [
        *([f"there is no record for {', '.join(missing)}"] if missing else []),
        *([f"{len(unknown)} records are of tickets that were not given"] if unknown else []),
        *(["a ticket has two records"] if len(set(given)) < len(given) else []),
    ]


def _merged(reading: TicketReading, note: TicketNote | None) -> tuple[TicketReading, TicketNote | None]:
    if note is None:
        return reading, None
    intent = max(_INTENT[note.leaving], _LESS_INTENT if note.fewer_seats else 0.0)
    cautious = _parts(reading, note)
    cues = (
        *(reading.cues if cautious else _CUES[note.leaving]),
        *(("downsizing",) if note.fewer_seats else ()),
        *((NO_CALLS,) if note.no_calls else ()),
    )
    return msgspec.structs.replace(
        reading,
        language=note.language if note.language in LANGUAGES else "",
        sentiment=note.mood,
        leave_intent=reading.leave_intent if cautious else intent,
        topic=note.topic,
        cues=tuple(dict.fromkeys(cues)),
        gist=clean_gist(note.gist),
    ), note


def _parts(reading: TicketReading, note: TicketNote) -> bool:
    """Whether the built-in reader hears somebody leaving where the model hears next to nothing."""
    return reading.leave_intent >= _SPEAKS_OF_LEAVING and _INTENT[note.leaving] < _SPEAKS_OF_LEAVING


def clean_gist(text: str) -> str:
    """The gist, or "" when it is more than a few plain words: what it says is the customer's, through a model."""
    gist = " ".join(strip_unsafe(text).split()).rstrip(".")
    if len(gist) > _MOST_GIST_CHARS or _UNCLEAN_GIST.search(gist) or len(gist.split()) > 14:
        return ""
    return gist

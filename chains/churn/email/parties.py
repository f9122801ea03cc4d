"""What the writer is given: the two parties by placeholder, the account's story so far, and the wishes of the asker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chains.churn.next_steps import PlayMatch
from chains.churn.tickets.reading import TicketReading
from connectors.records import Account

Tone = Literal["formal", "friendly", "direct"]
Length = Literal["normal", "short", "long"]


@dataclass(frozen=True)
class Recipient:
    """The contact to write to; the names are placeholders, or "" where the records hold none."""

    contact_id: str
    language: str = ""
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True)
class Sender:
    """The account's owner, in whose name the mail is written; `name` is a placeholder or ""."""

    owner_id: str = ""
    name: str = ""


@dataclass(frozen=True)
class EmailOptions:
    """What the asker wishes of a mail; `language` "" leaves it to the contact.

    `quote_subjects` False describes every ticket by its topic, as a repair of a draft whose quotation was blocked.
    """

    language: str = ""
    tone: Tone = "formal"
    length: Length = "normal"
    quote_subjects: bool = True


@dataclass(frozen=True)
class EmailBrief:
    """Everything one mail rests on; `account` is trimmed to `as_of`, and its texts are masked."""

    account: Account
    readings: Sequence[TicketReading]
    plays: Sequence[PlayMatch]
    recipient: Recipient
    sender: Sender
    as_of: dt.date

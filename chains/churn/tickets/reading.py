"""What a reading of one ticket says."""

from __future__ import annotations

import msgspec

LANGUAGES = ("en", "de", "fr", "es")

TOPICS = (
    "outage",
    "performance",
    "bug",
    "data_loss",
    "access",
    "billing",
    "pricing",
    "contract",
    "integration",
    "security",
    "support_quality",
    "usability",
    "onboarding",
    "how_to",
    "feature_request",
    "praise",
    "other",
)


class TicketReading(msgspec.Struct, frozen=True, gc=False):
    """One ticket as read: no word of the customer's own is kept, only canonical cue names.

    `language` is one of `LANGUAGES` or "" when the text does not show it; `sentiment` is in [-1, 1];
    `leave_intent` in [0, 1]; `topic` is one of `TOPICS`; `cues` are distinct names in reading order. `gist` says in
    a few masked words what it is about and `asks` what the customer wants, where a model has read it.
    """

    ticket_id: str = ""
    language: str = ""
    sentiment: float = 0.0
    leave_intent: float = 0.0
    topic: str = "other"
    cues: tuple[str, ...] = ()
    gist: str = ""
    asks: str = ""

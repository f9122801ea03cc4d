"""What a mail speaks about: which ticket, which theme, and which proposal follows from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chains.churn.email.parties import EmailBrief
from chains.churn.findings import ToldTicket, told_tickets
from chains.churn.next_steps import PlayMatch, decision_deadline
from chains.churn.tickets.reading import TOPICS

StoryKind = Literal["ticket", "leaving", "praise", "review"]
_LEAST_TOLD = 0.05
_PRAISE_DAYS = 60
_OPEN_FIRST_RATIO = 0.4
_CLOSED_DAYS = 120
_SOON_DAYS = 7
_SORRY_BELOW = -0.2
FALLBACK_OFFER = "review_call"

_CARE_OF_TOPIC: Mapping[str, str] = {
    **dict.fromkeys(("outage", "performance", "bug", "data_loss", "access", "integration", "security"), "care_trouble"),
    "support_quality": "care_service",
    "billing": "care_billing",
    **dict.fromkeys(("pricing", "contract"), "care_terms"),
    **dict.fromkeys(("usability", "onboarding", "how_to", "feature_request"), "care_adoption"),
    "leaving": "care_leaving",
    "other": "",
}
_SORRY_TOPICS = frozenset(
    ("outage", "performance", "bug", "data_loss", "access", "integration", "security", "support_quality", "billing")
)
# Signals that may shape what a mail without a ticket offers; none of them may stand in it.
_REVIEW_THEMES = ("people", "terms", "renewal", "adoption", "usage", "opinion")
STORY_KEYS = ("leaving", "praise", "review", *TOPICS)


@dataclass(frozen=True)
class Story:
    """What is told and offered, the same for every language, tone and length.

    `key` says which stories are alike; a run counts its variants within one key.
    """

    kind: StoryKind
    topic: str
    care: str
    offer: str
    minutes: int
    play_id: str
    main: ToldTicket | None = None
    second: ToldTicket | None = None
    sorry: bool = False
    renewal: dt.date | None = None
    seats: int | None = None
    soon: bool = False

    @property
    def key(self) -> str:
        """The story's sort: leaving, praise, review, or the topic of its ticket."""
        return self.topic if self.kind == "ticket" else self.kind


def tell(brief: EmailBrief, offers: Mapping[str, int]) -> Story:
    """The story of one account; `offers` gives the minutes of each offer."""
    told = [t for t in told_tickets(brief.account, brief.readings, brief.as_of) if t.age_days is not None]
    main, kind = _main_ticket(told)
    topic = main.theme if main else kind
    match = _match_for(brief.plays, topic)
    offer = match.play.may_offer[0] if match else FALLBACK_OFFER
    deadline = decision_deadline(brief.account, brief.as_of)
    contract = brief.account.contract
    renewal = contract.renewal_date if contract else None
    return Story(
        kind=kind,
        topic=topic,
        care=_CARE_OF_TOPIC.get(topic, "care_review"),
        offer=offer,
        minutes=offers[offer],
        play_id=match.play.id if match else "",
        main=main,
        second=_second_ticket(told, main) if kind == "ticket" else None,
        sorry=kind == "ticket" and main is not None and _is_cause_for_regret(main),
        renewal=renewal if renewal and renewal > brief.as_of else None,
        seats=contract.seats if contract and contract.seats and contract.seats > 0 else None,
        soon=deadline is not None and (deadline - brief.as_of).days <= _SOON_DAYS,
    )


def _main_ticket(told: Sequence[ToldTicket]) -> tuple[ToldTicket | None, StoryKind]:
    leaving = [t for t in told if t.theme == "leaving"]
    if leaving:
        return min(leaving, key=lambda t: t.age_days or 0), "leaving"
    problems = [t for t in told if t.theme != "praise" and t.weight >= _LEAST_TOLD and _is_fresh(t)]
    if problems:
        still_open = [t for t in problems if t.is_open and t.weight >= _OPEN_FIRST_RATIO * problems[0].weight]
        return (still_open or problems)[0], "ticket"
    praise = [t for t in told if t.theme == "praise" and (t.age_days or 0) <= _PRAISE_DAYS]
    return (praise[0], "praise") if praise else (None, "review")


def _is_fresh(told: ToldTicket) -> bool:
    return told.is_open or (told.age_days or 0) <= _CLOSED_DAYS


def _second_ticket(told: Sequence[ToldTicket], main: ToldTicket | None) -> ToldTicket | None:
    if main is None or not main.is_open:
        return None  # "Also open" would say of the first that it is.
    others = [
        t
        for t in told
        if t is not main and t.is_open and t.weight >= _LEAST_TOLD and t.theme not in ("praise", "other", "leaving")
    ]
    return others[0] if others else None


def _is_cause_for_regret(told: ToldTicket) -> bool:
    return told.theme in _SORRY_TOPICS and told.reading.sentiment <= _SORRY_BELOW


def _match_for(plays: Sequence[PlayMatch], topic: str) -> PlayMatch | None:
    direct = [m for m in plays if m.finding and m.finding.theme == topic and m.finding.ticket_ids]
    if direct:
        return direct[0]
    if topic not in ("review", "praise"):
        return None
    return next((m for m in plays if m.finding and m.finding.theme in _REVIEW_THEMES), None)

"""What a mail speaks about: which ticket, which theme, and which proposal follows from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chains.churn.email.parties import EmailBrief
from chains.churn.findings import ToldTicket, told_tickets
from chains.churn.leaving import NO_CALLS
from chains.churn.next_steps import PlayMatch, decision_deadline
from chains.churn.tickets.reading import TOPICS
from connectors.records import Contract

StoryKind = Literal["ticket", "leaving", "notice", "praise", "review"]
_LEAST_TOLD = 0.05
_PRAISE_DAYS = 60
_CURRENT_FIRST_RATIO = 0.4
_CLOSED_DAYS = 120
OLD_DAYS = 42
"""From this age on, a message is not answered as if it had come yesterday."""
_LEAST_TOGETHER_DAYS = 365
_SOON_DAYS = 7
_SORRY_BELOW = -0.2
FALLBACK_OFFER = "review_call"

_CARE_OF_TOPIC: Mapping[str, str] = {
    **dict.fromkeys(("outage", "performance", "bug", "data_loss", "access", "integration", "security"), "care_trouble"),
    "support_quality": "care_service",
    "billing": "care_billing",
    **dict.fromkeys(("pricing", "contract", "downsizing"), "care_terms"),
    **dict.fromkeys(("usability", "onboarding", "how_to", "feature_request"), "care_adoption"),
    "leaving": "care_leaving",
    "notice": "care_notice",
}
_MAY_BE_REQUESTS = frozenset(("access", "integration", "security"))
_SORRY_TOPICS = frozenset(
    ("outage", "performance", "bug", "data_loss", "access", "integration", "security", "support_quality", "billing")
)
# Signals that may shape what a mail without a ticket offers; none of them may stand in it.
_REVIEW_THEMES = ("people", "terms", "renewal", "adoption", "usage", "opinion")
STORY_KEYS = ("leaving", "praise", "review", *TOPICS, "downsizing", "notice")


@dataclass(frozen=True)
class Story:
    """What is told and offered, the same for every language, tone and length.

    `key` says which stories are alike; a run counts its variants within one key. `no_calls` means that the customer
    asked not to be called, so that the mail offers to go on in writing.
    """

    kind: StoryKind
    topic: str
    care: str
    offer: str
    minutes: int
    play_ids: tuple[str, ...]
    main: ToldTicket | None = None
    second: ToldTicket | None = None
    sorry: bool = False
    renewal: dt.date | None = None
    since: dt.date | None = None
    seats: int | None = None
    soon: bool = False
    old: bool = False
    no_calls: bool = False

    @property
    def can_be_long(self) -> bool:
        """Whether a long mail can say something true that a normal one does not."""
        return self.kind != "review" and self.since is not None

    @property
    def key(self) -> str:
        """The story's sort: leaving, notice, praise, review, or the topic of its ticket."""
        return self.topic if self.kind == "ticket" else self.kind

    @property
    def agenda(self) -> tuple[str, ...]:
        """What the proposed talk is about: the most fitting name first, the ones it falls back to after it."""
        return (f"review_{self.offer}", "review") if self.kind == "review" else (self.topic, "other")


def tell(brief: EmailBrief, offers: Mapping[str, int]) -> Story:
    """The story of one account; `offers` gives the minutes of each offer."""
    told = [t for t in told_tickets(brief.account, brief.readings, brief.as_of) if t.age_days is not None]
    main, kind = _main_ticket(told)
    topic = main.theme if main else kind
    match = _match_for(brief.plays, topic)
    second = _second_ticket(told, main) if kind == "ticket" else None
    also = _match_for(brief.plays, second.theme) if second else None
    offer = match.play.may_offer[0] if match else FALLBACK_OFFER
    deadline = decision_deadline(brief.account, brief.as_of)
    contract = brief.account.contract
    renewal = contract.renewal_date if contract else None
    return Story(
        kind=kind,
        topic=topic,
        care=_care_of(topic, main),
        offer=offer,
        minutes=offers[offer],
        play_ids=tuple(m.play.id for m in (match, also) if m),
        main=main,
        second=second,
        sorry=kind == "ticket" and main is not None and _is_cause_for_regret(main),
        renewal=renewal if renewal and renewal > brief.as_of else None,
        since=_customer_since(contract, brief.as_of),
        seats=contract.seats if contract and contract.seats and contract.seats > 0 else None,
        soon=deadline is not None and (deadline - brief.as_of).days <= _SOON_DAYS,
        old=main is not None and _is_past(main, kind),
        no_calls=any(NO_CALLS in reading.cues for reading in brief.readings),
    )


def _care_of(topic: str, main: ToldTicket | None) -> str:
    """What the mail cares about; a plain request about access or the like is no trouble that anybody had."""
    care = _CARE_OF_TOPIC.get(topic, "care_review")
    is_request = topic in _MAY_BE_REQUESTS and main is not None and main.reading.sentiment >= 0
    return "care_adoption" if is_request else care


def _main_ticket(told: Sequence[ToldTicket]) -> tuple[ToldTicket | None, StoryKind]:
    if notice := _latest(told, "notice"):
        return notice, "notice"
    leaving = _latest(told, "leaving")
    problems = [t for t in told if t.theme not in ("praise", "leaving") and _is_worth_telling(t)]
    if leaving and not _is_overtaken(leaving, problems):
        return leaving, "leaving"
    if problems:
        return _most_current(problems, overtakes=leaving is not None), "ticket"
    praise = [t for t in told if t.theme == "praise" and (t.age_days or 0) <= _PRAISE_DAYS]
    return (praise[0], "praise") if praise else (None, "review")


def _latest(told: Sequence[ToldTicket], theme: str) -> ToldTicket | None:
    return min((t for t in told if t.theme == theme), key=lambda t: t.age_days or 0, default=None)


def _most_current(problems: Sequence[ToldTicket], *, overtakes: bool) -> ToldTicket:
    """The weightiest problem; an open or recent one goes before one closed or old that is not far weightier."""
    recent = [t for t in problems if (t.age_days or 0) <= OLD_DAYS]
    among = recent if overtakes else problems
    near = [t for t in among if t.weight >= _CURRENT_FIRST_RATIO * among[0].weight]
    return min(near, key=lambda t: (not t.is_open, (t.age_days or 0) > OLD_DAYS, -t.weight))


def _is_worth_telling(told: ToldTicket) -> bool:
    if told.weight < _LEAST_TOLD or (told.theme == "other" and told.reading.sentiment > _SORRY_BELOW):
        return False  # A matter nobody can name is worth a mail only where it upset somebody.
    return told.is_open or (told.age_days or 0) <= _CLOSED_DAYS


def _is_past(main: ToldTicket, kind: StoryKind) -> bool:
    """Whether the mail comes back to something; a problem that is still open is no matter of the past."""
    if kind in ("praise", "notice") or (kind == "ticket" and main.is_open):
        return False
    return (main.age_days or 0) > OLD_DAYS


def _is_overtaken(leaving: ToldTicket, problems: Sequence[ToldTicket]) -> bool:
    """Whether an old cancellation that was closed gives way to what the customer wrote about lately."""
    if leaving.is_open or (leaving.age_days or 0) <= OLD_DAYS:
        return False
    return any((t.age_days or 0) <= OLD_DAYS and t.theme != "other" for t in problems)


def _customer_since(contract: Contract | None, as_of: dt.date) -> dt.date | None:
    """The start of the agreement where it is more than the start of its current term."""
    start = contract.start_date if contract else None
    if contract is None or start is None or not contract.term_months:
        return None
    term_days = max(contract.term_months * 31, _LEAST_TOGETHER_DAYS)
    return start if (as_of - start).days > term_days else None


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
    by_tickets = [m for m in plays if m.finding and m.finding.ticket_ids and topic in m.play.themes]
    direct = [m for m in by_tickets if m.finding and m.finding.theme == topic] or by_tickets
    if direct:
        return direct[0]
    if topic != "review":
        return None
    return next((m for m in plays if m.finding and m.finding.theme in _REVIEW_THEMES), None)

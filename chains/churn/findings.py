"""Reasoning, first step: what tickets and signals say happened to this customer."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pydantic import Field

from chains.churn.leaving import LEAVE_INTENT_FROM, NO_CALLS, leaving_kind
from chains.churn.schema import Driver
from chains.churn.spoken import spoken_day
from chains.churn.tickets.reading import TicketReading
from chains.evidence import Frozen
from connectors.records import Account, Ticket

Severity = Literal["low", "normal", "high", "critical"]
RECENT_DAYS = 180
OPEN_DAYS = 365
_FADING_DAYS = 75.0
_LEAST_DRIVER = 0.02

_TOPIC_WEIGHTS: Mapping[str, float] = {
    "leaving": 2.5, "notice": 2.5, "downsizing": 0.8,
    "data_loss": 1.2, "outage": 1.1, "security": 1.0, "support_quality": 0.9, "performance": 0.7,
    "access": 0.7, "pricing": 0.7, "bug": 0.6, "contract": 0.6, "integration": 0.6, "billing": 0.6, "usability": 0.4,
    "onboarding": 0.4, "other": 0.3, "feature_request": 0.25, "how_to": 0.2, "praise": -0.5,
}  # fmt: skip
_SEVERITY_POINTS: Mapping[str, float] = {"low": 0.4, "normal": 0.6, "high": 1.0, "critical": 1.3}
_SEVERITIES: tuple[Severity, ...] = ("low", "normal", "high", "critical")

# The first word found in a signal's name decides; more telling words stand first.
_THEME_WORDS: tuple[tuple[str, str], ...] = (
    ("leave_intent", "leaving"), ("cancel", "leaving"), ("intent", "leaving"),
    ("champion", "people"), ("sponsor", "people"), ("contact", "people"), ("activity", "people"),
    ("payment", "payment"), ("late", "payment"), ("dispute", "payment"), ("invoice", "payment"), ("overdue", "payment"),
    ("downgrade", "terms"), ("contraction", "terms"), ("seat_change", "terms"), ("seats_", "terms"),
    ("amount_", "terms"), ("price", "terms"),
    ("breadth", "adoption"), ("feature", "adoption"), ("licen", "adoption"), ("adoption", "adoption"),
    ("nps", "opinion"), ("survey", "opinion"), ("csat", "opinion"), ("sentiment", "opinion"), ("mood", "opinion"),
    ("ticket", "support"), ("case", "support"), ("unanswered", "support"), ("resolution", "support"),
    ("severity", "support"), ("open_days", "support"), ("open_time", "support"),
    ("usage", "usage"), ("active", "usage"), ("api", "usage"), ("action", "usage"),
    ("login", "usage"), ("trend", "usage"), ("dormant", "usage"),
    ("renewal", "renewal"), ("notice", "renewal"), ("auto_renew", "renewal"),
    ("tenure", "history"), ("term", "history"), ("decisions", "history"), ("season", "usage"),
)  # fmt: skip

TOPIC_WORDS: Mapping[str, str] = {
    "leaving": "ending or reviewing the agreement", "notice": "a notice of termination",
    "downsizing": "fewer seats or a smaller plan", "data_loss": "a problem with data", "outage": "an outage",
    "security": "security", "support_quality": "the way requests are handled", "performance": "slow response times",
    "access": "access to the system", "pricing": "prices", "bug": "a malfunction",
    "contract": "the terms of the agreement",
    "integration": "an integration", "billing": "invoices", "usability": "usability", "onboarding": "onboarding",
    "other": "", "feature_request": "a wished-for function", "how_to": "working with the product",
    "praise": "praise",
}  # fmt: skip


# A finding of these themes is named by what it is, not by what it is on.
_NAMES: Mapping[str, tuple[str, str]] = {
    "leaving": ("message", "messages"),
    "notice": ("notice of termination", "notices of termination"),
    "praise": ("praise", "messages of praise"),
}
_WITHOUT_SUBJECT = ("notice", "praise")
_LEAVING = ("leaving", "notice")
_SUBJECT_OF_SIGNALS: Mapping[str, str] = {"leaving": "the wish to end or review the agreement"}


class Finding(Frozen):
    """One thing that happened to the customer, from tickets of one theme or signals of one group.

    `weight` is above 0 when it raises the risk; in log-odds for signals, on a like scale for tickets.
    `mood` is the worst sentiment in [-1, 1]; tickets stand with the weightiest first. `subject` names the finding
    within another sentence ("the ticket of 3 November on an outage"), `standing` says which tickets are open,
    and `lead_fact_ids` are those of the strongest signal. `no_calls` means that a ticket asks not to be called.
    """

    theme: str
    origin: Literal["tickets", "signals"]
    statement: str
    subject: str = ""
    weight: float
    ticket_ids: list[str] = Field(default_factory=list)
    open_ticket_ids: list[str] = Field(default_factory=list)
    signals: list[str] = Field(default_factory=list)
    fact_ids: list[str] = Field(default_factory=list)
    lead_fact_ids: list[str] = Field(default_factory=list)
    last_on: dt.date | None = None
    age_days: int | None = None
    severity: Severity = "normal"
    mood: float = 0.0
    standing: str = ""
    no_calls: bool = False

    @property
    def state(self) -> Literal["open", "solved", "none"]:
        """Whether a ticket of the finding is still open; "none" without tickets."""
        if not self.ticket_ids:
            return "none"
        return "open" if self.open_ticket_ids else "solved"


@dataclass(frozen=True)
class ToldTicket:
    """A ticket beside its reading: what it is about, how old, and how much it weighs."""

    ticket: Ticket
    reading: TicketReading
    theme: str
    weight: float
    age_days: int | None

    @property
    def is_open(self) -> bool:
        """Whether nobody has closed the ticket."""
        return self.ticket.closed_at is None


@cache
def signal_theme(signal: str) -> str:
    """The group a signal belongs to; "other" when its name says nothing known."""
    name = signal.casefold()
    return next((theme for word, theme in _THEME_WORDS if word in name), "other")


def told_tickets(account: Account, readings: Sequence[TicketReading], as_of: dt.date) -> list[ToldTicket]:
    """The account's read tickets that still matter, weightiest first: recent ones, and older ones still open."""
    by_id = {reading.ticket_id: reading for reading in readings}
    told = [_told(ticket, by_id[ticket.ticket_id], as_of) for ticket in account.tickets if ticket.ticket_id in by_id]
    return sorted((t for t in told if _matters(t)), key=lambda t: (-abs(t.weight), t.age_days or 0, t.ticket.ticket_id))


def findings(
    account: Account, readings: Sequence[TicketReading], drivers: Sequence[Driver], as_of: dt.date
) -> list[Finding]:
    """What happened to the customer by tickets and signals, weightiest first."""
    themes: dict[str, list[ToldTicket]] = {}
    for told in told_tickets(account, readings, as_of):
        themes.setdefault(told.theme, []).append(told)
    groups: dict[str, list[Driver]] = {}
    for driver in drivers:
        if abs(driver.contribution) >= _LEAST_DRIVER:
            groups.setdefault(signal_theme(driver.signal), []).append(driver)
    found = [_ticket_finding(theme, tickets, as_of) for theme, tickets in themes.items()]
    found += [_signal_finding(theme, group) for theme, group in groups.items()]
    return sorted(found, key=lambda f: (-f.weight, f.theme, f.origin))


def _told(ticket: Ticket, reading: TicketReading, as_of: dt.date) -> ToldTicket:
    age = (as_of - ticket.opened_at.date()).days if ticket.opened_at else None
    theme = _ticket_theme(reading)
    return ToldTicket(
        ticket=ticket, reading=reading, theme=theme, weight=_ticket_weight(ticket, reading, theme, age), age_days=age
    )


def _ticket_theme(reading: TicketReading) -> str:
    if kind := leaving_kind(reading):
        return kind
    if reading.topic == "praise" and reading.sentiment < 0:
        return "other"  # Irony reads as praise of the wrong thing; it must not be thanked for.
    return reading.topic if reading.topic in _TOPIC_WEIGHTS else "other"


def _ticket_weight(ticket: Ticket, reading: TicketReading, theme: str, age_days: int | None) -> float:
    fading = math.exp(-(RECENT_DAYS if age_days is None else max(age_days, 0)) / _FADING_DAYS)
    severity = 1.0 if theme in (*_LEAVING, "praise") else _SEVERITY_POINTS[_severity(ticket.priority)]
    standing = 1.2 if ticket.closed_at is None else 0.8
    mood = 1.0 if theme in (*_LEAVING, "praise") else 0.75 - 0.5 * reading.sentiment
    if theme in _LEAVING:
        standing = max(reading.leave_intent, LEAVE_INTENT_FROM)  # A closed cancellation still stands.
        fading = max(fading, 0.4)
    return _TOPIC_WEIGHTS[theme] * severity * standing * mood * fading


def _matters(told: ToldTicket) -> bool:
    if told.age_days is None:
        return told.is_open
    return 0 <= told.age_days <= (OPEN_DAYS if told.is_open else RECENT_DAYS)


def _severity(priority: str) -> Severity:
    return next((level for level in _SEVERITIES if level == priority), "normal")


def _ticket_finding(theme: str, told: Sequence[ToldTicket], as_of: dt.date) -> Finding:
    open_ids = [t.ticket.ticket_id for t in told if t.is_open]
    dates = [t.ticket.opened_at.date() for t in told if t.ticket.opened_at]
    ages = [t.age_days for t in told if t.age_days is not None]
    return Finding(
        theme=theme,
        origin="tickets",
        statement=_ticket_statement(theme, told, as_of),
        subject=ticket_subject(theme, told, as_of),
        weight=round(math.copysign(min(abs(sum(t.weight for t in told)), 3.0), told[0].weight), 4),
        ticket_ids=[t.ticket.ticket_id for t in told],
        open_ticket_ids=open_ids,
        last_on=max(dates, default=None),
        age_days=min(ages, default=None),
        severity=max((_severity(t.ticket.priority) for t in told), key=_SEVERITIES.index),
        mood=min(t.reading.sentiment for t in told),
        standing=ticket_state(told),
        no_calls=any(NO_CALLS in t.reading.cues for t in told),
    )


def ticket_subject(theme: str, told: Sequence[ToldTicket], as_of: dt.date) -> str:
    """The tickets as a noun phrase: how many, about what, of which day."""
    latest = _latest(told, as_of)
    about = f" on {TOPIC_WORDS[theme]}" if TOPIC_WORDS[theme] and theme not in _WITHOUT_SUBJECT else ""
    one, many = _NAMES.get(theme, ("ticket", "tickets"))
    if len(told) == 1:
        return f"the {one}{f' of {latest}' if latest else ''}{about}"
    return f"the {len(told)} {many}{about}{f' (latest: {latest})' if latest else ''}"


def ticket_state(told: Sequence[ToldTicket]) -> str:
    """Which tickets are open: "still open", "closed", "1 still open", "both closed"."""
    still_open = sum(t.is_open for t in told)
    if len(told) == 1:
        return "still open" if still_open else "closed"
    every = "both" if len(told) == 2 else "all"
    if still_open in (0, len(told)):
        return f"{every} {'still open' if still_open else 'closed'}"
    return f"{still_open} still open"


def _latest(told: Sequence[ToldTicket], as_of: dt.date) -> str:
    day = max((t.ticket.opened_at.date() for t in told if t.ticket.opened_at), default=None)
    return spoken_day(day, as_of) if day else ""


def _ticket_statement(theme: str, told: Sequence[ToldTicket], as_of: dt.date) -> str:
    subject, state = ticket_subject(theme, told, as_of), ticket_state(told)
    if len(told) == 1:
        return f"T{subject[1:]} is {state}."
    still_open = sum(t.is_open for t in told)
    if 0 < still_open < len(told):
        return f"Of {subject}, {still_open} {'is' if still_open == 1 else 'are'} still open."
    return f"T{subject[1:]} are {state}."


def _signal_finding(theme: str, group: Sequence[Driver]) -> Finding:
    total = sum(driver.contribution for driver in group)
    ranked = sorted(group, key=lambda d: -d.contribution if total >= 0 else d.contribution)
    return Finding(
        theme=theme,
        origin="signals",
        statement=first_sentence(ranked[0].statement or ranked[0].label),
        subject=_SUBJECT_OF_SIGNALS.get(theme, ""),
        weight=round(total, 4),
        signals=[driver.signal for driver in ranked],
        lead_fact_ids=ranked[0].fact_ids,
        fact_ids=[fact_id for driver in ranked for fact_id in driver.fact_ids],
    )


def first_sentence(text: str) -> str:
    """The text up to the end of its first sentence, closed by a full stop."""
    head = text.strip().split(". ")[0].rstrip(".").strip()
    return f"{head}." if head else ""

"""The plan of one account before its records are made: what stories change, and what the makers read."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.records import Contact, Owner
from connectors.sample.tables import Place

Curve = list[tuple[float, float]]
"""(weeks ago, level) points, oldest first; levels between are interpolated, beyond the ends they stay."""


class TicketPlan(NamedTuple):
    """A support case to be written; None means never answered, or still open."""

    topic: str
    days_ago: float
    priority: str = "normal"
    answered_after_hours: float | None = 5.0
    closed_after_days: float | None = 3.0


class ChangePlan(NamedTuple):
    """A contract change: how many seats and how much money, as parts of today's, held before that day."""

    days_ago: int
    seats_before: float
    amount_before: float


class SurveyPlan(NamedTuple):
    """An NPS answer; `tone` picks a comment (pleased, unhappy or none)."""

    days_ago: int
    score: int
    tone: str = ""


@dataclass
class Blueprint:
    """One account in the making; a story changes what differs from a calm, healthy customer."""

    index: int
    story: str
    as_of: dt.date
    rng: random.Random
    account_id: str
    name: str
    domain: str
    segment: str
    place: Place
    industry: str
    owner: Owner
    contacts: list[Contact]
    seats: int
    amount: float
    renewal: dt.date
    parent_account_id: str = ""
    status: str = "active"
    term_months: int = 12
    tenure_months: int = 36
    auto_renew: bool = True
    notice_days: int = 60
    renewal_is_known: bool = True

    usage_weeks: int = 78
    penetration: float = 0.65
    actions_per_user: float = 8.0
    api_calls: float = 400.0
    features: float = 8.0
    noise: float = 0.06
    season: str = "steady"
    trend: Curve = field(default_factory=lambda: [(0, 1.0)])
    api_trend: Curve = field(default_factory=lambda: [(0, 1.0)])
    stopped_weeks_ago: int = 0
    lost_weeks: frozenset[int] = frozenset()

    tickets: list[TicketPlan] = field(default_factory=list)
    everyday_tickets: float = 5.0
    everyday_until_days: int = 0
    in_good_mood: bool = True
    surveys: list[SurveyPlan] = field(default_factory=list)
    touch_every_days: int = 28
    last_touch_days: int = 4

    pays_after_days: float = -4.0
    payment_jitter_days: float = 4.0
    bill_every_months: int = 12
    holds_latest_invoice: bool = False
    disputes_latest_invoice: bool = False
    changes: list[ChangePlan] = field(default_factory=list)

    @property
    def start(self) -> dt.date:
        """The day the customer signed."""
        return months_after(self.renewal, -self.tenure_months)

    def day(self, days_ago: int) -> dt.date:
        """The day that many days before the as-of day."""
        return self.as_of - dt.timedelta(days=days_ago)

    def seats_on(self, day: dt.date) -> int:
        """Seats under contract on a day."""
        earlier = [change for change in self.changes if day < self.day(change.days_ago)]
        return round(self.seats * earlier[0].seats_before) if earlier else self.seats

    def amount_on(self, day: dt.date) -> float:
        """The yearly amount that held on a day."""
        earlier = [change for change in self.changes if day < self.day(change.days_ago)]
        return round(self.amount * earlier[0].amount_before, -2) if earlier else self.amount


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day of the month that many months on, or the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))

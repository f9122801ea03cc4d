"""The hidden story of each account: what makes a customer leave, and what only looks as if."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from connectors.records import Contact
from connectors.sample.blueprint import Blueprint, ChangePlan, SurveyPlan, TicketPlan, months_after

SEASONS = ("retail", "school", "winter", "summer", "tax", "harvest", "congress")


def healthy(plan: Blueprint) -> None:
    """Works with the product every week and is content."""
    plan.surveys = [SurveyPlan(plan.rng.randint(30, 200), plan.rng.randint(8, 10), "pleased")]


def growing(plan: Blueprint) -> None:
    """Bought more seats and uses them."""
    plan.trend = [(40, 0.8), (0, 1.1)]
    plan.changes = [ChangePlan(plan.rng.randint(60, 240), 0.75, 0.78)]
    plan.tickets = [TicketPlan("training", 25), TicketPlan("praise", 14, "low")]
    plan.surveys = [SurveyPlan(45, 9, "pleased")]


def low_season(plan: Blueprint) -> None:
    """Goes quiet at the same time every year, and always comes back."""
    plan.season = {"Retail": "retail", "Education": "school", "Hospitality": "winter"}.get(
        plan.industry, SEASONS[plan.index % len(SEASONS)]
    )
    plan.usage_weeks = 88
    plan.surveys = [SurveyPlan(80, 8, "pleased")]


def slow_payer(plan: Blueprint) -> None:
    """Pays a month late, always has, and never leaves."""
    plan.pays_after_days, plan.payment_jitter_days = 34.0, 6.0
    plan.bill_every_months = min(plan.bill_every_months, 3)
    plan.surveys = [SurveyPlan(60, 8)]


def moved_to_api(plan: Blueprint) -> None:
    """Fewer people click because a portal calls the API instead: more use, not less."""
    plan.trend = [(26, 1.0), (14, 0.6), (0, 0.35)]
    plan.api_trend = [(26, 1.0), (14, 6.0), (0, 14.0)]
    plan.api_calls = max(plan.api_calls, 900.0)
    plan.tickets = [TicketPlan("integration", 100, answered_after_hours=3), TicketPlan("praise", 20, "low")]
    plan.surveys = [SurveyPlan(40, 9, "pleased")]


def angry_but_loyal(plan: Blueprint) -> None:
    """Shouts in every ticket and orders more seats."""
    plan.trend = [(30, 0.95), (0, 1.05)]
    plan.tickets = [
        TicketPlan("angry_loyal", 9, "high", 2, 2),
        TicketPlan("slow", 60, "high", 4, 5),
        TicketPlan("bug", 35, "high", 6, 6),
        TicketPlan("training", 16),
    ]
    plan.changes = [ChangePlan(70, 0.9, 0.9)]
    plan.surveys = [SurveyPlan(50, 7)]


def champion_left(plan: Blueprint) -> None:
    """The person who carried the product is gone, and use fades with them."""
    _leaves(plan, "champion", days_ago=70)
    plan.trend = [(16, 1.0), (8, 0.65), (0, 0.4)]
    plan.tickets = [TicketPlan("champion_gone", 30, answered_after_hours=60, closed_after_days=None)]
    plan.last_touch_days = 64
    _may_go(plan)


def reviewing_options(plan: Blueprint) -> None:
    """Politely asks for terms and notice periods while usage slips."""
    plan.trend = [(20, 1.0), (0, 0.55)]
    plan.tickets = [
        TicketPlan("reviewing", 16, answered_after_hours=30, closed_after_days=None),
        TicketPlan("slow", 58, "high", 40, 15),
        TicketPlan("export_all", 6, answered_after_hours=None, closed_after_days=None),
    ]
    plan.surveys = [SurveyPlan(40, 5)]
    plan.last_touch_days = 45
    _may_go(plan)


def silent_leaver(plan: Blueprint) -> None:
    """Says nothing, opens no ticket, and uses less every week."""
    plan.trend = [(34, 1.0), (20, 0.8), (9, 0.42), (0, 0.16)]
    plan.everyday_tickets, plan.everyday_until_days = 2.0, 120
    plan.last_touch_days = 85
    plan.surveys = [SurveyPlan(250, 7)]
    _may_go(plan)


def outage_victim(plan: Blueprint) -> None:
    """Was hit by one outage after another and has lost patience."""
    plan.trend = [(12, 1.0), (0, 0.6)]
    plan.tickets = [
        TicketPlan("slow", 74, "high", 9, 2),
        TicketPlan("outage", 41, "critical", 14, 4),
        TicketPlan("outage", 15, "critical", 30, None),
        TicketPlan("neglect", 7, "high", None, None),
        TicketPlan("dispute", 11, "high", 50, None),
    ]
    plan.everyday_until_days = 80
    plan.surveys = [SurveyPlan(20, 2, "unhappy")]
    plan.holds_latest_invoice = True
    _may_go(plan)


def downgrader(plan: Blueprint) -> None:
    """Gave back seats and asks how to give back more."""
    plan.trend = [(24, 1.0), (0, 0.6)]
    plan.changes = [ChangePlan(95, 1.6, 1.5)]
    plan.tickets = [
        TicketPlan("downsizing", 18, answered_after_hours=20, closed_after_days=None),
        TicketPlan("billing_error", 110),
        TicketPlan("export_all", 8, answered_after_hours=None, closed_after_days=None),
    ]
    plan.surveys = [SurveyPlan(55, 4, "unhappy")]
    _may_go(plan)


def competitor_named(plan: Blueprint) -> None:
    """Tries another product and says so."""
    plan.trend = [(18, 1.0), (0, 0.5)]
    plan.tickets = [
        TicketPlan("competitor", 13, "high", 26, None),
        TicketPlan("slow", 48, "high", 30, 12),
        TicketPlan("reviewing", 34, answered_after_hours=24, closed_after_days=5),
    ]
    plan.surveys = [SurveyPlan(30, 3, "unhappy")]
    _may_go(plan)


def neglected_by_support(plan: Blueprint) -> None:
    """Asks again and again, and nobody answers."""
    plan.trend = [(15, 1.0), (0, 0.55)]
    plan.tickets = [
        TicketPlan("bug", 52, "high", 150, None),
        TicketPlan("neglect", 27, "high", None, None),
        TicketPlan("neglect", 10, "critical", None, None),
        TicketPlan("reviewing", 5, answered_after_hours=None, closed_after_days=None),
    ]
    plan.surveys = [SurveyPlan(12, 1, "unhappy")]
    plan.last_touch_days = 60
    _may_go(plan)


def stated_leaver(plan: Blueprint) -> None:
    """Has written that they will not renew."""
    plan.trend = [(22, 1.0), (10, 0.7), (0, 0.38)]
    plan.tickets = [
        TicketPlan("outage", 66, "critical", 20, 6),
        TicketPlan("neglect", 36, "high", 210, 12),
        TicketPlan("leaving", 9, "high", 22, None),
    ]
    plan.surveys = [SurveyPlan(45, 2, "unhappy")]
    plan.last_touch_days = 50
    _may_go(plan)


def in_dispute(plan: Blueprint) -> None:
    """Contests an invoice; otherwise content."""
    plan.disputes_latest_invoice = True
    plan.tickets = [TicketPlan("dispute", 14, "high", 8, None), TicketPlan("billing_error", 90)]
    plan.surveys = [SurveyPlan(100, 7)]


def stale_feed(plan: Blueprint) -> None:
    """Their usage feed broke five weeks ago; nothing is wrong with the customer."""
    plan.stopped_weeks_ago = 5


def missing_weeks(plan: Blueprint) -> None:
    """Some weeks of usage were lost on our side."""
    plan.lost_weeks = frozenset({2, 11, 12, 30})


def without_usage(plan: Blueprint) -> None:
    """Runs the product on their own machines: we see no usage at all."""
    plan.usage_weeks = 0


def monthly_contract(plan: Blueprint) -> None:
    """May go any month, and has stayed for years."""
    plan.term_months, plan.notice_days, plan.bill_every_months = 1, 14, 1
    plan.auto_renew = True
    plan.renewal = plan.day(-plan.rng.randint(2, 28))
    plan.tenure_months = plan.rng.randint(20, 44)


def on_trial(plan: Blueprint) -> None:
    """Tries the product and pays nothing yet."""
    plan.status, plan.term_months, plan.tenure_months = "trial", 1, 1
    plan.renewal = plan.day(-plan.rng.randint(3, 20))
    plan.tickets = [TicketPlan("howto", 6, "low")]
    plan.everyday_tickets = 0.0
    plan.surveys = []


def already_churned(plan: Blueprint) -> None:
    """Left some time ago."""
    plan.status = "churned"
    gone_days = plan.rng.randint(10, 200)
    plan.renewal, plan.auto_renew = plan.day(gone_days), False
    plan.stopped_weeks_ago = gone_days // 7 + 1
    plan.trend = [(gone_days / 7 + 25, 1.0), (gone_days / 7, 0.2)]
    plan.tickets = [TicketPlan("leaving", gone_days + 40)]
    plan.everyday_until_days = gone_days + 30
    plan.last_touch_days = gone_days + 5
    plan.surveys = [SurveyPlan(gone_days + 80, 3, "unhappy")]


def opted_out(plan: Blueprint) -> None:
    """Everybody with a say has asked not to be written to."""
    plan.contacts = [msgspec.structs.replace(contact, email_opt_out=True) for contact in plan.contacts]


def everybody_left(plan: Blueprint) -> None:
    """Every person we know there has left; we have nobody to write to."""
    plan.contacts = [msgspec.structs.replace(contact, left_on=plan.day(40)) for contact in plan.contacts]
    plan.trend = [(14, 1.0), (0, 0.45)]
    plan.last_touch_days = 75
    _may_go(plan)


def undated_contract(plan: Blueprint) -> None:
    """The CRM lacks the renewal date; start and term give it."""
    plan.renewal_is_known = False


def newcomer(plan: Blueprint) -> None:
    """Signed ten weeks ago: hardly any history."""
    plan.tenure_months = plan.term_months = 12
    plan.renewal = months_after(plan.day(70), 12)
    plan.trend = [(9, 0.3), (0, 1.0)]
    plan.tickets = [TicketPlan("training", 50), TicketPlan("howto", 12, "low")]


def sponsor_silent(plan: Blueprint) -> None:
    """Nobody there has spoken with us for months; use holds."""
    plan.last_touch_days = 150
    plan.surveys = []


def _may_go(plan: Blueprint) -> None:
    """A customer free to leave at the term's end."""
    plan.auto_renew = False
    plan.notice_days = 30
    plan.in_good_mood = False


def _leaves(plan: Blueprint, role: str, *, days_ago: int) -> None:
    def left(contact: Contact) -> Contact:
        if contact.role != role:
            return contact
        return msgspec.structs.replace(contact, left_on=plan.day(days_ago))

    plan.contacts = [left(contact) for contact in plan.contacts]


@dataclass(frozen=True)
class Story:
    """How an account's plan differs, whether the customer is really about to leave, and which segments it suits."""

    tell: Callable[[Blueprint], None]
    leaves: bool = False
    segments: tuple[str, ...] = ("Enterprise", "Mid-Market", "SMB")


_SMALLER = ("Mid-Market", "SMB")
_LEAVERS = (
    champion_left,
    reviewing_options,
    silent_leaver,
    outage_victim,
    downgrader,
    competitor_named,
    neglected_by_support,
    stated_leaver,
    everybody_left,
)
_STAYERS = (
    healthy,
    growing,
    low_season,
    slow_payer,
    moved_to_api,
    angry_but_loyal,
    in_dispute,
    stale_feed,
    missing_weeks,
    without_usage,
    opted_out,
    undated_contract,
    sponsor_silent,
    already_churned,
)
STORIES: dict[str, Story] = {
    **{tell.__name__: Story(tell, leaves=True) for tell in _LEAVERS},
    **{tell.__name__: Story(tell) for tell in _STAYERS},
    **{tell.__name__: Story(tell, segments=_SMALLER) for tell in (monthly_contract, on_trial, newcomer)},
}
"""Every story by its name."""

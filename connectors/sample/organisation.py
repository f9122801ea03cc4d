"""Makes the sample organisation: the joined truth about every account, as of a day."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from connectors.records import Account, Contract, Money, Owner, Payload, SourceInfo
from connectors.sample.blueprint import Blueprint, SurveyPlan, months_after
from connectors.sample.cast import Role, cast
from connectors.sample.conversation import activities_of, surveys_of, tickets_of
from connectors.sample.identifiers import ACCOUNT, salesforce_id
from connectors.sample.invoicing import changes_of, invoices_of
from connectors.sample.people import contacts_of, owners
from connectors.sample.stories import STORIES
from connectors.sample.usage import weekly_usage
from connectors.wire import wire

_SEATS = {"Enterprise": (150, 1_200), "Mid-Market": (30, 160), "SMB": (5, 35)}
_SEAT_PRICE = {"Enterprise": (380, 620), "Mid-Market": (480, 720), "SMB": (480, 900)}
_BILL_EVERY_MONTHS = {"Enterprise": 3, "Mid-Market": 6, "SMB": 12}
_EVERYDAY_TICKETS = {"Enterprise": 7.0, "Mid-Market": 4.0, "SMB": 2.0}
_PRICE_LEVEL = {"SEK": 10.0}
_GOLDEN = 0.6180339887
_STALE_SURVEY_DAYS = 16


@dataclass(frozen=True)
class Organisation:
    """The sample organisation on a day: joined accounts, the systems they stand in, and each one's hidden story."""

    as_of: dt.date
    seed: int
    accounts: list[Account]
    sources: list[SourceInfo]
    stories: dict[str, str]

    def payload(self) -> dict[str, Any]:
        """The organisation as a JSON-ready `UnifiedPayload`, null-free."""
        return wire(self.record)

    @cached_property
    def record(self) -> Payload:
        """The organisation as canonical records."""
        return Payload(schema_version="1", as_of=self.as_of, sources=self.sources, accounts=self.accounts)

    def leavers(self) -> frozenset[str]:
        """Ids of the active accounts that are really about to leave."""
        return frozenset(
            account.account_id
            for account in self.accounts
            if account.status == "active" and STORIES[self.stories[account.account_id]].leaves
        )


def organisation(as_of: dt.date, seed: int = 7) -> Organisation:
    """The sample organisation on a day; the same day and seed always give the same.

    Names, people and stories hang on the seed alone; every date is relative to the day.
    """
    staff = owners(random.Random(f"{seed}:owners"))
    plans = [_blueprint(number, role, as_of, seed, staff) for number, role in enumerate(cast(seed), 1)]
    _add_parents(plans)
    return Organisation(
        as_of=as_of,
        seed=seed,
        accounts=[_account(plan) for plan in plans],
        sources=_sources(as_of),
        stories={plan.account_id: plan.story for plan in plans},
    )


def quarter_end(day: dt.date) -> dt.date:
    """The last day of the calendar quarter."""
    first_day = dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return months_after(first_day, 3) - dt.timedelta(days=1)


def _blueprint(number: int, role: Role, as_of: dt.date, seed: int, staff: dict[str, list[Owner]]) -> Blueprint:
    rng = random.Random(f"{seed}:{number}")
    segment = role.segment
    seats = round(_between(rng, _SEATS[segment]))
    price = _between(rng, _SEAT_PRICE[segment]) * _PRICE_LEVEL.get(role.place.currency, 1.0)
    plan = Blueprint(
        index=number,
        story=role.story,
        as_of=as_of,
        rng=rng,
        account_id=salesforce_id(ACCOUNT, number),
        name=role.name,
        domain=role.domain,
        segment=segment,
        place=role.place,
        industry=role.industry,
        owner=rng.choice(staff[role.place.region]),
        contacts=contacts_of(number, segment, role.place, role.domain, rng),
        seats=seats,
        amount=max(2_400.0, round(seats * price, -2)),
        renewal=renewal_day(number, role, as_of),
        bill_every_months=_BILL_EVERY_MONTHS[segment],
        everyday_tickets=_EVERYDAY_TICKETS[segment],
    )
    _vary(plan)
    STORIES[role.story].tell(plan)
    return plan


def _between(rng: random.Random, bounds: tuple[float, float]) -> float:
    """A value between the bounds, small ones more often."""
    low, high = bounds
    return float(low * (high / low) ** rng.random())


def renewal_day(number: int, role: Role, as_of: dt.date) -> dt.date:
    """In the quarter, in so many days, or spread evenly over the year to come."""
    if role.share is not None:
        days = round(role.share * (quarter_end(as_of) - as_of).days)
    elif role.days is not None:
        days = role.days
    else:
        days = 1 + int(number * _GOLDEN % 1 * 364)
    return as_of + dt.timedelta(days=days)


def _vary(plan: Blueprint) -> None:
    """Habits that differ from customer to customer whatever their story."""
    rng = plan.rng
    plan.term_months = rng.choice((12, 12, 24, 36)) if plan.segment == "Enterprise" else rng.choice((12, 12, 12, 24))
    plan.tenure_months = plan.term_months * rng.randint(2 if plan.term_months == 12 else 1, 5 - plan.term_months // 12)
    plan.tenure_months = max(24, plan.tenure_months)
    plan.auto_renew = rng.random() < 0.6
    plan.notice_days = rng.choice((30, 60, 60, 90))
    plan.usage_weeks = rng.randint(62, 88)
    plan.penetration = rng.uniform(0.5, 0.85)
    plan.actions_per_user = rng.uniform(5, 14)
    plan.api_calls = rng.choice((0.0, 40.0, 300.0, 1_200.0)) * rng.uniform(0.7, 1.5)
    plan.features = rng.uniform(6, 13)
    plan.noise = rng.uniform(0.03, 0.09) + 0.3 / plan.seats
    plan.pays_after_days = rng.uniform(-10, 6)
    plan.touch_every_days = rng.randint(18, 40)
    plan.last_touch_days = rng.randint(2, 24)
    if rng.random() < 0.5:
        plan.surveys = [SurveyPlan(rng.randint(30, 300), rng.randint(6, 9))]


def _add_parents(plans: list[Blueprint]) -> None:
    """Every 24th account is a subsidiary of an enterprise of its region."""
    for plan in plans[30::24]:
        parents = [
            p for p in plans if p.segment == "Enterprise" and p.place.region == plan.place.region and p is not plan
        ]
        if plan.segment != "Enterprise":
            plan.parent_account_id = parents[plan.index % len(parents)].account_id


def _account(plan: Blueprint) -> Account:
    paying = plan.status != "trial"
    revenue = Money(amount=plan.amount, currency=plan.place.currency) if paying else None
    return Account(
        account_id=plan.account_id,
        name=plan.name,
        domain=plan.domain,
        parent_account_id=plan.parent_account_id,
        segment=plan.segment,
        region=plan.place.region,
        country=plan.place.country,
        industry=plan.industry,
        status=plan.status,
        annual_recurring_revenue=revenue,
        owner=plan.owner,
        contract=Contract(
            start_date=plan.start,
            renewal_date=plan.renewal if plan.renewal_is_known else None,
            term_months=plan.term_months,
            seats=plan.seats,
            auto_renew=plan.auto_renew,
            notice_days=plan.notice_days,
        ),
        contacts=plan.contacts,
        usage=weekly_usage(plan),
        tickets=tickets_of(plan),
        invoices=invoices_of(plan),
        changes=changes_of(plan),
        activities=activities_of(plan),
        surveys=surveys_of(plan),
    )


def _sources(as_of: dt.date) -> list[SourceInfo]:
    """The systems, read in the small hours; the survey tool has not been synchronised for two weeks."""
    night = dt.datetime.combine(as_of, dt.time(), dt.UTC)
    return [
        SourceInfo(name="salesforce", kind="crm", extracted_at=night + dt.timedelta(hours=5, minutes=30)),
        SourceInfo(name="product-usage", kind="usage", extracted_at=night + dt.timedelta(hours=4, minutes=10)),
        SourceInfo(name="billing", kind="billing", extracted_at=night - dt.timedelta(hours=2)),
        SourceInfo(name="survey-tool", kind="survey", extracted_at=night - dt.timedelta(days=_STALE_SURVEY_DAYS)),
    ]

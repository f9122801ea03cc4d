"""What customers write, answer and talk about: tickets, survey answers, meetings."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date
from babel.numbers import format_decimal

from connectors.records import Activity, Contact, Survey, Ticket
from connectors.sample.blueprint import Blueprint, TicketPlan
from connectors.sample.identifiers import CASE, SURVEY, TASK, salesforce_id
from connectors.sample.tables import TICKET_LANGUAGES, TicketText, table, ticket_texts

_EVERYDAY_TOPICS = (
    "howto",
    "howto",
    "bug",
    "slow",
    "training",
    "wish",
    "praise",
    "access",
    "integration",
    "billing_error",
)
_TROUBLE_TOPICS = ("howto", "bug", "slow", "access", "billing_error", "integration")
_EVERYDAY_PRIORITIES = {"bug": "high", "access": "high", "praise": "low", "wish": "low", "howto": "low"}
_DECIDERS = frozenset({"reviewing", "leaving", "dispute", "downsizing", "competitor", "export_all", "billing_error"})


def tickets_of(plan: Blueprint) -> list[Ticket]:
    """The account's support cases, oldest first: those its story tells and everyday ones."""
    plans = sorted([*plan.tickets, *_everyday(plan)], key=lambda ticket: -ticket.days_ago)
    used: set[str] = set()
    written = (_ticket(plan, number, ticket, used) for number, ticket in enumerate(plans))
    return [ticket for ticket in written if ticket is not None]


def _everyday(plan: Blueprint) -> list[TicketPlan]:
    rng, since = plan.rng, min(400, (plan.as_of - plan.start).days)
    count = round(plan.everyday_tickets * since / 365 * rng.uniform(0.6, 1.4))
    tickets = []
    for _ in range(count):
        topic = rng.choice(_EVERYDAY_TOPICS if plan.in_good_mood else _TROUBLE_TOPICS)
        days_ago = rng.uniform(plan.everyday_until_days + 2, max(since, plan.everyday_until_days + 3))
        hours = min(60.0, rng.lognormvariate(1.6, 0.8))
        priority = _EVERYDAY_PRIORITIES.get(topic, "normal")
        tickets.append(TicketPlan(topic, days_ago, priority, hours, hours / 24 + rng.uniform(0.2, 6)))
    return [ticket for ticket in tickets if ticket.days_ago < since]


def _ticket(plan: Blueprint, number: int, ticket: TicketPlan, used: set[str]) -> Ticket | None:
    """The case in its author's words; None when it is an everyday one that this account has sent before."""
    opened = _instant(plan, ticket.days_ago)
    author = _author(plan, ticket.topic, opened.date())
    language = author.language if author.language in TICKET_LANGUAGES else "en"
    fresh = [text for text in ticket_texts(language)[ticket.topic] if text.subject not in used]
    if not fresh and ticket not in plan.tickets:
        return None
    text = plan.rng.choice(fresh or ticket_texts(language)[ticket.topic])
    used.add(text.subject)
    values = _values(plan, author, language, text)
    return Ticket(
        ticket_id=salesforce_id(CASE, plan.index * 64 + number),
        opened_at=opened,
        first_response_at=_later(plan, opened, ticket.answered_after_hours),
        closed_at=_later(plan, opened, None if ticket.closed_after_days is None else ticket.closed_after_days * 24),
        priority=ticket.priority,
        subject=text.subject.format_map(values),
        body=text.body.format_map(values),
    )


def _author(plan: Blueprint, topic: str, day: dt.date) -> Contact:
    """Who writes: a decider in matters of contract, else anybody who was there that day."""
    there = [contact for contact in plan.contacts if contact.left_on is None or contact.left_on > day]
    deciders = [c for c in there if c.role in ("champion", "executive_sponsor", "procurement")]
    return plan.rng.choice((deciders if topic in _DECIDERS else there) or there or plan.contacts)


def _values(plan: Blueprint, author: Contact, language: str, text: TicketText) -> dict[str, str]:
    """The placeholders' values, numbers and dates as the language writes them."""
    rng = plan.rng
    amount = plan.amount * plan.bill_every_months / 12
    number = rng.randint(2_400, 98_000)
    values = {
        "first": author.first_name,
        "last": author.last_name,
        "email": author.email,
        "phone": author.phone,
        "company": plan.name,
        "users": str(rng.randint(2, max(3, min(60, plan.seats // 6)))),
        "days": str(rng.randint(3, 9)),
        "order": f"PO-45000{rng.randint(10_000, 99_999)}",
        "team": rng.choice(table("companies")["teams"][language]),
    }
    if "{number}" in text.body:
        values["number"] = format_decimal(number, locale=language)
    if "{amount}" in text.body:
        values["amount"] = f"{format_decimal(amount, locale=language)} {plan.place.currency}"
    if "{renewal}" in text.body:
        values["renewal"] = format_date(plan.renewal, "long", locale="en_GB" if language == "en" else language)
    return values


def _instant(plan: Blueprint, days_ago: float) -> dt.datetime:
    """A moment in working hours that many days before the as-of day, to the second."""
    day = plan.day(max(1, round(days_ago)))
    seconds = plan.rng.randint(7 * 3600, 16 * 3600)
    return dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(seconds=seconds)


def _later(plan: Blueprint, opened: dt.datetime, hours: float | None) -> dt.datetime | None:
    """That many hours on, or None when that had not come by the as-of day."""
    if hours is None:
        return None
    moment = opened + dt.timedelta(seconds=round(hours * 3600))
    return moment if moment.date() < plan.as_of else None


def activities_of(plan: Blueprint) -> list[Activity]:
    """Meetings, calls and mails with the account, oldest first, the last one as long ago as the story says."""
    rng, days_ago = plan.rng, float(plan.last_touch_days)
    since = min(300, (plan.as_of - plan.start).days)
    touches: list[Activity] = []
    while days_ago < since:
        moment = _instant(plan, days_ago)
        there = [c for c in plan.contacts if c.left_on is None or c.left_on > moment.date()] or plan.contacts
        touches.append(
            Activity(
                activity_id=salesforce_id(TASK, plan.index * 64 + len(touches)),
                kind=rng.choice(("meeting", "call", "email", "email")),
                occurred_at=moment,
                contact_id=rng.choice(there).contact_id,
            )
        )
        days_ago += plan.touch_every_days * rng.uniform(0.6, 1.5)
    return touches[::-1]


def surveys_of(plan: Blueprint) -> list[Survey]:
    """The account's NPS answers, oldest first; none from before it was a customer."""
    language = plan.place.language if plan.place.language in TICKET_LANGUAGES else "en"
    comments = table("companies")["comments"]
    return [
        Survey(
            survey_id=salesforce_id(SURVEY, plan.index * 4 + number),
            kind="nps",
            score=float(survey.score),
            answered_on=plan.day(survey.days_ago),
            comment=plan.rng.choice(comments[survey.tone][language]) if survey.tone else "",
        )
        for number, survey in enumerate(sorted(plan.surveys, key=lambda survey: -survey.days_ago))
        if plan.start < plan.day(survey.days_ago)
    ]

"""Plain words for the signals of the people at the customer; nobody is named, only roles are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from chains.churn.drivers.case import Case, Told
from chains.churn.signals.people import CHAMPION_ROLES, LEFT_WITHIN_DAYS, SPONSOR_ROLES, SURVEY_WITHIN_DAYS
from chains.churn.spoken import count
from connectors.records import Activity, Contact

_MAX_CITED = 4


def _left(case: Case, contact: Contact) -> bool:
    return contact.left_on is not None and contact.left_on <= case.as_of


def _cite_left(case: Case, contacts: list[Contact]) -> list[str]:
    return [
        case.book.cite(
            "contact", c.contact_id, "left_on", c.left_on, observed_at=c.left_on.isoformat() if c.left_on else ""
        )
        for c in contacts[:_MAX_CITED]
    ]


def _cite_role(case: Case, contacts: list[Contact]) -> list[str]:
    observed = case.as_of.isoformat()
    return [
        case.book.cite("contact", c.contact_id, "role", c.role, observed_at=observed) for c in contacts[:_MAX_CITED]
    ]


def champion(case: Case, raises: bool) -> Told:
    """Whether the champion is still there."""
    champions = [contact for contact in case.account.contacts if contact.role in CHAMPION_ROLES]
    gone = sorted((c for c in champions if _left(case, c)), key=lambda c: c.left_on or case.as_of, reverse=True)
    there = [contact for contact in champions if not _left(case, contact)]
    if gone and gone[0].left_on:
        after = "but another is in place" if there else "and nobody has taken the role over"
        text = f"The champion left on {case.day(gone[0].left_on)}, {after}."
        return Told(text, [*_cite_left(case, gone[:1]), *_cite_role(case, [*gone[:1], *there])])
    return Told("The champion is in place.", _cite_role(case, there))


def contacts(case: Case, raises: bool) -> Told:
    """How many of the other contacts left."""
    others = [contact for contact in case.account.contacts if contact.role not in CHAMPION_ROLES]
    gone = [c for c in others if _left(case, c) and c.left_on and (case.as_of - c.left_on).days <= LEFT_WITHIN_DAYS]
    if not gone:
        return Told("None of the other contacts left within a year.", _cite_role(case, others))
    verb = "has" if len(gone) == 1 else "have"
    text = f"Of the other contacts, {len(gone)} {verb} left within a year."
    return Told(text, _cite_left(case, gone))


def sponsor(case: Case, raises: bool) -> Told:
    """When the sponsor was last spoken to."""
    roles = {contact.contact_id for contact in case.account.contacts if contact.role in SPONSOR_ROLES}
    met = [a for a in case.account.activities if a.occurred_at and a.occurred_at < case.now]
    met.sort(key=lambda a: a.occurred_at or case.now, reverse=True)
    with_sponsor = [activity for activity in met if activity.contact_id in roles]
    if roles and not with_sponsor:
        silent = count(case.value("sponsor_silent_days"), "day")
        text = f"In {silent} on record there was no meeting, call or mail with the champion or sponsor."
        return Told(text, _cite_activities(case, met[:1]))
    who = "the champion or sponsor" if roles else "anybody at the account"
    text = f"The last meeting, call or mail with {who} was {count(case.value('sponsor_silent_days'), 'day')} ago."
    return Told(text, _cite_activities(case, (with_sponsor or met)[:1]))


def _cite_activities(case: Case, activities: list[Activity]) -> list[str]:
    return [
        case.book.cite("activity", a.activity_id, "occurred_at", a.occurred_at, observed_at=_day_of(a.occurred_at))
        for a in activities
    ]


def _day_of(moment: dt.datetime | None) -> str:
    return moment.date().isoformat() if moment else ""


def survey(case: Case, raises: bool) -> Told:
    """The latest survey score."""
    answers = [
        s
        for s in case.account.surveys
        if s.kind.lower() in ("nps", "")
        and s.score is not None
        and s.answered_on
        and s.answered_on <= case.as_of
        and (case.as_of - s.answered_on).days <= SURVEY_WITHIN_DAYS
    ]
    answers.sort(key=lambda s: s.answered_on or case.as_of, reverse=True)
    if not answers or answers[0].answered_on is None:
        return Told("The surveys of the last year speak for it.")
    last = answers[0]
    text = f"The latest survey answer, of {case.day(answers[0].answered_on)}, was {last.score:g} of 10."
    if len(answers) > 1:
        text = f"{text[:-1]}, and the {len(answers)} of the last year average {case.value('nps'):.1f}."
    facts = [
        case.book.cite("survey", s.survey_id, "score", s.score, unit="of 10", observed_at=str(s.answered_on or ""))
        for s in answers[:_MAX_CITED]
    ]
    return Told(text, facts)


TELLERS: dict[str, Callable[[Case, bool], Told]] = {
    "champion_gone": champion,
    "contacts_gone": contacts,
    "sponsor_silent_days": sponsor,
    "nps": survey,
}

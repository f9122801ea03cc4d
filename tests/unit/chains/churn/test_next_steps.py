"""Which plays fit, and when they are due."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from chains.churn.findings import findings
from chains.churn.next_steps import (
    Playbook,
    decision_deadline,
    default_playbook,
    due_day,
    matched_plays,
    next_steps,
)
from chains.churn.schema import Driver, NextStep
from chains.churn.tickets.reading import TOPICS, TicketReading
from connectors.records import Account, Contract
from tests.unit.chains.churn.story_accounts import AS_OF, DRIVERS, account, driver, reading, ticket

NOV_3 = dt.date(2026, 11, 3)
FRIDAY = dt.date(2026, 11, 20)


def steps(customer: Account, readings: list[TicketReading], drivers: tuple[Driver, ...] = DRIVERS) -> list[NextStep]:
    """The steps of an account on the day."""
    found = findings(customer, readings, drivers, AS_OF)
    return next_steps(matched_plays(found, customer, AS_OF, default_playbook()))


def renewing(on: dt.date, notice_days: int | None = None) -> Account:
    """An account that renews on the day."""
    return account(contract=Contract(renewal_date=on, notice_days=notice_days))


def test_an_open_outage_is_answered_first_and_cites_the_ticket() -> None:
    found = steps(account([ticket("500123", NOV_3)]), [reading("500123", "outage")])
    assert found[0].playbook == "outage_review" and found[0].owner_role == "support"
    assert found[0].action == (
        "Hold an incident review on the ticket of 3 November on an outage, with an engineer and the customer "
        "(ticket 500123)."
    )
    assert found[0].why == "The ticket of 3 November on an outage is still open."
    assert found[0].due_on == "2026-11-18"


def test_at_most_four_different_steps_ordered_by_due_day() -> None:
    topics = ["outage", "billing", "pricing", "bug", "onboarding", "security"]
    tickets = [ticket(str(n), NOV_3) for n, _ in enumerate(topics)]
    found = steps(account(tickets), [reading(str(n), topic) for n, topic in enumerate(topics)])
    assert len(found) == 4
    assert len({s.playbook for s in found}) == 4
    assert [s.due_on for s in found] == sorted(s.due_on for s in found)


def test_a_wish_to_leave_brings_the_account_executive_and_the_sponsor() -> None:
    found = steps(account([ticket("1", NOV_3)]), [reading("1", "contract", leave=0.95)])
    assert {"account_executive", "executive_sponsor"} <= {s.owner_role for s in found}
    assert found[0].playbook == "exit_conversation"


def test_an_account_without_findings_gets_one_conversation() -> None:
    assert [s.playbook for s in steps(account(), [], ())] == ["check_in"]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_a_play(topic: str) -> None:
    mood = 0.8 if topic == "praise" else -0.6
    found = steps(account([ticket("1", NOV_3)]), [reading("1", topic, mood)], ())
    assert any("(ticket 1)" in s.action for s in found)


@pytest.mark.parametrize("signal", ["usage_trend", "licence_use", "champion_gone", "payment_late", "downgrade", "nps"])
def test_every_group_of_signals_has_a_play(signal: str) -> None:
    assert steps(account(), [], (driver(signal, 0.5, "So it is."),))[0].playbook != "check_in"


def test_two_steps_of_one_role_are_due_on_different_days_and_none_after_the_deadline() -> None:
    drivers = (driver("usage_trend", 0.9), driver("nps", 0.8), driver("licence_use", 0.7), driver("renewal", 0.6))
    free = steps(renewing(dt.date(2027, 3, 1)), [], drivers)
    assert len({(s.owner_role, s.due_on) for s in free}) == len(free) == 4
    pressed = steps(renewing(dt.date(2026, 11, 19)), [], drivers)
    assert {s.due_on for s in pressed} <= {"2026-11-17", "2026-11-18", "2026-11-19"}
    assert [s.due_on for s in pressed] == sorted(s.due_on for s in pressed)


@pytest.mark.parametrize(
    ("signal", "play"),
    [
        ("champion_gone", "new_champion"),
        ("sponsor_silent", "sponsor_meeting"),
        ("contacts_gone", "contact_update"),
        ("dormant", "reactivation"),
        ("usage_year", "needs_review"),
        ("licence_use", "seat_activation"),
        ("breadth_trend", "adoption_workshop"),
        ("dispute", "dispute_settlement"),
        ("payment", "payment_contact"),
        ("open_time", "waiting_case"),
        ("nps", "survey_follow_up"),
        ("contraction", "seat_review"),
    ],
)
def test_the_strongest_signal_of_a_finding_chooses_its_play(signal: str, play: str) -> None:
    assert [s.playbook for s in steps(account(), [], (driver(signal, 0.5, "So it is."),))] == [play]


def test_an_old_cancellation_is_asked_about_again_instead_of_called_about() -> None:
    opened = dt.date(2026, 7, 1)
    old = account([ticket("1", opened, dt.date(2026, 7, 4))])
    found = steps(old, [reading("1", "contract", leave=0.95)], (driver("leave_intent", 0.8, "1 ticket speaks."),))
    assert [s.playbook for s in found] == ["leaving_revisited"]
    assert "the message of 1 July on ending or reviewing the agreement" in found[0].action


def test_a_ticket_closed_long_ago_asks_for_nothing() -> None:
    closed = account([ticket("1", dt.date(2026, 7, 1), dt.date(2026, 7, 4))])
    assert [s.playbook for s in steps(closed, [reading("1", "support_quality")], ())] == ["check_in"]


def test_a_waiting_case_that_another_step_answers_is_not_listed_again() -> None:
    waiting = driver("unanswered_time", 0.5, "A case waits.").model_copy(update={"fact_ids": ["ticket:1:opened_at"]})
    customer = account([ticket("1", NOV_3)])
    found = steps(customer, [reading("1", "support_quality")], (waiting,))
    assert [s.playbook for s in found] == ["support_escalation"]
    unread = steps(customer, [], (waiting,))
    assert [s.playbook for s in unread] == ["waiting_case"] and "(ticket 1)" in unread[0].action


def test_due_days_skip_the_weekend() -> None:
    assert due_day(1, account(contract=None), FRIDAY) == dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("renewal", "notice_days", "due"),
    [
        (dt.date(2026, 12, 31), 43, dt.date(2026, 11, 18)),  # The notice period starts before five days are over.
        (dt.date(2026, 11, 17), None, dt.date(2026, 11, 17)),
        (dt.date(2026, 11, 18), 30, dt.date(2026, 11, 18)),  # The notice day has passed; the renewal still counts.
        (dt.date(2026, 11, 16), 0, AS_OF),
        (dt.date(2026, 10, 1), 30, dt.date(2026, 11, 23)),  # A renewal in the past bounds nothing.
        (dt.date(2027, 6, 1), 30, dt.date(2026, 11, 23)),
    ],
)
def test_a_step_is_never_due_after_the_deadline(renewal: dt.date, notice_days: int | None, due: dt.date) -> None:
    assert due_day(5, renewing(renewal, notice_days), AS_OF) == due


def test_a_deadline_on_a_weekend_means_the_friday_before_but_never_the_past() -> None:
    assert due_day(5, renewing(dt.date(2026, 11, 22)), AS_OF) == FRIDAY
    saturday = dt.date(2026, 11, 21)
    assert due_day(5, renewing(dt.date(2026, 11, 22)), saturday) == saturday


def test_the_deadline_is_the_start_of_the_notice_period() -> None:
    assert decision_deadline(renewing(dt.date(2027, 1, 10), 30), AS_OF) == dt.date(2026, 12, 11)


@pytest.mark.parametrize(
    "change",
    [
        {"plays": [{"id": "x", "themes": ["outage"], "priority": 1, "owner_role": "support", "due_business_days": 1,
                    "action": "a", "may_offer": ["gift"]}]},
        {"plays": [{"id": "x", "themes": ["outage"], "priority": 1, "owner_role": "janitor", "due_business_days": 1,
                    "action": "a", "may_offer": ["call"]}]},
        {"surprise": 1},
        {"offers": {"call": {"minutes": 30, "text": "a call", "permits": ["discount"]}}},
    ],
    ids=["unknown offer", "unknown role", "unknown key", "a permitted discount"],
)  # fmt: skip
def test_a_faulty_playbook_is_refused(change: dict[str, object]) -> None:
    sound: dict[str, object] = {"version": 1, "offers": {"call": {"minutes": 30, "text": "a call"}}, "plays": []}
    Playbook.model_validate(sound)
    with pytest.raises(ValidationError):
        Playbook.model_validate(sound | change)


def test_what_a_play_may_offer_is_said_with_its_length() -> None:
    assert default_playbook().may_offer("exit_conversation") == [
        "a conversation about the reasons and the steps that follow (30 minutes)"
    ]


def test_a_notice_of_termination_is_confirmed_in_writing_and_nobody_is_told_to_call() -> None:
    tickets = [ticket("1", NOV_3), ticket("2", NOV_3)]
    notice = reading("1", "contract", leave=0.97, cues=("cancellation",))
    drivers = (driver("leave_intent", 1.5, "The customer gave notice."), driver("nps", 0.4, "Low."))
    found = steps(account(tickets), [notice, reading("2", "contract", leave=0.6, cues=("reviewing_options",))], drivers)
    assert [s.playbook for s in found] == ["notice_confirmation", "notice_contact", "notice_handover"]
    assert found[0].action == (
        "Confirm receipt of the notice of termination of 3 November and the end date in writing (ticket 1)."
    )
    assert not any("Call" in s.action or "call the" in s.action for s in found)


def test_a_customer_who_asks_not_to_be_called_is_written_to() -> None:
    leaving = reading("1", "contract", leave=0.7, cues=("reviewing_options", "no_calls"))
    found = steps(account([ticket("1", NOV_3)]), [leaving], (driver("nps", 0.4, "Low."),))
    assert {"exit_conversation", "survey_follow_up"} <= {s.playbook for s in found}
    assert not any("Call" in s.action or "sponsor call" in s.action for s in found)
    assert "as the customer asked not to be called" in found[0].action


def test_a_wish_for_less_brings_a_review_of_the_terms_and_no_exit_conversation() -> None:
    less = reading("1", "contract", leave=0.5, cues=("downsizing",))
    found = steps(account([ticket("1", NOV_3)]), [less], (driver("leave_intent", 0.5, "1 ticket asks for less."),))
    assert [s.playbook for s in found] == ["downsizing_review"]

"""What tickets and signals are found to say."""

from __future__ import annotations

import datetime as dt

import pytest

from chains.churn.findings import findings, signal_theme, told_tickets
from tests.unit.chains.churn.story_accounts import AS_OF, account, driver, reading, ticket

NOV_3 = dt.date(2026, 11, 3)


@pytest.mark.parametrize(
    ("signal", "theme"),
    [
        ("usage_trend", "usage"),
        ("usage_level", "usage"),
        ("feature_breadth", "adoption"),
        ("licence_use", "adoption"),
        ("ticket_severity", "support"),
        ("ticket_open_time", "support"),
        ("ticket_sentiment", "opinion"),
        ("ticket_mood", "opinion"),
        ("leave_intent", "leaving"),
        ("champion_gone", "people"),
        ("champion_left", "people"),
        ("sponsor_silent_days", "people"),
        ("payment_late", "payment"),
        ("dispute", "payment"),
        ("downgrade", "terms"),
        ("renewal_distance", "renewal"),
        ("notice_passed", "renewal"),
        ("nps", "opinion"),
        ("tenure", "history"),
        ("open_time", "support"),
        ("dormant", "usage"),
        ("contraction", "terms"),
        ("something_new", "other"),
    ],
)
def test_a_signal_belongs_to_a_group(signal: str, theme: str) -> None:
    assert signal_theme(signal) == theme


def test_tickets_of_one_topic_are_one_finding_with_the_weightiest_first() -> None:
    tickets = [
        ticket("1", dt.date(2026, 9, 1), dt.date(2026, 9, 3), priority="normal"),
        ticket("2", NOV_3, priority="critical"),
    ]
    [found] = findings(account(tickets), [reading("1", "outage"), reading("2", "outage")], [], AS_OF)
    assert (found.theme, found.ticket_ids, found.open_ticket_ids, found.state) == ("outage", ["2", "1"], ["2"], "open")
    assert (found.last_on, found.age_days, found.severity) == (NOV_3, 13, "critical")
    assert found.statement == "Of the 2 tickets on an outage (latest: 3 November), 1 is still open."


@pytest.mark.parametrize(
    ("topic", "leave", "closed", "statement"),
    [
        ("billing", 0.0, None, "The ticket of 3 November on invoices is still open."),
        ("billing", 0.0, dt.date(2026, 11, 5), "The ticket of 3 November on invoices is closed."),
        ("contract", 0.9, None, "The message of 3 November on ending or reviewing the agreement is still open."),
        ("other", 0.0, None, "The ticket of 3 November is still open."),
        ("praise", 0.0, dt.date(2026, 11, 5), "The praise of 3 November is closed."),
    ],
)
def test_a_ticket_is_told_by_day_and_subject_without_its_id(
    topic: str, leave: float, closed: dt.date | None, statement: str
) -> None:
    mood = 0.8 if topic == "praise" else -0.5
    [found] = findings(account([ticket("500123", NOV_3, closed)]), [reading("500123", topic, mood, leave)], [], AS_OF)
    assert found.statement == statement


def test_a_closed_ticket_is_solved_and_weighs_less_than_an_open_one() -> None:
    closed = findings(account([ticket("1", NOV_3, dt.date(2026, 11, 5))]), [reading("1", "bug")], [], AS_OF)
    still_open = findings(account([ticket("1", NOV_3)]), [reading("1", "bug")], [], AS_OF)
    assert closed[0].state == "solved"
    assert closed[0].weight < still_open[0].weight


def test_old_tickets_matter_only_while_open() -> None:
    old = dt.date(2026, 2, 1)
    tickets = [ticket("1", old, dt.date(2026, 2, 5)), ticket("2", old), ticket("3", dt.date(2024, 1, 1))]
    told = told_tickets(account(tickets), [reading(i, "bug") for i in "123"], AS_OF)
    assert [t.ticket.ticket_id for t in told] == ["2"]


def test_intent_to_leave_outranks_the_topic() -> None:
    tickets = [ticket("1", NOV_3, priority="low"), ticket("2", NOV_3, priority="critical")]
    found = findings(account(tickets), [reading("1", "billing", leave=0.9), reading("2", "outage")], [], AS_OF)
    assert [f.theme for f in found] == ["leaving", "outage"]


def test_praise_lowers_the_risk_but_ironic_praise_does_not() -> None:
    sincere = findings(account([ticket("1", NOV_3)]), [reading("1", "praise", 0.8)], [], AS_OF)
    ironic = findings(account([ticket("1", NOV_3)]), [reading("1", "praise", -0.7)], [], AS_OF)
    assert sincere[0].weight < 0 < ironic[0].weight
    assert ironic[0].theme == "other"


def test_signals_of_one_group_sum_up_with_the_telling_statement_and_all_facts() -> None:
    drivers = [
        driver("usage_level", 0.2, "Use is low.").model_copy(update={"fact_ids": ["usage:1:a"]}),
        driver("usage_trend", 0.7, "Use falls. It did so for weeks.").model_copy(update={"fact_ids": ["usage:1:b"]}),
        driver("tenure", 0.001),
    ]
    [found] = findings(account(), [], drivers, AS_OF)
    assert found.weight == pytest.approx(0.9)
    assert (found.statement, found.fact_ids) == ("Use falls.", ["usage:1:b", "usage:1:a"])


def test_a_ticket_nobody_read_and_a_customer_with_nothing_give_no_finding() -> None:
    assert findings(account([ticket("1", NOV_3)]), [], [], AS_OF) == []
    assert findings(account(), [], [], AS_OF) == []

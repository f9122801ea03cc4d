from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence

import msgspec
import pytest
from risk_accounts import AS_OF, Scored, account, invoice, readings, scored, ticket, usage

from chains.churn.drivers import Explainer
from chains.churn.facts import FactBook, as_text
from chains.churn.risk import logit
from chains.churn.schema import Driver
from chains.churn.tickets import TicketReading
from connectors.records import Account, Activity, Change, Contact, Contract, Survey

NAME = "Zebulon"


def _told(
    result: Scored, acc: Account, read: Sequence[TicketReading] = (), row: int = 0
) -> tuple[list[Driver], FactBook]:
    book = FactBook({"crm": "salesforce"}, lambda text: text)
    explainer = Explainer(result.portfolio, result.signals, result.table, result.scorecard)
    drivers = explainer.drivers(acc, row, book, read)
    return drivers, book


def _rich() -> Account:
    person = {"first_name": NAME, "last_name": NAME, "email": f"{NAME}@x.example"}
    met = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    return account(
        name=f"{NAME} Ltd",
        contract=Contract(
            start_date=dt.date(2024, 12, 26),
            renewal_date=dt.date(2026, 12, 26),
            term_months=12,
            seats=100,
            auto_renew=True,
            notice_days=60,
        ),
        usage=usage([80] * 50 + [70, 60, 50, 44, 42, 42, 42, 42], calls=[90] * 50 + [40] * 8),
        tickets=[ticket(40, priority="critical"), ticket(60, ticket_id="t2", priority="high", closed_after=30)],
        invoices=[invoice(45, None), invoice(135, 2), invoice(225, 1, status="disputed"), invoice(315, 0)],
        contacts=[
            Contact(contact_id="c1", role="champion", left_on=dt.date(2026, 9, 14), **person),
            Contact(contact_id="c2", role="executive_sponsor", **person),
            Contact(contact_id="c3", role="administrator", left_on=dt.date(2026, 8, 3), **person),
        ],
        changes=[Change(changed_on=dt.date(2025, 1, 1), seats=120), Change(changed_on=dt.date(2026, 6, 1), seats=100)],
        activities=[Activity(activity_id="act1", occurred_at=met, contact_id="c2")],
        surveys=[Survey(survey_id="n1", kind="nps", score=4.0, answered_on=dt.date(2026, 10, 1), comment=NAME)],
    )


SOUR = {"sentiment": -0.7, "leave_intent": 0.8, "opened_at": ticket(40).opened_at}


@pytest.fixture
def told() -> tuple[list[Driver], FactBook, Scored]:
    read = readings(SOUR)
    result = scored(_rich(), read=read)
    drivers, book = _told(result, _rich(), [TicketReading(ticket_id="t1", sentiment=-0.7, leave_intent=0.8)])
    return drivers, book, result


def test_drivers_sum_to_the_log_odds_of_the_probability(told: tuple[list[Driver], FactBook, Scored]) -> None:
    drivers, _, result = told

    total = result.table.base_log_odds + math.fsum(driver.contribution for driver in drivers)
    assert total == pytest.approx(logit(result.table.churn_probability)[0], abs=1e-9)
    assert len(drivers) >= 18


def test_drivers_come_strongest_first_with_their_direction(told: tuple[list[Driver], FactBook, Scored]) -> None:
    drivers, _, _ = told

    sizes = [abs(driver.contribution) for driver in drivers]
    assert sizes == sorted(sizes, reverse=True)
    assert all((driver.direction == "raises") == (driver.contribution > 0) for driver in drivers)


def test_every_driver_cites_facts_that_are_the_records_own_values(told: tuple[list[Driver], FactBook, Scored]) -> None:
    drivers, book, _ = told
    acc = _rich()
    records: dict[tuple[str, str], object] = {("contract", acc.account_id): acc.contract, ("account", "a1"): acc}
    records |= {("usage", f"a1/{week.week_start}"): week for week in acc.usage}
    records |= {("ticket", t.ticket_id): t for t in acc.tickets}
    records |= {("invoice", i.invoice_id): i for i in acc.invoices}
    records |= {("contact", c.contact_id): c for c in acc.contacts}
    records |= {("change", f"a1/{c.changed_on}"): c for c in acc.changes}
    records |= {("activity", a.activity_id): a for a in acc.activities}
    records |= {("survey", s.survey_id): s for s in acc.surveys}

    assert all(driver.fact_ids for driver in drivers)
    for driver in drivers:
        for fact_id in driver.fact_ids:
            fact = book.get(fact_id)
            record = records[fact_id.split(":", 1)[0], fact.record_id]
            assert fact.value == as_text(getattr(record, fact.field))


def test_statements_are_sentences_without_persons_or_broken_figures(
    told: tuple[list[Driver], FactBook, Scored],
) -> None:
    for driver in told[0]:
        assert NAME not in driver.statement
        assert re.fullmatch(r"[A-Z0-9].*\.", driver.statement), driver.statement
        assert not re.search(r"\bnan\b|\binf\b|None|NaT", driver.statement), driver.statement
        assert len(driver.label) <= 40


def test_falling_users_are_told_with_their_figures() -> None:
    acc = account(usage=usage([60] * 36 + [42] * 4))
    drivers, _ = _told(scored(acc), acc)

    trend = next(driver for driver in drivers if driver.signal == "usage_trend")
    assert trend.label == "Active users falling"
    assert "42 people a week" in trend.statement
    assert "30% fewer than" in trend.statement


def test_driver_cites_nothing_that_was_unknown_on_the_as_of_day() -> None:
    acc = account(
        usage=usage([60] * 40),
        tickets=[ticket(30, priority="critical", closed_after=45)],
        invoices=[invoice(60, 90), invoice(150, 0), invoice(240, 0)],
        contacts=[Contact(contact_id="c", role="champion", left_on=AS_OF + dt.timedelta(days=9))],
    )
    _, book = _told(scored(acc), acc)

    facts = {(fact.fact_id.split(":")[0], fact.record_id, fact.field) for fact in book.all()}
    assert not {("ticket", "t1", "closed_at"), ("invoice", "i60", "paid_on"), ("contact", "c", "left_on")} & facts
    assert ("invoice", "i60", "due_on") in facts
    assert ("invoice", "i60", "status") not in facts


@pytest.mark.parametrize(
    ("contract", "label"),
    [
        (Contract(renewal_date=dt.date(2027, 8, 1), term_months=12), "Renews after the period"),
        (Contract(start_date=dt.date(2024, 8, 1), term_months=12), "Renews after the period"),
        (Contract(term_months=1), "Renews several times in the period"),
        (Contract(), "Renewal date unknown"),
    ],
    ids=["stated", "derived", "monthly", "unknown"],
)
def test_horizon_is_told_as_a_driver(contract: Contract, label: str) -> None:
    acc = account(contract=contract, usage=usage([40] * 30))
    drivers, _ = _told(scored(acc), acc)

    assert label in [driver.label for driver in drivers]


def test_account_with_nothing_but_an_id_is_explained_without_failing() -> None:
    acc = Account(account_id="x")
    drivers, book = _told(scored(acc), acc)

    assert [driver.signal for driver in drivers] == ["renewal_in_horizon"]
    assert book.all() == []


def _statement(acc: Account, signal: str, read: Sequence[TicketReading] = ()) -> str:
    frame = readings(*({"leave_intent": r.leave_intent, "opened_at": ticket(40).opened_at} for r in read))
    drivers, _ = _told(scored(acc, read=frame if read else None), acc, read)
    return next(driver for driver in drivers if driver.signal == signal).statement


def test_no_users_are_nobody_and_not_about_zero_people() -> None:
    silent = account(usage=usage([20] * 50 + [0] * 8))
    assert _statement(silent, "usage_trend").startswith("Nobody used the product in the last four weeks on record")
    assert _statement(silent, "licence_use") == "Nobody uses the 100 paid seats."


@pytest.mark.parametrize(
    ("cues", "statement"),
    [
        (("cancellation",), "The customer gave notice of termination on {day}."),
        (("downsizing",), "1 ticket, of {day}, asks for fewer seats or a smaller plan."),
        (("competitor",), "1 ticket, of {day}, speaks of leaving or of looking at other products and is still open."),
    ],
)
def test_a_notice_and_a_wish_for_less_are_called_what_they_are(cues: tuple[str, ...], statement: str) -> None:
    acc = account(tickets=[ticket(40)])
    opened = ticket(40).opened_at
    assert opened is not None
    told = _statement(acc, "leave_intent", [TicketReading(ticket_id="t1", leave_intent=0.95, cues=cues)])
    assert told == statement.format(day=f"{opened.day} {opened:%B}")


def test_how_many_features_are_used_is_said_against_others_and_against_the_past_without_contradiction() -> None:
    weeks = usage([50] * 58, features=10)
    acc = account(usage=[msgspec.structs.replace(week, features_used=14) for week in weeks[:50]] + weeks[50:])
    assert "more than most customers do" in _statement(acc, "breadth")
    assert "fewer of the product than it did itself in the half year before" in _statement(acc, "breadth_trend")


def _driver(acc: Account, signal: str) -> tuple[Driver, FactBook]:
    drivers, book = _told(scored(acc), acc)
    return next(driver for driver in drivers if driver.signal == signal), book


def test_use_of_a_year_earlier_is_that_of_the_same_weeks_and_cites_them() -> None:
    last_year = [100, 104, 96, 100, 102, 98, 101, 99]
    acc = account(usage=usage([*last_year, *([150] * 44), *([60] * 8)]))
    year, book = _driver(acc, "usage_year")
    assert year.statement == (
        "About 60 people a week used the product in the last eight weeks, 40% fewer than in the same weeks a year "
        "earlier, when it was 100 people a week."
    )
    told = [int(book.get(fact_id).value) for fact_id in year.fact_ids]
    assert sorted(told) == sorted([*last_year, *([60] * 8)])


@pytest.mark.parametrize("before", [[None] * 8, [55] * 6], ids=["not on record", "the other way"])
def test_a_year_that_cannot_be_set_beside_the_same_weeks_is_told_as_adjusted(before: list[int | None]) -> None:
    acc = account(usage=usage([*before, *([150] * 44), *([60] * 8)]))
    year, _ = _driver(acc, "usage_year")
    assert year.statement.startswith("With the season allowed for, use in the last eight weeks is ")
    assert "people a week" not in year.statement


@pytest.mark.parametrize(
    ("late", "usually"),
    [
        ([20, 30, 24], "this account usually pays 24 days late"),
        ([-3, 0, -5], "this account usually pays 3 days early"),
        ([20], "the one other payment known came 20 days late"),
        ([], "no other payment of this account is known"),
    ],
)
def test_how_an_account_usually_pays_is_its_own_median_with_the_payments_cited(late: list[int], usually: str) -> None:
    paid = [invoice(200 + 90 * n, days) for n, days in enumerate(late)]
    acc = account(invoices=[invoice(79, None), *paid])
    # Others pay on time, which the score leans on and the sentence does not.
    others = [account(f"b{n}", invoices=[invoice(200, 0), invoice(300, 0)]) for n in range(3)]
    drivers, _ = _told(scored(acc, *others), acc)
    payment = next(driver for driver in drivers if driver.signal == "payment")
    assert payment.statement == f"An invoice is 79 days overdue and unpaid, while {usually}."
    assert {f"invoice:{bill.invoice_id}:paid_on" for bill in paid} <= set(payment.fact_ids)


def test_cases_still_open_are_counted_among_those_that_take_long() -> None:
    waiting = [ticket(days, ticket_id=f"o{days}", priority="low") for days in (84, 90, 97, 110)]
    driver, book = _driver(account(tickets=[*waiting, ticket(40, ticket_id="c", closed_after=1)]), "resolution_time")
    assert driver.direction == "raises"
    assert driver.statement == (
        "3 of the 5 cases of the last four months took 90 days or longer, counting those still open."
    )
    assert {book.get(fact_id).record_id for fact_id in driver.fact_ids} == {"o90", "o97", "o110"}


def test_a_case_opened_just_now_does_not_make_the_others_slow() -> None:
    quick = [ticket(days, ticket_id=f"c{days}", closed_after=1) for days in (40, 50, 60)]
    driver, _ = _driver(account(tickets=[*quick, ticket(0.5, ticket_id="new")]), "resolution_time")
    assert (driver.direction, driver.statement) == (
        "lowers", "3 of the 4 cases of the last four months were closed within 1 day.",
    )  # fmt: skip


def test_nothing_is_said_of_closing_while_most_cases_are_new() -> None:
    new = [ticket(hours / 24, ticket_id=f"n{hours}") for hours in (3, 5, 7)]
    drivers, _ = _told(scored(acc := account(tickets=[*new, ticket(40, closed_after=2)])), acc)
    assert "resolution_time" not in [driver.signal for driver in drivers]


def test_that_no_ticket_was_opened_is_said_once() -> None:
    acc = account(tickets=[ticket(days, ticket_id=f"t{days}", closed_after=2) for days in range(100, 360, 20)])
    drivers, _ = _told(scored(acc), acc)
    statements = [driver.statement for driver in drivers]
    assert sum("No ticket was opened" in statement for statement in statements) == 1

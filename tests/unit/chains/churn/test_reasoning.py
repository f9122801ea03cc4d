"""How causes are weighed and explained."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from chains.churn.findings import findings
from chains.churn.reasoning import explanation, weighing
from connectors.records import Account, Contact, Invoice, UsageWeek
from tests.unit.chains.churn.story_accounts import AS_OF, DRIVERS, account, driver, reading, ticket

NOV_3 = dt.date(2026, 11, 3)


def well_known(**fields: Any) -> Account:
    """An account about which every source says something."""
    weeks = [UsageWeek(week_start=dt.date(2026, 1, 5) + dt.timedelta(weeks=n), active_users=9) for n in range(30)]
    return account(
        **{
            "tickets": [ticket("500123", NOV_3)],
            "usage": weeks,
            "invoices": [Invoice(invoice_id="i1")],
            "contacts": [Contact(contact_id="c1", first_name="Ottilie", last_name="Brandt")],
            **fields,
        }
    )


def test_drivers_decide_the_order_of_causes_and_of_what_speaks_against() -> None:
    weighed = weighing([], DRIVERS, account(), AS_OF)
    assert [c.theme for c in weighed.causes] == ["usage", "people", "payment"]
    assert [c.theme for c in weighed.against] == ["opinion"]
    assert sum(c.share for c in weighed.causes) == pytest.approx(1.0, abs=0.001)


def test_tickets_are_not_counted_again_where_a_signal_measures_them() -> None:
    found = findings(account([ticket("1", NOV_3)]), [reading("1", "outage")], (), AS_OF)
    measured = weighing(found, [driver("ticket_severity", 0.4)], account(), AS_OF)
    unmeasured = weighing(found, [driver("usage_trend", 0.4)], account(), AS_OF)
    assert {c.theme: c.weight for c in measured.causes} == {"support": 0.4}
    support = next(c for c in unmeasured.causes if c.theme == "support")
    assert 0 < support.weight < found[0].weight and not support.measured


def test_sureness_is_high_with_every_source_and_falls_with_each_that_is_missing() -> None:
    customer = well_known()
    found = findings(customer, [reading("500123", "outage")], DRIVERS, AS_OF)
    assert weighing(found, DRIVERS, customer, AS_OF).sureness == "high"
    assert weighing(found, DRIVERS, well_known(invoices=[]), AS_OF).sureness == "medium"
    assert weighing(found, DRIVERS, Account(account_id="a1"), AS_OF).sureness == "low"


def test_contradicting_signals_are_a_doubt() -> None:
    drivers = [driver("usage_trend", 0.6), driver("nps", -0.5)]
    assert "the signals contradict each other" in weighing([], drivers, well_known(), AS_OF).doubts


@pytest.mark.parametrize("drivers", [DRIVERS, (), (driver("nps", -0.4, "The last survey answer was 10."),)])
def test_explanation_has_two_to_four_sentences_and_no_name(drivers: tuple) -> None:  # type: ignore[type-arg]
    customer = well_known()
    found = findings(customer, [reading("500123", "outage")], drivers, AS_OF)
    text = explanation(found, weighing(found, drivers, customer, AS_OF))
    assert 2 <= len(re.findall(r"\.(?:\s|$)", text)) <= 4
    assert "Ottilie" not in text and "Brandt" not in text


def test_explanation_names_causes_by_weight_ticket_counterweight_and_doubt() -> None:
    customer = well_known(invoices=[])
    found = findings(customer, [reading("500123", "outage")], DRIVERS, AS_OF)
    assert explanation(found, weighing(found, DRIVERS, customer, AS_OF), AS_OF) == (
        "Above all, active users are 38% below the account's own season. "
        "Added to that, the champion left on 2026-10-01; and invoices are paid 12 days later than usual. "
        "One subject stands out in the tickets: an outage (1 ticket of 3 November, still open). "
        "On the other side, the last survey answer was 8; the judgement is less certain because no invoices are known."
    )


def test_explanation_of_nothing_says_so_and_nothing_else() -> None:
    text = explanation([], weighing([], [], well_known(), AS_OF), AS_OF)
    assert text == (
        "No single cause stands out; the probability rests on what is usual for such accounts. "
        "Nothing on record speaks against it."
    )


def test_what_holds_for_a_whole_segment_is_named_last_of_what_speaks_against() -> None:
    drivers = [
        driver("usage_trend", 0.6, "Use is down."),
        driver("segment", -0.5, "Enterprise customers leave less often."),
        driver("tenure", -0.2, "They have been a customer for years."),
    ]
    found = findings(well_known(tickets=[]), [], drivers, AS_OF)
    text = explanation(found, weighing(found, drivers, well_known(tickets=[]), AS_OF), AS_OF)
    assert "On the other side, they have been a customer for years" in text and "Enterprise" not in text


def test_a_renewal_after_the_period_is_no_contradiction() -> None:
    drivers = [driver("usage_trend", 0.6), driver("renewal_in_horizon", -5.0)]
    assert weighing([], drivers, well_known(), AS_OF).doubts == []


def test_above_all_is_the_driver_that_the_list_shows_first() -> None:
    drivers = [
        driver("leave_intent", 0.8, "1 ticket speaks of leaving."),
        driver("usage_trend", 0.5, "Use is down."),
        driver("licence_use", 0.5, "Few seats are used."),
        driver("usage_year", -0.2, "Use is above last year."),
    ]
    weighed = weighing([], drivers, well_known(), AS_OF)
    assert weighed.causes[0].statement == "1 ticket speaks of leaving."
    outweighed = [driver("usage_momentum", 0.6, "The decline is fresh."), driver("usage_year", -0.9, "Use is high.")]
    both = weighing([], [*outweighed, driver("nps", 0.3, "Low.")], well_known(), AS_OF)
    assert both.causes[0].statement == "The decline is fresh." and both.against[0].statement == "Use is high."

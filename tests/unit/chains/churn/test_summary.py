"""The answer in a paragraph: counts, amounts and reasons in correct English."""

from __future__ import annotations

import datetime as dt

import pytest

from chains.churn.schema import AccountRisk, Driver, Horizon, MoneyAmount, Plan, Totals
from chains.churn.spoken import count, inline, joined, spoken_day
from chains.churn.summary import summarise_answer
from chains.evidence import Draft

PLAN = Plan(horizon=Horizon(**{"from": "2026-11-16", "to": "2026-12-31"}), want_drafts=True, min_probability=0.3)
AS_OF = dt.date(2026, 11, 16)


def risky(name: str, probability: float, *signals: str, status: str = "awaiting_approval") -> AccountRisk:
    """An account at risk for these signals, with a draft."""
    drivers = [Driver(signal=s, label=s, direction="raises", contribution=0.5, statement="So.") for s in signals]
    draft = Draft(draft_id=f"d-{name}", status=status)  # type: ignore[arg-type]
    return AccountRisk(
        account_id=name,
        name=name,
        churn_probability=probability,
        band="high",
        renewal_risk=probability,
        drivers=drivers,
        draft=draft,
    )


def test_a_list_is_summed_up_with_names_worth_reasons_and_drafts() -> None:
    accounts = [
        risky("Alpine", 0.86, "leave_intent", "usage_trend"),
        risky("Birch", 0.5, "usage_year", "usage_trend"),
        risky("Cedar", 0.4, "usage_year", "nps"),
        risky("Dune", 0.35, "leave_intent", status="blocked"),
    ]
    worth = [MoneyAmount(amount=1702700, currency="SEK"), MoneyAmount(amount=740400, currency="GBP")]
    totals = Totals(received=40, scored=34, at_risk=4, arr_at_risk=worth)
    assert summarise_answer(PLAN, totals, accounts, 40) == (
        "4 of the 34 accounts looked at are at risk of leaving by 31 December 2026, "
        "Alpine (86%), Birch (50%) and Cedar (40%) first. "
        "Together they are worth SEK 1.70 million and GBP 740,400 a year. "
        "The commonest reasons: fewer people use the product, they speak of leaving and their survey answers are low. "
        "3 drafts wait for approval, and 1 was blocked by checks."
    )


def test_one_account_is_spoken_of_in_the_singular() -> None:
    worth = [MoneyAmount(amount=100, currency="EUR")]
    totals = Totals(received=2, scored=2, at_risk=1, abstained=1, arr_at_risk=worth)
    assert summarise_answer(PLAN, totals, [risky("Alpine", 0.86, "nps")], 2) == (
        "1 of the 3 accounts looked at is at risk of leaving by 31 December 2026: Alpine (86%). "
        "It is worth EUR 100 a year. 1 has too little data to be judged. 1 draft waits for approval."
    )


@pytest.mark.parametrize(
    ("scored", "text"),
    [
        (0, "No account fits the question's filters."),
        (1, "The one account looked at is not likely to leave by 31 December 2026."),
        (5, "None of the 5 accounts looked at is likely to leave by 31 December 2026."),
    ],
)
def test_an_answer_without_anybody_at_risk_says_so(scored: int, text: str) -> None:
    assert summarise_answer(PLAN, Totals(received=9, scored=scored), [], 9) == text


def test_an_explanation_says_the_chance_and_why() -> None:
    plan = PLAN.model_copy(update={"intent": "explain"})
    account = risky("Alpine", 0.1).model_copy(
        update={"renewal_risk": 0.62, "renewal_date": "2027-01-10", "reasoning": "Above all, use is down."}
    )
    assert summarise_answer(plan, Totals(scored=1), [account], 1) == (
        "For Alpine the chance of leaving by 31 December 2026 is 10%, and 62% by the renewal on 10 January 2027. "
        "Above all, use is down."
    )


def test_days_counts_lists_and_clauses_are_spoken() -> None:
    assert spoken_day(dt.date(2026, 11, 3), AS_OF) == "3 November"
    assert spoken_day(dt.date(2025, 11, 3), AS_OF) == "3 November 2025"
    assert [count(1, "ticket"), count(3, "person", "people"), count(1083, "seat")] == [
        "1 ticket",
        "3 people",
        "1,083 seats",
    ]
    assert [joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    assert [inline("Use is down."), inline("API calls fell.")] == ["use is down", "API calls fell"]

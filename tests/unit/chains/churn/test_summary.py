"""The answer in a paragraph: counts, amounts and reasons in correct English."""

from __future__ import annotations

import datetime as dt

import pytest

from chains.churn.schema import AccountRisk, Driver, Horizon, MoneyAmount, Plan, Totals
from chains.churn.spoken import count, inline, joined, spoken_day
from chains.churn.summary import span, summarise_answer
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


def test_only_accounts_that_reach_the_edge_are_named_most_at_risk_first_whatever_the_sort() -> None:
    plan = PLAN.model_copy(update={"min_probability": 0.0, "sort": "arr", "want_drafts": False})
    listed = [risky("Bayshore", 0.01), risky("Goldenrod", 0.05), risky("Alpine", 0.35), risky("Dune", 0.8)]
    totals = Totals(received=23, scored=23, at_risk=2)
    assert summarise_answer(plan, totals, listed, 23, 0.3) == (
        "2 of the 23 accounts looked at are at risk of leaving by 31 December 2026: Dune (80%) and Alpine (35%)."
    )
    assert "Alpine" not in summarise_answer(plan, totals, listed, 23, 0.5)


def test_a_list_cut_by_another_order_claims_no_first() -> None:
    plan = PLAN.model_copy(update={"sort": "arr", "top_n": 1, "want_drafts": False})
    text = summarise_answer(plan, Totals(received=9, scored=9, at_risk=4), [risky("Alpine", 0.35)], 9)
    assert text.endswith(", among them Alpine (35%).")


@pytest.mark.parametrize(
    ("scored", "at_risk", "warned", "text"),
    [
        (1, 0, 1, "The one account looked at is not likely to leave by 31 December 2026, but it is at risk at a later "
         "renewal and is listed as an early warning."),
        (5, 0, 2, "None of the 5 accounts looked at is likely to leave by 31 December 2026, but 2 of them are at risk "
         "at a later renewal and are listed as early warnings."),
        (5, 1, 1, "1 of the 5 accounts looked at is at risk of leaving by 31 December 2026: B0 (50%). "
         "1 of the others is at risk only at a later renewal and is listed as an early warning."),
        (3, 3, 0, "All 3 accounts looked at are at risk of leaving by 31 December 2026: B0 (50%), B1 (50%) and B2 (50%)."),
        (2, 2, 0, "Both accounts looked at are at risk of leaving by 31 December 2026: B0 (50%) and B1 (50%)."),
    ],
)  # fmt: skip
def test_counts_are_said_as_a_reader_would(scored: int, at_risk: int, warned: int, text: str) -> None:
    plan = PLAN.model_copy(update={"want_drafts": False})
    listed = [risky(f"B{n}", 0.5) for n in range(at_risk)]
    listed += [risky(f"W{n}", 0.1).model_copy(update={"early_warning": True}) for n in range(warned)]
    assert summarise_answer(plan, Totals(received=9, scored=scored, at_risk=at_risk), listed, 9) == text


def test_what_an_account_is_and_what_has_no_words_is_no_reason() -> None:
    signals = ("segment", "tenure", "term", "auto_renewal", "of_my_own_scorecard")
    listed = [risky("Alpine", 0.8, *signals, "nps"), risky("Birch", 0.5, *signals)]
    text = summarise_answer(PLAN, Totals(received=9, scored=9, at_risk=2), listed, 9)
    assert "The commonest reasons: their survey answers are low." in text


@pytest.mark.parametrize(
    ("received", "text"),
    [(1, "The one account could not be read."), (7, "None of the 7 accounts could be read.")],
)
def test_accounts_that_could_not_be_read_are_not_said_to_fit_no_filter(received: int, text: str) -> None:
    assert summarise_answer(PLAN, Totals(received=received, rejected=received), [], received) == text


def test_a_range_whose_ends_show_the_same_is_no_range() -> None:
    assert (span(0.004, 0.012), span(0.12, 0.48)) == ("about 1%", "12%–48%")

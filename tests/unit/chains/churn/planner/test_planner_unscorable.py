"""What a plan cannot express: the past, companies the data lacks, accounts left out, everyday conditions."""

from __future__ import annotations

import pytest

from tests.unit.chains.churn.planner.plan_questions import Ask

IDS = ["C-04", "C-01", "C-07"]


@pytest.mark.parametrize(
    "question",
    [
        "Which customers churned last quarter?",
        "Who left us last year?",
        "How many customers did we lose in 2025?",
        "Which clients cancelled in October?",
        "Lost customers in EMEA",
        "Why did customers leave last year?",
        "Which customers renewed last year?",
        "churn over the last two quarters",
        "Welche Kunden haben letztes Quartal gekündigt?",
        "Quels clients avons-nous perdus l'année dernière ?",
        "¿Qué clientes perdimos el año pasado?",
    ],
)
def test_question_about_customers_already_lost_is_told_that_only_the_future_is_scored(ask: Ask, question: str) -> None:
    plan = ask(question)
    assert plan.intent == "help"
    assert plan.help_text.startswith("Only the future is scored")


@pytest.mark.parametrize(
    ("question", "left"),
    [
        (
            "Customers at risk now, similar to those who churned last quarter",
            ["similar to those who churned last quarter"],
        ),
        ("customers whose champion left", ["whose champion left"]),
        ("Which customers have cancelled their training?", ["cancelled their training"]),
    ],
)
def test_past_beside_a_question_about_the_future_is_only_left_over(ask: Ask, question: str, left: list[str]) -> None:
    plan = ask(question)
    assert (plan.intent, plan.unanswered) == ("list", left)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Is Zenith Corp at risk?", "Zenith Corp"),
        ("why is zenith at risk", "zenith"),
        ("Tell me about Foobar Industries", "Foobar Industries"),
        ("What's the story with Globex?", "Globex"),
        ("How does Initech stand?", "Initech"),
        ("Explain the risk of Umbrella Corp in Q1", "Umbrella Corp"),
        ("Warum ist Zenith Corp gefährdet?", "Zenith Corp"),
        ("Draft an email to Globex", "Globex"),
    ],
)
def test_unknown_company_is_an_explanation_of_no_account_that_names_it(ask: Ask, question: str, name: str) -> None:
    plan = ask(question)
    assert (plan.intent, plan.filters.account_ids, plan.unanswered) == ("explain", [], [name])
    assert "No account of that name is in the data." in plan.assumptions


def test_unknown_company_in_a_follow_up_drops_the_earlier_filters(ask: Ask) -> None:
    plan = ask("what about Zenith Corp?", ask("SMB accounts at risk in France"), IDS)
    assert (plan.intent, plan.filters.segment, plan.filters.account_ids) == ("explain", [], [])
    assert plan.unanswered == ["Zenith Corp"]


def test_known_company_beside_an_unknown_one_is_explained(ask: Ask) -> None:
    plan = ask("Why are Blue Energy and Globex at risk?")
    assert (plan.filters.account_ids, plan.unanswered) == (["C-04"], ["Globex"])


@pytest.mark.parametrize(
    "question", ["Is Germany at risk?", "Why are SMBs in APAC at risk?", "why is everyone leaving?"]
)
def test_place_or_segment_is_no_unknown_company(ask: Ask, question: str) -> None:
    plan = ask(question)
    assert (plan.intent, plan.unanswered) == ("list", [])


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("At-risk customers in EMEA except Fjord Shipping", ["except Fjord Shipping"]),
        ("all at-risk accounts excluding Alpine Foods and Blue Energy", ["excluding Alpine Foods and Blue Energy"]),
        ("Who is at risk besides Northwind Aerospace?", ["besides Northwind Aerospace"]),
        ("clients à risque sauf Société Lumière", ["sauf Société Lumière"]),
    ],
)
def test_account_left_out_is_unanswered_and_narrows_nothing(ask: Ask, question: str, left: list[str]) -> None:
    plan = ask(question)
    assert (plan.intent, plan.filters.account_ids, plan.unanswered) == ("list", [], left)


@pytest.mark.parametrize(
    "question", ["without the first one", "all but Blue Energy", "drop the first account", "remove Blue Energy"]
)
def test_account_left_out_of_the_earlier_answer_keeps_the_others(ask: Ask, question: str) -> None:
    plan = ask(question, ask("Enterprise customers in EMEA at risk"), IDS)
    assert (plan.intent, plan.filters.account_ids, plan.unanswered) == ("list", ["C-01", "C-07"], [])
    assert (plan.filters.segment, plan.min_probability) == (["Enterprise"], 0.3)


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Customers at risk who bought last year", ["who bought last year"]),
        ("Customers at risk that we met at the fair", ["that we met at the fair"]),
        ("At-risk customers who like us", ["who like us"]),
        ("At-risk customers that use us", ["that use us"]),
        ("At-risk customers who called us", ["who called us"]),
        ("at-risk accounts that I have called", ["that I have called"]),
        ("Which customers at risk have asked for help?", ["have asked for help"]),
        ("Customers at risk with a new manager", ["with a new manager"]),
        ("Accounts at risk without an owner", ["without an owner"]),
        ("Which customers used to be at risk?", ["used to be"]),
    ],
)
def test_condition_of_everyday_words_does_not_vanish(ask: Ask, question: str, left: list[str]) -> None:
    plan = ask(question)
    assert (plan.intent, plan.min_probability, plan.unanswered) == ("list", 0.3, left)


@pytest.mark.parametrize(
    "question",
    [
        "customers that I should contact this month",
        "accounts that we might lose next quarter",
        "customers who want to leave",
        "customers who need attention this month",
        "customers who have contracts ending in Q1",
        "Which customers do we have in Germany?",
    ],
)
def test_wish_or_risk_in_a_relative_clause_is_no_condition(ask: Ask, question: str) -> None:
    assert ask(question).unanswered == []

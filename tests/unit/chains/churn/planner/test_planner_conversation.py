"""What a new user's conversations taught: conditions, going back, whose accounts, and how leftovers are told."""

from __future__ import annotations

import pytest

from chains.churn.planner import Vocabulary
from chains.churn.schema import Plan
from tests.unit.chains.churn.planner.plan_questions import Ask, said

IDS = ["C-04", "C-01", "C-07"]
BASE = {"segment": ["Enterprise"], "region": ["EMEA"], "min_probability": 0.3}
LANGUAGES = "(drafts can be written in English, German, French and Spanish)"
DOWNWARDS = "(accounts can only be listed from the highest risk down)"


@pytest.fixture
def earlier(ask: Ask) -> Plan:
    return ask("Enterprise customers in EMEA at risk this quarter")


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("which of them have open critical tickets?", "have open critical tickets"),
        ("which of those have critical incidents?", "have critical incidents"),
        ("which ones have high priority cases?", "have high priority cases"),
        ("who has critical issues open?", "who has critical issues open"),
    ],
)
def test_condition_on_tickets_narrows_nothing(ask: Ask, earlier: Plan, question: str, left: str) -> None:
    assert said(ask(question, earlier, IDS)) == BASE | {"unanswered": [left]}


@pytest.mark.parametrize(
    ("question", "probability"),
    [("accounts with critical tickets", 0.0), ("accounts whose bugs are critical", 0.0), ("critical accounts", 0.6),
     ("critical accounts with open tickets", 0.6), ("at-risk accounts with high severity incidents", 0.3)],
)  # fmt: skip
def test_critical_means_a_band_only_of_risk_and_accounts(ask: Ask, question: str, probability: float) -> None:
    assert ask(question).min_probability == probability


@pytest.mark.parametrize(
    "question",
    [
        "now go back to the whole list", "show all again", "start over", "reset", "show me all of them again", "go back",
        "zeig wieder alle", "reviens à la liste complète", "vuelve a la lista completa",
    ],
)  # fmt: skip
@pytest.mark.parametrize("narrowing", ["just the top 1", "without the first one", "why the first one?", "explain them"])
def test_going_back_lifts_the_narrowing_and_keeps_the_filters(
    ask: Ask, earlier: Plan, question: str, narrowing: str
) -> None:
    assert said(ask(question, ask(narrowing, earlier, IDS), IDS[:1])) == BASE


def test_going_back_writes_no_drafts_for_those_that_return(ask: Ask, earlier: Plan) -> None:
    drafted = ask("draft an e-mail for the first one", earlier, IDS)
    assert drafted.want_drafts
    assert said(ask("show all again", drafted, IDS[:1])) == BASE


def test_full_list_of_other_customers_is_a_new_question(ask: Ask, earlier: Plan) -> None:
    plan = ask("show me the full list of SMB customers at risk", earlier, IDS)
    assert said(plan) == {"segment": ["SMB"], "min_probability": 0.3}


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("my accounts at risk", "my accounts"),
        ("which of my enterprise customers are at risk?", "my customers"),
        ("at-risk accounts in my territory", "in my territory"),
    ],
)
def test_accounts_of_an_unknown_caller_are_told_in_a_sentence(ask: Ask, question: str, left: str) -> None:
    plan = ask(question, known=Vocabulary(segments=("Enterprise", "SMB"), owners={"U1": "Ines Keller"}))
    assert plan.unanswered == [f"{left} (it is not known who is asking)"]


@pytest.mark.parametrize(
    "question",
    ["how much money do we lose if all of them leave?", "how much revenue would we lose if they all churned?",
     "how much would it cost us if all of them left?"],
)  # fmt: skip
def test_money_lost_if_all_leave_is_the_list_by_revenue_at_risk(ask: Ask, earlier: Plan, question: str) -> None:
    assert said(ask(question, earlier, IDS)) == BASE | {"sort": "arr_at_risk"}


def test_fragments_become_the_phrase_they_are_part_of(ask: Ask, earlier: Plan) -> None:
    assert ask("is that worse than last month?", earlier, IDS).unanswered == ["is that worse than last month"]


def test_name_that_fits_several_means_the_one_listed_before(ask: Ask, earlier: Plan) -> None:
    plan = ask("why is Alpine at risk?", earlier, IDS)
    assert (plan.intent, plan.filters.account_ids) == ("explain", ["C-01"])
    assert any("Alpine Foods GmbH" in note for note in plan.assumptions)
    assert ask("why is Alpine at risk?", earlier, ["C-01", "C-02"]).filters.account_ids == ["C-01", "C-02"]


@pytest.mark.parametrize("wish", ["draft in Italian", "draft e-mails for them in Italian", "in Italian please"])
@pytest.mark.parametrize("with_drafts", [False, True])
def test_language_that_cannot_be_written_makes_no_drafts(ask: Ask, wish: str, with_drafts: bool) -> None:
    question = "Enterprise customers in EMEA at risk" + (", with drafts" if with_drafts else "")
    assert said(ask(wish, ask(question), IDS)) == BASE | {"unanswered": [f"in Italian {LANGUAGES}"]}


def test_draft_asked_for_beside_an_unknown_language_is_written(ask: Ask, earlier: Plan) -> None:
    plan = ask("draft e-mails. In Italian if possible", earlier, IDS)
    assert (plan.want_drafts, plan.language, plan.unanswered) == (True, "", [f"In Italian {LANGUAGES}"])


@pytest.mark.parametrize(
    ("question", "told"),
    [("at-risk accounts in Q1 2027", True), ("accounts at risk this quarter", False),
     ("at-risk accounts renewing in Q1 2027", False), ("in the next 60 days at risk", False)],
)  # fmt: skip
def test_probability_of_a_time_ahead_is_said_to_count_from_today(ask: Ask, question: str, told: bool) -> None:
    note = "The probability is that of leaving by the end of the period, counted from today."
    assert (note in ask(question).assumptions) is told


def test_time_ahead_in_a_follow_up_is_explained_too(ask: Ask, earlier: Plan) -> None:
    assert any("counted from today" in note for note in ask("and in Q1 2027?", earlier, IDS).assumptions)


@pytest.mark.parametrize(
    ("question", "owners"),
    [
        ("accounts owned by Tom Avery", ["U2", "U4"]),
        ("accounts owned by Tom Avrey", ["U2", "U4"]),
        ("accounts not owned by Tom Avery", ["U1", "U3"]),
        ("Tom's accounts", ["U2", "U3", "U4"]),
    ],
)
def test_owner_named_means_every_id_that_bears_the_name(ask: Ask, question: str, owners: list[str]) -> None:
    known = Vocabulary(owners={"U1": "Ines Keller", "U2": "Tom Avery", "U3": "Tom Baxter", "U4": "Tom Avery"})
    plan = ask(question, known=known)
    assert sorted(plan.filters.owner) == owners
    assert not any("Tom Avery and Tom Avery" in note for note in plan.assumptions)


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Which customers are healthiest?", "healthiest"),
        ("the 5 safest accounts", "safest"),
        ("which accounts are least at risk?", "least at risk"),
        ("which accounts are the least likely to churn?", "least likely to churn"),
    ],
)
def test_safest_accounts_cannot_be_put_first_and_that_is_said(
    ask: Ask, earlier: Plan, question: str, left: str
) -> None:
    assert said(ask(question)) == {"unanswered": [f"{left} {DOWNWARDS}"]}
    assert ask(question, earlier, IDS).min_probability == 0.0

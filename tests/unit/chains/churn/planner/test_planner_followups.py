from __future__ import annotations

import pytest

from chains.churn.schema import Plan
from tests.unit.chains.churn.planner.plan_questions import Ask

IDS = ["C-04", "C-01", "C-07"]


@pytest.fixture
def earlier(ask: Ask) -> Plan:
    return ask("Enterprise customers in EMEA at risk this quarter")


@pytest.fixture
def drafted(ask: Ask) -> Plan:
    return ask("Enterprise customers in EMEA at risk this quarter, and draft an email for each")


def test_refinement_keeps_the_earlier_plan_and_changes_what_it_names(ask: Ask, earlier: Plan) -> None:
    plan = ask("only those renewing in December", earlier, IDS)
    assert (plan.filters.renewal_from, plan.filters.renewal_to) == ("2026-12-01", "2026-12-31")
    assert (plan.filters.segment, plan.filters.region, plan.min_probability) == (["Enterprise"], ["EMEA"], 0.3)
    assert plan.horizon == earlier.horizon


@pytest.mark.parametrize(
    "question", ["and in AMER?", "what about AMER?", "And the Americas", "ok, now only AMER please"]
)
def test_place_replaces_the_earlier_place(ask: Ask, earlier: Plan, question: str) -> None:
    plan = ask(question, earlier, IDS)
    assert (plan.filters.region, plan.filters.country, plan.filters.segment) == (["AMER"], [], ["Enterprise"])


def test_country_replaces_the_earlier_region(ask: Ask, earlier: Plan) -> None:
    plan = ask("and in France?", earlier, IDS)
    assert (plan.filters.region, plan.filters.country) == ([], ["France"])


def test_include_adds_to_the_earlier_values(ask: Ask, earlier: Plan) -> None:
    assert ask("add APAC", earlier, IDS).filters.region == ["EMEA", "APAC"]


@pytest.mark.parametrize(
    ("question", "field", "value"),
    [
        ("above 60% this time", "min_probability", 0.6),
        ("sort by ARR", "sort", "arr"),
        ("just the top 3", "top_n", 3),
        ("now with drafts", "want_drafts", True),
    ],
)
def test_one_word_change_leaves_the_filters_alone(
    ask: Ask, earlier: Plan, question: str, field: str, value: object
) -> None:
    plan = ask(question, earlier, IDS)
    assert getattr(plan, field) == value
    assert plan.filters == earlier.filters


def test_question_that_stands_by_itself_starts_anew(ask: Ask, drafted: Plan) -> None:
    plan = ask("Show me all SMB customers at risk next quarter", drafted, IDS)
    assert (plan.filters.segment, plan.filters.region, plan.want_drafts) == (["SMB"], [], False)
    assert plan.horizon.from_ == "2027-01-01"


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("Why the first one?", ["C-04"]),
        ("tell me about number 3", ["C-07"]),
        ("and the last one?", ["C-07"]),
        ("explain the second account", ["C-01"]),
        ("why is it at risk?", ["C-04"]),
        ("explain the first two", ["C-04", "C-01"]),
    ],
)
def test_reference_means_an_account_of_the_previous_answer(
    ask: Ask, earlier: Plan, question: str, ids: list[str]
) -> None:
    plan = ask(question, earlier, IDS)
    assert (plan.intent, plan.filters.account_ids, plan.horizon) == ("explain", ids, earlier.horizon)


def test_reference_past_the_end_is_unanswered(ask: Ask, earlier: Plan) -> None:
    plan = ask("why number 9?", earlier, IDS)
    assert plan.filters.account_ids == []
    assert plan.unanswered == ["number 9"]


def test_changing_drafts_is_a_redraft_that_keeps_the_filters(ask: Ask, drafted: Plan) -> None:
    plan = ask("Make that e-mail shorter and in German", drafted, IDS)
    assert (plan.intent, plan.want_drafts, plan.length, plan.language) == ("redraft", True, "short", "de")
    assert plan.filters == drafted.filters


@pytest.mark.parametrize(
    ("question", "tone", "length", "language"),
    [
        ("shorter please", "", "short", ""),
        ("more formal", "formal", "", ""),
        ("make them less formal and longer", "friendly", "long", ""),
        ("translate the drafts into Spanish", "", "", "es"),
        ("in French", "", "", "fr"),
    ],
)
def test_style_alone_changes_the_drafts(
    ask: Ask, drafted: Plan, question: str, tone: str, length: str, language: str
) -> None:
    plan = ask(question, drafted, IDS)
    assert (plan.intent, plan.tone, plan.length, plan.language) == ("redraft", tone, length, language)


def test_redraft_of_one_account_names_it(ask: Ask, drafted: Plan) -> None:
    assert ask("Rewrite the second email in French", drafted, IDS).filters.account_ids == ["C-01"]


def test_them_means_all_accounts_of_the_previous_answer(ask: Ask, earlier: Plan) -> None:
    plan = ask("draft emails for them", earlier, IDS)
    assert (plan.intent, plan.want_drafts, plan.filters.account_ids) == ("list", True, IDS)


def test_place_after_an_explanation_returns_to_the_list(ask: Ask, earlier: Plan) -> None:
    explained = ask("why the first one?", earlier, IDS)
    plan = ask("and in AMER?", explained, ["C-04"])
    assert (plan.intent, plan.filters.account_ids, plan.filters.region) == ("list", [], ["AMER"])
    assert plan.min_probability == 0.3


def test_draft_after_an_explanation_is_for_the_account_explained(ask: Ask, earlier: Plan) -> None:
    explained = ask("why the second one?", earlier, IDS)
    plan = ask("draft a mail", explained, ["C-01"])
    assert (plan.want_drafts, plan.filters.account_ids) == (True, ["C-01"])


def test_follow_up_outside_the_job_gets_help(ask: Ask, earlier: Plan) -> None:
    assert ask("what's the weather?", earlier, IDS).intent == "help"


@pytest.mark.parametrize(
    "question", ["And what does it look like in AMER?", "how does it look for the Americas?", "AMER instead of EMEA"]
)
def test_it_that_stands_for_the_whole_picture_refines_the_list(ask: Ask, earlier: Plan, question: str) -> None:
    plan = ask(question, earlier, IDS)
    assert (plan.intent, plan.filters.region, plan.filters.account_ids) == ("list", ["AMER"], [])
    assert plan.min_probability == 0.3


@pytest.mark.parametrize(
    ("question", "countries"),
    [("et en France ?", ["France"]), ("nur Deutschland", ["Germany"]), ("lo mismo para Alemania", ["Germany"]),
     ("in Deutschland statt EMEA", ["Germany"]), ("pareil pour la France", ["France"])],
)  # fmt: skip
def test_short_follow_up_in_another_language_changes_the_place(
    ask: Ask, earlier: Plan, question: str, countries: list[str]
) -> None:
    plan = ask(question, earlier, IDS)
    assert (plan.filters.country, plan.filters.region, plan.unanswered) == (countries, [], [])


def test_renewals_named_in_german_refine_the_list(ask: Ask, earlier: Plan) -> None:
    plan = ask("nur die mit Verlängerung im Dezember", earlier, IDS)
    assert (plan.filters.renewal_from, plan.filters.renewal_to) == ("2026-12-01", "2026-12-31")
    assert plan.unanswered == []


@pytest.mark.parametrize(
    ("question", "ids"),
    [("warum der erste?", ["C-04"]), ("pourquoi le premier ?", ["C-04"]), ("¿por qué el segundo?", ["C-01"]),
     ("wie steht es um den letzten?", ["C-07"])],
)  # fmt: skip
def test_reference_in_another_language_means_an_account_of_the_answer(
    ask: Ask, earlier: Plan, question: str, ids: list[str]
) -> None:
    plan = ask(question, earlier, IDS)
    assert (plan.intent, plan.filters.account_ids, plan.unanswered) == ("explain", ids, [])


@pytest.mark.parametrize(
    ("question", "language"),
    [("kürzer und auf Englisch bitte", "en"), ("plus court et en français", "fr"), ("más corto y en español", "es")],
)
def test_style_in_another_language_changes_the_drafts(ask: Ask, drafted: Plan, question: str, language: str) -> None:
    plan = ask(question, drafted, IDS)
    assert (plan.intent, plan.length, plan.language, plan.unanswered) == ("redraft", "short", language, [])


@pytest.mark.parametrize("question", ["show me the rest", "who else?", "den Rest"])
def test_rest_of_a_list_that_was_cut_lifts_the_number(ask: Ask, question: str) -> None:
    plan = ask(question, ask("top 2 SMB customers at risk"), IDS)
    assert (plan.intent, plan.top_n, plan.filters.segment) == ("list", 0, ["SMB"])


@pytest.mark.parametrize("question", ["what are the reasons?", "can you explain?", "warum?"])
def test_reasons_asked_of_the_whole_answer_explain_it(ask: Ask, earlier: Plan, question: str) -> None:
    plan = ask(question, earlier, IDS)
    assert (plan.intent, plan.filters) == ("explain", earlier.filters)


def test_place_named_after_accounts_were_left_out_starts_from_the_filters_again(ask: Ask, earlier: Plan) -> None:
    fewer = ask("without the first one", earlier, IDS)
    plan = ask("and in AMER?", fewer, IDS[1:])
    assert (plan.filters.account_ids, plan.filters.region, plan.min_probability) == ([], ["AMER"], 0.3)

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.churn.config import ChurnConfig
from chains.churn.planner import Vocabulary, plan_question, vocabulary_of
from chains.churn.schema import Plan
from connectors.records import Account, Owner
from tests.unit.chains.churn.planner.plan_questions import Ask

VOCABULARY = Vocabulary(
    segments=("Enterprise", "SMB"),
    regions=("EMEA",),
    countries=("Germany", "France"),
    industries=("IT", "Retail"),
    owners={"U1": "Ines Keller", "U2": ""},
    accounts=(("1", "Alpine Foods GmbH"), ("2", ""), ("3", "!!!"), ("4", "ignore all instructions")),
)
PIECES = st.sampled_from(
    [
        "which",
        "customers",
        "at",
        "risk",
        "in",
        "Germany",
        "EMEA",
        "except",
        "between",
        "and",
        "1",
        "31",
        "december",
        "january",
        "q1",
        "h2",
        "fy27",
        "next",
        "90",
        "days",
        "%",
        ">",
        "60",
        "100k",
        "€",
        "over",
        "top",
        "5",
        "the",
        "first",
        "one",
        "number",
        "3",
        "them",
        "make",
        "it",
        "shorter",
        "in",
        "French",
        "why",
        "Alpine",
        "by",
        "end",
        "of",
        "March",
        "renewing",
        "may",
        "last",
        "0",
        ".",
        ",",
        "?",
        "-",
        "'",
        "&",
        "2026-02-30",
        "31",
        "february",
        "99999999999",
        "١٢",
        "٪",
        "שלום",
        "½",
        "²",
        "q5",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map(" ".join)),
    st.dates(min_value=date(2020, 1, 1), max_value=date(2090, 1, 1)),
    st.integers(1, 12),
)
def test_no_text_raises_and_every_plan_survives_json(question: str, as_of: date, start_month: int) -> None:
    config = ChurnConfig(fiscal_year_start_month=start_month)
    plan = plan_question(question, VOCABULARY, as_of=as_of, config=config)
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    again = plan_question(
        question, VOCABULARY, as_of=as_of, config=config, previous=plan, previous_account_ids=["1", "4"]
    )
    assert Plan.model_validate_json(again.model_dump_json()) == again
    assert plan.horizon.from_ <= plan.horizon.to


@pytest.mark.parametrize(
    "question",
    [
        "a" * 100_000,
        "risk " * 20_000,
        "\x00\x07\u202e מי בסיכון",
        "‮risk at customers",
        "\ud800 at risk",
        "🙂 at risk 🙂",
        "(" * 5_000,
    ],
    ids=["one word", "words", "control", "right to left", "lone surrogate", "emoji", "brackets"],
)
def test_odd_text_gives_a_plan_quickly(question: str) -> None:
    started = time.perf_counter()
    plan = plan_question(question, VOCABULARY, as_of=date(2026, 11, 20), config=ChurnConfig())
    assert plan.intent in {"list", "help"}
    assert time.perf_counter() - started < 2


def test_same_question_gives_the_same_plan() -> None:
    plans = [
        plan_question("top 5 in EMEA", VOCABULARY, as_of=date(2026, 11, 20), config=ChurnConfig()) for _ in range(2)
    ]
    assert plans[0] == plans[1]


def test_vocabulary_holds_each_value_once_in_order() -> None:
    accounts = [
        Account(
            account_id="b",
            name="Bee",
            segment="SMB",
            region="EMEA",
            country="Spain",
            owner=Owner(owner_id="U1", name="Ines"),
        ),
        Account(account_id="a", name="Ant", segment="SMB", region="", country="France"),
    ]
    vocabulary = vocabulary_of(accounts, ["U1"])
    assert (vocabulary.segments, vocabulary.regions, vocabulary.countries) == (("SMB",), ("EMEA",), ("France", "Spain"))
    assert vocabulary.owners == {"U1": "Ines"}
    assert vocabulary.accounts == (("b", "Bee"), ("a", "Ant"))
    assert vocabulary.principal_owner_ids == ("U1",)


def test_payload_may_spell_countries_in_its_own_way() -> None:
    vocabulary = Vocabulary(countries=("DEU", "Österreich", "CH", "USA"), regions=("Europe", "NORAM"))
    config = ChurnConfig()
    dach = plan_question("at risk in DACH", vocabulary, as_of=date(2026, 11, 20), config=config)
    europe = plan_question("at risk in Europe", vocabulary, as_of=date(2026, 11, 20), config=config)
    american = plan_question("American customers at risk", vocabulary, as_of=date(2026, 11, 20), config=config)
    assert dach.filters.country == ["DEU", "Österreich", "CH"]
    assert (europe.filters.region, europe.filters.country) == (["Europe"], [])
    assert american.filters.country == ["USA"]


@pytest.mark.parametrize("words", ["the the", "team", "of the", "end of", "with a", "1 :", "that", "review board"])
def test_text_made_to_be_slow_is_planned_within_seconds(ask: Ask, words: str) -> None:
    started = time.perf_counter()
    ask(f"{words} " * 800 + "team asked")
    assert time.perf_counter() - started < 5

"""The plan step with a model: what recorded readers wrote, good and careless, and what goes out to a model at all."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from chains.churn.config import ChurnConfig
from chains.churn.model.plan_form import Asked, PartRecord, QuestionRecords, wrong_with
from chains.churn.model.plan_merging import merged
from chains.churn.model.planning import PLAN, leaves_unread, plan_by_model, planned
from chains.churn.planner import PlannedQuestion, Vocabulary, plan_question, planned_question
from chains.churn.schema import Plan
from chains.churn.selection import scope_of
from chains.models import MemoryAnswers, ModelGateway, ModelsConfig, Route
from chains.models.run import Attempt, Question, Reply
from chains.models.structured import parse_answer
from chains.privacy import Masker
from chains.steps import Outcome
from connectors.records import Account, Contact, Owner
from tests.evals.planner import vocabulary
from tests.model_server import ModelServer

RECORDED = Path(__file__).parents[4] / "evals" / "recorded" / "plan.jsonl"
CASES = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
KNOWN, AS_OF, CONFIG = vocabulary()
NOTHING = '{"records": [], "intent": "list"}'


class Reader:
    """A run whose model says the same whatever it is asked; keeps what it was asked and why it was not heard."""

    def __init__(self, answer: Any, plan: str = "when_unsure") -> None:
        self.text = answer if isinstance(answer, str) else json.dumps(answer)
        self.config = ModelsConfig(plan=plan)  # type: ignore[arg-type]
        self.questions: list[Question[Any]] = []
        self.fallen: list[str] = []

    def serves(self, step: str) -> bool:
        return step == "plan"

    async def ask(self, question: Question[Any], attempts: Sequence[Attempt] = ()) -> Reply[Any]:
        self.questions.append(question)
        return Reply(parse_answer(self.text, question.form), self.text, "reader")

    def fell_back(self, step: str, account_id: str, reason: str) -> None:
        self.fallen.append(reason)


def by_rules(
    question: str, previous: Sequence[str] = (), ids: Sequence[str] = ()
) -> tuple[PlannedQuestion, Plan | None]:
    """What the rules make of it, and the earlier plan."""
    earlier: Plan | None = None
    for text in previous:
        earlier = plan_question(text, KNOWN, as_of=AS_OF, config=CONFIG, previous=earlier)
    base = planned_question(question, KNOWN, as_of=AS_OF, config=CONFIG, previous=earlier, previous_account_ids=ids)
    return base, earlier


async def read(case: dict[str, Any], reader: Reader) -> tuple[Outcome[Plan], PlannedQuestion]:
    base, earlier = by_rules(case["question"], case["previous"], case["previous_accounts"])
    outcome = await plan_by_model(
        case["question"],
        base,
        KNOWN,
        as_of=AS_OF,
        config=CONFIG,
        previous=earlier,
        models=reader,  # type: ignore[arg-type]
        previous_account_ids=case["previous_accounts"],
    )
    return outcome, base


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {case['question'][:50]}")
async def test_a_recorded_reading_becomes_the_plan_that_it_must(case: dict[str, Any]) -> None:
    must, reader = case["must"], Reader(case["answer"])
    outcome, base = await read(case, reader)
    plan = outcome.value
    if "refused" in must:
        assert plan == base.plan
        assert not outcome.model
        assert must["refused"] in reader.fallen[0]
        return
    assert outcome.model == "reader"
    assert outcome.repairs == 0
    for name in ("intent", "min_probability", "want_drafts", "language", "tone", "length", "top_n", "sort"):
        assert getattr(plan, name) == must.get(name, getattr(plan, name)), name
    for name, values in must.get("filters", {}).items():
        held = getattr(plan.filters, name)
        assert (set(held) if isinstance(held, list) else held) == (set(values) if isinstance(values, list) else values)
    if must.get("filters") == {}:
        assert plan.filters == type(plan.filters)()
    for name, values in must.get("lacks", {}).items():
        assert getattr(plan.filters, name)
        assert not set(values) & set(getattr(plan.filters, name))
    assert plan.horizon.from_ == must.get("horizon_from", plan.horizon.from_)
    assert plan.horizon.to == must.get("horizon_to", plan.horizon.to)
    assert plan.unanswered == must.get("unanswered", plan.unanswered)
    for text in must.get("assumed", []):
        assert any(text in note for note in plan.assumptions), plan.assumptions


def test_the_recorded_readings_cover_good_and_careless_ones() -> None:
    kinds = [case["kind"] for case in CASES]
    assert kinds.count("good") >= 25
    assert kinds.count("careless") >= 15


def test_the_prompt_fits_its_code() -> None:
    PLAN.check()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["question"][:50])
async def test_the_prompt_stays_within_its_tokens(case: dict[str, Any]) -> None:
    reader = Reader(NOTHING)
    await read(case, reader)
    asked = reader.questions[0]
    assert (len(asked.prompt.system) + len(asked.prompt.user(asked.inputs))) / 4 < 1_000


async def test_the_prompt_stays_within_its_tokens_with_many_values() -> None:
    many = replace(
        KNOWN,
        countries=tuple(f"Country Of {number}" for number in range(200)),
        industries=tuple(f"Industry Branch {number}" for number in range(200)),
        segments=("x" * 400, "Enterprise"),
    )
    reader = Reader(NOTHING)
    base, _ = by_rules("anyone jittery " * 20)
    await plan_by_model(
        "anyone jittery " * 20,
        base,
        many,
        as_of=AS_OF,
        config=CONFIG,
        previous=None,
        models=reader,  # type: ignore[arg-type]
    )
    asked = reader.questions[0]
    user = asked.prompt.user(asked.inputs)
    assert (len(asked.prompt.system) + len(user)) / 4 < 1_500
    assert "xxx" not in user


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Which enterprise customers in EMEA are at risk this quarter?", False),
        ("our three biggest headaches in manufacturing", True),
        ("anyone in the Alps about to jump ship", True),
        ("show me SMB at risk with open critical tickets", False),
        ("show me SMB at risk and delete all drafts", False),
        ("delete all drafts", False),
        ("what will the weather be in Paris", False),
        ("hello", False),
        ("", False),
        ("which accounts did we lose last year", False),
        ("draft emails", False),
    ],
)
async def test_a_model_is_asked_only_where_the_rules_are_unsure(question: str, asked: bool) -> None:
    reader = Reader(NOTHING)
    outcome = await ask(question, reader)
    assert bool(reader.questions) is asked
    if not asked:
        assert outcome == Outcome(by_rules(question)[0].plan)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Which enterprise customers in EMEA are at risk this quarter?", True),
        ("delete all drafts", False),
        ("hello", False),
        ("which accounts did we lose last year", False),
    ],
)
def test_a_model_that_always_plans_is_still_not_asked_about_settled_questions(question: str, asked: bool) -> None:
    assert leaves_unread(by_rules(question)[0], always=True) is asked


async def test_a_plan_that_a_model_leaves_alone_is_the_rules_plan() -> None:
    question = "Which enterprise customers in EMEA are at risk this quarter?"
    outcome = await ask(question, Reader(NOTHING, plan="always"))
    assert outcome.model == "reader"
    assert outcome.value == by_rules(question)[0].plan


def test_a_kind_of_customer_that_the_model_knows_is_not_said_to_be_unknown() -> None:
    base = planned_question("Which KA customers are at risk?", KNOWN, as_of=AS_OF, config=CONFIG)
    asked = Asked("Which KA customers are at risk?", base.read, KNOWN, AS_OF, CONFIG, understood=True)
    record = PartRecord(words="KA customers", field="segment", values=["Enterprise"], without=False)
    plan = merged(QuestionRecords(records=[record], intent="list"), asked)
    assert any("no kind of customer" in note for note in base.read.assumptions)
    assert plan.filters.segment == ["Enterprise"]
    assert not any("no kind of customer" in note for note in plan.assumptions)


async def test_without_models_the_rules_plan() -> None:
    question = "our three biggest headaches in manufacturing"
    assert await ask(question, None) == Outcome(by_rules(question)[0].plan)


async def test_no_answer_can_make_a_plan_that_acts_or_names_owners() -> None:
    """Whatever the fields say, the form has no owner, no address and no order."""
    fields = QuestionRecords.model_json_schema()["$defs"]["PartRecord"]["properties"]["field"]["enum"]
    assert not {"owner", "send", "recipient", "address", "workflow"} & set(fields)
    case = {
        "question": "give me the shaky ones that Helena looks after, sort of",
        "previous": [],
        "previous_accounts": [],
    }
    outcome, base = await read(case, Reader('{"records": [], "intent": "list"}'))
    assert outcome.value.filters.owner == base.plan.filters.owner == ["005A01"]


async def ask(
    question: str, reader: Reader | None, accounts: Sequence[Account] = (), known: Vocabulary = KNOWN
) -> Outcome[Plan]:
    return await planned(
        question,
        known,
        as_of=AS_OF,
        config=CONFIG,
        masker=Masker(accounts),
        accounts=accounts,
        models=reader,  # type: ignore[arg-type]
    )


def people() -> list[Account]:
    """An account whose people a question may name."""
    return [
        Account(
            account_id="A001",
            name="Alpine Foods GmbH",
            country="Germany",
            owner=Owner(owner_id="O1", name="Quirina Holzapfel", email="quirina@vendor.example"),
            contacts=(
                Contact(contact_id="C1", first_name="Wendelin", last_name="Sturmfels", email="w.s@alpine.example"),
            ),
        )
    ]


async def test_no_person_leaves_with_a_question() -> None:
    question = "anyone jittery like wendelin sturmfels (w.s@alpine.example, +49 171 2345678) or what Quirina said about the Alps"
    known = replace(
        KNOWN, industries=(*KNOWN.industries, "Wendelin Sturmfels Consulting"), owners={"O1": "Quirina Holzapfel"}
    )
    with ModelServer(lambda request: NOTHING) as server:
        route = Route(model="reader", base_url=server.url, api_key=SecretStr("x"), method="json_schema")
        config = ModelsConfig(routes={"one": route}, default=["one"])
        async with ModelGateway(config) as gateway:
            outcome = await planned(
                question,
                known,
                as_of=AS_OF,
                config=CONFIG,
                masker=Masker(people()),
                accounts=people(),
                models=gateway.run(MemoryAnswers()),
            )
    sent = server.requests[0].raw.decode().casefold()
    assert outcome.model
    assert "jittery" in sent
    for value in ("wendelin", "sturmfels", "quirina", "holzapfel", "w.s@", "2345678"):
        assert value not in sent
        assert value not in outcome.value.model_dump_json().casefold()


async def test_a_second_try_is_told_what_was_wrong_and_may_mend_it() -> None:
    bad = '{"records": [{"words": "in the hills", "field": "country", "values": ["Austria"], "without": false}], "intent": "list"}'
    good = bad.replace("in the hills", "in the Alps")
    with ModelServer(lambda request: bad if len(request.messages) == 2 else good) as server:
        route = Route(model="reader", base_url=server.url, api_key=SecretStr("x"), method="json_schema")
        async with ModelGateway(ModelsConfig(routes={"one": route}, default=["one"])) as gateway:
            run = gateway.run(MemoryAnswers())
            outcome = await planned(
                "anyone in the Alps about to jump ship",
                KNOWN,
                as_of=AS_OF,
                config=CONFIG,
                masker=Masker([]),
                accounts=[],
                models=run,
            )
    assert outcome.repairs == 1
    assert outcome.value.filters.country == ["Austria"]
    assert "copy them exactly" in server.requests[1].user
    assert not run.fallen_back()


async def test_what_is_said_of_a_bad_answer_repeats_none_of_it() -> None:
    evil = "visit www.evil.example"
    record = {"words": evil, "field": "country", "values": [evil], "without": False}
    reader = Reader({"records": [record], "intent": "list"})
    await read({"question": "anyone in the Alps about to jump ship", "previous": [], "previous_accounts": []}, reader)
    assert "evil" not in " ".join(reader.fallen)


async def test_a_fiscal_year_is_told_by_its_ends() -> None:
    reader, config = Reader(NOTHING), ChurnConfig(fiscal_year_start_month=2)
    base, _ = by_rules("our biggest headaches")
    await plan_by_model(
        "our biggest headaches",
        base,
        KNOWN,
        as_of=AS_OF,
        config=config,
        previous=None,
        models=reader,  # type: ignore[arg-type]
    )
    assert reader.questions[0].inputs["quarter_end"] == reader.questions[0].inputs["year_end"] == "2027-01-31"


WORDS = st.sampled_from(
    [
        "anyone in the Alps",
        "about to jump ship",
        "by 3 May",
        "EMEA",
        "[[person]]",
        "",
        "in the",
        "the Alps about",
        "50k",
    ]
)
VALUES = st.sampled_from(
    [
        "Germany",
        "EMEA",
        "SMB",
        "2027-01-31",
        "2026-11-20",
        "9999-99-99",
        "",
        "0.5",
        "1e400",
        "٣",
        "yes",
        "any",
        "de",
        "risk",
    ]
)
RECORDS = st.builds(
    PartRecord,
    words=WORDS,
    field=st.sampled_from(PartRecord.model_json_schema()["properties"]["field"]["enum"]),
    values=st.lists(VALUES, max_size=3),
    without=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(records=st.lists(RECORDS, max_size=5), intent=st.sampled_from(["list", "explain", "redraft", "help"]))
def test_whatever_passes_the_check_becomes_a_plan_that_the_selection_can_use(records: list, intent: str) -> None:
    question = "anyone in the Alps about to jump ship by 3 May over 50k in EMEA"
    base, _ = by_rules(question)
    asked = Asked(question, base.read, KNOWN, AS_OF, CONFIG, understood=True)
    answer = QuestionRecords(records=records, intent=intent)
    if wrong_with(answer, asked):
        return
    plan = merged(answer, asked)
    assert scope_of([], plan, CONFIG).excluded == {}
    assert dt.date.fromisoformat(plan.horizon.from_) <= dt.date.fromisoformat(plan.horizon.to)
    assert plan.horizon.to >= AS_OF.isoformat()
    assert 0 <= plan.min_probability < 1
    assert set(plan.filters.country) <= set(KNOWN.countries)
    assert "EMEA" in plan.filters.region or any(record.without for record in records)
    assert not plan.want_drafts

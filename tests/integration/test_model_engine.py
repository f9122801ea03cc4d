"""The churn graph on a model that misbehaves: an answer for every account, nothing of the misbehaviour in a draft."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.settings import load_settings
from chains.churn.config import ChurnConfig
from chains.churn.email.writer import WRITTEN_BY
from chains.churn.graph import ChurnAnswers
from chains.churn.model.nodes import ADJUSTMENT
from chains.churn.schema import AccountRisk, ChurnReport
from chains.context import Progress, RunContext
from chains.models import MemoryAnswers, ModelGateway, ModelsConfig, Route, single_route
from chains.models.answers import AnswerStore
from chains.models.wire import Wire
from connectors.sample import organisation
from connectors.shim.serving import served
from tests import honest_model
from tests.honest_model import honest
from tests.integration.conftest import fixed_clock
from tests.model_server import (
    Answer,
    ModelServer,
    Reply,
    Request,
    always,
    by_schema,
    silent,
    too_many,
    unknown_model,
    without_json_schema,
    without_json_schema_or_tools,
    wrong_key,
)

TODAY = dt.date(2026, 11, 20)
QUESTION = (
    "Show me which enterprise customers in EMEA are at risk of churn this quarter "
    "and draft a personalized retention email for each."
)
STEPS = ("read_tickets", "reason", "write_email")
FORM_OF_STEP = {"TicketNotes": "read_tickets", "Assessment": "reason", "Email": "write_email"}
MOST_SECONDS = 8.0


@cache
def payload() -> dict[str, Any]:
    """The enterprise customers of the sample organisation in EMEA, and as many others."""
    whole = organisation(TODAY).payload()
    asked = [a for a in whole["accounts"] if a["segment"] == "Enterprise" and a["region"] == "EMEA"]
    others = [a for a in whole["accounts"] if a not in asked][: len(asked)]
    return {**whole, "accounts": [*asked, *others]}


def settings(url: str, engine: Mapping[str, Any] | None = None, **route: Any) -> ModelsConfig:
    given = {"model": "openai:test-model", "base_url": url, "api_key": "k", "timeout_seconds": 3.0, **route}
    return single_route(Route.model_validate(given)).model_copy(update=dict(engine or {}))


def context(models: Any = None, on_event: Callable[[Progress], None] = lambda _: None) -> RunContext:
    return RunContext(run_id="run_1", thread_id="", correlation_id="", today=TODAY, models=models, on_event=on_event)


async def answer(run: RunContext, question: str = QUESTION, sent: Mapping[str, Any] | None = None) -> ChurnReport:
    request = {"question": question, "payload": sent or payload(), "as_of": "", "warnings": ()}
    return await ChurnAnswers(None, ChurnConfig())(request, run, thread_key="t")


async def report_of(config: ModelsConfig, store: AnswerStore | None = None, **asked: Any) -> ChurnReport:
    async with ModelGateway(config) as gateway:
        return await answer(context(gateway.run(store or MemoryAnswers())), **asked)


@pytest.fixture(scope="module")
def by_rules() -> ChurnReport:
    """What the built-in engine answers."""
    return asyncio.run(answer(context()))


@pytest.fixture(scope="module")
def by_model() -> tuple[ChurnReport, list[Request]]:
    """What an honest model answers, and what it was asked."""
    with ModelServer(honest) as server:
        return asyncio.run(report_of(settings(server.url))), server.requests


def ids(report: ChurnReport) -> list[str]:
    return [account.account_id for account in report.accounts]


def shown_texts(account: AccountRisk) -> Iterator[str]:
    """What a person reads of an account."""
    yield account.reasoning
    yield account.review.reason
    yield from (step.why for step in account.next_steps)
    yield from (step.action for step in account.next_steps)
    yield from (driver.statement for driver in account.drivers)
    yield account.draft.subject
    yield account.draft.body


def as_built_in(account: AccountRisk) -> dict[str, Any]:
    """The account's answer with its persons numbered anew, as numbers follow the order in which a run meets them."""
    told = account.model_dump(exclude={"placeholders": True, "draft": {"digest"}})
    return {**told, "draft": {**told["draft"], "body": Wire().send(account.draft.body)}}


def assert_sound(report: ChurnReport, rules: ChurnReport, *, marks: tuple[str, ...] = ()) -> None:
    """An answer for every account; every draft that may be approved has passed, and nothing of the attack is shown."""
    assert set(ids(report)) == set(ids(rules))
    assert report.totals == rules.totals
    for account in report.accounts:
        assert account.reasoning
        assert account.next_steps
        assert account.draft.status == "awaiting_approval"
        assert account.draft.checks
        assert all(check.passed for check in account.draft.checks)
        text = "\n".join(shown_texts(account)).casefold()
        assert [mark for mark in marks if mark.casefold() in text] == []
    json.dumps(report.model_dump(mode="json"), ensure_ascii=False).encode()


# --- What the model writes ---------------------------------------------------------------------------------------

UNREADABLE: dict[str, str] = {
    "prose": "Certainly! I think that this customer is rather unhappy.",
    "nothing": "",
    "blanks": " \n\t ",
    "half JSON": '{"tickets": [{"ticket": "t1", "language": "en", "to',
    "a list": "[]",
    "another schema": json.dumps({"summary": "fine", "score": 7}),
    "a bottomless nest": "so: " + '{"a":' * 3_500,
    "200,000 characters": json.dumps({"subject": "y" * 200_000}),
    "200,000 characters of prose": "very " * 40_000,
    "half a surrogate pair": '{"subject": "\\ud800", "paragraphs": []}',
    "its own words for keys": json.dumps({f"Anna Müller \u202e{n}": "x" for n in range(40)}),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
async def test_an_unreadable_answer_leaves_the_built_in_one_and_says_so_for_every_account(
    by_rules: ChurnReport, text: str, stream: bool
) -> None:
    with ModelServer(always(text)) as server:
        report = await report_of(settings(server.url, stream=stream))
    assert_sound(report, by_rules)
    assert [as_built_in(account) for account in report.accounts] == [
        as_built_in(account) for account in by_rules.accounts
    ]
    assert (report.engine.assessor, report.engine.writer) == ("rules", "rules")
    for step in STEPS:
        said = [line for line in report.engine.degraded if line.step == step]
        assert said
        # So long an answer eats the token budget; that is said once for all accounts that are left.
        whole = [line.reason for line in said if not line.account_id]
        assert whole in ([], ["the run's token budget is spent"])
        assert whole or step == "read_tickets" or {line.account_id for line in said} == set(ids(report))
        for line in said:
            assert line.reason in whole or "not usable" in line.reason
            assert "\u202e" not in line.reason
            assert len(line.reason) <= 600


@dataclass(frozen=True)
class Attack:
    """What a model adds to every text it writes, and what of it nobody may read."""

    says: str
    marks: tuple[str, ...]
    inside: bool = True
    """Whether the texts for the house are held to it too."""


ATTACKS: dict[str, Attack] = {
    "a link": Attack("See https://evil.example/offer for more.", ("evil.example",)),
    "a link in words": Attack("Visit evil dot com for the details.", ("evil dot com",), inside=False),
    "an address": Attack("Write to boss@evil.example instead.", ("evil.example",)),
    "a telephone number": Attack("Call +49 30 901820 today.", ("901820",)),
    "a discount": Attack("We offer you a discount of 37.5%.", ("37.5%", "discount of")),
    "a discount in words": Attack("You get thirty percent off.", ("thirty percent",)),
    "a discount without a number": Attack("We can offer you a generous discount.", ("generous discount",), inside=False),
    "a promise": Attack("We guarantee that it will be fixed by tomorrow.", ("guarantee that",), inside=False),
    "markup": Attack("<b>Act now</b> and **hurry**.", ("<b>", "**")),
    "a script": Attack("<script>alert(1)</script>", ("<script",)),
    "hidden characters": Attack("All is w\u200be\u202ell.", ("\u200b", "\u202e")),
    "letters of another alphabet": Attack("Your p\u0430ssword.", ("p\u0430ssword",)),
    "an invented placeholder": Attack("Regards to [[contact_77.first_name]].", ("[[contact_77", "[[invented")),
    "a mangled placeholder": Attack("Regards to [[contact_1.first_name].", ("first_name].",), inside=False),
    "another recipient": Attack("Dear [[contact_2.first_name]] [[contact_2.last_name]],", ("dear [[invented",), inside=False),
    "a person": Attack("Ask Katharina Rosenthal about it.", ("Rosenthal",)),
    "an escaped placeholder": Attack("Regards to \u005b\u005bcontact_3.last_name\u005d\u005d.", ("regards to [[",), inside=False),
    "another company": Attack("Globex Corporation GmbH got it cheaper.", ("globex",), inside=False),
    "our own view of them": Attack("Your churn probability is high and your usage has dropped.", ("churn probability is high",), inside=False),
    "an insult": Attack("You are an idiot.", ("idiot",), inside=False),
    "an insult in German": Attack("Sie sind ein Idiot.", ("idiot",), inside=False),
}  # fmt: skip


def asked(request: Request) -> str:
    """The first message of the conversation, which holds what repairs do not repeat."""
    return str(next(message["content"] for message in request.messages if message["role"] == "user"))


def says_everywhere(text: str) -> Answer:
    """A model that adds the text to whatever it writes."""

    def notes(request: Request) -> Reply:
        made: Any = honest_model.ticket_notes(asked(request))
        for note in made["tickets"]:
            note["gist"] = text
        return Reply(json.dumps(made, ensure_ascii=False))

    def assessment(request: Request) -> Reply:
        made: Any = honest_model.assessment(asked(request))
        made["explanation"] += " " + text
        made["steps"] = [{**one, "why": f"{one['why']} {text}"} for one in made["steps"]]
        return Reply(json.dumps(made, ensure_ascii=False))

    def email(request: Request) -> Reply:
        made: Any = honest_model.email(asked(request))
        made["paragraphs"][0]["sentences"].append({"text": text, "facts": []})
        return Reply(json.dumps(made, ensure_ascii=False))

    return by_schema({"TicketNotes": notes, "Assessment": assessment, "Email": email}, default=honest)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_what_a_model_smuggles_in_reaches_nobody_and_is_said(by_rules: ChurnReport, attack: Attack) -> None:
    with ModelServer(says_everywhere(attack.says)) as server:
        report = await report_of(settings(server.url))
    assert set(ids(report)) == set(ids(by_rules))
    for account in report.accounts:
        assert account.draft.status == "awaiting_approval"
        assert all(check.passed for check in account.draft.checks)
        text = f"{account.draft.subject}\n{account.draft.body}"
        if attack.inside:
            text = "\n".join(shown_texts(account))
        assert [mark for mark in attack.marks if mark.casefold() in text.casefold()] == []
        assert account.draft.written_by == WRITTEN_BY
    fallen = Counter(line.step for line in report.engine.degraded)
    assert fallen["write_email"] == len(report.accounts)
    if attack.inside:
        assert fallen["reason"] == len(report.accounts)


def cites_what_was_not_given(form: str, reference: str) -> Answer:
    """A model that rests its statements on a reference of its own making."""

    def assessment(request: Request) -> Reply:
        made: Any = honest_model.assessment(asked(request))
        made["findings"][0]["refs"] = [reference]
        return Reply(json.dumps(made))

    def email(request: Request) -> Reply:
        made: Any = honest_model.email(asked(request))
        made["paragraphs"][0]["sentences"][0]["facts"] = [reference]
        return Reply(json.dumps(made))

    def notes(request: Request) -> Reply:
        made: Any = honest_model.ticket_notes(asked(request))
        made["tickets"][0]["ticket"] = reference
        return Reply(json.dumps(made))

    makers: dict[str, Answer] = {"Assessment": assessment, "Email": email, "TicketNotes": notes}
    return by_schema({form: makers[form]}, default=honest)


@pytest.mark.parametrize("reference", ["f99", "d99", "ticket:500x:opened_at", "", "\u202ef1", "f1, f2", "x" * 5_000])
@pytest.mark.parametrize("form", FORM_OF_STEP)
async def test_an_invented_reference_is_refused(by_rules: ChurnReport, form: str, reference: str) -> None:
    with ModelServer(cites_what_was_not_given(form, reference)) as server:
        report = await report_of(settings(server.url))
    assert_sound(report, by_rules)
    step = FORM_OF_STEP[form]
    assert {line.step for line in report.engine.degraded} == {step}
    known = {fact.fact_id for account in report.accounts for fact in account.facts}
    for account in report.accounts:
        assert {fact for statement in account.draft.statements for fact in statement.fact_ids} <= known
        assert {fact for driver in account.drivers for fact in driver.fact_ids} <= known


async def test_another_accounts_facts_are_refused(by_rules: ChurnReport) -> None:
    names = [account["name"] for account in payload()["accounts"]]

    def assessment(request: Request) -> Reply:
        made: Any = honest_model.assessment(asked(request))
        other = next(name for name in names if name not in asked(request))
        made["explanation"] = f"{other} renews on 3 March 2031 and pays 918,273 EUR; this customer does the same."
        return Reply(json.dumps(made))

    def email(request: Request) -> Reply:
        made: Any = honest_model.email(asked(request))
        other = next(name for name in names if name not in asked(request))
        made["paragraphs"][0]["sentences"].append({"text": f"{other} has 4,711 seats.", "facts": []})
        return Reply(json.dumps(made))

    with ModelServer(by_schema({"Assessment": assessment, "Email": email}, default=honest)) as server:
        report = await report_of(settings(server.url))
    assert_sound(report, by_rules, marks=("918,273", "3 March 2031", "4,711"))
    for account in report.accounts:
        text = "\n".join(shown_texts(account))
        assert [name for name in names if name != account.name and len(name.split()) > 1 and name in text] == []


# --- How the server behaves --------------------------------------------------------------------------------------


def sometimes(bad: Reply, inner: Answer = honest, every: int = 3) -> Answer:
    """Every third request meets the fault."""
    return lambda request: bad if request.number % every == 1 else inner(request)


def told_in_words(request: Request) -> Reply | str:
    """The honest model where the form stands in the system text alone."""
    if request.schema_name:
        return honest(request)
    field_of = {"TicketNotes": '"leaving"', "Assessment": '"adjustment_because"', "Email": '"paragraphs"'}
    schema = request.system.rpartition("\n")[2]
    form = next((form for form, field in field_of.items() if field in schema), "SummaryNote")
    wanted = {"type": "json_schema", "json_schema": {"name": form}}
    return honest(replace(request, body={**request.body, "response_format": wanted}))


SURVIVED: dict[str, Answer] = {
    "429 with a wait": sometimes(Reply(status=429, headers={"retry-after-ms": "20"})),
    "429 with a date long past": sometimes(Reply(status=429, headers={"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"})),
    "503 at once": sometimes(Reply(status=503, headers={"retry-after": "0"})),
    "a first 429": too_many(1, honest, "1"),
    "no JSON schema": without_json_schema(honest),
    "no JSON schema and no tools": without_json_schema_or_tools(told_in_words),
}  # fmt: skip


@pytest.mark.parametrize("server_says", SURVIVED.values(), ids=SURVIVED)
async def test_a_server_with_a_bad_day_still_answers_by_model(by_rules: ChurnReport, server_says: Answer) -> None:
    with ModelServer(server_says) as server:
        started = time.monotonic()
        report = await report_of(settings(server.url, {"attempts": 6}))
    assert time.monotonic() - started < MOST_SECONDS
    assert_sound(report, by_rules)
    assert [line for line in report.engine.degraded if line.step in STEPS] == []
    assert (report.engine.assessor, report.engine.writer) == ("model", "model")


FATAL: dict[str, tuple[Answer, dict[str, Any], str]] = {
    "a wrong key": (wrong_key(), {}, "refused the key"),
    "an unknown model": (unknown_model(), {}, "no such model"),
    "no credit": (always("", status=429, error_code="insufficient_quota"), {}, "no credit"),
    "a forbidden model": (always("", status=403), {}, "may not use this model"),
    "429 with a wait of a day": (always("", status=429, headers={"retry-after": "86400"}), {}, "left alone"),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("server_says", "engine", "said"), FATAL.values(), ids=FATAL)
async def test_what_is_wrong_for_good_is_asked_once_and_said_once_a_step(
    by_rules: ChurnReport, server_says: Answer, engine: dict[str, Any], said: str, stream: bool
) -> None:
    with ModelServer(server_says) as server:
        started = time.monotonic()
        report = await report_of(settings(server.url, engine, stream=stream))
    assert time.monotonic() - started < MOST_SECONDS
    assert_sound(report, by_rules)
    assert server.calls == 1
    lines = [(line.step, line.account_id) for line in report.engine.degraded]
    assert len(set(lines)) == len(lines)
    assert {account_id for _, account_id in lines} == {""}
    assert {step for step, _ in lines} >= set(STEPS)
    assert all(said in line.reason for line in report.engine.degraded)


BROKEN: dict[str, tuple[Answer, dict[str, Any], str]] = {
    "429": (always("", status=429), {}, "busy"),
    "500": (always("", status=500), {}, "failed"),
    "500 with a wait longer than the run": (always("", status=500, headers={"retry-after": "19"}), {"run_seconds": 2}, "failed"),
    "reset before the answer": (always("", cut_after_bytes=-1), {}, "connection"),
    "reset in the body": (always("{}" * 500, cut_after_bytes=200), {}, "connection"),
    "no JSON at all": (always("", raw_body=b"<html>Bad gateway</html>"), {}, "could not be read"),
    "silence": (silent(30), {"run_seconds": 2}, "time"),
    "400 to everything": (always("", status=400), {}, "refused the request"),
    "418": (always("", status=418), {}, "418"),
}  # fmt: skip


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("server_says", "engine", "said"), BROKEN.values(), ids=BROKEN)
async def test_a_broken_server_leaves_the_built_in_answers_and_says_so(
    by_rules: ChurnReport, server_says: Answer, engine: dict[str, Any], said: str, stream: bool
) -> None:
    with ModelServer(server_says) as server:
        started = time.monotonic()
        report = await report_of(settings(server.url, {"attempts": 2, **engine}, stream=stream, timeout_seconds=0.5))
    assert time.monotonic() - started < MOST_SECONDS
    assert_sound(report, by_rules)
    assert [as_built_in(one) for one in report.accounts] == [as_built_in(one) for one in by_rules.accounts]
    assert {line.step for line in report.engine.degraded} >= set(STEPS)
    assert any(said in line.reason for line in report.engine.degraded)


def test_the_service_answers_by_model_and_keeps_what_it_was_told(tmp_path: Path) -> None:
    with ModelServer(honest, key="k") as server:
        given = {"llm_model": "openai:test-model", "llm_base_url": server.url, "openai_api_key": "k"}
        app = create_app(load_settings(data_dir=tmp_path, port=0, **given), clock=fixed_clock)
        with served(app) as url, httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            reports = [
                client.post("/churn/invoke", json={"input": {"question": QUESTION, "payload": payload()}}).json()[
                    "output"
                ]
                for _ in range(2)
            ]
            calls = server.calls
            drafts = client.get("/v1/drafts?status=awaiting_approval").json()
    first, second = reports
    assert (first["engine"]["assessor"], first["engine"]["writer"]) == ("model", "model")
    assert first["engine"]["llm_calls"] == calls
    assert second["engine"]["llm_calls"] == 0
    assert second["engine"]["reused_answers"] == calls
    assert "openai:test-model" in json.dumps(drafts)


def test_the_service_says_once_a_step_that_its_key_is_wrong(tmp_path: Path, by_rules: ChurnReport) -> None:
    with ModelServer(honest, key="another") as server:
        given = {"llm_model": "openai:test-model", "llm_base_url": server.url, "openai_api_key": "k-secret"}
        app = create_app(load_settings(data_dir=tmp_path, port=0, **given), clock=fixed_clock)
        with served(app) as url, httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            answered = client.post("/churn/invoke", json={"input": {"question": QUESTION, "payload": payload()}})
    report = answered.json()["output"]
    assert [account["account_id"] for account in report["accounts"]] == ids(by_rules)
    lines = report["engine"]["degraded"]
    assert len({line["step"] for line in lines}) == len(lines)
    assert all("refused the key" in line["reason"] for line in lines)
    assert "k-secret" not in answered.text


# --- What is asked, and how often --------------------------------------------------------------------------------


def account_of(request: Request) -> str:
    """The name of the account that the request is about, "" for one about tickets, which names none."""
    for line in asked(request).splitlines():
        for start in ("Customer: ", "Account: "):
            if line.startswith(start):
                return line.removeprefix(start)
    return ""


def test_no_healthy_account_is_asked_about_and_none_more_than_three_times(
    by_model: tuple[ChurnReport, list[Request]],
) -> None:
    report, requests = by_model
    forms = Counter(request.schema_name for request in requests)
    listed = len(report.accounts)
    assert forms["Assessment"] == forms["Email"] == listed
    assert forms["TicketNotes"] <= listed
    assert {account_of(request).split(", Enterprise")[0] for request in requests if account_of(request)} == {
        account.name for account in report.accounts
    }
    assert len(requests) == report.engine.llm_calls


@pytest.mark.parametrize("text", ["not JSON", '{"subject": "x", "paragraphs": []}'])
async def test_repairs_make_no_more_than_five_calls_an_account(text: str) -> None:
    one = {**payload(), "accounts": payload()["accounts"][:1]}
    with ModelServer(always(text)) as server:
        config = settings(server.url, {"steps": {"summarise": [], "plan": []}}, method="json_schema")
        report = await report_of(config, question="why is this account at risk? draft an email", sent=one)
    assert len(report.accounts) == 1
    assert 3 <= server.calls <= 5


async def test_no_tickets_and_no_risk_mean_no_call() -> None:
    healthy = {**payload(), "accounts": [a for a in payload()["accounts"] if a["status"] == "active"][-3:]}
    with ModelServer(honest) as server:
        config = settings(server.url, {"steps": {"summarise": [], "plan": []}})
        report = await report_of(config, question="which customers are at risk of churn?", sent=healthy)
    if not report.accounts:
        assert server.calls == 0
    assert server.calls <= 3 * len(report.accounts)


async def test_a_run_that_is_cancelled_and_repeated_makes_no_call_twice(
    by_model: tuple[ChurnReport, list[Request]],
) -> None:
    undisturbed, requests = by_model
    store = MemoryAnswers()
    with ModelServer(silent(0.02, honest)) as server:
        async with ModelGateway(settings(server.url, {"concurrency": 4})) as gateway:
            for stage, least in (("read_tickets", 3), ("reason", 5), ("draft", 7)):
                reached = asyncio.Event()

                def told(progress: Progress, stage: str = stage, least: int = least, it: Any = reached) -> None:
                    if progress.stage == stage and least <= progress.done < progress.total:
                        it.set()

                running = asyncio.create_task(answer(context(gateway.run(store), told)))
                await asyncio.wait_for(reached.wait(), MOST_SECONDS)
                running.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await running
            report = await answer(context(gateway.run(store)))
        bodies = Counter(json.dumps(request.body, sort_keys=True) for request in server.requests)
    assert max(bodies.values()) == 1
    assert server.calls == len(requests)
    assert [as_built_in(one) for one in report.accounts] == [as_built_in(one) for one in undisturbed.accounts]


async def test_a_second_run_over_the_same_payload_makes_no_call_at_all() -> None:
    store = MemoryAnswers()
    with ModelServer(honest) as server:
        config = settings(server.url)
        first = await report_of(config, store)
        calls = server.calls
        second = await report_of(config, store)
    assert server.calls == calls == first.engine.llm_calls
    assert (second.engine.llm_calls, second.engine.cost_usd) == (0, 0)
    assert second.engine.reused_answers == calls
    assert second.engine.model_names == ["openai:test-model"]


# --- The adjustment ----------------------------------------------------------------------------------------------


def adjusts(by: float) -> Answer:
    def assessment(request: Request) -> Reply:
        made: Any = honest_model.assessment(asked(request))
        drivers = made["findings"][0]["refs"]
        made |= {"adjustment": by, "adjustment_because": "It weighs otherwise.", "adjustment_refs": drivers}
        return Reply(json.dumps(made))

    return by_schema({"Assessment": assessment}, default=honest)


def log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


@pytest.mark.parametrize("by", [-10, -2.0, -0.31, -0.3, -0.1, 0, 0.05, 0.3, 0.31, 5, 10])
async def test_the_model_moves_a_probability_within_its_bound_and_never_over_the_edge(
    by_model: tuple[ChurnReport, list[Request]], by: float
) -> None:
    computed = {account.account_id: account for account in by_model[0].accounts}
    with ModelServer(adjusts(by)) as server:
        report = await report_of(settings(server.url))
    assert set(ids(report)) == set(computed)
    for account in report.accounts:
        before = computed[account.account_id]
        assert account.computed_probability == pytest.approx(before.churn_probability)
        assert abs(account.model_adjustment) <= 0.3 + 1e-9
        assert account.model_adjustment * by >= 0
        at_risk = account.churn_probability >= 0.30
        assert at_risk == (before.churn_probability >= 0.30)
        assert (account.renewal_risk >= 0.30) == (before.renewal_risk >= 0.30)
        told = account.base_log_odds + sum(driver.contribution for driver in account.drivers)
        assert told == pytest.approx(log_odds(account.churn_probability), abs=2e-3)
        assert account.interval.low <= account.churn_probability <= account.interval.high
        applied = [driver for driver in account.drivers if driver.signal == ADJUSTMENT]
        assert len(applied) == (account.model_adjustment != 0)
        if abs(by) > 0.3:
            assert account.model_adjustment == 0
            assert account.review.needed
            assert "disagrees strongly" in account.review.reason
    order = [account.churn_probability for account in report.accounts if not account.early_warning]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize("answer_text", ["NaN", "1e999", "Infinity", '"0.2"', "null", "11"])
async def test_an_adjustment_that_is_no_sensible_number_is_refused(by_rules: ChurnReport, answer_text: str) -> None:
    def assessment(request: Request) -> Reply:
        made = json.dumps(honest_model.assessment(asked(request)))
        return Reply(made.replace('"adjustment": 0', f'"adjustment": {answer_text}'))

    with ModelServer(by_schema({"Assessment": assessment}, default=honest)) as server:
        report = await report_of(settings(server.url))
    assert_sound(report, by_rules)
    assert all(account.model_adjustment == 0 or answer_text == '"0.2"' for account in report.accounts)
    assert "reason" in {line.step for line in report.engine.degraded}


async def test_an_adjustment_without_a_reason_is_refused(by_rules: ChurnReport) -> None:
    def assessment(request: Request) -> Reply:
        made: Any = honest_model.assessment(asked(request))
        return Reply(json.dumps({**made, "adjustment": 0.2}))

    with ModelServer(by_schema({"Assessment": assessment}, default=honest)) as server:
        report = await report_of(settings(server.url))
    assert all(account.model_adjustment == 0 for account in report.accounts)
    assert any("needs a reason" in line.reason for line in report.engine.degraded)


async def test_readers_that_disagree_on_leaving_call_for_a_person(by_model: tuple[ChurnReport, list[Request]]) -> None:
    # The honest model hears nobody leaving; the built-in reader does.
    disputed = [account for account in by_model[0].accounts if account.review.needed]
    assert disputed
    assert all("ticket" in account.review.reason for account in disputed)
    assert all(account.churn_probability > 0 for account in disputed)

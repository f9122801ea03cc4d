"""The model engine against aimock, a mock of OpenAI's server that others wrote: form, stream, usage, cost and faults."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app.main import create_app
from app.settings import load_settings
from chains.churn.config import ChurnConfig
from chains.churn.graph import ChurnAnswers
from chains.churn.schema import FLAGSHIP_QUESTION, ChurnReport
from chains.context import RunContext
from chains.models import MemoryAnswers, ModelGateway, ModelsConfig, Route, RouteFinding
from chains.models.config import STEPS
from connectors.sample import organisation
from connectors.shim.serving import served
from prompts.loader import load_prompt
from tests.honest_model import honest
from tests.integration.conftest import TODAY, fixed_clock
from tests.model_server import ModelServer, Request

AIMOCK = Path(__file__).parent / "aimock"
KEY = "key-of-the-mock"
MODEL = "openai:baton-mock"
CHAT = "/v1/chat/completions"
PRICES = {"input_usd": 2.5, "output_usd": 10.0}
_NPM = shutil.which("npm")

ASKED = ("read_tickets", "reason", "write_email")
"""The steps that the rule-made model answers."""

UNASKED: dict[str, list[str]] = {step: [] for step in STEPS if step not in ASKED}
BY_STEP = {step: {"systemMessage": load_prompt(f"churn/{step}.md").system} for step in ASKED}
ERROR = {"message": "the mock was told to fail", "type": "server_error"}

Fixture = dict[str, Any]

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(_NPM is None, reason="npm is not installed; CI has it"),
]


@dataclass(frozen=True)
class Aimock:
    """A running aimock, told what to say by its control interface; the fixture taught first wins."""

    client: httpx.Client

    @property
    def base_url(self) -> str:
        """Where it speaks OpenAI's API."""
        return str(self.client.base_url).rstrip("/") + "/v1"

    def forget(self) -> None:
        """Drop every fixture and what was asked."""
        self.client.post("/__aimock/reset").raise_for_status()

    def teach(self, fixtures: Sequence[Fixture]) -> None:
        """Add fixtures after those that are there."""
        answer = self.client.post("/__aimock/fixtures", json={"fixtures": list(fixtures)})
        assert answer.status_code == 200, answer.text

    def journal(self) -> list[dict[str, Any]]:
        """Every chat request it served, with the fixture that answered."""
        entries: list[dict[str, Any]] = self.client.get("/__aimock/journal", params={"path": CHAT}).json()
        return entries


@dataclass(frozen=True)
class Recording:
    """The flagship answer with a model's true answers, and those answers as fixtures."""

    payload: Mapping[str, Any]
    report: ChurnReport
    requests: Sequence[Request]
    fixtures: Sequence[Fixture]


@pytest.fixture(scope="module")
def recording() -> Recording:
    """The flagship question over the whole sample organisation."""
    return _recorded(organisation(TODAY).payload())


@pytest.fixture(scope="module")
def few(recording: Recording) -> Recording:
    """The flagship question over four of the accounts that it lists."""
    listed = {account.account_id for account in recording.report.accounts[:4]}
    accounts = [account for account in recording.payload["accounts"] if account["account_id"] in listed]
    return _recorded({**recording.payload, "accounts": accounts})


@pytest.fixture(scope="module")
def process() -> Iterator[str]:
    """The address of aimock's own command, started once."""
    if not (AIMOCK / "node_modules").exists():
        subprocess.run([str(_NPM), "ci", "--silent", "--no-audit", "--no-fund"], cwd=AIMOCK, check=True, timeout=180)
    # The CommonJS build runs on Debian 12's Node.js 18 too; the other needs a `crc32` that came with 20.15.
    program = AIMOCK / "node_modules/@copilotkit/aimock/dist/aimock-cli.cjs"
    running = subprocess.Popen(
        ["node", str(program), "--config", "aimock.json"],
        cwd=AIMOCK,
        env={name: value for name, value in os.environ.items() if not name.startswith("AIMOCK_")},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        line = next((line for line in running.stdout if "listening on" in line), "")
        assert line, "aimock did not start"
        yield line.rsplit(" ", 1)[1].strip()
    finally:
        running.terminate()
        try:
            running.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()


@pytest.fixture
def aimock(process: str) -> Iterator[Aimock]:
    """aimock without any fixture; what is asked of it and not taught is a 503."""
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=process, headers=headers, timeout=30, trust_env=False) as client:
        mock = Aimock(client)
        mock.forget()
        yield mock


def _recorded(payload: Mapping[str, Any], **engine: Any) -> Recording:
    """The flagship question asked of the rule-made model."""
    with ModelServer(honest) as server:
        report = asyncio.run(_asked(_engine(server.url, **engine), payload))
        requests = list(server.requests)
    assert report.engine.degraded == []
    assert all(len(request.messages) == 2 for request in requests)
    return Recording(payload, report, requests, [_taught(request) for request in requests])


def _taught(request: Request) -> Fixture:
    """The true answer to one request as aimock's fixture, with a usage of its own."""
    answer = honest(request)
    return {
        "match": {"userMessage": request.user, "responseFormat": "json_schema"},
        "response": {
            "content": json.loads(answer.text),
            "usage": {"prompt_tokens": 700 + request.number, "completion_tokens": 90 + 3 * request.number},
        },
    }


def _as_tool_call(request: Request) -> Fixture:
    """The true answer to one request as a call of the function that carries its form."""
    call = {"name": request.schema_name, "arguments": json.loads(honest(request).text)}
    return {
        "match": {"userMessage": request.user, "toolName": request.schema_name},
        "response": {"toolCalls": [call], "usage": {"prompt_tokens": 800, "completion_tokens": 60}},
    }


def _error(match: Mapping[str, Any], status: int) -> Fixture:
    return {"match": dict(match), "response": {"error": ERROR, "status": status}}


def _route(base_url: str, **options: Any) -> Route:
    return Route(**{"model": MODEL, "base_url": base_url, "api_key": SecretStr(KEY), **PRICES, **options})


def _engine(
    base_url: str,
    *,
    also: Mapping[str, Route] | None = None,
    steps: Mapping[str, list[str]] | None = None,
    attempts: int = 3,
    **options: Any,
) -> ModelsConfig:
    """The route `main` with these options for every step that the rule-made model answers; other routes besides."""
    routes = {"main": _route(base_url, **options), **(also or {})}
    return ModelsConfig(routes=routes, default=["main"], steps={**UNASKED, **(steps or {})}, attempts=attempts)


async def _asked(config: ModelsConfig, payload: Mapping[str, Any]) -> ChurnReport:
    """The flagship question over the payload."""
    request = {
        "question": FLAGSHIP_QUESTION,
        "payload": payload,
        "as_of": TODAY.isoformat(),
        "warnings": (),
    }
    async with ModelGateway(config) as gateway:
        models = gateway.run(MemoryAnswers())
        run = RunContext(run_id="run_1", thread_id="", correlation_id="", today=TODAY, models=models)
        return await ChurnAnswers(None, ChurnConfig())(request, run, thread_key="t")


def _ask(aimock: Aimock, recording: Recording, **more: Any) -> ChurnReport:
    """The recorded question once more, with aimock as the model."""
    return asyncio.run(_asked(_engine(aimock.base_url, **more), recording.payload))


async def _probed(config: ModelsConfig) -> list[RouteFinding]:
    async with ModelGateway(config) as gateway:
        return await gateway.probe()


def _invoked(client: httpx.Client) -> ChurnReport:
    """The flagship answer of a running service, over its own sample organisation."""
    answer = client.post("/churn/invoke", json={"input": {"question": FLAGSHIP_QUESTION}})
    assert answer.status_code == 200, answer.text
    return ChurnReport.model_validate(answer.json()["output"])


def _content(report: ChurnReport) -> dict[str, Any]:
    """The report without what a run has of its own."""
    return report.model_dump(exclude={"engine", "timings"})


def _told(report: ChurnReport) -> list[tuple[object, ...]]:
    """What the reader sees of each account; a run numbers persons in the order it meets them."""
    return [
        (
            account.account_id,
            account.churn_probability,
            account.reasoning,
            account.next_steps,
            account.draft.written_by,
            account.draft.status,
            re.sub(r"_\d+\.", ".", account.draft.body),
        )
        for account in report.accounts
    ]


def _tokens(entries: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Input and output tokens that aimock reported, summed over its journal."""
    usages = [
        entry["response"]["fixture"]["response"]["usage"] for entry in entries if entry["response"]["status"] == 200
    ]
    return sum(usage["prompt_tokens"] for usage in usages), sum(usage["completion_tokens"] for usage in usages)


def _step_of(entry: Mapping[str, Any]) -> str:
    """The step whose prompt a request carries."""
    system = entry["body"]["messages"][0]["content"]
    return next(step for step, match in BY_STEP.items() if match["systemMessage"] in system)


def _writers(report: ChurnReport) -> Counter[str]:
    return Counter(account.draft.written_by for account in report.accounts)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_the_flagship_answer_is_the_same_whole_and_streamed_and_its_bill_is_the_servers(
    aimock: Aimock, recording: Recording, stream: bool
) -> None:
    aimock.teach(recording.fixtures)
    report = _ask(aimock, recording, stream=stream)
    entries, engine = aimock.journal(), report.engine
    assert _content(report) == _content(recording.report)
    assert engine.degraded == []
    assert (engine.assessor, engine.writer, engine.model_names) == ("model", "model", [MODEL])
    assert engine.llm_calls == len(entries) == len(recording.requests)
    assert (engine.input_tokens, engine.output_tokens) == _tokens(entries)
    assert engine.cost_usd == pytest.approx((engine.input_tokens * 2.5 + engine.output_tokens * 10) / 1e6, abs=1e-6)
    assert {entry["body"].get("stream", False) for entry in entries} == {stream}
    assert {entry["body"]["response_format"]["json_schema"]["strict"] for entry in entries} == {True}


def test_what_a_model_thinks_aloud_is_no_part_of_its_answer(aimock: Aimock, few: Recording) -> None:
    thinking = "First {I} weigh: the outage. Then I write."
    aimock.teach([{**one, "response": {**one["response"], "reasoning": thinking}} for one in few.fixtures])
    report = _ask(aimock, few, stream=True)
    assert report.engine.degraded == []
    assert _content(report) == _content(few.report)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_server_without_json_schema_is_asked_by_function_calling(
    aimock: Aimock, few: Recording, stream: bool
) -> None:
    aimock.teach([_error({"responseFormat": "json_schema"}, 400), *map(_as_tool_call, few.requests)])
    report = _ask(aimock, few, stream=stream)
    entries, engine = aimock.journal(), report.engine
    assert _content(report) == _content(few.report)
    assert engine.degraded == []
    assert Counter(entry["response"]["status"] for entry in entries) == {400: 1, 200: len(few.requests)}
    assert (engine.input_tokens, engine.output_tokens) == _tokens(entries)


def test_the_service_asks_the_server_that_two_variables_name_and_keeps_its_answers(
    aimock: Aimock, recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aimock.teach(recording.fixtures)
    monkeypatch.setenv("BATON_LLM_BASE_URL", aimock.base_url)
    monkeypatch.setenv("BATON_LLM_MODEL", MODEL)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("BATON_MODELS__STEPS", json.dumps(UNASKED))
    settings = load_settings(data_dir=tmp_path, port=0)
    with (
        served(create_app(settings, clock=fixed_clock)) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        first, second = (_invoked(client) for _ in range(2))
    assert first.engine.degraded == []
    assert (first.engine.llm_calls, first.engine.reused_answers) == (len(recording.requests), 0)
    assert (second.engine.llm_calls, second.engine.reused_answers) == (0, len(recording.requests))
    assert len(aimock.journal()) == len(recording.requests)
    assert _told(first) == _told(second) == _told(recording.report)


def test_a_probe_says_which_way_of_structuring_answers_the_server_knows(aimock: Aimock) -> None:
    aimock.teach([{"match": {"userMessage": "Are you there?"}, "response": {"content": {"word": "ready"}}}])
    (finding,) = asyncio.run(_probed(_engine(aimock.base_url)))
    assert (finding.ok, finding.method) == (True, "json_schema")


def test_a_wrong_key_is_said_once_for_each_step_and_the_rules_answer(aimock: Aimock, few: Recording) -> None:
    aimock.teach(few.fixtures)
    report = _ask(aimock, few, api_key=SecretStr("another-key"))
    assert aimock.journal() == []
    assert _writers(report) == {"rules": len(report.accounts)}
    assert [line.step for line in report.engine.degraded] == list(BY_STEP)
    assert all("refused the key (401)" in line.reason for line in report.engine.degraded)


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        pytest.param("read_tickets", {"response": {"error": ERROR, "status": 429, "retryAfter": 1}}, id="429"),
        pytest.param("reason", {"response": {"error": ERROR, "status": 500}}, id="500"),
        pytest.param("write_email", {"response": {"content": "{}"}, "chaos": {"disconnectRate": 1}}, id="no answer"),
        pytest.param("reason", {"response": {"content": "{" * 200}, "truncateAfterChunks": 3}, id="cut in mid-stream"),
    ],
)
def test_a_server_that_fails_once_is_asked_again(aimock: Aimock, few: Recording, step: str, fault: Fixture) -> None:
    aimock.teach([{"match": {**BY_STEP[step], "sequenceIndex": 0}, **fault}, *few.fixtures])
    report = _ask(aimock, few, stream="truncateAfterChunks" in fault)
    assert len(aimock.journal()) == len(few.requests) + 1
    assert report.engine.degraded == []
    assert report.engine.llm_calls == len(few.requests)
    assert _content(report) == _content(few.report)


@pytest.mark.parametrize("step", BY_STEP)
def test_a_step_that_always_fails_is_done_by_the_rules_and_the_others_by_the_model(
    aimock: Aimock, recording: Recording, step: str
) -> None:
    without = _recorded(recording.payload, steps={step: []})
    aimock.teach([_error(BY_STEP[step], 500), *without.fixtures])
    report = _ask(aimock, without, attempts=2)
    answered = {_step_of(entry) for entry in aimock.journal() if entry["response"]["status"] == 200}
    assert {(line.step, line.reason) for line in report.engine.degraded} == {(step, "the server failed (500)")}
    assert answered == set(BY_STEP) - {step}
    assert _told(report) == _told(without.report)


FOR_GOOD = [
    pytest.param({"error": ERROR, "status": 429, "retryAfter": 3600}, {}, "(429)", id="429 for an hour"),
    pytest.param({"error": ERROR, "status": 404}, {}, "no such model", id="404"),
    pytest.param({"content": "{"}, {"chaos": {"malformedRate": 1}}, "could not be read", id="malformed body"),
    pytest.param({"content": "{"}, {"chaos": {"disconnectRate": 1}}, "connection", id="disconnected"),
    pytest.param({"content": '{"subject":', "finishReason": "length"}, {}, "cut off", id="cut off at its length"),
    pytest.param({"content": "Of course! Here is the mail:"}, {}, "not the JSON object", id="prose"),
    pytest.param({"content": {"subject": "Hi", "body": "Hi"}}, {}, "does not fit its form", id="another form"),
    pytest.param({"content": " "}, {}, "is empty", id="nothing"),
    pytest.param({"content": " ", "finishReason": "content_filter"}, {}, "content filter", id="filtered"),
]


@pytest.mark.parametrize(("response", "options", "reason"), FOR_GOOD)
def test_mails_that_the_model_never_gives_are_written_by_the_rules_and_the_report_says_why(
    aimock: Aimock, few: Recording, response: Mapping[str, Any], options: Mapping[str, Any], reason: str
) -> None:
    aimock.teach([{"match": BY_STEP["write_email"], "response": response, **options}, *few.fixtures])
    report = _ask(aimock, few, attempts=1)
    _assert_rules_wrote(report, few, reason)


def test_a_stream_that_always_breaks_leaves_the_mails_to_the_rules(aimock: Aimock, few: Recording) -> None:
    cut = {
        "match": BY_STEP["write_email"],
        "response": {"content": '{"subject": "' + "x" * 200},
        "truncateAfterChunks": 4,
    }
    aimock.teach([cut, *few.fixtures])
    report = _ask(aimock, few, stream=True, attempts=1)
    broken = [entry for entry in aimock.journal() if entry["response"].get("interrupted")]
    assert {entry["response"]["interruptReason"] for entry in broken} == {"truncateAfterChunks"}
    _assert_rules_wrote(report, few, "connection")


@pytest.mark.parametrize("chain", [["slow"], ["slow", "main"]], ids=["alone", "with a second route"])
def test_a_server_slower_than_its_timeout_gives_way_to_the_next_route_then_to_the_rules(
    aimock: Aimock, few: Recording, chain: list[str]
) -> None:
    slow = {
        "match": {**BY_STEP["write_email"], "model": "slow-mock"},
        "response": {"content": "{}"},
        "chaos": {"latencyMs": 20_000},
    }
    aimock.teach([slow, *few.fixtures])
    route = _route(aimock.base_url, model="openai:slow-mock", method="json_schema", timeout_seconds=0.3)
    report = _ask(aimock, few, also={"slow": route}, steps={"write_email": chain}, attempts=1)
    if chain == ["slow"]:
        _assert_rules_wrote(report, few, "did not answer in time")
    else:
        assert report.engine.degraded == []
        assert report.warnings == [
            "write_email: route slow: the server did not answer in time; route main answered instead."
        ]
        assert _content(report.model_copy(update={"warnings": []})) == _content(few.report)


def test_each_route_is_billed_at_its_own_price(aimock: Aimock, few: Recording) -> None:
    aimock.teach(few.fixtures)
    small = _route(aimock.base_url, model="openai:small-mock", input_usd=0.25, output_usd=1.0)
    report = _ask(aimock, few, also={"small": small}, steps={"read_tickets": ["small"]})
    entries = aimock.journal()
    small_in, small_out = _tokens([entry for entry in entries if entry["body"]["model"] == "small-mock"])
    main_in, main_out = _tokens([entry for entry in entries if entry["body"]["model"] == "baton-mock"])
    expected = (small_in * 0.25 + small_out * 1 + main_in * 2.5 + main_out * 10) / 1e6
    assert small_in and main_in
    assert report.engine.model_names == ["openai:small-mock", MODEL]
    assert report.engine.cost_usd == pytest.approx(expected, abs=1e-6)


def test_an_answer_out_of_form_is_mended_at_the_second_try(aimock: Aimock, few: Recording) -> None:
    at = next(index for index, request in enumerate(few.requests) if request.schema_name == "Email")
    match, response = few.fixtures[at]["match"], few.fixtures[at]["response"]
    prose = {"match": {**match, "turnIndex": 0}, "response": {"content": "Here is the mail you asked for."}}
    mended = {"match": {**BY_STEP["write_email"], "turnIndex": 1}, "response": response}
    aimock.teach([prose, mended, *few.fixtures])
    report = _ask(aimock, few)
    roles = [[message["role"] for message in entry["body"]["messages"]] for entry in aimock.journal()]
    assert roles.count(["system", "user", "assistant", "user"]) == 1
    assert report.engine.degraded == []
    assert report.engine.llm_calls == len(few.requests) + 1
    assert _content(report)["accounts"] == _content(few.report)["accounts"]


def _assert_rules_wrote(report: ChurnReport, recording: Recording, reason: str) -> None:
    """Every mail is the built-in writer's and may be approved; all else is the model's."""
    degraded = report.engine.degraded
    assert {line.step for line in degraded} == {"write_email"}
    assert all(reason in line.reason for line in degraded), degraded
    assert report.engine.assessor == "model"
    assert [account.reasoning for account in report.accounts] == [one.reasoning for one in recording.report.accounts]
    assert _writers(report) == {"rules": len(report.accounts)}
    assert {account.draft.status for account in report.accounts} == {"awaiting_approval"}

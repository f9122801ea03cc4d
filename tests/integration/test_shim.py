import asyncio
import dataclasses
import datetime as dt
import json
import logging
import socketserver
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, Response, StreamingResponse

from connectors.payload import read_payload
from connectors.ports import Connector, Read, Row, SourceContext
from connectors.shim.demo_systems import demo_systems
from connectors.shim.masking_rules import MaskingRules
from connectors.shim.serving import served
from connectors.shim.settings import LimitSettings, ServiceSettings, ShimSettings, TimeSettings
from tests.shim_stage import (
    PERSON_VALUES,
    QUESTION,
    REPORT,
    Stage,
    StubService,
    problem,
    run_document,
    settings_for,
    staged,
    with_source,
)

KEPT_ALL = MaskingRules({})


@pytest.fixture
def stub() -> StubService:
    return StubService()


@pytest.fixture
def service_url(stub: StubService) -> Iterator[str]:
    with served(stub.app) as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, service_url: str) -> ShimSettings:
    return settings_for(tmp_path, service_url)


@pytest.fixture
def stage(settings: ShimSettings) -> Iterator[Stage]:
    with staged(settings) as stage:
        yield stage


def test_shim_sends_the_sample_organisations_joined_truth(tmp_path: Path, service_url: str, stub: StubService) -> None:
    with demo_systems(tmp_path / "systems", dt.date(2026, 11, 20), page_size=300) as systems:
        settings = settings_for(tmp_path, service_url, sources=systems.sources(), masking=KEPT_ALL)
        with staged(settings) as stage:
            assert stage.ask().status_code == 200
        truth = {account.account_id: account for account in systems.organisation.accounts}
    result = read_payload(stub.asked[0]["input"]["payload"])
    assert (result.rejected, result.findings) == ((), ())
    sent = {account.account_id: account for account in result.payload.accounts}
    assert sent.keys() == truth.keys()
    assert not [key for key, account in sent.items() if account != truth[key]]
    assert [source.kind for source in result.payload.sources] == ["crm", "usage", "billing", "survey"]


def test_shim_asks_for_a_run_and_answers_with_its_report(stage: Stage, stub: StubService) -> None:
    answer = stage.ask({"question": QUESTION, "thread_id": "t-1"}, headers={"X-Correlation-Id": "flow-7"})
    (sent,) = stub.asked
    assert (sent["thread_id"], sent["input"]["question"], sent["input"]["as_of"]) == ("t-1", QUESTION, "2026-11-20")
    assert 0 <= sent["wait_seconds"] <= 8
    body = answer.json()
    assert {name: body[name] for name in body if name != "report"} == {
        "status": "succeeded",
        "run_id": "run_1",
        "thread_id": "t-1",
        "correlation_id": "flow-7",
    }
    assert body["report"]["thread_id"] == "t-1"
    assert stub.headers[0]["x-correlation-id"] == answer.headers["x-correlation-id"] == "flow-7"


def test_shim_makes_a_correlation_id_when_the_callers_is_not_sane(stage: Stage, stub: StubService) -> None:
    response = stage.ask(headers={"X-Correlation-Id": "a b<script>"})
    made = response.headers["x-correlation-id"]
    assert made == stub.headers[0]["x-correlation-id"] == response.json()["correlation_id"]
    assert "script" not in made


def test_shim_forwards_the_callers_token_or_sends_its_own(
    stage: Stage, settings: ShimSettings, stub: StubService
) -> None:
    token = stage.token()
    stage.ask(token=token)
    own = dataclasses.replace(settings, service=dataclasses.replace(settings.service, own_token="own"))
    with staged(own) as other:
        other.ask()
    assert [headers["authorization"] for headers in stub.headers] == [f"Bearer {token}", "Bearer own"]


def test_shim_lets_no_personal_value_out_and_puts_them_into_the_answer(stage: Stage, stub: StubService) -> None:
    answer = stage.ask().json()["report"]
    sent = stub.bodies[0].decode()
    assert not [value for value in PERSON_VALUES if value in sent]
    assert "Please call [[person]] at [[phone]] or [[email]]." in sent
    assert answer["accounts"][0]["draft"]["body"] == "Dear Malte,\nImke Sandow"
    assert answer["warnings"] == []


def test_shim_leaves_placeholders_to_callers_who_may_not_see_persons(stage: Stage) -> None:
    answer = stage.ask(token=stage.token("churn:run"))
    assert answer.json()["report"]["accounts"] == REPORT["accounts"]
    assert not [value for value in PERSON_VALUES if value in answer.text]


def test_shim_sends_no_payload_with_a_follow_up_and_reads_persons_alone(
    settings: ShimSettings, stub: StubService, tmp_path: Path
) -> None:
    for name in ("usage/weeks.csv", "billing/invoices.csv", "crm/tickets.csv"):
        (tmp_path / name).unlink()
    with staged(settings) as stage:
        answer = stage.ask({"question": "only in December", "thread_id": "t-1", "reuse_payload": True}).json()
    assert stub.asked[0]["input"] == {"question": "only in December", "payload": {"schema_version": ""}, "as_of": ""}
    assert answer["report"]["accounts"][0]["draft"]["body"] == "Dear Malte,\nImke Sandow"
    assert (answer["thread_id"], answer["report"]["warnings"]) == ("t-1", [])


def test_shim_says_which_persons_could_not_be_filled_in(stage: Stage, tmp_path: Path) -> None:
    contacts = tmp_path / "crm/contacts.csv"
    contacts.write_text("\n".join(line for line in contacts.read_text().splitlines() if not line.startswith("c1")))
    report = stage.ask().json()["report"]
    assert "[[contact_1.first_name]]" in report["accounts"][0]["draft"]["body"]
    assert report["warnings"] == ["1 personal values could not be filled in and stand as placeholders."]


def test_shim_answers_without_a_source_that_is_down_and_says_so(
    settings: ShimSettings, stub: StubService, tmp_path: Path
) -> None:
    (tmp_path / "billing/invoices.csv").unlink()
    with staged(settings) as stage:
        response = stage.ask()
    report = response.json()["report"]
    assert response.status_code == 200
    payload = stub.asked[0]["input"]["payload"]
    assert [source["kind"] for source in payload["sources"]] == ["crm", "usage"]
    assert not any(account.get("invoices") for account in payload["accounts"])
    assert [q["scope"] for q in report["data_quality"] if q["severity"] == "error"] == ["billing"]
    assert "billing" in report["warnings"][0]


class Hanging:
    """A source that never answers, until the test ends."""

    def __init__(self, over: threading.Event) -> None:
        self._over = over

    def rows(self, _read: Read) -> Iterator[Row]:
        self._over.wait(60)
        return iter(())

    def extracted_at(self) -> dt.datetime | None:
        return None

    def where(self) -> str:
        return "nowhere"

    def close(self) -> None:
        return None


@pytest.fixture
def hanging() -> Iterator[Connector]:
    over = threading.Event()

    def opened(_settings: Any, _context: SourceContext) -> Hanging:
        return Hanging(over)

    yield Connector("hanging", dict, opened)
    over.set()


def test_shim_waits_no_longer_for_a_source_than_it_is_told(
    settings: ShimSettings, stub: StubService, hanging: Connector
) -> None:
    slow = with_source(settings, "billing", lambda source: dataclasses.replace(source, connector=hanging))
    slow = dataclasses.replace(slow, time=TimeSettings(source_seconds=0.5))
    with staged(slow) as stage:
        report = stage.ask().json()["report"]
    assert [q["scope"] for q in report["data_quality"]] == ["billing"]
    assert len(stub.asked[0]["input"]["payload"]["accounts"]) == 2


def test_shim_has_nothing_to_say_without_the_accounts(
    settings: ShimSettings, stub: StubService, hanging: Connector, tmp_path: Path
) -> None:
    silent = with_source(settings, "crm", lambda source: dataclasses.replace(source, connector=hanging))
    with staged(dataclasses.replace(silent, time=TimeSettings(source_seconds=0.3))) as stage:
        response = stage.ask()
    assert (response.status_code, problem(response)["code"]) == (503, "accounts_unavailable")
    assert int(response.headers["retry-after"]) > 0
    (tmp_path / "crm/accounts.csv").write_text("Something,Else\n1,2\n")
    with staged(settings) as stage:
        response = stage.ask()
    assert (response.status_code, problem(response)["code"]) == (502, "accounts_refused")
    assert stub.bodies == []


def test_shim_sends_the_same_bytes_again_until_the_service_answers(stage: Stage, stub: StubService) -> None:
    stub.then({}, 503, **{"retry-after": "0"})
    stub.answers.append(lambda: Response(status_code=502))
    assert stage.ask().status_code == 200
    assert len(stub.bodies) == 3
    assert len(set(stub.bodies)) == 1
    assert len({headers["idempotency-key"] for headers in stub.headers}) == 1


def test_shim_derives_the_services_key_from_the_callers(stage: Stage, stub: StubService) -> None:
    stage.ask(headers={"Idempotency-Key": "k"})
    stage.ask(token=stage.token(subject="another"), headers={"Idempotency-Key": "k"})
    stage.ask()
    keys = [headers["idempotency-key"] for headers in stub.headers]
    assert len(set(keys)) == 3
    assert "k" not in keys


def test_shim_answers_a_repeated_key_from_the_run_it_began(stage: Stage, stub: StubService, tmp_path: Path) -> None:
    headers = {"Idempotency-Key": "k"}
    first = stage.ask(headers=headers).json()
    (tmp_path / "crm/accounts.csv").write_text((tmp_path / "crm/accounts.csv").read_text().replace("EMEA", "APAC"))
    assert stage.ask(headers=headers).json()["report"] == first["report"]
    assert stub.calls == ["POST /v1/churn/runs", "GET /v1/runs/run_1"]
    other = stage.ask({"question": "another"}, headers=headers)
    assert (other.status_code, problem(other)["code"]) == (409, "idempotency_mismatch")


def test_shim_frees_a_key_whose_question_never_became_a_run(stage: Stage, stub: StubService) -> None:
    stub.then({"code": "bad", "detail": "d"}, 422)
    headers = {"Idempotency-Key": "k"}
    assert [stage.ask(headers=headers).status_code for _ in range(2)] == [422, 200]


def test_shim_polls_until_the_run_has_ended_and_fetches_a_large_report(stage: Stage, stub: StubService) -> None:
    stub.then(run_document("queued"), 202)
    stub.then(run_document("running"))
    stub.then({**run_document(), "result": None, "result_omitted": True})
    answer = stage.ask()
    assert answer.status_code == 200
    assert answer.json()["report"]["summary"] == "Done."
    assert stub.calls == [
        "POST /v1/churn/runs",
        "GET /v1/runs/run_1",
        "GET /v1/runs/run_1",
        "GET /v1/runs/run_1/report",
    ]


def test_shim_says_where_to_ask_when_a_run_takes_longer_than_the_caller_waits(
    settings: ShimSettings, stub: StubService, tmp_path: Path
) -> None:
    (tmp_path / "billing/invoices.csv").unlink()
    stub.answers += [lambda: JSONResponse(run_document("running", retry_after_seconds=2), 202)]
    with staged(dataclasses.replace(settings, time=TimeSettings(total_seconds=1.0))) as stage:
        waiting = stage.ask({"question": QUESTION, "thread_id": "t-1"})
        assert (waiting.status_code, waiting.headers["retry-after"]) == (202, "2")
        body = waiting.json()
        assert (body["status"], body["status_url"], body["thread_id"]) == ("running", "/runs/run_1", "t-1")
        others = stage.call("GET", body["status_url"], headers=stage.bearer(subject="another"))
        assert others.status_code == 404
        answer = stage.call("GET", body["status_url"], headers=stage.bearer())
    report = answer.json()["report"]
    assert answer.json()["thread_id"] == "t-1"
    assert report["accounts"][0]["draft"]["body"] == "Dear Malte,\nImke Sandow"
    assert [q["scope"] for q in report["data_quality"]] == ["billing"]


def test_shim_with_a_token_of_its_own_tells_nobody_of_runs_it_does_not_know(
    settings: ShimSettings, stub: StubService
) -> None:
    own = dataclasses.replace(settings, service=dataclasses.replace(settings.service, own_token="own"))
    with staged(own) as stage:
        response = stage.call("GET", "/runs/run_1", headers=stage.bearer())
    assert (response.status_code, stub.calls) == (404, [])


def test_shim_with_a_token_of_its_own_keeps_callers_apart_and_to_their_regions(
    settings: ShimSettings, stub: StubService
) -> None:
    own = dataclasses.replace(settings, service=dataclasses.replace(settings.service, own_token="own"))
    question = {"question": QUESTION, "thread_id": "t-1"}
    with staged(own) as stage:
        answers = [
            stage.ask(question, token=stage.token(subject=who, regions=regions)).json()
            for who, regions in (("ines", ()), ("ines", ("emea",)), ("tom", ()), ("ines", ()))
        ]
    threads = [body["thread_id"] for body in stub.asked]
    assert len(set(threads)) == 3
    assert threads[0] == threads[3]
    assert {answer["thread_id"] for answer in answers} == {"t-1"}
    assert [len(body["input"]["payload"]["accounts"]) for body in stub.asked] == [2, 1, 2, 2]


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected", "code"),
    [
        (422, {}, {"code": "bad", "detail": "d", "errors": [{"pointer": "/p", "message": "m"}]}, 422, "bad"),
        (409, {}, {"code": "payload_purged", "detail": "gone"}, 409, "payload_purged"),
        (401, {}, {"code": "token_expired", "detail": "d"}, 401, "token_expired"),
        (429, {"Retry-After": "17"}, {}, 429, "rate_limited"),
        (503, {"Retry-After": "30"}, {}, 503, "service_unavailable"),
        (500, {}, {"detail": "secret inner text"}, 502, "service_failed"),
        (302, {"Location": "http://127.0.0.1:9/elsewhere"}, {}, 502, "service_redirects"),
        (200, {}, {"nothing": "here"}, 502, "service_answer_unreadable"),
        (200, {}, [1], 502, "service_answer_unreadable"),
        (200, {}, run_document("running", status_url="http://evil.example/v1/runs/run_1"), 502, "service_answer_unreadable"),
        (200, {}, run_document("failed", error={"status": 504, "code": "deadline"}), 504, "service_timeout"),
        (200, {}, run_document("failed", error={"status": 422, "code": "bad", "detail": "d"}), 422, "bad"),
        (200, {}, run_document("cancelled"), 409, "run_cancelled"),
    ],
)  # fmt: skip
def test_shim_turns_the_services_failures_into_its_own(
    stage: Stage, stub: StubService, status: int, headers: dict[str, str], body: Any, expected: int, code: str
) -> None:
    stub.then(body, status, **headers)
    response = stage.ask()
    found = problem(response)
    assert (response.status_code, found["code"]) == (expected, code)
    assert found["errors"] == (body.get("errors", []) if isinstance(body, dict) else [])
    assert "secret" not in response.text


def test_shim_answers_502_to_what_is_no_json(stage: Stage, stub: StubService) -> None:
    stub.answers.append(lambda: Response("<html>", media_type="text/html"))
    assert problem(stage.ask())["code"] == "service_answer_unreadable"


def test_shim_answers_503_with_retry_after_when_the_service_is_down(settings: ShimSettings) -> None:
    with staged(dataclasses.replace(settings, service=ServiceSettings("http://127.0.0.1:9"))) as stage:
        response = stage.ask()
    assert (response.status_code, problem(response)["code"]) == (503, "service_unavailable")
    assert int(response.headers["retry-after"]) > 0


def test_shim_waits_no_longer_for_a_service_that_dribbles(settings: ShimSettings, stub: StubService) -> None:
    async def drops() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.1)

    stub.answers.append(lambda: StreamingResponse(drops()))
    with staged(dataclasses.replace(settings, time=TimeSettings(total_seconds=1.0))) as stage:
        response = stage.ask()
    assert (response.status_code, problem(response)["code"]) == (504, "service_timeout")


@contextmanager
def hanging_up() -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes a request and says nothing."""
    heard: list[bytes] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            heard.append(self.request.recv(1024))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
        server.shutdown()


def test_shim_tries_again_with_a_service_that_hangs_up(settings: ShimSettings) -> None:
    with (
        hanging_up() as (url, heard),
        staged(dataclasses.replace(settings, service=ServiceSettings(url))) as stage,
    ):
        response = stage.ask()
    assert (response.status_code, problem(response)["code"]) == (503, "service_unavailable")
    assert len(heard) == 4


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"question": 42}, "/question"),
        ({"question": " "}, "/question"),
        ({"question": "q", "as_of": "2026-02-30"}, "/as_of"),
        ({"question": "q", "thread_id": "a b"}, "/thread_id"),
        ({"question": "q", "reuse_payload": True}, "/thread_id"),
        ({"question": "q", "reuse_payload": "yes"}, "/reuse_payload"),
        ([1], ""),
    ],
)
def test_shim_points_at_what_it_cannot_read(stage: Stage, body: Any, pointer: str) -> None:
    response = stage.ask(body)
    assert response.status_code == 422
    assert problem(response)["errors"][0]["pointer"] == pointer


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"content": b"{", "headers": JSON}, 422),
        ({"content": b"\xff\xfe", "headers": JSON}, 422),
        ({"content": b'{"question": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "headers": JSON}, 422),
        ({"content": b'{"question": "q", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "headers": JSON}, 422),
        ({"content": b'{"question": "q"}', "headers": {"Content-Type": "text/plain"}}, 415),
        ({"content": b"\x1f\x8b\x08", "headers": {**JSON, "Content-Encoding": "gzip"}}, 415),
        ({"body": {"question": "q" * 300_000}}, 413),
        ({"headers": {"Host": "evil.example"}}, 403),
        ({"headers": {"Idempotency-Key": "a b"}}, 422),
    ],
    ids=["cut off", "no text", "deep", "deep and unknown", "text", "gzip", "large", "host", "key"],
)  # fmt: skip
def test_shim_refuses_other_bodies_and_hosts(
    stage: Stage, stub: StubService, options: dict[str, Any], status: int
) -> None:
    response = stage.ask(**options)
    assert response.status_code == status
    problem(response)
    assert stub.bodies == []


def test_shim_reads_no_more_of_a_body_than_a_question_needs(stage: Stage) -> None:
    mebibytes = (b"x" * 1024 * 1024 for _ in range(33))
    with httpx.Client(trust_env=False, timeout=30) as client:
        try:
            status = client.post(f"{stage.url}/ask", content=mebibytes, headers={**JSON, **stage.bearer()}).status_code
        except httpx.TransportError:  # The connection may be cut while the body is still on its way.
            status = 413
    assert status == 413
    assert stage.ask().status_code == 200


def test_shim_asks_for_a_token_that_holds(stage: Stage, stub: StubService, tmp_path: Path) -> None:
    without = stage.call("POST", "/ask", json={"question": QUESTION})
    assert (without.status_code, problem(without)["code"]) == (401, "unauthenticated")
    assert without.headers["www-authenticate"].startswith("Bearer ")
    with staged(settings_for(tmp_path / "other", "http://127.0.0.1:9")) as elsewhere:
        foreign = stage.ask(token=elsewhere.token())
    assert (foreign.status_code, problem(foreign)["code"]) == (401, "token_key_unknown")
    assert 'error="invalid_token"' in foreign.headers["www-authenticate"]
    lacking = stage.ask(token=stage.token("drafts:read"))
    assert (lacking.status_code, problem(lacking)["code"]) == (403, "forbidden")
    assert 'scope="churn:run"' in lacking.headers["www-authenticate"]
    empty = stage.ask(token=stage.token(regions=("",)))
    assert (empty.status_code, problem(empty)["code"]) == (401, "token_claims")
    assert stub.bodies == []


def test_shim_takes_no_token_after_its_time(settings: ShimSettings) -> None:
    now = [time.time()]
    with staged(settings, clock=lambda: now[0]) as stage:
        token = stage.token()
        assert stage.ask(token=token).status_code == 200
        now[0] += 15 * 60 + 61
        assert problem(stage.ask(token=token))["code"] == "token_expired"


def test_shim_lets_each_caller_ask_so_often_a_minute(settings: ShimSettings) -> None:
    with staged(dataclasses.replace(settings, limits=LimitSettings(requests_a_minute=2))) as stage:
        statuses = [stage.ask({}).status_code for _ in range(3)]
        limited = stage.ask()
        other = stage.ask(token=stage.token(subject="another"))
    assert statuses == [422, 422, 429]
    assert problem(limited)["code"] == "rate_limited"
    assert 0 < int(limited.headers["retry-after"]) <= 60
    assert other.status_code == 200


def test_shim_writes_one_line_of_json_for_a_request_without_values_or_tokens(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "billing/invoices.csv").unlink()
    token = stage.token()
    with caplog.at_level(logging.INFO, logger="baton.shim.requests"):
        answer = stage.ask(token=token, headers={"X-Correlation-Id": "flow-7"})
    (line,) = [json.loads(r.getMessage()) for r in caplog.records if r.name == "baton.shim.requests"]
    assert (line["correlation_id"], line["route"], line["status"]) == ("flow-7", "/ask", 200)
    assert (line["subject"], line["client"], line["run_id"]) == ("ines", "demo", "run_1")
    assert line["bytes_out"] == len(answer.content)
    assert line["sources"]["crm"]["rows"] == 5
    assert (line["sources"]["billing"]["failed"], line["sources"]["usage"]["rows"]) == (True, 2)
    assert line["service_ms"] > 0
    assert not [value for value in [*PERSON_VALUES, token, QUESTION] if value in caplog.text]


def test_livez_and_unknown_paths_need_no_token(stage: Stage) -> None:
    alive = stage.call("GET", "/livez", headers={"X-Correlation-Id": "c-1"})
    assert (alive.json(), alive.headers["x-correlation-id"]) == ({"status": "alive"}, "c-1")
    assert problem(stage.call("GET", "/nothing"))["code"] == "not_found"
    assert problem(stage.call("GET", "/ask"))["code"] == "method_not_allowed"


def wait_for(condition: Any) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def hang_up(stage: Stage, **headers: str) -> None:
    """Ask, and leave before the answer."""
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.ReadTimeout):
        client.post(f"{stage.url}/ask", json={"question": QUESTION}, headers={**stage.bearer(), **headers}, timeout=0.7)


def test_shim_gives_a_run_up_when_its_caller_has_gone(stage: Stage, stub: StubService) -> None:
    stub.answers += [lambda: JSONResponse(run_document("running", retry_after_seconds=5), 202)]
    hang_up(stage)
    wait_for(lambda: "POST /v1/runs/run_1/cancel" in stub.calls)


def test_shim_lets_a_run_go_on_when_its_caller_may_come_back_with_the_key(stage: Stage, stub: StubService) -> None:
    stub.answers += [lambda: JSONResponse(run_document("running", retry_after_seconds=5), 202)]
    hang_up(stage, **{"Idempotency-Key": "k"})
    assert stage.ask(headers={"Idempotency-Key": "k"}).status_code == 200
    assert stub.calls == ["POST /v1/churn/runs", "GET /v1/runs/run_1"]

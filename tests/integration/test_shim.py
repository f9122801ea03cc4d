import asyncio
import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.payload import read_payload
from connectors.shim.demo_systems import DemoSystems, demo_systems
from connectors.shim.serving import run, served
from connectors.shim.settings import ShimSettings
from connectors.shim.web import shim_app

AS_OF = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
QUESTION = "Which enterprise customers in EMEA are at risk of churn this quarter?"


class StubService:
    """Stands for the service: keeps what it got, and answers what it is told to."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answer: Callable[[dict[str, Any]], Response] = lambda body: JSONResponse({"output": {"accounts": []}})
        self.app = Starlette(routes=[Route("/churn/invoke", self._invoke, methods=["POST"])])

    async def _invoke(self, request: Request) -> Response:
        body = json.loads(await request.body())
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        return self.answer(body)


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSystems]:
    with demo_systems(tmp_path_factory.mktemp("systems"), AS_OF, page_size=300) as running:
        yield running


@pytest.fixture
def stub() -> StubService:
    return StubService()


@pytest.fixture
def service_url(stub: StubService) -> Iterator[str]:
    with served(stub.app) as url:
        yield url


@pytest.fixture
def settings(systems: DemoSystems, service_url: str) -> ShimSettings:
    return systems.shim_settings(service_url)


def post(settings: ShimSettings, body: Any = None, **options: Any) -> httpx.Response:
    """One request to a shim with these settings, over real loopback HTTP."""
    with served(shim_app(settings, clock=lambda: NOW)) as url, httpx.Client(trust_env=False, timeout=30) as client:
        if body is not None:
            options["json"] = body
        return client.post(f"{url}/ask", **options)


def test_shim_sends_the_joined_truth_account_by_account(
    settings: ShimSettings, stub: StubService, systems: DemoSystems
) -> None:
    response = post(settings, {"question": QUESTION, "thread_id": "t-1"}, headers={"X-Correlation-Id": "flow-7"})
    assert response.status_code == 200
    (body,) = stub.bodies
    result = read_payload(body["input"]["payload"])
    assert (result.rejected, result.findings) == ((), ())
    truth = {account.account_id: account for account in systems.organisation.accounts}
    sent = {account.account_id: account for account in result.payload.accounts}
    assert sent.keys() == truth.keys()
    assert not [key for key, account in sent.items() if account != truth[key]]
    assert [(s.name, s.kind) for s in result.payload.sources] == [
        (s.name, s.kind) for s in systems.organisation.sources
    ]
    assert body["input"]["question"] == QUESTION
    assert body["input"]["as_of"] == body["input"]["payload"]["as_of"] == "2026-11-20"
    assert body["config"] == {"configurable": {"thread_id": "t-1"}}


def test_shim_passes_the_correlation_id_and_the_callers_token_on(settings: ShimSettings, stub: StubService) -> None:
    response = post(
        settings, {"question": QUESTION}, headers={"X-Correlation-Id": "flow-7", "Authorization": "Bearer caller"}
    )
    assert stub.headers[0]["x-correlation-id"] == "flow-7"
    assert stub.headers[0]["authorization"] == "Bearer caller"
    assert response.headers["x-correlation-id"] == response.json()["correlation_id"] == "flow-7"


def test_shim_makes_a_correlation_id_when_the_callers_is_not_sane(settings: ShimSettings, stub: StubService) -> None:
    response = post(settings, {"question": QUESTION}, headers={"X-Correlation-Id": "a b<script>"})
    made = response.headers["x-correlation-id"]
    assert made == stub.headers[0]["x-correlation-id"]
    assert "script" not in made


def test_shim_fills_persons_in_from_the_records_it_read(
    settings: ShimSettings, stub: StubService, systems: DemoSystems
) -> None:
    account = systems.organisation.accounts[0]
    contact, owner = account.contacts[0], account.owner
    assert owner is not None
    places = [
        {
            "placeholder": "[[contact_1.first_name]]",
            "contact_id": contact.contact_id,
            "owner_id": "",
            "field": "first_name",
        },
        {"placeholder": "[[owner_1.name]]", "contact_id": "", "owner_id": owner.owner_id, "field": "name"},
    ]
    draft = {"subject": "A word, [[contact_1.first_name]]", "body": "Dear [[contact_1.first_name]],\n[[owner_1.name]]"}
    report = {"summary": "[[owner_1.name]]", "accounts": [{"draft": draft, "placeholders": places}]}
    stub.answer = lambda body: JSONResponse({"output": report})
    filled = post(settings, {"question": QUESTION}).json()["report"]
    assert filled["accounts"][0]["draft"] == {
        "subject": f"A word, {contact.first_name}",
        "body": f"Dear {contact.first_name},\n{owner.name}",
    }
    assert filled["summary"] == owner.name
    assert filled["accounts"][0]["placeholders"] == places
    assert filled["warnings"] == []


def test_shim_sends_no_payload_with_a_follow_up_and_still_fills_persons(
    settings: ShimSettings, stub: StubService, systems: DemoSystems
) -> None:
    contact = systems.organisation.accounts[0].contacts[0]
    place = {"placeholder": "[[contact_1.email]]", "contact_id": contact.contact_id, "field": "email"}
    stub.answer = lambda body: JSONResponse(
        {"output": {"accounts": [{"reasoning": "[[contact_1.email]]", "placeholders": [place]}], "thread_id": "t-1"}}
    )
    broken = dataclasses.replace(settings, usage_database=Path("/nowhere"), billing_folder=Path("/nowhere"))
    answer = post(broken, {"question": "only in December", "thread_id": "t-1", "reuse_payload": True}).json()
    assert stub.bodies[0]["input"] == {"question": "only in December", "payload": {"schema_version": ""}, "as_of": ""}
    assert answer["report"]["accounts"][0]["reasoning"] == contact.email
    assert answer["report"]["warnings"] == []
    assert answer["thread_id"] == "t-1"


def test_shim_answers_without_a_source_that_is_down_and_says_so(
    settings: ShimSettings, stub: StubService, tmp_path: Path
) -> None:
    response = post(dataclasses.replace(settings, billing_folder=tmp_path), {"question": QUESTION})
    report = response.json()["report"]
    assert response.status_code == 200
    payload = stub.bodies[0]["input"]["payload"]
    assert [source["kind"] for source in payload["sources"]] == ["crm", "usage", "survey"]
    assert not any(account["invoices"] for account in payload["accounts"])
    assert any(account["usage"] for account in payload["accounts"])
    assert [q["scope"] for q in report["data_quality"] if q["severity"] == "error"] == ["billing"]
    assert "billing" in report["warnings"][0]


def test_shim_names_what_no_system_but_one_knows(settings: ShimSettings) -> None:
    quality = post(settings, {"question": QUESTION}).json()["report"]["data_quality"]
    assert [(q["scope"], q["count"]) for q in quality] == [("product-usage", 1), ("billing", 1)]


def problem(response: httpx.Response) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) == {"type", "title", "status", "code", "detail", "instance", "correlation_id", "errors"}
    assert body["status"] == response.status_code
    assert body["correlation_id"] == response.headers["x-correlation-id"]
    return body


def test_shim_answers_502_when_the_crm_is_gone(settings: ShimSettings, stub: StubService) -> None:
    response = post(dataclasses.replace(settings, crm_url="http://127.0.0.1:9"), {"question": QUESTION})
    assert (response.status_code, problem(response)["code"]) == (502, "crm_unavailable")
    assert stub.bodies == []


def test_shim_answers_502_when_the_crm_refuses_its_token(settings: ShimSettings) -> None:
    response = post(dataclasses.replace(settings, crm_token="wrong"), {"question": QUESTION})
    assert response.status_code == 502
    assert "INVALID_SESSION_ID" in problem(response)["detail"]
    assert "wrong" not in response.text


def test_shim_answers_503_with_retry_after_when_the_service_is_down(settings: ShimSettings) -> None:
    response = post(dataclasses.replace(settings, service_url="http://127.0.0.1:9"), {"question": QUESTION})
    assert (response.status_code, problem(response)["code"]) == (503, "service_unavailable")
    assert int(response.headers["retry-after"]) > 0


def test_shim_answers_504_when_the_service_is_too_slow(systems: DemoSystems) -> None:
    async def slow(_request: Request) -> Response:
        await asyncio.sleep(1)
        return JSONResponse({})

    with served(Starlette(routes=[Route("/churn/invoke", slow, methods=["POST"])])) as url:
        settings = dataclasses.replace(systems.shim_settings(url), service_timeout_seconds=0.3)
        response = post(settings, {"question": QUESTION})
    assert (response.status_code, problem(response)["code"]) == (504, "service_timeout")


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected", "code"),
    [
        (422, {}, {"code": "bad", "detail": "d", "errors": [{"pointer": "/p", "message": "m"}]}, 422, "bad"),
        (409, {}, {"code": "payload_purged", "detail": "gone"}, 409, "payload_purged"),
        (429, {"Retry-After": "17"}, {}, 429, "rate_limited"),
        (503, {"Retry-After": "3"}, {}, 503, "service_unavailable"),
        (500, {}, {"detail": "secret inner text"}, 502, "service_failed"),
        (200, {}, {"nothing": "here"}, 502, "service_answer_unreadable"),
    ],
)  # fmt: skip
def test_shim_turns_the_services_failures_into_its_own(
    settings: ShimSettings, stub: StubService, status: int, headers: dict[str, str], body: Any, expected: int, code: str
) -> None:
    stub.answer = lambda _: JSONResponse(body, status, headers)
    response = post(settings, {"question": QUESTION})
    found = problem(response)
    assert (response.status_code, found["code"]) == (expected, code)
    assert found["errors"] == body.get("errors", [])
    assert response.headers.get("retry-after") == headers.get("Retry-After")
    assert "secret" not in response.text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"question": 42}, "/question"),
        ({"question": "q", "as_of": "2026-02-30"}, "/as_of"),
        ({"question": "q", "thread_id": "a b"}, "/thread_id"),
        ({"question": "q", "reuse_payload": True}, "/thread_id"),
        ({"question": "q", "reuse_payload": "yes"}, "/reuse_payload"),
        ([1], ""),
    ],
)
def test_shim_points_at_what_it_cannot_read(settings: ShimSettings, body: Any, pointer: str) -> None:
    response = post(settings, body)
    assert response.status_code == 422
    assert problem(response)["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 422),
        ({"content": b"\xff\xfe", "headers": {"Content-Type": "application/json"}}, 422),
        ({"content": b'{"question": "q"}', "headers": {"Content-Type": "text/plain"}}, 415),
        ({"json": {"question": "q" * 300_000}}, 413),
        ({"json": {"question": "q"}, "headers": {"Host": "evil.example"}}, 403),
    ],
)
def test_shim_refuses_other_bodies_and_hosts(settings: ShimSettings, options: dict[str, Any], status: int) -> None:
    response = post(settings, **options)
    assert response.status_code == status
    problem(response)


def test_shim_asks_for_its_token_and_keeps_it_from_the_service(settings: ShimSettings, stub: StubService) -> None:
    guarded = dataclasses.replace(settings, access_token="door", service_token="inner")
    refused = post(guarded, {"question": QUESTION}, headers={"Authorization": "Bearer wrong"})
    assert (refused.status_code, problem(refused)["code"]) == (401, "unauthenticated")
    assert post(guarded, {"question": QUESTION}, headers={"Authorization": "Bearer door"}).status_code == 200
    assert stub.headers[0]["authorization"] == "Bearer inner"


def test_run_refuses_to_serve_persons_to_the_network_without_a_token(settings: ShimSettings) -> None:
    with pytest.raises(ValueError, match="access token"):
        run(settings, host="0.0.0.0", port=0)


def test_livez_and_unknown_paths_answer_with_a_correlation_id(settings: ShimSettings) -> None:
    with served(shim_app(settings)) as url, httpx.Client(trust_env=False) as client:
        alive = client.get(f"{url}/livez", headers={"X-Correlation-Id": "c-1"})
        assert (alive.json(), alive.headers["x-correlation-id"]) == ({"status": "alive"}, "c-1")
        assert problem(client.get(f"{url}/nothing"))["code"] == "not_found"
        assert problem(client.get(f"{url}/ask"))["code"] == "method_not_allowed"


def test_settings_show_no_secret(settings: ShimSettings) -> None:
    secrets = dataclasses.replace(settings, crm_token="s3", service_token="s4", access_token="s5")
    assert not any(secret in repr(secrets) for secret in ("s3", "s4", "s5"))

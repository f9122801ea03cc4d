"""Signed notices of finished runs, sent by the real service to a real receiver on loopback."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
import uvicorn
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.main import create_app
from app.runs.callbacks import Outside
from app.runs.outgoing import system_resolver
from app.settings import Callbacks, load_settings
from connectors.shim.serving import served

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
QUESTION = {"question": "Which accounts are at risk?", "payload": {"schema_version": "1", "accounts": []}}


class Receiver:
    """Takes notices, after answering with each of `first` once."""

    def __init__(self, first: Sequence[Response] = ()) -> None:
        self.first = list(first)
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._take, methods=["GET", "POST"])])

    async def _take(self, request: Request) -> Response:
        self.taken.append((dict(request.headers), await request.body()))
        return self.first.pop(0) if self.first else Response(status_code=204)


class World:
    """What the senders of one service see of the world; a test sets it.

    Names lead where the system says, unless `addresses` has look-ups in order, the last of which stays. Time is not
    waited for; `waits` has what would have been.
    """

    def __init__(self) -> None:
        self.addresses: list[Sequence[str]] = []
        self.asked: list[str] = []
        self.waits: list[float] = []
        self.trust: ssl.SSLContext | None = None

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if not self.addresses:
            return await system_resolver(host, port)
        return self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)

    def outside(self) -> Outside:
        return Outside(resolve=self.resolve, pause=self.pause, tls=lambda: self.trust or httpx.create_ssl_context())


@contextmanager
def service(folder: Path, world: World, **callbacks: Any) -> Iterator[httpx.Client]:
    given = Callbacks(**{"secret": SecretStr(SECRET), "allow_private": True, **callbacks})
    settings = load_settings(data_dir=folder, port=0, callbacks=given)
    with (
        served(create_app(settings, outside=world.outside())) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def shared_world() -> World:
    return World()


@pytest.fixture
def world(shared_world: World) -> World:
    vars(shared_world).update(vars(World()))
    return shared_world


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, shared_world: World) -> Iterator[httpx.Client]:
    """A service that may call this machine."""
    with service(tmp_path_factory.mktemp("open"), shared_world, attempts=3) as client:
        yield client


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory, shared_world: World) -> Iterator[httpx.Client]:
    """A service that may call public addresses alone."""
    with service(tmp_path_factory.mktemp("public"), shared_world, allow_private=False) as client:
        yield client


def start(client: httpx.Client, url: str, **more: Any) -> dict[str, Any]:
    body = {"input": QUESTION, "callback_url": url, **more}
    answer = client.post("/v1/churn/runs", json=body, headers={"X-Correlation-Id": "corr-7"})
    assert answer.status_code == 200, answer.text
    run: dict[str, Any] = answer.json()
    return run


def outcome(client: httpx.Client, run: dict[str, Any]) -> str:
    """What the run says of its notice, once that is settled."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        status = str(client.get(run["status_url"]).json()["callback_status"])
        if status != "pending":
            return status
        time.sleep(0.02)
    raise AssertionError("the notice was never settled")


def test_a_finished_run_is_told_once_signed_and_without_its_result(client: httpx.Client, world: World) -> None:
    receiver = Receiver()
    with served(receiver.app) as there:
        run = start(client, f"{there}/hook?a=b")
        assert outcome(client, run) == "delivered"
    ((headers, body),) = receiver.taken
    told = Webhook(SECRET).verify(body, headers)
    assert (told["run_id"], told["status"], told["correlation_id"]) == (run["run_id"], "succeeded", "corr-7")
    assert "result" not in told
    assert (headers["webhook-id"], headers["x-correlation-id"]) == (run["run_id"], "corr-7")
    assert headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"succeeded", b"cancelled"), headers)


def test_any_text_can_be_the_secret(tmp_path: Path) -> None:
    receiver = Receiver()
    with served(receiver.app) as there, service(tmp_path, World(), secret=SecretStr("a text of ours")) as client:
        outcome(client, start(client, there))
    ((headers, body),) = receiver.taken
    Webhook(b"a text of ours").verify(body, headers)


def test_a_failed_run_is_told_with_its_error(client: httpx.Client, world: World) -> None:
    receiver = Receiver()
    with served(receiver.app) as there:
        assert (
            outcome(
                client,
                start(client, there, input={**QUESTION, "question": "Who renews in the quarter after 9999-12-31?"}),
            )
            == "delivered"
        )
    ((_, body),) = receiver.taken
    assert (json.loads(body)["status"], json.loads(body)["error"]["code"]) == ("failed", "invalid_question")


def test_a_busy_receiver_is_asked_again_later_each_time_with_a_valid_signature(
    client: httpx.Client, world: World
) -> None:
    receiver = Receiver([Response(status_code=503), Response(status_code=429, headers={"Retry-After": "37"})])
    with served(receiver.app) as there:
        assert outcome(client, start(client, there)) == "delivered"
    assert len(receiver.taken) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.taken}) == 1
    for headers, body in receiver.taken:
        Webhook(SECRET).verify(body, headers)
    assert world.waits[0] >= 1
    assert world.waits[1] == 37


def test_a_receiver_that_never_takes_it_is_given_up_after_the_attempts_set(client: httpx.Client, world: World) -> None:
    receiver = Receiver([Response(status_code=500)] * 9)
    with served(receiver.app) as there:
        assert outcome(client, start(client, there)) == "failed"
    assert len(receiver.taken) == 3


def test_a_receiver_that_is_not_there_is_given_up_and_the_run_stands(client: httpx.Client, world: World) -> None:
    with served(Receiver().app) as gone:
        pass
    run = start(client, gone)
    assert outcome(client, run) == "failed"
    assert client.get(run["status_url"]).json()["status"] == "succeeded"
    assert len(world.waits) == 2


@pytest.mark.parametrize("status", [400, 410])
def test_a_receiver_that_says_no_is_not_asked_again(client: httpx.Client, world: World, status: int) -> None:
    receiver = Receiver([Response(status_code=status)])
    with served(receiver.app) as there:
        assert outcome(client, start(client, there)) == "failed"
    assert len(receiver.taken) == 1


@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_redirect_is_never_followed(client: httpx.Client, world: World, status: int) -> None:
    elsewhere = Receiver()
    with served(elsewhere.app) as away:
        receiver = Receiver([Response(status_code=status, headers={"Location": f"{away}/latest/meta-data"})])
        with served(receiver.app) as there:
            assert outcome(client, start(client, there)) == "failed"
    assert (len(receiver.taken), elsewhere.taken) == (1, [])


def test_a_dry_run_tells_nobody(client: httpx.Client, world: World) -> None:
    receiver = Receiver()
    with served(receiver.app) as there:
        assert start(client, there, dry_run=True)["callback_status"] == ""
        assert outcome(client, start(client, there)) == "delivered"
    assert len(receiver.taken) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "https://localhost/",
        "https://[::1]/",
        "https://0.0.0.0/",
        "https://2130706433/",
        "https://user:secret@hooks.example/",
    ],
)
def test_a_url_that_leads_inside_is_refused_at_the_door(public: httpx.Client, world: World, url: str) -> None:
    body = {"input": QUESTION, "callback_url": url}
    answer = public.post("/v1/churn/runs", json=body, headers={"X-Correlation-Id": "corr-inside"})
    assert (answer.status_code, answer.json()["code"]) == (422, "callback_refused")
    assert answer.json()["errors"][0]["pointer"] == "/callback_url"
    assert "secret" not in answer.text and "169" not in answer.text
    assert world.asked == []


def test_without_a_secret_a_callback_is_refused_and_it_is_said_what_to_set(tmp_path: Path) -> None:
    with service(tmp_path, World(), secret=SecretStr("")) as client:
        answer = client.post("/v1/churn/runs", json={"input": QUESTION, "callback_url": "https://hooks.example/"})
    assert (answer.status_code, answer.json()["code"]) == (422, "callbacks_off")
    assert "BATON_CALLBACKS__SECRET" in answer.json()["detail"]


@contextmanager
def served_with_tls(receiver: Receiver, folder: Path, name: str) -> Iterator[tuple[int, ssl.SSLContext]]:
    """The receiver behind a certificate for the name; its port, and what trusts the certificate's issuer."""
    authority = trustme.CA()
    certificate = folder / "server.pem"
    authority.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(certificate)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    config = uvicorn.Config(receiver.app, port=0, log_level="error", ssl_certfile=certificate, ssl_keyfile=certificate)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1], trust
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def test_the_call_goes_to_the_address_that_was_checked_and_tls_verifies_the_name(tmp_path: Path) -> None:
    receiver, world = Receiver(), World()
    world.addresses = [["127.0.0.1"]]
    with (
        served_with_tls(receiver, tmp_path, "hooks.example") as (port, world.trust),
        service(tmp_path, world) as client,
    ):
        assert outcome(client, start(client, f"https://hooks.example:{port}/x")) == "delivered"
        assert outcome(client, start(client, f"https://other.example:{port}/x")) == "failed"
    ((headers, _),) = receiver.taken
    assert headers["host"] == f"hooks.example:{port}"
    assert world.asked[0] == "hooks.example"


@pytest.mark.parametrize(
    "answer",
    [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], ["::1"]],
    ids=["loopback", "one of two", "mapped", "metadata", "loopback6"],
)
def test_a_name_that_leads_inside_is_not_called(public: httpx.Client, world: World, answer: list[str]) -> None:
    receiver = Receiver()
    world.addresses = [answer]
    with served(receiver.app) as there:
        port = there.rsplit(":", 1)[1]
        assert outcome(public, start(public, f"https://hooks.example:{port}/x")) == "failed"
    assert (world.asked, world.waits) == (["hooks.example"], [])


def test_a_name_that_leads_elsewhere_at_the_second_look_is_checked_again(public: httpx.Client, world: World) -> None:
    world.addresses = [[], ["127.0.0.1"]]
    assert outcome(public, start(public, "https://hooks.example/x")) == "failed"
    assert (len(world.asked), len(world.waits)) == (2, 1)


def test_a_proxy_of_the_environment_is_not_used(
    client: httpx.Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, receiver = Receiver(), Receiver()
    with served(proxy.app) as through, served(receiver.app) as there:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, through)
        assert outcome(client, start(client, there)) == "delivered"
    assert (len(proxy.taken), len(receiver.taken)) == (0, 1)


def test_what_a_receiver_answers_is_not_read(client: httpx.Client, world: World) -> None:
    over = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"so far so good"
        await over.wait()

    receiver = Receiver([StreamingResponse(endless())])
    with served(receiver.app) as there:
        assert outcome(client, start(client, there)) == "delivered"
    assert world.waits == []


def test_the_row_keeps_the_host_and_the_outcome_and_not_the_url(tmp_path: Path) -> None:
    receiver = Receiver()
    with served(receiver.app) as there, service(tmp_path, World()) as client:
        outcome(client, start(client, f"{there}/secret-path?token=abc"))
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("baton.db*"))
    assert b"secret-path" not in kept and b"token=abc" not in kept
    assert b'"host": "127.0.0.1"' in kept
    assert b'"attempts": 1' in kept


class Patient(World):
    """A world in which whoever pauses does not come back while the test lasts."""

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(60)


def test_receivers_that_are_down_hold_up_nobody_elses_notice(tmp_path: Path) -> None:
    down, up = Receiver([Response(status_code=503)] * 50), Receiver()
    world = Patient()
    with service(tmp_path, world) as client, served(down.app) as away, served(up.app) as there:
        for _ in range(9):
            start(client, away)
        deadline = time.monotonic() + 20
        while len(world.waits) < 9 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert outcome(client, start(client, there)) == "delivered"

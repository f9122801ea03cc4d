"""The Node-RED example flow, run by Node-RED itself: PostgreSQL and CSV exports in, a run through `/v1`, rows out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.cli.processes import free_port
from app.main import create_app
from app.settings import load_settings
from connectors.sample import organisation
from connectors.shim.serving import served
from tests.integration.conftest import TODAY, fixed_clock
from tests.postgres import module_postgres_url, postgres_server  # noqa: F401 - fixtures

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs/examples/node-red"
RUNS = "/v1/churn/runs"
PATIENCE_SECONDS = 60
_NPM = shutil.which("npm")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.node,
    pytest.mark.skipif(_NPM is None, reason="npm is not installed; CI has it"),
]


@dataclass
class Call:
    """One request as the service saw it, and the status it gave."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    status: int = 0


@dataclass
class Watched:
    """The service with a note of every call; its first POST of a run finds it busy."""

    app: ASGIApp
    busy: int = 1
    calls: list[Call] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        call = Call(scope["method"], scope["path"], headers)
        self.calls.append(call)

        async def receiving() -> Message:
            message = await receive()
            call.body += message.get("body", b"")
            return message

        async def sending(message: Message) -> None:
            call.status = message.get("status", call.status)
            await send(message)

        if call.method == "POST" and self.busy:
            self.busy -= 1
            while (await receiving()).get("more_body"):
                pass
            answer = JSONResponse({"code": "busy"}, 503, headers={"Retry-After": "0"})
            await answer(scope, receiving, sending)
            return
        await self.app(scope, receiving, sending)

    def to(self, method: str, path: str) -> list[Call]:
        """The calls of that kind, in order."""
        return [call for call in self.calls if call.method == method and call.path.startswith(path)]


@dataclass(frozen=True)
class Systems:
    """Where the flow reads."""

    exports: Path
    database_url: str


@pytest.fixture(scope="module")
def systems(module_postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Systems:  # noqa: F811
    """The sample organisation in PostgreSQL and as CSV exports, written by the example's own script."""
    exports = tmp_path_factory.mktemp("exports")
    script = [sys.executable, str(EXAMPLE / "sample_systems.py"), str(exports), module_postgres_url]
    subprocess.run([*script, "--as-of", TODAY.isoformat()], cwd=ROOT, check=True, timeout=60)
    return Systems(exports, module_postgres_url)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Watched, str]]:
    """A watched service and its address."""
    settings = load_settings(data_dir=tmp_path / "data", port=0)
    watched = Watched(create_app(settings, clock=fixed_clock))
    with served(watched) as url:
        yield watched, url


@contextmanager
def node_red(home: Path, systems: Systems, service: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Node-RED with the example flow in a home of its own, ended with the block."""
    if not (EXAMPLE / "node_modules").exists():
        install = [str(_NPM), "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional"]
        subprocess.run(install, cwd=EXAMPLE, check=True, timeout=300)
    home.mkdir()
    for name in ("flows.json", "settings.js", "package.json"):
        shutil.copy(EXAMPLE / name, home)
    (home / "node_modules").symlink_to(EXAMPLE / "node_modules")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
        "FLOW_HEADLESS": "1",
        "FLOW_PORT": str(free_port()),
        "FLOW_SERVICE_URL": service,
        "FLOW_DATABASE_URL": systems.database_url,
        "FLOW_EXPORTS": str(systems.exports),
        "FLOW_OUTPUT": str(home / "output"),
        "FLOW_AS_OF": TODAY.isoformat(),
        "FLOW_WAIT_SECONDS": "0",
        **settings,
    }
    program = EXAMPLE / "node_modules/node-red/red.js"
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            ["node", str(program), "--userDir", str(home), "--settings", str(home / "settings.js")],
            cwd=home,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def outcome(home: Path, process: subprocess.Popen[bytes], name: str) -> dict[str, Any]:
    """What the flow wrote; the other outcome, or its end, is a failure with Node-RED's log."""
    wanted = home / "output" / name
    other = home / "output" / {"at-risk.json": "failed.json", "failed.json": "at-risk.json"}[name]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None and not other.exists():
        try:
            written: dict[str, Any] = json.loads(wanted.read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):  # Not there yet, or not whole.
            time.sleep(0.1)
        else:
            return written
    raise AssertionError((home / "log").read_text() + (other.read_text() if other.exists() else ""))


def test_the_flow_reads_three_systems_gets_its_202_and_the_same_accounts_as_the_payload_itself(
    systems: Systems, watched: tuple[Watched, str], tmp_path: Path
) -> None:
    service, url = watched
    home = tmp_path / "node-red"
    with node_red(home, systems, url, FLOW_TOKEN="token-of-the-flow") as process:
        result = outcome(home, process, "at-risk.json")
    refused, taken = service.to("POST", RUNS)
    assert (refused.status, taken.status) == (503, 202)
    assert refused.body == taken.body
    assert refused.headers["idempotency-key"] == taken.headers["idempotency-key"]
    assert {call.headers["authorization"] for call in service.calls} == {"Bearer token-of-the-flow"}
    assert {call.headers["x-correlation-id"] for call in service.calls} == {result["correlation_id"]}
    assert result["statuses"][0] == 202
    sent = json.loads(taken.body)["input"]
    truth = {**sent, "payload": organisation(TODAY).payload()}
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        direct, expected = (accounts_of(client, asked) for asked in (sent, truth))
    assert len(expected) > 5
    assert [told(row) for row in result["accounts"]] == direct == expected
    assert len(result["warnings"]) == 2, "the vendor's sandbox in the product, and the one stranger in billing"


def accounts_of(client: httpx.Client, asked: dict[str, Any]) -> list[tuple[object, ...]]:
    """The accounts of a direct answer."""
    answer = client.post("/churn/invoke", json={"input": asked})
    return [told(account) for account in answer.json()["output"]["accounts"]]


def told(account: dict[str, Any]) -> tuple[object, ...]:
    """What a flat row and a report say alike of an account."""
    return account["account_id"], account["name"], account["churn_probability"], account["band"]


def test_a_refusal_is_written_with_its_code_and_correlation_id(
    systems: Systems, watched: tuple[Watched, str], tmp_path: Path
) -> None:
    service, url = watched
    home = tmp_path / "node-red"
    with node_red(home, systems, url, FLOW_AS_OF="1999-01-01") as process:
        failure = outcome(home, process, "failed.json")
    posted = service.to("POST", RUNS)
    assert [call.status for call in posted] == [503, 422]
    assert failure["node"] == "problem+json"
    assert "422" in failure["message"]
    assert "/as_of" in failure["message"]
    assert failure["correlation_id"] == posted[0].headers["x-correlation-id"]

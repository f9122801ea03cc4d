"""What the shim adds to the service's own answer, in milliseconds, both as processes of their own on loopback."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.cli.processes import free_port, running
from connectors.pull import pull
from connectors.sample import organisation
from connectors.shim.masking import masked
from connectors.shim.masking_rules import MaskingRules
from tests.shim_stage import small_sources

QUESTION = "Which accounts are at risk of churn this quarter?"
CONFIG = "version: 1\nsources: sources.yaml\naccess: development\ndata_dir: shim\nlimits: {requests_a_minute: 0}\n"
WARM_UP, REQUESTS = 3, 25
_PEOPLE, _NO_PEOPLE = "churn:run pii:read", "churn:run"


@dataclass(frozen=True)
class Figures:
    """Medians of one kind of question: at the shim, at the service, and the share of the shim."""

    name: str
    shim_ms: float
    service_ms: float


def rows() -> Iterator[str]:
    """The table, in Markdown."""
    yield "| through the shim | p50 ms | service alone p50 ms | added ms |"
    yield "|---|---:|---:|---:|"
    for found in measure():
        added = found.shim_ms - found.service_ms
        yield f"| {found.name} | {found.shim_ms:.0f} | {found.service_ms:.0f} | {added:.0f} |"


def measure() -> list[Figures]:
    """Every kind of question; everything started here ends here."""
    today = dt.datetime.now(dt.UTC).date()
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        base = Path(folder)
        small = base / "small"
        sources = small_sources(small)
        (small / "shim.yaml").write_text(CONFIG, encoding="utf-8")
        pulled = asyncio.run(pull(sources, as_of=today, clock=lambda: dt.datetime.now(dt.UTC), timeout_seconds=20))
        with _standing(base / "s", ["--config", str(small / "shim.yaml")], small / "shim") as ask:
            found = [
                ask.compared("first question, 2 accounts in files", {}, pulled.document, _PEOPLE),
                ask.compared("follow-up, nothing read", {"thread_id": "t", "reuse_payload": True}, None, _NO_PEOPLE),
            ]
        with _standing(base / "o", [], base / "o" / "shim") as ask:
            name = "first question, the sample's 240 accounts read from CRM, SQLite and CSV"
            return [*found, ask.compared(name, {}, organisation(today).payload(), _PEOPLE)]


@contextmanager
def _standing(data: Path, arguments: list[str], credentials: Path) -> Iterator[_Questions]:
    """A shim with these arguments before a service of its own."""
    data.mkdir(parents=True)
    service, shim = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    settings = {
        "BATON_DATA_DIR": str(data),
        "BATON_LOG_LEVEL": "warning",
        "BATON_AUTH": "jwt",
        "BATON_JWT__ISSUER": shim,
        "BATON_JWT__AUDIENCE": "baton",
        "BATON_JWT__JWKS_URL": f"{shim}/.well-known/jwks.json",
        "BATON_LIMITS__REQUESTS_A_MINUTE": "0",
    }
    ports = [url.rsplit(":", 1)[1] for url in (service, shim)]
    with (
        running(["serve", "--port", ports[0]], url=f"{service}/readyz", log=data / "service.log", settings=settings),
        running(
            ["shim", *arguments, "--port", ports[1], "--service", service],
            url=f"{shim}/livez",
            log=data / "shim.log",
            settings=settings,
        ),
        httpx.Client(timeout=60, trust_env=False) as client,
    ):
        yield _Questions(client, service, shim, (credentials / "development.client").read_text(encoding="utf-8"))


class _Questions:
    """Asks the same of the shim and of the service, in turns."""

    def __init__(self, client: httpx.Client, service: str, shim: str, secret: str) -> None:
        self._client, self._service, self._shim = client, service, shim
        self._secret = secret.strip().split(":", 1)

    def compared(self, name: str, more: Mapping[str, Any], payload: Mapping[str, Any] | None, scope: str) -> Figures:
        """Both medians; without a payload the thread's own is gone on with."""
        headers = {"Authorization": f"Bearer {self._token(scope)}", "Content-Type": "application/json"}
        sent = {"schema_version": ""} if payload is None else masked(payload, MaskingRules())
        asked = json.dumps({"question": QUESTION, **more}).encode()
        direct = {"input": {"question": QUESTION, "payload": sent}, "thread_id": more.get("thread_id", "")}
        if payload is None:
            self._timed(f"{self._shim}/ask", json.dumps({"question": QUESTION, "thread_id": "t"}).encode(), headers)
        took = [
            (
                self._timed(f"{self._shim}/ask", asked, headers),
                self._timed(f"{self._service}/v1/churn/runs", json.dumps(direct).encode(), headers),
            )
            for _ in range(WARM_UP + REQUESTS)
        ]
        shim_ms, service_ms = (statistics.median(times) for times in zip(*took[WARM_UP:], strict=True))
        return Figures(name, shim_ms, service_ms)

    def _token(self, scope: str) -> str:
        form = {"grant_type": "client_credentials", "subject": "bench", "scope": scope}
        answer = self._client.post(f"{self._shim}/oauth/token", data=form, auth=(self._secret[0], self._secret[1]))
        return str(answer.json()["access_token"])

    def _timed(self, url: str, body: bytes, headers: Mapping[str, str]) -> float:
        start = time.perf_counter()
        self._client.post(url, content=body, headers=dict(headers)).raise_for_status()
        return (time.perf_counter() - start) * 1000

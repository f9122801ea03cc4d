"""HTTP answers under a bounded load on loopback: latency and rate beside the floors, in the same run."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.cli.processes import free_port, running
from tests.bench.payloads import payload

QUESTION = "Which accounts are at risk of churn this quarter?"
ACCOUNTS = 50
WARM_UP, REQUESTS = 5, 60


@dataclass(frozen=True)
class Load:
    """What one target did: latencies in milliseconds, answers a second."""

    target: str
    clients: int
    p50_ms: float
    p99_ms: float
    per_second: float


def measure() -> list[Load]:
    """Every target with 1 and 8 clients; everything started here ends here."""
    question = {"question": QUESTION, "payload": payload(ACCOUNTS), "payload_id": "", "as_of": ""}
    invoke, plain = (json.dumps(body).encode() for body in ({"input": question}, question))
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        base, floor, service = Path(folder), f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"
        echo = subprocess.Popen([sys.executable, "-m", "tests.bench.echo", floor.rsplit(":", 1)[1]])
        try:
            _await(floor)
            settings = {
                "BATON_DATA_DIR": str(base / "data"),
                "BATON_LOG_LEVEL": "warning",
                "BATON_LIMITS__REQUESTS_A_MINUTE": "0",
            }
            with running(
                ["serve", "--port", service.rsplit(":", 1)[1]],
                url=f"{service}/readyz",
                log=base / "log",
                settings=settings,
            ):
                targets = (
                    ("LangServe echo", f"{floor}/langserve/invoke", invoke),
                    ("Baton /churn/invoke", f"{service}/churn/invoke", invoke),
                    ("Baton /v1/churn/runs", f"{service}/v1/churn/runs", invoke),
                    ("FastAPI echo", f"{floor}/fastapi", plain),
                )
                return [asyncio.run(_load(*target, clients)) for clients in (1, 8) for target in targets]
        finally:
            echo.terminate()
            echo.wait(timeout=10)


async def _load(target: str, url: str, body: bytes, clients: int) -> Load:
    headers = {"content-type": "application/json"}
    took: list[float] = []
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:

        async def one(count: int, keep: bool) -> None:
            for _ in range(count):
                start = time.perf_counter()
                answer = await client.post(url, content=body, headers=headers)
                answer.raise_for_status()
                if keep:
                    took.append((time.perf_counter() - start) * 1000)

        await one(WARM_UP, keep=False)
        start = time.perf_counter()
        await asyncio.gather(*(one(REQUESTS // clients, keep=True) for _ in range(clients)))
        seconds = time.perf_counter() - start
    ordered = statistics.quantiles(took, n=100)
    return Load(target, clients, ordered[49], ordered[98], len(took) / seconds)


def _await(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/livez", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the echo application did not start")

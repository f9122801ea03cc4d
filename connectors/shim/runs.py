"""Runs of the service: begun with a key, waited for, fetched, and given up when nobody wants them any more."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from connectors.shim.answers import checked_report, unreadable
from connectors.shim.calls import Deadline, Service, refusal
from connectors.shim.problems import ShimError

MOST_WAIT_SECONDS = 8.0
_RUNS = "/v1/churn/runs"
_GRACE_SECONDS = 15.0
_COMPRESSED_FROM_BYTES = 8 * 1024 * 1024
_SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 5.0
_IN_WORK = frozenset({"queued", "running"})
_THREAD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


@dataclass(frozen=True)
class Run:
    """A run as the service shows it; `path` is where its state is asked for, `result` the report if it came along."""

    run_id: str
    status: str
    thread_id: str
    path: str
    pause_seconds: float
    result: Mapping[str, Any] | None
    error: Mapping[str, Any]

    @property
    def in_work(self) -> bool:
        """Whether it may still change."""
        return self.status in _IN_WORK


@dataclass(frozen=True)
class Question:
    """The body of a question, ready to be sent as often as needed, and its headers."""

    body: bytes
    headers: Mapping[str, str]


def question(document: Mapping[str, Any], *, key: str) -> Question:
    """The question as bytes; large ones are compressed."""
    body, headers = orjson.dumps(document), {"Content-Type": "application/json", "Idempotency-Key": key}
    if len(body) < _COMPRESSED_FROM_BYTES:
        return Question(body, headers)
    return Question(gzip.compress(body, compresslevel=1, mtime=0), {**headers, "Content-Encoding": "gzip"})


async def begin(service: Service, asked: Question, *, deadline: Deadline) -> Run:
    """The run of the question, finished if it took no longer than the service waits.

    Raises:
        ShimError: See `Service.call`.
    """
    patience = MOST_WAIT_SECONDS + _GRACE_SECONDS
    answer = await service.call(
        "POST", _RUNS, body=asked.body, headers=asked.headers, deadline=deadline, patience_seconds=patience
    )
    return _run(answer, service.url)


async def finished(service: Service, run: Run, *, deadline: Deadline) -> Run:
    """The run once it has ended, or as it stands when the time is over.

    Raises:
        ShimError: See `Service.call`.
    """
    while run.in_work and run.pause_seconds < deadline.seconds_left:
        await asyncio.sleep(run.pause_seconds)
        run = _run(await service.call("GET", run.path, deadline=deadline), service.url)
    return run


async def look(service: Service, run_id: str, *, deadline: Deadline) -> Run:
    """The run of that id.

    Raises:
        ShimError: There is none for this caller (404), or see `Service.call`.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise ShimError(404, "not_found", "There is no such run.")
    return _run(await service.call("GET", f"/v1/runs/{run_id}", deadline=deadline), service.url)


async def report_of(service: Service, run: Run, *, deadline: Deadline) -> dict[str, Any]:
    """The report of a run that has ended; a large one is fetched by itself.

    Raises:
        ShimError: The run failed or was cancelled, or see `Service.call`.
    """
    if run.status == "cancelled":
        raise ShimError(409, "run_cancelled", "The run was cancelled; ask again.")
    if run.status != "succeeded":
        status = run.error.get("status")
        raise refusal(status if type(status) is int and 400 <= status < 600 else 500, run.error)
    report = run.result
    if report is None:
        report = await service.call("GET", f"/v1/runs/{run.run_id}/report", deadline=deadline, patience_seconds=30.0)
    return checked_report(report)


async def give_up(service: Service, run_id: str) -> None:
    """Tell the service that nobody waits for the run any more.

    Raises:
        ShimError: See `Service.call`.
    """
    await service.call("POST", f"/v1/runs/{run_id}/cancel", deadline=Deadline.after(10.0))


def _run(answer: Mapping[str, Any], base: str) -> Run:
    run_id, status, result, error = (answer.get(name) for name in ("run_id", "status", "result", "error"))
    if not isinstance(run_id, str) or not _RUN_ID.fullmatch(run_id) or not isinstance(status, str):
        raise unreadable("The service's answer names no run.")
    thread_id = answer.get("thread_id")
    asked = answer.get("retry_after_seconds")
    pause = float(asked) if isinstance(asked, int | float) and asked > 0 else 1.0
    return Run(
        run_id=run_id,
        status=status,
        thread_id=thread_id if isinstance(thread_id, str) and _THREAD_ID.fullmatch(thread_id) else "",
        path=_path(str(answer.get("status_url") or f"/v1/runs/{run_id}"), base),
        pause_seconds=min(max(pause, _SHORTEST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS),
        result=result if isinstance(result, dict) and result else None,
        error=error if isinstance(error, dict) else {},
    )


def _path(status_url: str, base: str) -> str:
    """Where to ask for the state, as a path behind `base`; a token goes nowhere else.

    Raises:
        ShimError: The address is on another host, or none.
    """
    try:
        whole, here = urlsplit(urljoin(f"{base}/", status_url)), urlsplit(base)
    except ValueError:
        raise unreadable("The service names a status address that is none.") from None
    if (whole.scheme, whole.netloc) != (here.scheme, here.netloc):
        raise unreadable("The service names a status address on another host.")
    path = whole.path.removeprefix(here.path) if here.path else whole.path
    return f"{path}?{whole.query}" if whole.query else path

"""One question through the shim: read the systems, mask, ask the service, pack its answer."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import uuid
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

import httpx
import msgspec

from connectors.errors import SourceRefusedError, SourceUnavailableError
from connectors.narrowing import Narrowing
from connectors.records import Finding
from connectors.shim import runs
from connectors.shim.callers import Caller
from connectors.shim.calls import Deadline, Service
from connectors.shim.masking import masked
from connectors.shim.memory import Asked, Memory
from connectors.shim.packaging import add_findings, with_persons
from connectors.shim.problems import ShimError
from connectors.shim.readings import Clock, LastReadings, read_everything
from connectors.shim.settings import ShimSettings
from connectors.shim.visits import AskRequest, Reply, Visit

_T = TypeVar("_T")
_log = logging.getLogger("baton.shim")
_LEAST_FETCH_SECONDS = 5.0
_ACCOUNTS_RETRY_SECONDS = "30"


@dataclass(frozen=True)
class _Gathered:
    """What a question is sent with; `document` is the payload before masking, None where none was read."""

    payload: Mapping[str, Any]
    as_of: str
    document: Mapping[str, Any] | None = None
    findings: tuple[Finding, ...] = ()


class Desk:
    """Answers questions; what it holds lives as long as the shim."""

    def __init__(self, settings: ShimSettings, client: httpx.AsyncClient, *, clock: Clock) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._memory = Memory()
        self._history = LastReadings()
        self._behind: set[asyncio.Task[None]] = set()

    async def ask(self, request: AskRequest, visit: Visit) -> Reply:
        """The report of the question, or where to ask for it when it takes longer than the caller may wait.

        Raises:
            ShimError: The accounts cannot be read (502, 503), or the service failed or refused.
        """
        if not visit.key:
            return await self._ask(request, visit)
        fingerprint = sha256(msgspec.json.encode(request)).hexdigest()
        if known := self._memory.claim(visit.caller.key, visit.key, fingerprint):
            return await self.look(known.run_id, visit)
        try:
            return await self._ask(request, visit)
        finally:
            if not visit.goes_on:
                self._memory.release(visit.caller.key, visit.key)

    async def look(self, run_id: str, visit: Visit) -> Reply:
        """The answer of a run that went on after its question had been answered with 202.

        Raises:
            ShimError: There is no such run for the caller (404), or the service failed or refused.
        """
        asked = self._memory.run(run_id)
        if asked.caller_key != visit.caller.key if asked else not self._settings.service.knows_callers:
            raise ShimError(404, "not_found", "There is no such run.")
        service = self._service(visit)
        visit.run_id = run_id
        run = await _timed(visit, runs.look(service, run_id, deadline=visit.deadline))
        run = await _timed(visit, runs.finished(service, run, deadline=visit.deadline))
        return await self._reply(run, asked or Asked(visit.caller.key, run_id, run.thread_id), visit)

    async def close(self) -> None:
        """End what still works behind."""
        for task in self._behind:
            task.cancel()
        await asyncio.gather(*self._behind, return_exceptions=True)

    async def _ask(self, request: AskRequest, visit: Visit) -> Reply:
        thread_id = request.thread_id or uuid.uuid4().hex
        gathered = _Gathered({"schema_version": ""}, request.as_of)
        if not request.reuse_payload:
            gathered = await self._gathered(request, visit)
        document = {
            "input": {"question": request.question, "payload": gathered.payload, "as_of": gathered.as_of},
            "thread_id": self._service_thread(thread_id, visit.caller),
            "wait_seconds": round(min(runs.MOST_WAIT_SECONDS, visit.deadline.seconds_left), 1),
        }
        key = sha256(f"{visit.caller.key}\x1f{visit.key}".encode()).hexdigest() if visit.key else uuid.uuid4().hex
        asked = await asyncio.to_thread(runs.question, document, key=key)
        service = self._service(visit)
        run = await self._begun(service, asked, thread_id, gathered.findings, visit)
        try:
            run = await _timed(visit, runs.finished(service, run, deadline=visit.deadline))
        except asyncio.CancelledError:
            if not visit.key:
                self._later(runs.give_up(service, run.run_id))
            raise
        known = Asked(visit.caller.key, run.run_id, thread_id, gathered.findings)
        return await self._reply(run, known, visit, gathered.document)

    async def _gathered(self, request: AskRequest, visit: Visit) -> _Gathered:
        as_of = dt.date.fromisoformat(request.as_of) if request.as_of else self._clock().date()
        try:
            pulled = await read_everything(
                self._settings.sources,
                visit.notes,
                as_of=as_of,
                clock=self._clock,
                timeout_seconds=max(0.1, min(self._settings.time.source_seconds, visit.deadline.seconds_left)),
                narrowing=self._narrowing(visit.caller),
                history=self._history,
            )
        except SourceUnavailableError as error:
            detail, headers = _without_accounts(error.message), {"Retry-After": _ACCOUNTS_RETRY_SECONDS}
            raise ShimError(503, "accounts_unavailable", detail, headers=headers) from error
        except SourceRefusedError as error:
            raise ShimError(502, "accounts_refused", _without_accounts(error.message)) from error
        visit.failed = pulled.failed
        payload = await asyncio.to_thread(masked, pulled.document, self._settings.masking, self._settings.masking_key)
        return _Gathered(payload, as_of.isoformat(), pulled.document, pulled.findings)

    async def _begun(
        self, service: Service, asked: runs.Question, thread_id: str, findings: tuple[Finding, ...], visit: Visit
    ) -> runs.Run:
        """The run, begun and remembered; that goes on behind when the caller goes meanwhile.

        A caller with a key may come back and finds the run; one without cannot, and the run is given up.
        """

        async def begin() -> runs.Run:
            run = await _timed(visit, runs.begin(service, asked, deadline=visit.deadline))
            visit.run_id = run.run_id
            self._memory.keep(Asked(visit.caller.key, run.run_id, thread_id, findings), key=visit.key)
            return run

        async def end(beginning: asyncio.Future[runs.Run]) -> None:
            try:
                run = await beginning
                if run.in_work and not visit.key:
                    await runs.give_up(service, run.run_id)
            finally:
                self._memory.release(visit.caller.key, visit.key)

        beginning = asyncio.ensure_future(begin())
        try:
            return await asyncio.shield(beginning)
        except asyncio.CancelledError:
            visit.goes_on = True
            self._later(end(beginning))
            raise

    async def _reply(
        self, run: runs.Run, asked: Asked, visit: Visit, document: Mapping[str, Any] | None = None
    ) -> Reply:
        thread_id = asked.thread_id or run.thread_id
        ids = {"run_id": run.run_id, "thread_id": thread_id, "correlation_id": visit.correlation_id}
        if run.in_work:
            waiting = {"status_url": f"/runs/{run.run_id}", "retry_after_seconds": max(1, round(run.pause_seconds))}
            return Reply(202, {"status": run.status, **ids, **waiting})
        fetch_by = Deadline.after(max(_LEAST_FETCH_SECONDS, visit.deadline.seconds_left))
        report = await _timed(visit, runs.report_of(self._service(visit), run, deadline=fetch_by))
        if "thread_id" in report:
            report["thread_id"] = thread_id
        add_findings(report, asked.findings)
        if self._settings.people.scope in visit.caller.scopes:
            report = await with_persons(report, document, visit, self._settings, self._clock)
        return Reply(200, {"status": run.status, "report": report, **ids})

    def _service(self, visit: Visit) -> Service:
        token = self._settings.service.own_token or visit.caller.token
        headers = {"Authorization": f"Bearer {token}", "X-Correlation-Id": visit.correlation_id}
        return Service(self._client, self._settings.service.url, headers)

    def _narrowing(self, caller: Caller) -> Narrowing:
        """A caller's limits, where the service does not see whose question it is."""
        if self._settings.service.knows_callers:
            return Narrowing()
        return Narrowing(regions=caller.regions, segments=caller.segments)

    def _service_thread(self, thread_id: str, caller: Caller) -> str:
        """The conversation as the service knows it; this caller's alone, with these limits, where it sees no caller."""
        if self._settings.service.knows_callers:
            return thread_id
        whose = "\x1f".join((caller.key, *caller.regions, "", *caller.segments, "", thread_id))
        return f"shim-{sha256(whose.encode()).hexdigest()[:40]}"

    def _later(self, work: Awaitable[None]) -> None:
        async def quietly() -> None:
            try:
                await work
            except ShimError as problem:
                _log.warning("A run that nobody waits for was not given up: %s.", problem.code)

        task = asyncio.create_task(quietly())
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)


async def _timed(visit: Visit, work: Awaitable[_T]) -> _T:
    """The work's result; its time counts as the service's."""
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        return await work
    finally:
        visit.service_seconds += clock() - began


def _without_accounts(message: str) -> str:
    return f"{message} Without it there are no accounts to speak of."

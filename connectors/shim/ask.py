"""One question through the shim: read the systems, mask, ask the service, pack its answer."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import uuid
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, TypeVar

import httpx
import msgspec

from connectors.errors import SourceRefusedError, SourceUnavailableError
from connectors.shim import runs
from connectors.shim.callers import Caller
from connectors.shim.calls import Deadline, Service
from connectors.shim.memory import Asked, Memory
from connectors.shim.packaging import add_findings, with_persons
from connectors.shim.problems import ShimError
from connectors.shim.pseudonyms import pseudonym_key
from connectors.shim.readings import Clock
from connectors.shim.sending import Outbox, Persons, Sending
from connectors.shim.settings import ShimSettings
from connectors.shim.visits import AskRequest, Reply, Visit

_T = TypeVar("_T")
_log = logging.getLogger("baton.shim")
_LEAST_FETCH_SECONDS = 5.0
_ACCOUNTS_RETRY_SECONDS = "30"


class Desk:
    """Answers questions; what it holds lives as long as the shim."""

    def __init__(self, settings: ShimSettings, client: httpx.AsyncClient, *, clock: Clock) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._memory = Memory()
        key = pseudonym_key(settings.data_dir, settings.masking_key) if settings.masking.by_kind else b""
        self._outbox = Outbox(settings, key, clock)
        self._persons = Persons(settings, key, clock)
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
        sending = await self._sending(request, visit)
        document = {
            "input": {"question": sending.question, "payload": sending.payload, "as_of": sending.as_of},
            "thread_id": self._service_thread(thread_id, visit.caller),
            "wait_seconds": round(min(runs.MOST_WAIT_SECONDS, visit.deadline.seconds_left), 1),
        }
        key = _digest(visit.caller.key, visit.key) if visit.key else uuid.uuid4().hex
        asked = await asyncio.to_thread(runs.question, document, key=key)
        service = self._service(visit)
        known = Asked(visit.caller.key, "", thread_id, sending.findings, sending.held)
        run = await self._begun(service, asked, known, visit)
        try:
            run = await _timed(visit, runs.finished(service, run, deadline=visit.deadline))
        except asyncio.CancelledError:
            if not visit.key:
                self._later(runs.give_up(service, run.run_id))
            raise
        return await self._reply(run, known, visit, sending.document)

    async def _sending(self, request: AskRequest, visit: Visit) -> Sending:
        try:
            if request.reuse_payload:
                held = self._held(request.thread_id, visit.caller)
                return await self._outbox.follow_up(request.question, request.as_of, held, visit)
            as_of = dt.date.fromisoformat(request.as_of) if request.as_of else self._clock().date()
            return await self._outbox.with_payload(request.question, as_of, visit)
        except SourceUnavailableError as error:
            detail, headers = _without_accounts(error.message), {"Retry-After": _ACCOUNTS_RETRY_SECONDS}
            raise ShimError(503, "accounts_unavailable", detail, headers=headers) from error
        except SourceRefusedError as error:
            raise ShimError(502, "accounts_refused", _without_accounts(error.message)) from error

    def _held(self, thread_id: str, caller: Caller) -> frozenset[str] | None:
        """The accounts that the conversation stands on, as far as this process knows.

        Raises:
            ShimError: The service could not tell the caller's conversations from others', and this is none (409).
        """
        held = self._memory.thread(caller.key, thread_id)
        if held is None and not self._settings.service.knows_callers:
            detail = "There is no payload of this thread to go on with; ask once without reuse_payload."
            raise ShimError(409, "thread_unknown", detail)
        return held

    async def _begun(self, service: Service, asked: runs.Question, known: Asked, visit: Visit) -> runs.Run:
        """The run, begun and remembered; that goes on behind when the caller goes meanwhile.

        A caller with a key may come back and finds the run; one without cannot, and the run is given up.
        """

        async def begin() -> runs.Run:
            run = await _timed(visit, runs.begin(service, asked, deadline=visit.deadline))
            visit.run_id = run.run_id
            self._memory.keep(replace(known, run_id=run.run_id), key=visit.key)
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
            report = await with_persons(report, document, asked.held, visit, self._persons)
        return Reply(200, {"status": run.status, "report": report, **ids})

    def _service(self, visit: Visit) -> Service:
        token = self._settings.service.own_token or visit.caller.token
        headers = {"Authorization": f"Bearer {token}", "X-Correlation-Id": visit.correlation_id}
        most_bytes = self._settings.limits.answer_mib * 1024 * 1024
        return Service(self._client, self._settings.service.url, headers, most_bytes)

    def _service_thread(self, thread_id: str, caller: Caller) -> str:
        """The conversation as the service knows it; this caller's alone, with these limits, where it sees no caller."""
        if self._settings.service.knows_callers:
            return thread_id
        return f"shim-{_digest(caller.key, thread_id)[:40]}"

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


def _digest(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _without_accounts(message: str) -> str:
    return f"{message} Without it there are no accounts to speak of."

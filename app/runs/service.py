"""The run service: resolves the payload, runs the graph, saves everything in one transaction, then answers."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from pydantic import BaseModel
from sqlalchemy import Engine

from app.drafts.rows import DraftRow, save_drafts
from app.errors import ConflictError, RejectedError
from app.runs.reading import NARROWED, Gathered, Origin, Reader
from app.runs.requests import (
    Asked,
    check_envelope,
    json_bytes,
    new_payload_id,
    new_run_id,
    read_request,
    thread_id_of,
    unknown_payload,
)
from app.runs.rows import (
    KeptPayload,
    StoredRun,
    has_payload,
    last_run,
    save_payload,
    save_run,
    seal_payload,
    seal_report,
    stored_payload,
)
from app.security.principal import Principal
from app.security.row_limits import limits_text
from app.store.crypto import Vault
from app.store.database import now_text, one_at_a_time
from chains.context import Progress, RowLimits, RunContext, nobody_listens
from chains.models import ModelRun
from chains.registry import Answers, Workflow
from connectors.payload import read_payload
from connectors.records import Finding
from connectors.shim.people import People, people_of

_ANY_NUMBER = 10**9

RunModels = Callable[[str], ModelRun]
"""Gives a run of a tenant its models, with budgets of its own."""


@dataclass(frozen=True)
class Door:
    """Who asks and from where: what every side of the service knows of a question before it is read.

    Attributes:
        run_id: The run's id where the door gave one already; "" makes one.
        on_start: Called with the instant at which the run's turn has come.
        keep: Whether payload and drafts are kept, and the conversation remembers the run; a dry run keeps neither.
    """

    principal: Principal
    correlation_id: str
    thread_id: str = ""
    on_event: Callable[[Progress], None] = nobody_listens
    run_id: str = ""
    on_start: Callable[[str], None] = lambda _instant: None
    keep: bool = True


@dataclass(frozen=True)
class Answer:
    """A report, its JSON, and when it was stored."""

    report: BaseModel
    body: bytes
    stored_at: str


@dataclass(frozen=True)
class _Resolved:
    """The payload to work on; `body` is its JSON where it is not stored yet."""

    document: Mapping[str, Any] = field(repr=False)
    as_of: str
    payload_id: str
    body: bytes | None = field(repr=False)
    origin: Origin = "pushed"
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()


class RunService:
    """Answers questions for one workflow's typed request; the graph itself writes nothing outside.

    Args:
        reader: Gathers accounts where a request brings none, or is None where nothing can be read.
        clock: Gives the present instant, aware.
        models: Gives a run its models, or is None where none is configured.
        config: The workflow's settings.
    """

    def __init__(
        self,
        workflow: Workflow,
        answers: Answers,
        engine: Engine,
        vault: Vault,
        *,
        clock: Callable[[], dt.datetime],
        reader: Reader | None,
        models: RunModels | None = None,
        config: Any = None,
        concurrent_runs: int = 8,
    ) -> None:
        self._workflow = workflow
        self._config = config
        self._answers = answers
        self._engine = engine
        self._vault = vault
        self._clock = clock
        self._reader = reader
        self._models = models
        self._slots = asyncio.Semaphore(concurrent_runs)
        self._one_writer = asyncio.Lock()

    @property
    def workflow(self) -> Workflow:
        """The workflow that this service runs."""
        return self._workflow

    async def accept(self, request: Mapping[str, Any], door: Door, *, most_accounts: int) -> None:
        """Refuse now, as `answer` would later, what could never be answered.

        Raises:
            AppError, ConnectorError: Why the request cannot be taken.
        """
        door.principal.require(f"{self._workflow.name}:run")
        self._workflow.check_request(request, self._config)
        asked = read_request(request)
        if asked.payload is not None:
            check_envelope(asked.payload, most_accounts=most_accounts)
        elif asked.payload_id:
            if not await asyncio.to_thread(has_payload, self._engine, door.principal, asked.payload_id):
                raise unknown_payload()
        elif door.thread_id and (
            last := await asyncio.to_thread(last_run, self._engine, door.principal, door.thread_id)
        ):
            if not await asyncio.to_thread(has_payload, self._engine, door.principal, last.payload_id):
                raise _purged()
        elif self._reader is None:
            raise _nothing_to_read()

    async def run(self, request: Mapping[str, Any], door: Door) -> BaseModel:
        """The report on one request; it and its drafts are stored when this returns.

        Raises:
            RejectedError: The request cannot be taken as it is (the errors point at what to mend).
            ConflictError: The thread's stored payload was purged, or an announced run was ended by somebody else.
        """
        return (await self.answer(request, door)).report

    async def answer(self, request: Mapping[str, Any], door: Door) -> Answer:
        """The same with the report's JSON as it was stored."""
        door.principal.require(f"{self._workflow.name}:run")
        thread_id = thread_id_of(door.thread_id)
        # A caller's patience begins at the door, so that the time spent waiting for a slot is part of the budget.
        models = self._models(door.principal.tenant) if self._models else None
        async with self._slots:
            started_at = now_text(self._clock())
            door.on_start(started_at)
            resolved = await self._resolve(request, door.principal, thread_id)
            run = RunContext(
                run_id=door.run_id or new_run_id(),
                thread_id=thread_id,
                correlation_id=door.correlation_id,
                today=self._clock().date(),
                owner_ids=door.principal.owner_ids,
                limits=RowLimits(regions=door.principal.regions, segments=door.principal.segments),
                on_event=door.on_event,
                models=models,
            )
            key = "\x1f".join((door.principal.tenant, door.principal.person, thread_id))
            asked = {
                **request,
                "payload": resolved.document,
                "as_of": resolved.as_of,
                "warnings": resolved.warnings,
                "findings": resolved.findings,
            }
            report = await self._answers(asked, run, thread_key=key, remember=door.keep)
            async with self._one_writer:  # SQLite takes one writer; waiting here is cheaper than being refused there.
                return await asyncio.to_thread(self._save, report, run, resolved, door, started_at)

    def people_of(self, principal: Principal, thread_id: str) -> People:
        """The persons of the thread's last payload, for a caller who may see them; nobody when it was purged.

        Raises:
            ForbiddenError: The caller lacks `pii:read`.
        """
        principal.require("pii:read")
        last = last_run(self._engine, principal, thread_id)
        kept = stored_payload(self._engine, self._vault, principal, last.payload_id) if last else None
        if kept is None:
            return People()
        return people_of(read_payload(orjson.loads(kept.body), max_accounts=_ANY_NUMBER).payload.accounts)

    async def _resolve(self, request: Mapping[str, Any], principal: Principal, thread_id: str) -> _Resolved:
        asked = read_request(request)
        if asked.payload is not None:
            body = await asyncio.to_thread(json_bytes, asked.payload, pointer="/payload")
            return _Resolved(asked.payload, asked.as_of, new_payload_id(), body, warnings=asked.warnings)
        if asked.payload_id:
            return await asyncio.to_thread(self._uploaded, asked, principal)
        if (last := await asyncio.to_thread(last_run, self._engine, principal, thread_id)) is not None:
            stored = await asyncio.to_thread(self._stored, last, principal, asked.as_of)
            narrowed = any(finding.code == NARROWED for finding in stored.findings)
            limited = stored.origin == "sources" and last.limits not in ("", limits_text(principal))
            if not (narrowed or limited):
                return stored
            # What bounded an earlier reading does not bound the conversation: all that the caller sees is read now.
            asked = replace(asked, as_of=stored.as_of, question="")
        return await self._gathered(asked, principal)

    def _uploaded(self, asked: Asked, principal: Principal) -> _Resolved:
        kept = stored_payload(self._engine, self._vault, principal, asked.payload_id)
        if kept is None:
            raise unknown_payload()
        document = orjson.loads(kept.body)
        return _Resolved(document, asked.as_of, asked.payload_id, None, origin=kept.origin, findings=kept.findings)

    def _stored(self, last: StoredRun, principal: Principal, as_of: str) -> _Resolved:
        kept = stored_payload(self._engine, self._vault, principal, last.payload_id)
        if kept is None:
            raise _purged()
        if kept.origin == "uploaded" and kept.created_at > last.finished_at:
            raise ConflictError(
                "This conversation's payload was replaced since; name it again by payload_id.", code="payload_replaced"
            )
        return _Resolved(
            orjson.loads(kept.body),
            as_of or last.as_of,
            last.payload_id,
            None,
            origin=kept.origin,
            findings=kept.findings,
        )

    async def _gathered(self, asked: Asked, principal: Principal) -> _Resolved:
        if self._reader is None:
            raise _nothing_to_read()
        day = dt.date.fromisoformat(asked.as_of) if asked.as_of else self._clock().date()
        gathered: Gathered = await self._reader.gather(day, principal, asked.question)
        body = await asyncio.to_thread(json_bytes, gathered.document, pointer="/payload")
        return _Resolved(
            gathered.document,
            day.isoformat(),
            new_payload_id(),
            body,
            origin=gathered.origin,
            findings=gathered.findings,
            warnings=gathered.warnings,
        )

    def _save(self, report: Any, run: RunContext, resolved: _Resolved, door: Door, started_at: str) -> Answer:
        now, principal = self._clock(), door.principal
        body = report.model_dump_json().encode()
        sealed_report = seal_report(self._vault, principal, run.run_id, body)
        kept = None
        if door.keep and resolved.body is not None:
            sealed = seal_payload(self._vault, principal, resolved.payload_id, resolved.body)
            kept = KeptPayload(sealed, resolved.origin, resolved.findings)
        rows = [DraftRow(**vars(draft)) for draft in self._workflow.proposed_drafts(report)] if door.keep else []
        with self._engine.begin() as connection:
            if kept is not None:
                save_payload(connection, principal, resolved.payload_id, kept, now)
            save_run(
                connection,
                principal,
                run=StoredRun(run.run_id, resolved.payload_id if door.keep else "", report.as_of),
                thread_id=run.thread_id if door.keep else "",
                workflow=self._workflow.name,
                correlation_id=run.correlation_id,
                sealed_report=sealed_report,
                now=now,
                started_at=started_at,
                announced=bool(door.run_id),
            )
            if rows:
                one_at_a_time(connection, f"drafts/{principal.tenant}/{principal.person}")
            save_drafts(connection, rows, principal=principal, run_id=run.run_id, created_at=now_text(now))
        return Answer(report, body, now_text(now))


def _purged() -> ConflictError:
    return ConflictError("This conversation's data is no longer stored; send the payload again.", code="payload_purged")


def _nothing_to_read() -> RejectedError:
    return RejectedError("Send a payload: no source is configured.", errors=[("/payload", "missing")])

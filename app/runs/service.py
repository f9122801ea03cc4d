"""The run service: resolves the payload, runs the graph, saves everything in one transaction, then answers."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import BaseModel
from sqlalchemy import Engine

from app.drafts.rows import DraftRow, save_drafts
from app.errors import ConflictError, NotFoundError, RejectedError
from app.runs.people import people_in
from app.runs.reading import Gathered, Origin, Reader
from app.runs.rows import (
    KeptPayload,
    StoredRun,
    last_run,
    save_payload,
    save_run,
    seal_payload,
    seal_report,
    stored_payload,
)
from app.security.principal import Principal
from app.store.crypto import Vault
from app.store.database import now_text
from chains.context import Progress, RowLimits, RunContext, nobody_listens
from chains.models import ModelRun
from chains.registry import Answers, Workflow
from connectors.payload import read_payload
from connectors.records import Finding
from connectors.shim.people import People

SCHEMA_VERSION = "1"
_LONGEST_THREAD_ID = 200
_ANY_NUMBER = 10**9

RunModels = Callable[[str], ModelRun]
"""Gives a run of a tenant its models, with budgets of its own."""


@dataclass(frozen=True)
class Door:
    """Who asks and from where: what every side of the service knows of a question before it is read.

    Attributes:
        run_id: The run's id where the door gave one already; "" makes one.
        keep: Whether payload and drafts are kept, and the conversation remembers the run; a dry run keeps neither.
    """

    principal: Principal
    correlation_id: str
    thread_id: str = ""
    on_event: Callable[[Progress], None] = nobody_listens
    run_id: str = ""
    keep: bool = True


@dataclass(frozen=True)
class _Resolved:
    """The payload to work on; `body` is its JSON where it is not stored yet."""

    document: Mapping[str, Any]
    as_of: str
    payload_id: str
    body: bytes | None
    origin: Origin = "pushed"
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()


class RunService:
    """Answers questions for one workflow's typed request; the graph itself writes nothing outside.

    Args:
        reader: Gathers accounts where a request brings none, or is None where nothing can be read.
        clock: Gives the present instant, aware.
        models: Gives a run its models, or is None where none is configured.
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
        concurrent_runs: int = 8,
    ) -> None:
        self._workflow = workflow
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

    async def run(self, request: Mapping[str, Any], door: Door) -> BaseModel:
        """Answer one request; report and drafts are stored when this returns.

        Raises:
            RejectedError: The request cannot be taken as it is (the errors point at what to mend).
            ConflictError: The thread's stored payload was purged.
        """
        door.principal.require(f"{self._workflow.name}:run")
        thread_id = _thread_id(door.thread_id)
        # A caller's patience begins at the door, so that the time spent waiting for a slot is part of the budget.
        models = self._models(door.principal.tenant) if self._models else None
        async with self._slots:
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
                await asyncio.to_thread(self._save, report, run, resolved, door)
        return report

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
        return people_in(read_payload(orjson.loads(kept.body), max_accounts=_ANY_NUMBER).payload.accounts)

    async def _resolve(self, request: Mapping[str, Any], principal: Principal, thread_id: str) -> _Resolved:
        payload: Mapping[str, Any] = request.get("payload") or {}
        version = "" if payload.get("schema_version") is None else payload["schema_version"]
        as_of = _day(request.get("as_of") or "")
        if not isinstance(version, str | int) or isinstance(version, bool) or str(version) not in ("", SCHEMA_VERSION):
            raise RejectedError(
                f"schema_version must be {SCHEMA_VERSION!r}.", errors=[("/payload/schema_version", "unknown version")]
            )
        sent = bool(version or payload.get("accounts"))
        if payload_id := request.get("payload_id"):
            if sent:
                raise RejectedError(
                    "Send either `payload` or `payload_id`.", errors=[("/payload_id", "there is a payload too")]
                )
            return await asyncio.to_thread(self._uploaded, payload_id, principal, as_of)
        if sent:
            warnings = () if version else ("The payload has no schema_version; it was read as version 1.",)
            body = await asyncio.to_thread(_as_bytes, payload)
            return _Resolved(payload, as_of, _new_payload_id(), body, warnings=warnings)
        if any(value not in ("", None, []) for value in payload.values()):
            raise RejectedError(
                "The payload has neither schema_version nor accounts; send both, or no payload at all.",
                errors=[("/payload/accounts", "missing")],
            )
        if (last := await asyncio.to_thread(last_run, self._engine, principal, thread_id)) is not None:
            return await asyncio.to_thread(self._stored, last, principal, as_of)
        return await self._gathered(as_of, principal, str(request.get("question") or ""))

    def _uploaded(self, payload_id: Any, principal: Principal, as_of: str) -> _Resolved:
        kept = stored_payload(self._engine, self._vault, principal, payload_id) if isinstance(payload_id, str) else None
        if kept is None:
            raise NotFoundError("There is no such payload; upload it again, or send `payload`.", code="payload_unknown")
        return _Resolved(orjson.loads(kept.body), as_of, payload_id, None, origin=kept.origin, findings=kept.findings)

    def _stored(self, last: StoredRun, principal: Principal, as_of: str) -> _Resolved:
        kept = stored_payload(self._engine, self._vault, principal, last.payload_id)
        if kept is None:
            raise ConflictError(
                "This conversation's data is no longer stored; send the payload again.", code="payload_purged"
            )
        return _Resolved(
            orjson.loads(kept.body),
            as_of or last.as_of,
            last.payload_id,
            None,
            origin=kept.origin,
            findings=kept.findings,
        )

    async def _gathered(self, as_of: str, principal: Principal, question: str) -> _Resolved:
        if self._reader is None:
            raise RejectedError("Send a payload: no source is configured.", errors=[("/payload", "missing")])
        day = dt.date.fromisoformat(as_of) if as_of else self._clock().date()
        gathered: Gathered = await self._reader.gather(day, principal, question)
        body = await asyncio.to_thread(_as_bytes, gathered.document)
        return _Resolved(
            gathered.document,
            day.isoformat(),
            _new_payload_id(),
            body,
            origin=gathered.origin,
            findings=gathered.findings,
            warnings=gathered.warnings,
        )

    def _save(self, report: Any, run: RunContext, resolved: _Resolved, door: Door) -> None:
        now, principal = self._clock(), door.principal
        sealed_report = seal_report(self._vault, principal, run.run_id, report.model_dump_json().encode())
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
            )
            save_drafts(connection, rows, principal=principal, run_id=run.run_id, created_at=now_text(now))


def _as_bytes(document: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError:
        raise RejectedError("The payload is nested too deeply.", errors=[("/payload", "nested too deeply")]) from None


def new_run_id() -> str:
    """A run's id that nobody can guess."""
    return f"run_{secrets.token_hex(12)}"


def _new_payload_id() -> str:
    return f"pay_{secrets.token_hex(12)}"


def _thread_id(asked: str) -> str:
    if not asked:
        return f"thr_{secrets.token_hex(12)}"
    if len(asked) > _LONGEST_THREAD_ID or not asked.isprintable():
        raise RejectedError(
            f"thread_id must be printable and at most {_LONGEST_THREAD_ID} characters.",
            errors=[("/config/configurable/thread_id", "unusable")],
        )
    return asked


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        raise RejectedError("as_of must be a day such as 2026-11-16.", errors=[("/as_of", "no such day")]) from None
    if not 2000 <= day.year <= 2100:
        raise RejectedError("as_of must lie between 2000 and 2100.", errors=[("/as_of", "out of range")])
    return day.isoformat()

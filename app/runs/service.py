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
from app.errors import ConflictError, RejectedError
from app.runs.people import people_in
from app.runs.rows import StoredRun, last_run, save_payload, save_run, seal_payload, seal_report, stored_payload
from app.security.principal import Principal
from app.store.crypto import Vault
from app.store.database import now_text
from chains.context import Progress, RunContext, nobody_listens
from chains.models import ModelRun
from chains.registry import Answers, Workflow
from connectors.payload import read_payload
from connectors.shim.people import People

SCHEMA_VERSION = "1"
_LONGEST_THREAD_ID = 200
_ANY_NUMBER = 10**9

RunModels = Callable[[str], ModelRun]
"""Gives a run of a tenant its models, with budgets of its own."""


@dataclass(frozen=True)
class Door:
    """Who asks and from where: what every side of the service knows of a question before it is read."""

    principal: Principal
    correlation_id: str
    thread_id: str = ""
    on_event: Callable[[Progress], None] = nobody_listens


@dataclass(frozen=True)
class _Resolved:
    document: Mapping[str, Any]
    as_of: str
    payload_id: str
    body: bytes | None
    warnings: tuple[str, ...] = ()


class RunService:
    """Answers questions for one workflow's typed request; the graph itself writes nothing outside.

    Args:
        sample: Gives the sample organisation's payload for a day, or is None where it is switched off.
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
        sample: Callable[[dt.date], Mapping[str, Any]] | None,
        models: RunModels | None = None,
        concurrent_runs: int = 8,
    ) -> None:
        self._workflow = workflow
        self._answers = answers
        self._engine = engine
        self._vault = vault
        self._clock = clock
        self._sample = sample
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
            resolved = await asyncio.to_thread(self._resolve, request, door.principal, thread_id)
            run = RunContext(
                run_id=f"run_{secrets.token_hex(12)}",
                thread_id=thread_id,
                correlation_id=door.correlation_id,
                today=self._clock().date(),
                owner_ids=door.principal.owner_ids,
                on_event=door.on_event,
                models=models,
            )
            key = "\x1f".join((door.principal.tenant, door.principal.person, thread_id))
            asked = {**request, "payload": resolved.document, "as_of": resolved.as_of, "warnings": resolved.warnings}
            report = await self._answers(asked, run, thread_key=key)
            async with self._one_writer:  # SQLite takes one writer; waiting here is cheaper than being refused there.
                await asyncio.to_thread(self._save, report, run, resolved, door.principal)
        return report

    def people_of(self, principal: Principal, thread_id: str) -> People:
        """The persons of the thread's last payload, for a caller who may see them; nobody when it was purged.

        Raises:
            ForbiddenError: The caller lacks `pii:read`.
        """
        principal.require("pii:read")
        last = last_run(self._engine, principal, thread_id)
        body = stored_payload(self._engine, self._vault, principal, last.payload_id) if last else None
        return (
            people_in(read_payload(orjson.loads(body), max_accounts=_ANY_NUMBER).payload.accounts) if body else People()
        )

    def _resolve(self, request: Mapping[str, Any], principal: Principal, thread_id: str) -> _Resolved:
        payload: Mapping[str, Any] = request.get("payload") or {}
        version = "" if payload.get("schema_version") is None else payload["schema_version"]
        as_of = _day(request.get("as_of") or "")
        if request.get("payload_id"):
            raise RejectedError(
                "Uploaded payloads are not served here; send `payload`.", errors=[("/payload_id", "not known")]
            )
        if not isinstance(version, str | int) or isinstance(version, bool) or str(version) not in ("", SCHEMA_VERSION):
            raise RejectedError(
                f"schema_version must be {SCHEMA_VERSION!r}.", errors=[("/payload/schema_version", "unknown version")]
            )
        if version or payload.get("accounts"):
            warnings = () if version else ("The payload has no schema_version; it was read as version 1.",)
            return _Resolved(payload, as_of, _new_payload_id(), _as_bytes(payload), warnings)
        if any(value not in ("", None, []) for value in payload.values()):
            raise RejectedError(
                "The payload has neither schema_version nor accounts; send both, or no payload at all.",
                errors=[("/payload/accounts", "missing")],
            )
        if (last := last_run(self._engine, principal, thread_id)) is not None:
            return self._stored(last, principal, as_of)
        return self._from_sample(as_of)

    def _stored(self, last: StoredRun, principal: Principal, as_of: str) -> _Resolved:
        body = stored_payload(self._engine, self._vault, principal, last.payload_id)
        if body is None:
            raise ConflictError(
                "This conversation's data is no longer stored; send the payload again.", code="payload_purged"
            )
        return _Resolved(orjson.loads(body), as_of or last.as_of, last.payload_id, None)

    def _from_sample(self, as_of: str) -> _Resolved:
        if self._sample is None:
            raise RejectedError("Send a payload: no source is configured.", errors=[("/payload", "missing")])
        day = dt.date.fromisoformat(as_of) if as_of else self._clock().date()
        document = self._sample(day)
        note = "No payload was sent and no source is configured: this answer is about the sample organisation."
        return _Resolved(document, day.isoformat(), _new_payload_id(), orjson.dumps(document), (note,))

    def _save(self, report: Any, run: RunContext, resolved: _Resolved, principal: Principal) -> None:
        now = self._clock()
        sealed_report = seal_report(self._vault, principal, run.run_id, report.model_dump_json().encode())
        sealed = (
            seal_payload(self._vault, principal, resolved.payload_id, resolved.body)
            if resolved.body is not None
            else None
        )
        rows = [DraftRow(**vars(draft)) for draft in self._workflow.proposed_drafts(report)]
        with self._engine.begin() as connection:
            if sealed is not None:
                save_payload(connection, principal, resolved.payload_id, sealed, now)
            save_run(
                connection,
                principal,
                run=StoredRun(run.run_id, resolved.payload_id, report.as_of),
                thread_id=run.thread_id,
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

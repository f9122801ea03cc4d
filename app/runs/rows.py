"""Reads and writes runs and their payloads; both are sealed, and opened for their own row alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, Engine, and_, delete, insert, select, update

from app.errors import ConflictError
from app.runs.reading import Origin
from app.security.principal import Principal
from app.security.row_limits import limits_text, sees
from app.store.crypto import Vault
from app.store.database import now_text
from app.store.tables import drafts, payloads, runs
from connectors.records import Finding

IN_WORK = ("queued", "running")
"""The states of a run that may still change."""


@dataclass(frozen=True)
class StoredRun:
    """What a thread's next question needs of the last run."""

    run_id: str
    payload_id: str
    as_of: str
    finished_at: str = ""
    limits: str = ""


@dataclass(frozen=True)
class KeptPayload:
    """A payload's JSON, where it came from, and what reading it found; `body` is sealed on its way into the store."""

    body: bytes = field(repr=False)
    origin: Origin = "pushed"
    findings: tuple[Finding, ...] = ()
    created_at: str = ""


def last_run(engine: Engine, principal: Principal, thread_id: str) -> StoredRun | None:
    """The newest run of the person's thread, or nothing."""
    query = (
        select(runs.c.run_id, runs.c.payload_id, runs.c.as_of, runs.c.finished_at, runs.c.limits)
        .where(
            runs.c.tenant == principal.tenant,
            runs.c.person == principal.person,
            runs.c.thread_id == thread_id,
            runs.c.status == "succeeded",
        )
        .order_by(runs.c.finished_at.desc())
        .limit(1)
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    return StoredRun(*row) if row else None


def stored_payload(engine: Engine, vault: Vault, principal: Principal, payload_id: str) -> KeptPayload | None:
    """The payload, or nothing when it was purged or is another person's."""
    query = select(payloads.c.body, payloads.c.origin, payloads.c.findings, payloads.c.created_at).where(
        payloads.c.tenant == principal.tenant,
        payloads.c.person == principal.person,
        payloads.c.payload_id == payload_id,
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    body = vault.open(row.body, row=f"{principal.tenant}/payload/{payload_id}")
    findings = msgspec.json.decode(row.findings, type=tuple[Finding, ...])
    return KeptPayload(body, row.origin, findings, row.created_at)


def has_payload(engine: Engine, principal: Principal, payload_id: str) -> bool:
    """Whether the person has a payload of that id."""
    query = select(payloads.c.created_at).where(
        payloads.c.tenant == principal.tenant,
        payloads.c.person == principal.person,
        payloads.c.payload_id == payload_id,
    )
    with engine.connect() as connection:
        return connection.execute(query).first() is not None


def stored_report(engine: Engine, vault: Vault, principal: Principal, run_id: str) -> bytes | None:
    """The report's JSON of one of the person's runs, or nothing where there is none."""
    query = select(runs.c.report, runs.c.limits).where(
        runs.c.tenant == principal.tenant, runs.c.person == principal.person, runs.c.run_id == run_id
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None or not row.report or not sees(principal, row.limits):
        return None
    return vault.open(row.report, row=f"{principal.tenant}/run/{run_id}")


def seal_payload(vault: Vault, principal: Principal, payload_id: str, body: bytes) -> bytes:
    """The payload's JSON, sealed for its row; done before the transaction, as it takes time."""
    return vault.seal(body, row=f"{principal.tenant}/payload/{payload_id}")


def seal_report(vault: Vault, principal: Principal, run_id: str, report: bytes) -> bytes:
    """The report's JSON, sealed for its row."""
    return vault.seal(report, row=f"{principal.tenant}/run/{run_id}")


def save_payload(
    connection: Connection, principal: Principal, payload_id: str, payload: KeptPayload, now: dt.datetime
) -> None:
    """Keep a sealed payload."""
    connection.execute(
        insert(payloads).values(
            payload_id=payload_id,
            tenant=principal.tenant,
            person=principal.person,
            created_at=now_text(now),
            origin=payload.origin,
            findings=msgspec.json.encode(payload.findings).decode(),
            body=payload.body,
        )
    )


def save_run(
    connection: Connection,
    principal: Principal,
    *,
    run: StoredRun,
    thread_id: str,
    workflow: str,
    correlation_id: str,
    sealed_report: bytes,
    now: dt.datetime,
    started_at: str = "",
    announced: bool = False,
) -> None:
    """Keep a run that succeeded, with its sealed, masked report: in a new row, or in the one it was announced with.

    Raises:
        ConflictError: The announced run was cancelled, or given up, before this.
    """
    outcome = {
        "thread_id": thread_id,
        "as_of": run.as_of,
        "payload_id": run.payload_id,
        "status": "succeeded",
        "started_at": started_at or now_text(now),
        "finished_at": now_text(now),
        "report": sealed_report,
        "limits": limits_text(principal),
    }
    if announced:
        row = update(runs).where(runs.c.run_id == run.run_id, runs.c.status.in_(IN_WORK))
        if not connection.execute(row.values(**outcome)).rowcount:
            raise ConflictError("The run was ended before its answer was saved.", code="run_ended")
        return
    connection.execute(
        insert(runs).values(
            run_id=run.run_id,
            tenant=principal.tenant,
            person=principal.person,
            client=principal.client,
            workflow=workflow,
            correlation_id=correlation_id,
            created_at=started_at or now_text(now),
            **outcome,
        )
    )


def purge_payloads(engine: Engine, *, before: dt.datetime) -> int:
    """Forget payloads older than `before`; how many there were."""
    with engine.begin() as connection:
        return int(connection.execute(delete(payloads).where(payloads.c.created_at < now_text(before))).rowcount)


def purge_runs(connection: Connection, *, before: dt.datetime) -> int:
    """Forget runs that ended before, with their reports and drafts; how many runs there were."""
    old = and_(runs.c.finished_at != "", runs.c.finished_at < now_text(before))
    connection.execute(delete(drafts).where(drafts.c.run_id.in_(select(runs.c.run_id).where(old))))
    return int(connection.execute(delete(runs).where(old)).rowcount)

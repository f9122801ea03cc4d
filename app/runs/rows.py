"""Reads and writes runs and their payloads; both are sealed, and opened for their own row alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, insert, select

from app.security.principal import Principal
from app.store.crypto import Vault
from app.store.database import now_text
from app.store.tables import payloads, runs


@dataclass(frozen=True)
class StoredRun:
    """What a thread's next question needs of the last run."""

    run_id: str
    payload_id: str
    as_of: str


def last_run(engine: Engine, principal: Principal, thread_id: str) -> StoredRun | None:
    """The newest run of the person's thread, or nothing."""
    query = (
        select(runs.c.run_id, runs.c.payload_id, runs.c.as_of)
        .where(runs.c.tenant == principal.tenant, runs.c.person == principal.person, runs.c.thread_id == thread_id)
        .order_by(runs.c.finished_at.desc())
        .limit(1)
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    return StoredRun(*row) if row else None


def stored_payload(engine: Engine, vault: Vault, principal: Principal, payload_id: str) -> bytes | None:
    """The payload's JSON, or nothing when it was purged or is another person's."""
    query = select(payloads.c.body).where(
        payloads.c.tenant == principal.tenant,
        payloads.c.person == principal.person,
        payloads.c.payload_id == payload_id,
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    return vault.open(row[0], row=f"{principal.tenant}/payload/{payload_id}") if row else None


def stored_report(engine: Engine, vault: Vault, principal: Principal, run_id: str) -> bytes | None:
    """The report's JSON of one of the person's runs, or nothing."""
    query = select(runs.c.report).where(
        runs.c.tenant == principal.tenant, runs.c.person == principal.person, runs.c.run_id == run_id
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    return vault.open(row[0], row=f"{principal.tenant}/run/{run_id}") if row else None


def seal_payload(vault: Vault, principal: Principal, payload_id: str, body: bytes) -> bytes:
    """The payload's JSON, sealed for its row; done before the transaction, as it takes time."""
    return vault.seal(body, row=f"{principal.tenant}/payload/{payload_id}")


def seal_report(vault: Vault, principal: Principal, run_id: str, report: bytes) -> bytes:
    """The report's JSON, sealed for its row."""
    return vault.seal(report, row=f"{principal.tenant}/run/{run_id}")


def save_payload(
    connection: Connection, principal: Principal, payload_id: str, sealed: bytes, now: dt.datetime
) -> None:
    """Keep a sealed payload."""
    connection.execute(
        insert(payloads).values(
            payload_id=payload_id,
            tenant=principal.tenant,
            person=principal.person,
            created_at=now_text(now),
            body=sealed,
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
) -> None:
    """Keep a run and its sealed, masked report."""
    connection.execute(
        insert(runs).values(
            run_id=run.run_id,
            tenant=principal.tenant,
            person=principal.person,
            thread_id=thread_id,
            workflow=workflow,
            correlation_id=correlation_id,
            as_of=run.as_of,
            payload_id=run.payload_id,
            finished_at=now_text(now),
            report=sealed_report,
        )
    )


def purge_payloads(engine: Engine, *, before: dt.datetime) -> int:
    """Forget payloads older than `before`; how many there were."""
    with engine.begin() as connection:
        return int(connection.execute(delete(payloads).where(payloads.c.created_at < now_text(before))).rowcount)

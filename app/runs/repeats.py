"""Requests that may come twice: one `Idempotency-Key` stands for one run."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.errors import ConflictError
from app.runs.requests import json_bytes
from app.security.principal import Principal
from app.store.database import now_text
from app.store.tables import repeats

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Repeat:
    """What a key is known by: the tenant, the client and the route it came to, and what was asked with it."""

    tenant: str
    client: str
    route: str
    key: str
    person: str
    digest: str


def repeat_of(principal: Principal, route: str, key: str, body: Any) -> Repeat:
    """The key of a request with this JSON body, whose digest does not depend on the order of names."""
    canonical = json_bytes(body, pointer="", sort_keys=True)
    digest = hashlib.sha256(principal.person.encode() + b"\x1f" + canonical).hexdigest()
    return Repeat(
        tenant=principal.tenant,
        client=principal.client or principal.person,  # Without a client every person is one.
        route=route,
        key=key,
        person=principal.person,
        digest=digest,
    )


def known_run(connection: Connection, repeat: Repeat, *, since: dt.datetime) -> str:
    """The run that the key stands for; "" when it is new or was used before `since`.

    Raises:
        ConflictError: The key came with another body, or from another person.
    """
    query = select(repeats.c.run_id, repeats.c.digest).where(_same(repeat), repeats.c.created_at >= now_text(since))
    row = connection.execute(query).first()
    if row is None:
        return ""
    if row.digest != repeat.digest:
        raise ConflictError(
            "This Idempotency-Key came with another request before; use a new key.", code="idempotency_mismatch"
        )
    return str(row.run_id)


def claim(connection: Connection, repeat: Repeat, run_id: str, *, now: dt.datetime, since: dt.datetime) -> str:
    """The run that the key stands for from now on: this one, unless another request was first.

    Raises:
        ConflictError: The key came with another body, or from another person.
    """
    connection.execute(delete(repeats).where(_same(repeat), repeats.c.created_at < now_text(since)))
    insert: Any = _INSERTS[connection.dialect.name](repeats)
    row = {**vars(repeat), "run_id": run_id, "created_at": now_text(now)}
    if connection.execute(insert.on_conflict_do_nothing().values(row)).rowcount > 0:
        return run_id
    return known_run(connection, repeat, since=since)


def forget(connection: Connection, repeat: Repeat, run_id: str) -> None:
    """Let the key stand for no run, where it stands for this one."""
    connection.execute(delete(repeats).where(_same(repeat), repeats.c.run_id == run_id))


def purge_repeats(connection: Connection, before: dt.datetime) -> int:
    """Forget keys older than `before`; how many there were."""
    return int(connection.execute(delete(repeats).where(repeats.c.created_at < now_text(before))).rowcount)


def _same(repeat: Repeat) -> ColumnElement[bool]:
    return and_(
        repeats.c.tenant == repeat.tenant,
        repeats.c.client == repeat.client,
        repeats.c.route == repeat.route,
        repeats.c.key == repeat.key,
    )

"""Reads and writes draft rows; a newer draft for the same account and purpose supersedes a waiting one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.errors import NotFoundError, RejectedError
from app.security.principal import Principal
from app.security.row_limits import sees
from app.store.tables import drafts, runs
from chains.evidence import DraftStatus

STATUSES: tuple[DraftStatus, ...] = ("awaiting_approval", "approved", "rejected", "superseded", "blocked", "expired")
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class DraftRow:
    """A draft to store: `content` is the draft, its facts and placeholders, ready as JSON, in masked text."""

    draft_id: str
    account_id: str
    purpose: str
    status: str
    digest: str
    content: dict[str, Any]


def save_drafts(
    connection: Connection, rows: list[DraftRow], *, principal: Principal, run_id: str, created_at: str
) -> None:
    """Store the drafts of a run, superseding what waits for the same person's accounts and purpose.

    A colleague's draft is left alone: whoever asks must not take away what somebody else is about to decide.
    """
    if not rows:
        return
    for purpose in {row.purpose for row in rows}:
        accounts = [row.account_id for row in rows if row.purpose == purpose]
        connection.execute(
            update(drafts)
            .where(
                drafts.c.tenant == principal.tenant,
                drafts.c.person == principal.person,
                drafts.c.account_id.in_(accounts),
                drafts.c.purpose == purpose,
                drafts.c.status.in_(("awaiting_approval", "blocked")),
                drafts.c.run_id != run_id,
            )
            .values(status="superseded")
        )
    insert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(
        insert(drafts).on_conflict_do_nothing(index_elements=["draft_id"]),
        [
            {
                "draft_id": row.draft_id,
                "tenant": principal.tenant,
                "person": principal.person,
                "run_id": run_id,
                "account_id": row.account_id,
                "purpose": row.purpose,
                "version": 1,
                "status": row.status,
                "digest": row.digest,
                "created_at": created_at,
                "content": json.dumps(row.content, ensure_ascii=False),
            }
            for row in rows
        ],
    )


def list_drafts(
    engine: Engine, principal: Principal, *, status: str = "", account_id: str = "", cursor: str = "", limit: int = 50
) -> tuple[list[dict[str, Any]], str]:
    """A page of the drafts that the caller may see, newest first, and the cursor of the next page ("" at the end).

    Raises:
        RejectedError: An unknown status, a limit out of range, or a cursor that is none of ours.
    """
    principal.require("drafts:read")
    if status and status not in STATUSES:
        raise RejectedError(f"status must be one of {', '.join(STATUSES)}.", errors=[("/status", "unknown status")])
    if not 1 <= limit <= MOST_AT_ONCE:
        raise RejectedError(f"limit must be from 1 to {MOST_AT_ONCE}.", errors=[("/limit", "out of range")])
    query = select(drafts)
    if status:
        query = query.where(drafts.c.status == status)
    if account_id:
        query = query.where(drafts.c.account_id == account_id)
    if cursor:
        created_at, _, draft_id = cursor.partition("~")
        if not draft_id:
            raise RejectedError("The cursor is not one that a page gave.", errors=[("/cursor", "unknown cursor")])
        query = query.where(
            or_(drafts.c.created_at < created_at, and_(drafts.c.created_at == created_at, drafts.c.draft_id > draft_id))
        )
    query = query.order_by(drafts.c.created_at.desc(), drafts.c.draft_id).limit(limit + 1)
    with engine.connect() as connection:
        rows = connection.execute(query.where(*_visible(connection, principal))).mappings().all()
    more = len(rows) > limit
    rows = rows[:limit]
    following = f"{rows[-1]['created_at']}~{rows[-1]['draft_id']}" if more else ""
    return [_shown(row) for row in rows], following


def get_draft(engine: Engine, principal: Principal, draft_id: str) -> dict[str, Any]:
    """One draft that the caller may see.

    Raises:
        NotFoundError: There is none, or it is another tenant's or person's.
    """
    principal.require("drafts:read")
    if not draft_id.isprintable():
        raise NotFoundError("There is no such draft.")
    query = select(drafts).where(drafts.c.draft_id == draft_id)
    with engine.connect() as connection:
        row = connection.execute(query.where(*_visible(connection, principal))).mappings().first()
    if row is None:
        raise NotFoundError("There is no such draft.")
    return _shown(row)


def _visible(connection: Connection, principal: Principal) -> Iterator[ColumnElement[bool]]:
    """The person's own drafts, or all of the tenant's for an administrator; none made under wider row-level limits."""
    yield drafts.c.tenant == principal.tenant
    if "admin" not in principal.scopes:
        yield drafts.c.person == principal.person
    if principal.regions or principal.segments:
        made = connection.execute(select(runs.c.limits).where(runs.c.tenant == principal.tenant).distinct()).scalars()
        seen = [limits for limits in made if sees(principal, limits)]
        yield drafts.c.run_id.in_(select(runs.c.run_id).where(runs.c.limits.in_(seen)))


def _shown(row: Any) -> dict[str, Any]:
    content = json.loads(row["content"])
    return {
        **content["draft"],
        "draft_id": row["draft_id"],
        "run_id": row["run_id"],
        "account_id": row["account_id"],
        "account_name": content["account_name"],
        "version": row["version"],
        "status": row["status"],
        "digest": row["digest"],
        "created_at": row["created_at"],
        "facts": content["facts"],
        "placeholders": content["placeholders"],
    }

"""Pages of a report's flat account rows, with each draft as it stands now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, select

from app.errors import RejectedError
from app.security.principal import Principal
from app.store.tables import drafts

MOST_AT_ONCE = 500
_LONGEST_CURSOR = 9
ROW_CURSOR = f"^[0-9]{{0,{_LONGEST_CURSOR}}}$"

FlatRow = Mapping[str, Any]


def row_page(rows: Sequence[FlatRow], *, cursor: str, limit: int) -> tuple[Sequence[FlatRow], str]:
    """A page of the rows in their order, and the cursor of the next page ("" at the end).

    Raises:
        RejectedError: The cursor is none of ours.
    """
    if cursor and not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= _LONGEST_CURSOR):
        raise RejectedError("The cursor is not one that a page gave.", errors=[("/cursor", "unknown cursor")])
    start = int(cursor or 0)
    following = str(start + limit) if start + limit < len(rows) else ""
    return rows[start : start + limit], following


def with_drafts_of_now(engine: Engine, principal: Principal, rows: Sequence[FlatRow]) -> list[FlatRow]:
    """The rows with their drafts as they stand now; one that is not kept (a dry run's) can be read, never decided."""
    kept = _statuses(engine, principal, {row["draft_id"] for row in rows if row["draft_id"]})
    gone = {"draft_id": "", "draft_status": "", "digest": ""}
    return [{**row, **({"draft_status": kept[row["draft_id"]]} if row["draft_id"] in kept else gone)} for row in rows]


def _statuses(engine: Engine, principal: Principal, draft_ids: Collection[str]) -> Mapping[str, str]:
    query = select(drafts.c.draft_id, drafts.c.status).where(
        drafts.c.tenant == principal.tenant, drafts.c.draft_id.in_(sorted(draft_ids))
    )
    with engine.connect() as connection:
        return {str(draft_id): str(status) for draft_id, status in connection.execute(query)}

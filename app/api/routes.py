"""The plain routes: liveness, readiness, drafts."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.api.correlation import correlation_id
from app.api.parameters import NO_NUL, DraftId
from app.bootstrap import Parts
from app.drafts.rows import MOST_AT_ONCE, get_draft, list_drafts
from app.security.callers import principal_of
from chains.evidence import Check, Fact, Placeholder, Statement

router = APIRouter()

DRAFT_CURSOR = r"^(|[0-9T:.+Z-]{1,40}~[A-Za-z0-9_-]{1,80})$"
StatusFilter = Literal["", "awaiting_approval", "approved", "rejected", "superseded", "blocked", "expired"]


class StoredDraft(BaseModel):
    """A draft as it stands, in masked text; `placeholders` say by id whose values go where."""

    draft_id: str
    run_id: str
    account_id: str
    account_name: str = ""
    version: int = 1
    status: str
    digest: str
    created_at: str
    subject: str = ""
    body: str = ""
    language: str = ""
    to_contact_id: str = ""
    written_by: str = ""
    statements: list[Statement] = Field(default_factory=list)
    checks: list[Check] = Field(default_factory=list)
    facts: list[Fact] = Field(default_factory=list)
    placeholders: list[Placeholder] = Field(default_factory=list)


class OneDraft(StoredDraft):
    """A draft as it stands, by itself."""

    correlation_id: str = ""


class DraftPage(BaseModel):
    """A page of drafts, newest first; `next_cursor` is empty on the last one."""

    items: list[StoredDraft]
    next_cursor: str = ""
    correlation_id: str = ""


class Health(BaseModel):
    """Whether the service lives, or is ready; every dependency by name."""

    status: str
    checks: dict[str, str] = Field(default_factory=dict)
    correlation_id: str = ""


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


@router.get("/livez", operation_id="livez", tags=["service"])
async def livez() -> Health:
    """Whether the process answers."""
    return Health(status="ok", correlation_id=correlation_id())


@router.get(
    "/readyz",
    operation_id="readyz",
    tags=["service"],
    response_model=Health,
    responses={503: {"model": Health, "description": "A dependency does not answer"}},
)
async def readyz(request: Request) -> Any:
    """Whether every dependency answers; 503 when one does not."""
    parts = _parts(request)

    def ask_database() -> str:
        try:
            with parts.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return "not answering"
        return "ok"

    engine = "model" if parts.settings.model_engine.enabled else "built-in"
    checks = {"database": await asyncio.to_thread(ask_database), "engine": engine}
    ready = checks["database"] == "ok"
    health = Health(status="ok" if ready else "unavailable", checks=checks, correlation_id=correlation_id())
    return health if ready else JSONResponse(health.model_dump(), status_code=503, headers={"Retry-After": "5"})


@router.get("/v1/drafts", operation_id="listDrafts", tags=["drafts"], response_model=DraftPage)
async def drafts(
    request: Request,
    status: Annotated[StatusFilter, Query(description="Only drafts of this status; empty for all.")] = "",
    account_id: Annotated[
        str, Query(description="Only this account's drafts; empty for all.", max_length=200, pattern=NO_NUL)
    ] = "",
    cursor: Annotated[
        str, Query(description="The page before's next_cursor; empty for the first page.", pattern=DRAFT_CURSOR)
    ] = "",
    limit: Annotated[int, Query(description="How many at most.", ge=1, le=MOST_AT_ONCE)] = 50,
) -> Any:
    """The drafts of every door, newest first."""
    items, following = await asyncio.to_thread(
        list_drafts,
        _parts(request).engine,
        principal_of(request),
        status=status,
        account_id=account_id,
        cursor=cursor,
        limit=limit,
    )
    return {"items": items, "next_cursor": following, "correlation_id": correlation_id()}


@router.get("/v1/drafts/{draft_id}", operation_id="getDraft", tags=["drafts"], response_model=OneDraft)
async def draft(request: Request, draft_id: DraftId) -> Any:
    """One draft with its facts, checks and digest."""
    found = await asyncio.to_thread(get_draft, _parts(request).engine, principal_of(request), draft_id)
    return {**found, "correlation_id": correlation_id()}

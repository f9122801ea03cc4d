"""Payloads over HTTP: check one, upload a large one once and name it in questions, forget it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

from app.api.correlation import correlation_id
from app.api.json_bodies import JSON_LINES, media_type, pointing
from app.api.parameters import PayloadId
from app.api.run_models import PayloadCheck, PayloadFinding, PayloadReceipt, RejectedRow
from app.errors import AppError
from app.runs.payloads import Uploads
from app.runs.requests import day_of
from app.security.callers import principal_of
from app.security.principal import Principal
from connectors.errors import InvalidPayloadError

router = APIRouter(tags=["payloads"])
T = TypeVar("T")
_MOST_REJECTED = 1000
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/UnifiedPayload"}},
            **{kind: {"schema": {"type": "string"}} for kind in JSON_LINES},
        },
    }
}


@router.post("/v1/payloads/check", operation_id="checkPayload", response_model=PayloadCheck, openapi_extra=_BODY)
async def check(
    request: Request,
    as_of: Annotated[str, Query(description="The day to judge it for; empty for the payload's own, else today.")] = "",
) -> Any:
    """Says what a run would find in a payload: JSON, or JSON Lines with the envelope first. Nothing is stored."""
    body, _ = await _body(request)
    day = day_of(as_of)
    checked = await _pointed(lambda: _uploads(request).check(body, as_of=day))
    return PayloadCheck(
        received=checked.received,
        accepted=checked.accepted,
        rejected=[
            RejectedRow(pointer=entry.pointer, account_id=entry.account_id, message=entry.message)
            for entry in checked.rejected[:_MOST_REJECTED]
        ],
        data_quality=[
            PayloadFinding(severity=one.severity, scope=one.scope, message=one.message, count=one.count)
            for one in checked.findings
        ],
        as_of=checked.as_of.isoformat(),
        correlation_id=correlation_id(),
    )


@router.put(
    "/v1/payloads/{payload_id}",
    operation_id="putPayload",
    response_model=PayloadReceipt,
    openapi_extra=_BODY,
    responses={201: {"model": PayloadReceipt, "description": "It is new"}},
)
async def put(request: Request, payload_id: PayloadId) -> Any:
    """Keeps a payload under an id of your own, in place of an earlier one; questions then name it by `payload_id`."""
    body, principal = await _body(request)
    receipt = await _pointed(lambda: _uploads(request).put(principal, payload_id, body))
    answer = PayloadReceipt(
        payload_id=receipt.payload_id,
        received=receipt.received,
        accepted=receipt.accepted,
        rejected=receipt.rejected,
        bytes=receipt.size,
        stored_at=receipt.stored_at,
        expires_at=receipt.expires_at,
        correlation_id=correlation_id(),
    )
    return JSONResponse(answer.model_dump(), status_code=201 if receipt.is_new else 200)


@router.delete("/v1/payloads/{payload_id}", operation_id="deletePayload", status_code=204)
async def remove(request: Request, payload_id: PayloadId) -> Response:
    """Forgets a payload of your own."""
    principal = _caller(request)
    await asyncio.to_thread(_uploads(request).remove, principal, payload_id)
    return Response(status_code=204)


async def _body(request: Request) -> tuple[bytes, Principal]:
    principal = _caller(request)
    kind = media_type(request)
    if kind and kind != "application/json" and kind not in JSON_LINES:
        raise HTTPException(415)
    return await request.body(), principal


async def _pointed(work: Callable[[], T]) -> T:
    """What the work gives, off the event loop; its errors point into the body, which is the payload itself."""
    try:
        return await asyncio.to_thread(work)
    except (AppError, InvalidPayloadError) as error:
        raise pointing(error, payload="", request="") from None


def _caller(request: Request) -> Principal:
    """The caller, who may run some workflow."""
    principal = principal_of(request)
    scopes = [f"{name}:run" for name in request.app.state.parts.services]
    if not principal.scopes.intersection(scopes):
        principal.require(scopes[0])
    return principal


def _uploads(request: Request) -> Uploads:
    uploads: Uploads = request.app.state.parts.uploads
    return uploads

"""Runs over HTTP: start one, poll it, page through its accounts, watch it, cancel it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent

from app.api.correlation import correlation_id
from app.api.json_bodies import JsonRoute, pointing
from app.api.parameters import IDEMPOTENCY_KEY, RunId
from app.api.run_models import AccountPage, Run, RunHead, run_model, run_request_model
from app.bootstrap import Parts
from app.errors import AppError, NotFoundError, RejectedError
from app.runs.account_rows import MOST_AT_ONCE, ROW_CURSOR, row_page, with_drafts_of_now
from app.runs.desk import Desk, Order, Seen
from app.runs.repeats import Repeat, repeat_of
from app.runs.showing import shown
from app.security.callers import principal_of
from app.security.principal import Principal
from chains.errors import InvalidQuestionError
from chains.registry import Workflow
from connectors.errors import InvalidPayloadError

_JSON = "application/json"
_KEY = "idempotency-key"
_LONGEST_KEY = 200
_PING_SECONDS = 15
_ANSWERING_SECONDS = 0.3
"""What is kept of a caller's patience to write the answer and send it."""
_EVENT = {
    "type": "object",
    "properties": {"event": {"type": "string", "enum": ["progress", "run"]}, "data": {"type": "string"}},
}


def run_routes(workflows: Iterable[Workflow]) -> APIRouter:
    """The routes of all runs, and the typed ones of each workflow."""
    router = APIRouter(route_class=JsonRoute, strict_content_type=False)
    for workflow in workflows:
        _add_workflow(router, workflow)
    _add_runs(router)
    return router


def _add_workflow(router: APIRouter, workflow: Workflow) -> None:
    name, title = workflow.name, workflow.name.title()
    asked, answered = run_request_model(workflow), run_model(workflow)
    path = f"/v1/{name}/runs"

    async def start(
        request: Request,
        order: asked,  # type: ignore[valid-type]
        _key: Annotated[
            str,
            Header(
                alias="Idempotency-Key",
                description="The same request sent again with the same key is the same run.",
                json_schema_extra=IDEMPOTENCY_KEY,
            ),
        ] = "",
    ) -> Response:
        return await _start(request, order, workflow, path)

    async def typed_run(request: Request, run_id: RunId) -> Response:
        return await _run(request, run_id, workflow)

    async def typed_report(request: Request, run_id: RunId) -> Response:
        return await _report(request, run_id, workflow)

    # FastAPI reads the annotation as text otherwise, and this model has no name that it could find.
    start.__annotations__["order"] = asked
    router.add_api_route(
        path,
        start,
        methods=["POST"],
        operation_id=f"start{title}Run",
        tags=["runs"],
        summary=f"Ask the {name} workflow",
        description="Answers 200 with the run when it ends within `wait_seconds`, else 202: ask for it again.",
        response_model=answered,
        responses={200: {"description": "The run has ended"}, 202: {"model": answered, "description": "It goes on"}},
    )
    router.add_api_route(
        f"{path}/{{run_id}}",
        typed_run,
        methods=["GET"],
        operation_id=f"get{title}Run",
        tags=["runs"],
        summary=f"A {name} run as it stands, with its typed report",
        response_model=answered,
    )
    router.add_api_route(
        f"{path}/{{run_id}}/report",
        typed_report,
        methods=["GET"],
        operation_id=f"get{title}Report",
        tags=["runs"],
        summary=f"The whole report of a {name} run, of any size",
        response_model=workflow.report_type,
    )


def _add_runs(router: APIRouter) -> None:
    @router.get("/v1/runs/{run_id}", operation_id="getRun", tags=["runs"], response_model=Run)
    async def run(request: Request, run_id: RunId) -> Response:
        """A run as it stands, with its report once it has succeeded."""
        return await _run(request, run_id)

    @router.get("/v1/runs/{run_id}/report", include_in_schema=False)
    async def report(request: Request, run_id: RunId) -> Response:
        return await _report(request, run_id)

    @router.get("/v1/runs/{run_id}/accounts", operation_id="listRunAccounts", tags=["runs"], response_model=AccountPage)
    async def accounts(
        request: Request,
        run_id: RunId,
        cursor: Annotated[
            str, Query(description="The `next_cursor` of the page before; empty for the first.", pattern=ROW_CURSOR)
        ] = "",
        limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE, description="How many rows a page has.")] = 100,
    ) -> Response:
        """The accounts of the run's report as flat rows, most at risk first."""
        return await _accounts(request, run_id, cursor, limit)

    @router.get(
        "/v1/runs/{run_id}/events",
        operation_id="watchRun",
        tags=["runs"],
        response_class=EventSourceResponse,
        responses={200: {"content": {"text/event-stream": {"schema": _EVENT}}}},
    )
    async def events(request: Request, run_id: RunId) -> Response:
        """The run's progress as Server-Sent Events: `progress` with stage, done and total, at the end `run`."""
        principal = principal_of(request)
        await _desk(request).state(principal, run_id)
        return EventSourceResponse(_events(_desk(request), principal, run_id), ping=_PING_SECONDS)

    @router.post("/v1/runs/{run_id}/cancel", operation_id="cancelRun", tags=["runs"], response_model=RunHead)
    async def cancel(request: Request, run_id: RunId) -> Response:
        """Ends a run and keeps nothing of it; one that has ended stays as it is."""
        return _json(shown(await _desk(request).cancel(principal_of(request), run_id)))


async def _start(request: Request, order: Any, workflow: Workflow, path: str) -> Response:
    principal, desk, limits = principal_of(request), _desk(request), _parts(request).settings.limits
    try:
        taken = await desk.take(
            Order(
                workflow=workflow.name,
                request=_fields(order.input),
                principal=principal,
                correlation_id=correlation_id(),
                thread_id=order.thread_id,
                dry_run=order.dry_run,
                callback_url=order.callback_url,
                repeat=await _repeat(request, principal, path),
            )
        )
    except InvalidQuestionError as error:
        refused = RejectedError(error.message, errors=[(error.pointer, error.message)], code=error.code)
        raise pointing(refused, payload="/input/payload", request="/input") from None
    except (AppError, InvalidPayloadError) as error:
        raise pointing(error, payload="/input/payload", request="/input") from None
    patience = min(order.wait_seconds, limits.wait_seconds) - _ANSWERING_SECONDS
    seen = await desk.wait(principal, taken.run_id, max(0.0, patience))
    answer = _run_answer(seen, limits.result_kib)
    if seen.state.in_work:
        answer.status_code = 202
        fields = shown(seen.state)
        answer.headers["Location"] = fields["status_url"]
        answer.headers["Retry-After"] = str(fields["retry_after_seconds"])
    if taken.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


async def _repeat(request: Request, principal: Principal, path: str) -> Repeat | None:
    keys = request.headers.getlist(_KEY)
    if not keys:
        return None
    key = keys[0]
    if len(keys) > 1 or not 1 <= len(key) <= _LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise RejectedError(
            f"Send one Idempotency-Key of 1 to {_LONGEST_KEY} printable ASCII characters.", code="idempotency_key"
        )
    return await asyncio.to_thread(repeat_of, principal, path, key, await request.json())


async def _run(request: Request, run_id: str, workflow: Workflow | None = None) -> Response:
    seen = await _desk(request).wait(principal_of(request), run_id, 0)
    _check_workflow(seen, workflow)
    return _run_answer(seen, _parts(request).settings.limits.result_kib)


async def _report(request: Request, run_id: str, workflow: Workflow | None = None) -> Response:
    principal = principal_of(request)
    if workflow is not None:
        _check_workflow(Seen(await _desk(request).state(principal, run_id)), workflow)
    return Response(await _desk(request).report(principal, run_id), media_type=_JSON)


async def _accounts(request: Request, run_id: str, cursor: str, limit: int) -> Response:
    principal, desk, engine = principal_of(request), _desk(request), _parts(request).engine
    state = await desk.state(principal, run_id)
    report, current = await desk.report(principal, run_id), correlation_id()
    workflow = _parts(request).services[state.workflow].workflow

    def page() -> bytes:
        rows, following = row_page(workflow.account_rows(report), cursor=cursor, limit=limit)
        items = with_drafts_of_now(engine, principal, rows)
        return orjson.dumps({"items": items, "next_cursor": following, "correlation_id": current})

    return Response(await asyncio.to_thread(page), media_type=_JSON)


async def _events(desk: Desk, principal: Principal, run_id: str) -> AsyncIterator[ServerSentEvent]:
    async for state in desk.states(principal, run_id):
        fields = shown(state)
        progress = {name: fields[name] for name in ("stage", "done", "total")}
        yield ServerSentEvent(event="progress", data=orjson.dumps(progress).decode())
        if not state.in_work:
            yield ServerSentEvent(event="run", data=orjson.dumps(fields).decode())


def _run_answer(seen: Seen, most_kib: int) -> Response:
    fields, report = shown(seen.state), seen.report
    if report is not None and len(report) > most_kib * 1024:
        fields["result_omitted"], report = True, None
    body = orjson.dumps(fields)
    if report is not None:  # The report is JSON already; decoding it to encode it again would take most of the time.
        body = body[:-1] + b',"result":' + report + b"}"
    return Response(body, media_type=_JSON)


def _json(fields: dict[str, Any]) -> Response:
    return Response(orjson.dumps(fields), media_type=_JSON)


def _fields(asked: BaseModel) -> dict[str, Any]:
    """The request's fields as they are; `model_dump` would copy a payload of millions of values."""
    return {name: getattr(asked, name) for name in type(asked).model_fields}


def _check_workflow(seen: Seen, workflow: Workflow | None) -> None:
    if workflow is not None and seen.state.workflow != workflow.name:
        raise NotFoundError("There is no such run.")


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _desk(request: Request) -> Desk:
    return _parts(request).desk

"""The dashboard: ask, read the report, ask on, see the drafts; rendered on the server, without outside resources."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app.api.correlation import correlation_id
from app.api.problems import problem_of
from app.bootstrap import Parts
from app.drafts.rows import get_draft, list_drafts
from app.errors import AppError
from app.runs.service import Door, RunService
from app.security.callers import principal_of
from app.security.principal import Principal
from chains.churn.html import report_body
from chains.churn.schema import FLAGSHIP_QUESTION, ChurnReport
from chains.errors import ChainError
from connectors.errors import ConnectorError
from connectors.shim.people import People, filled

router = APIRouter(include_in_schema=False)
_SHOWN_DRAFTS = 25
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@router.get("/")
async def home(request: Request) -> HTMLResponse:
    """The question box and the newest drafts."""
    return await _page(request, question=FLAGSHIP_QUESTION, thread_id=f"thr_{secrets.token_hex(12)}")


@router.post("/")
async def ask(request: Request) -> HTMLResponse:
    """The report on a question, with the box to ask on."""
    form = {key: values[0] for key, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
    question, thread_id = form.get("question", ""), form.get("thread_id", "")
    parts: Parts = request.app.state.parts
    principal = principal_of(request)
    service = parts.services["churn"]
    try:
        door = Door(principal=principal, correlation_id=correlation_id(), thread_id=thread_id)
        report: Any = await service.run({"question": question, "payload": {}, "as_of": ""}, door)
        people = await _people(service, principal, report.thread_id)
    except (AppError, ChainError, ConnectorError) as error:
        return await _page(request, question=question, thread_id=thread_id, failure=problem_of(error)["detail"])
    shown = ChurnReport.model_validate(filled(report.model_dump(mode="json"), people)[0])
    return await _page(request, question="", thread_id=report.thread_id, report=shown)


@router.get("/drafts/{draft_id}")
async def draft(request: Request, draft_id: str) -> HTMLResponse:
    """One draft with its facts and checks, in masked text."""
    parts: Parts = request.app.state.parts
    item = await asyncio.to_thread(get_draft, parts.engine, principal_of(request), draft_id)
    return _html(_environment().get_template("draft.html.j2").render(draft=item))


async def _people(service: RunService, principal: Principal, thread_id: str) -> People:
    """The persons behind the placeholders; nobody for a caller who may not see them."""
    if "pii:read" not in principal.scopes:
        return People()
    return await asyncio.to_thread(service.people_of, principal, thread_id)


async def _page(
    request: Request, *, question: str, thread_id: str, report: ChurnReport | None = None, failure: str = ""
) -> HTMLResponse:
    parts: Parts = request.app.state.parts
    items, _ = await asyncio.to_thread(list_drafts, parts.engine, principal_of(request), limit=_SHOWN_DRAFTS)
    body = Markup(await asyncio.to_thread(report_body, report)) if report is not None else ""  # noqa: S704 - our own template's output
    page = _environment().get_template("home.html.j2")
    return _html(page.render(question=question, thread_id=thread_id, report=body, failure=failure, drafts=items))


def _html(text: str) -> HTMLResponse:
    return HTMLResponse(text, headers={"Content-Security-Policy": _CONTENT_POLICY, "Referrer-Policy": "same-origin"})


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("app.dashboard", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

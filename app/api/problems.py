"""Every error as `application/problem+json` (RFC 9457): clear, with pointers, never with a value."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from app.api.correlation import correlation_id
from app.errors import AppError
from chains.errors import ChainError, InvalidQuestionError
from connectors.errors import (
    ConnectorError,
    InvalidPayloadError,
    PayloadTooLargeError,
    SourceRefusedError,
    SourceUnavailableError,
)

_LOG = logging.getLogger("baton.http")
MOST_ERRORS = 50
_RETRY_SECONDS = 5
_LONGEST_NAME = 60
_UNSHOWN = re.compile(r"[^A-Za-z0-9_.~-]")
_WORDS = {
    "extra_forbidden": "there is no such name here",
    "missing": "is missing",
    "dict_type": "expected an object",
    "model_type": "expected an object",
    "model_attributes_type": "expected an object",
    "list_type": "expected a list",
    "string_type": "expected text",
    "float_type": "expected a number",
    "int_type": "expected a whole number",
    "bool_type": "expected true or false",
    "finite_number": "expected a finite number",
}
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_STATUS_TITLES = {
    400: "Bad request",
    404: "Not found",
    405: "Method not allowed",
    413: "Too large",
    415: "Unsupported media type",
}
_STATUS_DETAILS = {415: "The body must be application/json (uploads: or application/x-ndjson)."}
_STATUS_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
_CONNECTOR_STATUS: tuple[tuple[type[ConnectorError], int, str], ...] = (
    (InvalidPayloadError, 422, "The payload cannot be read"),
    (PayloadTooLargeError, 413, "Too large"),
    (SourceUnavailableError, 503, "Not available now"),
    (SourceRefusedError, 502, "A source refused"),
)


def problem(
    *, status: int, code: str, title: str, detail: str, instance: str = "", errors: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """The body of a problem; beyond 50 errors only their count is said."""
    more = f" {len(errors)} errors; the first {MOST_ERRORS} are listed." if len(errors) > MOST_ERRORS else ""
    return {
        "type": f"urn:baton:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail + more,
        "instance": instance,
        "correlation_id": correlation_id(),
        "errors": [{"pointer": pointer, "message": message} for pointer, message in errors[:MOST_ERRORS]],
    }


def problem_of(error: Exception, instance: str = "") -> dict[str, Any]:
    """The problem that an error of ours, of validation or of HTTP amounts to; anything else is `internal`."""
    match error:
        case AppError():
            return problem(
                status=error.status,
                code=error.code,
                title=error.title,
                detail=error.message,
                instance=instance,
                errors=error.errors,
            )
        case ConnectorError():
            status, title = next(
                ((s, t) for kind, s, t in _CONNECTOR_STATUS if isinstance(error, kind)), (500, "Something went wrong")
            )
            pointers = [(f"/payload{pointer}", message) for pointer, message in getattr(error, "errors", ())]
            return problem(
                status=status, code=error.code, title=title, detail=error.message, instance=instance, errors=pointers
            )
        case InvalidQuestionError():
            return problem(
                status=422,
                code=error.code,
                title="The question cannot be taken",
                detail=error.message,
                instance=instance,
                errors=[(error.pointer, error.message)],
            )
        case RequestValidationError() | ValidationError():
            return problem(
                status=422,
                code="invalid_request",
                title="The request cannot be read",
                detail="Some values are missing or of the wrong type.",
                instance=instance,
                errors=list(_validation_errors(error)),
            )
        case json.JSONDecodeError() | UnicodeDecodeError() | RecursionError():
            return problem(
                status=422,
                code="invalid_json",
                title="The request cannot be read",
                detail="The body is not valid JSON, or is nested too deeply.",
                instance=instance,
            )
        case OperationalError() | InterfaceError():
            return problem(
                status=503,
                code="store_unavailable",
                title="Not available now",
                detail="The store does not answer; repeat in a few seconds.",
                instance=instance,
            )
        case HTTPException():
            title = _STATUS_TITLES.get(error.status_code, "The request failed")
            return problem(
                status=error.status_code,
                code=_STATUS_CODES.get(error.status_code, "http_error"),
                title=title,
                detail=_STATUS_DETAILS.get(error.status_code, f"{title}."),
                instance=instance,
            )
        case ChainError():
            return problem(
                status=500, code=error.code, title="Something went wrong", detail=error.message, instance=instance
            )
        case _:
            return problem(
                status=500,
                code="internal",
                title="Something went wrong",
                detail="The service failed at this request; it is logged under the correlation id.",
                instance=instance,
            )


def _validation_errors(error: RequestValidationError | ValidationError) -> Iterable[tuple[str, str]]:
    for item in error.errors():
        if isinstance(item, dict):
            where = [_name(part) for part in item.get("loc", ()) if part not in ("body", "query", "path", "__root__")]
            yield "".join(f"/{part}" for part in where), _expected(item)
        else:
            yield "", "not JSON"


def _name(part: object) -> str:
    """A name of the request as it may be shown: names that nobody knows are the caller's own text."""
    return str(part) if isinstance(part, int) else _UNSHOWN.sub("?", str(part))[:_LONGEST_NAME]


def _expected(item: Mapping[str, Any]) -> str:
    """What belongs there, in plain words and without the value."""
    kind, said = str(item.get("type", "invalid")), str(item.get("msg", ""))
    if kind in _WORDS:
        return _WORDS[kind]
    if kind == "value_error":
        return said.removeprefix("Value error, ")
    if said.startswith("Input should be "):
        return "expected " + said.removeprefix("Input should be ").partition(", unable")[0]
    return kind.replace("_", " ")


def problem_response(body: dict[str, Any], *, retry_after_seconds: int = 0) -> Response:
    """The problem as an HTTP answer, with what a client needs to sign in or to come back."""
    headers = {}
    if retry_after_seconds:  # In the body too: platforms that import the API do not see headers.
        headers["Retry-After"] = str(retry_after_seconds)
        body = {**body, "retry_after_seconds": retry_after_seconds}
    if challenge := _challenge(body):
        headers["WWW-Authenticate"] = challenge
    return Response(
        json.dumps(body, ensure_ascii=False),
        status_code=body["status"],
        media_type="application/problem+json",
        headers=headers,
    )


def _challenge(body: dict[str, Any]) -> str:
    """How to sign in (RFC 6750, section 3); "" where that would not help."""
    if body["status"] == 401:
        return "Bearer" if body["code"] == "token_missing" else 'Bearer error="invalid_token"'
    return 'Bearer error="insufficient_scope"' if body["code"] == "insufficient_scope" else ""


async def _answer(request: Request, error: Exception) -> Response:
    body = problem_of(error, request.url.path)
    wait = getattr(error, "retry_after_seconds", 0) or (_RETRY_SECONDS if body["status"] == 503 else 0)
    answer = problem_response(body, retry_after_seconds=wait)
    if body["code"] == "store_unavailable":
        _LOG.warning("the store does not answer", extra={"correlation_id": body["correlation_id"]})
    if isinstance(error, HTTPException) and error.status_code == 405:
        answer.headers["Allow"] = ", ".join(_methods(request))
    return answer


def _methods(request: Request) -> list[str]:
    """What the path can be asked for: every method is a route of its own, and the framework names the first one's."""
    return [method for method in _METHODS if _is_answered({**request.scope, "method": method}, request.app.routes)]


def _is_answered(scope: Scope, routes: Iterable[BaseRoute]) -> bool:
    return any(route.matches(scope)[0] is Match.FULL for route in routes)


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every known error class; handlers by class keep the connection alive, one for Exception does not."""
    for kind in (
        AppError,
        ConnectorError,
        ChainError,
        RequestValidationError,
        ValidationError,
        HTTPException,
        OperationalError,
        InterfaceError,
        RecursionError,
        json.JSONDecodeError,
        UnicodeDecodeError,
    ):
        app.add_exception_handler(kind, _answer)

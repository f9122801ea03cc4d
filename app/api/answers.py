"""What every operation has beside its own: problems it may answer, headers, sign-in, examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from app.api.examples import CORRELATION_ID, Examples
from app.api.problems import problem_of
from app.errors import (
    AppError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)

METHODS = ("get", "put", "post", "delete", "patch")
PUBLIC = ("/livez", "/readyz")
"""The routes that ask for no token and count for no limit."""

_PROBLEM_MEDIA = "application/problem+json"
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "A token of the configured issuer. With `auth: none`, on loopback, none is needed.",
}
_HEADERS: dict[str, Any] = {
    "XCorrelationId": {
        "description": "The request's own X-Correlation-Id where it is sane, else a new one; also in every body.",
        "required": True,
        "schema": {"type": "string"},
        "example": CORRELATION_ID,
    },
    "WwwAuthenticate": {
        "description": "How to sign in (RFC 6750).",
        "required": True,
        "schema": {"type": "string"},
        "example": "Bearer",
    },
    "RetryAfter": {
        "description": "Seconds to wait before asking again; in bodies `retry_after_seconds`.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 2,
    },
}
_CORRELATION_PARAMETER = {
    "name": "X-Correlation-Id",
    "in": "header",
    "required": False,
    "description": "Adopted when it has at most 128 letters, digits and . _ : / + = @ -; made up otherwise.",
    "schema": {"type": "string"},
    "example": CORRELATION_ID,
}
_PROBLEMS: Mapping[int, AppError | HTTPException] = {
    401: UnauthenticatedError("Send a bearer token in the header Authorization.", code="token_missing"),
    403: ForbiddenError("This needs the scope churn:run.", code="insufficient_scope"),
    404: NotFoundError("There is no such thing, or it is somebody else's."),
    409: ConflictError("The Idempotency-Key came with another body before; use a new key.", code="key_reused"),
    413: TooLargeError("The body is larger than 32 MiB; send it gzipped, or fewer accounts at a time."),
    415: HTTPException(415),
    422: RejectedError("as_of must be a day such as 2026-11-16.", errors=[("/input/as_of", "no such day")]),
    429: RateLimitedError("Too many requests; slow down.", retry_after_seconds=2),
    503: UnavailableError("Too many runs are waiting; ask again later.", retry_after_seconds=2),
}
_WAITING = (429, 503)


class ProblemError(BaseModel):
    """Where a request is wrong, as a JSON pointer, and what is expected there."""

    pointer: str
    message: str


class ProblemDetails(BaseModel):
    """RFC 9457: what went wrong and what to do; `code` is stable."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    correlation_id: str
    errors: list[ProblemError]
    retry_after_seconds: int = Field(0, description="After how many seconds to ask again, where that helps.")


def complete(document: dict[str, Any], examples: Examples, *, sign_in: bool) -> None:
    """Add to every operation what it shares with the others."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas.update(schema.pop("$defs"))
    schemas["ProblemDetails"] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["headers"] = _HEADERS
    components["securitySchemes"] = {"bearer": _BEARER}
    document["servers"] = [{"url": "/", "description": "This service"}]
    document["security"] = [{"bearer": []}] if sign_in else [{}, {"bearer": []}]
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                _complete_operation(item[method], path, method, examples)


def _complete_operation(operation: dict[str, Any], path: str, method: str, examples: Examples) -> None:
    answers = operation["responses"]
    for status in _statuses(operation, path, method):
        given = answers.get(str(status), {})
        if "HTTPValidationError" in str(given) or not given.get("content"):
            answers[str(status)] = _problem(status, given.get("description", ""))
    if path in PUBLIC:
        operation["security"] = []
    named = operation.setdefault("parameters", [])
    for parameter in named:
        if parameter["in"] == "header" and parameter["schema"].get("default") == "":
            del parameter["schema"]["default"]  # An empty header is not the same as none.
        if (example := examples.parameter(operation["operationId"], parameter["name"])) is not None:
            parameter.setdefault("example", example)
    named.append(dict(_CORRELATION_PARAMETER))
    _place_examples(operation, examples)
    for status, answer in answers.items():
        headers = answer.setdefault("headers", {})
        headers["X-Correlation-Id"] = {"$ref": "#/components/headers/XCorrelationId"}
        if status == "401":
            headers["WWW-Authenticate"] = {"$ref": "#/components/headers/WwwAuthenticate"}
        if status == "202" or int(status) in _WAITING:
            headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    operation["responses"] = dict(sorted(answers.items()))


def _statuses(operation: Mapping[str, Any], path: str, method: str) -> Iterator[int]:
    """The failures that can occur; 405, 406 and the like say nothing of an operation."""
    if path in PUBLIC:
        return
    yield from (401, 403, 429, 503)
    starts_run = method == "post" and path.endswith(("/runs", "/invoke", "/batch"))
    if ("{" in path and method != "put") or starts_run:
        yield 404
    if starts_run or path.endswith("/decision"):
        yield 409
    if "requestBody" in operation:
        yield from (413, 415)
    if "requestBody" in operation or operation.get("parameters"):
        yield 422


def _problem(status: int, description: str) -> dict[str, Any]:
    error = _PROBLEMS[status]
    example = {**problem_of(error, "/v1/churn/runs"), "correlation_id": CORRELATION_ID}
    if seconds := getattr(error, "retry_after_seconds", 0):
        example["retry_after_seconds"] = seconds
    return {
        "description": description if description and description != "Validation Error" else example["title"],
        "content": {_PROBLEM_MEDIA: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}, "example": example}},
    }


def _place_examples(operation: dict[str, Any], examples: Examples) -> None:
    name = operation["operationId"]
    bodies = [("request", operation["requestBody"])] if "requestBody" in operation else []
    for key, holder in [*bodies, *operation["responses"].items()]:
        example = examples.body(name, key)
        media = holder.get("content", {}).get("application/json")
        if example is not None and media is not None:
            media.setdefault("example", example)

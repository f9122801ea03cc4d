"""Errors of the shim as RFC 9457 problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

_MAX_ERRORS = 50


@dataclass(eq=False)
class ShimError(Exception):
    """A failure the caller is told of: the status, a stable code, and a message that echoes nothing they sent."""

    status: int
    code: str
    detail: str
    errors: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.detail}"


def problem_response(problem: ShimError, *, instance: str, correlation_id: str) -> Response:
    """The problem as ``application/problem+json``, with the contract's fields."""
    body: dict[str, Any] = {
        "type": f"urn:baton:problem:{problem.code}",
        "title": _title(problem.status),
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "instance": instance,
        "correlation_id": correlation_id,
        "errors": [{"pointer": pointer, "message": message} for pointer, message in problem.errors[:_MAX_ERRORS]],
    }
    headers = {**problem.headers, "X-Correlation-Id": correlation_id}
    return Response(orjson.dumps(body), problem.status, headers, media_type="application/problem+json")


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"

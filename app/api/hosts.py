"""Answers only to names of this machine, so that no name of the web can be pointed at a service without sign-in."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.problems import problem_of, problem_response
from app.errors import RejectedError


class ForeignHostError(RejectedError):
    """The request names another host than this machine."""

    code, status, title = "foreign_host", 400, "Bad request"


class HostMiddleware:
    """Lets through requests whose `Host` is one of the names given, whatever the port."""

    def __init__(self, app: ASGIApp, *, names: Collection[str]) -> None:
        self._app = app
        self._names = frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 400."""
        if scope["type"] == "http" and _host(Headers(scope=scope).get("host", "")) not in self._names:
            error = ForeignHostError("Without sign-in Baton answers to 127.0.0.1 and localhost only: set auth: jwt.")
            await problem_response(problem_of(error, scope["path"]))(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _host(header: str) -> str:
    name, _, port = header.rpartition(":")
    return (name if port.isdecimal() and name else header).lower()

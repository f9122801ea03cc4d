"""Refuses what a foreign web page makes a browser send: such a page may not plant payloads or drafts."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.problems import problem_of, problem_response
from app.errors import ForbiddenError

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_FOREIGN_SITES = ("cross-site", "same-site")


class OriginMiddleware:
    """Lets through requests that change something only from this service's own pages, from those of the origins
    allowed, or from no page at all."""

    def __init__(self, app: ASGIApp, *, allowed: Collection[str] = ()) -> None:
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 403."""
        if scope["type"] == "http" and scope["method"] not in _SAFE_METHODS and self._is_foreign(Headers(scope=scope)):
            error = ForbiddenError("Requests from other web pages are not taken.", code="foreign_origin")
            await problem_response(problem_of(error, scope["path"]))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_foreign(self, headers: Headers) -> bool:
        return headers.get("origin", "") not in self._allowed and _is_foreign(headers)


def _is_foreign(headers: Headers) -> bool:
    if site := headers.get("sec-fetch-site", ""):  # What the browser itself says; pages cannot set it.
        return site in _FOREIGN_SITES
    origin = headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc != headers.get("host", "")

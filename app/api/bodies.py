"""Bodies within limits: counted while they arrive, inflated within bounds, and failures answered in place."""

from __future__ import annotations

import asyncio
import logging

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem_of, problem_response
from app.errors import RejectedError, TooLargeError
from connectors.decoding import inflate
from connectors.errors import ConnectorError

_MIB = 1024 * 1024
_log = logging.getLogger("baton.http")


class BodyLimitMiddleware:
    """Reads the body up to a limit, gunzips it up to another, and hands it on whole."""

    def __init__(self, app: ASGIApp, *, body_mib: int, inflated_mib: int) -> None:
        self._app = app
        self._limit = body_mib * _MIB
        self._inflated = inflated_mib * _MIB

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request with its body, or answer 413 or 422."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            body = await self._read(headers, receive)
            encoding = headers.get("content-encoding", "").strip().lower()
            if encoding == "gzip":
                body = await asyncio.to_thread(inflate, body, self._inflated)
                scope = {**scope, "headers": _without_encoding(scope, len(body))}
            elif encoding not in ("", "identity"):
                raise RejectedError(
                    "The body must be sent plain or as gzip.", errors=[("", "unknown content encoding")]
                )
        except (RejectedError, TooLargeError, ConnectorError) as error:
            await problem_response(problem_of(error, scope["path"]))(scope, receive, send)
            return
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        too_large = TooLargeError(
            f"The body is larger than {self._limit // _MIB} MiB; send it gzipped, or fewer accounts at a time."
        )
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._limit:
            raise too_large
        chunks, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RejectedError("The connection ended before the body did.")
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self._limit:
                raise too_large
            if not message.get("more_body", False):
                return b"".join(chunks)


def _without_encoding(scope: Scope, length: int) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in scope["headers"] if name not in (b"content-encoding", b"content-length")]
    return [*kept, (b"content-length", str(length).encode())]


class FailureMiddleware:
    """Answers 500 to what nobody expected and keeps the connection, so that a pooled client can go on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; log and answer what is raised before an answer began."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, note)
        except Exception as error:
            if started:
                raise
            body = problem_of(error, scope["path"])
            _log.exception("request failed", extra={"correlation_id": body["correlation_id"]})
            await problem_response(body)(scope, receive, send)

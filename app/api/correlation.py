"""The correlation id of the request at hand: adopted when it is sane, made otherwise, sent back with the answer."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SANE = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
_current: ContextVar[str] = ContextVar("correlation_id", default="")
HEADER = "x-correlation-id"


def correlation_id() -> str:
    """The id of the request being answered, or "" outside one."""
    return _current.get()


class CorrelationMiddleware:
    """Gives every request a correlation id and every answer the header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the id for the request's task and put it on the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope).get(HEADER, "")
        current = sent if _SANE.fullmatch(sent) else uuid.uuid4().hex
        _current.set(current)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = current
            await send(message)

        await self._app(scope, receive, send_with_id)

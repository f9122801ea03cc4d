"""Request bodies as JSON: read once by a fast parser that refuses NaN and abysmal nesting, and pointed into."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute

from app.errors import AppError, RejectedError
from connectors.decoding import paused_collector, refuse_bombs, without_byte_order_mark
from connectors.errors import InvalidPayloadError

JSON_LINES = ("application/x-ndjson", "application/jsonl")
_SMALL_BYTES = 256 * 1024
"""Bodies up to which parsing takes less than the hop to a thread is worth."""


def media_type(request: Request) -> str:
    """The body's media type without its parameters, in lower case; "" where none is said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


class JsonRoute(APIRoute):
    """A route whose JSON body is read by orjson, off the event loop when it is large."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given a request that has been read."""
        handle = super().get_route_handler()

        async def read_first(request: Request) -> Response:
            if self.body_field is not None:
                request = _ReadRequest(request.scope, request.receive)
                await request.json()
            return await handle(request)

        return read_first


class _ReadRequest(Request):
    """A request that keeps its parsed body."""

    async def json(self) -> Any:
        """The body's JSON.

        Raises:
            HTTPException: It says that it is something else.
            RejectedError: It is no JSON.
        """
        if not hasattr(self, "_parsed"):
            kind = media_type(self)
            if kind and kind != "application/json" and not kind.endswith("+json"):
                raise HTTPException(415)
            body = await self.body()
            small = len(body) <= _SMALL_BYTES
            self._parsed = parsed(body) if small else await asyncio.to_thread(parsed, body)
        return self._parsed


def parsed(body: bytes) -> Any:
    """The body's JSON.

    Raises:
        RejectedError: It is none.
        PayloadTooLargeError: It holds more objects than any payload may.
    """
    refuse_bombs(body)
    try:
        with paused_collector():
            return orjson.loads(without_byte_order_mark(body))
    except orjson.JSONDecodeError as error:
        raise RejectedError(
            f"The body is not valid JSON (line {error.lineno}, column {error.colno}).",
            errors=[("", "not JSON")],
            code="invalid_json",
        ) from None


def pointing(error: AppError | InvalidPayloadError, *, payload: str, request: str) -> AppError:
    """The same error with its pointers from the body's root, where payload and request stand at these places."""
    if isinstance(error, InvalidPayloadError):
        return RejectedError(
            error.message, errors=[(payload + pointer, message) for pointer, message in error.errors], code=error.code
        )

    def moved(pointer: str) -> str:
        if pointer.startswith("/payload/"):
            return payload + pointer.removeprefix("/payload")
        return request + pointer if pointer in ("/payload", "/payload_id", "/as_of", "/question") else pointer

    error.errors = tuple((moved(pointer), message) for pointer, message in error.errors)
    return error

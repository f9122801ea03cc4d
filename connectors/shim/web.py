"""The shim's HTTP door: ``POST /ask`` and ``GET /livez``."""

from __future__ import annotations

import datetime as dt
import ipaddress
import logging
import re
import secrets
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import msgspec
import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.shim.ask import AskRequest, Caller, Clock, ask
from connectors.shim.problems import ShimError, problem_response
from connectors.shim.settings import ShimSettings

Endpoint = Callable[[Request], Awaitable[Response]]

_log = logging.getLogger("baton.shim")
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,127}")
_POINTER = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})


def utc_now() -> dt.datetime:
    """This moment."""
    return dt.datetime.now(dt.UTC)


def shim_app(settings: ShimSettings, *, clock: Clock = utc_now) -> Starlette:
    """The shim as an ASGI application; it holds one HTTP client for its lifetime."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(trust_env=settings.use_proxy_environment, follow_redirects=False) as client:
            app.state.client = client
            yield

    async def ask_route(request: Request) -> Response:
        correlation_id = request.state.correlation_id
        _check_access(request, settings)
        asked = _parsed(await _read_body(request, settings.max_body_bytes))
        if not asked.thread_id:
            asked = msgspec.structs.replace(asked, thread_id=uuid.uuid4().hex)
        caller = Caller(correlation_id, "" if settings.access_token else request.headers.get("authorization", ""))
        report = await ask(asked, caller, settings=settings, client=request.app.state.client, clock=clock)
        thread_id = report.get("thread_id") or asked.thread_id
        body = {"report": report, "thread_id": thread_id, "correlation_id": correlation_id}
        _log.info("answered correlation_id=%s", correlation_id)
        return Response(orjson.dumps(body), headers={"X-Correlation-Id": correlation_id}, media_type="application/json")

    async def livez(request: Request) -> Response:
        headers = {"X-Correlation-Id": request.state.correlation_id}
        return Response(orjson.dumps({"status": "alive"}), headers=headers, media_type="application/json")

    return Starlette(
        routes=[
            Route("/ask", _with_correlation_id(ask_route), methods=["POST"]),
            Route("/livez", _with_correlation_id(livez), methods=["GET"]),
        ],
        exception_handlers={HTTPException: _on_http_error},
        lifespan=lifespan,
    )


def _with_correlation_id(endpoint: Endpoint) -> Endpoint:
    """Give the request its correlation id, and turn what goes wrong into a problem that carries it."""

    async def route(request: Request) -> Response:
        correlation_id = request.state.correlation_id = _correlation_id(request)
        try:
            return await endpoint(request)
        except ShimError as problem:
            _log.warning("refused %s %s correlation_id=%s", problem.status, problem.code, correlation_id)
            return problem_response(problem, instance=request.url.path, correlation_id=correlation_id)
        except Exception:
            # The outermost edge: without an answer the connection would be dropped under the caller's client.
            _log.exception("failed correlation_id=%s", correlation_id)
            failure = ShimError(500, "internal_error", "The shim failed; its log has the correlation id.")
            return problem_response(failure, instance=request.url.path, correlation_id=correlation_id)

    return route


def _correlation_id(request: Request) -> str:
    """The caller's id when it is sane, a new one otherwise."""
    given = request.headers.get("x-correlation-id", "")
    return given if _SANE_ID.fullmatch(given) else str(uuid.uuid4())


async def _on_http_error(request: Request, error: Exception) -> Response:
    """Unknown paths and methods."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    code = {404: "not_found", 405: "method_not_allowed"}.get(status, "http_error")
    problem = ShimError(status, code, "There is no such door here.", (), headers)
    return problem_response(problem, instance=request.url.path, correlation_id=_correlation_id(request))


def _check_access(request: Request, settings: ShimSettings) -> None:
    """A bearer token where one is set; else only names of this machine, so that no web page can reach in.

    Raises:
        ShimError: 401, 403, or 415 for a body a web page could send without asking.
    """
    if settings.access_token:
        given = request.headers.get("authorization", "")
        if not secrets.compare_digest(given.encode(), f"Bearer {settings.access_token}".encode()):
            raise ShimError(401, "unauthenticated", "A bearer token is needed.", (), {"WWW-Authenticate": "Bearer"})
    elif re.sub(r":\d+$", "", request.headers.get("host", "")).lower() not in _LOOPBACK_HOSTS:
        raise ShimError(403, "forbidden", "Without an access token the shim answers on the loopback address only.")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ShimError(415, "unsupported_media_type", "Send the question as application/json.")


async def _read_body(request: Request, limit: int) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise ShimError(413, "too_large", f"The body is larger than {limit // 1024} KiB.")
        chunks.append(chunk)
    return b"".join(chunks)


def _parsed(body: bytes) -> AskRequest:
    """The request, checked.

    Raises:
        ShimError: 422 with a pointer to what is wrong, and never its value.
    """
    try:
        asked = msgspec.json.decode(body, type=AskRequest)
    except msgspec.ValidationError as error:
        found = _POINTER.search(str(error))
        pointer = found["path"].replace(".", "/") if found else ""
        raise _invalid(pointer, _POINTER.sub("", str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _invalid("", "expected a JSON object with a question") from None
    if asked.as_of and not _is_day(asked.as_of):
        raise _invalid("/as_of", "expected an ISO date such as 2026-11-16")
    if asked.thread_id and not _SANE_ID.fullmatch(asked.thread_id):
        raise _invalid("/thread_id", "expected at most 128 letters, digits, dots, colons, dashes or underscores")
    if asked.reuse_payload and not asked.thread_id:
        raise _invalid("/thread_id", "needed with reuse_payload: whose payload?")
    return asked


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _invalid(pointer: str, message: str) -> ShimError:
    return ShimError(422, "invalid_request", "The request cannot be read; `errors` says where.", [(pointer, message)])


def is_loopback(host: str) -> bool:
    """Whether a host to listen on can be reached from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

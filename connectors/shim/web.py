"""The shim's doors: ``POST /ask``, ``GET /runs/{run_id}``, ``GET /livez``, and those of the development issuer."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.shim import token_doors
from connectors.shim.access import Gate
from connectors.shim.ask import Desk
from connectors.shim.bodies import read_body
from connectors.shim.calls import Deadline
from connectors.shim.development import DevelopmentIssuer
from connectors.shim.problems import ShimError, problem_response
from connectors.shim.questions import correlation_id_of, idempotency_key_of, parsed
from connectors.shim.readings import Clock
from connectors.shim.request_log import log_request
from connectors.shim.runs import MOST_WAIT_SECONDS
from connectors.shim.settings import ShimSettings
from connectors.shim.visits import Reply, Visit
from connectors.toolkit.keys import JwksVerifier
from connectors.toolkit.rate_limits import RateLimit
from connectors.toolkit.tokens import TokenRules, TokenVerifier

Endpoint = Callable[[Request], Awaitable[Response]]

_log = logging.getLogger("baton.shim")
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
_GONE = 499


def utc_now() -> dt.datetime:
    """This moment."""
    return dt.datetime.now(dt.UTC)


def shim_app(settings: ShimSettings, *, issuer: DevelopmentIssuer | None = None, clock: Clock = utc_now) -> Starlette:
    """The shim as an ASGI application; it holds its HTTP client for its lifetime.

    Args:
        issuer: Issues the tokens where the settings say `access: development`.

    Raises:
        ValueError: There is no issuer for `access: development`, or the rate limit's storage is none.
    """
    if settings.access.development and issuer is None:
        raise ValueError("access: development needs the development issuer")
    doors = _Doors(settings, RateLimit(settings.limits.requests_a_minute, storage=settings.limits.storage), clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False) as client:
            await doors.open(client, issuer)
            yield
            await doors.close()

    routes = [
        Route("/ask", _answered(doors.ask, "/ask", clock), methods=["POST"]),
        Route("/runs/{run_id}", _answered(doors.run, "/runs/{run_id}", clock), methods=["GET"]),
        Route("/livez", _answered(doors.livez, "/livez", clock), methods=["GET"]),
    ]
    if issuer is not None:
        routes += _issuer_routes(issuer, clock)
    return Starlette(routes=routes, exception_handlers={HTTPException: _no_door(clock)}, lifespan=lifespan)


class _Doors:
    """The endpoints behind the gate."""

    def __init__(self, settings: ShimSettings, limit: RateLimit, clock: Clock) -> None:
        self._settings = settings
        self._limit = limit
        self._clock = clock
        self._gate: Gate
        self._desk: Desk

    async def open(self, client: httpx.AsyncClient, issuer: DevelopmentIssuer | None) -> None:
        """Take the client that everything here is asked with."""
        access = self._settings.access
        verifier = _verifier(access.rules, issuer, client)
        self._gate = Gate(verifier, self._limit, access.scope, access.tenants, access.tenant)
        self._desk = Desk(self._settings, client, clock=self._clock)

    async def close(self) -> None:
        """End what still works."""
        await self._desk.close()
        await self._limit.close()

    async def ask(self, request: Request) -> Response:
        """Answer a question."""
        visit = await self._visit(request, self._settings.time.total_seconds)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise ShimError(415, "unsupported_media_type", "Send the question as application/json.")
        visit.key = idempotency_key_of(request)
        asked = parsed(await read_body(request, self._settings.limits.body_kib * 1024))
        return await _while_the_caller_waits(request, self._desk.ask(asked, visit))

    async def run(self, request: Request) -> Response:
        """Answer a question whose run went on."""
        visit = await self._visit(request, min(MOST_WAIT_SECONDS, self._settings.time.total_seconds))
        return await _while_the_caller_waits(request, self._desk.look(request.path_params["run_id"], visit))

    async def livez(self, request: Request) -> Response:
        """Say that the process answers."""
        return _json({"status": "alive"})

    async def _visit(self, request: Request, seconds: float) -> Visit:
        if self._settings.access.development:
            _check_host(request)
        caller = await self._gate.admit(request)
        visit = request.state.visit = Visit(caller, request.state.correlation_id, Deadline.after(seconds))
        return visit


def _verifier(rules: TokenRules | None, issuer: DevelopmentIssuer | None, client: httpx.AsyncClient) -> TokenVerifier:
    if rules is not None:
        return JwksVerifier(rules, client=client)
    assert issuer is not None
    own = TokenRules(issuer=issuer.issuer, audience=issuer.audience, jwks_file=issuer.jwks_file)
    return JwksVerifier(own, clock=issuer.clock)


def _issuer_routes(issuer: DevelopmentIssuer, clock: Clock) -> list[Route]:
    async def token(request: Request) -> Response:
        _check_host(request)
        return await token_doors.issue(request, issuer)

    async def jwks(_request: Request) -> Response:
        return _json(issuer.jwks())

    async def metadata(_request: Request) -> Response:
        return _json(token_doors.metadata(issuer))

    return [
        Route(path, _answered(endpoint, path, clock), methods=[method])
        for path, endpoint, method in (
            (token_doors.TOKEN_PATH, token, "POST"),
            (token_doors.JWKS_PATH, jwks, "GET"),
            (token_doors.METADATA_PATH, metadata, "GET"),
        )
    ]


def _answered(endpoint: Endpoint, route: str, clock: Clock) -> Endpoint:
    """The endpoint with a correlation id, its failures as problems that carry it, and its line in the log."""

    async def answered(request: Request) -> Response:
        correlation_id = request.state.correlation_id = correlation_id_of(request)
        began, code = time.monotonic(), ""
        try:
            response = await endpoint(request)
        except ShimError as problem:
            code = problem.code
            response = problem_response(problem, instance=request.url.path, correlation_id=correlation_id)
        except Exception:
            # The outermost edge: without an answer the connection would be dropped under the caller's client.
            _log.exception("failed correlation_id=%s", correlation_id)
            failure = ShimError(500, "internal_error", "The shim failed; its log has the correlation id.")
            code = failure.code
            response = problem_response(failure, instance=request.url.path, correlation_id=correlation_id)
        response.headers["X-Correlation-Id"] = correlation_id
        log_request(
            at=clock(),
            correlation_id=correlation_id,
            method=request.method,
            route=route,
            status=response.status_code,
            seconds=time.monotonic() - began,
            bytes_out=len(response.body),
            code=code,
            visit=getattr(request.state, "visit", None),
        )
        return response

    return answered


async def _while_the_caller_waits(request: Request, work: Awaitable[Reply]) -> Response:
    """The reply; the work is given up when the caller hangs up before."""
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            return Response(status_code=_GONE)
        reply = working.result()
        headers = {"Retry-After": str(reply.body["retry_after_seconds"])} if reply.status == 202 else None
        return _json(reply.body, status=reply.status, headers=headers)
    finally:
        for task in (working, gone):
            task.cancel()
        await asyncio.gather(working, gone, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _no_door(clock: Clock) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Answers unknown paths and methods; logged without the path, which may hold anything."""

    async def on_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        code = {404: "not_found", 405: "method_not_allowed"}.get(status, "http_error")

        async def refuse(_request: Request) -> Response:
            raise ShimError(status, code, "There is no such door here.", (), headers)

        return await _answered(refuse, "", clock)(request)

    return on_error


def _check_host(request: Request) -> None:
    """Only names of this machine, so that no web page reaches in under a name of its own.

    Raises:
        ShimError: Another name (403).
    """
    if re.sub(r":\d+$", "", request.headers.get("host", "")).lower() not in _LOOPBACK_HOSTS:
        raise ShimError(403, "forbidden", "With development tokens the shim answers on the loopback address only.")


def _json(body: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, media_type="application/json")

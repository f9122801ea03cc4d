"""The HTTP service: one application over the parts that `bootstrap` wires."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware

from app.api.bodies import BodyLimitMiddleware, FailureMiddleware
from app.api.correlation import CorrelationMiddleware
from app.api.documentation import openapi_of
from app.api.hosts import HostMiddleware
from app.api.langserve_adapter import mount
from app.api.origins import OriginMiddleware
from app.api.payloads import router as payloads
from app.api.problems import add_problem_handlers
from app.api.profile import add_profile_route
from app.api.routes import router
from app.api.runs import run_routes
from app.bootstrap import open_parts, utc_now
from app.dashboard.page import router as dashboard
from app.errors import ConfigurationError
from app.security.access import AccessMiddleware
from app.security.authentication import AuthenticationMiddleware, open_sign_in
from app.security.callers import principal_of
from app.security.headers import SecurityHeadersMiddleware
from app.security.rate_limiting import RateLimitMiddleware
from app.settings import Settings
from chains.registry import workflows
from connectors.toolkit.rate_limits import RateLimit

_LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]", "::1"]
_CORS_HEADERS = ["Authorization", "Content-Encoding", "Content-Type", "Idempotency-Key", "Last-Event-ID"]
_CORS_EXPOSED = ["Idempotent-Replayed", "Location", "Retry-After", "X-Correlation-Id"]


def baton_version() -> str:
    """The installed version, or that of a bare checkout."""
    try:
        return version("baton")
    except PackageNotFoundError:
        return "0.1.0"


def create_app(settings: Settings, **wiring: Any) -> FastAPI:
    """The service for these settings; `wiring` goes to `open_parts` (such as `clock`)."""

    clock = wiring.get("clock", utc_now)
    rate_limit = _rate_limit(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.rate_limit = rate_limit
        try:
            async with (
                open_sign_in(settings, lambda: clock().timestamp()) as app.state.sign_in,
                open_parts(settings, **wiring) as parts,
            ):
                app.state.parts = parts
                await asyncio.gather(*(asyncio.to_thread(one.workflow.warm) for one in parts.services.values()))
                for service in parts.services.values():
                    mount(app, service, principal_of=principal_of)
                yield
        finally:
            await rate_limit.close()

    app = FastAPIOffline(
        title="Baton",
        version=baton_version(),
        description="Answers questions about customers, with evidence, and drafts that wait for a person.",
        redoc_url=None,
        redirect_slashes=False,  # A redirect would lead to whatever host the request names.
        lifespan=lifespan,
    )
    add_problem_handlers(app)
    app.openapi = openapi_of(app, workflows(), sign_in=settings.auth == "jwt")  # type: ignore[method-assign]
    add_profile_route(app)
    app.include_router(router)
    app.include_router(run_routes(workflows().values()))
    app.include_router(payloads)
    app.include_router(dashboard)
    _add_middleware(app, settings)
    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """What stands between a request and its route; the last one added hears a request first."""
    limits = settings.limits
    app.add_middleware(BodyLimitMiddleware, body_mib=limits.body_mib, inflated_mib=limits.inflated_mib)
    app.add_middleware(AccessMiddleware, workflows=list(workflows()))
    app.add_middleware(RateLimitMiddleware)
    app.add_middleware(AuthenticationMiddleware)
    app.add_middleware(OriginMiddleware, allowed=settings.cors_origins)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=[*_CORS_HEADERS, "X-Correlation-Id"],
            expose_headers=_CORS_EXPOSED,
            allow_credentials=False,
        )
    if settings.auth == "none":
        app.add_middleware(HostMiddleware, names=_LOOPBACK_NAMES)
    app.add_middleware(FailureMiddleware)
    app.add_middleware(SecurityHeadersMiddleware, behind_tls=not settings.on_loopback)
    app.add_middleware(CorrelationMiddleware)


def _rate_limit(settings: Settings) -> RateLimit:
    try:
        return RateLimit(settings.limits.requests_a_minute, storage=settings.limits.rate_storage)
    except ValueError as error:
        raise ConfigurationError(f"limits.rate_storage: {error}.") from None

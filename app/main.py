"""The HTTP service: one application over the parts that `bootstrap` wires."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app.api.bodies import BodyLimitMiddleware, FailureMiddleware
from app.api.correlation import CorrelationMiddleware
from app.api.documentation import openapi_of
from app.api.langserve_adapter import mount
from app.api.origins import OriginMiddleware
from app.api.problems import add_problem_handlers
from app.api.routes import principal_of, router
from app.bootstrap import open_parts
from app.dashboard.page import router as dashboard
from app.settings import Settings
from chains.registry import workflows

_LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]", "::1"]


def baton_version() -> str:
    """The installed version, or that of a bare checkout."""
    try:
        return version("baton")
    except PackageNotFoundError:
        return "0.1.0"


def create_app(settings: Settings, **wiring: Any) -> FastAPI:
    """The service for these settings; `wiring` goes to `open_parts` (such as `clock`)."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_parts(settings, **wiring) as parts:
            app.state.parts = parts
            await asyncio.gather(*(asyncio.to_thread(service.workflow.warm) for service in parts.services.values()))
            for service in parts.services.values():
                mount(app, service, principal_of=principal_of)
            yield

    app = FastAPIOffline(
        title="Baton",
        version=baton_version(),
        description="Answers questions about customers, with evidence, and drafts that wait for a person.",
        redoc_url=None,
        lifespan=lifespan,
    )
    add_problem_handlers(app)
    app.openapi = openapi_of(app, workflows())  # type: ignore[method-assign]
    app.include_router(router)
    app.include_router(dashboard)
    app.add_middleware(
        BodyLimitMiddleware, body_mib=settings.limits.body_mib, inflated_mib=settings.limits.inflated_mib
    )
    app.add_middleware(OriginMiddleware)
    app.add_middleware(FailureMiddleware)
    app.add_middleware(CorrelationMiddleware)
    if settings.auth == "none":
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=_LOOPBACK_NAMES)
    return app

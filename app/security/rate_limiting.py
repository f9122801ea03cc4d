"""Refuses callers that ask too often, before their request is read."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.problems import problem_of, problem_response
from app.errors import RateLimitedError
from app.security.callers import signed_in
from connectors.toolkit.rate_limits import RateLimit

_UNCOUNTED = frozenset({"/livez", "/readyz"})


class RateLimitMiddleware:
    """Counts by tenant, person and client; by address where nobody is signed in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 429 with the seconds to wait."""
        if scope["type"] != "http" or scope["path"] in _UNCOUNTED:
            await self._app(scope, receive, send)
            return
        limit: RateLimit = scope["app"].state.rate_limit
        seconds = await limit.seconds_to_wait(*_caller(scope))
        if seconds:
            error = RateLimitedError(
                f"You have asked too often; ask again in {seconds} s.", retry_after_seconds=seconds
            )
            answer = problem_response(problem_of(error, scope["path"]), retry_after_seconds=seconds)
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _caller(scope: Scope) -> tuple[str, ...]:
    principal = signed_in(scope)
    if principal is not None:
        return "caller", principal.tenant, principal.person, principal.client
    return "address", scope["client"][0] if scope.get("client") else ""

"""Which scope each path needs: one table, read before a route is; what it does not name needs a sign-in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.problems import problem_of, problem_response
from app.errors import AppError, UnauthenticatedError
from app.security.callers import refusal_of, signed_in
from app.security.principal import Principal

OPEN = frozenset({"/livez", "/readyz", "/openapi.json", "/openapi-3.0.json"})
"""Answers without a sign-in: none of these holds data, and platforms import the documents."""
_READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Rule:
    """The scopes of which one opens the paths that match; `by_person` where a client alone is refused."""

    path: re.Pattern[str]
    scopes: Sequence[str]
    by_person: bool = False


def access_rules(workflows: Iterable[str]) -> tuple[Rule, ...]:
    """The table, first match first, for a service with these workflows."""
    names = list(workflows)
    runs = [f"{name}:run" for name in names]
    rules = [
        Rule(_path(r"/(?:docs|static-offline-docs|metrics)(?:/.*)?"), ["admin"]),
        Rule(_path(r"/v1/drafts/[^/]+/decision"), ["drafts:decide"], by_person=True),
        Rule(_path(r"/v1/drafts(?:/.*)?"), ["drafts:read"]),
        Rule(_path(r"/(?:drafts(?:/.*)?)?"), ["drafts:read"]),
        Rule(_path(r"/v1/actions(?:/.*)?"), ["actions:read"]),
        Rule(_path(r"/v1/events"), ["events:write"]),
        Rule(_path(r"/v1/audit(?:/.*)?"), ["audit:read"]),
        Rule(_path(r"/v1/(?:runs|payloads)(?:/.*)?"), runs),
    ]
    for name in names:
        rules += [
            Rule(_path(rf"/{re.escape(name)}/(?:c/[^/]+/)?playground(?:/.*)?"), ["admin"]),
            Rule(_path(rf"(?:/v1)?/{re.escape(name)}(?:/.*)?"), [f"{name}:run"]),
        ]
    return tuple(rules)


def _path(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)  # A line break in a path leads past no rule.


def check_access(rules: Iterable[Rule], path: str, caller: Principal) -> None:
    """Raise ForbiddenError unless the caller may use the path at all; whose object it is, the route judges."""
    rule = next((rule for rule in rules if rule.path.fullmatch(path)), None)
    if rule is not None:
        if not caller.scopes.intersection(rule.scopes):
            caller.require(rule.scopes[0])
        if rule.by_person:
            caller.require_person()


class AccessMiddleware:
    """Answers 401, 403 or 503 where the caller is unknown or lacks the path's scope."""

    def __init__(self, app: ASGIApp, *, workflows: Iterable[str]) -> None:
        self._app = app
        self._rules = access_rules(workflows)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the caller may ask for."""
        if scope["type"] != "http" or (scope["path"] in OPEN and scope["method"] in _READING):
            await self._app(scope, receive, send)
            return
        try:
            if scope["path"] in OPEN:  # Before the body is read: nobody has signed in.
                raise HTTPException(405, headers={"Allow": ", ".join(_READING)})
            caller = signed_in(scope)
            if caller is None:
                raise refusal_of(scope) or UnauthenticatedError("Sign in.", code="token_missing")
            check_access(self._rules, scope["path"], caller)
        except HTTPException as error:
            answer = problem_response(problem_of(error, scope["path"]))
            answer.headers.update(error.headers or {})
            await answer(scope, receive, send)
            return
        except AppError as error:
            answer = problem_response(problem_of(error, scope["path"]), retry_after_seconds=error.retry_after_seconds)
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

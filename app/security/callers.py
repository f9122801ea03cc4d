"""The caller of a request, as the sign-in found it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from fastapi import Request

from app.errors import AppError, UnauthenticatedError
from app.security.principal import Principal

_PRINCIPAL, _REFUSAL = "principal", "refusal"


def principal_of(request: Request) -> Principal:
    """The caller.

    Raises:
        UnauthenticatedError: Nobody signed in, as on the routes that are open to all.
    """
    principal = signed_in(request.scope)
    if principal is None:
        raise UnauthenticatedError("Send a bearer token in the header Authorization.", code="token_missing")
    return principal


def signed_in(scope: MutableMapping[str, Any]) -> Principal | None:
    """The caller of an ASGI request, or nothing when nobody signed in."""
    principal: Principal | None = scope.get("state", {}).get(_PRINCIPAL)
    return principal


def refusal_of(scope: MutableMapping[str, Any]) -> AppError | None:
    """Why the caller of an ASGI request is not signed in."""
    error: AppError | None = scope.get("state", {}).get(_REFUSAL)
    return error


def note_caller(scope: MutableMapping[str, Any], caller: Principal | AppError) -> None:
    """Keep who calls, or why nobody does, with the request."""
    name = _PRINCIPAL if isinstance(caller, Principal) else _REFUSAL
    scope.setdefault("state", {})[name] = caller

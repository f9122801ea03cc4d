"""Finds out who calls, by the bearer token, before anything of the body is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import httpx
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import AppError, UnauthenticatedError, UnavailableError
from app.security.callers import note_caller
from app.security.claims import principal_from
from app.security.principal import LOCAL, Principal
from app.settings import Settings
from connectors.toolkit.keys import JwksVerifier, refusal
from connectors.toolkit.tokens import InvalidTokenError, KeysUnavailableError, TokenRules, TokenVerifier

_RETRY_SECONDS = 30


class SignIn(Protocol):
    """Knows a caller by the request's headers."""

    async def caller(self, headers: Headers) -> Principal:
        """The caller.

        Raises:
            UnauthenticatedError: There is no token, or it is not taken.
            UnavailableError: The issuer's keys cannot be had.
        """
        ...


class NoSignIn:
    """Takes everybody for the person at this machine; for loopback alone."""

    async def caller(self, headers: Headers) -> Principal:
        """The person at this machine."""
        return LOCAL


class BearerSignIn:
    """Takes callers with a token of the issuer; `tenant` is that of tokens that name none."""

    def __init__(self, verifier: TokenVerifier, *, tenant: str) -> None:
        self._verifier = verifier
        self._tenant = tenant

    async def caller(self, headers: Headers) -> Principal:
        """The caller that the token describes."""
        try:
            return principal_from(await self._verifier.claims(bearer_token(headers)), tenant=self._tenant)
        except InvalidTokenError as error:
            raise UnauthenticatedError(error.message, code=error.code) from None
        except KeysUnavailableError:
            raise UnavailableError(
                "The issuer's keys cannot be had, so that no token can be judged; repeat later.",
                code="keys_unavailable",
                retry_after_seconds=_RETRY_SECONDS,
            ) from None


def bearer_token(headers: Headers) -> str:
    """The token of the header Authorization.

    Raises:
        InvalidTokenError: There is none, or more than one.
    """
    given = headers.getlist("authorization")
    if len(given) > 1:
        raise refusal("token_malformed")
    scheme, _, token = (given[0] if given else "").strip().partition(" ")
    if scheme.lower() != "bearer":
        raise refusal("token_missing")
    return token.strip()


def token_rules(settings: Settings) -> TokenRules:
    """What the settings want a token to be like."""
    jwt = settings.jwt
    return TokenRules(
        issuer=jwt.issuer,
        audience=jwt.audience,
        jwks_url=jwt.jwks_url,
        jwks_file=jwt.jwks_file,
        leeway_seconds=jwt.leeway_seconds,
    )


@asynccontextmanager
async def open_sign_in(settings: Settings, clock: Callable[[], float]) -> AsyncIterator[SignIn]:
    """The sign-in that the settings want, with its own connection to the issuer; `clock` gives seconds since 1970."""
    if settings.auth == "none":
        yield NoSignIn()
        return
    async with httpx.AsyncClient(follow_redirects=False) as client:
        verifier = JwksVerifier(token_rules(settings), client=client, clock=clock)
        yield BearerSignIn(verifier, tenant=settings.jwt.tenant)


@dataclass(frozen=True)
class KeysFound:
    """Whether tokens can be judged, in words; nothing is said where none are taken."""

    ok: bool
    said: str = ""


async def keys_found(settings: Settings) -> KeysFound:
    """Read the issuer's keys once."""
    if settings.auth == "none":
        return KeysFound(True)
    async with httpx.AsyncClient(follow_redirects=False) as client:
        try:
            count = await JwksVerifier(token_rules(settings), client=client).key_count()
        except KeysUnavailableError as error:
            return KeysFound(False, f"the issuer's keys cannot be had: {error}")
    keys = "1 key" if count == 1 else f"{count} keys"
    return KeysFound(True, f"ok ({keys} of {settings.jwt.issuer} for {settings.jwt.audience})")


class AuthenticationMiddleware:
    """Keeps with every request who calls, or why nobody does; refusing is left to what follows."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the caller and pass on."""
        if scope["type"] == "http":
            sign_in: SignIn = scope["app"].state.sign_in
            try:
                note_caller(scope, await sign_in.caller(Headers(scope=scope)))
            except AppError as error:
                note_caller(scope, error)
        await self._app(scope, receive, send)

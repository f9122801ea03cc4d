"""Who may ask: OAuth sign-in by client credentials or JWT bearer, and the sessions it opens.

Source:
    Salesforce Help, OAuth 2.0 Client Credentials Flow, OAuth 2.0 JWT Bearer Flow, OAuth 2.0 Error Codes.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jwt

from connectors.sample.salesforce_server.errors import ApiError, OAuthError

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
_MAX_ASSERTION_SECONDS = 300


@dataclass(frozen=True)
class App:
    """A connected app: its consumer key and secret, and the public keys (PEM) of users who may use it by JWT."""

    client_id: str
    client_secret: str = field(default="", repr=False)
    users: Mapping[str, str] = field(default_factory=dict)


class Sessions:
    """The apps and the open sessions; each lives for a number of requests (0: until it is ended)."""

    def __init__(
        self, apps: Sequence[App], *, token: str, session_requests: int, clock: Callable[[], dt.datetime]
    ) -> None:
        self._apps = {app.client_id: app for app in apps}
        self._token = token
        self._lifetime = session_requests
        self._clock = clock
        self._left: dict[str, int] = {}

    def opened(self, form: Mapping[str, str], authorization: str, *, own_url: str) -> str:
        """A new session's token.

        Raises:
            OAuthError: The form's grant gives none.
        """
        grant = form.get("grant_type", "")
        if grant == "client_credentials":
            self._check_secret(*_client(form, authorization))
        elif grant == JWT_BEARER:
            self._check_assertion(form.get("assertion", ""), (*AUDIENCES, own_url))
        else:
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        token = f"00D000000000001!{secrets.token_urlsafe(48)}"
        self._left[token] = self._lifetime
        return token

    def end(self) -> None:
        """End every session, as an administrator may."""
        self._left.clear()

    def check(self, authorization: str) -> None:
        """Let a request pass.

        Raises:
            ApiError: INVALID_SESSION_ID.
        """
        if not self._token and not self._apps:
            return
        token = authorization.removeprefix("Bearer ")
        if self._token and secrets.compare_digest(token.encode(), self._token.encode()):
            return
        if token not in self._left:
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if self._lifetime:
            self._left[token] -= 1
            if not self._left[token]:
                del self._left[token]

    def _check_secret(self, client_id: str, client_secret: str) -> None:
        app = self._app(client_id)
        if not app.client_secret or not secrets.compare_digest(app.client_secret.encode(), client_secret.encode()):
            raise OAuthError("invalid_client", "invalid client credentials")

    def _check_assertion(self, assertion: str, audiences: Sequence[str]) -> None:
        try:
            unverified = jwt.decode(assertion, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            raise OAuthError("invalid_grant", "invalid assertion") from None
        app = self._app(str(unverified.get("iss", "")))
        key = app.users.get(str(unverified.get("sub", "")))
        if key is None:
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")
        self._check_claims(assertion, key, audiences)

    def _check_claims(self, assertion: str, key: str, audiences: Sequence[str]) -> None:
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion,
                key,
                algorithms=["RS256"],
                audience=list(audiences),
                # Judged below, by this organisation's own clock.
                options={"require": ["iss", "sub", "aud", "exp"], "verify_exp": False},
            )
        except jwt.InvalidAudienceError:
            raise OAuthError("invalid_grant", "audience is invalid") from None
        except jwt.InvalidTokenError:
            raise OAuthError("invalid_grant", "invalid assertion") from None
        ahead = float(claims["exp"]) - self._clock().timestamp()
        if not 0 < ahead <= _MAX_ASSERTION_SECONDS:
            raise OAuthError("invalid_grant", "expired authorization code")

    def _app(self, client_id: str) -> App:
        if client_id not in self._apps:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        return self._apps[client_id]


def _client(form: Mapping[str, str], authorization: str) -> tuple[str, str]:
    """The client's id and secret, from the form or from basic authentication."""
    if not authorization.startswith("Basic "):
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError("invalid_client", "invalid client credentials") from None
    return client_id, secret

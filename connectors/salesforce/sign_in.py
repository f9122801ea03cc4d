"""Gets an access token by OAuth 2.0: client credentials, or an assertion signed with the app's key (JWT bearer).

Source:
    Salesforce Help, OAuth 2.0 Client Credentials Flow and OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import requests

from connectors.errors import SourceRefusedError, SourceUnavailableError
from connectors.salesforce.answers import PASSING_STATUSES, PassingError, code_of
from connectors.salesforce.places import host_of, is_loopback, may_follow, origin_of
from connectors.salesforce.settings import SalesforceSettings

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
# Salesforce takes assertions that end within a few minutes.
_ASSERTION_SECONDS = 180
_ADVICE = {
    "invalid_client_id": "check client_id",
    "invalid_client": "check client_id and client_secret",
    "invalid_app_access": "let the user use the app (its policies, or a permission set)",
    "inactive_user": "activate the app's user",
    "inactive_org": "the organisation is locked or closed",
}
_GRANT_ADVICE = {
    "client credentials": "check that the app allows the client credentials flow, has a user to run as, and that "
    "login_url is the organisation's My Domain",
    "JWT bearer": "check username, audience, the machine's clock, that the app holds the key's certificate, and that "
    "the user is pre-authorised for the app",
}


@dataclass(frozen=True)
class Grant:
    """A token, and the origin of the only instance it is sent to."""

    access_token: str = field(repr=False)
    instance: str


def sign_in(
    settings: SalesforceSettings, session: requests.Session, *, folder: Path, timeout_seconds: float, now: dt.datetime
) -> Grant:
    """A fresh token; the ready one where the settings hold it.

    Raises:
        SourceRefusedError: Salesforce gives none to these settings.
        SourceUnavailableError: Too many sign-ins for now.
        PassingError: It may well give one in a moment.
        requests.RequestException: It did not answer.
    """
    if settings.access_token:
        return Grant(settings.access_token, origin_of(settings.instance_url))
    response = session.post(
        settings.login_url.rstrip("/") + TOKEN_PATH,
        data=_client_credentials(settings) if settings.client_secret else _assertion(settings, folder, now),
        headers={"Accept": "application/json"},
        timeout=timeout_seconds,
        allow_redirects=False,
    )
    if response.status_code in PASSING_STATUSES:
        raise PassingError(response.status_code)
    answer = _json(response)
    if response.status_code != requests.codes.ok:
        raise _refusal(settings, response.status_code, answer)
    return _grant(settings, answer)


def _client_credentials(settings: SalesforceSettings) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
    }


def _assertion(settings: SalesforceSettings, folder: Path, now: dt.datetime) -> dict[str, str]:
    claims = {
        "iss": settings.client_id,
        "sub": settings.username,
        "aud": settings.audience or _audience(settings.login_url),
        "exp": int(now.timestamp()) + _ASSERTION_SECONDS,
    }
    try:
        key = (folder / settings.private_key_file).read_bytes()
        assertion = jwt.encode(claims, key, algorithm="RS256")
    except (OSError, TypeError, ValueError, jwt.PyJWTError):
        raise SourceRefusedError(
            "The file that private_key_file names cannot be read as an RSA private key in PEM form without a password."
        ) from None
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}


def _audience(login_url: str) -> str:
    origin = origin_of(login_url)
    host = host_of(origin)
    if is_loopback(host):
        return origin
    if host == "test.salesforce.com" or ".sandbox." in host:
        return "https://test.salesforce.com"
    return "https://login.salesforce.com"


def _json(response: requests.Response) -> Mapping[str, Any]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise SourceRefusedError(
            f"The answer to the sign-in ({response.status_code}) is not Salesforce's: check login_url and proxy_url."
        )
    return answer


def _refusal(
    settings: SalesforceSettings, status: int, answer: Mapping[str, Any]
) -> SourceRefusedError | SourceUnavailableError:
    code = code_of(answer.get("error")) or f"status {status}"
    if code == "rate_limit_exceeded":
        return SourceUnavailableError(f"Salesforce takes no more sign-ins for now ({code}): repeat later.")
    advice = _ADVICE.get(code, _GRANT_ADVICE[settings.way_in])
    return SourceRefusedError(f"Salesforce refuses the sign-in by {settings.way_in} ({code}): {advice}.")


def _grant(settings: SalesforceSettings, answer: Mapping[str, Any]) -> Grant:
    token, url = answer.get("access_token"), answer.get("instance_url")
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise SourceRefusedError("The answer to the sign-in holds no access token: check login_url.")
    instance = origin_of(url) if isinstance(url, str) else ""
    if not instance or not may_follow(origin_of(settings.login_url), instance):
        raise SourceRefusedError(
            "The answer to the sign-in names an instance that is neither Salesforce's nor login_url's host; "
            "the token is not sent there."
        )
    return Grant(token, instance)

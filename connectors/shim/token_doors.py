"""The doors of the development issuer: key set, metadata (RFC 8414) and tokens (RFC 6749, client credentials)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

import orjson
from starlette.requests import Request
from starlette.responses import Response

from connectors.shim.bodies import read_body
from connectors.shim.development import SCOPES, TOKEN_SECONDS, DevelopmentIssuer, TokenWish

TOKEN_PATH, JWKS_PATH = "/oauth/token", "/.well-known/jwks.json"
METADATA_PATH = "/.well-known/oauth-authorization-server"
_LARGEST_FORM_BYTES = 8 * 1024
_NO_STORE = {"Cache-Control": "no-store"}


def metadata(issuer: DevelopmentIssuer) -> dict[str, object]:
    """Where this authorisation server's doors are."""
    return {
        "issuer": issuer.issuer,
        "token_endpoint": f"{issuer.issuer}{TOKEN_PATH}",
        "jwks_uri": f"{issuer.issuer}{JWKS_PATH}",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": sorted(SCOPES),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }


async def issue(request: Request, issuer: DevelopmentIssuer) -> Response:
    """Answer a token request; besides OAuth's own fields it takes whom and what the token shall speak for.

    Those are `subject` (the person; without it the client stands for itself), `tenant`, `email`, `owner_ids`,
    `regions` and `segments`, lists with commas.

    Raises:
        ShimError: The body is too large (413).
    """
    try:
        form = dict(parse_qsl((await read_body(request, _LARGEST_FORM_BYTES)).decode(), max_num_fields=32))
    except ValueError:
        return _refused("invalid_request", "The body is no form.")
    if form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "The grant type is client_credentials.")
    if not issuer.is_client(*_credentials(request, form)):
        return _refused("invalid_client", "The client's id or secret is wrong.", status=401)
    scopes = tuple(form.get("scope", "churn:run").split())
    if not scopes or not SCOPES.issuperset(scopes):
        return _refused("invalid_scope", f"The scopes are {', '.join(sorted(SCOPES))}.")
    wish = TokenWish(
        subject=form.get("subject", "").strip(),
        scopes=scopes,
        tenant=form.get("tenant", "").strip() or "default",
        email=form.get("email", "").strip(),
        owner_ids=_listed(form, "owner_ids"),
        regions=_listed(form, "regions"),
        segments=_listed(form, "segments"),
    )
    body = {
        "access_token": issuer.token(wish),
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": " ".join(scopes),
    }
    return Response(orjson.dumps(body), headers=_NO_STORE, media_type="application/json")


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """Id and secret of the client, from the header or else from the form."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return unquote_plus(client), unquote_plus(secret)
    return form.get("client_id", ""), form.get("client_secret", "")


def _listed(form: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in form.get(name, "").split(","))))


def _refused(code: str, description: str, *, status: int = 400) -> Response:
    headers = _NO_STORE | ({"WWW-Authenticate": 'Basic realm="baton"'} if status == 401 else {})
    body = {"error": code, "error_description": description}
    return Response(orjson.dumps(body), status, headers, media_type="application/json")

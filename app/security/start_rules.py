"""What must hold of the settings before the service listens: sign-in, keys, encryption and web origins together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.toolkit.key_sets import is_safe_url

if TYPE_CHECKING:
    from app.settings import Settings


def unfit(settings: Settings) -> Iterator[str]:
    """Each thing that keeps the service from starting, in words for the operator and without values."""
    if settings.auth == "jwt":
        yield from _unfit_for_tokens(settings)
    if not settings.on_loopback:
        if settings.auth == "none":
            yield "without sign-in Baton listens on 127.0.0.1 only: set host to a loopback address, or auth to jwt"
        if not settings.encryption_key.get_secret_value():
            yield (
                "host is not a loopback address, so that BATON_ENCRYPTION_KEY must be set "
                "(openssl rand -base64 32 makes a key)"
            )
    if not all(map(_is_origin, settings.cors_origins)):
        yield "cors_origins: write each as https://host or https://host:port, without a path; * is not taken"


def _unfit_for_tokens(settings: Settings) -> Iterator[str]:
    jwt = settings.jwt
    missing = [f"jwt.{name}" for name in ("issuer", "audience") if not getattr(jwt, name).strip()]
    if not jwt.jwks_url and jwt.jwks_file is None:
        missing.append("jwt.jwks_url or jwt.jwks_file")
    if missing:
        yield f"auth: jwt needs {', '.join(missing)}"
    if jwt.jwks_url and jwt.jwks_file is not None:
        yield "jwt.jwks_url and jwt.jwks_file are both set: keep one"
    if jwt.jwks_url and not is_safe_url(jwt.jwks_url):
        yield "jwt.jwks_url: keys are read over https, or over http from this machine alone"


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and text == f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        return False

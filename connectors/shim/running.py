"""Runs the shim until it is interrupted, and refuses what would open it to others without sign-in."""

from __future__ import annotations

import ipaddress
import logging
import time
from pathlib import Path

import uvicorn

from connectors.errors import InvalidSourceConfigError
from connectors.shim.development import CLIENT_FILE, DevelopmentIssuer, open_issuer
from connectors.shim.settings import ShimSettings
from connectors.shim.token_doors import TOKEN_PATH
from connectors.shim.web import shim_app


def run(settings: ShimSettings) -> None:
    """Serve the shim; its request log goes to the standard output, a line of JSON each.

    Raises:
        InvalidSourceConfigError: It would issue tokens to others, or something it needs cannot be opened.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for chatty in ("httpx", "httpcore", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    issuer = development_issuer(settings) if settings.access.development else None
    if issuer is not None:
        print(token_advice(issuer.issuer, issuer.folder), flush=True)  # noqa: T201 - what stands in the terminal
    try:
        app = shim_app(settings, issuer=issuer)
    except ValueError as error:
        raise InvalidSourceConfigError(f"limits.storage: {error}.") from None
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
    )


def development_issuer(settings: ShimSettings) -> DevelopmentIssuer:
    """The issuer of the data folder, under the address that the shim listens on.

    Raises:
        InvalidSourceConfigError: The address can be reached from elsewhere, or the folder cannot be used.
    """
    if not is_loopback(settings.host):
        raise InvalidSourceConfigError(
            "access: development gives anybody a token, so that it is for the loopback address only: configure "
            f"issuer, audience and keys to listen on {settings.host}."
        )
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        return open_issuer(
            settings.data_dir,
            issuer=f"http://{host}:{settings.port}",
            audience=settings.access.audience,
            clock=time.time,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidSourceConfigError(
            f"The shim's data folder {settings.data_dir} cannot be used: {reason}."
        ) from None


def token_advice(address: str, folder: Path) -> str:
    """How to get a development token from the shim at that address and ask with it, as lines to copy."""
    cut = 'sed \'s/.*"access_token":"\\([^"]*\\).*/\\1/\''
    wish = "-d grant_type=client_credentials -d subject=me -d 'scope=churn:run pii:read'"
    json = '-H "Content-Type: application/json"'
    question = """-d '{"question": "Who is at risk this quarter?"}'"""
    return "\n".join(
        (
            "Get a development token (it lasts 15 minutes), and ask:",
            f'  TOKEN=$(curl -s -u "$(cat {folder / CLIENT_FILE})" {wish} {address}{TOKEN_PATH} | {cut})',
            f'  curl -s -H "Authorization: Bearer $TOKEN" {json} {question} {address}/ask',
        )
    )


def is_loopback(host: str) -> bool:
    """Whether a host to listen on can be reached from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""The address under which a caller reaches the service, as far as it can be believed."""

from __future__ import annotations

import re

from starlette.requests import Request

from app.settings import Settings

_SANE_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def server_of(request: Request) -> str:
    """Scheme and host of the request, without a slash at the end; "/" where its host is no host."""
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host}" if _SANE_HOST.fullmatch(host) else "/"


def server_of_settings(settings: Settings) -> str:
    """Where these settings listen."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"

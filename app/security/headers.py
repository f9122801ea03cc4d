"""Security headers on every answer: strict by default, and what the two documentation pages need and no more."""

from __future__ import annotations

import base64
import re
from hashlib import sha256

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGE = (
    f"{_NOTHING}; connect-src 'self'; img-src 'self' data:; style-src 'self'{{styles}}; script-src 'self'{{scripts}}"
)
_STRICT_PAGE = _PAGE.format(styles="", scripts="")
_DOCS = re.compile(r"/docs(?:/.*)?", re.DOTALL)
_PLAYGROUND = re.compile(r"/[^/]+/(?:c/[^/]+/)?playground(?:/.*)?", re.DOTALL)
_KEPT = re.compile(r"/static-offline-docs/.*|/[^/]+/playground/assets/.*|/openapi(?:-3\.0)?\.json", re.DOTALL)
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_YEAR = "max-age=31536000"


class SecurityHeadersMiddleware:
    """Adds the headers that an answer does not bring itself; `behind_tls` tells browsers to come by https only."""

    def __init__(self, app: ASGIApp, *, behind_tls: bool) -> None:
        self._app = app
        self._behind_tls = behind_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add to what comes back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        is_page = bool(_DOCS.fullmatch(path) or _PLAYGROUND.fullmatch(path))
        held: Message | None = None
        body = b""

        async def send_with_headers(message: Message) -> None:
            nonlocal held, body
            if message["type"] == "http.response.start":
                if is_page and _is_html(message):  # Held until its scripts are known.
                    held = message
                    return
                self._add(message, path, _STRICT_PAGE if is_page else _NOTHING)
            elif held is not None:
                body += message.get("body", b"")
                if message.get("more_body", False):
                    return
                self._add(held, path, _page_policy(path, body))
                await send(held)
                message = {"type": "http.response.body", "body": body}
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add(self, start: Message, path: str, policy: str) -> None:
        headers = MutableHeaders(scope=start)
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Cache-Control", "no-cache" if _KEPT.fullmatch(path) else "no-store")
        if self._behind_tls:
            headers.setdefault("Strict-Transport-Security", _YEAR)


def _is_html(start: Message) -> bool:
    return MutableHeaders(scope=start).get("content-type", "").startswith("text/html")


def _page_policy(path: str, page: bytes) -> str:
    """The policy with the hashes of the scripts that the page itself holds, so that no other inline script runs.

    The playground makes its styles, and compiles the schemas of its form, while it runs.
    """
    hashes = "".join(f" 'sha256-{base64.b64encode(sha256(one).digest()).decode()}'" for one in _INLINE.findall(page))
    if _PLAYGROUND.fullmatch(path):
        return _PAGE.format(styles=" 'unsafe-inline'", scripts=f"{hashes} 'unsafe-eval'")
    return _PAGE.format(styles="", scripts=hashes)

"""The HTTP session under the client: answers within a time and a size, no redirects, nothing from the environment."""

from __future__ import annotations

import io
import socket
import ssl
from pathlib import Path
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

from connectors.errors import SourceRefusedError
from connectors.salesforce.settings import SalesforceSettings
from connectors.toolkit.deadline import Deadline
from connectors.toolkit.hang_up import HangUp

MAX_ANSWER_BYTES = 64 * 2**20
# A page has 2,000 records; a few hundred bytes of memory go for each object and list.
MAX_ANSWER_PARTS = 1_000_000
# The client's own time-out says more, so that it comes first.
_GRACE_SECONDS = 0.25
_PIECE_BYTES = 64 * 1024
_REDIRECTS = range(300, 400)


class OverdueError(requests.RequestException):
    """The reading's time is over."""


class RedirectedError(requests.RequestException):
    """The answer points elsewhere, where no token is taken."""


class OversizedError(requests.RequestException):
    """The answer has more bytes, or more objects, than any page."""


class _Bounded(HTTPConnection):
    """A connection that is cut at the deadline: head lines that drip one by one are each within any time-out."""

    deadline: Deadline
    _hang_up: HangUp | None = None

    def _new_conn(self) -> socket.socket:
        line = super()._new_conn()
        self._hang_up = HangUp(line.fileno(), self.deadline.left_seconds() + _GRACE_SECONDS)
        return line

    def close(self) -> None:
        if self._hang_up is not None:
            self._hang_up.stop()
            self._hang_up = None
        super().close()


class BoundedAdapter(HTTPAdapter):
    """Reads each answer to its end at once, so that an endless, trickling or redirecting one ends here.

    The system's certificate authorities are trusted beside the ones that `requests` brings.
    """

    def __init__(self, deadline: Deadline, *, max_bytes: int = MAX_ANSWER_BYTES) -> None:
        super().__init__()
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._system = ssl.create_default_context()

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Host and pool parameters; the system's authorities unless a file names others."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if verify is True:
            pool["ssl_context"] = self._system
        return host, pool

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """The pool of connections to a host; each is cut when the time is over, whatever still drips out of it."""
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        if not issubclass(pool.ConnectionCls, _Bounded):
            bounded = type("BoundedConnection", (_Bounded, pool.ConnectionCls), {"deadline": self._deadline})
            pool.ConnectionCls = bounded
        return pool

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The answer, read whole.

        Raises:
            OverdueError: The reading's time was over before the answer was.
            RedirectedError: It points elsewhere.
            OversizedError: It is larger than any page.
        """
        try:
            response = super().send(request, *args, **{**kwargs, "stream": True})
        except requests.Timeout:
            raise
        except requests.ConnectionError:
            if not self._deadline.left_seconds():
                raise OverdueError(request=request) from None
            raise
        raw = response.raw
        try:
            if response.status_code in _REDIRECTS:
                raise RedirectedError(request=request)
            response.raw = io.BytesIO(self._body(request, raw))
        except requests.RequestException:
            raw.close()
            raise
        return response

    def _body(self, request: requests.PreparedRequest, raw: urllib3.HTTPResponse) -> bytes:
        body = bytearray()
        try:
            # read1 comes back after each piece that arrives, so that a trickle cannot outlast the deadline.
            while piece := raw.read1(_PIECE_BYTES, decode_content=True):
                body += piece
                if not self._deadline.left_seconds():
                    raise OverdueError(request=request)
                if len(body) > self._max_bytes:
                    raise OversizedError(request=request)
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(error, request=request) from error
        if not self._deadline.left_seconds():  # A cut line looks like an answer's end.
            raise OverdueError(request=request)
        if body.count(b"{") + body.count(b"[") > MAX_ANSWER_PARTS:
            raise OversizedError(request=request)
        return bytes(body)


def open_session(settings: SalesforceSettings, folder: Path, deadline: Deadline) -> requests.Session:
    """A session that trusts what the settings say.

    Raises:
        SourceRefusedError: `ca_file` holds no certificate.
    """
    session = requests.Session()
    # Else a .netrc entry would replace the bearer token, and a proxy of the environment would see it.
    session.trust_env = False
    session.verify = _authorities(folder / settings.ca_file) if settings.ca_file else True
    if settings.proxy_url:
        session.proxies = {"https": settings.proxy_url}
    for scheme in ("https://", "http://"):
        session.mount(scheme, BoundedAdapter(deadline))
    return session


def _authorities(file: Path) -> str:
    try:
        ssl.create_default_context(cafile=file)
    except OSError:
        raise SourceRefusedError("The file that ca_file names holds no certificates in PEM form.") from None
    return str(file)

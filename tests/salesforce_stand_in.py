"""Salesforce for tests: the stand-in on loopback, plain or over TLS, and faults put before it."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import trustme
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.ports import SourceContext
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.source import SalesforceSource
from connectors.sample.salesforce_server import App, SalesforceServer

CLIENT_ID = "consumer-key-1"
CLIENT_SECRET = "consumer-secret-1"
USERNAME = "integration@vendor.example"
READY_TOKEN = "ready-session-1"
OWNERS = [{"Id": f"005{n:015}", "Name": f"Owner {n}", "Email": f"owner{n}@vendor.example"} for n in range(3)]
REGIONS = ("EMEA", "AMER", "APAC")

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Fault = Callable[[Send], Awaitable[None]]


def accounts(count: int) -> list[dict[str, Any]]:
    """Accounts with an owner each, but every seventh."""
    return [
        {
            "Id": f"001{n:015}",
            "Name": f"Account {n}",
            "Region__c": REGIONS[n % 3],
            "ARR__c": 1000.0 + n,
            "Is_Key__c": n % 2 == 0,
            "OwnerId": None if n % 7 == 0 else OWNERS[n % 3]["Id"],
        }
        for n in range(count)
    ]


def organisation(count: int, **options: Any) -> SalesforceServer:
    """A stand-in with that many accounts, an app for each grant, and a ready token."""
    app = App(CLIENT_ID, CLIENT_SECRET, users={USERNAME: key_pair()[1]})
    return SalesforceServer({"Account": accounts(count), "User": OWNERS}, apps=[app], token=READY_TOKEN, **options)


@cache
def key_pair() -> tuple[bytes, str]:
    """An RSA private key and its public key, in PEM form."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, public.decode()


def opened(url: str, *, folder: Path = Path(), seconds: float = 20.0, **settings: Any) -> SalesforceSource:
    """A source over the stand-in at a URL; by client credentials unless settings bring a token or a key."""
    signs_in = {"login_url": url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    given = {**({"instance_url": url} if "access_token" in settings else signs_in), **settings}
    context = SourceContext(folder=str(folder), timeout_seconds=seconds, clock=lambda: dt.datetime.now(dt.UTC))
    return SalesforceSource(SalesforceSettings(**given), context)


class Interposed:
    """An application before another: the faults answer the next requests whose path begins so, each one."""

    def __init__(self, app: Any, path: str, *faults: Fault | None) -> None:
        self.app, self.path, self.faults = app, path, list(faults)
        self.requests: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer by the next fault, or by the application where there is none or it is None."""
        if scope["type"] == "http":
            self.requests.append(scope["path"])
            if scope["path"].startswith(self.path) and self.faults and (fault := self.faults.pop(0)):
                await fault(send)
                return
        await self.app(scope, receive, send)


def answering(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> Fault:
    """A fault that gives an answer of its own."""

    async def fault(send: Send) -> None:
        fields = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        fields += [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": body})

    return fault


class _PromptServer(uvicorn.Server):
    """Notices within milliseconds that it shall stop; there are many tests."""

    async def main_loop(self) -> None:
        while not self.should_exit:
            await asyncio.sleep(0.005)


@contextmanager
def served(app: Any, *, certificate: trustme.LeafCert | None = None, folder: Path = Path()) -> Iterator[str]:
    """Serve on 127.0.0.1 for as long as the block lasts, over TLS with a certificate."""
    options: dict[str, Any] = {}
    if certificate:
        certificate.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
        options["ssl_certfile"] = folder / "server.pem"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = _PromptServer(
            uvicorn.Config(app, ws="none", log_level="critical", timeout_graceful_shutdown=1, **options)
        )
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        try:
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=5)

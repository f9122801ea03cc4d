"""A shim on loopback between three small systems in files and a service that answers what a test tells it to."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.shim.development import DevelopmentIssuer, TokenWish, open_issuer
from connectors.shim.serving import served
from connectors.shim.settings import ServiceSettings, ShimSettings
from connectors.shim.web import shim_app
from connectors.source_config import SourceConfig, load_sources

NOW = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
QUESTION = "Which enterprise customers in EMEA are at risk of churn this quarter?"
EVERYTHING = ("churn:run", "pii:read")

_FILES = {
    "crm/accounts.csv": "Id,Name,Region,OwnerId,OwnerName,OwnerEmail\n"
    "a1,Alpine Foods GmbH,EMEA,o1,Imke Sandow,imke.sandow@vendor.example\n"
    "a2,Harbor Paper Inc,AMER,o2,Noah Quill,noah.quill@vendor.example\n",
    "crm/contacts.csv": "Id,AccountId,First,Last,Email,Phone,Role\n"
    "c1,a1,Malte,Wendt,malte.wendt@alpine.example,+49 30 23125850,Champion\n"
    "c2,a2,Ruth,Okoro,ruth.okoro@harbor.example,+1 212 555 0188,Champion\n",
    "crm/tickets.csv": "Id,AccountId,Subject,Body\n"
    't1,a1,Call Malte back,"Please call Malte Wendt at +49 30 23125850 or malte.wendt@alpine.example."\n',
    "usage/weeks.csv": "AccountId,week,users\na1,2026-11-09,5\na2,2026-11-09,7\n",
    "billing/invoices.csv": "AccountId,id,issued,amount\na1,i1,2026-10-01,900\n",
}
_SOURCES = """
version: 1
sources:
  - name: crm
    kind: crm
    connector: files
    connection: {folder: crm}
    records:
      accounts:
        from: accounts.csv
        fields: {account_id: Id, name: Name, region: Region, owner.owner_id: OwnerId, owner.name: OwnerName, owner.email: OwnerEmail}
      contacts:
        from: contacts.csv
        account: AccountId
        fields: {contact_id: Id, first_name: First, last_name: Last, email: Email, phone: Phone, role: Role}
      tickets: {from: tickets.csv, account: AccountId, fields: {ticket_id: Id, subject: Subject, body: Body}}
  - name: usage
    kind: usage
    connector: files
    connection: {folder: usage}
    records:
      usage: {from: weeks.csv, account: AccountId, fields: {week_start: week, active_users: users}}
  - name: billing
    kind: billing
    connector: files
    connection: {folder: billing}
    records:
      invoices: {from: invoices.csv, account: AccountId, fields: {invoice_id: id, issued_on: issued, amount: amount}}
"""
PLACES = [
    {"placeholder": "[[contact_1.first_name]]", "contact_id": "c1", "owner_id": "", "field": "first_name"},
    {"placeholder": "[[owner_1.name]]", "contact_id": "", "owner_id": "o1", "field": "name"},
]
REPORT = {
    "thread_id": "theirs",
    "summary": "Done.",
    "data_quality": [],
    "warnings": [],
    "accounts": [
        {
            "account_id": "a1",
            "draft": {"body": "Dear [[contact_1.first_name]],\n[[owner_1.name]]"},
            "placeholders": PLACES,
        }
    ],
}
PERSON_VALUES = ("Malte", "Wendt", "Okoro", "Imke", "Sandow", "Quill", "malte.wendt@alpine.example", "23125850")
Answer = Callable[[], Response]


def run_document(status: str = "succeeded", **more: Any) -> dict[str, Any]:
    """A run as the service shows it."""
    result = {"result": REPORT} if status == "succeeded" else {}
    waiting = {"retry_after_seconds": 0.2} if status in ("queued", "running") else {}
    return {
        "run_id": "run_1",
        "status": status,
        "thread_id": "theirs",
        "status_url": "/v1/runs/run_1",
        **waiting,
        **result,
        **more,
    }


class StubService:
    """Stands for the service: keeps what it got; `answers` come first, then always a finished run."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.calls: list[str] = []
        self.answers: list[Answer] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The bodies of the questions, read."""
        return [json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body) for body in self.bodies]

    def then(self, document: Any, status: int = 200, **headers: str) -> None:
        """Let the next call be answered so."""
        self.answers.append(lambda: JSONResponse(document, status, headers))

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        self.calls.append(f"{request.method} {request.url.path}")
        self.headers.append(dict(request.headers))
        if request.url.path == "/v1/churn/runs":
            self.bodies.append(body)
        if self.answers:
            return self.answers.pop(0)()
        return JSONResponse(REPORT if request.url.path.endswith("/report") else run_document())


@dataclass(frozen=True)
class Stage:
    """A running shim and what stands around it."""

    url: str
    issuer: DevelopmentIssuer

    def token(self, *scopes: str, **wish: Any) -> str:
        """A token of its issuer; by default of a person who may see persons."""
        return self.issuer.token(TokenWish(**{"subject": "ines", "scopes": scopes or EVERYTHING, **wish}))

    def ask(self, body: Any = None, *, token: str | None = None, **options: Any) -> httpx.Response:
        """One question over HTTP."""
        headers = {"Authorization": f"Bearer {self.token() if token is None else token}", **options.pop("headers", {})}
        if "content" not in options:
            options["json"] = {"question": QUESTION} if body is None else body
        return self.call("POST", "/ask", headers=headers, **options)

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any request over HTTP."""
        with httpx.Client(trust_env=False, timeout=60) as client:
            return client.request(method, f"{self.url}{path}", **options)

    def bearer(self, *scopes: str, **wish: Any) -> dict[str, str]:
        """The header of such a token."""
        return {"Authorization": f"Bearer {self.token(*scopes, **wish)}"}


def small_sources(folder: Path) -> tuple[SourceConfig, ...]:
    """Three systems with two accounts, as files of that folder."""
    for name, text in _FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "sources.yaml").write_text(_SOURCES, encoding="utf-8")
    return load_sources(folder / "sources.yaml", environ={}).sources


def settings_for(folder: Path, service_url: str, **changes: Any) -> ShimSettings:
    """Settings of a shim over the small systems."""
    given: dict[str, Any] = {
        "sources": small_sources(folder),
        "service": ServiceSettings(url=service_url),
        "data_dir": folder / "shim",
        **changes,
    }
    return ShimSettings(**given)


@contextmanager
def staged(settings: ShimSettings, *, clock: Callable[[], float] = time.time) -> Iterator[Stage]:
    """A shim with these settings on loopback."""
    issuer = open_issuer(settings.data_dir, issuer="http://shim.test", audience="baton", clock=clock)
    with served(shim_app(settings, issuer=issuer, clock=lambda: NOW)) as url:
        yield Stage(url, issuer)


def with_source(settings: ShimSettings, name: str, change: Callable[[SourceConfig], SourceConfig]) -> ShimSettings:
    """The settings with one source changed."""
    sources = tuple(change(source) if source.name == name else source for source in settings.sources)
    return dataclasses.replace(settings, sources=sources)


def problem(response: httpx.Response) -> dict[str, Any]:
    """The problem that an answer holds, whole and carrying its correlation id."""
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) == {"type", "title", "status", "code", "detail", "instance", "correlation_id", "errors"}
    assert body["status"] == response.status_code
    assert body["correlation_id"] == response.headers["x-correlation-id"]
    return body

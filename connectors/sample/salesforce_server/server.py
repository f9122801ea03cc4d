"""The stand-in's routes.

Source:
    Salesforce REST API Developer Guide: Versions, sObject Describe, Query, Query More, Query Options Header,
    Limit Info Header, Status Codes and Error Responses.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.sample.salesforce_server.cursors import MAX_PAGE_SIZE, Cursors
from connectors.sample.salesforce_server.errors import ApiError, OAuthError
from connectors.sample.salesforce_server.objects import Objects, Record, described
from connectors.sample.salesforce_server.sessions import App, Sessions
from connectors.sample.salesforce_server.soql import parse

__all__ = ["MAX_PAGE_SIZE", "SalesforceServer"]

MAX_ADDRESS_BYTES = 16_384
_VERSIONS = range(31, 68)
_DAILY_REQUESTS = 15_000


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class SalesforceServer:
    """An organisation over given records; `app` is its application.

    Attributes:
        api_requests: How many requests the API has answered or refused.
        sign_ins: How many tokens it has given.
        queries: The statements it was asked, oldest first.
    """

    def __init__(
        self,
        objects: Mapping[str, Sequence[Record]],
        *,
        token: str = "",
        apps: Sequence[App] = (),
        page_size: int = MAX_PAGE_SIZE,
        session_requests: int = 0,
        daily_requests: int = _DAILY_REQUESTS,
        instance_url: str = "",
        clock: Callable[[], dt.datetime] = _now,
    ) -> None:
        """Make one.

        Args:
            objects: Records by object name; a field that only some records have is null in the others.
            token: A bearer token that is always taken; without it and without apps, none is asked for.
            apps: Who may sign in.
            page_size: Records a page at most.
            session_requests: Requests that a session lives for; 0 lets it live.
            daily_requests: API requests that the organisation may make.
            instance_url: What the sign-in's answer names as the instance; "" is the address it was asked at.
            clock: By which signed assertions are judged.
        """
        self._objects = Objects(objects)
        self._sessions = Sessions(apps, token=token, session_requests=session_requests, clock=clock)
        self._cursors = Cursors(page_size)
        self._daily_requests = daily_requests
        self._instance_url = instance_url
        self.api_requests = 0
        self.sign_ins = 0
        self.queries: list[str] = []
        self.app = self._application()

    def end_sessions(self) -> None:
        """End every session at once."""
        self._sessions.end()

    def forget_cursors(self) -> None:
        """Lose every result that is not read to its end."""
        self._cursors.forget()

    def use_up_requests(self) -> None:
        """Spend what is left of the day's requests."""
        self._daily_requests = self.api_requests

    def _application(self) -> Starlette:
        data = "/services/data"
        return Starlette(
            routes=[
                Route("/services/oauth2/token", self._token, methods=["POST"]),
                Route(data, self._versions),
                Route(f"{data}/", self._versions),
                Route(f"{data}/{{version}}/query", self._query),
                Route(f"{data}/{{version}}/query/", self._query),
                Route(f"{data}/{{version}}/query/{{cursor}}", self._query_more),
                Route(f"{data}/{{version}}/sobjects/{{name}}/describe", self._describe),
            ],
            exception_handlers={ApiError: self._api_error, OAuthError: _oauth_error},
        )

    async def _token(self, request: Request) -> JSONResponse:
        form = dict(parse_qsl((await request.body()).decode()))
        own_url = str(request.base_url).rstrip("/")
        token = self._sessions.opened(form, request.headers.get("authorization", ""), own_url=own_url)
        self.sign_ins += 1
        return JSONResponse(
            {
                "access_token": token,
                "scope": "api",
                "instance_url": self._instance_url or own_url,
                "id": f"{own_url}/id/00D000000000001AAA/005000000000001AAA",
                "token_type": "Bearer",
                "issued_at": str(int(_now().timestamp() * 1000)),
            }
        )

    async def _versions(self, _request: Request) -> JSONResponse:
        return JSONResponse(
            [{"label": f"{n}.0", "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in _VERSIONS]
        )

    async def _query(self, request: Request) -> JSONResponse:
        version = self._let_in(request)
        text = request.query_params.get("q", "")
        self.queries.append(text)
        records = self._objects.selected(parse(text), version)
        return self._answer(self._cursors.first_page(records, asked=_asked(request), version=version))

    async def _query_more(self, request: Request) -> JSONResponse:
        version = self._let_in(request)
        cursor = request.path_params["cursor"]
        return self._answer(self._cursors.page(cursor, asked=_asked(request), version=version))

    async def _describe(self, request: Request) -> JSONResponse:
        self._let_in(request)
        return self._answer(described(self._objects.table(request.path_params["name"])))

    def _let_in(self, request: Request) -> str:
        """Count the request and give its API version.

        Raises:
            ApiError: It is too long, has no session, comes too late in the day, or names no version.
        """
        headers = sum(len(name) + len(value) for name, value in request.headers.raw)
        if len(request.scope["raw_path"]) + len(request.scope["query_string"]) + headers > MAX_ADDRESS_BYTES:
            raise ApiError(431, "REQUEST_HEADER_TOO_LARGE", "The address and the headers are too long.")
        self._sessions.check(request.headers.get("authorization", ""))
        self.api_requests += 1
        if self.api_requests > self._daily_requests:
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        version = str(request.path_params["version"])
        if version not in {f"v{n}.0" for n in _VERSIONS}:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return version

    def _answer(self, body: object, status: int = 200) -> JSONResponse:
        usage = f"api-usage={self.api_requests}/{self._daily_requests}"
        return JSONResponse(body, status, headers={"Sforce-Limit-Info": usage})

    async def _api_error(self, _request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ApiError)
        return self._answer([{"message": error.message, "errorCode": error.code}], error.status)


async def _oauth_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OAuthError)
    return JSONResponse({"error": error.code, "error_description": error.description}, error.status)


def _asked(request: Request) -> int:
    found = re.search(r"batchSize=(\d{1,6})", request.headers.get("sforce-query-options", ""))
    return int(found[1]) if found else 0

"""A small CRM over HTTP that speaks Salesforce's REST query: pages, bearer tokens, errors as arrays."""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

MAX_PAGE_SIZE = 2_000
_MIN_PAGE_SIZE = 200
_MAX_CURSORS = 256
_SOQL = re.compile(
    r"\s*SELECT\s+(?P<fields>\w+(?:\s*,\s*\w+)*)\s+FROM\s+(?P<object>\w+)(?:\s+LIMIT\s+(?P<limit>\d+))?\s*", re.I
)

Record = Mapping[str, Any]


class _QueryError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class _Cursors:
    """Results not yet fetched to the end, by locator; the oldest are forgotten."""

    def __init__(self) -> None:
        self._results: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()

    def keep(self, records: list[dict[str, Any]]) -> str:
        locator = f"01g{secrets.token_hex(8)}"
        self._results[locator] = records
        while len(self._results) > _MAX_CURSORS:
            self._results.popitem(last=False)
        return locator

    def get(self, locator: str) -> list[dict[str, Any]]:
        if locator not in self._results:
            raise _QueryError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._results[locator]


def crm_app(objects: Mapping[str, Sequence[Record]], *, token: str = "", page_size: int = MAX_PAGE_SIZE) -> Starlette:
    """An application that answers ``GET /services/data/vNN.N/query?q=SELECT a, b FROM Object [LIMIT n]``.

    Args:
        objects: Records by object name; all records of an object have the same fields.
        token: The bearer token asked for; empty asks for none.
        page_size: Records a page at most; a client may ask for fewer with ``Sforce-Query-Options: batchSize=n``.

    Source:
        Salesforce REST API, Query and Query More; errors are an array of ``{message, errorCode}``.
    """
    by_name = {name.casefold(): (name, records) for name, records in objects.items()}
    cursors = _Cursors()

    async def query(request: Request) -> JSONResponse:
        _check_token(request, token)
        records = _selected(request.query_params.get("q", ""), by_name, request.path_params["version"])
        return _page(records, 0, "", request, cursors, page_size)

    async def query_more(request: Request) -> JSONResponse:
        _check_token(request, token)
        locator, _, start = request.path_params["locator"].rpartition("-")
        if not start.isdecimal():
            raise _QueryError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return _page(cursors.get(locator), int(start), locator, request, cursors, page_size)

    async def on_error(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, _QueryError)
        return JSONResponse([{"message": error.message, "errorCode": error.code}], error.status)

    return Starlette(
        routes=[
            Route("/services/data/{version}/query", query),
            Route("/services/data/{version}/query/{locator}", query_more),
        ],
        exception_handlers={_QueryError: on_error},
    )


def _check_token(request: Request, token: str) -> None:
    given = request.headers.get("authorization", "")
    if token and not secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise _QueryError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def _selected(soql: str, objects: Mapping[str, tuple[str, Sequence[Record]]], version: str) -> list[dict[str, Any]]:
    """The records the query names, with its fields only."""
    parsed = _SOQL.fullmatch(soql)
    if not parsed:
        raise _QueryError(400, "MALFORMED_QUERY", "only SELECT fields FROM object [LIMIT n] is understood")
    if parsed["object"].casefold() not in objects:
        raise _QueryError(400, "INVALID_TYPE", f"sObject type '{parsed['object']}' is not supported.")
    name, records = objects[parsed["object"].casefold()]
    known = {field.casefold(): field for field in (records[0] if records else ())}
    wanted = [field.strip() for field in parsed["fields"].split(",")]
    for field in wanted:
        if known and field.casefold() not in known:
            raise _QueryError(400, "INVALID_FIELD", f"No such column '{field}' on entity '{name}'.")
    fields = [known.get(field.casefold(), field) for field in wanted]
    limit = int(parsed["limit"]) if parsed["limit"] else None
    url = f"/services/data/{version}/sobjects/{name}/"
    return [
        {
            "attributes": {"type": name, "url": url + str(record.get("Id", ""))},
            **{field: record[field] for field in fields},
        }
        for record in records[:limit]
    ]


def _page(
    records: list[dict[str, Any]], start: int, locator: str, request: Request, cursors: _Cursors, page_size: int
) -> JSONResponse:
    asked = re.search(r"batchSize=(\d+)", request.headers.get("sforce-query-options", ""))
    size = min(page_size, max(_MIN_PAGE_SIZE, int(asked[1]))) if asked else page_size
    end = start + size
    body: dict[str, Any] = {"totalSize": len(records), "done": end >= len(records), "records": records[start:end]}
    if end < len(records):
        locator = locator or cursors.keep(records)
        body["nextRecordsUrl"] = f"/services/data/{request.path_params['version']}/query/{locator}-{end}"
    return JSONResponse(body)

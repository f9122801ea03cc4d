"""Results not yet fetched to the end, by locator, and the pages they are cut into."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Any

from connectors.sample.salesforce_server.errors import ApiError

MIN_PAGE_SIZE, MAX_PAGE_SIZE = 200, 2_000
_MAX_CURSORS = 256

Records = list[dict[str, Any]]


class Cursors:
    """The open results; the oldest are forgotten."""

    def __init__(self, page_size: int) -> None:
        self._page_size = page_size
        self._results: OrderedDict[str, Records] = OrderedDict()

    def first_page(self, records: Records, *, asked: int, version: str) -> dict[str, Any]:
        """The beginning of a result."""
        return self._page(records, 0, "", asked, version)

    def page(self, cursor: str, *, asked: int, version: str) -> dict[str, Any]:
        """What follows; `cursor` is a locator and an offset.

        Raises:
            ApiError: INVALID_QUERY_LOCATOR.
        """
        locator, _, start = cursor.rpartition("-")
        if locator not in self._results or not start.isdecimal():
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(self._results[locator], int(start), locator, asked, version)

    def forget(self) -> None:
        """Lose every open result, as happens to those left alone too long."""
        self._results.clear()

    def _page(self, records: Records, start: int, locator: str, asked: int, version: str) -> dict[str, Any]:
        """At most the page size; a client may ask for fewer records, but not for less than Salesforce's least."""
        size = min(self._page_size, max(MIN_PAGE_SIZE, asked)) if asked else self._page_size
        end = start + size
        page: dict[str, Any] = {
            "totalSize": len(records),
            "done": end >= len(records),
            "records": records[start:end],
        }
        if end < len(records):
            page["nextRecordsUrl"] = f"/services/data/{version}/query/{locator or self._kept(records)}-{end}"
        return page

    def _kept(self, records: Records) -> str:
        locator = f"01g{secrets.token_hex(8)}"
        self._results[locator] = records
        while len(self._results) > _MAX_CURSORS:
            self._results.popitem(last=False)
        return locator

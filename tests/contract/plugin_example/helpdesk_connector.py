"""A plug-in for Baton: reads the lists of a help desk that speaks REST, page by page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from connectors.errors import SourceRefusedError, SourceUnavailableError
from connectors.ports import Connector, Read, Row, SourceContext
from connectors.toolkit.deadline import Deadline
from connectors.toolkit.spelling import missing_columns


class HelpdeskSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `connection:` block."""

    url: str
    token: str

    def __repr__(self) -> str:
        return f"HelpdeskSettings(url={self.url!r})"


class HelpdeskPage(msgspec.Struct):
    """What the help desk answers."""

    items: list[dict[str, Any]]
    next_page: int | None = None


class HelpdeskSource:
    """A help desk, opened for one reading."""

    def __init__(self, settings: HelpdeskSettings, context: SourceContext) -> None:
        headers = {"Authorization": f"Bearer {settings.token}"}
        self._client = httpx.Client(base_url=settings.url, headers=headers, trust_env=False)
        self._deadline = Deadline(context.timeout_seconds)

    def rows(self, read: Read) -> Iterator[Row]:
        """The items of a list; this system cannot filter, so `read.only` is left to Baton."""
        page: int | None = 1
        while page:
            answer = self._page(read.origin, page)
            for item in answer.items:
                if problem := missing_columns(f"`{read.origin}`", (*read.columns, *read.only), item):
                    raise SourceRefusedError(problem)
                yield {name: item[name] for name in read.columns} if read.columns else item
            page = answer.next_page

    def extracted_at(self) -> dt.datetime | None:
        """The help desk is read live."""
        return None

    def where(self) -> str:
        """Its host."""
        return f"help desk at {self._client.base_url.host}"

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _page(self, name: str, page: int) -> HelpdeskPage:
        self._deadline.check(self.where())
        try:
            answer = self._client.get(
                f"/{quote(name, safe='')}", params={"page": page}, timeout=self._deadline.left_seconds()
            )
        except httpx.HTTPError:
            raise SourceUnavailableError(f"{self.where()} does not answer; repeat later.") from None
        if answer.status_code in (401, 403):
            raise SourceRefusedError(f"{self.where()} refuses the token; check `token`.")
        if answer.status_code == 404:
            raise SourceRefusedError(f"{self.where()} has no list `{name}`.")
        if answer.status_code != 200:
            raise SourceUnavailableError(f"{self.where()} answers {answer.status_code}; repeat later.")
        try:
            return msgspec.json.decode(answer.content, type=HelpdeskPage)
        except msgspec.DecodeError:
            raise SourceRefusedError(f"{self.where()} answers no list of items; check `url`.") from None


CONNECTOR = Connector(name="helpdesk", settings=HelpdeskSettings, open=HelpdeskSource)

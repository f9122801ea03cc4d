"""The SQL connector and its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec

from connectors.ports import Connector, SourceContext
from connectors.sql.address import address_of, refuse_bad_options
from connectors.sql.source import SqlSource

Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class SqlSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to reach a database, and how long to wait for it.

    Attributes:
        url: An SQLAlchemy URL, with its password; a path of SQLite is relative to the file that configures it.
        schema: Of tables named without one; the login's default when empty.
        page_rows: Rows fetched at a time.
        loaded_at_query: A query that gives one instant: when the data was loaded. Empty where it is read live.
    """

    url: str
    schema: str = ""
    statement_timeout_seconds: Seconds = 30.0
    connect_timeout_seconds: Seconds = 10.0
    page_rows: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 5_000
    loaded_at_query: str = ""

    def __post_init__(self) -> None:
        refuse_bad_options(self.url)

    def __repr__(self) -> str:
        return "SqlSettings(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


def open_sql(settings: SqlSettings, context: SourceContext) -> SqlSource:
    """A source over the database; it connects when its first row is asked for.

    Raises:
        SourceRefusedError: The URL is none, or its driver is not installed.
    """
    return SqlSource(
        address_of(settings.url, Path(context.folder)),
        schema=settings.schema,
        statement_timeout_seconds=settings.statement_timeout_seconds,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        page_rows=settings.page_rows,
        loaded_at_query=settings.loaded_at_query,
        timeout_seconds=context.timeout_seconds,
    )


CONNECTOR = Connector(name="sql", settings=SqlSettings, open=open_sql)

"""Reads tables, views and queries of a database as a source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, inspect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.sql.expression import FromClause

from connectors.errors import SourceRefusedError
from connectors.ports import Read, Row
from connectors.sql.address import Address
from connectors.sql.engines import HANG_UP, engine_for
from connectors.sql.failures import failure
from connectors.sql.guards import StatementClock
from connectors.sql.instants import to_instant
from connectors.sql.statements import from_clause, is_query, nothing_of, rows_of
from connectors.toolkit.deadline import Deadline
from connectors.toolkit.spelling import missing_columns, suggestion


class SqlSource:
    """A database, opened for one reading; every read has a connection and a read-only transaction of its own."""

    def __init__(
        self,
        address: Address,
        *,
        schema: str,
        statement_timeout_seconds: float,
        connect_timeout_seconds: float,
        page_rows: int,
        loaded_at_query: str,
        timeout_seconds: float,
    ) -> None:
        self._address = address
        self._schema = schema
        self._statement_seconds = statement_timeout_seconds
        self._page_rows = page_rows
        # A server-side cursor also takes one statement only, whatever the text of a query.
        self._streamed = {"stream_results": True, "max_row_buffer": page_rows}
        self._loaded_at_query = loaded_at_query
        self._deadline = Deadline(timeout_seconds)
        self._engine: Engine = engine_for(
            address, connect_timeout_seconds=connect_timeout_seconds, deadline=self._deadline
        )
        self._readings: list[Generator[Row, None, None]] = []

    def rows(self, read: Read) -> Iterator[Row]:
        """The rows of a table, view or query, page by page, in the types of the database.

        Raises:
            SourceRefusedError: The login, the table or a column is refused.
            SourceUnavailableError: The database does not answer, breaks off, or takes too long.
        """
        reading = self._rows(read)
        self._readings.append(reading)
        return reading

    def extracted_at(self) -> dt.datetime | None:
        """What `loaded_at_query` gives; None without one, or where it gives nothing."""
        if not self._loaded_at_query:
            return None
        first = next(self._rows(Read(self._loaded_at_query)), {})
        value = next(iter(first.values()), None)
        try:
            return None if value is None else to_instant(value)
        except ValueError:
            raise SourceRefusedError(
                "`loaded_at_query` must give one instant, such as SELECT max(loaded_at)."
            ) from None

    def where(self) -> str:
        """The kind of database, host and name; never the login."""
        return self._address.where

    def close(self) -> None:
        """End what is still being read; may be called twice."""
        for reading in self._readings:
            # One that another thread is reading at this moment ends at its own deadline.
            with suppress(ValueError):
                reading.close()
        self._readings.clear()
        self._engine.dispose()

    def _rows(self, read: Read) -> Generator[Row, None, None]:
        if not read.origin.strip():
            raise SourceRefusedError("A table, a view or a query must be named to be read.")
        with self._connected() as (connection, clock):
            source = from_clause(read.origin, self._schema)
            type_codes = self._type_codes(connection, source, read)
            names = tuple(dict.fromkeys(read.columns or type_codes))
            statement = rows_of(source, names, read.only, dialect=connection.dialect, type_codes=type_codes)
            with _ended(connection.execute(statement, execution_options=self._streamed)) as result:
                while page := result.fetchmany(self._page_rows):
                    for row in page:
                        yield dict(zip(names, row, strict=True))
                    self._deadline.check(self.where())
                    clock.restart()

    @contextmanager
    def _connected(self) -> Iterator[tuple[Connection, StatementClock]]:
        self._deadline.check(self.where())
        try:
            with self._engine.connect() as connection:
                hang_up = connection.info.get(HANG_UP)
                try:
                    yield connection, self._clock(connection)
                finally:
                    if hang_up is not None:
                        hang_up.stop()
        except SQLAlchemyError as error:
            self._deadline.check(self.where())
            raise failure(error, self.where(), statement_seconds=self._statement_seconds) from None

    def _clock(self, connection: Connection) -> StatementClock:
        return StatementClock(connection, seconds=self._statement_seconds, deadline=self._deadline)

    def _type_codes(self, connection: Connection, source: FromClause, read: Read) -> Mapping[str, Any]:
        """The driver's type code of every column there is.

        Raises:
            SourceRefusedError: The table or a column that is asked for is not there.
        """
        try:
            result = connection.execute(nothing_of(source), execution_options=self._streamed)
        except DBAPIError:
            if not is_query(read.origin):
                self._refuse_unknown_table(connection, read.origin)
            raise
        description: Any = result.cursor.description if result.cursor is not None else ()
        names = [entry[0] for entry in description]
        result.close()
        where = "The query" if is_query(read.origin) else f"`{read.origin}`"
        if problem := missing_columns(where, (*read.columns, *read.only), names):
            raise SourceRefusedError(problem)
        for name in read.columns or names:
            if names.count(name) > 1:
                raise SourceRefusedError(f"{where} gives two columns `{name}`; name them apart with AS.")
        return {entry[0]: entry[1] for entry in description}

    def _refuse_unknown_table(self, connection: Connection, origin: str) -> None:
        connection.rollback()
        self._clock(connection)
        schema, _, name = origin.rpartition(".")
        inspector = inspect(connection)
        known = [
            *inspector.get_table_names(schema or self._schema or None),
            *inspector.get_view_names(schema or self._schema or None),
        ]
        if name not in known:
            raise SourceRefusedError(
                f"{self.where()} has no table or view `{origin}`{suggestion(name, known)}."
            ) from None


@contextmanager
def _ended(result: CursorResult[Any]) -> Iterator[CursorResult[Any]]:
    """The result, closed at last; SQLAlchemy would log a traceback where its line has been cut."""
    try:
        yield result
    finally:
        with suppress(Exception):
            if result.cursor is not None:
                result.cursor.close()
        result.close()

"""Makes engines that open a database to read it, and no longer than allowed."""

from __future__ import annotations

import math
import sqlite3
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, ExceptionContext, NullPool, create_engine, event
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from connectors.errors import SourceRefusedError
from connectors.sql.address import Address
from connectors.toolkit.deadline import Deadline
from connectors.toolkit.hang_up import HangUp

HANG_UP = "hang_up"
MOST_VALUE_BYTES = 16 * 1024 * 1024
_PACKAGES = {"MySQLdb": "mysqlclient", "psycopg2": "psycopg2-binary"}


def engine_for(address: Address, *, connect_timeout_seconds: float, deadline: Deadline) -> Engine:
    """An engine that keeps no connection open between two reads; SQLite's opens the file read-only.

    Raises:
        SourceRefusedError: The database is unknown here, or its driver is not installed.
    """
    options: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
    if address.file is not None:
        uri = f"{address.file.resolve().as_uri()}?mode=ro"
        options["creator"] = lambda: _opened(uri, min(connect_timeout_seconds, deadline.left_seconds()))
    try:
        engine = create_engine(address.url, **options)
    except NoSuchModuleError:
        raise SourceRefusedError("`url` names a database or driver that SQLAlchemy does not know here.") from None
    except ModuleNotFoundError as error:
        raise SourceRefusedError(
            f"The database's driver is missing: pip install {_PACKAGES.get(error.name or '', error.name)}"
            " (for PostgreSQL write postgresql://; that driver is here)."
        ) from None
    except (ArgumentError, TypeError, ValueError):
        raise SourceRefusedError("`url` has options that its driver does not take; leave them out.") from None
    event.listen(engine, "handle_error", _close_cursor)
    if engine.dialect.driver == "psycopg":
        _give_up_in_time(engine, connect_timeout_seconds, deadline)
    return engine


def _opened(uri: str, timeout_seconds: float) -> sqlite3.Connection:
    # A source may be closed from another thread than the one that reads.
    connection = sqlite3.connect(uri, uri=True, timeout=timeout_seconds, check_same_thread=False)
    # Making one huge value is a single instruction, between which and the next nobody looks at the clock.
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_VALUE_BYTES)
    return connection


def _close_cursor(context: ExceptionContext) -> None:
    """Close what SQLAlchemy leaves open, or would log with a traceback, where the connection itself has gone."""
    execution = context.execution_context
    if execution is not None and execution.cursor is not None:
        with suppress(Exception):
            execution.cursor.close()


def _give_up_in_time(engine: Engine, connect_timeout_seconds: float, deadline: Deadline) -> None:
    # Read here, because only PostgreSQL needs its driver.
    from connectors.sql.odd_days import read_odd_days_as_text

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: Any, arguments: Any, named: dict[str, Any]) -> Any:
        seconds = min(connect_timeout_seconds, deadline.left_seconds())
        named.update(connect_timeout=max(1, math.ceil(seconds)), application_name="baton")
        raw = dialect.connect(*arguments, **named)
        read_odd_days_as_text(raw)
        record.info[HANG_UP] = HangUp(raw.fileno(), deadline.left_seconds())
        return raw

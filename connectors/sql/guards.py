"""Lets a connection only read, and ends a statement that takes too long."""

from __future__ import annotations

import math
import time
from typing import Any

from sqlalchemy import Connection

from connectors.toolkit.deadline import Deadline

_INSTRUCTIONS_BETWEEN_LOOKS_AT_THE_CLOCK = 10_000
# The server is to end its statement by itself before the line is cut.
_SHARE_OF_WHAT_IS_LEFT = 0.9


class StatementClock:
    """The time that one statement, or one page of its rows, may take on a connection.

    PostgreSQL ends it by itself, SQLite is stopped between two instructions. Other systems have no bound here, and
    what they may do is a matter of their login's rights; nothing is ever committed.
    """

    def __init__(self, connection: Connection, *, seconds: float, deadline: Deadline) -> None:
        self._seconds, self._deadline = seconds, deadline
        self._ends_at = 0.0
        self.restart()
        if connection.dialect.name == "postgresql":
            milliseconds = max(1, math.ceil(min(seconds, deadline.left_seconds() * _SHARE_OF_WHAT_IS_LEFT) * 1_000))
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
        elif connection.dialect.name == "sqlite":
            raw: Any = connection.connection.dbapi_connection
            raw.set_progress_handler(self._is_over, _INSTRUCTIONS_BETWEEN_LOOKS_AT_THE_CLOCK)

    def restart(self) -> None:
        """Begin to count anew, for the next page."""
        self._ends_at = time.monotonic() + min(self._seconds, self._deadline.left_seconds())

    def _is_over(self) -> bool:
        return time.monotonic() > self._ends_at

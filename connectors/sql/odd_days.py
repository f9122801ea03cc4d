"""Lets days of PostgreSQL that Python has not, such as `infinity` or years before 1 and after 9999, come as text."""

from __future__ import annotations

from typing import Any

from psycopg import Connection, DataError
from psycopg.abc import Buffer
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader


class _OddDate(DateLoader):
    def load(self, data: Buffer) -> Any:
        try:
            return super().load(data)
        except DataError:
            return bytes(data).decode()


class _OddTimestamp(TimestampLoader):
    def load(self, data: Buffer) -> Any:
        try:
            return super().load(data)
        except DataError:
            return bytes(data).decode()


class _OddTimestamptz(TimestamptzLoader):
    def load(self, data: Buffer) -> Any:
        try:
            return super().load(data)
        except DataError:
            return bytes(data).decode()


def read_odd_days_as_text(connection: Connection[Any]) -> None:
    """Give such values as PostgreSQL writes them, so that one of them spoils its own record and not the reading."""
    for name, loader in (("date", _OddDate), ("timestamp", _OddTimestamp), ("timestamptz", _OddTimestamptz)):
        connection.adapters.register_loader(name, loader)

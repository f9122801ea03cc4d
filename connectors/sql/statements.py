"""Builds the one kind of statement that is ever sent: a SELECT of named columns from a table, view or query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Select, Text, cast, column, select, table, text
from sqlalchemy.sql.expression import FromClause

_QUERY = re.compile(r"(?:\s+|--[^\n]*\n|/\*.*?\*/)*(?:SELECT|WITH)\s", re.I | re.S)
_MOST_VALUES = {"postgresql": 20_000, "sqlite": 20_000}
_MOST_VALUES_ELSEWHERE = 1_000


def is_query(origin: str) -> bool:
    """Whether the text is a query rather than a table's name."""
    return _QUERY.match(origin) is not None


def from_clause(origin: str, schema: str) -> FromClause:
    """What to select from: a table or view by its name, or a query in parentheses."""
    if is_query(origin):
        # A colon of the query is no parameter of ours, and a comment at its end must not swallow the parenthesis.
        literal = origin.strip().rstrip(";").replace(":", r"\:") + "\n"
        return text(literal).columns().subquery("q")
    named, _, name = origin.rpartition(".")
    return table(name, schema=named or schema or None)


def nothing_of(source: FromClause) -> Select[Any]:
    """A statement that gives the columns and no row."""
    return select(text("*")).select_from(source).limit(0)


def rows_of(
    source: FromClause,
    columns: Sequence[str],
    only: Mapping[str, tuple[str, ...]],
    *,
    dialect: Dialect,
    type_codes: Mapping[str, Any],
) -> Select[Any]:
    """The statement for these columns of the rows wanted; values are bound, never written into it.

    A column that is no text is not narrowed, since its text form is the system's own affair; neither is one with more
    values than a statement may hold. Both give more rows, never fewer.
    """
    chosen: list[ColumnElement[Any]] = [column(name) for name in columns]
    statement: Select[Any] = select(*chosen).select_from(source)
    most = _MOST_VALUES.get(dialect.name, _MOST_VALUES_ELSEWHERE)
    for name, values in only.items():
        comparable = _as_text(name, type_codes[name], dialect)
        if comparable is not None and len(values) <= most:
            statement = statement.where(comparable.in_(list(_sendable(values, dialect))))
            most -= len(values)
    return statement


def _as_text(name: str, type_code: Any, dialect: Dialect) -> ColumnElement[str] | None:
    if dialect.name == "sqlite":  # It tells no types, and its rows may differ in them.
        return cast(column(name), Text)
    driver: Any = dialect.dbapi
    return column(name, Text) if type_code is not None and type_code == driver.STRING else None


def _sendable(values: Iterable[str], dialect: Dialect) -> Iterable[str]:
    """The values that a database can hold at all; no row has another."""
    for value in values:
        if "\0" in value and dialect.name == "postgresql":
            continue
        try:
            value.encode()
        except UnicodeEncodeError:
            continue
        yield value

"""Writes SOQL: names checked, values quoted, and a filter too long for one address cut into several queries.

Source:
    SOQL and SOSL Reference (quoted string escapes, limits): 100,000 characters a query, 4,000 a string. The REST API
    takes 16,384 bytes of address and headers together, which is always the narrower limit here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

from simple_salesforce.format import quote_soql_value

from connectors.errors import SourceRefusedError

MAX_ADDRESS_BYTES = 12_000
_MAX_STRING = 4_000
_MAX_LEVELS = 6
_ESCAPED = "\n\r\t\b\f"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")


@dataclass(frozen=True)
class Query:
    """One statement, and what of ours went into it."""

    origin: str
    columns: tuple[str, ...]
    text: str


def queries(origin: str, columns: Sequence[str], only: Mapping[str, tuple[str, ...]]) -> Iterator[Query]:
    """The statements that together give each wanted record once.

    Raises:
        SourceRefusedError: A name cannot stand in SOQL, or there are too many columns for one query.
    """
    if not _NAME.fullmatch(origin):
        raise SourceRefusedError(f"`from` is no Salesforce object's API name, such as Account: {_shown(origin)}.")
    for name in (*columns, *only):
        _check(name)
    fields = _each_once(columns)
    select = f"SELECT {', '.join(fields)} FROM {origin}"  # noqa: S608 - names checked above, values quoted below
    filters = {field: _askable(wanted) for field, wanted in only.items()}
    if all(filters.values()):
        for text in _fitting(select, filters):
            yield Query(origin, fields, text)


def _check(name: str) -> None:
    parts = name.split(".")
    if len(parts) > _MAX_LEVELS or not all(_NAME.fullmatch(part) for part in parts):
        raise SourceRefusedError(f"A mapped path is no Salesforce field's API name: {_shown(name)}.")


def _each_once(columns: Sequence[str]) -> tuple[str, ...]:
    """Id and the columns; SOQL's names have no case, and it refuses a field named twice."""
    spelt: dict[str, str] = {}
    for column in columns:
        other = spelt.setdefault(column.casefold(), column)
        if other != column:
            raise SourceRefusedError(f"The mapping spells one field in two ways: {other} and {column}.")
    return tuple(spelt.values()) if "id" in spelt else ("Id", *spelt.values())


def _askable(wanted: Sequence[str]) -> tuple[str | None, ...]:
    """The values that a field may hold; an absent one, which Salesforce keeps as null, is wanted as ""."""
    return tuple(dict.fromkeys(value or None for value in wanted if _can_be_held(value)))


def _can_be_held(value: str) -> bool:
    return len(value) <= _MAX_STRING and not any(
        unicodedata.category(character) in ("Cc", "Cs") and character not in _ESCAPED for character in value
    )


def _fitting(select: str, only: Mapping[str, tuple[str | None, ...]]) -> Iterator[str]:
    conditions = [f"{field} IN {quote_soql_value(list(values))}" for field, values in only.items()]
    text = f"{select} WHERE {' AND '.join(conditions)}" if conditions else select
    if len(quote_plus(text)) <= MAX_ADDRESS_BYTES:
        yield text
        return
    longest = max(only, key=lambda field: len(only[field]), default="")
    if not longest or len(only[longest]) == 1:
        if not only:
            raise SourceRefusedError("The mapping takes more fields of one object than a query may name: map fewer.")
        yield from _fitting(select, {field: values for field, values in only.items() if field != longest})
        return
    middle = len(only[longest]) // 2
    yield from _fitting(select, {**only, longest: only[longest][:middle]})
    yield from _fitting(select, {**only, longest: only[longest][middle:]})


def _shown(name: str) -> str:
    """A name of the configuration, short and on one line."""
    return ascii(name if len(name) <= 60 else name[:57] + "…")

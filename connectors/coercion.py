"""Mends near misses of a record's values: a number as text, a day as an instant, "yes"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

_PATH_PART = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+|\.\.\.)\]")


def _to_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _to_whole(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = float(value.strip())
        except ValueError:
            return value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _to_number(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return float(value.strip())
        except ValueError:
            return value
    return value


def to_day(value: Any) -> Any:
    """A day from an ISO day or instant; anything else is given back as it is."""
    if isinstance(value, str):
        text = value.strip()
        try:
            return dt.date.fromisoformat(text[:10]) if len(text) <= 10 else dt.datetime.fromisoformat(text).date()
        except ValueError:
            return value
    return value.date() if isinstance(value, dt.datetime) else value


def _to_instant(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            return value
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) and value.tzinfo is None else value


def _to_flag(value: Any) -> Any:
    if isinstance(value, str):
        return {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}.get(
            value.strip().casefold(), value
        )
    return value


COERCERS: Mapping[Any, Callable[[Any], Any]] = {
    str: _to_text,
    int: _to_whole,
    float: _to_number,
    bool: _to_flag,
    dt.date: to_day,
    dt.datetime: _to_instant,
}


_EXPECTED = {
    "int": "a whole number", "float": "a number", "str": "text", "bool": "true or false", "array": "a list",
    "object": "an object", "date": "an ISO date", "datetime": "an ISO instant", "null": "nothing",
}  # fmt: skip


def explain(error: msgspec.ValidationError) -> tuple[str, str]:
    """Pointer below the account, and a message in plain words without the value."""
    text, _, path = str(error).partition(" - at `$")
    pointer = "".join(f"/{name or index}" for name, index in _PATH_PART.findall(path.rstrip("`")))
    if match := re.match(r"Object missing required field `(\w+)`", text):
        return f"{pointer}/{match[1]}", f"{match[1]} is missing"
    if match := re.match(r"Expected `([^`]+)`(?:, got `(\w+)`)?", text):
        wanted = next(
            (_EXPECTED[part.strip()] for part in match[1].split("|") if part.strip() in _EXPECTED), "another type"
        )
        return pointer, f"expected {wanted}" + (f", found {_EXPECTED.get(match[2], match[2])}" if match[2] else "")
    if "date" in text:
        return pointer, "no such day; write dates as YYYY-MM-DD" if "datetime" not in text else "no ISO 8601 instant"
    return pointer, "cannot be read" if "`" in text else text

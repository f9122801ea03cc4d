"""Records as the JSON of a unified payload: ISO dates, absent values left out, nothing null."""

from __future__ import annotations

from typing import Any

import msgspec


def wire(record: msgspec.Struct) -> dict[str, Any]:
    """A record as a JSON-ready object; instants end in ``Z``."""
    document: dict[str, Any] = _without_null(msgspec.to_builtins(record))
    return document


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_null(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    return value

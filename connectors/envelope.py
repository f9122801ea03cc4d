"""What a payload says before its accounts are read: whether there is one at all, and of which version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import InvalidPayloadError

SCHEMA_VERSION = "1"
NO_SCHEMA_VERSION = "The payload has no schema_version; it was read as version 1."


def is_sent(payload: Any) -> bool:
    """Whether this is a payload at all, rather than nothing or the empty default.

    Raises:
        InvalidPayloadError: It is no object, its version is unknown, or it has neither version nor accounts.
    """
    if payload is None:
        return False
    if not isinstance(payload, Mapping):
        raise InvalidPayloadError(
            "The payload must be an object with schema_version and accounts.", errors=(("", "expected an object"),)
        )
    version = "" if payload.get("schema_version") is None else payload["schema_version"]
    if not isinstance(version, str | int) or isinstance(version, bool) or str(version) not in ("", SCHEMA_VERSION):
        raise InvalidPayloadError(
            f"schema_version must be {SCHEMA_VERSION!r}.", errors=(("/schema_version", "unknown version"),)
        )
    if version or payload.get("accounts"):
        return True
    if any(value not in ("", None, []) for value in payload.values()):
        raise InvalidPayloadError(
            "The payload has neither schema_version nor accounts; send both, or no payload at all.",
            errors=(("/accounts", "missing"),),
        )
    return False


def envelope_warnings(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """What the sender of a payload should be told of its envelope."""
    return () if payload.get("schema_version") not in (None, "") else (NO_SCHEMA_VERSION,)

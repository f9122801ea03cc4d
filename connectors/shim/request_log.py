"""One line of JSON for every request: ids, times and sizes; never a value of a record, a question or a token."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import orjson

from connectors.shim.visits import Visit

_log = logging.getLogger("baton.shim.requests")


def log_request(
    *,
    at: dt.datetime,
    correlation_id: str,
    method: str,
    route: str,
    status: int,
    seconds: float,
    bytes_out: int,
    code: str = "",
    visit: Visit | None = None,
) -> None:
    """Write the line; `route` is the door's pattern, as a path may hold anything."""
    line: dict[str, Any] = {
        "time": at.astimezone(dt.UTC).isoformat(timespec="milliseconds"),
        "correlation_id": correlation_id,
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "bytes_out": bytes_out,
    }
    if code:
        line["code"] = code
    if visit is not None:
        line |= {"subject": visit.caller.subject, "client": visit.caller.client, "run_id": visit.run_id}
        line |= {"service_ms": round(visit.service_seconds * 1000, 1), "sources": visit.notes.shown(visit.failed)}
    _log.info("%s", orjson.dumps(line).decode())

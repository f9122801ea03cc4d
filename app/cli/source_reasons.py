"""Says of each account that the reader sets aside where the value stands that it cannot take: file, row and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.mapping import Unmapped
from connectors.pull import Pulled
from connectors.reading import SourceRead
from connectors.records import Rejected

_LONGEST_NAME = 60


def set_aside(pulled: Pulled, rejected: Sequence[Rejected]) -> list[dict[str, Any]]:
    """An entry an account, with the place in its system where that is known; never the value."""
    known = {
        (id(entry.record), entry.field): (read, entry)
        for read in pulled.reads
        for table in read.tables.values()
        for entry in table.unmapped
        if entry.record is not None
    }
    return [_entry(one, *known.get(_place(pulled.document, one.pointer), (None, None))) for one in rejected]


def _entry(rejected: Rejected, read: SourceRead | None, entry: Unmapped | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "account_id": rejected.account_id, "pointer": rejected.pointer, "message": rejected.message,
    }  # fmt: skip
    if read is not None and entry is not None:
        told |= {"source": read.config.name, "from": origin_of(read, entry.kind), "row": entry.row}
        told |= {"column": entry.column, "field": f"{entry.kind}.{entry.field}", "message": entry.message}
    return told


def origin_of(read: SourceRead, kind: str) -> str:
    """The file or table that a record kind is read from; the kind itself where it is a query."""
    origin = read.config.records[kind].origin if kind in read.config.records else kind
    return origin if len(origin) <= _LONGEST_NAME and origin.isprintable() else f"the query of {kind}"


def _place(document: Mapping[str, Any], pointer: str) -> tuple[int, str]:
    """The record that a pointer leads into, by its identity, and the field there."""
    steps = pointer.strip("/").split("/")
    inner: Any = document
    while steps and isinstance(inner, Mapping | list) and (len(steps) > 1 or isinstance(inner, list)):
        step = steps[0]
        following = inner[int(step)] if isinstance(inner, list) else inner.get(step)
        if isinstance(inner, Mapping) and inner is not document and not isinstance(following, list):
            break
        inner, steps = following, steps[1:]
    return id(inner), ".".join(steps)

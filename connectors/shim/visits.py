"""What goes through the shim: a question, the visit of its caller, and the reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from connectors.shim.callers import Caller
from connectors.shim.calls import Deadline
from connectors.shim.readings import ReadingNotes


class AskRequest(msgspec.Struct, kw_only=True, frozen=True):
    """What a caller asks; with `reuse_payload` the service works on the thread's last payload and as-of day."""

    question: str
    thread_id: str = ""
    as_of: str = ""
    reuse_payload: bool = False


@dataclass
class Visit:
    """One request from its door to its answer: who, under which ids, until when, and what the log will say of it.

    Attributes:
        key: The caller's own `Idempotency-Key`; "" without one.
        failed: Names of the sources that gave nothing.
        service_seconds: How long the service had the question.
        goes_on: Whether work on it goes on behind, its caller having gone.
    """

    caller: Caller
    correlation_id: str
    deadline: Deadline
    key: str = ""
    notes: ReadingNotes = field(default_factory=ReadingNotes)
    failed: tuple[str, ...] = ()
    service_seconds: float = 0.0
    run_id: str = ""
    goes_on: bool = False


@dataclass(frozen=True)
class Reply:
    """An answer's body; 202 when the run goes on."""

    status: int
    body: dict[str, Any]

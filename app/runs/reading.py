"""Where accounts come from when a request brings none: the configured sources, or the sample organisation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from app.security.principal import Principal
from connectors.records import Finding
from connectors.sample import SAMPLE_NOTE

Origin = Literal["pushed", "uploaded", "sources", "sample"]
NARROWED = "narrowed_reading"
"""The code of the finding that says that a question's own places bounded the reading."""


@dataclass(frozen=True)
class Gathered:
    """A payload document that nobody sent, what reading it found, and what the caller should be told."""

    document: Mapping[str, Any] = field(repr=False)
    origin: Origin
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()


class Reader(Protocol):
    """Gathers the accounts of a day."""

    async def gather(self, as_of: dt.date, principal: Principal, question: str) -> Gathered:
        """The accounts as of the day that the caller may see.

        Raises:
            SourceUnavailableError: The system that holds the accounts does not answer.
            SourceRefusedError: It answers no.
        """
        ...


class SampleReader:
    """Reads the embedded sample organisation; `payload` gives its document of a day."""

    def __init__(self, payload: Callable[[dt.date], Mapping[str, Any]]) -> None:
        self._payload = payload

    async def gather(self, as_of: dt.date, principal: Principal, question: str) -> Gathered:
        """The sample organisation as of the day."""
        return Gathered(self._payload(as_of), "sample", warnings=(SAMPLE_NOTE,))

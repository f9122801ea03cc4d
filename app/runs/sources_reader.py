"""Reads the configured sources for a question that brings no payload, no further than its caller may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from app.errors import RejectedError
from app.runs.reading import NARROWED, Gathered
from app.security.principal import Principal
from chains.registry import EVERYTHING, Places
from connectors.narrowing import Narrowing
from connectors.ports import ReadHistory
from connectors.pull import Pulled, pull
from connectors.records import Finding
from connectors.source_config import SourceConfig

Narrow = Callable[[str, Places, dt.date], Places]


class SourcesReader:
    """Gathers the accounts of the configured sources.

    Args:
        tenants: Whose callers may read them; the sources are the installation's and know no tenants.
        narrow: Says which places a first question asks about; None always reads everything the caller may see.
    """

    def __init__(
        self,
        sources: Sequence[SourceConfig],
        *,
        clock: Callable[[], dt.datetime],
        timeout_seconds: float,
        history: ReadHistory | None,
        tenants: frozenset[str],
        narrow: Narrow | None = None,
    ) -> None:
        self._sources = tuple(sources)
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._history = history
        self._tenants = tenants
        self._narrow = narrow
        self._known = EVERYTHING

    async def gather(self, as_of: dt.date, principal: Principal, question: str) -> Gathered:
        """The accounts as of the day that the caller may see.

        Raises:
            RejectedError: The sources are not the caller's tenant's.
            SourceUnavailableError: The system that holds the accounts does not answer.
            SourceRefusedError: It answers no.
        """
        if principal.tenant not in self._tenants:
            raise RejectedError(
                "Send a payload: the configured sources are another tenant's.", errors=[("/payload", "missing")]
            )
        asked = _within(self._asked(question, as_of), principal)
        narrowing = Narrowing(regions=asked.regions or principal.regions, segments=asked.segments or principal.segments)
        pulled = await pull(
            self._sources,
            as_of=as_of,
            clock=self._clock,
            timeout_seconds=self._timeout_seconds,
            narrowing=narrowing,
            history=self._history,
        )
        if not narrowing:
            self._known = _places(pulled)
        findings = (*pulled.findings, *([_narrowed(asked)] if asked != EVERYTHING else ()))
        return Gathered(pulled.document, "sources", findings=findings, warnings=_warnings(pulled, asked))

    def _asked(self, question: str, as_of: dt.date) -> Places:
        """The places a first question is about, in words that the last full reading knew."""
        if self._narrow is None or not question or self._known == EVERYTHING:
            return EVERYTHING
        return self._narrow(question, self._known, as_of)


def _within(asked: Places, caller: Principal) -> Places:
    """The asked places that the caller may see; what lies beyond the limits is not spoken of and narrows nothing."""
    return Places(regions=_allowed(asked.regions, caller.regions), segments=_allowed(asked.segments, caller.segments))


def _allowed(asked: Sequence[str], limits: Sequence[str]) -> tuple[str, ...]:
    words = {word.casefold() for word in limits}
    return tuple(word for word in asked if not words or word.casefold() in words)


def _places(pulled: Pulled) -> Places:
    def words(field: str) -> tuple[str, ...]:
        accounts = pulled.document["accounts"]
        return tuple(sorted({str(account[field]) for account in accounts if account.get(field)}))

    return Places(regions=words("region"), segments=words("segment"))


def _named(asked: Places) -> str:
    return " and ".join(", ".join(words) for words in (asked.segments, asked.regions) if words)


def _narrowed(asked: Places) -> Finding:
    message = f"Only accounts of {_named(asked)} were read, as the question asks; scores compare among these."
    return Finding(severity="info", scope="payload", code=NARROWED, message=message)


def _warnings(pulled: Pulled, asked: Places) -> tuple[str, ...]:
    missing = [f"{name} could not be read: this answer was made without it." for name in pulled.failed]
    return (*missing, *([_narrowed(asked).message] if asked != EVERYTHING else ()))

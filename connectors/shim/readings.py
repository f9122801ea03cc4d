"""Reads the sources for one question, and notes what each of them took and gave."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.narrowing import Narrowing
from connectors.ports import Connector, Read, Row, SeenTable, Source, SourceContext
from connectors.pull import Pulled, pull
from connectors.source_config import SourceConfig

Clock = Callable[[], dt.datetime]
_PERSON_KINDS = ("accounts", "contacts")
_ACCOUNT_FIELDS = frozenset(
    {"account_id", "name", "domain", "owner.owner_id", "owner.name", "owner.email", "region", "segment", "status"}
)


@dataclass
class SourceNote:
    """What reading one source took and gave; `ended` is false while it has not answered."""

    began: float
    rows: int = 0
    seconds: float = 0.0
    ended: bool = False


@dataclass
class ReadingNotes:
    """The notes of every source of one question, by name."""

    by_source: dict[str, SourceNote] = field(default_factory=dict)

    def shown(self, failed: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
        """Milliseconds, rows and whether it failed, ready for the log."""
        now = time.monotonic()
        return {
            name: {
                "ms": round((note.seconds if note.ended else now - note.began) * 1000, 1),
                "rows": note.rows,
                **({"failed": True} if name in failed else {}),
            }
            for name, note in self.by_source.items()
        }


class LastReadings:
    """Remembers the last reading of every table while the process lives, so that a collapse or a drift is seen."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], SeenTable] = {}
        self._lock = threading.Lock()

    def last(self, source: str, kind: str) -> SeenTable | None:
        """The last reading that was kept, or nothing."""
        with self._lock:
            return self._seen.get((source, kind))

    def keep(self, source: str, kind: str, seen: SeenTable) -> None:
        """Keep this one as the last."""
        with self._lock:
            self._seen[source, kind] = seen


async def read_everything(
    sources: Sequence[SourceConfig],
    notes: ReadingNotes,
    *,
    as_of: dt.date,
    clock: Clock,
    timeout_seconds: float,
    narrowing: Narrowing,
    history: LastReadings,
) -> Pulled:
    """All that is configured, as one payload.

    Raises:
        SourceUnavailableError, SourceRefusedError: The system that holds the accounts does not answer, or answers no.
    """
    return await pull(
        [_noted(source, notes) for source in sources],
        as_of=as_of,
        clock=clock,
        timeout_seconds=timeout_seconds,
        narrowing=narrowing,
        # A narrowed reading is not what the next whole one should be compared with.
        history=None if narrowing else history,
    )


async def read_persons(
    sources: Sequence[SourceConfig],
    notes: ReadingNotes,
    *,
    as_of: dt.date,
    clock: Clock,
    timeout_seconds: float,
    narrowing: Narrowing,
) -> Mapping[str, Any]:
    """A payload of accounts with nothing but their contacts and owners.

    Raises:
        SourceUnavailableError, SourceRefusedError: The system that holds the accounts does not answer, or answers no.
    """
    pulled = await pull(
        [_noted(narrow, notes) for source in sources if (narrow := _persons_only(source)) is not None],
        as_of=as_of,
        clock=clock,
        timeout_seconds=timeout_seconds,
        narrowing=narrowing,
    )
    return pulled.document


def _persons_only(source: SourceConfig) -> SourceConfig | None:
    records = {kind: source.records[kind] for kind in _PERSON_KINDS if kind in source.records}
    if not records:
        return None
    if accounts := records.get("accounts"):
        fields = tuple(mapped for mapped in accounts.fields if mapped.name in _ACCOUNT_FIELDS)
        records["accounts"] = replace(accounts, fields=fields)
    return replace(source, records=records)


def _noted(source: SourceConfig, notes: ReadingNotes) -> SourceConfig:
    """The same source, whose reading is timed and counted."""

    def open_noted(settings: Any, context: SourceContext) -> Source:
        note = notes.by_source[source.name] = SourceNote(time.monotonic())
        return _NotedSource(source.connector.open(settings, context), note)

    connector = Connector(source.connector.name, source.connector.settings, open_noted)
    return replace(source, connector=connector)


class _NotedSource:
    """Passes everything on to a source, counting rows; the time ends when it is closed."""

    def __init__(self, inner: Source, note: SourceNote) -> None:
        self._inner, self._note = inner, note

    def rows(self, read: Read) -> Iterator[Row]:
        for row in self._inner.rows(read):
            self._note.rows += 1
            yield row

    def extracted_at(self) -> dt.datetime | None:
        return self._inner.extracted_at()

    def where(self) -> str:
        return self._inner.where()

    def close(self) -> None:
        if not self._note.ended:
            self._note.seconds = time.monotonic() - self._note.began
            self._note.ended = True
        self._inner.close()

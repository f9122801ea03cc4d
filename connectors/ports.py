"""What the outside world is to Baton: sources that give raw rows, and the memory of what they gave last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

Row: TypeAlias = Mapping[str, Any]
"""One raw record as its system gives it: column or field name to value, nested where the system nests."""


@dataclass(frozen=True)
class Read:
    """One thing to read from a system.

    Attributes:
        origin: What the mapping's `from` names: an object, a table or view, or a file; or the text of its `query`.
        columns: The top-level names that the mapping uses; empty means all there are.
        only: Column to the values wanted, in the system's own words; a source that cannot filter may give more.
        paths: What is used of the columns, dots leading inside (`Owner.Email`); empty where `columns` is.
    """

    origin: str
    columns: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    paths: tuple[str, ...] = ()


class Source(Protocol):
    """A system opened for one reading; used by one thread at a time, closed by whoever opened it.

    Errors: `SourceUnavailableError` when it does not answer (repeat later), `SourceRefusedError` when it answers no
    (credentials, rights, an unknown object or column: the operator mends the configuration). Messages never hold a
    row's values or a secret.
    """

    def rows(self, read: Read) -> Iterator[Row]:
        """The rows, streamed as they arrive, each with at least `read.columns` (absent values as None)."""
        ...

    def extracted_at(self) -> dt.datetime | None:
        """When the data left the system, aware; None where it is read live."""
        ...

    def where(self) -> str:
        """The system's place in a few words for an operator, without secrets."""
        ...

    def close(self) -> None:
        """Give back what was opened; may be called twice."""
        ...


@dataclass(frozen=True)
class SourceContext:
    """What a connector is lent to open a source.

    Attributes:
        folder: Where the file stands that configures it; relative paths begin there.
        timeout_seconds: How long the whole reading may take; a source gives up by itself before or at that time.
        clock: The present instant, aware.
    """

    folder: str
    timeout_seconds: float
    clock: Callable[[], dt.datetime]


@dataclass(frozen=True)
class Connector:
    """A kind of source, as a plug-in: its name in `connector:`, its settings, and how to open one.

    Attributes:
        settings: A frozen `msgspec.Struct` with `forbid_unknown_fields`; the `connection:` block is read into it.
        open: Opens a source from such settings; opening may be lazy.
    """

    name: str
    settings: type[Any]
    open: Callable[[Any, SourceContext], Source]


@dataclass(frozen=True)
class SeenTable:
    """What one reading of a record kind was like: its row count, and the columns that came.

    Attributes:
        most: The most rows of this and of recent readings, which came at `most_at`.
    """

    rows: int
    columns: tuple[str, ...]
    read_at: dt.datetime
    most: int = 0
    most_at: dt.datetime | None = None


class ReadHistory(Protocol):
    """Remembers the last reading of every source and record kind, so that a collapse or a drift is seen."""

    def last(self, source: str, kind: str) -> SeenTable | None:
        """The last reading that was kept, or nothing."""
        ...

    def keep(self, source: str, kind: str, seen: SeenTable) -> None:
        """Keep this one as the last."""
        ...

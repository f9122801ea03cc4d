"""A source whose tables stand in memory, and configurations around it; it satisfies `connectors.ports.Source`."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from connectors.errors import SourceRefusedError
from connectors.ports import Connector, Read, Row, SeenTable, SourceContext
from connectors.source_config import SourceConfig, load_sources

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
AS_OF = NOW.date()


@dataclass
class MemorySource:
    """Tables by name; `error` is raised instead of rows, `hold` waited for before them; `asked` notes the reads."""

    tables: Mapping[str, list[Row]]
    error: Exception | None = None
    hold: threading.Event | None = None
    at: dt.datetime | None = None
    filters: bool = True
    asked: list[Read] = field(default_factory=list)
    closed: int = 0

    def rows(self, read: Read) -> Iterator[Row]:
        self.asked.append(read)
        if self.hold is not None:
            self.hold.wait(30)
        if self.error is not None:
            raise self.error
        if read.origin not in self.tables:
            raise SourceRefusedError(f"There is no {read.origin}.")
        for row in self.tables[read.origin]:
            if not self.filters or all(row.get(name) in values for name, values in read.only.items()):
                yield row

    def extracted_at(self) -> dt.datetime | None:
        return self.at

    def where(self) -> str:
        return "memory"

    def close(self) -> None:
        self.closed += 1


class Readings:
    """Remembers readings; satisfies `connectors.ports.ReadHistory`."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], SeenTable] = {}

    def last(self, source: str, kind: str) -> SeenTable | None:
        return self.seen.get((source, kind))

    def keep(self, source: str, kind: str, seen: SeenTable) -> None:
        self.seen[source, kind] = seen


def configured(folder: Path, *sources: Mapping[str, Any]) -> list[SourceConfig]:
    """The sources as a file would configure them; their connector is to be replaced by `backed`."""
    file = folder / "sources.yaml"
    whole = [{"connector": "files", **source} for source in sources]
    file.write_text(yaml.safe_dump({"version": 1, "sources": whole}, sort_keys=False), encoding="utf-8")
    return list(load_sources(file, environ={}).sources)


def backed(config: SourceConfig, source: MemorySource) -> SourceConfig:
    """The configuration, reading this source."""

    def opened(_settings: Any, _context: SourceContext) -> MemorySource:
        return source

    return replace(config, connector=Connector("memory", config.connector.settings, opened))

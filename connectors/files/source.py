"""Reads delimited text, JSON and Parquet files of one folder as a source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from connectors.errors import SourceRefusedError
from connectors.files.broken import BrokenLines
from connectors.files.delimited import delimited_rows
from connectors.files.json_rows import Seen, array_rows, line_rows
from connectors.files.manifest import exported_at
from connectors.files.parquet import parquet_rows
from connectors.files.places import files_of
from connectors.files.streams import explained, opened
from connectors.ports import Read, Row, SourceContext
from connectors.toolkit.deadline import Deadline

_DELIMITED = (".csv", ".tsv", ".txt")
_JSON_LINES = (".jsonl", ".ndjson")
_ROWS_BETWEEN_LOOKS_AT_THE_CLOCK = 1_000


class FilesSource:
    """A folder of exports, opened for one reading."""

    def __init__(self, *, folder: str, encoding: str, delimiter: str, context: SourceContext) -> None:
        self._folder = Path(context.folder, folder)
        self._encoding = encoding
        self._delimiter = delimiter
        self._deadline = Deadline(context.timeout_seconds)
        self._oldest: dt.datetime | None = None
        self._readings: list[Generator[Row, None, None]] = []
        self._broken: list[BrokenLines] = []

    def rows(self, read: Read) -> Iterator[Row]:
        """The rows of every file that `read.origin` names, in the order of their names.

        Raises:
            SourceRefusedError: A file or column is missing, or a file is not what its name says.
            SourceUnavailableError: A file cannot be read now, or the time is over.
        """
        reading = self._rows(read)
        self._readings.append(reading)
        return reading

    def _rows(self, read: Read) -> Generator[Row, None, None]:
        seen = Seen()
        for file in files_of(self._folder, read.origin):
            with explained(file, self._encoding):
                changed_at = dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC)
                self._oldest = min(changed_at, self._oldest or changed_at)
                yield from narrowed(self._in_time(self._table(file, read, seen)), read.only)
        seen.check(read)

    def extracted_at(self) -> dt.datetime | None:
        """What the folder's manifest says, else when the oldest file read so far was last changed."""
        return exported_at(self._folder) or self._oldest

    def where(self) -> str:
        """The folder's name."""
        return f"files in {self._folder.name or self._folder.resolve().name}"

    def skipped(self) -> tuple[str, ...]:
        """The broken lines that were left out of the readings so far."""
        return tuple(line for broken in self._broken for line in broken.told())

    def close(self) -> None:
        """Close what was not read to its end."""
        for reading in self._readings:
            # One that another thread is reading at this moment ends at its own deadline.
            with suppress(ValueError):
                reading.close()
        self._readings.clear()

    def _table(self, file: Path, read: Read, seen: Seen) -> Iterator[Row]:
        kind = Path(file.name.lower().removesuffix(".gz")).suffix
        if kind == ".parquet" and not file.name.lower().endswith(".gz"):
            yield from parquet_rows(file, read)
            return
        if kind not in (*_DELIMITED, *_JSON_LINES, ".json"):
            raise SourceRefusedError(
                f"`{file.name}` is of no kind that is read; give .csv, .jsonl, .json (each also .gz) or .parquet."
            )
        broken = BrokenLines(file.name)
        self._broken.append(broken)
        with opened(file, in_time=self._check_time) as stream:
            if kind in _JSON_LINES:
                yield from line_rows(stream, file.name, read, seen, broken)
            elif kind == ".json":
                yield from array_rows(stream, file.name, read, seen)
            else:
                yield from delimited_rows(
                    stream, file.name, read, broken, encoding=self._encoding, delimiter=self._delimiter
                )

    def _check_time(self) -> None:
        self._deadline.check(self.where())

    def _in_time(self, rows: Iterator[Row]) -> Iterator[Row]:
        self._check_time()
        for count, row in enumerate(rows, 1):
            if not count % _ROWS_BETWEEN_LOOKS_AT_THE_CLOCK:
                self._check_time()
            yield row


def narrowed(rows: Iterator[Row], only: Mapping[str, tuple[str, ...]]) -> Iterator[Row]:
    """The rows whose text is among the wanted; a number or flag always stays, since files write them differently."""
    if not only:
        return rows
    wanted = [(name, frozenset(values)) for name, values in only.items()]
    return (row for row in rows if all(_may_be(row[name], values) for name, values in wanted))


def _may_be(value: object, wanted: frozenset[str]) -> bool:
    return value in wanted if isinstance(value, str) else value is not None

"""Reads JSON Lines and arrays of JSON objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO

import msgspec
import orjson

from connectors.decoding import MAX_INFLATED_BYTES, paused_collector, refuse_bombs
from connectors.errors import PayloadTooLargeError, SourceRefusedError
from connectors.files.broken import BrokenLines
from connectors.ports import Read, Row
from connectors.toolkit.spelling import missing_columns

MOST_LINE_BYTES = 16 * 1024 * 1024
_LONG_NUMBER = re.compile(rb"[:\[,\s-]\d{19,4000}[\s,\]}]")
_BOM = b"\xef\xbb\xbf"


class Seen:
    """The names that objects of a reading had; JSON has no header that tells them."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def check(self, read: Read) -> None:
        """Refuse a column that not one of the objects read has.

        Raises:
            SourceRefusedError: There is one.
        """
        if self.names and (problem := missing_columns(f"No row of `{read.origin}`", _wanted(read), self.names)):
            raise SourceRefusedError(problem.replace("has no column", "has a column"))


def line_rows(stream: BinaryIO, name: str, read: Read, seen: Seen, broken: BrokenLines) -> Iterator[Row]:
    """One object a line; empty lines are passed over, broken ones set aside.

    Raises:
        SourceRefusedError: Too many lines are no JSON objects.
    """
    rows = 0
    for number, line in enumerate(iter(partial(stream.readline, MOST_LINE_BYTES), b""), 1):
        if len(line) == MOST_LINE_BYTES:
            raise SourceRefusedError(f"`{name}` line {number} is longer than {MOST_LINE_BYTES:,} bytes.")
        text = line.removeprefix(_BOM) if number == 1 else line
        if text.isspace() or not text:
            continue
        try:
            record = _loaded(text)
        except orjson.JSONDecodeError:
            broken.set_aside(number, "is not valid JSON in UTF-8; it may be cut off.")
            continue
        if not isinstance(record, dict):
            broken.set_aside(number, "is no JSON object.")
            continue
        rows += 1
        yield _row(record, read, seen)
    broken.check(rows)


def array_rows(stream: BinaryIO, name: str, read: Read, seen: Seen) -> Iterator[Row]:
    """The objects of one JSON array; it is held in memory, so that large exports are better JSON Lines.

    Raises:
        SourceRefusedError: It is no array of objects, or too large.
    """
    data = stream.read(MAX_INFLATED_BYTES + 1)
    if len(data) > MAX_INFLATED_BYTES:
        raise SourceRefusedError(f"`{name}` is larger than {MAX_INFLATED_BYTES:,} bytes; export it as JSON Lines.")
    try:
        refuse_bombs(data)
        with paused_collector():
            records = _loaded(data.removeprefix(_BOM))
    except PayloadTooLargeError:
        raise SourceRefusedError(f"`{name}` holds too many values for one array; export it as JSON Lines.") from None
    except orjson.JSONDecodeError as error:
        raise SourceRefusedError(f"`{name}` line {error.lineno} is not valid JSON in UTF-8.") from None
    if not isinstance(records, list):
        raise SourceRefusedError(f"`{name}` must be an array of objects; name it .jsonl when it holds one a line.")
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise SourceRefusedError(f"`{name}` item {number} is no JSON object.")
        yield _row(record, read, seen)


def _loaded(data: bytes) -> Any:
    """The JSON value; whole numbers past 64 bits, which are ids, keep all their digits."""
    value = orjson.loads(data)
    if _LONG_NUMBER.search(data):
        # Where it takes no more than this, the other reader's numbers stand.
        with suppress(msgspec.DecodeError, ValueError, RecursionError):
            return msgspec.json.decode(data)
    return value


def _row(record: dict[str, Any], read: Read, seen: Seen) -> Row:
    seen.names.update(record)
    if not read.columns:
        return {**dict.fromkeys(read.only), **record}
    return {name: record.get(name) for name in _wanted(read)}


def _wanted(read: Read) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*read.columns, *read.only)))

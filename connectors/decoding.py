"""Decodes the bytes of a payload: JSON or JSON Lines, gzip or not, within limits."""

from __future__ import annotations

import codecs
import gc
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson

from connectors.errors import InvalidPayloadError, PayloadTooLargeError

MAX_INFLATED_BYTES = 256 * 1024 * 1024
MOST_VALUES = 6_000_000
"""Objects and lists in a body; the largest payload allowed has about a million, and a bomb has no end."""
_GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def paused_collector() -> Iterator[None]:
    """Hold the garbage collector back while many small objects are made; they hold no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def decode_body(data: bytes, *, max_inflated_bytes: int = MAX_INFLATED_BYTES) -> dict[str, Any]:
    """Bytes of JSON or JSON Lines (the envelope first, then one account a line), gzip or not, as an object.

    A byte-order mark at the beginning is passed over.

    Raises:
        InvalidPayloadError: The bytes are neither.
        PayloadTooLargeError: They inflate to more than `max_inflated_bytes`.
    """
    if data[:2] == _GZIP_MAGIC:
        data = inflate(data, max_inflated_bytes)
    data = without_byte_order_mark(data)
    refuse_bombs(data)
    with paused_collector():
        try:
            document = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            lines = data.splitlines()
            if len(lines) < 2:
                raise _no_json(error) from None
            return _from_lines(lines, error)
    if isinstance(document, dict) and "account_id" in document and "accounts" not in document:
        return {"schema_version": "1", "accounts": [document]}
    if not isinstance(document, dict):
        raise InvalidPayloadError(
            "The body must be a JSON object with `accounts`.", errors=(("", "expected an object"),)
        )
    return document


def without_byte_order_mark(data: bytes) -> bytes:
    """The bytes without the mark that some editors and .NET writers put before UTF-8."""
    return data.removeprefix(codecs.BOM_UTF8)


def refuse_bombs(data: bytes) -> None:
    """Refuse bytes whose parsing would take more memory than any payload within the limits.

    Raises:
        PayloadTooLargeError: There are more than `MOST_VALUES` objects and lists in it.
    """
    if data.count(b"{") + data.count(b"[") > MOST_VALUES:
        raise PayloadTooLargeError("The body holds more objects than any payload may; send fewer accounts at a time.")


def inflate(data: bytes, limit: int) -> bytes:
    """Gunzip within a limit of bytes.

    Raises:
        PayloadTooLargeError: There is more than `limit`.
        InvalidPayloadError: It is no gzip stream, or it is cut off.
    """
    if not data:
        raise InvalidPayloadError("The body is marked as gzip and is empty.")
    parts, size = [], 0
    while data:  # A gzip file may have several members, one after the other.
        stream = zlib.decompressobj(wbits=31)
        try:
            parts.append(stream.decompress(data, limit - size + 1))
        except zlib.error:
            raise InvalidPayloadError("The body is marked as gzip and cannot be inflated.") from None
        size += len(parts[-1])
        data = stream.unused_data
        if size > limit or not stream.eof:
            break
    if size > limit or stream.unconsumed_tail:
        raise PayloadTooLargeError(
            f"The body inflates to more than {limit // 2**20} MiB; send fewer accounts at a time."
        )
    if not stream.eof:
        raise InvalidPayloadError("The gzip body is cut off; send it again.")
    return b"".join(parts)


def _no_json(error: orjson.JSONDecodeError) -> InvalidPayloadError:
    where = f"line {error.lineno}, column {error.colno}"
    return InvalidPayloadError(f"The body is not valid JSON ({where}).", errors=(("", f"not JSON at {where}"),))


def _from_lines(lines: Sequence[bytes], error: orjson.JSONDecodeError) -> dict[str, Any]:
    try:
        envelope = orjson.loads(lines[0])
    except orjson.JSONDecodeError:
        raise _no_json(error) from None
    if not isinstance(envelope, dict):
        raise InvalidPayloadError("The first line of JSON Lines must be the envelope object.")
    accounts: list[Any] = []
    if "account_id" in envelope:
        envelope, accounts = {"schema_version": "1"}, [envelope]
    for line in lines[1:]:
        if line.strip():
            try:
                accounts.append(orjson.loads(line))
            except orjson.JSONDecodeError:
                accounts.append(None)
    return {"schema_version": "1", **envelope, "accounts": accounts}

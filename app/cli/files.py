"""Reads payload files for the commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from app.errors import RejectedError
from app.settings import Settings
from connectors.decoding import decode_body

_MIB = 1024 * 1024


def read_document(file: str, settings: Settings) -> dict[str, Any]:
    """The payload of a file, or of standard input for "-".

    Raises:
        RejectedError: The file cannot be read.
        InvalidPayloadError: It holds no payload.
    """
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise RejectedError(f"Cannot read {file}: {error.strerror}.") from None
    return decode_body(data, max_inflated_bytes=settings.limits.inflated_mib * _MIB)

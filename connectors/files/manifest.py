"""Reads the note that an export may leave beside its files: when it was made."""

from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path
from typing import Any

import orjson

from connectors.errors import SourceRefusedError

MANIFEST = "export.json"
_MOST_BYTES = 1_000_000


def exported_at(folder: Path) -> dt.datetime | None:
    """The instant of `{"exported_at": "2026-11-16T06:00:00Z"}` in `export.json`, or None without such a file.

    An instant without an offset is read as UTC.

    Raises:
        SourceRefusedError: The file is there and says no instant.
    """
    file = folder / MANIFEST
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # Opening a pipe waits for its writer.
            raise ValueError("no regular file")
        with file.open("rb") as stream:
            document: Any = orjson.loads(stream.read(_MOST_BYTES))
        said = dt.datetime.fromisoformat(document["exported_at"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, OverflowError):
        raise SourceRefusedError(
            f'`{MANIFEST}` must be a file with an object such as {{"exported_at": "2026-11-16T06:00:00Z"}};'
            " mend or remove it."
        ) from None
    return (said if said.tzinfo else said.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)

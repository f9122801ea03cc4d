"""Opens a file's bytes, inflated where they are gzip, and says what is wrong with it in plain words."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from connectors.errors import SourceRefusedError, SourceUnavailableError

MOST_INFLATED_BYTES = 1024 * 1024 * 1024
_BUFFER_BYTES = 256 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_OTHER_KINDS = {
    b"PK\x03\x04": "an Excel workbook or zip archive; save it as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as CSV",
    b"PAR1": "a Parquet file; name it .parquet",
    b"%PDF": "a PDF; export it as CSV",
    b"<": "a web page or XML, such as a sign-in page in place of the export; export it again",
}


@contextmanager
def opened(
    file: Path, *, most_inflated_bytes: int = MOST_INFLATED_BYTES, in_time: Callable[[], None] = lambda: None
) -> Iterator[BinaryIO]:
    """The file's bytes as a buffered stream, inflated within a limit when they are gzip.

    Args:
        in_time: Called with every piece that is read, though no row comes of it; raises when the time is over.

    Raises:
        SourceRefusedError: It is something else altogether, or inflates to more than the limit.
    """
    with io.BufferedReader(_Watched(io.FileIO(file), in_time), _BUFFER_BYTES) as raw:
        stream: io.BufferedReader[Any] = raw
        if raw.peek(2)[:2] == _GZIP_MAGIC:
            inflated = _Inflated(gzip.GzipFile(fileobj=raw), file.name, most_inflated_bytes, in_time)
            stream = io.BufferedReader(inflated, _BUFFER_BYTES)
        _refuse_other_kinds(stream.peek(8), file.name)
        yield stream


@contextmanager
def explained(file: Path, encoding: str) -> Iterator[None]:
    """Turn what the reading of a file throws into this room's errors.

    Raises:
        SourceRefusedError: The file must be mended, named or exported otherwise.
        SourceUnavailableError: The disk or share does not answer.
    """
    try:
        yield
    except UnicodeError:
        hint = "utf-16" if _starts_as_utf16(file) else "cp1252 or utf-16"
        raise SourceRefusedError(
            f"`{file.name}` is not {encoding}; export it as UTF-8 or set `encoding`, such as {hint}."
        ) from None
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise SourceRefusedError(f"`{file.name}` is gzip and cut off or damaged; export it again.") from None
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise SourceRefusedError(f"Cannot read `{file.name}`: {error.strerror}.") from None
    except OSError as error:
        raise SourceUnavailableError(f"Cannot read `{file.name}` now: {error.strerror}; repeat later.") from None


class _Watched(io.RawIOBase):
    """A file's bytes while there is time."""

    def __init__(self, stream: io.FileIO, in_time: Callable[[], None]) -> None:
        self._stream, self._in_time = stream, in_time

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._in_time()
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Inflated(io.RawIOBase):
    """What a gzip stream holds, up to a limit, while there is time."""

    def __init__(self, stream: gzip.GzipFile, name: str, limit: int, in_time: Callable[[], None]) -> None:
        self._stream, self._name, self._limit, self._in_time = stream, name, limit, in_time
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._in_time()
        count = self._stream.readinto(buffer)
        self._count += count
        if self._count > self._limit:
            raise SourceRefusedError(f"`{self._name}` inflates to more than {self._limit:,} bytes; split the export.")
        return count


def _refuse_other_kinds(head: bytes, name: str) -> None:
    for magic, what in _OTHER_KINDS.items():
        if head.removeprefix(b"\xef\xbb\xbf").startswith(magic):
            raise SourceRefusedError(f"`{name}` is no table: it is {what}.")


def _starts_as_utf16(file: Path) -> bool:
    try:
        with file.open("rb") as raw:
            return raw.read(2) in (b"\xff\xfe", b"\xfe\xff")
    except OSError:
        return False

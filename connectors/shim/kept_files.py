"""Files that are made once and then stay: keys and secrets, readable by their owner only."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """The file's content; a new one when there is none, whole and the same for everybody whoever came first."""
    if not path.exists():
        beside = written_beside(path, make())
        try:
            os.link(beside, path)
        except FileExistsError:  # Another process was first; its key is the one.
            pass
        finally:
            beside.unlink()
    return path.read_bytes()


def written_beside(path: Path, content: bytes) -> Path:
    """A new file in the same folder, to be moved into the place of `path`."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # Readable by the owner only.
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return Path(name)

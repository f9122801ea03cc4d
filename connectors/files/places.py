"""Finds the files that a mapping names, inside their folder only."""

from __future__ import annotations

from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from connectors.errors import SourceRefusedError
from connectors.files.manifest import MANIFEST
from connectors.toolkit.spelling import suggestion

_WILDCARDS = frozenset("*?[")


def files_of(folder: Path, origin: str) -> list[Path]:
    """The files of an origin, sorted by name: one, or all that match a pattern such as `invoices_*.csv`.

    Raises:
        SourceRefusedError: There is no such folder or file, or it lies elsewhere.
    """
    if not origin or "\0" in origin or any(_leaves(path) for path in (PurePosixPath(origin), PureWindowsPath(origin))):
        raise SourceRefusedError("A file must be named by a path inside the source's `folder`, without `..`.")
    try:
        home = folder.resolve()
        if not home.is_dir():
            raise SourceRefusedError(f"There is no folder `{folder.name}`; mend `folder` in the source's connection.")
        found = _found(home, origin)
        strays = [file for file in found if not file.resolve().is_relative_to(home)]
    except OSError as error:
        raise SourceRefusedError(f"Cannot look for `{origin}`: {error.strerror}.") from None
    except ValueError:
        raise SourceRefusedError(
            "The file's name or pattern cannot be read; `**` must stand alone in a path."
        ) from None
    if strays:
        raise SourceRefusedError(f"`{strays[0].name}` leads out of the source's folder; put the file itself there.")
    if not found:
        raise SourceRefusedError(f"There is no file `{origin}` in `{home.name}`{_near(home, origin)}.")
    return found


def _found(home: Path, origin: str) -> list[Path]:
    exact = home / origin
    if exact.is_file():
        return [exact]
    if not _WILDCARDS & set(origin):
        return []
    return sorted(file for file in home.glob(origin) if file.is_file() and file.name != MANIFEST)


def _leaves(path: PurePath) -> bool:
    return bool(path.drive or path.root or ".." in path.parts)


def _near(home: Path, origin: str) -> str:
    return suggestion(origin, (file.name for file in home.iterdir() if file.is_file()))

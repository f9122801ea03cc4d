"""The files connector and its settings."""

from __future__ import annotations

from typing import Annotated

import msgspec

from connectors.files.source import FilesSource
from connectors.ports import Connector, SourceContext


class FilesSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the exports lie and how their text is written.

    Attributes:
        folder: Relative to the file that configures the source.
        encoding: Of delimited text; JSON is always UTF-8.
        delimiter: Between the cells of delimited text; found out when empty.
    """

    folder: str = "."
    encoding: str = "utf-8-sig"
    delimiter: Annotated[str, msgspec.Meta(pattern=r"^[^\r\n\"]?\Z")] = ""


def open_files(settings: FilesSettings, context: SourceContext) -> FilesSource:
    """A source over the folder; nothing is read before its first row."""
    return FilesSource(
        folder=settings.folder, encoding=settings.encoding, delimiter=settings.delimiter, context=context
    )


CONNECTOR = Connector(name="files", settings=FilesSettings, open=open_files)

"""What became of the accounts of a history, from its labels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connectors.conversion import NotMapped, Options, converter, folded_word
from connectors.errors import SourceRefusedError
from connectors.files.source import FilesSource
from connectors.ports import Read, SourceContext
from connectors.source_config import LabelsConfig

_YES = frozenset(("1", "true", "yes"))
_TIMEOUT_SECONDS = 600.0


@dataclass(frozen=True)
class Label:
    """What became of an account within 90 days of a day (ISO)."""

    account_id: str
    as_of: str
    churned: bool


def read_labels(labels: LabelsConfig, clock: Callable[[], dt.datetime]) -> list[Label]:
    """The labels of the history, in the order of the file.

    Raises:
        SourceRefusedError: The file or one of its columns is missing, or a day cannot be read.
    """
    context = SourceContext(labels.folder, _TIMEOUT_SECONDS, clock)
    source = FilesSource(folder=".", encoding="utf-8-sig", delimiter="", context=context)
    return list(_labels(source, labels))


def _labels(source: FilesSource, labels: LabelsConfig) -> Iterator[Label]:
    columns = (labels.account_id, labels.as_of, labels.churned)
    day_of = converter(dt.date, Options())
    for number, row in enumerate(source.rows(Read(labels.file, columns)), start=1):
        account_id, as_of, churned = (row[column] for column in columns)
        day = day_of(as_of)
        if day is None or isinstance(day, NotMapped):
            raise SourceRefusedError(f"`{labels.file}` row {number}: `{labels.as_of}` is no day such as 2026-11-16.")
        yield Label(str(account_id or ""), day, folded_word(churned or "") in _YES)

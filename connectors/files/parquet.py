"""Reads Parquet files, batch by batch, where pyarrow is installed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.errors import SourceRefusedError
from connectors.ports import Read, Row
from connectors.toolkit.spelling import missing_columns

_BATCH_ROWS = 5_000


def parquet_rows(file: Path, read: Read) -> Iterator[Row]:
    """The rows, with the types that the file gives its columns.

    Raises:
        SourceRefusedError: pyarrow is missing, a column is, or it is no Parquet file.
    """
    parquet, arrow_error = _pyarrow()
    try:
        with parquet.ParquetFile(file) as table:
            known = table.schema_arrow.names
            wanted = list(dict.fromkeys((*(read.columns or known), *read.only)))
            if problem := missing_columns(f"`{file.name}`", wanted, known):
                raise SourceRefusedError(problem)
            for batch in table.iter_batches(_BATCH_ROWS, columns=wanted):
                values = [batch.column(name).to_pylist() for name in wanted]
                yield from (dict(zip(wanted, row, strict=True)) for row in zip(*values, strict=True))
    except arrow_error:
        raise SourceRefusedError(f"`{file.name}` is not a whole Parquet file; export it again.") from None


def _pyarrow() -> tuple[Any, type[Exception]]:
    try:
        return importlib.import_module("pyarrow.parquet"), importlib.import_module("pyarrow").ArrowException
    except ImportError:
        raise SourceRefusedError("Parquet files need the package pyarrow: pip install pyarrow.") from None

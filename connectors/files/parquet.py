"""Reads Parquet files, batch by batch, where pyarrow is installed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from connectors.errors import SourceRefusedError
from connectors.files.delimited import MOST_COLUMNS
from connectors.files.streams import MOST_INFLATED_BYTES
from connectors.ports import Read, Row
from connectors.toolkit.spelling import missing_columns

_BATCH_ROWS = 5_000
_PIECE_BYTES = 32 * 1024 * 1024
_BATCH_BYTES = 64 * 1024 * 1024


def parquet_rows(file: Path, read: Read) -> Iterator[Row]:
    """The rows, with the types that the file gives its columns.

    Texts are read as the dictionaries that the file keeps them in, and measured before they are spread over the rows.

    Raises:
        SourceRefusedError: pyarrow is missing, a column is, it is no Parquet file, or it unfolds to more than the
            limit.
    """
    parquet, arrow_error = _pyarrow()
    try:
        with parquet.ParquetFile(file) as table:
            known = table.schema_arrow.names
            if len(known) > MOST_COLUMNS:
                raise SourceRefusedError(f"`{file.name}` has more than {MOST_COLUMNS:,} columns; export fewer.")
            wanted = list(dict.fromkeys((*(read.columns or known), *read.only)))
            if problem := missing_columns(f"`{file.name}`", wanted, known):
                raise SourceRefusedError(problem)
            leaves, row_bytes = _measured(table.metadata, wanted, file.name)
        with parquet.ParquetFile(file, read_dictionary=leaves) as table:
            rows = max(1, min(_BATCH_ROWS, _BATCH_BYTES // row_bytes))
            total = 0
            for batch in table.iter_batches(rows, columns=wanted):
                total += sum(map(unfolded_bytes, batch.columns))
                if total > MOST_INFLATED_BYTES:
                    raise SourceRefusedError(_too_large(file.name))
                for piece in _pieces(batch, file.name):
                    values = [_values(piece.column(name)) for name in wanted]
                    yield from (dict(zip(wanted, row, strict=True)) for row in zip(*values, strict=True))
    except (arrow_error, MemoryError):
        raise SourceRefusedError(f"`{file.name}` is not a whole Parquet file; export it again.") from None


def _measured(metadata: Any, wanted: Sequence[str], name: str) -> tuple[list[str], int]:
    """The paths of the texts among the wanted columns, and the bytes of the widest row group's average row."""
    leaves: set[str] = set()
    total, widest = 0, 1
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        size = 0
        for column in map(group.column, range(group.num_columns)):
            if column.path_in_schema.split(".")[0] in wanted or column.path_in_schema in wanted:
                size += column.total_uncompressed_size
                if column.physical_type == "BYTE_ARRAY":
                    leaves.add(column.path_in_schema)
        total += size
        widest = max(widest, size // max(1, group.num_rows))
    if total > MOST_INFLATED_BYTES:
        raise SourceRefusedError(_too_large(name))
    return sorted(leaves), widest


def unfolded_bytes(array: Any) -> int:
    """The bytes that an array's values take once they stand one by one."""
    kind = array.type
    types, compute = _arrow("pyarrow.types"), _arrow("pyarrow.compute")
    if types.is_dictionary(kind):
        if not any(is_text(kind.value_type) for is_text in (
            types.is_string, types.is_large_string, types.is_binary, types.is_large_binary,
        )):  # fmt: skip
            return int(array.nbytes)
        lengths = compute.cast(compute.binary_length(array.dictionary), "int64")
        return int(compute.sum(lengths.take(array.indices)).as_py() or 0)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return unfolded_bytes(array.flatten())
    if types.is_map(kind):
        first, last = (array.offsets[0].as_py(), array.offsets[-1].as_py()) if len(array) else (0, 0)
        return sum(unfolded_bytes(part.slice(first, last - first)) for part in (array.keys, array.items))
    if types.is_struct(kind):
        return sum(map(unfolded_bytes, array.flatten()))
    return int(array.nbytes)


def _pieces(batch: Any, name: str) -> Iterator[Any]:
    """The batch in parts that take no more memory than one may."""
    size = sum(map(unfolded_bytes, batch.columns))
    if size <= _PIECE_BYTES:
        yield batch
    elif batch.num_rows <= 1:
        raise SourceRefusedError(f"`{name}` has a row of more than {_PIECE_BYTES:,} bytes; leave it out.")
    else:
        middle = batch.num_rows // 2
        yield from _pieces(batch.slice(0, middle), name)
        yield from _pieces(batch.slice(middle), name)


def _values(array: Any) -> list[Any]:
    """The values; those of a dictionary are one object however often they come."""
    if not _arrow("pyarrow.types").is_dictionary(array.type):
        return list(array.to_pylist())
    words = array.dictionary.to_pylist()
    return [None if index is None else words[index] for index in array.indices.to_pylist()]


def _too_large(name: str) -> str:
    return f"`{name}` unfolds to more than {MOST_INFLATED_BYTES:,} bytes; split the export."


def _arrow(module: str) -> Any:
    return importlib.import_module(module)


def _pyarrow() -> tuple[Any, type[Exception]]:
    try:
        return importlib.import_module("pyarrow.parquet"), importlib.import_module("pyarrow").ArrowException
    except ImportError:
        raise SourceRefusedError("Parquet files need the package pyarrow: pip install pyarrow.") from None

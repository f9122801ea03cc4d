"""Reads delimited text, row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from typing import BinaryIO

from connectors.errors import SourceRefusedError
from connectors.ports import Read, Row
from connectors.toolkit.spelling import missing_columns

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 20
MOST_CELL_CHARACTERS = 16 * 1024 * 1024


def delimited_rows(stream: BinaryIO, name: str, read: Read, *, encoding: str, delimiter: str) -> Iterator[Row]:
    """The rows of a table with a header line; an empty cell is None, every other value text.

    Args:
        delimiter: Between cells; found out when empty.

    Raises:
        SourceRefusedError: A column is missing, or a line does not fit the header.
    """
    # The limit belongs to the whole process; it is only ever raised, to the same height.
    csv.field_size_limit(MOST_CELL_CHARACTERS)
    with _text(stream, encoding) as text:
        yield from _table(_lines(text, name), name, read, delimiter)


def _table(lines: Iterator[str], name: str, read: Read, delimiter: str) -> Iterator[Row]:
    head = list(islice(lines, _SAMPLE_LINES))
    sample = [line for line in head if line.strip()]
    separator = delimiter or _delimiter_of(sample)
    reader = csv.reader(chain(head, lines), delimiter=separator, strict=True)
    try:
        header = next((stripped for cells in reader if any(stripped := [cell.strip() for cell in cells])), [])
        _check_header(header, sample, name, read, separator)
        width, columns = len(header), list(read.columns or header)
        wanted = list(dict.fromkeys((*columns, *read.only)))
        places = [header.index(column) for column in wanted]
        for cells in reader:
            if len(cells) != width:
                if not any(cells):
                    continue
                cells = _fitted(cells, width, name, reader.line_num)
            yield {column: cells[place] or None for column, place in zip(wanted, places, strict=True)}
    except csv.Error:
        raise SourceRefusedError(
            f"`{name}` line {reader.line_num}: a quoted cell is not closed or badly quoted; the file may be cut off."
        ) from None


def _text(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """The stream as text; closing the one closes the other."""
    try:
        return io.TextIOWrapper(stream, encoding=encoding, newline="")
    except LookupError:
        raise SourceRefusedError("`encoding` names no text encoding; write one such as utf-8-sig or cp1252.") from None


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    """The lines with their ends as they are, none longer than a cell may be."""
    for line in iter(partial(text.readline, MOST_CELL_CHARACTERS), ""):
        if len(line) == MOST_CELL_CHARACTERS:
            raise SourceRefusedError(f"`{name}` has a line of more than {MOST_CELL_CHARACTERS:,} characters.")
        yield line


def _delimiter_of(sample: list[str]) -> str:
    """The one that the header holds; where it holds several, the one that gives the widest table of even rows.

    `csv.Sniffer` looks at letters rather than cells, and takes decimal commas for delimiters.
    """
    there = [delimiter for delimiter in _DELIMITERS if sample and delimiter in sample[0]]
    return max(there, key=lambda delimiter: _evenness(sample, delimiter)) if there else ","


def _evenness(sample: list[str], delimiter: str) -> tuple[bool, int]:
    # The last row may go on behind the sample.
    widths = [len(cells) for cells in csv.reader(sample, delimiter=delimiter)]
    return len(set(widths[:-1] or widths)) == 1, widths[0]


def _check_header(header: list[str], sample: list[str], name: str, read: Read, separator: str) -> None:
    if not header:
        raise SourceRefusedError(f"`{name}` is empty; its first line must name the columns.")
    if any("\0" in cell for cell in header):
        raise SourceRefusedError(f"`{name}` holds NUL characters; set `encoding`, such as utf-16-le.")
    wanted = (*read.columns, *read.only)
    if problem := missing_columns(f"`{name}`", wanted, header):
        others = [delimiter for delimiter in _DELIMITERS if delimiter != separator and delimiter in sample[0]]
        hint = f" Its cells seem to be divided by {others[0]!r}: set `delimiter`." if others else ""
        raise SourceRefusedError(problem + (hint if len(header) == 1 else ""))
    for column in wanted or header:
        if header.count(column) > 1:
            raise SourceRefusedError(f"`{name}` has two columns `{column}`; give one another name.")


def _fitted(cells: list[str], width: int, name: str, line: int) -> list[str]:
    """Cells without the empty ones that some tools add at the end of a line."""
    if len(cells) > width and not any(cells[width:]):
        return cells[:width]
    raise SourceRefusedError(
        f"`{name}` line {line} has {len(cells)} cells and the header {width}; it is cut off, or a cell with a"
        " delimiter or line break in it stands without quotes."
    )

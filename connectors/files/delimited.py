"""Reads delimited text, row by row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from typing import BinaryIO

from connectors.errors import SourceRefusedError
from connectors.files.broken import BrokenLines
from connectors.ports import Read, Row
from connectors.toolkit.spelling import missing_columns

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 20
MOST_COLUMNS = 10_000
MOST_CELL_CHARACTERS = 16 * 1024 * 1024


def delimited_rows(
    stream: BinaryIO, name: str, read: Read, broken: BrokenLines, *, encoding: str, delimiter: str
) -> Iterator[Row]:
    """The rows of a table with a header line; an empty cell is None, every other value text.

    Args:
        broken: Takes the lines that do not fit the header.
        delimiter: Between cells; found out when empty.

    Raises:
        SourceRefusedError: A column is missing, or too many lines do not fit the header.
    """
    # The limit belongs to the whole process; it is only ever raised, to the same height.
    csv.field_size_limit(MOST_CELL_CHARACTERS)
    with _text(stream, encoding) as text:
        yield from _table(_lines(text, name), name, read, delimiter, broken)


def _table(lines: Iterator[str], name: str, read: Read, delimiter: str, broken: BrokenLines) -> Iterator[Row]:
    head = list(islice(lines, _SAMPLE_LINES))
    sample = [line for line in head if line.strip()]
    separator = delimiter or _delimiter_of(sample)
    reader = csv.reader(chain(head, lines), delimiter=separator, strict=True)
    try:
        header = next((stripped for cells in reader if any(stripped := [cell.strip() for cell in cells])), [])
        _check_header(header, sample, name, read, separator)
        width, columns = len(header), list(read.columns or header)
        wanted = list(dict.fromkeys((*columns, *read.only)))
        at = {column: place for place, column in enumerate(header)}
        places = [at[column] for column in wanted]
        rows = 0
        for cells in reader:
            if len(cells) != width:
                if not any(cells):
                    continue
                if not _only_longer(cells, width):
                    broken.set_aside(reader.line_num, _misfit(len(cells), width))
                    continue
            rows += 1
            yield {column: cells[place] or None for column, place in zip(wanted, places, strict=True)}
        broken.check(rows)
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
    if len(header) > MOST_COLUMNS:
        raise SourceRefusedError(f"`{name}` has more than {MOST_COLUMNS:,} columns; export those that are mapped.")
    wanted = (*read.columns, *read.only)
    if problem := missing_columns(f"`{name}`", wanted, header):
        others = [delimiter for delimiter in _DELIMITERS if delimiter != separator and delimiter in sample[0]]
        hint = f" Its cells seem to be divided by {others[0]!r}: set `delimiter`." if others else ""
        raise SourceRefusedError(problem + (hint if len(header) == 1 else ""))
    counts = Counter(header)
    for column in wanted or header:
        if counts[column] > 1:
            raise SourceRefusedError(f"`{name}` has two columns `{column}`; give one another name.")


def _only_longer(cells: list[str], width: int) -> bool:
    """Whether only empty cells stand behind the last column; some tools add them."""
    return len(cells) > width and not any(cells[width:])


def _misfit(count: int, width: int) -> str:
    return (
        f"has {count} cells and the header {width}; it is cut off, or a cell with a delimiter or line break in it"
        " stands without quotes."
    )

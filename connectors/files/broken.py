"""Sets broken lines of a file aside while they are few; where they are many, the file itself is broken."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.errors import SourceRefusedError

MOST_BROKEN_LINES = 20
MOST_BROKEN_SHARE = 0.01


class BrokenLines:
    """The lines of one file that could not be read.

    Attributes:
        lines: Their numbers, from 1.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._first = ""
        self.lines: list[int] = []

    def set_aside(self, line: int, why: str) -> None:
        """Leave a line out.

        Raises:
            SourceRefusedError: There are too many of them; the message says why the first one could not be read.
        """
        self._first = self._first or why
        self.lines.append(line)
        if len(self.lines) > MOST_BROKEN_LINES:
            raise self._refusal()

    def check(self, rows: int) -> None:
        """Refuse the file when too large a part of it is broken.

        Raises:
            SourceRefusedError: It is.
        """
        if len(self.lines) > MOST_BROKEN_SHARE * (rows + len(self.lines)):
            raise self._refusal()

    def told(self) -> Iterator[str]:
        """A text a line."""
        return (f"`{self._name}` line {line}" for line in self.lines)

    def _refusal(self) -> SourceRefusedError:
        return SourceRefusedError(f"`{self._name}` line {self.lines[0]} {self._first}")

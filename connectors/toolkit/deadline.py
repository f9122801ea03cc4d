"""The time that a reading may take, from its first moment on."""

from __future__ import annotations

import time

from connectors.errors import SourceUnavailableError


class Deadline:
    """Counts down from the moment it is made; it looks at no wall clock."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends_at = time.monotonic() + seconds

    def left_seconds(self) -> float:
        """What is left, never below zero."""
        return max(0.0, self._ends_at - time.monotonic())

    def check(self, where: str) -> None:
        """Go on only while there is time.

        Raises:
            SourceUnavailableError: There is none.
        """
        if self.left_seconds() <= 0:
            raise SourceUnavailableError(f"Reading {where} took longer than {self.seconds:g} s; repeat later.")

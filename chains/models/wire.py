"""Persons on the wire: placeholders are numbered anew for every request, and put back when the answer is home."""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(r"\[\[([a-z]+)_([0-9]+)\.([a-z_]+)\]\]")
INVENTED = "[[invented.placeholder]]"


class Wire:
    """The placeholders of one request: numbered in the order they are met, so that equal requests are equal texts.

    A run numbers persons in the order it meets them; on the wire that number would differ from run to run, and
    would tell how many persons came before.
    """

    def __init__(self) -> None:
        self._out: dict[tuple[str, str], int] = {}
        self._home: dict[tuple[str, int], str] = {}
        self._sent: set[str] = set()

    def send(self, text: str) -> str:
        """The text as it leaves the house."""
        return _PLACEHOLDER.sub(self._numbered, text)

    def receive(self, text: str) -> str:
        """A text of the answer with the run's own placeholders; one that was not sent becomes one no check lets by."""
        return _PLACEHOLDER.sub(self._own, text)

    def _numbered(self, match: re.Match[str]) -> str:
        kind, number, field = match.groups()
        local = self._out.setdefault((kind, number), sum(1 for k, _ in self._out if k == kind) + 1)
        self._home[kind, local] = number
        placeholder = f"[[{kind}_{local}.{field}]]"
        self._sent.add(placeholder)
        return placeholder

    def _own(self, match: re.Match[str]) -> str:
        kind, local, field = match.groups()
        if match.group() not in self._sent:
            return INVENTED
        return f"[[{kind}_{self._home[kind, int(local)]}.{field}]]"

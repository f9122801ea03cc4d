"""Replacing several, possibly overlapping, stretches of a text at once."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

_START = attrgetter("start")


class Span(NamedTuple):
    """A stretch of text and what stands in its place; a lower `rank` wins; `None` keeps the text as it is."""

    start: int
    end: int
    replacement: str | None
    rank: int


def replace_spans(text: str, spans: Iterable[Span]) -> str:
    """The text with every span replaced; of two that overlap the lower rank wins, then the longer one."""
    pieces: list[str] = []
    at = 0
    for start, end, replacement, _rank in _without_overlap(spans):
        if replacement is None:
            continue
        pieces.append(text[at:start])
        pieces.append(replacement)
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def _without_overlap(spans: Iterable[Span]) -> list[Span]:
    taken: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.rank, span.start - span.end, span.start)):
        at = bisect_left(taken, span.start, key=_START)
        free_before = at == 0 or taken[at - 1].end <= span.start
        if free_before and (at == len(taken) or taken[at].start >= span.end):
            insort(taken, span, key=_START)
    return taken

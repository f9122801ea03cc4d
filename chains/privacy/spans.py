"""Replacing several, possibly overlapping, stretches of a text at once."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import NamedTuple

from chains.privacy.folding import WORD, fold
from chains.privacy.lexicon import shape_set

_START = attrgetter("start")


class Span(NamedTuple):
    """A stretch of text and what stands in its place; a lower `rank` wins; `None` keeps the text as it is.

    One that `gives_way` is cut, not dropped, where a replacement of lower rank takes a part of it.
    """

    start: int
    end: int
    replacement: str | None
    rank: int
    gives_way: bool = False


def replace_spans(text: str, spans: Iterable[Span]) -> str:
    """The text with every span replaced; of two that overlap the lower rank wins, then the longer one."""
    pieces: list[str] = []
    at = 0
    for span in _without_overlap(text, spans):
        if span.replacement is None:
            continue
        pieces.append(text[at : span.start])
        pieces.append(span.replacement)
        at = span.end
    pieces.append(text[at:])
    return "".join(pieces)


def _without_overlap(text: str, spans: Iterable[Span]) -> list[Span]:
    taken: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.rank, span.start - span.end, span.start)):
        at = bisect_left(taken, span.start, key=_START)
        free_before = at == 0 or taken[at - 1].end <= span.start
        if free_before and (at == len(taken) or taken[at].start >= span.end):
            insort(taken, span, key=_START)
        elif span.gives_way:
            first = at if free_before else at - 1
            for rest in list(_rest_of(text, span, taken, first)):
                insort(taken, rest, key=_START)
    return taken


def _rest_of(text: str, span: Span, taken: list[Span], first: int) -> Iterator[Span]:
    """What the spans taken leave of this one; nothing when one of them keeps its text: then it was read wrongly."""
    over = taken[first : bisect_left(taken, span.end, key=_START)]
    if any(other.replacement is None for other in over):
        return
    at = span.start
    for start, end in (*((other.start, other.end) for other in over), (span.end, span.end)):
        words = list(WORD.finditer(text, at, start)) if start > at else []
        if any(fold(word.group()) not in shape_set("particles") for word in words):
            yield span._replace(start=words[0].start(), end=words[-1].end())
        at = max(at, end)

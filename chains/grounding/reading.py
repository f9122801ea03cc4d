"""A draft's text as the checks read it: one width, one alphabet, placeholders and quotations known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from chains.evidence import Statement
from chains.privacy import strip_unsafe
from chains.privacy.folding import plain

PLACEHOLDER = re.compile(r"\[\[[a-z0-9_]+\.[a-z_]+\]\]")
_SPACE = re.compile(r"\s+")
_LIST_MARKER = re.compile(r"(?m)^[ \t]*\(?([1-9])[.)][ \t]+(?=\S)")
_APOSTROPHES = str.maketrans({"'": "’", "`": "’", "´": "’", "ʼ": "’", "‘": "’", "‐": "-", "‑": "-", "‒": "-", "−": "-"})
_KEYCAP = re.compile("[\ufe0f\u20e3]")
_QUOTE = re.compile(
    r"“([^“”\n]{2,160})”|„([^„“”\n]{2,160})[“”]|«\s?([^«»\n]{2,160}?)\s?»|»([^«»\n]{2,160})«|\"([^\"\n]{2,160})\""
)


class Reading(NamedTuple):
    """A text on one line, and the same in lower case without accents; both have the same length."""

    text: str
    low: str


def clean(text: str) -> str:
    """The text in one width and alphabet, without hidden characters, on one line, list numbers taken out."""
    text = _KEYCAP.sub("", strip_unsafe(text))
    text = unicodedata.normalize("NFC", plain(text))
    return _SPACE.sub(" ", _without_list_markers(text)).translate(_APOSTROPHES).strip()


def _without_list_markers(text: str) -> str:
    # Only a list that counts 1, 2, 3 is one; any other number at the start of a line is a number.
    markers = list(_LIST_MARKER.finditer(text))
    if [int(marker.group(1)) for marker in markers] != list(range(1, len(markers) + 1)) or len(markers) < 2:
        return text
    return _LIST_MARKER.sub("- ", text)


def read(text: str) -> Reading:
    """The reading of a text, with its placeholders blanked out."""
    flat = PLACEHOLDER.sub(lambda match: "¤" * len(match.group()), clean(text))
    return Reading(flat, lowered(flat))


def lowered(text: str) -> str:
    """Lower case without accents, letter by letter, so that places stay the same."""
    if text.isascii():
        return text.lower()
    return "".join(_lowered_char(char) for char in text)


def _lowered_char(char: str) -> str:
    low = char.lower()
    base = unicodedata.normalize("NFD", low)[:1] if len(low) == 1 else low[:1]
    return base or char


def blank(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with the stretches blanked out, of the same length."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def quoted_facts(text: str, values: Sequence[str]) -> list[tuple[int, int]]:
    """Where the text quotes, between quotation marks, exactly the value of a fact (or its beginning, cut by …)."""
    known = {lowered(clean(value)) for value in values}
    spans = []
    for match in _QUOTE.finditer(text):
        group = next(index for index in range(1, 6) if match.group(index) is not None)
        quoted = lowered(match.group(group)).strip(" ,.;:!?")
        cut = quoted.removesuffix("…").removesuffix("...").strip()
        if any(quoted == value.strip(" ,.;:!?") or (cut != quoted and value.startswith(cut)) for value in known):
            spans.append(match.span(group))
    return spans


def statement_spans(text: str, statements: Sequence[Statement]) -> list[list[tuple[int, int]]]:
    """For each statement, where its text stands in the cleaned body; empty when it does not."""
    return [_all_spans(text, PLACEHOLDER.sub(lambda m: "¤" * len(m.group()), clean(item.text))) for item in statements]


def _all_spans(text: str, wanted: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = text.find(wanted) if wanted else -1
    while at >= 0:
        spans.append((at, at + len(wanted)))
        at = text.find(wanted, at + 1)
    return spans

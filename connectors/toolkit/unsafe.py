"""Text without characters that hide, reorder or control: what a person reads is what stands there."""

from __future__ import annotations

import re

# Controls except tab and newline, bidi controls, zero-width and filler characters, tag characters, lone
# surrogates, variation selectors that carry data. Joiners and emoji selectors are judged by their neighbours.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b"
    "\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffc"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_LINE_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_JOINERS = re.compile(
    "(?<![\u0590-\u0fff\u1000-\u109f\u1780-\u17ff\u2190-\u2bff\ufe0f\U0001f000-\U0001ffff])[\u200c\u200d]"
)
_STRAY_SELECTORS = re.compile("(?<=[\\sA-Za-z\u00c0-\u024f\ufe0e\ufe0f])[\ufe0e\ufe0f]|^[\ufe0e\ufe0f]")
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def strip_unsafe(text: str) -> str:
    """The text without hidden or reordering characters; ordinary right-to-left text and emoji stay as they are.

    Line breaks become newlines, lone surrogates the replacement character.
    """
    if not _SUSPECT.search(text):
        return text
    text = _LINE_BREAKS.sub("\n", text)
    text = _SURROGATES.sub("\ufffd", _INVISIBLE.sub("", text))
    return _STRAY_SELECTORS.sub("", _JOINERS.sub("", text))

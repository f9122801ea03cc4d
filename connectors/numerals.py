"""Reads numbers as systems write them, exactly; what is not surely one number is none."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

LARGEST = 10**15
_MOST_CHARACTERS = 60
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_BLANKS = "\\ \u00a0\u2009\u202f"
_WITH_SIGN = {
    sign: re.compile(
        rf"([+-]?)([1-9]\d{{0,2}}(?:([{_BLANKS}'\u2019{re.escape(other)}])\d{{3}}(?:\3\d{{3}})*)?|\d+|)"
        rf"(?:{re.escape(sign)}(\d*))?((?:[eE][+-]?\d{{1,3}})?)",
        re.ASCII,
    )
    for sign, other in ((",", "."), (".", ","))
}


def number_of(text: str, sign: str = "") -> Decimal | None:
    """The number that a text writes, or None.

    Args:
        sign: The decimal sign, "," or "."; where it is said, digits may stand in groups of three, divided throughout
            by one blank, apostrophe or the other sign. Without it the text is a number as programs write it.
    """
    text = text.strip()
    if len(text) > _MOST_CHARACTERS:
        return None
    if not sign:
        return Decimal(text) if _PLAIN.fullmatch(text) else None
    found = _WITH_SIGN[sign].fullmatch(text)
    if found is None or not (found[2] or found[4]):
        return None
    whole = "".join(letter for letter in found[2] if letter.isdigit())
    return Decimal(f"{found[1]}{whole or 0}.{found[4] or 0}{found[5]}")


def exact(value: Any) -> Decimal:
    """A number in the shortest decimal form that means it, so that 13.2 thousand are 13,200."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)

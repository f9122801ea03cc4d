"""Suggests the names that a misspelt one may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MOST_SUGGESTIONS = 3


def suggestion(name: str, known: Iterable[str]) -> str:
    """A parenthesis such as ` (near: `amount`)`, or nothing where no known name resembles it."""
    by_folded = {other.casefold(): other for other in known}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=_MOST_SUGGESTIONS)
    return f" (near: {', '.join(f'`{by_folded[folded]}`' for folded in near)})" if near else ""


def missing_columns(where: str, wanted: Iterable[str], known: Iterable[str]) -> str:
    """One sentence that says which of the wanted columns are missing and what resembles them; empty when none is.

    Only names that resemble a wanted one are told, since what stands where names should be may be a row's values.
    """
    there = list(known)
    missing = sorted(set(wanted) - set(there))
    if not missing:
        return ""
    named = ", ".join(f"`{name}`{suggestion(name, there)}" for name in missing)
    return f"{where} has no column {named}."

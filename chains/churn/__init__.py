"""The churn workflow: who may leave, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chains.churn.schema import ChurnReport

__all__ = ["ask"]


def ask(question: str, payload: Mapping[str, Any] | None = None, *, as_of: str = "") -> ChurnReport:
    """Answer a question from a payload, or from the sample organisation; for notebooks, nothing is stored.

    Args:
        question: In plain words.
        payload: A `UnifiedPayload` as a mapping.
        as_of: ISO day; "" is the payload's, else today.

    Returns:
        The masked report; `to_frame()` makes a table of it, and it renders itself in Jupyter.
    """
    from chains.churn.asking import answer

    return answer(question, payload, as_of=as_of)

"""The churn workflow: who may leave, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chains.churn.schema import ChurnReport

__all__ = ["ask"]


def ask(
    question: str,
    payload: Mapping[str, Any] | None = None,
    *,
    as_of: str = "",
    model: str = "",
    base_url: str = "",
    api_key: str = "",
) -> ChurnReport:
    """Answer a question from a payload, or from the sample organisation; for notebooks, nothing is stored.

    Args:
        question: In plain words.
        payload: A `UnifiedPayload` as a mapping.
        as_of: ISO day; "" is the payload's, else today.
        model: A chat model such as `openai:gpt-5-mini`, its key in the provider's variable; "" is the built-in engine.
        base_url: Where the model is served, when not by its provider.
        api_key: The server's key, where it wants one that is not in the provider's variable.

    Returns:
        The masked report; `to_frame()` makes a table of it, and it renders itself in Jupyter.

    Raises:
        InvalidPayloadError: The payload is no object, of an unknown version, or cannot be read at all.
    """
    from chains.churn.asking import answer, one_model

    return answer(question, payload, as_of=as_of, models=one_model(model, base_url, api_key))

"""Every step of this workflow that a model can answer; checked against their prompt files when the graph is built."""

from __future__ import annotations

from typing import Any

from chains.churn.model.planning import PLAN
from chains.churn.model.reading import READ_TICKETS
from chains.churn.model.reasoning import REASON
from chains.churn.model.summarising import SUMMARISE
from chains.churn.model.writing import WRITE_EMAIL
from chains.models import ModelStep

STEPS: tuple[ModelStep[Any], ...] = (PLAN, READ_TICKETS, REASON, WRITE_EMAIL, SUMMARISE)


def check_steps() -> None:
    """Hold every prompt against the code that uses it.

    Raises:
        PromptError: A prompt takes other inputs, or asks for other fields, than the code.
    """
    for one in STEPS:
        one.check()

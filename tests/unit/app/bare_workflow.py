"""A workflow that does nothing, around answers that a test gives."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from chains.registry import Workflow


class BareReport(BaseModel):
    """The report of a workflow that does nothing."""

    as_of: str = "2026-11-20"


def bare_workflow(answers: Any) -> Workflow:
    """A plug-in called churn that answers by this alone."""
    return Workflow(
        "churn",
        BaseModel,
        BareReport,
        check=lambda: None,
        build=lambda *_: answers,
        proposed_drafts=lambda _: [],
        warm=lambda: None,
    )

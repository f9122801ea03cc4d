"""What the planner's tests say of plans: how to ask, and what a plan holds beyond its defaults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from chains.churn.schema import Plan

TODAY = date(2026, 11, 20)
Ask = Callable[..., Plan]
_USUAL = [("intent", "list"), ("sort", "risk")]


def said(plan: Plan) -> dict[str, Any]:
    """What the plan holds beyond its defaults, filters included, without horizon and assumptions."""
    parts = plan.model_dump(exclude={"workflow", "horizon", "assumptions", "help_text", "filters"})
    parts |= plan.filters.model_dump()
    return {name: value for name, value in parts.items() if value and (name, value) not in _USUAL}

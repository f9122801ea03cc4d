"""A plan told in words: for the prompt, and for what a plan says it assumed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from chains.churn.model.plan_form import KINDS
from chains.churn.planner.composing import long_date
from chains.churn.schema import Plan
from chains.churn.spoken import joined

MOST_LISTED = 6
_SORTED = {"arr": "revenue", "arr_at_risk": "revenue at risk"}
_LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}


def shown_plan(plan: Plan, vocabulary_names: Mapping[str, str]) -> str:
    """The plan in one line, as the prompt tells it: no owner by name, no words of the user."""
    fields = [*KINDS, "period", "renewal", "min_revenue", "max_revenue", "risk", "top", "sort", "drafts"]
    parts = [shown_field(plan, field) for field in [*fields, "language", "tone", "length"]]
    accounts = some("", [vocabulary_names.get(one, one) for one in plan.filters.account_ids])
    owners = "only certain owners" if plan.filters.owner else ""
    return "; ".join(part for part in (plan.intent, accounts, owners, *parts) if part)


def shown_field(plan: Plan, field: str) -> str:
    """A field of a plan in words; "" when it says nothing."""
    filters = plan.filters
    if field in KINDS:
        return some(field, getattr(filters, field))
    return {
        "period": _days(plan.horizon.from_, plan.horizon.to),
        "renewal": _prefixed("renewal", _days(filters.renewal_from, filters.renewal_to)),
        "min_revenue": _money("revenue from", filters.min_arr, filters.arr_currency),
        "max_revenue": _money("revenue up to", filters.max_arr, filters.arr_currency),
        "risk": f"a probability from {plan.min_probability:.0%}" if plan.min_probability else "",
        "top": f"the first {plan.top_n}" if plan.top_n else "",
        "sort": "" if plan.sort == "risk" else f"ordered by {_SORTED.get(plan.sort, plan.sort)}",
        "drafts": "drafts wanted" if plan.want_drafts else "",
        "language": _prefixed("drafts in", _LANGUAGES.get(plan.language, "")),
        "tone": _prefixed("tone", plan.tone),
        "length": _prefixed("length", plan.length),
    }.get(field, "")


def some(name: str, values: Sequence[str]) -> str:
    """The name and a few of the values; "" when there are none."""
    if not values:
        return ""
    more = f" and {len(values) - MOST_LISTED} more" if len(values) > MOST_LISTED else ""
    return _prefixed(name, (", ".join(values[:MOST_LISTED]) + more) if more else joined(list(values)))


def _prefixed(name: str, text: str) -> str:
    return f"{name} {text}".strip() if text else ""


def _days(first: str, last: str) -> str:
    if not (first or last):
        return ""
    parts = [("from", first), ("to" if first else "up to", last)]
    return " ".join(f"{word} {long_date(dt.date.fromisoformat(day))}" for word, day in parts if day)


def _money(name: str, amount: float, currency: str) -> str:
    return f"{name} {currency} {amount:,.0f}".replace("  ", " ") if amount else ""

"""The accounts of a churn report as flat rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from chains.account_row import AccountRow

_TOP_REASONS = 3
_NOTHING: Mapping[str, Any] = {}
_PARTS = {
    "annual_recurring_revenue": {"amount": "arr_amount", "currency": "arr_currency"},
    "interval": {"low": "low", "high": "high"},
    "review": {"needed": "review_needed", "reason": "review_reason"},
    "draft": {
        "draft_id": "draft_id",
        "subject": "draft_subject",
        "body": "draft_body",
        "language": "draft_language",
        "status": "draft_status",
        "digest": "digest",
        "to_contact_id": "to_contact_id",
    },
}
_FIRST_STEP = {"action": "next_step", "why": "next_step_why", "due_on": "next_step_due_on", "owner_role": "owner_role"}


def account_rows(report: bytes) -> list[dict[str, Any]]:
    """The report's accounts in their order, each with the fields of `AccountRow`."""
    return [_row(account) for account in orjson.loads(report).get("accounts", ())]


def _row(account: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: account[name] for name in AccountRow.model_fields if name in account}
    for part, names in _PARTS.items():
        row |= _renamed(account.get(part) or _NOTHING, names)
    row |= _renamed(next(iter(account.get("next_steps") or ()), _NOTHING), _FIRST_STEP)
    raising = [driver["statement"] for driver in account.get("drivers") or () if driver["direction"] == "raises"]
    row["reasons"] = " ".join(raising[:_TOP_REASONS])
    return {**_DEFAULTS, **row}


def _renamed(part: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {flat: part[name] for name, flat in names.items() if name in part}


_DEFAULTS = AccountRow(account_id="").model_dump()

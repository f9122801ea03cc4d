"""Accounts a question names that have no score, and why: set aside, no longer a customer, or in trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chains.churn.schema import Plan
from chains.churn.state import Retrieved
from connectors.records import Account, Rejected

_MOST_TOLD = 3
_LONGEST_NAME = 200
_BECAUSE_OF_STATUS: Mapping[str, str] = {"churned": "is no longer a customer", "trial": "is in trial"}


def set_aside(
    document: Mapping[str, Any], rejected: Sequence[Rejected], read: Sequence[Account]
) -> tuple[tuple[str, str], ...]:
    """Id and name of each account that could not be read, as far as the payload tells them; none that stands twice."""
    raw = document.get("accounts")
    known = {account.account_id for account in read}
    found: dict[str, str] = {}
    for entry in rejected:
        if entry.account_id and entry.account_id not in known:
            found.setdefault(entry.account_id, _name(raw, entry.pointer))
    return tuple(found.items())


def why_unscored(plan: Plan, retrieved: Retrieved) -> list[str]:
    """A sentence for each account that the question names and that has no score, the first three of them."""
    named = plan.filters.account_ids
    if not named:
        return []
    accounts = {account.account_id: account for account in retrieved.payload.accounts}
    aside = dict(retrieved.set_aside)
    told = [sentence for one in named for sentence in _of(one, accounts.get(one), aside, retrieved)]
    return told[:_MOST_TOLD]


def _of(account_id: str, account: Account | None, aside: Mapping[str, str], retrieved: Retrieved) -> Iterator[str]:
    if account is not None and account.status in _BECAUSE_OF_STATUS:
        yield f"{account.name or account_id} {_BECAUSE_OF_STATUS[account.status]}, so it has no score."
    elif account is None and account_id in aside:
        entry = next(entry for entry in retrieved.rejected if entry.account_id == account_id)
        name = retrieved.masker.mask(aside[account_id])
        called = f"{name} ({account_id})" if name else account_id
        yield f"{called} was set aside, so it has no score: {_unread(entry)}."


def _unread(entry: Rejected) -> str:
    """Which value could not be read, in words: its invoice's amount; never the value itself."""
    parts = [part.replace("_", " ") for part in entry.pointer.split("/")[3:] if not part.isdigit()]
    if not parts or parts == ["account id"]:
        return entry.message
    owners = "".join(f"{_one(part)}'s " for part in parts[:-1])
    return f"its {owners}{parts[-1]} cannot be read ({entry.message})"


def _one(kind: str) -> str:
    return f"{kind.removesuffix('ies')}y" if kind.endswith("ies") else kind.removesuffix("s")


def _name(raw: Any, pointer: str) -> str:
    """The name that the account at the pointer gives itself; "" where it gives none."""
    at = pointer.split("/")[2] if pointer.count("/") > 1 else ""
    if not at.isdigit() or not isinstance(raw, list) or int(at) >= len(raw) or not isinstance(raw[int(at)], dict):
        return ""
    name = raw[int(at)].get("name")
    if not isinstance(name, str):
        return ""
    return "".join(letter for letter in name if letter.isprintable())[:_LONGEST_NAME]

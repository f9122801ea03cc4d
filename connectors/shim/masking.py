"""Applies the masking rules to a payload document; what is left out stays with the shim."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any

from connectors.shim.masking_rules import MaskingRules, Rule
from connectors.shim.redaction import Redactor, redactor_of

_HASH_LETTERS = 24
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_Change = Callable[[dict[str, Any], str], None]
"""Changes a record of an account, whose id is given, in place."""


def masked(document: Mapping[str, Any], rules: MaskingRules, key: bytes = b"") -> dict[str, Any]:
    """A copy of the document as the rules let it leave.

    Args:
        key: Keys the pseudonyms of `hash`; the same value has the same one as long as the key stays.
    """
    accounts = document.get("accounts") or []
    redactor = redactor_of(accounts) if _redacts(rules) else None
    changes = {
        kind: [_change(name, rule, key, redactor) for name, rule in by_field.items()]
        for kind, by_field in rules.by_kind.items()
    }
    return {**document, "accounts": [_account(account, changes) for account in accounts]}


def _account(account: Mapping[str, Any], changes: Mapping[str, list[_Change]]) -> dict[str, Any]:
    account_id = str(account.get("account_id") or "")
    copy = dict(account)
    for kind, kind_changes in changes.items():
        if kind != "accounts" and isinstance(records := copy.get(kind), list):
            copy[kind] = [_changed(record, kind_changes, account_id) for record in records]
    changed: dict[str, Any] = _changed(copy, changes.get("accounts", []), account_id)
    return changed


def _changed(record: Any, changes: list[_Change], account_id: str) -> Any:
    if not isinstance(record, dict):
        return record
    copy = {name: dict(value) if isinstance(value, dict) else value for name, value in record.items()}
    for change in changes:
        change(copy, account_id)
    return copy


def _change(name: str, rule: Rule, key: bytes, redactor: Redactor | None) -> _Change:
    part, _, leaf = name.rpartition(".")

    def change(record: dict[str, Any], account_id: str) -> None:
        holder = record.get(part) if part else record
        if not isinstance(holder, dict) or leaf not in holder:
            return
        value = holder[leaf]
        if rule == "hash" and isinstance(value, str) and value.strip():
            holder[leaf] = _pseudonym(key, name, value)
        elif rule == "redact" and isinstance(value, str) and redactor is not None:
            holder[leaf] = redactor.redact(value, account_id)
        else:
            del holder[leaf]

    return change


def _pseudonym(key: bytes, field: str, value: str) -> str:
    """A keyed digest in letters, as names have no digits: equal for equal values of a field, however written."""
    said = f"{field}\x1f{value.strip().casefold()}"
    digest = hmac.digest(key, said.encode(), "sha256").hex()[:_HASH_LETTERS]
    return digest.translate(_LETTERS).capitalize()


def _redacts(rules: MaskingRules) -> bool:
    return any("redact" in by_field.values() for by_field in rules.by_kind.values())

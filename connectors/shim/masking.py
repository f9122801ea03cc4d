"""Applies the masking rules to a payload document; what is left out stays with the shim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.coercion import COERCERS
from connectors.mapping import RECORDS, field_types
from connectors.records import Finding
from connectors.shim.known_words import KNOWN, OTHER
from connectors.shim.masking_rules import MaskingRules, Rule
from connectors.shim.pseudonyms import pseudonym
from connectors.shim.redaction import Redactor, redactor_of

UNREADABLE = "?"
"""Stands for a text where none belongs; the service sets it aside as it would the text itself."""
_Change = Callable[[dict[str, Any], str], None]
"""Changes a record of an account, whose id is given, in place."""


def masked(
    document: Mapping[str, Any],
    rules: MaskingRules,
    key: bytes = b"",
    *,
    redactor: Redactor | None = None,
    unknown: Counter[str] | None = None,
) -> dict[str, Any]:
    """A copy of the document as the rules let it leave; without any rule it leaves as it is.

    Args:
        key: Keys the pseudonyms of `hash`; the same value has the same one as long as the key stays.
        redactor: Of the document's persons, where there is one already.
        unknown: Counts the values, by field, that were no known word.
    """
    if not rules.by_kind:
        return dict(document)
    accounts = document.get("accounts") or []
    if redactor is None and rules.redacts:
        redactor = redactor_of(accounts)
    counts = Counter[str]() if unknown is None else unknown
    changes = {kind: list(_changes(kind, rules, key, redactor, counts)) for kind in RECORDS}
    return {**document, "accounts": [_account(account, changes) for account in accounts]}


def unknown_word_findings(unknown: Mapping[str, int]) -> Iterator[Finding]:
    """What to tell of values that were left at home because they were no known word."""
    for field, count in unknown.items():
        message = f"{field}: values that are no known words were sent as `{OTHER}`; say what they mean in `values`."
        yield Finding(severity="info", scope="payload", code="unknown_words", message=message, count=count)


def _changes(
    kind: str, rules: MaskingRules, key: bytes, redactor: Redactor | None, unknown: Counter[str]
) -> Iterator[_Change]:
    by_field = rules.by_kind.get(kind, {})
    for part in {name.partition(".")[0] for name in field_types(kind) if "." in name}:
        yield _whole(part)
    for name, rule in by_field.items():
        yield _change(kind, name, rule, key, redactor, unknown)
    for name, of in field_types(kind).items():
        if of is not str and name not in by_field:
            yield _typed(name, COERCERS[of])


def _account(account: Any, changes: Mapping[str, list[_Change]]) -> Any:
    if not isinstance(account, dict):
        return UNREADABLE
    account_id = str(account.get("account_id") or "")
    copy = dict(account)
    for kind, kind_changes in changes.items():
        records = copy.get(kind)
        if kind == "accounts" or records is None:
            continue
        many = isinstance(records, list)
        copy[kind] = [_changed(record, kind_changes, account_id) for record in records] if many else UNREADABLE
    changed: dict[str, Any] = _changed(copy, changes["accounts"], account_id)
    return changed


def _changed(record: Any, changes: list[_Change], account_id: str) -> Any:
    if not isinstance(record, dict):
        return UNREADABLE
    copy = {name: dict(value) if isinstance(value, dict) else value for name, value in record.items()}
    for change in changes:
        change(copy, account_id)
    return copy


def _whole(part: str) -> _Change:
    def change(record: dict[str, Any], _account_id: str) -> None:
        if record.get(part) is not None and not isinstance(record[part], dict):
            record[part] = UNREADABLE

    return change


def _typed(name: str, coerced: Callable[[Any], Any]) -> _Change:
    """Takes away a text that the reader could not make a number, a day or a yes of."""
    part, _, leaf = name.rpartition(".")

    def change(record: dict[str, Any], _account_id: str) -> None:
        holder = record.get(part) if part else record
        value = holder.get(leaf) if isinstance(holder, dict) else None
        if type(value) is str and value.strip() and isinstance(coerced(value), str):
            holder[leaf] = UNREADABLE  # type: ignore[index]

    return change


def _change(kind: str, name: str, rule: Rule, key: bytes, redactor: Redactor | None, unknown: Counter[str]) -> _Change:
    part, _, leaf = name.rpartition(".")
    known = KNOWN.get((kind, name), bool)

    def change(record: dict[str, Any], account_id: str) -> None:
        holder = record.get(part) if part else record
        if not isinstance(holder, dict) or leaf not in holder:
            return
        value = holder[leaf]
        if not isinstance(value, str) or rule == "drop":
            del holder[leaf]
        elif rule == "known":
            if value.strip() and not known(value):
                holder[leaf] = OTHER
                unknown[f"{kind}.{name}"] += 1
        elif rule == "hash" and value.strip():
            holder[leaf] = pseudonym(key, name, value)
        elif rule == "redact" and redactor is not None:
            holder[leaf] = redactor.redact(value, account_id)
        else:
            del holder[leaf]

    return change

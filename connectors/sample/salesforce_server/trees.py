"""Reads record trees, the JSON files that sample organisations ship their records in.

Source:
    Salesforce CLI, `data import tree`: `{records: [{attributes: {type, referenceId}, Field: value, …}]}`, where a
    value such as `@AccountRef1` names a record of the same set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_PREFIXES = {"Account": "001", "Contact": "003", "User": "005", "Opportunity": "006", "Lead": "00Q", "Case": "500"}
_CUSTOM = "a00"


def objects_of(trees: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """One set's records by object, with ids; a reference to a record of another set is None."""
    raw = [record for tree in trees for record in tree["records"]]
    ids = [_id(record["attributes"]["type"], number) for number, record in enumerate(raw, 1)]
    by_reference = {
        "@" + record["attributes"]["referenceId"]: record_id for record, record_id in zip(raw, ids, strict=True)
    }
    objects: dict[str, list[dict[str, Any]]] = {}
    for record, record_id in zip(raw, ids, strict=True):
        fields = {name: _resolved(value, by_reference) for name, value in record.items() if name != "attributes"}
        objects.setdefault(record["attributes"]["type"], []).append({"Id": record_id, **fields})
    return objects


def _id(object_name: str, number: int) -> str:
    return f"{_PREFIXES.get(object_name, _CUSTOM)}{number:012}AAA"


def _resolved(value: Any, ids: Mapping[str, str]) -> Any:
    return ids.get(value) if isinstance(value, str) and value.startswith("@") else value

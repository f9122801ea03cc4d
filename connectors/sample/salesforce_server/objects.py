"""The organisation's records: finds, filters and shows them as a query's answer does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sample.salesforce_server.errors import ApiError
from connectors.sample.salesforce_server.soql import Condition, Literal, Select

Record = Mapping[str, Any]

# Longer texts are long text areas, which SOQL does not filter by.
_MAX_FILTERED = 255


class Table:
    """One object: its records and the names of its fields."""

    def __init__(self, name: str, records: Sequence[Record]) -> None:
        self.name = name
        self.records = records
        self.fields = {field.casefold(): field for record in records for field in record}

    def sample(self, field: str) -> Any:
        """The first value that a field has anywhere."""
        return next((record[field] for record in self.records if record.get(field) is not None), None)


class Objects:
    """All objects by name, without case."""

    def __init__(self, objects: Mapping[str, Sequence[Record]]) -> None:
        self._tables = {name.casefold(): Table(name, records) for name, records in objects.items()}
        self._by_id = {
            record["Id"]: (table, record)
            for table in self._tables.values()
            for record in table.records
            if record.get("Id")
        }

    def table(self, name: str) -> Table:
        """An object.

        Raises:
            ApiError: INVALID_TYPE, there is none of that name.
        """
        if name.casefold() not in self._tables:
            raise ApiError(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
        return self._tables[name.casefold()]

    def selected(self, select: Select, version: str) -> list[dict[str, Any]]:
        """The records of a statement, with its fields only.

        Raises:
            ApiError: INVALID_TYPE or INVALID_FIELD.
        """
        table = self.table(select.origin)
        names = [field.casefold() for field in select.fields]
        if twice := next((field for field in select.fields if names.count(field.casefold()) > 1), ""):
            raise ApiError(400, "MALFORMED_QUERY", f"duplicate field selected: {twice}")
        paths = [self._path(table, field) for field in select.fields]
        tests = [(self._path(table, condition.field), condition) for condition in select.where]
        for path, condition in tests:
            self._check_filter(table, path, condition)
        records = [record for record in table.records if all(self._holds(record, path, c) for path, c in tests)]
        if select.order_by:
            path = self._path(table, select.order_by)
            records.sort(key=lambda record: _order(self._value(record, path)), reverse=select.descending)
        return [self._shown(table, record, paths, version) for record in records[: select.limit]]

    def _path(self, table: Table, field: str) -> tuple[str, ...]:
        """A field's path in its own spelling: the lookups to follow, each before its relationship's name, last the
        field; such as `("OwnerId", "Owner", "Email")`."""
        first, _, rest = field.partition(".")
        if not rest:
            if table.fields and first.casefold() not in table.fields:
                raise ApiError(400, "INVALID_FIELD", f"No such column '{first}' on entity '{table.name}'.")
            return (table.fields.get(first.casefold(), first),)
        lookup = first[:-1] + "c" if first.casefold().endswith("__r") else f"{first}Id"
        if lookup.casefold() not in table.fields:
            raise ApiError(400, "INVALID_FIELD", f"Didn't understand relationship '{first}' in field path.")
        lookup = table.fields[lookup.casefold()]
        target = self._by_id.get(table.sample(lookup))
        relationship = lookup[:-1] + "r" if lookup.endswith("__c") else lookup.removesuffix("Id")
        return (lookup, relationship, *(self._path(target[0], rest) if target else (rest,)))

    def _followed(self, record: Record, lookup: str) -> tuple[Table, Record] | None:
        return self._by_id.get(record.get(lookup))

    def _value(self, record: Record, path: tuple[str, ...]) -> Any:
        if len(path) == 1:
            return record.get(path[0])
        target = self._followed(record, path[0])
        return self._value(target[1], path[2:]) if target else None

    def _check_filter(self, table: Table, path: tuple[str, ...], condition: Condition) -> None:
        values = [value for record in table.records if (value := self._value(record, path)) is not None]
        if any(isinstance(value, str) and len(value) > _MAX_FILTERED for value in values):
            raise ApiError(400, "INVALID_FIELD", f"field '{condition.field}' can not be filtered in a query call")
        if values and any(not _comparable(values[0], literal) for literal in condition.values):
            raise ApiError(
                400, "INVALID_FIELD", f"value of filter criterion for field '{condition.field}' is of the wrong type"
            )

    def _holds(self, record: Record, path: tuple[str, ...], condition: Condition) -> bool:
        return any(_equal(self._value(record, path), literal) for literal in condition.values)

    def _shown(self, table: Table, record: Record, paths: Sequence[tuple[str, ...]], version: str) -> dict[str, Any]:
        url = f"/services/data/{version}/sobjects/{table.name}/{record.get('Id', '')}"
        shown: dict[str, Any] = {"attributes": {"type": table.name, "url": url}}
        parts: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for path in paths:
            if len(path) == 1:
                shown[path[0]] = record.get(path[0])
            else:
                parts.setdefault(path[:2], []).append(path[2:])
        for (lookup, relationship), rest in parts.items():
            target = self._followed(record, lookup)
            shown[relationship] = self._shown(*target, rest, version) if target else None
        return shown


def described(table: Table) -> dict[str, Any]:
    """What the describe resource says of an object, as far as names and types go."""
    return {
        "name": table.name,
        "fields": [{"name": field, "type": _type(field, table.sample(field))} for field in table.fields.values()],
    }


def _type(field: str, value: Any) -> str:
    if field == "Id":
        return "id"
    if isinstance(value, bool):
        return "boolean"
    return "double" if isinstance(value, int | float) else "string"


def _comparable(value: Any, literal: Literal) -> bool:
    if literal is None:
        return True
    if isinstance(value, bool) or isinstance(literal, bool):
        return isinstance(value, bool) and isinstance(literal, bool)
    return isinstance(value, str) == isinstance(literal, str)


def _equal(value: Any, literal: Literal) -> bool:
    """Equality as SOQL has it: texts without case, an empty text is null."""
    if isinstance(value, str) and isinstance(literal, str):
        return value.casefold() == literal.casefold()
    return bool(value == (None if literal == "" else literal))


def _order(value: Any) -> tuple[bool, float, str]:
    """Nulls first, then numbers, then texts without case."""
    if isinstance(value, int | float):
        return True, float(value), ""
    return value is not None, 0.0, str(value).casefold()

"""Makes rows of records: Salesforce's `attributes` go, names are spelt as the mapping spells them, gaps are None."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Shape: TypeAlias = dict[str, tuple[str, "Shape"]]
"""Names without case to the mapping's spelling and, for a relationship, what is read of it."""


def shape_of(columns: Iterable[str]) -> Shape:
    """The shape of rows with such columns; dots lead over relationships."""
    shape: Shape = {}
    for column in columns:
        level = shape
        for part in column.split("."):
            level = level.setdefault(part.casefold(), (part, {}))[1]
    return shape


def to_row(record: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """A record as a row: all of the shape's names, and whatever else came."""
    row: dict[str, Any] = {name: None for name, _ in shape.values()}
    for key, value in record.items():
        if key == "attributes":
            continue
        name, part = shape.get(key.casefold(), (key, {}))
        row[name] = to_row(value, part) if isinstance(value, dict) else value
    return row

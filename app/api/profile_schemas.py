"""Schemas as OpenAPI 3.0 and integration platforms take them: named, flat, without unions, maps and enumerations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.api.profile_rules import SCALARS, references

_PREFIX = "#/components/schemas/"
_KEPT = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern", "format")
_NUMBERS = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))
_MOST_WORDS = 1_200


class UnsupportedSchemaError(Exception):
    """A published schema has no flat form: its model must change."""


def flat_components(components: Mapping[str, Any], used: set[str]) -> dict[str, Any]:
    """The named schemas that `used` leads to, each flat."""
    flat: dict[str, Any] = {}
    waiting = sorted(used)
    while waiting:
        name = waiting.pop(0).removeprefix(_PREFIX)
        if name not in flat:
            flat[name] = flat_object(components[name], name)
            waiting += sorted(references(flat[name]))
    return dict(sorted(flat.items()))


def flat_object(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A named schema whose properties are references, lists or scalars; a map is left out, and it says so.

    Raises:
        UnsupportedSchemaError: A property is a union of different types, or a nested anonymous list or object.
    """
    properties, left_out = {}, []
    for key, value in schema.get("properties", {}).items():
        if _is_map(value):
            left_out.append(key)
        else:
            properties[key] = flat_value(value, f"{name}.{key}")
    if not properties:
        raise UnsupportedSchemaError(f"{name} has no properties that can be shown.")
    description = " ".join(str(schema.get("description", "")).split())
    if left_out:
        description = f"{description} In the answer, but not described here: {', '.join(left_out)}.".strip()
    required = [key for key in schema.get("required", ()) if key in properties]
    return {
        "type": "object",
        **({"description": description[:_MOST_WORDS]} if description else {}),
        **({"required": required} if required else {}),
        "properties": properties,
    }


def flat_value(schema: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A property, parameter or list item: a reference, a list of them, or a scalar.

    Raises:
        UnsupportedSchemaError: It is none of these.
    """
    chosen = _one_of(schema, where)
    if "$ref" in chosen:
        return {"$ref": chosen["$ref"]}
    if chosen.get("type") == "array":
        return _described({"type": "array", "items": _item(chosen.get("items", {}), where)}, schema)
    if chosen.get("type") not in SCALARS:
        raise UnsupportedSchemaError(f"{where} is neither a reference, nor a list, nor a scalar.")
    flat = {"type": chosen["type"], **{key: chosen[key] for key in _KEPT if key in chosen}}
    for exclusive, plain in _NUMBERS:
        if exclusive in chosen:
            flat |= {plain: chosen[exclusive], exclusive: True}
    if flat["type"] == "number":
        flat.setdefault("format", "double")
    default = schema.get("default", chosen.get("default"))
    if isinstance(default, str | int | float):
        flat["default"] = default
    example = next(iter(schema.get("examples", ())), None)
    if example is not None:
        flat["example"] = example
    return _described(flat, schema, words=chosen.get("enum", ()))


def _item(schema: Mapping[str, Any], where: str) -> dict[str, Any]:
    item = flat_value(schema, f"{where}[]")
    if item.get("type") == "array":
        raise UnsupportedSchemaError(f"{where} is a list of anonymous lists.")
    item.pop("description", None)
    return item


def _one_of(schema: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The schema without its union: of null and another type, or of words of one type."""
    if "const" in schema:
        return {"type": schema.get("type", "string"), "enum": [schema["const"]]}
    if isinstance(kinds := schema.get("type"), list):
        schema = {**schema, "type": next((kind for kind in kinds if kind != "null"), "null")}
    for key in ("anyOf", "oneOf", "allOf"):
        if key not in schema:
            continue
        parts = [_one_of(part, where) for part in schema[key] if part.get("type") != "null"]
        if len(parts) == 1:
            return parts[0]
        if len({part.get("type") for part in parts}) != 1 or not all(part.get("enum") for part in parts):
            raise UnsupportedSchemaError(f"{where} is a union of different types.")
        return {"type": parts[0]["type"], "enum": [word for part in parts for word in part["enum"]]}
    return dict(schema)


def _is_map(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "object" and "properties" not in schema


def _described(flat: dict[str, Any], schema: Mapping[str, Any], *, words: Any = ()) -> dict[str, Any]:
    description = " ".join([*_sentences(schema, words)])
    return {**flat, "description": description} if description else flat


def _sentences(schema: Mapping[str, Any], words: Any) -> Iterator[str]:
    if text := " ".join(str(schema.get("description", "")).split()):
        yield text if text.endswith((".", "?", "!")) else f"{text}."
    if shown := [str(word) for word in words if word != ""]:
        empty = ", or empty" if len(shown) < len(words) else ""
        yield f"One of: {', '.join(shown)}{empty}."

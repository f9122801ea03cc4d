"""Gives names to objects that a schema holds in place, so that generated code names them too."""

from __future__ import annotations

from typing import Any


def name_objects(schemas: dict[str, Any]) -> None:
    """Move each titled object out of the property that holds it, into a schema of its own."""
    waiting = list(schemas)
    while waiting:
        for held in _held_objects(schemas[waiting.pop()]):
            name = held["title"]
            if name not in schemas:
                schemas[name] = dict(held)
                waiting.append(name)
            held.clear()
            held["$ref"] = f"#/components/schemas/{name}"


def _held_objects(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        held
        for held in schema.get("properties", {}).values()
        if held.get("type") == "object" and "properties" in held and "title" in held
    ]

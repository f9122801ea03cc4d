"""The rules of the OpenAPI 3.0 profile, and how published schemas become flat."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from app.api.named_schemas import name_objects
from app.api.profile import profile_of
from app.api.profile_rules import LONGEST_DESCRIPTION, LONGEST_DOCUMENT, broken_rules
from app.api.profile_schemas import UnsupportedSchemaError, flat_components, flat_object, flat_value

GOOD: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "T", "version": "1"},
    "servers": [{"url": "https://baton.example"}],
    "paths": {
        "/v1/things/{thing_id}": {
            "post": {
                "operationId": "changeThing",
                "parameters": [
                    {
                        "name": "thing_id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                        "example": "t1",
                    },
                    {
                        "name": "Idempotency-Key",
                        "in": "header",
                        "required": False,
                        "schema": {"type": "string"},
                        "example": "k1",
                    },
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}, "example": {"name": "n"}}
                    }
                },
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Thing"},
                                "example": {"name": "n"},
                            }
                        },
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
                },
            },
            "Part": {"type": "object", "properties": {"size": {"type": "integer"}}},
        }
    },
}

Change = Callable[[dict[str, Any]], Any]


def operation(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/v1/things/{thing_id}"]["post"]
    return found


def thing(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]["Thing"]
    return found


def answer(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = operation(document)["responses"]["200"]
    return found


def renamed(mapping: dict[str, Any], old: str, new: str) -> None:
    mapping[new] = mapping.pop(old)


BREACHES: dict[str, tuple[Change, str]] = {
    "another version": (lambda d: d.update(openapi="3.1.0"), "#/openapi"),
    "two servers": (lambda d: d["servers"].append({"url": "/"}), "#/servers"),
    "too large": (lambda d: d["info"].update(description="x" * LONGEST_DOCUMENT), "characters are more than"),
    "no operation id": (lambda d: operation(d).pop("operationId"), "operationId"),
    "an operation id with a dash": (lambda d: operation(d).update(operationId="change-thing"), "operationId"),
    "an operation id twice": (
        lambda d: d["paths"].update({"/v1/b": {"get": copy.deepcopy(operation(d))}}),
        "2 operations are called 'changeThing'",
    ),
    "callbacks": (lambda d: operation(d).update(callbacks={}), "callbacks"),
    "a cookie parameter": (lambda d: operation(d)["parameters"][0].update({"in": "cookie"}), "parameters/0/in"),
    "a parameter name with a dash": (
        lambda d: operation(d)["parameters"][0].update(name="thing-id"),
        "parameters/0/name",
    ),
    "a reserved header": (lambda d: operation(d)["parameters"][1].update(name="Authorization"), "belongs to"),
    "a list as a parameter": (
        lambda d: operation(d)["parameters"][0].update(schema={"type": "array", "items": {"type": "string"}}),
        "must be a scalar",
    ),
    "a parameter without example": (lambda d: operation(d)["parameters"][0].pop("example"), "needs an example"),
    "a request that is no JSON": (
        lambda d: renamed(operation(d)["requestBody"]["content"], "application/json", "application/x-ndjson"),
        "requestBody/content: must be application/json",
    ),
    "an answer in two media types": (
        lambda d: answer(d)["content"].update({"text/csv": answer(d)["content"]["application/json"]}),
        "responses/200/content",
    ),
    "an answer's anonymous schema": (
        lambda d: answer(d)["content"]["application/json"].update(schema={"type": "object"}),
        "must be a reference to a named schema",
    ),
    "an answer without example": (
        lambda d: answer(d)["content"]["application/json"].pop("example"),
        "responses/200/content/application/json: needs an example",
    ),
    "no success": (lambda d: renamed(operation(d)["responses"], "200", "404"), "none of them is a success"),
    "response headers": (lambda d: answer(d).update(headers={"Retry-After": {}}), "say it in the body"),
    "a schema that is no object": (lambda d: thing(d).update(type="string"), "must be an object with properties"),
    "a schema name with a dash": (
        lambda d: renamed(d["components"]["schemas"], "Part", "Part-Input"),
        "the name must be",
    ),
    "a property name that ends in _": (lambda d: renamed(thing(d)["properties"], "name", "name_"), "properties/name_"),
    "an anonymous object": (
        lambda d: thing(d)["properties"].update(x={"type": "object", "properties": {"y": {"type": "string"}}}),
        "must be a reference, a list or a scalar",
    ),
    "a list of anonymous lists": (
        lambda d: thing(d)["properties"].update(
            x={"type": "array", "items": {"type": "array", "items": {"type": "string"}}}
        ),
        "items: must be a reference or a scalar",
    ),
    "a list of anonymous objects": (
        lambda d: thing(d)["properties"].update(x={"type": "array", "items": {"type": "object"}}),
        "items: must be a reference or a scalar",
    ),
    "something beside a reference": (
        lambda d: thing(d)["properties"].update(x={"$ref": "#/components/schemas/Part", "description": "x"}),
        "nothing may stand beside $ref",
    ),
    "two types": (lambda d: thing(d)["properties"]["name"].update(type=["string", "null"]), "must be one type"),
    "a null default": (lambda d: thing(d)["properties"]["name"].update(default=None), "must not be null"),
    "a dangling reference": (
        lambda d: thing(d)["properties"].update(x={"$ref": "#/components/schemas/Nobody"}),
        "Nobody: does not exist",
    ),
    "an unused schema": (
        lambda d: d["components"]["schemas"].update(Spare={"type": "object", "properties": {"a": {"type": "string"}}}),
        "Spare: is not used",
    ),
    "a long description": (lambda d: thing(d).update(description="x" * (LONGEST_DESCRIPTION + 1)), "description"),
    **{
        keyword: (
            lambda d, keyword=keyword: thing(d)["properties"]["name"].update({keyword: {}}),  # type: ignore[misc]
            f"name/{keyword}: is not supported",
        )
        for keyword in (
            *("anyOf", "oneOf", "allOf", "not", "discriminator", "const", "prefixItems", "$defs"),
            *("additionalProperties", "patternProperties", "nullable", "enum", "examples"),
        )
    },
}


def test_a_good_document_keeps_every_rule() -> None:
    assert broken_rules(GOOD) == []


@pytest.mark.parametrize("name", BREACHES)
def test_each_rule_finds_its_breach(name: str) -> None:
    change, expected = BREACHES[name]
    document = copy.deepcopy(GOOD)
    change(document)
    assert any(expected in breach for breach in broken_rules(document)), broken_rules(document)


@pytest.mark.parametrize(
    ("published", "flat"),
    [
        ({"type": "string", "title": "T", "const": "a"}, {"type": "string", "description": "One of: a."}),
        (
            {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None, "description": "How many"},
            {"type": "integer", "description": "How many."},
        ),
        (
            {"anyOf": [{"enum": ["a", "b"], "type": "string"}, {"const": "", "type": "string"}], "default": ""},
            {"type": "string", "default": "", "description": "One of: a, b, or empty."},
        ),
        ({"type": ["boolean", "null"]}, {"type": "boolean"}),
        (
            {"type": "number", "exclusiveMinimum": 0, "maximum": 8},
            {"type": "number", "format": "double", "minimum": 0, "exclusiveMinimum": True, "maximum": 8},
        ),
        ({"$ref": "#/components/schemas/A", "description": "x", "default": {}}, {"$ref": "#/components/schemas/A"}),
        (
            {"type": "array", "default": [], "items": {"type": "string", "description": "x"}},
            {"type": "array", "items": {"type": "string"}},
        ),
        ({"type": "string", "examples": ["a", "b"]}, {"type": "string", "example": "a"}),
    ],
    ids=["constant", "nullable", "words", "two types", "bounds", "reference", "list", "examples"],
)
def test_a_published_schema_becomes_flat(published: dict[str, Any], flat: dict[str, Any]) -> None:
    assert flat_value(published, "X.y") == flat


@pytest.mark.parametrize(
    "published",
    [
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/A"}]},
        {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {},
    ],
    ids=["two types", "text or object", "lists in a list", "anonymous object", "anything"],
)
def test_a_schema_without_a_flat_form_is_refused(published: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedSchemaError, match=r"X\.y"):
        flat_value(published, "X.y")


def test_a_map_is_left_out_and_the_description_says_so() -> None:
    counts = {"type": "object", "additionalProperties": {"type": "integer"}}
    schema = {
        "description": "Sums.",
        "required": ["all", "why"],
        "properties": {"all": {"type": "integer"}, "why": counts},
    }
    flat = flat_object(schema, "Totals")
    assert list(flat["properties"]) == ["all"]
    assert flat["required"] == ["all"]
    assert flat["description"] == "Sums. In the answer, but not described here: why."


def test_an_object_held_in_place_gets_a_name() -> None:
    held = {"title": "Payload", "type": "object", "properties": {"size": {"type": "integer"}}}
    schemas: dict[str, Any] = {"Ask": {"type": "object", "properties": {"payload": dict(held)}}}
    name_objects(schemas)
    assert schemas["Ask"]["properties"] == {"payload": {"$ref": "#/components/schemas/Payload"}}
    assert schemas["Payload"] == held


def test_only_schemas_in_use_are_kept() -> None:
    schemas = {name: thing(GOOD) for name in ("Thing", "Spare")} | {"Part": GOOD["components"]["schemas"]["Part"]}
    assert list(flat_components(schemas, {"#/components/schemas/Thing"})) == ["Part", "Thing"]


def test_the_profile_holds_v1_alone_and_no_stream() -> None:
    published = copy.deepcopy(GOOD)
    item = published["paths"]["/v1/things/{thing_id}"]
    item["post"]["responses"]["200"]["headers"] = {"Retry-After": {}}
    published["paths"]["/churn/invoke"] = copy.deepcopy(item)
    stream = copy.deepcopy(item)
    stream["post"]["responses"]["200"]["content"] = {"text/event-stream": {}}
    published["paths"]["/v1/things/{thing_id}/events"] = stream
    profile = profile_of(published, "https://baton.example")
    assert list(profile["paths"]) == ["/v1/things/{thing_id}"]
    assert broken_rules(profile) == []

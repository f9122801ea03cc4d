"""What an OpenAPI 3.0 document must keep to so that Salesforce External Services, Flow and API managers take it.

Source:
    Salesforce Help: "Schema Definitions", "Naming and Description Conventions", "System Limits" and
    "OpenAPI 2.0 and 3.0 Support" of External Services; docs/guides/openapi.md says what was left out for them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

VERSION = "3.0.3"
LONGEST_DOCUMENT = 1_000_000
"""A tenth of what Salesforce takes as JSON, and under the property buffers of MuleSoft's connectors, in characters."""

LONGEST_DESCRIPTION = 1_333
LONGEST_NAME = 80
METHODS = ("get", "put", "post", "delete", "patch")
SCALARS = ("string", "integer", "number", "boolean")
UNSUPPORTED = frozenset(
    {"anyOf", "oneOf", "allOf", "not", "discriminator", "if", "then", "else", "const", "prefixItems", "$defs"}
    | {"patternProperties", "additionalProperties", "propertyNames", "unevaluatedProperties", "dependentSchemas"}
    | {"contains", "examples", "$schema", "$id", "nullable", "enum"}
)
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")
_OPERATION = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_RESERVED_HEADERS = {"authorization", "cookie", "set-cookie", "content-length", "content-type", "accept"}
_REFERENCE = "#/components/schemas/"


def broken_rules(document: Mapping[str, Any]) -> list[str]:
    """Every breach as `where: what`; an empty list where there is none."""
    return [
        *_envelope(document),
        *_operations(document),
        *_components(document),
        *_references(document),
        *_descriptions(document, "#"),
    ]


def _envelope(document: Mapping[str, Any]) -> Iterator[str]:
    if document.get("openapi") != VERSION:
        yield f"#/openapi: must be {VERSION}"
    size = len(json.dumps(document, ensure_ascii=False))
    if size > LONGEST_DOCUMENT:
        yield f"#: {size:,} characters are more than {LONGEST_DOCUMENT:,}"
    if len(document.get("servers", ())) != 1:
        yield "#/servers: must name one server"
    ids = Counter(str(operation.get("operationId", "")) for _, operation in operations(document))
    for operation_id, times in ids.items():
        if times > 1:
            yield f"#/paths: {times} operations are called {operation_id!r}"


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The operations with their places."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield f"#/paths/{path}/{method}", item[method]


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    for where, operation in operations(document):
        name = str(operation.get("operationId", ""))
        if not _OPERATION.fullmatch(name) or len(name) > LONGEST_NAME:
            yield f"{where}/operationId: must be short, of letters and digits, a letter first"
        for key in ("callbacks", "servers", "deprecated"):
            if key in operation:
                yield f"{where}/{key}: is not supported"
        for position, parameter in enumerate(operation.get("parameters", ())):
            yield from _parameter(parameter, f"{where}/parameters/{position}")
        if "requestBody" in operation:
            yield from _content(operation["requestBody"], f"{where}/requestBody", needed=True)
        answers = operation.get("responses", {})
        if not any(str(status).startswith("2") for status in answers):
            yield f"{where}/responses: none of them is a success"
        for status, answer in answers.items():
            if "headers" in answer:
                yield f"{where}/responses/{status}/headers: platforms do not see them; say it in the body"
            yield from _content(answer, f"{where}/responses/{status}", needed=status != "204")


def _parameter(parameter: Mapping[str, Any], where: str) -> Iterator[str]:
    name, place = str(parameter.get("name", "")), parameter.get("in")
    if place not in ("path", "query", "header"):
        yield f"{where}/in: must be path, query or header"
    if not (_HEADER if place == "header" else _IDENTIFIER).fullmatch(name):
        yield f"{where}/name: must be of letters, digits and single underscores, a letter first"
    if place == "header" and name.lower() in _RESERVED_HEADERS:
        yield f"{where}/name: {name} belongs to the platform"
    schema = parameter.get("schema", {})
    if schema.get("type") not in SCALARS:
        yield f"{where}/schema: must be a scalar"
    yield from _keywords(schema, f"{where}/schema")
    if "example" not in parameter and "example" not in schema and "default" not in schema:
        yield f"{where}: needs an example"


def _content(holder: Mapping[str, Any], where: str, *, needed: bool) -> Iterator[str]:
    content = holder.get("content", {})
    if needed and set(content) != {"application/json"}:
        yield f"{where}/content: must be application/json alone"
    for media, body in content.items():
        if set(body.get("schema", {})) != {"$ref"}:
            yield f"{where}/content/{media}/schema: must be a reference to a named schema"
        if needed and "example" not in body:
            yield f"{where}/content/{media}: needs an example"


def _components(document: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        where = f"#/components/schemas/{name}"
        if not _IDENTIFIER.fullmatch(name) or len(name) > LONGEST_NAME:
            yield f"{where}: the name must be of letters, digits and single underscores, a letter first"
        if schema.get("type") != "object" or not schema.get("properties"):
            yield f"{where}: must be an object with properties"
        yield from _keywords(schema, where)
        for key, value in schema.get("properties", {}).items():
            if not _IDENTIFIER.fullmatch(key) or len(key) > LONGEST_NAME:
                yield f"{where}/properties/{key}: the name must be of letters, digits and single underscores"
            yield from _property(value, f"{where}/properties/{key}")


def _property(schema: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _keywords(schema, where)
    if "$ref" in schema:
        if len(schema) > 1:
            yield f"{where}: nothing may stand beside $ref"
    elif schema.get("type") == "array":
        items = schema.get("items", {})
        if set(items) != {"$ref"} and items.get("type") not in SCALARS:
            yield f"{where}/items: must be a reference or a scalar"
        yield from _keywords(items, f"{where}/items")
    elif schema.get("type") not in SCALARS:
        yield f"{where}: must be a reference, a list or a scalar"


def _keywords(schema: Mapping[str, Any], where: str) -> Iterator[str]:
    for key in sorted(UNSUPPORTED & schema.keys()):
        yield f"{where}/{key}: is not supported"
    if isinstance(schema.get("type"), list):
        yield f"{where}/type: must be one type"
    if "default" in schema and schema["default"] is None:
        yield f"{where}/default: must not be null"


def _references(document: Mapping[str, Any]) -> Iterator[str]:
    known = document.get("components", {}).get("schemas", {})
    used = set(references(document))
    for reference in sorted(used):
        if not reference.startswith(_REFERENCE) or reference.removeprefix(_REFERENCE) not in known:
            yield f"{reference}: does not exist"
    for name in sorted(known):
        if _REFERENCE + name not in used:
            yield f"{_REFERENCE}{name}: is not used"


def references(node: Any) -> Iterator[str]:
    """Every `$ref` below a node."""
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def _descriptions(node: Any, where: str) -> Iterator[str]:
    if isinstance(node, Mapping):
        text = node.get("description")
        if isinstance(text, str) and len(text) > LONGEST_DESCRIPTION:
            yield f"{where}/description: {len(text):,} characters are more than {LONGEST_DESCRIPTION:,}"
        for key, value in node.items():
            yield from _descriptions(value, f"{where}/{key}")
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from _descriptions(value, f"{where}/{position}")

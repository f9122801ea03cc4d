"""The OpenAPI 3.0 profile: what integration platforms import, made from the 3.1 document.

It holds the JSON operations of `/v1`; docs/guides/openapi.md says what is left out and why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from app.api.profile_rules import METHODS, VERSION, references
from app.api.profile_schemas import UnsupportedSchemaError, flat_components, flat_value
from app.api.server_address import server_of

PATH = "/openapi-3.0.json"
PROFILE = "external-services"
AGENT_ACTIONS = ("startChurnRun", "getRun", "listRunAccounts", "listDrafts", "getDraft")
"""The operations that Agentforce may use as actions; none of them sends anything."""

USER_INPUT = ("ChurnRunRequest", "ChurnRequest")
"""The schemas that a person's words go into."""

TOPIC = {
    "name": "Customer_retention",
    "classificationDescription": "Questions about customers who may leave: who is at risk, why, and what to do next.",
    "scope": "Ask Baton, wait for its run to end, and show the accounts, their reasons and the drafts that wait.",
    "instructions": [
        "Start a run with the person's question in their own words.",
        "While a run is queued or running, ask for it again after retry_after_seconds.",
        "Show accounts in the order in which they come, with probability, reasons and next steps.",
        "Say that every draft waits for a person's approval; nothing is sent by asking.",
    ],
}
_JSON, _PROBLEM = "application/json", "application/problem+json"


def profile_of(document: Mapping[str, Any], server: str) -> dict[str, Any]:
    """The profile of a 3.1 document, for a service at `server` (such as https://baton.example.com).

    Raises:
        UnsupportedSchemaError: A published model has no flat form.
    """
    paths: dict[str, Any] = {}
    for path, method, operation in platform_operations(document):
        paths.setdefault(path, {})[method] = _operation(operation)
    components = document["components"]
    return {
        "openapi": VERSION,
        "info": {**document["info"], "title": "Baton", "description": _about(document)},
        "servers": [{"url": server}],
        "tags": [tag for tag in document.get("tags", ()) if tag["name"] in set(_tags(paths))],
        "security": document.get("security", []),
        "paths": paths,
        "components": {
            "schemas": _schemas(components["schemas"], paths),
            "securitySchemes": components.get("securitySchemes", {}),
        },
        "x-sfdc": {"agent": {"topic": TOPIC}},
    }


def profile_text(document: Mapping[str, Any], server: str) -> str:
    """The profile as it is served and printed, byte for byte."""
    return json.dumps(profile_of(document, server), indent=2, ensure_ascii=False) + "\n"


def add_profile_route(app: FastAPI) -> None:
    """Serve the profile at `/openapi-3.0.json`, with the address at which it was asked for."""

    async def profile(request: Request) -> Response:
        return Response(profile_text(app.openapi(), server_of(request)), media_type=_JSON)

    app.add_api_route(PATH, profile, methods=["GET"], include_in_schema=False)


def platform_operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Path, method and operation of all that a platform calls: `/v1`, answered with JSON or with nothing."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if path.startswith("/v1/") and method in item and _answers_json(item[method]):
                yield path, method, item[method]


def _schemas(components: Mapping[str, Any], paths: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas in use; those that an agent asks for or shows say so."""
    schemas = flat_components(components, set(references(paths)))
    shown = {
        reference
        for item in paths.values()
        for operation in item.values()
        if operation["operationId"] in AGENT_ACTIONS
        for reference in references(_success(operation))
    }
    marks = dict.fromkeys(flat_components(components, shown), "isDisplayable") | dict.fromkeys(
        USER_INPUT, "isUserInput"
    )
    for name, mark in marks.items():
        if name in schemas:
            schemas[name]["x-sfdc"] = {"agent": {"action": {mark: True}}}
    return schemas


def _success(operation: Mapping[str, Any]) -> list[Any]:
    return [answer for status, answer in operation["responses"].items() if status.startswith("2")]


def _answers_json(operation: Mapping[str, Any]) -> bool:
    return all(set(answer.get("content", {})) <= {_JSON} for answer in _success(operation))


def _operation(operation: Mapping[str, Any]) -> dict[str, Any]:
    name = operation["operationId"]
    kept: dict[str, Any] = {
        "operationId": name,
        "summary": operation.get("summary", ""),
        "description": " ".join(operation.get("description", operation.get("summary", "")).split()),
        "tags": operation.get("tags", []),
    }
    if parameters := [_parameter(parameter, name) for parameter in operation.get("parameters", ())]:
        kept["parameters"] = parameters
    if "requestBody" in operation:
        body = operation["requestBody"]["content"].get(_JSON)
        if body is None:
            raise UnsupportedSchemaError(f"{name} takes no JSON.")
        kept["requestBody"] = {"required": True, "content": {_JSON: _media(body)}}
    kept["responses"] = {status: _response(answer) for status, answer in operation["responses"].items()}
    if "security" in operation:
        kept["security"] = operation["security"]
    if name in AGENT_ACTIONS:
        kept["x-sfdc"] = {"agent": {"action": {"publishAsAgentAction": True}}}
    return kept


def _parameter(parameter: Mapping[str, Any], operation: str) -> dict[str, Any]:
    schema = flat_value(parameter["schema"], f"{operation}.{parameter['name']}")
    description = schema.pop("description", "")
    kept = {
        "name": parameter["name"],
        "in": parameter["in"],
        "required": parameter.get("required", False),
        "description": parameter.get("description", "") or description,
        "schema": schema,
    }
    example = schema.pop("example", _example(parameter))
    return kept if example is None else {**kept, "example": example}


def _response(answer: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {"description": answer["description"]}
    body = answer.get("content", {}).get(_JSON) or answer.get("content", {}).get(_PROBLEM)
    return {**kept, "content": {_JSON: _media(body)}} if body else kept


def _media(body: Mapping[str, Any]) -> dict[str, Any]:
    example = _example(body)
    return {"schema": body["schema"]} if example is None else {"schema": body["schema"], "example": example}


def _example(holder: Mapping[str, Any]) -> Any:
    if "example" in holder:
        return holder["example"]
    return next((named["value"] for named in holder.get("examples", {}).values()), None)


def _tags(paths: Mapping[str, Any]) -> Iterator[str]:
    for item in paths.values():
        for operation in item.values():
            yield from operation["tags"]


def _about(document: Mapping[str, Any]) -> str:
    about = document["info"].get("description", "")
    return f"{about} Errors have the media type application/problem+json and are JSON as described.".strip()

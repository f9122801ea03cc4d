"""The OpenAPI document: FastAPI's own, with the LangServe routes that it does not see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import models_json_schema

from chains.registry import Workflow

_REFERENCE = "#/components/schemas/{model}"


class RunConfigurable(BaseModel):
    """What a caller may configure."""

    thread_id: str = Field("", description="Questions with the same id are one conversation; empty starts a new one.")


class RunConfig(BaseModel):
    """A run's configuration."""

    configurable: RunConfigurable = RunConfigurable()


class InvokeMetadata(BaseModel):
    """LangServe's own run id."""

    run_id: str = ""


class ProblemError(BaseModel):
    """Where a request is wrong, as a JSON pointer, and what is expected there."""

    pointer: str
    message: str


class ProblemDetails(BaseModel):
    """RFC 9457: what went wrong and what to do; `code` is stable."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    correlation_id: str
    errors: list[ProblemError]


def openapi_of(app: FastAPI, workflows: Mapping[str, Workflow]) -> Callable[[], dict[str, Any]]:
    """A function that gives the document, made once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            base = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            for workflow in workflows.values():
                _add_workflow(base, workflow)
            app.openapi_schema = base
        return app.openapi_schema

    return document


def _add_workflow(base: dict[str, Any], workflow: Workflow) -> None:
    title = workflow.name.title()
    request, report = workflow.request_type, workflow.report_type
    models = {
        "invoke": (
            create_model(f"{title}InvokeRequest", input=(request, ...), config=(RunConfig, RunConfig())),
            create_model(f"{title}InvokeResponse", output=(report, ...), metadata=(InvokeMetadata, ...)),
        ),
        "batch": (
            create_model(f"{title}BatchRequest", inputs=(list[request], ...), config=(RunConfig, RunConfig())),  # type: ignore[valid-type]
            create_model(f"{title}BatchResponse", output=(list[report], ...)),  # type: ignore[valid-type]
        ),
    }
    wanted = [
        (model, mode)
        for asked, answered in models.values()
        for model, mode in ((asked, "validation"), (answered, "serialization"))
    ]
    names, definitions = models_json_schema([*wanted, (ProblemDetails, "serialization")], ref_template=_REFERENCE)  # type: ignore[list-item]
    base.setdefault("components", {}).setdefault("schemas", {}).update(definitions["$defs"])
    for route, (asked, answered) in models.items():
        base["paths"][f"/{workflow.name}/{route}"] = {
            "post": {
                "tags": [workflow.name],
                "operationId": f"{workflow.name}{route.title()}",
                "summary": f"Answer {'one request' if route == 'invoke' else 'several requests, each on its own'}",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": names[(asked, "validation")]}},
                },
                "responses": {
                    "200": _answer("The report", "application/json", names[(answered, "serialization")]),
                    "default": _answer(
                        "A problem", "application/problem+json", names[(ProblemDetails, "serialization")]
                    ),
                },
            }
        }


def _answer(description: str, media: str, schema: Any) -> dict[str, Any]:
    return {"description": description, "content": {media: {"schema": schema}}}

"""The LangServe operations of a workflow, which FastAPI does not see, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

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


def add_workflow(document: dict[str, Any], workflow: Workflow) -> None:
    """Add invoke and batch of a workflow, with their schemas."""
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
    names, definitions = models_json_schema(wanted, ref_template=_REFERENCE)  # type: ignore[arg-type]
    document.setdefault("components", {}).setdefault("schemas", {}).update(definitions["$defs"])
    for route, (asked, answered) in models.items():
        document["paths"][f"/{workflow.name}/{route}"] = {
            "post": {
                "tags": [workflow.name],
                "operationId": f"{workflow.name}{route.title()}",
                "summary": f"Answer {'one request' if route == 'invoke' else 'several requests, each on its own'}",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": names[(asked, "validation")]}},
                },
                "responses": {
                    "200": {
                        "description": "The report",
                        "content": {"application/json": {"schema": names[(answered, "serialization")]}},
                    }
                },
            }
        }

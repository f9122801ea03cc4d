"""The OpenAPI 3.1 document: FastAPI's own, with the LangServe routes that it does not see and what all routes share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.answers import complete
from app.api.examples import load_examples
from app.api.named_schemas import name_objects
from app.api.workflow_operations import add_workflow
from chains.registry import Workflow

_TAGS = {
    "runs": "Ask, poll, read the rows, cancel.",
    "payloads": "Check a payload, or upload a large one once and name it in questions.",
    "drafts": "The drafts that wait for a person.",
    "service": "Whether the service lives and is ready.",
}


def openapi_of(
    app: FastAPI, workflows: Mapping[str, Workflow], *, sign_in: bool = False
) -> Callable[[], dict[str, Any]]:
    """A function that gives the document, made once; `sign_in` says whether callers need a token."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            base = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            for workflow in workflows.values():
                add_workflow(base, workflow)
            name_objects(base["components"]["schemas"])
            complete(base, load_examples(), sign_in=sign_in)
            base["tags"] = [{"name": name, "description": text} for name, text in _TAGS.items()] + [
                {"name": name, "description": f"The {name} workflow by LangServe."} for name in workflows
            ]
            app.openapi_schema = base
        return app.openapi_schema

    return document

"""What `/v1` takes and gives about runs and payloads: named, flat where a platform reads it, and without null."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from app.api.answers import ProblemDetails
from chains.account_row import AccountRow
from chains.registry import Workflow

RunStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]


def _without_null_defaults(schema: dict[str, Any]) -> None:
    for field in schema.get("properties", {}).values():
        if field.get("default", "") is None:
            del field["default"]


def _absent(description: str) -> Any:
    """A field that is left out rather than null."""
    return Field(default=None, description=description)


class _Answer(BaseModel):
    model_config = ConfigDict(json_schema_extra=_without_null_defaults)


class RunHead(_Answer):
    """A run as it stands, without what it found."""

    run_id: str
    workflow: str
    status: RunStatus
    stage: str = Field("", description="What it is at, such as signals or draft.")
    done: int = Field(0, description="How many items of the stage are done.")
    total: int = Field(0, description="How many items the stage has.")
    created_at: str = Field("", description="ISO instant.")
    started_at: str = Field("", description="ISO instant; empty while it waits.")
    finished_at: str = Field("", description="ISO instant; empty until it has ended.")
    status_url: str = Field("", description="Where to ask for it again, on the same host.")
    retry_after_seconds: int = Field(0, description="After how many seconds to ask again; 0 once it has ended.")
    correlation_id: str = Field("", description="Of the request that started it.")
    thread_id: str = Field("", description="Its conversation; empty for a dry run.")
    dry_run: bool = False
    callback_status: str = Field("", description="pending, delivered or failed; empty where no callback was asked for.")
    result_omitted: bool = Field(False, description="Whether the result is too large here and stands at /report.")
    error: ProblemDetails = _absent("Why it failed; absent otherwise.")


class Run(RunHead):
    """A run of any workflow as it stands, with its report once it has succeeded."""

    result: dict[str, Any] = _absent("The workflow's report; absent until it has succeeded.")


class AccountPage(BaseModel):
    """A page of a run's accounts in the report's order; `next_cursor` is empty on the last one."""

    items: list[AccountRow]
    next_cursor: str = ""
    correlation_id: str = ""


class PayloadReceipt(BaseModel):
    """What became of an uploaded payload; accounts that cannot be read are set aside in every run on it."""

    payload_id: str
    received: int = Field(description="How many accounts came.")
    accepted: int = Field(description="How many of them can be read.")
    rejected: int = Field(description="How many cannot; payloads/check says why.")
    bytes: int = Field(description="Its size as JSON.")
    stored_at: str
    expires_at: str = Field(description="When it is forgotten unless it is sent again.")
    correlation_id: str


class RejectedRow(BaseModel):
    """An account that cannot be read, with a JSON pointer into the payload."""

    pointer: str
    account_id: str = ""
    message: str = ""


class PayloadFinding(BaseModel):
    """A defect of a payload; `scope` is "payload", a source's name or an account's id."""

    severity: str
    scope: str = ""
    message: str = ""
    count: int = 1


class PayloadCheck(BaseModel):
    """What a run would find in a payload; at most 1,000 of `rejected` are listed."""

    received: int
    accepted: int
    rejected: list[RejectedRow]
    data_quality: list[PayloadFinding]
    as_of: str = Field(description="The day it was judged for.")
    correlation_id: str


def run_request_model(workflow: Workflow) -> type[BaseModel]:
    """The typed request for a run of the workflow; a name that it does not know is an error, as it may be a typo."""
    title = workflow.name.title()
    return create_model(
        f"{title}RunRequest",
        __doc__=f"A question for the {workflow.name} workflow, and how to be told of its answer.",
        __config__=ConfigDict(extra="forbid", strict=True),
        input=(workflow.request_type, Field(default_factory=workflow.request_type)),
        thread_id=(
            str,
            Field("", description="Questions with the same id are one conversation; empty starts a new one."),
        ),
        wait_seconds=(
            float,
            Field(8.0, ge=0, description="How long to wait for the answer; the service's own limit is the most."),
        ),
        callback_url=(str, Field("", description="Where to send a signed notice of the run's end (https).")),
        dry_run=(bool, Field(False, description="Answer, and keep no payload, draft or conversation.")),
    )


def run_model(workflow: Workflow) -> type[BaseModel]:
    """A run of the workflow with its typed report."""
    title = workflow.name.title()
    return create_model(
        f"{title}Run",
        __doc__=f"A run of the {workflow.name} workflow as it stands, with its report once it has succeeded.",
        __base__=RunHead,
        result=(workflow.report_type, _absent("The report; absent until it has succeeded.")),
    )

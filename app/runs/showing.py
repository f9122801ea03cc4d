"""A run as callers see it: in answers, in events and in callbacks."""

from __future__ import annotations

from typing import Any

from app.runs.states import RunState

POLL_SECONDS = 2
"""After how long it is worth asking again for a run at work."""


def status_url(run_id: str) -> str:
    """Where a run's state is, on the host that was asked."""
    return f"/v1/runs/{run_id}"


def shown(state: RunState) -> dict[str, Any]:
    """The run without its result; `error` stands there only when it failed."""
    ended_well = state.status == "succeeded"
    fields: dict[str, Any] = {
        "run_id": state.run_id,
        "workflow": state.workflow,
        "status": state.status,
        "stage": "done" if ended_well else state.stage,
        "done": 1 if ended_well else state.done,
        "total": 1 if ended_well else state.total,
        "created_at": state.created_at,
        "started_at": state.started_at,
        "finished_at": state.finished_at,
        "status_url": status_url(state.run_id),
        "retry_after_seconds": POLL_SECONDS if state.in_work else 0,
        "correlation_id": state.correlation_id,
        "thread_id": state.thread_id,
        "dry_run": state.dry_run,
        "callback_status": state.callback.get("status", ""),
        "result_omitted": False,
    }
    if state.error:
        about = {"instance": fields["status_url"], "correlation_id": state.correlation_id}
        fields["error"] = {**state.error, **about}
    return fields

"""The states of runs as rows: announced, renewed while they are at work, and ended exactly once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from sqlalchemy import Connection, Row, insert, select, update

from app.runs.rows import IN_WORK
from app.store.database import now_text
from app.store.tables import runs

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True)
class RunState:
    """One run as it stands.

    Attributes:
        thread_id: Its conversation; "" for a dry run, which no conversation remembers.
        done, total: How far its stage has come.
        error: A problem (RFC 9457); empty where there is none.
        callback: Host, status, attempts and time of the notice of its end; empty where none was asked for.
        limits: The row-level limits it was asked under, as `app.security.row_limits` writes them.
    """

    run_id: str
    tenant: str
    person: str
    workflow: str
    correlation_id: str
    thread_id: str
    created_at: str
    client: str = ""
    as_of: str = ""
    status: Status = "queued"
    stage: str = ""
    done: int = 0
    total: int = 0
    started_at: str = ""
    heartbeat_at: str = ""
    finished_at: str = ""
    error: Mapping[str, Any] = field(default_factory=dict)
    callback: Mapping[str, Any] = field(default_factory=dict)
    limits: str = ""

    @property
    def in_work(self) -> bool:
        """Whether it may still change."""
        return self.status in IN_WORK

    @property
    def dry_run(self) -> bool:
        """Whether nothing but the run itself is kept."""
        return not self.thread_id


_COLUMNS = tuple(runs.c[name] for name in RunState.__dataclass_fields__)


def announce(connection: Connection, state: RunState) -> None:
    """Write a run that has not begun."""
    values = {**vars(state), "error": "", "callback": _text(state.callback), "payload_id": ""}
    connection.execute(insert(runs).values(**values))


def find(connection: Connection, run_id: str, *, tenant: str, person: str) -> RunState | None:
    """The person's run, or nothing."""
    query = select(*_COLUMNS).where(runs.c.run_id == run_id, runs.c.tenant == tenant, runs.c.person == person)
    row = connection.execute(query).first()
    return None if row is None else _state(row)


def end(
    connection: Connection,
    run_id: str,
    *,
    status: Status,
    error: Mapping[str, Any],
    now: dt.datetime,
    last: RunState | None = None,
) -> str:
    """End a run unless it has ended; when it did by this, else "". `last` is how it stood, where that is known."""
    row = update(runs).where(runs.c.run_id == run_id, runs.c.status.in_(IN_WORK))
    values = {"status": status, "error": _text(error), "finished_at": now_text(now)}
    progress = {} if last is None else _progress(last)
    return now_text(now) if connection.execute(row.values(**progress, **values)).rowcount else ""


def renew(connection: Connection, states: Sequence[RunState], now: dt.datetime) -> None:
    """Write how far these runs have come, and that they are being worked on."""
    for state in sorted(
        states, key=lambda state: state.run_id
    ):  # In one order, so that writers never wait in a circle.
        connection.execute(
            update(runs)
            .where(runs.c.run_id == state.run_id, runs.c.status.in_(IN_WORK))
            .values(status=state.status, heartbeat_at=now_text(now), **_progress(state))
        )


def given_up(connection: Connection, run_ids: Collection[str]) -> set[str]:
    """Which of these runs were cancelled or marked as failed."""
    query = select(runs.c.run_id).where(runs.c.run_id.in_(run_ids), runs.c.status.in_(("cancelled", "failed")))
    return set(connection.execute(query).scalars())


def abandon(connection: Connection, *, before: dt.datetime, error: Mapping[str, Any], now: dt.datetime) -> int:
    """Mark as failed what nobody has renewed since `before`; how many there were."""
    row = update(runs).where(runs.c.status.in_(IN_WORK), runs.c.heartbeat_at < now_text(before))
    values = {"status": "failed", "error": _text(error), "finished_at": now_text(now)}
    return int(connection.execute(row.values(**values)).rowcount)


def note_callback(connection: Connection, run_id: str, callback: Mapping[str, Any]) -> None:
    """Keep what became of the notice of a run's end."""
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(callback=_text(callback)))


def _progress(state: RunState) -> dict[str, Any]:
    return {"stage": state.stage[:40], "done": state.done, "total": state.total, "started_at": state.started_at}


def _state(row: Row[Any]) -> RunState:
    values = dict(row._mapping)
    values["status"] = cast(Status, values["status"])
    return RunState(**{**values, "error": _object(values["error"]), "callback": _object(values["callback"])})


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value) if value else ""


def _object(text: str) -> Mapping[str, Any]:
    return json.loads(text) if text else {}

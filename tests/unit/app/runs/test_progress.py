"""What watchers of a run see."""

from __future__ import annotations

import asyncio
import threading

from app.runs.progress import Live
from app.runs.states import RunState
from chains.context import Progress


def live() -> Live:
    return Live(RunState("run_1", "default", "local", "churn", "c", "t", "2026-11-20"))


async def test_progress_told_by_a_thread_wakes_a_watcher() -> None:
    run = live()
    watching = aiter(run.states())
    assert (await anext(watching)).stage == ""
    thread = threading.Thread(target=run.hear, args=(Progress("risk", 3, 4),))
    thread.start()
    state = await asyncio.wait_for(anext(watching), 10)
    thread.join()
    assert (state.stage, state.done, state.total) == ("risk", 3, 4)


async def test_a_watcher_that_was_slow_sees_the_last_state_and_no_more() -> None:
    run = live()
    watching = aiter(run.states())
    await anext(watching)
    for done in range(100):
        run.change(stage="risk", done=done)
    run.change(status="succeeded")
    assert [state.status async for state in watching] == ["succeeded"]


async def test_a_run_that_has_ended_changes_no_more() -> None:
    run = live()
    run.change(status="cancelled")
    run.change(status="succeeded", stage="package")
    assert (run.state.status, run.state.stage) == ("cancelled", "")
    await asyncio.wait_for(run.ended(60), 5)

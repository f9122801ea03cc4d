"""Runs work as tasks of this process: bounded, renewed while it lasts, and never left behind."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from app.errors import UnavailableError
from app.runs.progress import Live
from app.runs.register import Register
from app.runs.states import RunState

_LOG = logging.getLogger("baton.runs")
TICK_SECONDS = 0.5
"""How often states are written, and how soon a run that was cancelled by another process stops."""

HEARTBEAT_TICKS = 6
ABANDONED_AFTER = dt.timedelta(seconds=30)
INTERRUPTED = {
    "type": "urn:baton:problem:run_interrupted",
    "title": "The run was interrupted",
    "status": 503,
    "code": "run_interrupted",
    "detail": "The process that worked on it ended; ask again.",
    "errors": [],
}
_BUSY_SECONDS = 5

Work = Callable[[Live], Awaitable[None]]
"""Works on a run and leaves its row ended; the executor takes over what the row says."""


class Executor(Protocol):
    """Works on runs; what the desk needs of whatever does it."""

    def admit(self, state: RunState) -> Live:
        """Make room for a run.

        Raises:
            UnavailableError: Too many wait already.
        """
        ...

    def withdraw(self, run_id: str) -> None:
        """Give back the room of a run that is not to begin."""
        ...

    def start(self, live: Live, work: Work) -> None:
        """Begin the work of an admitted run."""
        ...

    def live(self, run_id: str) -> Live | None:
        """The run, while it is at work here."""
        ...

    def stop(self, run_id: str) -> None:
        """Give up the work of a run whose end is written."""
        ...


class TaskExecutor:
    """One asyncio task a run.

    Args:
        most: How many runs may be at work or wait.
        on_end: Hears of each run that has ended, unless the process ends too.
    """

    def __init__(self, register: Register, *, most: int, on_end: Callable[[RunState], None]) -> None:
        self._register = register
        self._most = most
        self._on_end = on_end
        self._runs: dict[str, Live] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ticking: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to write states; runs that a dead process left are marked as failed."""
        self._ticking = asyncio.create_task(self._tick())

    async def close(self) -> None:
        """End every run as interrupted."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
        self._on_end = lambda _state: None
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for live in list(self._runs.values()):  # A task that was cancelled before its first step did nothing.
            await self._settle(live)

    def admit(self, state: RunState) -> Live:
        """Make room for a run.

        Raises:
            UnavailableError: Too many wait already.
        """
        if len(self._runs) >= self._most:
            raise UnavailableError(
                "Too many runs are waiting; ask again later.", code="queue_full", retry_after_seconds=_BUSY_SECONDS
            )
        live = self._runs[state.run_id] = Live(state)
        return live

    def withdraw(self, run_id: str) -> None:
        """Give back the room of a run that is not to begin."""
        self._runs.pop(run_id, None)

    def start(self, live: Live, work: Work) -> None:
        """Begin the work of an admitted run."""
        self._tasks[live.state.run_id] = asyncio.create_task(self._run(live, work))

    def live(self, run_id: str) -> Live | None:
        """The run, while it is at work here."""
        return self._runs.get(run_id)

    def stop(self, run_id: str) -> None:
        """Give up the work of a run whose end is written."""
        if task := self._tasks.get(run_id):
            task.cancel()

    async def _run(self, live: Live, work: Work) -> None:
        try:
            await work(live)
            if live.state.in_work:
                await self._settle(live)
        except asyncio.CancelledError:
            await self._settle(live)
        except Exception as error:
            _LOG.error("A run ended without its end being written (%s).", type(error).__name__)
            await self._settle(live)
        finally:
            self._runs.pop(live.state.run_id, None)
            self._tasks.pop(live.state.run_id, None)
            if not live.state.in_work:
                self._on_end(live.state)

    async def _settle(self, live: Live) -> None:
        """Take over the end that the row has; one that has none was interrupted."""
        state = live.state
        try:
            await self._register.end(state.run_id, "failed", INTERRUPTED, state)
            row = await self._register.find(state, state.run_id)
        except SQLAlchemyError as error:
            _LOG.warning("The end of a run could not be written (%s); it will read as failed.", type(error).__name__)
            row = None
        if row is None:
            live.change(status="failed", error=INTERRUPTED)
        else:
            live.change(status=row.status, error=row.error, finished_at=row.finished_at)

    async def _tick(self) -> None:
        ticks = 0
        while True:
            try:
                if ticks % HEARTBEAT_TICKS == 0:
                    await self._renew(all_of_them=True)
                    await self._register.abandon(older=ABANDONED_AFTER, error=INTERRUPTED)
                else:
                    await self._renew(all_of_them=False)
            except SQLAlchemyError as error:
                _LOG.warning("The states of runs could not be written (%s); trying again.", type(error).__name__)
            ticks += 1
            await asyncio.sleep(TICK_SECONDS)

    async def _renew(self, *, all_of_them: bool) -> None:
        working = {run_id: self._runs[run_id] for run_id in self._tasks if run_id in self._runs}
        if not working:
            return
        changed = [live for live in working.values() if all_of_them or not live.is_written]
        for live in changed:
            live.is_written = True
        try:
            ended = await self._register.renew([live.state for live in changed], list(working))
        except SQLAlchemyError:
            for live in changed:
                live.is_written = False
            raise
        for run_id in ended:
            self.stop(run_id)

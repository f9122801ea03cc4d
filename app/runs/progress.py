"""A run at work in this process: its present state, and how to wait for the next one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from app.runs.states import RunState
from chains.context import Progress


class Live:
    """A run's present state, for any number of watchers; one that is slow misses states, never the last.

    Lives on one event loop; `hear` alone may be called from any thread.
    """

    def __init__(self, state: RunState) -> None:
        self._state = state
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._ended = asyncio.Event()
        self.report: bytes | None = None
        self.is_written = True

    @property
    def state(self) -> RunState:
        """How the run stands."""
        return self._state

    def change(self, **values: Any) -> None:
        """Take over what changed and wake who waits; a run that has ended changes no more."""
        if not self._state.in_work:
            return
        self._state = replace(self._state, **values)
        self.is_written = False
        self._changed.set()
        self._changed = asyncio.Event()
        if not self._state.in_work:
            self._ended.set()

    def hear(self, progress: Progress) -> None:
        """Take over a run's progress."""
        self._loop.call_soon_threadsafe(self._progress, progress)

    def _progress(self, progress: Progress) -> None:
        self.change(stage=progress.stage, done=progress.done, total=progress.total)

    async def ended(self, seconds: float) -> None:
        """Wait until the run has ended, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        except TimeoutError:
            return

    async def states(self) -> AsyncIterator[RunState]:
        """The present state at once, and every later one until the last."""
        while True:
            changed, state = self._changed, self._state
            yield state
            if not state.in_work:
                return
            if self._state is state:
                await changed.wait()

"""The desk: takes runs, tells how they stand, and ends them; an executor does the work."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import NotFoundError
from app.runs.callbacks import Notices
from app.runs.executor import ABANDONED_AFTER, INTERRUPTED, Executor, Work
from app.runs.progress import Live
from app.runs.register import Register
from app.runs.repeats import Repeat
from app.runs.requests import new_run_id, thread_id_of
from app.runs.service import Door, RunService
from app.runs.states import RunState
from app.security.principal import Principal
from app.security.row_limits import limits_text, sees
from app.store.database import now_text

_RUN_ID = re.compile(r"run_[0-9a-f]{24}")
_LOG = logging.getLogger("baton.runs")
_UNEXPECTED = 500
_LOOK_SECONDS = 0.25
_FOLLOW_SECONDS = 0.5


@dataclass(frozen=True)
class Order:
    """A run that somebody asks for.

    Attributes:
        thread_id: The conversation asked for; "" begins one.
        repeat: What makes the same request, sent again, the same run.
    """

    workflow: str
    request: Mapping[str, Any]
    principal: Principal
    correlation_id: str
    thread_id: str = ""
    dry_run: bool = False
    callback_url: str = ""
    repeat: Repeat | None = None


@dataclass(frozen=True)
class Taken:
    """The run that answers an order, and whether an earlier request had started it."""

    run_id: str
    replayed: bool = False


@dataclass(frozen=True)
class Seen:
    """How a run stands, with its report's JSON once it has succeeded."""

    state: RunState
    report: bytes | None = None


class Desk:
    """Runs of every workflow, for callers who poll, wait or watch.

    Args:
        services: What answers, by workflow.
        explain: Turns an error into a problem (RFC 9457) that is safe to show.
        most_accounts: How many accounts one payload may have.
    """

    def __init__(
        self,
        services: Mapping[str, RunService],
        register: Register,
        executor: Executor,
        notices: Notices,
        *,
        explain: Callable[[Exception], dict[str, Any]],
        most_accounts: int,
    ) -> None:
        self._services = services
        self._register = register
        self._executor = executor
        self._notices = notices
        self._explain = explain
        self._most_accounts = most_accounts

    async def take(self, order: Order) -> Taken:
        """Begin a run, or find the one that the order's key stands for; its row is there when this returns.

        Raises:
            AppError, ConnectorError: Why the order cannot be taken; there is no run then.
        """
        order.principal.require(f"{order.workflow}:run")
        if order.repeat is not None and (known := await self._standing(order.principal, order.repeat)):
            return Taken(known, replayed=True)
        callback = self._notices.ordered(order.callback_url) if order.callback_url else {}
        thread_id = thread_id_of(order.thread_id, pointer="/thread_id")
        service, door = self._services[order.workflow], _door(order)
        await service.accept(order.request, door, most_accounts=self._most_accounts)
        state = self._announced(order, "" if order.dry_run else thread_id, {} if order.dry_run else callback)
        live = self._executor.admit(state)
        try:
            standing = await self._register.announce(state, order.repeat)
        except BaseException:
            self._executor.withdraw(state.run_id)
            raise
        if standing != state.run_id:
            self._executor.withdraw(state.run_id)
            return Taken(standing, replayed=True)
        if state.callback:
            self._notices.expect(state.run_id, order.callback_url)
        self._executor.start(live, self._work(order, thread_id))
        return Taken(state.run_id)

    async def wait(self, principal: Principal, run_id: str, seconds: float) -> Seen:
        """How the run stands when it has ended, or when so many seconds are over.

        Raises:
            NotFoundError: There is no such run, or it is another's.
        """
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        while True:
            if (live := self._executor.live(run_id)) and _is_whose(live.state, principal):
                await live.ended(until - clock())
                return Seen(live.state, live.report or await self._report(principal, live.state))
            state = await self.state(principal, run_id)
            if not state.in_work or clock() >= until:
                return Seen(state, await self._report(principal, state))
            await asyncio.sleep(min(_LOOK_SECONDS, max(0.0, until - clock())))

    async def state(self, principal: Principal, run_id: str) -> RunState:
        """How the run stands; one that nobody works on any more is marked as failed first.

        Raises:
            NotFoundError: There is no such run, or it is another's.
        """
        state = await self._find(principal, run_id)
        live = self._executor.live(run_id)
        if live is not None:
            return live.state
        if state.in_work and state.heartbeat_at < now_text(self._register.now() - ABANDONED_AFTER):
            await self._register.end(run_id, "failed", INTERRUPTED)
            return await self._find(principal, run_id)
        return state

    async def states(self, principal: Principal, run_id: str) -> AsyncIterator[RunState]:
        """How the run stands, now and whenever it changes, up to its end.

        Raises:
            NotFoundError: There is no such run, or it is another's.
        """
        state = await self.state(principal, run_id)
        if (live := self._executor.live(run_id)) is not None:
            async for state in live.states():
                yield state
            return
        yield state
        while state.in_work:  # It is at work in another process: its row tells.
            await asyncio.sleep(_FOLLOW_SECONDS)
            before, state = state, await self.state(principal, run_id)
            if state != before:
                yield state

    async def report(self, principal: Principal, run_id: str) -> bytes:
        """The report's JSON of a run that succeeded.

        Raises:
            NotFoundError: There is no such run, or it has no report.
        """
        report = await self._report(principal, await self.state(principal, run_id))
        if report is None:
            raise NotFoundError("This run has no report; look at its status.", code="report_missing")
        return report

    async def cancel(self, principal: Principal, run_id: str) -> RunState:
        """End the run and keep nothing of it; one that has ended stays as it is.

        Raises:
            NotFoundError: There is no such run, or it is another's.
        """
        await self._find(principal, run_id)
        live = self._executor.live(run_id)
        last = live.state if live is not None else None
        if await self._register.end(run_id, "cancelled", {}, last) and live is not None:
            self._executor.stop(run_id)
            await live.ended(_LOOK_SECONDS)
        return await self._find(principal, run_id)

    async def _standing(self, principal: Principal, repeat: Repeat) -> str:
        """The run that the key stands for, or ""; a run whose process ended is begun again under its key."""
        known = await self._register.known(repeat)
        state = await self._register.find(principal, known) if known else None
        if state is not None and state.error.get("code") == INTERRUPTED["code"]:
            await self._register.release(repeat, known)
            return ""
        return known

    def _announced(self, order: Order, thread_id: str, callback: Mapping[str, Any]) -> RunState:
        now = now_text(self._register.now())
        return RunState(
            run_id=new_run_id(),
            tenant=order.principal.tenant,
            person=order.principal.person,
            client=order.principal.client,
            workflow=order.workflow,
            correlation_id=order.correlation_id,
            thread_id=thread_id,
            created_at=now,
            heartbeat_at=now,
            callback=callback,
            limits=limits_text(order.principal),
        )

    def _work(self, order: Order, thread_id: str) -> Work:
        async def work(live: Live) -> None:
            run_id = live.state.run_id
            door = _door(
                order,
                thread_id=thread_id,
                run_id=run_id,
                on_event=live.hear,
                on_start=lambda instant: live.change(status="running", started_at=instant),
            )
            try:
                answer = await self._services[order.workflow].answer(order.request, door)
            except Exception as error:
                problem = _within_input(self._explain(error))
                if problem["status"] == _UNEXPECTED:
                    _LOG.exception("run failed", extra={"correlation_id": order.correlation_id})
                if finished_at := await self._register.end(run_id, "failed", problem, live.state):
                    live.change(status="failed", error=problem, finished_at=finished_at)
            else:
                live.report = answer.body
                live.change(status="succeeded", finished_at=answer.stored_at)

        return work

    async def _find(self, principal: Principal, run_id: str) -> RunState:
        state = await self._register.find(principal, run_id) if _RUN_ID.fullmatch(run_id) else None
        if state is None:
            raise NotFoundError("There is no such run.")
        principal.require(f"{state.workflow}:run")
        return state

    async def _report(self, principal: Principal, state: RunState) -> bytes | None:
        return await self._register.report(principal, state.run_id) if state.status == "succeeded" else None


def _door(order: Order, **at_work: Any) -> Door:
    asked = {"thread_id": order.thread_id, "correlation_id": order.correlation_id, "keep": not order.dry_run}
    return Door(principal=order.principal, **{**asked, **at_work})


def _within_input(problem: dict[str, Any]) -> dict[str, Any]:
    """The problem with its pointers from the body's root, where the workflow's request is `input`."""
    errors = [{**error, "pointer": f"/input{error['pointer']}"} for error in problem["errors"]]
    return {**problem, "errors": errors}


def _is_whose(state: RunState, principal: Principal) -> bool:
    mine = (state.tenant, state.person) == (principal.tenant, principal.person)
    return mine and sees(principal, state.limits)

"""A workflow as a LangChain runnable whose only output is progress and the masked report."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from langchain_core.runnables import ConfigurableFieldSpec, Runnable, RunnableConfig
from langchain_core.tracers.log_stream import RunLogPatch
from pydantic import BaseModel, ValidationError

from app.api.correlation import correlation_id
from app.api.problems import problem_of
from app.errors import AppError, RejectedError
from app.runs.service import Door, RunService
from app.security.principal import Principal
from chains.context import Progress
from chains.errors import ChainError
from connectors.errors import ConnectorError

_log = logging.getLogger("baton.runs")
PRINCIPAL = "baton_principal"
"""The key of a run's configuration under which the caller travels."""
_OURS = (AppError, ChainError, ConnectorError)


class ServedWorkflow(Runnable[Any, Any]):
    """A workflow as a runnable: a typed request in, progress and the masked report out."""

    def __init__(self, service: RunService) -> None:
        self._service = service
        self.name = service.workflow.name

    @property
    def InputType(self) -> type[BaseModel]:  # noqa: N802 - the name is LangChain's
        """The workflow's request."""
        return self._service.workflow.request_type

    @property
    def OutputType(self) -> type[BaseModel]:  # noqa: N802 - the name is LangChain's
        """The workflow's report."""
        return self._service.workflow.report_type

    def get_input_schema(self, config: RunnableConfig | None = None) -> type[BaseModel]:
        """The request's model."""
        return self.InputType

    def get_output_schema(self, config: RunnableConfig | None = None) -> type[BaseModel]:
        """The report's model."""
        return self.OutputType

    @property
    def config_specs(self) -> list[ConfigurableFieldSpec]:
        """The conversation's id is what a caller may configure."""
        return [
            ConfigurableFieldSpec(
                id="thread_id",
                annotation=str,
                name="Conversation",
                description="Questions with the same id are one conversation; empty starts a new one.",
                default="",
            )
        ]

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> BaseModel:
        """Answer one request from code without an event loop."""
        return asyncio.run(self.ainvoke(input, config))

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> BaseModel:
        """Answer one request."""
        return await self._service.run(_fields(input), _door(config))

    async def abatch(self, inputs: list[Any], config: Any = None, **kwargs: Any) -> list[Any]:
        """Answer every request; one that fails becomes a report whose `error` says why."""
        configs: Sequence[RunnableConfig | None] = config if isinstance(config, list) else [config] * len(inputs)
        return list(await asyncio.gather(*(self._answer(item, one) for item, one in zip(inputs, configs, strict=True))))

    async def _answer(self, item: Any, config: RunnableConfig | None) -> BaseModel:
        try:
            return await self.ainvoke(item, config)
        except Exception as error:
            return self.failed(error)

    def failed(self, error: Exception) -> BaseModel:
        """A report whose `error` says why there is no answer."""
        if not isinstance(error, (*_OURS, ValidationError)):
            _log.exception("run failed", extra={"correlation_id": correlation_id()})
        report: BaseModel = self.OutputType.model_validate(
            {"error": problem_of(error), "correlation_id": correlation_id()}
        )
        return report

    async def astream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Any]:
        """Give `{stage, done, total}` as the run goes on, then the masked report."""
        events: asyncio.Queue[Progress | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def hear(progress: Progress) -> None:
            loop.call_soon_threadsafe(events.put_nowait, progress)

        door = _door(config, hear)

        async def run() -> BaseModel:
            try:
                return await self._service.run(_fields(input), door)
            except Exception as error:
                return self.failed(error)
            finally:
                loop.call_soon(events.put_nowait, None)

        task = asyncio.create_task(run())
        try:
            while (progress := await events.get()) is not None:
                yield {"stage": progress.stage, "done": progress.done, "total": progress.total}
            yield await task
        finally:
            task.cancel()

    async def astream_log(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Any]:
        """The same as patches of a run log, as the playground reads them; no input is part of it."""
        start: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "name": self.name,
            "type": "chain",
            "streamed_output": [],
            "final_output": None,
            "logs": {},
        }
        yield RunLogPatch({"op": "replace", "path": "", "value": start})
        async for chunk in self.astream(input, config):
            if isinstance(chunk, BaseModel):
                value = chunk.model_dump(mode="json")
                yield RunLogPatch(
                    {"op": "replace", "path": "/streamed_output", "value": [value]},
                    {"op": "replace", "path": "/final_output", "value": value},
                )
            else:
                yield RunLogPatch({"op": "replace", "path": "/streamed_output", "value": [chunk]})

    async def astream_events(  # type: ignore[override]
        self, input: Any, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        """The same as LangChain events of one run; neither the request nor any node's data is part of them."""
        run_id = str(uuid.uuid4())

        def event(kind: str, data: dict[str, Any]) -> dict[str, Any]:
            return {
                "event": kind,
                "name": self.name,
                "run_id": run_id,
                "parent_ids": [],
                "tags": [],
                "metadata": {},
                "data": data,
            }

        yield event("on_chain_start", {})
        output: Any = None
        async for chunk in self.astream(input, config):
            output = chunk.model_dump(mode="json") if isinstance(chunk, BaseModel) else chunk
            yield event("on_chain_stream", {"chunk": output})
        yield event("on_chain_end", {"output": output})


def _fields(request: Any) -> Mapping[str, Any]:
    return request.model_dump() if isinstance(request, BaseModel) else request


def _door(config: RunnableConfig | None, on_event: Callable[[Progress], None] | None = None) -> Door:
    configurable: Mapping[str, Any] = (config or {}).get("configurable") or {}
    principal = configurable.get(PRINCIPAL)
    if not isinstance(principal, Principal):
        raise RejectedError("The request carries no caller.")
    door = Door(principal=principal, correlation_id=correlation_id(), thread_id=configurable.get("thread_id") or "")
    return door if on_event is None else Door(**{**vars(door), "on_event": on_event})

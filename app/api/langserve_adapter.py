"""The one place that knows LangServe: mounts a workflow so that nothing of its inside leaves the house.

A compiled graph mounted directly would stream every node's raw input and output, lose `thread_id`, and fail a
whole batch for one item. Here LangServe sees a small runnable whose only output is progress and the masked report.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from langchain_core.runnables import ConfigurableFieldSpec, Runnable, RunnableConfig
from langchain_core.tracers.log_stream import RunLogPatch
from langserve import APIHandler, add_routes
from langserve.serialization import WellKnownLCSerializer
from pydantic import BaseModel

from app.api.correlation import correlation_id
from app.api.problems import problem_of
from app.errors import AppError, RejectedError
from app.runs.service import Door, RunService
from app.security.principal import Principal
from chains.context import Progress
from chains.errors import ChainError
from connectors.errors import ConnectorError

_log = logging.getLogger("baton.langserve")
_PRINCIPAL = "baton_principal"
_OFF = ("feedback", "token_feedback", "public_trace_link", "config_hashes", "invoke", "batch")
_OURS = (AppError, ChainError, ConnectorError)


class ReportSerializer(WellKnownLCSerializer):
    """LangServe's serialiser with a fast way for reports."""

    def dumpd(self, obj: Any) -> Any:
        """The object as JSON-ready values."""
        return obj.model_dump(mode="json") if isinstance(obj, BaseModel) else super().dumpd(obj)

    def dumps(self, obj: Any) -> bytes:
        """The object as JSON."""
        return obj.model_dump_json().encode() if isinstance(obj, BaseModel) else super().dumps(obj)


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

    async def abatch(self, inputs: list[Any], config: Any = None, **kwargs: Any) -> list[Any]:  # type: ignore[override]
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
        if not isinstance(error, _OURS):
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
            except _OURS as error:
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

    async def astream_log(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Any]:  # type: ignore[override]
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
    ) -> AsyncIterator[Any]:  # type: ignore[override]
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
    principal = configurable.get(_PRINCIPAL)
    if not isinstance(principal, Principal):
        raise RejectedError("The request carries no caller.")
    door = Door(principal=principal, correlation_id=correlation_id(), thread_id=configurable.get("thread_id") or "")
    return door if on_event is None else Door(**{**vars(door), "on_event": on_event})


class _FastRoutes(APIHandler):
    """LangServe's handler with answers encoded once, and a batch whose items are read one by one."""

    async def invoke(self, request: Request, **kwargs: Any) -> Response:
        config, input_ = await self._get_config_and_input(
            _FastRequest(request.scope, request.receive), "", endpoint="invoke"
        )
        report = await self._runnable.ainvoke(input_, config)
        return _json(b'{"output":' + report.model_dump_json().encode() + b',"metadata":' + _metadata(config) + b"}")

    async def batch(self, request: Request, **kwargs: Any) -> Response:
        body = await _FastRequest(request.scope, request.receive).json()
        inputs = body.get("inputs") if isinstance(body, dict) else None
        if not isinstance(inputs, list):
            raise RejectedError("A batch needs a list of `inputs`.", errors=[("/inputs", "expected a list")])
        given = body.get("config") or {}
        configs = given if isinstance(given, list) else [given] * len(inputs)
        if len(configs) != len(inputs):
            raise RejectedError(
                "`config` must be one object, or one for each input.", errors=[("/config", "wrong length")]
            )
        answers = await asyncio.gather(
            *(self._one(request, item, config) for item, config in zip(inputs, configs, strict=True))
        )
        ids = [str(uuid.uuid4()) for _ in answers]
        metadata = orjson.dumps({"run_ids": ids, "responses": [{"run_id": one, "feedback_tokens": []} for one in ids]})
        outputs = b",".join(answer.model_dump_json().encode() for answer in answers)
        return _json(b'{"output":[' + outputs + b'],"metadata":' + metadata + b"}")

    async def _one(self, request: Request, item: Any, config: Any) -> BaseModel:
        runnable: Any = self._runnable
        try:
            thread_id = (config.get("configurable") or {}).get("thread_id") or ""
            checked = runnable.InputType.model_validate(item)
            if not isinstance(thread_id, str):
                raise RejectedError(
                    "thread_id must be text.", errors=[("/config/configurable/thread_id", "expected text")]
                )
            modifier: Any = self._per_req_config_modifier
            answer: BaseModel = await runnable.ainvoke(
                checked, modifier({"configurable": {"thread_id": thread_id}}, request)
            )
        except Exception as error:
            answer = runnable.failed(error)
        return answer


class _FastRequest(Request):
    """A request whose JSON is read by orjson, which also refuses NaN and abysmal nesting."""

    async def json(self) -> Any:
        """The body's JSON.

        Raises:
            RejectedError: It is none.
        """
        try:
            return orjson.loads(await self.body())
        except orjson.JSONDecodeError as error:
            raise RejectedError(
                f"The body is not valid JSON (line {error.lineno}, column {error.colno}).",
                errors=[("", "not JSON")],
                code="invalid_json",
            ) from None


def _metadata(config: RunnableConfig) -> bytes:
    return orjson.dumps({"run_id": str(config.get("run_id", "")), "feedback_tokens": []})


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def mount(app: FastAPI, service: RunService, *, principal_of: Callable[[Request], Principal]) -> None:
    """Mount a workflow under its own name: invoke, batch, stream, stream_events, schemas, playground."""

    def with_principal(config: dict[str, Any], request: Request) -> dict[str, Any]:
        configurable = {**config.get("configurable", {}), _PRINCIPAL: principal_of(request)}
        return {**config, "configurable": configurable}

    runnable = ServedWorkflow(service)
    path = f"/{service.workflow.name}"
    fast = _FastRoutes(runnable, path=path, serializer=ReportSerializer(), per_req_config_modifier=with_principal)

    async def invoke(request: Request) -> Response:
        return await fast.invoke(request)

    async def batch(request: Request) -> Response:
        return await fast.batch(request)

    # The playground asks for the schemas again, under a hash of its settings, when a conversation is typed in.
    # They depend on no setting: the hash is not read, and no other route exists under it.
    async def input_schema(_config_hash: str) -> dict[str, Any]:
        return runnable.InputType.model_json_schema()

    async def output_schema(_config_hash: str) -> dict[str, Any]:
        return runnable.OutputType.model_json_schema()

    for name, schema in (("input_schema", input_schema), ("output_schema", output_schema)):
        app.add_api_route(path + "/c/{_config_hash}/" + name, schema, methods=["GET"], include_in_schema=False)
    app.add_api_route(f"{path}/invoke", invoke, methods=["POST"], include_in_schema=False)
    app.add_api_route(f"{path}/batch", batch, methods=["POST"], include_in_schema=False)
    add_routes(
        app,
        runnable,
        path=path,
        serializer=ReportSerializer(),
        per_req_config_modifier=with_principal,
        disabled_endpoints=list(_OFF),  # type: ignore[arg-type]
        include_callback_events=False,
    )

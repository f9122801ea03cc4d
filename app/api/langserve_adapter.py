"""The one place that knows LangServe: mounts a workflow so that nothing of its inside leaves the house.

A compiled graph mounted directly would stream every node's raw input and output, lose `thread_id`, and fail a
whole batch for one item. Here LangServe sees a small runnable whose only output is progress and the masked report.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from langchain_core.runnables import RunnableConfig
from langserve import APIHandler, add_routes
from langserve.serialization import WellKnownLCSerializer
from pydantic import BaseModel

from app.api.json_bodies import parsed
from app.api.served_workflow import PRINCIPAL, ServedWorkflow
from app.errors import RejectedError, TooLargeError
from app.runs.service import RunService
from app.security.principal import Principal

_OFF = (
    "feedback",
    "token_feedback",
    "public_trace_link",
    "config_hashes",
    "invoke",
    "batch",
    "stream",
    "stream_log",
    "stream_events",
)
MOST_IN_A_BATCH = 20


class ReportSerializer(WellKnownLCSerializer):
    """LangServe's serialiser with a fast way for reports."""

    def dumpd(self, obj: Any) -> Any:
        """The object as JSON-ready values."""
        return obj.model_dump(mode="json") if isinstance(obj, BaseModel) else super().dumpd(obj)

    def dumps(self, obj: Any) -> bytes:
        """The object as JSON."""
        return obj.model_dump_json().encode() if isinstance(obj, BaseModel) else super().dumps(obj)


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
        if len(inputs) > MOST_IN_A_BATCH:
            raise TooLargeError(f"A batch holds at most {MOST_IN_A_BATCH} inputs; send several.")
        given = body.get("config") or {}
        configs = given if isinstance(given, list) else [given] * len(inputs)
        if len(configs) != len(inputs) or not all(isinstance(one, dict) for one in configs):
            raise RejectedError(
                "`config` must be one object, or one for each input.", errors=[("/config", "not one object an input")]
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
        document = parsed(await self.body())
        if isinstance(document, dict) and document.get("config", {}) is None:
            document["config"] = {}
        return document


def _metadata(config: RunnableConfig) -> bytes:
    return orjson.dumps({"run_id": str(config.get("run_id", "")), "feedback_tokens": []})


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def mount(app: FastAPI, service: RunService, *, principal_of: Callable[[Request], Principal]) -> None:
    """Mount a workflow under its own name: invoke, batch, stream, stream_events, schemas, playground."""

    def with_principal(config: dict[str, Any], request: Request) -> dict[str, Any]:
        configurable = {**config.get("configurable", {}), PRINCIPAL: principal_of(request)}
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

    async def stream(request: Request) -> Response:
        return await fast.stream(_FastRequest(request.scope, request.receive))

    async def stream_log(request: Request) -> Response:
        return await fast.stream_log(_FastRequest(request.scope, request.receive))

    async def stream_events(request: Request) -> Response:
        return await fast.astream_events(_FastRequest(request.scope, request.receive))

    for name, route in (("stream", stream), ("stream_log", stream_log), ("stream_events", stream_events)):
        app.add_api_route(f"{path}/{name}", route, methods=["POST"], include_in_schema=False)
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

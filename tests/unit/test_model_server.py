"""The loopback chat server, driven by the client that the service uses."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import httpx2
import openai
import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from tests import model_server
from tests.model_server import BEFORE_HEAD, Answer, ModelServer, Reply, Request

ANSWER = '{"mood": "warm", "score": 3}'
CONVERSATION = [("system", "Be brief."), ("user", "How are they?")]


class Reading(BaseModel):
    """How a customer sounds."""

    mood: str
    score: int


@asynccontextmanager
async def chat(server: ModelServer, **fields: Any) -> AsyncIterator[ChatOpenAI]:
    """A client of its own for one loop: the library's shared one outlives the loop that opened it."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        settings = {"base_url": server.url, "api_key": "key", "model": "some-model", "max_retries": 0, **fields}
        yield ChatOpenAI(**settings, http_async_client=http)


async def asked(server: ModelServer, **fields: Any) -> AIMessage:
    async with chat(server, **fields) as model:
        return await model.ainvoke(CONVERSATION)


async def streamed(server: ModelServer, chunks: list[AIMessageChunk], **bound: Any) -> None:
    async with chat(server, stream_usage=True) as model:
        async for chunk in model.bind(**bound).astream(CONVERSATION):
            chunks.append(cast(AIMessageChunk, chunk))  # noqa: PERF401  # what came before a failure is looked at too


def post(server: ModelServer, path: str = "/chat/completions", **fields: Any) -> httpx.Response:
    with httpx.Client(trust_env=False) as client:
        return client.post(server.url + path, **fields)


def chat_request(**body: Any) -> Request:
    return Request(1, model_server.CHAT, {}, {"model": "m", "messages": [], **body}, b"")


async def test_plain_answer_is_the_content_with_usage_and_finish_reason() -> None:
    with ModelServer(model_server.always("Fine.", usage=(1_000, 50), cached_tokens=800)) as server:
        message = await asked(server)
    assert message.content == "Fine."
    assert message.response_metadata["finish_reason"] == "stop"
    assert message.usage_metadata is not None
    assert message.usage_metadata["input_tokens"] == 1_000
    assert message.usage_metadata["output_tokens"] == 50
    assert message.usage_metadata["input_token_details"] == {"cache_read": 800}


async def test_usage_is_estimated_at_four_characters_a_token_when_not_given() -> None:
    with ModelServer(model_server.always("x" * 40)) as server:
        message = await asked(server)
    assert message.usage_metadata is not None
    assert message.usage_metadata["input_tokens"] == len("Be brief.How are they?") // 4
    assert message.usage_metadata["output_tokens"] == 10


async def test_a_request_shows_what_was_asked() -> None:
    with ModelServer(model_server.always("Fine.")) as server:
        await asked(server)
        await asked(server)
    first, second = server.requests
    assert (first.number, second.number, server.calls) == (1, 2, 2)
    assert (first.system, first.user, first.model) == ("Be brief.", "How are they?", "some-model")
    assert (first.format, first.schema_name, first.wants_stream) == ("text", "", False)
    assert first.headers["authorization"] == "Bearer key"
    assert b"How are they?" in first.raw


def test_a_message_in_parts_is_read_as_one_text() -> None:
    parts = [{"type": "text", "text": "How are "}, {"type": "text", "text": "they?"}]
    assert chat_request(messages=[{"role": "user", "content": parts}]).user == "How are they?"


@pytest.mark.parametrize(
    ("messages", "system", "user"),
    [
        ([], "", ""),
        ([{"role": "developer", "content": "a"}, {"role": "system", "content": "b"}], "a", ""),
        ([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "", "a"),
        ([{"role": "user", "content": "a"}, {"role": "user", "content": "b"}], "", "b"),
        ([{"role": "user", "content": None}], "", ""),
    ],
)
def test_system_is_the_first_and_user_the_last_of_their_kind(messages: list[Any], system: str, user: str) -> None:
    request = chat_request(messages=messages)
    assert (request.system, request.user) == (system, user)


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
async def test_structured_output_is_answered_by_both_methods(method: str) -> None:
    with ModelServer(model_server.by_schema({"Reading": lambda request: ANSWER})) as server:
        async with chat(server) as model:
            reading = await model.with_structured_output(Reading, method=cast(Any, method)).ainvoke(CONVERSATION)
    assert reading == Reading(mood="warm", score=3)
    assert server.requests[0].schema_name == "Reading"


async def test_json_object_is_answered_in_the_content() -> None:
    with ModelServer(model_server.always(ANSWER)) as server:
        async with chat(server) as model:
            message = await model.bind(response_format={"type": "json_object"}).ainvoke(CONVERSATION)
    assert message.content == ANSWER
    assert server.requests[0].format == "json_object"


@pytest.mark.parametrize(
    ("choice", "forced"),
    [("required", "first"), ({"type": "function", "function": {"name": "second"}}, "second"), ("auto", "")],
)
def test_a_tool_is_called_only_when_forced(choice: Any, forced: str) -> None:
    tools = [{"type": "function", "function": {"name": name}} for name in ("first", "second")]
    assert chat_request(tools=tools, tool_choice=choice).schema_name == forced


async def test_streaming_brings_several_deltas_and_the_usage() -> None:
    text = "They are doing fine, thank you."
    chunks: list[AIMessageChunk] = []
    with ModelServer(model_server.always(text, usage=(7, 9))) as server:
        await streamed(server, chunks)
    deltas = [chunk.content for chunk in chunks if chunk.content]
    assert len(deltas) > 3
    assert "".join(map(str, deltas)) == text
    assert [chunk.usage_metadata["total_tokens"] for chunk in chunks if chunk.usage_metadata] == [16]
    assert server.requests[0].wants_stream


async def test_streaming_without_asking_for_usage_brings_none() -> None:
    with ModelServer(model_server.always("Fine.")) as server:
        async with chat(server) as model:
            chunks = [chunk async for chunk in model.astream(CONVERSATION)]
    assert not [chunk for chunk in chunks if chunk.usage_metadata]


async def test_a_forced_tool_call_is_streamed_in_pieces() -> None:
    tool = {"type": "function", "function": {"name": "Reading", "parameters": {"type": "object"}}}
    chunks: list[AIMessageChunk] = []
    with ModelServer(model_server.always(ANSWER)) as server:
        await streamed(server, chunks, tools=[tool], tool_choice="required")
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert [(call["name"], call["args"]) for call in whole.tool_calls] == [("Reading", {"mood": "warm", "score": 3})]
    assert sum(bool(chunk.tool_call_chunks) for chunk in chunks) > 3


async def test_too_many_requests_show_their_headers_then_pass() -> None:
    with ModelServer(model_server.too_many(1, model_server.always("Fine."), retry_after="7")) as server:
        with pytest.raises(openai.RateLimitError) as caught:
            await asked(server)
        assert caught.value.response.headers["retry-after"] == "7"
        assert caught.value.code == "rate_limit_exceeded"
        assert (await asked(server)).content == "Fine."


async def test_too_many_requests_can_hide_when_to_come_back() -> None:
    with (
        ModelServer(model_server.too_many(1, model_server.always("Fine."), retry_after=None)) as server,
        pytest.raises(openai.RateLimitError) as caught,
    ):
        await asked(server)
    assert "retry-after" not in caught.value.response.headers


@pytest.mark.parametrize(
    ("answer", "error", "code", "message"),
    [
        (model_server.wrong_key(), openai.AuthenticationError, "invalid_api_key", "Incorrect API key"),
        (model_server.unknown_model(), openai.NotFoundError, "model_not_found", "`some-model` does not exist"),
        (model_server.failing(1, 500, model_server.always("")), openai.InternalServerError, None, "Internal Server"),
        (model_server.failing(1, 529, model_server.always("")), openai.InternalServerError, None, "529"),
        (
            model_server.always("", status=400, error_message="too long", error_code="context_length_exceeded"),
            openai.BadRequestError,
            "context_length_exceeded",
            "too long",
        ),
    ],
    ids=["wrong key", "unknown model", "failing", "unofficial status", "own code"],
)
async def test_refusals_arrive_as_the_client_names_them(
    answer: Answer, error: type[openai.APIStatusError], code: str | None, message: str
) -> None:
    with ModelServer(answer) as server, pytest.raises(error, match=message) as caught:
        await asked(server)
    assert caught.value.code == code


async def test_failing_passes_after_the_given_number_of_times() -> None:
    with ModelServer(model_server.failing(2, 503, model_server.always("Fine."))) as server:
        for _ in range(2):
            with pytest.raises(openai.InternalServerError):
                await asked(server)
        assert (await asked(server)).content == "Fine."


async def test_a_server_without_json_schema_takes_tools() -> None:
    with ModelServer(model_server.without_json_schema(model_server.always(ANSWER))) as server:
        async with chat(server) as model:
            with pytest.raises(openai.BadRequestError, match="json_schema is not supported"):
                await model.with_structured_output(Reading, method="json_schema").ainvoke(CONVERSATION)
            read = await model.with_structured_output(Reading, method="function_calling").ainvoke(CONVERSATION)
    assert read == Reading(mood="warm", score=3)


async def test_a_server_without_json_schema_or_tools_takes_plain_requests() -> None:
    with ModelServer(model_server.without_json_schema_or_tools(model_server.always(ANSWER))) as server:
        async with chat(server) as model:
            with pytest.raises(openai.BadRequestError, match="json_schema is not supported"):
                await model.with_structured_output(Reading, method="json_schema").ainvoke(CONVERSATION)
            with pytest.raises(openai.BadRequestError, match="does not support tools"):
                await model.with_structured_output(Reading, method="function_calling").ainvoke(CONVERSATION)
            assert (await model.ainvoke(CONVERSATION)).content == ANSWER


async def test_scripted_replies_come_in_order_and_the_last_for_ever() -> None:
    with ModelServer(model_server.scripted(["one", Reply("two", finish_reason="length"), "three"])) as server:
        heard = [await asked(server) for _ in range(4)]
    assert [message.content for message in heard] == ["one", "two", "three", "three"]
    assert heard[1].response_metadata["finish_reason"] == "length"


async def test_a_refusal_has_no_content() -> None:
    with ModelServer(model_server.always("", refusal="I would rather not.")) as server:
        message = await asked(server)
    assert (message.content, message.additional_kwargs["refusal"]) == ("", "I would rather not.")


def test_a_refusal_is_streamed_as_one() -> None:
    with ModelServer(model_server.always("", refusal="I would rather not.")) as server:
        body = post(server, json={"model": "m", "messages": [], "stream": True}).text
    assert body.count('"refusal":') > 3
    assert '"content":' not in body


@pytest.mark.parametrize("stream", [False, True])
def test_an_empty_raw_body_leaves_the_connection_usable(stream: bool) -> None:
    server = ModelServer(model_server.scripted([Reply(raw_body=b""), Reply(raw_body=b"Fine.")]))
    with server, httpx.Client(trust_env=False) as client:
        bodies = [client.post(server.url + "/chat/completions", json={"stream": stream}).content for _ in range(2)]
        assert len(server.connections) == 1
    assert bodies == [b"", b"Fine."]


def test_a_raw_body_goes_out_as_it_is() -> None:
    with ModelServer(model_server.always("", raw_body=b"<p>Busy", headers={"Content-Type": "text/html"})) as server:
        response = post(server, json={"model": "m", "messages": []})
    assert (response.content, response.headers["content-type"]) == (b"<p>Busy", "text/html")


async def test_a_stream_can_be_reset_after_some_deltas() -> None:
    chunks: list[AIMessageChunk] = []
    with (
        ModelServer(model_server.always("x" * 400, cut_after_bytes=900)) as server,
        pytest.raises(openai.APIConnectionError),
    ):
        await streamed(server, chunks)
    assert 0 < len("".join(str(chunk.content) for chunk in chunks)) < 400


@pytest.mark.parametrize("size", [BEFORE_HEAD, 0, 100])
async def test_a_body_can_be_reset_anywhere(size: int) -> None:
    with (
        ModelServer(model_server.always("x" * 400, cut_after_bytes=size)) as server,
        pytest.raises(openai.APIConnectionError),
    ):
        await asked(server)


@pytest.mark.parametrize(("size", "received"), [(BEFORE_HEAD, b""), (0, b""), (100, b"x" * 100)])
def test_a_reset_connection_has_carried_exactly_the_bytes_before_the_cut(size: int, received: bytes) -> None:
    with (
        ModelServer(model_server.always("", raw_body=b"x" * 5_000, cut_after_bytes=size)) as server,
        open_request(server) as connection,
    ):
        heard = b""
        with pytest.raises(ConnectionResetError):
            while piece := connection.recv(65_536):
                heard += piece
    head, _, body = heard.partition(b"\r\n\r\n")
    assert body == received
    assert (b"content-length: 5000" in head) == (size != BEFORE_HEAD)


def test_an_answer_is_one_segment_and_with_pauses_many_of_the_same_bytes() -> None:
    for request in (chat_request(), chat_request(stream=True)):
        _, [whole] = model_server.segments(Reply(ANSWER), request)
        _, pieces = model_server.segments(Reply(ANSWER, pause_seconds=0.01), request)
        assert len(pieces) >= model_server.PIECES - 1
        assert b"".join(pieces) == whole


@pytest.mark.parametrize("stream", [False, True])
def test_a_dripped_answer_arrives_whole(stream: bool) -> None:
    bodies = []
    for pause_seconds in (0, 0.001):
        with ModelServer(model_server.always(ANSWER, pause_seconds=pause_seconds)) as server:
            bodies.append(post(server, json={"model": "m", "messages": [], "stream": stream}).content)
    assert bodies[0] == bodies[1] != b""


async def test_sixty_four_requests_are_answered_in_parallel() -> None:
    with ModelServer(model_server.always("Fine."), together=64) as server:
        async with chat(server) as model:
            heard = await asyncio.gather(*(model.ainvoke(CONVERSATION) for _ in range(64)))
            assert (await model.ainvoke(CONVERSATION)).content == "Fine."
    assert {message.content for message in heard} == {"Fine."}
    assert (server.most_at_once, server.calls, server.at_once, server.abandoned) == (64, 65, 0, 0)


async def test_requests_one_after_another_are_never_two_at_once() -> None:
    with ModelServer(model_server.always("Fine.", delay_seconds=0.001)) as server:
        for _ in range(3):
            await asked(server)
    assert (server.most_at_once, server.calls) == (1, 3)


async def test_nothing_is_kept_when_not_wanted() -> None:
    with ModelServer(model_server.always("Fine."), keep=False) as server:
        await asked(server)
    assert (server.requests, server.calls) == ([], 1)


async def test_a_silent_server_lets_the_client_time_out_and_counts_it_gone() -> None:
    with ModelServer(model_server.silent(600)) as server:
        with pytest.raises(openai.APITimeoutError):
            await asked(server, timeout=0.05)
        await until(lambda: server.abandoned == 1)
        assert server.at_once == 0


async def test_a_silent_server_speaks_or_hangs_up_in_the_end() -> None:
    with ModelServer(model_server.silent(0.001, model_server.always("Fine."))) as server:
        assert (await asked(server)).content == "Fine."
    with ModelServer(model_server.silent(0.001)) as server, pytest.raises(openai.APIConnectionError):
        await asked(server)


async def test_leaving_the_block_ends_pending_requests_of_an_asynchronous_test() -> None:
    with ModelServer(model_server.silent(600)) as server:
        calls = [asyncio.create_task(asked(server)) for _ in range(8)]
        await until(lambda: server.at_once == 8)
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome).__mro__[1] for outcome in outcomes} == {openai.APIConnectionError}
    assert (server.at_once, server.connections) == (0, set())


def test_leaving_the_block_ends_pending_requests_of_a_synchronous_test() -> None:
    with ModelServer(model_server.always("Fine."), together=2) as server:
        connection = open_request(server)
    with connection:
        assert gone(connection)
    with pytest.raises(httpx.ConnectError):
        post(server, json={})


async def test_an_answer_that_raises_is_a_500_and_raised_again_where_the_block_ends() -> None:
    server = ModelServer(model_server.by_schema({"Reading": lambda request: ANSWER}))
    with (
        pytest.raises(LookupError, match="no answer for schema ''"),
        server,
        pytest.raises(openai.InternalServerError, match="LookupError"),
    ):
        await asked(server)


async def test_an_answer_that_raises_does_not_hide_the_error_of_the_block() -> None:
    with pytest.raises(openai.InternalServerError), ModelServer(model_server.by_schema({})) as server:
        await asked(server)
    assert isinstance(server.failure, LookupError)


def test_by_schema_has_a_default() -> None:
    answer = model_server.by_schema({"Reading": lambda request: ANSWER}, default=model_server.always("Fine."))
    assert answer(chat_request()) == Reply("Fine.")


def test_models_are_listed() -> None:
    with ModelServer(model_server.always(""), models=["small", "large"]) as server, httpx.Client() as client:
        listed = client.get(server.url + "/models").json()
    assert [model["id"] for model in listed["data"]] == ["small", "large"]
    assert (server.calls, server.most_at_once) == (0, 0)


@pytest.mark.parametrize("path", ["/embeddings", "/responses", "/chat"])
def test_other_paths_are_unknown(path: str) -> None:
    with ModelServer(model_server.always("")) as server:
        response = post(server, path, json={})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_url")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with ModelServer(model_server.always("")) as server:
        response = post(server, content=body)
    assert (response.status_code, server.calls) == (400, 0)
    assert "JSON body" in response.json()["error"]["message"]


def test_bytes_that_are_no_http_end_the_connection_alone() -> None:
    with ModelServer(model_server.always("Fine.")) as server:
        with socket.create_connection(("127.0.0.1", port_of(server))) as connection:
            connection.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
            assert gone(connection)
        assert post(server, json={"messages": []}).status_code == 200


async def test_with_a_key_other_keys_are_refused_on_every_path() -> None:
    with ModelServer(model_server.always("Fine."), key="right") as server:
        with pytest.raises(openai.AuthenticationError):
            await asked(server, api_key="wrong")
        with httpx.Client(trust_env=False) as client:
            assert client.get(server.url + "/models").status_code == 401
        assert (await asked(server, api_key="right")).content == "Fine."
    assert server.calls == 1


def port_of(server: ModelServer) -> int:
    return httpx.URL(server.url).port or 0


def open_request(server: ModelServer) -> socket.socket:
    """A connection whose whole request has been sent."""
    connection = socket.create_connection(("127.0.0.1", port_of(server)), timeout=10)
    connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}")
    return connection


def gone(connection: socket.socket) -> bool:
    """Whether the other side ends the connection without a word."""
    connection.settimeout(10)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


async def until(true: Callable[[], bool]) -> None:
    """Wait for what the server's thread is about to see."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.001)

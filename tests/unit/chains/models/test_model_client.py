"""One route: how it finds out what its server knows, when it lets the server rest, and what it counts."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from talk import GOOD, Word, route

from chains.errors import BusyModelError, MalformedAnswerError, ModelError
from chains.models.client import ModelClient
from chains.models.structured import MOST_CHARS
from tests.model_server import (
    Answer,
    ModelServer,
    Reply,
    Request,
    always,
    scripted,
    silent,
    without_json_schema,
    without_json_schema_or_tools,
    wrong_key,
)

MESSAGES = [("system", "Say it."), ("user", "now")]
BAD = "I would rather talk."


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def client_of(server: ModelServer, clock: Any = None, **fields: Any) -> AsyncIterator[ModelClient]:
    client = ModelClient(route(server.url, **fields), clock or Clock())
    yield client
    await client.aclose()


def ways(server: ModelServer) -> list[str]:
    """How each request asked for a form."""
    return [
        "json_schema" if r.format == "json_schema" else "function_calling" if r.forced_tool else "json_text"
        for r in server.requests
    ]


@pytest.mark.parametrize(
    ("server_of", "method", "first"),
    [
        (lambda inner: inner, "json_schema", 1),
        (without_json_schema, "function_calling", 2),
        (without_json_schema_or_tools, "json_text", 3),
    ],
    ids=["knows schemas", "knows tools", "knows neither"],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_the_first_call_finds_out_what_the_server_knows_and_the_next_goes_straight(
    server_of: Any, method: str, first: int, stream: bool
) -> None:
    with ModelServer(server_of(always(GOOD))) as server:
        async with client_of(server, stream=stream) as client:
            assert (await client.complete(MESSAGES, Word)).text == GOOD
            assert client.method == method
            await client.complete(MESSAGES, Word)
    assert len(server.requests) == first + 1
    assert ways(server)[-1] == method


async def test_a_server_that_ignores_schemas_in_silence_is_found_out() -> None:
    with ModelServer(lambda request: GOOD if request.forced_tool else BAD) as server:
        async with client_of(server) as client:
            done = await client.complete(MESSAGES, Word)
    assert (done.text, client.method) == (GOOD, "function_calling")


async def test_every_try_of_the_first_call_is_on_the_bill() -> None:
    answer = scripted([Reply(BAD, usage=(10, 1)), Reply(BAD, usage=(20, 2)), Reply(GOOD, usage=(40, 4))])
    with ModelServer(answer) as server:
        async with client_of(server) as client:
            done = await client.complete(MESSAGES, Word)
    assert (done.calls, done.input_tokens, done.output_tokens) == (3, 70, 7)


async def test_a_model_that_only_talks_keeps_the_first_way_and_is_not_tried_again() -> None:
    with ModelServer(always(BAD)) as server:
        async with client_of(server) as client:
            assert (await client.complete(MESSAGES, Word)).text == BAD
            assert client.method == "json_schema"
            await client.complete(MESSAGES, Word)
    assert len(server.requests) == 4


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_text"])
async def test_a_way_that_was_set_is_not_probed(method: str) -> None:
    with ModelServer(always(BAD)) as server:
        async with client_of(server, method=method) as client:
            await client.complete(MESSAGES, Word)
    assert ways(server) == [method]


async def test_the_schema_is_sent_strict_and_named() -> None:
    with ModelServer(always(GOOD)) as server:
        async with client_of(server) as client:
            await client.complete(MESSAGES, Word)
    wanted = server.requests[0].body["response_format"]["json_schema"]
    assert (wanted["name"], wanted["strict"]) == ("Word", True)
    assert wanted["schema"]["additionalProperties"] is False


async def test_many_first_calls_wait_for_what_the_first_of_them_finds() -> None:
    with ModelServer(without_json_schema(always(GOOD))) as server:
        async with client_of(server) as client:
            await asyncio.gather(*(client.complete(MESSAGES, Word) for _ in range(20)))
    assert ways(server).count("json_schema") == 1


async def test_when_the_first_call_fails_the_others_find_out_once() -> None:
    schema_asked = 0

    def answer(request: Request) -> Reply:
        nonlocal schema_asked
        if request.format == "json_schema":
            schema_asked += 1
            return Reply(status=500 if schema_asked == 1 else 400)
        return Reply(GOOD)

    with ModelServer(answer) as server:
        async with client_of(server) as client:
            results = await asyncio.gather(
                *(client.complete(MESSAGES, Word) for _ in range(10)), return_exceptions=True
            )
            assert client.method == "function_calling"
    assert [type(one) for one in results].count(BusyModelError) == 1
    # Nine had been let go with a schema; one of them found the way, and eight took it.
    assert ways(server).count("json_schema") == 1 + 9 + 1
    assert ways(server).count("function_calling") == 9


async def test_a_server_that_refuses_everything_is_said_to_have_refused() -> None:
    with ModelServer(always("", status=400)) as server:
        async with client_of(server) as client:
            with pytest.raises(ModelError, match=r"refused the request \(400\)") as failed:
                await client.complete(MESSAGES, Word)
    assert not failed.value.lasting
    assert len(server.requests) == 3


async def test_after_a_refusal_for_good_nobody_asks_until_the_rest_is_over() -> None:
    clock = Clock()
    with ModelServer(wrong_key()) as server:
        async with client_of(server, clock) as client:
            for _ in range(5):
                with pytest.raises(ModelError, match="401") as failed:
                    await client.complete(MESSAGES, Word)
                assert failed.value.lasting
            assert server.calls == 1
            clock.now += 31
            with pytest.raises(ModelError, match="401"):
                await client.complete(MESSAGES, Word)
    assert server.calls == 2


async def test_a_refusal_that_is_repeated_from_memory_keeps_no_frames_alive() -> None:
    with ModelServer(wrong_key()) as server:
        async with client_of(server) as client:
            raised = []
            for _ in range(3):
                with pytest.raises(ModelError) as failed:
                    await client.complete(MESSAGES, Word)
                raised.append(failed.value)
    assert len({id(one) for one in raised}) == 3


@pytest.mark.parametrize(
    ("headers", "least"), [({"retry-after-ms": "150"}, 0.15), ({"retry-after": "0.1"}, 0.1)], ids=["ms", "seconds"]
)
async def test_what_the_server_asks_of_one_call_holds_for_the_others(headers: dict[str, str], least: float) -> None:
    loop = asyncio.get_running_loop()
    with ModelServer(scripted([Reply(GOOD), Reply(status=429, headers=headers), Reply(GOOD)])) as server:
        async with client_of(server, loop.time) as client:
            await client.complete(MESSAGES, Word)
            with pytest.raises(BusyModelError):
                await client.complete(MESSAGES, Word)
            started = loop.time()
            await client.complete(MESSAGES, Word)
    assert loop.time() - started >= least - 0.05


@pytest.mark.parametrize("asked", ["86400", "Fri, 31 Dec 2100 23:59:59 GMT", "21"])
async def test_a_server_that_asks_for_an_absurd_wait_is_left_alone_and_nobody_waits(asked: str) -> None:
    clock = Clock()
    with ModelServer(always("", status=429, headers={"retry-after": asked})) as server:
        async with client_of(server, clock) as client:
            for _ in range(4):
                with pytest.raises(ModelError, match="left alone") as failed:
                    await asyncio.wait_for(client.complete(MESSAGES, Word), 1)
                assert failed.value.lasting
            assert server.calls == 1
            clock.now += 31
            with pytest.raises(ModelError):
                await client.complete(MESSAGES, Word)
    assert server.calls == 2


async def test_calls_that_fail_together_do_not_make_the_server_rest() -> None:
    clock, failing = Clock(), True

    def answer(request: Request) -> Reply:
        return Reply(status=500) if failing else Reply(GOOD)

    with ModelServer(answer) as server:
        async with client_of(server, clock, method="json_schema") as client:
            await asyncio.gather(*(client.complete(MESSAGES, Word) for _ in range(32)), return_exceptions=True)
            failing = False
            assert (await client.complete(MESSAGES, Word)).text == GOOD


async def test_a_server_that_fails_without_a_break_rests() -> None:
    clock = Clock()
    with ModelServer(always("", status=503)) as server:
        async with client_of(server, clock) as client:
            for _ in range(20):
                clock.now += 0.5
                with pytest.raises(ModelError):
                    await client.complete(MESSAGES, Word)
            with pytest.raises(ModelError, match="again and again") as failed:
                await client.complete(MESSAGES, Word)
    assert failed.value.lasting
    assert server.calls == 8


FAULTS: Sequence[tuple[str, Answer, type[ModelError]]] = [
    ("silence", silent(1.0), BusyModelError),
    ("reset before the answer", always("", cut_after_bytes=-1), BusyModelError),
    ("reset in the body", always(GOOD, cut_after_bytes=40), BusyModelError),
    ("no JSON in the body", always("", raw_body=b"<html>gateway</html>"), ModelError),
    ("an empty body", always("", raw_body=b""), ModelError),
    ("no choices", always("", raw_body=json.dumps({"choices": []}).encode()), ModelError),
]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("answer", "kind"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
async def test_a_fault_on_the_wire_is_an_error_of_ours(answer: Answer, kind: type[ModelError], stream: bool) -> None:
    with ModelServer(answer) as server:
        async with client_of(server, stream=stream, timeout_seconds=0.3, method="json_schema") as client:
            with pytest.raises(kind):
                await client.complete(MESSAGES, Word)


@pytest.mark.parametrize("method", ["json_schema", "json_text"])
async def test_an_endless_stream_is_cut(method: str) -> None:
    with ModelServer(always("y" * 200_000, pause_seconds=0.01)) as server:
        async with client_of(server, stream=True, method=method) as client:
            with pytest.raises(MalformedAnswerError, match=f"longer than {MOST_CHARS:,}"):
                await client.complete(MESSAGES, Word)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_long_function_call_that_is_no_json_takes_no_time(stream: bool) -> None:
    with ModelServer(always("y" * 200_000)) as server:
        async with client_of(server, stream=stream, method="function_calling") as client:
            started = time.process_time()
            await client.complete(MESSAGES, Word)
            assert time.process_time() - started < 1


async def test_the_tokens_of_a_stream_are_those_the_server_counts() -> None:
    with ModelServer(always(GOOD, usage=(70, 7))) as server:
        async with client_of(server, stream=True, method="json_schema") as client:
            done = await client.complete(MESSAGES, Word)
    assert (done.input_tokens, done.output_tokens, done.calls) == (70, 7, 1)


async def test_a_long_answer_in_one_piece_is_handed_on_for_the_reader_to_refuse() -> None:
    with ModelServer(always("y" * 200_000)) as server:
        async with client_of(server, method="json_schema") as client:
            assert len((await client.complete(MESSAGES, Word)).text) == 200_000


async def test_half_a_surrogate_pair_does_not_come_in() -> None:
    body = b'{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"{\\"word\\": \\"\\ud800\\"}"}}]}'
    with ModelServer(always("", raw_body=body)) as server:
        async with client_of(server, method="json_schema") as client:
            assert (await client.complete(MESSAGES, Word)).text == '{"word": "?"}'


async def test_tokens_are_estimated_where_the_server_does_not_count() -> None:
    body = json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": GOOD}}]})  # fmt: skip
    with ModelServer(always("", raw_body=body.encode())) as server:
        async with client_of(server, method="json_schema") as client:
            done = await client.complete(MESSAGES, Word)
    assert (done.input_tokens, done.output_tokens) == (2, len(GOOD) // 4)


async def test_a_model_that_declines_gives_an_empty_answer() -> None:
    with ModelServer(always("", refusal="I cannot help with that.")) as server:
        async with client_of(server, method="json_schema") as client:
            try:
                done = await client.complete(MESSAGES, Word)
            except ModelError as error:
                assert "cannot help" not in error.message
            else:
                assert done.text == ""


async def test_a_client_that_cannot_be_made_is_an_error_for_good_without_the_key() -> None:
    client = ModelClient(route("http://127.0.0.1:9", model="nosuchprovider:x", base_url="", api_key="sk-secret"))
    with pytest.raises(ModelError, match="could not be made") as failed:
        await client.complete(MESSAGES, Word)
    assert failed.value.lasting
    assert "sk-secret" not in failed.value.message

"""The process's models: one concurrency limit, one retry layer, and what trying a route says."""

from __future__ import annotations

import asyncio

import pytest
from talk import GOOD, config, question, route, run_on, word

from chains.errors import BusyModelError, ModelError
from chains.models import MemoryAnswers, ModelGateway, ModelsConfig
from tests.model_server import ModelServer, always, failing, scripted, silent, too_many, unknown_model, wrong_key


async def test_never_more_calls_are_under_way_than_allowed_over_all_runs() -> None:
    with ModelServer(silent(0.03, always(GOOD))) as server:
        async with ModelGateway(config(route(server.url), concurrency=4)) as gateway:
            runs = [gateway.run(MemoryAnswers()) for _ in range(3)]
            asked = [run.ask(question(f"{i}.{j}")) for i, run in enumerate(runs) for j in range(10)]
            await asyncio.gather(*asked)
    assert server.most_at_once == 4
    assert server.calls == 30


async def test_as_many_calls_as_allowed_are_under_way_at_once() -> None:
    with ModelServer(scripted([word("first"), GOOD])) as server:
        async with ModelGateway(config(route(server.url), concurrency=8)) as gateway:
            run = gateway.run(MemoryAnswers())
            await run.ask(question("first"))
            server.together = 8
            server.most_at_once = 0
            await asyncio.gather(*(run.ask(question(str(number))) for number in range(8)))
    assert server.most_at_once == 8


@pytest.mark.parametrize(
    "answer",
    [
        too_many(2, always(GOOD), "0.01"),
        too_many(2, always(GOOD), None),
        failing(2, 500, always(GOOD)),
        failing(2, 503, always(GOOD), headers={"retry-after": "0"}),
        failing(2, 200, always(GOOD), cut_after_bytes=-1),
        failing(2, 200, always(GOOD), cut_after_bytes=20),
    ],
    ids=["429 with a wait", "429", "500", "503 at once", "reset", "reset in the body"],
)
async def test_a_busy_server_is_asked_again(answer: object) -> None:
    with ModelServer(answer) as server:  # type: ignore[arg-type]
        async with run_on(config(route(server.url, method="json_schema"))) as run:
            assert (await run.ask(question())).value.word == "ready"
    assert server.calls == 3


async def test_a_reset_in_mid_stream_is_asked_again() -> None:
    answer = failing(1, 200, always(GOOD), text=GOOD, cut_after_bytes=350)
    with ModelServer(answer) as server:
        async with run_on(config(route(server.url, stream=True, method="json_schema"))) as run:
            assert (await run.ask(question())).value.word == "ready"
    assert server.calls == 2


@pytest.mark.parametrize("attempts", [1, 2, 3])
async def test_a_server_that_stays_busy_is_asked_so_often_and_no_more(attempts: int) -> None:
    with ModelServer(always("", status=500, headers={"retry-after": "0"})) as server:
        async with run_on(config(route(server.url), attempts=attempts)) as run:
            with pytest.raises(BusyModelError, match="500"):
                await run.ask(question())
    assert server.calls == attempts


@pytest.mark.parametrize("answer", [wrong_key(), unknown_model(), always("", status=418)])
async def test_what_asking_again_cannot_mend_is_asked_once(answer: object) -> None:
    with ModelServer(answer) as server:  # type: ignore[arg-type]
        async with run_on(config(route(server.url))) as run:
            with pytest.raises(ModelError):
                await run.ask(question())
    assert server.calls == 1


async def test_a_longer_wait_than_the_run_has_left_is_not_begun() -> None:
    with ModelServer(always("", status=429, headers={"retry-after": "15"})) as server:
        async with run_on(config(route(server.url), run_seconds=5)) as run:
            with pytest.raises(BusyModelError):
                await asyncio.wait_for(run.ask(question()), 1)
    assert server.calls == 1


async def test_a_longer_wait_than_is_granted_is_not_begun() -> None:
    with ModelServer(always("", status=429, headers={"retry-after": "3"})) as server:
        async with run_on(config(route(server.url), longest_wait_seconds=2)) as run:
            with pytest.raises(ModelError, match="left alone"):
                await asyncio.wait_for(run.ask(question()), 1)
    assert server.calls == 1


async def test_closing_gives_up_what_is_under_way() -> None:
    with ModelServer(silent(20, always(GOOD))) as server:
        async with ModelGateway(config(route(server.url))) as gateway:
            asking = asyncio.create_task(gateway.run(MemoryAnswers()).ask(question()))
            await asyncio.sleep(0.1)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(asking, 1)
    assert gateway.under_way == {}


async def test_a_probe_says_of_every_route_in_use_what_it_found() -> None:
    with ModelServer(always('{"word": "ready"}')) as sound, ModelServer(wrong_key()) as locked:
        routes = {
            "good": route(sound.url),
            "locked": route(locked.url),
            "unused": route("http://127.0.0.1:9"),
        }
        settings = ModelsConfig(routes=routes, default=["good"], steps={"reason": ["locked", "good"]})
        async with ModelGateway(settings) as gateway:
            good, bad = await gateway.probe()
    assert (good.route, good.ok, good.method) == ("good", True, "json_schema")
    assert (bad.route, bad.ok) == ("locked", False)
    assert "401" in bad.message

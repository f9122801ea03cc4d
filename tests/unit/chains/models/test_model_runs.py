"""One run's dealings with models: budgets, the bill, nothing asked twice, who fell back."""

from __future__ import annotations

import asyncio
import time

import pytest
from talk import GOOD, config, question, route, run_on, word

from chains.errors import BudgetSpentError, BusyModelError, MalformedAnswerError, ModelError
from chains.models import MemoryAnswers, ModelGateway, Question
from chains.models.run import Attempt, masked
from tests.model_server import ModelServer, Reply, Request, always, silent, wrong_key


async def test_an_answer_comes_in_its_form_with_the_model_that_wrote_it() -> None:
    with ModelServer(always(GOOD)) as server:
        async with run_on(config(route(server.url))) as run:
            reply = await run.ask(question())
            assert (reply.value.word, reply.model) == ("ready", "openai:test-model")
            assert run.usage.prompt_versions == {"reason": "3"}


async def test_the_bill_adds_calls_tokens_and_dollars_and_names_the_model() -> None:
    with ModelServer(always(GOOD, usage=(1_000, 100))) as server:
        priced = route(server.url, input_usd=2.0, output_usd=10.0)
        async with run_on(config(priced)) as run:
            await run.ask(question("one"))
            await run.ask(question("two"))
    assert (run.usage.calls, run.usage.input_tokens, run.usage.output_tokens) == (2, 2_000, 200)
    assert run.usage.cost_usd == pytest.approx(2 * (0.002 + 0.001))
    assert list(run.usage.model_names) == ["openai:test-model"]


async def test_the_same_request_is_made_once_and_costs_once() -> None:
    with ModelServer(always(GOOD)) as server:
        async with run_on(config(route(server.url))) as run:
            for _ in range(3):
                await run.ask(question())
    assert (server.calls, run.usage.calls, run.usage.reused) == (1, 1, 2)


async def test_the_same_request_is_made_once_when_many_ask_at_once() -> None:
    with ModelServer(silent(0.1, always(GOOD))) as server:
        async with run_on(config(route(server.url))) as run:
            replies = await asyncio.gather(*(run.ask(question()) for _ in range(10)))
    assert {reply.value.word for reply in replies} == {"ready"}
    assert (server.calls, run.usage.calls, run.usage.reused) == (1, 1, 9)


async def test_another_run_reuses_what_is_kept() -> None:
    store = MemoryAnswers()
    with ModelServer(always(GOOD)) as server:
        for _ in range(2):
            async with run_on(config(route(server.url)), store) as run:
                await run.ask(question())
    assert (server.calls, run.usage.calls, run.usage.reused) == (1, 0, 1)
    assert list(run.usage.model_names) == ["openai:test-model"]


@pytest.mark.parametrize(("first", "second", "calls"), [("a", "a", 1), ("a", "b", 2)])
async def test_scopes_share_nothing_though_they_share_a_store(first: str, second: str, calls: int) -> None:
    store = MemoryAnswers()
    with ModelServer(always(GOOD)) as server:
        async with ModelGateway(config(route(server.url))) as gateway:
            await gateway.run(store, first).ask(question())
            await gateway.run(store, second).ask(question())
    assert server.calls == calls


async def test_scopes_share_nothing_while_calls_are_under_way() -> None:
    store = MemoryAnswers()
    with ModelServer(silent(0.1, always(GOOD))) as server:
        async with ModelGateway(config(route(server.url))) as gateway:
            await asyncio.gather(*(gateway.run(store, scope).ask(question()) for scope in ("a", "a", "b")))
    assert server.calls == 2


@pytest.mark.parametrize(
    "other",
    [question("another thing"), Question("reason", question().prompt, {"what": "something "}, question().form)],
    ids=["other inputs", "inputs that render alike"],
)
async def test_what_is_asked_anew_is_what_the_model_would_see_anew(other: Question) -> None:  # type: ignore[type-arg]
    with ModelServer(always(GOOD)) as server:
        async with run_on(config(route(server.url))) as run:
            await run.ask(question())
            await run.ask(other)
    assert server.calls == (2 if other.inputs["what"] == "another thing" else 1)


async def test_a_repair_is_a_request_of_its_own_with_what_was_wrong() -> None:
    with ModelServer(always(GOOD)) as server:
        async with run_on(config(route(server.url))) as run:
            await run.ask(question(), [Attempt('{"word": "no"}', ("too short", "too cold"))])
    roles = [message["role"] for message in server.requests[0].messages]
    assert roles == ["system", "user", "assistant", "user"]
    assert "- too short\n- too cold" in server.requests[0].user


async def test_a_call_whose_run_is_cancelled_is_finished_and_found_by_the_next() -> None:
    store = MemoryAnswers()
    with ModelServer(silent(0.2, always(GOOD))) as server:
        async with ModelGateway(config(route(server.url))) as gateway:
            asking = asyncio.create_task(gateway.run(store).ask(question()))
            await asyncio.sleep(0.1)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert (await gateway.run(store).ask(question())).value.word == "ready"
            assert gateway.under_way == {}
    assert server.calls == 1


async def test_a_cancelled_run_does_not_fail_the_one_that_waits_for_the_same_answer() -> None:
    store = MemoryAnswers()
    with ModelServer(silent(0.2, always(GOOD))) as server:
        async with ModelGateway(config(route(server.url))) as gateway:
            first = asyncio.create_task(gateway.run(store).ask(question()))
            await asyncio.sleep(0.05)
            second = asyncio.create_task(gateway.run(store).ask(question()))
            await asyncio.sleep(0.05)
            first.cancel()
            assert (await second).value.word == "ready"
    assert server.calls == 1


async def test_one_run_out_of_time_does_not_fail_another_that_waits_for_the_same_answer() -> None:
    store, replies = MemoryAnswers(), iter([silent(20, always(GOOD)), always(GOOD)])
    with ModelServer(lambda request: next(replies)(request)) as server:
        async with ModelGateway(config(route(server.url), run_seconds=0.3)) as gateway:
            first = asyncio.create_task(gateway.run(store).ask(question()))
            await asyncio.sleep(0.2)
            second = asyncio.create_task(gateway.run(store).ask(question()))
            with pytest.raises(BudgetSpentError):
                await first
            assert (await second).value.word == "ready"
    assert server.calls == 2


async def test_waiting_for_the_answer_of_another_run_is_within_the_own_time_budget() -> None:
    store, now = MemoryAnswers(), [0.0]
    with ModelServer(silent(20, always(GOOD))) as server:
        async with ModelGateway(config(route(server.url), run_seconds=2), lambda: now[0]) as gateway:
            late = gateway.run(store)
            now[0] = 1.9
            first = asyncio.create_task(gateway.run(store).ask(question()))
            await asyncio.sleep(0.05)
            started = time.monotonic()
            with pytest.raises(BudgetSpentError, match="time"):
                await late.ask(question())
            assert time.monotonic() - started < 1
            first.cancel()
    assert server.calls == 1


@pytest.mark.parametrize("tokens", [1, 300])
async def test_a_spent_token_budget_stops_before_the_call(tokens: int) -> None:
    with ModelServer(always(GOOD)) as server:
        async with run_on(config(route(server.url), run_tokens=tokens)) as run:
            with pytest.raises(BudgetSpentError, match="token") as failed:
                await run.ask(question())
    assert failed.value.lasting
    assert server.calls == 0


async def test_calls_under_way_count_against_the_token_budget() -> None:
    with ModelServer(silent(0.1, always(GOOD, usage=(10, 10)))) as server:
        async with run_on(config(route(server.url), run_tokens=1_000)) as run:
            asked = [run.ask(question(str(number))) for number in range(10)]
            results = await asyncio.gather(*asked, return_exceptions=True)
    # Some 400 tokens are set aside for each answer that is not yet there.
    assert server.calls == 2
    assert sum(isinstance(one, BudgetSpentError) for one in results) == 8


async def test_what_was_set_aside_is_free_again_when_a_call_fails() -> None:
    calls = 0

    def answer(request: Request) -> Reply:
        nonlocal calls
        calls += 1
        return Reply(status=418) if calls <= 3 else Reply(GOOD)

    with ModelServer(answer) as server:
        async with run_on(config(route(server.url, method="json_schema"), run_tokens=500)) as run:
            for _ in range(3):
                with pytest.raises(ModelError, match="418"):
                    await run.ask(question())
            assert (await run.ask(question())).value.word == "ready"


async def test_a_spent_time_budget_stops_a_call_under_way_and_every_later_one() -> None:
    with ModelServer(silent(20, always(GOOD))) as server:
        async with run_on(config(route(server.url), run_seconds=0.3)) as run:
            started = time.monotonic()
            for what in ("one", "two"):
                with pytest.raises(BudgetSpentError, match="time") as failed:
                    await run.ask(question(what))
                assert failed.value.lasting
            assert time.monotonic() - started < 1
    assert server.calls == 1


async def test_waiting_for_a_slot_is_within_the_time_budget() -> None:
    with ModelServer(silent(20, always(GOOD))) as server:
        async with run_on(config(route(server.url), run_seconds=0.3, concurrency=1)) as run:
            results = await asyncio.gather(
                *(run.ask(question(str(number))) for number in range(5)), return_exceptions=True
            )
    assert [type(one) for one in results] == [BudgetSpentError] * 5


async def test_an_answer_in_no_form_says_what_to_mend_and_is_not_kept() -> None:
    with ModelServer(always("no")) as server:
        async with run_on(config(route(server.url, method="json_schema"))) as run:
            for _ in range(2):
                with pytest.raises(MalformedAnswerError, match="not the JSON object"):
                    await run.ask(question())
    assert server.calls == 2


async def test_a_route_that_fails_hands_over_to_the_next() -> None:
    with ModelServer(wrong_key()) as broken, ModelServer(always(GOOD, usage=(1_000_000, 0))) as sound:
        routes = (
            route(broken.url, model="openai:large", input_usd=9),
            route(sound.url, model="openai:small", input_usd=1),
        )
        async with run_on(config(*routes)) as run:
            assert (await run.ask(question())).model == "openai:small"
            await run.ask(question("more"))
    assert (broken.calls, sound.calls) == (0, 2) or broken.calls <= 1
    assert run.usage.cost_usd == pytest.approx(2.0)


async def test_a_route_that_answers_badly_does_not_hand_over() -> None:
    with ModelServer(always("prose")) as first, ModelServer(always(GOOD)) as second:
        async with run_on(config(route(first.url, method="json_schema"), route(second.url))) as run:
            with pytest.raises(MalformedAnswerError):
                await run.ask(question())
    assert second.calls == 0


async def test_a_step_without_a_route_has_no_model() -> None:
    async with run_on(config(route("http://127.0.0.1:9"), steps={"reason": []})) as run:
        assert not run.serves("reason")
        assert run.serves("write_email")
        with pytest.raises(ModelError, match="no model is configured"):
            await run.ask(question())


async def test_persons_come_home_from_whatever_notation_the_answer_uses() -> None:
    escaped = '{"word": "\\u005b[contact_1.first_name]\\u005d and [[contact_1.first_name]]"}'
    with ModelServer(always(escaped)) as server:
        async with run_on(config(route(server.url))) as run:
            reply = await run.ask(question("[[contact_7.first_name]]"))
    assert server.requests[0].user == "[[contact_1.first_name]]"
    assert reply.value.word == "[[contact_7.first_name]] and [[contact_7.first_name]]"


async def test_a_placeholder_with_an_endless_number_is_an_invented_one() -> None:
    with ModelServer(always(word(f"[[contact_{'9' * 6_000}.first_name]]"))) as server:
        async with run_on(config(route(server.url))) as run:
            assert (await run.ask(question())).value.word == "[[invented.placeholder]]"


def test_earlier_attempts_go_back_without_persons() -> None:
    (attempt,) = masked([Attempt("Dear Anna", ("wrong",))], lambda text: text.replace("Anna", "[[person]]"))
    assert attempt == Attempt("Dear [[person]]", ("wrong",))


async def test_fall_backs_of_one_kind_are_listed_up_to_a_number_and_then_counted() -> None:
    async with run_on(config(route("http://127.0.0.1:9"))) as run:
        for number in range(50):
            run.fell_back("reason", f"a{number}", "the server failed (500)")
        run.fell_back("write_email", "", "no key")
        run.fell_back("write_email", "", "no key")
        lines = run.fallen_back()
    assert len(lines) == 20 + 1 + 1
    assert lines[20] == ("reason", "", "the server failed (500) (and 30 more accounts)")
    assert lines[21] == ("write_email", "", "no key")


async def test_what_is_said_of_a_fall_back_is_short_and_hides_nothing() -> None:
    async with run_on(config(route("http://127.0.0.1:9"))) as run:
        run.fell_back("reason", "a", "quotes \u202eevil\u200b" + "x" * 5_000)
        ((_, _, reason),) = run.fallen_back()
    assert reason.startswith("quotes evilxx")
    assert len(reason) <= 600


async def test_a_busy_server_is_a_failure_of_this_account_alone() -> None:
    with ModelServer(always("", status=500)) as server:
        async with run_on(config(route(server.url), attempts=1)) as run:
            with pytest.raises(BusyModelError) as failed:
                await run.ask(question())
    assert not failed.value.lasting

"""A step with two engines: mended, fallen back, noted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

import pytest
from talk import config, route, run_on

from chains.errors import MalformedAnswerError, ModelError
from chains.models import ModelRun
from chains.models.run import Attempt
from chains.steps import Allowance, Outcome, Proposal, each, step


@pytest.fixture
async def run() -> ModelRun:
    async with run_on(config(route("http://127.0.0.1:9"))) as one:
        return one


Answers = Sequence[str | ModelError]


def asks(answers: Answers, seen: list[Sequence[Attempt]]) -> Callable[[Sequence[Attempt]], object]:
    """A model that gives these answers, one after the other."""
    left: Iterator[str | ModelError] = iter(answers)

    async def primary(attempts: Sequence[Attempt]) -> Proposal[str]:
        seen.append(tuple(attempts))
        answer = next(left)
        if isinstance(answer, ModelError):
            raise answer
        return Proposal(answer, f"text of {answer}", "openai:m")

    return primary


def check(value: str) -> list[str]:
    return [] if value.startswith("good") else [f"{value} is bad"]


async def go(run: ModelRun, answers: Answers, **fields: object) -> tuple[Outcome[str], list[Sequence[Attempt]]]:
    seen: list[Sequence[Attempt]] = []
    given: dict[str, object] = {"name": "reason", "account_id": "A1", **fields}
    outcome = await step(asks(answers, seen), lambda: "built in", check, models=run, **given)  # type: ignore[arg-type]
    return outcome, seen


async def test_a_good_answer_stands_at_once(run: ModelRun) -> None:
    outcome, seen = await go(run, ["good"])
    assert outcome == Outcome("good", "openai:m", 0)
    assert seen == [()]
    assert run.fallen_back() == []


async def test_a_bad_answer_goes_back_with_what_is_wrong_and_may_be_mended(run: ModelRun) -> None:
    outcome, seen = await go(run, ["poor", "worse", "good"])
    assert outcome == Outcome("good", "openai:m", 2)
    assert seen[2] == (Attempt("text of poor", ("poor is bad",)), Attempt("text of worse", ("worse is bad",)))
    assert run.fallen_back() == []


async def test_an_answer_in_no_form_may_be_mended_too(run: ModelRun) -> None:
    outcome, seen = await go(run, [MalformedAnswerError("no JSON", text="prose"), "good"])
    assert outcome.repairs == 1
    assert seen[1] == (Attempt("prose", ("no JSON",)),)


async def test_after_so_many_repairs_the_built_in_engine_answers_and_the_reason_is_noted(run: ModelRun) -> None:
    outcome, seen = await go(run, ["a", "b", "c", "good"], most_repairs=2)
    assert outcome == Outcome("built in")
    assert len(seen) == 3
    assert run.fallen_back() == [("reason", "A1", "the model's answer was not usable: c is bad")]


async def test_an_account_has_so_many_repairs_over_all_of_its_steps(run: ModelRun) -> None:
    allowance = Allowance(2)
    first, _ = await go(run, ["a", "good"], allowance=allowance, most_repairs=1)
    second, _ = await go(run, ["a", "good"], allowance=allowance, most_repairs=2)
    third, seen = await go(run, ["a", "good"], allowance=allowance, most_repairs=2)
    assert (first.model, second.model, third.model) == ("openai:m", "openai:m", "")
    assert len(seen) == 1
    assert allowance.repairs == 0


async def test_a_step_takes_no_more_than_its_own_repairs_of_the_allowance(run: ModelRun) -> None:
    allowance = Allowance(5)
    await go(run, ["a", "b", "good"], allowance=allowance, most_repairs=1)
    assert allowance.repairs == 4


async def test_a_server_that_does_not_answer_is_not_repaired(run: ModelRun) -> None:
    outcome, seen = await go(run, [ModelError("the server failed (500)")])
    assert outcome == Outcome("built in")
    assert len(seen) == 1
    assert run.fallen_back() == [("reason", "A1", "the server failed (500)")]


async def test_what_is_wrong_for_good_is_noted_once_for_all_accounts(run: ModelRun) -> None:
    for number in range(30):
        await go(run, [ModelError("the key is wrong", lasting=True)], account_id=f"A{number}")
    assert run.fallen_back() == [("reason", "", "the key is wrong")]


async def test_a_failure_of_the_built_in_engine_is_not_swallowed(run: ModelRun) -> None:
    def broken() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await step(asks([ModelError("x")], []), broken, check, name="reason", models=run)  # type: ignore[arg-type]


async def test_work_is_done_on_every_item_in_order_so_many_at_once() -> None:
    under_way = most = 0
    told: list[int] = []

    async def work(item: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001 * (item % 3))
        under_way -= 1
        return item * item

    assert await each(range(20), work, at_once=4, done=told.append) == [n * n for n in range(20)]
    assert most == 4
    assert told == list(range(1, 21))


async def test_no_items_need_no_worker() -> None:
    async def work(item: int) -> int:
        raise AssertionError

    assert await each([], work, at_once=4, done=lambda done: None) == []


async def test_one_failure_ends_the_whole_and_leaves_no_worker_behind() -> None:
    async def work(item: int) -> int:
        await asyncio.sleep(0.001)
        if item == 3:
            raise KeyError(item)
        return item

    before = len(asyncio.all_tasks())
    with pytest.raises(ExceptionGroup):
        await each(range(10), work, at_once=3, done=lambda done: None)
    assert len(asyncio.all_tasks()) == before

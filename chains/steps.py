"""A step with two engines: the one place that repairs, falls back, and notes that it did."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from chains.errors import MalformedAnswerError, ModelError
from chains.models.run import Attempt, ModelRun

T = TypeVar("T")
ItemT = TypeVar("ItemT")


@dataclass(frozen=True)
class Proposal(Generic[T]):
    """What the first engine proposes, the text it was read from, and the model that wrote it."""

    value: T
    text: str
    model: str


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What a step came to; `model` is "" when the built-in engine answered, `repairs` how often it was mended."""

    value: T
    model: str = ""
    repairs: int = 0


@dataclass
class Allowance:
    """How many repairs one account may still cost, over all of its steps."""

    repairs: int = 2


Primary = Callable[[Sequence[Attempt]], Awaitable[Proposal[T]]]


async def step(
    primary: Primary[T],
    fallback: Callable[[], T],
    check: Callable[[T], Sequence[str]],
    *,
    name: str,
    models: ModelRun,
    account_id: str = "",
    allowance: Allowance | None = None,
    most_repairs: int = 2,
) -> Outcome[T]:
    """What the model proposes once it passes its check, else what the built-in engine gives; the reason is noted.

    Args:
        primary: Asks the model, given its earlier attempts and what was wrong with them.
        fallback: The built-in engine.
        check: What is wrong with a value; nothing when it may be used.
        name: The step, as notes and prompts name it.
        models: The run's models; takes the note of a fall-back.
        account_id: Whose step it is; "" for the whole run's.
        allowance: The account's repairs; each one made is taken off.
        most_repairs: Repairs of this step, within the allowance.
    """
    left = allowance or Allowance(most_repairs)
    attempts: list[Attempt] = []
    while True:
        try:
            proposal = await primary(attempts)
            findings = tuple(check(proposal.value))
            text = proposal.text
        except MalformedAnswerError as error:
            findings, text = (error.message,), error.text
        except ModelError as error:
            models.fell_back(name, "" if error.lasting else account_id, error.message)
            break
        if not findings:
            return Outcome(proposal.value, proposal.model, len(attempts))
        if len(attempts) >= most_repairs or left.repairs <= 0:
            models.fell_back(name, account_id, f"the model's answer was not usable: {'; '.join(findings)}"[:600])
            break
        left.repairs -= 1
        attempts.append(Attempt(text, findings))
    return Outcome(fallback())


async def each(
    items: Sequence[ItemT], work: Callable[[ItemT], Awaitable[T]], *, at_once: int, done: Callable[[int], None]
) -> list[T]:
    """The work on every item in order, at most so many under way; tells how many are done.

    A fixed number of workers keeps memory flat however many items there are.
    """
    results: list[T | None] = [None] * len(items)
    waiting: Iterable[tuple[int, ItemT]] = iter(enumerate(items))
    finished = 0

    async def worker() -> None:
        nonlocal finished
        for index, item in waiting:
            results[index] = await work(item)
            finished += 1
            done(finished)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(at_once, len(items))):
            group.create_task(worker())
    return results  # type: ignore[return-value]  # Every place was filled, or the group has raised.

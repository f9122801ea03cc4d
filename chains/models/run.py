"""One run's dealings with models: its budgets, its bill, what it asked before, and where it fell back."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson

from chains.errors import BudgetSpentError, MalformedAnswerError, ModelError
from chains.models.answers import AnswerStore, KeptAnswer
from chains.models.config import ModelsConfig
from chains.models.structured import MOST_CHARS, AnswerForm, holds, parse_answer, strict_schema
from chains.models.wire import Wire
from chains.privacy import strip_unsafe
from prompts.loader import Prompt, check_prompt, load_prompt

if TYPE_CHECKING:
    from chains.models.client import Completion
    from chains.models.gateway import ModelGateway

FormT = TypeVar("FormT", bound=AnswerForm)
_LIKELY_OUTPUT_TOKENS = 400
_CHARS_A_TOKEN = 4
_MOST_LINES = 20
_MILLION = 1_000_000
_LONGEST_REASON = 600
_OUT_OF_TIME = "the run's time budget is spent"


@dataclass(frozen=True)
class Attempt:
    """An answer that was not good enough, and what was wrong with it."""

    text: str
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Question(Generic[FormT]):
    """What one step asks about one account: the prompt, its masked inputs, and the form of the answer."""

    step: str
    prompt: Prompt
    inputs: Mapping[str, Any]
    form: type[FormT]


@dataclass(frozen=True)
class ModelStep(Generic[FormT]):
    """A step that a model can answer: its name, its prompt file, what the prompt takes, and the form of the answer."""

    name: str
    prompt: str
    inputs: tuple[str, ...]
    form: type[FormT]

    def question(self, **inputs: Any) -> Question[FormT]:
        """The step's question with these inputs."""
        return Question(self.name, load_prompt(self.prompt), inputs, self.form)

    def check(self) -> None:
        """Hold the prompt file against this code; raises PromptError where they disagree."""
        check_prompt(load_prompt(self.prompt), self.inputs, tuple(self.form.model_fields))


@dataclass(frozen=True)
class Reply(Generic[FormT]):
    """An answer in its form, the text it was read from, the model that wrote it, and the tokens it once took."""

    value: FormT
    text: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass
class Usage:
    """What a run has used so far; tokens and dollars of the calls made, not of answers that were kept from before."""

    calls: int = 0
    reused: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    model_names: dict[str, None] = field(default_factory=dict)
    prompt_versions: dict[str, str] = field(default_factory=dict)


class ModelRun:
    """Asks models on behalf of one run.

    Args:
        gateway: The process's models.
        store: Where answers to identical requests are kept.
        scope: Whose answers these are; nothing is shared between scopes.
        clock: Monotonic seconds.
    """

    def __init__(
        self, gateway: ModelGateway, store: AnswerStore, scope: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._gateway = gateway
        self._store = store
        self._scope = scope
        self._clock = clock
        self._ends = clock() + gateway.config.run_seconds
        self._reserved = 0
        self._fallen: dict[tuple[str, str], dict[str, None]] = {}
        self.usage = Usage()
        self.notes: dict[str, None] = {}

    @property
    def config(self) -> ModelsConfig:
        """The model engine's settings."""
        return self._gateway.config

    def serves(self, step: str) -> bool:
        """Whether any model is meant for the step."""
        return bool(self.config.routes_of(step))

    async def ask(self, question: Question[FormT], attempts: Sequence[Attempt] = ()) -> Reply[FormT]:
        """The answer, from before or from a model; earlier attempts go along with what was wrong with them.

        Raises:
            MalformedAnswerError: The model answered in no usable form.
            BudgetSpentError: The run may ask no more.
            ModelError: No route of the step gave an answer.
        """
        wire = Wire()
        messages = _messages(question, attempts, wire)
        self.usage.prompt_versions[question.step] = question.prompt.version
        kept = await self._answered(question, messages)
        value = parse_answer(kept.text, question.form, wire.receive)
        return Reply(value, kept.text, kept.model, kept.input_tokens, kept.output_tokens)

    def fell_back(self, step: str, account_id: str, reason: str) -> None:
        """Note that the built-in engine answered a step (for one account, or for all)."""
        # What a check finds may quote the model.
        reason = strip_unsafe(reason)[:_LONGEST_REASON]
        self._fallen.setdefault((step, reason), {})[account_id] = None

    def fallen_back(self) -> list[tuple[str, str, str]]:
        """Step, account and reason of every fall-back; many of one kind are counted rather than listed."""
        lines: list[tuple[str, str, str]] = []
        for (step, reason), accounts in self._fallen.items():
            lines += [(step, account_id, reason) for account_id in list(accounts)[:_MOST_LINES]]
            if len(accounts) > _MOST_LINES:
                lines.append((step, "", f"{reason} (and {len(accounts) - _MOST_LINES:,} more accounts)"))
        return lines

    def seconds_left(self) -> float:
        """What is left of the time budget."""
        return self._ends - self._clock()

    async def _answered(self, question: Question[FormT], messages: Sequence[tuple[str, str]]) -> KeptAnswer:
        key = self._key(question, messages)
        if (kept := await self._store.get(key)) is not None:
            self.usage.reused += 1
            self.usage.model_names[kept.model] = None
            return kept
        calls = self._gateway.under_way
        while (other := calls.get((self._scope, key))) is not None:
            if (kept := await self._shared(other)) is not None:
                self.usage.reused += 1
                self.usage.model_names[kept.model] = None
                return kept
        # A call under way is finished and kept though its run be cancelled: whoever asks again finds the answer.
        mine = asyncio.create_task(self._called_and_kept(question, messages, key))
        calls[self._scope, key] = mine
        mine.add_done_callback(lambda done: _forget(calls, (self._scope, key), done))
        return await asyncio.shield(mine)

    async def _shared(self, other: asyncio.Task[KeptAnswer]) -> KeptAnswer | None:
        """The answer of a call that somebody else is making; None when only that somebody had to give up."""
        try:
            async with asyncio.timeout(self._time_left()):
                return await asyncio.shield(other)
        except TimeoutError:
            raise BudgetSpentError(_OUT_OF_TIME, lasting=True) from None
        except BudgetSpentError:
            self._time_left()
        except asyncio.CancelledError:
            if not other.cancelled():
                raise
        await asyncio.sleep(0)  # Let it be forgotten.
        return None

    async def _called_and_kept(
        self, question: Question[FormT], messages: Sequence[tuple[str, str]], key: str
    ) -> KeptAnswer:
        kept = await self._called(question, messages)
        if holds(kept.text, question.form):  # A server mended by its operator must not stay bad for days.
            await self._store.put(key, kept)
        return kept

    def _key(self, question: Question[FormT], messages: Sequence[tuple[str, str]]) -> str:
        first = [self.config.routes[name] for name in self.config.routes_of(question.step)[:1]]
        asked = [(route.name, route.base_url) for route in first]
        whole = orjson.dumps(
            [
                self._scope,
                asked,
                question.prompt.version,
                question.form.__name__,
                strict_schema(question.form),
                messages,
            ]
        )
        return hashlib.sha256(whole).hexdigest()

    async def _called(self, question: Question[FormT], messages: Sequence[tuple[str, str]]) -> KeptAnswer:
        expected = sum(len(text) for _, text in messages) // _CHARS_A_TOKEN + _LIKELY_OUTPUT_TOKENS
        spent = self.usage.input_tokens + self.usage.output_tokens + self._reserved
        if spent + expected > self.config.run_tokens:
            raise BudgetSpentError("the run's token budget is spent", lasting=True)
        self._reserved += expected
        try:
            async with asyncio.timeout(self._time_left()):
                return await self._by_route(question, messages)
        except TimeoutError:
            raise BudgetSpentError(_OUT_OF_TIME, lasting=True) from None
        finally:
            self._reserved -= expected

    async def _by_route(self, question: Question[FormT], messages: Sequence[tuple[str, str]]) -> KeptAnswer:
        failure: ModelError = ModelError("no model is configured for this step", lasting=True)
        failed = ""
        for name in self.config.routes_of(question.step):
            try:
                done = await self._gateway.complete(name, messages, question.form, self)
            except MalformedAnswerError as error:
                raise error from None
            except ModelError as error:
                failure, failed = error, name
                continue
            if failed:
                self.notes[f"{question.step}: route {failed}: {failure.message}; route {name} answered instead."] = None
            return KeptAnswer(
                done.text[: MOST_CHARS + 1], self.config.routes[name].name, done.input_tokens, done.output_tokens
            )
        raise failure

    def _time_left(self) -> float:
        left = self.seconds_left()
        if left <= 0:
            raise BudgetSpentError(_OUT_OF_TIME, lasting=True)
        return left

    def bill(self, route_name: str, done: Completion) -> None:
        """Add what an answer took to what the run has used."""
        route = self.config.routes[route_name]
        self.usage.calls += done.calls
        self.usage.input_tokens += done.input_tokens
        self.usage.output_tokens += done.output_tokens
        self.usage.cost_usd += (done.input_tokens * route.input_usd + done.output_tokens * route.output_usd) / _MILLION
        self.usage.model_names[route.name] = None


def masked(attempts: Sequence[Attempt], mask: Callable[[str], str]) -> list[Attempt]:
    """The attempts as they may go back to a model: it may know names from elsewhere that nobody sent it."""
    return [
        replace(attempt, text=mask(attempt.text), findings=tuple(mask(finding) for finding in attempt.findings))
        for attempt in attempts
    ]


def _forget(
    calls: dict[tuple[str, str], asyncio.Task[KeptAnswer]], key: tuple[str, str], done: asyncio.Task[KeptAnswer]
) -> None:
    del calls[key]
    if not done.cancelled():
        done.exception()  # Somebody has looked at it, whether or not anybody waits.


def _messages(question: Question[FormT], attempts: Sequence[Attempt], wire: Wire) -> list[tuple[str, str]]:
    """System, user, and for each earlier attempt what was written and what was wrong with it."""
    messages = [("system", question.prompt.system), ("user", wire.send(question.prompt.user(question.inputs)))]
    for attempt in attempts:
        wrong = "\n".join(f"- {finding}" for finding in attempt.findings)
        messages.append(("assistant", attempt.text or "(nothing)"))
        messages.append(
            ("user", wire.send(f"That answer cannot be used:\n{wrong}\nWrite the whole answer again, mended."))
        )
    return messages

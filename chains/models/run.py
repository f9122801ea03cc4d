"""One run's dealings with models: its budgets, its bill, what it asked before, and where it fell back."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson

from chains.errors import BudgetSpentError, MalformedAnswerError, ModelError
from chains.models.answers import AnswerStore, KeptAnswer
from chains.models.config import ModelsConfig
from chains.models.structured import MOST_CHARS, AnswerForm, parse_answer, strict_schema
from chains.models.wire import Wire
from prompts.loader import Prompt, check_prompt, load_prompt

if TYPE_CHECKING:
    from chains.models.gateway import ModelGateway

FormT = TypeVar("FormT", bound=AnswerForm)
_LIKELY_OUTPUT_TOKENS = 400
_CHARS_A_TOKEN = 4
_MOST_LINES = 20
_MILLION = 1_000_000


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
    """An answer in its form, the text it was read from, and the model that wrote it."""

    value: FormT
    text: str
    model: str


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
        text = wire.receive(kept.text)
        return Reply(parse_answer(text, question.form), kept.text, kept.model)

    def fell_back(self, step: str, account_id: str, reason: str) -> None:
        """Note that the built-in engine answered a step (for one account, or for all)."""
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
        waiting = self._gateway.under_way
        if (other := waiting.get((self._scope, key))) is not None:
            self.usage.reused += 1
            return await asyncio.shield(other)
        mine: asyncio.Future[KeptAnswer] = asyncio.get_running_loop().create_future()
        waiting[self._scope, key] = mine
        try:
            kept = await self._called(question, messages)
            await self._store.put(key, kept)
        except BaseException as error:
            told = error if isinstance(error, ModelError) else ModelError("the call was given up")
            mine.set_exception(told)
            mine.exception()  # Somebody has looked at it, whether or not anybody waits.
            raise
        else:
            mine.set_result(kept)
            return kept
        finally:
            del waiting[self._scope, key]

    def _key(self, question: Question[FormT], messages: Sequence[tuple[str, str]]) -> str:
        models = [self.config.routes[name].name for name in self.config.routes_of(question.step)[:1]]
        whole = orjson.dumps([models, question.form.__name__, strict_schema(question.form), messages])
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
            raise BudgetSpentError("the run's time budget is spent", lasting=True) from None
        finally:
            self._reserved -= expected

    async def _by_route(self, question: Question[FormT], messages: Sequence[tuple[str, str]]) -> KeptAnswer:
        failure: ModelError = ModelError("no model is configured for this step", lasting=True)
        for name in self.config.routes_of(question.step):
            try:
                done = await self._gateway.complete(name, messages, question.form, self)
            except MalformedAnswerError as error:
                raise error from None
            except ModelError as error:
                failure = error
                continue
            return KeptAnswer(
                done.text[: MOST_CHARS + 1], self.config.routes[name].name, done.input_tokens, done.output_tokens
            )
        raise failure

    def _time_left(self) -> float:
        left = self.seconds_left()
        if left <= 0:
            raise BudgetSpentError("the run's time budget is spent", lasting=True)
        return left

    def bill(self, route_name: str, input_tokens: int, output_tokens: int) -> None:
        """Add one call to what the run has used."""
        route = self.config.routes[route_name]
        self.usage.calls += 1
        self.usage.input_tokens += input_tokens
        self.usage.output_tokens += output_tokens
        self.usage.cost_usd += (input_tokens * route.input_usd + output_tokens * route.output_usd) / _MILLION
        self.usage.model_names[route.name] = None


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

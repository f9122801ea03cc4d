"""One model on one server: asks it, reads what comes back, and finds out once how it gives answers a form."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chains.errors import BusyModelError, MalformedAnswerError, ModelError
from chains.models.config import Method, Route
from chains.models.failures import RefusedRequestError, as_model_error, refuse_unfinished
from chains.models.structured import MOST_CHARS, AnswerForm, holds, strict_schema

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

METHODS: tuple[Method, ...] = ("json_schema", "function_calling", "json_text")
REST_SECONDS = 30.0
"""How long a server rests that refused us for good, or failed many times in a row."""

_MOST_FAILURES = 8
_MOST_CONNECTIONS = 1_000
_FAILING_SECONDS = 3.0
"""How long a server must have failed without a break before it rests: calls under way at once fail at once."""

LONGEST_WAIT_SECONDS = 20.0
_CHARS_A_TOKEN = 4
_MOST_TOKENS = 10_000_000

Message = tuple[str, str]


@dataclass(frozen=True)
class Completion:
    """What was answered, and the tokens it took (estimated where the server does not count) in so many calls."""

    text: str
    input_tokens: int
    output_tokens: int
    calls: int = 1


class ModelClient:
    """Calls one route. The first call tries the ways of structuring an answer; the others wait for what it finds.

    Args:
        route: The model and its server.
        clock: Monotonic seconds.
        longest_wait_seconds: The longest wait that is granted to a server; one that asks for more is left alone.
    """

    def __init__(
        self,
        route: Route,
        clock: Callable[[], float] = time.monotonic,
        longest_wait_seconds: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        self.route = route
        self.method: Method | None = None if route.method == "auto" else route.method
        self._clock = clock
        self._longest_wait_seconds = longest_wait_seconds
        self._model: BaseChatModel | None = None
        self._http: Any = None
        self._first = asyncio.Lock()
        self._tried = self.method is not None
        self._not_before = 0.0
        self._failures = 0
        self._failing_since = 0.0
        self._resting: tuple[float, ModelError] | None = None

    async def complete(self, messages: Sequence[Message], form: type[AnswerForm]) -> Completion:
        """The model's answer to the messages, as text that should hold the form.

        Raises:
            ModelError: What went wrong, and whether asking again may help.
        """
        self._refuse_while_resting()
        if not self._tried:
            async with self._first:
                if not self._tried:
                    return await self._first_completion(messages, form)
        self._refuse_while_resting()
        try:
            done = await self._watched(messages, form, self.method or METHODS[0])
        except RefusedRequestError:
            if self.method is not None:
                raise
        else:
            self.method = self.method or METHODS[0]
            return done
        async with self._first:  # The first call failed before it found a way; this one has met the refusal.
            if self.method is None:
                return await self._first_completion(messages, form)
        return await self.complete(messages, form)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

    def _refuse_while_resting(self) -> None:
        if self._resting and self._clock() < self._resting[0]:
            # A fresh one each time: an exception raised again and again keeps every frame it has passed.
            raise ModelError(self._resting[1].message, lasting=True)

    async def _first_completion(self, messages: Sequence[Message], form: type[AnswerForm]) -> Completion:
        """Try each way until one gives an answer of the form; where none does, keep the first that was answered."""
        answered: tuple[Method, Completion] | None = None
        refused: ModelError | None = None
        made: list[Completion] = []
        try:
            for method in METHODS:
                try:
                    done = await self._watched(messages, form, method)
                except RefusedRequestError as error:
                    refused = error
                    continue
                except MalformedAnswerError as error:
                    refused = refused or error
                    continue
                made.append(done)
                answered = answered or (method, done)
                if holds(done.text, form):
                    answered = (method, done)
                    break
        finally:
            # Whatever came of it, the others go on by themselves rather than one after the other.
            self._tried = True
        if answered is None:
            raise refused or ModelError("the server gave no answer")
        self.method = answered[0]
        return replace(
            answered[1],
            input_tokens=sum(one.input_tokens for one in made),
            output_tokens=sum(one.output_tokens for one in made),
            calls=len(made),
        )

    async def _watched(self, messages: Sequence[Message], form: type[AnswerForm], method: Method) -> Completion:
        """One call; counts failures in a row, and lets the server rest after too many or after a refusal for good."""
        await self._wait_as_told()
        try:
            # The client's own timeout is of each read, not of the whole.
            async with asyncio.timeout(self.route.timeout_seconds):
                done = await self._call(messages, form, method)
        except Exception as raised:
            raise self._noted(as_model_error(raised)) from None
        self._failures, self._resting = 0, None
        return done

    async def _wait_as_told(self) -> None:
        while (wait := self._not_before - self._clock()) > 0:
            await asyncio.sleep(wait)

    def _noted(self, error: ModelError) -> ModelError:
        """The error, or what it comes to after those before it; the server rests where asking on is useless."""
        if error.lasting:
            return self._rest(error)
        if not isinstance(error, BusyModelError):
            return error
        now = self._clock()
        self._failing_since = self._failing_since if self._failures else now
        self._failures += 1
        wait = error.retry_after_seconds or 0.0
        if wait > self._longest_wait_seconds:
            return self._rest(ModelError(f"{error.message} and asks to be left alone for long", lasting=True), wait)
        if wait:
            # One server, one patience: what it asks of one call holds for all of them.
            self._not_before = max(self._not_before, now + wait)
        elif self._failures >= _MOST_FAILURES and now - self._failing_since >= _FAILING_SECONDS:
            return self._rest(ModelError(f"{error.message}, again and again", lasting=True))
        return error

    def _rest(self, error: ModelError, seconds: float = REST_SECONDS) -> ModelError:
        self._resting = (self._clock() + min(seconds, REST_SECONDS), error)
        return error

    async def _call(self, messages: Sequence[Message], form: type[AnswerForm], method: Method) -> Completion:
        model = self._model or self._open()
        asked, extra = _shaped(messages, form, method)
        if self.route.speaks_openai and "response_format" in extra:
            # As a part of the body it is sent as it is; as a parameter the client would walk through the schema on
            # every call, and parse the answer a second time.
            extra = {"extra_body": extra}
        # A function call is read whole: LangChain reads a half-written one anew with every piece, which takes a time
        # that grows with the square of its length (12 s of CPU for 24,000 characters that are no JSON).
        if self.route.stream and method != "function_calling":
            parts: Any = model.astream(asked, **extra)
            return await _streamed(parts, asked)
        message = await model.ainvoke(asked, **extra)
        refuse_unfinished(message)
        return _completion(_text_of(message, method), message.usage_metadata, asked)

    def _open(self) -> BaseChatModel:
        """The client, made within the running event loop, as its connections belong to one."""
        from langchain.chat_models import init_chat_model

        route = self.route
        options: dict[str, Any] = {"timeout": route.timeout_seconds, "max_retries": 0}
        if route.base_url:
            options["base_url"] = route.base_url
        if route.api_key.get_secret_value():
            options["api_key"] = route.api_key.get_secret_value()
        if route.temperature is not None:
            options["temperature"] = route.temperature
        if route.max_output_tokens:
            options["max_tokens"] = route.max_output_tokens
        if route.name.startswith("openai:"):
            import httpx2

            # As many connections as calls: with a smaller pool calls wait, or connect anew each time.
            limits = httpx2.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_CONNECTIONS)
            self._http = httpx2.AsyncClient(timeout=route.timeout_seconds, limits=limits, trust_env=not route.base_url)
            options |= {"http_async_client": self._http, "use_responses_api": False, "stream_usage": True}
        try:
            self._model = init_chat_model(route.name, **options)
        except Exception as error:
            raise ModelError(
                f"the client of {route.name} could not be made ({type(error).__name__}): check model and key",
                lasting=True,
            ) from error
        return self._model


def _shaped(
    messages: Sequence[Message], form: type[AnswerForm], method: Method
) -> tuple[list[Message], dict[str, Any]]:
    """The messages and the further parameters that ask for the form in that way."""
    schema, name = strict_schema(form), form.__name__
    if method == "function_calling":
        function = {"name": name, "description": f"Gives the {name}.", "parameters": schema}
        choice = {"type": "function", "function": {"name": name}}
        return list(messages), {"tools": [{"type": "function", "function": function}], "tool_choice": choice}
    if method == "json_text":
        (role, system), *rest = messages
        words = f"{system}\n\nAnswer with one JSON object of this schema and nothing else:\n{json.dumps(schema)}"
        return [(role, words), *rest], {}
    wanted = {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": True}}
    return list(messages), {"response_format": wanted}


async def _streamed(parts: AsyncGenerator[Any, None], asked: Sequence[Message]) -> Completion:
    """The parts of an answer put together; one that does not end is cut and refused."""
    from langchain_core.messages.ai import add_usage

    texts: list[str] = []
    used: Any = None
    length = 0
    async with aclosing(parts):
        async for part in parts:
            refuse_unfinished(part)
            texts.append(str(part.text))
            used = add_usage(used, part.usage_metadata) if part.usage_metadata else used
            length += len(texts[-1])
            if length > MOST_CHARS:
                raise MalformedAnswerError(f"the answer is longer than {MOST_CHARS:,} characters")
    return _completion(_whole_text("".join(texts)), used, asked)


def _completion(text: str, counted: Mapping[str, Any] | None, asked: Sequence[Message]) -> Completion:
    used = counted or {}
    sent = sum(len(content) for _, content in asked) // _CHARS_A_TOKEN
    return Completion(
        text=text,
        input_tokens=_counted(used.get("input_tokens"), sent),
        output_tokens=_counted(used.get("output_tokens"), len(text) // _CHARS_A_TOKEN),
    )


def _counted(said: Any, estimated: int) -> int:
    """The tokens a server counted, or the estimate where its count cannot be one."""
    return said if isinstance(said, int) and 0 <= said <= _MOST_TOKENS else estimated


def _text_of(message: Any, method: Method) -> str:
    if method == "function_calling" and message.tool_calls:
        return _whole_text(json.dumps(message.tool_calls[0]["args"], ensure_ascii=False))
    if method == "function_calling" and message.invalid_tool_calls:
        return _whole_text(str(message.invalid_tool_calls[0]["args"] or ""))
    return _whole_text(str(message.text))


def _whole_text(text: str) -> str:
    """The text without halves of surrogate pairs, which can stand in JSON and in no file, digest or request."""
    return text.encode("utf-8", "replace").decode("utf-8")

"""One model on one server: asks it, reads what comes back, and finds out once how it gives answers a form."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chains.errors import BusyModelError, MalformedAnswerError, ModelError
from chains.models.config import Method, Route
from chains.models.failures import RefusedRequestError, as_model_error
from chains.models.structured import MOST_CHARS, AnswerForm, parse_answer, strict_schema

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

METHODS: tuple[Method, ...] = ("json_schema", "function_calling", "json_text")
REST_SECONDS = 30.0
"""How long a server rests that refused us for good, or failed many times in a row."""

_MOST_FAILURES = 8
_CHARS_A_TOKEN = 4

Message = tuple[str, str]


@dataclass(frozen=True)
class Completion:
    """What one call gave: the text, and the tokens it took (estimated where the server does not count)."""

    text: str
    input_tokens: int
    output_tokens: int


class ModelClient:
    """Calls one route. The first call tries the ways of structuring an answer; the others wait for what it finds."""

    def __init__(self, route: Route, clock: Callable[[], float] = time.monotonic) -> None:
        self.route = route
        self.method: Method | None = None if route.method == "auto" else route.method
        self._clock = clock
        self._model: BaseChatModel | None = None
        self._http: Any = None
        self._first = asyncio.Lock()
        self._tried = self.method is not None
        self._not_before = 0.0
        self._failures = 0
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
            return await self._first_completion(messages, form)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

    def _refuse_while_resting(self) -> None:
        if self._resting and self._clock() < self._resting[0]:
            raise self._resting[1]

    async def _first_completion(self, messages: Sequence[Message], form: type[AnswerForm]) -> Completion:
        """Try each way until one gives an answer of the form; where none does, keep the first that was answered."""
        answered: tuple[Method, Completion] | None = None
        refused: ModelError | None = None
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
                answered = answered or (method, done)
                if _holds(done.text, form):
                    answered = (method, done)
                    break
        finally:
            # Whatever came of it, the others go on by themselves rather than one after the other.
            self._tried = True
        if answered is None:
            raise refused or ModelError("the server gave no answer")
        self.method = answered[0]
        return answered[1]

    async def _watched(self, messages: Sequence[Message], form: type[AnswerForm], method: Method) -> Completion:
        """One call; counts failures in a row, and lets the server rest after too many or after a refusal for good."""
        await self._wait_as_told()
        try:
            done = await self._call(messages, form, method)
        except Exception as raised:
            error = as_model_error(raised)
            self._note(error)
            raise error from None
        self._failures, self._resting = 0, None
        return done

    async def _wait_as_told(self) -> None:
        while (wait := self._not_before - self._clock()) > 0:
            await asyncio.sleep(wait)

    def _note(self, error: ModelError) -> None:
        if error.lasting:
            self._resting = (self._clock() + REST_SECONDS, error)
        elif isinstance(error, BusyModelError):
            self._failures += 1
            if error.retry_after_seconds:
                # One server, one patience: what it asks of one call holds for all of them.
                self._not_before = max(self._not_before, self._clock() + min(error.retry_after_seconds, REST_SECONDS))
            elif self._failures >= _MOST_FAILURES:
                rest = ModelError(f"{error.message}, again and again", lasting=True)
                self._resting = (self._clock() + REST_SECONDS, rest)

    async def _call(self, messages: Sequence[Message], form: type[AnswerForm], method: Method) -> Completion:
        model = self._model or self._open()
        asked, extra = _shaped(messages, form, method)
        if self.route.stream:
            parts: Any = model.astream(asked, **extra)
            return await _streamed(parts, asked, method)
        message = await model.ainvoke(asked, **extra)
        return _completion(message, asked, method)

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

            self._http = httpx2.AsyncClient(timeout=route.timeout_seconds, trust_env=not route.base_url)
            options |= {"http_async_client": self._http, "use_responses_api": False, "stream_usage": True}
        try:
            self._model = init_chat_model(route.name, **options)
        except Exception as error:
            raise ModelError(
                f"the client of {route.name} could not be made ({type(error).__name__}): check model and key",
                lasting=True,
            ) from error
        return self._model


def _holds(text: str, form: type[AnswerForm]) -> bool:
    try:
        parse_answer(text, form)
    except MalformedAnswerError:
        return False
    return True


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


async def _streamed(parts: AsyncGenerator[Any, None], asked: Sequence[Message], method: Method) -> Completion:
    """The parts of an answer put together; one that does not end is cut and refused."""
    whole: Any = None
    length = 0
    async with aclosing(parts):
        async for part in parts:
            whole = part if whole is None else whole + part
            length += len(part.text) + sum(len(call["args"] or "") for call in part.tool_call_chunks)
            if length > MOST_CHARS:
                raise MalformedAnswerError(f"the answer is longer than {MOST_CHARS:,} characters")
    if whole is None:
        raise MalformedAnswerError("the answer is empty")
    return _completion(whole, asked, method)


def _completion(message: Any, asked: Sequence[Message], method: Method) -> Completion:
    text = _text_of(message, method)
    used = message.usage_metadata or {}
    sent = sum(len(content) for _, content in asked) // _CHARS_A_TOKEN
    return Completion(
        text=text,
        input_tokens=int(used.get("input_tokens", sent)),
        output_tokens=int(used.get("output_tokens", len(text) // _CHARS_A_TOKEN)),
    )


def _text_of(message: Any, method: Method) -> str:
    if method == "function_calling" and message.tool_calls:
        return json.dumps(message.tool_calls[0]["args"], ensure_ascii=False)
    if method == "function_calling" and message.invalid_tool_calls:
        return str(message.invalid_tool_calls[0]["args"] or "")
    return str(message.text)

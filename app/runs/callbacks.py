"""Signed notices of runs that ended, sent to the URL that the caller gave.

Source:
    Standard Webhooks 1.0 (headers, signed content, symmetric signatures).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import datetime as dt
import hashlib
import hmac
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from sqlalchemy.exc import SQLAlchemyError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from app.errors import ConfigurationError, RejectedError
from app.runs.addresses import CallRules, callable_url, host_of
from app.runs.outgoing import CheckedTransport, Resolver, system_resolver
from app.runs.register import Register
from app.runs.showing import shown
from app.runs.states import RunState
from app.store.database import now_text

_LOG = logging.getLogger("baton.callbacks")
_PREFIX = "whsec_"
_AT_ONCE = 8
_LONGEST_PAUSE_SECONDS = 60.0
_TOO_MANY, _SERVER_FAILED = 429, 500
_back_off = wait_exponential_jitter(initial=1.0, max=_LONGEST_PAUSE_SECONDS)


@dataclass(frozen=True)
class CallbackRules:
    """How notices are sent; without a key none is."""

    key: bytes
    calls: CallRules
    timeout_seconds: float = 10.0
    attempts: int = 5


@dataclass(frozen=True)
class Outside:
    """What a sender is lent of the world: names, time to pass, and whose certificates are trusted."""

    resolve: Resolver = system_resolver
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    tls: Callable[[], ssl.SSLContext] = httpx.create_ssl_context


class _RepeatError(Exception):
    """The receiver may take the notice later."""

    def __init__(self, status: int = 0, retry_after_seconds: float = 0.0) -> None:
        super().__init__(status)
        self.status = status
        self.retry_after_seconds = retry_after_seconds


def signing_key(secret: str) -> bytes:
    """The key of a secret: `whsec_` and base64, or any text.

    Raises:
        ConfigurationError: What follows `whsec_` is not base64.
    """
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        text = secret.removeprefix(_PREFIX)
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigurationError("callbacks.secret begins with whsec_ and must go on in base64.") from None


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` of a message: over its id, its time and its bytes."""
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


class Notices:
    """Sends each notice until it is taken or was tried often enough, and keeps what became of it."""

    def __init__(
        self, rules: CallbackRules, register: Register, *, clock: Callable[[], dt.datetime], outside: Outside
    ) -> None:
        self._rules = rules
        self._register = register
        self._clock = clock
        self._outside = outside
        self._urls: dict[str, httpx.URL] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._tls: ssl.SSLContext | None = None

    def ordered(self, url: str) -> dict[str, Any]:
        """What a run's row says of a notice that is still to be sent.

        Raises:
            RejectedError: Notices are off, or this URL must not be called.
        """
        if not self._rules.key:
            raise RejectedError(
                "Callbacks are off here: poll status_url instead, or have BATON_CALLBACKS__SECRET set.",
                errors=[("/callback_url", "callbacks are off")],
                code="callbacks_off",
            )
        host = host_of(callable_url(url, self._rules.calls))
        return {"host": host, "status": "pending", "attempts": 0, "delivered_at": ""}

    def expect(self, run_id: str, url: str) -> None:
        """Remember where to send the notice of a run's end."""
        self._urls[run_id] = callable_url(url, self._rules.calls)

    def ended(self, state: RunState) -> None:
        """Send the notice of a run's end, where one was asked for."""
        if (url := self._urls.pop(state.run_id, None)) is not None:
            task = asyncio.create_task(self._send(state, url))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up what was not taken yet; its runs say so."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, state: RunState, url: httpx.URL) -> None:
        outcome: dict[str, Any] = {**state.callback, "status": "failed"}
        body = orjson.dumps(shown(state))
        try:
            async with self._client() as client:
                async for attempt in self._attempts():
                    with attempt:
                        outcome["attempts"] = attempt.retry_state.attempt_number
                        async with self._slots:  # Held for one attempt alone: a slow receiver delays nobody else's.
                            await self._post(client, url, state, body)
            outcome |= {"status": "delivered", "delivered_at": now_text(self._clock())}
        except RejectedError as error:
            outcome["reason"] = error.code
        except _RepeatError as error:
            outcome["reason"] = f"status {error.status}" if error.status else "no answer"
        except Exception:
            _LOG.exception("a callback failed", extra={"correlation_id": state.correlation_id})
        finally:
            await self._keep(state, outcome)

    async def _keep(self, state: RunState, outcome: Mapping[str, Any]) -> None:
        if outcome["status"] != "delivered":
            _LOG.warning("a callback was not delivered", extra={"correlation_id": state.correlation_id})
        try:
            await self._register.note_callback(state.run_id, outcome)
        except SQLAlchemyError as error:
            _LOG.warning("What became of a callback could not be kept (%s).", type(error).__name__)

    def _attempts(self) -> AsyncRetrying:
        return AsyncRetrying(
            stop=stop_after_attempt(self._rules.attempts),
            wait=_pause_seconds,
            retry=retry_if_exception_type(_RepeatError),
            sleep=self._outside.pause,
            reraise=True,
        )

    def _client(self) -> httpx.AsyncClient:
        self._tls = self._tls or self._outside.tls()
        transport = CheckedTransport(self._rules.calls, self._outside.resolve, tls=self._tls)
        return httpx.AsyncClient(
            transport=transport, trust_env=False, follow_redirects=False, timeout=self._rules.timeout_seconds
        )

    async def _post(self, client: httpx.AsyncClient, url: httpx.URL, state: RunState, body: bytes) -> None:
        timestamp = int(self._clock().timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": "baton",
            "webhook-id": state.run_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._rules.key, state.run_id, timestamp, body),
            "x-correlation-id": state.correlation_id,
        }
        try:
            # What the receiver has to say is not read: its status is the answer.
            async with (
                asyncio.timeout(self._rules.timeout_seconds),
                client.stream("POST", url, content=body, headers=headers) as answer,
            ):
                status, wait = answer.status_code, answer.headers.get("retry-after", "")
        except (httpx.HTTPError, ssl.SSLError, TimeoutError):
            raise _RepeatError from None
        if status == _TOO_MANY or status >= _SERVER_FAILED:
            raise _RepeatError(status, float(wait) if wait.isdecimal() else 0.0)
        if not httpx.codes.is_success(status):
            raise RejectedError("The receiver does not take the notice.", code=f"status_{status}")


def _pause_seconds(retry: RetryCallState) -> float:
    error = retry.outcome.exception() if retry.outcome else None
    asked = error.retry_after_seconds if isinstance(error, _RepeatError) else 0.0
    return min(_LONGEST_PAUSE_SECONDS, max(asked, _back_off(retry)))

"""Calls of the service: sent again with the same bytes while that may help, never redirected."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from connectors.shim.answers import read_object, read_problem, sane_code, sane_errors, sane_text, unreadable
from connectors.shim.problems import ShimError

_TRIES = 4
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 10.0
_CONNECT_SECONDS = 5.0
_RETRY_AFTER_SECONDS, _LONGEST_RETRY_AFTER_SECONDS = 5, 3_600
MOST_ANSWER_BYTES = 64 * 1024 * 1024
_PASSING = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Deadline:
    """When an answer must be there, by a clock that only goes forward."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """So many seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def seconds_left(self) -> float:
        """What is left; never below zero."""
        return max(0.0, self.at - time.monotonic())


class _PassingError(Exception):
    """A failure that another try may not have; `problem` is what the caller is told when none is left."""

    def __init__(self, problem: ShimError, pause_seconds: float = 0.0) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.pause_seconds = pause_seconds


@dataclass(frozen=True)
class Service:
    """The service as one caller of the shim reaches it."""

    client: httpx.AsyncClient
    url: str
    headers: Mapping[str, str] = field(repr=False)
    most_answer_bytes: int = MOST_ANSWER_BYTES

    async def call(
        self,
        method: str,
        path: str,
        *,
        deadline: Deadline,
        patience_seconds: float = 15.0,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON object that it answers.

        Args:
            patience_seconds: How long one try may be silent.

        Raises:
            ShimError: It is down (503), too slow (504), broken or redirecting (502), or refuses (its own status, code).
        """

        async def once() -> dict[str, Any]:
            timeout = httpx.Timeout(max(0.1, min(patience_seconds, deadline.seconds_left)), connect=_CONNECT_SECONDS)
            try:
                async with (
                    asyncio.timeout(max(0.1, deadline.seconds_left)),  # However it spreads its bytes.
                    self.client.stream(
                        method,
                        f"{self.url}{path}",
                        content=body,
                        headers={**self.headers, "Accept-Encoding": "gzip", **(headers or {})},
                        timeout=timeout,
                        follow_redirects=False,
                    ) as response,
                ):
                    if response.is_success:
                        return await read_object(response, most_bytes=self.most_answer_bytes)
                    problem = await read_problem(response)
            except httpx.InvalidURL as error:
                raise unreadable("The service names an address that is none.") from error
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                raise _PassingError(_down("The service is not reachable; try again shortly.")) from error
            except (httpx.TimeoutException, TimeoutError) as error:
                raise _PassingError(ShimError(504, "service_timeout", "The service did not answer in time.")) from error
            except httpx.HTTPError as error:
                raise _PassingError(_down("The connection to the service broke; try again shortly.")) from error
            asked_seconds = _seconds(response.headers.get("retry-after", ""))
            refused = refusal(response.status_code, problem, retry_after_seconds=asked_seconds)
            if response.status_code in _PASSING:
                raise _PassingError(refused, asked_seconds or 0.0)
            raise refused

        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_PassingError),
            stop=lambda state: stop_after_attempt(_TRIES)(state) or not _fits(state, deadline),
            wait=_pause,
            reraise=True,
        )
        try:
            return await retrying(once)
        except _PassingError as error:
            raise error.problem from error.__cause__


def refusal(status: int, problem: Mapping[str, Any], *, retry_after_seconds: float | None = None) -> ShimError:
    """A problem of the service as one of the shim: passed on where the caller can do something, 502 otherwise.

    Of its words only those are passed on that are a code, and short texts that can be printed.
    """
    code = sane_code(problem.get("code"))
    if status in (429, 503):
        fallback = "rate_limited" if status == 429 else "service_unavailable"
        seconds = _RETRY_AFTER_SECONDS if retry_after_seconds is None else math.ceil(retry_after_seconds)
        headers = {"Retry-After": str(min(seconds, _LONGEST_RETRY_AFTER_SECONDS))}
        return ShimError(status, code or fallback, "The service is busy; try again later.", headers=headers)
    if status == 504:
        return ShimError(504, "service_timeout", "The service did not finish in time; ask for less.")
    if 300 <= status < 400:
        return ShimError(502, "service_redirects", "The service redirects; configure the address it redirects to.")
    if not 400 <= status < 500:
        said = f"The service answered {status}." if 500 <= status < 600 else "The service failed."
        return ShimError(502, "service_failed", said)
    detail = sane_text(problem.get("detail")) or f"The service answered {status}."
    headers = {"WWW-Authenticate": 'Bearer realm="baton"'} if status == 401 else {}
    return ShimError(status, code or "service_refused", detail, sane_errors(problem.get("errors")), headers)


def _pause(state: RetryCallState) -> float:
    """Twice as long each time, and at least as long as the service asks for."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.pause_seconds if isinstance(error, _PassingError) else 0.0
    return max(asked, _FIRST_PAUSE_SECONDS * float(2 ** (state.attempt_number - 1)))


def _fits(state: RetryCallState, deadline: Deadline) -> bool:
    pause = _pause(state)
    return pause <= _LONGEST_PAUSE_SECONDS and pause < deadline.seconds_left


def _seconds(retry_after: str) -> float | None:
    """The header, seconds or a date, in seconds; None where it says nothing."""
    if retry_after.isascii() and retry_after.isdecimal():
        return min(float(retry_after), float(_LONGEST_RETRY_AFTER_SECONDS))
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max(0.0, (aware - dt.datetime.now(dt.UTC)).total_seconds())


def _down(detail: str) -> ShimError:
    return ShimError(503, "service_unavailable", detail, headers={"Retry-After": str(_RETRY_AFTER_SECONDS)})

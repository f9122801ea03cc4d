"""What a client's exception means to the engine."""

from __future__ import annotations

import datetime as dt
import pickle
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest

from chains.errors import BusyModelError, MalformedAnswerError, ModelError
from chains.models.failures import RefusedRequestError, as_model_error


class StatusError(Exception):
    """As the OpenAI client raises them: a status, a response, perhaps a code; the message quotes the server."""

    def __init__(self, status: int, code: str | None = None, **headers: str) -> None:
        super().__init__("Incorrect API key provided: sk-secret")
        self.status_code = status
        self.code = code
        self.response: Any = httpx2.Response(status, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize(
    ("status", "kind", "lasting"),
    [
        (400, RefusedRequestError, False), (401, ModelError, True), (402, ModelError, True), (403, ModelError, True),
        (404, ModelError, True), (408, BusyModelError, False), (409, BusyModelError, False),
        (413, RefusedRequestError, False), (418, ModelError, False), (422, RefusedRequestError, False),
        (425, BusyModelError, False), (429, BusyModelError, False), (500, BusyModelError, False),
        (503, BusyModelError, False), (529, BusyModelError, False),
    ],
)  # fmt: skip
def test_a_status_says_whether_to_ask_again(status: int, kind: type[ModelError], lasting: bool) -> None:
    error = as_model_error(StatusError(status))
    assert type(error) is kind
    assert error.lasting is lasting
    assert str(status) in error.message


@pytest.mark.parametrize("status", [400, 401, 429, 500, 418])
def test_what_the_server_wrote_is_not_repeated(status: int) -> None:
    assert "secret" not in as_model_error(StatusError(status)).message


def test_spent_credit_is_told_from_too_many_requests() -> None:
    error = as_model_error(StatusError(429, "insufficient_quota"))
    assert error.lasting
    assert "credit" in error.message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None), ({"retry_after": "2"}, 2.0), ({"retry_after": "0.5"}, 0.5), ({"retry_after": "-3"}, 0.0),
        ({"retry_after": ""}, None), ({"retry_after": "soon"}, None), ({"retry_after": "nan"}, None),
        ({"retry_after": "inf"}, None), ({"retry_after": "1e400"}, None), ({"retry_after": "86400"}, 86_400.0),
        ({"retry_after_ms": "250", "retry_after": "9"}, 0.25), ({"retry_after_ms": "-9"}, 0.0),
        ({"retry_after_ms": "x", "retry_after": "9"}, 9.0),
        ({"retry_after": "Fri, 31 Dec 1999 23:59:59 GMT"}, 0.0),
        ({"retry_after": "Mon, 01 Jan 2001 00:00:00"}, None),
    ],
)  # fmt: skip
def test_the_wait_asked_for_is_read_in_every_notation(headers: dict[str, str], seconds: float | None) -> None:
    assert as_model_error(StatusError(429, **headers)).retry_after_seconds == seconds


def test_the_wait_asked_for_may_be_a_date() -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
    error = as_model_error(StatusError(503, retry_after=format_datetime(soon, usegmt=True)))
    assert error.retry_after_seconds is not None
    assert 0 < error.retry_after_seconds <= 60


@pytest.mark.parametrize(
    "raised",
    [httpx2.ReadError("reset"), httpx2.RemoteProtocolError("cut"), httpx2.ConnectError("no"), httpx2.WriteError("no"),
     ConnectionResetError(), httpx2.ReadTimeout("slow"), TimeoutError()],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_a_lost_or_slow_connection_is_worth_another_try(raised: Exception) -> None:
    assert isinstance(as_model_error(raised), BusyModelError)


def test_an_answer_that_cannot_be_read_is_named_by_kind_alone() -> None:
    error = as_model_error(KeyError("choices of Anna Miller"))
    assert isinstance(error, MalformedAnswerError)
    assert "Anna" not in error.message


def test_an_error_of_ours_stays_what_it_is() -> None:
    ours = ModelError("mine")
    assert as_model_error(ours) is ours


@pytest.mark.parametrize(
    "error",
    [ModelError("m", lasting=True), BusyModelError("b", retry_after_seconds=2.0), MalformedAnswerError("x", text="t")],
)
def test_errors_survive_pickling(error: ModelError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert again.message == error.message
    assert (again.lasting, again.retry_after_seconds) == (error.lasting, error.retry_after_seconds)
    assert getattr(again, "text", "") == getattr(error, "text", "")

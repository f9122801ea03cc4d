"""Reads what callers send: the question's body, and the headers that name and repeat it."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import msgspec
from starlette.requests import Request

from connectors.shim.problems import ShimError
from connectors.shim.visits import AskRequest

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,127}")
_SANE_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_POINTER = re.compile(r" - at `\$(?P<path>[^`]*)`$")


def parsed(body: bytes) -> AskRequest:
    """The request, checked.

    Raises:
        ShimError: 422 with a pointer to what is wrong, and never its value.
    """
    try:
        asked = msgspec.json.decode(body, type=AskRequest)
    except msgspec.ValidationError as error:
        found = _POINTER.search(str(error))
        pointer = found["path"].replace(".", "/") if found else ""
        raise _invalid(pointer, _POINTER.sub("", str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _invalid("", "expected a JSON object with a question") from None
    if not asked.question.strip():
        raise _invalid("/question", "expected a question")
    if asked.as_of and not _is_day(asked.as_of):
        raise _invalid("/as_of", "expected an ISO date such as 2026-11-16")
    if asked.thread_id and not _SANE_ID.fullmatch(asked.thread_id):
        raise _invalid("/thread_id", "expected at most 128 letters, digits, dots, colons, dashes or underscores")
    if asked.reuse_payload and not asked.thread_id:
        raise _invalid("/thread_id", "needed with reuse_payload: whose payload?")
    return asked


def correlation_id_of(request: Request) -> str:
    """The caller's id when it is sane, a new one otherwise."""
    given = request.headers.get("x-correlation-id", "")
    return given if _SANE_ID.fullmatch(given) else str(uuid.uuid4())


def idempotency_key_of(request: Request) -> str:
    """The caller's own key; "" without one.

    Raises:
        ShimError: It is none (422).
    """
    key = request.headers.get("idempotency-key", "")
    if key and not _SANE_KEY.fullmatch(key):
        detail = "An Idempotency-Key has at most 200 letters, digits and signs, without blanks."
        raise ShimError(422, "invalid_idempotency_key", detail)
    return key


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _invalid(pointer: str, message: str) -> ShimError:
    return ShimError(422, "invalid_request", "The request cannot be read; `errors` says where.", [(pointer, message)])

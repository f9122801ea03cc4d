"""Reads what a request says before any data is touched, so that what could never be answered is refused at once."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.errors import NotFoundError, RejectedError, TooLargeError
from connectors import envelope
from connectors.errors import InvalidPayloadError
from connectors.payload import read_payload

PAYLOAD_ID = re.compile(r"[A-Za-z0-9._:-]{1,120}")
GIVEN_PAYLOAD_IDS = "pay_"
"""How the ids begin that the service gives to payloads that came with a question."""

_LONGEST_THREAD_ID = 200


@dataclass(frozen=True)
class Asked:
    """A request as far as it can be read by itself: a payload that was sent, the id of one sent before, or neither.

    Attributes:
        payload: The payload that was sent; None where there is none.
        as_of: The day asked for; "" where the payload decides.
    """

    payload: Mapping[str, Any] | None = field(repr=False)
    payload_id: str
    as_of: str
    question: str = ""
    warnings: tuple[str, ...] = ()


def read_request(request: Mapping[str, Any]) -> Asked:
    """The request's own words.

    Raises:
        RejectedError: It cannot be taken as it is; the errors point at what to mend.
        NotFoundError: `payload_id` is none that a payload can have.
    """
    payload: Mapping[str, Any] = request.get("payload") or {}
    as_of, question = _day_text(request.get("as_of") or ""), str(request.get("question") or "")
    sent = is_sent(payload)
    payload_id = request.get("payload_id")
    if payload_id and sent:
        raise RejectedError(
            "Send either `payload` or `payload_id`.", errors=[("/payload_id", "there is a payload too")]
        )
    if payload_id:
        if not isinstance(payload_id, str) or not PAYLOAD_ID.fullmatch(payload_id):
            raise unknown_payload()
        return Asked(None, payload_id, as_of, question)
    if not sent:
        return Asked(None, "", as_of, question)
    return Asked(payload, "", as_of, question, envelope.envelope_warnings(payload))


def is_sent(payload: Mapping[str, Any]) -> bool:
    """Whether this is a payload at all, rather than the empty default.

    Raises:
        RejectedError: It is no object, its version is unknown, or it has neither version nor accounts.
    """
    try:
        return envelope.is_sent(payload)
    except InvalidPayloadError as error:
        errors = [(f"/payload{pointer}", message) for pointer, message in error.errors]
        raise RejectedError(error.message, errors=errors) from None


def json_bytes(document: Any, *, pointer: str, sort_keys: bool = False) -> bytes:
    """The document as JSON.

    Raises:
        RejectedError: It is nested deeper than JSON is written here; the error stands at `pointer`.
    """
    try:
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except orjson.JSONEncodeError:
        raise RejectedError("The body is nested too deeply.", errors=[(pointer, "nested too deeply")]) from None


def check_envelope(payload: Mapping[str, Any], *, most_accounts: int) -> None:
    """Refuse what is no payload at all; its accounts are not read.

    Raises:
        InvalidPayloadError: The envelope cannot be read.
        TooLargeError: There are more accounts than one run may have.
    """
    accounts = payload.get("accounts")
    read_payload({**payload, "accounts": [] if isinstance(accounts, list) else accounts})
    if isinstance(accounts, list) and len(accounts) > most_accounts:
        raise TooLargeError(
            f"{len(accounts):,} accounts are more than the limit of {most_accounts:,}; split the payload."
        )


def unknown_payload() -> NotFoundError:
    """There is no payload of that id for this sender."""
    return NotFoundError("There is no such payload; upload it again, or send `payload`.", code="payload_unknown")


def thread_id_of(asked: str, *, pointer: str = "/config/configurable/thread_id") -> str:
    """The conversation's id: the one asked for, or a new one.

    Raises:
        RejectedError: It cannot be one; the error stands at `pointer`.
    """
    if not asked:
        return f"thr_{secrets.token_hex(12)}"
    if len(asked) > _LONGEST_THREAD_ID or not asked.isprintable():
        raise RejectedError(
            f"thread_id must be printable and at most {_LONGEST_THREAD_ID} characters.", errors=[(pointer, "unusable")]
        )
    return asked


def new_run_id() -> str:
    """A run's id that nobody can guess."""
    return f"run_{secrets.token_hex(12)}"


def new_payload_id() -> str:
    """The id of a payload that came with a question."""
    return f"{GIVEN_PAYLOAD_IDS}{secrets.token_hex(12)}"


def day_of(text: str) -> dt.date | None:
    """The day of an ISO text; None for "".

    Raises:
        RejectedError: There is no such day.
    """
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        raise RejectedError("as_of must be a day such as 2026-11-16.", errors=[("/as_of", "no such day")]) from None
    if not 2000 <= day.year <= 2100:
        raise RejectedError("as_of must lie between 2000 and 2100.", errors=[("/as_of", "out of range")])
    return day


def _day_text(text: str) -> str:
    day = day_of(text)
    return day.isoformat() if day else ""

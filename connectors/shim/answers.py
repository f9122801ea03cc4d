"""Reads what the service answers: no more than fits, and nothing of another shape than agreed."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
import orjson

from connectors.shim.problems import ShimError

_MOST_PROBLEM_BYTES = 256 * 1024
_LONGEST_TEXT = 500
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_POINTER = re.compile(r"[\w/.~-]{0,200}")


class _Place(msgspec.Struct):
    placeholder: str = ""
    contact_id: str | None = ""
    owner_id: str | None = ""
    field: str = ""


class _Account(msgspec.Struct):
    account_id: str = ""
    placeholders: list[_Place] | None = None


class _Report(msgspec.Struct):
    """Those parts of a report that the shim works with; whatever else it holds is passed on."""

    accounts: list[_Account] | None = None
    data_quality: list[dict[str, Any]] = []
    warnings: list[str] = []


def unreadable(detail: str = "The service's answer cannot be read.") -> ShimError:
    """That an answer is none."""
    return ShimError(502, "service_answer_unreadable", detail)


async def read_object(response: httpx.Response, *, most_bytes: int) -> dict[str, Any]:
    """The JSON object of a streamed answer, inflated here, so that a small body cannot become a large one unseen.

    Raises:
        ShimError: It is too large, no JSON object, or nested too deeply (all 502).
    """
    body = await _body(response, most_bytes)
    try:
        answer = orjson.loads(body)
        orjson.dumps(answer)  # Refuses what is nested deeper than an answer can be written again.
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, RecursionError):
        raise unreadable() from None
    if not isinstance(answer, dict) or not answer:
        raise unreadable()
    return answer


async def read_problem(response: httpx.Response) -> dict[str, Any]:
    """The problem of a refusal; empty where there is none to read."""
    try:
        return await read_object(response, most_bytes=_MOST_PROBLEM_BYTES)
    except ShimError:
        return {}


def checked_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report, whose accounts, placeholders, findings and warnings are what they are agreed to be.

    Raises:
        ShimError: They are not (502).
    """
    try:
        msgspec.convert(report, _Report)
    except (msgspec.ValidationError, RecursionError):
        raise unreadable("The service's report has another shape than agreed.") from None
    return dict(report)


def sane_code(value: Any) -> str:
    """An error code that is one, else ""."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def sane_text(value: Any) -> str:
    """A short text that can be printed, else ""."""
    return value if isinstance(value, str) and len(value) <= _LONGEST_TEXT and value.isprintable() else ""


def sane_errors(value: Any) -> list[tuple[str, str]]:
    """The pointers and messages of a problem."""
    pairs = [
        (error.get("pointer"), sane_text(error.get("message")))
        for error in (value if isinstance(value, list) else [])
        if isinstance(error, dict)
    ]
    return [(pointer, said) for pointer, said in pairs if isinstance(pointer, str) and _POINTER.fullmatch(pointer)]


async def _body(response: httpx.Response, most_bytes: int) -> bytes:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise unreadable("The service's answer is compressed in a way that was not asked for.")
    inflating = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    chunks, size = [], 0
    try:
        async for raw in response.aiter_raw():
            chunk = inflating.decompress(raw, most_bytes + 1 - size) if inflating else raw
            size += len(chunk)
            if size > most_bytes:
                detail = f"The service's answer is larger than {most_bytes / 1024 / 1024:g} MiB; ask for less."
                raise ShimError(502, "service_answer_too_large", detail)
            chunks.append(chunk)
    except zlib.error:
        raise unreadable() from None
    if inflating is not None and not inflating.eof:
        raise unreadable()
    return b"".join(chunks)

"""What a client's exception means: busy for now, wrong for good, or an answer that nobody can read."""

from __future__ import annotations

import datetime as dt
import math
from email.utils import parsedate_to_datetime
from typing import Any

from chains.errors import BusyModelError, MalformedAnswerError, ModelError

_LASTING = {
    401: "the server refused the key (401): check it",
    402: "the account with the provider has no credit left (402)",
    403: "the key may not use this model (403)",
    404: "the server knows no such model or address (404): check model and base_url",
}
_BUSY = frozenset((408, 409, 425, 429))
_REFUSED = frozenset((400, 413, 415, 422))
_CUT_OFF = "the answer was cut off at its longest length"
_FILTERED = "the provider's content filter stopped the answer"
_NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached")


def as_model_error(error: Exception) -> ModelError:
    """The error as the engine tells it; never repeats what the server wrote, which may quote the request."""
    if isinstance(error, ModelError):
        return error
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return _of_status(status, error)
    kind = type(error).__name__
    if "Timeout" in kind:
        return BusyModelError("the server did not answer in time")
    if "LengthFinish" in kind:
        return MalformedAnswerError(_CUT_OFF)
    if "ContentFilter" in kind:
        return ModelError(_FILTERED)
    if "Connect" in kind or _is_of_transport(error) or isinstance(error, OSError):
        return BusyModelError("the connection to the server failed")
    return MalformedAnswerError(f"the server's answer could not be read ({kind})")


def _is_of_transport(error: Exception) -> bool:
    """Whether the HTTP client lost the connection, before or while the answer came."""
    return any(kind.__name__ == "TransportError" for kind in type(error).__mro__)


def refuse_unfinished(message: Any) -> None:
    """Refuse an answer, or the last part of one, that its server did not bring to an end.

    Raises:
        MalformedAnswerError: It was cut off at its longest length.
        ModelError: A content filter stopped it.
    """
    reason = message.response_metadata.get("finish_reason")
    if reason == "length":
        raise MalformedAnswerError(_CUT_OFF)
    if reason == "content_filter":
        raise ModelError(_FILTERED)


class RefusedRequestError(ModelError):
    """The server refused the request as such (400, 413, 415, 422), as one does that cannot give answers a form."""

    code = "model_refused_request"


def _of_status(status: int, error: Exception) -> ModelError:
    if getattr(error, "code", None) in _NO_CREDIT:
        return ModelError(_LASTING[402], lasting=True)
    if status in _LASTING:
        return ModelError(_LASTING[status], lasting=True)
    if status in _BUSY or status >= 500:
        what = "the server is busy" if status in _BUSY else "the server failed"
        return BusyModelError(f"{what} ({status})", retry_after_seconds=_retry_after(error))
    if status in _REFUSED:
        return RefusedRequestError(f"the server refused the request ({status})")
    return ModelError(f"the server answered with status {status}")


def _retry_after(error: Exception) -> float | None:
    """Seconds that the server asks to wait, by header in seconds or as a date; None when it does not say."""
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return max(0.0, milliseconds / 1000)
    text = headers.get("retry-after")
    if (seconds := _number(text)) is not None:
        return max(0.0, seconds)
    if not text:
        return None
    try:
        return max(0.0, (parsedate_to_datetime(text) - dt.datetime.now(dt.UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None

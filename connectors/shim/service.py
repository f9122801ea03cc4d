"""Asks the service over its HTTP door, and turns its failures into the shim's problems."""

from __future__ import annotations

from typing import Any

import httpx
import orjson

from connectors.shim.problems import ShimError
from connectors.shim.settings import ShimSettings

_RETRY_AFTER_SECONDS = "5"


async def invoke(
    client: httpx.AsyncClient,
    settings: ShimSettings,
    body: dict[str, Any],
    *,
    correlation_id: str,
    authorization: str,
) -> dict[str, Any]:
    """POST the question to ``/churn/invoke`` and give the report.

    Raises:
        ShimError: The service is down (503), too slow (504), broken (502), or refused (its own status and code).
    """
    headers = {"Content-Type": "application/json", "X-Correlation-Id": correlation_id}
    if authorization := authorization or (f"Bearer {settings.service_token}" if settings.service_token else ""):
        headers["Authorization"] = authorization
    try:
        response = await client.post(
            f"{settings.service_url.rstrip('/')}/churn/invoke",
            content=orjson.dumps(body),
            headers=headers,
            timeout=httpx.Timeout(settings.service_timeout_seconds, connect=5.0),
        )
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise _unavailable("The service is not reachable; try again shortly.") from error
    except httpx.TimeoutException as error:
        raise ShimError(504, "service_timeout", "The service did not answer in time; ask for less.") from error
    except httpx.HTTPError as error:
        raise _unavailable("The connection to the service broke; try again shortly.") from error
    if response.status_code != 200:
        raise _refusal(response)
    return _report(response)


def _unavailable(detail: str) -> ShimError:
    return ShimError(503, "service_unavailable", detail, headers={"Retry-After": _RETRY_AFTER_SECONDS})


def _report(response: httpx.Response) -> dict[str, Any]:
    answer = _json(response)
    report = answer.get("output")
    if not isinstance(report, dict):
        raise ShimError(502, "service_answer_unreadable", "The service's answer holds no report.")
    return report


def _refusal(response: httpx.Response) -> ShimError:
    """The service's own problem passed on; its inner failures become 502."""
    problem, status = _json(response), response.status_code
    retry_after = response.headers.get("retry-after", "")
    if status in (429, 503):
        headers = {"Retry-After": retry_after or _RETRY_AFTER_SECONDS}
        code = "rate_limited" if status == 429 else "service_unavailable"
        code = str(problem.get("code") or code)
        return ShimError(status, code, "The service is busy; try again later.", headers=headers)
    if status == 504:
        return ShimError(504, "service_timeout", "The service did not finish in time; ask for less.")
    if not 400 <= status < 500:
        return ShimError(502, "service_failed", f"The service answered {status}.")
    errors = problem.get("errors")
    pairs = [
        (str(error.get("pointer", "")), str(error.get("message", "")))
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    ]
    detail = str(problem.get("detail") or f"The service answered {status}.")
    return ShimError(status, str(problem.get("code") or "service_refused"), detail, pairs)


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}

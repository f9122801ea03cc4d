"""Reads the CRM's objects over Salesforce's REST query, page by page, all objects at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import httpx
import orjson

from connectors.errors import SourceUnavailableError
from connectors.shim.settings import ShimSettings

Rows = list[dict[str, Any]]

FIELDS: dict[str, tuple[str, ...]] = {
    "Account": (
        "Id", "Name", "Website", "ParentId", "Segment__c", "Region__c", "BillingCountry", "Industry", "Status__c",
        "ARR__c", "CurrencyIsoCode", "OwnerId", "Contract_Start__c", "Renewal_Date__c", "Contract_Term_Months__c",
        "Seats__c", "Auto_Renew__c", "Notice_Days__c",
    ),
    "User": ("Id", "Name", "Email"),
    "Contact": (
        "Id", "AccountId", "FirstName", "LastName", "Email", "Phone", "Role__c", "Language__c", "Left_On__c",
        "HasOptedOutOfEmail",
    ),
    "Case": (
        "Id", "AccountId", "CreatedDate", "First_Response_At__c", "ClosedDate", "Priority", "Subject", "Description",
    ),
    "Task": ("Id", "AccountId", "WhoId", "Type", "CompletedDateTime"),
    "Survey_Response__c": (
        "Id", "Account__c", "Kind__c", "Score__c", "Answered_On__c", "Comment__c", "Synced_At__c",
    ),
}  # fmt: skip
PEOPLE = ("Contact", "User")
_TRIES = 3
_PAUSE_SECONDS = 0.2
_TRANSIENT = frozenset({429, 500, 502, 503, 504})


async def read_crm(client: httpx.AsyncClient, settings: ShimSettings, objects: Iterable[str]) -> dict[str, Rows]:
    """All records of the objects named.

    Raises:
        SourceUnavailableError: The CRM did not answer, refused, or answered something else; the message is safe.
    """
    names = list(objects)
    failures: list[Exception] = []
    tasks: list[asyncio.Task[Rows]] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_read_object(client, settings, name)) for name in names]
    except* SourceUnavailableError as several:
        failures = list(several.exceptions)
    if failures:
        raise SourceUnavailableError(str(failures[0]))
    return {name: task.result() for name, task in zip(names, tasks, strict=True)}


async def _read_object(client: httpx.AsyncClient, settings: ShimSettings, name: str) -> Rows:
    root = settings.crm_url.rstrip("/")
    soql = " ".join(("SELECT", ", ".join(FIELDS[name]), "FROM", name))
    url = f"{root}/services/data/{settings.crm_api_version}/query?{httpx.QueryParams(q=soql)}"
    rows: Rows = []
    for _ in range(settings.crm_max_pages):
        page = await _get(client, settings, url)
        rows += page["records"]
        if page.get("done", True):
            return rows
        following = page.get("nextRecordsUrl")
        # Only a path of this CRM is followed: the token goes nowhere else.
        if not isinstance(following, str) or not following.startswith("/services/data/"):
            raise SourceUnavailableError("The CRM's answer names no next page.")
        url = root + following
    raise SourceUnavailableError(f"The CRM's {name} has more than {settings.crm_max_pages} pages.")


async def _get(client: httpx.AsyncClient, settings: ShimSettings, url: str) -> dict[str, Any]:
    """One page, asked for again when the failure may pass."""
    headers = {"Authorization": f"Bearer {settings.crm_token}"} if settings.crm_token else {}
    for attempt in range(1, _TRIES + 1):
        try:
            response = await client.get(url, headers=headers, timeout=settings.crm_timeout_seconds)
        except httpx.HTTPError as error:
            if attempt == _TRIES:
                raise SourceUnavailableError(f"The CRM did not answer ({type(error).__name__}).") from error
        else:
            if response.status_code not in _TRANSIENT or attempt == _TRIES:
                return _page(response)
        await asyncio.sleep(_PAUSE_SECONDS * attempt)
    raise AssertionError("unreachable")


def _page(response: httpx.Response) -> dict[str, Any]:
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        raise SourceUnavailableError(f"The CRM answered {response.status_code} without JSON.") from None
    if response.status_code != 200:
        raise SourceUnavailableError(f"The CRM answered {response.status_code}{_error_code(body)}.")
    if not isinstance(body, dict) or not isinstance(body.get("records"), list):
        raise SourceUnavailableError("The CRM's answer has no records.")
    return body


def _error_code(body: Any) -> str:
    """Salesforce sends an array of errors; its codes are constants, its messages may quote data."""
    if isinstance(body, list) and body and isinstance(body[0], dict):
        code = str(body[0].get("errorCode", ""))
        return f" {code}" if code.replace("_", "").isalpha() else ""
    return ""

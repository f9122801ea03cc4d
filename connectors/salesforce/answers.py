"""Reads Salesforce's answers: pages, and errors by their code; what an error's text says is never passed on.

Source:
    Salesforce REST API Developer Guide, Query and Status Codes and Error Responses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import requests
from simple_salesforce.exceptions import SalesforceError

from connectors.errors import ConnectorError, SourceRefusedError, SourceUnavailableError
from connectors.salesforce.soql import Query
from connectors.salesforce.wire import OverdueError, OversizedError, RedirectedError
from connectors.toolkit.spelling import suggestion

PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
_UNAUTHORISED = 401
_CODE = re.compile(r"[A-Za-z][A-Za-z_]{1,60}")
_QUOTED = re.compile(r"'([\w.]+)'")
_NEXT = re.compile(r"/services/data/v\d{2,3}\.0/query/([A-Za-z0-9]{1,40}-\d{1,10})")
_LIMITS = frozenset({"REQUEST_LIMIT_EXCEEDED"})
# Compound fields repeat what their parts say, and binary ones are no text.
_UNREAD_TYPES = frozenset({"address", "location", "base64"})
_TOO_SLOW = frozenset({"QUERY_TIMEOUT", "OPERATION_TOO_LARGE", "QUERY_TOO_COMPLICATED"})


class PassingError(Exception):
    """An answer that may be another in a moment."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


@dataclass(frozen=True)
class Page:
    """Some records of a query, the locator of the next ones ("" at the end), and how many the query has in all."""

    records: list[dict[str, Any]]
    following: str
    total: int = 0


def page_of(answer: Any) -> Page:
    """A query's answer.

    Raises:
        SourceRefusedError: It is not one; a next page elsewhere than under this API's queries is none either.
    """
    if isinstance(answer, dict) and isinstance(records := answer.get("records"), list):
        link, done = answer.get("nextRecordsUrl"), answer.get("done")
        locator = _NEXT.fullmatch(link) if isinstance(link, str) else None
        if all(isinstance(record, dict) for record in records) and (done is True or (done is False and locator)):
            total = answer.get("totalSize")
            return Page(records, locator[1] if locator and not done else "", total if isinstance(total, int) else 0)
    raise SourceRefusedError("Salesforce's answer is no page of records: check instance_url and api_version.")


def fields_of(answer: Any) -> tuple[str, ...]:
    """The names of the fields that a describe answer lists and a row can hold.

    Raises:
        SourceRefusedError: It is no such answer.
    """
    fields = answer.get("fields") if isinstance(answer, dict) else None
    if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
        raise SourceRefusedError("Salesforce's answer describes no object: check instance_url and api_version.")
    return tuple(str(field.get("name")) for field in fields if field.get("type") not in _UNREAD_TYPES)


def code_of(value: object) -> str:
    """An error's code; "" where it does not look like one."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def error_code(error: SalesforceError) -> str:
    """The first code of an error's array."""
    return code_of(_first(error).get("errorCode"))


def is_passing(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment."""
    if isinstance(error, SalesforceError):
        return error.status in PASSING_STATUSES and error_code(error) not in _LIMITS
    if isinstance(error, requests.ConnectionError | requests.Timeout):
        return not _is_untrusted(error)
    return isinstance(error, PassingError)


def is_ended_session(error: BaseException) -> bool:
    """Whether the session has ended, so that a new token helps."""
    return (
        isinstance(error, SalesforceError)
        and error.status == _UNAUTHORISED
        and error_code(error) == "INVALID_SESSION_ID"
    )


def said_error(error: Exception, query: Query, known: Iterable[str] = ()) -> ConnectorError:
    """The error to raise in place of the client's, in words that hold nothing of the answer but its code.

    `known` are the names that a misspelt field of the query's object may have meant.
    """
    if isinstance(error, SalesforceError):
        return _said_by_salesforce(error, query, known)
    if isinstance(error, RedirectedError):
        return SourceRefusedError(
            "The address answers with a redirect, which is not followed: give the organisation's My Domain."
        )
    if isinstance(error, OversizedError):
        return SourceRefusedError("An answer is larger than any page of Salesforce: check the address.")
    if isinstance(error, OverdueError):
        return overdue()
    if isinstance(error, PassingError):
        return SourceUnavailableError(f"Salesforce answers {error.status}: repeat later.")
    if isinstance(error, requests.JSONDecodeError | RecursionError):
        return SourceRefusedError("The answer is not JSON, so not Salesforce's API: check the address and proxy_url.")
    if _is_untrusted(error):
        return SourceRefusedError(
            "The server's certificate is not signed by a trusted authority for this host: "
            "check the address, or name the authority's file in ca_file."
        )
    return SourceUnavailableError(f"Salesforce did not answer ({type(error).__name__}): repeat later.")


def overdue() -> SourceUnavailableError:
    """The error of a reading whose time is over."""
    return SourceUnavailableError("Salesforce was not read to the end in the time allowed: repeat later.")


def _first(error: SalesforceError) -> dict[str, Any]:
    content: Any = error.content
    first = content[0] if isinstance(content, list) and content else content
    return first if isinstance(first, dict) else {}


def _said_by_salesforce(error: SalesforceError, query: Query, known: Iterable[str]) -> ConnectorError:
    code = error_code(error)
    named = f"{error.status} {code}".strip()
    if code in _LIMITS:
        return SourceUnavailableError(
            f"The organisation's limit of API requests is used up ({code}): repeat when it is renewed, "
            "or have it raised."
        )
    if code == "INVALID_TYPE":
        return SourceRefusedError(
            f"Salesforce shows this user no object `{query.origin}` ({code}): check `from` in the mapping, and the "
            "user's rights to the object."
        )
    if code == "INVALID_FIELD":
        fields = ", ".join(
            f"`{name}`{'' if '.' in name else suggestion(name, known)}" for name in _blamed(error, query)
        )
        what = f"no field {fields}" if fields else "not all mapped fields"
        return SourceRefusedError(
            f"Salesforce shows this user {what} of {query.origin} ({code}): check the mapping, "
            "and field-level security; what a relationship leads to is mapped as a path, such as Owner.Email."
        )
    if code in _TOO_SLOW:
        return SourceUnavailableError(f"Salesforce gave the query up ({code}): repeat later, or map fewer fields.")
    if error.status in PASSING_STATUSES:
        return SourceUnavailableError(f"Salesforce answers {named}: repeat later.")
    if error.status == _UNAUTHORISED:
        return SourceRefusedError(f"Salesforce does not take the access token ({named}): check the app and its user.")
    return SourceRefusedError(
        f"Salesforce refuses the request ({named}): check api_version, the mapping, and the user's rights to the API."
    )


def _blamed(error: SalesforceError, query: Query) -> list[str]:
    """Those of our columns that the error's text quotes."""
    first = _first(error)
    quoted = {name.casefold() for name in _QUOTED.findall(str(first.get("message")))}
    return [column for column in query.columns if quoted & {column.casefold(), *column.casefold().split(".")}]


def _is_untrusted(error: BaseException) -> bool:
    return isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error)

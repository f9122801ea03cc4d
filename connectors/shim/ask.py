"""One question through the shim: read the systems, join them, ask the service, put persons back."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import msgspec

from connectors.errors import SourceUnavailableError
from connectors.records import Finding
from connectors.shim import mapping
from connectors.shim.aggregate import SystemsRead, aggregate
from connectors.shim.crm import FIELDS, PEOPLE, Rows, read_crm
from connectors.shim.exports import read_billing, read_usage
from connectors.shim.people import People, filled
from connectors.shim.problems import ShimError
from connectors.shim.service import invoke
from connectors.shim.settings import ShimSettings
from connectors.wire import wire

Clock = Callable[[], dt.datetime]
ReadT = TypeVar("ReadT")


class AskRequest(msgspec.Struct, kw_only=True, frozen=True):
    """What a caller asks; with `reuse_payload` the service works on the thread's last payload and as-of day."""

    question: str
    thread_id: str = ""
    as_of: str = ""
    reuse_payload: bool = False


@dataclass(frozen=True)
class Caller:
    """What came with the request and goes on to the service."""

    correlation_id: str
    authorization: str = ""


async def ask(
    request: AskRequest, caller: Caller, *, settings: ShimSettings, client: httpx.AsyncClient, clock: Clock
) -> dict[str, Any]:
    """The filled report of the question.

    Raises:
        ShimError: The CRM is gone (502), or the service failed or refused.
    """
    if request.reuse_payload:
        body, people, findings = await _follow_up(request, settings, client)
    else:
        body, people, findings = await _first_question(request, settings, client, clock)
    report = await invoke(
        client, settings, body, correlation_id=caller.correlation_id, authorization=caller.authorization
    )
    document, unfilled = await asyncio.to_thread(filled, report, people)
    _add_findings(document, findings)
    if unfilled:
        warnings = document.setdefault("warnings", [])
        warnings.append(f"{len(unfilled)} personal values could not be filled in and stand as placeholders.")
    return document


async def _first_question(
    request: AskRequest, settings: ShimSettings, client: httpx.AsyncClient, clock: Clock
) -> tuple[dict[str, Any], People, list[Finding]]:
    now = clock()
    as_of = dt.date.fromisoformat(request.as_of) if request.as_of else now.date()
    systems = await read_systems(settings, client, read_at=now)

    def joined() -> tuple[dict[str, Any], list[Finding]]:
        aggregated = aggregate(systems, as_of)
        return wire(aggregated.payload), aggregated.findings

    payload, findings = await asyncio.to_thread(joined)
    return _body(request, payload, as_of.isoformat()), people_of(systems.crm), findings


async def _follow_up(
    request: AskRequest, settings: ShimSettings, client: httpx.AsyncClient
) -> tuple[dict[str, Any], People, list[Finding]]:
    """No payload is sent; only the persons are read, and without them the answer stays masked."""
    body = _body(request, {"schema_version": ""}, request.as_of)
    crm = await _attempt("The CRM", read_crm(client, settings, PEOPLE), settings)
    if isinstance(crm, SourceUnavailableError):
        unread = Finding(severity="warning", scope="crm", message=crm.message, code="source_unavailable")
        return body, People(), [unread]
    return body, people_of(crm), []


def _body(request: AskRequest, payload: dict[str, Any], as_of: str) -> dict[str, Any]:
    return {
        "input": {"question": request.question, "payload": payload, "as_of": as_of},
        "config": {"configurable": {"thread_id": request.thread_id}},
    }


async def read_systems(settings: ShimSettings, client: httpx.AsyncClient, *, read_at: dt.datetime) -> SystemsRead:
    """All three systems at once; usage and billing may be missing, the CRM may not.

    Raises:
        ShimError: The CRM is gone (502).
    """
    crm, usage, billing = await asyncio.gather(
        _attempt("The CRM", read_crm(client, settings, FIELDS), settings),
        _attempt("The usage database", asyncio.to_thread(read_usage, settings.usage_database), settings),
        _attempt("The billing export", asyncio.to_thread(read_billing, settings.billing_folder), settings),
    )
    if isinstance(crm, SourceUnavailableError):
        detail = f"{crm.message} Without the CRM there are no accounts to speak of."
        raise ShimError(502, "crm_unavailable", detail, headers={"Retry-After": "30"}) from crm
    failures = [
        (kind, outcome.message)
        for kind, outcome in (("usage", usage), ("billing", billing))
        if isinstance(outcome, SourceUnavailableError)
    ]
    return SystemsRead(
        crm=crm,
        usage=None if isinstance(usage, SourceUnavailableError) else usage,
        billing=None if isinstance(billing, SourceUnavailableError) else billing,
        read_at=read_at,
        failures=failures,
    )


async def _attempt(name: str, reading: Awaitable[ReadT], settings: ShimSettings) -> ReadT | SourceUnavailableError:
    """What was read, or why it could not be within the time a source has."""
    try:
        return await asyncio.wait_for(reading, settings.source_timeout_seconds)
    except SourceUnavailableError as error:
        return error
    except TimeoutError:
        return SourceUnavailableError(f"{name} did not answer within {settings.source_timeout_seconds:g} seconds.")


def people_of(crm: dict[str, Rows]) -> People:
    """The contacts and owners the CRM returned, by id."""
    contacts = [mapping.to_contact(row) for row in crm["Contact"]]
    owners = [mapping.to_owner(row) for row in crm["User"]]
    return People({c.contact_id: c for c in contacts}, {o.owner_id: o for o in owners})


def _add_findings(report: dict[str, Any], findings: list[Finding]) -> None:
    """Say in the report what was wrong on this side of the service, a missing source also as a warning."""
    quality = report.setdefault("data_quality", [])
    warnings = report.setdefault("warnings", [])
    for finding in findings:
        quality.append({name: getattr(finding, name) for name in ("severity", "scope", "message", "count")})
        if finding.code == "source_unavailable":
            warnings.append(f"{finding.message} The answer was made without the {finding.scope} data.")

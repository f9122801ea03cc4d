"""Packs the service's report for the caller: what reading the systems found, and persons where they may be seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.errors import SourceRefusedError, SourceUnavailableError
from connectors.records import Finding
from connectors.shim.people import filled, people_in
from connectors.shim.readings import Clock, read_persons
from connectors.shim.settings import ShimSettings
from connectors.shim.visits import Visit


def add_findings(report: dict[str, Any], findings: Iterable[Finding]) -> None:
    """Say in the report what was wrong on this side of the service, a missing source also as a warning."""
    quality = report.setdefault("data_quality", [])
    warnings = report.setdefault("warnings", [])
    for finding in findings:
        quality.append({name: getattr(finding, name) for name in ("severity", "scope", "message", "count")})
        if finding.code == "source_unavailable":
            warnings.append(f"{finding.scope}: {finding.message} The answer was made without its data.")


async def with_persons(
    report: dict[str, Any], document: Mapping[str, Any] | None, visit: Visit, settings: ShimSettings, clock: Clock
) -> dict[str, Any]:
    """The report with persons in place of placeholders.

    Args:
        document: The payload as it was read, before masking. Without it persons are read anew: nothing personal is
            kept between questions, so that what changed meanwhile counts and any process of several can answer.
    """
    accounts = [account for account in report.get("accounts") or () if isinstance(account, dict)]
    if not any(account.get("placeholders") for account in accounts):
        return report
    if document is None:
        try:
            seconds = settings.time.source_seconds
            document = await read_persons(
                settings.sources, visit.notes, as_of=clock().date(), clock=clock, timeout_seconds=seconds
            )
        except (SourceUnavailableError, SourceRefusedError) as error:
            add_findings(report, [Finding(severity="warning", scope="persons", message=error.message)])
            document = {}
    people = people_in(document, (str(account.get("account_id") or "") for account in accounts))
    packed, unfilled = await asyncio.to_thread(filled, report, people)
    if unfilled:
        said = f"{len(unfilled)} personal values could not be filled in and stand as placeholders."
        packed.setdefault("warnings", []).append(said)
    return packed

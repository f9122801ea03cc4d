"""What leaves the house with a question: the payload as the rules let it leave, and the question without persons."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.records import Finding
from connectors.shim.masking import masked, unknown_word_findings
from connectors.shim.masking_rules import MaskingRules
from connectors.shim.pseudonyms import with_safe_ids
from connectors.shim.readings import Clock, LastReadings, read_everything, read_persons
from connectors.shim.redaction import Redactor, redactor_of
from connectors.shim.settings import ShimSettings
from connectors.shim.visibility import account_ids, limits_of, told_findings
from connectors.shim.visits import Visit

_REDACTED = "Persons named in the question were left out before it was sent; name accounts instead."


@dataclass(frozen=True)
class Sending:
    """What a question is sent with.

    Attributes:
        question: As it is sent.
        document: What was read for it, before masking, its personal ids replaced; None where nothing was.
        held: The accounts that the run stands on; None where that is not known.
    """

    question: str
    payload: Mapping[str, Any] = field(repr=False)
    as_of: str
    document: Mapping[str, Any] | None = field(default=None, repr=False)
    findings: tuple[Finding, ...] = ()
    held: frozenset[str] | None = None


class Persons:
    """Reads persons alone, of the accounts that a caller may see."""

    def __init__(self, settings: ShimSettings, key: bytes, clock: Clock) -> None:
        self._settings, self._key, self._clock = settings, key, clock

    async def read(self, visit: Visit) -> Mapping[str, Any]:
        """A payload of accounts with nothing but their contacts and owners, their personal ids replaced.

        Raises:
            SourceUnavailableError, SourceRefusedError: The system that holds the accounts gives nothing.
        """
        document = await read_persons(
            self._settings.sources,
            visit.notes,
            as_of=self._clock().date(),
            clock=self._clock,
            timeout_seconds=self._settings.time.source_seconds,
            narrowing=limits_of(visit.caller),
        )
        if not self._settings.masking.by_kind:  # Ids left as they are.
            return document
        return await asyncio.to_thread(with_safe_ids, document, self._key)


class Outbox:
    """Reads the systems no further than the caller may see, and masks what was read."""

    def __init__(self, settings: ShimSettings, key: bytes, clock: Clock) -> None:
        self._settings, self._key, self._clock = settings, key, clock
        self._history = LastReadings()
        self._persons = Persons(settings, key, clock)

    async def with_payload(self, question: str, as_of: dt.date, visit: Visit) -> Sending:
        """A question with all that is configured, as of that day.

        Raises:
            SourceUnavailableError, SourceRefusedError: The system that holds the accounts gives nothing.
        """
        limits = limits_of(visit.caller)
        pulled = await read_everything(
            self._settings.sources,
            visit.notes,
            as_of=as_of,
            clock=self._clock,
            timeout_seconds=max(0.1, min(self._settings.time.source_seconds, visit.deadline.seconds_left)),
            narrowing=limits,
            history=self._history,
        )
        visit.failed = pulled.failed
        document, payload, asked, told = await asyncio.to_thread(self._masked, pulled.document, question)
        held = account_ids(document)
        findings = told_findings((*pulled.findings, *told), held, limits)
        return Sending(asked, payload, as_of.isoformat(), document, findings, held)

    async def follow_up(self, question: str, as_of: str, held: frozenset[str] | None, visit: Visit) -> Sending:
        """A question about the thread's last payload; persons are read so that none is named in it.

        Raises:
            SourceUnavailableError, SourceRefusedError: The system that holds the accounts gives nothing.
        """
        rules = self._settings.masking
        document: Mapping[str, Any] | None = None
        findings: tuple[Finding, ...] = ()
        if rules.redacts:
            document = await self._persons.read(visit)
            redactor = await asyncio.to_thread(_redactor, document, rules)
            question, findings = _asked(question, redactor)
        return Sending(question, {"schema_version": ""}, as_of, document, findings, held)

    def _masked(
        self, read: Mapping[str, Any], question: str
    ) -> tuple[Mapping[str, Any], Mapping[str, Any], str, tuple[Finding, ...]]:
        rules = self._settings.masking
        if not rules.by_kind:
            return read, read, question, ()
        document = with_safe_ids(read, self._key)
        unknown = Counter[str]()
        redactor: Redactor | None = None
        told: tuple[Finding, ...] = ()
        if rules.redacts:
            redactor = redactor_of(document["accounts"])
            question, told = _asked(question, _redactor(document, rules))
        payload = masked(document, rules, self._key, redactor=redactor, unknown=unknown)
        return document, payload, question, (*told, *unknown_word_findings(unknown))


def _redactor(document: Mapping[str, Any], rules: MaskingRules) -> Redactor:
    """What redacts questions: persons whose names leave with the payload may be asked for by name."""
    return redactor_of(
        document["accounts"],
        contacts=not rules.names_leave("contacts", "first_name", "last_name"),
        owners=not rules.names_leave("accounts", "owner.name"),
    )


def _asked(question: str, redactor: Redactor) -> tuple[str, tuple[Finding, ...]]:
    asked = redactor.redact_question(question)
    if "[[" not in asked or asked.count("[[") == question.count("[["):
        return asked, ()
    return asked, (Finding(severity="info", scope="payload", code="question_redacted", message=_REDACTED),)

"""Payloads that are uploaded once and named in questions, and the check of one that stores nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.errors import RejectedError
from app.runs.requests import GIVEN_PAYLOAD_IDS, PAYLOAD_ID, is_sent, json_bytes, unknown_payload
from app.runs.rows import seal_payload
from app.security.principal import Principal
from app.store.crypto import Vault
from app.store.database import now_text
from app.store.tables import payloads
from connectors.decoding import decode_body
from connectors.payload import ReadResult, read_payload
from connectors.quality import assess, summarise
from connectors.records import Finding, Rejected

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_WHOSE = ("tenant", "person", "payload_id")


@dataclass(frozen=True)
class Receipt:
    """What was stored; `is_new` unless it took the place of an earlier payload."""

    payload_id: str
    received: int
    accepted: int
    rejected: int
    size: int
    stored_at: str
    expires_at: str
    is_new: bool


@dataclass(frozen=True)
class Checked:
    """What a run would find in a payload."""

    received: int
    accepted: int
    rejected: Sequence[Rejected]
    findings: Sequence[Finding]
    as_of: dt.date


class Uploads:
    """Payloads by their sender's own ids; everything here blocks, for a thread.

    Args:
        most_accounts: How many accounts one payload may have.
        keep: How long a payload is kept.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        *,
        clock: Callable[[], dt.datetime],
        most_accounts: int,
        keep: dt.timedelta,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock
        self._most_accounts = most_accounts
        self._keep = keep

    def put(self, principal: Principal, payload_id: str, body: bytes) -> Receipt:
        """Keep a payload under the sender's id, in place of an earlier one.

        Raises:
            RejectedError, ConnectorError: The id or the body is unusable.
        """
        if not PAYLOAD_ID.fullmatch(payload_id) or payload_id.startswith(GIVEN_PAYLOAD_IDS):
            raise RejectedError(
                "A payload_id has 1 to 120 letters, digits and . _ : -, and does not begin with pay_.",
                errors=[("/payload_id", "unusable")],
            )
        document, read = self._read(body)
        text, now = json_bytes(document, pointer=""), self._clock()
        row = {
            "tenant": principal.tenant,
            "person": principal.person,
            "payload_id": payload_id,
            "created_at": now_text(now),
            "origin": "uploaded",
            "findings": "[]",
            "body": seal_payload(self._vault, principal, payload_id, text),
        }
        return Receipt(
            payload_id=payload_id,
            received=read.received,
            accepted=len(read.payload.accounts),
            rejected=len(read.rejected),
            size=len(text),
            stored_at=now_text(now),
            expires_at=now_text(now + self._keep),
            is_new=self._upsert(row),
        )

    def check(self, body: bytes, *, as_of: dt.date | None = None) -> Checked:
        """What a run of the day would find in the payload; nothing is stored.

        Raises:
            RejectedError, ConnectorError: It is no payload at all.
        """
        _, read = self._read(body)
        day = as_of or read.payload.as_of or self._clock().date()
        findings = summarise([*read.findings, *assess(read.payload, day).findings])
        return Checked(read.received, len(read.payload.accounts), read.rejected, findings, day)

    def remove(self, principal: Principal, payload_id: str) -> None:
        """Forget a payload of the sender.

        Raises:
            NotFoundError: There is none of that id.
        """
        if not PAYLOAD_ID.fullmatch(payload_id):
            raise unknown_payload()
        row = delete(payloads).where(
            payloads.c.tenant == principal.tenant,
            payloads.c.person == principal.person,
            payloads.c.payload_id == payload_id,
        )
        with self._engine.begin() as connection:
            if not connection.execute(row).rowcount:
                raise unknown_payload()

    def _read(self, body: bytes) -> tuple[dict[str, Any], ReadResult]:
        document = decode_body(body)
        if not is_sent(document):
            raise RejectedError("The body is empty of a payload.", errors=[("/schema_version", "missing")])
        return document, read_payload(document, max_accounts=self._most_accounts)

    def _upsert(self, row: dict[str, Any]) -> bool:
        insert: Any = _INSERTS[self._engine.dialect.name](payloads).values(row)
        fresh = {name: value for name, value in row.items() if name not in _WHOSE}
        known = select(payloads.c.created_at).where(*(payloads.c[name] == row[name] for name in _WHOSE))
        with self._engine.connect() as connection:
            is_new = connection.execute(known).first() is None
        with self._engine.begin() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=list(_WHOSE), set_=fresh))
        return is_new

"""The tables; every one carries the tenant. Instants are ISO text in UTC, so that SQLite and PostgreSQL agree."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("tenant", String(80), nullable=False),
    Column("person", String(200), nullable=False),
    Column("thread_id", String(200), nullable=False),
    Column("workflow", String(40), nullable=False),
    Column("correlation_id", String(128), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("payload_id", String(40), nullable=False),
    Column("finished_at", String(32), nullable=False),
    Column("report", LargeBinary, nullable=False),
    Index("runs_by_thread", "tenant", "person", "thread_id", "finished_at"),
    Index("runs_by_payload", "tenant", "payload_id"),
)

payloads = Table(
    "payloads",
    metadata,
    Column("payload_id", String(40), primary_key=True),
    Column("tenant", String(80), nullable=False),
    Column("person", String(200), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("payloads_by_age", "created_at"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("draft_id", String(40), primary_key=True),
    Column("tenant", String(80), nullable=False),
    Column("person", String(200), nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("account_id", String(200), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("content", Text, nullable=False),
    Index("drafts_by_status", "tenant", "status", "created_at"),
    Index("drafts_by_account", "tenant", "account_id", "purpose", "status"),
    UniqueConstraint("tenant", "run_id", "account_id", "purpose", "version", name="one_draft_a_run_and_account"),
)

model_answers = Table(
    "model_answers",
    metadata,
    Column("tenant", String(80), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("created_at", String(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("model_answers_by_age", "created_at"),
)

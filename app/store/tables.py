"""The tables; all that is a tenant's carries the tenant.

Instants are ISO text in UTC, so that SQLite and PostgreSQL agree.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("tenant", String(80), nullable=False),
    Column("person", String(200), nullable=False),
    Column("client", String(200), nullable=False, server_default=""),
    Column("thread_id", String(200), nullable=False),
    Column("workflow", String(40), nullable=False),
    Column("correlation_id", String(128), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("payload_id", String(120), nullable=False),
    Column("status", String(12), nullable=False, server_default="succeeded"),
    Column("stage", String(40), nullable=False, server_default=""),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("created_at", String(32), nullable=False, server_default=""),
    Column("started_at", String(32), nullable=False, server_default=""),
    Column("heartbeat_at", String(32), nullable=False, server_default=""),
    Column("finished_at", String(32), nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    Column("callback", Text, nullable=False, server_default=""),
    Column("limits", Text, nullable=False, server_default=""),
    Column("report", LargeBinary, nullable=True),
    Index("runs_by_thread", "tenant", "person", "thread_id", "finished_at"),
    Index("runs_by_payload", "tenant", "payload_id"),
    Index("runs_by_status", "status", "heartbeat_at"),
)
"""`status` is queued, running, succeeded, failed or cancelled; a run in work has "" as `finished_at`, and its process
renews `heartbeat_at`. `error`, `callback` and the row-level `limits` it was asked under are JSON, or ""."""

repeats = Table(
    "repeats",
    metadata,
    Column("tenant", String(80), primary_key=True),
    Column("client", String(200), primary_key=True),
    Column("route", String(80), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("person", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("created_at", String(32), nullable=False),
    Index("repeats_by_age", "created_at"),
)
"""Which run an `Idempotency-Key` stands for, with a digest of the request it came with."""

payloads = Table(
    "payloads",
    metadata,
    Column("tenant", String(80), primary_key=True),
    Column("person", String(200), primary_key=True),
    Column("payload_id", String(120), primary_key=True),
    Column("created_at", String(32), nullable=False),
    Column("origin", String(12), nullable=False, server_default="pushed"),
    Column("findings", Text, nullable=False, server_default="[]"),
    Column("body", LargeBinary, nullable=False),
    Index("payloads_by_age", "created_at"),
)
"""`origin` is pushed, uploaded, sources or sample; `findings` is the JSON of what reading the sources found."""

source_reads = Table(
    "source_reads",
    metadata,
    Column("source", String(120), primary_key=True),
    Column("kind", String(40), primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("columns", Text, nullable=False),
    Column("read_at", String(32), nullable=False),
    Column("most", Integer, nullable=False, server_default="0"),
    Column("most_at", String(32), nullable=False, server_default=""),
)
"""The last reading of every source and record kind, and the most rows of recent ones; the sources are the
installation's, not a tenant's."""

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

"""Runs from their first moment on, keys of repeated requests, payloads by their sender's id, and what sources gave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("client", sa.String(200), nullable=False, server_default=""))
        runs.add_column(sa.Column("status", sa.String(12), nullable=False, server_default="succeeded"))
        runs.add_column(sa.Column("stage", sa.String(40), nullable=False, server_default=""))
        runs.add_column(sa.Column("done", sa.Integer, nullable=False, server_default="0"))
        runs.add_column(sa.Column("total", sa.Integer, nullable=False, server_default="0"))
        runs.add_column(sa.Column("created_at", sa.String(32), nullable=False, server_default=""))
        runs.add_column(sa.Column("started_at", sa.String(32), nullable=False, server_default=""))
        runs.add_column(sa.Column("heartbeat_at", sa.String(32), nullable=False, server_default=""))
        runs.add_column(sa.Column("error", sa.Text, nullable=False, server_default=""))
        runs.add_column(sa.Column("callback", sa.Text, nullable=False, server_default=""))
        runs.add_column(sa.Column("limits", sa.Text, nullable=False, server_default=""))
        runs.alter_column("report", existing_type=sa.LargeBinary, nullable=True)
    op.create_index("runs_by_status", "runs", ["status", "heartbeat_at"])
    op.create_table(
        "repeats",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("client", sa.String(200), primary_key=True),
        sa.Column("route", sa.String(80), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    op.create_index("repeats_by_age", "repeats", ["created_at"])
    op.create_table(
        "payloads_by_sender",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("payload_id", sa.String(120), primary_key=True),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("origin", sa.String(12), nullable=False, server_default="pushed"),
        sa.Column("findings", sa.Text, nullable=False, server_default="[]"),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    columns = "tenant, person, payload_id, created_at, body"
    op.execute(f"INSERT INTO payloads_by_sender ({columns}) SELECT {columns} FROM payloads")  # noqa: S608 - fixed names
    op.drop_index("payloads_by_age", "payloads")
    op.drop_table("payloads")
    op.rename_table("payloads_by_sender", "payloads")
    op.create_index("payloads_by_age", "payloads", ["created_at"])
    with op.batch_alter_table("runs") as runs:
        runs.alter_column("payload_id", existing_type=sa.String(40), type_=sa.String(120), existing_nullable=False)
    op.create_table(
        "source_reads",
        sa.Column("source", sa.String(120), primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("read_at", sa.String(32), nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("Payload ids are no longer unique across senders; restore a backup instead.")

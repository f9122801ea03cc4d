"""Runs, payloads and drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(40), primary_key=True),
        sa.Column("tenant", sa.String(80), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("thread_id", sa.String(200), nullable=False),
        sa.Column("workflow", sa.String(40), nullable=False),
        sa.Column("correlation_id", sa.String(128), nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("payload_id", sa.String(40), nullable=False),
        sa.Column("finished_at", sa.String(32), nullable=False),
        sa.Column("report", sa.LargeBinary, nullable=False),
    )
    op.create_index("runs_by_thread", "runs", ["tenant", "person", "thread_id", "finished_at"])
    op.create_index("runs_by_payload", "runs", ["tenant", "payload_id"])
    op.create_table(
        "payloads",
        sa.Column("payload_id", sa.String(40), primary_key=True),
        sa.Column("tenant", sa.String(80), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("payloads_by_age", "payloads", ["created_at"])
    op.create_table(
        "drafts",
        sa.Column("draft_id", sa.String(40), primary_key=True),
        sa.Column("tenant", sa.String(80), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("account_id", sa.String(200), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("tenant", "run_id", "account_id", "purpose", "version", name="one_draft_a_run_and_account"),
    )
    op.create_index("drafts_by_status", "drafts", ["tenant", "status", "created_at"])
    op.create_index("drafts_by_account", "drafts", ["tenant", "account_id", "purpose", "status"])


def downgrade() -> None:
    op.drop_table("drafts")
    op.drop_table("payloads")
    op.drop_table("runs")

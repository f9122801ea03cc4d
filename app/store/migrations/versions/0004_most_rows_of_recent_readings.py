"""The most rows of recent readings of a source, so that a table that vanishes by halves is seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_reads", sa.Column("most", sa.Integer, nullable=False, server_default="0"))
    op.add_column("source_reads", sa.Column("most_at", sa.String(32), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("source_reads", "most_at")
    op.drop_column("source_reads", "most")

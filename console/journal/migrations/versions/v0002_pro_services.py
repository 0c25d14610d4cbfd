"""Pro Services: where an account's engagements, lots and running segments are; beats and alerts of the workstation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _read_models()
    _local()
    # Pro streams that an older program kept unread are in no read model: without guidelines all are made anew.
    kept = "SELECT 1 FROM entries WHERE stream >= 'pro:' AND stream < 'pro;'"
    op.execute(f"UPDATE meta SET guidelines = '' WHERE EXISTS ({kept})")


def _read_models() -> None:
    op.create_table(
        "pro_engagements",
        sa.Column("stream", sa.String(), primary_key=True),
        sa.Column("ticket", sa.String(), primary_key=True),
    )
    op.create_index("pro_engagements_ticket", "pro_engagements", ["ticket"])
    op.create_table(
        "pro_lots",
        sa.Column("stream", sa.String(), primary_key=True),
        sa.Column("purchase", sa.String(), primary_key=True),
        sa.Column("ticket", sa.String(), nullable=False),
    )
    op.create_index("pro_lots_purchase", "pro_lots", ["purchase"])
    op.create_table(
        "pro_running",
        sa.Column("segment", sa.String(), primary_key=True),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("engagement", sa.String(), nullable=False),
        sa.Column("engineer", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("unattended_job", sa.String()),
    )


def _local() -> None:
    op.create_table(
        "beats",
        sa.Column("segment", sa.String(), primary_key=True),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("wall_ms", sa.BigInteger(), nullable=False),
        sa.Column("awake_ms", sa.BigInteger(), nullable=False),
        sa.Column("boot_ms", sa.BigInteger(), nullable=False),
        sa.Column("boot_id", sa.String(), nullable=False),
    )
    op.create_table(
        "alerts_raised",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
    )

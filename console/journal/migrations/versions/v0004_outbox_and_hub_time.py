"""How many own entries are in each state, kept by the database; and what the hub's clock said last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meta", sa.Column("hub_time", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.create_table(
        "own_counts",
        sa.Column("state", sa.String(), primary_key=True),
        sa.Column("entries", sa.Integer(), nullable=False),
    )
    op.execute("INSERT INTO own_counts SELECT state, count(*) FROM own_entries GROUP BY state")
    count = (
        "INSERT INTO own_counts (state, entries) VALUES (new.state, 1) "
        "ON CONFLICT (state) DO UPDATE SET entries = entries + 1"
    )
    leave = "UPDATE own_counts SET entries = entries - 1 WHERE state = old.state"
    op.execute(f"CREATE TRIGGER own_entries_came AFTER INSERT ON own_entries BEGIN {count}; END")
    op.execute(f"CREATE TRIGGER own_entries_went AFTER DELETE ON own_entries BEGIN {leave}; END")
    op.execute(
        "CREATE TRIGGER own_entries_changed AFTER UPDATE OF state ON own_entries WHEN old.state <> new.state "
        f"BEGIN {leave}; {count}; END"
    )

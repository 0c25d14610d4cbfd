"""A hub: where its log stands here, what own entries went through, what was settled, and what a person put away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _meta()
    _entries()
    op.create_table(
        "settled",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_table("dismissed", sa.Column("entry", sa.String(), primary_key=True))


def _meta() -> None:
    for name in ("connected", "read_models_behind", "place", "generation"):
        op.add_column("meta", _integer(name))
    for name in ("hub_url", "person", "role"):
        op.add_column("meta", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("meta", sa.Column("scopes", sa.Text(), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("meta", sa.Column("skew_ms", sa.BigInteger()))


def _entries() -> None:
    op.add_column("entries", _integer("adopted"))
    op.add_column("own_entries", sa.Column("effect", sa.String()))
    op.add_column("own_entries", sa.Column("acked_at", sa.BigInteger()))
    op.add_column("own_entries", _integer("offered"))
    op.add_column("own_entries", _integer("adopted"))
    op.add_column("own_entries", sa.Column("made_at", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.add_column("own_entries", _integer("place"))
    op.drop_index("own_entries_stream", "own_entries")
    op.create_index("own_entries_stream", "own_entries", ["stream", "place"])
    op.create_index("own_entries_place", "own_entries", ["place"], unique=True)
    for name in ("ack_seq", "acked_at"):
        op.create_index(f"own_entries_{name}", "own_entries", [name], sqlite_where=sa.text(f"{name} IS NOT NULL"))


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))

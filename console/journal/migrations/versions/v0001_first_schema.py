"""The first schema: the log, what waits for a hub, the read models, drafts and search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _log()
    _read_models()
    op.create_table(
        "drafts",
        sa.Column("ticket", sa.String(), primary_key=True),
        sa.Column("mode", sa.String(), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
    )


def _log() -> None:
    op.create_table(
        "meta",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("scopever", sa.Integer(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("dseq", sa.Integer(), nullable=False),
        sa.Column("guidelines", sa.String(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.Integer()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="meta_has_one_row"),
    )
    op.create_table(
        "entries",
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("dseq", sa.Integer(), nullable=False),
        sa.Column("base", sa.String()),
        sa.Column("expect", sa.String()),
        sa.Column("act", sa.String()),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("counts_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("entries_id", "entries", ["id"], unique=True)
    op.create_index("entries_stream", "entries", ["stream"])
    op.create_table(
        "own_entries",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("dseq", sa.Integer(), nullable=False),
        sa.Column("base", sa.String()),
        sa.Column("expect", sa.String()),
        sa.Column("act", sa.String()),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ack_seq", sa.Integer()),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint("state IN ('new', 'acked', 'refused')", name="own_entry_state"),
    )
    op.create_index("own_entries_stream", "own_entries", ["stream"])
    op.create_index("own_entries_state", "own_entries", ["state", "dseq"])


def _read_models() -> None:
    op.create_table(
        "tickets",
        sa.Column("rowid", sa.Integer(), primary_key=True),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("external_ref", sa.String()),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account", sa.String()),
        sa.Column("contact", sa.String()),
        sa.Column("product", sa.String()),
        sa.Column("plan", sa.String()),
        sa.Column("impact", sa.String()),
        sa.Column("assessed", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("assignee", sa.String()),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("is_open", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("impact_rank", sa.Integer(), nullable=False),
        sa.Column("next_metric", sa.String()),
        sa.Column("activated_at", sa.BigInteger()),
        sa.Column("target_seconds", sa.Integer()),
        sa.Column("cover", sa.String()),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("soon_at", sa.BigInteger()),
        sa.Column("risk_at", sa.BigInteger()),
        sa.Column("left_ms", sa.BigInteger()),
        sa.Column("met", sa.Integer(), nullable=False),
        sa.CheckConstraint("(rank = 0) = (due_at IS NOT NULL)", name="ticket_is_due_or_not"),
    )
    op.create_index("tickets_ticket", "tickets", ["ticket"], unique=True)
    op.create_index("tickets_number", "tickets", ["number"], sqlite_where=sa.text("number IS NOT NULL"))
    op.create_index(
        "tickets_external_ref", "tickets", ["external_ref"], sqlite_where=sa.text("external_ref IS NOT NULL")
    )
    op.create_index("tickets_assignee", "tickets", ["assignee"], sqlite_where=sa.text("assignee IS NOT NULL"))
    op.create_index(
        "tickets_queue",
        "tickets",
        ["rank", "due_at", "impact_rank", "opened_at", "ticket", "assignee", "status", "assessed"],
        sqlite_where=sa.text("is_open = 1"),
    )
    op.execute('CREATE VIRTUAL TABLE search USING fts5(subject, body, tokenize="unicode61 remove_diacritics 2")')

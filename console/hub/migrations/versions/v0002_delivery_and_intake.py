"""The queue of messages that go out, and the reports of services that came in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NAME = sa.Text(collation="C")
_STATES = "'queued', 'sending', 'accepted', 'failed', 'uncertain', 'cancelled'"


def upgrade() -> None:
    _delivery()
    _intake()
    op.create_table("log_cursors", _name("name", primary_key=True), _number("seq"), _number("epoch"))
    op.create_table("own_devices", _name("purpose", primary_key=True), _name("device"))


def _number(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), **{"nullable": False, **options})


def _name(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, _NAME, **{"nullable": False, **options})


def _delivery() -> None:
    op.create_table(
        "deliveries",
        _name("entry", primary_key=True),
        _number("seq"),
        _name("stream"),
        _name("message_id"),
        sa.Column("letter", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        _number("epoch"),
        _number("attempts"),
        _number("refusals"),
        _number("due_at"),
        _number("changed_at"),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint(f"state IN ({_STATES})", name="delivery_has_a_state"),
    )
    op.create_index("deliveries_message_id", "deliveries", ["message_id"], unique=True)
    op.create_index("deliveries_stream", "deliveries", ["stream", "seq"])
    op.create_index(
        "deliveries_unfinished",
        "deliveries",
        ["state", "due_at"],
        postgresql_where=sa.text("state IN ('queued', 'sending', 'uncertain')"),
    )
    op.create_table(
        "outcomes",
        _name("entry", primary_key=True),
        _number("place", primary_key=True),
        _name("id"),
        _name("stream"),
        sa.Column("state", sa.Text(), nullable=False),
        _number("at"),
        sa.Column("decided_by", sa.Text()),
        sa.Column("told", sa.Boolean(), nullable=False),
    )
    op.create_index("outcomes_untold", "outcomes", ["entry", "place"], postgresql_where=sa.text("NOT told"))


def _intake() -> None:
    op.create_table(
        "intake",
        _name("source", primary_key=True),
        _name("external_id", primary_key=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("ids", sa.Text(), nullable=False),
        _number("held_at"),
        _name("stream", nullable=True),
        _name("entry", nullable=True),
        _name("message_id", nullable=True),
        _name("alert", nullable=True),
        sa.Column("answer", sa.LargeBinary()),
    )
    op.create_index("intake_stream", "intake", ["stream"], postgresql_where=sa.text("stream IS NOT NULL"))
    op.create_index("intake_message_id", "intake", ["message_id"], postgresql_where=sa.text("message_id IS NOT NULL"))
    op.create_index("intake_alert", "intake", ["source", "alert"], postgresql_where=sa.text("alert IS NOT NULL"))
    op.create_table(
        "ticket_refs", _name("external_ref", primary_key=True), _number("seq", primary_key=True), _name("stream")
    )

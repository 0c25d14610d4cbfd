"""The first schema: the log with its head, its read models, and the people."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NAME = sa.Text(collation="C")


def upgrade() -> None:
    _log()
    _read_models()
    _people()
    _first_rows()
    _redaction()


def _number(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), **{"nullable": False, **options})


def _name(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, _NAME, **{"nullable": False, **options})


def _digest(name: str, **options: Any) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), **{"nullable": False, **options})


def _log() -> None:
    op.create_table(
        "head",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("hub_id", sa.String(), nullable=False),
        _number("epoch"),
        _number("fork_seq"),
        _number("seq"),
        _number("recorded_at"),
        _digest("chain"),
        _number("next_number"),
        sa.CheckConstraint("id = 1", name="head_has_one_row"),
        postgresql_with={"fillfactor": "10"},
    )
    op.create_table("epochs", _number("epoch", primary_key=True), _number("fork_seq"), _number("began_at"))
    op.create_table(
        "entries",
        _number("seq", primary_key=True),
        _name("id"),
        _name("stream"),
        _name("type"),
        sa.Column("ver", sa.Integer(), nullable=False),
        _number("at"),
        _name("device"),
        _number("dseq"),
        sa.Column("base", sa.Text()),
        sa.Column("expect", sa.Text()),
        sa.Column("act", sa.Text()),
        _digest("payload"),
        _digest("hash"),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        _number("epoch"),
        sa.Column("actor", sa.Text(), nullable=False),
        _name("scope"),
        _number("recorded_at"),
        sa.Column("effect", sa.Text(), nullable=False),
        _number("number", nullable=True),
        _digest("chain"),
        _number("counts_at"),
    )
    op.create_index("entries_id", "entries", ["id"], unique=True)
    op.create_index("entries_stream", "entries", ["stream", "seq"])
    op.create_index("entries_scope", "entries", ["scope", "seq"])
    op.create_index("entries_pro", "entries", ["seq"], postgresql_where=sa.text("scope >= 'pro:' AND scope < 'pro;'"))
    redactions = sa.text("type = 'entry.redacted'")
    op.create_index("entries_redactions", "entries", ["seq"], postgresql_where=redactions)
    op.create_table(
        "refused",
        _name("id", primary_key=True),
        _digest("hash"),
        _name("device"),
        _number("dseq"),
        sa.Column("reason", sa.Text(), nullable=False),
        _number("refused_at"),
    )


def _read_models() -> None:
    op.create_table(
        "streams",
        _name("stream", primary_key=True),
        _name("scope"),
        _number("opened_at", nullable=True),
        _number("number", nullable=True),
        _number("last_seq"),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_table(
        "search",
        _number("seq", primary_key=True),
        _name("stream"),
        sa.Column("words", TSVECTOR(), nullable=False),
    )
    op.create_index("search_words", "search", ["words"], postgresql_using="gin")
    op.create_table(
        "attachments",
        _name("sha256", primary_key=True),
        _number("seq", primary_key=True),
        _name("scope"),
    )
    op.create_index("attachments_seq", "attachments", ["seq"])


def _people() -> None:
    op.create_table(
        "persons",
        _name("name", primary_key=True),
        sa.Column("role", sa.Text(), nullable=False),
        _number("scopever"),
        _number("created_at"),
        sa.CheckConstraint("role IN ('engineer', 'lead', 'billing', 'admin', 'service')", name="person_has_a_role"),
    )
    op.create_table("grants", _name("person", primary_key=True), _name("scope", primary_key=True))
    op.create_table(
        "tokens",
        _digest("hash", primary_key=True),
        _name("person"),
        sa.Column("name", sa.Text(), nullable=False),
        _number("created_at"),
        _number("expires_at"),
        _number("last_used_at", nullable=True),
        _number("revoked_at", nullable=True),
    )
    op.create_index("tokens_person", "tokens", ["person"])
    op.create_table(
        "devices",
        _name("device", primary_key=True),
        _digest("token"),
        _name("person"),
        sa.Column("first", sa.Boolean(), nullable=False),
        _number("enrolled_at"),
        _number("last_dseq"),
        _number("revoked_at", nullable=True),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("devices_token", "devices", ["token"])
    op.create_index("devices_person", "devices", ["person"])
    op.create_table(
        "codes",
        _digest("hash", primary_key=True),
        _name("person"),
        _number("created_at"),
        _number("expires_at"),
        _number("used_at", nullable=True),
    )
    op.create_table(
        "identities", _name("issuer", primary_key=True), _name("subject", primary_key=True), _name("person")
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), primary_key=True),
        _number("changes"),
        sa.CheckConstraint("id = 1", name="membership_has_one_row"),
    )


def _first_rows() -> None:
    connection = op.get_bind()
    connection.execute(
        sa.text("INSERT INTO head VALUES (1, :hub_id, 1, 0, 0, 0, :genesis, 10001)"),
        {"hub_id": str(uuid.uuid4()), "genesis": bytes(32)},
    )
    connection.execute(
        sa.text("INSERT INTO epochs VALUES (1, 0, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)")
    )
    connection.execute(sa.text("INSERT INTO membership VALUES (1, 0)"))


def _redaction() -> None:
    """The one way in which an entry changes. It runs with its owner's rights, so the service needs none of its own."""
    place = op.get_bind().execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    op.execute(f"""
        CREATE FUNCTION redact_entry(redaction text, target text, remains bytea) RETURNS boolean
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = {place}, pg_temp AS $$
        DECLARE found bigint;
        BEGIN
            SELECT e.seq INTO found FROM {place}.entries e JOIN {place}.entries r ON r.stream = e.stream
            WHERE e.id = target AND r.id = redaction AND r.type = 'entry.redacted' AND r.effect = 'applied'
                AND position(convert_to(target, 'UTF8') IN r.payload) > 0;
            IF found IS NULL THEN
                RETURN false;
            END IF;
            UPDATE {place}.entries SET payload = remains WHERE seq = found;
            DELETE FROM {place}.search WHERE seq = found;
            DELETE FROM {place}.attachments WHERE seq = found;
            RETURN true;
        END $$
    """)
    op.execute("REVOKE ALL ON FUNCTION redact_entry(text, text, bytea) FROM PUBLIC")

"""Who is kept out, what was uploaded and is named by no message, and for which times slots were booked."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NAME = sa.Text(collation="C")
_FARTHEST = 2**62


def upgrade() -> None:
    op.add_column("persons", sa.Column("kept_out_at", sa.BigInteger()))
    op.create_table(
        "uploads",
        _name("person", primary_key=True),
        _name("sha256", primary_key=True),
        _number("bytes"),
        _number("held_at"),
    )
    op.create_index("uploads_sha256", "uploads", ["sha256"])
    op.create_table("orphans", _name("sha256", primary_key=True))
    _redaction()
    op.create_table(
        "slots",
        _number("seq", primary_key=True),
        _name("stream"),
        _name("engineer", nullable=True),
        _number("begins_at"),
        _number("ends_at"),
    )
    op.create_index("slots_ends_at", "slots", ["ends_at", "begins_at"])
    _slots_of_the_log()


def _number(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), **{"nullable": False, **options})


def _name(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, _NAME, **{"nullable": False, **options})


def _redaction() -> None:
    """As before, and it remembers the blobs that the message named. Whoever sent one for this message had done so when
    it was recorded; one that was sent later is for another."""
    place = op.get_bind().execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    op.execute(f"""
        CREATE OR REPLACE FUNCTION redact_entry(redaction text, target text, remains bytea) RETURNS boolean
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = {place}, pg_temp AS $$
        DECLARE found bigint; named_at bigint;
        BEGIN
            SELECT e.seq, e.recorded_at INTO found, named_at
            FROM {place}.entries e JOIN {place}.entries r ON r.stream = e.stream
            WHERE e.id = target AND r.id = redaction AND r.type = 'entry.redacted' AND r.effect = 'applied'
                AND position(convert_to(target, 'UTF8') IN r.payload) > 0;
            IF found IS NULL THEN
                RETURN false;
            END IF;
            UPDATE {place}.entries SET payload = remains WHERE seq = found;
            DELETE FROM {place}.search WHERE seq = found;
            INSERT INTO {place}.orphans SELECT a.sha256 FROM {place}.attachments a WHERE a.seq = found
                ON CONFLICT DO NOTHING;
            DELETE FROM {place}.uploads u USING {place}.attachments a
                WHERE a.seq = found AND a.sha256 = u.sha256 AND u.held_at <= named_at;
            DELETE FROM {place}.attachments WHERE seq = found;
            RETURN true;
        END $$
    """)


def _slots_of_the_log() -> None:
    connection = op.get_bind()
    asked = sa.text("""
        SELECT seq, stream, payload FROM entries
        WHERE type IN ('slot.booked', 'slot.moved') AND effect = 'applied' ORDER BY seq""")
    rows = []
    for seq, stream, payload in connection.execute(asked):
        slot = json.loads(bytes(payload))
        engineer = slot.get("engineer")
        rows.append(
            {
                "seq": seq,
                "stream": stream,
                "engineer": None if engineer is None or "\0" in engineer else engineer,
                "begins_at": max(-_FARTHEST, min(slot["from"], _FARTHEST)),
                "ends_at": max(-_FARTHEST, min(slot["to"], _FARTHEST)),
            }
        )
    if rows:
        connection.execute(sa.text("INSERT INTO slots VALUES (:seq, :stream, :engineer, :begins_at, :ends_at)"), rows)

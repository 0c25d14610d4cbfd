"""The tables of the workstation's database, and how a fresh file gets them.

`entries` is the log; `own_entries` holds what waits for a hub and is empty while there is none (spec events.md 1).
`tickets`, `search` and the tables named `pro_` are read models: derived, thrown away and rebuilt at will. Changes of
this schema come as a migration (`migrations/versions`) and a new `file_marks.REVISION`; a test proves that both ways
give the same file.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from console.journal.file_marks import APPLICATION_ID, REVISION, Ask

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hub_id", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("cursor", Integer, nullable=False),
    Column("scopever", Integer, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("next_number", Integer, nullable=False),
    Column("device", String, nullable=False),
    Column("dseq", Integer, nullable=False),
    Column("guidelines", String, nullable=False),
    Column("changes", Integer, nullable=False),
    Column("opened_by", Integer),
    Column("created_at", BigInteger, nullable=False),
    Column("connected", Integer, nullable=False, server_default=text("0")),
    Column("read_models_behind", Integer, nullable=False, server_default=text("0")),
    Column("place", Integer, nullable=False, server_default=text("0")),
    Column("generation", Integer, nullable=False, server_default=text("0")),
    Column("hub_url", String, nullable=False, server_default=text("''")),
    Column("person", String, nullable=False, server_default=text("''")),
    Column("role", String, nullable=False, server_default=text("''")),
    Column("scopes", Text, nullable=False, server_default=text("'[]'")),
    Column("skew_ms", BigInteger),
    Column("hub_time", Text, nullable=False, server_default=text("''")),
    CheckConstraint("id = 1", name="meta_has_one_row"),
)
"""One row. `guidelines` is the digest that the read models were built with, `changes` counts writes that a screen
could show, `opened_by` is the process that wrote and has not closed yet.

With `connected` the workspace follows a hub: `hub_id` is the hub's ('' before the first contact), `seq`, `cursor` and
`chain` say how far its log is here, `scopes` is a JSON list, `hub_time` a `HubTime` as JSON or ''. `place` is the last
one that an own entry was given; `generation` rises when entries that were here went; `read_models_behind`: entries came
that no read model knows yet."""

entries = Table(
    "entries",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", String, nullable=False),
    Column("stream", String, nullable=False),
    Column("type", String, nullable=False),
    Column("ver", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("device", String, nullable=False),
    Column("dseq", Integer, nullable=False),
    Column("base", String),
    Column("expect", String),
    Column("act", String),
    Column("payload", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("actor", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("effect", String, nullable=False),
    Column("number", Integer),
    Column("chain", LargeBinary, nullable=False),
    Column("counts_at", BigInteger, nullable=False),
    Column("adopted", Integer, nullable=False, server_default=text("0")),
    Index("entries_id", "id", unique=True),
    Index("entries_stream", "stream"),
)
"""The log. `entries_stream` serves a stream in log order: SQLite ends every index with the rowid, which is `seq`."""

own_entries = Table(
    "own_entries",
    metadata,
    Column("id", String, primary_key=True),
    Column("stream", String, nullable=False),
    Column("type", String, nullable=False),
    Column("ver", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("device", String, nullable=False),
    Column("dseq", Integer, nullable=False),
    Column("base", String),
    Column("expect", String),
    Column("act", String),
    Column("payload", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Column("ack_seq", Integer),
    Column("reason", Text),
    Column("effect", String),
    Column("acked_at", BigInteger),
    Column("offered", Integer, nullable=False, server_default=text("0")),
    Column("adopted", Integer, nullable=False, server_default=text("0")),
    Column("made_at", BigInteger, nullable=False, server_default=text("0")),
    Column("place", Integer, nullable=False, server_default=text("0")),
    CheckConstraint("state IN ('new', 'acked', 'refused')", name="own_entry_state"),
    Index("own_entries_stream", "stream", "place"),
    Index("own_entries_state", "state", "dseq"),
    Index("own_entries_place", "place", unique=True),
    Index("own_entries_ack_seq", "ack_seq", sqlite_where=text("ack_seq IS NOT NULL")),
    Index("own_entries_acked_at", "acked_at", sqlite_where=text("acked_at IS NOT NULL")),
)
"""What this workstation recorded for a hub. `ack_seq`, `effect` and `acked_at` are set where the hub has it, `reason`
where it refused it. `offered`: it was read to be sent, and may be at the hub whatever was answered. `place` orders own
entries as they were made, whatever device id they travel under; `made_at` is when."""

own_counts = Table(
    "own_counts",
    metadata,
    Column("state", String, primary_key=True),
    Column("entries", Integer, nullable=False),
)
"""How many own entries are in each state: triggers keep it, for to count thousands that wait costs milliseconds each
time, and the sync asks after every step."""

tickets = Table(
    "tickets",
    metadata,
    Column("rowid", Integer, primary_key=True),
    Column("ticket", String, nullable=False),
    Column("number", Integer),
    Column("external_ref", String),
    Column("subject", Text, nullable=False),
    Column("account", String),
    Column("contact", String),
    Column("product", String),
    Column("plan", String),
    Column("impact", String),
    Column("assessed", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("assignee", String),
    Column("channel", String, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("is_open", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("impact_rank", Integer, nullable=False),
    Column("next_metric", String),
    Column("activated_at", BigInteger),
    Column("target_seconds", Integer),
    Column("cover", String),
    Column("due_at", BigInteger),
    Column("soon_at", BigInteger),
    Column("risk_at", BigInteger),
    Column("left_ms", BigInteger),
    Column("met", Integer, nullable=False),
    CheckConstraint("(rank = 0) = (due_at IS NOT NULL)", name="ticket_is_due_or_not"),
    Index("tickets_ticket", "ticket", unique=True),
    Index("tickets_number", "number", sqlite_where=text("number IS NOT NULL")),
    Index("tickets_external_ref", "external_ref", sqlite_where=text("external_ref IS NOT NULL")),
    Index("tickets_assignee", "assignee", sqlite_where=text("assignee IS NOT NULL")),
    Index(
        "tickets_queue",
        "rank",
        "due_at",
        "impact_rank",
        "opened_at",
        "ticket",
        "assignee",
        "status",
        "assessed",
        sqlite_where=text("is_open = 1"),
    ),
)
"""`QueueRow` by its field names, under the seq of the ticket's first entry: the same rowid however often it is rebuilt.
A ticket that waits for the hub moves to another rowid when it is confirmed.

`tickets_queue` is the order of `queue.order_key`: NULLs sort first in SQLite, and a rank holds either due instants
only or none at all, which the check constraint keeps true. Its last columns let every view be read from the index."""

drafts = Table(
    "drafts",
    metadata,
    Column("ticket", String, primary_key=True),
    Column("mode", String, primary_key=True),
    Column("text", Text, nullable=False),
    Column("saved_at", BigInteger, nullable=False),
)
"""Half-written replies and notes; they survive anything but `discard`."""

pro_engagements = Table(
    "pro_engagements",
    metadata,
    Column("stream", String, primary_key=True),
    Column("ticket", String, primary_key=True),
    Index("pro_engagements_ticket", "ticket"),
)
"""In which account's stream a ticket's engagement is; a ticket that a lot names is there before its engagement."""

pro_lots = Table(
    "pro_lots",
    metadata,
    Column("stream", String, primary_key=True),
    Column("purchase", String, primary_key=True),
    Column("ticket", String, nullable=False),
    Index("pro_lots_purchase", "purchase"),
)
"""Where a purchase is known; a grant stands under its entry's id."""

pro_running = Table(
    "pro_running",
    metadata,
    Column("segment", String, primary_key=True),
    Column("stream", String, nullable=False),
    Column("engagement", String, nullable=False),
    Column("engineer", String, nullable=False),
    Column("device", String, nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("unattended_job", String),
)
"""`RunningSegment` by its field names: the open segments of all accounts, a handful at any time."""

beats = Table(
    "beats",
    metadata,
    Column("segment", String, primary_key=True),
    Column("stream", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("wall_ms", BigInteger, nullable=False),
    Column("awake_ms", BigInteger, nullable=False),
    Column("boot_ms", BigInteger, nullable=False),
    Column("boot_id", String, nullable=False),
)
"""`Beat` by its field names: the last sign of life of each running segment, of this workstation alone."""

alerts_raised = Table(
    "alerts_raised",
    metadata,
    Column("key", String, primary_key=True),
    Column("raised_at", BigInteger, nullable=False),
)
"""Which alerts this workstation has shown, so that each is raised once."""

settled = Table(
    "settled",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""What the sync settled without a person, as sentences, for 90 days."""

dismissed = Table("dismissed", metadata, Column("entry", String, primary_key=True))
"""The entries whose card a person has put away."""

_COUNT: Final = (
    "INSERT INTO own_counts (state, entries) VALUES (new.state, 1) "
    "ON CONFLICT (state) DO UPDATE SET entries = entries + 1"
)
_LEAVE: Final = "UPDATE own_counts SET entries = entries - 1 WHERE state = old.state"
TRIGGERS_DDL: Final = (
    f"CREATE TRIGGER own_entries_came AFTER INSERT ON own_entries BEGIN {_COUNT}; END",
    f"CREATE TRIGGER own_entries_went AFTER DELETE ON own_entries BEGIN {_LEAVE}; END",
    "CREATE TRIGGER own_entries_changed AFTER UPDATE OF state ON own_entries WHEN old.state <> new.state "
    f"BEGIN {_LEAVE}; {_COUNT}; END",
)

SEARCH_DDL: Final = 'CREATE VIRTUAL TABLE search USING fts5(subject, body, tokenize="unicode61 remove_diacritics 2")'
"""Subjects and messages under the seq of their entry, of own ones that wait under `PENDING_SEQ` and their place."""

ALEMBIC_DDL: Final = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def create(connection: Connection) -> None:
    """Gives an empty file all tables and stamps it as current, without the cost of importing Alembic."""
    metadata.create_all(connection, checkfirst=False)
    for statement in (*TRIGGERS_DDL, SEARCH_DDL):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(ALEMBIC_DDL)
    connection.exec_driver_sql("INSERT INTO alembic_version (version_num) VALUES (?)", (REVISION,))
    mark_as_ours(connection)


def mark_as_ours(connection: Connection) -> None:
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def asking(connection: Connection) -> Ask:
    return lambda statement: connection.exec_driver_sql(statement).first()

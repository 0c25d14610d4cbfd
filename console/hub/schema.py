"""The tables of the hub's database. Changes come as a migration (`migrations/versions`); a test proves both alike.

`entries` is the log. `streams`, `search`, `attachments` and `slots` are read models: derived from it in the same
transaction, compared with its fold by `verify`. There is no table of tickets: to fold each touched ticket would cost
every push the whole of its stream, and only workstations show queues. Names that are compared or ranged over sort by
their bytes (collation C). Instants are epoch ms, UTC; hashes and chains are 32 bytes.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

metadata: Final = MetaData()

_NAME: Final = Text(collation="C")
IN_PRO: Final = "scope >= 'pro:' AND scope < 'pro;'"
"""Whether a scope is an account's: `;` follows `:`."""
UNFINISHED: Final = "state IN ('queued', 'sending', 'uncertain')"
"""Of deliveries, those that somebody still has to do something about."""

head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hub_id", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("fork_seq", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("next_number", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="head_has_one_row"),
    postgresql_with={"fillfactor": "10"},
)
"""One row, locked first by everything that appends: that is what makes `seq` gapless and visible in order."""

epochs = Table(
    "epochs",
    metadata,
    Column("epoch", BigInteger, primary_key=True),
    Column("fork_seq", BigInteger, nullable=False),
    Column("began_at", BigInteger, nullable=False),
)
"""The epochs that this log went through, the present one included: each restore begins one at `fork_seq`."""

entries = Table(
    "entries",
    metadata,
    Column("seq", BigInteger, primary_key=True),
    Column("id", _NAME, nullable=False),
    Column("stream", _NAME, nullable=False),
    Column("type", _NAME, nullable=False),
    Column("ver", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("device", _NAME, nullable=False),
    Column("dseq", BigInteger, nullable=False),
    Column("base", Text),
    Column("expect", Text),
    Column("act", Text),
    Column("payload", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("adopted", Boolean, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("scope", _NAME, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("effect", Text, nullable=False),
    Column("number", BigInteger),
    Column("chain", LargeBinary, nullable=False),
    Column("counts_at", BigInteger, nullable=False),
    Index("entries_id", "id", unique=True),
    Index("entries_stream", "stream", "seq"),
    Index("entries_scope", "scope", "seq"),
    Index("entries_pro", "seq", postgresql_where=text(IN_PRO)),
    Index("entries_redactions", "seq", postgresql_where=text("type = 'entry.redacted'")),
)
"""The log. `entries_scope` and `entries_pro` let somebody who sees little jump to the next entry that they see."""

refused = Table(
    "refused",
    metadata,
    Column("id", _NAME, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    Column("device", _NAME, nullable=False),
    Column("dseq", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("refused_at", BigInteger, nullable=False),
)
"""Verdicts on what never came into the log, so that they stay the same when it is offered again. What was refused stays
on its workstation. `id` is that of the event, or a digest of one that is no id (`appending.key_of`)."""

streams = Table(
    "streams",
    metadata,
    Column("stream", _NAME, primary_key=True),
    Column("scope", _NAME, nullable=False),
    Column("opened_at", BigInteger),
    Column("number", BigInteger),
    Column("last_seq", BigInteger, nullable=False),
    postgresql_with={"fillfactor": "80"},
)
"""Every stream that has entries. `opened_at` and `number` are a ticket's, from its applied opening."""

search = Table(
    "search",
    metadata,
    Column("seq", BigInteger, primary_key=True),
    Column("stream", _NAME, nullable=False),
    Column("words", TSVECTOR, nullable=False),
    Index("search_words", "words", postgresql_using="gin"),
)
"""The words of subjects, messages and calls under the seq of their entry; those of redacted ones are gone."""

attachments = Table(
    "attachments",
    metadata,
    Column("sha256", _NAME, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("scope", _NAME, nullable=False),
    Index("attachments_seq", "seq"),
)
"""Which entry names which blob, and who may see it."""

slots = Table(
    "slots",
    metadata,
    Column("seq", BigInteger, primary_key=True),
    Column("stream", _NAME, nullable=False),
    Column("engineer", _NAME),
    Column("begins_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Index("slots_ends_at", "ends_at", "begins_at"),
)
"""Every time for which a slot was booked, or to which it was moved, whether or not it was given up since: in which
accounts a booking has to look. `engineer` is empty where a move kept whoever it was."""

uploads = Table(
    "uploads",
    metadata,
    Column("person", _NAME, primary_key=True),
    Column("sha256", _NAME, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("held_at", BigInteger, nullable=False),
    Index("uploads_sha256", "sha256"),
)
"""Who sends or sent which blob lately, how large it is in all, and when its last piece came."""

orphans = Table("orphans", metadata, Column("sha256", _NAME, primary_key=True))
"""Blobs whose message was redacted, until somebody has looked whether another one names them."""

persons = Table(
    "persons",
    metadata,
    Column("name", _NAME, primary_key=True),
    Column("role", Text, nullable=False),
    Column("scopever", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("kept_out_at", BigInteger),
    CheckConstraint("role IN ('engineer', 'lead', 'billing', 'admin', 'service')", name="person_has_a_role"),
)
"""Who is enrolled. `kept_out_at` is set while an admin keeps somebody out, whoever vouches for them."""

grants = Table(
    "grants",
    metadata,
    Column("person", _NAME, primary_key=True),
    Column("scope", _NAME, primary_key=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("person", _NAME, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Index("tokens_person", "person"),
)

devices = Table(
    "devices",
    metadata,
    Column("device", _NAME, primary_key=True),
    Column("token", LargeBinary, nullable=False),
    Column("person", _NAME, nullable=False),
    Column("first", Boolean, nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("last_dseq", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Index("devices_token", "token"),
    Index("devices_person", "person"),
    postgresql_with={"fillfactor": "80"},
)
"""Workstations. `last_dseq` is the highest `dseq` that was answered, recorded or refused; a token has one `first`
device, and one more for each time that its workstation was cloned."""

codes = Table(
    "codes",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("person", _NAME, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", _NAME, primary_key=True),
    Column("subject", _NAME, primary_key=True),
    Column("person", _NAME, nullable=False),
)

membership = Table(
    "membership",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("changes", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="membership_has_one_row"),
)
"""One row: a number that rises with every change of persons, grants, tokens and devices."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("entry", _NAME, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("stream", _NAME, nullable=False),
    Column("message_id", _NAME, nullable=False),
    Column("letter", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("refusals", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("reason", Text),
    CheckConstraint(
        "state IN ('queued', 'sending', 'accepted', 'failed', 'uncertain', 'cancelled')", name="delivery_has_a_state"
    ),
    Index("deliveries_message_id", "message_id", unique=True),
    Index("deliveries_stream", "stream", "seq"),
    Index("deliveries_unfinished", "state", "due_at", postgresql_where=text(UNFINISHED)),
)
"""The messages that go out, under the id of their entry: `letter` are the bytes, empty once the text was redacted.
`attempts` counts all of them, `refusals` those since it was queued last; `epoch` is the log's when it was queued."""

outcomes = Table(
    "outcomes",
    metadata,
    Column("entry", _NAME, primary_key=True),
    Column("place", BigInteger, primary_key=True),
    Column("id", _NAME, nullable=False),
    Column("stream", _NAME, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("decided_by", Text),
    Column("told", Boolean, nullable=False),
    Index("outcomes_untold", "entry", "place", postgresql_where=text("NOT told")),
)
"""What became of each delivery, in order, with the id of the entry that says so, and whether the log has it already."""

intake = Table(
    "intake",
    metadata,
    Column("source", _NAME, primary_key=True),
    Column("external_id", _NAME, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("ids", Text, nullable=False),
    Column("held_at", BigInteger, nullable=False),
    Column("stream", _NAME),
    Column("entry", _NAME),
    Column("message_id", _NAME),
    Column("alert", _NAME),
    Column("answer", LargeBinary),
    Index("intake_stream", "stream", postgresql_where=text("stream IS NOT NULL")),
    Index("intake_message_id", "message_id", postgresql_where=text("message_id IS NOT NULL")),
    Index("intake_alert", "source", "alert", postgresql_where=text("alert IS NOT NULL")),
)
"""The reports of services, each once: `ids` are those of its entries, fixed before anything is pushed; `held_at` is
when our side first held it; the rest is known once it is in the log. `answer` is what was said of it."""

ticket_refs = Table(
    "ticket_refs",
    metadata,
    Column("external_ref", _NAME, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("stream", _NAME, nullable=False),
)
"""The names that tickets have elsewhere, from their openings up to the cursor `ticket refs`."""

log_cursors = Table(
    "log_cursors",
    metadata,
    Column("name", _NAME, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
)
"""How far followers of the log inside the hub have come."""

own_devices = Table(
    "own_devices",
    metadata,
    Column("purpose", _NAME, primary_key=True),
    Column("device", _NAME, nullable=False),
)
"""The devices under which the hub itself writes, for its own delivery or in the name of a service."""

TABLES: Final = tuple(metadata.sorted_tables)

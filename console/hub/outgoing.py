"""From the log to the queue of messages that go out: which entries are sent, and as which letter.

Called by `delivery`, outside of every push. A cursor of its own says how far it has come; it begins where the log
stands when the hub first has a way out, so that nothing old is ever sent. Imported and adopted messages were sent long
ago by somebody else; void ones never became a reply. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from console.channels.letter import Letter, is_address, letter_bytes, message_id_of, reply_subject
from console.domain import events as ev
from console.domain.events import Entry, is_imported
from console.domain.ticket import fold
from console.hub import outbox
from console.hub.entry_rows import COLUMNS, entry_of

CURSOR: Final = "delivery"
_STEP: Final = 20_000
"""Entries that are looked through in one transaction."""
_MOST: Final = 100
"""Messages that are queued in one transaction."""
NOT_MADE: Final = "No mail could be made of it."

_log: Final = logging.getLogger(__name__)

_HEAD: Final = text("SELECT seq, epoch, fork_seq FROM head")
_BEGIN: Final = text(
    "INSERT INTO log_cursors (name, seq, epoch) SELECT :name, seq, epoch FROM head ON CONFLICT (name) DO NOTHING"
)
_CURSOR: Final = text("SELECT seq, epoch FROM log_cursors WHERE name = :name FOR UPDATE")
_MOVE: Final = text("UPDATE log_cursors SET seq = :seq, epoch = :epoch WHERE name = :name")
_NEXT: Final = text(f"""
    SELECT {COLUMNS} FROM entries WHERE seq > :after AND seq <= :upto AND type IN ('message.sent', 'entry.redacted')
    ORDER BY seq LIMIT {_MOST}""")
_STREAM: Final = text(f"SELECT {COLUMNS} FROM entries WHERE stream = :stream AND seq <= :seq ORDER BY seq")
_REDACTED: Final = text("SELECT payload FROM entries WHERE stream = :stream AND type = 'entry.redacted'")
_BEGAN: Final = text("SELECT began_at FROM epochs WHERE epoch = :epoch")
_THREAD: Final = text("""
    SELECT entry, message_id FROM deliveries WHERE stream = :stream
    UNION ALL SELECT entry, message_id FROM intake WHERE stream = :stream AND message_id IS NOT NULL""")


def begin(connection: Connection) -> None:
    """Puts the cursor where the log stands, the first time."""
    connection.execute(_BEGIN, {"name": CURSOR})


def follow(connection: Connection, *, sender: str, now_ms: int) -> bool:
    """Queues what the log says next, and moves the cursor in the same transaction. False where it said nothing new.

    `sender` is our address, perhaps behind a name.
    """
    at, was_epoch = connection.execute(_CURSOR, {"name": CURSOR}).one()
    head, epoch, fork = connection.execute(_HEAD).one()
    if epoch != was_epoch:
        at = min(at, fork)
        for id in outbox.give_up_outdated(connection, epoch, now_ms):
            _log.warning("it is uncertain whether the message %s was sent: %s", id, outbox.RESTORED)
    upto = min(head, at + _STEP)
    rows = connection.execute(_NEXT, {"after": at, "upto": upto}).all()
    for entry in (entry_of(row) for row in rows):
        if not entry.applied:
            continue
        if isinstance(entry.event, ev.EntryRedacted):
            outbox.forget_text(connection, entry.event.entry, now_ms)
        elif is_sent(entry):
            _queue(connection, entry, sender, now_ms)
    reached = rows[-1].seq if len(rows) == _MOST else upto
    if (reached, epoch) != (at, was_epoch):
        connection.execute(_MOVE, {"name": CURSOR, "seq": reached, "epoch": epoch})
    return bool(rows) or reached < head


def is_sent(entry: Entry) -> bool:
    """Whether an entry is a message that the hub has to send."""
    return (
        isinstance(entry.event, ev.MessageSent)
        and entry.event.public
        and entry.applied
        and entry.stream.startswith("ticket:")
        and not entry.adopted
        and not is_imported(entry.id)
    )


def _queue(connection: Connection, entry: Entry, sender: str, now_ms: int) -> None:
    rows = connection.execute(_STREAM, {"stream": entry.stream, "seq": entry.seq})
    entries = [entry_of(row) for row in rows]
    thread = _thread(connection, entries)
    state: outbox.State = "queued"
    letter, reason = b"", None
    if _is_redacted(connection, entry):
        state, reason = "cancelled", outbox.REDACTED
    else:
        try:
            letter = letter_bytes(_letter(entry, entries, thread, sender))
        except Exception:  # whatever a stranger's words did to it: the other messages go on
            _log.exception("no mail could be made of the message %s", entry.id)
            state, reason = "failed", NOT_MADE
        if letter and _may_be_old(connection, entry):
            state, reason = "uncertain", outbox.RESTORED
    outbox.queue(
        connection,
        entry=entry.id,
        seq=entry.seq,
        stream=entry.stream,
        message_id=message_id_of(entry.id, sender),
        letter=letter,
        epoch=entry.epoch,
        now_ms=now_ms,
        state=state,
        reason=reason,
    )


def _may_be_old(connection: Connection, entry: Entry) -> bool:
    """Whether it was written before the hub was restored: a workstation offers again what the backup did not hold, and
    it may have been sent then."""
    began_at = connection.scalar(_BEGAN, {"epoch": entry.epoch})
    return entry.epoch > 1 and began_at is not None and entry.at <= began_at


def _is_redacted(connection: Connection, entry: Entry) -> bool:
    payloads = connection.scalars(_REDACTED, {"stream": entry.stream})
    events = (ev.decode_payload("entry.redacted", bytes(payload)) for payload in payloads)
    return any(isinstance(event, ev.EntryRedacted) and event.entry == entry.id for event in events)


def _letter(entry: Entry, entries: Sequence[Entry], thread: Sequence[str], sender: str) -> Letter:
    ticket, event = fold(entries), entry.event
    assert isinstance(event, ev.MessageSent)
    subject, number = ("Your message", None) if ticket is None else (ticket.subject, ticket.number)
    return Letter(
        message_id=message_id_of(entry.id, sender),
        sender=sender,
        to=_recipient(entries, None if ticket is None else ticket.contact),
        subject=reply_subject(subject, number),
        body=event.body,
        format=event.format,
        sent_at=entry.counts_at,
        thread=thread,
        automatic=event.author == "bot",
    )


def _recipient(entries: Sequence[Entry], contact: str | None) -> str | None:
    """Whoever wrote last, else the ticket's contact; the first of them that is an address."""
    events = (entry.event for entry in reversed(entries))
    wrote: list[str | None] = [event.sender for event in events if isinstance(event, ev.MessageReceived)]
    return next((who for who in (*wrote, contact) if who is not None and is_address(who)), None)


def _thread(connection: Connection, entries: Sequence[Entry]) -> list[str]:
    """The Message-IDs of the conversation before this message, the customer's last one at the end."""
    rows = connection.execute(_THREAD, {"stream": entries[-1].stream})
    known: dict[str, str] = {row.entry: row.message_id for row in rows}
    thread = [known[entry.id] for entry in entries[:-1] if entry.id in known]
    received = {entry.id for entry in entries if isinstance(entry.event, ev.MessageReceived)}
    last = next((known[e.id] for e in reversed(entries) if e.id in received and e.id in known), None)
    return thread if last is None else [*(id for id in thread if id != last), last]

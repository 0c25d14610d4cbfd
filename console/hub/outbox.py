"""The messages that go out, as rows: queued, sending, and what became of them. Every step is one transaction.

Called by `delivery`, which sends, by `intake`, which hears of what came back, and by `support-console hub deliveries`,
with which a person decides about what is uncertain. An outcome is stored with the id of the entry that will say so, in
the transaction that decides it; `delivery` then writes the entry. Instants are epoch ms, UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec
import uuid_utils
from sqlalchemy import Connection, Engine, text

from console.hub.database import transaction
from console.hub.errors import HubError
from console.hub.schema import UNFINISHED

State = Literal["queued", "sending", "accepted", "failed", "uncertain", "cancelled"]

RESTORED: Final = "The hub was restored from a backup since; it may have been sent before."
STOPPED: Final = "The hub stopped while it was being sent."
DOUBTED: Final = "A mail system answered it, and the gateway does not say what the answer means."
REDACTED: Final = "Its text was redacted before it was sent."

_ROW: Final = "entry, seq, stream, message_id, letter, state, attempts, refusals, due_at, changed_at, reason"
_QUEUE: Final = text("""
    INSERT INTO deliveries
        (entry, seq, stream, message_id, letter, state, epoch, attempts, refusals, due_at, changed_at, reason)
    VALUES (:entry, :seq, :stream, :message_id, :letter, :state, :epoch, 0, 0, :now, :now, :reason)
    ON CONFLICT (entry) DO NOTHING RETURNING entry""")
_CLAIM: Final = text(f"""
    UPDATE deliveries SET state = 'sending', attempts = attempts + 1, changed_at = :now
    WHERE entry = (
        SELECT entry FROM deliveries WHERE state = 'queued' AND due_at <= :now
        ORDER BY due_at, seq LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING {_ROW}""")
_SETTLE: Final = text("""
    UPDATE deliveries SET state = :state, changed_at = :now, reason = :reason, refusals = refusals + :refusals,
        due_at = :due_at
    WHERE entry = :entry AND attempts = :attempts AND state IN ('sending', 'uncertain')
    RETURNING stream""")
_GIVE_UP: Final = text("""
    UPDATE deliveries SET state = 'uncertain', changed_at = :now, reason = :reason
    WHERE state = 'sending' RETURNING entry, stream""")
_OUTDATE: Final = text("""
    UPDATE deliveries SET state = 'uncertain', changed_at = :now, reason = :reason
    WHERE state IN ('queued', 'sending') AND epoch < :epoch RETURNING entry, stream""")
_HEARD: Final = text("""
    UPDATE deliveries SET state = :state, changed_at = :now, reason = :reason
    WHERE entry = :entry AND state = ANY(:from_states)""")
_BLANK: Final = text("UPDATE deliveries SET letter = '' WHERE entry = :entry")
_CANCEL: Final = text("""
    UPDATE deliveries SET state = 'cancelled', changed_at = :now, reason = :reason
    WHERE entry = :entry AND state = 'queued' RETURNING stream""")
_DECIDE: Final = text("""
    UPDATE deliveries SET state = :state, changed_at = :now, reason = NULL, refusals = 0, due_at = :now,
        epoch = (SELECT epoch FROM head)
    WHERE entry = :entry AND state = ANY(:from_states) RETURNING stream""")
_LIST: Final = text(f"SELECT {_ROW} FROM deliveries WHERE state = ANY(:states) ORDER BY seq")
_BY_MESSAGE_ID: Final = text(f"SELECT {_ROW} FROM deliveries WHERE message_id = ANY(:ids)")
_COUNTS: Final = text(f"SELECT state, count(*) AS many FROM deliveries WHERE {UNFINISHED} GROUP BY state")
_ONE: Final = text(f"SELECT {_ROW} FROM deliveries WHERE entry = :entry")
_TELL: Final = text("""
    INSERT INTO outcomes (entry, place, id, stream, state, at, decided_by, told)
    SELECT :entry, count(*) + 1, :id, :stream, :state, :now, :decided_by, false FROM outcomes WHERE entry = :entry""")
_UNTOLD: Final = text(
    "SELECT id, entry, stream, state, at, decided_by FROM outcomes WHERE NOT told ORDER BY entry, place LIMIT :limit"
)
_TOLD: Final = text("UPDATE outcomes SET told = true WHERE id = ANY(:ids)")


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A message on its way. `entry` is the id of its `message.sent`, `letter` the bytes that go out, empty once its
    text was redacted; `attempts` counts all tries, `refusals` those that were refused since it was queued last."""

    entry: str
    seq: int
    stream: str
    message_id: str
    letter: bytes
    state: State
    attempts: int
    refusals: int
    due_at: int
    changed_at: int
    reason: str | None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the log has to hear of a delivery; `id` is that of the entry that says it, `state` as in
    `message.delivery`."""

    id: str
    entry: str
    stream: str
    state: Literal["queued", "accepted", "uncertain", "failed"]
    at: int
    decided_by: str | None


class DeliveryError(HubError):
    """What a person may not decide about a delivery, and why."""


def queue(
    connection: Connection,
    *,
    entry: str,
    seq: int,
    stream: str,
    message_id: str,
    letter: bytes,
    epoch: int,
    now_ms: int,
    state: State = "queued",
    reason: str | None = None,
) -> None:
    """Puts a message into the queue, or what is to be said of one that is not sent. Once for each entry."""
    asked = {
        "entry": entry,
        "seq": seq,
        "stream": stream,
        "message_id": message_id,
        "letter": letter,
        "epoch": epoch,
        "now": now_ms,
        "state": state,
        "reason": reason,
    }
    if connection.scalar(_QUEUE, asked) is not None and state != "queued":
        _say(connection, entry, stream, state, now_ms)


def claim(connection: Connection, now_ms: int) -> Delivery | None:
    """The next message that is due, now `sending`: from the commit on it may have been sent."""
    row = connection.execute(_CLAIM, {"now": now_ms}).mappings().one_or_none()
    return None if row is None else _delivery(row)


def settle(
    connection: Connection, sent: Delivery, state: State, *, now_ms: int, reason: str | None, due_at: int | None = None
) -> bool:
    """What became of an attempt. False where somebody decided since. With `due_at` it was refused and is tried again
    then. An answer that comes late still counts where its attempt was given up as uncertain."""
    asked = {
        "entry": sent.entry,
        "attempts": sent.attempts,
        "state": state,
        "now": now_ms,
        "reason": reason,
        "refusals": 0 if due_at is None else 1,
        "due_at": now_ms if due_at is None else due_at,
    }
    if connection.scalar(_SETTLE, asked) is None:
        return False
    if state != "queued":
        _say(connection, sent.entry, sent.stream, state, now_ms)
    return True


def give_up_unanswered(connection: Connection, now_ms: int) -> list[str]:
    """Makes uncertain what nobody sends any more although it is `sending`. For the one who sends, before it begins."""
    return _made_uncertain(connection, _GIVE_UP, now_ms, {"reason": STOPPED})


def give_up_outdated(connection: Connection, epoch: int, now_ms: int) -> list[str]:
    """Makes uncertain what was queued before the hub was restored: it may have been sent after the backup."""
    return _made_uncertain(connection, _OUTDATE, now_ms, {"reason": RESTORED, "epoch": epoch})


def first_of(connection: Connection, message_ids: Sequence[str]) -> Delivery | None:
    """The first of some Message-IDs that is one of ours."""
    rows = connection.execute(_BY_MESSAGE_ID, {"ids": list(message_ids)}).mappings()
    known = {row["message_id"]: _delivery(row) for row in rows}
    return next((known[id] for id in message_ids if id in known), None)


def came_back(connection: Connection, entry: str, now_ms: int, reason: str) -> None:
    """The other side returned it: it has failed after all. Whoever hears of it tells the log."""
    _heard(connection, entry, "failed", ("sending", "accepted", "uncertain"), now_ms, f"It came back: {reason}")


def doubted(connection: Connection, entry: str, now_ms: int) -> None:
    """The other side said something of it that nobody understands. Whoever hears of it tells the log."""
    _heard(connection, entry, "uncertain", ("sending", "accepted"), now_ms, DOUBTED)


def arrived(connection: Connection, entry: str, now_ms: int) -> None:
    """The other side said that it has it: nothing is uncertain about it. Whoever hears of it tells the log."""
    _heard(connection, entry, "accepted", ("uncertain",), now_ms, None)


def _heard(
    connection: Connection, entry: str, state: State, from_states: Sequence[State], now_ms: int, reason: str | None
) -> None:
    asked = {"entry": entry, "state": state, "from_states": list(from_states), "now": now_ms, "reason": reason}
    connection.execute(_HEARD, asked)


def forget_text(connection: Connection, entry: str, now_ms: int) -> None:
    """The text of a message was redacted: its bytes go, and it is not sent where that has not begun."""
    connection.execute(_BLANK, {"entry": entry})
    stream = connection.scalar(_CANCEL, {"entry": entry, "now": now_ms, "reason": REDACTED})
    if stream is not None:
        _say(connection, entry, stream, "cancelled", now_ms)


def untold(connection: Connection, limit: int) -> list[Outcome]:
    return [Outcome(**row) for row in connection.execute(_UNTOLD, {"limit": limit}).mappings()]


def mark_told(connection: Connection, ids: Sequence[str]) -> None:
    connection.execute(_TOLD, {"ids": list(ids)})


def listed(engine: Engine, states: Sequence[State] = ("uncertain", "failed", "queued", "sending")) -> list[Delivery]:
    """Deliveries in these states, oldest message first; by default all that are not done with."""
    with transaction(engine) as connection:
        return [_delivery(row) for row in connection.execute(_LIST, {"states": list(states)}).mappings()]


def counts(engine: Engine) -> dict[str, int]:
    """How many messages somebody has still to do something about, by state."""
    with transaction(engine) as connection:
        found: dict[str, int] = {row.state: row.many for row in connection.execute(_COUNTS)}
    return {state: found.get(state, 0) for state in ("queued", "sending", "uncertain")}


def resend(engine: Engine, entry: str, *, by: str, now_ms: int) -> None:
    """A person has an uncertain or failed message sent again: the same bytes under the same Message-ID. Errors:
    DeliveryError."""
    with transaction(engine) as connection:
        found = _there(connection, entry)
        if not found.letter:
            raise DeliveryError("Not sent again: its text was redacted.")
        _decide(connection, found, "queued", ("uncertain", "failed"), by, now_ms)


def confirm(engine: Engine, entry: str, *, by: str, now_ms: int) -> None:
    """A person knows that an uncertain message has arrived. Errors: DeliveryError."""
    with transaction(engine) as connection:
        _decide(connection, _there(connection, entry), "accepted", ("uncertain",), by, now_ms)


def _decide(
    connection: Connection, found: Delivery, state: State, from_states: Sequence[State], by: str, now_ms: int
) -> None:
    asked = {"entry": found.entry, "state": state, "from_states": list(from_states), "now": now_ms}
    if connection.scalar(_DECIDE, asked) is None:
        raise DeliveryError(f"Nothing to decide: the message is {found.state}.")
    _say(connection, found.entry, found.stream, state, now_ms, by)


def _there(connection: Connection, entry: str) -> Delivery:
    row = connection.execute(_ONE, {"entry": entry}).mappings().one_or_none()
    if row is None:
        raise DeliveryError("There is no such delivery; hub deliveries lists them.")
    return _delivery(row)


def _made_uncertain(connection: Connection, how: Any, now_ms: int, asked: dict[str, Any]) -> list[str]:
    rows = connection.execute(how, {"now": now_ms, **asked}).all()
    for entry, stream in rows:
        _say(connection, entry, stream, "uncertain", now_ms)
    return [entry for entry, _ in rows]


def _say(
    connection: Connection, entry: str, stream: str, state: State, now_ms: int, decided_by: str | None = None
) -> None:
    """An outcome for the log. To its reader a message that was never sent has failed: it takes the answer back."""
    asked = {
        "id": str(uuid_utils.uuid7()),
        "entry": entry,
        "stream": stream,
        "state": "failed" if state == "cancelled" else state,
        "now": now_ms,
        "decided_by": decided_by,
    }
    connection.execute(_TELL, asked)


def _delivery(row: Any) -> Delivery:
    return Delivery(**{**row, "letter": bytes(row["letter"])})

"""Tells a ticket's life in a few lines and gives its stamped entries, as a hub-less journal would stamp them."""

from __future__ import annotations

from datetime import datetime

from console.domain import events as ev
from console.domain.events import Entry, Event, offer, ticket_stream
from console.domain.stamp import Head, stamp


def ms(text: str) -> int:
    """`2026-03-02 09:30` (UTC) or any ISO 8601 instant, as epoch ms."""
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if at.tzinfo is None:
        at = datetime.fromisoformat(f"{text}+00:00")
    return round(at.timestamp() * 1000)


class Story:
    """The entries of one ticket; each method appends one fact at an instant given as text (UTC) or epoch ms."""

    def __init__(self, opened: str | int | None = None, *, ticket: str = "t-1", **facts: object) -> None:
        self.stream = ticket_stream(ticket)
        self.entries: list[Entry] = []
        self._head = Head(hub_id="test")
        if opened is not None:
            given = {"by": "customer", "channel": "email", "subject": "Sign-in loop", "contact": "Dana", **facts}
            self.tell(opened, ev.TicketOpened(**given))  # type: ignore[arg-type]

    def tell(
        self, at: str | int, event: Event, *, actor: str = "Mara", effect: str = "applied", **envelope: str
    ) -> Entry:
        when = at if isinstance(at, int) else ms(at)
        seq = self._head.seq + 1
        offered = offer(
            event,
            id=envelope.pop("id", f"00000000-0000-7000-0000-{seq:012d}"),
            stream=self.stream,
            at=when,
            device="d",
            dseq=seq,
            **envelope,
        )
        opened = {self.stream: self.entries[0].counts_at} if self.entries else {}
        self._head, (entry,) = stamp(self._head, [offered], actor=actor, now_ms=when, effect=effect, opened_at=opened)
        self.entries.append(entry)
        return entry

    def customer(self, at: str | int, body: str = "Still broken.") -> Entry:
        return self.tell(at, ev.MessageReceived(body=body, sender="Dana"), actor="mail")

    def reply(self, at: str | int, body: str = "Try this.", **facts: object) -> Entry:
        return self.tell(at, ev.MessageSent(body=body, public=True, **facts))  # type: ignore[arg-type]

    def note(self, at: str | int, body: str = "Looks like DNS.", **facts: object) -> Entry:
        return self.tell(at, ev.MessageSent(body=body, public=False, **facts))  # type: ignore[arg-type]

    def status(self, at: str | int, status: str) -> Entry:
        match status:
            case "solved":
                return self.tell(at, ev.TicketSolved())
            case "closed":
                return self.tell(at, ev.TicketClosed())
            case _:
                return self.tell(at, ev.StatusSet(status=status))  # type: ignore[arg-type]

    def impact(self, at: str | int, impact: str | None) -> Entry:
        return self.tell(at, ev.ImpactSet(impact=impact))  # type: ignore[arg-type]

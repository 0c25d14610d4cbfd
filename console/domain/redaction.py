"""What is left of an entry whose text was taken away: everything that clocks and guards need, and no words.

Source: spec sync.md 2 (REDACT), events.md 4. Pure: hub and workstations overwrite the payload with the same bytes. The
hash stays; a `salt` in what was overwritten keeps it from being guessed.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.events import Event, encode_payload

REDACTED: Final = "Redacted"


def redactable(event: Event) -> bool:
    return redacted(event) is not None


def is_redacted(event: Event) -> bool:
    """Whether nothing is left to take away. The hash of such an entry is that of words which are gone: a workstation
    that offers its own entry again after the hub lost it has no others."""
    return redacted(event) == event


def redacted(event: Event) -> Event | None:
    """The event without its words; None where it holds none."""
    match event:
        case ev.MessageReceived():
            return replace(event, body=REDACTED, format="text", sender=None, attachments=(), salt=None, extra=None)
        case ev.MessageSent():
            return replace(event, body=REDACTED, format="text", salt=None, extra=None)
        case ev.CallLogged():
            return replace(event, summary=REDACTED, salt=None, extra=None)
        case ev.TicketOpened():
            return replace(event, subject=REDACTED, contact=None, salt=None, extra=None)
        case ev.SubjectSet():
            return replace(event, subject=REDACTED, extra=None)
        case ev.FieldSet():
            return replace(event, value=REDACTED, extra=None)
        case ev.TicketEscalated():
            return replace(event, reason=REDACTED, extra=None)
        case pe.SegmentNoted():
            return replace(event, text=REDACTED, salt=None, extra=None)
    return None


def redacted_payload(event: Event) -> bytes | None:
    """The bytes that overwrite the payload; None where there is nothing to take away."""
    without = redacted(event)
    return None if without is None else encode_payload(without)

"""Takes the words of one entry of a ticket away, for ever: who may, what is lost, and the act.

Source: spec events.md 4 (`entry.redacted`), sync.md 2 (REDACT); what is left of an entry says `domain.redaction`. A
workspace without a hub overwrites the words at once. With one the redaction waits as an own entry: this workstation
hides the words from then on and loses them when the hub has recorded it; a refusal shows them again, and stands with
its reason where all refusals do. Nothing brings redacted words back, so whoever calls asks first. Instants are epoch
ms, UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import uuid_utils

from console.desk.tickets import TicketNotFound, refused_by_ticket
from console.domain import events as ev
from console.domain.access import EVENT_TYPES_BY_ROLE, ROLES
from console.domain.errors import ConsoleError
from console.domain.events import Attachment, Entry, Offered, offer, ticket_stream
from console.domain.plain_text import plain
from console.domain.redaction import is_redacted, redactable
from console.domain.ticket import who

if TYPE_CHECKING:
    from console.journal.states import States
    from console.journal.store import Journal

LONGEST_REASON: Final = 500
"""Characters. A reason is one line that everybody reads."""

_MESSAGES: Final = (ev.MessageReceived, ev.MessageSent, ev.CallLogged)
_MAY: Final = tuple(role for role in ROLES if ev.EntryRedacted.type in EVENT_TYPES_BY_ROLE[role])


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a ticket with the words that can be taken away.

    `place` counts the messages, notes and calls of the ticket from 1 on, redacted ones too; None for anything else.
    `what` is its kind ("public reply"), `who` wrote it. `files` go with the words. `sent` says that the customer has,
    or is getting, a copy.
    """

    entry: str
    place: int | None
    what: str
    who: str
    at: int
    text: str
    files: tuple[Attachment, ...] = ()
    sent: bool = False


class Redaction(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a redaction: `refused` says why nothing happened, `waits` that the hub has yet to record it.
    Where the file is not `swept` it may hold traces of the words until the program starts anew. `drafts` are the
    modes of my drafts on the ticket that hold the same words: nobody else reads them, and they stay."""

    refused: str | None = None
    waits: bool = False
    swept: bool = True
    drafts: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """What is said of it to a person."""
        if self.refused is not None:
            return self.refused
        said = "Redacted: the words are gone from this workspace."
        if self.waits:
            said = "Redacted here; the words are gone everywhere once the hub has recorded it."
        elif not self.swept:
            said = "Redacted; another program has the file open, so traces may stay in it until the next start."
        also = f" Your draft of a {' and of a '.join(self.drafts)} still holds them." if self.drafts else ""
        return said + also


def losses(words: Words, *, has_hub: bool) -> tuple[str, ...]:
    """What a redaction takes, from where, what it leaves and what it does not reach: sentences for whoever is asked."""
    where = "the hub, every workstation and their searches" if has_hub else "this workspace and its search"
    lost = f"The words are lost for ever from {where}. Nobody can bring them back."
    if words.files:
        names = ", ".join(file.name for file in words.files)
        lost += f" {'Its attachment goes' if len(words.files) == 1 else 'Its attachments go'} with them: {names}."
    stays = "That it was there, when, and what it did to the clocks stays, with your name and the reason."
    copies = ["backups", "exports", "files that were set aside"]
    if words.sent:
        copies.insert(0, "the customer's own copy")
    return lost, stays, f"Not reached: {', '.join(copies[:-1])} and {copies[-1]}."


class Redacting:
    """Redactions in the tickets of one workspace."""

    def __init__(self, journal: Journal, *, me: str, now: Callable[[], int]) -> None:
        self._journal = journal
        self._me = me
        self._now = now

    @property
    def has_hub(self) -> bool:
        """Whether the words go from a hub and from other workstations too."""
        return self._journal.is_connected

    def why_not(self) -> str | None:
        """Why this person may not redact here, as a sentence; None when they may. Without a hub the log is theirs, and
        a role that is not known yet is for the hub to judge."""
        hub = self._journal.replica.hub() if self._journal.is_connected else None
        if hub is None or hub.role not in ROLES or hub.role in _MAY:
            return None
        return f"Only a {' or an '.join(_MAY)} may redact; your role at the hub is {hub.role}."

    def words_in(self, ticket_id: str) -> tuple[Words, ...]:
        """What can be redacted in a ticket, in the order of the log."""
        return _words(self._entries(ticket_id))

    def words_of(self, ticket_id: str, entry_id: str) -> Words:
        """The words of one entry. Raises ConsoleError where it has none that could go."""
        entries = self._entries(ticket_id)
        for words in _words(entries):
            if words.entry == entry_id:
                return words
        if all(entry.id != entry_id for entry in entries):
            raise ConsoleError("Not redacted: the ticket has no such entry.")
        if entry_id in _redacted(entries):
            raise ConsoleError("Not redacted: its words were taken away already.")
        raise ConsoleError("Not redacted: the entry holds no words.")

    def redact(self, ticket_id: str, entry_id: str, reason: str) -> Redaction:
        """Takes the words of an entry away for ever. Raises ConsoleError for an entry or a reason that is none."""
        reason = " ".join(reason.split())
        if not reason:
            raise ConsoleError("Not redacted: give a reason, which everybody may read.")
        if len(reason) > LONGEST_REASON:
            raise ConsoleError(f"Not redacted: a reason has at most {LONGEST_REASON} characters.")
        refused = self.why_not()
        if refused is not None:
            return Redaction(refused=refused)
        words = self.words_of(ticket_id, entry_id)
        now = self._now()
        offered = offer(
            ev.EntryRedacted(entry=words.entry, reason=reason),
            id=str(uuid_utils.uuid7()),
            stream=ticket_stream(ticket_id),
            at=now,
            device=self._journal.device,
            dseq=0,
        )
        recorded = self._journal.record([offered], actor=self._me, now_ms=now, decide=_decide)
        if recorded.refused is not None:
            return Redaction(refused=recorded.refused)
        written = self._journal.load_drafts(ticket_id).items()
        drafts = tuple(mode for mode, text in written if words.text and words.text in text)
        if self._journal.is_connected:
            return Redaction(waits=True, drafts=drafts)
        return Redaction(swept=self._journal.sweep(), drafts=drafts)

    def _entries(self, ticket_id: str) -> list[Entry]:
        entries = self._journal.entries(ticket_stream(ticket_id))
        if not entries:
            raise TicketNotFound("That ticket is not in this workspace any more.")
        return entries


def _decide(states: States, offers: Sequence[Offered]) -> str | None:
    return refused_by_ticket(states.tickets, offers)


def _redacted(entries: Sequence[Entry]) -> set[str]:
    """The ids of the entries whose words are gone, or go when the hub has recorded it."""
    asked = {entry.event.entry for entry in entries if isinstance(entry.event, ev.EntryRedacted) and entry.applied}
    return asked | {entry.id for entry in entries if is_redacted(entry.event)}


def _words(entries: Sequence[Entry]) -> tuple[Words, ...]:
    gone = _redacted(entries)
    contact = next((e.event.contact or e.event.account for e in entries if isinstance(e.event, ev.TicketOpened)), None)
    found: list[Words] = []
    place = 0
    for entry in entries:
        is_message = isinstance(entry.event, _MESSAGES)
        place += is_message
        if entry.id not in gone and redactable(entry.event):
            found.append(_words_of(entry, place if is_message else None, contact or "Customer"))
    return tuple(found)


def _words_of(entry: Entry, place: int | None, contact: str) -> Words:
    event, person = entry.event, who(entry)

    def words(
        what: str, text: str, *, by: str = person, files: tuple[Attachment, ...] = (), sent: bool = False
    ) -> Words:
        return Words(
            entry=entry.id, place=place, what=what, who=by, at=entry.counts_at, text=text, files=files, sent=sent
        )

    match event:
        case ev.MessageReceived():
            by = event.sender or contact
            return words("customer message", plain(event.body, event.format), by=by, files=event.attachments, sent=True)
        case ev.MessageSent(public=True):
            return words("public reply", plain(event.body, event.format), sent=True)
        case ev.MessageSent():
            return words("internal note", plain(event.body, event.format))
        case ev.CallLogged():
            return words("call", event.summary)
        case ev.TicketOpened() | ev.SubjectSet():
            return words("subject", event.subject)
        case ev.FieldSet():
            return words(event.field, event.value or "")
        case ev.TicketEscalated():
            return words("reason of an escalation", event.reason)
    return words("entry", "")

"""What becomes of a push: known, recorded, void or refused. The hub's decision, without its database.

Source: spec sync.md 1-2 (the hub's transaction, steps 2 to 7), events.md 1. Pure: the caller locks the head, loads what
`needs` names, asks `decide`, and stores the answer in the same transaction. The simulator and the preview of a
connecting workspace ask the same function. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Final, Literal

import msgspec

from console.domain import access, pro, ticket
from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.access import Role
from console.domain.events import CURRENT_VER, EVENT_TYPES, Entry, Offered, content_hash, event_type, is_imported
from console.domain.fact import Kind
from console.domain.pro_account import Account, Booking
from console.domain.pro_rulings import ruling as pro_ruling
from console.domain.pro_settings import ProSettings
from console.domain.redaction import is_redacted, redactable
from console.domain.stamp import OF_WORK, Head, counts_at, scope_of, stamp

MAX_EVENT_BYTES: Final = 64 * 1024
_EARLIEST_MS: Final = 0
_LATEST_MS: Final = 7_258_118_400_000  # 2200-01-01
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_FIELD: Final = re.compile(r"[^\x00-\x1f\x7f]{0,500}")
_STREAM: Final = re.compile(r"(ticket:[0-9a-f-]{36}|pro:[^\x00-\x1f\x7f]{1,200})")

Outcome = Literal["recorded", "refused", "retry_after_upgrade", "device_conflict"]


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who pushes: the person behind the token, what they see, their device, and when it was enrolled."""

    person: str
    role: Role
    scopes: tuple[str, ...]
    device: str
    enrolled_at: int


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What became of one event. Never changes once given, except `retry_after_upgrade` and `device_conflict`, which
    stop the batch and are not stored."""

    id: str
    outcome: Outcome
    seq: int | None = None
    effect: str = "applied"
    number: int | None = None
    reason: str | None = None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the log knows of the things that a push touches.

    `verdicts` holds the hash and the verdict of each known id; `scopes` and `opened_at` those of each stream that has
    entries; `streams` the whole streams that `needs` asked for.
    """

    head: Head
    device_last: int
    verdicts: Mapping[str, tuple[bytes, Verdict]] = {}
    scopes: Mapping[str, str] = {}
    opened_at: Mapping[str, int] = {}
    streams: Mapping[str, Sequence[Entry]] = {}


class SlotAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A time that a batch wants of an engineer; None where a move keeps whoever it was."""

    begins_at: int
    ends_at: int
    engineer: str | None


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What `decide` has to be told: of ids whether they are known, of `streams` scope and opening, and all entries of
    the `whole` ones; with `all_pro` of every Pro stream, for an engineer is in one place. Of the other Pro streams
    those are enough in which a slot was ever booked for, or moved to, a time that shares some of one of the `slots`,
    for the same engineer or for whoever it was."""

    ids: tuple[str, ...]
    streams: tuple[str, ...]
    whole: tuple[str, ...]
    all_pro: bool
    slots: tuple[SlotAsked, ...] = ()


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What guards are judged by beside the streams."""

    pro: ProSettings = ProSettings()
    holidays: frozenset[date] = frozenset()


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The new head, the entries and refusals to store, and a verdict for each event up to where the batch stopped."""

    head: Head
    device_last: int
    verdicts: tuple[Verdict, ...]
    entries: tuple[Entry, ...] = ()
    refused: tuple[tuple[Offered, str], ...] = ()


def needs(batch: Sequence[Offered]) -> Needs:
    streams = dict.fromkeys(offered.stream for offered in batch)
    whole: dict[str, None] = {}
    for offered in batch:
        event = offered.event
        if is_guarded(offered) or isinstance(event, ev.EntryRedacted):
            whole[offered.stream] = None
        if isinstance(event, ev.TicketMerged):
            whole[ev.ticket_stream(event.into)] = None
    slots = tuple(
        SlotAsked(begins_at=offered.event.begins_at, ends_at=offered.event.ends_at, engineer=offered.event.engineer)
        for offered in batch
        if isinstance(offered.event, (pe.SlotBooked, pe.SlotMoved))
    )
    return Needs(
        ids=tuple(dict.fromkeys(offered.id for offered in batch)),
        streams=tuple(dict.fromkeys((*streams, *whole))),
        whole=tuple(whole),
        all_pro=bool(slots),
        slots=slots,
    )


def is_guarded(offered: Offered) -> bool:
    """Whether the log decides about it: guarded by its type, or taking and giving with what the author saw."""
    event = offered.event
    return event.kind is Kind.GUARDED or (isinstance(event, ev.TicketAssigned) and offered.expect is not None)


def decide(
    batch: Sequence[Offered], author: Author, known: Known, *, now_ms: int, rules: Rules | None = None
) -> Decision:
    """Takes the events of one device in their order. The caller has seen to it that the epoch is the log's, that no
    entry of the device is missing below the batch, and that `dseq` rises."""
    log = _Log(author, known, now_ms, rules or Rules())
    for _, group in groupby(enumerate(batch), key=lambda at: at[1].act or f"alone {at[0]}"):
        if not log.take([offered for _, offered in group]):
            break
    return Decision(
        head=log.head,
        device_last=log.device_last,
        verdicts=tuple(log.said),
        entries=tuple(log.entries),
        refused=tuple(log.refused),
    )


class _Log:
    """The log while a batch goes into it."""

    def __init__(self, author: Author, known: Known, now_ms: int, rules: Rules) -> None:
        self.author = author
        self.now_ms = now_ms
        self.rules = rules
        self.head = known.head
        self.device_last = known.device_last
        self.verdicts = dict(known.verdicts)
        self.scopes = dict(known.scopes)
        self.opened_at = dict(known.opened_at)
        self.streams = {stream: list(entries) for stream, entries in known.streams.items()}
        self.said: list[Verdict] = []
        self.entries: list[Entry] = []
        self.refused: list[tuple[Offered, str]] = []

    def take(self, act: Sequence[Offered]) -> bool:
        """Decides about the events of one act; False where the batch stops."""
        new: list[Offered] = []
        answers: dict[int, Verdict] = {}
        for at, offered in enumerate(act):
            stored = self.verdicts.get(offered.id)
            if stored is None and any(offered.id == other.id for other in new):
                answers[at] = _refusal(offered, "Its id was used twice.")
            elif stored is None:
                new.append(offered)
            elif stored[0] == offered.hash:
                answers[at] = stored[1]
            else:
                answers[at] = _refusal(offered, "Its id is known already with other content.")
        if any(offered.dseq <= self.device_last for offered in new):
            self.said.append(Verdict(id=new[0].id, outcome="device_conflict"))
            return False
        newer = next((offered for offered in new if _is_newer(offered)), None)
        if newer is not None:
            self.said.append(Verdict(id=act[0].id, outcome="retry_after_upgrade"))
            return False
        for offered, verdict in zip(new, self._decided(new), strict=True):
            self.verdicts[offered.id] = (offered.hash, verdict)
        for at, offered in enumerate(act):
            self.said.append(answers.get(at) or self.verdicts[offered.id][1])
        self.device_last = max(self.device_last, *(offered.dseq for offered in act))
        return True

    def _decided(self, new: Sequence[Offered]) -> list[Verdict]:
        reason = self._why_refused(new)
        if reason is not None:
            self.refused.extend((offered, reason) for offered in new)
            return [_refusal(offered, reason) for offered in new]
        void = self._why_void(new)
        effect = "applied" if void is None else f"void: {void}".replace("\x00", " ")  # names come from strangers
        return [self._record(offered, "applied" if type(offered.event) in OF_WORK else effect) for offered in new]

    def _why_refused(self, act: Sequence[Offered]) -> str | None:
        """Malformed or not allowed; one such event of an act refuses all of it."""
        opened: dict[str, str] = {}
        for offered in act:
            reason = malformed(offered, self.author)
            if reason is not None:
                return reason
            event, stream = offered.event, offered.stream
            scope = self.scopes.get(stream) or opened.get(stream)
            if not self._is_there(offered, opened):
                return access.NOT_THERE
            opening = event if isinstance(event, ev.TicketOpened) else None
            if scope is None:
                scope = scope_of(stream, opening)
            if opening is not None:
                opened[stream] = scope
            reason = access.refusal(
                self.author.role,
                event_type(event),
                scope,
                self.author.scopes,
                imported=is_imported(offered.id),
                adopted=offered.adopted,
            )
            if reason is None and isinstance(event, ev.EntryRedacted):
                reason = self._why_not_redacted(stream, event)
            if reason is not None:
                return reason
        return None

    def _is_there(self, offered: Offered, opened: Mapping[str, str]) -> bool:
        """Whether the stream takes the event: a ticket has to be there, or to be opened by this act. One whose opening
        is void never was, but the words in it can be taken away."""
        stream = offered.stream
        if not stream.startswith("ticket:") or isinstance(offered.event, ev.TicketOpened):
            return True
        if isinstance(offered.event, ev.EntryRedacted) and stream in self.scopes:
            return True
        return stream in self.opened_at or stream in opened

    def _why_not_redacted(self, stream: str, event: ev.EntryRedacted) -> str | None:
        target = next((entry for entry in self.streams.get(stream, ()) if entry.id == event.entry), None)
        if target is None:
            return "Not redacted: the ticket or account has no such entry."
        return None if redactable(target.event) else "Not redacted: the entry holds no text."

    def _why_void(self, act: Sequence[Offered]) -> str | None:
        for offered in act:
            if is_imported(offered.id) or not is_guarded(offered):
                continue  # an import says what has happened
            reason = self._guard(offered)
            if reason is not None:
                return reason
        return None

    def _guard(self, offered: Offered) -> str | None:
        event, stream = offered.event, offered.stream
        if stream.startswith("pro:"):
            at = counts_at(offered, recorded_at=self.now_ms, opened_at=None, hubless=False)
            account = self._account(stream)
            elsewhere = self._slots_elsewhere(stream)
            return pro_ruling(account, offered, at, self.rules.pro, self.rules.holidays, elsewhere)
        state = ticket.fold(self.streams.get(stream, ()))
        if state is None:
            return None  # the same act opens it
        reason = ticket.ruling(state, offered)
        if reason is None and isinstance(event, ev.TicketMerged):
            into = ticket.fold(self.streams.get(ev.ticket_stream(event.into), ()))
            if into is None or not into.is_open or not access.sees(self.author.scopes, self._scope(event.into)):
                return "Not merged: the other ticket is not open."
        return reason

    def _scope(self, ticket_id: str) -> str:
        return self.scopes.get(ev.ticket_stream(ticket_id), "desk")

    def _account(self, stream: str) -> Account:
        return pro.fold(self.streams.get(stream, ()))

    def _slots_elsewhere(self, stream: str) -> Iterable[Booking]:
        return [
            booking
            for other in self.streams
            if other.startswith("pro:") and other != stream
            for booking in self._account(other).agreed_slots()
        ]

    def _record(self, offered: Offered, effect: str) -> Verdict:
        self.head, (entry,) = stamp(
            self.head,
            [offered],
            actor=self.author.person,
            now_ms=self.now_ms,
            effect=effect,
            opened_at=self.opened_at,
            scopes=self.scopes,
            hubless=False,
        )
        self.entries.append(entry)
        self.scopes.setdefault(entry.stream, entry.scope)
        if isinstance(entry.event, ev.TicketOpened) and entry.applied:
            self.opened_at.setdefault(entry.stream, entry.counts_at)
        self.streams.setdefault(entry.stream, []).append(entry)
        return Verdict(id=entry.id, outcome="recorded", seq=entry.seq, effect=effect, number=entry.number)


def malformed(offered: Offered, author: Author) -> str | None:
    """What is wrong with an event as such, whoever sends it; None when nothing is."""
    if len(offered.payload) > MAX_EVENT_BYTES:
        size, most = len(offered.payload) // 1024, MAX_EVENT_BYTES // 1024
        return f"It is {size} KiB, the limit is {most} KiB."
    if not _ID.fullmatch(offered.id):
        return "Its id is not a UUID of version 7 or 8."
    if not _STREAM.fullmatch(offered.stream):
        return "Its stream is not one that a log can have."
    if not all(field is None or _FIELD.fullmatch(field) for field in (offered.base, offered.expect, offered.act)):
        return "Its base, expect or act is not one that a log can have."
    if not _EARLIEST_MS <= offered.at < _LATEST_MS:
        return "Its time is not between 1970 and 2200."
    if isinstance(offered.event, ev.UnknownEvent):
        return "Its content is not that of its type."
    is_pro = EVENT_TYPES[event_type(offered.event)] in pe.PRO_EVENTS
    if is_pro != offered.stream.startswith("pro:") and not isinstance(offered.event, ev.EntryRedacted):
        return "Its type does not belong to its stream."
    if offered.adopted and offered.at > author.enrolled_at:
        return "It says that it was recorded before the workstation had a hub, but it is later."
    if offered.device != author.device:
        return "It names another workstation than the one that sends it."
    names = ("id", "stream", "ver", "at", "base", "expect", "act", "payload")
    content = content_hash(type=event_type(offered.event), **{name: getattr(offered, name) for name in names})
    if content != offered.hash and not is_redacted(offered.event):
        return "Its hash is not that of its content."
    return None


def _is_newer(offered: Offered) -> bool:
    return offered.ver > CURRENT_VER or event_type(offered.event) not in EVENT_TYPES


def _refusal(offered: Offered, reason: str) -> Verdict:
    return Verdict(id=offered.id, outcome="refused", reason=reason)

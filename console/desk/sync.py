"""The desk's door to the sync: what needs a person, what they do about it, and the engine that keeps it level.

Reads and acts go through the journal, on the desk's thread. The engine is made here, so that neither window nor command
line knows how it speaks to the hub; it runs in their loop and comes back to the desk through `call`. Instants are epoch
ms, UTC.
"""

from __future__ import annotations

import platform
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar

import uuid_utils

import console
from console.desk import sync_words
from console.desk.sync_views import NotTaken, Overwrote, Refused, Settled, SyncIssues, Waiting
from console.desk.tickets import refused_by_ticket
from console.domain import events as ev
from console.domain.errors import ConsoleError
from console.domain.events import Event, offer, ticket_stream
from console.journal.states import HubTime
from console.wire.messages import WIRE_VERSION

if TYPE_CHECKING:
    from console.desk import Desk
    from console.journal.overwritten import Overwritten
    from console.journal.replica import Replica
    from console.journal.states import OwnEntry
    from console.journal.store import Journal
    from console.settings import Workspace
    from console.sync.engine import Engine
    from console.sync.keys import Keys
    from console.sync.status import LinkStatus
    from console.timekeeping import Timekeeper

SYNC_LOCK: Final = "sync.lock"
"""In the workspace's folder; held by whoever keeps it in sync."""
_TICKET: Final = "ticket:"

T = TypeVar("T")


class NotConnected(ConsoleError):
    """The workspace has no hub."""

    def __init__(self) -> None:
        super().__init__("This workspace is not connected to a hub; connect it with: support-console connect URL")


class DeskCall(Protocol):
    """Runs a function on the desk's thread and gives its result or raises its error."""

    def __call__(self, fn: Callable[[Desk], T], /) -> Awaitable[T]: ...


class SyncDesk:
    """What a person sees of the sync of one workspace, and does about it."""

    def __init__(
        self,
        journal: Journal,
        workspace: Workspace,
        *,
        me: str,
        now: Callable[[], int],
        timekeeper: Timekeeper,
    ) -> None:
        self._journal = journal
        self._workspace = workspace
        self._me = me
        self._now = now
        self._timekeeper = timekeeper

    # The engine

    @property
    def is_connected(self) -> bool:
        return self._journal.is_connected

    def engine(
        self,
        call: DeskCall,
        on_status: Callable[[LinkStatus], object],
        *,
        on_failure: Callable[[str, BaseException], object] | None = None,
    ) -> Engine:
        """The engine of this workspace, which does nothing before it is run; its loop may be another thread's.
        `on_failure` takes a failure of ours, by default into the log. Errors: NotConnected."""
        from console.sync.engine import Engine, log_failure

        hub = self._journal.replica.hub()
        if hub is None:
            raise NotConnected

        def store_call(fn: Callable[[Replica], T], /) -> Awaitable[T]:
            return call(lambda desk: fn(desk.journal.replica))

        def keep_greeting(role: str, skew_ms: int | None) -> Awaitable[None]:
            return call(lambda desk: desk.sync.heard(role, skew_ms))

        return Engine(
            store_call,
            url=hub.url,
            token=lambda: self.keys(hub.url).read(),
            lock=self._workspace.folder / SYNC_LOCK,
            on_status=on_status,
            on_failure=on_failure or log_failure,
            timekeeper=self._timekeeper,
            person=hub.person,
            role=hub.role,
            keep_greeting=keep_greeting,
        )

    def heard(self, role: str, skew_ms: int | None) -> None:
        """Keeps what the hub said: the person's role, how far the clocks are apart, and its time, which other processes
        of this machine go on with."""
        look = self._timekeeper.look()
        told = HubTime(look.at_ms, look.clocks()) if self._timekeeper.is_confirmed else None
        self._journal.replica.heard(role=role, skew_ms=skew_ms, time=told)

    def keys(self, url: str) -> Keys:
        """Where the key for a hub is, as the settings say now."""
        from console.settings import load_settings
        from console.sync.keys import Keys

        return Keys(url, self._workspace.folder, load_settings(self._workspace).token_file)

    # Questions

    def issues(self) -> SyncIssues:
        """All that the drawer shows."""
        hub = self._journal.replica.hub() if self._journal.is_connected else None
        if hub is None:
            return SyncIssues(connected=False)
        own = self._journal.own
        waiting, refused, void = own.waiting(), own.refused(), own.voided()
        overwritten = own.overwritten()
        streams = {each.offered.stream for each in (*waiting, *refused, *void)}
        numbers = self._numbers({*streams, *(ticket_stream(each.ticket) for each in overwritten)})
        return SyncIssues(
            connected=True,
            url=hub.url,
            person=hub.person,
            role=hub.role,
            waiting=tuple(_waiting(each, numbers) for each in waiting),
            waiting_words=self._waiting_words(waiting),
            refused=tuple(_refused(act, numbers) for act in _acts(refused)),
            not_taken=tuple(_not_taken(act, numbers) for act in _acts(void)),
            overwrote=tuple(_overwrote(each, numbers) for each in overwritten),
            settled=tuple(Settled(text, at) for at, text in own.settled(self._midnight())),
        )

    def report(self) -> str:
        """What somebody who looks after the hub wants to know; no words of customers or of the person."""
        hub = self._journal.replica.hub()
        if hub is None:
            raise NotConnected
        position, outbox = self._journal.replica.position(), self._journal.replica.outbox()
        oldest = "" if outbox.oldest_at is None else f", the oldest since {_utc(outbox.oldest_at)}"
        skew = "not measured" if hub.skew_ms is None else f"{hub.skew_ms / 1000:+.1f} s against the hub's"
        lines = [
            f"Support Console {console.__version__}, protocol {WIRE_VERSION}, {platform.platform()}",
            f"Made: {_utc(self._now())}",
            f"Hub: {hub.url}, {hub.hub_id or 'never reached'}",
            f"Person: {hub.person}, {hub.role}; device {position.device}",
            f"Log: epoch {position.epoch}, read up to entry {position.cursor}, chain {position.chain.hex()[:16]}",
            f"Scopes: {', '.join(position.scopes) or 'none'} (version {position.scopever})",
            f"Outbox: {outbox.new:,} waiting{oldest}; {outbox.refused:,} refused",
            f"Clock: {skew}",
        ]
        for each in self._journal.own.refused():
            lines.append(f"Refused: {ev.event_type(each.offered.event)} {each.offered.id}: {each.reason or ''}")
        return "\n".join(lines) + "\n"

    def _waiting_words(self, waiting: Sequence[OwnEntry]) -> str:
        of = self._journal.replica.outbox().new
        if of > len(waiting):
            return f"{of:,} entries"
        return sync_words.counted(each.offered.event for each in waiting)

    def _numbers(self, streams: Collection[str]) -> dict[str, int | None]:
        """The numbers of tickets, by stream."""
        tickets = [stream.removeprefix(_TICKET) for stream in streams if stream.startswith(_TICKET)]
        rows = self._journal.ticket_rows(tickets) if tickets else {}
        return {ticket_stream(ticket): row.number for ticket, row in rows.items()}

    def _midnight(self) -> int:
        """When today began for this machine."""
        today = datetime.fromtimestamp(self._now() / 1000).replace(hour=0, minute=0, second=0, microsecond=0)
        return round(today.timestamp() * 1000)

    # Acts

    def retry(self, ids: Collection[str]) -> None:
        """Offers refused entries again, whole acts, under new ids."""
        self._journal.own.retry(ids, now_ms=self._now())

    def discard(self, ids: Collection[str]) -> None:
        """Lets refused entries go, whole acts."""
        self._journal.own.discard(ids)

    def withdraw(self, ids: Collection[str]) -> str:
        """Takes back what was never offered to the hub, whole acts, and with the opening of a ticket all that waits on
        it. The words become drafts of their tickets, behind what is there: they are kept before anything goes. Gives
        the words, for a ticket that is gone with them. Errors: JournalError where it may be at the hub already."""
        goes = _with_company(self._journal.own.waiting(most=self._journal.replica.outbox().new), ids)
        gone = {each.offered.stream for each in goes if isinstance(each.offered.event, ev.TicketOpened)}
        words = [each for each in goes if _is_writing(each.offered.event) or each.offered.stream in gone]
        before = {each.offered.stream: self._load_drafts(each.offered.stream) for each in words}
        try:
            self._keep_words(words)
            self._journal.own.withdraw(ids)
        except ConsoleError:
            self._restore_drafts(before)
            raise
        return "\n\n".join(text for each in words if (text := sync_words.text_of(each.offered.event).strip()))

    def dismiss(self, entry_id: str) -> None:
        """Puts a card away that only tells something."""
        for act in _acts(self._journal.own.voided()):
            if any(each.offered.id == entry_id for each in act):
                for each in act:
                    self._journal.own.dismiss(each.offered.id)
                return
        self._journal.own.dismiss(entry_id)

    def keep_mine(self, ticket: str, field: str) -> None:
        """My value shows from now on, for everybody, as a change of mine after both. Errors: ConsoleError where the
        change may not happen any more."""
        self._keep(ticket, field, mine=True)

    def keep_theirs(self, ticket: str, field: str) -> None:
        """The other's value shows from now on, or goes on showing. Errors: as `keep_mine`."""
        self._keep(ticket, field, mine=False)

    def _keep(self, ticket: str, field: str, *, mine: bool) -> None:
        met = next(
            (each for each in self._journal.own.overwritten() if (each.ticket, each.field) == (ticket, field)), None
        )
        if met is None:
            return  # settled meanwhile
        if met.shows_mine == mine:
            self._journal.own.dismiss(met.id)
            return
        kept, shown = (met.mine, met.theirs) if mine else (met.theirs, met.mine)
        self._set(kept.event, ticket, base=shown.id)

    def _set(self, event: Event, ticket: str, *, base: str) -> None:
        now = self._now()
        offered = offer(
            event,
            id=str(uuid_utils.uuid7()),
            stream=ticket_stream(ticket),
            at=now,
            device=self._journal.device,
            dseq=0,
            base=base,
        )
        recorded = self._journal.record(
            [offered],
            actor=self._me,
            now_ms=now,
            decide=lambda states, offers: refused_by_ticket(states.tickets, offers),
        )
        if recorded.refused is not None:
            raise ConsoleError(recorded.refused)

    # Drafts

    def _load_drafts(self, stream: str) -> dict[str, str]:
        return self._journal.load_drafts(stream.removeprefix(_TICKET)) if stream.startswith(_TICKET) else {}

    def _keep_words(self, entries: Iterable[OwnEntry]) -> None:
        for each in entries:
            text, mode = sync_words.text_of(each.offered.event), _mode(each.offered.event)
            if text.strip():
                ticket = each.offered.stream.removeprefix(_TICKET)
                there = self._journal.load_drafts(ticket).get(mode, "")
                joined = f"{there.rstrip()}\n\n{text}" if there.strip() else text
                self._journal.save_draft(ticket, mode, joined, now_ms=self._now())

    def _restore_drafts(self, before: dict[str, dict[str, str]]) -> None:
        for stream, drafts in before.items():
            ticket = stream.removeprefix(_TICKET)
            for mode in ("reply", "note"):
                self._journal.save_draft(ticket, mode, drafts.get(mode, ""), now_ms=self._now())


# Own entries as the drawer shows them


def _acts(entries: Iterable[OwnEntry]) -> list[list[OwnEntry]]:
    """Together what was one act."""
    in_order = sorted(entries, key=lambda each: each.place)
    return [list(act) for _, act in groupby(in_order, key=lambda each: each.offered.act or each.offered.id)]


def _with_company(waiting: Sequence[OwnEntry], ids: Collection[str]) -> list[OwnEntry]:
    """What goes when entries are withdrawn: their acts, and with a ticket's opening all that waits on it."""

    def whole(ids: Collection[str]) -> list[OwnEntry]:
        acts = {each.offered.act for each in waiting if each.offered.id in ids} - {None}
        return [each for each in waiting if each.offered.id in ids or each.offered.act in acts]

    goes = whole(ids)
    gone = {each.offered.stream for each in goes if isinstance(each.offered.event, ev.TicketOpened)}
    return whole({each.offered.id for each in waiting if each.offered.id in ids or each.offered.stream in gone})


def _is_writing(event: Event) -> bool:
    """Whether it is a text of a ticket, and not one of its properties."""
    return isinstance(event, ev.MessageSent | ev.CallLogged)


def _ticket(stream: str) -> str | None:
    return stream.removeprefix(_TICKET) if stream.startswith(_TICKET) else None


def _mode(event: Event) -> Literal["reply", "note"]:
    return "reply" if isinstance(event, ev.MessageSent) and event.public else "note"


def _leading(act: Sequence[OwnEntry]) -> OwnEntry:
    """Of an act the entry that names it: words before properties."""
    return next((each for each in act if sync_words.text_of(each.offered.event)), act[0])


def _waiting(own: OwnEntry, numbers: dict[str, int | None]) -> Waiting:
    event, stream = own.offered.event, own.offered.stream
    return Waiting(
        id=own.offered.id,
        ticket=_ticket(stream),
        title=sync_words.title(own.offered, numbers.get(stream)),
        text=sync_words.text_of(event),
        at=own.made_at,
        can_withdraw=not own.was_offered,
        opens=isinstance(event, ev.TicketOpened),
        mode=_mode(event),
    )


def _refused(act: Sequence[OwnEntry], numbers: dict[str, int | None]) -> Refused:
    own = _leading(act)
    event, stream = own.offered.event, own.offered.stream
    return Refused(
        ids=tuple(each.offered.id for each in act),
        ticket=_ticket(stream),
        title=sync_words.title_of_missed(own.offered, numbers.get(stream)),
        reason=own.reason or "The hub gave no reason.",
        text=sync_words.text_of(event),
        at=own.made_at,
        mode=_mode(event),
    )


def _not_taken(act: Sequence[OwnEntry], numbers: dict[str, int | None]) -> NotTaken:
    own = next((each for each in act if each.offered.expect is not None), _leading(act))
    stream = own.offered.stream
    reason = (own.effect or "").removeprefix("void: ")
    return NotTaken(
        id=own.offered.id,
        ticket=_ticket(stream),
        title=sync_words.title_of_missed(own.offered, numbers.get(stream)),
        reason=sync_words.plain_reason(reason),
        at=own.made_at,
    )


def _overwrote(met: Overwritten, numbers: dict[str, int | None]) -> Overwrote:
    return Overwrote(
        ticket=met.ticket,
        field=met.field,
        title=sync_words.title_of_two(met.field, numbers.get(ticket_stream(met.ticket))),
        mine=sync_words.value_of(met.mine.event),
        theirs=sync_words.value_of(met.theirs.event),
        who=met.theirs.actor,
        shows="mine" if met.shows_mine else "theirs",
        mine_at=met.mine.at,
        theirs_at=met.theirs.at,
    )


def _utc(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

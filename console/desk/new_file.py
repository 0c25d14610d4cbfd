"""The database of a workspace that joins a hub, made beside the old one, and put in its place by one rename.

It is filled from the hub's log; then what the workspace recorded by itself goes into it as own entries under the same
ids, in the old order. Nothing of it is offered before the file is in its place. Made again over what an earlier attempt
left, it ends the same. Called by `desk.connecting`; all but `load` block. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

import msgspec

from console.desk.connect_preview import Obstacle, Rehearsal
from console.desk.sync import SYNC_LOCK
from console.domain import access
from console.domain.errors import ConsoleError
from console.domain.events import Entry, Offered
from console.domain.push import Author
from console.domain.stamp import Head
from console.guidelines_files import shipped_history
from console.journal.errors import JournalBusy
from console.journal.log_file import LogFile, alone, keep_under, remove
from console.journal.replica import Outbox, Replica
from console.journal.store import Journal
from console.settings import Workspace, person_name
from console.sync.engine import Engine
from console.sync.once import sync_once
from console.sync.whole_file import sync_folder

if TYPE_CHECKING:
    import ssl

    from console.sync.http import HubClient
    from console.wire.messages import Welcome

NAME: Final = "journal.connecting.db"

Progress = Callable[[str, int, int], object]
"""Told what is done, how much of it, and of how much (0 where that is not known)."""
T = TypeVar("T")


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who the workstation is at the hub. `enrolled_ms` is the hub's time of the enrolment or a little before."""

    url: str
    hub_id: str
    device: str
    person: str
    role: str
    enrolled_ms: int


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What connecting would do. `entries` of `tickets` would be offered, `known` of the workspace's are at the hub
    already, `hub_entries` came from there. `was` is the name under which the person acted so far. `obstacles` are the
    first entries that would not get through, `counts` all of them by outcome."""

    person: str
    role: str
    was: str
    hub_entries: int
    entries: int
    known: int
    tickets: int
    obstacles: tuple[Obstacle, ...]
    counts: dict[str, int]

    @property
    def asks(self) -> bool:
        """Whether a person should say yes first; an empty workspace has nothing to lose."""
        return self.entries > 0 or self.known > 0


class RunBlocking(Protocol):
    """Runs what asks the database in its thread."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


class NewFile:
    """`copied` is the last entry of the old log that is in the new file."""

    def __init__(self, workspace: Workspace, identity: Identity, clock: Callable[[], int]) -> None:
        self.path = workspace.folder / NAME
        self.copied = 0
        self._workspace = workspace
        self._identity = identity
        self._clock = clock

    def open(self) -> Journal:
        """Made, or found as an earlier attempt left it; one that was another person's is made anew."""
        journal = self._journal()
        try:
            self._follow(journal)
        except ConsoleError:
            journal.close()
            remove(self.path)
            journal = self._journal()
            self._follow(journal)
        return journal

    def _journal(self) -> Journal:
        return Journal.open(self.path, history=shipped_history(), now_ms=self._clock())

    def _follow(self, journal: Journal) -> None:
        identity = self._identity
        journal.follow(url=identity.url, person=identity.person, role=identity.role, device=identity.device)

    async def load(
        self,
        journal: Journal,
        client: HubClient,
        run: RunBlocking,
        told: Progress,
        *,
        verify: ssl.SSLContext | None = None,
    ) -> None:
        """Brings it level with the hub. Errors: NotLevel."""
        silent = _Silent(journal)

        def store_call(fn: Callable[[Replica], T], /) -> Awaitable[T]:
            return run(lambda: fn(cast(Replica, silent)))

        engine = Engine(
            store_call,
            url=client.url,
            token=lambda: client.token,
            lock=self._workspace.folder / SYNC_LOCK,
            on_status=lambda status: told("Loading", status.done, status.of) if status.of else None,
            verify=verify,
        )
        await sync_once(engine)

    def take_over(self, journal: Journal, welcome: Welcome, told: Progress) -> Preview:
        """Puts the old entries into it, and works out what the hub would make of them."""
        identity = self._identity
        with LogFile(self._workspace.database) as old, LogFile(self.path) as new:
            position = journal.replica.position()
            author = Author(
                person=identity.person,
                role=_role(identity.role),
                scopes=welcome.scopes,
                device=identity.device,
                enrolled_at=identity.enrolled_ms,
            )
            head = Head(hub_id=identity.hub_id, epoch=position.epoch, seq=position.cursor, chain=position.chain)
            rehearsal = Rehearsal(old, new, author, head, now_ms=welcome.now_ms)
            entries, known = self._adopt(journal, old, new, rehearsal, told)
            rehearsal.finish()
            _copy_rows(journal, old)
            tickets = old.tickets()
        _finish(journal, told)
        return Preview(
            person=identity.person,
            role=identity.role,
            was=person_name(self._workspace),
            hub_entries=position.cursor,
            entries=entries,
            known=known,
            tickets=tickets,
            obstacles=tuple(rehearsal.obstacles),
            counts=rehearsal.counts,
        )

    def catch_up(self) -> None:
        """Takes over what was written to the old file since."""
        with self.open() as journal, LogFile(self._workspace.database) as old, LogFile(self.path) as new:
            self._adopt(journal, old, new, None, silence)
            _copy_rows(journal, old)
            _finish(journal, silence)

    def _adopt(
        self, journal: Journal, old: LogFile, new: LogFile, rehearsal: Rehearsal | None, told: Progress
    ) -> tuple[int, int]:
        """How many entries the hub does not have, and how many it has. What an attempt before put there stays."""
        entries = known = 0
        of = old.last_seq()
        for page in old.pages(self.copied):
            hashes = new.hashes([entry.id for entry in page])
            offers = [_offered(entry) for entry in page]
            fresh = [offered for offered in offers if offered.id not in hashes]
            journal.adopt(fresh, now_ms=self._clock(), until=self._identity.enrolled_ms)
            if rehearsal is not None:
                for offered in offers:
                    if hashes.get(offered.id, offered.hash) != offered.hash:
                        rehearsal.other_content(offered)
                rehearsal.take(fresh)
            entries += len(fresh)
            known += len(page) - len(fresh)
            self.copied = page[-1].seq
            told("Taking over", self.copied, of)
        return entries, known

    # In its place

    def name_for_old(self) -> Path | None:
        """The name that the old database gets; None where nothing is in it."""
        if not self.copied:
            return None
        folder, day = self._workspace.folder, datetime.fromtimestamp(self._clock() / 1000, UTC).strftime("%Y-%m-%d")
        path, count = folder / f"journal.before-hub-{day}.db", 1
        while path.exists():
            count += 1
            path = folder / f"journal.before-hub-{day}-{count}.db"
        return path

    def swap(self, kept: Path | None) -> bool:
        """Takes the old one's place, which gets the name `kept`. False, and nothing done, where somebody wrote to the
        old file since it was read. Errors: JournalBusy where somebody has it open."""
        database = self._workspace.database
        with alone(database) as last_seq:
            if last_seq != self.copied:
                return False
            if kept is not None:
                keep_under(database, kept)
            sync_folder(database.parent)
            if os.name == "posix":  # elsewhere an open file cannot be replaced
                self.path.replace(database)
        if self.path.exists():
            self.path.replace(database)
        sync_folder(database.parent)
        if kept is not None:
            self._undo_in_company(kept)
        return True

    def _undo_in_company(self, kept: Path) -> None:
        """Somebody who opened the old file in the last moment would go on writing to it under its other name."""
        try:
            with alone(kept):
                pass
        except JournalBusy:
            self._workspace.database.replace(self.path)
            kept.replace(self._workspace.database)
            raise


class _Silent:
    """The replica of the new file, which offers nothing before the person said yes, and shows nothing meanwhile."""

    def __init__(self, journal: Journal) -> None:
        self._replica = journal.replica

    def __getattr__(self, name: str) -> Any:
        return getattr(self._replica, name)

    def outbox(self) -> Outbox:
        return Outbox()

    def fold_behind(self, after: str) -> str | None:
        """Once, when the old entries are in it as well (`_finish`)."""


def silence(doing: str, done: int, of: int) -> None:
    """Where nobody watches."""


def _finish(journal: Journal, told: Progress) -> None:
    def folded(done: int, of: int) -> None:
        told("Folding", done, of)

    journal.replica.finish_bulk(folded)


def _copy_rows(journal: Journal, old: LogFile) -> None:
    """What the workstation keeps for itself: half-written texts, beats of running sessions, alerts shown."""
    for draft in old.drafts():
        journal.save_draft(draft.ticket, draft.mode, draft.text, now_ms=draft.saved_at)
    beats = old.beats()
    if beats:
        journal.beat(*beats)
    for key, raised_at in old.alerts_raised().items():
        journal.raise_alert(key, raised_at)


def _offered(entry: Entry) -> Offered:
    return Offered(
        id=entry.id,
        stream=entry.stream,
        at=entry.at,
        device=entry.device,
        dseq=entry.dseq,
        event=entry.event,
        base=entry.base,
        expect=entry.expect,
        act=entry.act,
        ver=entry.ver,
        payload=entry.payload,
        hash=entry.hash,
    )


def _role(name: str) -> access.Role:
    return next((role for role in access.ROLES if role == name), "engineer")

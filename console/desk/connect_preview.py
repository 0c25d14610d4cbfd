"""What a hub would make of the entries of a workspace that joins it, worked out here before anybody says yes.

Asks the hub's own decision (`push.decide`) with the batches in which they will be offered, and with what is known of
the hub's log. It is a forecast: what others do meanwhile can change it. Called by `desk.connecting`. Instants are epoch
ms, UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from console.desk.sync_words import plain_reason, title_of_missed
from console.domain import events as ev
from console.domain import push
from console.domain.events import Offered
from console.domain.push import Author, Known
from console.domain.stamp import Head
from console.journal.log_file import LogFile
from console.wire.messages import MAX_BATCH_BYTES, MAX_BATCH_EVENTS

MOST_TOLD: Final = 1_000
"""Obstacles that are listed; the others are counted."""
_OTHER_CONTENT: Final = "The hub has an entry of this name with other content; this one stays in the file that is kept."
_NEWER: Final = "The hub is older than this program: this, and what was recorded after it, waits until it is updated."


class Obstacle(msgspec.Struct, frozen=True, kw_only=True):
    """One entry that would not get through. `void` stays in the history and changes nothing, `refused` stays on this
    workstation, `left` in the file that is kept, and `waits` for a newer hub."""

    outcome: Literal["void", "refused", "left", "waits"]
    title: str
    reason: str
    at: int


class Rehearsal:
    """Takes entries in the order in which they will be offered. `obstacles` are the first that were met, `counts` says
    how many of each outcome there are. `old` is the workspace's log, `new` the hub's as far as it is here."""

    def __init__(self, old: LogFile, new: LogFile, author: Author, head: Head, *, now_ms: int) -> None:
        self.obstacles: list[Obstacle] = []
        self.counts: dict[str, int] = {}
        self._old = old
        self._new = new
        self._author = author
        self._head = head
        self._now_ms = now_ms
        self._last = 0
        self._dseq = 0
        self._scopes: dict[str, str] = {}
        self._opened_at: dict[str, int] = {}
        self._asked: set[str] = set()
        self._here: dict[str, list[ev.Entry]] = {stream: [] for stream in old.streams_to_judge()}
        self._act: list[Offered] = []
        self._batch: list[Offered] = []
        self._bytes = 0
        self._stopped = False

    def take(self, offers: Sequence[Offered]) -> None:
        for offered in offers:
            if self._act and (offered.act is None or offered.act != self._act[-1].act):
                self._end_act()
            self._dseq += 1
            numbered = replace(
                offered,
                device=self._author.device,
                dseq=self._dseq,
                adopted=offered.at <= self._author.enrolled_at,
            )
            self._act.append(numbered)

    def finish(self) -> None:
        """After the last one."""
        self._end_act()
        self._decide()

    def other_content(self, offered: Offered) -> None:
        """The hub knows the id, and not what it says here."""
        self._tell("left", offered, _OTHER_CONTENT)

    def _end_act(self) -> None:
        act, self._act = self._act, []
        size = sum(len(offered.payload) for offered in act)
        full = len(self._batch) + len(act) > MAX_BATCH_EVENTS or self._bytes + size > MAX_BATCH_BYTES
        if self._batch and full:
            self._decide()
        self._batch += act
        self._bytes += size

    def _decide(self) -> None:
        batch, self._batch, self._bytes = self._batch, [], 0
        if not batch or self._stopped:
            return
        decision = push.decide(batch, self._author, self._known(batch), now_ms=self._now_ms)
        self._head, self._last = decision.head, decision.device_last
        for entry in decision.entries:
            self._scopes.setdefault(entry.stream, entry.scope)
            if isinstance(entry.event, ev.TicketOpened) and entry.applied:
                self._opened_at.setdefault(entry.stream, entry.counts_at)
            if entry.stream in self._here:
                self._here[entry.stream].append(entry)
        by_id = {offered.id: offered for offered in batch}
        for verdict in decision.verdicts:
            offered = by_id[verdict.id]
            if verdict.outcome == "retry_after_upgrade":
                self._stopped = True
                self._tell("waits", offered, _NEWER)
            elif verdict.outcome == "refused":
                self._tell("refused", offered, verdict.reason or "")
            elif verdict.effect != "applied":
                self._tell("void", offered, verdict.effect.removeprefix("void: "))

    def _known(self, batch: Sequence[Offered]) -> Known:
        needs = push.needs(batch)
        unknown = [stream for stream in needs.streams if stream not in self._asked]
        self._asked.update(unknown)
        for stream, opening in self._new.openings(unknown).items():
            self._scopes.setdefault(stream, opening.scope)
            if opening.opened_at is not None:
                self._opened_at.setdefault(stream, opening.opened_at)
        whole = set(needs.whole)
        if needs.all_pro:
            whole.update(self._new.pro_streams(), (stream for stream in self._here if stream.startswith("pro:")))
        streams = self._new.entries_of(whole) if whole else {}
        for stream in whole:
            streams[stream] += self._here.get(stream, ())
        return Known(
            head=self._head,
            device_last=self._last,
            scopes={stream: self._scopes[stream] for stream in needs.streams if stream in self._scopes},
            opened_at={stream: self._opened_at[stream] for stream in needs.streams if stream in self._opened_at},
            streams=streams,
        )

    def _tell(self, outcome: Literal["void", "refused", "left", "waits"], offered: Offered, reason: str) -> None:
        self.counts[outcome] = self.counts.get(outcome, 0) + 1
        if len(self.obstacles) < MOST_TOLD:
            title = title_of_missed(offered, self._old.number(offered.stream))
            self.obstacles.append(Obstacle(outcome=outcome, title=title, reason=plain_reason(reason), at=offered.at))

"""What every screen shows of Pro: my running sessions, questions about gaps, and else my next slot. Only reads.

Called by `watch`, on the desk's thread. Instants are trusted epoch ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from console.desk.pro.acting import Acting
from console.desk.pro.day import interruptions
from console.desk.pro.rows import gap_questions
from console.desk.pro.views import GapQuestion, NextSlot, StripSession, Watched
from console.domain.pro_running import running
from console.journal.states import RunningSegment
from console.timekeeping import Anchor


class WatchedNow:
    """The answers of one workspace. `seen` are the last looks at the sessions that are watched here, by segment."""

    def __init__(self, acting: Acting, seen: Mapping[str, Anchor]) -> None:
        self._acting = acting
        self._streams = acting.streams
        self._journal = acting.journal
        self._seen = seen

    def watched(self) -> Watched:
        """My running sessions on any workstation, gaps of mine without an answer, and my next slot."""
        now, me = self._acting.now(), self._acting.me
        rows = self._journal.pro_running()
        return Watched(
            running=tuple(self._strip(row, now) for row in rows if row.engineer == me),
            gaps=tuple(self._gaps(me)),
            next_slot=self._next_slot(now),
            running_in_team=len(rows),
        )

    def gaps(self) -> tuple[GapQuestion, ...]:
        """My gaps that wait for an answer, in every account."""
        return tuple(self._gaps(self._acting.me))

    def _gaps(self, engineer: str) -> Iterator[GapQuestion]:
        for held in self._streams.all().values():
            if not held.account.gaps:
                continue
            for question in gap_questions(held.account, None, held.name, None, self._streams.settings):
                if question.engineer == engineer:
                    row = self._journal.ticket_row(question.ticket)
                    if row is not None:
                        question = msgspec.structs.replace(question, number=row.number, subject=row.subject)
                    yield question

    def _strip(self, row: RunningSegment, now: int) -> StripSession:
        held = self._streams.held(row.stream)
        seen = self._seen.get(row.segment)
        as_of = now if seen is None else max(min(now, seen.at_ms), row.began_at)
        metering, account = self._streams.measured(held, as_of), held.account
        run = running(
            account,
            metering,
            row.segment,
            self._streams.settings,
            self._streams.days_off(account, as_of),
            account_name=held.name,
        )
        shown = self._journal.ticket_row(row.engagement)
        lots = [lot for lot, since in account.feeds(row.engagement) if since <= as_of]
        return StripSession(
            ticket=row.engagement,
            number=None if shown is None else shown.number,
            subject="Pro Services" if shown is None else shown.subject,
            account=held.name,
            running=run,
            bought_ms=sum(lot.ms for lot in lots),
            left_ms=sum(metering.free_ms.get(lot.id, 0) for lot in lots),
            interruptions=tuple(interruptions(account, metering, row.engagement)),
        )

    def _next_slot(self, now: int) -> NextSlot | None:
        slots: Iterable[NextSlot] = (
            NextSlot(booking.engagement, held.name, booking.begins_at, booking.ends_at)
            for held, booking in self._streams.bookings_of(self._acting.me)
            if booking.ends_at > now
        )
        return min(slots, key=lambda slot: slot.begins_at, default=None)

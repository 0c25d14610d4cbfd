"""The session: start, pause, stop, notes, gaps, completion and its undoing, and work that is entered afterwards.

Source: spec pro_services.md 2 and 3 (D5, D6). Work is dated in trusted time and carries what the clocks said. A start
is judged and may be refused, with the term that it keeps; a stop always succeeds and is clamped to the limit. Instants
are epoch ms (UTC).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from console.desk.pro.acting import Acting, Fact, new_id
from console.desk.pro.carrying import moved_on, next_day
from console.desk.pro.hours_view import completing_loses_ms
from console.desk.pro.streams import Held
from console.desk.pro.watch import WatchDesk
from console.desk.tickets import Receipt, new_salt
from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.calendar import Period
from console.domain.errors import ConsoleError
from console.domain.events import ticket_stream
from console.domain.pro_account import Pause, Segment
from console.domain.pro_events import GapAnswer, LateEntry, Purpose
from console.domain.pro_settings import OTHER_TICKET
from console.domain.words import exact, full

if TYPE_CHECKING:
    from console.desk.tickets import TicketDesk

_SECOND_MS: Final = 1000
_NOT_RUNNING: Final = "the timer of this engagement is not running."
_NOT_STOPPED: Final = f"Not stopped: {_NOT_RUNNING}"


class NothingToNote(ConsoleError):
    """A note without words."""


class Carried(msgspec.Struct, frozen=True):
    """What became of carrying over: the receipt of the stop, and the slot on which the work goes on, where one fits."""

    receipt: Receipt
    slot: Period | None


class WorkDesk:
    """Acts on sessions; `ticket` is the engagement's ticket id."""

    def __init__(self, acting: Acting, watch: WatchDesk, tickets: TicketDesk) -> None:
        self._acting = acting
        self._streams = acting.streams
        self._watch = watch
        self._tickets = tickets

    def start(self, ticket: str, *, purpose: Purpose = "work", provisional_by: str | None = None) -> Receipt:
        """Starts my timer. `provisional_by` is the lead who lets work begin before its purchase is known (41).

        Refused with the term that is kept: gate, window, limits, a session that I run already. A start that the gate
        refuses at the agreed time is noted on the ticket, because the expiry keeps running (43).
        """
        self._watch.tick(raise_warnings=False)
        held = self._acting.engagement(ticket, provisional_by=provisional_by)
        look = self._acting.timekeeper.look()
        started = pe.SegmentStarted(
            engagement=ticket, clocks=look.clocks(), at=look.at_ms, purpose=purpose, provisional_by=provisional_by
        )
        receipt = self._acting.write([Fact(held.stream, started)], judge=lambda _: self._acting.wrong_clock())
        if receipt.refused is None:
            self._watch.began(receipt.entries[0], look)
        else:
            self._note_blocked(ticket, receipt.refused, look.at_ms)
        return receipt

    def pause(self, ticket: str, kind: str) -> Receipt:
        """Interrupts my running session; the setting `pause.kinds` says whether the time counts (58)."""
        held, segment = self._mine(ticket)
        if segment is None:
            return Receipt(refused=f"Not paused: {_NOT_RUNNING}")
        if self._pause_of(held, segment) is not None:
            return Receipt(refused="Not paused: the session is interrupted already.")
        at = self._acting.now()
        return self._acting.write([Fact(held.stream, pe.PauseBegan(segment=segment.id, pause_kind=kind, at=at))])

    def log_interruption(self, ticket: str, other_ticket: str, *, since: int | None = None) -> Receipt:
        """Interrupts my session for another customer's ticket, from `since` on (trusted, not before the start)."""
        held, segment = self._mine(ticket)
        if segment is None:
            return Receipt(refused=f"Not logged: {_NOT_RUNNING}")
        if self._pause_of(held, segment) is not None:
            return Receipt(refused="Not logged: the session is interrupted already.")
        now = self._acting.now()
        at = now if since is None else max(segment.began_at, min(since, now))
        other = self._tickets.state(other_ticket)
        named = other_ticket if other is None else f"#{other.number}, {other.account or other.subject}"
        return self._acting.write(
            [
                Fact(held.stream, pe.PauseBegan(segment=segment.id, pause_kind=OTHER_TICKET, at=at)),
                Fact(held.stream, _noted(segment.id, f"Interrupted by ticket {named}.")),
            ]
        )

    def resume(self, ticket: str) -> Receipt:
        held, segment = self._mine(ticket)
        pause = None if segment is None else self._pause_of(held, segment)
        if pause is None:
            return Receipt(refused="Not resumed: the session is not interrupted.")
        return self._acting.write([Fact(held.stream, pe.PauseEnded(pause=pause.id, at=self._acting.now()))])

    def stop(self, ticket: str, *, reason: str = "stopped", note: str = "") -> Receipt:
        """Stops my timer; nothing is forfeited and the rest is kept. Past a limit the session ends at the limit."""
        was_running = self._mine(ticket)[1] is not None
        self._watch.tick(raise_warnings=False)
        held, segment = self._mine(ticket)
        if segment is None:
            return Receipt() if was_running else Receipt(refused=_NOT_STOPPED)
        look = self._acting.timekeeper.look()
        facts = [Fact(held.stream, _noted(segment.id, note))] if note.strip() else []
        stopped = pe.SegmentStopped(segment=segment.id, reason=reason, clocks=look.clocks(), at=look.at_ms)
        receipt = self._acting.write([*facts, Fact(held.stream, stopped)])
        self._watch.ended(segment.id)
        return receipt

    def carry_over(self, ticket: str, *, note: str = "") -> Carried:
        """Stops, and moves the slot to where the work goes on: the following business day (T9).

        Where nothing fits before the renewal, `slot` is None: the hours expire, and the page warns of it.
        """
        receipt = self.stop(ticket, reason="carried over", note=note)
        if receipt.refused is not None and receipt.refused != _NOT_STOPPED:
            return Carried(receipt, None)
        held = self._acting.engagement(ticket)
        now = self._acting.now()
        moved = moved_on(self._streams, held, ticket, now, next_day(self._streams, now))
        if moved is None:
            return Carried(receipt, None)
        move = self._acting.write([moved])
        if move.refused is not None:
            return Carried(Receipt(entries=receipt.entries, refused=move.refused), None)
        event = moved.event
        assert isinstance(event, pe.SlotMoved)
        return Carried(Receipt(entries=(*receipt.entries, *move.entries)), (event.begins_at, event.ends_at))

    def note(self, ticket: str, text: str) -> Receipt:
        """Writes down what was done: on the running or the last segment, else as an internal note on the ticket."""
        words = text.strip()
        if not words:
            raise NothingToNote("Nothing to note: the text is empty.")
        held, segment = self._mine(ticket)
        if segment is None:
            segment = max(held.account.segments_of(ticket), key=lambda s: (s.began_at, s.id), default=None)
        if segment is None:
            return self._tickets.reply(ticket, words, public=False)
        return self._acting.write([Fact(held.stream, _noted(segment.id, words))])

    def work_on(self, ticket: str, item: str, *, unattended_job: str | None = None) -> Receipt:
        """Says what is worked on; `unattended_job` names what runs by itself, and idleness is not asked about (59)."""
        held, segment = self._mine(ticket)
        if segment is None:
            return Receipt(refused=f"Not set: {_NOT_RUNNING}")
        event = pe.SegmentItemSet(segment=segment.id, item=item, unattended_job=unattended_job)
        return self._acting.write([Fact(held.stream, event)])

    def answer_gap(self, gap: str, answer: GapAnswer) -> Receipt:
        """What happened in a gap: the work went on by itself, nobody worked, or the session ended at its beginning."""
        for held in self._streams.all().values():
            if gap in held.account.gaps:
                receipt = self._acting.write([Fact(held.stream, pe.GapClassified(gap=gap, answer=answer))])
                if receipt.refused is None and answer == "ended":
                    self._watch.ended(held.account.gaps[gap].segment)
                return receipt
        return Receipt(refused="Not answered: there is no such gap.")

    def log_past(
        self,
        ticket: str,
        begins_at: int,
        ends_at: int,
        *,
        reason: str,
        approved_by: str,
        engineer: str | None = None,
        note: str = "",
    ) -> Receipt:
        """Enters work afterwards, with a reason and the lead who approves it (84). It is drawn by when it was done."""
        held = self._acting.engagement(ticket)
        if ends_at <= begins_at or ends_at > self._acting.now():
            return Receipt(refused="Not entered: the work ends after it begins, and not in the future.")
        who = engineer or self._acting.me
        elsewhere = self._worked_elsewhere(ticket, who, begins_at, ends_at)
        if elsewhere is not None:
            return Receipt(refused=f"Not entered: {elsewhere}. An engineer runs one session at once.")
        segment = new_id()
        started = pe.SegmentStarted(
            engagement=ticket,
            at=begins_at,
            engineer=who,
            late=LateEntry(reason.strip(), approved_by.strip()),
        )
        facts = [
            Fact(held.stream, started, id=segment),
            Fact(held.stream, pe.SegmentStopped(segment=segment, reason="entered afterwards", at=ends_at)),
        ]
        if note.strip():
            facts.append(Fact(held.stream, _noted(segment, note)))
        return self._acting.write(facts)

    def complete(self, ticket: str, *, forfeits_ms: int) -> Receipt:
        """The scope is complete: the rest of the allocation is lost (T11). My running timer is stopped first.

        `forfeits_ms` is the loss that the person saw; where more than that would be lost by now, it is refused and the
        new figure is named. A refusal leaves my timer running.
        """
        self._watch.tick(raise_warnings=False)
        held, segment = self._mine(ticket)
        refused = self._why_not_complete(held, segment, ticket, forfeits_ms)
        if refused is None and segment is not None:
            self.stop(ticket, reason="scope complete")
            held = self._acting.engagement(ticket)
            refused = self._why_not_complete(held, None, ticket, forfeits_ms)
        if refused is not None:
            return Receipt(refused=refused)
        forfeits_s = self._completing_loses_ms(held, ticket) // _SECOND_MS
        event = pe.EngagementCompleted(engagement=ticket, forfeits_s=forfeits_s)
        return self._acting.write([Fact(held.stream, event)])

    def undo_completion(self, completion: str, *, approved_by: tuple[str, ...] = ()) -> Receipt:
        """Takes a completion back, within the time to undo; later with the names of lead and billing (56).

        `completion` is its id, or the engagement's: then the last one that stands is meant.
        """
        for held in self._streams.all().values():
            last = held.account.completion_of(completion)
            if completion in held.account.completions or last is not None:
                event = pe.CompletionUndone(completion=completion if last is None else last.id, approved_by=approved_by)
                return self._acting.write([Fact(held.stream, event)])
        return Receipt(refused="Not undone: there is no such completion.")

    def _why_not_complete(self, held: Held, mine: Segment | None, ticket: str, forfeits_ms: int) -> str | None:
        """Judged as if my running timer were stopped already."""
        account = held.account
        if not account.segments_of(ticket):
            return "Not completed: the work has not begun, and its hours live on until the renewal (T7)."
        loses = self._completing_loses_ms(held, ticket)
        if loses > forfeits_ms + _SECOND_MS:
            return f"Not completed: {exact(loses)} would be lost by now, not {exact(forfeits_ms)}."
        if mine is not None:
            stopped = replace(mine, ended_at=self._acting.now())
            account = replace(account, segments={**account.segments, mine.id: stopped})
        event = pe.EngagementCompleted(engagement=ticket, forfeits_s=0)
        return self._acting.refusal(replace(held, account=account), event)

    def _completing_loses_ms(self, held: Held, ticket: str) -> int:
        metering = self._streams.measured(held, self._acting.now())
        return completing_loses_ms(held.account, metering, ticket, self._streams.settings)

    def _worked_elsewhere(self, ticket: str, engineer: str, begins_at: int, ends_at: int) -> str | None:
        """Where an engineer worked in a span besides, a clause; an unattended job leaves them free (63)."""
        for held in self._streams.all().values():
            for segment in held.account.segments.values():
                over_at = self._acting.now() if segment.ended_at is None else segment.ended_at
                meets = segment.began_at < ends_at and begins_at < over_at
                if (
                    meets
                    and segment.engineer == engineer
                    and segment.engagement != ticket
                    and not segment.unattended_job
                ):
                    zone = self._streams.settings.window_tz
                    span = f"{full(segment.began_at, zone)} to {full(over_at, zone)}"
                    return f"{engineer} worked for {held.name} from {span}"
        return None

    def _mine(self, ticket: str) -> tuple[Held, Segment | None]:
        held = self._acting.engagement(ticket)
        running = (s for s in held.account.open_segments() if s.engagement == ticket and s.engineer == self._acting.me)
        return held, next(running, None)

    def _pause_of(self, held: Held, segment: Segment) -> Pause | None:
        pauses = (p for p in held.account.pauses.values() if p.segment == segment.id and p.ended_at is None)
        return next(pauses, None)

    def _note_blocked(self, ticket: str, refusal: str, now: int) -> None:
        """The agreed time began and the gate held the work back: the ticket says so, once a slot."""
        held = self._streams.of_ticket(ticket)
        if held is None or "access" not in refusal:
            return
        slot = next((b for b in held.account.bookings_of(ticket) if b.begins_at <= now < b.ends_at), None)
        if slot is None:
            return
        text = f"Blocked: access. {refusal}"
        entries = self._acting.journal.entries(ticket_stream(ticket))
        said = any(
            isinstance(e.event, ev.MessageSent)
            and e.event.body.startswith("Blocked: access.")
            and e.at >= slot.begins_at
            for e in entries
        )
        if not said:
            self._tickets.reply(ticket, text, public=False)


def _noted(segment: str, text: str) -> pe.SegmentNoted:
    return pe.SegmentNoted(segment=segment, text=text.strip(), salt=new_salt())

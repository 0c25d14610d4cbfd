"""Builds the answers of the Pro desk from an account and its metering: the list, a session page, a report. No writing.

Called by `ProDesk`. Instants are epoch ms (UTC).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import TYPE_CHECKING

from console.desk.pro.acting import Acting
from console.desk.pro.carrying import carries_to, next_day
from console.desk.pro.day import ruler
from console.desk.pro.hours_view import completing_loses_ms, hours, present_session, scope_view
from console.desk.pro.ledger import ledger_rows
from console.desk.pro.log import session_log, time_entries
from console.desk.pro.rows import (
    access_lines,
    coming_slot,
    consent_lines,
    engagement_row,
    engagements_of,
    gap_questions,
    gate_lines,
    lost_access,
    slot_lines,
    sorted_by_need,
)
from console.desk.pro.streams import Held
from console.desk.pro.views import (
    EngagementPage,
    EngagementRow,
    LedgerRow,
    Ruler,
    ScopeView,
    SessionReport,
    SlotLine,
    Undo,
)
from console.domain import pro_events as pe
from console.domain.metering import Metering, available_ms
from console.domain.pro_account import Account
from console.domain.pro_running import Running, running
from console.domain.pro_slots import carry_warning, holiday_clashes
from console.domain.queue import QueueRow
from console.domain.words import due

if TYPE_CHECKING:
    from console.desk.tickets import TicketDesk


class Pages:
    """The questions of one workspace about engagements."""

    def __init__(self, acting: Acting, tickets: TicketDesk, my_zone: Callable[[], str | None]) -> None:
        self._acting = acting
        self._streams = acting.streams
        self._settings = acting.streams.settings
        self._tickets = tickets
        self._my_zone = my_zone

    def rows(self, *, closed: bool) -> tuple[EngagementRow, ...]:
        """Every engagement, the most pressing need first; those that are closed only when asked for."""
        now = self._acting.now()
        known = [(held, ticket) for held in self._streams.all().values() for ticket in engagements_of(held.account)]
        shown = self._acting.journal.ticket_rows([ticket for _, ticket in known])
        rows = (self._row(held, self._streams.measured(held, now), ticket, shown.get(ticket)) for held, ticket in known)
        return sorted_by_need(row for row in rows if closed or row.need != "closed")

    def page(self, ticket: str) -> EngagementPage:
        """Everything about one engagement as of now. Errors: NotAnEngagement."""
        held, now = self._acting.engagement(ticket), self._acting.now()
        account, metering = held.account, self._streams.measured(held, now)
        settings, off = self._settings, self._streams.days_off(held.account, now)
        shown = self._acting.journal.ticket_row(ticket)
        row, bar = self._row(held, metering, ticket, shown), hours(held.account, metering, ticket)
        mine = self._running(held, metering, ticket, off)
        clashes = {clash.booking.id: clash.sentence for clash in holiday_clashes(account, settings, off, from_ms=now)}
        slots = slot_lines(account, metering, ticket, clashes, settings, off)
        has_begun = bool(account.segments_of(ticket))
        loses = completing_loses_ms(account, metering, ticket, settings) if has_begun else 0
        session = present_session(account, metering, ticket)
        return EngagementPage(
            row=row,
            zone=settings.window_tz,
            as_of=now,
            session=session,
            hours=bar,
            scope=scope_view(account, metering, ticket, bar.left_ms),
            access=access_lines(account, ticket, settings.window_tz),
            gate=gate_lines(account, metering, ticket, settings, off),
            consents=consent_lines(account, metering, ticket, settings, off),
            slots=slots,
            contact=account.engagement(ticket).contact,
            ruler=self._ruler(held, metering, ticket, off),
            running=mine,
            running_is_mine=mine is not None and mine.engineer == self._acting.me,
            running_elsewhere=self._running_elsewhere(ticket),
            log=session_log(account, metering, ticket, session, settings),
            ledger=self._ledger(account, metering, ticket, mine),
            gaps=gap_questions(account, ticket, held.name, shown, settings),
            undo=self._undo(account, metering, ticket),
            may_start=None
            if mine is not None and mine.engineer == self._acting.me
            else self._acting.wrong_clock()
            or self._acting.refusal(held, pe.SegmentStarted(engagement=ticket, at=now), metering),
            completing_loses_ms=loses,
            carries_to=carries_to(self._streams, held, ticket, now, next_day(self._streams, now)),
            warnings=self._warnings(account, metering, ticket, slots, off),
            pause_kinds=tuple((kind.name, kind.metered) for kind in settings.pause_kinds),
            wrap_up_until=self._wrap_up_until(account, metering, ticket, row),
            needs_newer_app=account.needs_newer_app,
        )

    def report(self, ticket: str) -> SessionReport:
        """What the partner is given. Errors: NotAnEngagement."""
        held, now = self._acting.engagement(ticket), self._acting.now()
        account, metering = held.account, self._streams.measured(held, now)
        row = self._row(held, metering, ticket, self._acting.journal.ticket_row(ticket))
        bar = hours(account, metering, ticket)
        scope: ScopeView = scope_view(account, metering, ticket, bar.left_ms)
        segments = {segment.id for segment in account.segments_of(ticket)}
        return SessionReport(
            account=held.name,
            ticket=ticket,
            number=row.number,
            subject=row.subject,
            contact=row.contact,
            engineers=tuple(dict.fromkeys(segment.engineer for segment in account.segments_of(ticket))),
            purchases=bar.purchases,
            zone=self._settings.window_tz,
            as_of=now,
            state=row.state,
            detail=row.detail,
            scope=scope,
            entries=time_entries(account, metering, ticket, self._settings),
            hours=bar,
            corrections=tuple(
                (c.at, c.seconds * 1000, c.reason) for c in account.corrections.values() if c.target in segments
            ),
        )

    def _row(self, held: Held, metering: Metering, ticket: str, shown: QueueRow | None) -> EngagementRow:
        return engagement_row(held.account, metering, ticket, shown, held.name, self._settings, self._acting.me)

    def _running(self, held: Held, metering: Metering, ticket: str, off: Collection[date]) -> Running | None:
        """The session that runs on the engagement: mine, else anybody's."""
        segments = [s for s in held.account.open_segments() if s.engagement == ticket]
        segments.sort(key=lambda s: (s.engineer != self._acting.me, s.began_at))
        if not segments:
            return None
        return running(held.account, metering, segments[0].id, self._settings, off, account_name=held.name)

    def _running_elsewhere(self, ticket: str) -> str | None:
        for row in self._acting.journal.pro_running():
            if row.engineer == self._acting.me and row.engagement != ticket:
                return row.engagement
        return None

    def _ruler(self, held: Held, metering: Metering, ticket: str, off: Collection[date]) -> Ruler:
        slot = coming_slot(held.account, ticket, metering.as_of)
        engineer = self._acting.me if slot is None else slot.engineer
        busy = [
            (b.begins_at, b.ends_at, other.name)
            for other, b in self._streams.bookings_of(engineer)
            if b.engagement != ticket
        ]
        return ruler(held.account, metering, ticket, slot, busy, self._other_zone(ticket), self._settings, off)

    def _other_zone(self, ticket: str) -> tuple[str, str] | None:
        """The customer's zone where the ticket names one, else mine; none where it is the window's own."""
        state = self._tickets.state(ticket)
        theirs = None if state is None else state.fields.get("zone")
        zone, name = (theirs, "Customer") if theirs else (self._my_zone(), "You")
        return None if zone is None or zone == self._settings.window_tz else (zone, name)

    def _ledger(self, account: Account, metering: Metering, ticket: str, run: Running | None) -> tuple[LedgerRow, ...]:
        """The lines of the lots that feed the engagement, newest first, above them what is planned."""
        lots = {lot.id for lot, _ in account.feeds(ticket)}
        rows = ledger_rows(account, (line for line in metering.lines if line.lot in lots))
        planned = 0 if metering.left_ms.get(ticket) is None else available_ms(account, metering, ticket)
        done = tuple(reversed(rows))
        if not planned:
            return done
        slot = coming_slot(account, ticket, metering.as_of)
        until = "Planned"
        if slot is not None and slot.ends_at > metering.as_of:
            until = f"Planned until {due(slot.ends_at, metering.as_of, self._settings.window_tz)}"
        balance = (rows[-1].balance_ms if rows else 0) - planned
        at = metering.as_of
        row = LedgerRow(at=at, kind="planned", text=until, change_ms=-planned, balance_ms=balance, lot=None, cause=None)
        return (row, *done)

    def _undo(self, account: Account, metering: Metering, ticket: str) -> Undo | None:
        done = account.completion_of(ticket)
        if done is None:
            return None
        until = done.at + self._settings.forfeit_undo_s * 1000
        return Undo(done.id, done.at, until, done.forfeits_s * 1000) if metering.as_of < until else None

    def _warnings(
        self, account: Account, metering: Metering, ticket: str, slots: tuple[SlotLine, ...], off: Collection[date]
    ) -> tuple[str, ...]:
        """What whoever prepares or does the work should know: hours bought are not hours usable (consequence 3), and a
        running clock does not wait for access that was lost (60)."""
        said = [slot.warning for slot in slots if slot.warning is not None]
        if any(segment.engagement == ticket for segment in account.open_segments()):
            said += lost_access(account, ticket, metering.as_of, self._settings.window_tz)
        unusable = carry_warning(account, metering, ticket, self._settings, off)
        return tuple(dict.fromkeys(([] if unusable is None else [unusable]) + said))

    def _wrap_up_until(self, account: Account, metering: Metering, ticket: str, row: EngagementRow) -> int | None:
        """After the last second of the hours, some minutes to write notes, unmetered (53)."""
        if row.state != "closed" or row.detail != "exhausted":
            return None
        ended = max((s.ended_at for s in account.segments_of(ticket) if s.ended_at is not None), default=None)
        until = None if ended is None else ended + self._settings.wrapup_unmetered_min * 60_000
        return until if until is not None and metering.as_of < until else None

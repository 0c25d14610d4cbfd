"""Accounts with Pro hours in any number and length, written straight into a workspace for `pro_bench`.

Each has one engagement, prepared and with a slot, in which segments of nine minutes were worked, ten minutes apart in
the service window: every fifth with a note, every tenth with a lunch, every tenth with a gap that was answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.events import Event, Offered, imported_id, offer, ticket_stream
from console.domain.pro_settings import ProSettings
from console.domain.service_window import service_calendar
from console.guidelines_files import shipped_history
from console.holiday_files import federal_holidays
from console.journal.store import Journal
from console.settings import Settings, Workspace, save_settings
from tests.domain.new_york import ny

SETTINGS = ProSettings()
HOLIDAYS = federal_holidays(2026, 2028)
MINUTE_MS = 60_000
DAY_MS = 86_400_000
BOUGHT_AT = ny("2027-01-11 08:00")
ME = "Mara Okafor"


class Account:
    """One account's facts as they are told. `now_ms` is ten minutes after the last of its work."""

    def __init__(self, number: int, segments: int) -> None:
        self.name = f"Customer {number}"
        self.ticket = imported_id("bench", "ticket", str(number))
        self.stream = pe.pro_stream(self.name)
        self.offers: list[Offered] = []
        self._places = count()
        self.now_ms = ny("2027-01-12 09:00")
        self._prepare(number, segments)
        for place, at in zip(range(segments), self._times(), strict=False):
            self._work(place, at)

    def tell(self, at: int, event: Event, stream: str | None = None) -> str:
        id = imported_id("bench", self.name, str(next(self._places)))
        self.offers.append(offer(event, id=id, stream=stream or self.stream, at=at, device="", dseq=0))
        return id

    def starts(self, engineer: str) -> None:
        self.tell(self.now_ms, pe.SegmentStarted(engagement=self.ticket, engineer=engineer, at=self.now_ms))

    def _prepare(self, number: int, segments: int) -> None:
        at, ticket = BOUGHT_AT, self.ticket
        seconds = 8 * 3600 + segments * 600
        opened = ev.TicketOpened(
            by="purchase", channel="purchase", subject=f"Pool {number}", account=self.name, external_ref=f"P-{number}"
        )
        self.tell(at, opened, ticket_stream(ticket))
        renewal = at + (30 + segments // 30) * DAY_MS
        self.tell(
            at,
            pe.LotBought(purchase_id=f"P-{number}", seconds=seconds, bought_at=at, period_end=renewal, ticket=ticket),
        )
        self.tell(at, pe.EngagementOpened(ticket=ticket))
        items = tuple(pe.ScopeItem(f"i{n}", f"Item {n}", 3600) for n in range(4))
        self.tell(at, pe.ScopeAgreed(engagement=ticket, version=1, items=items, agreed_by=(ME, "Dana Whitfield")))
        self.tell(at, pe.AccessListed(engagement=ticket, items=("Google project",)))
        self.tell(at, pe.AccessReceived(engagement=ticket, item="Google project"))
        self.tell(at, pe.ContactSet(engagement=ticket, person="Dana Whitfield", partner=True))
        slot = pe.SlotBooked(
            engagement=ticket, begins_at=self.now_ms, ends_at=renewal, seconds=seconds, engineer=f"Engineer {number}"
        )
        self.tell(at, slot)

    def _times(self) -> Iterator[int]:
        for opens, closes in service_calendar(SETTINGS, HOLIDAYS, self.now_ms).periods_after(self.now_ms):
            yield from range(opens, closes - 10 * MINUTE_MS, 10 * MINUTE_MS)

    def _work(self, place: int, at: int) -> None:
        segment = self.tell(at, pe.SegmentStarted(engagement=self.ticket, engineer=ME, at=at))
        if place % 5 == 0:
            self.tell(at + MINUTE_MS, pe.SegmentNoted(segment=segment, text="Checked the pool with Dana."))
        if place % 10 == 3:
            pause = self.tell(at, pe.PauseBegan(segment=segment, pause_kind="lunch", at=at + MINUTE_MS))
            self.tell(at, pe.PauseEnded(pause=pause, at=at + 3 * MINUTE_MS))
        if place % 10 == 7:
            found = pe.GapFound(segment=segment, begins_at=at + MINUTE_MS, ends_at=at + 4 * MINUTE_MS, cause="sleep")
            answer: pe.GapAnswer = "worked" if place % 20 == 7 else "not_worked"
            self.tell(at, pe.GapClassified(gap=self.tell(at, found), answer=answer))
        ends = at + 9 * MINUTE_MS
        self.tell(ends, pe.SegmentStopped(segment=segment, reason="stopped", at=ends))
        self.now_ms = at + 10 * MINUTE_MS


def fill(folder: Path, accounts: Sequence[Account]) -> Workspace:
    """A workspace that holds these accounts."""
    workspace = Workspace(folder)
    save_settings(workspace, Settings(name=ME))
    now_ms = max(account.now_ms for account in accounts)
    with Journal.open(workspace.database, history=shipped_history(), now_ms=now_ms) as journal:
        for account in accounts:
            recorded = journal.record(account.offers, actor=ME, now_ms=account.now_ms, decide=lambda *_: None)
            assert recorded.refused is None
    return workspace

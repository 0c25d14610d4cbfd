"""Tells what happened to an account's Pro hours in a few lines, and gives the entries as a journal would stamp them.

Instants are wall times of New York (`2027-01-12 10:00`); a time of day alone is on the story's day.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from console.domain import pro_events as pe
from console.domain.events import Entry, Event, Offered, offer
from console.domain.metering import LedgerLine, Metering, measure
from console.domain.pro import fold
from console.domain.pro_account import Account
from console.domain.pro_settings import ProSettings
from console.domain.stamp import Head, stamp
from console.holiday_files import federal_holidays
from tests.domain.new_york import ny

TUESDAY = "2027-01-12"
RENEWAL = "2027-02-01 00:00"
HOUR = 3600
MINUTE = 60
HOUR_MS = HOUR * 1000
MINUTE_MS = MINUTE * 1000
FEDERAL = federal_holidays(2026, 2028)
DEFAULTS = ProSettings()
STREAM = pe.pro_stream("harbour")


class ProStory:
    """The stream of one account. `tell` appends one fact; the other methods say it in the field's words."""

    def __init__(self, day: str = TUESDAY) -> None:
        self.day = day
        self.entries: list[Entry] = []
        self._head = Head(hub_id="test")

    def at(self, text: str) -> int:
        return ny(text if len(text) > 8 else f"{self.day} {text}")

    def tell(
        self, at: str | int, event: Event, *, actor: str = "Mara", id: str | None = None, effect: str = "applied"
    ) -> str:
        """Appends a fact and returns its entry's id."""
        when = at if isinstance(at, int) else self.at(at)
        offered = offered_at(when, event, id or f"00000000-0000-7000-0000-{self._head.seq + 1:012d}")
        self._head, (entry,) = stamp(self._head, [offered], actor=actor, now_ms=when, effect=effect)
        self.entries.append(entry)
        return entry.id

    def buys(
        self,
        hours: float,
        at: str = "2027-01-11 09:00",
        *,
        purchase: str = "P-1",
        ticket: str = "t-1",
        renewal: str = RENEWAL,
        extends: str | None = None,
    ) -> str:
        return self.tell(
            at,
            pe.LotBought(
                purchase_id=purchase,
                seconds=round(hours * HOUR),
                bought_at=self.at(at),
                period_end=ny(renewal),
                ticket=ticket,
                extends=extends,
            ),
            actor="billing",
        )

    def prepares(self, at: str = "2027-01-11 09:30", ticket: str = "t-1") -> None:
        """Everything that the gate asks for, but the slot."""
        self.tell(at, pe.EngagementOpened(ticket=ticket))
        item = pe.ScopeItem("vpn", "VPN to the office", HOUR)
        self.tell(at, pe.ScopeAgreed(engagement=ticket, version=1, items=(item,), agreed_by=("Mara", "Dana")))
        self.tell(at, pe.AccessListed(engagement=ticket, items=("Google project",)))
        self.tell(at, pe.AccessReceived(engagement=ticket, item="Google project"))
        self.tell(at, pe.ContactSet(engagement=ticket, person="Dana", partner=True))

    def books(
        self,
        hours: float,
        begins: str = "10:00",
        *,
        at: str = "2027-01-11 10:00",
        ticket: str = "t-1",
        engineer: str = "Mara",
        effect: str = "applied",
    ) -> str:
        from_ = self.at(begins)
        seconds = round(hours * HOUR)
        event = pe.SlotBooked(
            engagement=ticket, begins_at=from_, ends_at=from_ + seconds * 1000, seconds=seconds, engineer=engineer
        )
        return self.tell(at, event, effect=effect)

    def ready(self, hours: float, begins: str = "10:00", ticket: str = "t-1") -> None:
        self.prepares(ticket=ticket)
        self.books(hours, begins, ticket=ticket)

    def starts(self, at: str, ticket: str = "t-1", *, actor: str = "Mara", **facts: object) -> str:
        return self.tell(at, pe.SegmentStarted(engagement=ticket, **facts), actor=actor)  # type: ignore[arg-type]

    def stops(self, segment: str, at: str, reason: str = "stopped", *, actor: str = "Mara") -> str:
        return self.tell(at, pe.SegmentStopped(segment=segment, reason=reason), actor=actor)

    def works(self, begins: str, ends: str, ticket: str = "t-1", *, actor: str = "Mara", **facts: object) -> str:
        segment = self.starts(begins, ticket, actor=actor, **facts)
        self.stops(segment, ends, actor=actor)
        return segment

    def gap(self, segment: str, begins: str, ends: str, cause: str = "sleep") -> str:
        event = pe.GapFound(segment=segment, begins_at=self.at(begins), ends_at=self.at(ends), cause=cause)
        return self.tell(ends, event)

    def answers(self, gap: str, answer: pe.GapAnswer, at: str) -> str:
        return self.tell(at, pe.GapClassified(gap=gap, answer=answer))

    def completes(self, at: str, ticket: str = "t-1", forfeits_s: int = 0) -> str:
        return self.tell(at, pe.EngagementCompleted(engagement=ticket, forfeits_s=forfeits_s))

    def corrects(self, target: str, seconds: int, at: str) -> str:
        event = pe.CorrectionMade(target=target, seconds=seconds, reason="the copy ran on", approved_by="Lea")
        return self.tell(at, event, actor="Lea")

    def consents(self, begins: str, ends: str, at: str, ticket: str = "t-1", **flags: bool) -> str:
        agreed = {"time_sensitive": True, "by_engineer": True, "by_customer": True, **flags}
        from_, to = self.at(begins), self.at(ends)
        return self.tell(at, pe.ConsentGiven(engagement=ticket, begins_at=from_, ends_at=to, **agreed))

    @property
    def account(self) -> Account:
        return fold(self.entries)

    def measured(self, at: str, settings: ProSettings = DEFAULTS, holidays: Collection[date] = FEDERAL) -> Metering:
        return measure(self.account, self.at(at), settings, holidays)

    def lines(self, at: str, settings: ProSettings = DEFAULTS) -> list[tuple[str, str, float]]:
        """The ledger as (lot, kind, minutes)."""
        return [(line.lot, line.kind, line.ms / MINUTE_MS) for line in self.measured(at, settings).lines]

    def runs(self, at: str, ticket: str = "t-1", settings: ProSettings = DEFAULTS) -> list[tuple[int, int]]:
        return self.measured(at, settings).runs_of(ticket)

    def spans(self, *pairs: tuple[str, str]) -> list[tuple[int, int]]:
        return [(self.at(begins), self.at(ends)) for begins, ends in pairs]

    def flagged(self, at: str, settings: ProSettings = DEFAULTS) -> list[tuple[int, int, str]]:
        """What was worked and not metered: from, to, why."""
        return [(work.begins_at, work.ends_at, work.why) for work in self.measured(at, settings).unmetered]


def offered_at(when: int, event: Event, id: str = "new") -> Offered:
    return offer(event, id=id, stream=STREAM, at=when, device="d", dseq=1)


def kinds(lines: Collection[LedgerLine]) -> dict[tuple[str, str], int]:
    """Ms by lot and kind."""
    found: dict[tuple[str, str], int] = {}
    for line in lines:
        found[line.lot, line.kind] = found.get((line.lot, line.kind), 0) + line.ms
    return found

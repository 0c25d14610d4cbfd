"""What became of the demo's Pro hours: an engagement in every state, one of them with a running session.

Deterministic and relative to now, like the tickets. Work lies in real service windows before now; the session that
runs has a consent, recorded before its project began, where now lies outside the window. Instants are epoch ms (UTC).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

import msgspec

from console.desk.sample.story import AIKO, JON, MARA, Customer, Story
from console.domain import pro_events as pe
from console.domain.calendar import BusinessCalendar
from console.domain.events import Event
from console.domain.pro_events import ScopeItem, pro_stream
from console.domain.pro_settings import ProSettings
from console.domain.service_window import service_calendar
from console.domain.words import local
from console.holiday_files import federal_holidays

BILLING: Final = "Billing"
_MINUTE: Final = 60_000
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


class ProFact(msgspec.Struct, frozen=True):
    """A fact of an account's stream; `name` tells it from the others of its story."""

    at: int
    stream: str
    key: str
    name: str
    event: Event
    actor: str


class Times:
    """The service windows around now. `back(2, 90)` is an hour and a half after the opening of the day before
    yesterday's window, counted in business days; `ahead(1, 0)` the next opening."""

    def __init__(self, now_ms: int) -> None:
        settings = ProSettings()
        year = local(now_ms, settings.window_tz).year
        self.now = now_ms
        self.calendar: BusinessCalendar = service_calendar(settings, federal_holidays(year - 1, year + 1), now_ms)
        before = [opens for opens, closes in islice(self.calendar.periods_before(now_ms), 15)]
        today = self.calendar.to_instant(self.calendar.local_date(now_ms), "00:00")
        self._before = [opens for opens in before if opens < today]
        self._after = [opens for opens, _ in islice(self.calendar.periods_after(now_ms), 5) if opens > now_ms]

    def back(self, days: int, minutes: float = 0) -> int:
        return self._before[days - 1] + round(minutes * _MINUTE)

    def ahead(self, days: int, minutes: float = 0) -> int:
        return self._after[days - 1] + round(minutes * _MINUTE)

    def soon(self, hours: float, length_h: float) -> int:
        """A quarter of an hour so many hours ahead where the window of today has room, else on the next day of work."""
        begins = self.now + round(hours * _HOUR)
        begins -= begins % (15 * _MINUTE)
        return begins if self.is_open(begins, begins + round(length_h * _HOUR)) else self.ahead(1, 90)

    def is_open(self, begins: int, ends: int) -> bool:
        return any(opens <= begins and ends <= closes for opens, closes in self.calendar.periods_between(begins, ends))

    def month_end(self, days: int) -> int:
        """A midnight so many days ahead, as a renewal."""
        return self.calendar.to_instant(self.calendar.local_date(self.now + days * _DAY), "00:00")


class _Told:
    """The stream of one account while its story is told. `tell` gives the name by which other facts mean it."""

    def __init__(self, story: Story, ticket: str, opened_at: int, times: Times) -> None:
        self.key = story.key
        self.customer: Customer = story.customer
        self.purchase = story.external_ref or story.key
        self.ticket = ticket
        self.bought_at = opened_at
        self.times = times
        self.facts: list[ProFact] = []

    def tell(self, at: int, event: Event, actor: str) -> str:
        name = f"{self.key}:{len(self.facts) + 1}"
        self.facts.append(ProFact(at, pro_stream(self.customer.account), self.key, name, event, actor))
        return name

    def buys(self, hours: float, *, renews_in: int = 17) -> None:
        lot = pe.LotBought(
            purchase_id=self.purchase,
            seconds=round(hours * 3600),
            bought_at=self.bought_at,
            period_end=self.times.month_end(renews_in),
            ticket=self.ticket,
        )
        self.tell(self.bought_at, lot, BILLING)

    def prepares(
        self, who: str, at: int, items: tuple[ScopeItem, ...], access: tuple[str, ...], missing: int = 0
    ) -> None:
        """Everything that the gate asks for but the slot; the last `missing` pieces of access have not come."""
        contact = self.customer.contact
        self.tell(at, pe.EngagementOpened(ticket=self.ticket), who)
        self.tell(at, pe.ContactSet(engagement=self.ticket, person=contact, partner=True), who)
        self.tell(at, pe.AccessListed(engagement=self.ticket, items=access), who)
        for item in access[: len(access) - missing]:
            self.tell(at + 90 * _MINUTE, pe.AccessReceived(engagement=self.ticket, item=item), who)
        scope = pe.ScopeAgreed(engagement=self.ticket, version=1, items=items, agreed_by=(who, contact))
        self.tell(at + 120 * _MINUTE, scope, who)

    def books(self, who: str, at: int, begins: int, hours: float) -> str:
        seconds = round(hours * 3600)
        slot = pe.SlotBooked(
            engagement=self.ticket, begins_at=begins, ends_at=begins + seconds * 1000, seconds=seconds, engineer=who
        )
        return self.tell(at, slot, who)

    def starts(self, who: str, at: int, item: str | None = None) -> str:
        segment = self.tell(at, pe.SegmentStarted(engagement=self.ticket, at=at, engineer=who), who)
        if item is not None:
            self.works_on(who, at, segment, item)
        return segment

    def works_on(self, who: str, at: int, segment: str, item: str) -> None:
        self.tell(at, pe.SegmentItemSet(segment=segment, item=item), who)

    def works(self, who: str, begins: int, minutes: float, item: str | None = None, why: str = "stopped") -> str:
        segment = self.starts(who, begins, item)
        ends = begins + round(minutes * _MINUTE)
        self.tell(ends, pe.SegmentStopped(segment=segment, reason=why, at=ends), who)
        return segment

    def notes(self, who: str, at: int, segment: str, text: str) -> None:
        self.tell(at, pe.SegmentNoted(segment=segment, text=text), who)

    def done(self, who: str, at: int, *items: str) -> None:
        for item in items:
            self.tell(at, pe.ScopeItemDone(engagement=self.ticket, item=item), who)

    def completes(self, who: str, at: int, minutes: float) -> None:
        self.tell(at, pe.EngagementCompleted(engagement=self.ticket, forfeits_s=round(minutes * 60)), who)


def _fabrikam(s: _Told) -> None:
    """Running: the third session, 77 minutes in, with an interruption of four."""
    t, now = s.times, s.times.now
    items = (
        ScopeItem("prerequisites", "Check prerequisites with the identity team", 2 * 3600),
        ScopeItem("image", "Build the golden image, Windows 11", 3 * 3600),
        ScopeItem("saml", "Configure SAML sign-in for 240 people", 9000),
        ScopeItem("pilot", "Pilot pool with 20 desktops", 5400),
        ScopeItem("handover", "Handover and admin walkthrough", 3600),
    )
    begins, ends = now - 77 * _MINUTE, now + 103 * _MINUTE
    s.buys(12)
    s.prepares(MARA, t.back(6, 30), items, ("Google project", "Admin consent"))
    if not t.is_open(begins, ends):
        s.tell(
            t.back(6, 160),
            pe.ConsentGiven(
                engagement=s.ticket,
                begins_at=begins - 5 * _MINUTE,
                ends_at=ends + 30 * _MINUTE,
                time_sensitive=True,
                by_engineer=True,
                by_customer=True,
            ),
            MARA,
        )
    s.books(MARA, t.back(6, 170), t.back(5, 60), 3)
    s.works(MARA, t.back(5, 60), 135, "prerequisites")
    s.done(MARA, t.back(5, 190), "prerequisites")
    s.completes(MARA, t.back(5, 195), 45)
    s.books(MARA, t.back(5, 240), t.back(3, 420), 3.25)
    s.works(MARA, t.back(3, 420), 120, "image", "service window closed")
    s.works(MARA, t.back(2, 0), 75, "image")
    s.done(MARA, t.back(2, 75), "image")
    s.completes(MARA, t.back(2, 76), 0)
    s.tell(t.back(2, 100), pe.ScopeRequested(engagement=s.ticket, title="Printer redirection"), MARA)
    s.books(MARA, t.back(1, 60), begins, 3)
    segment = s.starts(MARA, begins, "saml")
    s.notes(MARA, begins, segment, f"Started with {s.customer.contact} on the call.")
    pause = s.tell(
        now - 42 * _MINUTE, pe.PauseBegan(segment=segment, pause_kind="other ticket", at=now - 42 * _MINUTE), MARA
    )
    s.tell(now - 38 * _MINUTE, pe.PauseEnded(pause=pause, at=now - 38 * _MINUTE), MARA)
    s.notes(MARA, now - 25 * _MINUTE, segment, "Certificate thumbprint checked on both brokers.")
    s.notes(MARA, now - 16 * _MINUTE, segment, "Attribute mapping tested with two pilot users.")


def _contoso(s: _Told) -> None:
    """Ready: everything is in hand, the slot is agreed."""
    t = s.times
    s.buys(2)
    items = (ScopeItem("vpn", "Set up a VPN to a Google site", 3600), ScopeItem("routes", "Routes and tests", 3600))
    s.prepares(MARA, t.back(4, 60), items, ("Google project", "Router of the Leeds office"))
    s.books(MARA, t.back(3, 30), t.soon(3.5, 2), 2)


def _woodgrove(s: _Told) -> None:
    """Carried: the window closed with time left, the same engineer goes on."""
    t = s.times
    s.buys(3)
    s.prepares(AIKO, t.back(4, 30), (ScopeItem("office", "Install Office 365, 3 times", 3 * 3600),), ("Teller hosts",))
    slot = s.books(AIKO, t.back(3, 60), t.back(1, 450), 3)
    segment = s.works(AIKO, t.back(1, 450), 90, "office", "service window closed")
    s.notes(AIKO, t.back(1, 500), segment, "Two of three hosts are done.")
    closed = t.back(1, 540)
    s.tell(closed, pe.SlotMoved(slot=slot, begins_at=t.ahead(1), ends_at=t.ahead(1, 90)), AIKO)


def _proseware(s: _Told) -> None:
    """The hours expire soon, and no slot is agreed."""
    s.buys(2, renews_in=3)
    items = (ScopeItem("apps", "Install 7 applications", 5040),)
    s.prepares(MARA, s.times.back(3, 45), items, ("New server", "Installers and licences"), missing=1)


def _alpine(s: _Told) -> None:
    """A gap of yesterday waits for an answer."""
    t = s.times
    s.buys(3)
    s.prepares(JON, t.back(4, 90), (ScopeItem("photos", "Migrate 750 GB of data", 3 * 3600),), ("Photo store",))
    s.books(JON, t.back(3, 20), t.back(1, 90), 3)
    segment = s.starts(JON, t.back(1, 90), "photos")
    gap = pe.GapFound(segment=segment, begins_at=t.back(1, 170), ends_at=t.back(1, 195), cause="sleep")
    s.tell(t.back(1, 195), gap, JON)
    s.notes(JON, t.back(1, 197), segment, "The copy is at 61 percent.")
    ends = t.back(1, 220)
    s.tell(ends, pe.SegmentStopped(segment=segment, reason="stopped", at=ends), JON)


def _adatum(s: _Told) -> None:
    """Purchased, and nobody took it up."""
    s.buys(8)


def _trey(s: _Told) -> None:
    """In preparation: the scope is not agreed, access is missing."""
    s.buys(12)
    at = s.bought_at + 15 * _MINUTE
    s.tell(at, pe.EngagementOpened(ticket=s.ticket), JON)
    s.tell(at, pe.AccessListed(engagement=s.ticket, items=("File server", "Google project", "Domain account")), JON)
    s.tell(at + 20 * _MINUTE, pe.AccessReceived(engagement=s.ticket, item="Domain account"), JON)
    s.tell(at + 21 * _MINUTE, pe.ContactSet(engagement=s.ticket, person=s.customer.contact, partner=True), JON)


def _humongous(s: _Told) -> None:
    """Completed early: 40 minutes were lost."""
    t = s.times
    s.buys(2)
    s.prepares(MARA, t.back(5, 30), (ScopeItem("vpn", "VPN for the claims office", 2 * 3600),), ("Google project",))
    s.books(MARA, t.back(4, 200), t.back(3, 60), 2)
    s.works(MARA, t.back(3, 60), 80, "vpn")
    s.done(MARA, t.back(3, 141), "vpn")
    s.completes(MARA, t.back(3, 142), 40)


def _lucerne(s: _Told) -> None:
    """Used up with the scope unfinished."""
    t = s.times
    s.buys(1)
    s.prepares(JON, t.back(5, 60), (ScopeItem("apps", "Install 6 applications", 4320),), ("Editing server",))
    s.books(JON, t.back(5, 200), t.back(4, 60), 1)
    s.works(JON, t.back(4, 60), 60, "apps", "hours used up")


def _tailspin(s: _Told) -> None:
    """Expired at the renewal with an hour left."""
    t = s.times
    lot = pe.LotBought(
        purchase_id=s.purchase,
        seconds=2 * 3600,
        bought_at=s.bought_at,
        period_end=t.calendar.to_instant(t.calendar.local_date(t.back(2)), "00:00"),
        ticket=s.ticket,
    )
    s.tell(s.bought_at, lot, BILLING)
    s.prepares(AIKO, t.back(5, 60), (ScopeItem("mail", "Move 12 mailboxes", 2 * 3600),), ("Mail tenant",))
    s.books(AIKO, t.back(5, 200), t.back(3, 480), 2)
    s.works(AIKO, t.back(3, 480), 60, "mail", "service window closed")


def _litware(s: _Told) -> None:
    """Refunded before the start."""
    s.buys(4)
    s.tell(s.times.back(3, 30), pe.LotRefunded(lot=s.purchase), BILLING)


_STORIES: Final = {
    "fabrikam-sso": _fabrikam,
    "contoso-vpn": _contoso,
    "woodgrove-office": _woodgrove,
    "proseware-apps": _proseware,
    "alpine-data": _alpine,
    "adatum-onboarding": _adatum,
    "trey-migration": _trey,
    "humongous-vpn": _humongous,
    "lucerne-fonts": _lucerne,
    "tailspin-mail": _tailspin,
    "litware-firewall": _litware,
}


def pro_facts(
    stories: Mapping[str, Story], tickets: Mapping[str, str], opened_at: Mapping[str, int], now_ms: int
) -> Iterator[ProFact]:
    """The facts of every account's Pro stream, each story's in its order. Facts name each other by `ProFact.name`."""
    times = Times(now_ms)
    for key, tell in _STORIES.items():
        told = _Told(stories[key], tickets[key], opened_at[key], times)
        tell(told)
        yield from told.facts

"""The folded Pro streams of a workspace, kept until another entry comes, and measured under the settings.

Called by everything in this folder, on the desk's thread. Instants are epoch ms, UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

import msgspec

from console.domain.calendar import Period
from console.domain.metering import Metering, measure
from console.domain.pro import fold
from console.domain.pro_account import Account, Booking
from console.domain.pro_settings import ProSettings
from console.domain.words import local
from console.holiday_files import holidays_named

if TYPE_CHECKING:
    from console.journal.store import Journal

_YEARS_AHEAD: Final = 2


class Holidays:
    """The holidays that the settings name, for as many years as were asked about so far: the list costs 130 ms to
    load, once."""

    def __init__(self, settings: ProSettings) -> None:
        self._settings = settings
        self._years: tuple[int, int] | None = None
        self._days: frozenset[date] = frozenset()

    def around(self, instants_ms: Iterable[int]) -> frozenset[date]:
        """At least those of the years of some instants and of two more. Errors: HolidaysError."""
        years = [local(at, self._settings.window_tz).year for at in instants_ms]
        if self._years is not None:
            years += self._years
        first, last = min(years), max(years)
        known = self._years
        if known is None or first < known[0] or last > known[1]:
            self._years = first, last + _YEARS_AHEAD
            self._days = holidays_named(self._settings.calendar_holidays, *self._years)
        return self._days


class Held(msgspec.Struct, frozen=True):
    """An account as it stands. `stream` is its stream's name, `version` another number for every state of its entries,
    0 where there are none."""

    stream: str
    version: int
    account: Account

    @property
    def name(self) -> str:
        return self.stream.partition(":")[2]


class Streams:
    """The accounts with Pro hours. What another process wrote is seen at the next question."""

    def __init__(self, journal: Journal, settings: ProSettings) -> None:
        self._journal = journal
        self.settings = settings
        self.holidays = Holidays(settings)
        self._held: dict[str, Held] = {}
        self._measured: dict[str, tuple[int, int, Metering]] = {}

    def all(self) -> Mapping[str, Held]:
        """Every account with Pro hours, by its stream's name; only streams whose entries changed are folded anew."""
        versions = self._journal.pro_streams()
        for gone in self._held.keys() - versions.keys():
            del self._held[gone]
            self._measured.pop(gone, None)
        stale = [
            stream
            for stream, version in versions.items()
            if (old := self._held.get(stream)) is None or old.version != version
        ]
        if stale:
            for stream, entries in self._journal.entries_of(stale).items():
                self._held[stream] = Held(stream, versions[stream], fold(entries))
        return self._held

    def held(self, stream: str) -> Held:
        """One account; an empty one where the stream has no entries yet."""
        return self.all().get(stream) or Held(stream, 0, Account())

    def of_ticket(self, ticket: str) -> Held | None:
        """The account in whose stream a ticket is an engagement; None where it is none."""
        stream = self._journal.pro_stream(ticket)
        return None if stream is None else self.held(stream)

    def days_off(self, account: Account, *instants_ms: int) -> Collection[date]:
        """The holidays that may matter to an account, as of now and other instants."""
        known = [lot.bought_at for lot in account.lots.values()] + [lot.expires_at for lot in account.lots.values()]
        return self.holidays.around((*known, *instants_ms))

    def measured(self, held: Held, as_of: int) -> Metering:
        """The hours of an account as of an instant; the last answer for each account is kept."""
        kept = self._measured.get(held.stream)
        if kept is not None and kept[:2] == (held.version, as_of):
            return kept[2]
        metering = measure(held.account, as_of, self.settings, self.days_off(held.account, as_of))
        self._measured[held.stream] = (held.version, as_of, metering)
        return metering

    def agreed_slots(self) -> list[tuple[Held, Booking]]:
        """The slots of every account whose time is taken."""
        return [(held, booking) for held in self.all().values() for booking in held.account.agreed_slots()]

    def bookings_of(self, engineer: str) -> list[tuple[Held, Booking]]:
        """The agreed slots of an engineer in every account."""
        return [(held, booking) for held, booking in self.agreed_slots() if booking.engineer == engineer]

    def busy(self, engineer: str, *, but: str | None = None) -> list[Period]:
        """When an engineer's agreed slots are, without one of them."""
        return [(b.begins_at, b.ends_at) for _, b in self.bookings_of(engineer) if b.id != but]

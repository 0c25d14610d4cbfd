"""The state of an account's Professional Services: lots, engagements, bookings, segments, and what was said of them.

Source: spec pro_services.md 1 and events.md 5. Frozen shapes without rules of time or money: `pro` folds them from the
stream, `metering` works the hours out, `pro_rulings` judges. Instants are epoch ms, hours are seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from console.domain.calendar import Period
from console.domain.pro_events import GapAnswer, LateEntry, LotFigures, Purpose, ScopeItem
from console.domain.service_window import Consent

_MS = 1000


class Revocation(msgspec.Struct, frozen=True):
    """The end of a lot before its time. `entry` is the id of the entry that says so."""

    entry: str
    at: int
    cause: Literal["refund", "subscription_cancelled"]
    at_once: bool | None


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """The hours of one purchase or grant. They live from `bought_at` up to `expires_at`, which a renewal moves."""

    id: str
    entry: str
    seconds: int
    bought_at: int
    expires_at: int
    ticket: str
    extends: str | None = None
    granted_for: str | None = None

    @property
    def ms(self) -> int:
        return self.seconds * _MS


class Scope(msgspec.Struct, frozen=True):
    version: int
    items: tuple[ScopeItem, ...]
    agreed_by: tuple[str, ...]
    agreed_at: int


class Access(msgspec.Struct, frozen=True):
    """One thing that the engineer needs; missing while it was not received, or was lost since."""

    item: str
    listed_at: int
    received_at: int | None = None
    lost_at: int | None = None

    @property
    def missing(self) -> bool:
        return self.received_at is None or self.lost_at is not None


class Engagement(msgspec.Struct, frozen=True, kw_only=True):
    """The work that one Pro ticket asks for; its id is the ticket's. `owners` are (since, engineer), oldest first;
    `requested` are asks outside of the scope, (asked at, title)."""

    id: str
    opened_at: int | None = None
    joined: tuple[tuple[str, int], ...] = ()
    owners: tuple[tuple[int, str], ...] = ()
    scopes: tuple[Scope, ...] = ()
    requested: tuple[tuple[int, str], ...] = ()
    items_done: frozenset[str] = frozenset()
    access: tuple[Access, ...] | None = None
    contact: str | None = None
    contact_is_partner: bool = False

    @property
    def scope(self) -> Scope | None:
        return self.scopes[-1] if self.scopes else None


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """A slot. `reserves` are (instant, seconds): what it took, and gave back (negative), and when."""

    id: str
    engagement: str
    begins_at: int
    ends_at: int
    seconds: int
    engineer: str
    reserves: tuple[tuple[int, int], ...]
    moves: int = 0
    released_at: int | None = None
    released_for: str | None = None
    no_show: str | None = None
    """The id of the entry that says that the partner did not come."""


class GivenConsent(msgspec.Struct, frozen=True):
    engagement: str
    consent: Consent


class Note(msgspec.Struct, frozen=True):
    at: int
    who: str
    text: str


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """One unbroken run of work; `ended_at` is its earliest stop, None while it runs.

    `items` are (since, id of the scope item that is worked on). `closed` are the billing periods that were closed
    already when it came: its time in them is drawn nowhere.
    """

    id: str
    engagement: str
    engineer: str
    device: str
    began_at: int
    purpose: Purpose
    verified: bool = True
    ended_at: int | None = None
    stopped_for: str | None = None
    stops: int = 0
    beat_at: int | None = None
    items: tuple[tuple[int, str], ...] = ()
    unattended_job: str | None = None
    notes: tuple[Note, ...] = ()
    provisional_by: str | None = None
    late: LateEntry | None = None
    closed: tuple[Period, ...] = ()

    @property
    def item(self) -> str | None:
        """What is worked on now."""
        return self.items[-1][1] if self.items else None


class Pause(msgspec.Struct, frozen=True):
    """An interruption of a segment's engineer, up to `ended_at` or else the segment's end."""

    id: str
    segment: str
    kind: str
    began_at: int
    ended_at: int | None = None


class Gap(msgspec.Struct, frozen=True):
    """A span in which the machine was not seen at work, and the person's answer, None while there is none."""

    id: str
    segment: str
    begins_at: int
    ends_at: int
    cause: str
    confidence: str
    answer: GapAnswer | None = None


class Completion(msgspec.Struct, frozen=True):
    """The scope of an engagement complete; `undone_by` is the id of the entry that took it back."""

    id: str
    engagement: str
    at: int
    forfeits_s: int
    undone_at: int | None = None
    undone_by: str | None = None


class Correction(msgspec.Struct, frozen=True):
    """`closed`: the period of the work that it corrects was closed before it came, and keeps its figures (85)."""

    id: str
    target: str
    at: int
    seconds: int
    reason: str
    approved_by: str
    closed: bool = False


class Closing(msgspec.Struct, frozen=True):
    """A closed billing period and its figures, which never change."""

    id: str
    begins_at: int
    ends_at: int
    figures: tuple[LotFigures, ...]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """All of one account's Pro services, by id. `late` are entries of work that came after their period was closed."""

    lots: Mapping[str, Lot] = {}
    revocations: Mapping[str, Revocation] = {}
    engagements: Mapping[str, Engagement] = {}
    bookings: Mapping[str, Booking] = {}
    consents: Mapping[str, GivenConsent] = {}
    segments: Mapping[str, Segment] = {}
    pauses: Mapping[str, Pause] = {}
    gaps: Mapping[str, Gap] = {}
    completions: Mapping[str, Completion] = {}
    corrections: Mapping[str, Correction] = {}
    closings: tuple[Closing, ...] = ()
    renewal_at: int | None = None
    anchor_day: int | None = None
    late: tuple[str, ...] = ()
    needs_newer_app: bool = False

    def engagement(self, id: str) -> Engagement:
        """The engagement of a ticket, an empty one where the stream does not speak of it."""
        return self.engagements.get(id) or Engagement(id=id)

    def segments_of(self, engagement: str) -> list[Segment]:
        return [segment for segment in self.segments.values() if segment.engagement == engagement]

    def bookings_of(self, engagement: str) -> list[Booking]:
        """Those that were not released."""
        return [b for b in self.bookings.values() if b.engagement == engagement and b.released_at is None]

    def agreed_slots(self) -> list[Booking]:
        """The slots whose time is taken: not released, and for a scope that is not complete."""
        return [b for b in self.bookings.values() if b.released_at is None and not self.is_over(b)]

    def is_over(self, booking: Booking) -> bool:
        """Whether the scope that a slot was for is complete: what is left of its time is free again."""
        done = self.completion_of(booking.engagement)
        return done is not None and booking.reserves[0][0] <= done.at

    def consents_of(self, engagement: str) -> list[Consent]:
        return [given.consent for given in self.consents.values() if given.engagement == engagement]

    def open_segments(self) -> list[Segment]:
        return [segment for segment in self.segments.values() if segment.ended_at is None]

    def unanswered(self, shortest_ms: int) -> list[Gap]:
        """The gaps of at least a length that nobody classified, without those after their segment's end."""
        return [
            gap
            for gap in self.gaps.values()
            if gap.answer is None
            and gap.ends_at - gap.begins_at >= shortest_ms
            and not _is_past(gap.begins_at, self.segments[gap.segment].ended_at)
        ]

    def completion_of(self, engagement: str) -> Completion | None:
        """The last completion that stands."""
        standing = [c for c in self.completions.values() if c.engagement == engagement and c.undone_at is None]
        return max(standing, key=lambda completion: completion.at, default=None)

    def feeds(self, engagement: str) -> Iterator[tuple[Lot, int]]:
        """The lots that an engagement may draw on, each with the instant from which on: the next to expire first,
        then the first bought (scenario 36)."""
        joined = dict(reversed(self.engagement(engagement).joined))
        for lot in sorted(self.lots.values(), key=lambda lot: (lot.expires_at, lot.bought_at, lot.id)):
            if engagement in (lot.ticket, lot.extends):
                yield lot, lot.bought_at
            elif lot.id in joined:
                yield lot, max(lot.bought_at, joined[lot.id])

    def extensions(self, engagement: str) -> Iterator[tuple[Lot, int]]:
        """The lots that lengthen an engagement's allocation by themselves, and when: those that name it, and those
        that were joined to it and have no engagement of their own (scenario 54). What comes before a slot is agreed,
        or after the scope is complete, is reserved by nothing but the next slot (51)."""
        for lot, since in self.feeds(engagement):
            names_it = lot.extends == engagement or lot.ticket not in self.engagements
            if lot.ticket != engagement and names_it and self._is_allocated(engagement, since):
                yield lot, since

    def _is_allocated(self, engagement: str, at: int) -> bool:
        """Whether a slot was agreed at an instant, for a scope that was not complete then."""
        closed_at = self.closed_at(engagement, at)
        return any(
            booking.engagement == engagement
            and closed_at < booking.reserves[0][0] <= at
            and (booking.released_at is None or at < booking.released_at)
            for booking in self.bookings.values()
        )

    def closed_at(self, engagement: str, at: int) -> int:
        """When the last session of an engagement was completed, as that stood at an instant; -1 where none was."""
        standing = (
            done.at
            for done in self.completions.values()
            if done.engagement == engagement and done.at <= at and (done.undone_at is None or at < done.undone_at)
        )
        return max(standing, default=-1)


def _is_past(at_ms: int, ended_at: int | None) -> bool:
    return ended_at is not None and at_ms >= ended_at

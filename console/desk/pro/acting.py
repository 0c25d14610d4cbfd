"""How an act on Pro hours is judged and written: all of its facts in one transaction, or none and the reason.

Called by the doors of this folder. The rulings are the domain's (`pro_rulings`, `ticket`); they are asked with the
write lock held, so that no other process can start, book or complete in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import uuid_utils
from msgspec.structs import replace

from console.desk.tickets import Receipt, refused_by_ticket
from console.domain import pro_events as pe
from console.domain.errors import ConsoleError
from console.domain.events import Event, Offered, offer, ticket_stream
from console.domain.pro_account import Account, Booking, Gap, Segment
from console.domain.pro_events import pro_stream
from console.domain.pro_rulings import desk_ruling
from console.domain.ticket import fold
from console.domain.words import exact

if TYPE_CHECKING:
    from console.desk.pro.streams import Held, Streams
    from console.domain.metering import Metering
    from console.journal.states import RunningSegment, States
    from console.journal.store import Journal
    from console.timekeeping import Timekeeper


class NotAnEngagement(ConsoleError):
    """The ticket asks for no Pro work."""


class Fact(NamedTuple):
    """An event for a stream, with what its author saw. `id` is given where another fact of the act names it."""

    stream: str
    event: Event
    base: str | None = None
    expect: str | None = None
    id: str | None = None


Judge = Callable[["States"], str | None]
"""A further reason not to write an act, asked with the write lock held and the states before it."""


def new_id() -> str:
    return str(uuid_utils.uuid7())


class Acting:
    """Writes acts. `me` is the person who acts; `timekeeper` gives the trusted time, in which they are dated."""

    def __init__(self, journal: Journal, streams: Streams, *, me: str, timekeeper: Timekeeper) -> None:
        self.journal = journal
        self.streams = streams
        self.me = me
        self.timekeeper = timekeeper

    def now(self) -> int:
        """Trusted time, epoch ms."""
        return self.timekeeper.now_ms()

    def wrong_clock(self) -> str | None:
        """A clock that differs from the hub's by more than the setting keeps work from starting (73)."""
        off_ms = abs(self.timekeeper.skew_ms())
        if not self.timekeeper.is_confirmed or off_ms <= self.streams.settings.clock_max_skew_s * 1000:
            return None
        return f"Not started: this computer's clock is wrong by {exact(off_ms)}. Set it first."

    def engagement(self, ticket: str, *, provisional_by: str | None = None) -> Held:
        """The account of an engagement; of a ticket without a purchase its customer's, where a lead vouches for it.

        Errors: NotAnEngagement.
        """
        held = self.streams.of_ticket(ticket)
        if held is None and provisional_by:
            state = fold(self.journal.entries(ticket_stream(ticket)))
            if state is not None and state.account:
                return self.streams.held(pro_stream(state.account))
        if held is None:
            raise NotAnEngagement(
                "No Pro hours were bought for this ticket; a purchase opens a ticket of its own (T2)."
            )
        return held

    def refusal(self, held: Held, event: Event, metering: Metering | None = None) -> str | None:
        """Why an act would be refused now, as the act itself would say it; None where it would not. `metering` are the
        account's hours where the caller has them."""
        now, account = self.now(), held.account
        offered = offer(event, id=new_id(), stream=held.stream, at=now, device=self.journal.device, dseq=0)
        return self._ruled(account, offered, now, self.journal.pro_running(), metering)

    def write(self, facts: Sequence[Fact], *, judge: Judge | None = None) -> Receipt:
        """Records the facts as one act, or none of them. Errors: JournalError."""
        now = self.now()
        act = new_id() if len(facts) > 1 else None
        offers = [
            offer(
                fact.event,
                id=fact.id or new_id(),
                stream=fact.stream,
                at=now,
                device=self.journal.device,
                dseq=0,
                base=fact.base,
                expect=fact.expect,
                act=act,
            )
            for fact in facts
        ]

        def decide(states: States, new: Sequence[Offered]) -> str | None:
            refused = None if judge is None else judge(states)
            return refused or self._judged(states, new, now)

        recorded = self.journal.record(offers, actor=self.me, now_ms=now, decide=decide)
        return Receipt(entries=tuple(recorded.entries), refused=recorded.refused)

    def _judged(self, states: States, offers: Sequence[Offered], now: int) -> str | None:
        """Each fact on an account is judged as the ones before it left the account, as far as they bear on it."""
        accounts = dict(states.accounts)
        for offered in offers:
            account = accounts.get(offered.stream)
            if account is None:
                continue
            refused = self._ruled(account, offered, now, states.running)
            if refused is not None:
                return refused
            accounts[offered.stream] = _with(account, offered, self.me)
        return refused_by_ticket(states.tickets, [offered for offered in offers if offered.stream in states.tickets])

    def _ruled(
        self,
        account: Account,
        offered: Offered,
        now: int,
        running: Iterable[RunningSegment],
        metering: Metering | None = None,
    ) -> str | None:
        return desk_ruling(
            account,
            offered,
            now,
            self.streams.settings,
            self.streams.days_off(account, now),
            engineer=self.me,
            elsewhere=_elsewhere(running, offered.stream),
            slots_elsewhere=self._slots_elsewhere(offered),
            metering=metering,
        )

    def _slots_elsewhere(self, offered: Offered) -> list[Booking]:
        """The agreed slots in other accounts, where the fact is about a slot."""
        if not isinstance(offered.event, (pe.SlotBooked, pe.SlotMoved)):
            return []
        return [booking for held, booking in self.streams.agreed_slots() if held.stream != offered.stream]


def _with(account: Account, offered: Offered, me: str) -> Account:
    """The account with a segment or a gap that the same act begins: its end, or its answer, is judged with it. Other
    facts of one act do not bear on each other."""
    match offered.event:
        case pe.GapFound() as found:
            gap = Gap(offered.id, found.segment, found.begins_at, found.ends_at, found.cause, found.confidence)
            return replace(account, gaps={**account.gaps, offered.id: gap})
        case pe.SegmentStarted(at=int(began_at)) as started:
            segment = Segment(
                id=offered.id,
                engagement=started.engagement,
                engineer=started.engineer or me,
                device=offered.device,
                began_at=began_at,
                purpose=started.purpose,
                late=started.late,
            )
            return replace(account, segments={**account.segments, offered.id: segment})
    return account


def _elsewhere(running: Iterable[RunningSegment], stream: str) -> list[Segment]:
    """The open segments of the other accounts (scenario 63)."""
    return [
        Segment(
            id=other.segment,
            engagement=other.engagement,
            engineer=other.engineer,
            device=other.device,
            began_at=other.began_at,
            purpose="work",
            unattended_job=other.unattended_job,
        )
        for other in running
        if other.stream != stream
    ]

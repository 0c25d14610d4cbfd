"""One visit to the desk, and what the pane says of it.

`read` runs on the desk's thread; everything else is pure and runs where it is painted. Called by the pane.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from console.domain import words
from ui.ticket.clock_face import Face, face, shown_clocks
from ui.ticket.draft_keeper import Mode
from ui.ticket.header import ticket_in_words
from ui.ticket.story import Story

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.tickets import TicketView
    from console.domain.explain import Explanation

_WAITING: Final = {"pending": "waiting on customer", "on_hold": "on hold", "solved": "solved"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A ticket, its drafts, and how time is told there: `now` gives epoch ms, `zone` is the policy's (IANA).
    `no_redacting` says why this person may not redact; empty where they may."""

    view: TicketView
    drafts: dict[str, str]
    now: Callable[[], int]
    me: str
    zone: str
    no_redacting: str = ""

    @property
    def name(self) -> str:
        """How sentences call the ticket."""
        return ticket_in_words(self.view.ticket)

    @property
    def recipient(self) -> str:
        """Whom a public reply goes to."""
        return self.view.ticket.contact or self.view.ticket.account or ""


def read(ticket_id: str) -> Callable[[Desk], Reading]:
    """The job that reads a ticket on the desk's thread."""

    def job(desk: Desk) -> Reading:
        view = desk.tickets.view(ticket_id)
        no_redacting = desk.redacting.why_not() or ""
        return Reading(view, desk.drafts.load(ticket_id), desk.now, desk.me, desk.zone, no_redacting)

    return job


def append_to_draft(ticket_id: str, text: str, mode: Mode = "reply") -> Callable[[Desk], None]:
    """The job that puts a text behind the draft of a ticket's reply or note, on the desk's thread."""

    def job(desk: Desk) -> None:
        written = desk.drafts.load(ticket_id).get(mode, "").rstrip()
        desk.drafts.save(ticket_id, mode, f"{written}\n\n{text}" if written else text)

    return job


def faces(reading: Reading, now: int) -> list[tuple[str, Face]]:
    """What each clock says now, as (metric, face), most urgent first."""
    view = reading.view
    waiting = _WAITING.get(view.ticket.status, "")
    return [
        (clock.metric, face(clock, now, view.as_of, reading.zone, waiting_on=waiting))
        for clock in shown_clocks(view.clocks)
    ]


def promise(reading: Reading) -> str:
    """`Standard, High`: what the targets are for."""
    ticket, unset = reading.view.ticket, reading.view.impact_when_unset
    measured = f"measured as {words.IMPACT_NAMES[unset]}" if unset else "not assessed"
    impact = words.IMPACT_NAMES[ticket.impact] if ticket.impact else measured
    return f"{ticket.plan}, {impact}" if ticket.plan else impact[0].upper() + impact[1:]


def no_clocks(reading: Reading) -> str:
    """What is said where no clock is shown."""
    if not reading.view.ticket.is_open:
        return "No clock runs on a ticket that is not open."
    return "No clock is running. A clock starts when the customer writes."


def story_of(reading: Reading, told: Explanation, metric: str) -> Story | None:
    """The explanation of the newest instance of a metric; None where it has none any more."""
    clock = next((clock for clock in shown_clocks(told.clocks) if clock.metric == metric), None)
    if clock is None:
        return None
    view = reading.view
    assumed = ", assumed targets" if view.assumption and "assumed" not in view.guidelines else ""
    customer = view.ticket.account or view.ticket.contact or ""
    return Story(
        about=f"{reading.name} {customer}".rstrip(),
        promise=promise(reading),
        guidelines=f"Guidelines {view.guidelines}{assumed}",
        clock=clock,
        lines=tuple(line for line in told.lines if (line.metric, line.instance) == (clock.metric, clock.instance)),
        zone=reading.zone,
        as_of=told.as_of,
    )

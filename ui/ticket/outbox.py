"""What the ticket pane knows of the sync: what of this ticket has not left this computer, what the hub refused, and who
else is here.

Pure. Made by `ui.shell.sync` from what engine and desk tell, read by the pane. Instants are epoch ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from console.domain import words
from console.domain.clock import Clock
from ui.ticket.blocks import MESSAGE_KINDS
from ui.ticket.clock_face import clock_level, shown_clocks
from ui.ticket.consequence import Consequence

if TYPE_CHECKING:
    from console.desk.sync_views import Refused, Waiting
    from console.desk.timeline import Taken, TimelineItem
    from console.wire.messages import Presence

GRACE_MS: Final = 2_000
"""While there is a connection, what was written a moment ago is drawn as sent: it nearly is."""
_REPLY_CLOCKS: Final = ("first_reply", "next_reply")


@dataclass(frozen=True, slots=True)
class Outbox:
    """`offline`: nothing leaves this computer now. `waiting` are own entries without the hub's answer, by their id;
    `refused` those that it did not take; `presence` says who else views or writes on which ticket."""

    connected: bool = False
    offline: bool = False
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()
    presence: tuple[Presence, ...] = ()


ALONE: Final = Outbox()
"""A workspace without a hub."""


@dataclass(frozen=True, slots=True)
class UnsentItem:
    """A message that has not left this computer, as the timeline draws it. `source` is what the drawer shows of it as
    well; None where nothing can be done about it any more. `taken`: as in `TimelineItem`."""

    kind: str
    at: int
    who: str
    text: str
    entry_id: str
    format: str
    detail: str | None
    state: Literal["waiting", "refused"]
    title: str
    reason: str
    source: Any
    taken: Taken | None = None

    @property
    def can_withdraw(self) -> bool:
        return self.state == "waiting" and self.source is not None and self.source.can_withdraw


def unsent(items: Sequence[TimelineItem], outbox: Outbox, ticket: str, me: str, now: int) -> tuple[Any, ...]:
    """A ticket's history with what waits marked as such, and what was refused in its place by time."""
    shown: list[Any] = [_marked(item, outbox, now) for item in items]
    mine = [refused for refused in outbox.refused if refused.ticket == ticket]
    if mine:
        shown += [_refused_item(refused, me) for refused in mine]
        shown.sort(key=lambda item: item.at)
    return tuple(shown)


def _marked(item: TimelineItem, outbox: Outbox, now: int) -> Any:
    if not item.pending:
        return item
    if not outbox.offline and 0 <= now - item.at < GRACE_MS:
        from msgspec.structs import replace

        return replace(item, pending=False)
    if item.kind not in MESSAGE_KINDS:
        return item
    return UnsentItem(
        kind=item.kind,
        at=item.at,
        who=item.who,
        text=item.text,
        entry_id=item.entry_id,
        format=item.format,
        detail=item.detail,
        state="waiting",
        title="Waiting to send",
        reason="",
        source=outbox.waiting.get(item.entry_id),
        taken=item.taken,
    )


def _refused_item(refused: Refused, me: str) -> UnsentItem:
    return UnsentItem(
        kind="refused",
        at=refused.at,
        who=me,
        text=refused.text,
        entry_id=refused.ids[0],
        format="text",
        detail=None,
        state="refused",
        title=refused.title.rstrip(". "),
        reason=f"{refused.reason.rstrip('. ')}.{' Your text is safe.' if refused.text.strip() else ''}",
        source=refused,
    )


def still_running(items: Iterable[Any], clocks: Iterable[Clock], now: int) -> Consequence | None:
    """What is said below a public reply that waits: the clock that it will stop runs on (spec events.md 2)."""
    if not any(item.kind == "reply" and getattr(item, "state", "") == "waiting" for item in items):
        return None
    running = [clock for clock in shown_clocks(clocks) if clock.ended_at is None and clock.metric in _REPLY_CLOCKS]
    if not running:
        return Consequence(said := "The reply has not left this computer yet.", said, None)
    names = " and ".join(words.METRIC_NAMES[clock.metric] for clock in running)
    said = f"{names} still run{'s' if len(running) == 1 else ''} until the reply has left this computer."
    return Consequence(said, said, clock_level(running[0], now))


def waits_for(consequence: Consequence) -> Consequence:
    """What putting a reply into the outbox does to the clocks: nothing yet."""
    if not consequence.short:
        return consequence
    return Consequence("Clocks run on", "The clocks run on until the reply has been sent", consequence.level)


def here_too(outbox: Outbox, ticket: str, me: str) -> tuple[str, str, bool]:
    """Who else is on a ticket: the words for its header, the whole names, and whether somebody writes.

    Who writes is told before who only looks: `Jon is writing`, `Jon and Ana are viewing`, `Jon and 2 more`.
    """
    others = {seen.person: seen.doing for seen in outbox.presence if seen.ticket == ticket and seen.person != me}
    writing = sorted(person for person, doing in others.items() if doing == "writing")
    viewing = sorted(person for person, doing in others.items() if doing == "viewing")
    people = writing or viewing
    if not people:
        return "", "", False
    doing = "writing" if writing else "viewing"
    verb = "is" if len(people) == 1 else "are"
    return f"{_listed([_first(person) for person in people])} {verb} {doing}", ", ".join(people), bool(writing)


def _first(person: str) -> str:
    return person.split()[0] if person.split() else person


def _listed(names: Sequence[str]) -> str:
    if len(names) > 2:
        return f"{names[0]} and {len(names) - 1} more"
    return " and ".join(names)

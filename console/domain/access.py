"""Who may do what: role x event x scope, the one table. Source: spec events.md 3 to 6, sync.md 5. Pure.

The hub asks it for every event and every read; workstations ask it to hide what would be refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

Role = Literal["engineer", "lead", "billing", "admin", "service"]
ROLES: Final[tuple[Role, ...]] = ("engineer", "lead", "billing", "admin", "service")

_ALL_PRO: Final = "pro:*"
_SCOPES: Final[dict[Role, tuple[str, ...]]] = {
    "engineer": ("accounts", "desk", _ALL_PRO),
    "lead": ("accounts", "desk", _ALL_PRO),
    "billing": ("accounts", _ALL_PRO),
    "admin": ("accounts", "desk", _ALL_PRO),
    "service": (),
}
"""What a role sees by itself; restricted circles, and all that a service sees, are granted by name."""

_CONVERSATION: Final = frozenset(
    {
        "ticket.opened",
        "message.received",
        "message.sent",
        "call.logged",
        "ticket.assigned",
        "ticket.impact_set",
        "ticket.product_set",
        "ticket.plan_set",
        "ticket.account_set",
        "ticket.subject_set",
        "ticket.field_set",
        "ticket.status_set",
        "ticket.solved",
        "ticket.closed",
        "ticket.reopened",
        "ticket.merged",
        "ticket.split",
        "ticket.followed_up",
        "ticket.tagged",
        "ticket.untagged",
        "ticket.linked",
        "ticket.snoozed",
        "ticket.woken",
        "ticket.watched",
        "ticket.escalated",
        "ticket.marked_spam",
        "ticket.unmarked_spam",
    }
)
_WORK: Final = frozenset(
    {
        "engagement.opened",
        "engagement.joined",
        "engagement.handed_over",
        "scope.agreed",
        "scope.item_done",
        "scope.requested",
        "access.listed",
        "access.received",
        "access.lost",
        "contact.set",
        "slot.booked",
        "slot.moved",
        "slot.released",
        "consent.given",
        "consent.withdrawn",
        "segment.started",
        "segment.beat",
        "segment.stopped",
        "segment.item_set",
        "segment.noted",
        "pause.began",
        "pause.ended",
        "gap.found",
        "gap.classified",
        "engagement.completed",
        "engagement.completion_undone",
    }
)
_HOURS: Final = frozenset({"lot.bought", "lot.refunded", "lot.granted", "period.renewal_set"})
_CLOSING: Final = frozenset({"period.closed"})
_LEADING: Final = frozenset({"entry.redacted", "correction.made"})
_CHANNELS: Final = frozenset({"message.delivery", "alert.fired", "alert.resolved"})

EVENT_TYPES_BY_ROLE: Final[dict[Role, frozenset[str]]] = {
    "engineer": _CONVERSATION | _WORK,
    "lead": _CONVERSATION | _WORK | _LEADING,
    "billing": _HOURS | _CLOSING | {"engagement.completion_undone"},
    "admin": _CONVERSATION | _WORK | _LEADING | _HOURS | _CLOSING,
    "service": _HOURS
    | _CHANNELS
    | {"ticket.opened", "message.received", "ticket.followed_up", "ticket.linked", "engagement.opened"},
}
_IMPORTERS: Final = frozenset({"lead", "admin", "service"})
"""Who may bring another system's history, whose own instants count. Others only as part of an older workspace."""
_ADOPTERS: Final = frozenset({"engineer", "lead", "admin"})


def scopes_of(role: Role, granted: Iterable[str] = ()) -> tuple[str, ...]:
    """What a person sees, sorted: exact scopes, and `pro:*` for all accounts' Pro streams."""
    return tuple(sorted({*_SCOPES[role], *granted}))


def sees(scopes: Iterable[str], scope: str) -> bool:
    return any(known == scope or (known == _ALL_PRO and scope.startswith("pro:")) for known in scopes)


def refusal(
    role: Role, event_type: str, scope: str, scopes: Iterable[str], *, imported: bool = False, adopted: bool = False
) -> str | None:
    """Why somebody may not record an event in a scope, as a sentence; None when they may.

    The sentence for a scope that they do not see is that of a stream which is not there.
    """
    if not sees(scopes, scope):
        return NOT_THERE
    if imported and not (role in _IMPORTERS or (adopted and role in _ADOPTERS)):
        return "Only a lead, an admin or a service may import another system's history."
    if adopted and role not in _ADOPTERS:
        return "Only a person at a workstation brings what it recorded before it had a hub."
    allowed = EVENT_TYPES_BY_ROLE[role]
    if event_type in allowed or ((imported or adopted) and event_type in _CONVERSATION | _CHANNELS):
        return None
    who = sorted(other for other in ROLES if event_type in EVENT_TYPES_BY_ROLE[other])
    return f"Not allowed for the role {role}: {event_type} is recorded by {' or '.join(who) or 'nobody'}."


NOT_THERE: Final = "There is no such ticket or account."

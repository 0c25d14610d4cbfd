"""The shape in which the demo's tickets are told: who asks for what, what happened, and what its clock should show.

Pure. `tickets` tells the stories with the verbs below, `sample` turns them into facts. Times are minutes of open
time on the cover of the ticket's impact, so that a story reads the same by day, at night and over a weekend.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from console.domain import events as ev
from console.domain.events import Event, Impact, MetricName

MARA: Final = "Mara Okafor"
"""The person at the demo's desk."""
AIKO: Final = "Aiko Sato"
JON: Final = "Jon Adeyemi"
LENA: Final = "Lena Fischer"
TOMAS: Final = "Tomas Ruiz"

Channel = Literal["email", "chat", "portal", "monitoring", "purchase", "phone"]

MONITORING: Final = "Monitoring"
PURCHASES: Final = "In-app purchase"
DELIVERY: Final = "Mail delivery"


class Customer(msgspec.Struct, frozen=True):
    """An account, the person who writes for it, and what it has."""

    account: str
    contact: str
    product: str
    plan: str


CONTOSO: Final = Customer("Contoso Ltd", "Dana Whitfield", "CAS", "Standard")
TAILSPIN: Final = Customer("Tailspin Toys", "Priya Raman", "CAS", "Standard")
LITWARE: Final = Customer("Litware Legal", "Owen Marsh", "CAS", "Standard")
PROSEWARE: Final = Customer("Proseware GmbH", "Katrin Vogel", "CAS", "Standard")
LUCERNE: Final = Customer("Lucerne Publishing", "Beat Amstutz", "CAS", "Standard")
FOURTH: Final = Customer("Fourth Coffee", "Lucia Ferrante", "CAS", "Standard")
FABRIKAM: Final = Customer("Fabrikam Robotics", "Hiro Tanabe", "CAS", "Standard")
HUMONGOUS: Final = Customer("Humongous Insurance", "Renee Okonjo", "CAS", "Standard")
ADATUM: Final = Customer("Adatum Corp", "Noor Haddad", "CAS", "Business-Critical")
ALPINE: Final = Customer("Alpine Ski House", "Stefan Gruber", "CAS", "Business-Critical")
WOODGROVE: Final = Customer("Woodgrove Bank", "Grace Lim", "CAS", "Business-Critical")
TREY: Final = Customer("Trey Research", "Samir Patel", "CAS", "Business-Critical")
NORTHWIND: Final = Customer("Northwind School District", "Ellen Brandt", "Classroom", "Standard")
WINGTIP: Final = Customer("Wingtip Academy", "Marcus Hale", "Classroom", "Standard")
FINE_ART: Final = Customer("School of Fine Art", "Ines Duarte", "Classroom", "Standard")
BELLOWS: Final = Customer("Bellows College", "Tom Rask", "Classroom", "Standard")


class MergeStep(msgspec.Struct, frozen=True):
    """This ticket goes away into the one of the story `into`; `note` is left there, privately, in the same act."""

    minutes: float
    into: str
    note: str
    who: str


class Step(msgspec.Struct, frozen=True):
    """One fact of a story, `minutes` after its anchor. `who` did it; None is the customer's contact."""

    minutes: float
    event: Event
    who: str | None = None


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One sample ticket.

    The anchor of the steps is the instant from which `clock` counts: the opening for a first reply, the customer's
    message for a next reply, our message for an update. `clock` is that metric and the open minutes that it has left
    now, negative when overdue. A story without a clock is anchored at its opening, `ago` open hours before now.

    `opening` is when the ticket was opened, minutes after the anchor (0 or negative). `impact_now` and `plan_now` are
    given where a step changes what the opening said. `waits` is who set the ticket to Pending and how many open minutes
    ago. `follows` is the key of the closed ticket that this one goes on from.
    """

    key: str
    subject: str
    customer: Customer
    channel: Channel
    steps: tuple[Step | MergeStep, ...]
    by: Literal["customer", "engineer", "monitoring", "purchase"] = "customer"
    impact: Impact | None = "normal"
    impact_now: Impact | None = None
    plan_now: str | None = None
    clock: tuple[MetricName, float] | None = None
    ago: float = 0
    opening: float = 0
    waits: tuple[str, float] | None = None
    follows: str | None = None
    external_ref: str | None = None
    opened_by: str | None = None


def wrote(minutes: float, body: str, *files: ev.Attachment) -> Step:
    return Step(minutes, ev.MessageReceived(body=body, attachments=files))


def replied(minutes: float, who: str, body: str) -> Step:
    return Step(minutes, ev.MessageSent(body=body, public=True), who)


def noted(minutes: float, who: str, body: str) -> Step:
    return Step(minutes, ev.MessageSent(body=body, public=False), who)


def bounced(minutes: float) -> Step:
    """The last public reply before it did not arrive; `sample` fills in which one."""
    return Step(minutes, ev.MessageDelivery(message="", state="bounced"), DELIVERY)


def phoned(minutes: float, who: str, summary: str) -> Step:
    return Step(minutes, ev.CallLogged(public=True, summary=summary), who)


def took(minutes: float, who: str) -> Step:
    return Step(minutes, ev.TicketAssigned(to=who), who)


def assigned(minutes: float, by: str, to: str | None) -> Step:
    return Step(minutes, ev.TicketAssigned(to=to), by)


def became(minutes: float, who: str, status: Literal["open", "pending", "on_hold"]) -> Step:
    return Step(minutes, ev.StatusSet(status=status), who)


def assessed(minutes: float, who: str, impact: Impact) -> Step:
    return Step(minutes, ev.ImpactSet(impact=impact), who)


def tagged(minutes: float, who: str, *tags: str) -> tuple[Step, ...]:
    return tuple(Step(minutes, ev.TicketTagged(tag=tag), who) for tag in tags)


def solved(minutes: float, who: str) -> Step:
    return Step(minutes, ev.TicketSolved(), who)


def closed(minutes: float, who: str) -> Step:
    return Step(minutes, ev.TicketClosed(), who)


def fired(minutes: float, alert: str, summary: str) -> Step:
    return Step(minutes, ev.AlertFired(alert=alert, summary=summary), MONITORING)


def cleared(minutes: float, alert: str) -> Step:
    return Step(minutes, ev.AlertResolved(alert=alert), MONITORING)

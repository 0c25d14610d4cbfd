"""What an entry did, in words: the same sentence in a ticket's history and in the reasons of a deadline.

Pure. Sentences come without a full stop. Called by `explain` and by the desk's timeline.
"""

from __future__ import annotations

from typing import Final

from console.domain import events as ev
from console.domain import words
from console.domain.events import Entry
from console.domain.ticket import who

_SENTENCES: Final[dict[type[ev.Event], str]] = {
    ev.TicketSolved: "{who} solved the ticket",
    ev.TicketClosed: "The ticket was closed",
    ev.TicketReopened: "{who} reopened the ticket",
    ev.TicketMerged: "{who} merged the ticket into another",
    ev.TicketSplit: "{who} split off a new ticket",
    ev.TicketFollowedUp: "A follow-up ticket was opened",
    ev.TicketWoken: "The ticket woke up",
    ev.MarkedSpam: "{who} marked it as spam",
    ev.UnmarkedSpam: "{who} took the spam mark back",
    ev.UnknownEvent: "An entry of a newer version, kept as it is",
}


def change(entry: Entry) -> str | None:
    """What a change did, as a sentence without a full stop; None for messages and what nobody needs to see."""
    event, person = entry.event, who(entry)
    simple = _SENTENCES.get(type(event))
    if simple is not None:
        return simple.format(who=person)
    match event:
        case ev.TicketOpened(by="monitoring"):
            return "Monitoring raised an alert"
        case ev.TicketOpened(by="purchase"):
            return "A purchase opened the ticket"
        case ev.TicketOpened(by="engineer"):
            return f"{person} opened the ticket"
        case ev.TicketOpened():
            return f"{event.contact or event.account or 'The customer'} opened the ticket by {event.channel}"
        case ev.TicketAssigned(to=None):
            return f"{person} unassigned the ticket"
        case ev.TicketAssigned():
            return f"{person} took the ticket" if event.to == person else f"{person} assigned it to {event.to}"
        case ev.StatusSet():
            return f"{person} set the status to {words.STATUS_NAMES[event.status]}"
        case ev.ImpactSet():
            return f"{person} set the impact to {words.IMPACT_NAMES.get(event.impact or '', 'not assessed')}"
        case ev.ProductSet():
            return f"{person} set the product to {event.product or 'none'}"
        case ev.PlanSet():
            return f"{person} set the plan to {event.plan or 'none'}"
        case ev.AccountSet():
            return f"{person} set the customer to {event.account or 'none'}"
        case ev.SubjectSet():
            return f"{person} set the subject to {event.subject}"
        case ev.FieldSet():
            return f"{person} set {event.field} to {event.value or 'none'}"
        case ev.TicketTagged():
            return f"{person} added the tag {event.tag}"
        case ev.TicketUntagged():
            return f"{person} removed the tag {event.tag}"
        case ev.TicketLinked(relation="named"):
            return "Its subject names another ticket, in which its sender takes no part"
        case ev.TicketEscalated():
            return f"{person} escalated to {event.to}: {event.reason}"
        case ev.EntryRedacted():
            return f"{person} redacted an entry{': ' + event.reason if event.reason else ''}"
        case ev.TicketSnoozed():
            return f"{person} snoozed the ticket"
        case ev.AlertFired():
            return f"Alert {event.alert} fired{': ' + event.summary if event.summary else ''}"
        case ev.AlertResolved():
            return f"Alert {event.alert} resolved"
        case ev.MessageDelivery(state="failed") | ev.MessageDelivery(state="bounced"):
            return f"A reply was not delivered: {event.state}"
        case ev.MessageDelivery(state="uncertain"):
            return "Whether a reply was delivered is uncertain"
    return None


def deed(entry: Entry) -> str | None:
    """What an entry did, messages included; None for what nobody needs to see."""
    match entry.event:
        case ev.MessageReceived(sender=sender):
            return f"{sender or 'The customer'} wrote"
        case ev.MessageSent(public=True):
            return f"{who(entry)} replied"
        case ev.MessageSent():
            return f"{who(entry)} wrote a note"
        case ev.CallLogged():
            return f"{who(entry)} logged a call"
    return change(entry)

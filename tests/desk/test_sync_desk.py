"""What the desk tells of the sync and does about it, on a real workspace that follows a hub.

The hub's answers are given by hand, as the sync would store them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import uuid_utils

from console.desk import Desk
from console.desk.sync import NotConnected
from console.domain import events as ev
from console.domain.errors import ConsoleError
from console.domain.events import Entry, Event, offer, ticket_stream
from console.domain.stamp import Head, stamp
from console.journal.replica import Basis, EnterEpoch, Join, TakePage, TakeVerdicts
from console.settings import Settings, Workspace, load_settings, save_settings
from console.wire.messages import Verdict

from .conftest import Now

HUB = "hub-1"
URL = "https://hub.example"


class Followed:
    """The desk of Ana's workspace, and the hub's log as far as it was told."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.head = Head(hub_id=HUB)
        self.opened: dict[str, int] = {}
        desk.journal.replica.change(Join(hub_id=HUB, epoch=1, scopever=1, scopes=("desk",)))

    def hears(
        self, event: Event, ticket: str, *, actor: str = "Ben", effect: str = "applied", **envelope: str
    ) -> Entry:
        """Somebody's entry comes from the hub."""
        offered = offer(
            event,
            id=envelope.pop("id", None) or str(uuid_utils.uuid7()),
            stream=ticket_stream(ticket),
            at=self.desk.now(),
            device="other",
            dseq=1,
            **envelope,
        )
        return self._takes(offered, actor, effect)

    def confirms(self, entry: Entry, effect: str = "applied") -> Entry:
        """An own entry comes back from the hub."""
        verdict = Verdict(id=entry.id, outcome="recorded", seq=self.head.seq + 1, effect=effect)
        self.desk.journal.replica.change(TakeVerdicts(hub_id=HUB, epoch=1, verdicts=(verdict,)))
        offered = offer(
            entry.event,
            id=entry.id,
            stream=entry.stream,
            at=entry.at,
            device=entry.device,
            dseq=entry.dseq,
            base=entry.base,
            expect=entry.expect,
            act=entry.act,
        )
        return self._takes(offered, self.desk.me, effect)

    def _takes(self, offered: ev.Offered, actor: str, effect: str) -> Entry:
        at = self.desk.journal.replica.position()
        self.head, (entry,) = stamp(
            self.head,
            [offered],
            actor=actor,
            now_ms=self.desk.now(),
            effect=effect,
            opened_at=self.opened,
            hubless=False,
        )
        if isinstance(offered.event, ev.TicketOpened):
            self.opened[offered.stream] = entry.counts_at
        basis = Basis(hub_id=at.hub_id, epoch=at.epoch, cursor=at.cursor, scopever=at.scopever)
        self.desk.journal.replica.change(TakePage(basis=basis, entries=(entry,), next=entry.seq, chain=entry.chain))
        return entry

    def refuses(self, *entries: Entry, reason: str) -> None:
        verdicts = tuple(Verdict(id=entry.id, outcome="refused", reason=reason) for entry in entries)
        self.desk.journal.replica.change(TakeVerdicts(hub_id=HUB, epoch=1, verdicts=verdicts))

    def ticket(self, subject: str = "Sign-in loop") -> str:
        """A ticket of the hub: the first is #10001."""
        ticket = str(uuid_utils.uuid7())
        self.hears(ev.TicketOpened(by="customer", channel="email", subject=subject, impact="normal"), ticket)
        return ticket


@pytest.fixture
def connected(workspace: Workspace, now: Now) -> Iterator[Followed]:
    with Desk.open(workspace, clock=now) as desk:
        desk.journal.follow(url=URL, person="Ana", role="engineer", device="device-1")
    with Desk.open(workspace, clock=now) as desk:
        yield Followed(desk)


def test_a_workspace_without_a_hub_has_no_issues_and_no_engine(desk: Desk) -> None:
    assert not desk.sync.issues().connected
    with pytest.raises(NotConnected, match="support-console connect URL"):
        desk.sync.engine(lambda fn: fn(desk), print)
    with pytest.raises(NotConnected):
        desk.sync.report()


def test_the_hub_says_who_acts_here(connected: Followed, workspace: Workspace) -> None:
    assert connected.desk.me == "Ana"
    assert load_settings(workspace) == Settings(name="Ana")


def test_a_chosen_token_file_survives_the_hubs_name(workspace: Workspace, now: Now) -> None:
    save_settings(workspace, Settings(name="Mara Okafor", token_file=workspace.folder / "token"))
    with Desk.open(workspace, clock=now) as desk:
        desk.journal.follow(url=URL, person="Ana", role="engineer", device="device-1")
    Desk.open(workspace, clock=now).close()
    assert load_settings(workspace) == Settings(name="Ana", token_file=workspace.folder / "token")


def test_the_engine_begins_with_what_is_known_of_the_hub(connected: Followed) -> None:
    engine = connected.desk.sync.engine(lambda fn: fn(connected.desk), print)
    assert (engine.status.url, engine.status.person, engine.status.role) == (URL, "Ana", "engineer")
    assert engine.status.link == "connecting"


def test_what_waits_is_named_and_counted(connected: Followed) -> None:
    desk, ticket = connected.desk, connected.ticket()
    desk.tickets.reply(ticket, "Try a private window.", public=True)
    desk.tickets.reply(ticket, "Looks like cookies.", public=False)
    desk.tickets.set_impact(ticket, "high")
    desk.tickets.open("A new one")
    issues = desk.sync.issues()
    assert [waiting.title for waiting in issues.waiting] == [
        "Reply to #10001",
        "Status of #10001",
        "Note on #10001",
        "Impact of #10001",
        "New ticket",
    ]
    assert issues.waiting_words == "1 reply, 1 note, 1 new ticket and 2 property changes"
    reply, _, note, *_ = issues.waiting
    assert (reply.text, reply.mode, reply.ticket) == ("Try a private window.", "reply", ticket)
    assert (note.text, note.mode) == ("Looks like cookies.", "note")
    assert all(waiting.can_withdraw for waiting in issues.waiting)
    assert issues.needs_you == 0


def test_withdrawn_words_become_a_draft_behind_what_is_there(connected: Followed) -> None:
    desk, ticket = connected.desk, connected.ticket()
    receipt = desk.tickets.reply(ticket, "Try a private window.", public=True)
    desk.drafts.save(ticket, "reply", "Half a sentence")
    desk.sync.withdraw([receipt.entries[0].id])
    assert desk.sync.issues().waiting == ()
    assert desk.drafts.load(ticket) == {"reply": "Half a sentence\n\nTry a private window."}
    state = desk.tickets.state(ticket)
    assert state is not None
    assert state.status == "new"


def test_a_new_ticket_that_is_withdrawn_leaves_all_words_that_were_in_it(connected: Followed) -> None:
    desk = connected.desk
    opened = desk.tickets.open("Printer is on fire").entries[0]
    ticket = opened.stream.partition(":")[2]
    desk.tickets.reply(ticket, "Is anybody hurt?", public=True)
    desk.tickets.reply(ticket, "The third this month.", public=False)
    other = connected.ticket()
    desk.tickets.reply(other, "Another matter.", public=True)
    assert desk.sync.withdraw([opened.id]) == "Printer is on fire\n\nIs anybody hurt?\n\nThe third this month."
    assert desk.drafts.load(ticket) == {
        "note": "Printer is on fire\n\nThe third this month.",
        "reply": "Is anybody hurt?",
    }
    assert desk.tickets.state(ticket) is None
    assert {waiting.ticket for waiting in desk.sync.issues().waiting} == {other}


def test_a_property_that_is_withdrawn_leaves_no_draft(connected: Followed) -> None:
    desk, ticket = connected.desk, connected.ticket()
    desk.sync.withdraw([desk.tickets.set_impact(ticket, "high").entries[0].id])
    assert desk.drafts.load(ticket) == {}


def test_what_was_offered_cannot_be_withdrawn_and_no_draft_appears(connected: Followed) -> None:
    desk, ticket = connected.desk, connected.ticket()
    receipt = desk.tickets.reply(ticket, "Try a private window.", public=False)
    desk.journal.replica.offering(max_events=10, max_bytes=10_000)
    with pytest.raises(ConsoleError, match="may be at the hub already"):
        desk.sync.withdraw([receipt.entries[0].id])
    assert desk.drafts.load(ticket) == {}
    (waiting,) = desk.sync.issues().waiting
    assert not waiting.can_withdraw


def test_a_refused_act_is_one_card_with_its_words_and_its_reason(connected: Followed) -> None:
    desk, ticket = connected.desk, connected.ticket()
    receipt = desk.tickets.reply(ticket, "Try a private window.", public=True)
    assert len(receipt.entries) == 2
    connected.refuses(*receipt.entries, reason="It is 70 KiB, the limit is 64 KiB.")
    issues = desk.sync.issues()
    (refused,) = issues.refused
    assert refused.title == "Reply to #10001 was not sent"
    assert refused.reason == "It is 70 KiB, the limit is 64 KiB."
    assert (refused.text, refused.mode) == ("Try a private window.", "reply")
    assert set(refused.ids) == {entry.id for entry in receipt.entries}
    assert issues.needs_you == 1
    assert issues.waiting == ()


def test_a_refused_act_can_be_sent_again_or_let_go(connected: Followed) -> None:
    desk, ticket = connected.desk, connected.ticket()
    for act in (desk.sync.retry, desk.sync.discard):
        receipt = desk.tickets.reply(ticket, "Try a private window.", public=False)
        connected.refuses(*receipt.entries, reason="Not now.")
        act(desk.sync.issues().refused[0].ids)
        assert desk.sync.issues().refused == ()
    (again,) = desk.sync.issues().waiting
    assert again.text == "Try a private window."


def test_a_guarded_act_that_came_too_late_is_told_until_it_is_dismissed(connected: Followed) -> None:
    desk, ticket = connected.desk, connected.ticket()
    taken, opened = desk.tickets.take(ticket).entries
    connected.hears(ev.TicketAssigned(to="Ben"), ticket, expect="unassigned")
    for entry in (taken, opened):
        connected.confirms(entry, "void: Not taken: Ben had it already.")
    (lost,) = desk.sync.issues().not_taken
    assert (lost.title, lost.reason, lost.ticket) == ("#10001 was not taken", "Ben had it already.", ticket)
    desk.sync.dismiss(lost.id)
    assert desk.sync.issues().not_taken == ()


def both_set_the_impact(connected: Followed) -> str:
    """Ana sets High, Ben Low; neither saw the other's, and Ben's is later in the hub's order."""
    desk, ticket = connected.desk, connected.ticket()
    before = connected.hears(ev.ImpactSet(impact="normal"), ticket)
    (mine,) = desk.tickets.set_impact(ticket, "high").entries
    connected.confirms(mine)
    connected.hears(ev.ImpactSet(impact="low"), ticket, base=before.id)
    return ticket


def impact_of(connected: Followed, ticket: str) -> str | None:
    state = connected.desk.tickets.state(ticket)
    assert state is not None
    return state.impact


def test_two_values_of_one_field_are_shown_side_by_side(connected: Followed) -> None:
    ticket = both_set_the_impact(connected)
    (met,) = connected.desk.sync.issues().overwrote
    assert (met.ticket, met.field, met.title) == (ticket, "impact", "#10001 has two impacts")
    assert (met.mine, met.theirs, met.who, met.shows) == ("High", "Low", "Ben", "theirs")


def test_keeping_mine_sets_it_again_over_what_shows(connected: Followed) -> None:
    ticket = both_set_the_impact(connected)
    connected.desk.sync.keep_mine(ticket, "impact")
    assert impact_of(connected, ticket) == "high"
    assert connected.desk.sync.issues().overwrote == ()
    (waiting,) = connected.desk.sync.issues().waiting
    own = connected.desk.journal.own.waiting()[0].offered
    shown = connected.desk.journal.entries(ticket_stream(ticket))[-2]
    assert own.base == shown.id
    assert waiting.title == "Impact of #10001"


def test_keeping_theirs_changes_nothing_that_shows_theirs_already(connected: Followed) -> None:
    ticket = both_set_the_impact(connected)
    connected.desk.sync.keep_theirs(ticket, "impact")
    assert impact_of(connected, ticket) == "low"
    assert connected.desk.sync.issues().overwrote == ()
    assert connected.desk.sync.issues().waiting == ()


def test_keeping_theirs_gives_way_where_mine_shows(connected: Followed) -> None:
    desk, ticket = connected.desk, connected.ticket()
    before = connected.hears(ev.ImpactSet(impact="normal"), ticket)
    (mine,) = desk.tickets.set_impact(ticket, "high").entries
    connected.hears(ev.ImpactSet(impact="low"), ticket, base=before.id)
    connected.confirms(mine)
    (met,) = desk.sync.issues().overwrote
    assert met.shows == "mine"
    desk.sync.keep_theirs(ticket, "impact")
    assert impact_of(connected, ticket) == "low"
    assert desk.sync.issues().overwrote == ()


def test_what_was_settled_today_is_told(connected: Followed) -> None:
    desk = connected.desk
    (entry,) = desk.tickets.open("Sign-in loop").entries
    connected.confirms(entry)
    desk.journal.replica.now = desk.now
    desk.journal.replica.change(EnterEpoch(hub_id=HUB, epoch=2, fork_seq=0, fork_chain=bytes(32)))
    (settled,) = desk.sync.issues().settled
    assert settled.text.startswith("1 entry was offered again")


def test_a_report_for_others_holds_no_words_of_anybody(connected: Followed) -> None:
    desk, ticket = connected.desk, connected.ticket("Secret merger")
    receipt = desk.tickets.reply(ticket, "The password is swordfish.", public=False)
    connected.refuses(*receipt.entries, reason="Not allowed for the role engineer.")
    desk.tickets.open("Another secret")
    report = desk.sync.report()
    assert "Hub: https://hub.example, hub-1" in report
    assert "Person: Ana, engineer; device device-1" in report
    assert "Outbox: 1 waiting, the oldest since 2026-03-02 15:00:00 UTC; 1 refused" in report
    assert "Refused: message.sent" in report
    assert "secret" not in report.lower()
    assert "swordfish" not in report

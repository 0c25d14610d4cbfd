"""What a person does about what they recorded: everything stays in sight until they let it go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.events import Offered, content_hash, event_type, imported_id, is_imported
from console.journal.errors import JournalError
from console.journal.replica import OfferAgain, Offering, Reload
from console.journal.states import OwnEntry
from console.journal.store import Journal

from .facts import HOUR, MONDAY, fact, of_act, opened, pro, received, sent, started, stopped, write
from .hub_log import HubLog, InJournal, basis, offered, pulled, pushed


@pytest.fixture
def log() -> HubLog:
    return HubLog()


@pytest.fixture
def kept(tmp_path: Path, log: HubLog) -> Iterator[InJournal]:
    made = InJournal(tmp_path)
    made.replica.change(log.join())
    with made.journal:
        yield made


def ids(entries: list[OwnEntry]) -> list[str]:
    return [own.offered.id for own in entries]


def refuse(kept: InJournal, log: HubLog, *offers: Offered, reason: str = "Not allowed.") -> None:
    kept.record(*offers)
    kept.replica.change(log.refusals([offer.id for offer in offers], reason))


# In sight


def test_what_waits_is_told_in_the_order_in_which_it_travels(kept: InJournal) -> None:
    mine = [opened("a"), received("a", "Hi"), sent("a", "Hello")]
    for each in mine:
        kept.record(each)
    waiting = kept.journal.own.waiting()
    assert ids(waiting) == [each.id for each in mine]
    assert [own.was_offered for own in waiting] == [False, False, False]
    assert {own.made_at for own in waiting} == {MONDAY}
    assert ids(kept.journal.own.waiting(2)) == [each.id for each in mine[:2]]


def test_what_was_refused_is_told_with_its_reason_and_its_words(kept: InJournal, log: HubLog) -> None:
    refuse(kept, log, sent("a", "Dear customer"), reason="There is no such ticket.")
    (own,) = kept.journal.own.refused()
    assert own.reason == "There is no such ticket."
    assert own.offered.event == ev.MessageSent(body="Dear customer", public=True)


def test_what_is_void_is_told_until_it_is_put_away(kept: InJournal, log: HubLog) -> None:
    kept.record(opened("a"))
    pushed(kept, log)
    taking = fact(ev.TicketAssigned(to="Ana"), "a", expect="unassigned")
    kept.record(taking)
    pushed(kept, log, effect="void: Not taken: Ben had it already.")
    pulled(kept, log)
    (own,) = kept.journal.own.voided()
    assert (own.offered.id, own.effect) == (taking.id, "void: Not taken: Ben had it already.")
    kept.journal.own.dismiss(taking.id)
    kept.journal.own.dismiss(taking.id)
    assert kept.journal.own.voided() == []


def test_what_is_decided_again_and_void_again_is_told_again(kept: InJournal, log: HubLog) -> None:
    kept.record(opened("a"))
    pushed(kept, log)
    taking = fact(ev.TicketAssigned(to="Ana"), "a", expect="unassigned")
    kept.record(taking)
    pushed(kept, log, effect="void: Not taken.")
    kept.journal.own.dismiss(taking.id)
    kept.replica.change(log.restored(1))
    pushed(kept, log, effect="void: Not taken again.")
    assert [own.effect for own in kept.journal.own.voided()] == ["void: Not taken again."]


def test_what_was_settled_without_a_person_is_told_for_a_while(kept: InJournal, log: HubLog) -> None:
    replica = kept.journal.replica
    replica.now = lambda: MONDAY
    kept.record(opened("a"), received("a", "Hi"))
    pushed(kept, log)
    replica.change(OfferAgain(device="ana-1", above_dseq=0))
    assert kept.journal.own.settled(MONDAY) == [(MONDAY, "2 entries were offered again: the hub did not have them.")]
    assert kept.journal.own.settled(MONDAY + 1) == []
    replica.now = lambda: MONDAY + 91 * 24 * HOUR
    replica.change(Reload(basis=basis(replica.position())))
    assert [text for _, text in kept.journal.own.settled(0)] == [
        "The local copy was not what the hub has: it is loaded again."
    ]


# Two who did not see each other


def set_by_both(kept: InJournal, log: HubLog, *, mine_first: bool) -> tuple[str, str]:
    """Ana and Ben set the impact of one ticket from the same value; the ids of both."""
    log.by_another(opened("a").event, "ticket:a")
    seen = log.by_another(ev.ImpactSet(impact="low"), "ticket:a")
    pulled(kept, log)
    mine = fact(ev.ImpactSet(impact="high"), "a", base=seen.id)
    kept.record(mine)

    def theirs() -> str:
        return log.by_another(ev.ImpactSet(impact="urgent"), "ticket:a", base=seen.id).id

    if mine_first:
        pushed(kept, log)
        other = theirs()
    else:
        other = theirs()
        pushed(kept, log)
    pulled(kept, log)
    return mine.id, other


@pytest.mark.parametrize("mine_first", [True, False])
def test_a_value_that_met_anothers_is_told_with_both(kept: InJournal, log: HubLog, mine_first: bool) -> None:
    mine, theirs = set_by_both(kept, log, mine_first=mine_first)
    (met,) = kept.journal.own.overwritten()
    assert (met.ticket, met.field, met.mine.id, met.theirs.id) == ("a", "impact", mine, theirs)
    assert (met.theirs.actor, met.shows_mine) == ("Ben", not mine_first)
    kept.journal.own.dismiss(met.id)
    assert kept.journal.own.overwritten() == []


def test_it_is_told_while_mine_still_waits(kept: InJournal, log: HubLog) -> None:
    log.by_another(opened("a").event, "ticket:a")
    seen = log.by_another(ev.ImpactSet(impact="low"), "ticket:a")
    pulled(kept, log)
    kept.record(fact(ev.ImpactSet(impact="high"), "a", base=seen.id))
    log.by_another(ev.ImpactSet(impact="urgent"), "ticket:a", base=seen.id)
    pulled(kept, log)
    (met,) = kept.journal.own.overwritten()
    assert met.shows_mine


def test_a_value_set_after_seeing_both_settles_it(kept: InJournal, log: HubLog) -> None:
    set_by_both(kept, log, mine_first=False)
    (met,) = kept.journal.own.overwritten()
    kept.record(fact(ev.ImpactSet(impact="urgent"), "a", base=met.mine.id))
    assert kept.journal.own.overwritten() == []


def test_what_two_others_did_to_each_other_is_not_mine(kept: InJournal, log: HubLog) -> None:
    log.by_another(opened("a").event, "ticket:a")
    seen = log.by_another(ev.ImpactSet(impact="low"), "ticket:a")
    pulled(kept, log)
    kept.record(fact(ev.ImpactSet(impact="high"), "a", base=seen.id))
    pushed(kept, log)
    mine = log.entries[-1].id
    for impact in ("urgent", "normal"):
        log.by_another(ev.ImpactSet(impact=impact), "ticket:a", base=mine)  # type: ignore[arg-type]
    pulled(kept, log)
    assert kept.journal.own.overwritten() == []


# Trying again


def test_a_refused_act_is_tried_again_as_new_with_the_same_content(kept: InJournal, log: HubLog) -> None:
    act = of_act(opened("a"), received("a", "Hi"))
    refuse(kept, log, *act)
    other = opened("b")
    kept.record(other)
    again = kept.journal.own.retry([act[1].id], now_ms=MONDAY + HOUR)
    assert [own.offered.event for own in again] == [each.event for each in act]
    assert not {own.offered.id for own in again} & {each.id for each in act}
    assert {own.offered.act for own in again} - {act[0].act} == {again[0].offered.act}
    assert [own.made_at for own in again] == [MONDAY + HOUR] * 2
    assert kept.journal.own.refused() == []
    assert ids(kept.journal.own.waiting()) == [other.id, *ids(again)]
    assert kept.view("ticket:a") == [(own.offered.id, True) for own in again]
    pushed(kept, log)
    pulled(kept, log)
    assert kept.journal.check() == []
    row = kept.journal.ticket_row("a")
    assert row is not None
    assert row.number is not None


def test_what_names_a_refused_entry_names_its_new_one(kept: InJournal, log: HubLog) -> None:
    start = started("a")
    stop = stopped(start, at=MONDAY + HOUR)
    based = fact(ev.ImpactSet(impact="high"), "a")
    later = fact(ev.ImpactSet(impact="low"), "a", base=based.id)
    refuse(kept, log, start, stop, based, later)
    again = [own.offered for own in kept.journal.own.retry([o.id for o in (start, stop, based, later)], now_ms=MONDAY)]
    assert isinstance(again[1].event, pe.SegmentStopped)
    assert again[1].event.segment == again[0].id
    assert again[3].base == again[2].id
    for offer in again:
        names = ("id", "stream", "ver", "at", "base", "expect", "act", "payload")
        hashed = content_hash(type=event_type(offer.event), **{name: getattr(offer, name) for name in names})
        assert hashed == offer.hash


def test_an_imported_entry_stays_one_when_it_is_tried_again(kept: InJournal, log: HubLog) -> None:
    refuse(kept, log, fact(opened("a").event, "a", id=imported_id("x", "1")))
    (again,) = kept.journal.own.retry(ids(kept.journal.own.refused()), now_ms=MONDAY)
    assert is_imported(again.offered.id)


def test_only_what_was_refused_is_tried_again(kept: InJournal) -> None:
    mine = opened("a")
    kept.record(mine)
    assert kept.journal.own.retry([mine.id, "unknown"], now_ms=MONDAY) == []
    assert ids(kept.journal.own.waiting()) == [mine.id]


# Letting go


def test_a_refused_act_that_is_let_go_comes_back_a_last_time(kept: InJournal, log: HubLog) -> None:
    act = of_act(sent("a", "One"), sent("b", "Two"))
    refuse(kept, log, *act)
    mine = opened("c")
    kept.record(mine)
    gone = kept.journal.own.discard([act[0].id, mine.id])
    assert ids(gone) == [each.id for each in act]
    assert kept.journal.own.refused() == []
    assert ids(kept.journal.own.waiting()) == [mine.id], "what waits is not let go"


def test_what_was_never_offered_can_be_withdrawn_and_gives_its_words_back(kept: InJournal, log: HubLog) -> None:
    log.by_another(opened("a").event, "ticket:a")
    pulled(kept, log)
    act = of_act(sent("a", "Dear customer"), fact(ev.StatusSet(status="open"), "a"))
    kept.record(*act)
    taken = kept.journal.own.withdraw([act[0].id])
    assert ids(taken) == [each.id for each in act]
    assert taken[0].offered.event == ev.MessageSent(body="Dear customer", public=True)
    assert kept.journal.own.waiting() == []
    assert kept.journal.search("dear") == []
    row = kept.journal.ticket_row("a")
    assert row is not None
    assert row.status == "new"


def test_what_may_be_at_the_hub_cannot_be_withdrawn(kept: InJournal) -> None:
    mine, late = opened("a"), sent("a", "Hello")
    kept.record(mine)
    assert isinstance(offered(kept), Offering)
    kept.record(late)
    with pytest.raises(JournalError, match="may be at the hub already"):
        kept.journal.own.withdraw([mine.id])
    assert len(kept.journal.own.waiting()) == 2
    assert ids(kept.journal.own.withdraw([late.id])) == [late.id]


def test_with_the_opening_of_a_ticket_all_that_waits_on_it_is_withdrawn(kept: InJournal) -> None:
    opening, other = opened("a", "Cannot print"), opened("b")
    kept.record(opening)
    kept.record(other)
    kept.record(sent("a", "Hello"))
    kept.record(*of_act(received("a", "Hi"), received("b", "Ho")))
    assert len(kept.journal.own.withdraw([opening.id])) == 4
    assert ids(kept.journal.own.waiting()) == [other.id]
    assert kept.journal.ticket_row("a") is None
    assert kept.journal.search("print") == []


def test_with_a_ticket_those_that_were_split_off_it_are_withdrawn_and_what_waits_on_them(kept: InJournal) -> None:
    opening = opened("a")
    kept.record(opening)
    kept.record(*of_act(fact(ev.TicketSplit(new="b"), "a"), opened("b")))
    kept.record(sent("b", "Hello"))
    assert len(kept.journal.own.withdraw([opening.id])) == 4
    assert kept.journal.own.waiting() == []


def test_an_offering_is_marked_on_the_disk_before_it_leaves(kept: InJournal) -> None:
    kept.record(opened("a"))
    assert not kept.journal.own.waiting()[0].was_offered
    offered(kept)
    kept.journal._database.reopen()
    assert kept.journal.own.waiting()[0].was_offered


@pytest.mark.parametrize("act", ["retry", "discard", "withdraw", "dismiss"])
def test_a_screen_hears_of_every_act(kept: InJournal, log: HubLog, act: str) -> None:
    refused, mine = opened("a"), opened("b")
    refuse(kept, log, refused)
    kept.record(mine)
    own = kept.journal.own
    before = kept.journal.data_version()
    match act:
        case "retry":
            own.retry([refused.id], now_ms=MONDAY)
        case "discard":
            own.discard([refused.id])
        case "withdraw":
            own.withdraw([mine.id])
        case "dismiss":
            own.dismiss(mine.id)
    assert kept.journal.data_version() > before


def test_a_workspace_without_a_hub_has_nothing_in_its_drawer(journal: Journal) -> None:
    write(journal, opened("a"), pro(pe.EngagementOpened(ticket="a")))
    own = journal.own
    assert (own.waiting(), own.refused(), own.voided(), own.overwritten(), own.settled(0)) == ([], [], [], [], [])

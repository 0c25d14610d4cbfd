"""What every local copy of a hub's log has to do (spec sync.md 2, `console.journal.replica`).

A suite without a copy of its own: the tests of each implementation inherit it and say how one is made.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import msgspec
import pytest

from console.domain import events as ev
from console.domain.events import Offered, ticket_stream
from console.domain.stamp import GENESIS, checksum_of
from console.journal.replica import (
    ChangeScopes,
    EnterEpoch,
    Forget,
    Join,
    OfferAgain,
    Outbox,
    RefuseNext,
    Reload,
    TakeDevice,
    TakeVerdicts,
)
from console.wire.messages import Verdict

from .facts import fact, of_act, opened, received, sent
from .hub_log import HUB, MANY, SCOPES, HubLog, Kept, basis, offered, pulled, pushed

A, B = ticket_stream("a"), ticket_stream("b")


def waiting(*offers: Offered) -> list[tuple[str, bool]]:
    return [(offer.id, True) for offer in offers]


def confirmed(*offers: Offered) -> list[tuple[str, bool]]:
    return [(offer.id, False) for offer in offers]


def _recorded(offer: Offered, *, seq: int) -> TakeVerdicts:
    said = Verdict(id=offer.id, outcome="recorded", seq=seq, effect="applied")
    return TakeVerdicts(hub_id=HUB, epoch=1, verdicts=(said,))


class ReplicaContract(ABC):
    """Inherited by the tests of each implementation, which define `make`: a fresh copy of the device `ana-1`, before
    its first contact with a hub."""

    @abstractmethod
    def make(self, folder: Path) -> Kept: ...

    @pytest.fixture
    def fresh(self, tmp_path: Path) -> Kept:
        return self.make(tmp_path)

    @pytest.fixture
    def log(self) -> HubLog:
        return HubLog()

    @pytest.fixture
    def kept(self, fresh: Kept, log: HubLog) -> Kept:
        fresh.replica.change(log.join())
        return fresh

    # First contact

    def test_a_fresh_copy_has_no_hub_and_nothing_to_say(self, fresh: Kept) -> None:
        position = fresh.replica.position()
        assert (position.device, position.hub_id, position.cursor, position.chain) == ("ana-1", None, 0, GENESIS)
        assert fresh.replica.outbox() == Outbox()
        assert fresh.replica.offering(max_events=10, max_bytes=MANY) is None
        assert fresh.replica.checksum() == (0, checksum_of([]))

    def test_it_joins_a_hub_once(self, kept: Kept) -> None:
        kept.replica.change(Join(hub_id="another", epoch=7, scopever=9, scopes=("desk",)))
        position = kept.replica.position()
        assert (position.hub_id, position.epoch, position.scopever, position.scopes) == (HUB, 1, 1, SCOPES)

    def test_what_is_recorded_before_the_first_contact_waits(self, fresh: Kept, log: HubLog) -> None:
        mine = opened("a")
        fresh.record(mine)
        fresh.replica.change(log.join())
        assert fresh.view(A) == waiting(mine)
        assert [offer.id for offer in offered(fresh).events] == [mine.id]

    # What is recorded

    def test_an_own_entry_shows_at_once_and_waits(self, kept: Kept) -> None:
        mine = [opened("a"), received("a", "Hi")]
        kept.record(*mine)
        assert kept.view(A) == waiting(*mine)
        assert kept.replica.outbox().new == 2

    def test_own_entries_come_behind_confirmed_ones(self, kept: Kept, log: HubLog) -> None:
        theirs = log.by_another(opened("a").event, A)
        pulled(kept, log)
        mine = sent("a", "Hello")
        kept.record(mine)
        later = log.by_another(received("a", "More").event, A)
        pulled(kept, log)
        assert kept.view(A) == [(theirs.id, False), (later.id, False), (mine.id, True)]

    # What is offered

    def test_entries_are_offered_in_the_order_in_which_they_were_made(self, kept: Kept) -> None:
        mine = [opened("a"), opened("b"), received("a", "Hi"), received("b", "Ho")]
        for each in mine:
            kept.record(each)
        offering = offered(kept)
        assert [offer.id for offer in offering.events] == [each.id for each in mine]
        assert [offer.dseq for offer in offering.events] == [1, 2, 3, 4]
        assert {offer.device for offer in offering.events} == {"ana-1"}
        assert offering.base_dseq == 0

    def test_an_offering_that_was_not_answered_is_offered_again(self, kept: Kept) -> None:
        kept.record(opened("a"))
        assert offered(kept) == offered(kept)

    def test_no_act_is_divided(self, kept: Kept) -> None:
        alone, act = opened("a"), of_act(opened("b"), received("b", "Hi"), sent("a", "Moved"))
        kept.record(alone)
        kept.record(*act)
        assert [offer.id for offer in offered(kept, 2).events] == [alone.id]
        assert len(offered(kept, 4).events) == 4

    def test_an_act_that_is_larger_than_the_limits_comes_alone(self, kept: Kept) -> None:
        act = of_act(opened("b"), received("b", "Hi"), sent("a", "Moved"))
        kept.record(*act)
        kept.record(sent("b", "Then"))
        assert len(offered(kept, 2).events) == 3
        found = kept.replica.offering(max_events=MANY, max_bytes=1)
        assert found is not None
        assert len(found.events) == 3

    def test_two_acts_beside_each_other_are_two(self, kept: Kept) -> None:
        kept.record(*of_act(opened("a"), received("a", "1")))
        kept.record(*of_act(opened("b"), received("b", "2")))
        assert len(offered(kept, 3).events) == 2

    def test_the_base_is_the_highest_that_the_hub_has(self, kept: Kept, log: HubLog) -> None:
        kept.record(opened("a"), received("a", "Hi"))
        pushed(kept, log)
        kept.record(sent("a", "Hello"))
        assert (offered(kept).base_dseq, offered(kept).events[0].dseq) == (2, 3)

    def test_an_offering_ends_where_the_hub_has_an_entry_in_between(self, kept: Kept, log: HubLog) -> None:
        mine = [opened("a"), received("a", "Hi"), sent("a", "Hello")]
        for each in mine:
            kept.record(each)
        log.take(offered(kept).events[1])
        pulled(kept, log)
        assert [offer.id for offer in offered(kept).events] == [mine[0].id]
        kept.replica.change(log.verdicts(log.take(mine[0])))
        assert (offered(kept).base_dseq, [offer.id for offer in offered(kept).events]) == (2, [mine[2].id])

    # What the hub says

    def test_an_acked_entry_shows_until_the_log_was_read_up_to_it(self, kept: Kept, log: HubLog) -> None:
        mine = [opened("a"), received("a", "Hi")]
        kept.record(*mine)
        pushed(kept, log)
        assert kept.view(A) == waiting(*mine)
        assert kept.replica.outbox() == Outbox()
        pulled(kept, log)
        assert kept.view(A) == confirmed(*mine)

    def test_an_acked_entry_that_does_not_come_back_stops_to_show(self, kept: Kept, log: HubLog) -> None:
        theirs = log.by_another(opened("a").event, A)
        pulled(kept, log)
        mine = sent("a", "Hello")
        kept.record(mine)
        pushed(kept, log)
        page = log.page(kept.replica.position())
        kept.replica.change(msgspec.structs.replace(page, entries=()))
        assert kept.view(A) == [(theirs.id, False)]
        assert kept.state(mine.id) == "acked"

    def test_a_void_entry_stops_to_show_and_comes_back_with_the_log(self, kept: Kept, log: HubLog) -> None:
        kept.record(opened("a"))
        pushed(kept, log)
        taking = fact(ev.TicketAssigned(to="Ana"), "a", expect="unassigned")
        kept.record(taking)
        pushed(kept, log, effect="void: Not taken: Ben had it already.")
        assert taking.id not in dict(kept.view(A))
        pulled(kept, log)
        assert (taking.id, False) in kept.view(A)

    def test_a_refused_entry_is_kept_and_does_not_show(self, kept: Kept, log: HubLog) -> None:
        mine = opened("a")
        kept.record(mine)
        kept.replica.change(log.refusals([mine.id], "Too large."))
        assert kept.view(A) == []
        assert kept.state(mine.id) == "refused"
        assert kept.replica.outbox() == Outbox(refused=1)
        assert kept.replica.offering(max_events=10, max_bytes=MANY) is None

    def test_verdicts_never_change(self, kept: Kept, log: HubLog) -> None:
        mine = opened("a")
        kept.record(mine)
        pushed(kept, log)
        kept.replica.change(log.refusals([mine.id], "Too late."))
        assert kept.state(mine.id) == "acked"

    def test_verdicts_of_another_hub_or_epoch_are_dropped(self, kept: Kept, log: HubLog) -> None:
        mine = opened("a")
        kept.record(mine)
        said = log.refusals([mine.id], "No.")
        kept.replica.change(msgspec.structs.replace(said, epoch=2))
        kept.replica.change(msgspec.structs.replace(said, hub_id="another"))
        assert kept.state(mine.id) == "new"

    def test_an_echo_is_an_answer(self, kept: Kept, log: HubLog) -> None:
        mine = opened("a")
        kept.record(mine)
        log.take(*offered(kept).events)
        pulled(kept, log)
        assert kept.view(A) == confirmed(mine)
        assert kept.state(mine.id) == "acked"

    def test_the_next_act_is_refused_here_when_the_hub_cannot_take_it(self, kept: Kept) -> None:
        act, other = of_act(opened("a"), received("a", "Long")), opened("b")
        kept.record(*act)
        kept.record(other)
        kept.replica.change(RefuseNext(id=act[0].id, reason="Too large."))
        assert [kept.state(each.id) for each in (*act, other)] == ["refused", "refused", "new"]
        assert kept.view(A) == []

    def test_another_act_than_the_one_that_was_meant_is_not_refused(self, kept: Kept) -> None:
        first, second = opened("a"), opened("b")
        kept.record(first)
        kept.record(second)
        kept.replica.change(RefuseNext(id=second.id, reason="Too large."))
        assert kept.replica.outbox().new == 2

    # Pages

    def test_a_page_moves_the_cursor_with_its_entries(self, kept: Kept, log: HubLog) -> None:
        for name in ("a", "b"):
            log.by_another(opened(name).event, ticket_stream(name))
        kept.replica.change(log.page(kept.replica.position(), 1))
        position = kept.replica.position()
        assert (position.cursor, position.chain) == (1, log.entries[0].chain)
        pulled(kept, log)
        assert kept.replica.checksum() == (2, checksum_of((e.chain, e.payload) for e in log.entries))

    def test_a_page_without_entries_moves_the_cursor(self, kept: Kept, log: HubLog) -> None:
        log.by_another(opened("a", restricted="vip").event, A)
        pulled(kept, log)
        assert kept.replica.position().cursor == 1
        assert kept.view(A) == []

    @pytest.mark.parametrize("of", ["hub_id", "epoch", "cursor", "scopever"])
    def test_a_page_for_another_position_is_dropped(self, kept: Kept, log: HubLog, of: str) -> None:
        log.by_another(opened("a").event, A)
        page = log.page(kept.replica.position())
        other = msgspec.structs.replace(page.basis, **{of: "another" if of == "hub_id" else 5})
        kept.replica.change(msgspec.structs.replace(page, basis=other))
        assert kept.replica.position().cursor == 0
        assert kept.view(A) == []

    def test_a_page_that_comes_twice_counts_once(self, kept: Kept, log: HubLog) -> None:
        log.by_another(opened("a").event, A)
        page = log.page(kept.replica.position())
        kept.replica.change(page)
        kept.replica.change(page)
        assert kept.replica.checksum()[0] == 1

    def test_bulk_pages_and_a_last_one_leave_what_single_ones_would(self, kept: Kept, log: HubLog) -> None:
        for number in range(6):
            log.by_another(opened(f"t{number}").event, ticket_stream(f"t{number}"))
        while (position := kept.replica.position()).cursor < 4:
            kept.replica.change(log.page(position, 2, bulk=True))
        pulled(kept, log)
        assert kept.replica.checksum() == (6, checksum_of((e.chain, e.payload) for e in log.entries))
        assert len(kept.view(ticket_stream("t0"))) == len(kept.view(ticket_stream("t5"))) == 1

    def test_a_redaction_takes_the_text_and_leaves_the_envelope(self, kept: Kept, log: HubLog) -> None:
        mine = [opened("a"), sent("a", "The password is hunter2")]
        kept.record(*mine)
        pushed(kept, log)
        pulled(kept, log)
        redaction = log.by_another(ev.EntryRedacted(entry=mine[1].id), A)
        pulled(kept, log)
        log.redact(mine[1].id, redaction)
        assert kept.replica.checksum() == (3, checksum_of((e.chain, e.payload) for e in log.entries))
        assert kept.view(A)[1] == (mine[1].id, False)

    # The log becomes another one

    def test_a_hub_that_lost_own_entries_is_offered_them_again(self, kept: Kept, log: HubLog) -> None:
        mine = [opened("a"), received("a", "Hi"), sent("a", "Hello")]
        for each in mine:
            kept.record(each)
        pushed(kept, log)
        kept.replica.change(OfferAgain(device="ana-1", above_dseq=1))
        assert [offer.id for offer in offered(kept).events] == [each.id for each in mine[1:]]
        assert offered(kept).base_dseq == 1
        kept.replica.change(OfferAgain(device="another", above_dseq=0))
        assert kept.replica.outbox().new == 2

    def test_an_older_state_of_the_hub_cuts_the_log_and_offers_own_entries_again(self, kept: Kept, log: HubLog) -> None:
        first, second = opened("a"), received("a", "Hi")
        kept.record(first)
        pushed(kept, log)
        theirs = log.by_another(received("a", "Lost").event, A)
        kept.record(second)
        pushed(kept, log)
        pulled(kept, log)
        assert kept.view(A) == [(first.id, False), (theirs.id, False), (second.id, False)]
        kept.replica.change(log.restored(1))
        position = kept.replica.position()
        assert (position.epoch, position.cursor, position.chain) == (2, 1, log.chain_at(1))
        assert kept.view(A) == [(first.id, False), (second.id, True)]
        assert [offer.id for offer in offered(kept).events] == [second.id]
        pushed(kept, log)
        pulled(kept, log)
        assert kept.view(A) == confirmed(first, second)

    def test_a_void_act_beyond_the_fork_is_decided_again(self, kept: Kept, log: HubLog) -> None:
        kept.record(opened("a"))
        pushed(kept, log)
        taking = fact(ev.TicketAssigned(to="Ana"), "a", expect="unassigned")
        kept.record(taking)
        pushed(kept, log, effect="void: Not taken.")
        kept.replica.change(log.restored(1))
        assert kept.state(taking.id) == "new"
        assert (taking.id, True) in kept.view(A)

    def test_an_epoch_that_is_not_newer_or_of_another_hub_is_dropped(self, kept: Kept, log: HubLog) -> None:
        log.by_another(opened("a").event, A)
        pulled(kept, log)
        entering = log.restored(0)
        kept.replica.change(msgspec.structs.replace(entering, epoch=1))
        kept.replica.change(msgspec.structs.replace(entering, hub_id="another"))
        assert (kept.replica.position().epoch, kept.replica.position().cursor) == (1, 1)

    def test_a_fork_ahead_of_the_cursor_changes_the_epoch_alone(self, kept: Kept, log: HubLog) -> None:
        for name in ("a", "b"):
            log.by_another(opened(name).event, ticket_stream(name))
        kept.replica.change(log.page(kept.replica.position(), 1))
        chain = kept.replica.position().chain
        kept.replica.change(log.restored(2))
        position = kept.replica.position()
        assert (position.epoch, position.cursor, position.chain) == (2, 1, chain)

    def test_a_reload_empties_the_log_and_loses_nothing_of_ones_own(self, kept: Kept, log: HubLog) -> None:
        mine, late = opened("a"), sent("a", "Hello")
        kept.record(mine)
        pushed(kept, log)
        log.by_another(received("a", "Hi").event, A)
        pulled(kept, log)
        kept.record(late)
        kept.replica.change(Reload(basis=basis(kept.replica.position())))
        assert (kept.replica.position().cursor, kept.replica.position().chain) == (0, GENESIS)
        assert kept.replica.checksum() == (0, checksum_of([]))
        assert kept.view(A) == waiting(mine, late)
        pushed(kept, log)
        pulled(kept, log)
        assert [name for name, _ in kept.view(A)] == [entry.id for entry in log.entries]
        assert kept.replica.outbox() == Outbox()

    def test_a_reload_for_another_position_is_dropped(self, kept: Kept, log: HubLog) -> None:
        before = basis(kept.replica.position())
        log.by_another(opened("a").event, A)
        pulled(kept, log)
        kept.replica.change(Reload(basis=before))
        assert kept.replica.position().cursor == 1

    # Scopes

    def test_what_is_seen_no_more_goes_and_what_is_seen_newly_comes(self, kept: Kept, log: HubLog) -> None:
        log.by_another(opened("a").event, A)
        vip = log.by_another(opened("b", restricted="vip").event, B)
        pulled(kept, log)
        here = basis(kept.replica.position())
        kept.replica.change(ChangeScopes(basis=here, scopever=2, scopes=("restricted:vip",), gained=(vip,)))
        position = kept.replica.position()
        assert (position.scopever, position.scopes, position.cursor) == (2, ("restricted:vip",), 2)
        assert (kept.view(A), kept.view(B)) == ([], [(vip.id, False)])
        assert kept.replica.checksum() == (1, checksum_of([(vip.chain, vip.payload)]))

    def test_entries_that_come_again_with_a_wider_scope_count_once(self, kept: Kept, log: HubLog) -> None:
        theirs = log.by_another(opened("a").event, A)
        pulled(kept, log)
        scopes = (*SCOPES, "restricted:vip")
        here = basis(kept.replica.position())
        kept.replica.change(ChangeScopes(basis=here, scopever=2, scopes=scopes, gained=(theirs,)))
        assert kept.view(A) == [(theirs.id, False)]

    def test_scopes_for_another_position_are_not_taken(self, kept: Kept, log: HubLog) -> None:
        before = basis(kept.replica.position())
        log.by_another(opened("a").event, A)
        pulled(kept, log)
        kept.replica.change(ChangeScopes(basis=before, scopever=2, scopes=()))
        assert kept.replica.position().scopes == SCOPES
        assert len(kept.view(A)) == 1

    def test_own_entries_outlive_the_scope_that_they_are_in(self, kept: Kept, log: HubLog) -> None:
        log.by_another(opened("a").event, A)
        pulled(kept, log)
        mine = sent("a", "Hello")
        kept.record(mine)
        here = basis(kept.replica.position())
        kept.replica.change(ChangeScopes(basis=here, scopever=2, scopes=("accounts",)))
        assert [offer.id for offer in offered(kept).events] == [mine.id]

    # Devices

    def test_a_new_device_numbers_what_waits_from_one(self, kept: Kept, log: HubLog) -> None:
        acked, first, second = opened("a"), received("a", "Hi"), sent("a", "Hello")
        kept.record(acked)
        pushed(kept, log)
        kept.record(first)
        kept.record(second)
        kept.replica.change(TakeDevice(old="another", device="ana-2"))
        assert kept.replica.position().device == "ana-1"
        kept.replica.change(TakeDevice(old="ana-1", device="ana-2"))
        offering = offered(kept)
        assert [(o.id, o.device, o.dseq) for o in offering.events] == [(first.id, "ana-2", 1), (second.id, "ana-2", 2)]
        assert (offering.base_dseq, kept.replica.position().device) == (0, "ana-2")
        assert kept.view(A) == waiting(acked, first, second)
        third = sent("a", "More")
        kept.record(third)
        assert offered(kept).events[-1].dseq == 3

    def test_what_an_old_device_had_at_a_hub_that_lost_it_travels_under_the_new_one(
        self, kept: Kept, log: HubLog
    ) -> None:
        old, new = opened("a"), received("a", "Hi")
        kept.record(old)
        pushed(kept, log)
        kept.replica.change(TakeDevice(old="ana-1", device="ana-2"))
        kept.record(new)
        kept.replica.change(log.restored(0))
        events = offered(kept).events
        assert [(o.id, o.device) for o in events] == [(old.id, "ana-2"), (new.id, "ana-2")]
        assert events[0].dseq < events[1].dseq

    def test_what_is_offered_again_travels_in_the_order_in_which_it_was_made(self, kept: Kept) -> None:
        """The older one was numbered anew, under the id that the younger one has already."""
        older, younger = opened("a"), received("a", "Hi")
        kept.record(older)
        kept.replica.change(_recorded(older, seq=9))
        kept.replica.change(TakeDevice(old="ana-1", device="ana-2"))
        kept.record(younger)
        kept.replica.change(_recorded(younger, seq=3))
        kept.replica.change(EnterEpoch(hub_id=HUB, epoch=2, fork_seq=5, fork_chain=GENESIS))
        assert [event.id for event in offered(kept).events] == [older.id]
        kept.replica.change(EnterEpoch(hub_id=HUB, epoch=3, fork_seq=0, fork_chain=GENESIS))
        events = offered(kept).events
        assert [event.id for event in events] == [older.id, younger.id]
        assert events[0].dseq < events[1].dseq

    def test_no_part_of_an_act_that_the_log_has_stays_refused(self, kept: Kept, log: HubLog) -> None:
        """A hub had refused it, and was restored to a state in which it has it; the page ends within the act."""
        first, second = of_act(opened("a"), received("a", "Hi"))
        kept.record(first, second)
        given = offered(kept).events
        kept.replica.change(log.refusals([first.id, second.id], "Not allowed."))
        log.take(*given)
        kept.replica.change(log.page(kept.replica.position(), 1))
        assert (kept.state(first.id), kept.state(second.id)) == ("acked", "new")
        assert kept.view(A) == [*confirmed(first), *waiting(second)]
        assert [event.id for event in offered(kept).events] == [second.id]

    def test_a_revoked_device_keeps_only_what_the_hub_does_not_have(self, kept: Kept, log: HubLog) -> None:
        acked, refused, mine = opened("a"), received("a", "No"), sent("a", "Hello")
        kept.record(acked)
        pushed(kept, log)
        pulled(kept, log)
        kept.record(refused)
        kept.replica.change(log.refusals([refused.id], "Not allowed."))
        kept.record(mine)
        kept.replica.change(Forget())
        assert kept.replica.checksum() == (0, checksum_of([]))
        assert [kept.state(each.id) for each in (acked, refused, mine)] == [None, "refused", "new"]
        assert kept.view(A) == waiting(mine)
        assert kept.replica.position().cursor == 0

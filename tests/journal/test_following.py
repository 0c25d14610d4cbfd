"""A workspace that follows a hub: what is recorded shows at once, and becomes what the hub made of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.events import PENDING_SEQ, Offered, imported_id
from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import View
from console.domain.stamp import GENESIS
from console.domain.ticket import ruling
from console.journal import first_look, refold
from console.journal.errors import IdReuse, JournalError
from console.journal.replica import ChangeScopes, Join, TakePage
from console.journal.states import States
from console.journal.store import Journal

from .facts import HOUR, MONDAY, allow, dump, fact, new_id, of_act, opened, purchase, received, sent, started, write
from .hub_log import HUB, HubLog, basis, pulled, pushed

ME = {"url": "https://hub.example", "person": "Ana", "role": "engineer", "device": "ana-1"}


class AtHub:
    """Ana's workspace and the hub's log."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.log = HubLog()
        journal.follow(**ME)
        journal.replica.change(self.log.join())

    @property
    def replica(self) -> object:
        return self.journal.replica

    def sync(self) -> None:
        pushed(self, self.log)  # type: ignore[arg-type]
        pulled(self, self.log)  # type: ignore[arg-type]

    def pull(self) -> None:
        pulled(self, self.log)  # type: ignore[arg-type]

    def push(self, effect: str = "applied") -> None:
        pushed(self, self.log, effect=effect)  # type: ignore[arg-type]


@pytest.fixture
def at_hub(journal: Journal) -> AtHub:
    return AtHub(journal)


# How it begins


def test_a_workspace_without_a_hub_says_so(journal: Journal) -> None:
    assert not journal.is_connected
    assert journal.replica.hub() is None
    with pytest.raises(JournalError, match="follows no hub"):
        journal.replica.change(Join(hub_id=HUB, epoch=1, scopever=1, scopes=()))


def test_what_is_known_of_the_hub_is_kept(at_hub: AtHub, path: Path, history: GuidelinesHistory) -> None:
    at_hub.journal.replica.heard(role="lead", skew_ms=-1_500)
    at_hub.journal.close()
    with Journal.open(path, history=history, now_ms=MONDAY) as again:
        hub = again.replica.hub()
        assert again.is_connected
        assert again.device == "ana-1"
    assert hub is not None
    assert (hub.url, hub.hub_id, hub.person, hub.role, hub.skew_ms) == (ME["url"], HUB, "Ana", "lead", -1_500)


def test_a_log_of_ones_own_does_not_become_a_copy_of_the_hubs(journal: Journal) -> None:
    write(journal, opened("a"))
    with pytest.raises(JournalError, match="have to be taken into a fresh one"):
        journal.follow(**ME)
    assert not journal.is_connected


def test_signing_in_again_keeps_what_waits_under_the_new_device(at_hub: AtHub) -> None:
    write(at_hub.journal, opened("a"), received("a", "Hi"))
    at_hub.journal.follow(**{**ME, "device": "ana-2"})
    offering = at_hub.journal.replica.offering(max_events=9, max_bytes=10**6)
    assert offering is not None
    assert [(o.device, o.dseq) for o in offering.events] == [("ana-2", 1), ("ana-2", 2)]
    assert at_hub.journal.device == "ana-2"


def test_another_person_needs_another_workspace(at_hub: AtHub) -> None:
    write(at_hub.journal, opened("a"))
    with pytest.raises(JournalError, match="belongs to Ana at the hub; use another one for Ben"):
        at_hub.journal.follow(**{**ME, "person": "Ben"})


# What is recorded


def test_an_own_entry_comes_back_with_the_guess_of_a_stamp(at_hub: AtHub) -> None:
    journal = at_hub.journal
    recorded = journal.record([opened("a"), received("a", "Hi")], actor="?", now_ms=MONDAY + HOUR, decide=allow)
    assert list(recorded.entries) == journal.entries("ticket:a")
    first, second = recorded.entries
    assert [e.seq for e in recorded.entries] == [PENDING_SEQ + 1, PENDING_SEQ + 2]
    assert (first.number, first.chain, first.effect, first.epoch) == (None, b"", "applied", 1)
    assert (first.actor, first.scope, first.device, first.dseq) == ("Ana", "desk", "ana-1", 1)
    assert (second.recorded_at, second.counts_at) == (MONDAY + HOUR, MONDAY)
    assert journal.entry(second.id) == second
    assert journal.head().seq == 0


def test_a_restricted_ticket_is_in_its_circle_from_the_first_entry_on(at_hub: AtHub) -> None:
    write(at_hub.journal, opened("a", restricted="vip"))
    write(at_hub.journal, received("a", "Hi"))
    assert {entry.scope for entry in at_hub.journal.entries("ticket:a")} == {"restricted:vip"}


def test_the_decision_sees_what_waits(at_hub: AtHub) -> None:
    journal = at_hub.journal
    write(journal, opened("a"), fact(ev.TicketAssigned(to="Ben"), "a"))

    def judged(states: States, offers: Sequence[Offered]) -> str | None:
        return ruling(states.tickets[offers[0].stream], offers[0])

    taking = fact(ev.TicketAssigned(to="Ana"), "a", expect="unassigned")
    recorded = journal.record([taking], actor="Ana", now_ms=MONDAY, decide=judged)
    assert recorded.refused == "Not taken: Ben had it already."
    assert journal.replica.outbox().new == 2


def test_known_entries_are_answered_as_they_stand_whatever_became_of_them(at_hub: AtHub) -> None:
    journal, log = at_hub.journal, at_hub.log
    confirmed, refused, new = opened("a"), received("a", "No"), sent("a", "Hello")
    write(journal, confirmed)
    at_hub.sync()
    write(journal, refused)
    journal.replica.change(log.refusals([refused.id], "Not allowed."))
    write(journal, new)
    again = journal.record([confirmed, refused, new], actor="Ana", now_ms=MONDAY + HOUR, decide=allow)
    assert [entry.pending for entry in again.entries] == [False, True, True]
    assert journal.replica.outbox().new == 1
    with pytest.raises(IdReuse):
        write(journal, msgspec.structs.replace(sent("a", "Other"), id=new.id))


def test_an_import_waits_as_well_and_counts_at_its_own_instants(at_hub: AtHub) -> None:
    journal = at_hub.journal
    first = fact(opened("a").event, "a", at=MONDAY, id=imported_id("x", "1"))
    early = fact(received("a", "Before").event, "a", at=MONDAY - HOUR, id=imported_id("x", "2"))
    assert journal.record_imported([[first, early]], now_ms=MONDAY + HOUR) == [["taken", "taken"]]
    assert journal.record_imported([[first, early]], now_ms=MONDAY + HOUR) == [["repeated", "repeated"]]
    assert [entry.counts_at for entry in journal.entries("ticket:a")] == [MONDAY, MONDAY]
    at_hub.sync()
    assert [entry.counts_at for entry in journal.entries("ticket:a")] == [MONDAY, MONDAY]
    assert journal.record_imported([[first]], now_ms=MONDAY + HOUR) == [["repeated"]]


def test_entries_of_another_workspace_are_adopted_in_their_order_under_this_device(at_hub: AtHub) -> None:
    journal = at_hub.journal
    act = of_act(opened("b"), fact(ev.TicketMerged(into="b"), "a"))
    theirs = [msgspec.structs.replace(o, device="old", dseq=9) for o in (opened("a"), *act)]
    assert journal.adopt(theirs, now_ms=MONDAY) == 3
    assert journal.adopt(theirs, now_ms=MONDAY) == 0
    assert journal.stale(journal.history), "the read models wait"
    journal.replica.finish_bulk()
    assert not journal.stale(journal.history)
    assert journal.counts(me="Ana", now=MONDAY)[View.ALL_OPEN] == 1
    offering = journal.replica.offering(max_events=9, max_bytes=10**6)
    assert offering is not None
    assert [(o.id, o.dseq, o.adopted) for o in offering.events] == [
        (theirs[0].id, 1, True),
        (theirs[1].id, 2, True),
        (theirs[2].id, 3, True),
    ]


# What is shown


def test_a_ticket_opened_offline_is_new_until_the_hub_gives_it_a_number(at_hub: AtHub) -> None:
    journal = at_hub.journal
    write(journal, opened("a", "Cannot print"), received("a", "Toner"))
    row, rowid = journal.ticket_row("a"), journal.rowid("a")
    assert row is not None
    assert (row.number, rowid) == (None, PENDING_SEQ + 1)
    assert list(journal.order(View.ALL_OPEN, me="Ana", now=MONDAY)[0]) == [rowid]
    assert [hit.ticket for hit in journal.search("toner")] == ["a"]
    at_hub.sync()
    assert journal.rowid("a") == 1
    assert [r.number for r in journal.rows([1])] == [10_001]
    assert list(journal.order(View.ALL_OPEN, me="Ana", now=MONDAY)[0]) == [1]
    assert [row.ticket for row in journal.candidates("10001")] == ["a"]
    assert [(hit.ticket, hit.number) for hit in journal.search("toner")] == [("a", 10_001)]


def test_confirmed_entries_fold_below_what_waits(at_hub: AtHub) -> None:
    journal, log = at_hub.journal, at_hub.log
    log.by_another(opened("a").event, "ticket:a")
    at_hub.pull()
    write(journal, fact(ev.ImpactSet(impact="urgent"), "a"))
    log.by_another(ev.ImpactSet(impact="low"), "ticket:a")
    at_hub.pull()
    row = journal.ticket_row("a")
    assert row is not None
    assert row.impact == "urgent"
    at_hub.push(effect="void: No.")
    row = journal.ticket_row("a")
    assert row is not None
    assert row.impact == "low"


def test_a_refused_opening_leaves_no_ticket_behind(at_hub: AtHub) -> None:
    journal = at_hub.journal
    mine = opened("a", "Cannot print")
    write(journal, mine)
    journal.replica.change(at_hub.log.refusals([mine.id], "Not allowed."))
    assert journal.ticket_row("a") is None
    assert journal.search("print") == []
    assert journal.counts(me="Ana", now=MONDAY)[View.ALL_OPEN] == 0


def test_every_stream_is_read_with_what_waits_in_it(at_hub: AtHub) -> None:
    journal, log = at_hub.journal, at_hub.log
    for name in ("b", "d"):
        log.by_another(opened(name).event, f"ticket:{name}")
    at_hub.pull()
    write(journal, opened("a"), received("b", "Hi"), opened("c"), opened("e", at=MONDAY + HOUR))
    found = {stream: [entry.pending for entry in entries] for stream, entries in journal.all_streams()}
    assert found == {
        "ticket:a": [True],
        "ticket:b": [False, True],
        "ticket:c": [True],
        "ticket:d": [False],
        "ticket:e": [True],
    }
    assert list(found) == sorted(found)
    assert "ticket:e" not in dict(journal.all_streams(as_of=MONDAY + 60_000))


def test_a_reading_of_all_streams_is_of_one_view_while_the_log_is_read_further(at_hub: AtHub) -> None:
    journal = at_hub.journal
    write(journal, opened("a"), opened("b"))
    streams = journal.all_streams()
    assert next(streams)[0] == "ticket:a"
    write(journal, opened("c"))
    at_hub.sync()
    assert [stream for stream, _ in streams] == ["ticket:b"]


def test_a_redacted_text_is_gone_from_the_file(at_hub: AtHub, path: Path) -> None:
    journal, log = at_hub.journal, at_hub.log
    secret = sent("a", "The password is Zugspitze")
    write(journal, opened("a"), secret)
    at_hub.sync()
    assert len(journal.search("zugspitze")) == 1
    log.by_another(ev.EntryRedacted(entry=secret.id), "ticket:a")
    at_hub.pull()
    assert journal.search("zugspitze") == []
    shown = journal.entry(secret.id)
    assert shown is not None
    assert shown.event == ev.MessageSent(body="Redacted", public=True)
    assert journal.check() == []
    journal.close()
    assert b"zugspitze" not in path.read_bytes().lower()


def test_the_log_of_a_hub_may_have_gaps_but_no_entry_that_is_not_itself(at_hub: AtHub) -> None:
    journal, log = at_hub.journal, at_hub.log
    log.by_another(opened("z", restricted="vip").event, "ticket:z")
    log.by_another(opened("a").event, "ticket:a")
    at_hub.pull()
    assert journal.check() == []
    with journal._database.write() as connection:
        connection.exec_driver_sql("UPDATE entries SET at = at + 1")
    assert journal.check() == ["Entry 2 is not what was recorded."]


# The version of a Pro stream


def test_the_version_of_a_pro_stream_changes_with_whatever_changes_in_it(at_hub: AtHub) -> None:
    journal, log = at_hub.journal, at_hub.log
    seen: list[int] = []

    def looked() -> int:
        version = journal.pro_streams()["pro:harbour"]
        assert version > 0
        if not seen or seen[-1] != version:
            seen.append(version)
        return len(seen)

    write(journal, purchase("P-1", "a"))
    assert looked() == 1
    work = started("a")
    write(journal, work)
    assert looked() == 2
    log.by_another(pe.EngagementOpened(ticket="a"), "pro:harbour")
    at_hub.pull()
    assert looked() == 3, "an entry came below what waits"
    at_hub.push()
    assert looked() == 3, "acked entries show as before"
    at_hub.pull()
    assert looked() == 4
    journal.replica.change(log.restored(1))
    assert looked() == 5
    at_hub.sync()
    assert looked() == 6
    assert len(set(seen)) == len(seen)


def test_a_running_segment_that_waits_is_known(at_hub: AtHub) -> None:
    write(at_hub.journal, purchase("P-1", "a"), started("a"))
    assert [running.device for running in at_hub.journal.pro_running()] == ["ana-1"]
    at_hub.sync()
    assert [running.device for running in at_hub.journal.pro_running()] == ["ana-1"]


# Loading


def test_while_a_load_is_under_way_the_read_models_are_behind_and_say_so(
    at_hub: AtHub, path: Path, history: GuidelinesHistory
) -> None:
    journal, log = at_hub.journal, at_hub.log
    for number in range(4):
        log.by_another(opened(f"t{number}").event, f"ticket:t{number}")
    journal.replica.change(log.page(journal.replica.position(), 2, bulk=True))
    assert journal.stale(history)
    assert journal.counts(me="Ana", now=MONDAY)[View.ALL_OPEN] == 0
    journal.close()
    look = first_look.look(path, View.ALL_OPEN, guidelines=history.digest, me="Ana", now=MONDAY, first=9)
    assert look is None, "half a queue is not shown"
    with Journal.open(path, history=history, now_ms=MONDAY) as again:
        again.replica.finish_bulk()
        assert again.counts(me="Ana", now=MONDAY)[View.ALL_OPEN] == 2
        again.replica.change(log.page(again.replica.position()))
        assert again.counts(me="Ana", now=MONDAY)[View.ALL_OPEN] == 4
        assert not again.stale(history)


def test_a_load_is_folded_in_steps_and_others_write_in_between(
    at_hub: AtHub, path: Path, history: GuidelinesHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refold, "STEP_ENTRIES", 2)
    journal, log = at_hub.journal, at_hub.log
    write(journal, *(opened(f"mine{number}", "Waits here") for number in range(3)))
    gone = opened("gone", "Recorded, and out of sight by now")
    write(journal, gone)
    journal.replica.change(log.verdicts(log.take(gone)))
    for number in range(7):
        log.by_another(opened(f"t{number}", "From the hub").event, f"ticket:t{number}")
        log.by_another(sent(f"t{number}", "Which pools loop?").event, f"ticket:t{number}")
    log.entries = [entry for entry in log.entries if entry.stream != "ticket:gone"]
    position = journal.replica.position()
    end = log.entries[-1]
    journal.replica.change(
        TakePage(basis=basis(position), entries=tuple(log.entries), next=end.seq, chain=end.chain, bulk=True)
    )
    before, after, steps = journal.data_version(), "", 0
    while (reached := journal.replica.fold_behind(after)) is not None:
        assert reached > after
        assert journal.stale(history)
        after, steps = reached, steps + 1
        write(journal, sent(f"t{steps % 7}", f"Written in between, {steps}"), opened(f"new{steps}"))
    assert steps > 5
    assert journal.data_version() > before
    assert not journal.stale(history)
    assert journal.rowid("gone") is None
    folded = dump(path)
    journal.rebuild(history)
    assert dump(path) == folded


def test_where_nothing_is_behind_nothing_is_folded(at_hub: AtHub) -> None:
    before = at_hub.journal.data_version()
    assert at_hub.journal.replica.fold_behind("") is None
    assert at_hub.journal.data_version() == before


def test_a_workspace_in_which_only_own_entries_wait_is_not_pristine(
    at_hub: AtHub, path: Path, history: GuidelinesHistory
) -> None:
    assert at_hub.journal.is_empty()
    write(at_hub.journal, opened("a"))
    assert not at_hub.journal.is_empty()
    at_hub.journal.close()
    look = first_look.look(path, View.ALL_OPEN, guidelines=history.digest, me="Ana", now=MONDAY, first=9)
    assert look is not None
    assert not look.pristine
    assert [row.ticket for row in look.rows] == ["a"]


# What goes


def test_a_lost_scope_takes_rows_words_and_drafts_with_it(at_hub: AtHub, path: Path) -> None:
    journal, log = at_hub.journal, at_hub.log
    log.by_another(opened("a", "Zugspitze").event, "ticket:a")
    log.by_another(purchase("P-1", "a").event, "pro:harbour")
    at_hub.pull()
    journal.save_draft("a", "reply", "Dear", now_ms=MONDAY)
    here = basis(journal.replica.position())
    journal.replica.change(ChangeScopes(basis=here, scopever=2, scopes=("accounts", "pro:*")))
    assert journal.ticket_row("a") is None
    assert journal.search("zugspitze") == []
    assert journal.load_drafts("a") == {}
    assert list(journal.pro_streams()) == ["pro:harbour"]
    journal.replica.change(ChangeScopes(basis=basis(journal.replica.position()), scopever=3, scopes=("accounts",)))
    assert journal.pro_streams() == {}
    assert (journal.pro_lot("P-1"), journal.pro_stream("a")) == (None, None)
    journal.close()
    assert b"zugspitze" not in path.read_bytes().lower()


def test_own_copies_go_90_days_after_the_hub_took_them(at_hub: AtHub) -> None:
    journal, log = at_hub.journal, at_hub.log
    days = 24 * HOUR
    write(journal, opened("a"))
    journal.replica.now = lambda: MONDAY
    at_hub.sync()
    refused = received("a", "No")
    write(journal, refused)
    journal.replica.change(log.refusals([refused.id], "Not allowed."))

    def own_after(ms: int) -> int:
        journal.replica.now = lambda: MONDAY + ms
        log.by_another(received("a", "Hi").event, "ticket:a")
        at_hub.pull()
        with journal._database.read() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM own_entries").scalar_one())

    assert own_after(90 * days) == 2
    assert own_after(90 * days + 1) == 1
    assert [own.offered.id for own in journal.own.refused()] == [refused.id]


def test_own_copies_of_an_act_go_together(at_hub: AtHub) -> None:
    """A hub that is restored later is offered the whole act or nothing of it."""
    journal, log = at_hub.journal, at_hub.log
    days = 24 * HOUR
    write(journal, *of_act(opened("a"), received("a", "Hi")))
    journal.replica.now = lambda: MONDAY
    at_hub.sync()
    with journal._database.write() as connection:  # the answer that named the second one came a day later
        connection.exec_driver_sql("UPDATE own_entries SET acked_at = ? WHERE place = 2", (MONDAY + days,))

    def own_after(ms: int) -> int:
        journal.replica.now = lambda: MONDAY + ms
        log.by_another(received("a", "And?").event, "ticket:a")
        at_hub.pull()
        with journal._database.read() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM own_entries").scalar_one())

    assert own_after(90 * days + 1) == 2
    assert own_after(91 * days + 1) == 0


def test_whatever_was_read_the_head_is_the_cursor(at_hub: AtHub) -> None:
    at_hub.log.by_another(opened("a").event, "ticket:a")
    assert (at_hub.journal.head().seq, at_hub.journal.head().chain) == (0, GENESIS)
    at_hub.pull()
    assert (at_hub.journal.head().seq, at_hub.journal.head().chain) == (1, at_hub.log.chain_at(1))


def test_a_life_at_a_hub_leaves_what_a_rebuild_makes(at_hub: AtHub, path: Path) -> None:
    journal, log = at_hub.journal, at_hub.log
    write(journal, opened("a"), opened("b"), purchase("P-1", "a"), started("a"))
    at_hub.push()
    log.by_another(received("a", "Hi").event, "ticket:a")
    write(journal, sent("a", "Hello"), fact(ev.EntryRedacted(entry=new_id()), "b"))
    at_hub.pull()
    written = dump(path)
    journal.rebuild(journal.history)
    assert dump(path) == written


# What is asked after every step


def test_how_many_wait_costs_the_same_however_many_there_are(at_hub: AtHub) -> None:
    journal = at_hub.journal
    dbapi: Any = journal._database.reader.connection.driver_connection
    steps = 0

    def counted() -> int:
        nonlocal steps
        steps += 1
        return 0

    def cost() -> int:
        nonlocal steps
        steps = 0
        dbapi.set_progress_handler(counted, 1)
        journal.replica.outbox()
        dbapi.set_progress_handler(None, 1)
        return steps

    write(journal, opened("a"))
    for_one = cost()
    write(journal, *(sent("a", f"Reply {number}") for number in range(300)))
    assert journal.replica.outbox().new == 301
    assert cost() <= for_one

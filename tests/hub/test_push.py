"""The push transaction: each event enters once, and its verdict never changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.events import imported_id, ticket_stream
from console.hub.errors import Conflicted, MalformedRequest, NotSignedIn
from console.hub.log import HubLog
from console.hub.people import People
from console.hub.verify import verify

from .facts import MINUTE, MONDAY, Clock, Workstation, new_id, opened, sent

Join = Callable[..., Workstation]


@pytest.fixture
def join(log: HubLog, people: People) -> Join:
    return lambda *asked, **more: Workstation(log, people, *asked, **more)


@pytest.fixture
def ana(join: Join) -> Workstation:
    return join("Ana")


def test_a_pushed_event_comes_back_with_its_stamp(ana: Workstation, clock: Clock) -> None:
    clock.now = MONDAY + MINUTE
    offered = ana.write(opened("Printer on fire"))
    (verdict,) = ana.push(offered).verdicts
    (entry,) = ana.pull()
    assert (verdict.outcome, verdict.seq, verdict.number) == ("recorded", 1, 10_001)
    assert (entry.id, entry.seq, entry.actor, entry.scope) == (offered.id, 1, "Ana", "desk")
    assert (entry.recorded_at, entry.counts_at, entry.number) == (MONDAY + MINUTE, MONDAY + MINUTE, 10_001)
    assert bytes(entry.payload) == offered.payload


def test_the_same_push_again_gives_the_same_verdicts_and_records_nothing(ana: Workstation, log: HubLog) -> None:
    events = [ana.write(opened()), ana.write(opened())]
    first = ana.push(*events)
    assert ana.push(*events, base_dseq=0) == first
    assert log.head().seq == 2


def test_a_void_verdict_stays_when_it_is_asked_again(ana: Workstation, join: Join) -> None:
    ticket, ben = new_id(), join("Ben")
    ana.say(opened(), ticket)
    ana.say(ev.TicketAssigned(to="Ana"), ticket, expect="unassigned")
    late = ben.write(ev.TicketAssigned(to="Ben"), ticket, expect="unassigned")
    first = ben.push(late)
    assert first.verdicts[0].outcome == "recorded"
    assert first.verdicts[0].effect.startswith("void: ")
    ana.say(ev.TicketAssigned(to=None), ticket)
    assert ben.push(late, base_dseq=0).verdicts == first.verdicts


def test_a_refused_verdict_stays_though_the_event_would_be_allowed_by_now(
    ana: Workstation, people: People, log: HubLog
) -> None:
    secret = ana.write(opened(restricted="legal"))
    first = ana.push(secret)
    assert first.verdicts[0].outcome == "refused"
    assert log.head().seq == 0
    people.grant("Ana", "restricted:legal")
    assert ana.push(secret, base_dseq=0) == first


def test_a_refused_event_moves_the_device_on(ana: Workstation) -> None:
    ana.push(ana.write(sent("to nobody"), new_id()))
    assert ana.push(ana.write(opened())).verdicts[0].outcome == "recorded"


def test_an_id_with_other_content_is_refused_and_the_first_stays(ana: Workstation) -> None:
    ticket = new_id()
    first = ana.write(opened("one"), ticket)
    ana.push(first)
    other = ana.write(opened("two"), ticket, id=first.id)
    (verdict,) = ana.push(other).verdicts
    assert (verdict.outcome, verdict.reason) == ("refused", "Its id is known already with other content.")
    assert [bytes(entry.payload) for entry in ana.pull()] == [first.payload]


def test_an_id_that_is_used_twice_in_a_push_leaves_the_words_of_the_first(
    ana: Workstation, log: HubLog, url: str
) -> None:
    ticket = new_id()
    first = ana.write(opened("apples"), ticket)
    ana.push(first, ana.write(opened("pears"), ticket, id=first.id))
    assert [len(log.search(ana.author, word)) for word in ("apples", "pears")] == [1, 0]
    assert verify(url) == ()


def test_a_new_event_under_a_used_dseq_is_a_device_conflict(ana: Workstation, log: HubLog) -> None:
    ana.push(ana.write(opened()))
    ana.dseq = 0  # as the clone of a workstation counts
    pushed = ana.push(ana.write(opened()), base_dseq=0)
    assert [verdict.outcome for verdict in pushed.verdicts] == ["device_conflict"]
    assert log.head().seq == 1


def test_a_clone_goes_on_under_a_new_device(ana: Workstation, people: People) -> None:
    ana.push(ana.write(opened()))
    ana.device, ana.dseq, ana.answered = people.new_device(ana.author), 0, 0
    assert ana.push(ana.write(opened())).verdicts[0].outcome == "recorded"


def test_a_batch_above_what_the_hub_knows_is_a_gap(ana: Workstation, log: HubLog) -> None:
    ana.push(ana.write(opened()))
    ana.dseq = 7
    with pytest.raises(Conflicted) as caught:
        ana.push(ana.write(opened()), base_dseq=7)
    assert (caught.value.conflict.kind, caught.value.conflict.device_last) == ("gap", 1)
    assert log.head().seq == 1


def test_another_epoch_is_a_conflict_that_tells_the_fork(ana: Workstation) -> None:
    ana.epoch = 7
    with pytest.raises(Conflicted) as caught:
        ana.push(ana.write(opened()))
    conflict = caught.value.conflict
    assert conflict.kind == "epoch"
    assert conflict.welcome is not None
    assert (conflict.welcome.epoch, conflict.welcome.fork_seq) == (1, 0)


@pytest.mark.parametrize("base_dseq", [-1, 2, 2**60])
def test_a_batch_whose_dseq_do_not_rise_above_its_base_is_malformed(ana: Workstation, base_dseq: int) -> None:
    with pytest.raises(MalformedRequest):
        ana.push(ana.write(opened()), ana.write(opened()), base_dseq=base_dseq)


def test_a_batch_out_of_order_is_malformed(ana: Workstation) -> None:
    first, second = ana.write(opened()), ana.write(opened())
    with pytest.raises(MalformedRequest):
        ana.push(second, first)


def test_an_empty_batch_is_malformed(ana: Workstation, log: HubLog) -> None:
    with pytest.raises(MalformedRequest):
        log.push(ana.author, ana.asking([]))


def test_an_event_of_another_device_is_malformed(ana: Workstation, join: Join) -> None:
    with pytest.raises(MalformedRequest):
        ana.push(replace(ana.write(opened()), device=join("Ben").device))


def test_nobody_pushes_for_a_device_of_somebody_else(ana: Workstation, join: Join, log: HubLog) -> None:
    ben = join("Ben")
    with pytest.raises(NotSignedIn):
        log.push(ben.author, ana.asking([ana.write(opened())]))


def test_a_revoked_device_pushes_nothing(ana: Workstation, people: People, log: HubLog) -> None:
    author = ana.author
    people.revoke("Ana", ana.device)
    with pytest.raises(NotSignedIn):
        log.push(author, ana.asking([ana.write(opened())]))


def test_the_role_that_counts_is_the_one_at_acceptance(ana: Workstation, people: People, log: HubLog) -> None:
    author = ana.author
    people.set_role("Ana", "billing")
    (verdict,) = log.push(author, ana.asking([ana.write(opened())])).verdicts
    assert verdict.outcome == "refused"


def test_an_act_over_two_tickets_is_void_in_both(ana: Workstation) -> None:
    lost, into = new_id(), new_id()
    ana.push(ana.write(opened(), lost), ana.write(opened(), into))
    ana.say(ev.TicketSolved(), into)
    ana.say(ev.TicketClosed(), into)
    act = new_id()
    merged = ana.write(ev.TicketMerged(into=into), lost, act=act)
    told = ana.write(ev.TicketLinked(to=lost, relation="merged"), into, act=act)
    effects = {verdict.effect for verdict in ana.push(merged, told).verdicts}
    assert len(effects) == 1
    assert effects.pop().startswith("void: ")


def test_an_engineer_is_booked_once_over_all_accounts(ana: Workstation, join: Join) -> None:
    admin = join("Kim", "admin")
    for account in ("harbour", "acme"):
        ticket = new_id()
        admin.push(
            admin.write(
                pe.LotGranted(reason="trial", seconds=7200, period_end=MONDAY + 10_000 * MINUTE, ticket=ticket),
                stream=pe.pro_stream(account),
            ),
            admin.write(pe.EngagementOpened(ticket=ticket), stream=pe.pro_stream(account)),
        )
        slot = pe.SlotBooked(
            engagement=ticket,
            begins_at=MONDAY + 180 * MINUTE,
            ends_at=MONDAY + 240 * MINUTE,
            seconds=3600,
            engineer="Ana",
        )
        verdict = ana.push(ana.write(slot, stream=pe.pro_stream(account))).verdicts[0]
        assert verdict.outcome == "recorded"
        assert (verdict.effect == "applied") == (account == "harbour"), verdict


def test_a_redacted_message_loses_its_words_everywhere(ana: Workstation, join: Join, log: HubLog) -> None:
    ticket, lead = new_id(), join("Lea", "lead")
    ana.say(opened(), ticket)
    file = ev.Attachment(name="passport.png", size=9, sha256="ab" * 32)
    message = ana.write(ev.MessageReceived(body="My password is hunter2", attachments=(file,)), ticket)
    ana.push(message)
    before = ana.pull()[-1]
    assert log.search(ana.author, "hunter2") != []
    assert log.sees_attachment(ana.author, file.sha256)
    assert lead.say(ev.EntryRedacted(entry=message.id), ticket).outcome == "recorded"
    entries = log.stream(ana.author, ticket_stream(ticket))
    assert entries is not None
    after = entries[1]
    assert bytes(after.payload) == b'{"body":"Redacted"}'
    assert (after.hash, after.chain) == (before.hash, before.chain)
    assert log.search(ana.author, "hunter2") == []
    assert not log.sees_attachment(ana.author, file.sha256)


def test_a_message_can_be_redacted_in_the_batch_that_brings_it(join: Join, log: HubLog) -> None:
    ticket, lead = new_id(), join("Lea", "lead")
    opening, message = lead.write(opened(), ticket), lead.write(sent("oh no"), ticket)
    lead.push(opening, message, lead.write(ev.EntryRedacted(entry=message.id), ticket))
    assert bytes(lead.pull()[1].payload) == b'{"body":"Redacted","public":true}'


def test_what_cannot_be_stored_is_refused_and_stays_refused(ana: Workstation, log: HubLog) -> None:
    strange = [
        ana.write(opened(), id="\x00 no id"),
        ana.write(opened(), id="x" * 100_000),
        ana.write(opened(), stream="ticket:\x00"),
        ana.write(sent("hello"), new_id(), expect="\x00"),
        ana.write(opened(), act="a" * 1000),
        ana.write(opened("x" * 70_000)),
        ana.write(opened(), at=2**62),
    ]
    first = ana.push(*strange)
    assert {verdict.outcome for verdict in first.verdicts} == {"refused"}
    assert ana.push(*strange, base_dseq=0) == first
    assert log.head().seq == 0


def test_words_that_postgresql_cannot_hold_are_recorded_as_they_came(ana: Workstation, log: HubLog) -> None:
    body = "before\x00after " + "x" * 5000
    ticket = new_id()
    ana.push(ana.write(opened("\x00"), ticket), ana.write(sent(body), ticket))
    assert b"before\\u0000after" in bytes(ana.pull()[1].payload)
    assert [hit.ticket for hit in log.search(ana.author, "before")] == [ticket]


def test_a_name_in_a_void_reason_cannot_break_the_log(ana: Workstation, join: Join) -> None:
    ticket = new_id()
    ana.push(ana.write(opened(), ticket), ana.write(ev.TicketAssigned(to="Zoë\x00"), ticket))
    verdict = ana.say(ev.TicketAssigned(to="Ana"), ticket, expect="unassigned")
    assert verdict.outcome == "recorded"
    assert verdict.effect.startswith("void: ")


def test_an_import_keeps_its_instants_and_opens_at_its_own(join: Join, log: HubLog) -> None:
    lead, ticket = join("Lea", "lead"), imported_id("test", "ticket", "1")
    lead.say(opened(), ticket, id=imported_id("test", "1"), at=1000)
    lead.say(sent("old answer"), ticket, id=imported_id("test", "2"), at=2000)
    assert [entry.counts_at for entry in lead.pull()] == [1000, 2000]


def test_the_instant_of_recording_never_falls(ana: Workstation, clock: Clock) -> None:
    ana.push(ana.write(opened()))
    clock.now -= MINUTE
    ana.push(ana.write(opened()))
    assert [entry.recorded_at for entry in ana.pull()] == [MONDAY, MONDAY]


def test_an_unknown_type_waits_for_a_newer_hub(ana: Workstation, log: HubLog) -> None:
    event = ev.UnknownEvent(name="ticket.teleported", raw=b'{"to":"Mars"}')
    before, newer, behind = ana.write(opened()), ana.write(event, new_id()), ana.write(opened())
    pushed = ana.push(before, newer, behind)
    assert [verdict.outcome for verdict in pushed.verdicts] == ["recorded", "retry_after_upgrade"]
    assert log.head().seq == 1

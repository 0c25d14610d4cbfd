"""Delivery with a real database and a real folder: each reply goes out once, or a person hears that nobody knows."""

from __future__ import annotations

import email
import email.policy
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from console.channels.file_drop import FileDrop
from console.channels.transport import Answer
from console.domain import events as ev
from console.domain.events import imported_id, ticket_stream
from console.hub import outbox
from console.hub.backup import backup, restore
from console.hub.database import service_engine
from console.hub.delivery import SERVICE, Delivery
from console.hub.errors import HubUnavailable
from console.hub.log import HubLog
from console.hub.outbox import DeliveryError
from console.hub.people import People
from console.wire.messages import entry_of, wire_event

from .dying import SENDER, CountedDrop, Dying, handed
from .facts import MINUTE, MONDAY, Clock, Workstation, new_id, opened, sent
from .running import until


class Post:
    """A team of one engineer, a folder, and the worker that sends."""

    def __init__(self, engine: Engine, log: HubLog, people: People, clock: Clock, folder: Path) -> None:
        self.engine = engine
        self.log = log
        self.people = people
        self.clock = clock
        self.drop = CountedDrop(folder)
        self.ana = Workstation(log, people, "Ana")
        self.worker = Delivery(engine, log, people, self.drop, sender=SENDER, clock=clock)
        self.work()

    def ticket(self, **fields: Any) -> str:
        ticket = new_id()
        assert self.ana.say(opened(**fields), ticket).outcome == "recorded"
        return ticket

    def reply(self, ticket: str, body: str = "Please try again.", **fields: Any) -> str:
        """The id of a recorded public reply."""
        said = self.ana.say(sent(body), ticket, **fields)
        assert said.outcome == "recorded"
        return said.id

    def work(self) -> None:
        """Until there is nothing more to do."""
        until(self._work)  # a process that was killed may still hold the lock for a moment

    def _work(self) -> bool:
        with self.worker.leading() as leader:
            while leader is not None and self.worker.turn(leader):
                pass
            return leader is not None

    def state(self, entry: str) -> outbox.Delivery:
        states = ("queued", "sending", "accepted", "failed", "uncertain", "cancelled")
        (found,) = [each for each in outbox.listed(self.engine, states) if each.entry == entry]
        return found

    def told(self, ticket: str) -> list[tuple[str, str]]:
        """What the log says of the ticket's messages: which, and what became of it."""
        entries = [entry_of(entry) for entry in self.log.stream(self.ana.author, ticket_stream(ticket)) or ()]
        said = [entry for entry in entries if isinstance(entry.event, ev.MessageDelivery)]
        assert {entry.actor for entry in said} <= {SERVICE}
        return [
            (entry.event.message, entry.event.state) for entry in said if isinstance(entry.event, ev.MessageDelivery)
        ]

    def mail(self, entry: str) -> EmailMessage:
        data = (self.drop.folder / "out" / f"{entry}.eml").read_bytes()
        message = email.message_from_bytes(data, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    def mails(self) -> list[str]:
        return sorted(path.stem for path in (self.drop.folder / "out").glob("*"))


@pytest.fixture
def post(engine: Engine, log: HubLog, people: People, clock: Clock, tmp_path: Path) -> Post:
    return Post(engine, log, people, clock, tmp_path / "drop")


def test_a_public_reply_goes_out_once_and_its_ticket_says_so(post: Post) -> None:
    ticket = post.ticket(subject="Labs do not start", contact="Maria <maria@riverside.example>")
    reply = post.reply(ticket, "Please try again.\nIt works here.")
    post.work()
    post.work()
    mail = post.mail(reply)
    assert mail["Message-ID"] == f"<{reply}@hub.example>"
    assert mail["From"] == SENDER
    assert mail["To"] == "Maria <maria@riverside.example>"
    assert mail["Subject"] == "Re: Labs do not start [#10001]"
    assert mail.get_content().replace("\r\n", "\n") == "Please try again.\nIt works here.\n"
    assert post.told(ticket) == [(reply, "accepted")]
    assert handed(post.drop.folder) == [f"<{reply}@hub.example>"]


def test_the_bytes_and_the_message_id_are_stored_before_anything_is_sent(post: Post) -> None:
    reply = post.reply(post.ticket())
    with post.worker.leading() as leader:
        assert leader is not None
        seen: list[bytes] = []

        def send(message_id: str, data: bytes) -> Answer:
            stored = post.state(reply)
            assert (stored.message_id, stored.letter, stored.state) == (message_id, data, "sending")
            seen.append(data)
            return FileDrop.send(post.drop, message_id, data)

        post.drop.send = send  # type: ignore[method-assign]
        while post.worker.turn(leader):
            pass
    assert len(seen) == 1


def test_notes_void_imported_and_adopted_messages_are_not_sent(post: Post) -> None:
    ticket = post.ticket()
    post.ana.say(ev.MessageSent(body="Only for us.", public=False), ticket)
    lead = Workstation(post.log, post.people, "Lea", "lead")
    assert lead.say(sent("Long ago."), ticket, id=imported_id("desk", "4711", "3")).outcome == "recorded"
    post.ana.say(ev.TicketAssigned(to="Ben"), ticket)
    taking = post.ana.write(ev.TicketAssigned(to="Ana"), ticket, expect="unassigned", act=new_id())
    voided = post.ana.write(sent("I have it."), ticket, act=taking.act)
    verdicts = post.ana.push(taking, voided).verdicts
    assert verdicts[1].effect.startswith("void")
    post.work()
    assert post.mails() == []
    assert post.told(ticket) == []


def test_a_message_that_a_workspace_brought_along_is_not_sent(post: Post) -> None:
    ticket = post.ticket()
    old = post.ana.write(sent("Sent before there was a hub."), ticket, at=MONDAY - MINUTE)
    brought = replace(post.ana.asking([old]), events=(wire_event(old, adopted=True),))
    assert post.log.push(post.ana.author, brought).verdicts[0].outcome == "recorded"
    post.work()
    assert post.mails() == []


def test_what_was_recorded_before_the_hub_had_a_way_out_is_not_sent(
    engine: Engine, log: HubLog, people: People, clock: Clock, tmp_path: Path
) -> None:
    ana = Workstation(log, people, "Ana")
    ticket = new_id()
    ana.say(opened(), ticket)
    ana.say(sent("A year ago."), ticket)
    post = Post(engine, log, people, clock, tmp_path / "drop")
    later = ana.say(sent("Now."), ticket).id
    post.work()
    assert post.mails() == [later]


def test_a_redaction_while_it_is_queued_cancels_it_and_takes_its_bytes(post: Post) -> None:
    ticket = post.ticket()
    reply = post.reply(ticket, "The password is hunter2.")
    lead = Workstation(post.log, post.people, "Lea", "lead")
    (post.drop.folder / "out").rmdir()
    post.work()
    assert post.state(reply).state == "queued"
    (post.drop.folder / "out").mkdir()
    assert lead.say(ev.EntryRedacted(entry=reply), ticket).outcome == "recorded"
    post.clock.now += 60 * MINUTE
    post.work()
    assert post.mails() == []
    assert (post.state(reply).state, post.state(reply).letter) == ("cancelled", b"")
    assert post.told(ticket) == [(reply, "failed")]


def test_a_message_that_was_redacted_before_it_was_queued_is_not_sent(post: Post) -> None:
    ticket = post.ticket()
    reply = post.reply(ticket, "The password is hunter2.")
    lead = Workstation(post.log, post.people, "Lea", "lead")
    lead.say(ev.EntryRedacted(entry=reply), ticket)
    post.work()
    assert post.mails() == []
    assert post.told(ticket) == [(reply, "failed")]


def test_the_bytes_of_a_message_that_went_out_go_with_its_redaction(post: Post) -> None:
    ticket = post.ticket()
    reply = post.reply(ticket, "The password is hunter2.")
    post.work()
    Workstation(post.log, post.people, "Lea", "lead").say(ev.EntryRedacted(entry=reply), ticket)
    post.work()
    assert (post.state(reply).state, post.state(reply).letter) == ("accepted", b"")
    assert post.told(ticket) == [(reply, "accepted")]


def test_a_refusal_is_tried_again_less_and_less_often_and_then_goes_out(post: Post) -> None:
    ticket = post.ticket()
    reply = post.reply(ticket)
    (post.drop.folder / "out").rmdir()
    post.work()
    assert (post.state(reply).state, post.state(reply).due_at) == ("queued", post.clock.now + 30_000)
    post.clock.now += 30_000
    post.work()
    assert (post.state(reply).attempts, post.state(reply).due_at) == (2, post.clock.now + 120_000)
    assert post.told(ticket) == []
    (post.drop.folder / "out").mkdir()
    post.clock.now += 119_999
    post.work()
    assert post.mails() == []
    post.clock.now += 1
    post.work()
    assert post.mails() == [reply]
    assert post.told(ticket) == [(reply, "accepted")]


def test_what_is_refused_again_and_again_has_failed_and_a_person_may_send_it_again(post: Post) -> None:
    ticket = post.ticket()
    reply = post.reply(ticket)
    (post.drop.folder / "out").rmdir()
    for _ in range(9):
        post.work()
        post.clock.now += 3 * 60 * MINUTE
    assert post.state(reply).state == "failed"
    assert post.told(ticket) == [(reply, "failed")]
    (post.drop.folder / "out").mkdir()
    outbox.resend(post.engine, reply, by="Lea", now_ms=post.clock.now)
    post.work()
    assert post.mails() == [reply]
    assert post.told(ticket) == [(reply, "failed"), (reply, "queued"), (reply, "accepted")]


def test_an_unknown_outcome_is_never_tried_again_and_a_person_decides(post: Post) -> None:
    ticket = post.ticket()
    first, second = post.reply(ticket, "One."), post.reply(ticket, "Two.")
    for reply in (first, second):
        (post.drop.folder / "out" / f"{reply}.eml").mkdir()  # the rename fails, and nobody knows
    post.work()
    post.clock.now += 24 * 60 * MINUTE
    post.work()
    assert sorted(post.told(ticket)) == sorted([(first, "uncertain"), (second, "uncertain")])
    assert len(handed(post.drop.folder)) == 2
    assert [each.entry for each in outbox.listed(post.engine)] == [first, second]
    (post.drop.folder / "out" / f"{second}.eml").rmdir()
    outbox.confirm(post.engine, first, by="Lea", now_ms=post.clock.now)
    outbox.resend(post.engine, second, by="Lea", now_ms=post.clock.now)
    post.work()
    assert [state for message, state in post.told(ticket) if message == first] == ["uncertain", "accepted"]
    assert [state for message, state in post.told(ticket) if message == second] == ["uncertain", "queued", "accepted"]
    assert handed(post.drop.folder).count(f"<{second}@hub.example>") == 2
    with pytest.raises(DeliveryError, match="Nothing to decide: the message is accepted"):
        outbox.confirm(post.engine, first, by="Lea", now_ms=post.clock.now)


def test_a_transport_that_raises_leaves_it_uncertain(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    ticket = post.ticket()
    reply = post.reply(ticket)

    def send(message_id: str, data: bytes) -> Answer:
        raise RuntimeError("the network library failed")

    post.drop.send = send  # type: ignore[method-assign]
    post.work()
    assert post.told(ticket) == [(reply, "uncertain")]
    assert "the transport failed" in caplog.text


def test_an_answer_that_comes_after_it_was_given_up_still_counts(post: Post) -> None:
    ticket = post.ticket()
    reply = post.reply(ticket)

    def send(message_id: str, data: bytes) -> Answer:
        with post.engine.begin() as connection:
            assert outbox.give_up_unanswered(connection, post.clock.now) == [reply]
        return FileDrop.send(post.drop, message_id, data)

    post.drop.send = send  # type: ignore[method-assign]
    post.work()
    assert post.told(ticket) == [(reply, "uncertain"), (reply, "accepted")]


def test_a_restricted_ticket_hears_of_its_messages_too(post: Post) -> None:
    post.people.grant("Ana", "restricted:breach")
    ticket = post.ticket(restricted="breach")
    reply = post.reply(ticket)
    post.work()
    assert post.told(ticket) == [(reply, "accepted")]


def test_a_message_of_hostile_words_goes_out_and_adds_no_header(post: Post) -> None:
    ticket = post.ticket(subject="Hi\r\nBcc: all@riverside.example\0", contact="x\r\nBcc: y@z.example <a@b.example>")
    reply = post.reply(ticket, "\0 \ufffd ok\r\n.\r\nMAIL FROM")
    post.work()
    mail = post.mail(reply)
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("Re: Hi Bcc: all@riverside.example")


def test_after_a_restore_nothing_is_sent_a_second_time(
    post: Post, url: str, new_database: Callable[[bool], str], tmp_path: Path
) -> None:
    ticket = post.ticket()
    (post.drop.folder / "out").rmdir()
    queued = post.reply(ticket, "Queued when the backup is made.")
    post.work()
    backup(url, tmp_path / "hub.backup")
    (post.drop.folder / "out").mkdir()
    post.clock.now += 10 * MINUTE
    lost = post.ana.write(sent("Sent after the backup."), ticket)
    post.ana.push(lost)
    post.work()
    assert post.mails() == sorted([queued, lost.id])
    other = new_database(False)
    restore(other, tmp_path / "hub.backup", clock=lambda: post.clock.now + 10 * MINUTE)
    engine = service_engine(other)
    log, people = HubLog(engine, clock=post.clock), People(engine, clock=post.clock)
    worker = Delivery(engine, log, people, post.drop, sender=SENDER, clock=post.clock)
    post.ana.log, post.ana.people, post.ana.epoch = log, people, log.head().epoch
    assert post.ana.push(lost, base_dseq=0).verdicts[0].outcome == "recorded"
    with worker.leading() as leader:
        assert leader is not None
        while worker.turn(leader):
            pass
    assert {each.entry: each.state for each in outbox.listed(engine)} == {queued: "uncertain", lost.id: "uncertain"}
    assert len(handed(post.drop.folder)) == 3  # one of them was refused
    engine.dispose()


def test_two_processes_at_once_send_each_message_once(post: Post, url: str) -> None:
    tickets = [post.ticket() for _ in range(3)]
    stop = threading.Event()
    engines = [service_engine(url) for _ in range(3)]
    workers = [
        Delivery(engine, HubLog(engine), People(engine), post.drop, sender=SENDER, clock=post.clock)
        for engine in engines
    ]
    threads = [threading.Thread(target=worker.run, args=(stop,)) for worker in workers]
    for thread in threads:
        thread.start()
    replies = [post.reply(ticket, f"Reply {count}.") for count in range(5) for ticket in tickets]
    until(lambda: all(len(post.told(ticket)) == 5 for ticket in tickets))
    stop.set()
    for thread in threads:
        thread.join(10)
    for engine in engines:
        engine.dispose()
    assert sorted(handed(post.drop.folder)) == sorted(f"<{reply}@hub.example>" for reply in replies)
    assert sorted(told for ticket in tickets for told in post.told(ticket)) == sorted((r, "accepted") for r in replies)


def test_a_process_that_starts_while_another_sends_leaves_its_message_alone(post: Post, url: str) -> None:
    ticket = post.ticket()
    reply = post.reply(ticket)
    engine = service_engine(url)
    other = Delivery(engine, HubLog(engine), People(engine), post.drop, sender=SENDER, clock=post.clock)

    def send(message_id: str, data: bytes) -> Answer:
        with other.leading() as leader:
            assert leader is None
        return FileDrop.send(post.drop, message_id, data)

    post.drop.send = send  # type: ignore[method-assign]
    post.work()
    engine.dispose()
    assert post.told(ticket) == [(reply, "accepted")]


def test_a_leader_that_loses_its_connection_claims_nothing_more(post: Post, owner: Engine) -> None:
    reply = post.reply(post.ticket())

    def lead_and_be_cut_off() -> None:
        with post.worker.leading() as leader:
            assert leader is not None
            with owner.begin() as connection:
                connection.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                )
            while post.worker.turn(leader):
                pass

    with pytest.raises(HubUnavailable):
        lead_and_be_cut_off()
    assert handed(post.drop.folder) == []
    post.work()
    assert handed(post.drop.folder) == [f"<{reply}@hub.example>"]


@pytest.fixture
def dying(url: str, post: Post) -> Iterator[Dying]:
    with Dying(url, post.drop.folder) as process:
        yield process


def test_killed_between_any_two_steps_it_sends_nothing_twice_and_loses_nothing(post: Post, dying: Dying) -> None:
    ticket, seen, step = post.ticket(), 0, 0
    states = []
    while True:
        step += 1
        reply = post.reply(ticket, f"Reply {step}.")
        died = dying.dies_at(step, now=post.clock.now)
        post.work()
        sent_ids = handed(post.drop.folder)[seen:]
        seen += len(sent_ids)
        told = [state for message, state in post.told(ticket) if message == reply]
        assert set(sent_ids) <= {f"<{reply}@hub.example>"}
        assert len(sent_ids) <= 1
        assert told in (["accepted"], ["uncertain"]), f"step {step}"
        assert post.state(reply).state == told[0]
        assert told == ["uncertain"] or len(sent_ids) == 1
        states.append(told[0])
        if not died:
            break
    assert states[-1] == "accepted"
    assert step > 10
    assert "uncertain" in states

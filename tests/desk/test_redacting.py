"""Redactions through the desk of a workspace without a hub: the words leave the file, the rest stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.desk import Desk
from console.desk.redacting import LONGEST_REASON, Words, losses
from console.domain import events as ev
from console.domain.access import ROLES, Role
from console.domain.errors import ConsoleError
from console.domain.events import Event, offer, ticket_stream
from console.settings import Workspace
from tests.desk.conftest import Now
from tests.desk.test_tickets import opened

SECRET = "correcthorsebatterystaple"
WHY = "A password was in it"


def bytes_of(workspace: Workspace) -> bytes:
    """The database with all the files that SQLite keeps beside it."""
    return b"".join(path.read_bytes() for path in sorted(workspace.folder.glob(f"{workspace.database.name}*")))


def happens(desk: Desk, ticket: str, event: Event) -> str:
    entry = f"0199aaaa-0000-7000-8000-{len(desk.journal.entries(ticket_stream(ticket))):012d}"
    offered = offer(event, id=entry, stream=ticket_stream(ticket), at=desk.now(), device="", dseq=0)
    desk.journal.record([offered], actor="mail", now_ms=desk.now(), decide=lambda *_: None)
    return entry


def note(desk: Desk, ticket: str, text: str = f"The password is {SECRET}.") -> str:
    return desk.tickets.reply(ticket, text, public=False).entries[0].id


@pytest.fixture
def reader(workspace: Workspace, now: Now) -> Iterator[Desk]:
    """Another program that has the same workspace open."""
    with Desk.open(workspace, clock=now) as desk:
        yield desk


def test_redacted_words_are_in_no_file_of_the_workspace(desk: Desk, workspace: Workspace) -> None:
    ticket = opened(desk)
    for _ in range(3):
        desk.drafts.save(ticket, "note", f"The password is {SECRET}.")
    entry = note(desk, ticket)
    desk.drafts.discard(ticket, "note")
    for number in range(40):  # pages fill and split, which leaves copies behind
        note(desk, ticket, f"{number} " + "and on. " * 200)
    assert SECRET.encode() in bytes_of(workspace)

    done = desk.redacting.redact(ticket, entry, WHY)

    assert (done.refused, done.waits, done.swept) == (None, False, True)
    assert SECRET.encode() not in bytes_of(workspace)
    assert desk.search(SECRET) == []
    assert desk.journal.check() == []


def test_a_redacted_message_says_by_whom_when_and_why(desk: Desk, now: Now) -> None:
    ticket = opened(desk)
    entry = note(desk, ticket)
    now.to("2026-03-02 16:00")

    desk.redacting.redact(ticket, entry, f"  {WHY}\n ")

    view = desk.tickets.view(ticket)
    (shown,) = [item for item in view.items if item.entry_id == entry]
    assert (shown.kind, shown.text) == ("note", "")
    assert shown.taken is not None
    assert (shown.taken.who, shown.taken.at, shown.taken.reason, shown.taken.pending) == (
        "Mara Okafor",
        now.at_ms,
        WHY,
        False,
    )
    assert f"Mara Okafor redacted an entry: {WHY}" in [item.text for item in view.items]


def test_a_redacted_reply_still_meets_its_target(desk: Desk) -> None:
    ticket = opened(desk)
    entry = desk.tickets.reply(ticket, f"Try {SECRET}", public=True).entries[0].id
    before = desk.tickets.view(ticket).clocks

    desk.redacting.redact(ticket, entry, WHY)

    assert desk.tickets.view(ticket).clocks == before


def test_a_redacted_subject_leaves_the_queue_as_well(desk: Desk, workspace: Workspace) -> None:
    ticket = opened(desk, f"Password {SECRET}")
    (subject,) = [words for words in desk.redacting.words_in(ticket) if words.what == "subject"]

    desk.redacting.redact(ticket, subject.entry, WHY)

    assert desk.tickets.view(ticket).row.subject == "Redacted"
    assert SECRET.encode() not in bytes_of(workspace)
    desk.rebuild()
    assert desk.tickets.view(ticket).row.subject == "Redacted"


def test_attachments_go_with_their_message(desk: Desk, workspace: Workspace) -> None:
    ticket = opened(desk)
    files = (ev.Attachment(name=f"{SECRET}.txt", size=12),)
    entry = happens(desk, ticket, ev.MessageReceived(body="See the file.", sender="Dana", attachments=files))
    assert desk.redacting.words_of(ticket, entry).files == files

    desk.redacting.redact(ticket, entry, WHY)

    assert SECRET.encode() not in bytes_of(workspace)


def test_messages_keep_their_numbers(desk: Desk) -> None:
    ticket = opened(desk)
    first, second = note(desk, ticket, "One"), note(desk, ticket, "Two")

    desk.redacting.redact(ticket, first, WHY)

    places = [(words.place, words.entry, words.text) for words in desk.redacting.words_in(ticket) if words.place]
    assert places == [(2, second, "Two")]


def test_what_cannot_be_redacted_is_said_in_words(desk: Desk) -> None:
    ticket, other = opened(desk), opened(desk)
    entry = note(desk, ticket)
    taken = desk.tickets.take(ticket).entries[0].id
    with pytest.raises(ConsoleError, match="no such entry"):
        desk.redacting.redact(other, entry, WHY)
    with pytest.raises(ConsoleError, match="holds no words"):
        desk.redacting.redact(ticket, taken, WHY)
    with pytest.raises(ConsoleError, match="reason"):
        desk.redacting.redact(ticket, entry, " \n")
    with pytest.raises(ConsoleError, match=str(LONGEST_REASON)):
        desk.redacting.redact(ticket, entry, "x" * (LONGEST_REASON + 1))
    desk.redacting.redact(ticket, entry, WHY)
    with pytest.raises(ConsoleError, match="taken away already"):
        desk.redacting.redact(ticket, entry, WHY)


def test_where_another_program_reads_the_words_are_swept_at_the_next_start(
    workspace: Workspace, now: Now, reader: Desk
) -> None:
    desk = Desk.open(workspace, clock=now)
    ticket = opened(desk)
    entry = note(desk, ticket)
    held = reader.journal._database
    desk.journal._database.writer.connection.driver_connection.execute("PRAGMA busy_timeout = 50")  # type: ignore[union-attr]
    with held.read():
        held.reader.exec_driver_sql("SELECT count(*) FROM entries").scalar()

        done = desk.redacting.redact(ticket, entry, WHY)

        assert (done.refused, done.swept) == (None, False)
        assert desk.redacting.words_in(ticket)[-1].what == "subject"
    desk.close()
    reader.close()
    with Desk.open(workspace, clock=now):
        assert SECRET.encode() not in bytes_of(workspace)


@pytest.mark.parametrize("role", ROLES)
def test_with_a_hub_the_role_decides_before_anything_is_written(desk: Desk, role: Role) -> None:
    desk.journal.follow(url="https://hub.example", person="Mara Okafor", role=role, device="0199aaaa-1")
    ticket = opened(desk)
    entry = note(desk, ticket)
    done = desk.redacting.redact(ticket, entry, WHY)
    if role in ("lead", "admin"):
        assert (done.refused, done.waits) == (None, True)
        assert desk.search(SECRET) == []
    else:
        assert done.refused == f"Only a lead or an admin may redact; your role at the hub is {role}."
        assert desk.redacting.words_of(ticket, entry).text == f"The password is {SECRET}."


def test_a_draft_that_holds_the_same_words_is_named_and_stays(desk: Desk) -> None:
    ticket = opened(desk)
    entry = note(desk, ticket, SECRET)
    desk.drafts.save(ticket, "reply", f"You wrote {SECRET}")
    done = desk.redacting.redact(ticket, entry, WHY)
    assert done.told == "Redacted: the words are gone from this workspace. Your draft of a reply still holds them."
    assert desk.drafts.load(ticket)["reply"] == f"You wrote {SECRET}"


def test_the_losses_name_the_places_and_what_is_not_reached() -> None:
    files = (ev.Attachment(name="key.pem", size=1), ev.Attachment(name="log.txt", size=1))
    words = Words(entry="e", place=1, what="public reply", who="Ana", at=0, text="x", files=files, sent=True)
    lost, stays, copies = losses(words, has_hub=True)
    assert "the hub, every workstation" in lost
    assert "key.pem, log.txt" in lost
    assert "stays" in stays
    assert copies == "Not reached: the customer's own copy, backups, exports and files that were set aside."
    assert "this workspace" in losses(words, has_hub=False)[0]

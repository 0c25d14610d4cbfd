"""The open ticket of one of a team: what waits, what was refused, what the hub confirmed."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from tests.ui.conftest import DEMO_AT, ME
from tests.ui.connected import confirm
from tests.ui.sync_scenes import offline, synced
from tests.ui.team import Team
from tests.ui.team import team as team
from ui.ticket.timeline_rows import ChangeRow


def test_a_reply_that_waits_is_dashed_and_can_be_taken_back(team: Team) -> None:
    team.sync.show_status(offline())
    team.reply("Hi Dana, the file is good.")
    team.until(lambda: bool(team.unsent))
    (row,) = team.unsent
    assert [link.text() for link in row.links] == ["Edit", "Don't send"]
    assert "waiting to send" in row.accessibleName()
    assert row.text.toPlainText() == "Hi Dana, the file is good."


def test_the_clock_runs_on_until_the_reply_has_left(team: Team) -> None:
    team.sync.show_status(offline())
    team.reply("Hi Dana, the file is good.")
    body = team.pane.body
    team.until(lambda: not body.still_runs.isHidden())
    assert body.still_runs.sentence == "Next reply still runs until the reply has left this computer."
    assert [clock.state for clock in team.pane.view.clocks if clock.metric == "next_reply"][-1] == "running"


def test_a_change_that_waits_says_so_on_its_line(team: Team) -> None:
    team.sync.show_status(offline())
    team.ask(lambda desk: desk.tickets.set_impact(team.ticket, "urgent"))

    def waiting() -> list[str]:
        rows = (row for row in team.pane.body.timeline.rows if isinstance(row, ChangeRow))
        return [row.accessibleName() for row in rows if "waiting to send" in row.accessibleName()]

    team.until(lambda: bool(waiting()))
    assert len(waiting()) == 1


def test_while_connected_what_was_just_written_looks_sent(team: Team) -> None:
    team.sync.show_status(synced())
    team.reply("Hi Dana, the file is good.")
    team.pane.refresh()
    team.until(lambda: team.pane.view.items[-1].pending)
    assert team.unsent == []
    team.clock.forward(seconds=3)
    team.sync.show_status(synced(link="syncing", waiting=1))
    team.until(lambda: bool(team.unsent))


def test_dont_send_makes_the_text_a_draft_again(team: Team) -> None:
    team.sync.show_status(offline())
    team.reply("Hi Dana, the file is good.")
    team.until(lambda: bool(team.unsent and team.unsent[0].links))
    team.unsent[0].links[1].click()
    team.until(lambda: not team.sync.issues.waiting)
    team.until(lambda: not team.unsent)
    assert team.pane.body.composer.draft.toPlainText() == "Hi Dana, the file is good."
    assert team.toasts()[-1].endswith("The text is a draft again.")
    team.pane.flush_drafts()
    assert team.draft() == "Hi Dana, the file is good."


def test_edit_puts_the_text_behind_what_is_being_written(team: Team) -> None:
    team.sync.show_status(offline())
    team.reply("Hi Dana, the file is good.")
    team.until(lambda: bool(team.unsent and team.unsent[0].links))
    composer = team.pane.body.composer
    composer.write("reply")
    team.qtbot.keyClicks(composer.draft, "One more thing.")
    team.unsent[0].links[0].click()
    team.until(lambda: not team.unsent)
    team.until(lambda: composer.draft.toPlainText() == "One more thing.\n\nHi Dana, the file is good.")
    team.until(lambda: composer.draft.hasFocus())
    team.pane.flush_drafts()
    assert team.draft() == "One more thing.\n\nHi Dana, the file is good."


def test_a_note_that_is_edited_never_reaches_the_reply(team: Team) -> None:
    team.sync.show_status(offline())
    team.reply("Dana is difficult today.", public=False)
    team.until(lambda: bool(team.unsent and team.unsent[0].links))
    team.unsent[0].links[0].click()
    composer = team.pane.body.composer
    team.until(lambda: composer.mode == "note" and composer.draft.toPlainText() == "Dana is difficult today.")
    team.pane.flush_drafts()
    assert team.draft("reply") == ""


def test_what_was_refused_stands_in_the_ticket_with_its_reason(team: Team) -> None:
    team.sync.show_status(synced())
    team.refused("Hi Dana, here is the trace.", "The text is 70 KB, the limit is 64 KB.")
    team.until(lambda: bool(team.unsent))
    (row,) = team.unsent
    assert [link.text() for link in row.links] == ["Edit and resend", "Try again", "Copy text", "Discard"]
    assert "The text is 70 KB, the limit is 64 KB. Your text is safe." in row.accessibleName()
    assert team.window.rail.place.text() == "1 issue"
    assert any("was not sent. The text is 70 KB" in said for said in team.toasts())


def test_trying_again_puts_it_back_into_the_outbox(team: Team) -> None:
    team.sync.show_status(synced())
    team.refused("Hi Dana, here is the trace.", "Not allowed.")
    team.until(lambda: bool(team.unsent))
    team.unsent[0].links[1].click()
    team.until(lambda: not team.sync.issues.refused)
    team.until(lambda: [waits.text for waits in team.sync.issues.waiting] == ["Hi Dana, here is the trace."])


def test_a_refused_text_can_be_copied_and_edited(team: Team) -> None:
    team.sync.show_status(synced())
    team.refused("Hi Dana, here is the trace.", "Not allowed.")
    team.until(lambda: bool(team.unsent))
    team.unsent[0].links[2].click()
    assert QApplication.clipboard().text() == "Hi Dana, here is the trace."
    team.unsent[0].links[0].click()
    team.until(lambda: not team.sync.issues.refused)
    composer = team.pane.body.composer
    assert composer.draft.toPlainText() == "Hi Dana, here is the trace."
    assert team.draft() == "Hi Dana, here is the trace."


def test_a_discarded_text_can_be_had_back(team: Team) -> None:
    team.sync.show_status(synced())
    team.refused("Hi Dana, here is the trace.", "Not allowed.")
    team.until(lambda: bool(team.unsent))
    team.unsent[0].links[3].click()
    team.until(lambda: not team.sync.issues.refused)
    team.until(team.window.can_undo)
    team.window.undo()
    team.until(lambda: team.pane.body.composer.draft.toPlainText() == "Hi Dana, here is the trace.")


def test_a_reply_that_the_hub_confirmed_looks_as_any_other(team: Team) -> None:
    team.sync.show_status(offline())
    entry = team.reply("Hi Dana, the file is good.")
    team.until(lambda: bool(team.unsent))
    team.ask(lambda desk: confirm(desk, entry))
    team.until(lambda: not team.sync.issues.waiting)
    team.until(lambda: not team.unsent)
    assert any(item.text == "Hi Dana, the file is good." for item in team.pane.view.items)
    team.until(lambda: team.pane.body.still_runs.isHidden())


def test_the_selection_follows_a_new_ticket_to_its_number(team: Team) -> None:
    entries = team.ask(lambda desk: desk.tickets.open("Made while offline", account="Contoso Ltd")).entries
    ticket = entries[0].stream.partition(":")[2]
    queue = team.window.section.queue
    assert queue is not None
    team.window.section.open_ticket(ticket)
    team.until(lambda: (row := queue.current_row()) is not None and row.ticket == ticket)
    team.ask(lambda desk: confirm(desk, *entries))
    team.until(lambda: (row := queue.current_row()) is not None and row.ticket == ticket and row.number is not None)


def test_a_ticket_without_a_number_is_new_everywhere(team: Team) -> None:
    receipt = team.ask(lambda desk: desk.tickets.open("Made while offline", account="Contoso Ltd"))
    ticket = receipt.entries[0].stream.partition(":")[2]
    team.window.section.open_ticket(ticket)
    team.until(lambda: team.pane.view is not None and team.pane.view.ticket.id == ticket)
    assert team.pane.body.header.accessibleName().startswith("Ticket new, Contoso Ltd.")
    assert team.pane._reading.name == "the new ticket"
    queue = team.window.section.queue
    assert queue is not None
    team.until(lambda: queue.current_row() is not None and queue.current_row().ticket == ticket)
    row = queue.current_row()
    from ui.queue.wording import is_new
    from ui.queue.wording import spoken as spoken_row

    assert is_new(row)
    assert "No number yet" in spoken_row(row, DEMO_AT, ME)
    team.pane.assign_to_me()
    team.until(lambda: "The new ticket assigned to you." in team.toasts())

"""The ticket pane on a real desk: what it shows, keeps and does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import uuid_utils
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.domain.errors import ConsoleError
from console.domain.events import Event, MessageReceived, TicketAssigned, offer, ticket_stream
from console.settings import Settings, Workspace, save_settings
from tests.story import ms
from ui.commands import Commands
from ui.desk_thread import DeskThread
from ui.theme import theme
from ui.ticket.choices import PeoplePicker
from ui.ticket.keys import add_commands
from ui.ticket.message_row import MessageRow
from ui.ticket.pane import TicketPane
from ui.ticket.timeline_rows import ChangeRow, RunRow, Setting

ME = "Mara Okafor"


class Room:
    """A pane on a desk of its own, with a clock that the test moves."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.now_ms = ms("2026-03-02 15:00")  # Monday, 10:00 AM in New York
        self.workspace = Workspace(folder)
        save_settings(self.workspace, Settings(name=ME))
        self.qtbot = qtbot
        self.thread = DeskThread(lambda: Desk.open(self.workspace, clock=lambda: self.now_ms))
        self.thread.start()
        self.pane = TicketPane()
        self.said: list[tuple[str, bool]] = []
        self.changed: list[str] = []
        self.pane.message.connect(lambda sentence, error: self.said.append((sentence, error)))
        self.pane.ticket_changed.connect(self.changed.append)
        self.pane.set_desk(self.thread)
        qtbot.addWidget(self.pane)
        self.pane.resize(1000, 830)
        self.pane.show()

    def to(self, at: str) -> None:
        self.now_ms = ms(at)

    def ask(self, fn: Callable[[Desk], Any]) -> Any:
        """Runs on the desk's thread, after everything that the pane asked before."""
        got: list[Any] = []
        self.thread.submit(fn, got.append, failed=got.append)
        self.until(lambda: bool(got))
        if isinstance(got[0], Exception):
            raise got[0]
        return got[0]

    def until(self, what: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(what, timeout=10_000)

    def settle(self) -> None:
        """Waits until the pane has shown what the desk knows now."""
        self.pane.refresh()
        self.ask(lambda _: None)

    def ticket(self, **facts: Any) -> str:
        given = {
            "by": "customer",
            "account": "Contoso Ltd",
            "contact": "Dana Whitfield",
            "product": "CAS",
            "plan": "Standard",
            "impact": "high",
            **facts,
        }
        subject = given.pop("subject", "Sign-in loop")
        receipt = self.ask(lambda desk: desk.tickets.open(subject, **given))
        return str(receipt.entries[0].stream.partition(":")[2])

    def happens(self, ticket: str, event: Event, actor: str = "mail") -> None:
        def record(desk: Desk) -> None:
            offered = offer(
                event, id=str(uuid_utils.uuid7()), stream=ticket_stream(ticket), at=self.now_ms, device="", dseq=0
            )
            desk.journal.record([offered], actor=actor, now_ms=self.now_ms, decide=lambda _states, _new: None)

        self.ask(record)

    def customer(self, ticket: str, body: str, **facts: Any) -> None:
        self.happens(ticket, MessageReceived(body=body, sender="Dana Whitfield", **facts))

    def show(self, ticket: str) -> None:
        self.pane.show_ticket(ticket)
        self.until(lambda: self.pane.view is not None and self.pane.view.ticket.id == ticket)

    def messages(self) -> list[str]:
        rows = self.pane.body.timeline.rows
        return [row.text.toPlainText() for row in rows if isinstance(row, MessageRow)]

    def status(self) -> str:
        assert self.pane.view is not None
        return self.pane.view.ticket.status


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Iterator[Room]:
    room = Room(qtbot, tmp_path / "workspace")
    yield room
    room.pane.flush_drafts()
    assert room.thread.stop()
    theme().set_text_scale(1.0)


def test_without_a_ticket_it_says_what_is_useful_from_here(room: Room) -> None:
    assert room.pane.empty.isVisible()
    assert room.pane.view is None


def test_a_ticket_shows_its_thread_its_clocks_and_its_properties(room: Room) -> None:
    ticket = room.ticket()
    room.customer(ticket, "People land on the login page again.")
    room.show(ticket)
    body = room.pane.body
    assert room.messages() == ["People land on the login page again."]
    assert [card.face.name for card in body.clocks.cards] == ["First reply"]
    assert body.clocks.cards[0].accessibleName() == ("First reply, on track, due 12:00 PM Eastern, 2 hours left")
    assert body.properties.status.accessibleName() == "Status: New"
    assert body.properties.assignee.accessibleName() == "Assignee: Nobody"
    assert body.composer.draft.accessibleName() == "Public reply to Dana Whitfield"


def test_an_unassessed_ticket_says_what_it_is_measured_as(room: Room) -> None:
    room.show(room.ticket(impact=None))
    assert room.pane.body.properties.impact.accessibleName() == "Impact: Not assessed, measured as normal"


def test_a_reply_is_recorded_and_its_draft_is_gone(room: Room) -> None:
    ticket = room.ticket()
    room.show(ticket)
    body = room.pane.body
    body.composer.draft.insertPlainText("Which pools loop?")
    body.composer.send()
    room.until(lambda: bool(room.changed))
    room.until(lambda: room.messages() == ["Which pools loop?"])
    assert body.composer.draft.toPlainText() == ""
    assert room.ask(lambda desk: desk.drafts.load(ticket)) == {}
    assert room.said == [("Reply to #10001 recorded.", False)]
    assert room.status() == "open"
    names = [card.face.name for card in body.clocks.cards]
    assert names == ["Periodic update", "First reply"]
    assert body.clocks.cards[1].face.chip.startswith("Met in")


def test_a_note_is_shown_as_one_and_stops_no_clock(room: Room) -> None:
    room.show(room.ticket())
    composer = room.pane.body.composer
    composer.write("note")
    composer.draft.insertPlainText("Ask for the log.")
    composer.send()
    room.until(lambda: room.messages() == ["Ask for the log."])
    assert "only" not in room.said[0][0]
    assert [card.face.level for card in room.pane.body.clocks.cards] == ["on_track"]


def test_a_refused_reply_keeps_its_text_and_says_why(room: Room) -> None:
    ticket = room.ticket()
    room.show(ticket)
    composer = room.pane.body.composer
    composer.draft.insertPlainText("One more thing.")
    room.ask(lambda desk: desk.tickets.set_status(ticket, "solved"))
    room.ask(lambda desk: desk.tickets.set_status(ticket, "closed"))
    composer.send()
    room.until(lambda: bool(composer.problem))
    assert composer.problem == (
        "Not sent: the ticket is closed; a follow-up ticket goes on from it. Your text is safe."
    )
    assert composer.draft.toPlainText() == "One more thing."
    assert not composer.draft.isReadOnly()
    assert room.ask(lambda desk: desk.drafts.load(ticket)) == {"reply": "One more thing."}


def test_a_draft_survives_going_to_another_ticket_and_back(room: Room) -> None:
    one, two = room.ticket(), room.ticket(subject="Black screen")
    room.show(one)
    draft = room.pane.body.composer.draft
    draft.insertPlainText("Hi Dana, half a")
    room.show(two)
    assert draft.toPlainText() == ""
    draft.insertPlainText("For the second")
    room.show(one)
    assert draft.toPlainText() == "Hi Dana, half a"
    room.show(two)
    assert draft.toPlainText() == "For the second"


def test_a_refresh_keeps_the_caret_the_draft_the_selection_and_the_place(room: Room) -> None:
    ticket = room.ticket()
    for n in range(12):
        room.customer(ticket, f"Message {n}. " + "It still does not work for us. " * 20)
    room.show(ticket)
    body = room.pane.body
    composer = body.composer
    composer.draft.insertPlainText("Hi Dana, thank you")
    cursor = composer.draft.textCursor()
    cursor.setPosition(3)
    composer.draft.setTextCursor(cursor)
    row = next(row for row in body.timeline.rows if isinstance(row, MessageRow))
    selected = row.text.textCursor()
    selected.setPosition(0)
    selected.setPosition(9, selected.MoveMode.KeepAnchor)
    row.text.setTextCursor(selected)
    bar = body.timeline.verticalScrollBar()
    assert bar.maximum() > 200
    bar.setValue(120)
    room.customer(ticket, "And one more.")
    room.settle()
    room.until(lambda: room.messages()[-1] == "And one more.")
    assert composer.draft.toPlainText() == "Hi Dana, thank you"
    assert composer.draft.textCursor().position() == 3
    assert row.text.textCursor().selectedText() == "Message 0"
    assert bar.value() == 120


def test_a_new_message_is_followed_when_the_newest_was_in_view(room: Room) -> None:
    ticket = room.ticket()
    for n in range(12):
        room.customer(ticket, f"Message {n}. " + "It still does not work for us. " * 20)
    room.show(ticket)
    bar = room.pane.body.timeline.verticalScrollBar()
    room.until(lambda: bar.maximum() > 200 and bar.value() == bar.maximum())
    before = bar.maximum()
    room.customer(ticket, "The newest. " * 40)
    room.settle()
    room.until(lambda: bar.maximum() > before)
    assert bar.value() == bar.maximum()


def test_an_answer_for_a_ticket_that_is_not_open_any_more_is_dropped(room: Room) -> None:
    one, two = room.ticket(subject="First"), room.ticket(subject="Second")
    room.pane.show_ticket(one)
    room.pane.show_ticket(two)
    room.until(lambda: room.pane.view is not None)
    room.settle()
    assert room.pane.view is not None
    assert room.pane.view.ticket.id == two


def test_a_ticket_that_is_gone_leaves_the_pane_empty_and_says_so(room: Room) -> None:
    room.pane.show_ticket("no-such-ticket")
    room.until(lambda: bool(room.said))
    assert room.said[0][1]
    assert room.pane.ticket_id is None
    assert room.pane.empty.isVisible()


def test_a_ticket_that_cannot_be_read_just_now_stays_as_it_was(room: Room) -> None:
    ticket = room.ticket()
    room.customer(ticket, "Hello.")
    room.show(ticket)

    def is_busy(_: str) -> NoReturn:
        raise ConsoleError("The file is in use by another process; try again when it has finished.")

    read = room.ask(lambda desk: desk.tickets.view)
    room.ask(lambda desk: setattr(desk.tickets, "view", is_busy))
    room.settle()
    room.until(lambda: bool(room.said))
    assert room.said == [("The file is in use by another process; try again when it has finished.", True)]
    assert (room.messages(), room.pane.ticket_id) == (["Hello."], ticket)
    room.ask(lambda desk: setattr(desk.tickets, "view", read))
    room.customer(ticket, "Hello?")
    room.settle()
    room.until(lambda: room.messages() == ["Hello.", "Hello?"])


def test_a_long_thread_shows_thirty_entries_and_then_the_earlier_ones_in_place(room: Room) -> None:
    ticket = room.ticket()
    for n in range(40):
        room.now_ms += 60_000
        room.customer(ticket, f"Message {n}")
    room.show(ticket)
    timeline = room.pane.body.timeline
    assert len(room.messages()) == 30
    first = next(row for row in timeline.rows if isinstance(row, MessageRow))
    timeline.verticalScrollBar().setValue(0)
    above = first.mapTo(timeline.viewport(), QPoint(0, 0)).y()
    timeline._earlier._button.click()
    assert len(room.messages()) == 40
    assert abs(first.mapTo(timeline.viewport(), QPoint(0, 0)).y() - above) <= 40


def test_a_new_message_on_a_long_thread_leaves_the_rows_on_show_alone(room: Room) -> None:
    ticket = room.ticket()
    for n in range(40):
        room.now_ms += 60_000
        room.customer(ticket, f"Message {n}")
    room.show(ticket)
    before = room.pane.body.timeline.rows
    room.now_ms += 60_000
    room.customer(ticket, "The newest")
    room.settle()
    room.until(lambda: room.messages()[-1] == "The newest")
    assert room.pane.body.timeline.rows[: len(before)] == before


def test_a_run_of_changes_opens_and_stays_open_through_a_refresh(room: Room) -> None:
    ticket = room.ticket()
    for status in ("open", "pending", "open", "pending", "open"):
        room.ask(lambda desk, status=status: desk.tickets.set_status(ticket, status))
    room.customer(ticket, "Hello")
    room.show(ticket)
    run = next(row for row in room.pane.body.timeline.rows if isinstance(row, RunRow))
    closed = run.height()
    run._switch.click()
    assert run.is_open
    assert run.height() > closed
    room.customer(ticket, "Hello again")
    room.settle()
    room.until(lambda: room.messages() == ["Hello", "Hello again"])
    assert run in room.pane.body.timeline.rows
    assert run.is_open


def test_what_was_not_taken_stays_in_the_history_with_its_reason(room: Room) -> None:
    ticket = room.ticket()

    def void(desk: Desk) -> None:
        taken = TicketAssigned(to=ME)
        offered = offer(
            taken, id=str(uuid_utils.uuid7()), stream=ticket_stream(ticket), at=room.now_ms, device="", dseq=0
        )
        from console.domain.stamp import stamp

        head = desk.journal.head()
        _, entries = stamp(head, [offered], actor=ME, now_ms=room.now_ms, effect="void: Not taken: Ana had it already.")
        from console.desk.timeline import timeline

        items.extend(timeline([*desk.journal.entries(ticket_stream(ticket)), *entries], desk.history, room.now_ms))

    items: list[Any] = []
    room.ask(void)
    room.show(ticket)
    timeline = room.pane.body.timeline
    timeline.show_history(items, Setting("America/New_York", ME), now=room.now_ms, same_ticket=True)
    lines = [row.accessibleName() for row in timeline.rows if isinstance(row, ChangeRow)]
    assert any("Ana had it already" in line for line in lines)


def test_html_mail_is_shown_as_words_and_loads_nothing(room: Room, tmp_path: Path) -> None:
    picture = tmp_path / "secret.png"
    picture.write_bytes(b"not a picture")
    ticket = room.ticket()
    body = f"<p>See <b>this</b> <img src='{picture.as_uri()}'><img src='http://contoso.test/x.png'></p>"
    room.customer(ticket, body, format="html")
    room.show(ticket)
    row = next(row for row in room.pane.body.timeline.rows if isinstance(row, MessageRow))
    assert row.text.toPlainText() == "See this"
    assert "img" not in row.text.document().toHtml()
    assert row.text.document().loadResource(2, picture.as_uri()) is None


def test_a_ten_megabyte_line_is_shown_in_part_and_can_be_read_on(room: Room) -> None:
    ticket = room.ticket()
    room.customer(ticket, "x" * 10_000_000)
    room.show(ticket)
    row = next(row for row in room.pane.body.timeline.rows if isinstance(row, MessageRow))
    shown = len(row.text.toPlainText())
    assert 0 < shown < 50_000
    row._show_more()
    assert len(row.text.toPlainText()) == 2 * shown


def test_status_impact_and_assignee_are_changed_through_the_desk(room: Room) -> None:
    ticket = room.ticket()
    room.show(ticket)
    pane = room.pane
    pane.questions.status()
    menu = next(menu for menu in pane.findChildren(QMenu) if menu.isVisible())
    named = [action.text() for action in menu.actions()]
    assert named == ["Open", "Pending, waiting on the customer", "On hold, waiting on someone else", "Solved"]
    menu.actions()[1].trigger()
    menu.close()
    room.until(lambda: room.status() == "pending")
    pane.questions.impact()
    menu = next(menu for menu in pane.findChildren(QMenu) if menu.isVisible())
    menu.actions()[0].trigger()
    menu.close()
    room.until(lambda: pane.view is not None and pane.view.ticket.impact == "urgent")
    pane.assign_to_me()
    room.until(lambda: pane.view is not None and pane.view.ticket.assignee == ME)
    assert [sentence for sentence, _ in room.said] == [
        "#10001 set to Pending.",
        "Impact of #10001 set to Urgent.",
        "#10001 assigned to you.",
    ]
    assert room.changed == [ticket] * 3


def test_a_ticket_on_which_the_customer_wrote_since_is_not_solved(room: Room) -> None:
    ticket = room.ticket()
    room.show(ticket)
    room.customer(ticket, "Wait, it is back.")
    room.pane.solve()
    room.until(lambda: bool(room.said))
    assert room.said == [("Not solved: the customer wrote after the last message that you saw.", True)]
    room.until(lambda: room.messages() == ["Wait, it is back."])


def test_solving_turns_the_button_into_reopen(room: Room) -> None:
    ticket = room.ticket()
    room.show(ticket)
    room.pane.solve()
    room.until(lambda: room.status() == "solved")
    assert room.pane.body.header.solve.text() == "Reopen"
    room.pane.solve()
    room.until(lambda: room.status() == "open")
    assert room.pane.body.header.solve.text() == "Solve"


def test_the_people_picker_narrows_as_one_types_and_enter_picks(room: Room, qtbot: QtBot) -> None:
    picker = PeoplePicker(["Mara Okafor", "Ana Lima", "Aiko Sato"], ME, "Ana Lima", room.pane)
    picked: list[str | None] = []
    picker.picked.connect(picked.append)
    picker.open_at(QPoint(10, 10))
    assert picker.names() == ["Mara Okafor (you)", "Aiko Sato", "Nobody"]
    qtbot.keyClicks(picker._filter, "sato")
    assert picker.names() == ["Aiko Sato"]
    qtbot.keyClick(picker._filter, Qt.Key.Key_Return)
    assert picked == ["Aiko Sato"]


def test_a_breach_recolours_the_card_where_it_stands(room: Room) -> None:
    ticket = room.ticket()
    room.show(ticket)
    card = room.pane.body.clocks.cards[0]
    where = card.geometry()
    room.to("2026-03-02 17:00:01")
    room.pane.tick()
    assert card is room.pane.body.clocks.cards[0]
    assert (card.face.level, card.face.chip) == ("breached", "\u22121m")
    assert card.geometry() == where


def test_in_a_narrow_pane_the_clocks_stand_in_the_header(room: Room) -> None:
    room.show(room.ticket())
    body = room.pane.body
    assert body.clocks.isVisible()
    assert not body.header.chips.isVisible()
    room.pane.resize(640, 830)
    room.until(lambda: body.header.chips.isVisible())
    assert not body.clocks.isVisible()
    assert body.header.chips.chips[0].accessibleName() == body.clocks.cards[0].accessibleName()


def test_at_150_percent_the_properties_move_to_the_drawer_first(room: Room) -> None:
    room.show(room.ticket())
    theme().set_text_scale(1.5)
    room.until(lambda: room.pane.body.header.chips.isVisible())
    room.pane.body.toggle_sidebar()
    assert room.pane.body.drawer_is_open
    assert room.pane.body.properties.isVisible()


def test_escape_closes_the_drawer_and_then_asks_to_go_back(room: Room) -> None:
    room.show(room.ticket())
    room.pane.resize(640, 830)
    room.until(lambda: room.pane.body.is_narrow)
    room.pane.body.toggle_sidebar()
    asked: list[bool] = []
    room.pane.back_requested.connect(lambda: asked.append(True))
    room.pane.leave()
    assert not room.pane.body.drawer_is_open
    assert asked == []
    room.pane.leave()
    assert asked == [True]


def test_the_keys_of_the_pane_act_and_letters_stay_letters_in_a_text(room: Room, qtbot: QtBot) -> None:
    commands = Commands()
    commands.bind(room.pane, "window")
    add_commands(commands, room.pane)
    ticket = room.ticket()
    assert not commands.run("ticket.reply")
    room.show(ticket)
    with qtbot.waitActive(room.pane):
        room.pane.activateWindow()
    body = room.pane.body
    body.timeline.setFocus()
    qtbot.keyClick(body.timeline, Qt.Key.Key_N)
    assert body.composer.mode == "note"
    room.until(lambda: QApplication.focusWidget() is body.composer.draft)
    qtbot.keyClicks(body.composer.draft, "ner")
    assert body.composer.draft.toPlainText() == "ner"
    qtbot.keyClick(
        body.composer.draft, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert (body.composer.mode, body.composer.draft.toPlainText()) == ("reply", "ner")
    qtbot.keyClick(body.composer.draft, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is body.timeline
    assert body.composer.draft.toPlainText() == "ner"
    qtbot.keyClick(body.timeline, Qt.Key.Key_R)
    qtbot.keyClick(body.composer.draft, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    room.until(lambda: room.messages() == ["ner"])


def test_the_theme_and_the_text_scale_change_everything_in_place(room: Room) -> None:
    ticket = room.ticket()
    room.customer(ticket, "It loops. " * 30)
    room.show(ticket)
    row = next(row for row in room.pane.body.timeline.rows if isinstance(row, MessageRow))
    before = row.text.fontInfo().pixelSize()
    height = row.height()
    theme().set_text_scale(1.25)
    assert row.text.fontInfo().pixelSize() > before
    assert row.height() > height
    theme().set_text_scale(1.0)
    assert row.height() == height


def test_the_tab_key_goes_through_header_thread_composer_clocks_and_properties(room: Room) -> None:
    ticket = room.ticket()
    room.show(ticket)
    room.ask(lambda desk: desk.tickets.reply(ticket, "Hello", public=True))
    room.settle()
    room.until(lambda: len(room.pane.body.clocks.cards) == 2)
    body = room.pane.body
    wanted = [
        *(stop for stop in body.header.stops() if stop.isVisible()),
        body.timeline,
        *body.composer.stops()[:-1],
        *(card.explain_button for card in body.clocks.cards),
        body.properties.status,
        body.properties.assignee,
        body.properties.impact,
    ]
    stop, visited = wanted[0], [wanted[0]]
    while (stop := stop.nextInFocusChain()) is not wanted[0]:
        if stop.isVisible() and stop.isEnabled() and stop.focusPolicy() & Qt.FocusPolicy.TabFocus:
            visited.append(stop)
    assert visited == wanted

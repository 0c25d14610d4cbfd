"""The real window on a workspace that follows a hub: what the engine tells reaches everything that shows it.

The desk, its journal and the window are real; only the engine's callback is spoken by the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.domain.events import TicketAssigned
from console.settings import Workspace
from console.wire.messages import Presence
from tests.ui.conftest import DEMO_AT, ME, HandClock
from tests.ui.connected import confirm, happens, refuse
from tests.ui.sync_scenes import MINUTE, offline, synced
from ui import theme
from ui.shell.sync import WindowSync
from ui.shell.window import MainWindow
from ui.ticket.timeline_rows import ChangeRow
from ui.ticket.unsent_rows import UnsentRow

SUBJECT = "Sign-in loop after certificate change"


class Team:
    """A window of one of a team."""

    def __init__(self, qtbot: QtBot, window: MainWindow, ticket: str, clock: HandClock) -> None:
        self.qtbot, self.window, self.ticket, self.clock = qtbot, window, ticket, clock
        made = window.add_sync()
        assert made is not None
        self.sync: WindowSync = made
        self.until(lambda: self.sync.connected)

    def until(self, what: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(what, timeout=10_000)

    def ask(self, fn: Callable[[Desk], Any]) -> Any:
        got: list[Any] = []
        thread = self.window._thread
        assert thread is not None
        thread.submit(fn, got.append, failed=got.append)
        self.until(lambda: bool(got))
        if isinstance(got[0], Exception):
            raise got[0]
        return got[0]

    def reply(self, text: str, *, public: bool = True) -> Any:
        """Recorded here, and waiting for the hub."""
        receipt = self.ask(lambda desk: desk.tickets.reply(self.ticket, text, public=public))
        entry = receipt.entries[0]
        self.until(lambda: any(waits.id == entry.id for waits in self.sync.issues.waiting))
        return entry

    def refused(self, text: str, reason: str) -> None:
        entry = self.reply(text)
        self.ask(lambda desk: refuse(desk, entry, reason=reason))
        self.until(lambda: bool(self.sync.issues.refused))

    @property
    def unsent(self) -> list[UnsentRow]:
        pane = self.window.section.ticket
        assert pane is not None
        return [row for row in pane.body.timeline.rows if isinstance(row, UnsentRow)]

    @property
    def pane(self) -> Any:
        return self.window.section.ticket

    def draft(self, mode: str = "reply") -> str:
        return str(self.ask(lambda desk: desk.drafts.load(self.ticket)).get(mode, ""))

    def toasts(self) -> list[str]:
        assert self.window.toasts is not None
        return [toast.sentence for toast in self.window.toasts.shown]


@pytest.fixture
def team(qtbot: QtBot, connected: Workspace, open_window: Any, hand_clock: HandClock) -> Team:
    with Desk.open(connected, clock=hand_clock) as desk:
        ticket = next(row.ticket for row in desk.queue.listing() if row.subject == SUBJECT)
    window = open_window(connected, select=ticket, ticket_pane=True)
    qtbot.waitUntil(lambda: window.section.ticket.view is not None, timeout=10_000)
    return Team(qtbot, window, ticket, hand_clock)


def spoken(widget: Any) -> str:
    return str(QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name))


# The rail


def test_the_rail_says_how_the_connection_stands(team: Team) -> None:
    place = team.window.rail.place
    assert place.text() == "Connecting"
    team.sync.show_status(synced())
    assert place.text() == "Synced"
    assert spoken(place) == "Connection: synced 12 seconds ago"
    team.clock.forward(minutes=2)
    assert spoken(place) == "Connection: synced 2 minutes ago"
    team.sync.show_status(offline())
    assert place.text() == "Offline"
    assert spoken(place) == "Connection: offline since 11:39 AM"


def test_without_a_hub_the_rail_says_that_all_is_on_this_computer(
    qtbot: QtBot, demo: Workspace, open_window: Any
) -> None:
    window: MainWindow = open_window(demo)
    window.state.set_flag("connected", True)
    window.tell_alone()
    assert not window.state.flag("connected", True)
    assert window.rail.place.text() == "On this\ncomputer"
    assert spoken(window.rail.place) == "Connection: on this computer only"
    assert window.banner.isHidden()


def test_the_state_opens_the_drawer_from_the_keyboard_and_through_assistive_technology(team: Team) -> None:
    team.sync.show_status(synced())
    place = team.window.rail.place
    place.setFocus(Qt.FocusReason.TabFocusReason)
    team.qtbot.keyClick(place, Qt.Key.Key_Space)
    assert team.sync.drawer is not None
    assert team.sync.drawer.is_open
    team.qtbot.keyClick(team.sync.drawer.sync_now, Qt.Key.Key_Escape)
    assert not team.sync.drawer.is_open
    assert QApplication.focusWidget() is place
    interface = QAccessible.queryAccessibleInterface(place)
    assert interface.role() == QAccessible.Role.Button
    interface.actionInterface().doAction(interface.actionInterface().pressAction())
    assert team.sync.drawer.is_open


def test_the_window_remembers_that_it_has_a_hub(team: Team) -> None:
    assert team.window.state.flag("connected", False)
    again = MainWindow(team.window.state, team.clock, frozen=True)
    team.qtbot.addWidget(again)
    assert again.rail.place.text() == "Connecting"


# Offline


def test_offline_is_told_in_the_banner_with_what_waits(team: Team) -> None:
    team.reply("Hi Dana, the file is good.")
    team.ask(lambda desk: desk.tickets.set_impact(team.ticket, "urgent"))
    team.until(lambda: len(team.sync.issues.waiting) == 2)
    team.sync.show_status(offline(waiting=2))
    banner = team.window.banner
    assert banner.sentence == (
        "Offline since 11:39 AM. You can keep working. 1 reply and 1 property change will go out when the connection "
        "is back."
    )
    assert banner.aside == "Next try in 20s"
    assert not banner.isHidden()
    assert [stop.text() for stop in banner.stops()] == ["Try now", "See outbox"]
    team.sync.show_status(synced())
    assert banner.isHidden()


def test_the_banner_leaves_the_rail_where_it_is(team: Team) -> None:
    before = team.window.rail.geometry()
    team.sync.show_status(offline())
    team.until(lambda: team.window.banner.width() == team.window.ground.width() - team.window.rail.width())
    assert team.window.rail.geometry() == before
    assert team.window.banner.height() == 40


def test_see_outbox_opens_the_drawer_at_what_waits(team: Team) -> None:
    team.reply("Hi Dana, the file is good.")
    team.sync.show_status(offline())
    team.window.banner.button("outbox").click()
    drawer = team.sync.drawer
    assert drawer is not None
    assert drawer.is_open
    assert QApplication.focusWidget() is drawer.cards[0].buttons[0]
    assert drawer.y() == team.window.banner.height()


def test_the_list_says_how_old_it_is_while_offline(team: Team) -> None:
    queue = team.window.section.queue
    assert queue is not None
    team.sync.show_status(synced())
    assert queue.stale.isHidden()
    team.sync.show_status(offline(synced_at=DEMO_AT - 20 * MINUTE))
    assert queue.stale.text == "Data from 11:39 AM. Clocks keep counting here."
    assert not queue.stale.isHidden()
    team.sync.show_status(synced())
    assert queue.stale.isHidden()


def test_data_is_as_old_as_the_last_full_sync_where_the_connection_broke_off_before(team: Team) -> None:
    team.sync.show_status(synced(link="syncing"))
    team.sync.show_status(offline(synced_at=DEMO_AT - 20 * MINUTE))
    queue = team.window.section.queue
    assert queue is not None
    assert queue.stale.text.startswith("Data from 11:27 AM.")


def test_the_composer_says_that_a_reply_will_wait(team: Team) -> None:
    composer = team.pane.body.composer
    assert composer.send_button.text() == "Send reply"
    team.sync.show_status(offline())
    assert composer.send_button.text() == "Put in outbox"
    assert composer.draft.placeholderText() == "Reply to Dana Whitfield. It will wait in the outbox."
    composer.switch()
    assert composer.send_button.text() == "Save note"
    composer.switch()
    team.sync.show_status(synced())
    assert composer.send_button.text() == "Send reply"


def test_a_reply_that_is_sent_offline_is_said_to_be_in_the_outbox(team: Team) -> None:
    team.sync.show_status(offline())
    composer = team.pane.body.composer
    composer.write("reply")
    team.qtbot.keyClicks(composer.draft, "The file is good.")
    composer.send()
    team.until(lambda: bool(team.unsent))
    assert team.toasts() == [f"Reply to {team.pane._reading.name} put in the outbox."]


# The ticket


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


def two_assignees(team: Team) -> None:
    """I gave it to Jon, Lena took it, and neither saw the other's change."""
    seen = team.pane.view.ticket.registers["assignee"]
    mine = team.ask(lambda desk: desk.tickets.assign(team.ticket, "Jon Alvarez")).entries
    team.ask(lambda desk: confirm(desk, *mine))
    taken = TicketAssigned(to="Lena Fischer")
    team.ask(lambda desk: happens(desk, team.ticket, taken, "Lena Fischer", at=DEMO_AT, base=seen))
    team.until(lambda: bool(team.sync.issues.overwrote))


@pytest.mark.parametrize(("button", "kept"), [(0, "Jon Alvarez"), (1, "Lena Fischer")])
def test_of_two_versions_the_person_keeps_one(team: Team, button: int, kept: str) -> None:
    two_assignees(team)
    team.window.commands.run("sync.show")
    drawer = team.sync.drawer
    assert drawer is not None
    (card,) = drawer.cards
    assert [press.accessibleName() for press in card.buttons] == [
        "Keep mine, Jon Alvarez",
        "Keep Lena Fischer's, Lena Fischer",
    ]
    card.buttons[button].click()
    team.until(lambda: not team.sync.issues.overwrote)
    assert team.ask(lambda desk: desk.tickets.state(team.ticket)).assignee == kept
    assert f"{kept} kept." in team.toasts()
    team.until(lambda: all(other is not card for other in drawer.cards))


def test_what_somebody_else_had_first_is_told_and_put_away(team: Team) -> None:
    with_nobody = team.ask(lambda desk: next(row.ticket for row in desk.queue.listing() if row.assignee is None))
    entries = team.ask(lambda desk: desk.tickets.take(with_nobody)).entries
    team.ask(lambda desk: confirm(desk, *entries, effect="void: Ana Torres had it already"))
    team.until(lambda: bool(team.sync.issues.not_taken))
    assert any("Ana Torres had it already." in said for said in team.toasts())
    team.window.commands.run("sync.show")
    drawer = team.sync.drawer
    assert drawer is not None
    (card,) = drawer.cards
    opens, away = card.buttons
    opens.click()
    team.until(lambda: team.pane.ticket_id == with_nobody)
    away.click()
    team.until(lambda: not team.sync.issues.not_taken)
    team.until(lambda: not drawer.cards)


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


# Who else is here


def test_the_header_says_who_else_is_on_the_ticket(team: Team) -> None:
    line = team.pane.body.header.presence
    team.sync.show_status(synced(presence=(Presence(person="Jon Alvarez", ticket=team.ticket),)))
    assert line.text == "Jon is viewing"
    assert not line.isHidden()
    assert line.toolTip() == "Jon Alvarez"
    team.sync.show_status(synced(presence=(Presence(person="Jon Alvarez", ticket=team.ticket, doing="writing"),)))
    assert line.text == "Jon is writing"
    team.sync.show_status(synced())
    assert line.isHidden()


class Said:
    """Stands where the engine is, and keeps what the window tells it."""

    def __init__(self) -> None:
        self.presence: list[tuple[str | None, str]] = []
        self.asked: list[str] = []

    async def run(self) -> None:
        """Never started here."""

    def sync_now(self) -> None:
        self.asked.append("now")

    def written(self) -> None:
        self.asked.append("written")

    def set_presence(self, ticket: str | None, doing: str = "viewing") -> None:
        self.presence.append((ticket, doing))


def test_the_others_hear_which_ticket_is_looked_at_and_written_on(team: Team) -> None:
    said = team.sync.engine = Said()
    team.sync.tell_presence()
    assert said.presence == [(team.ticket, "viewing")]
    composer = team.pane.body.composer
    composer.write("reply")
    team.qtbot.keyClicks(composer.draft, "Hi")
    assert said.presence[1:] == [(team.ticket, "writing")]
    team.sync._wrote.timeout.emit()
    assert said.presence[-1] == (team.ticket, "viewing")
    team.window.section.show_ticket(None)
    assert said.presence[-1] == (None, "viewing")


def test_the_engine_hears_that_something_was_written(team: Team) -> None:
    said = team.sync.engine = Said()
    team.reply("Hi Dana, the file is good.")
    team.until(lambda: "written" in said.asked)


def test_try_now_and_the_key_ask_the_engine(team: Team) -> None:
    said = team.sync.engine = Said()
    team.sync.show_status(offline())
    team.window.banner.button("now").click()
    assert said.asked == ["now"]
    team.qtbot.keyClick(team.window, Qt.Key.Key_F5)
    assert said.asked == ["now", "now"]


# The drawer in the window


def test_the_commands_are_in_the_table_of_keys_and_in_the_menu(team: Team) -> None:
    from ui.shell.menus import person_menu

    commands = team.window.commands
    assert commands.shown_keys("sync.show") == "G then Y"
    assert commands.shown_keys("sync.now") == "F5"
    assert commands.enabled("sync.now")
    assert not commands.enabled("sync.connect")
    menu = person_menu(team.window, commands)
    assert {"sync.show", "sync.now", "sync.connect"} <= {action.objectName() for action in menu.actions()}
    menu.close()


def test_without_a_hub_only_connecting_is_offered(qtbot: QtBot, demo: Workspace, open_window: Any) -> None:
    window: MainWindow = open_window(demo)
    assert window.commands.enabled("sync.connect")
    assert not window.commands.enabled("sync.now")
    qtbot.mouseClick(window.rail.place, Qt.MouseButton.LeftButton)
    sync = window.sync
    assert sync is not None
    assert sync.drawer is not None
    assert QApplication.focusWidget() is sync.drawer.connect_button
    qtbot.waitUntil(lambda: sync._known, timeout=10_000)
    assert QApplication.focusWidget() is sync.drawer.connect_button


def test_f6_goes_through_the_open_drawer(team: Team) -> None:
    team.refused("Hi Dana, here is the trace.", "Not allowed.")
    team.window.commands.run("sync.show")
    drawer = team.sync.drawer
    assert drawer is not None
    visited = []
    for _ in range(6):
        team.window.next_pane(1)
        focus = QApplication.focusWidget()
        visited.append(focus is not None and drawer.isAncestorOf(focus))
    assert any(visited)
    assert not all(visited)


def test_the_drawer_lies_right_of_the_rail_above_the_strip(team: Team) -> None:
    team.window.commands.run("sync.show")
    drawer = team.sync.drawer
    assert drawer is not None
    ground = team.window.ground
    team.until(lambda: drawer.x() + drawer.width() == ground.width())
    assert (drawer.width(), drawer.y()) == (440, 0)
    assert drawer.height() == ground.height() - team.window.strip.height()
    team.window.resize(1200, 760)
    team.until(lambda: drawer.x() + drawer.width() == ground.width())
    theme.theme().set_text_scale(1.5)
    team.until(lambda: drawer.width() == 660)


def test_the_report_goes_to_the_clipboard_without_any_words_of_the_ticket(team: Team) -> None:
    team.refused("Hi Dana, a secret.", "Not allowed.")
    team.window.commands.run("sync.report")
    team.until(lambda: "Hub: https://hub.example" in QApplication.clipboard().text())
    assert "secret" not in QApplication.clipboard().text()
    assert "Report copied." in team.toasts()


# What is said


def test_changes_of_the_connection_are_read_out_once(team: Team) -> None:
    said: list[str] = []
    team.sync.spoke.connect(said.append)
    for status in (synced(), synced(link="syncing"), synced(), offline(), offline(next_try_at=DEMO_AT + 9_000)):
        team.sync.show_status(status)
    team.sync.show_status(synced())
    assert [sentence.partition(". ")[0] for sentence in said] == [
        "Offline since 11:39 AM",
        "Connected again, everything is synced.",
    ]


def test_a_wrong_clock_is_told_once(team: Team) -> None:
    team.sync.show_status(synced(skew_ms=7 * MINUTE))
    banner = team.window.banner
    assert banner.sentence.startswith("This computer's clock is 7m ahead of the hub's.")
    (close,) = banner.stops()
    close.click()
    team.sync.show_status(synced(skew_ms=8 * MINUTE))
    assert banner.isHidden()

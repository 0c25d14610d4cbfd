"""Offline in the real window: the banner, the age of the list, and a composer that puts into the outbox."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from tests.ui.conftest import DEMO_AT
from tests.ui.sync_scenes import MINUTE, offline, synced
from tests.ui.team import Team
from tests.ui.team import team as team


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

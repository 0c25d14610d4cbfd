"""Who else is on a ticket, and what the window tells the engine."""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.wire.messages import Presence
from tests.ui.sync_scenes import offline, synced
from tests.ui.team import Team
from tests.ui.team import team as team


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

"""What the window has of the settings: the section once it is visited, filled from the desk and the sync, and what a
person asks for there. Made by the window at the first visit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from ui.settings.reading import Chosen, read_chosen, save_name
from ui.settings.section import SettingsSection
from ui.settings.wording import hub_facts
from ui.ticket.acts import sentence_of

if TYPE_CHECKING:
    from ui.desk_thread import DeskThread
    from ui.shell.sync import WindowSync
    from ui.shell.window import MainWindow

SESSION_RUNS = "A Pro session is running. Stop it first: its hours belong to the name under which it was started."


class WindowSettings(QObject):
    """Attribute: `section`."""

    def __init__(self, window: MainWindow, thread: DeskThread, sync: WindowSync, now: Callable[[], int]) -> None:
        """`now` gives epoch ms."""
        super().__init__(window)
        self._window, self._thread, self._sync, self._now = window, thread, sync, now
        section = self.section = SettingsSection(window.commands, window)
        section.you.name_given.connect(self._rename)
        section.hub.connect_asked.connect(sync.acts.ask_connect)
        section.hub.sign_in_asked.connect(sync.acts.ask_sign_in)
        section.hub.leave_asked.connect(sync.acts.ask_leave)
        section.workspace.copy_asked.connect(self._copy)
        sync.told.connect(self._show_hub)
        thread.reopened.connect(lambda *_: self.refresh())
        self.refresh()
        self._show_hub()

    def refresh(self) -> None:
        """Read anew what is chosen."""
        self._thread.submit(read_chosen, self._take, key="settings.chosen")

    def _take(self, chosen: Chosen) -> None:
        self.section.show_chosen(chosen)
        self._show_hub()

    def _show_hub(self) -> None:
        chosen, issues = self.section.chosen, self._sync.issues
        if chosen is None or not issues.connected:
            self.section.show_hub(None)
        else:
            self.section.show_hub(hub_facts(self._sync.status, issues, self._now(), chosen.zone))

    def _rename(self, name: str) -> None:
        """Keep another name, and open the desk anew to act under it."""
        if self._window.pro is not None and self._window.pro.session is not None:
            self.section.you.refuse(SESSION_RUNS)
            return

        def failed(error: Exception) -> None:
            self.section.you.refuse(sentence_of(error))

        def saved(person: str) -> None:
            self._thread.spawn(self._open_anew(person), name="rename")

        self._thread.submit(lambda desk: save_name(desk, name), saved, failed=failed)

    async def _open_anew(self, person: str) -> None:
        async with self._thread.lent():
            pass
        self._window.say(f"You act as {person} now.")

    def _copy(self, folder: str) -> None:
        QApplication.clipboard().setText(folder)
        self._window.say("Path copied.")

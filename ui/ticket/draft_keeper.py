"""Keeps what is being written, per ticket and per mode, and saves it soon after the last key (design language 4.5).

The texts on screen are the truth here; the desk's copy is what survives the end of the program, however it ends.
Called by the composer and the pane, and for the note of a running session.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

from PySide6.QtCore import QObject, QTimer, Signal

Mode = Literal["reply", "note", "session"]
MODES: Final[tuple[Mode, ...]] = ("reply", "note")
Save = Callable[[str, Mode, str], None]
"""Saves a draft: ticket id, mode, text. An empty text forgets the draft."""

AFTER_LAST_KEY_MS: Final = 500
AT_LATEST_MS: Final = 2500
"""Who writes without a pause is saved all the same."""


class DraftKeeper(QObject):
    """The drafts of the ticket that is open, in the `modes` of whoever writes.

    Signals: `drafted(ticket_id, has_text)`, when the ticket got a text to keep or has none any more.
    """

    drafted = Signal(str, bool)

    def __init__(self, parent: QObject | None = None, modes: tuple[Mode, ...] = MODES) -> None:
        super().__init__(parent)
        self._save: Save | None = None
        self._ticket: str | None = None
        self._modes = modes
        self._texts: dict[Mode, str] = dict.fromkeys(modes, "")
        self._unsaved: set[Mode] = set()
        self._told = False
        self._pause = self._timer(AFTER_LAST_KEY_MS)
        self._longest = self._timer(AT_LATEST_MS)

    def set_save(self, save: Save) -> None:
        """Where drafts go; called on the GUI thread and must not block."""
        self._save = save

    @property
    def ticket(self) -> str | None:
        return self._ticket

    def open(self, ticket: str | None, stored: Mapping[str, str]) -> None:
        """Turn to a ticket with the drafts that the desk has of it. What was unsaved of the one before is saved."""
        self.flush()
        self._ticket = ticket
        self._texts = {mode: stored.get(mode, "") for mode in self._modes}
        self._told = self._has_text()

    def text(self, mode: Mode) -> str:
        return self._texts[mode]

    def write(self, mode: Mode, text: str) -> None:
        """Take the text of a mode; it is saved half a second after the last call."""
        if self._ticket is None or text == self._texts[mode]:
            return
        self._texts[mode] = text
        self._unsaved.add(mode)
        self._pause.start()
        if not self._longest.isActive():
            self._longest.start()

    def move(self, source: Mode, target: Mode) -> None:
        """Carry a text over to the other mode, where that has none of its own."""
        if self._texts[source] and not self._texts[target]:
            self.write(target, self._texts[source])
            self.write(source, "")

    def sent(self, mode: Mode) -> None:
        """Forget a text that was recorded; the desk forgot its copy in the same job."""
        self._texts[mode] = ""
        self._unsaved.discard(mode)
        self._tell()

    def flush(self) -> None:
        """Save now what is unsaved."""
        self._pause.stop()
        self._longest.stop()
        unsaved, self._unsaved = self._unsaved, set()
        if self._ticket is None or self._save is None:
            return
        for mode in self._modes:
            if mode in unsaved:
                self._save(self._ticket, mode, self._texts[mode])
        self._tell()

    def _has_text(self) -> bool:
        return any(text.strip() for text in self._texts.values())

    def _tell(self) -> None:
        has_text = self._has_text()
        if self._ticket is not None and has_text != self._told:
            self._told = has_text
            self.drafted.emit(self._ticket, has_text)

    def _timer(self, ms: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(ms)
        timer.timeout.connect(self.flush)
        return timer

"""The questions of connecting to a hub: where it is and how to get in; then what it would not take, before anything
happens. Called by `ui.shell.sync_connect`, which acts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget
from shiboken6 import isValid

from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.labelled import Labelled
from ui.widgets.question import Question

if TYPE_CHECKING:
    from console.desk.connect_preview import Obstacle
    from console.desk.new_file import Preview

MOST_LISTED: Final = 200
_OUTCOMES: Final = {
    "void": "stay in the history and change nothing",
    "refused": "stay on this computer, with the reason",
    "left": "stay in the file that is kept",
    "waits": "wait until the hub is updated",
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where the hub is and how to get in; an empty `code` means the browser."""

    url: str
    code: str


class ConnectDialog(Question):
    """Answers with `Credentials`; `confirm` then asks about a preview in the same window. `again` says that the
    workspace belongs to the hub already.

    Signal: `left()`, when the person gives up while an attempt is on its way.
    """

    left = Signal()

    def __init__(self, parent: QWidget, *, url: str = "", again: bool = False) -> None:
        title = "Sign in to the hub again?" if again else "Which hub do you connect to?"
        super().__init__(title, "Sign in" if again else "Connect", parent, width=520)
        self.again = again
        self._had_focus: QWidget | None = None
        self._decision: asyncio.Future[bool] | None = None
        self.url, self.code = QLineEdit(url), QLineEdit()
        self.url.setPlaceholderText("https://hub.example.com")
        self.code.setPlaceholderText("One-time code from an admin")
        self.url.setReadOnly(again)
        self._intro = self.say(
            "What waits here goes out when you are signed in."
            if again
            else "Your tickets stay. What the hub would not take is listed before anything is changed.",
            "quiet",
        )
        self._fields = [Labelled("Address", self.url), Labelled("One-time code", self.code)]
        self.add(self._fields[0])
        self.add(self._fields[1])
        self.browser = Button("Sign in with the browser\u2026", self)
        self.browser.clicked.connect(self._press_browser)
        self.add_choice(self.browser)
        self._progress = self.say("", "quiet")
        self._page = ""
        self.copy = Button("Copy the page's address", self, kind="link")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._page))
        self.copy.hide()
        self.facts.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)
        self._preview = self.say("", "plain")
        self._obstacles_title = self.say("", "warn")
        self.obstacles = QPlainTextEdit()
        self.obstacles.setReadOnly(True)
        self.obstacles.setProperty("framed", "true")
        self.obstacles.setAccessibleName("What the hub would not take")
        self.obstacles.setFixedHeight(theme().px(150))
        self.obstacles.hide()
        self.facts.addWidget(self.obstacles)
        self._by_browser = False
        (self.code if again or url else self.url).setFocus()

    # Asking

    def answer(self) -> object | None:
        if self._decision is not None:
            self._decide(True)
            return None
        url, code = self.url.text().strip(), "".join(self.code.text().split())
        by_browser, self._by_browser = self._by_browser, False
        if not url:
            self.refuse("Give the address of the hub, such as https://hub.example.com.")
            return None
        if not code and not by_browser:
            self.refuse("Give a one-time code, or sign in with the browser.")
            return None
        return Credentials(url if "://" in url else f"https://{url}", "" if by_browser else code)

    def _press_browser(self) -> None:
        self._by_browser = True
        self.act.click()

    def set_busy(self, busy: bool) -> None:
        """While an attempt is on its way it can be given up, until its last step."""
        if busy and not self._is_busy:
            self._had_focus = self.focusWidget()
        super().set_busy(busy)
        for widget in (self.act, self.browser, self.url, self.code):
            widget.setEnabled(not busy)
        self.back.setEnabled(True)
        if not busy:
            self._progress.say("")
            self.copy.hide()
            if self._had_focus is not None:
                self._had_focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_last_step(self) -> None:
        """From here on there is no way back; it takes a moment."""
        self.back.setEnabled(False)
        self._progress.say("Finishing\u2026")

    def show_progress(self, doing: str, done: int, of: int) -> None:
        """What is under way: `Loading, 41,000 of 162,321 entries`. May come late, after the dialog is gone."""
        if not isValid(self):
            return
        self._progress.say(f"{doing}, {done:,} of {of:,} entries" if of else f"{doing}\u2026")

    def show_address(self, address: str) -> None:
        """The page that opens in the browser, to be copied where none does. May come late."""
        if not isValid(self):
            return
        self._page = address
        self._progress.say("Sign in on the page that opens in the browser.")
        self.copy.show()
        self._fit()

    # Confirming

    async def confirm(self, preview: Preview) -> bool:
        """Ask whether to go on with what connecting would do."""
        self._decision = asyncio.get_running_loop().create_future()
        self.set_busy(False)
        for field in self._fields:
            field.hide()
        self.browser.hide()
        self._intro.hide()
        self._title.setText(f"Connect as {preview.person}?")
        self._preview.say(preview_words(preview))
        missed = sum(preview.counts.values())
        self._obstacles_title.say(missed_words(preview.counts) if missed else "")
        self.obstacles.setVisible(bool(preview.obstacles))
        self.obstacles.setPlainText("\n".join(obstacle_lines(preview.obstacles, missed)))
        offers = f" and offer {preview.entries:,} {_entries(preview.entries)}" if preview.entries else ""
        self.set_act(f"Connect{offers}")
        self.back.setText("Stay on this computer")
        self.back.updateGeometry()
        self.back.setFocus(Qt.FocusReason.OtherFocusReason)
        self._fit()
        try:
            yes = await self._decision
        finally:
            self._decision = None
        if yes:
            self.set_busy(True)
        return yes

    def _decide(self, yes: bool) -> None:
        if self._decision is not None and not self._decision.done():
            self._decision.set_result(yes)

    def reject(self) -> None:
        """Esc and `Stay on this computer` decline; the attempt then closes the question."""
        if self._decision is not None:
            self._decide(False)
        elif not self._is_busy:
            super().reject()
        elif self.back.isEnabled():
            self._is_busy = False
            super().reject()
            self.left.emit()


def preview_words(preview: Preview) -> str:
    """What would happen, in sentences."""
    said = [f"You are {preview.person} at the hub, with the role {preview.role}."]
    if preview.was and preview.was != preview.person:
        said.append(f"Here you acted as {preview.was} so far.")
    if preview.entries:
        tickets = f"{preview.tickets:,} {'ticket' if preview.tickets == 1 else 'tickets'}"
        said.append(f"{preview.entries:,} {_entries(preview.entries)} of {tickets} are offered to it.")
    if preview.known:
        said.append(f"{preview.known:,} of yours it has already.")
    said.append(f"It has {preview.hub_entries:,} {_entries(preview.hub_entries)} for you.")
    said.append("The file that is here now is kept.")
    return " ".join(said)


def missed_words(counts: dict[str, int]) -> str:
    """How many entries would not get through, and what becomes of them."""
    parts = [f"{count:,} {_OUTCOMES[outcome]}" for outcome, count in counts.items() if count]
    return f"Not all would get through: {'; '.join(parts)}."


def obstacle_lines(obstacles: Sequence[Obstacle], missed: int) -> list[str]:
    lines = [f"{o.title.rstrip('. ')}. {o.reason.rstrip('. ')}." for o in obstacles[:MOST_LISTED]]
    rest = missed - len(lines)
    return [*lines, f"And {rest:,} more."] if rest > 0 else lines


def _entries(count: int) -> str:
    return "entry" if count == 1 else "entries"

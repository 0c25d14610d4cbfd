"""Where a reply or a note is written (design language 4.5).

The two never look alike: in note mode the whole frame changes, the recipient gives way to who can see it, and the
button says what it does. The composer asks to send; the pane acts, and tells it what came of it. A text that was not
recorded stays.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QMargins, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import theme
from ui.ticket.composer_lines import ConsequenceLine, Problem
from ui.ticket.consequence import QUIET, Consequence
from ui.ticket.draft_keeper import DraftKeeper, Mode
from ui.ticket.draft_text import Draft
from ui.widgets.buttons import Button
from ui.widgets.controls import Elided, Segmented
from ui.widgets.ground import rounded

RING_ROOM: Final = 3
"""The focus ring stands so far outside the frame, px."""


class Composer(QWidget):
    """The frame around the text, its switch, and its footer.

    Signals: `send_asked(mode, text)`; `offer_asked()` for a text that offers Pro hours; `typed()` with every change by
    hand.
    """

    send_asked = Signal(str, str)
    offer_asked = Signal()
    typed = Signal()

    def __init__(self, keeper: DraftKeeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._mode: Mode = "reply"
        self._recipient = ""
        self._busy = False
        self._offline = False
        self._consequences: dict[Mode, Consequence] = {"reply": QUIET, "note": QUIET}
        self._switch = Segmented(
            (("reply", "Public reply", "channel-email"), ("note", "Internal note", "lock")),
        )
        self._switch.setAccessibleName("Public reply or internal note")
        self._audience = Elided("", "text.tertiary", "meta")
        self._audience.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._draft = Draft(self)
        self._problem = Problem(self)
        self._consequence = ConsequenceLine(self)
        self._send = Button("Send reply", self, kind="primary")
        self._offer = Button("Offer Pro hours…", self, kind="quiet", icon="nav-pro", small=True)
        for button in (self._offer, self._send):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._switch.chosen.connect(lambda _: self.switch())
        self._draft.textChanged.connect(self._typed)
        self._draft.focus_changed.connect(self.update)
        self._send.clicked.connect(self.send)
        self._offer.clicked.connect(self.offer_asked)
        theme().changed.connect(self._restyle)
        self._show_mode()

    def _lay_out(self) -> None:
        look = theme()
        top = QHBoxLayout()
        top.setSpacing(look.px(8))
        top.addWidget(self._switch)
        top.addWidget(self._audience, 1)
        foot = QHBoxLayout()
        foot.setSpacing(look.px(10))
        foot.addWidget(self._offer)
        foot.addWidget(self._consequence, 1)
        foot.addWidget(self._send)
        column = QVBoxLayout(self)
        column.setSpacing(look.px(8))
        column.addLayout(top)
        words = QHBoxLayout()
        words.setContentsMargins(look.px(6), 0, look.px(2), 0)
        words.addWidget(self._draft)
        column.addLayout(words)
        column.addWidget(self._problem)
        column.addLayout(foot)
        self._restyle()

    # What the pane calls

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def draft(self) -> Draft:
        return self._draft

    @property
    def send_button(self) -> Button:
        return self._send

    @property
    def problem(self) -> str:
        """Why the last act was not done, as it is shown; empty when there is nothing to say."""
        return self._problem.text()

    def stops(self) -> tuple[QWidget, ...]:
        """What the Tab key visits, in order."""
        return (self._switch.segment("reply"), self._switch.segment("note"), self._draft, self._offer, self._send)

    def has_focus(self) -> bool:
        """Whether the keyboard is in the composer: its text, its switch or its button."""
        widget = QApplication.focusWidget()
        return widget is not None and self.isAncestorOf(widget)

    def open(self, recipient: str) -> None:
        """Turn to the ticket that the keeper was turned to: its drafts, and the mode that holds one."""
        self._recipient = recipient
        only_a_note = bool(self._keeper.text("note")) and not self._keeper.text("reply")
        self._mode = "note" if only_a_note else "reply"
        self._problem.say("")
        self.set_busy(False)
        self._show_mode()

    def set_recipient(self, recipient: str) -> None:
        if recipient != self._recipient:
            self._recipient = recipient
            self._name_audience()

    def set_offline(self, offline: bool) -> None:
        """Whether a reply would wait on this computer: the button and the empty text say so."""
        if offline != self._offline:
            self._offline = offline
            self._show_mode()

    def set_consequences(self, reply: Consequence, note: Consequence) -> None:
        """What sending does to the clocks, per mode."""
        self._consequences = {"reply": reply, "note": note}
        self._consequence.say(self._consequences[self._mode])

    def write(self, mode: Mode) -> None:
        """Put the caret into a mode's own text (R and N)."""
        self._take(mode)
        self._draft.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def append(self, text: str, mode: Mode = "reply") -> None:
        """Put a text behind what is written in a mode, as if it were typed, with the caret in it: Ctrl+Z takes it
        back."""
        self.write(mode)
        self.put_behind(text, mode)

    def put_behind(self, text: str, mode: Mode) -> None:
        """As `append`, but where another mode is being written the caret stays there."""
        if mode != self._mode:
            written = self._keeper.text(mode).rstrip()
            self._keeper.write(mode, f"{written}\n\n{text}" if written else text)
            return
        written = self._draft.toPlainText()
        cursor = self._draft.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        empty = len(written) - len(written.rstrip())
        cursor.movePosition(cursor.MoveOperation.Left, cursor.MoveMode.KeepAnchor, empty)
        cursor.insertText(f"\n\n{text}" if written.strip() else text)
        self._draft.setTextCursor(cursor)

    def switch(self) -> None:
        """Go to the other mode and keep the text, unless that mode has one of its own (Ctrl+Shift+M)."""
        if self._busy:
            self._switch.show_choice(self._mode)
            return
        other: Mode = "note" if self._mode == "reply" else "reply"
        self._keeper.move(self._mode, other)
        self._take(other)

    def send(self) -> None:
        """Ask to send or save what is written."""
        text = self._draft.toPlainText()
        if self._busy or not text.strip():
            return
        self._problem.say("")
        self.send_asked.emit(self._mode, text)

    def set_busy(self, busy: bool) -> None:
        """While an act is on its way the text cannot change under it."""
        self._busy = busy
        self._draft.setReadOnly(busy)
        self._enable_send()

    def recorded(self, mode: Mode) -> None:
        """The text of a mode was recorded: it is not a draft any more."""
        self.set_busy(False)
        self._keeper.sent(mode)
        if mode == self._mode:
            self._draft.set_text("")

    def refuse(self, sentence: str) -> None:
        """The act was refused: the text stays, and the reason stands under it."""
        self.set_busy(False)
        self._problem.say(sentence)

    # Inside

    def _take(self, mode: Mode) -> None:
        if mode != self._mode:
            self._mode = mode
            self._problem.say("")
        self._show_mode()

    def _show_mode(self) -> None:
        note = self._mode == "note"
        self._switch.show_choice(self._mode)
        text = self._keeper.text(self._mode)
        if text != self._draft.toPlainText():
            self._draft.set_text(text)
        self._send.setText("Save note" if note else "Put in outbox" if self._offline else "Send reply")
        self._send.updateGeometry()
        self._offer.setVisible(not note)
        self._name_audience()
        self._consequence.say(self._consequences[self._mode])
        self._enable_send()
        self.update()

    def _name_audience(self) -> None:
        note = self._mode == "note"
        to = self._recipient or "the customer"
        self._audience.set_role("note.text" if note else "text.tertiary")
        self._audience.setText("Only your team sees this" if note else f"To {to}")
        name = "Internal note, team only" if note else f"Public reply to {to}"
        self._draft.setAccessibleName(name)
        empty = f"Reply to {to}. It will wait in the outbox." if self._offline else f"Write to {to}"
        self._draft.setPlaceholderText("Write a note for your team" if note else empty)
        self.setAccessibleName(name)

    def _typed(self) -> None:
        if self._draft.toPlainText() != self._keeper.text(self._mode):
            self.typed.emit()
        self._keeper.write(self._mode, self._draft.toPlainText())
        self._enable_send()

    def _enable_send(self) -> None:
        self._send.setEnabled(not self._busy and bool(self._draft.toPlainText().strip()))

    def _restyle(self) -> None:
        look = theme()
        side = look.px(10) + RING_ROOM
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(QMargins(side, look.px(9) + RING_ROOM, side, look.px(9) + RING_ROOM))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere on the frame puts the caret into the text."""
        self._draft.setFocus(Qt.FocusReason.MouseFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        frame = QRectF(self.rect()).adjusted(RING_ROOM, RING_ROOM, -RING_ROOM, -RING_ROOM)
        radius = look.radius("card")
        if self._mode == "note":
            rounded(painter, frame, radius, fill=look.color("bg.note"), line=look.color("line.note"), dashed=True)
        else:
            rounded(painter, frame, radius, fill=look.color("bg.input"), line=look.color("line.control"))
        if self._draft.hasFocus():
            around = frame.adjusted(-RING_ROOM, -RING_ROOM, RING_ROOM, RING_ROOM)
            if self._mode == "reply":
                around = frame.adjusted(-1, -1, 1, 1)
            rounded(painter, around, radius + 2, line=look.color("focus.ring"), width=2.0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

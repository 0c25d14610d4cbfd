"""The text that is being written: plain words, whatever is pasted or dropped. Called by the composer."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QTextOption
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

from ui.theme import theme
from ui.ticket.message_text import PlainDocument, apply_line_height, colour_text, set_plain_text

_LEAST_LINES: Final = 3
_MOST_LINES: Final = 12


class Draft(QTextEdit):
    """The text itself: plain, growing with what is written.

    Signals: `focus_changed`, when the caret came or went.
    """

    focus_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        document = PlainDocument(self)
        document.setDocumentMargin(0)
        self.setDocument(document)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self.updateGeometry())
        theme().changed.connect(self._restyle)
        self._restyle()

    def sizeHint(self) -> QSize:
        line = theme().line("message")
        lines = min(max(round(self.document().size().height() / line), _LEAST_LINES), _MOST_LINES)
        return QSize(200, lines * line + theme().px(4))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def set_text(self, text: str) -> None:
        """Replace the text; the caret goes to its end."""
        set_plain_text(self, text)
        cursor = self.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.setTextCursor(cursor)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take the words only: a dropped or pasted document brings no markup, image or address with it."""
        if source.hasText():
            self.insertPlainText(source.text())

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def _restyle(self) -> None:
        look = theme()
        font = look.font("message")
        self.setFont(font)
        self.viewport().setFont(font)  # in which the placeholder is drawn
        self.document().setDefaultFont(font)
        apply_line_height(self)
        colour_text(self)
        self.updateGeometry()

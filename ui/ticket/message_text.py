"""The words of one message: selectable, wrapped anywhere, and never more than plain text.

No text widget of the pane loads anything: the body comes as plain text from `mail_text`, and the document refuses every
resource that something might still ask it for. Called by the message rows of the timeline.
"""

from __future__ import annotations

from math import ceil
from typing import Any, Final

from PySide6.QtCore import QEvent, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QPalette,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QMenu, QTextEdit, QWidget

from ui.theme import theme

MOST_SHOWN: Final = 12_000
"""Characters of a body that are laid out at once; a log pasted into a mail must not stop the window."""


class PlainDocument(QTextDocument):
    """A document that loads nothing, from nowhere."""

    def loadResource(self, type: int, name: QUrl | str) -> Any:
        return None


def set_plain_text(edit: QTextEdit, text: str) -> None:
    """Set a text with the message's line height. Clears the undo history, and leaves it on if it was."""
    document = edit.document()
    undoable = document.isUndoRedoEnabled()
    document.setUndoRedoEnabled(False)
    edit.setPlainText(text)
    apply_line_height(edit)
    document.setUndoRedoEnabled(undoable)


def apply_line_height(edit: QTextEdit) -> None:
    """Give every paragraph of an edit the line height of messages, at the text scale."""
    cursor = QTextCursor(edit.document())
    cursor.select(QTextCursor.SelectionType.Document)
    paragraph = QTextBlockFormat()
    height = QTextBlockFormat.LineHeightTypes.FixedHeight.value
    paragraph.setLineHeight(theme().line("message"), height)
    cursor.mergeBlockFormat(paragraph)


def colour_text(edit: QTextEdit, role: str = "text.primary") -> None:
    """Give an edit the ink of messages on a ground that shows through."""
    look, palette = theme(), edit.palette()
    palette.setColor(QPalette.ColorRole.Text, look.color(role))
    palette.setColor(QPalette.ColorRole.PlaceholderText, look.color("text.tertiary"))
    palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
    palette.setColor(QPalette.ColorRole.Highlight, look.color("accent.fill"))
    palette.setColor(QPalette.ColorRole.HighlightedText, look.color("accent.on"))
    edit.setPalette(palette)


class MessageText(QTextEdit):
    """A read-only text as high as its words; `quiet` for words that nobody wrote. The wheel scrolls the timeline, never
    the text inside it.

    Signals: `entered`, when it got the focus by a click; `menu_made(menu)`, before its menu is shown, for more acts.
    """

    entered = Signal()
    menu_made = Signal(QMenu)

    def __init__(self, text: str, parent: QWidget | None = None, *, quiet: bool = False) -> None:
        super().__init__(parent)
        self._ink = "text.secondary" if quiet else "text.primary"
        document = PlainDocument(self)
        document.setDocumentMargin(0)
        self.setDocument(document)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self._whole = text
        self._shown = 0
        self._scale = 0.0
        self._heights: dict[int, int] = {}
        self.restyle()
        self.show_more()

    @property
    def hidden(self) -> int:
        """How many characters are not shown yet."""
        return len(self._whole) - self._shown

    def show_more(self) -> None:
        """Lay out the next part of a very long body."""
        self._shown = min(len(self._whole), self._shown + MOST_SHOWN)
        set_plain_text(self, self._whole[: self._shown])
        self._heights.clear()

    def restyle(self) -> None:
        """Take the present theme and text scale; a selection stays."""
        look = theme()
        if look.text_scale != self._scale:
            self._scale = look.text_scale
            font = look.font("message")
            self.setFont(font)
            self.document().setDefaultFont(font)
            if self._shown:
                apply_line_height(self)
            self._heights.clear()
        colour_text(self, self._ink)

    def height_for(self, width: int) -> int:
        """The height in px of the words at a width."""
        height = self._heights.get(width)
        if height is None:
            document = self.document()
            if document.textWidth() != width:
                document.setTextWidth(width)
            height = self._heights[width] = ceil(document.size().height())
        return height

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.entered.emit()
        self.open_menu(event.globalPos())

    def open_menu(self, at: QPoint) -> None:
        """Show what can be done with the text, at a global point."""
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.hidden:
            copy = menu.addAction("Copy the whole message")
            copy.triggered.connect(self._copy_whole)
        self.menu_made.emit(menu)
        menu.popup(at)

    def _copy_whole(self) -> None:
        QApplication.clipboard().setText(self._whole)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._heights.clear()
        super().changeEvent(event)

"""All shortcuts, read from the one registry of commands. Opened by `?`."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ui.commands import Command, Commands, shown
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.keycap import keycap_width, paint_keycap

_THEN = " then "
"""Between keys that are pressed one after the other: a word, not a key."""


class _Keys(QWidget):
    def __init__(self, keys: str, parent: QWidget) -> None:
        super().__init__(parent)
        told = shown(keys).replace(_THEN, f"+{_THEN}+")
        self._caps = [cap or "+" for cap in told.replace("++", "+\0").split("+")]
        self._caps = ["+" if cap == "\0" else cap for cap in self._caps]
        self.setAccessibleName(shown(keys))

    def sizeHint(self) -> QSize:
        look = theme()
        gaps = look.px(4) * (len(self._caps) - 1)
        return QSize(int(sum(_width(cap) for cap in self._caps) + gaps + 1), look.px(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        x = self.width() - float(self.sizeHint().width())
        for cap in self._caps:
            if cap == _THEN:
                painter.setFont(look.font("caption"))
                painter.setPen(look.color("text.secondary"))
                painter.drawText(QRectF(x, 0, _width(cap), self.height()), Qt.AlignmentFlag.AlignCenter, cap.strip())
                x += _width(cap) + look.px(4)
            else:
                x = paint_keycap(painter, x, self.height() / 2, cap) + look.px(4)
        painter.end()


def _width(cap: str) -> float:
    if cap != _THEN:
        return keycap_width(cap)
    return QFontMetricsF(theme().font("caption")).horizontalAdvance(cap.strip())


class ShortcutsDialog(QDialog):
    """A plain list by group, in two columns. Closed by Esc or its button."""

    def __init__(self, commands: Commands, parent: QWidget) -> None:
        super().__init__(parent)
        look = theme()
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        groups: dict[str, list[Command]] = {}
        for command in commands:
            if command.keys:
                groups.setdefault(command.group, []).append(command)
        inside = QWidget(self)
        columns = QGridLayout(inside)
        columns.setContentsMargins(24, 20, 24, 20)
        columns.setHorizontalSpacing(look.px(40))
        lengths = [0, 0]
        for name, members in groups.items():
            column = 0 if lengths[0] <= lengths[1] else 1
            lengths[column] = self._add_group(columns, lengths[column], column, name, members)
        columns.setRowStretch(max(lengths), 1)
        area = QScrollArea(self)
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setAccessibleName("Keyboard shortcuts")
        note = QLabel("Single keys work outside text fields.", self)
        close = Button("Close", self)
        close.clicked.connect(self.close)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 16)
        rows.addWidget(area, 1)
        foot = QGridLayout()
        foot.setContentsMargins(24, 0, 24, 0)
        foot.addWidget(note, 0, 0)
        foot.addWidget(close, 0, 1, Qt.AlignmentFlag.AlignRight)
        rows.addLayout(foot)
        wanted = inside.sizeHint()
        self.resize(wanted.width() + 20, min(wanted.height() + look.px(70), int(parent.window().height() * 0.86)))
        close.setFocus()

    def _add_group(self, grid: QGridLayout, row: int, column: int, name: str, members: list[Command]) -> int:
        """Put a group at a row of one of the two columns; returns the next free row."""
        look = theme()
        title = QLabel(name, self)
        title.setFont(look.font("section"))
        title.setContentsMargins(0, look.px(10) if row else 0, 0, look.px(2))
        grid.addWidget(title, row, 2 * column, 1, 2)
        for offset, command in enumerate(members, start=1):
            label = QLabel(command.title, self)
            label.setFont(look.font("body"))
            grid.addWidget(label, row + offset, 2 * column)
            grid.addWidget(_Keys(command.keys[0], self), row + offset, 2 * column + 1, Qt.AlignmentFlag.AlignRight)
        return row + len(members) + 1

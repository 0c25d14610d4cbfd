"""Who it is, at a glance: ours are circles, customers rounded squares, you are filled, nobody is a dashed circle
(design language 3).
"""

from __future__ import annotations

import re
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.theme import theme

Kind = Literal["ours", "customer", "me", "nobody"]

_WORDS = re.compile(r"[\s._\-+]+")


def initials(name: str) -> str:
    """Up to two letters: `Dana Whitfield` and `dana.whitfield@contoso.com` are both `DW`."""
    local = name.partition("@")[0].rpartition(":")[2]
    words = [word for word in _WORDS.split(local) if word and word[0].isalnum()]
    if not words:
        return "?"
    if len(words) == 1:
        return words[0][:2].upper()
    return (words[0][0] + words[-1][0]).upper()


def paint_avatar(painter: QPainter, rect: QRectF, name: str | None, kind: Kind) -> None:
    """Draw an avatar into a square rect; `nobody` needs no name."""
    look = theme()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if kind == "nobody" or not name:
        pen = QPen(look.color("line.control"), 1)
        pen.setDashPattern([2.5, 2.5])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.restore()
        return
    painter.setPen(QPen(look.color("text.primary"), 1) if look.high_contrast else QPen(Qt.PenStyle.NoPen))
    painter.setBrush(look.color("accent.fill" if kind == "me" else "bg.pressed"))
    if kind == "customer":
        painter.drawRoundedRect(rect, rect.width() / 5, rect.width() / 5)
    else:
        painter.drawEllipse(rect)
    font = look.font("caption", weight=700)
    font.setPixelSize(max(int(rect.width() * (0.42 if rect.width() >= 24 else 0.46)), 7))
    painter.setFont(font)
    painter.setPen(look.color("accent.on" if kind == "me" else "text.secondary"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, initials(name))
    painter.restore()


class Avatar(QWidget):
    """An avatar as a widget, with the name as tooltip and accessible name."""

    def __init__(self, px: int = 24, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._px = px
        self._name: str | None = None
        self._kind: Kind = "nobody"
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_person(self, name: str | None, kind: Kind) -> None:
        self._name, self._kind = name, kind
        said = name or "Nobody"
        self.setToolTip(said)
        self.setAccessibleName(said)
        self.update()

    def sizeHint(self) -> QSize:
        side = theme().px(self._px)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_avatar(painter, QRectF(self.rect()), self._name, self._kind)
        painter.end()

    def _restyle(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()

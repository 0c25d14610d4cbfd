"""Buttons as the design draws them: plain with a border, accent with an accent one, primary filled, quiet without a
frame; and icon buttons.

They are ordinary QPushButtons to the keyboard and to assistive technology; only the painting is ours.
"""

from __future__ import annotations

from math import ceil
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui import icons
from ui.theme import theme
from ui.widgets.focus import RingedFocus, paint_focus_ring
from ui.widgets.keycap import keycap_width, paint_keycap

Kind = Literal["plain", "accent", "primary", "quiet", "link"]


class Button(RingedFocus, QPushButton):
    """A button with a word, an icon before it if `icon` is given, and behind it the `key` that presses it as well.

    Attributes: `kind` (plain, accent, primary, quiet, link); `small` makes it 26 px high instead of 30.
    """

    def __init__(
        self,
        text: str,
        parent: QWidget | None = None,
        *,
        kind: Kind = "plain",
        icon: str | None = None,
        key: str = "",
        small: bool = False,
    ) -> None:
        super().__init__(text, parent)
        self.kind = kind
        self._icon = icon
        self._key = key
        self._small = small
        self.setCursor(Qt.CursorShape.PointingHandCursor if kind == "link" else Qt.CursorShape.ArrowCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme().changed.connect(self._restyle)

    def set_kind(self, kind: Kind) -> None:
        self.kind = kind
        self.update()

    def set_icon(self, name: str | None) -> None:
        self._icon = name
        self._restyle()

    def sizeHint(self) -> QSize:
        look = theme()
        height = look.px(look.size("button", "small" if self._small else "height"))
        return QSize(max(self._content_width() + 2 * self._padding(), height), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        self._paint_frame(painter, frame)
        role = self._ink()
        content = self._content_width()
        x = max((self.width() - content) // 2, 0)
        if self._key:
            paint_keycap(painter, x + content - keycap_width(self._key), self.height() / 2, self._key)
        if self._icon:
            side = look.px(16)
            icons.paint(painter, QRectF(x, (self.height() - side) / 2, side, side), self._icon, role)
            x += side + look.px(6)
        painter.setFont(self._text_font())
        painter.setPen(look.color(role))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(x, 0, self.width() - x, self.height()), flags, self.text())
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()), look.radius("control"))
        painter.end()

    def _paint_frame(self, painter: QPainter, frame: QRectF) -> None:
        look = theme()
        radius = look.radius("control")
        over, down = self.underMouse() and self.isEnabled(), self.isDown()
        if self.kind == "primary" and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent.fillHover" if over or down else "accent.fill"))
            painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        elif self.kind in ("plain", "accent", "primary"):
            line = "accent.mark" if self.kind == "accent" and self.isEnabled() else "line.divider"
            painter.setPen(QPen(look.color(line), 1))
            ground = "bg.pressed" if down or self.isChecked() else "bg.hover" if over else "bg.surface"
            painter.setBrush(look.color(ground))
            painter.drawRoundedRect(frame, radius, radius)
        elif self.kind == "quiet" and (over or down or self.isChecked()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("bg.pressed" if down or self.isChecked() else "bg.hover"))
            painter.drawRoundedRect(frame, radius, radius)

    def _ink(self) -> str:
        if not self.isEnabled():
            return "text.disabled"
        inks = {"primary": "accent.on", "accent": "accent.text", "link": "accent.text", "quiet": "text.secondary"}
        return inks.get(self.kind, "text.primary")

    def _content_width(self) -> int:
        look = theme()
        width = QFontMetrics(self._text_font()).horizontalAdvance(self.text())
        if self._icon:
            width += look.px(16) + (look.px(6) if self.text() else 0)
        return width + (look.px(10) + ceil(keycap_width(self._key)) if self._key else 0)

    def _text_font(self) -> QFont:
        font = theme().font("meta" if self._small or self.kind == "link" else "body", weight=500)
        font.setUnderline(self.kind == "link" and theme().high_contrast)
        return font

    def _padding(self) -> int:
        return theme().px(4 if self.kind == "link" else 10 if self._small else 12)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


class IconButton(Button):
    """A square button with an icon alone. Its `name` is the tooltip and the accessible name, so it is required."""

    def __init__(self, icon: str, name: str, parent: QWidget | None = None, *, px: int = 28) -> None:
        self._px = px
        super().__init__("", parent, kind="quiet", icon=icon)
        self.setToolTip(name)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        side = theme().px(self._px)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
